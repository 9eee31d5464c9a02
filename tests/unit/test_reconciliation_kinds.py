"""One row for each kind of leftover: what is known, and the name it gets."""

from datetime import date

import pytest

from domain.identifiers import MemberId, UnitId
from ledger.reports_reconciliation import Leftover, LeftoverKind
from reconciliation.facts import Facts, ItemKind, NoticeFact, RemittanceFact
from tests.reconciliation_facts import (
    ACCOUNT,
    END,
    UNIT,
    Row,
    asked,
    book,
    day,
    evidence,
    line,
    paid,
    placed,
    result,
    suspense,
    together,
)

REF = "HJQPM5YNFT97"
K = LeftoverKind


LEFTOVERS = (
    Row(
        name="money out that nobody placed",
        facts=together(lines=[line("a", 5, -5_000)]),
        place=K.MISSING_IN_BOOK,
        open_amount=5_000,
        effect=-5_000,
        says="không có mã tham chiếu",
    ),
    Row(
        name="a reversal",
        facts=together(lines=[line("a", 5, 5_000, is_reversal=True)]),
        place=K.MISSING_IN_BOOK,
        open_amount=5_000,
        effect=5_000,
        says="dòng đảo",
    ),
    Row(
        name="a reversal of money that stands in the book",
        facts=together(
            book("payment:bank/1", 4, 5_000),
            lines=[line("a", 4, 5_000, rule="reference"), line("b", 5, -5_000, is_reversal=True)],
            evidence=[evidence("a", "payment:bank/1")],
            payments=[paid("bank/1", 5_000)],
        ),
        place=K.RETURNED,
        open_amount=5_000,
        effect=-5_000,
        says="giao dịch đối ứng: FTa ngày 04/07/2026",
    ),
    Row(
        name="a second line under a bank reference that the book has once",
        facts=together(
            book("payment:bank/1", 5, 50_000),
            lines=[line("a", 5, 50_000, rule="reference"), line("b", 5, 50_000, rule="witness", target="bank/1")],
            evidence=[evidence("a", "payment:bank/1"), evidence("b", "payment:bank/1")],
            payments=[paid("bank/1", 50_000)],
        ),
        place=K.MISSING_IN_BOOK,
        open_amount=50_000,
        effect=50_000,
        says="mã giao dịch của khoản khác",
    ),
    Row(
        name="portal money that the bank has not credited",
        facts=together(
            book("payment:portal/1", 3, 50_000, ItemKind.PORTAL_PAYMENT, code="1140"),
            payments=[paid("portal/1", 50_000, source="portal")],
        ),
        place=K.MISSING_AT_BANK,
        open_amount=50_000,
        says="sao kê chưa có",
    ),
    Row(
        name="a sending without a debit",
        facts=together(book("sent:C/2026-07/1#1", 4, -350_000, ItemKind.SENDING)),
        place=K.MISSING_AT_BANK,
        open_amount=350_000,
        effect=350_000,
        says="lượt nộp cấp trên",
    ),
    Row(
        name="a cash bag that the bank has not credited",
        facts=together(book(f"bag:{REF}", 4, 25_000, ItemKind.CASH_BAG, code="1130")),
        place=K.MISSING_AT_BANK,
        open_amount=25_000,
        says="túi tiền mặt",
    ),
    Row(
        name="a refund paid that the bank has not debited",
        facts=together(book("refund:HT1@9", 4, -50_000, ItemKind.REFUND)),
        place=K.MISSING_AT_BANK,
        open_amount=50_000,
        effect=50_000,
        says="hoàn trả",
    ),
    Row(
        name="350,000 recorded, 35,000 taken",
        facts=together(
            book("sent:C/2026-07/1#1", 4, -350_000, ItemKind.SENDING, case="sent:C/2026-07/1"),
            lines=[line("a", 5, -35_000, rule="remittance-debit")],
            evidence=[evidence("a", "", case="sent:C/2026-07/1")],
        ),
        place=K.AMOUNT_DIFFERS,
        open_amount=315_000,
        effect=315_000,
        says="lệch 315.000 đ",
    ),
    Row(
        name="a bag that the bank counted otherwise",
        facts=together(
            book(f"bag:{REF}", 4, 35_000, ItemKind.CASH_BAG, code="1130"),
            lines=[line("a", 5, 30_000, references=(REF,))],
            requests=[asked(REF, "cash-bag", 35_000, case_id="C")],
        ),
        place=K.AMOUNT_DIFFERS,
        open_amount=5_000,
        effect=30_000,
        says="lệch 5.000 đ",
    ),
    Row(
        name="a statement that contradicts the bank's own webhook",
        facts=together(
            book("payment:bank/1", 5, 50_000),
            lines=[line("a", 5, 45_000, rule="conflict", target="bank/1")],
            evidence=[evidence("a", "", case="payment:bank/1")],
            payments=[paid("bank/1", 50_000)],
        ),
        place=K.AMOUNT_DIFFERS,
        open_amount=5_000,
        effect=-5_000,
        says="vào 45.000 đ",
    ),
    Row(
        name="the same debt paid twice",
        facts=placed(
            50_000,
            "payment:bank/2",
            ItemKind.BANK_PAYMENT,
            "reference",
            payments=[
                paid("bank/2", 50_000, dues=0, credit=50_000, credit_open=50_000, same_reference="bank/1"),
            ],
        ),
        place=K.DUPLICATE,
        open_amount=50_000,
        says="đã có bank/1 cùng mã",
    ),
    Row(
        name="the same debt paid twice and refunded since",
        facts=placed(
            50_000,
            "payment:bank/2",
            ItemKind.BANK_PAYMENT,
            "reference",
            payments=[paid("bank/2", 50_000, dues=0, credit=50_000, credit_open=0)],
        ),
        place=K.DUPLICATE,
    ),
    Row(name="money in suspense", facts=suspense(), place=K.UNIDENTIFIED, open_amount=50_000, says="chưa biết của ai"),
    Row(
        name="money in suspense of which a part found its owner",
        facts=suspense(waiting=20_000),
        place=K.UNIDENTIFIED,
        open_amount=20_000,
        says="20.000 trên 50.000",
    ),
    Row(
        name="a notification of another amount",
        facts=together(
            notices=[
                NoticeFact(
                    account_id=ACCOUNT,
                    unit_id=UNIT,
                    source="portal",
                    outside_reference="GD1",
                    reference=REF,
                    code="amount-differs",
                    rejected=False,
                    stated=60_000,
                    expected=50_000,
                    seen_on=day(5),
                )
            ]
        ),
        place=K.AMOUNT_DIFFERS,
        open_amount=60_000,
        says="cần 50.000 đ",
    ),
    Row(
        name="a notification that was not believed",
        facts=together(
            notices=[
                NoticeFact(
                    account_id=ACCOUNT,
                    unit_id=UNIT,
                    source="portal",
                    outside_reference="GD1",
                    reference=None,
                    code="bad-signature",
                    rejected=True,
                    stated=60_000,
                    expected=None,
                    seen_on=day(5),
                )
            ]
        ),
        place=K.NOTIFICATION_REJECTED,
        says="bad-signature",
    ),
)


@pytest.mark.parametrize("row", LEFTOVERS, ids=lambda row: row.name)
def test_left_over(row: Row) -> None:
    found = result(row.facts)
    (one,) = found.leftovers
    assert (one.kind, one.open_amount, one.effect) == (row.place, row.open_amount, row.effect)
    assert row.says in one.what
    assert one.next_step
    assert one.unit_id == UNIT
    assert one.age_days == (END - one.dated_on).days > 0
    assert found.ties
    last = found.days[-1]
    assert sum(b.amount for b in last.breaks) == row.effect == last.closing - last.book


def test_portal_money_of_which_the_bank_shows_another_amount_is_not_merely_missing() -> None:
    """50,000 announced; 45,000 came under the same reference and was booked on its own."""
    facts = together(
        book("payment:portal/1", 3, 50_000, ItemKind.PORTAL_PAYMENT, code="1140"),
        book("payment:bank/2", 5, 45_000),
        lines=[line("a", 5, 45_000, rule="reference", references=(REF,))],
        evidence=[evidence("a", "payment:bank/2")],
        payments=[
            paid("portal/1", 50_000, source="portal", reference=REF),
            paid("bank/2", 45_000, reference=REF),
        ],
    )
    found = result(facts)
    (one,) = found.leftovers
    assert (one.kind, one.items, one.bank_amount, one.book_amount) == (
        K.AMOUNT_DIFFERS,
        ("payment:portal/1",),
        45_000,
        50_000,
    )
    assert [m.line_key for m in found.matched] == ["a"]


def test_a_wrong_notification_is_closed_when_the_bank_credits_money_under_the_reference() -> None:
    notice = NoticeFact(
        account_id=ACCOUNT,
        unit_id=UNIT,
        source="portal",
        outside_reference="GD1",
        reference=REF,
        code="amount-differs",
        rejected=False,
        stated=60_000,
        expected=50_000,
        seen_on=day(4),
    )
    facts = placed(
        50_000,
        "payment:bank/1",
        ItemKind.BANK_PAYMENT,
        "reference",
        payments=[paid("bank/1", 50_000, reference=REF)],
        notices=[notice],
    )
    (one,) = result(facts).leftovers
    assert (one.kind, one.open_amount, one.bank_amount) == (K.AMOUNT_DIFFERS, 0, 50_000)


def _only(facts: Facts) -> Leftover:
    (one,) = [x for x in result(facts).leftovers if x.kind is K.UNIDENTIFIED]
    return one


def test_suspense_comes_with_the_member_who_paid_from_the_same_account_before() -> None:
    known = paid("bank/0", 40_000, payer_key="k", member_id=MemberId("M7"), position=0)
    base = suspense(payer_key="k")
    before = book("payment:bank/0", 2, 40_000)
    facts = together(
        before,
        Facts(items=base.items, movements=base.movements),
        lines=[*base.lines, line("z", 2, 40_000, rule="reference")],
        evidence=[*base.evidence, evidence("z", "payment:bank/0")],
        payments=[*base.payments, known],
    )
    assert [(s.member_id, s.ground) for s in _only(facts).suggestions] == [
        ("M7", "đã từng nộp từ cùng tài khoản nguồn")
    ]


@pytest.mark.parametrize(("candidates", "suggested"), [(1, 1), (3, 3), (4, 0)])
def test_suspense_comes_with_open_requests_of_its_amount_unless_they_are_many(candidates: int, suggested: int) -> None:
    base = suspense()
    requests = [asked(f"HJ{n}", "dues", 50_000, member_id=MemberId(f"M{n}")) for n in range(candidates)]
    facts = together(
        Facts(items=base.items, movements=base.movements),
        lines=base.lines,
        evidence=base.evidence,
        payments=base.payments,
        requests=[*requests, asked("HJX", "dues", 50_000, member_id=MemberId("MX"), answered=True)],
    )
    assert len(_only(facts).suggestions) == suggested


def test_what_is_missing_at_the_bank_points_to_an_unknown_line_of_its_amount() -> None:
    facts = together(
        book("payment:portal/1", 3, 50_000, ItemKind.PORTAL_PAYMENT, code="1140"),
        lines=[line("a", 5, 50_000)],
        payments=[paid("portal/1", 50_000, source="portal")],
    )
    left = {one.kind: one for one in result(facts).leftovers}
    assert "FTa ngày 05/07/2026" in left[K.MISSING_AT_BANK].next_step


def test_a_remittance_is_under_way_until_it_is_received_and_late_after_three_working_days() -> None:
    sent = RemittanceFact(
        remittance_id="C/2026-07/1",
        unit_id=UNIT,
        superior_id=UnitId("VH"),
        account_id=ACCOUNT,
        sent_on=day(3),  # A Friday.
        steps=((day(3), 350_000), (day(20), -350_000)),
        debits=(day(3),),
        dispute=None,
    )
    facts = together(remittances=[sent])
    (way,) = result(facts, to=day(19)).under_way
    assert (way.amount, way.debited, way.due_on, way.age_days) == (350_000, True, date(2026, 7, 8), 28)
    assert result(facts, to=day(20)).under_way == ()
