"""Faults planted in a good log of statements and decisions: A14 names each, and nothing without a fault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.bank_account import (
    LineAlias,
    LinesPlaced,
    MovementNamed,
    NotDues,
    Placement,
    StatementImported,
    StatementLine,
    StatementTakenBack,
    StatementWitnessed,
)
from domain.events import EVENT_NAMES, DomainEvent
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.notice import Direction
from domain.open_item import Decision, DecisionKind, DecisionPart, DecisionTaken
from domain.payment import SuspenseIdentified, WitnessAdded
from ledger.checks.base import World
from ledger.checks.lines import LinesChecker
from ledger.codec import Meta
from ledger.store import Recorded
from tests.acceptance.story import at

DAY = date(2026, 7, 21)
ACCOUNT, UNIT, PAID = AccountId("970436:1"), UnitId("A"), PaymentId("bank:970436:1/FT1")


def line(key: str, direction: Direction = Direction.IN) -> StatementLine:
    """A line of 1,000."""
    return StatementLine(
        key=key,
        booked_on=DAY,
        direction=direction,
        amount=1_000,
        bank_reference=None,
        references=(),
        bank_code=None,
        is_reversal=False,
        payer_key=None,
        evidence_id=None,
    )


STATEMENT = StatementImported(
    account_id=ACCOUNT,
    unit_id=UNIT,
    file_digest="f1",
    format="camt",
    from_date=DAY,
    to_date=DAY,
    opening=0,
    closing=1_000,
    credits=2_000,
    debits=1_000,
    line_count=3,
    lines=(line("a"), line("b"), line("c", Direction.OUT)),
)
NAMED = MovementNamed(
    account_id=ACCOUNT,
    unit_id=UNIT,
    bank_line="c",
    what=NotDues.FEE,
    heading="bank-fee",
    amount=1_000,
    booked_on=DAY,
    ground="phí",
    named_by="VH-KT",
)
SEEN = WitnessAdded(
    payment_id=PAID,
    source="statement",
    outside_reference="FT1",
    amount=1_000,
    seen_on=DAY,
    bank_line="a",
    evidence_id=None,
)
PLACED = LinesPlaced(
    account_id=ACCOUNT,
    placements=(Placement(key="a", outcome="witness", target=PAID), Placement(key="c", outcome="bank-fee", target="x")),
)
OTHER = StatementWitnessed(
    account_id=ACCOUNT,
    unit_id=UNIT,
    file_digest="f2",
    format="xlsx",
    from_date=DAY,
    to_date=DAY,
    opening=0,
    closing=1_000,
    aliases=(LineAlias(key="a2", line="a"),),
)
DECIDED = DecisionTaken(
    unit_id=UNIT,
    decision=Decision(
        decision_id="A/QD-1",
        kind=DecisionKind.IDENTIFY,
        item=PAID,
        amount=1_000,
        parts=(DecisionPart(member_id=MemberId("m"), month=None, amount=1_000),),
        reason="đã hỏi",
        document=None,
        decided_by="VH-KT",
        decided_on=DAY,
    ),
    approved_by=None,
    taken_on=DAY,
)
MOVED = SuspenseIdentified(
    payment_id=PAID,
    holder_id=UNIT,
    unit_id=UNIT,
    member_id=MemberId("m"),
    amount=1_000,
    dues_amount=1_000,
    credit_amount=0,
    ground="đã hỏi",
    identified_by="VH-KT",
)
BACK = StatementTakenBack(
    account_id=ACCOUNT,
    unit_id=UNIT,
    file_digest="f1",
    from_date=DAY,
    to_date=DAY,
    opening=0,
    closing=1_000,
    bank_lines=("a", "b", "c"),
    reason="nhầm tệp",
    decision="BB",
    correction_id="DC",
    taken_back_on=DAY,
)
Commands = list[list[DomainEvent]]


def good() -> Commands:
    """Commands in which nothing is wrong."""
    return [[STATEMENT, NAMED, SEEN, PLACED], [OTHER], [DECIDED, MOVED]]


def found(commands: Commands) -> list[str]:
    """What A14 says of a log."""
    checker, position = LinesChecker(World()), 0
    for number, events in enumerate(commands, 1):
        for index, event in enumerate(events):
            position += 1
            meta = Meta(
                command_id=UUID(int=number),
                index=index,
                count=len(events),
                actor="VH-KT",
                role="accountant",
                unit="A",
                action="x",
                reason=None,
                document=None,
            )
            recorded = Recorded(
                position=position,
                stream="s",
                version=position,
                name=EVENT_NAMES[type(event)],
                event=event,
                meta=meta,
                recorded_at=at(DAY),
            )
            checker.see(recorded, ())
        checker.settle()
    findings = checker.finish()
    assert all(one.check == "A14" for one in findings)
    return [one.sentence for one in findings]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found(good()) == []
    assert found([*good(), [BACK], [replace(STATEMENT, file_digest="f3"), NAMED, SEEN, PLACED]]) == []


def _with(place: int, *events: DomainEvent) -> Callable[[], Commands]:
    def plant() -> Commands:
        commands: Any = good()
        commands[place] = list(events)
        return [one for one in commands if one]

    return plant


FAULTS = {
    "a line comes in twice": (_with(1, replace(STATEMENT, file_digest="f9", lines=(line("b"),))), "lần thứ hai"),
    "a line is used twice": (_with(1, replace(SEEN, payment_id=PaymentId("other"))), "hai chỗ"),
    "a line that never came is used": (_with(1, replace(SEEN, bank_line="nowhere")), "không (còn) có trên sao kê"),
    "a line is used after its statement went": (_with(2, BACK, NAMED), "không (còn) có trên sao kê"),
    "a placed line is nowhere": (_with(0, STATEMENT, NAMED, PLACED), "không ở chỗ nào"),
    "a witness names a line that is not there": (
        _with(1, replace(OTHER, aliases=(LineAlias(key="z", line="zz"),))),
        "chứng thực mà không có",
    ),
    "a decision moved less than it says": (_with(2, DECIDED, replace(MOVED, amount=999)), "nhưng đã chuyển 999"),
    "a decision moved nothing": (_with(2, DECIDED), "nhưng đã chuyển 0"),
    "a decision's parts are another sum": (
        _with(2, replace(DECIDED, decision=replace(DECIDED.decision, amount=900)), replace(MOVED, amount=900)),
        "các phần cộng lại 1.000",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(fault: str) -> None:
    plant, said = FAULTS[fault]
    sentences = found(plant())
    assert len(sentences) == 1
    assert said in sentences[0]
