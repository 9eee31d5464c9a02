"""The text of an MT940 line (``:86:``): free, or in numbered pieces.

Pieces ``?20`` … ``?29`` and ``?60`` … ``?63`` are joined without a blank, because a piece ends where its width ends and
not where a word ends; ``?31`` is the account of the other side, ``?32`` and ``?33`` its name.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from adapters.bank.lines import squeeze

_PIECE = re.compile(r"\?(\d\d)", re.ASCII)
_STRUCTURED = re.compile(r"\d{3}\?\d\d", re.ASCII)
_CONTENT = frozenset(str(number) for number in (*range(20, 30), *range(60, 64)))

#: A line of text has 65 characters. One this full was broken by its width, a shorter one by its writer.
_FULL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a text tells of a line."""

    content: str
    account: str | None = None
    name: str | None = None


def text_of_86(text: str) -> Text:
    """Read a text of several lines."""
    if not _STRUCTURED.match(text):
        return Text(content=squeeze(_free(text.split("\n"))))
    pieces = _PIECE.split(text.replace("\n", ""))
    content = account = name = ""
    for number, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if number in _CONTENT:
            content += piece
        elif number == "31":
            account += piece
        elif number in {"32", "33"}:
            name += piece
    return Text(content=squeeze(content), account=squeeze(account) or None, name=squeeze(name) or None)


def _free(lines: list[str]) -> str:
    joined = lines[0]
    for before, line in pairwise(lines):
        joined += line if len(before) >= _FULL else f" {line}"
    return joined
