"""Disputes and refunds nobody asked for: the money is missing by case until it comes back or two people decide."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain import dues_account
from domain.errors import Refusal
from domain.identifiers import MemberId, PaymentId
from domain.notice import NoticeStatus
from domain.open_item import DecisionKind
from domain.period import Month
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, UndoDecision
from ledger.open_items import open_items
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Story, into, settings
from tests.good_log import read_all
from tests.settled import DAY, PAID_OUT, A, K, line, ready, settled, take, told

LATER = date(2026, 7, 14)
CASE = "case:gateway/dp_9"


def fresh() -> tuple[Story, list[str]]:
    story = Story(wiring.in_memory(settings()))
    refs = ready(story)
    story.tell(told("pi_1", refs[0]))
    return story, refs


def said(word: str, amount: int = 5_000, case: str = "dp_9", about: str = "pi_1") -> Any:
    return told(case, about, amount, status=NoticeStatus.PENDING, source=f"gateway:case:{word}")


def took(refs: list[str]) -> Any:
    return settled(line(1, K.COLLECTION, "pi_2", 20_000, 0, None), line(2, K.ADJUSTMENT, "dp_9", -5_000, 300))


def gave() -> Any:
    return settled(line(1, K.ADJUSTMENT, "dp_9", 5_000), name="po_1EEEEEEEEEEEEEEE")


def decide(story: Story, kind: DecisionKind, **more: Any) -> str:
    asked = Asked(item=CASE, kind=kind, reason="cổng thẻ báo thua", document="QĐ-7", **more)
    made = story.do("VH-KT", LATER, Decide(unit_id=A, asked=asked))
    assert made["state"] == "proposed"
    story.do("A-BT", LATER, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
    return str(made["decision_id"])


def undo(story: Story, number: str) -> None:
    made = story.do("A-TP", LATER, UndoDecision(unit_id=A, decision_id=number, reason="nhầm"))
    if made["state"] == "proposed":
        story.do("A-BT", LATER, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))


def owed(story: Story) -> int:
    return dues_account.owed(story.installation.ledger.work().dues(MemberId("A1"), 2026), Month("2026-07"))


def verdict(events: Any) -> dict[str, list[str]]:
    return {c.id: [f.sentence for f in c.findings] for c in verify(events).checks if c.findings}


def good(story: Story) -> None:
    assert verdict(read_all(story.installation.store)) == {}


def test_money_withdrawn_is_missing_by_case_and_comes_back_when_the_case_is_won() -> None:
    story, _ = fresh()
    assert story.tell(said("opened")) == ["case-told"]
    assert "1370" not in story.balances("A")
    assert story.tell(said("withdrawn"), said("withdrawn"), said("lost")) == ["case-told"] * 3
    assert (story.balances("A")["1370"], story.balances("A").get("1140", 0)) == (5_000, 0)
    (item,) = open_items(story.installation.ledger.work(), story.installation.store, [A], LATER)
    assert (item.item, item.what, item.amount) == (CASE, "case", 5_000)
    good(story)
    story.tell(said("reinstated"))
    assert "1370" not in story.balances("A")
    assert story.balances("A")["1140"] == 5_000
    with pytest.raises(Refusal) as refused:
        decide(story, DecisionKind.BEAR_LOSS)
    assert "không còn thiếu" in refused.value.message
    good(story)


def test_messages_and_settlements_end_alike_in_any_order() -> None:
    ends = []
    for order in itertools.permutations(range(4)):
        story, refs = fresh()
        facts: list[Callable[[], object]] = [
            lambda s=story: s.tell(said("withdrawn")),
            lambda s=story: s.tell(said("reinstated")),
            lambda s=story, r=refs: take(s, took(r), on=LATER),
            lambda s=story: take(s, gave(), on=LATER),
        ]
        for place in (*order, order[0]):
            facts[place]()
        ends.append(story.balances("A"))
        good(story)
    assert all(end == ends[0] for end in ends)
    assert "1370" not in ends[0]


def test_a_case_of_a_payment_nobody_told_of_waits_for_the_settlement() -> None:
    story, refs = fresh()
    assert story.tell(said("withdrawn", about="pi_none", case="dp_9")) == ["case-waits"]
    assert "1370" not in story.balances("A")
    take(story, took(refs))
    assert story.balances("A")["1370"] == 5_000
    good(story)


def test_a_lost_case_is_borne_by_the_unit_when_two_decide_and_can_be_undone() -> None:
    story, _ = fresh()
    story.tell(said("withdrawn"))
    before = story.balances("A")
    number = decide(story, DecisionKind.BEAR_LOSS)
    assert story.balances("A") == {"1120": 1_000_000, "3310": 5_000, "4310": 1_000_000, "6310": 5_000}
    good(story)
    undo(story, number)
    assert story.balances("A") == before
    good(story)


def test_a_lost_case_may_open_the_dues_again() -> None:
    story, _ = fresh()
    story.tell(said("withdrawn"))
    before = story.balances("A")
    assert owed(story) == 0
    number = decide(story, DecisionKind.OPEN_AGAIN)
    assert story.balances("A") == {"1120": 1_000_000, "4310": 1_000_000}
    assert owed(story) == 5_000
    good(story)
    undo(story, number)
    assert story.balances("A") == {**{k: v for k, v in before.items() if k != "3310"}, "3380": 5_000}
    good(story)


def test_a_refund_nobody_asked_for_is_a_case_and_needs_its_payment_named() -> None:
    story, refs = fresh()
    take(story, settled(line(1, K.COLLECTION, "pi_1", 5_000, 0, refs[0]), line(2, K.REFUND, "dp_9", -5_000)))
    assert story.balances("A")["1370"] == 5_000
    with pytest.raises(Refusal) as refused:
        decide(story, DecisionKind.OPEN_AGAIN)
    assert "Nêu mã khoản" in refused.value.message
    decide(story, DecisionKind.OPEN_AGAIN, target=PaymentId("gateway/pi_1"))
    assert owed(story) == 5_000
    assert "1370" not in story.balances("A")
    good(story)


def test_a_case_is_never_closed_by_one_person_or_without_a_number() -> None:
    story, _ = fresh()
    story.tell(said("withdrawn"))
    asked = Asked(item=CASE, kind=DecisionKind.BEAR_LOSS, reason="thua")
    with pytest.raises(Refusal) as refused:
        story.do("VH-KT", LATER, Decide(unit_id=A, asked=asked))
    assert "số quyết định" in refused.value.message
    made = story.do("VH-KT", LATER, Decide(unit_id=A, asked=replace(asked, document="QĐ-7")))
    with pytest.raises(Refusal):
        story.do("VH-KT", LATER, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))


Events = list[Recorded]


@cache
def log() -> tuple[Recorded, ...]:
    """One case that opened the dues again, another that the unit bore and that was undone."""
    story, refs = fresh()
    story.tell(said("withdrawn"))
    decide(story, DecisionKind.OPEN_AGAIN)
    story.tell(told("pi_2", refs[1]), said("withdrawn", case="dp_8", about="pi_2"))
    asked = Asked(item="case:gateway/dp_8", kind=DecisionKind.BEAR_LOSS, reason="thua", document="QĐ-8")
    made = story.do("VH-KT", LATER, Decide(unit_id=A, asked=asked))
    story.do("A-BT", LATER, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
    undo(story, made["decision_id"])
    story.bank("A", LATER, into("x", PAID_OUT, 1_000))
    return tuple(r for r in read_all(story.installation.store) if isinstance(r, Recorded))


def edit(name: str, **changes: Any) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        place = next(n for n, recorded in enumerate(events) if recorded.name == name)
        event: Any = events[place].event
        events[place] = replace(events[place], event=replace(event, **changes))
        return events

    return tamper


def without(name: str) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        place = next(n for n, recorded in enumerate(events) if recorded.name == name)
        return [*events[:place], *events[place + 1 :]]

    return tamper


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (edit("case-told", moved_out=6_000), "kênh báo lấy"),
        (edit("case-closed", opened=4_000), "đang thiếu"),
        (edit("suspense-to-case", amount=4_000), "chỉ bù"),
        (without("suspense-to-case"), "chỉ bù"),
        (edit("case-reopened", amount=4_000), "khác số mà quyết định"),
    ],
)
def test_each_fault_is_found(fault: Callable[[Events], Events], words: str) -> None:
    assert verdict(log()) == {}
    found = verdict(fault(list(log())))
    assert any(words in sentence for sentence in found.get("A13", [])), found
    assert DAY < LATER
