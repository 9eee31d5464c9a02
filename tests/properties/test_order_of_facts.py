"""The same facts in any order, any number of times, end in the same balances."""

from datetime import date, timedelta
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import wiring
from domain.notice import NoticeStatus
from ledger.handlers import collect
from tests.acceptance.story import BIN, START, Cell, Story, at, into, member
from tests.acceptance.story import settings as installation_settings
from tests.acceptance.tables import ABOVE, hold_together

DAY = date(2026, 7, 10)


def _story() -> tuple[Story, list[object]]:
    """A fresh shard and the facts of one week: portal, webhooks and three statements, doubled payments among them."""
    story = Story(wiring.in_memory(installation_settings()))
    story.set_up([Cell(id="A"), Cell(id="B", own_account=False)])
    for cell in ("A", "B"):
        story.enrol(cell, member(f"{cell}1", "STUDENT"), member(f"{cell}2", "NON_SI_UNDER_RETIREMENT"))
    story.assess("VH", "2026-07", START)
    story.request("VH", "2026-07", START)
    a1 = story.attempt("A", "A1", "2026-07", START)["reference"]
    b1 = story.attempt("B", "B1", "2026-07", START)["reference"]
    a2, b2 = story.reference("A2", "2026-07"), story.reference("B2", "2026-07")
    facts: list[object] = [
        story.notice(a1, 5_000, DAY),
        story.notice(a1, 5_000, DAY),
        story.notice(b1, 5_000, DAY),
        story.notice(b1, 4_999, DAY),
        story.notice("HJ23456789AB", 1_000, DAY),
        _webhook("A", a1, 5_000, "FT-a1"),
        _webhook("A", a2, 20_000, "FT-a2"),
        _webhook("A", None, 777, "FT-x"),
        _webhook("VH", b2, 14_190, "FT-b2"),
    ]
    next_day = DAY + timedelta(days=1)
    facts += [
        story.statement("A", DAY, into("a1", DAY, 5_000, a1), into("a2", DAY, 20_000, a2), into("x", DAY, 777)),
        story.statement("VH", DAY, into("b1", DAY, 5_000, b1), into("b2", DAY, 14_190, b2)),
        story.statement("A", next_day, into("a1-2", next_day, 5_000, a1), into("a2-2", next_day, 14_190, a2)),
    ]
    return story, facts


def _webhook(unit: str, reference: str | None, amount: int, number: str) -> collect.Notice:
    return collect.Notice(
        source=f"bank:{BIN}:00{unit}",
        outside_reference=number,
        status=NoticeStatus.PAID,
        reference=None,
        found=() if reference is None else (reference,),
        amount=amount,
        paid_at=at(DAY),
        account_number=f"00{unit}",
        payer_key=None,
        evidence_id=None,
    )


def _play(order: tuple[int, ...]) -> dict[str, dict[str, int]]:
    story, facts = _story()
    for place in order:
        fact = facts[place]
        if isinstance(fact, collect.Notice):
            story.tell(fact, on=DAY)
        else:
            story.do("VH-KT", date(2026, 7, 15), fact)
    hold_together(story, {"A": "VH", "B": "VH", **ABOVE})
    return {unit: story.balances(unit) for unit in ("A", "B", "VH")} | {
        "owed": {unit: story.owed(unit) for unit in ("A", "B")}
    }


@cache
def _expected() -> dict[str, dict[str, int]]:
    return _play(tuple(range(12)))


def test_the_facts_in_their_order_end_as_reckoned_by_hand() -> None:
    assert _expected() == {
        # A1 5,000 twice, A2 20,000 and 14,190 for 14,190 owed, 777 unknown.
        "A": {"1120": 44_967, "3310": 19_190, "3340": 25_000, "3380": 777},
        "B": {"1390": 19_190, "3310": 19_190},
        "VH": {"1120": 19_190, "3390": 19_190},
        "owed": {"A": 0, "B": 0},
    }


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(12)), again=st.lists(st.integers(0, 11), max_size=12), places=st.data())
def test_any_order_and_any_repetition_end_in_the_same_balances(
    order: list[int], again: list[int], places: st.DataObject
) -> None:
    chosen = list(order)
    for fact in again:
        chosen.insert(places.draw(st.integers(0, len(chosen))), fact)
    assert _play(tuple(chosen)) == _expected()
