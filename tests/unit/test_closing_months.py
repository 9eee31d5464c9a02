"""Which month a fact is booked in, and what may be closed, confirmed and opened again, on the plain values."""

from datetime import date

import pytest

from domain import closing
from domain.closing import MonthClosed, MonthReopened
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import Month
from ledger import close_reports
from ledger.month_books import MonthLine, UnitMonth

A = UnitId("A")


def made(month: str, number: int, position: int, *, second: bool = False) -> MonthClosed:
    return MonthClosed(
        unit_id=A,
        month=Month(month),
        number=number,
        position=position,
        explanations=(),
        reports=(),
        supersedes=None,
        needs_second=second,
        closed_by="A-TP",
        closed_on=date(2027, 1, 1),
    )


def folded(*events: closing.ClosingEvent) -> closing.Closing:
    state = closing.OPEN
    for event in events:
        state = closing.evolve(state, event)
    return state


@pytest.mark.parametrize(
    ("through", "day", "booked"),
    [
        (None, date(2026, 7, 31), "2026-07"),
        ("2026-06", date(2026, 7, 1), "2026-07"),
        ("2026-07", date(2026, 7, 31), "2026-08"),
        ("2026-07", date(2025, 1, 5), "2026-08"),
        ("2026-12", date(2026, 12, 31), "2027-01"),
        ("2026-07", date(2026, 9, 2), "2026-09"),
    ],
)
def test_a_fact_is_booked_in_its_own_month_if_open_else_in_the_first_open_one(
    through: str | None, day: date, booked: str
) -> None:
    state = closing.OPEN if through is None else folded(made(through, 1, 10))
    assert closing.month_for(state, day) == booked


def test_a_close_takes_hold_after_its_own_position_and_a_reopening_gives_the_month_back() -> None:
    reopened = MonthReopened(
        unit_id=A,
        month=Month("2026-07"),
        number=1,
        position=20,
        reason="x",
        requested_by="A-TP",
        approved_by="A-BT",
    )
    state = folded(made("2026-07", 1, 10), reopened, made("2026-07", 2, 30))
    day = date(2026, 7, 15)
    assert [closing.book_month_at(state, position, day) for position in (10, 11, 20, 21, 30, 31)] == [
        "2026-07",
        "2026-08",
        "2026-08",
        "2026-07",
        "2026-07",
        "2026-08",
    ]
    assert (closing.supersedes(state, Month("2026-07")), closing.first_open(state)) == (1, "2026-08")


def test_only_the_last_closed_month_is_opened_again() -> None:
    state = folded(made("2026-07", 1, 10), made("2026-08", 2, 20))
    for month, code in (
        ("2026-07", RefusalCode.MONTHS_CLOSE_IN_ORDER),
        ("2026-09", RefusalCode.MONTH_NOT_CLOSED),
    ):
        with pytest.raises(Refusal) as caught:
            closing.request_reopening(state, unit_id=A, month=Month(month), reason="x", requested_by="A-TP")
        assert caught.value.code is code
    asked = closing.request_reopening(state, unit_id=A, month=Month("2026-08"), reason="x", requested_by="A-TP")
    again = closing.evolve(state, asked[0])
    assert closing.request_reopening(again, unit_id=A, month=Month("2026-08"), reason="x", requested_by="A-BT") == ()


def test_a_month_before_the_first_closed_one_is_closed_with_it() -> None:
    state = folded(made("2026-07", 1, 10))
    assert closing.is_closed(state, Month("2026-03"))
    with pytest.raises(Refusal) as caught:
        closing.require_open_month(state, A, Month("2026-03"))
    assert caught.value.code is RefusalCode.MONTH_CLOSED


def test_a_report_s_digest_is_of_canonical_bytes() -> None:
    line = MonthLine(account="1110", opening=5, debits=10, credits=3, closing=12)
    figures = UnitMonth(
        unit_id=A, month=Month("2026-07"), position=7, trial=(("1110", 15, 3), ("3310", 0, 12)), lines=(line,)
    )
    assert close_reports.canonical("trial-balance", figures) == (
        b'{"accounts":[["1110",15,3],["3310",0,12]],"position":7,"unit":"A"}'
    )
    assert close_reports.canonical("month-figures", figures) == (
        b'{"accounts":[["1110",5,10,3,12]],"month":"2026-07","position":7,"unit":"A"}'
    )
    assert [d.report for d in close_reports.digests(figures)][:2] == ["trial-balance", "month-figures"]
    assert {len(d.sha256) for d in close_reports.digests(figures)} == {64}
