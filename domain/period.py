"""Dues months and report periods.

A dues month is the month for which a member owes; a report period is the month or quarter in which money is
declared and split. Both are text that sorts in time order: ``2026-07`` and ``2026-Q3``.
"""

import calendar
import re
from datetime import date, datetime, timedelta, timezone
from typing import NewType

from domain.errors import Refusal, RefusalCode

Month = NewType("Month", str)
Period = NewType("Period", str)

#: Vietnamese time: UTC+7, without summer time.
VIETNAM = timezone(timedelta(hours=7))

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2]|Q[1-4])")


def parse_month(text: str) -> Month:
    """Read ``YYYY-MM``; refuse anything else, naming what was read."""
    if not _MONTH.fullmatch(text):
        raise Refusal(RefusalCode.MONTH_MALFORMED, f"Tháng phải có dạng NNNN-TT (ví dụ 2026-07), nhận được {text!r}.")
    return Month(text)


def parse_period(text: str) -> Period:
    """Read ``YYYY-MM`` or ``YYYY-Qn``; refuse anything else, naming what was read."""
    if not _PERIOD.fullmatch(text):
        raise Refusal(
            RefusalCode.MONTH_MALFORMED,
            f"Kỳ báo cáo phải có dạng 2026-07 hoặc 2026-Q3, nhận được {text!r}.",
        )
    return Period(text)


def day_of(instant: datetime) -> date:
    """The Vietnamese calendar day of an aware instant."""
    return instant.astimezone(VIETNAM).date()


def month_of(day: date) -> Month:
    """The month a calendar day lies in (days are Vietnamese days, UTC+7 without summer time)."""
    return Month(f"{day.year:04d}-{day.month:02d}")


def year_of(month: Month) -> int:
    """The calendar year of a month."""
    return int(month[:4])


def shift(month: Month, by: int) -> Month:
    """The month ``by`` months later (negative: earlier)."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return Month(f"{index // 12:04d}-{index % 12 + 1:02d}")


def months_between(start: Month, end: Month) -> int:
    """How many months ``end`` lies after ``start``: 0 for the same month, negative when it lies before."""
    return (int(end[:4]) - int(start[:4])) * 12 + int(end[5:]) - int(start[5:])


def first_day(month: Month) -> date:
    """The first calendar day of a month."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: Month) -> date:
    """The last calendar day of a month."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])


def quarter_of(month: Month) -> Period:
    """The quarter a month lies in: ``2026-07`` gives ``2026-Q3``."""
    return Period(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}")


def months_of(period: Period) -> tuple[Month, ...]:
    """The months that make up a report period: one, or the three of a quarter."""
    if "Q" in period:
        start = (int(period[-1]) - 1) * 3 + 1
        return tuple(Month(f"{period[:4]}-{number:02d}") for number in range(start, start + 3))
    return (Month(period),)


def period_end(period: Period) -> date:
    """The last calendar day of a report period."""
    return last_day(months_of(period)[-1])
