"""Reading rows of ``ID(2 digits) LENGTH(2 digits, 01..99) VALUE``; lengths count characters (VietQR §1.1)."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Break(StrEnum):
    """Why a row could not be read to its end."""

    HEADER = "header"
    LENGTH = "length"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The objects read, in order, and where reading broke off: 0-based position in the text, and why."""

    objects: tuple[tuple[str, str], ...]
    broken: Break | None = None
    position: int = 0
    detail: str = ""

    def first(self, tag: str) -> str | None:
        """The value of the first object with ``tag``, or None."""
        return next((value for found, value in self.objects if found == tag), None)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Tags that occur more than once."""
        return tuple(tag for tag, times in Counter(tag for tag, _ in self.objects).items() if times > 1)


def read_row(text: str) -> Row:
    """Split ``text`` into objects; never raises, keeps what stands before the break."""
    objects: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        header = text[at : at + 4]
        if not (len(header) == 4 and header.isascii() and header.isdigit()):
            return Row(objects=tuple(objects), broken=Break.HEADER, position=at, detail=header)
        tag, length = header[:2], int(header[2:])
        value = text[at + 4 : at + 4 + length]
        if not length:
            return Row(objects=tuple(objects), broken=Break.EMPTY, position=at, detail=tag)
        if len(value) < length:
            detail = f"{tag}: {len(value)}/{length}"
            return Row(objects=tuple(objects), broken=Break.LENGTH, position=at, detail=detail)
        objects.append((tag, value))
        at += 4 + length
    return Row(objects=tuple(objects))
