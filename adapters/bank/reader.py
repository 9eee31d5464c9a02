"""One door for every statement file: find out what the file is, and read it or say what it is instead."""

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from adapters.bank.camt import open_camt
from adapters.bank.column_maps import ColumnMap, likely_headings
from adapters.bank.delimited import csv_rows, encoding_of, html_rows
from adapters.bank.grid import Row, old_workbook_sheets, text_of, workbook_sheets
from adapters.bank.headings import HEADINGS_WITHIN, find_columns
from adapters.bank.mt940 import open_mt940
from adapters.bank.opened import OpenedStatement, Taking
from adapters.bank.tabular import open_table
from domain.errors import Malformed, Refusal
from domain.notice import BankStatement

#: The largest statement file, in bytes; all but XLS and HTML are read in a stream.
MAX_FILE = 2 * 1024 * 1024 * 1024

#: First bytes that tell a format we do not read, with what to do about it.
_FOREIGN = (
    (b"%PDF", "tệp PDF", "tải bản XLSX hoặc camt.053"),
    (b"\x1f\x8b", "tệp nén gzip", "giải nén trước"),
    (b"\x89PNG", "ảnh PNG", "tải bản XLSX hoặc camt.053"),
    (b"\xff\xd8\xff", "ảnh JPEG", "tải bản XLSX hoặc camt.053"),
)
_DELIMITERS = (",", ";", "\t", "|")
_HEAD = 4096


def sniff(data: bytes) -> str:
    """What a file is by its first bytes: "xml", "html", "xlsx", "xls", "mt940", "csv", or another format's name."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name, _ in _FOREIGN:
        if head.startswith(magic):
            return name
    if head.startswith(b"<"):
        return "html" if any(tag in head.lower() for tag in (b"<html", b"<table", b"<!doctype html")) else "xml"
    first = head.lstrip(b"\x01 \r\n")
    if first.startswith((b"{1:", b":20:")) or b"\n:20:" in head or b"\n:25:" in head:
        return "mt940"
    return "csv"


@contextmanager
def open_statements(
    source: Path | BinaryIO, filename: str, *, maps: Sequence[ColumnMap] = ()
) -> Iterator[tuple[OpenedStatement, ...]]:
    """Read a statement file of any size in any format we know, told by its bytes and never by its name.

    Within the ``with`` every statement has been proved (opening + in - out = closing) and its lines can be gone through
    as often as wanted; they lie in memory while few and in a nameless temporary file while many. ``maps`` are the saved
    column maps; ``filename`` serves only to say which file is meant. Amounts are whole đồng. Raises ``Malformed`` (what
    the file is, where it breaks, what to do) or ``Refusal`` (statement-does-not-add-up); then nothing is given.
    """
    with ExitStack() as stack:
        try:
            opened = _read(_seekable(source, stack), stack, maps)
        except Malformed as error:
            where = f"{filename}, {error.where}" if error.where else filename
            raise Malformed(error.message, where=where) from error
        except Refusal as error:
            raise Refusal(error.code, f"{filename}, {error.message}", **error.details, file=filename) from error
        yield opened


def read_statement(data: bytes, filename: str, *, maps: Sequence[ColumnMap] = ()) -> tuple[BankStatement, ...]:
    """The statements of a file as :func:`open_statements` reads them, whole in memory."""
    with open_statements(io.BytesIO(data), filename, maps=maps) as opened:
        return tuple(statement.whole() for statement in opened)


def first_rows(source: Path | BinaryIO, most: int = HEADINGS_WITHIN) -> tuple[Row, ...]:
    """The first rows of a table of any kind, not interpreted: for making a column map. Raises ``Malformed``."""
    with ExitStack() as stack:
        file = _seekable(source, stack)
        kind = sniff(file.read(_HEAD))
        file.seek(0)
        if kind == "csv":
            encoding = encoding_of(file)
            tried = [tuple(islice(csv_rows(file, encoding, delimiter), most)) for delimiter in _DELIMITERS]
            return max(tried, key=lambda rows: max((len(row.cells) for row in rows), default=0))
        if kind in {"xlsx", "xls", "html"}:
            return tuple(islice((row for sheet in _sheets(file, kind) for row in sheet), most))
        raise Malformed(f"đây là {kind}, không phải bảng kê cần bảng cột")


def _seekable(source: Path | BinaryIO, stack: ExitStack) -> BinaryIO:
    """The file, at its beginning; one that cannot be rewound is copied aside first."""
    if isinstance(source, Path):
        return stack.enter_context(source.open("rb"))
    if source.seekable():
        source.seek(0)
        return source
    aside: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # The stack closes it.
    shutil.copyfileobj(source, aside)
    aside.seek(0)
    return cast(BinaryIO, aside)


def _read(file: BinaryIO, stack: ExitStack, maps: Sequence[ColumnMap]) -> tuple[OpenedStatement, ...]:
    size = file.seek(0, 2)
    file.seek(0)
    if size > MAX_FILE:
        raise Malformed(f"tệp dài {size} byte, tối đa {MAX_FILE} byte; xin sao kê theo kỳ ngắn hơn")
    head = file.read(_HEAD)
    if not head.strip():
        raise Malformed("tệp rỗng; hãy tải lại từ ngân hàng")
    file.seek(0)
    taking = Taking(_digest(file), stack)
    file.seek(0)
    kind = sniff(head)
    if kind == "xml":
        return open_camt(file, taking)
    if kind == "mt940":
        return open_mt940(file, taking)
    if kind == "csv":
        return _tables([_delimited(file, maps)], kind, taking, maps)
    if kind in {"xlsx", "xls", "html"}:
        return _tables(_sheets(file, kind), kind, taking, maps)
    advice = next((advice for _, name, advice in _FOREIGN if name == kind), "tải bản XLSX hoặc camt.053")
    raise Malformed(f"đây là {kind}, chưa đọc được; hãy {advice}")


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()


def _sheets(file: BinaryIO, kind: str) -> Iterable[Iterator[Row]]:
    if kind == "xlsx":
        return workbook_sheets(file)
    data = file.read()
    return old_workbook_sheets(data) if kind == "xls" else [html_rows(data)]


def _delimited(file: BinaryIO, maps: Sequence[ColumnMap]) -> Iterator[Row]:
    """Rows by the first mark that gives a row of headings; a file without one goes on with the mark of most cells."""
    encoding = encoding_of(file)
    fault: Malformed | None = None
    most: tuple[int, str] = (0, "")
    for delimiter in _DELIMITERS:
        try:
            head = list(islice(csv_rows(file, encoding, delimiter), HEADINGS_WITHIN))
            if find_columns(head) is not None or any(one.fits(row) for one in maps for row in head):
                return csv_rows(file, encoding, delimiter)
        except Malformed as error:
            fault = fault or error
            continue
        most = max(most, (max((len(row.cells) for row in head), default=0), delimiter))
    if fault is not None:
        raise fault
    return csv_rows(file, encoding, most[1])


def _tables(
    sheets: Iterable[Iterator[Row]], kind: str, taking: Taking, maps: Sequence[ColumnMap]
) -> tuple[OpenedStatement, ...]:
    statements: list[OpenedStatement] = []
    seen: list[Row] = []
    for rows in sheets:
        found = open_table(rows, kind=kind, taking=taking, maps=maps)
        if isinstance(found, OpenedStatement):
            statements.append(found)
        else:
            seen += found
    if not statements:
        raise _unknown(seen)
    return tuple(statements)


def _unknown(seen: Sequence[Row]) -> Malformed:
    """What the table has instead of known headings, and how to make a map of them."""
    row = likely_headings(seen)
    if row is None:
        return Malformed(
            "không thấy dòng tiêu đề với cột ngày, ghi nợ và ghi có; kiểm tra có nhầm tệp không, hoặc tải bản XLSX "
            "hoặc camt.053"
        )
    shown = " | ".join(" ".join(text_of(cell).split())[:40] for cell in row.cells if text_of(cell))[:600]
    return Malformed(
        f"chưa biết các tiêu đề cột của ngân hàng này: {shown}. Nếu đây là sao kê, chỉ cho dangphi cách đọc một lần: "
        "dangphi statement map TỆP",
        where=row.where,
    )
