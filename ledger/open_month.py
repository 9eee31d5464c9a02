"""Whether a unit's month is still open: asked before a decision is dated into it. Facts are never asked."""

from datetime import date

from domain import closing
from domain.identifiers import UnitId
from domain.period import Month, Period, months_of
from ledger.work import Work


def require_open(work: Work, unit_id: UnitId, month: Month) -> None:
    """Refuse (``month-closed``) a decision of a unit that is dated into a closed month.

    The closing stream is guarded: a close recorded in between makes the command decide again.
    """
    closing.require_open_month(work.closing(unit_id), unit_id, month)
    work.guard(closing.stream(unit_id))


def require_open_period(work: Work, unit_id: UnitId, period: Period) -> None:
    """The same for a report period: its last month must be open."""
    require_open(work, unit_id, months_of(period)[-1])


def book_month(work: Work, unit_id: UnitId, day: date) -> Month:
    """The month in which a fact of that day is booked now: its own if open, else the first open one."""
    return closing.month_for(work.closing(unit_id), day)
