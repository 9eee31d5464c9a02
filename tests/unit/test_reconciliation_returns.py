"""Returns and channels: what went back is linked to what it goes back on, and a settlement is a third witness."""

from dataclasses import replace

from ledger.reports_places import Standing
from reconciliation.facts import DecisionFact, Facts, ItemKind, Span, ToldDays, ToldFact, WaitMove, WhyFact
from tests.reconciliation_facts import (
    ACCOUNT,
    all_places,
    book,
    day,
    evidence,
    line,
    move,
    named,
    paid,
    result,
    suspense,
    together,
)


def told(number: int, on: int, amount: int, payment: str | None, **more: object) -> ToldFact:
    values = {"kind": "collection", "reference": None, "fee": 0, **more}
    return ToldFact(
        account_id=ACCOUNT,
        rail="portal",
        settlement_id="20260709",
        number=number,
        on=day(on),
        outside_reference=(payment or f"x/{number}").partition("/")[2],
        amount=amount,
        payment_id=payment,
        **values,  # type: ignore[arg-type]  # The rows differ in two or three fields only.
    )


def settled(*lines: ToldFact, on: int = 8) -> Facts:
    """Three payments over the portal on the 8th, two of them credited on the 9th."""
    names = ("payment:portal/1", "payment:portal/2", "payment:portal/3")
    facts = together(
        *(book(name, on, 30_000, ItemKind.PORTAL_PAYMENT, code="1140") for name in names),
        movements=[part for name in names[:2] for part in (move(name, 9, -30_000, code="1140"), move(name, 9, 30_000))],
        lines=[line("a", 9, 30_000, rule="portal-credit"), line("b", 9, 30_000, rule="portal-credit")],
        evidence=[evidence("a", names[0]), evidence("b", names[1])],
        payments=[paid(f"portal/{n}", 30_000, source="portal", paid_on=day(on)) for n in (1, 2, 3)],
    )
    days = ToldDays(rail="portal", settlement_id="20260709", from_date=day(on), to_date=day(on))
    return replace(facts, told=lines, told_days=(days,))


def test_a_reversal_and_its_original_that_the_book_never_had_cancel_out() -> None:
    facts = together(lines=[line("a", 4, 5_000), line("b", 5, -5_000, is_reversal=True)])
    found = result(facts)
    assert found.leftovers == ()
    assert [(r.line_key, r.original) for r in found.returned] == [
        ("a", "dòng FTb ngày 05/07/2026"),
        ("b", "dòng FTa ngày 04/07/2026"),
    ]
    assert found.explained_bp == 10_000
    assert found.ties


def test_a_reversal_takes_the_original_with_its_own_reference_before_the_nearest() -> None:
    lines = [
        line("a", 3, 5_000, bank_reference="FT1"),
        line("b", 4, 5_000, bank_reference="FT2"),
        line("c", 5, -5_000, bank_reference="FT1", is_reversal=True),
    ]
    found = result(together(lines=lines))
    assert {r.line_key for r in found.returned} == {"a", "c"}
    assert [one.line_key for one in found.leftovers] == ["b"]


def test_a_refund_says_what_it_gives_back() -> None:
    facts = together(
        book("refund:HT1@9", 4, -50_000, ItemKind.REFUND, case="refund:HT1"),
        lines=[line("a", 5, -50_000, rule="refund-debit")],
        evidence=[evidence("a", "", case="refund:HT1")],
    )
    found = result(replace(facts, origins=(("refund:HT1", "khoản portal/1, hoàn trả HT1"),)))
    (one,) = found.returned
    assert one.original == "khoản portal/1, hoàn trả HT1"
    assert one.original in one.reason


def test_a_settlement_that_agrees_is_a_third_witness_and_what_the_bank_lacks_has_its_name() -> None:
    found = result(settled(*(told(n, 8, 30_000, f"portal/{n}") for n in (1, 2, 3))))
    (row,) = found.witnesses
    assert (row.told_count, row.told, row.booked_count, row.booked) == (3, 90_000, 3, 90_000)
    assert (row.credited_count, row.credited) == (2, 60_000)
    assert row.told_breaks == ()
    assert [(b.name, b.count, b.amount) for b in row.bank_breaks] == [("ngân hàng chưa báo có", 1, 30_000)]
    assert (row.ties, row.agrees) == (True, False)
    assert {p.standing for p in found.told} == {Standing.MATCHED}


def test_each_difference_between_the_channel_and_the_book_is_a_named_line() -> None:
    lines = (
        told(1, 8, 30_000, "portal/1"),
        told(2, 8, 30_000, "portal/1"),
        told(3, 8, 20_000, "portal/2"),
        told(4, 8, 70_000, None),
        told(5, 8, 500, None, kind="fee"),
        told(6, 8, -30_000, "portal/1", kind="refund"),
    )
    found = result(settled(*lines))
    assert [(p.number, p.standing) for p in found.told] == [
        (1, Standing.MATCHED),
        (2, Standing.DUPLICATE),
        (3, Standing.AMOUNT_DIFFERS),
        (4, Standing.MISSING_IN_BOOK),
        (5, Standing.NOT_DUES),
        (6, Standing.RETURNED),
        (None, Standing.MISSING_AT_BANK),
    ]
    (row,) = found.witnesses
    assert {b.name: b.amount for b in row.told_breaks} == {
        "kênh kê hai lần": 30_000,
        "lệch số tiền": -10_000,
        "kênh có, sổ chưa có": 70_000,
        "sổ có, kênh không kê": -30_000,
    }
    assert row.told == row.booked + 60_000
    assert row.ties


def test_a_day_that_no_settlement_covers_says_so_and_is_no_fault() -> None:
    (row,) = result(replace(settled(), told_days=())).witnesses
    assert (row.told, row.told_count, row.ties, row.agrees) == (None, None, True, False)


def test_a_payment_counted_on_another_day_is_named_on_both() -> None:
    late = [told(n, 8 + (n == 3), 30_000, f"portal/{n}") for n in (1, 2, 3)]
    days = ToldDays(rail="portal", settlement_id="20260709", from_date=day(8), to_date=day(9))
    found = result(replace(settled(*late), told_days=(days,)))
    assert {r.day.day: [(b.name, b.amount) for b in r.told_breaks] for r in found.witnesses} == {
        8: [("kênh kê vào ngày khác", -30_000)],
        9: [("kênh kê vào ngày khác", 30_000)],
    }
    assert all(r.ties for r in found.witnesses)


def test_money_without_an_owner_is_told_apart_from_the_rest_of_the_book_day_by_day() -> None:
    waits = (
        WaitMove(payment_id="bank/1", on=day(5), amount=50_000, position=1),
        WaitMove(payment_id="bank/1", on=day(9), amount=-50_000, position=2),
    )
    facts = replace(suspense(waiting=0), waits=waits)
    by_day = {d.day.day: (d.owned, d.suspense, d.closing) for d in result(facts, to=day(8)).days}
    assert by_day[5] == (0, 50_000, 50_000)
    assert {d.day.day: d.suspense for d in result(facts).days}[31] == 0


def test_a_decision_and_what_the_matcher_recorded_stand_beside_what_is_left() -> None:
    made = DecisionFact(
        item="bank/1",
        decision_id="C/QD-1",
        kind="wait",
        until=day(30),
        owner=None,
        reason="chờ chi bộ trả lời",
        by="VH-KT",
        on=day(10),
        holds=True,
        position=9,
    )
    why = WhyFact(payment_id="bank/1", why="tên gần giống (tin cậy 40,00 %)", why_not="ứng viên kế tiếp 38,00 %")
    (one,) = result(replace(suspense(), decisions=(made,), why=(why,))).leftovers
    assert one.decided is not None
    assert one.decided.words.startswith("chờ đến 30/07/2026 vì chờ chi bộ trả lời")
    assert one.why == "tên gần giống (tin cậy 40,00 %); ứng viên kế tiếp 38,00 %"
    assert one.role == "kế toán"


def test_a_returned_line_stands_in_one_place_like_every_other() -> None:
    facts = together(lines=[line("a", 4, 5_000), line("b", 5, -5_000, is_reversal=True), line("c", 5, 700)])
    keys, items = all_places(result(facts))
    assert (sorted(keys), items) == (["a", "b", "c"], [])


def test_the_day_worked_out_in_the_documentation_comes_out_to_the_dong() -> None:
    """docs/explanation/three-way-close.md: the 6th, with the channel's money of the 5th."""
    names = ("payment:portal/1", "payment:portal/2", "payment:portal/3")
    facts = together(
        book(f"opening:{ACCOUNT}", 1, 1_050_000, ItemKind.OPENING),
        *(book(name, 5, 30_000, ItemKind.PORTAL_PAYMENT, code="1140") for name in names),
        book("payment:bank/9", 6, 70_000),
        book("named:f", 6, -11_000, ItemKind.NAMED),
        book("sent:C/1#1", 6, -300_000, ItemKind.SENDING, case="sent:C/1"),
        movements=[part for name in names[:2] for part in (move(name, 6, -30_000, code="1140"), move(name, 6, 30_000))],
        lines=[
            line("s", 6, 70_000, rule="suspense"),
            line("a", 6, 30_000, rule="portal-credit"),
            line("b", 6, 30_000, rule="portal-credit"),
            line("f", 6, -11_000, rule="bank-fee"),
            line("x", 6, -5_000),
            line("n", 7, -300_000, rule="remittance-debit"),
        ],
        evidence=[
            evidence("s", "payment:bank/9"),
            evidence("a", names[0]),
            evidence("b", names[1]),
            evidence("f", "named:f"),
            evidence("n", "", case="sent:C/1"),
        ],
        names=[named("f", "bank-fee")],
        payments=[
            paid("bank/9", 70_000, is_dues=False, dues=0, suspended=70_000, waiting=70_000),
            *(paid(f"portal/{n}", 30_000, source="portal", paid_on=day(5)) for n in (1, 2, 3)),
        ],
        spans=[Span(account_id=ACCOUNT, from_date=day(1), to_date=day(31), opening=1_050_000, closing=864_000)],
        told=[told(n, 5, 30_000, f"portal/{n}") for n in (1, 2, 3)],
        told_days=[ToldDays(rail="portal", settlement_id="20260706", from_date=day(5), to_date=day(5))],
    )
    waits = (WaitMove(payment_id="bank/9", on=day(6), amount=70_000, position=1),)
    found = result(replace(facts, waits=waits), to=day(6))
    row = found.days[-1]
    assert (row.opening, row.money_in, row.money_out, row.closing) == (1_050_000, 130_000, 16_000, 1_164_000)
    assert (row.book, row.owned, row.suspense, row.in_transit) == (869_000, 799_000, 70_000, 300_000)
    assert {b.kind: b.amount for b in row.breaks} == {"missing-in-book": -5_000, "missing-at-bank": 300_000}
    assert (row.explained, row.left, found.explained_bp) == (71_000, 75_000, 4_863)
    assert row.ties
    (seen,) = found.witnesses
    assert (seen.told_count, seen.told, seen.booked, seen.credited) == (3, 90_000, 90_000, 60_000)
    assert result(replace(facts, waits=waits), to=day(7)).days[-1].in_transit == 0


def test_a_debit_with_reference_and_amount_of_an_earlier_credit_is_money_that_the_bank_took_back() -> None:
    facts = together(
        book("payment:bank/1", 5, 50_000),
        lines=[
            line("a", 5, 50_000, rule="reference", references=("HJQPM5YNFT97",)),
            line("b", 8, -50_000, references=("HJQPM5YNFT97",)),
            line("c", 9, -50_000, references=("HJYB2BJ6D342",)),
        ],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 50_000)],
    )
    found = result(facts)
    left = {one.line_key: (str(one.kind), one.what) for one in found.leftovers}
    assert left["b"][0] == "returned"
    assert "giao dịch đối ứng: FTa ngày 05/07/2026" in left["b"][1]
    assert left["c"][0] == "missing-in-book"
    assert (found.explained, found.moved, found.ties) == (50_000, 150_000, True)


def test_money_identified_in_part_is_explained_in_part() -> None:
    found = result(suspense(waiting=500, dues=49_500))
    assert [(one.open_amount, found.explained) for one in found.leftovers] == [(500, 49_500)]
