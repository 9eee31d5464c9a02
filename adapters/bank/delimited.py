"""CSV and HTML files as rows: which letters the bytes mean, and where cells begin and end."""

import codecs
import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from adapters.bank.grid import MAX_COLUMNS, MAX_ROWS, Row
from domain.errors import Malformed

_VIETNAMESE = frozenset(
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | frozenset("đĐ")
_UTF8_VIETNAMESE = re.compile(rb"\xe1[\xba\xbb][\x80-\xbf]|\xc4[\x90\x91]|\xc6[\xa0\xa1\xaf\xb0]")

_BINARY = "binary"
_CHUNK = 1024 * 1024
#: Characters of one line of a CSV file, and bytes of a web page, which is read whole.
_LONGEST_LINE = 1024 * 1024
MAX_HTML = 64 * 1024 * 1024

_TAG = re.compile(r"/?\s*([A-Za-z][A-Za-z0-9]*)(?=[\s/>]|$)", re.ASCII)
_SPAN = re.compile(r"\bcolspan\s*=\s*[\"']?(\d{1,3})", re.ASCII | re.IGNORECASE)
#: Tags that end a stretch of text outside of cells.
_BLOCKS = frozenset(
    {"p", "div", "br", "table", "tr", "td", "th", "h1", "h2", "h3", "h4", "li", "body", "head", "title"}
)


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a text file: UTF-8 with or without BOM, UTF-16 with BOM, or Windows-1258; rewinds the file.

    Windows-1258 is taken only when every letter then is a Vietnamese one; anything else is refused with the
    line of the first byte that does not fit, never repaired.
    """
    file.seek(0)
    head = file.read(2)
    try:
        if head in (b"\xff\xfe", b"\xfe\xff"):
            line, fault, _ = _fault(file, "utf-16")
            if fault:
                raise Malformed(
                    "không đọc được theo bảng mã utf-16; hãy tải lại hoặc lưu lại theo CSV UTF-8", where=f"dòng {line}"
                )
            return "utf-16"
        line, fault, vietnamese = _fault(file, "utf-8-sig")
        if not fault:
            return "utf-8-sig"
        if fault == _BINARY:
            raise Malformed("tệp nhị phân, không phải văn bản CSV; hãy tải bản XLSX hoặc camt.053")
        if fault == "unexpected end of data":
            raise Malformed("tệp bị cắt giữa một chữ; hãy tải lại", where=f"dòng {line}")
        if vietnamese:
            raise Malformed("tệp UTF-8 có byte hỏng; hãy tải lại hoặc lưu lại theo UTF-8", where=f"dòng {line}")
        advice = "không phải UTF-8 và cũng không phải Windows-1258; hãy lưu lại tệp theo CSV UTF-8"
        if _fault(file, "cp1258")[1] or not _all_vietnamese(file):
            raise Malformed(advice, where=f"dòng {line}")
        return "cp1258"
    finally:
        file.seek(0)


def _fault(file: BinaryIO, encoding: str) -> tuple[int, str, bool]:
    """Line and reason of the first byte that does not fit, the reason empty when all do; whether UTF-8 was seen."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, vietnamese, reason = 1, False, ""
    while not reason:
        piece = file.read(_CHUNK)
        vietnamese = vietnamese or _UTF8_VIETNAMESE.search(piece) is not None
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            reason = error.reason
            continue
        if "\0" in text:
            reason = _BINARY
        line += text.count("\n")
        if not piece:
            break
    return line, reason, vietnamese


def _all_vietnamese(file: BinaryIO) -> bool:
    return all(
        c.isascii() or not c.isalpha() or c in _VIETNAMESE for line in lines_of(file, "cp1258") for c in set(line)
    )


def lines_of(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a text file with their ends, composed (NFC) where the encoding keeps marks apart."""
    file.seek(0)
    # The wrapper must not close the file when it is forgotten: whoever opened it reads on.
    reader = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        number = 0
        while line := reader.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE:
                raise Malformed(f"dòng dài hơn {_LONGEST_LINE} ký tự", where=f"dòng {number}")
            yield unicodedata.normalize("NFC", line) if encoding == "cp1258" else line
    finally:
        if not file.closed:
            reader.detach()


def decode_text(data: bytes) -> str:
    """The text of a file that is in memory already; its lines may be of any length."""
    encoding = encoding_of(io.BytesIO(data))
    text = data.decode(encoding)
    return unicodedata.normalize("NFC", text) if encoding == "cp1258" else text


def csv_rows(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows of a CSV file; ``Malformed`` on an open quotation, as a cut file has."""
    index = 0
    try:
        for index, cells in enumerate(csv.reader(lines_of(file, encoding), delimiter=delimiter, strict=True), 1):
            if index > MAX_ROWS * 5:
                raise Malformed(f"tệp có hơn {MAX_ROWS * 5} dòng; xin sao kê theo kỳ ngắn hơn", where=f"dòng {index}")
            yield Row(where=f"dòng {index}", cells=tuple(cells[:MAX_COLUMNS]))
    except csv.Error as error:
        raise Malformed(
            "CSV hỏng hoặc bị cắt (dấu nháy không đóng); hãy tải lại từ ngân hàng", where=f"dòng {index + 1}"
        ) from error


def html_rows(data: bytes) -> Iterator[Row]:
    """The rows of all tables of a web page, and each stretch of text outside of them as a row of one cell.

    Report engines write such pages under an .xls name. Only tags, cells and ``colspan`` are understood; scripts and
    styles are passed over and nothing is fetched. Memory and time grow with the page, which may have 64 MiB.
    """
    if len(data) > MAX_HTML:
        raise Malformed(f"trang HTML dài hơn {MAX_HTML} byte; tải bản XLSX, CSV hoặc camt.053")
    for number, cells in enumerate(_html_cells(decode_text(data)), start=1):
        if number > MAX_ROWS:
            raise Malformed(f"trang HTML có hơn {MAX_ROWS} dòng; xin sao kê theo kỳ ngắn hơn")
        yield Row(where=f"dòng bảng {number}", cells=tuple(cells[:MAX_COLUMNS]))


def _html_cells(text: str) -> Iterator[list[str]]:
    row: list[str] = []
    cell: list[str] | None = None
    span = 1
    loose: list[str] = []
    for name, closing, tag, after in _tags(text):
        if name in {"td", "th", "tr", "table"}:
            if cell is not None:
                # What stands beyond the most columns is not looked at, however much it is.
                row += [html.unescape("".join(cell)).strip(), *[""] * (span - 1)] if len(row) < MAX_COLUMNS else []
                cell = None
            if name in {"tr", "table"} and row:
                yield row
                row = []
        if name in _BLOCKS and cell is None:
            outside, loose = html.unescape("".join(loose)).strip(), []
            if outside:
                yield [outside]
        if name in {"td", "th"} and not closing:
            wide = _SPAN.search(tag)
            cell, span = [], min(max(int(wide[1]), 1), MAX_COLUMNS) if wide else 1
        if name == "br" and cell is not None:
            cell.append("\n")
        (loose if cell is None else cell).append(after)
    if cell is not None:
        row.append(html.unescape("".join(cell)).strip())
    for last in (row, [html.unescape("".join(loose)).strip()]):
        if any(last):
            yield last


def _tags(text: str) -> Iterator[tuple[str, bool, str, str]]:
    """(name, whether it closes, the tag, the text behind it) of each tag; one pass, whatever the page holds."""
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!--", at):
            end = text.find("-->", at)
            end = len(text) if end < 0 else end + 2
            name = tag = ""
        else:
            end = text.find(">", at)
            end = len(text) if end < 0 else end
            tag = text[at + 1 : end]
            match = _TAG.match(tag)
            name = match[1].lower() if match else ""
        if name in {"script", "style"} and not tag.startswith("/"):
            # What follows is no text of the page, up to its own end.
            end = text.find(f"</{name}", end)
            end = len(text) if end < 0 else end - 1
            name = ""
        following = text.find("<", end + 1)
        after = text[end + 1 : following if following >= 0 else len(text)]
        yield name, tag.startswith("/"), tag, after
        at = following
