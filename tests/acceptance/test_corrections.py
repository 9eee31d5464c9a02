"""Setting entries right: the wrong one is turned round, the right one stands beside it, and every book follows."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import correction
from domain.correction import EntryReversed, Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.payment import NotSeen
from domain.period import Month
from ledger.handlers import ask, close, collect, correct, statements
from tests.acceptance.story import Cell, Story, account, into, member, out
from tests.acceptance.test_closing_months import refusal, sound

A, WARD = UnitId("A"), UnitId("VH")
TODAY = date(2026, 8, 3)


def played(story: Story) -> Story:
    """Two cells; A1 pays by transfer, A2 in cash, 70,000 waits without an owner."""
    story.set_up([Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000)),
        member("A3", "SI_COMPULSORY", ("si-salary", 7_000_000)),
    )
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 8_000_000)))
    story.assess("VH", "2026-07", date(2026, 7, 1))
    story.request("VH", "2026-07", date(2026, 7, 1))
    story.bank(
        "A",
        date(2026, 7, 20),
        into("a1", date(2026, 7, 9), 100_000, story.reference("A1", "2026-07")),
        into("stray", date(2026, 7, 15), 70_000),
    )
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 12))
    return story


def payment(reference: str, unit: str = "A") -> PaymentId:
    """The id of a transfer."""
    return PaymentId(f"bank:{account(unit)}/FT-{reference}")


def corrected(
    story: Story, wanted: Wanted, number: str = "DC-1", *, unit: str = "A", by: str = "A-TP", also: str = "A-BT"
) -> dict[str, Any]:
    """Proposed by one and approved by another."""
    asked = correct.CorrectEntry(
        unit_id=UnitId(unit), correction_id=number, wanted=wanted, reason="ghi nhầm", decision="BB-07"
    )
    assert story.do(by, TODAY, asked)["state"] == "proposed"
    approve = correct.ApproveCorrection(unit_id=UnitId(unit), correction_id=number)
    return story.do(also, TODAY, approve)


def reversals(story: Story, unit: str = "A") -> list[EntryReversed]:
    """The reversed entries of a unit."""
    events = story.installation.ledger.work().events(correction.stream(UnitId(unit)))
    return [event for event in events if isinstance(event, EntryReversed)]


def identify(story: Story, who: str, amount: int = 70_000) -> dict[str, Any]:
    """A person says whose the waiting money is."""
    command = statements.IdentifySuspense(
        unit_id=A,
        payment_id=payment("stray"),
        member_id=MemberId(who),
        month=Month("2026-07"),
        amount=amount,
        ground="giống tên",
    )
    return story.do("VH-KT", date(2026, 7, 21), command)


def owed(story: Story, who: str, year: int = 2026) -> int:
    """What a member owes, all months together."""
    from domain import dues_account

    return dues_account.total_owed(story.installation.ledger.work().dues(MemberId(who), year))


def test_money_identified_to_a_wrong_member_goes_back_to_suspense(story: Story) -> None:
    played(story)
    before = story.balances("A")
    identify(story, "A3")
    answer = corrected(story, Wanted(kind=Kind.MATCH, payment_id=payment("stray")))
    assert (answer["amount"], answer["voided_receipt"]) == (70_000, 3)
    assert story.balances("A") == before
    assert (owed(story, "A3"), story.installation.ledger.work().payment(payment("stray")).suspense) == (70_000, 70_000)
    (made,) = reversals(story)
    assert (made.original, made.replaced_by, made.approved_by) == (payment("stray"), None, "A-BT")
    sound(story)


def test_money_identified_to_a_wrong_member_goes_to_the_right_one_with_a_new_receipt(story: Story) -> None:
    played(story)
    identify(story, "A2")
    assert story.installation.ledger.work().dues(MemberId("A2"), 2026).credit == 70_000
    wanted = Wanted(kind=Kind.MATCH, payment_id=payment("stray"), to_member=MemberId("A3"), to_month=Month("2026-07"))
    answer = corrected(story, wanted)
    assert (answer["dues"], answer["receipt"], answer["voided_receipt"]) == (70_000, 4, 3)
    assert (owed(story, "A3"), story.installation.ledger.work().dues(MemberId("A2"), 2026).credit) == (0, 0)
    sound(story)


def test_a_transfer_applied_to_a_wrong_member_is_applied_rightly_and_both_accounts_show_it(story: Story) -> None:
    played(story)
    wanted = Wanted(
        kind=Kind.MATCH,
        payment_id=payment("a1"),
        member_id=MemberId("A1"),
        to_member=MemberId("A3"),
        to_month=Month("2026-07"),
    )
    corrected(story, wanted)
    assert (owed(story, "A1"), owed(story, "A3")) == (100_000, 0)
    assert story.installation.ledger.work().dues(MemberId("A3"), 2026).credit == 30_000
    sound(story)


def test_credit_that_answered_for_a_later_month_meanwhile_is_taken_off_it(story: Story) -> None:
    played(story)
    identify(story, "A2")
    story.assess("VH", "2026-08", date(2026, 8, 1))
    assert owed(story, "A2") == 0
    corrected(story, Wanted(kind=Kind.MATCH, payment_id=payment("stray")))
    assert (owed(story, "A2"), story.installation.ledger.work().dues(MemberId("A2"), 2026).credit) == (30_000, 0)
    sound(story)


def test_a_wrong_cash_entry_is_replaced_and_its_receipt_is_void(story: Story) -> None:
    played(story)
    wanted = Wanted(
        kind=Kind.CASH,
        payment_id=PaymentId("cash:A/1"),
        to_month=Month("2026-07"),
        amount=20_000,
        slip="1-thay",
    )
    answer = corrected(story, wanted)
    assert (answer["voided_receipt"], answer["receipt"], answer["replaced_by"]) == (2, 3, "cash:A/1-thay")
    assert (story.balances("A")["1110"], owed(story, "A2")) == (20_000, 10_000)
    (made,) = reversals(story)
    assert [(x.account, x.debit, x.credit) for x in made.lines] == [("3310", 30_000, 0), ("1110", 0, 30_000)]
    assert made.replaced_by == "cash:A/1-thay"
    sound(story)


def test_cash_that_was_never_taken_is_taken_back_without_a_new_entry(story: Story) -> None:
    played(story)
    corrected(story, Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1")))
    assert "1110" not in story.balances("A")
    assert isinstance(story.installation.ledger.work().payment(PaymentId("cash:A/1")), NotSeen)
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 12))
    sound(story)


def test_cash_that_has_gone_to_the_bank_is_not_taken_back(story: Story) -> None:
    played(story)
    bag = collect.TakeCashBag(unit_id=A, amount=30_000, taken_on=date(2026, 7, 21))
    story.do("A-TP", date(2026, 7, 21), bag)
    with pytest.raises(Refusal) as caught:
        corrected(story, Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1")))
    assert caught.value.code is RefusalCode.CORRECTION_BLOCKED
    assert caught.value.details["account"] == "1110"
    assert reversals(story) == []


def test_money_that_was_declared_and_split_is_not_taken_back_but_may_change_its_owner(story: Story) -> None:
    played(story)
    story.declare("A", "2026-07", date(2026, 8, 1))
    wanted = Wanted(kind=Kind.MATCH, payment_id=payment("a1"), member_id=MemberId("A1"))
    with pytest.raises(Refusal) as caught:
        corrected(story, wanted)
    assert caught.value.code is RefusalCode.CORRECTION_BLOCKED
    moved = replace(wanted, to_member=MemberId("A3"), to_month=Month("2026-07"))
    with pytest.raises(Refusal):
        # 30,000 would become credit, which the split has passed on already.
        corrected(story, moved, "DC-2")
    sound(story)


def test_a_statement_of_a_wrong_file_is_taken_back_as_a_whole_and_may_come_again(story: Story) -> None:
    played(story)
    before = story.balances("A")
    wrong = story.statement(
        "A",
        date(2026, 7, 31),
        into("x1", date(2026, 7, 25), 70_000, story.reference("A3", "2026-07")),
        into("x2", date(2026, 7, 26), 5_000),
        out("fee", date(2026, 7, 31), 11_000, content="THU PHI DICH VU"),
        out("y", date(2026, 7, 31), 3_000),
    )
    story.do("VH-KT", date(2026, 8, 1), wrong)
    wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=wrong.file_digest)
    answer = corrected(story, wanted)
    assert (answer["lines"], answer["reversed"]) == (4, 3)
    assert story.balances("A") == before
    assert owed(story, "A3") == 70_000
    assert story.installation.ledger.work().account(account("A")).files == frozenset(
        story.installation.ledger.work().account(account("A")).files - {wrong.file_digest}
    )
    sound(story)
    again = story.do("VH-KT", TODAY, wrong)
    assert (again["known"], again["placed"]) == (False, {"reference": 1, "suspense": 1, "bank-fee": 1})
    sound(story)


def test_an_import_on_which_a_declaration_depends_is_refused_by_name(story: Story) -> None:
    played(story)
    made = story.statement(
        "A", date(2026, 7, 31), into("x1", date(2026, 7, 25), 70_000, story.reference("A3", "2026-07"))
    )
    story.do("VH-KT", date(2026, 8, 1), made)
    story.declare("A", "2026-07", date(2026, 8, 1))
    with pytest.raises(Refusal) as caught:
        corrected(story, Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest))
    assert caught.value.code is RefusalCode.CORRECTION_BLOCKED
    assert (caught.value.details["account"], caught.value.details["unit"]) == ("3310", "A")


def test_only_the_newest_statement_of_an_account_is_taken_back(story: Story) -> None:
    played(story)
    first = next(iter(story.installation.ledger.work().account(account("A")).files))
    story.bank("A", date(2026, 7, 31))
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=first),
        reason="nhầm tệp",
        decision="BB-07",
    )
    assert refusal(story, "A-TP", TODAY, asked).code is RefusalCode.CORRECTION_BLOCKED


def test_one_person_alone_corrects_nothing_above_the_threshold(story: Story) -> None:
    played(story)
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1")),
        reason="ghi nhầm",
        decision="BB-07",
    )
    story.do("A-TP", TODAY, asked)
    assert reversals(story) == []
    approve = correct.ApproveCorrection(unit_id=A, correction_id="DC-1")
    assert refusal(story, "A-TP", TODAY, approve).code is RefusalCode.MAKER_IS_CHECKER
    story.do("A-BT", TODAY, approve)
    assert refusal(story, "A-BT", TODAY, approve).code is RefusalCode.CORRECTION_UNKNOWN
    sound(story)


def test_a_correction_of_a_closed_month_is_booked_in_the_open_one(story: Story) -> None:
    played(story)
    kinds = ("suspense", "statement", "period", "cash-count")
    explained = tuple(close.Explanation(kind=kind, key=None, reason="đang đối chiếu") for kind in kinds)
    july = Month("2026-07")
    story.do("A-TP", TODAY, close.CloseMonth(unit_id=A, month=july, explanations=explained))
    before = story.books().month_books().figures(A, july).lines
    wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1"), to_month=july, amount=20_000, slip="1-thay")
    corrected(story, wanted)
    books = story.books().month_books()
    assert books.figures(A, july).lines == before
    assert [(x.event, x.occurred_on, x.month) for x in books.late("A")] == [
        ("payment-received", date(2026, 7, 12), "2026-08")
    ]
    sound(story)


def test_an_import_that_credited_a_portal_payment_and_a_cash_bag_puts_both_on_their_way_again(story: Story) -> None:
    played(story)
    reference = story.pay_by_portal("A", "A3", "2026-07", date(2026, 7, 21))
    bag = story.do("A-TP", date(2026, 7, 21), collect.TakeCashBag(unit_id=A, amount=30_000, taken_on=date(2026, 7, 21)))
    before = story.balances("A")
    wrong = story.statement(
        "A",
        date(2026, 7, 31),
        into("portal", date(2026, 7, 23), 70_000, reference),
        into("bag", date(2026, 7, 24), 30_000, str(bag["bag"])),
    )
    placed = story.do("VH-KT", date(2026, 8, 1), wrong)["placed"]
    assert placed == {"portal-credit": 1, "cash-bag": 1}
    wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=wrong.file_digest)
    assert corrected(story, wanted)["reversed"] == 2
    assert story.balances("A") == before
    assert (before["1130"], before["1140"]) == (30_000, 70_000)
    sound(story)
    assert story.do("VH-KT", TODAY, wrong)["placed"] == placed
    assert "1130" not in story.balances("A")
    sound(story)


def test_an_import_that_proved_a_remittance_is_refused_by_name(story: Story) -> None:
    played(story)
    story.bank("A", date(2026, 7, 31))
    story.declare("A", "2026-07", date(2026, 8, 1))
    story.remit("A", "VH", "2026-07", date(2026, 8, 3))
    state = story.installation.ledger.work().account(account("A"))
    newest = [
        event.file_digest
        for event in story.installation.ledger.work().events(f"account/{account('A')}")
        if hasattr(event, "file_digest")
    ][-1]
    assert newest in state.files
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=newest),
        reason="nhầm tệp",
        decision="BB-07",
    )
    no = refusal(story, "A-TP", TODAY, asked)
    assert no.code is RefusalCode.CORRECTION_BLOCKED
    assert "remittance-debit" in no.message
    assert story.installation.ledger.work().corrections(A).proposed == {}


def test_one_member_s_part_of_a_payment_of_several_is_taken_back_and_the_rest_gets_a_new_receipt(story: Story) -> None:
    played(story)
    story.assess("VH", "2026-08", date(2026, 8, 1))
    lines = tuple(
        ask.BatchLine(member_id=MemberId(who), month=Month(month), amount=amount, cash_payment_id=None)
        for who, month, amount in (("A1", "2026-08", 100_000), ("A3", "2026-07", 70_000))
    )
    opened = story.do("A-TP", date(2026, 8, 1), ask.OpenBatchAttempt(unit_id=A, lines=lines))
    story.bank("A", date(2026, 8, 2), into("batch", date(2026, 8, 2), 170_000, str(opened["reference"])))
    assert owed(story, "A3") == 70_000
    answer = corrected(story, Wanted(kind=Kind.MATCH, payment_id=payment("batch"), member_id=MemberId("A3")))
    assert (answer["amount"], answer["voided_receipt"]) == (70_000, 3)
    assert owed(story, "A3") == 140_000
    book = story.installation.ledger.work().receipts(A, 2026)
    assert (book.last, book.by_payment[payment("batch")]) == (4, 4)
    assert story.balances("A")["3380"] == 140_000
    sound(story)


def test_money_that_lies_with_a_holder_goes_back_to_the_holder_s_suspense(story: Story) -> None:
    played(story)
    story.bank("VH", date(2026, 7, 20), into("b1", date(2026, 7, 9), 80_000, story.reference("B1", "2026-07")))
    wanted = Wanted(
        kind=Kind.MATCH,
        payment_id=payment("b1", "VH"),
        to_member=MemberId("A3"),
        to_month=Month("2026-07"),
    )
    corrected(story, wanted, unit="VH", by="VH-KT", also="VH-CU")
    assert (owed(story, "B1"), owed(story, "A3")) == (80_000, 0)
    assert "1390" not in story.balances("B")
    assert (story.balances("A")["1390"], story.balances("VH")["3390"]) == (80_000, 80_000)
    sound(story)


def test_a_month_settled_in_an_earlier_year_is_owed_again_in_this_one(story: Story) -> None:
    played(story)
    identify(story, "A3")
    january = date(2027, 1, 20)
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.MATCH, payment_id=payment("stray")),
        reason="ghi nhầm",
        decision="BB-07",
    )
    story.do("A-TP", january, asked)
    story.do("A-BT", january, correct.ApproveCorrection(unit_id=A, correction_id="DC-1"))
    assert owed(story, "A3", 2027) == 70_000
    story.cash("A", "9", "A3", 70_000, date(2027, 1, 21))
    assert owed(story, "A3", 2027) == 0
    sound(story)
