"""XML of strangers in a stream: no DTD, no entity, no endless piece, and of the elements only the texts asked for.

No tree is built: a bank's file has some thirty elements an entry, of which a dozen are read, and to make an object of
each and to look for it again by its path costs several times what the parsing does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.parsers import expat

from domain.errors import Malformed

#: Bytes without the beginning or end of any element.
_LONGEST_PIECE = 1024 * 1024
_PIECE = 64 * 1024
#: Deeper than any camt document nests; a deeper one is an attack on the parser.
_MAX_DEPTH = 40
#: Elements of one part; attributes of one element.
_MOST_ELEMENTS = 100_000
_MOST_ATTRIBUTES = 64
#: Names of elements that are remembered.
_MOST_NAMES = 1_000
#: Where a node of a tree of paths keeps the path that ends there.
_HERE = ""

#: Texts by path, in the order of the file; the attribute Ccy of an element stands under its path and "@".
Texts = dict[str, list[str]]
#: A tree of element names; what is not in it is passed over.
Paths = Mapping[str, Any]


def tree(*wanted: str) -> Paths:
    """The tree of some paths like "Acct/Id/IBAN"."""
    root: dict[str, Any] = {}
    for path in wanted:
        node = root
        for name in path.split("/"):
            node = node.setdefault(name, {})
        node[_HERE] = path
    return root


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An element whose texts are wanted together: where it stands, within which other part, and which texts."""

    name: str
    depth: int
    within: str  #: the name of the part around it; "" for none
    wanted: Paths


class Reader:
    """Feeds a file to the compiled parser and hands each part over as it ends, inner ones before outer ones.

    ``root`` is told of the outermost element as "{namespace}name" and says which parts there are; ``began`` and
    ``ended`` of parts by name, ``ended`` with the texts; ``place`` says where the reader is. What they raise, and
    ``Malformed`` for what no statement has, comes out of ``read``.
    """

    def __init__(
        self,
        root: Callable[[str], Iterable[Part]],
        began: Callable[[str], None],
        ended: Callable[[str, Texts], None],
        place: Callable[[], str],
    ) -> None:
        self._root, self._began, self._ended, self._place = root, began, ended, place
        self._parts: dict[tuple[int, str], Part] = {}
        self._depths: frozenset[int] = frozenset()
        #: Name, depth, texts of the parts around here, and how many elements the part around them had before.
        self._open: list[tuple[str, int, Texts, int]] = [("", 0, {}, 0)]
        self._innermost = 0  #: the depth of the last of them
        self._nodes: list[Paths | None] = []
        self._store: Texts = {}
        self._text: list[str] | None = None
        self._elements = 0
        self._seen = False
        self._local: dict[str, str] = {}
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        self._parser = parser

    def read(self, file: BinaryIO) -> Iterator[None]:
        """Feed the file piece by piece; yields after each.

        A text is collected until it ends, so a file in which nothing begins or ends for too long is refused before more
        of it is read: that bounds texts, attributes, names, comments and processing instructions.
        """
        silent = 0
        while piece := file.read(_PIECE):
            self._seen = False
            self._parser.Parse(piece, False)
            yield
            silent = 0 if self._seen else silent + len(piece)
            if silent > _LONGEST_PIECE:
                raise Malformed(f"một phần tử XML dài hơn {_LONGEST_PIECE} byte; sao kê không bao giờ có")
        self._parser.Parse(b"", True)
        yield

    def _doctype(self, *_: object) -> None:
        raise Malformed("XML khai báo DTD hoặc thực thể; sao kê ngân hàng không bao giờ có, hãy tải lại từ ngân hàng")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        nodes = self._nodes
        depth = len(nodes) + 1
        self._seen = True
        self._elements += 1
        if depth > _MAX_DEPTH:
            raise Malformed("XML lồng quá sâu")
        if self._elements > _MOST_ELEMENTS or len(attributes) > _MOST_ATTRIBUTES:
            raise Malformed("XML có quá nhiều phần tử hoặc thuộc tính ở một chỗ", where=self._place())
        if depth == 1:
            parts = tuple(self._root("{" + name if "}" in name else name))
            self._parts = {(part.depth, part.name): part for part in parts}
            self._depths = frozenset(part.depth for part in parts)
        # The parser hands the same name out for the same element, so that few are ever cut.
        local = self._local.get(name) or self._cut(name)
        if depth in self._depths:
            part = self._parts.get((depth, local))
            if part is not None and part.within == self._open[-1][0]:
                self._store, self._text = {}, None
                self._open.append((local, depth, self._store, self._elements - 1))
                self._innermost, self._elements = depth, 0
                nodes.append(part.wanted)
                self._began(local)
                return
        above = nodes[-1] if nodes else None
        node = None if above is None else above.get(local)
        nodes.append(node)
        if node is None:
            self._text = None
        else:
            self._text = []
            if "Ccy" in attributes and _HERE in node:
                self._store.setdefault(node[_HERE] + "@", []).append(attributes["Ccy"])

    def _cut(self, name: str) -> str:
        """A name without its namespace; remembered while they are few, as strangers may name each element anew."""
        local = name.rpartition("}")[2]
        if len(self._local) < _MOST_NAMES:
            self._local[name] = local
        return local

    def _data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _: str) -> None:
        nodes = self._nodes
        depth = len(nodes)
        node = nodes.pop()
        text = self._text
        if text is not None:
            # Only an element without others in it has a text of its own.
            self._text = None
            if node is not None and _HERE in node:
                path = node[_HERE]
                if path in self._store:
                    self._store[path].append("".join(text))
                else:
                    self._store[path] = ["".join(text)]
        if depth == self._innermost:
            name, _depth, texts, self._elements = self._open.pop()
            self._innermost, self._store = self._open[-1][1:3]
            self._ended(name, texts)
