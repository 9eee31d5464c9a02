"""One door for every statement file: find out what the file is, and read it or say what it is instead."""

import hashlib

from adapters.bank.camt import read_camt
from adapters.bank.camt_document import MAX_FILE
from adapters.bank.grid import Row, csv_rows, decode_text, read_workbook
from adapters.bank.headings import find_columns
from adapters.bank.tabular import read_table
from domain.errors import Malformed, Refusal
from domain.notice import BankStatement

#: First bytes that tell a format we do not read, with what to do about it.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "tệp XLS cũ", "mở bằng bảng tính và lưu lại thành XLSX"),
    (b"%PDF", "tệp PDF", "tải bản XLSX hoặc camt.053"),
    (b"{1:", "tệp MT940", "tải bản XLSX hoặc camt.053"),
    (b":20:", "tệp MT940", "tải bản XLSX hoặc camt.053"),
    (b"\x1f\x8b", "tệp nén gzip", "giải nén trước"),
)
_DELIMITERS = (",", ";", "\t", "|")


def sniff(data: bytes) -> str:
    """What a file is by its first bytes: "xml", "html", "xlsx", "csv", or the name of a format we do not read."""
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    head = data[:1024]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name, _ in _FOREIGN:
        if head.startswith(magic):
            return name
    if head.startswith(b"<"):
        return "html" if b"<html" in head.lower() or b"<table" in head.lower() else "xml"
    return "csv"


def read_statement(data: bytes, filename: str) -> tuple[BankStatement, ...]:
    """Read a statement file in any format we know, told by its bytes and never by its name.

    ``filename`` serves only to say which file is meant. Amounts are whole đồng. Raises ``Malformed`` (what the
    file is, where it breaks, what to do) or ``Refusal`` (statement-does-not-add-up); then nothing is returned.
    """
    try:
        return _read(data)
    except Malformed as error:
        where = f"{filename}, {error.where}" if error.where else filename
        raise Malformed(error.message, where=where) from error
    except Refusal as error:
        raise Refusal(error.code, f"{filename}, {error.message}", **error.details, file=filename) from error


def _read(data: bytes) -> tuple[BankStatement, ...]:
    if not data.strip():
        raise Malformed("tệp rỗng; hãy tải lại từ ngân hàng")
    if len(data) > MAX_FILE:
        raise Malformed(f"tệp dài {len(data)} byte, tối đa {MAX_FILE} byte; xin sao kê theo kỳ ngắn hơn")
    kind = sniff(data)
    if kind == "xml":
        return read_camt(data)
    if kind == "xlsx":
        return _tables(read_workbook(data), data, kind)
    if kind == "csv":
        return _tables((_delimited(decode_text(data)),), data, kind)
    advice = next((advice for _, name, advice in _FOREIGN if name == kind), "tải bản XLSX hoặc camt.053")
    raise Malformed(f"đây là {kind}, chưa đọc được; hãy {advice}")


def _delimited(text: str) -> tuple[Row, ...]:
    """Rows by the first mark that gives a row of headings; a file without one is refused by the reader."""
    fault: Malformed | None = None
    for delimiter in _DELIMITERS:
        if delimiter not in text:
            continue
        try:
            rows = csv_rows(text, delimiter)
        except Malformed as error:
            fault = fault or error
            continue
        if find_columns(rows) is not None:
            return rows
    raise fault or Malformed(
        "tệp văn bản không có dòng tiêu đề với cột ngày, ghi nợ và ghi có; hãy tải bản XLSX hoặc camt.053"
    )


def _tables(sheets: tuple[tuple[Row, ...], ...], data: bytes, kind: str) -> tuple[BankStatement, ...]:
    digest = hashlib.sha256(data).hexdigest()
    read = [read_table(rows, kind=kind, file_digest=digest) for rows in sheets]
    statements = tuple(statement for statement in read if statement is not None)
    if not statements:
        raise Malformed(
            "không thấy dòng tiêu đề với cột ngày, ghi nợ và ghi có trong trang tính nào; kiểm tra có nhầm tệp không"
        )
    return statements
