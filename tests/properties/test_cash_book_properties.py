"""Whatever moved, the cash book adds up, and no more cash is called old than lies there."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.cash_book import CashMovement, cash_alerts, cash_book, old_cash, working_days_since

START = date(2026, 7, 1)
days = st.integers(0, 60).map(lambda n: START + timedelta(days=n))


@st.composite
def moved(draw: st.DrawFn) -> list[CashMovement]:
    """Movements in the order of the log that never take out more than there is."""
    found, balance = [], 0
    for position, day in enumerate(sorted(draw(st.lists(days, max_size=20))), 1):
        amount = draw(st.integers(-balance, 1_000_000))
        balance += amount
        found.append(
            CashMovement(
                unit="A", position=position, entry_no=1, occurred_on=day, event="e", paper="p", what="w", amount=amount
            )
        )
    return found


@given(moved(), days, days)
def test_opening_and_what_came_in_less_what_went_out_is_closing(
    movements: list[CashMovement], one: date, other: date
) -> None:
    first, last = min(one, other), max(one, other)
    book = cash_book("A", movements, first, last)
    assert book.opening + book.received - book.paid == book.closing
    assert book.opening == sum(m.amount for m in movements if m.occurred_on < first)
    assert book.closing == sum(m.amount for m in movements if m.occurred_on <= last)
    assert all(line.balance >= 0 for line in book.lines)
    assert [line.balance for line in book.lines][-1:] in ([], [book.closing])


@given(moved(), days, st.integers(0, 10))
def test_no_more_cash_is_old_than_lies_there_and_all_of_it_came_in_long_ago(
    movements: list[CashMovement], on: date, limit: int
) -> None:
    in_hand = sum(m.amount for m in movements if m.occurred_on <= on)
    found = old_cash("A", movements, on, limit)
    young = sum(
        m.amount
        for m in movements
        if m.amount > 0 and working_days_since(m.occurred_on, on) <= limit and m.occurred_on <= on
    )
    assert (0 if found is None else found[1]) == max(in_hand - young, 0)
    if found is not None:
        assert working_days_since(found[0], on) > limit
    kinds = [a.kind for a in cash_alerts("A", movements, (), on, limit=1, limit_days=limit)]
    assert kinds == [*(["limit"] if in_hand > 1 else []), *(["old-cash"] if found else [])]


@given(days, st.integers(0, 30))
def test_working_days_leave_weekends_out(day: date, more: int) -> None:
    on = day + timedelta(days=more)
    counted = working_days_since(day, on)
    assert counted == sum((day + timedelta(days=n)).weekday() < 5 for n in range(1, more + 1))
    assert working_days_since(on, day) == 0 or more == 0
