"""Dues months and report periods."""

from datetime import date

import pytest

from domain.errors import Refusal, RefusalCode
from domain.period import (
    Month,
    Period,
    first_day,
    last_day,
    month_of,
    months_of,
    parse_month,
    parse_period,
    period_end,
    quarter_of,
    shift,
    year_of,
)


@pytest.mark.parametrize(
    "text", ["2026-7", "2026-13", "2026-00", "26-07", "2026-07 ", "2026/07", "", "２０２６-07", "2026-Q3"]
)
def test_a_month_in_any_other_form_is_refused_and_named(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_month(text)
    assert caught.value.code is RefusalCode.MONTH_MALFORMED
    assert repr(text) in caught.value.message


@pytest.mark.parametrize("text", ["2026-Q0", "2026-Q5", "2026-q3", "2026-13", "2026"])
def test_a_period_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_period(text)
    assert caught.value.code is RefusalCode.MONTH_MALFORMED


def test_months_and_quarters_are_read_as_they_are() -> None:
    assert parse_month("2026-07") == "2026-07"
    assert parse_period("2026-07") == "2026-07"
    assert parse_period("2026-Q3") == "2026-Q3"


@pytest.mark.parametrize(
    ("month", "by", "expected"),
    [
        ("2026-01", -1, "2025-12"),
        ("2026-12", 1, "2027-01"),
        ("2026-07", 0, "2026-07"),
        ("2026-07", 18, "2028-01"),
        ("2026-07", -24, "2024-07"),
    ],
)
def test_a_month_moves_over_the_ends_of_years(month: str, by: int, expected: str) -> None:
    assert shift(Month(month), by) == expected


def test_days_of_months_know_leap_years() -> None:
    assert first_day(Month("2026-07")) == date(2026, 7, 1)
    assert last_day(Month("2026-02")) == date(2026, 2, 28)
    assert last_day(Month("2028-02")) == date(2028, 2, 29)
    assert month_of(date(2026, 7, 31)) == "2026-07"
    assert year_of(Month("2026-07")) == 2026


@pytest.mark.parametrize(
    ("month", "quarter"),
    [("2026-01", "2026-Q1"), ("2026-03", "2026-Q1"), ("2026-07", "2026-Q3"), ("2026-12", "2026-Q4")],
)
def test_each_month_lies_in_its_quarter_and_the_quarter_holds_it(month: str, quarter: str) -> None:
    assert quarter_of(Month(month)) == quarter
    assert Month(month) in months_of(Period(quarter))


def test_a_period_ends_on_its_last_day() -> None:
    assert months_of(Period("2026-Q3")) == ("2026-07", "2026-08", "2026-09")
    assert months_of(Period("2026-07")) == ("2026-07",)
    assert period_end(Period("2026-Q3")) == date(2026, 9, 30)
    assert period_end(Period("2026-02")) == date(2026, 2, 28)
