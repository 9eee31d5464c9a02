"""Large tables into files, row by row: CSV, XLSX and Parquet, each whole or not there at all.

The rows go to a hidden file beside the wanted one, which takes its name when everything is written and on disk. A
killed export leaves the earlier file as it was; the next one writes over what is left.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from adapters.books.sheet import safe
from domain.errors import Malformed
from ledger.reports_export import ExportColumn, ExportKind

Row = Sequence[Any]

#: Rows written between two reports of progress, and at a time to Parquet.
_BLOCK = 10_000
#: What a worksheet holds, its heading included.
_SHEET_ROWS = 1_048_576


class Format(StrEnum):
    """How a file is written."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def write(
    path: Path,
    wanted: Format,
    columns: Sequence[ExportColumn],
    rows: Iterable[Row],
    progress: Callable[[int], None] = lambda written: None,
) -> int:
    """Write all rows and return how many there were; ``progress`` is told how many more are written."""
    writers = {Format.CSV: _csv, Format.XLSX: _xlsx, Format.PARQUET: _parquet}
    with _whole(path) as part:
        return writers[wanted](part, columns, _blocks(rows), progress)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A hidden file that takes the wanted name at the end; gone when writing failed."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while block := list(islice(left, _BLOCK)):
        yield block


def _csv(
    path: Path, columns: Sequence[ExportColumn], blocks: Iterator[list[Row]], progress: Callable[[int], None]
) -> int:
    """UTF-8 with a byte order mark, without which spreadsheets spoil Vietnamese; days and moments in ISO form."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([column.title for column in columns])
        for block in blocks:
            out.writerows([[_plain(value) for value in row] for row in block])
            count += len(block)
            progress(len(block))
    return count


def _plain(value: Any) -> Any:
    """Text that no spreadsheet will run; numbers as they are; days and moments as text."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _xlsx(
    path: Path, columns: Sequence[ExportColumn], blocks: Iterator[list[Row]], progress: Callable[[int], None]
) -> int:
    """A streamed workbook; what does not fit one sheet goes on in the next."""
    book = Workbook(write_only=True)
    try:
        count = _fill(book, columns, blocks, progress)
    except BaseException:
        # Sheets are streamed to files of their own, which would stay open behind an export that broke.
        for sheet in book.worksheets:
            sheet.close()
        raise
    book.save(path)
    return count


def _fill(
    book: Workbook, columns: Sequence[ExportColumn], blocks: Iterator[list[Row]], progress: Callable[[int], None]
) -> int:
    sheet = _new_sheet(book, columns, 1)
    count, on_sheet, number = 0, 1, 1
    for block in blocks:
        for row in block:
            if on_sheet >= _SHEET_ROWS:
                number += 1
                sheet = _new_sheet(book, columns, number)
                on_sheet = 1
            sheet.append([_cell(value) for value in row])
            on_sheet += 1
        count += len(block)
        progress(len(block))
    return count


def _new_sheet(book: Workbook, columns: Sequence[ExportColumn], number: int) -> Any:
    sheet = book.create_sheet(f"Trang {number}")
    sheet.freeze_panes = "A2"
    heading = []
    for column in columns:
        cell = WriteOnlyCell(sheet, value=safe(column.title))
        cell.font = Font(bold=True)
        heading.append(cell)
    sheet.append(heading)
    return sheet


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return safe(value)
    # A worksheet knows no time zones; moments are given in Vietnamese readers' order as text of UTC.
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _parquet(
    path: Path, columns: Sequence[ExportColumn], blocks: Iterator[list[Row]], progress: Callable[[int], None]
) -> int:
    """Typed columns; nothing here is run by anybody, so text stays as it is. Names are those for programs."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise Malformed(
            "xuất Parquet cần thư viện pyarrow; cài bằng: pip install 'dangphi[parquet]', hoặc chọn csv, xlsx.",
            where="--format",
        ) from error
    types = {
        ExportKind.TEXT: pyarrow.string(),
        ExportKind.NUMBER: pyarrow.int64(),
        ExportKind.DAY: pyarrow.date32(),
        ExportKind.MOMENT: pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    count = 0
    with parquet.ParquetWriter(path, schema) as out:
        for block in blocks:
            values = list(zip(*block, strict=True))
            arrays = [pyarrow.array(one, type=field.type) for one, field in zip(values, schema, strict=True)]
            out.write_batch(pyarrow.record_batch(arrays, schema=schema))
            count += len(block)
            progress(len(block))
    return count
