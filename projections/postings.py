"""Postings of many events at once, as parallel columns; compiled from the table of rules in ``ledger.posting``.

Two roads lead here and both read that one table: events as the reader gives them, and the log's own rows, of which
only the fields that the rules name are decoded. The second is several times faster and serves rebuilds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from domain.events import EVENT_TYPES
from domain.period import day_of
from ledger.ports import StoredRow
from ledger.posting import OCCURRED_ON, RULES, STEPS
from ledger.rule import CONDITIONS, Rule
from ledger.steps import Step, fields_of
from ledger.store import Recorded


@dataclass(slots=True, kw_only=True)
class Postings:
    """Lines as columns of equal length; what belongs to the whole event is repeated on each of its lines."""

    position: list[int] = field(default_factory=list)
    entry_no: list[int] = field(default_factory=list)
    occurred_on: list[date] = field(default_factory=list)
    recorded_at: list[datetime] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    account: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    amount: list[int] = field(default_factory=list)
    event: list[str] = field(default_factory=list)
    stream: list[str] = field(default_factory=list)
    actor: list[str] = field(default_factory=list)
    document: list[str | None] = field(default_factory=list)


def _lines(into: Postings, event: Any, steps: tuple[Step, ...]) -> int:
    """Append an event's lines (unit, account, key, amount, number) and return how many there are."""
    number = 0
    for step in steps:
        if step.applies is not None and not step.applies(event):
            continue
        for told in (event,) if step.each is None else step.each(event):
            amount = step.amount(told)
            if not amount:
                continue
            number += 1
            into.entry_no.append(number)
            into.unit.append(step.unit(told))
            into.account.append(step.account if step.account_of is None else step.account % step.account_of(told))
            into.key.append(step.key if step.key_of is None else step.key % step.key_of(told))
            into.amount.append(step.side * amount)
    return number


def _about(
    into: Postings,
    count: int,
    *,
    position: int,
    day: date,
    at: datetime,
    name: str,
    stream: str,
    actor: str,
    document: str | None,
) -> None:
    """Append what an event's lines have in common."""
    into.position += (position,) * count
    into.occurred_on += (day,) * count
    into.recorded_at += (at,) * count
    into.event += (name,) * count
    into.stream += (stream,) * count
    into.actor += (actor,) * count
    into.document += (document,) * count


def of_events(events: Iterable[Recorded]) -> Postings:
    """The postings of events as the reader gives them."""
    found = Postings()
    day_at: datetime | None = None
    today = date.min
    for recorded in events:
        event = recorded.event
        cls = type(event)
        steps = STEPS.get(cls)
        if steps is None:
            continue
        count = _lines(found, event, steps)
        if not count:
            continue
        if recorded.recorded_at is not day_at:
            day_at, today = recorded.recorded_at, day_of(recorded.recorded_at)
        day = getattr(event, OCCURRED_ON[cls]) if cls in OCCURRED_ON else None
        _about(
            found,
            count,
            position=recorded.position,
            day=today if day is None else day,
            at=recorded.recorded_at,
            name=recorded.name,
            stream=recorded.stream,
            actor=recorded.meta.actor,
            document=recorded.meta.document,
        )
    return found


# --- The road over the log's own rows ---------------------------------------------------------------------------


class _Who(msgspec.Struct, gc=False):
    """The part of an event's meta that the journal shows."""

    actor: str
    document: str | None


@dataclass(frozen=True, slots=True)
class _Topic:
    """How the rows of one topic are decoded and posted."""

    name: str
    decode: Callable[[bytes], Any]
    steps: tuple[Step, ...]
    day: Callable[[Any], date | None] | None


@cache
def _topics() -> dict[str, _Topic]:
    """Topics with an entry, in the version that this release writes."""
    return {f"{name}.{version}": _topic(name, cls) for name, (cls, version) in EVENT_TYPES.items() if cls in RULES}


@cache
def _silent() -> frozenset[str]:
    """Topics of events without an entry, in every version."""
    return frozenset(
        f"{name}.{older}"
        for name, (cls, version) in EVENT_TYPES.items()
        if cls not in RULES
        for older in range(1, version + 1)
    )


def _topic(name: str, cls: type) -> _Topic:
    hints = get_type_hints(cls)
    wanted = needed(cls)
    data = msgspec.defstruct(f"Slim_{cls.__name__}", [(n, hints[n]) for n in wanted], gc=False)
    envelope = msgspec.defstruct(f"Row_{cls.__name__}", [("meta", _Who), ("data", data)], gc=False)
    day = attrgetter(OCCURRED_ON[cls]) if cls in OCCURRED_ON else None
    return _Topic(name, msgspec.json.Decoder(envelope).decode, STEPS[cls], day)


def needed(cls: type) -> tuple[str, ...]:
    """The fields of an event that its rules, their conditions and its date name, in the order of the class."""
    names: set[str] = {OCCURRED_ON[cls]} if cls in OCCURRED_ON else set()
    for rule in RULES[cls]:
        names |= {rule.each} if rule.each else _fields_named(rule)
        # A condition is a lambda over the event: the attributes it reads are names of its code.
        names |= set(CONDITIONS[rule.when].__code__.co_names)
    return tuple(f.name for f in fields(cls) if f.name in names)


def _fields_named(rule: Rule) -> set[str]:
    return {rule.amount, rule.unit, *fields_of(rule.account), *fields_of(rule.key)}


def of_rows(rows: Iterable[StoredRow]) -> Postings | None:
    """The postings of the log's own rows.

    None when a row of an older or unknown version is among them: that is for the reader's codec to lift or refuse.
    Raises ``msgspec.MsgspecError`` for a row that does not decode.
    """
    topics, silent = _topics(), _silent()
    found = Postings()
    day_at: datetime | None = None
    today = date.min
    for position, stream, _, key, state, at in rows:
        topic = topics.get(key)
        if topic is None:
            if key not in silent:
                return None
            continue
        row = topic.decode(state)
        event = row.data
        count = _lines(found, event, topic.steps)
        if not count:
            continue
        if at != day_at:
            day_at, today = at, day_of(at)
        day = None if topic.day is None else topic.day(event)
        _about(
            found,
            count,
            position=position,
            day=today if day is None else day,
            at=at,
            name=topic.name,
            stream=stream,
            actor=row.meta.actor,
            document=row.meta.document,
        )
    return found
