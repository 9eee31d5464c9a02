"""The reader of XLS workbooks, run as a process of its own with limits on memory and time (see ``grid``).

Takes the workbook on its input and writes every sheet as rows of texts and numbers, as JSON. Days become ISO 8601,
whatever is neither text nor number becomes text. Ends with a status other than 0 for a file it cannot read.
"""

import io
import json
import resource
import sys

from python_calamine import CalamineWorkbook

_MEMORY = 2 * 1024 * 1024 * 1024
_SECONDS = 60


def _plain(cell: object) -> str | int | float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    if cell is None or cell == "":
        return None
    return cell if isinstance(cell, str) else str(cell)


def main() -> None:
    """Read, cut to the most rows and columns, write."""
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    sheets = []
    for number in range(len(book.sheet_names)):
        read = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
        if len(read) > rows:
            sys.exit(3)
        sheets.append([[_plain(cell) for cell in row[:columns]] for row in read])
    sys.stdout.write(json.dumps(sheets, allow_nan=False))


if __name__ == "__main__":
    main()
