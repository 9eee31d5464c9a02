"""An office's file as plain sheets of cells: CSV in UTF-8, or XLSX. Nothing is computed and nothing is repaired.

A file that cannot be read whole is refused whole, because half a list looks like a list.
"""

import csv
import hashlib
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol, cast

from openpyxl import load_workbook

from adapters.office.cells import Cell
from adapters.system_errors import in_vietnamese
from domain.errors import Malformed

#: Caps against files that are something else: bytes of a file, bytes once unzipped, rows and columns of a sheet.
MAX_BYTES = 32 * 1024 * 1024
MAX_UNZIPPED = 256 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 64

_DELIMITERS = (",", ";", "\t")
_SAVE_AGAIN = "mở tệp bằng bảng tính và lưu lại dạng «CSV UTF-8» hoặc XLSX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows with their numbers as a spreadsheet shows them (from 1); ``name`` is None in a CSV file."""

    name: str | None
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFile:
    """A file as read: its name, the SHA-256 of its bytes (hex), and its sheets.

    Every sheet counts, also a hidden one.
    """

    name: str
    digest: str
    sheets: tuple[Sheet, ...]


def open_file(path: Path) -> OfficeFile:
    """Read a CSV or XLSX file, told by its bytes; ``Malformed`` says what is wrong with it and what to do."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Malformed(f"không đọc được tệp ({in_vietnamese(error)}); kiểm tra đường dẫn", where=path.name) from error
    if not content.strip():
        raise Malformed("tệp rỗng; hãy lấy lại tệp", where=path.name)
    if len(content) > MAX_BYTES:
        raise Malformed(f"tệp dài {len(content)} byte, tối đa {MAX_BYTES} byte; chia thành nhiều tệp", where=path.name)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Malformed("là tệp XLS cũ hoặc có mật khẩu; mở bằng bảng tính và lưu lại thành XLSX", where=path.name)
    if content.startswith(b"%PDF"):
        raise Malformed("là tệp PDF, không phải bảng tính; xin tệp gốc dạng XLSX hoặc CSV", where=path.name)
    if content.startswith(b"PK\x03\x04"):
        sheets = _workbook(content, path.name)
    else:
        sheets = (Sheet(name=None, rows=tuple(csv_rows(decode(content, path.name), path.name))),)
    return OfficeFile(name=path.name, digest=hashlib.sha256(content).hexdigest(), sheets=sheets)


# --- CSV --------------------------------------------------------------------------------------------------------


def decode(content: bytes, name: str) -> str:
    """UTF-8 with or without a byte order mark; any other encoding is named and refused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(f"tệp dùng bảng mã UTF-16, cần UTF-8; {_SAVE_AGAIN}", where=name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = f"{name}, dòng {line}"
        if error.reason == "unexpected end of data":
            raise Malformed("tệp bị cắt giữa một chữ; hãy lấy lại tệp đầy đủ", where=where) from error
        guess = " (có vẻ là Windows-1258, CP1258)" if _looks_like_1258(content) else ""
        raise Malformed(
            f"sai bảng mã: tệp không phải UTF-8{guess}, byte {content[error.start]:#04x}; {_SAVE_AGAIN}", where=where
        ) from error
    if "\0" in text:
        raise Malformed(f"tệp nhị phân, không phải CSV; {_SAVE_AGAIN}", where=name)
    if not text.endswith(("\n", "\r")):
        # A list cut within its last number reads as a smaller number, and nothing else would show it.
        raise Malformed(
            "dòng cuối không kết thúc bằng dấu xuống dòng: tệp có thể bị cắt; hãy lấy lại tệp đầy đủ, hoặc kiểm tra "
            "dòng cuối rồi lưu lại bằng bảng tính",
            where=f"{name}, dòng {text.count(chr(10)) + 1}",
        )
    return text


def _looks_like_1258(content: bytes) -> bool:
    """Whether the bytes read as Vietnamese letters in Windows-1258, which writes tone marks as bytes of their own."""
    try:
        text = content.decode("cp1258")
    except UnicodeDecodeError:
        return False
    letters = [c for c in text if not c.isascii() and not unicodedata.combining(c)]
    return all(c in "ÂâÊêÔôĂăĐđƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝàáãèéìíòóõùúý«»–—“”‘’…§°₫×" for c in letters)


def _delimiter(text: str) -> str:
    """What separates cells: the most frequent of the three marks in the first line that has any of them."""
    for line in text.splitlines():
        best = max(_DELIMITERS, key=line.count)
        if best in line:
            return best
    return ","


def csv_rows(text: str, name: str) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows of a CSV text with their numbers, whatever separates its cells; ``Malformed`` when it is cut."""
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise Malformed(f"tệp có hơn {MAX_ROWS} dòng; chia thành nhiều tệp", where=name)
            yield number, tuple(cells[: MAX_COLUMNS + 1])
    except csv.Error as error:
        raise Malformed(
            "CSV hỏng hoặc bị cắt (dấu nháy không đóng); hãy lấy lại tệp đầy đủ", where=f"{name}, dòng {number + 1}"
        ) from error


# --- XLSX -------------------------------------------------------------------------------------------------------


class _Sheet(Protocol):
    """The part of openpyxl's read-only worksheet used here, which its published types describe wrongly."""

    title: str

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


def workbook_rows(content: bytes, name: str) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """The rows of the first sheet of an XLSX file with their numbers; ``Malformed`` when it cannot be read."""
    return tuple(_workbook(content, name)[0].rows)


def _workbook(content: bytes, name: str) -> tuple[Sheet, ...]:
    """Every sheet; a formula comes as its text (``=A1*2``), never as a result, so that it can be refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                raise Malformed(f"tệp XLSX bung ra quá {MAX_UNZIPPED} byte", where=name)
        with warnings.catch_warnings():
            # openpyxl warns on the terminal about styles and extensions, which say nothing about the list.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
            try:
                return tuple(_sheet(cast(_Sheet, sheet), name) for sheet in book.worksheets)
            finally:
                book.close()
    except Malformed:
        raise
    except Exception as error:
        # A damaged workbook makes openpyxl and zipfile raise whatever its damage leads to: KeyError, TypeError,
        # BadZipFile, zlib.error, ParseError, EntitiesForbidden and more. All of them mean the same to the user.
        raise Malformed("tệp XLSX hỏng, bị cắt hoặc có mật khẩu; hãy lấy lại tệp đầy đủ", where=name) from error


def _sheet(sheet: _Sheet, name: str) -> Sheet:
    # Some programs state a wrong extent of the sheet, which would cut it.
    sheet.reset_dimensions()
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1):
        if number > MAX_ROWS:
            raise Malformed(f"trang «{sheet.title}» có hơn {MAX_ROWS} dòng; chia thành nhiều tệp", where=name)
        rows.append((number, tuple(_plain(cell) for cell in cells)))
    return Sheet(name=sheet.title, rows=tuple(rows))


def _plain(cell: object) -> Cell:
    if cell is None or isinstance(cell, str | int | float | bool | datetime | date | time | timedelta):
        return cell
    # Array formulas and data tables come as objects of the library; the mark makes them formulas here.
    return f"={cell}"
