"""Public holidays as data: days on which offices are closed, each with its document and how sure we are of it.

The shipped file is replaced as a whole by an office's own. A working Saturday that makes up for a day off is not
kept: a deadline that falls on it moves to the Monday after, which harms nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from adapters.office.strict_json import Fields, parse, read_bytes
from domain.errors import Malformed
from domain.policy_rows import Confidence

#: What is used until an office names a file of its own.
SHIPPED = Path(__file__).with_name("data") / "holidays.json"

_FORMAT = "dangphi-holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """One day off: what it is, by which document and article, and how sure we are."""

    day: date
    name: str
    document: str
    article: str | None
    confidence: Confidence
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The days off of a span of time, oldest first; nothing is known of days outside of it."""

    first: date
    last: date
    documents: Mapping[str, str]  #: number → title
    days: tuple[Holiday, ...]

    @property
    def set(self) -> frozenset[date]:
        """The days alone, as deadlines and ages count them."""
        return frozenset(holiday.day for holiday in self.days)


@cache
def days_off(path: Path | None = None) -> frozenset[date]:
    """The days of a file (None: the shipped one), read once in a process; ``Malformed`` says what is wrong with it."""
    return read_holidays(SHIPPED if path is None else path).set


def read_holidays(path: Path) -> Holidays:
    """Read a file of holidays. ``Malformed`` for an unknown field, a day twice, outside the span or out of order, and
    for a document that the list of documents does not name."""
    top = parse(read_bytes(path), path.name)
    if top.text("format") != _FORMAT:
        raise Malformed(f"không phải danh sách ngày nghỉ («format» phải là {_FORMAT}).", where=path.name)
    top.whole("version", 1, 1)
    first, last = top.day("from"), top.day("to")
    if last < first:
        raise Malformed(f"kết thúc {last} trước khi bắt đầu {first}.", where=top.at("to"))
    documents = _documents(top)
    days: list[Holiday] = []
    for fields in top.objects("days"):
        holiday = _holiday(fields)
        if holiday.document not in documents:
            raise Malformed(f"văn bản {holiday.document} không có trong «documents».", where=fields.at("document"))
        if not first <= holiday.day <= last:
            raise Malformed(f"ngày {holiday.day} nằm ngoài {first} đến {last}.", where=fields.at("day"))
        if days and holiday.day <= days[-1].day:
            raise Malformed(f"ngày {holiday.day} lặp lại hoặc không theo thứ tự.", where=fields.at("day"))
        days.append(holiday)
    top.done()
    return Holidays(first=first, last=last, documents=documents, days=tuple(days))


def _documents(top: Fields) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for fields in top.objects("documents"):
        found[fields.text("number")] = fields.text("title")
        fields.done()
    return MappingProxyType(found)


def _holiday(fields: Fields) -> Holiday:
    holiday = Holiday(
        day=fields.day("day"),
        name=fields.text("name"),
        document=fields.text("document"),
        article=fields.optional_text("article"),
        confidence=fields.code("confidence", Confidence),
        note=fields.optional_text("note"),
    )
    fields.done()
    return holiday
