"""Bank and book day by day: what lies between them has a name, and the bank's own balances are believed."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import Malformed
from ledger.reports_reconciliation import BreakKind, DayTieOut, LeftoverKind
from reconciliation.facts import Declared, Facts, ItemKind, Span
from reconciliation.parts import by_account
from reconciliation.reconcile import reconcile
from tests.reconciliation_facts import (
    ACCOUNT,
    END,
    START,
    UNIT,
    book,
    day,
    evidence,
    line,
    move,
    paid,
    result,
    together,
)


def span(first: int, last: int, opening: int, closing: int) -> Span:
    return Span(account_id=ACCOUNT, from_date=day(first), to_date=day(last), opening=opening, closing=closing)


def opening(amount: int) -> Facts:
    return book(f"opening:{ACCOUNT}", 1, amount, ItemKind.OPENING)


def rows(found: Facts, to: date = END) -> dict[int, DayTieOut]:
    return {row.day.day: row for row in result(found, to=to).days}


def breaks(row: DayTieOut) -> dict[BreakKind, int]:
    return {b.kind: b.amount for b in row.breaks}


def test_opening_plus_in_minus_out_is_closing_and_equals_the_book() -> None:
    facts = together(
        opening(1_000),
        book("payment:bank/1", 5, 500),
        book("named:b", 7, -200, ItemKind.NAMED),
        lines=[line("a", 5, 500), line("b", 7, -200)],
        evidence=[evidence("a", "payment:bank/1"), evidence("b", "named:b")],
        payments=[paid("bank/1", 500)],
        spans=[span(1, 31, 1_000, 1_300)],
    )
    found = rows(facts)
    assert [(n, r.opening, r.money_in, r.money_out, r.closing, r.book) for n, r in found.items()] == [
        (1, 1_000, 0, 0, 1_000, 1_000),
        (5, 1_000, 500, 0, 1_500, 1_500),
        (7, 1_500, 0, 200, 1_300, 1_300),
        (31, 1_300, 0, 0, 1_300, 1_300),
    ]
    assert all(r.ties and not r.breaks for r in found.values())


def test_money_booked_a_day_before_the_bank_is_a_break_of_timing_for_that_day_only() -> None:
    facts = together(
        book("payment:bank/1", 5, 500),
        lines=[line("a", 6, 500)],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 500)],
    )
    found = rows(facts)
    assert breaks(found[5]) == {BreakKind.TIMING: -500}
    assert breaks(found[6]) == {}


def test_a_wrong_entry_put_right_is_named_corrected_in_between() -> None:
    facts = together(
        opening(400_000),
        book("sent:C/1#1", 4, -350_000, ItemKind.SENDING, case="sent:C/1"),
        movements=[move("sent:C/1#1", 9, 315_000)],
        lines=[line("a", 5, -35_000)],
        evidence=[evidence("a", "", case="sent:C/1")],
        spans=[span(1, 31, 400_000, 365_000)],
    )
    found = rows(facts)
    assert [(n, breaks(r)) for n, r in found.items()] == [
        (1, {}),
        (4, {BreakKind.CORRECTED: 350_000}),
        (5, {BreakKind.CORRECTED: 315_000}),
        (9, {}),
        (31, {}),
    ]


def test_an_opening_balance_that_was_signed_wrong_is_named_from_the_first_day() -> None:
    facts = together(opening(900), lines=[], spans=[span(1, 31, 1_000, 1_000)])
    found = result(facts)
    (one,) = found.leftovers
    assert (one.kind, one.effect, one.book_amount, one.bank_amount) == (LeftoverKind.STATEMENT_GAP, 100, 900, 1_000)
    assert "đã ký" in one.what
    assert [breaks(r) for r in found.days] == [{BreakKind.STATEMENT_GAP: 100}] * 2
    assert found.ties


def test_days_without_a_statement_are_marked_and_what_the_bank_did_meanwhile_is_named() -> None:
    facts = together(
        opening(1_000),
        book("payment:bank/1", 5, 500),
        lines=[line("a", 5, 500)],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 500)],
        spans=[span(1, 10, 1_000, 1_500), span(15, 20, 1_750, 1_750)],
    )
    found = rows(facts)
    assert {n: r.covered for n, r in found.items()} == {1: True, 5: True, 10: True, 20: True, 31: False}
    assert breaks(found[10]) == {}
    assert breaks(found[20]) == {BreakKind.STATEMENT_GAP: 250}
    (one,) = result(facts).leftovers
    assert (one.kind, one.dated_on, one.open_amount) == (LeftoverKind.STATEMENT_GAP, day(15), 250)


def test_overlapping_statements_of_one_truth_make_no_break() -> None:
    facts = together(
        opening(1_000),
        book("payment:bank/1", 5, 500),
        lines=[line("a", 5, 500)],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 500)],
        spans=[span(1, 10, 1_000, 1_500), span(5, 31, 1_000, 1_500), span(6, 12, 1_500, 1_500)],
    )
    assert all(r.ties and not r.breaks for r in result(facts).days)


def test_a_statement_whose_lines_are_not_all_known_does_not_tie() -> None:
    facts = together(lines=[line("a", 5, 500)], spans=[span(1, 31, 0, 700)])
    found = result(facts)
    assert found.days[-1].stated_closing == 700
    assert not found.ties


def test_an_entry_on_the_account_that_belongs_to_no_item_of_it_fails_aloud() -> None:
    facts = together(book("payment:bank/1", 5, 500))
    elsewhere = tuple(replace(item, account_id="970436:other") for item in facts.items)
    found = result(replace(facts, items=elsewhere, lines=(line("a", 6, 1),)))
    assert found.days[-1].difference == -500
    assert not found.ties


def test_an_account_without_any_statement_rests_on_the_book_and_says_so() -> None:
    facts = together(opening(1_000), book("payment:bank/1", 5, 500), payments=[paid("bank/1", 500)], spans=[])
    found = result(facts)
    assert [r.covered for r in found.days] == [False] * 3
    assert found.days[-1].closing == 1_000
    assert breaks(found.days[-1]) == {BreakKind.MISSING_AT_BANK: -500}
    assert found.ties


def test_explained_money_is_rounded_down_so_that_100_percent_means_every_dong() -> None:
    facts = together(
        book("payment:bank/1", 5, 999_999_999),
        lines=[line("a", 5, 999_999_999), line("b", 5, -1)],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 999_999_999)],
    )
    assert result(facts).explained_bp == 9_999
    assert result(together(opening(1))).explained_bp == 10_000  # Nothing moved.


@pytest.mark.parametrize(
    ("declared", "still_open"),
    [((), ("2026-07",)), (("2026-07",), ()), (("2026-Q3",), ()), (("2026-06",), ("2026-07",))],
)
def test_a_month_counts_as_closed_by_itself_or_with_its_quarter(
    declared: tuple[str, ...], still_open: tuple[str, ...]
) -> None:
    facts = together(
        opening(1), declared=[Declared(unit_id=UNIT, period=period, is_example=True) for period in declared]
    )
    found = result(facts)
    assert found.open_periods == still_open
    assert found.uses_example_shares is bool(declared)


@pytest.mark.parametrize(("first", "last", "as_of"), [(END, START, END), (START, END, START)])
def test_days_in_the_wrong_order_are_malformed(first: date, last: date, as_of: date) -> None:
    with pytest.raises(Malformed, match="theo thứ tự"):
        reconcile(Facts(), account=ACCOUNT, from_date=first, to_date=last, as_of=as_of)


def test_each_account_gets_its_own_part_and_nobody_elses() -> None:
    facts = together(opening(1_000), lines=[line("a", 5, 7)])
    other = replace(facts.lines[0], account_id="970436:other", key="b")
    parts = by_account(replace(facts, lines=(*facts.lines, other)))
    assert {account: [x.key for x in part.lines] for account, part in parts.items()} == {
        ACCOUNT: ["a"],
        "970436:other": ["b"],
    }
