"""Run in a process of its own by ``test_bombs``: make one malicious file, read it, and say what it took."""

import io
import json
import random
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from typing import BinaryIO, cast

from adapters.bank.reader import open_statements, read_statement
from adapters.sandbox.old_workbook import write_xls
from adapters.sandbox.statement_files import statement_of, write_statement
from domain.errors import Malformed, Refusal

_MEGA = 1024 * 1024
_CAMT = b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>"


class Endless(io.RawIOBase):
    """A file of many megabytes that lies in memory once: a head and a piece repeated."""

    def __init__(self, head: bytes, piece: bytes, size: int) -> None:
        self._head, self._piece, self._size, self._at = head, piece * max(1, _MEGA // len(piece)), size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = to if whence == 0 else self._size + to if whence == 2 else self._at + to
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # Whatever the reader hands in is a buffer.
        wanted = min(len(view), self._size - self._at)
        done = 0
        while done < wanted:
            if self._at < len(self._head):
                part = self._head[self._at : self._at + wanted - done]
            else:
                start = (self._at - len(self._head)) % len(self._piece)
                part = self._piece[start : start + wanted - done]
            view[done : done + len(part)] = part
            done += len(part)
            self._at += len(part)
        return done


def _sheet(xml: bytes, *, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    sent = statement_of("0011001234567", [], opening=0, first=date(2026, 7, 1), last=date(2026, 7, 1))
    _, good = write_statement("mb-xlsx", sent)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
        with target.open(part, "w", force_zip64=True) as file:
            file.write(xml)
    return out.getvalue()


def _rows(xml: bytes) -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + xml
        + b"</sheetData></worksheet>"
    )


def _noise(size: int) -> bytes:
    """Text that does not pack well."""
    return random.Random(1).randbytes(size // 2).hex().encode()


def _far_cell() -> bytes:
    """An XLS whose only cell stands in the last row and column that its numbers can hold."""
    data = bytearray(write_xls([["x" * 2_000]]))
    at = data.index(struct.pack("<HHHH", 0x0204, 6 + 3 + 4_000, 0, 0))
    data[at + 4 : at + 8] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    return bytes(data)


def _laughs() -> bytes:
    entities = b"".join(b"<!ENTITY a%d '%s'>" % (n, (b"&a%d;" % (n - 1)) * 20 if n else b"ha" * 50) for n in range(12))
    return b"<!DOCTYPE x [" + entities + b"]>" + _CAMT + b"&a11;"


BOMBS: dict[str, Callable[[], bytes | Endless]] = {
    "camt-text": lambda: Endless(_CAMT + b"<Id>", b"x", 200 * _MEGA),
    "camt-attribute": lambda: Endless(_CAMT + b"<Id a='", b"x", 200 * _MEGA),
    "camt-attributes": lambda: _CAMT + b"<Id " + b" ".join(b"a%d='1'" % n for n in range(60_000)) + b"/>",
    "camt-comment": lambda: Endless(_CAMT + b"<!--", b"x ", 200 * _MEGA),
    "camt-deep": lambda: Endless(_CAMT, b"<a>", 100 * _MEGA),
    "camt-siblings": lambda: Endless(_CAMT, b"<a/>", 200 * _MEGA),
    "camt-outside": lambda: Endless(_CAMT[: -len(b"<Stmt>")], b"<a/>", 200 * _MEGA),
    "camt-entry": lambda: Endless(_CAMT + b"<Ntry>", b"<a/>", 200 * _MEGA),
    "camt-details": lambda: Endless(_CAMT + b"<Ntry><NtryDtls>", b"<TxDtls/>", 200 * _MEGA),
    "camt-laughs": _laughs,
    "camt-name": lambda: Endless(_CAMT + b"<", b"a", 200 * _MEGA),
    "xlsx-ratio": lambda: _sheet(_rows(b"<row/>" * (40 * _MEGA // 6))),
    "xlsx-text": lambda: _sheet(_rows(b"<row><c t='inlineStr'><is><t>" + _noise(60 * _MEGA))),
    "xlsx-shared": lambda: _sheet(
        b"<sst>" + b"".join(b"<si><t>%d</t></si>" % (n * 7919) for n in range(5 * _MEGA)), part="xl/sharedStrings.xml"
    ),
    "xlsx-packed": lambda: _sheet(b"<sst>" + b"<si><t>x</t></si>" * (3 * _MEGA), part="xl/sharedStrings.xml"),
    "xlsx-far": lambda: _sheet(_rows(b'<row r="2147483647"><c r="A2147483647"><v>1</v></c></row>')),
    "xlsx-deep": lambda: _sheet(_rows(b"<a>" * 300_000)),
    "xls-far": _far_cell,
    "csv-line": lambda: Endless(b"a;b;c\n", b"x", 200 * _MEGA),
    "csv-quote": lambda: Endless(b'a;b;c\n"', b"x\n", 200 * _MEGA),
    "csv-cells": lambda: Endless(b"", b";", 200 * _MEGA),
    "csv-rows": lambda: Endless(b"a;b;c\n", b";\n", 100 * _MEGA),
    "html-open": lambda: b"<html>" + b"<" * (40 * _MEGA),
    "html-comments": lambda: b"<html>" + b"<!--" * (10 * _MEGA),
    "html-scripts": lambda: b"<html>" + b"<script>" * (4 * _MEGA),
    "html-cells": lambda: b"<html><table>" + b"<td colspan=999>" * (2 * _MEGA),
    "html-large": lambda: b"<html>" + b"x" * (80 * _MEGA),
    "mt940-line": lambda: Endless(b":20:A\n:25:0011001\n", b"x", 200 * _MEGA),
    "mt940-text": lambda: Endless(b":20:A\n:25:0011001\n:86:", b"xy\n", 200 * _MEGA),
    "mt940-fields": lambda: Endless(b":20:A\n", b":86:x\n", 20 * _MEGA),
}


def main() -> None:
    """Read the bomb named on the command line within the limits, and print what happened as JSON."""
    made = BOMBS[sys.argv[1]]()
    resource.setrlimit(resource.RLIMIT_AS, (3 * 1024 * _MEGA, 3 * 1024 * _MEGA))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    try:
        _read(made)
        outcome = "read"
    except (Malformed, Refusal) as error:
        outcome = f"{type(error).__name__}: {error}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    seconds = round(time.monotonic() - start, 1)
    sys.stdout.write(json.dumps({"outcome": outcome[:300], "megabytes": grown, "seconds": seconds}))


def _read(made: bytes | Endless) -> None:
    if isinstance(made, bytes):
        read_statement(made, "bomb")
        return
    with open_statements(cast(BinaryIO, io.BufferedReader(made)), "bomb"):
        pass


if __name__ == "__main__":
    main()
