"""Reconciliation from a log that commands made: portal, bank and book, and the sending that was keyed wrong."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import wiring
from api.flows.reconcile import reconcile_accounts
from domain.bank_account import NotDues
from domain.errors import Malformed, Refusal
from domain.identifiers import AccountId, MemberId, PaymentId, RefundId, RemittanceId, UnitId
from domain.payment import Asset
from domain.remittance import Way
from ledger.books import balance
from ledger.handlers import collect, payouts, refunds, remit, statements
from ledger.reports_reconciliation import BreakKind, LeftoverKind, ReconciliationResult
from reconciliation.facts import NoticeFact
from reconciliation.gather import event_names, gather
from tests.acceptance.story import BIN, PROVINCE, START, WARD, Cell, Story, account, into, member, out, settings

JULY = "2026-07"
END = date(2026, 7, 31)
CELL = AccountId(f"{BIN}:00C")


def day(number: int, month: int = 7) -> date:
    return date(2026, month, number)


@pytest.fixture(scope="module")
def told() -> Story:
    """A July in which everything happens that a reconciliation has a name for."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="C", bank=1_000_000)])
    names = [f"C{n}" for n in range(1, 8)]
    story.enrol("C", *(member(name, "NON_SI_PENSIONER", ("pension", 10_000_000)) for name in names))
    story.assess("C", JULY, START)
    story.request("C", JULY, START)
    _by_portal(story)
    _by_transfer(story)
    _cash(story)
    _statement(story)
    return story


def _by_portal(story: Story) -> None:
    story.pay_by_portal("C", "C1", JULY, day(6))
    story.pay_by_portal("C", "C2", JULY, day(30))
    opened = story.attempt("C", "C3", JULY, day(9))
    assert story.tell(story.notice(opened["reference"], 60_000, day(9), number="SAI-TIEN")) == ["amount-differs"]
    assert story.tell(story.notice("HJQPM5YNFT97", 50_000, day(9), number="MA-LA")) == ["unknown-reference"]


def _by_transfer(story: Story) -> None:
    """The bank's own message comes first, its statement later; one message never gets a line."""
    for number, name in (("FT-webhook", "C4"), ("FT-chua-co", "C5")):
        notice = replace(
            story.notice(story.reference(name, JULY), 50_000, day(10), number=number),
            source=f"bank:{CELL}",
            account_number="00C",
        )
        command = collect.TakeNotices(root=PROVINCE, notices=(notice,))
        story.do("service:bank", day(10), command)


def _cash(story: Story) -> None:
    story.cash("C", "1", "C6", 50_000, day(12))
    story.cash("C", "2", "C7", 50_000, day(12))
    bags = [
        story.do("C-TP", day(13), collect.TakeCashBag(unit_id=UnitId("C"), amount=amount, taken_on=day(13)))["bag"]
        for amount in (40_000, 35_000, 25_000)
    ]
    story.bank("C", day(14), into("bag", day(14), 40_000, bags[0]), into("bag2", day(14), 30_000, bags[1]), clean=False)


def _statement(story: Story) -> None:
    first, second = story.reference("C1", JULY), story.reference("C3", JULY)
    attempts = _portal_references(story)
    answer = story.bank(
        "C",
        END,
        into("portal", day(15), 50_000, attempts[0]),
        into("c3", day(16), 50_000, second),
        into("webhook", day(17), 50_000, story.reference("C4", JULY)),
        into("again", day(18), 50_000, first),
        into("unknown", day(19), 70_000, content="nop tien"),
        into("lai", day(25), 1_234, content="TRA LAI TIEN GUI"),
        out("phi", day(26), 11_000, content="THU PHI DICH VU SMS"),
        out("chi", day(27), 200_000, content="mua van phong pham"),
        out("la", day(28), 5_000, content="khong ro"),
        clean=False,
    )
    assert answer["placed"] == {
        "portal-credit": 1, "reference": 2, "witness": 1, "suspense": 1, "interest": 1, "bank-fee": 1
    }  # fmt: skip
    spent = next(
        line for line in story.installation.ledger.work().account(CELL).lines.values() if line.amount == 200_000
    )
    command = statements.NameMovement(
        account_id=CELL,
        unit_id=UnitId("C"),
        line_key=spent.key,
        what=NotDues.SPENDING,
        heading="1",
        ground="Phiếu chi 01",
    )
    story.do("VH-KT", END, command)


def _portal_references(story: Story) -> list[str]:
    return [
        r.event.reference
        for r in story.installation.store.read(0, 10_000, ("payment-requested",))
        if r.event.channel == "portal"
    ]


def at_end(story: Story, unit: str = "C", **more: Any) -> ReconciliationResult:
    """The cell's account at the end of July, looked at on 10 August."""
    chosen = {"from_date": START, "to_date": END, "as_of": day(10, 8), **more}
    (result,) = reconcile_accounts(story.installation, accounts=(account(unit),), **chosen)
    return result


def open_by_kind(result: ReconciliationResult) -> dict[LeftoverKind, list[int]]:
    found: dict[LeftoverKind, list[int]] = {}
    for one in result.leftovers:
        found.setdefault(one.kind, []).append(one.open_amount)
    return found


def test_every_line_and_every_expected_movement_has_its_name(told: Story) -> None:
    result = at_end(told)
    assert Counter(m.rule for m in result.matched) == {"cash-bag": 1, "portal-credit": 1, "reference": 1, "witness": 1}
    assert {(n.what, n.amount) for n in result.not_dues} == {
        ("interest", 1_234),
        ("bank-fee", 11_000),
        ("spending", 200_000),
    }
    assert open_by_kind(result) == {
        LeftoverKind.MISSING_IN_BOOK: [5_000],
        LeftoverKind.MISSING_AT_BANK: [50_000, 25_000, 50_000],
        LeftoverKind.AMOUNT_DIFFERS: [60_000, 5_000],
        LeftoverKind.DUPLICATE: [50_000],
        LeftoverKind.UNIDENTIFIED: [70_000],
    }


def test_what_waits_is_what_the_books_say_waits(told: Story) -> None:
    left = at_end(told).leftovers
    books = told.books()
    for code in ("1130", "1140"):
        assert sum(one.book_amount or 0 for one in left if one.lies_in == code) == balance(books, "C", code) > 0
    assert sum(x.open_amount for x in left if x.kind is LeftoverKind.UNIDENTIFIED) == balance(books, "C", "3380")
    assert sum(x.open_amount for x in left if x.kind is LeftoverKind.DUPLICATE) == balance(books, "C", "3340")


def test_bank_and_book_tie_with_named_breaks(told: Story) -> None:
    result = at_end(told)
    last = result.days[-1]
    assert result.ties
    assert (last.closing, last.book) == (told.truth[CELL], balance(told.books(), "C", "1120", CELL))
    assert {b.kind: b.amount for b in last.breaks} == {
        BreakKind.MISSING_IN_BOOK: -5_000,
        BreakKind.MISSING_AT_BANK: -50_000,
        BreakKind.AMOUNT_DIFFERS: 30_000,
    }
    assert sum(one.effect for one in result.leftovers) == last.closing - last.book
    # 452,234 of the 557,234 that moved: all but 5,000 unknown, 30,000 of a bag that differs, 70,000 in suspense.
    assert (result.explained, result.moved, result.explained_bp) == (452_234, 557_234, 8_115)


def test_ages_are_counted_to_the_day_asked_and_the_chart_says_what_is_late(told: Story) -> None:
    result = at_end(told)
    late = {one.items[0].split(":")[0]: one for one in result.leftovers if one.overdue(result.as_of) and one.items}
    assert {name: one.age_days for name, one in late.items()} == {"payment": 11, "bag": 28}
    (portal,) = [one for one in at_end(told, as_of=END).leftovers if one.lies_in == "1140"]
    assert (portal.age_days, portal.overdue(END)) == (1, False)


def test_what_came_after_the_last_day_is_still_open_on_it(told: Story) -> None:
    """Seen at 14 July the money of the 15th is not there yet, and the report says when it came."""
    result = at_end(told, to_date=day(14), as_of=day(31))
    (portal,) = [one for one in result.leftovers if one.lies_in == "1140"]
    assert (portal.kind, portal.closed_on) == (LeftoverKind.MISSING_AT_BANK, day(15))
    assert result.ties


def test_a_notification_for_nothing_that_was_asked_belongs_to_no_account(told: Story) -> None:
    chosen = {"from_date": START, "to_date": END, "as_of": END}
    forged = NoticeFact(
        account_id=AccountId(""),
        unit_id=UnitId(""),
        source="portal",
        outside_reference="GIA-MAO",
        reference=None,
        code="bad-signature",
        rejected=True,
        stated=1_000_000,
        expected=None,
        seen_on=day(20),
    )
    every = reconcile_accounts(told.installation, **chosen, rejected=(forged,))
    assert [r.account_id for r in every] == [CELL, ""]
    assert {(x.kind, x.bank_reference, x.open_amount) for x in every[1].leftovers} == {
        (LeftoverKind.NOTIFICATION_REJECTED, "MA-LA", 50_000),
        (LeftoverKind.NOTIFICATION_REJECTED, "GIA-MAO", 0),
    }


def test_the_order_in_which_events_are_read_means_nothing(told: Story) -> None:
    recorded = told.installation.store.read(0, 10_000, event_names())
    assert gather(tuple(reversed(recorded))) == gather(recorded)
    assert gather(iter(recorded)) == gather(recorded)
    with pytest.raises(ValueError, match="log order"):
        gather(reversed(recorded))


def test_an_unknown_account_and_days_in_the_wrong_order_are_refused(told: Story) -> None:
    with pytest.raises(Refusal, match="Không có tài khoản"):
        reconcile_accounts(told.installation, accounts=(AccountId("1:2"),), from_date=START, to_date=END, as_of=END)
    with pytest.raises(Malformed, match="theo thứ tự"):
        at_end(told, as_of=day(1))


# --- the sending that was keyed wrong -----------------------------------------------------------------------------


def sent_wrong() -> tuple[Story, RemittanceId, str]:
    """A cell that owes 350,000 records it as sent; the bank took 35,000 and the ward got as much."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="C", bank=0)])
    names = [f"C{n}" for n in range(10)]
    story.enrol("C", *(member(name, "NON_SI_PENSIONER", ("pension", 10_000_000)) for name in names))
    story.assess("C", JULY, START)
    story.request("C", JULY, START)
    story.bank("C", END, *(into(name, day(10), 50_000, story.reference(name, JULY)) for name in names))
    story.declare("C", JULY, day(1, 8))
    made = story.prepare("C", JULY, day(3, 8), Way.BANK, "Cổng bảo trì")
    assert made["amount"] == 350_000
    case = RemittanceId(made["remittance_id"])
    story.do("C-TP", day(4, 8), remit.SendRemittance(unit_id=UnitId("C"), remittance_id=case, sent_on=day(4, 8)))
    return story, case, made["reference"]


def in_august(story: Story, to: int, unit: str = "C") -> ReconciliationResult:
    return at_end(story, unit, from_date=day(1, 8), to_date=day(to, 8), as_of=day(to, 8))


def test_a_sending_that_the_bank_has_not_booked_is_missing_at_the_bank() -> None:
    story, case, _ = sent_wrong()
    result = in_august(story, 10)
    (one,) = result.leftovers
    assert (one.kind, one.items, one.effect) == (LeftoverKind.MISSING_AT_BANK, (f"sent:{case}#1",), 350_000)
    assert (one.overdue(day(10, 8)), one.overdue(day(7, 8))) == (True, False)
    assert not result.days[-1].covered
    (way,) = result.under_way
    assert (way.amount, way.debited, way.superior_id) == (350_000, False, WARD)


def test_a_sending_keyed_350000_of_which_the_bank_took_35000_differs_until_it_is_corrected() -> None:
    story, case, reference = sent_wrong()
    story.bank("C", day(5, 8), out("nop", day(5, 8), 35_000, reference))
    story.bank("VH", day(5, 8), into("nop", day(5, 8), 35_000, reference))
    result = in_august(story, 6)
    (one,) = result.leftovers
    assert (one.kind, one.bank_amount, one.book_amount) == (LeftoverKind.AMOUNT_DIFFERS, -35_000, -350_000)
    assert (one.open_amount, one.effect) == (315_000, 315_000)
    assert "Tra soát" in one.next_step
    assert [(w.amount, w.debited) for w in result.under_way] == [(315_000, True)]
    assert [m.rule for m in in_august(story, 6, WARD).matched] == ["remittance-credit"]

    dispute = remit.DisputeRemittance(superior_id=WARD, remittance_id=case, reason="chỉ nhận 35.000")
    story.do("VH-KT", day(7, 8), dispute)
    assert in_august(story, 8).under_way[0].dispute == "chỉ nhận 35.000"

    told = remit.ExplainDispute(unit_id=UnitId("C"), remittance_id=case, explanation="gõ thiếu số 0", document="CV-1")
    story.do("C-TP", day(8, 8), told)
    correction = remit.CorrectSending(
        unit_id=UnitId("C"), remittance_id=case, difference=315_000, reason="ngân hàng chỉ trích 35.000"
    )
    story.do("C-TP", day(10, 8), correction)
    corrected = in_august(story, 10)
    assert (corrected.leftovers, corrected.under_way) == ((), ())
    assert [m.items for m in corrected.matched] == [(f"sent:{case}#1",)]
    between = {d.day: {b.kind: b.amount for b in d.breaks} for d in corrected.days}
    assert between[day(5, 8)] == {BreakKind.CORRECTED: 315_000}
    assert between[day(10, 8)] == {}
    assert in_august(story, 9).leftovers[0].kind is LeftoverKind.AMOUNT_DIFFERS  # As it was before the correction.


def test_the_rest_sent_again_is_a_second_pair() -> None:
    story, case, reference = sent_wrong()
    story.bank("C", day(5, 8), out("nop", day(5, 8), 35_000, reference))
    correction = remit.CorrectSending(unit_id=UnitId("C"), remittance_id=case, difference=315_000, reason="gõ sai")
    story.do("C-TP", day(10, 8), correction)
    story.do("C-TP", day(11, 8), remit.SendRemittance(unit_id=UnitId("C"), remittance_id=case, sent_on=day(11, 8)))
    (one,) = in_august(story, 11).leftovers
    assert (one.kind, one.items, one.open_amount) == (LeftoverKind.MISSING_AT_BANK, (f"sent:{case}#2",), 315_000)
    story.bank("C", day(12, 8), out("nop2", day(12, 8), 315_000, reference))
    result = in_august(story, 12)
    assert result.leftovers == ()
    assert {m.items[0]: m.amount for m in result.matched} == {f"sent:{case}#1": 35_000, f"sent:{case}#2": 315_000}
    assert result.days[-1].closing == result.days[-1].book == 150_000


def test_a_refund_paid_out_waits_for_the_debit_and_settles_the_double_payment() -> None:
    story, _, _ = sent_wrong()
    story.bank("C", day(5, 8), into("again", day(5, 8), 50_000, story.reference("C0", JULY)))
    (twice,) = [x for x in in_august(story, 6).leftovers if x.kind is LeftoverKind.DUPLICATE]
    assert (twice.open_amount, twice.unit_id) == (50_000, "C")
    refund = RefundId("HT-1")
    asked = refunds.RequestCreditRefund(
        refund_id=refund,
        unit_id=UnitId("C"),
        member_id=MemberId("C0"),
        amount=50_000,
        reason="đóng trùng",
        decision="QD-9",
    )
    story.do("C-TP", day(6, 8), asked)
    for officer in ("C-BT", "VH-CU"):
        story.do(officer, day(6, 8), refunds.ApproveRefund(unit_id=UnitId("C"), refund_id=refund))
    pay = payouts.PayRefund(unit_id=UnitId("C"), refund_id=refund, asset=Asset.BANK, paid_on=day(7, 8))
    reference = story.do("VH-TQ", day(7, 8), pay)["reference"]
    found = {x.items[0].split("@")[0]: x for x in in_august(story, 8).leftovers if x.items}
    assert found["refund:HT-1"].kind is LeftoverKind.MISSING_AT_BANK
    assert found["refund:HT-1"].effect == 50_000
    assert found[f"payment:{PaymentId(f'bank:{CELL}/FT-again')}"].open_amount == 0
    story.bank("C", day(8, 8), out("hoan", day(8, 8), 50_000, reference))
    (back,) = in_august(story, 8).returned
    assert (back.amount, back.items[0].split("@")[0]) == (50_000, "refund:HT-1")
    assert "hoàn trả HT-1 (đóng trùng)" in back.original
