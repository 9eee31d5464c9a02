"""Workbooks as plain rows of cells, with the place of each row; nothing is interpreted here.

Formulas are never computed: of a formula cell only the value that was saved with it is read, and text that
begins with ``=`` stays text.
"""

import json
import subprocess
import sys
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, cast

from openpyxl import load_workbook

from domain.errors import Malformed, Refusal

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None

#: Caps against files that unfold: rows and columns of a sheet, bytes of a workbook once unzipped and of the parts that
#: are held in memory, how far a part may be compressed, and bytes of an XLS, which is read whole.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 64
MAX_UNZIPPED = 2 * 1024 * 1024 * 1024
MAX_HELD = 128 * 1024 * 1024
MAX_RATIO = 200
MAX_OLD_WORKBOOK = 32 * 1024 * 1024
_MOST_BLANK = 10_000
_SMALL_PART = 1024 * 1024
_MOST_PARTS = 1_000
#: Seconds that reading an XLS may take.
_PATIENCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; ``where`` is its place, such as "trang 1 dòng 17", or "dòng 17" in a CSV file."""

    where: str
    cells: tuple[Cell, ...]

    def text(self, column: int | None) -> str:
        """The cell's text without outer blanks; empty for no column, a missing cell and an empty one."""
        if column is None or column >= len(self.cells):
            return ""
        return text_of(self.cells[column])


def text_of(cell: Cell) -> str:
    """A cell as text: numbers without a tail of zeros, dates as ISO 8601 (a date cell cannot be misread)."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)


def workbook_sheets(file: BinaryIO) -> Iterator[Iterator[Row]]:
    """Each sheet of an XLSX workbook as its rows, read as they are asked for, one sheet after the other.

    ``Malformed`` when the workbook is broken or unfolds too far.
    """
    with _damaged("tệp XLSX hỏng, bị cắt hoặc có mật khẩu; hãy tải lại từ ngân hàng"):
        with zipfile.ZipFile(file) as archive:
            _require_modest(archive)
        with warnings.catch_warnings():
            # Banks' report engines leave out styles; openpyxl warns of it to the terminal of whoever runs us.
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True)
        try:
            for number, sheet in enumerate(book.worksheets, start=1):
                yield _sheet_rows(cast(_Sheet, sheet), number)
        finally:
            book.close()


def _require_modest(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that unfolds too far; the table of texts is the part that is held in memory whole."""
    entries = archive.infolist()
    if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > MAX_UNZIPPED:
        raise Malformed(f"tệp XLSX bung ra quá {MAX_UNZIPPED} byte hoặc có quá {_MOST_PARTS} phần")
    for entry in entries:
        if entry.file_size > _SMALL_PART and entry.file_size > MAX_RATIO * entry.compress_size:
            raise Malformed(f"tệp XLSX nén quá {MAX_RATIO} lần ở {entry.filename[:60]!r}; bảng kê thật không như vậy")
        if not entry.filename.startswith("xl/worksheets/") and entry.file_size > MAX_HELD:
            raise Malformed(f"phần {entry.filename[:60]!r} của tệp XLSX dài quá {MAX_HELD} byte")


@contextmanager
def _damaged(message: str) -> Iterator[None]:
    """A damaged workbook makes its readers raise whatever its damage leads to; all of it means the same to the user."""
    try:
        yield
    except (Malformed, Refusal):
        raise
    except Exception as error:
        # KeyError, TypeError, BadZipFile, zlib.error, ParseError, EntitiesForbidden and more, from two libraries.
        raise Malformed(message) from error


def old_workbook_sheets(data: bytes) -> Iterator[Iterator[Row]]:
    """Each sheet of an XLS workbook as its rows.

    The old format lets a few bytes claim a sheet of billions of cells, and its reader gives up the whole process when
    memory ends. So it reads in a process of its own, with limits. ``Malformed`` when it is broken or too large.
    """
    if len(data) > MAX_OLD_WORKBOOK:
        raise Malformed(f"tệp XLS dài hơn {MAX_OLD_WORKBOOK} byte; lưu lại thành XLSX hoặc CSV")
    child = Path(__file__).with_name("old_workbook_child.py")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(child), str(MAX_ROWS), str(MAX_COLUMNS)],
            input=data,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        sheets: list[list[list[Cell]]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, RecursionError) as error:
        raise Malformed("tệp XLS hỏng, quá lớn hoặc có mật khẩu; mở bằng bảng tính và lưu lại thành XLSX") from error
    for number, rows in enumerate(sheets, start=1):
        yield iter(
            [Row(where=f"trang {number} dòng {at}", cells=tuple(cells)) for at, cells in enumerate(rows, start=1)]
        )


class _Sheet(Protocol):
    """The part of openpyxl's read-only worksheet used here, which its published types describe wrongly."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


def _sheet_rows(sheet: _Sheet, number: int) -> Iterator[Row]:
    # Some banks state a wrong extent of the sheet, which would cut it.
    with _damaged("tệp XLSX hỏng, bị cắt hoặc có mật khẩu; hãy tải lại từ ngân hàng"):
        sheet.reset_dimensions()
        blank = 0
        for index, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
            where = f"trang {number} dòng {index}"
            if index > MAX_ROWS:
                raise Malformed(f"trang tính có hơn {MAX_ROWS} dòng; xin sao kê theo kỳ ngắn hơn", where=where)
            blank = 0 if any(cell is not None for cell in cells) else blank + 1
            if blank > _MOST_BLANK:
                raise Malformed(f"hơn {_MOST_BLANK} dòng trống liền nhau; tệp hỏng, hãy tải lại", where=where)
            yield Row(where=where, cells=tuple(_plain(cell) for cell in cells))


def _plain(cell: object) -> Cell:
    if cell is None or isinstance(cell, str | int | float | bool | datetime | date | time | timedelta):
        return cell
    return str(cell)


def is_blank(row: Row) -> bool:
    """Whether no cell of the row says anything."""
    return not any(text_of(cell) for cell in row.cells)


def texts(rows: Sequence[Row]) -> Iterator[str]:
    """All texts of the rows, row by row."""
    return (text_of(cell) for row in rows for cell in row.cells if text_of(cell))
