"""One transfer told by every channel, in any order and any number of times, is one receipt; true twins are two."""

import hashlib
from dataclasses import replace
from datetime import date
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import wiring
from domain.identifiers import UnitId
from domain.notice import NoticeStatus
from domain.reference import Reference
from ledger.handlers import bank_slips, collect, statements
from tests.acceptance.story import BIN, START, Cell, Story, account, at, into, member
from tests.acceptance.story import settings as installation_settings
from tests.acceptance.tables import ABOVE, hold_together

DAY, NEXT = date(2026, 7, 10), date(2026, 7, 11)
LATER = date(2026, 7, 15)


def _webhook(reference: str | None, amount: int, number: str) -> collect.Notice:
    return collect.Notice(
        source=f"bank:{BIN}:00A",
        outside_reference=number,
        status=NoticeStatus.PAID,
        reference=None,
        found=() if reference is None else (reference,),
        amount=amount,
        paid_at=at(DAY),
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
    """A shard and what portal, two providers, a slip and two formats of two statements tell of one week."""
    story = Story(wiring.in_memory(installation_settings()))
    story.set_up([Cell(id="A")])
    story.enrol("A", member("A1", "STUDENT"), member("A2", "NON_SI_UNDER_RETIREMENT"), member("A3", "STUDENT"))
    story.assess("VH", "2026-07", START)
    story.request("VH", "2026-07", START)
    a1 = story.attempt("A", "A1", "2026-07", START)["reference"]
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
    facts: list[object] = [
        story.notice(a1, 5_000, DAY),
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
    ]
    return story, facts


COUNT = 13


def _play(order: tuple[int, ...]) -> dict[str, object]:
    story, facts = _story()
    for place in order:
        fact = facts[place]
        if isinstance(fact, collect.Notice):
            story.tell(fact, on=LATER)
        else:
            story.do("VH-KT", LATER, fact)
    hold_together(story, {"A": "VH", **ABOVE})
    return {**story.balances("A"), "owed": story.owed("A")}


@cache
def _expected() -> dict[str, object]:
    return _play(tuple(range(COUNT)))


def test_told_in_their_order_the_facts_end_as_reckoned_by_hand() -> None:
    # A1 5,000 once; A2 20,000 for 14,190 owed; A3 5,000 twice, one of them credit; 777 twice without an owner.
    assert _expected() == {"1120": 36_554, "3310": 24_190, "3340": 10_810, "3380": 1_554, "owed": 0}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(COUNT)), again=st.lists(st.integers(0, COUNT - 1), max_size=8), places=st.data())
def test_any_order_and_repetition_over_all_channels_end_in_the_same_book(
    order: list[int], again: list[int], places: st.DataObject
) -> None:
    chosen = list(order)
    for fact in again:
        chosen.insert(places.draw(st.integers(0, len(chosen))), fact)
    assert _play(tuple(chosen)) == _expected()
