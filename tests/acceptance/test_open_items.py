"""Decisions on money that no rule could place: each holds once, is undone by its number, and every book follows."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.notice import NoticeStatus
from domain.open_item import DecisionKind, line_item
from domain.period import Month
from domain.reference import Reference
from ledger.handlers import bank_slips, collect
from ledger.handlers.open_items import (
    ApproveDecision,
    Asked,
    BatchRow,
    Decide,
    DecideBatch,
    PartAsked,
    UndoDecision,
    decisions_of,
)
from ledger.open_items import open_items
from tests.acceptance.story import BIN, Story, account, at, into, out
from tests.acceptance.test_closing_months import refusal, sound
from tests.acceptance.test_corrections import owed, payment, played

A = UnitId("A")
DAY = date(2026, 7, 21)
MAKER, OTHER = "VH-KT", "A-BT"
STRAY = payment("stray")


def asked(kind: DecisionKind, *parts: tuple[str, int | None], **told: Any) -> Asked:
    """A decision on the 70,000 that wait, unless another item is named."""
    members = tuple(PartAsked(member_id=MemberId(who), month=Month("2026-07"), amount=n) for who, n in parts)
    return Asked(**{"item": STRAY, "kind": kind, "reason": "đã hỏi người gửi", "parts": members, **told})


def decide(story: Story, what: Asked, on: date = DAY, by: str = MAKER) -> dict[str, Any]:
    """Decide for cell A."""
    return story.do(by, on, Decide(unit_id=A, asked=what))


def undo(story: Story, number: str, on: date = DAY) -> None:
    """One proposes to undo, another agrees."""
    made = story.do("A-TP", on, UndoDecision(unit_id=A, decision_id=number, reason="nhầm người"))
    if made["state"] == "proposed":
        story.do(OTHER, on, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))


def waiting(story: Story, item: str = STRAY) -> int:
    """What of a payment waits."""
    return int(story.installation.ledger.work().payment(PaymentId(item)).suspense)


def test_a_transfer_is_divided_among_members_to_the_dong_and_undone_by_its_number(story: Story) -> None:
    played(story)
    before = story.balances("A")
    made = decide(story, asked(DecisionKind.SPLIT, ("A3", 50_000), ("A2", 20_000)))
    assert (made["decision_id"], made["state"], made["amount"]) == ("A/QD-1", "taken", 70_000)
    assert (owed(story, "A3"), waiting(story)) == (20_000, 0)
    sound(story)
    undo(story, "A/QD-1")
    assert story.balances("A") == before
    assert (owed(story, "A3"), waiting(story)) == (70_000, 70_000)
    sound(story)


def test_a_division_that_does_not_add_up_is_refused(story: Story) -> None:
    played(story)
    command = Decide(unit_id=A, asked=asked(DecisionKind.SPLIT, ("A3", 50_000), ("A2", 19_999)))
    assert refusal(story, MAKER, DAY, command).code is RefusalCode.AMOUNT_DIFFERS


def test_who_decides_second_on_the_same_item_is_told_who_was_first(story: Story) -> None:
    played(story)
    decide(story, asked(DecisionKind.IDENTIFY, ("A3", None)))
    no = refusal(story, MAKER, DAY, Decide(unit_id=A, asked=asked(DecisionKind.IDENTIFY, ("A2", None))))
    assert no.code is RefusalCode.NOT_IN_SUSPENSE
    assert "VH-KT đã quyết định" in no.message
    assert "A/QD-1" in no.message


def test_money_goes_back_to_its_sender_through_a_refund_that_names_the_transfer(story: Story) -> None:
    played(story)
    made = decide(story, asked(DecisionKind.REJECT))
    state = story.installation.ledger.work().refund(made["refund_id"])
    assert "FT-stray" in state.requested.reason  # type: ignore[union-attr]
    (item,) = open_items(story.installation.ledger.work(), story.installation.store, [A], DAY)
    assert (item.what, item.amount) == ("refund-asked", 70_000)
    sound(story)
    undo(story, made["decision_id"])
    assert decide(story, asked(DecisionKind.IDENTIFY, ("A3", None)))["amount"] == 70_000
    sound(story)


def test_unclaimed_money_becomes_other_income_after_its_days_by_two_people(story: Story) -> None:
    played(story)
    off = asked(DecisionKind.WRITE_OFF, document="QD-12")
    assert refusal(story, MAKER, DAY, Decide(unit_id=A, asked=off)).code is RefusalCode.DECISION_STATE
    late = date(2027, 7, 20)
    before = story.balances("A")
    made = decide(story, off, late)
    assert (made["state"], waiting(story)) == ("proposed", 70_000)
    approve = ApproveDecision(unit_id=A, decision_id=made["decision_id"])
    assert refusal(story, MAKER, late, approve).code is RefusalCode.MAKER_IS_CHECKER
    story.do(OTHER, late, approve)
    assert (story.balances("A")["4320"], waiting(story)) == (70_000, 0)
    sound(story)
    undo(story, made["decision_id"], late)
    assert story.balances("A") == before
    sound(story)
    assert refusal(story, OTHER, late, approve).code is RefusalCode.DECISION_STATE


def test_a_small_difference_is_written_off_at_once_but_only_with_a_paper(story: Story) -> None:
    played(story)
    decide(story, asked(DecisionKind.IDENTIFY, ("A3", 69_500)))
    small = asked(DecisionKind.WRITE_OFF)
    assert refusal(story, MAKER, DAY, Decide(unit_id=A, asked=small)).code is RefusalCode.DECISION_STATE
    made = decide(story, replace(small, document="QD-13"))
    story.do(OTHER, DAY, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
    assert (story.balances("A")["4320"], waiting(story)) == (500, 0)
    sound(story)


def test_waiting_has_an_owner_and_a_day_and_shows_when_the_day_is_over(story: Story) -> None:
    played(story)
    story.bank("A", DAY, out("y", DAY, 3_000), clean=False)
    key = next(k for k, x in story.installation.ledger.work().account(account("A")).lines.items() if x.amount == 3_000)
    line = line_item(account("A"), key)
    for item in (STRAY, line):
        decide(story, asked(DecisionKind.WAIT, item=item, until=date(2026, 7, 25), owner="A-TP"))
    found = {one.item: one for one in open_items(story.installation.ledger.work(), story.installation.store, [A], DAY)}
    assert (found[line].amount, found[line].owner, found[line].waits_until) == (-3_000, "A-TP", date(2026, 7, 25))
    assert found[STRAY].next_step == "chờ đến 25/07/2026"
    later = open_items(story.installation.ledger.work(), story.installation.store, [A], date(2026, 7, 26))
    assert all(one.next_step.startswith("đã hết hạn chờ") for one in later)
    back = Decide(unit_id=A, asked=asked(DecisionKind.WAIT, until=DAY))
    assert refusal(story, MAKER, DAY, back).code is RefusalCode.DECISION_STATE
    sound(story)


def test_a_fee_that_was_withheld_between_portal_and_bank_is_accepted_and_undone(story: Story) -> None:
    played(story)
    reference = story.pay_by_portal("A", "A3", "2026-07", DAY)
    story.bank("A", date(2026, 7, 23), into("less", date(2026, 7, 23), 68_900, reference))
    less = payment("less")
    before = story.balances("A")
    assert (before["1140"], waiting(story, less)) == (70_000, 68_900)
    (item,) = [
        one
        for one in open_items(story.installation.ledger.work(), story.installation.store, [A], DAY)
        if one.item == less
    ]
    assert item.what == "small-credit"
    made = decide(story, asked(DecisionKind.ACCEPT_FEE, item=less), date(2026, 7, 24))
    assert (made["fee"], made["credited"]) == (1_100, 68_900)
    after = story.balances("A")
    assert ("1140" in after, after["6310"], waiting(story, less)) == (False, 1_100, 0)
    sound(story)
    undo(story, made["decision_id"], date(2026, 7, 24))
    assert story.balances("A") == before
    sound(story)


def test_a_list_of_decisions_holds_as_a_whole_or_not_at_all(story: Story) -> None:
    played(story)
    story.bank("A", DAY, into("two", DAY, 5_000))
    rows = (
        BatchRow(where="dòng 2", asked=asked(DecisionKind.IDENTIFY, ("A3", None))),
        BatchRow(where="dòng 3", asked=asked(DecisionKind.DUPLICATE, ("A1", None), item=payment("nobody"))),
        BatchRow(where="dòng 4", asked=asked(DecisionKind.IDENTIFY, ("A2", 9_000), item=payment("two"))),
    )
    no = refusal(story, MAKER, DAY, DecideBatch(unit_id=A, rows=rows))
    assert no.code is RefusalCode.BATCH_REFUSED
    assert "dòng 3" in no.message
    assert "dòng 4" in no.message
    assert "dòng 2" not in no.message
    assert decisions_of(story.installation.ledger.work(), A).count == 0
    good = (
        rows[0],
        BatchRow(
            where="dòng 3",
            asked=replace(rows[2].asked, kind=DecisionKind.DUPLICATE, parts=(PartAsked(member_id=MemberId("A1")),)),
        ),
    )
    answer = story.do(MAKER, DAY, DecideBatch(unit_id=A, rows=good))
    assert [one["decision_id"] for one in answer["decisions"]] == ["A/QD-1", "A/QD-2"]
    assert story.installation.ledger.work().dues(MemberId("A1"), 2026).credit == 5_000
    sound(story)


def test_a_decision_is_undone_once_and_by_two_people(story: Story) -> None:
    played(story)
    decide(story, asked(DecisionKind.IDENTIFY, ("A3", None)))
    again = UndoDecision(unit_id=A, decision_id="A/QD-1", reason="nhầm")
    made = story.do("A-TP", DAY, again)
    assert made["state"] == "proposed"
    assert refusal(story, "A-TP", DAY, again).code is RefusalCode.DECISION_STATE
    approve = ApproveDecision(unit_id=A, decision_id=made["decision_id"])
    assert refusal(story, "A-TP", DAY, approve).code is RefusalCode.MAKER_IS_CHECKER
    story.do(OTHER, DAY, approve)
    assert refusal(story, "A-TP", DAY, again).code is RefusalCode.DECISION_STATE
    missing = UndoDecision(unit_id=A, decision_id="A/QD-9", reason="nhầm")
    assert refusal(story, "A-TP", DAY, missing).code is RefusalCode.DECISION_UNKNOWN


# --- a bank slip entered by hand ----------------------------------------------------------------------------------


def slip(story: Story, reference: str | None, amount: int, on: date = DAY, number: str | None = None) -> dict[str, Any]:
    """An accountant enters a bank slip."""
    command = bank_slips.RecordTransfer(
        unit_id=A,
        account_id=account("A"),
        slip="CT-1",
        amount=amount,
        paid_on=on,
        reference=None if reference is None else Reference(reference),
        bank_number=number,
        evidence_id=None,
    )
    return story.do(MAKER, on + timedelta(days=2), command)


@pytest.mark.parametrize("slip_first", [True, False])
@pytest.mark.parametrize("number", [None, "FT-s"])
def test_a_slip_and_the_statement_tell_of_one_transfer(story: Story, slip_first: bool, number: str | None) -> None:
    played(story)
    reference = story.reference("A3", "2026-07")
    if slip_first:
        slip(story, reference, 70_000, number=number)
    story.bank("A", date(2026, 7, 22), into("s", DAY, 70_000))
    if not slip_first:
        slip(story, reference, 70_000, number=number)
    assert owed(story, "A3") == 0
    assert story.balances("A")["1120"] == 1_200_000 + 100_000 + 70_000 + 70_000
    assert waiting(story) == 70_000
    sound(story)


@pytest.mark.parametrize("teller", ["casso", "sepay-hub"])
def test_two_equal_transfers_stay_two_whoever_tells_of_them(story: Story, teller: str) -> None:
    played(story)
    reference = story.reference("A3", "2026-07")
    slip(story, reference, 70_000)
    for number in ("sepay:1", f"{teller}:1", "sepay:2", f"{teller}:2"):
        webhook = collect.Notice(
            source=f"bank:{BIN}:00A",
            outside_reference=number,
            status=NoticeStatus.PAID,
            reference=reference,
            found=(),
            amount=70_000,
            paid_at=at(DAY),
            account_number="00A",
            payer_key=None,
            evidence_id=None,
        )
        story.tell(webhook, on=DAY)
    story.bank("A", date(2026, 7, 22), into("s1", DAY, 70_000, reference), into("s2", DAY, 70_000, reference))
    assert story.balances("A")["1120"] == 1_200_000 + 100_000 + 70_000 + 140_000
    assert story.installation.ledger.work().dues(MemberId("A3"), 2026).credit == 70_000
    sound(story)


def test_a_slip_whose_number_another_day_s_slip_bears_is_refused_and_never_lost(story: Story) -> None:
    played(story)
    reference = story.reference("A3", "2026-07")
    first = slip(story, reference, 70_000)
    assert slip(story, reference, 70_000)["outcome"] == "witness", "the same paper entered twice"
    with pytest.raises(Refusal) as caught:
        slip(story, reference, 70_000, on=date(2026, 7, 28))
    assert caught.value.code is RefusalCode.SLIP_NUMBER_TAKEN
    assert f"{DAY:%d/%m/%Y}" in caught.value.message
    assert waiting(story, first["payment_id"]) == 0
    sound(story)


def test_a_slip_with_another_reference_than_a_request_for_this_account_is_refused(story: Story) -> None:
    played(story)
    with pytest.raises(Refusal) as caught:
        slip(story, "HJ23456789AB", 70_000)
    assert caught.value.code is RefusalCode.UNKNOWN_REFERENCE
    assert AccountId(account("A")) in caught.value.message
