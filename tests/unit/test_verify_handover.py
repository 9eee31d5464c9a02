"""Faults planted in the log of a handover, each found by its check: A11, I11, I14 and I21."""

import dataclasses
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain.entry_line import EntryLine
from domain.identifiers import UnitId
from domain.passed_on import PayableInherited
from domain.payment import PaymentReceived
from domain.restructuring import BalancesHandedOver, HandoverSigned, RestructureKind, Side
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.moving import FIRST, JULY, WARD, carry_out, plan, sign, ward_with_july
from tests.acceptance.story import into

Change = Callable[[Recorded], Recorded | None]


@pytest.fixture(scope="module")
def log() -> list[Recorded]:
    """A goes into B with money nobody can place; B pays July for both, the ward counts it; a late payment comes."""
    story = ward_with_july()
    day = date(2026, 7, 31)
    story.bank("A", day, into("who", day, 9_000))
    command = plan(story, WARD, RestructureKind.MERGE, sources=(UnitId("A"),), target=UnitId("B"))
    sign(story, "A-BT", "A", command, Side.OLD)
    sign(story, "B-BT", "B", command, Side.NEW)
    carry_out(story, command)
    story.bank("B", FIRST, into("late", FIRST, 200_000, story.reference("B2", JULY)))
    assert story.remit("B", "VH", JULY, date(2026, 8, 5)) == 280_000
    assert story.declare("VH", JULY, date(2026, 8, 12))["collected"] == 280_000
    return list(story.installation.store.read(0, 1_000_000))


def _less(line: EntryLine) -> EntryLine:
    """1,000 of the old unit's fund and bank stay with it: each entry still balances."""
    if line.unit_id != "A" or line.account not in ("1120", "4310"):
        return line
    return dataclasses.replace(
        line, debit=line.debit - 1_000 if line.debit else 0, credit=line.credit - 1_000 if line.credit else 0
    )


def _edit(kind: type, **new: Any) -> Change:
    def change(recorded: Recorded) -> Recorded:
        if not isinstance(recorded.event, kind):
            return recorded
        values = {name: value(recorded.event) if callable(value) else value for name, value in new.items()}
        return dataclasses.replace(recorded, event=dataclasses.replace(recorded.event, **values))

    return change


def _without(name: str) -> Change:
    return lambda recorded: None if recorded.name == name else recorded


def _late_in_the_old_unit(recorded: Recorded) -> Recorded:
    event = recorded.event
    if isinstance(event, PaymentReceived) and event.outside_reference == "FT-late":
        return dataclasses.replace(recorded, event=dataclasses.replace(event, unit_id="A", holder_id="A"))
    return recorded


FAULTS: tuple[tuple[str, str, Change], ...] = (
    (
        "A11",
        "a part of the balances stays behind",
        _edit(BalancesHandedOver, lines=lambda e: tuple(map(_less, e.lines))),
    ),
    ("A11", "a payment is booked in the ended unit", _late_in_the_old_unit),
    (
        "I11",
        "the new unit inherited more than the old one owed",
        _edit(PayableInherited, amount=lambda e: e.amount + 7),
    ),
    ("I14", "unknown money went over without its case", _without("suspense-taken-over")),
    ("I21", "nobody signed", _without("handover-signed")),
    ("I21", "the planner signed", _edit(HandoverSigned, signed_by="VH-VP")),
    (
        "A2",
        "the superior kept its claim on the old unit",
        _edit(
            BalancesHandedOver, lines=lambda e: tuple(line for line in e.lines if line.account not in ("1360", "3350"))
        ),
    ),
)


def test_nothing_is_found_where_nothing_is_wrong(log: list[Recorded]) -> None:
    assert [f.sentence for check in verify(log).checks for f in check.findings] == []


@pytest.mark.parametrize(("check", "what", "change"), FAULTS, ids=[what for _, what, _ in FAULTS])
def test_a_planted_fault_is_found_by_its_check(log: list[Recorded], check: str, what: str, change: Change) -> None:
    damaged = [kept for kept in map(change, log) if kept is not None]
    assert check in {c.id for c in verify(damaged).checks if not c.ok}, what
