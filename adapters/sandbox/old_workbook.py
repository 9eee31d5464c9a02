"""Workbooks of the old kind (.xls, BIFF8 in a compound file), as some banks still send: text cells in one sheet.

Written by hand because no maintained library writes them. Sources: [MS-XLS] 2.4 (records) and [MS-CFB] 2 (compound
file: header, one FAT, one directory, one stream that is long enough to need no mini stream).
"""

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
#: A stream shorter than this lies in the mini stream, which is not written here.
_LEAST = 4096
_LONGEST_TEXT = 4000


def write_xls(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook with one sheet of text cells; texts are cut at 4,000 characters, which one record holds."""
    return _compound(_workbook(rows))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, length: str) -> bytes:
    """An XLUnicodeString without runs: count of UTF-16 units, flag for two bytes each, units."""
    letters = text.encode("utf-16-le")
    return struct.pack(length, len(letters) // 2) + b"\x01" + letters


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    def begin(kind: int) -> bytes:
        return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    end = _record(0x000A, b"")
    head = begin(0x0005) + _record(0x0042, struct.pack("<H", 1200))
    name = _text("Sao ke", "<B")
    sheet_at = len(head) + 4 + 6 + len(name) + len(end)
    head += _record(0x0085, struct.pack("<IH", sheet_at, 0) + name) + end
    width = max((len(row) for row in rows), default=0)
    out = [head, begin(0x0010), _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                cell = struct.pack("<HHH", number, column, 0) + _text(text[:_LONGEST_TEXT], "<H")
                out.append(_record(0x0204, cell))
    return b"".join([*out, end]).ljust(_LEAST, b"\0")


def _compound(stream: bytes) -> bytes:
    sectors = -(-len(stream) // _SECTOR)
    # Sector 0 is the directory, the stream follows, the FAT comes last.
    fats = 1
    while fats * (_SECTOR // 4) < 1 + sectors + fats:
        fats += 1
    table = [_END, *range(2, sectors + 1), _END, *[_FAT] * fats]
    table += [_FREE] * (fats * (_SECTOR // 4) - len(table))
    first_fat = 1 + sectors
    heads = [*range(first_fat, first_fat + fats)]
    header = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        *(0x3E, 3, 0xFFFE, 9, 6, 0),
        *(0, 0, fats, 0, 0, _LEAST, _END, 0, _END, 0),
    )
    header += struct.pack("<109I", *heads, *[_FREE] * (109 - fats))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 1, len(stream))
    directory = directory.ljust(_SECTOR, b"\0")
    fat = struct.pack(f"<{len(table)}I", *table)
    return header + directory + stream.ljust(sectors * _SECTOR, b"\0") + fat


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ", text, len(text) + 2, kind, 1, _FREE, _FREE, child, b"", 0, 0, 0, start, size
    )
