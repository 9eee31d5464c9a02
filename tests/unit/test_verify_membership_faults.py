"""The checks on whose month it is (I9, I31) find the fault that was planted for each."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.membership import Ending, TransferKind
from domain.period import Month
from ledger.handlers import members, transfers
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.good_log import read_all

Events = list[Recorded]
AUGUST = date(2026, 8, 5)


@cache
def _log() -> tuple[Recorded, ...]:
    """Two transfers with open months, one strike-off and a return, one exempt, one abroad."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000)])
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000), ("X1", 100)),
        member("A3", "SI_COMPULSORY", ("si-salary", 5_000_000)),
        member("A4", "SI_COMPULSORY", ("si-salary", 5_000_000), scope=Scope.ABROAD),
    )
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 8_000_000)))
    story.assess("VH", "2026-07", START)
    story.cash("A", "PT-1", "A1", 100_000, date(2026, 7, 6))
    story.assess("VH", "2026-08", date(2026, 8, 1))
    for who, letter in (("A1", "GT-01"), ("A2", "GT-02")):
        issued = transfers.IssueTransfer(
            unit_id=UnitId("A"),
            member_id=MemberId(who),
            kind=TransferKind.OFFICIAL,
            to_unit=UnitId("B"),
            to_outside=None,
            letter=letter,
            issued_on=AUGUST,
            paid_through=Month("2026-07"),
        )
        story.do("A-BT", AUGUST, issued)
        received = transfers.ReceiveTransfer(
            unit_id=UnitId("B"), member_id=MemberId(who), letter=letter, received_on=AUGUST
        )
        story.do("B-BT", AUGUST, received)
    left = members.EndMembership(
        unit_id=UnitId("A"),
        member_id=MemberId("A3"),
        why=Ending.LEFT,
        effective_on=AUGUST,
        decision="QĐ-1",
        decided_on=AUGUST,
    )
    story.do("A-BT", AUGUST, left)
    back = members.RestoreMember(
        unit_id=UnitId("B"),
        member_id=MemberId("A3"),
        restored_on=date(2026, 10, 2),
        decision="QĐ-2",
        decided_on=date(2026, 10, 1),
    )
    story.do("B-BT", date(2026, 10, 2), back)
    return tuple(item for item in read_all(story.installation.store) if isinstance(item, Recorded))


def _edit(name: str, where: Callable[[Any], bool] = lambda e: True, **changes: Any) -> Callable[[Events], Events]:
    def tamper(log: Events) -> Events:
        place = next(n for n, r in enumerate(log) if r.name == name and where(r.event))
        log[place] = replace(log[place], event=replace(log[place].event, **changes))
        return log

    return tamper


def _drop(name: str) -> Callable[[Events], Events]:
    def tamper(log: Events) -> Events:
        place = next(n for n, r in enumerate(log) if r.name == name)
        return log[:place] + log[place + 1 :]

    return tamper


def _again(name: str, **changes: Any) -> Callable[[Events], Events]:
    def tamper(log: Events) -> Events:
        old, last = next(r for r in log if r.name == name), log[-1]
        meta = replace(old.meta, command_id=uuid.uuid4(), index=0, count=1)
        version = max(r.version for r in log if r.stream == old.stream) + 1
        event = replace(old.event, **changes)
        return [
            *log,
            replace(
                old, position=last.position + 1, recorded_at=last.recorded_at, version=version, event=event, meta=meta
            ),
        ]

    return tamper


def _of(who: str, month: str = "2026-08") -> Callable[[Any], bool]:
    return lambda e: e.member_id == who and e.month == month


FAULTS: list[tuple[str, str, Callable[[Events], Events]]] = [
    ("I9", "a second obligation for a month", _again("dues-assessed")),
    ("I9", "an obligation in another cell's books", _edit("dues-assessed", _of("B1"), unit_id="A")),
    ("I9", "a payment settles the month in the wrong books", _edit("payment-applied", unit_id="B")),
    ("I9", "the letter says another month than the new cell takes", _edit("transfer-received", from_month="2026-11")),
    ("I9", "the new cell takes a month that the letter says is paid", _edit("transfer-received", from_month="2026-06")),
    ("I9", "the new cell names another giver", _edit("transfer-received", from_unit="VH")),
    ("I9", "a reception without a letter", _drop("transfer-letter-issued")),
    ("I9", "a reception that is missing", _drop("transfer-received")),
    ("I9", "a return that leaves a month out", _edit("membership-restored", from_month="2026-10")),
    ("I9", "an ending before months that are still open", _edit("membership-ended", last_month="2026-06")),
    ("I9", "a move of somebody never enrolled", _drop("member-enrolled")),
    ("I31", "a month assessed outside the membership", _edit("membership-restored", from_month="2026-10")),
    ("I31", "an exempt member who has to pay", _edit("dues-assessed", _of("A2"), due=30_000, relieved=0)),
    ("I31", "a member abroad who is billed", _edit("dues-assessed", _of("B1"), member_id="A4")),
    ("I21", "one person gives and receives", _edit("transfer-received", received_by="A-BT")),
]


def test_the_log_itself_is_sound():
    verdict = verify(_log())
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


@pytest.mark.parametrize(("check", "what", "tamper"), FAULTS, ids=[f"{c} {w}" for c, w, _ in FAULTS])
def test_a_planted_fault_is_found_by_its_check(check: str, what: str, tamper: Callable[[Events], Events]):
    verdict = verify(tamper(list(_log())))
    found = {result.id: result.findings for result in verdict.checks}
    assert found[check], what
    assert all(finding.sentence.endswith(".") for finding in found[check])
