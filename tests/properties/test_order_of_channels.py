"""One transfer told by every channel, in any order and any number of times, is one receipt; true twins are two."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import wiring
from domain.identifiers import UnitId
from domain.notice import NoticeStatus
from domain.reference import Reference
from domain.settlement import Settlement
from ledger.handlers import bank_slips, collect, statements
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Cell, Story, account, at, into, member
from tests.acceptance.story import settings as installation_settings
from tests.acceptance.tables import ABOVE, hold_together
from tests.settled import K, attempt, line, settled, take, told

DAY, NEXT, PAID_OUT = date(2026, 7, 10), date(2026, 7, 11), date(2026, 7, 13)
LATER = date(2026, 7, 15)
PO = "po_1QhXyZ2eZvKYlo2C"


@dataclass(frozen=True, kw_only=True)
class Settles:
    """A settlement and the unit that takes it in."""

    unit: str
    settlement: Settlement


def _webhook(reference: str | None, amount: int, number: str, on: date = DAY) -> collect.Notice:
    return collect.Notice(
        source=f"bank:{BIN}:00A",
        outside_reference=number,
        status=NoticeStatus.PAID,
        reference=None,
        found=() if reference is None else (reference,),
        amount=amount,
        paid_at=at(on),
        account_number="00A",
        payer_key=None,
        evidence_id=None,
    )


def _exported(made: statements.ImportStatement) -> statements.ImportStatement:
    """The same days from the bank's table: other keys, no numbers, another order."""
    lines = tuple(
        replace(x, line=replace(x.line, key=hashlib.sha256(x.line.key.encode()).hexdigest(), bank_reference=None))
        for x in reversed(made.lines)
    )
    digest = hashlib.sha256(made.file_digest.encode()).hexdigest()
    return replace(made, lines=lines, format="bank-xlsx", file_digest=digest)


def _story() -> tuple[Story, list[object]]:
    """A shard, and what portal, gateway, two providers, a slip and two formats of three statements tell of a week."""
    story = Story(wiring.in_memory(installation_settings()))
    story.set_up([Cell(id="A", bank=100_000)])
    students = (member(name, "STUDENT") for name in ("A3", "A4", "A5", "A6"))
    story.enrol("A", member("A1", "STUDENT"), member("A2", "NON_SI_UNDER_RETIREMENT"), *students)
    story.assess("VH", "2026-07", START)
    story.request("VH", "2026-07", START)
    a1, a6 = (str(story.attempt("A", name, "2026-07", START)["reference"]) for name in ("A1", "A6"))
    a2, a3 = story.reference("A2", "2026-07"), story.reference("A3", "2026-07")
    first = story.statement(
        "A",
        DAY,
        into("a1", DAY, 5_000, a1),
        into("a2", DAY, 20_000, a2),
        into("x1", DAY, 777),
        into("x2", DAY, 777),
    )
    second = story.statement("A", NEXT, into("a3", NEXT, 5_000, a3), into("a3-2", NEXT, 5_000, a3))
    lump = into("po", PAID_OUT, 14_500, content=f"TT {PO.upper()}")
    third = story.statement("A", PAID_OUT, into("a6", PAID_OUT, 4_945, a6), lump)
    slip = bank_slips.RecordTransfer(
        unit_id=UnitId("A"),
        account_id=account("A"),
        slip="1",
        amount=20_000,
        paid_on=DAY,
        reference=Reference(a2),
        bank_number=None,
        evidence_id=None,
    )
    by_portal, by_fee = story.notice(a1, 5_000, DAY, number="GD1"), story.notice(a6, 5_000, DAY, number="GD6")
    facts: list[object] = [
        by_portal,
        replace(by_portal, via="query"),
        _webhook(a1, 5_000, "FT-a1"),
        _webhook(a1, 5_000, "casso:1"),
        _webhook(a2, 20_000, "sepay:1"),
        _webhook(a2, 20_000, "FT-a2"),
        _webhook(None, 777, "casso:7"),
        _webhook(None, 777, "casso:8"),
        _webhook(None, 777, "FT-x1"),
        slip,
        first,
        _exported(first),
        second,
        _exported(second),
        third,
        _exported(third),
        by_fee,
        replace(by_fee, status=NoticeStatus.PENDING),
        *_settlements(a1, a6),
        *_gateway(attempt(story, "A4"), attempt(story, "A5")),
    ]
    return story, facts


def _settlements(a1: str, a6: str) -> list[object]:
    """What the portal settled: A1 whole, A6 less a fee of 55, each told in a file of its own day."""
    of_day = settled(line(1, K.COLLECTION, "GD1", 5_000, 0, a1), rail="portal", name="20260710_HP_1")
    of_next = settled(line(1, K.COLLECTION, "GD6", 5_000, 55, a6), rail="portal", name="20260711_HP_1")
    return [Settles(unit="HP", settlement=one) for one in (of_day, of_next)]


def _gateway(a4: str, a5: str) -> list[object]:
    """A4 is told of by a webhook, A5 by the payout alone; a foreign charge, a fee, money taken back by a dispute."""
    payout = settled(
        line(1, K.COLLECTION, "pi_4", 5_000, 100, a4),
        line(2, K.COLLECTION, "pi_5", 5_000, 100, a5),
        line(3, K.COLLECTION, "pi_x", 7_000, 0),
        line(4, K.FEE, "fee_1", -300),
        line(5, K.ADJUSTMENT, "dp_1", -2_000),
        name=PO,
    )
    webhook = replace(_webhook(None, 14_500, "FT-po", PAID_OUT), lump=True)
    return [
        told("pi_4", a4),
        told("pi_4", a4, status=NoticeStatus.FAILED),
        Settles(unit="A", settlement=payout),
        replace(told("dp_1", "pi_4", 2_000), source="gateway:case:withdrawn"),
        webhook,
    ]


COUNT = 25


def _play(order: tuple[int, ...]) -> dict[str, object]:
    story, facts = _story()
    assert len(facts) == COUNT
    for place in order:
        fact = facts[place]
        if isinstance(fact, collect.Notice):
            story.tell(fact, on=LATER)
        elif isinstance(fact, Settles):
            take(story, fact.settlement, unit=fact.unit, on=LATER)
        else:
            story.do("VH-KT", LATER, fact)
    hold_together(story, {"A": "VH", **ABOVE})
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [f.sentence for check in verdict.checks for f in check.findings] == []
    return {**story.balances("A"), "owed": story.owed("A")}


@cache
def _expected() -> dict[str, object]:
    return _play(tuple(range(COUNT)))


def test_told_in_their_order_the_facts_end_as_reckoned_by_hand() -> None:
    # A1 5,000 once; A2 20,000 for 14,190 owed; A3 5,000 twice, one of them credit; 777 twice without an owner.
    # A4 and A5 5,000 by the gateway, less 100 each; 7,000 of nobody; a fee of 300; 2,000 missing. A6 5,000 less 55.
    assert _expected() == {
        "1120": 100_000 + 36_554 + 4_945 + 14_500,
        "1370": 2_000,
        "3310": 24_190 + 15_000,
        "3340": 10_810,
        "3380": 1_554 + 7_000,
        "4310": 100_000,
        "6310": 55 + 200 + 300,
        "owed": 0,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(COUNT)), again=st.lists(st.integers(0, COUNT - 1), max_size=8), places=st.data())
def test_any_order_and_repetition_over_all_channels_end_in_the_same_book(
    order: list[int], again: list[int], places: st.DataObject
) -> None:
    chosen = list(order)
    for fact in again:
        chosen.insert(places.draw(st.integers(0, len(chosen))), fact)
    assert _play(tuple(chosen)) == _expected()
