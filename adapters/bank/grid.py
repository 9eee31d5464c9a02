"""Workbooks and CSV files as plain rows of cells, with the place of each row; nothing is interpreted here.

Formulas are never computed: of a formula cell only the value that was saved with it is read, and text that
begins with ``=`` stays text.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeAlias, cast

from openpyxl import load_workbook

from domain.errors import Malformed

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None

#: Caps against files that unfold: rows and columns of a sheet, and bytes of a workbook once unzipped.
MAX_ROWS = 200_000
MAX_COLUMNS = 64
MAX_UNZIPPED = 256 * 1024 * 1024

_VIETNAMESE = frozenset(
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | frozenset("đĐ")
_UTF8_VIETNAMESE = re.compile(rb"\xe1[\xba\xbb][\x80-\xbf]|\xc4[\x90\x91]|\xc6[\xa0\xa1\xaf\xb0]")


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


def read_workbook(data: bytes) -> tuple[tuple[Row, ...], ...]:
    """The rows of every sheet of an XLSX workbook; ``Malformed`` when it is broken or unfolds too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                raise Malformed(f"tệp XLSX bung ra quá {MAX_UNZIPPED} byte")
        with warnings.catch_warnings():
            # Banks' report engines leave out styles; openpyxl warns of it to the terminal of whoever runs us.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                return tuple(
                    tuple(_sheet_rows(cast(_Sheet, sheet), number))
                    for number, sheet in enumerate(book.worksheets, start=1)
                )
            finally:
                book.close()
    except Malformed:
        raise
    except Exception as error:
        # A damaged workbook makes openpyxl and zipfile raise whatever its damage leads to: KeyError, TypeError,
        # BadZipFile, zlib.error, ParseError, EntitiesForbidden and more. All of them mean the same to the user.
        raise Malformed("tệp XLSX hỏng, bị cắt hoặc có mật khẩu; hãy tải lại từ ngân hàng") from error


class _Sheet(Protocol):
    """The part of openpyxl's read-only worksheet used here, which its published types describe wrongly."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


def _sheet_rows(sheet: _Sheet, number: int) -> Iterator[Row]:
    # Some banks state a wrong extent of the sheet, which would cut it.
    sheet.reset_dimensions()
    for index, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
        where = f"trang {number} dòng {index}"
        if index > MAX_ROWS:
            raise Malformed(f"trang tính có hơn {MAX_ROWS} dòng; xin sao kê theo kỳ ngắn hơn", where=where)
        yield Row(where=where, cells=tuple(_plain(cell) for cell in cells))


def _plain(cell: object) -> Cell:
    if cell is None or isinstance(cell, str | int | float | bool | datetime | date | time | timedelta):
        return cell
    return str(cell)


def decode_text(data: bytes) -> str:
    """The text of a CSV file: UTF-8 with or without BOM, UTF-16 with BOM, or Windows-1258.

    Windows-1258 is taken only when every letter then is a Vietnamese one; anything else is refused with the
    line of the first byte that does not fit, never repaired.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if error.reason == "unexpected end of data":
            raise Malformed("tệp bị cắt giữa một chữ; hãy tải lại", where=f"dòng {line}") from error
        if _UTF8_VIETNAMESE.search(data):
            raise Malformed(
                "tệp UTF-8 có byte hỏng; hãy tải lại hoặc lưu lại theo UTF-8", where=f"dòng {line}"
            ) from error
        return _windows_1258(data, line)
    if "\0" in text:
        raise Malformed("tệp nhị phân, không phải văn bản CSV; hãy tải bản XLSX hoặc camt.053")
    return text


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(
            f"không đọc được theo bảng mã {encoding}; hãy tải lại hoặc lưu lại theo CSV UTF-8", where=f"dòng {line}"
        ) from error


def _windows_1258(data: bytes, line: int) -> str:
    advice = "không phải UTF-8 và cũng không phải Windows-1258; hãy lưu lại tệp theo CSV UTF-8"
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError as error:
        raise Malformed(advice, where=f"dòng {line}") from error
    foreign = next((c for c in text if not c.isascii() and c.isalpha() and c not in _VIETNAMESE), None)
    if foreign is not None or "\0" in text:
        raise Malformed(advice, where=f"dòng {line}")
    return text


def csv_rows(text: str, delimiter: str) -> tuple[Row, ...]:
    """The rows of a CSV text; ``Malformed`` on an open quotation, as a cut file has."""
    rows: list[Row] = []
    try:
        for index, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if index > MAX_ROWS:
                raise Malformed(f"tệp có hơn {MAX_ROWS} dòng; xin sao kê theo kỳ ngắn hơn", where=f"dòng {index}")
            rows.append(Row(where=f"dòng {index}", cells=tuple(cells[:MAX_COLUMNS])))
    except csv.Error as error:
        raise Malformed(
            "CSV hỏng hoặc bị cắt (dấu nháy không đóng); hãy tải lại từ ngân hàng", where=f"dòng {len(rows) + 1}"
        ) from error
    return tuple(rows)


def is_blank(row: Row) -> bool:
    """Whether no cell of the row says anything."""
    return not any(text_of(cell) for cell in row.cells)


def texts(rows: Sequence[Row]) -> Iterator[str]:
    """All texts of the rows, row by row."""
    return (text_of(cell) for row in rows for cell in row.cells if text_of(cell))
