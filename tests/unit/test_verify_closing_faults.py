"""Faults planted into a log with closed months and corrections are found (I15, I19, I21, I34)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain.closing import MonthClosed, MonthReopened
from domain.correction import EntryReversed, Kind, Wanted
from domain.identifiers import PaymentId
from domain.period import Month
from domain.receipt_book import ReceiptVoided
from ledger.handlers import close
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Story, into, settings
from tests.acceptance.test_closing_months import EVENING, JULY, LEFT, A, closed, explain, played
from tests.acceptance.test_corrections import corrected
from tests.good_log import read_all

Events = list[Recorded]


@cache
def log() -> tuple[Recorded, ...]:
    """July is closed, opened again and closed; a cash entry is corrected; a fact comes late; August is closed."""
    story = played(Story(wiring.in_memory(settings())))
    closed(story, *LEFT)
    story.do("A-TP", EVENING, close.RequestReopening(unit_id=A, month=JULY, reason="sót chứng từ"))
    story.do("A-BT", EVENING, close.ReopenMonth(unit_id=A, month=JULY))
    wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1"), to_month=JULY, amount=20_000, slip="1-thay")
    corrected(story, wanted)
    closed(story, *LEFT)
    story.bank("A", date(2026, 8, 6), into("late", date(2026, 7, 30), 40_000))
    august = close.CloseMonth(unit_id=A, month=Month("2026-08"), explanations=explain(*LEFT))
    story.do("A-TP", date(2026, 9, 2), august)
    return tuple(item for item in read_all(story.installation.store) if isinstance(item, Recorded))


def places(cls: type) -> list[int]:
    """Where events of a class stand."""
    return [place for place, recorded in enumerate(log()) if isinstance(recorded.event, cls)]


def edited(cls: type, nth: int = 0, **changes: Any) -> Callable[[], Events]:
    """The log with one event changed."""

    def tamper() -> Events:
        events = list(log())
        place = places(cls)[nth]
        old: Any = events[place].event
        found = {name: value(getattr(old, name)) if callable(value) else value for name, value in changes.items()}
        events[place] = replace(events[place], event=replace(old, **found))
        return events

    return tamper


def dated_into_july() -> Events:
    """A period of the closed month is declared after the close, by an event copied to the end."""
    from domain.declaration import PeriodHeld
    from domain.identifiers import UnitId
    from domain.period import Period

    events = list(log())
    last = events[-1]
    held = PeriodHeld(
        unit_id=UnitId("A"), period=Period("2026-07"), position=last.position, collected=0, declared_on=EVENING
    )
    return [*events, replace(last, position=last.position + 1, name="period-held", event=held)]


def slipped_in() -> Events:
    """An amount of July is edited after July was closed on it."""
    events = list(log())
    place = next(i for i, r in enumerate(events) if r.name == "payment-received")
    old: Any = events[place].event
    events[place] = replace(events[place], event=replace(old, amount=old.amount + 1, dues_amount=old.dues_amount + 1))
    return events


#: (check, what was done, the tampered log).
FAULTS: list[tuple[str, str, Callable[[], Events]]] = [
    (
        "I15",
        "a digest of a close is edited",
        edited(MonthClosed, 1, reports=lambda r: (replace(r[0], sha256="00" * 32), *r[1:])),
    ),
    ("I15", "an amount is edited under a closed month", slipped_in),
    ("I15", "a month is skipped", edited(MonthClosed, 2, month=Month("2026-09"))),
    ("I15", "a close is numbered twice", edited(MonthClosed, 1, number=1)),
    ("I15", "a month is closed before it is over", edited(MonthClosed, 0, closed_on=date(2026, 7, 31))),
    ("I15", "a report that nobody can make", edited(MonthClosed, 0, reports=lambda r: (replace(r[0], report="x"),))),
    ("I15", "a position beyond the close", edited(MonthClosed, 0, position=10**6)),
    ("I15", "a decision dated into a closed month", dated_into_july),
    ("I15", "opened again though another asked", edited(MonthReopened, 0, requested_by="A-XX")),
    ("I21", "opened again by whoever asked", edited(MonthReopened, 0, requested_by="A-BT")),
    ("I21", "a correction approved by its maker", edited(EntryReversed, 0, approved_by="A-TP")),
    ("I21", "a correction proposed by another", edited(EntryReversed, 0, proposed_by="A-XX")),
    ("I19", "a void number that is not the payment's", edited(ReceiptVoided, 0, number=9)),
    ("I34", "an original that never was", edited(EntryReversed, 0, original="cash:A/99")),
    ("I34", "a replacement that never came", edited(EntryReversed, 0, replaced_by="cash:A/98")),
    ("I34", "a void receipt that was never issued", edited(ReceiptVoided, 0, year=2020)),
    ("A1", "a reversed entry that does not balance", edited(EntryReversed, 0, lines=lambda x: x[:1])),
]


def failed(events: Events) -> dict[str, list[str]]:
    """What each check found."""
    return {check.id: [f.sentence for f in check.findings] for check in verify(events).checks if not check.ok}


def test_the_log_without_a_fault_passes_and_names_the_late_facts() -> None:
    verdict = verify(log())
    assert verdict.ok, failed(list(log()))
    assert ["phát sinh muộn" in note.sentence for note in verdict.notes if note.check == "I15"] == [True]


@pytest.mark.parametrize(("check", "done", "tamper"), FAULTS, ids=[f"{c}: {done}" for c, done, _ in FAULTS])
def test_a_planted_fault_is_found(check: str, done: str, tamper: Callable[[], Events]) -> None:
    found = failed(tamper())
    assert check in found, f"{done}: found only {sorted(found)}"
    assert all(len(sentence) > 30 for sentence in found[check])
