"""A lump without the payout's id: a person says what it is; a payout that went back; a fee that a settlement states."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain.correction import Kind, Wanted
from domain.errors import Refusal
from domain.identifiers import PaymentId
from domain.open_item import DecisionKind, line_item
from ledger.handlers import correct
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, UndoDecision
from ledger.handlers.settlements import TakeSettlement
from ledger.open_items import open_items
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Story, account, into, out, settings
from tests.good_log import read_all
from tests.settled import DAY, PAID_OUT, PAYOUT, A, K, line, ready, settled, take, told

LATER = date(2026, 7, 14)
BY_ID = "TT PO_1QHXYZ2EZVKYLO2C"
CLEARED = {"1120": 1_008_400, "3310": 10_000, "4310": 1_000_000, "6310": 1_600}


def fresh() -> tuple[Story, list[str]]:
    story = Story(wiring.in_memory(settings()))
    return story, ready(story)


def payout(refs: list[str]) -> Any:
    lines = [line(n, K.COLLECTION, f"pi_{n}", 5_000, 300, refs[n - 1]) for n in (1, 2)]
    return settled(*lines, line(3, K.FEE, "txn_fee", -1_000))


def nameless(amount: int = 8_400) -> Story:
    """Two payments told and settled; the lump came without the payout's id and waits in suspense."""
    story, refs = fresh()
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]))
    take(story, payout(refs))
    placed = story.bank("A", PAID_OUT, into("po", PAID_OUT, amount, content="CONG TY CONG THE"))["placed"]
    assert placed == {"suspense": 1}
    return story


def waiting(story: Story) -> str:
    (item,) = open_items(story.installation.ledger.work(), story.installation.store, [A], LATER)
    return item.item


def decide(story: Story, item: str, target: str = f"gateway/{PAYOUT}") -> dict[str, Any]:
    asked = Asked(item=item, kind=DecisionKind.LUMP, reason="cổng thẻ xác nhận", target=PaymentId(target))
    return story.do("VH-KT", LATER, Decide(unit_id=A, asked=asked))


def undo(story: Story, number: str) -> None:
    made = story.do("A-TP", LATER, UndoDecision(unit_id=A, decision_id=number, reason="nhầm"))
    if made["state"] == "proposed":
        story.do("A-BT", LATER, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))


def verdict(events: Any) -> dict[str, list[str]]:
    return {c.id: [f.sentence for f in c.findings] for c in verify(events).checks if c.findings}


def good(story: Story) -> None:
    assert verdict(read_all(story.installation.store)) == {}


def test_a_person_says_which_payout_a_line_is_and_it_ends_as_if_the_id_had_been_there() -> None:
    story = nameless()
    before = story.balances("A")
    assert before["3380"] == 8_400
    made = decide(story, waiting(story))
    assert (made["outcome"], made["payments"]) == ("settlement-lump", 2)
    assert story.balances("A") == CLEARED
    good(story)
    undo(story, made["decision_id"])
    assert story.balances("A") == before
    good(story)
    assert decide(story, waiting(story))["payments"] == 2
    assert story.balances("A") == CLEARED
    good(story)


def test_a_line_of_another_amount_is_refused_with_the_difference() -> None:
    story = nameless(8_300)
    with pytest.raises(Refusal) as refused:
        decide(story, waiting(story))
    assert refused.value.code == "amount-differs"
    assert "lệch -100 đồng" in refused.value.message
    with pytest.raises(Refusal) as refused:
        decide(story, waiting(story), "gateway/po_1NOBODYTOLDOFIT")
    assert "Chưa có quyết toán" in refused.value.message


def test_a_statement_whose_line_was_named_is_withdrawn_once_the_decision_is_undone() -> None:
    story, refs = fresh()
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]))
    take(story, payout(refs))
    before = story.balances("A")
    made = story.statement("A", PAID_OUT, into("po", PAID_OUT, 8_400, content="CONG TY"))
    story.do("VH-KT", PAID_OUT, made)
    number = decide(story, waiting(story))["decision_id"]
    with pytest.raises(Refusal) as refused:
        withdraw(story, made)
    assert number in refused.value.message
    undo(story, number)
    withdraw(story, made)
    assert story.balances("A") == before
    good(story)


def withdraw(story: Story, made: Any) -> None:
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest),
        reason="nhầm tệp",
        decision="BB-07",
    )
    if story.do("A-TP", LATER, asked)["state"] == "proposed":
        story.do("A-BT", LATER, correct.ApproveCorrection(unit_id=A, correction_id="DC-1"))


# --- a payout that went back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("debit_first", [False, True])
def test_a_payout_that_the_bank_took_back_is_owed_again_and_paid_by_the_next(debit_first: bool) -> None:
    story, refs = fresh()
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]))
    take(story, payout(refs))
    lines = [into("po", PAID_OUT, 8_400, content=BY_ID), out("back", PAID_OUT, 8_400, content=f"HOAN TRA {BY_ID}")]
    placed = story.bank("A", PAID_OUT, *(reversed(lines) if debit_first else lines))["placed"]
    assert placed["settlement-lump" if debit_first else "settlement-returned"] == 1
    assert story.balances("A") == {
        "1120": 1_000_000,
        "1140": 9_000,
        "3310": 10_000,
        "4310": 1_000_000,
        "6310": 1_000,
    }
    good(story)
    again = settled(line(1, K.ADJUSTMENT, PAYOUT, 8_400), name="po_1DDDDDDDDDDDDDDD")
    assert take(story, again, on=LATER)["lines"][0]["outcome"] == "matched"
    story.bank("A", LATER, into("po2", LATER, 8_400, content="PO_1DDDDDDDDDDDDDDD"))
    assert story.balances("A") == CLEARED
    good(story)


def test_the_channel_s_word_that_a_paid_out_lump_failed_moves_nothing_and_says_what_is_awaited() -> None:
    story, refs = fresh()
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]))
    take(story, payout(refs))
    story.bank("A", PAID_OUT, into("po", PAID_OUT, 8_400, content=BY_ID))
    failed = TakeSettlement(unit_id=A, settlement=payout(refs), failed=True)
    assert "thu lại" in story.do("VH-KT", PAID_OUT, failed)["waits_for"]
    assert story.balances("A") == CLEARED
    # The debit came without the id: a person says so.
    story.bank("A", LATER, out("back", LATER, 8_400, content="THU HOI"), clean=False)
    assert story.balances("A") == CLEARED
    assert decide(story, waiting(story))["outcome"] == "settlement-returned"
    assert story.balances("A")["1140"] == 9_000
    assert line_item(account("A"), "").startswith("line:")
    good(story)


# --- a fee that the settlement states --------------------------------------------------------------------------------


def on_portal(story: Story) -> tuple[str, Any]:
    reference = str(story.attempt("A", "A1", "2026-07", DAY)["reference"])
    story.tell(story.notice(reference, 5_000, DAY, number="GD1"))
    fee = settled(line(1, K.COLLECTION, "GD1", 5_000, 200, reference), rail="portal", name="20260710_HP_1")
    return reference, fee


NET = {"1120": 1_004_800, "3310": 5_000, "4310": 1_000_000, "6310": 200}


def test_a_smaller_credit_is_the_amount_less_the_fee_that_the_settlement_states_in_either_order() -> None:
    story, _ = fresh()
    reference, fee = on_portal(story)
    take(story, fee)
    assert story.bank("A", PAID_OUT, into("p", PAID_OUT, 4_800, reference))["placed"] == {"portal-credit": 1}
    assert story.balances("A") == NET
    good(story)
    story, _ = fresh()
    reference, fee = on_portal(story)
    before = story.balances("A")
    made = story.statement("A", PAID_OUT, into("p", PAID_OUT, 4_800, reference))
    assert story.do("VH-KT", PAID_OUT, made)["placed"] == {"suspense": 1}
    # Nobody but a person may say that the rest is a fee until the channel does.
    assert story.balances("A")["3380"] == 4_800
    take(story, fee)
    assert story.balances("A") == NET
    good(story)
    withdraw(story, made)
    assert story.balances("A") == before
    good(story)
    assert story.do("VH-KT", LATER, made)["placed"] == {"portal-credit": 1}
    assert story.balances("A") == NET
    good(story)


def test_a_smaller_credit_than_the_fee_explains_waits_for_a_person() -> None:
    story, _ = fresh()
    reference, fee = on_portal(story)
    take(story, fee)
    assert story.bank("A", PAID_OUT, into("p", PAID_OUT, 4_700, reference))["placed"] == {"suspense": 1}
    good(story)


# --- faults ----------------------------------------------------------------------------------------------------------

Events = list[Recorded]


@cache
def log() -> tuple[Recorded, ...]:
    """A line named by a person, and a lump that went back."""
    story = nameless()
    decide(story, waiting(story))
    story.bank("A", LATER, out("back", LATER, 8_400, content=BY_ID))
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
    ("fault", "check", "words"),
    [
        (edit("suspense-to-lump", amount=8_300), "A13", "trên sao kê là"),
        (edit("suspense-to-lump", amount=8_300), "A14", "đã chuyển"),
        (without("suspense-to-lump"), "A14", "ở hai chỗ"),
        (edit("settlement-lump-returned", fees=700), "A13", "thu lại"),
        (edit("settlement-lump-returned", amount=8_300), "A13", "trên sao kê là"),
        (without("credit-returned"), "A13", "1 khoản thôi"),
        (without("settlement-lump-returned"), "I13", "không sự kiện"),
    ],
)
def test_each_fault_is_found(fault: Callable[[Events], Events], check: str, words: str) -> None:
    assert verdict(log()) == {}
    found = verdict(fault(list(log())))
    assert any(words in sentence for sentence in found.get(check, [])), found
