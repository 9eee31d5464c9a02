"""When a unit reports and by when it must have sent what it owes: settings of the policy, dated like the law itself.

Source: rules §2.4 (days are customary, no text of 2026 gives them). Public holidays are handed in as data.
"""

from collections.abc import Set
from datetime import date, timedelta

from domain import policy
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Month, Period, first_day, last_day, months_of, period_end, quarter_of, shift
from domain.policy import Policy
from domain.policy_settings import SettingName

_SATURDAY = 5


def is_working_day(day: date, holidays: Set[date] = frozenset()) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def next_working_day(day: date, holidays: Set[date] = frozenset()) -> date:
    """The day itself if people work on it, else the first working day after it."""
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def working_days_since(day: date, on: date, holidays: Set[date] = frozenset()) -> int:
    """How many working days have gone by after ``day`` up to ``on``."""
    return sum(is_working_day(day + timedelta(days=n), holidays) for n in range(1, (on - day).days + 1))


def working_days_after(day: date, count: int, holidays: Set[date] = frozenset()) -> date:
    """The day ``count`` working days later."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def reports_quarterly(law: Policy, kind: UnitKind, month: Month) -> bool:
    """Whether units of a kind report for the quarter that a month lies in, and not for the month."""
    first = months_of(quarter_of(month))[0]
    return policy.setting(law, SettingName.REPORT_FREQUENCY, first, kind) == "quarter"


def period_of(law: Policy, kind: UnitKind, month: Month) -> Period:
    """The report period of a unit of this kind that a month belongs to."""
    return quarter_of(month) if reports_quarterly(law, kind, month) else Period(month)


def next_period(law: Policy, kind: UnitKind, period: Period) -> Period:
    """The report period that follows."""
    return period_of(law, kind, shift(months_of(period)[-1], 1))


def due_day(law: Policy, kind: UnitKind, period: Period, holidays: Set[date] = frozenset()) -> date:
    """The last day on which a unit of this kind may send what it owes for a period.

    The day is one of the month after the period; a day that this month does not have is its last one. A day off
    moves to the next working day, unless the setting says otherwise.
    """
    after = shift(months_of(period)[-1], 1)
    number = policy.setting_number(law, SettingName.DEADLINE_DAY, months_of(period)[0], kind)
    day = first_day(after).replace(day=min(number, last_day(after).day))
    moves = policy.setting(law, SettingName.DEADLINE_ON_DAY_OFF, months_of(period)[0], kind) == "next-working-day"
    return next_working_day(day, holidays) if moves else day


def require_frequency(law: Policy, kind: UnitKind, unit_id: UnitId, period: Period) -> None:
    """Refuse a month of a unit that reports by quarters, and a quarter of one that reports by months."""
    wanted = period_of(law, kind, months_of(period)[0])
    if wanted != period:
        raise Refusal(
            RefusalCode.PERIOD_KIND_DIFFERS,
            f"{unit_id} báo cáo theo {'quý' if 'Q' in wanted else 'tháng'}: chốt kỳ {wanted}, không phải {period}. "
            "Nếu cấp có thẩm quyền quyết định khác, kích hoạt thiết lập «report-frequency».",
        )


def days_late(law: Policy, kind: UnitKind, period: Period, on: date, holidays: Set[date] = frozenset()) -> int:
    """How many days the deadline of a period lies behind; 0 or less while it has not passed."""
    return (on - due_day(law, kind, period, holidays)).days


def ended_before(law: Policy, kind: UnitKind, after: Period | None, on: date) -> tuple[Period, ...]:
    """The report periods after a given one that have ended by a day, oldest first; the last ended one after None."""
    if after is None:
        current = period_of(law, kind, Month(f"{on.year:04d}-{on.month:02d}"))
        before = period_of(law, kind, shift(months_of(current)[0], -1))
        return (current,) if period_end(current) <= on else (before,)
    found = []
    period = next_period(law, kind, after)
    while period_end(period) < on:
        found.append(period)
        period = next_period(law, kind, period)
    return tuple(found)
