"""Arrears of a member: what each month of a year counts as, and when the cell must look into it.

Not paying three months in a year without good reason is for the cell to consider (rules §4); the program lays out the
evidence and changes nobody's standing. A month paid in part is not an unpaid month, nor one that was exempted, put off
by leave (X5), never assessed, or that is not over yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.money import Dong
from domain.period import Month, last_day


class MonthState(StrEnum):
    """What a month counts as."""

    PAID = "paid"
    PART_PAID = "part-paid"
    UNPAID = "unpaid"
    NOTHING_DUE = "nothing-due"  #: exempt or waived
    DEFERRED = "deferred"  #: may be paid late (X5)
    RUNNING = "running"  #: not over yet
    NOT_ASSESSED = "not-assessed"


#: How each state is named to Vietnamese readers.
STATE_TITLES = {
    MonthState.PAID: "đã đóng đủ",
    MonthState.PART_PAID: "đóng một phần",
    MonthState.UNPAID: "chưa đóng",
    MonthState.NOTHING_DUE: "được miễn",
    MonthState.DEFERRED: "được đóng chậm",
    MonthState.RUNNING: "chưa hết tháng",
    MonthState.NOT_ASSESSED: "chưa tính mức đóng",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeClass:
    """Open months whose age in whole days after the month's end lies in [low, high]; None: no upper end."""

    name: str
    title: str
    low: int
    high: int | None


#: The classes of the ageing list, by days since the end of the dues month.
AGE_CLASSES = (
    AgeClass(name="running", title="trong tháng", low=-31, high=-1),
    AgeClass(name="to-30", title="đến 30 ngày", low=0, high=30),
    AgeClass(name="to-90", title="31–90 ngày", low=31, high=90),
    AgeClass(name="to-180", title="91–180 ngày", low=91, high=180),
    AgeClass(name="to-365", title="181–365 ngày", low=181, high=365),
    AgeClass(name="over-365", title="trên 365 ngày", low=366, high=None),
)


def age_class(month: Month, on: date) -> AgeClass:
    """The class of an open month on a day."""
    days = age_days(month, on)
    return next(c for c in AGE_CLASSES if days <= (10**9 if c.high is None else c.high))


def age_days(month: Month, on: date) -> int:
    """Days since the end of a dues month; negative while it runs."""
    return (on - last_day(month)).days


def state_of(*, month: Month, on: date, assessed: bool, due: Dong, applied: Dong, may_be_late: bool) -> MonthState:
    """What a month counts as on a day. ``due`` is after relief."""
    if not assessed:
        return MonthState.RUNNING if last_day(month) >= on else MonthState.NOT_ASSESSED
    if due == 0:
        return MonthState.NOTHING_DUE
    if applied >= due:
        return MonthState.PAID
    if last_day(month) >= on:
        return MonthState.RUNNING
    if applied > 0:
        return MonthState.PART_PAID
    return MonthState.DEFERRED if may_be_late else MonthState.UNPAID


def is_flagged(states: Iterable[MonthState], threshold: int) -> bool:
    """Whether as many months of a year are unpaid as make the cell look into it; they need not follow each other."""
    return sum(state is MonthState.UNPAID for state in states) >= threshold
