"""XML of strangers in a stream: no DTD, no entity, no endless piece, the place of an error known."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.parsers import expat

from domain.errors import Malformed

#: Bytes without the beginning or end of any element.
_LONGEST_PIECE = 1024 * 1024
_PIECE = 64 * 1024


class _Prologue:
    """Looks at what stands before the first element and refuses a DTD, without which no entity exists."""

    def __init__(self) -> None:
        self.over = False
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._element

    def feed(self, piece: bytes) -> None:
        """See a piece. What is wrong behind the beginning of the first element is left to the parser proper."""
        try:
            self._parser.Parse(piece, False)
        except expat.ExpatError:
            if not self.over:
                raise

    def _doctype(self, *_: object) -> None:
        raise Malformed("XML khai báo DTD hoặc thực thể; sao kê ngân hàng không bao giờ có, hãy tải lại từ ngân hàng")

    def _element(self, *_: object) -> None:
        self.over = True


def events_of(file: BinaryIO) -> Iterator[tuple[str, ET.Element]]:
    """Beginnings and ends of elements, as the standard library's compiled parser gives them.

    It takes DTDs, so a second parser sees every piece of the file before it, up to the first element: none can stand
    behind that. It also collects texts without an end, so a file in which nothing begins or ends for too long is
    refused before more of it is read: that bounds texts, attributes, names, comments and processing instructions.
    """
    parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(("start", "end"))
    prologue = _Prologue()
    silent = 0
    while piece := file.read(_PIECE):
        if not prologue.over:
            prologue.feed(piece)
        parser.feed(piece)
        silent += len(piece)
        for found in parser.read_events():
            silent = 0
            yield cast(tuple[str, ET.Element], found)
        if silent > _LONGEST_PIECE:
            raise Malformed(f"một phần tử XML dài hơn {_LONGEST_PIECE} byte; sao kê không bao giờ có")
    parser.close()
    for found in parser.read_events():
        yield cast(tuple[str, ET.Element], found)
