"""Closing a unit's months: which are closed, by whom, on which figures, and in which month a late fact is booked.

Months close in order, and a fact is never refused: one whose own month is closed is booked in the first open month
and keeps its true date. The stream "closing/<unit>" holds closes, confirmations and re-openings; a later close
supersedes an earlier one of the same month, and both stay.

Source: rules §9 point 9, Law on Accounting 2015 article 26 (closed books are corrected openly, never overwritten).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Month, last_day, month_of, shift


def stream(unit_id: UnitId) -> str:
    """The name of a unit's closing stream."""
    return f"closing/{unit_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A point of the checklist that stays open over the close, and why; đồng, 0 where no money is meant."""

    kind: str
    key: str
    amount: Dong
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDigest:
    """sha256 (hex) of one report of the month, as it stood at the close."""

    report: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthClosed:
    """A month was closed on the figures that the log gave up to ``position``.

    ``number`` counts the unit's closes; ``supersedes`` is the number of the close of the same month that a
    re-opening set aside. What the log holds after ``position`` is booked in a later month, whatever its date.
    """

    unit_id: UnitId
    month: Month
    number: int
    position: int
    explanations: tuple[Explained, ...]
    reports: tuple[ReportDigest, ...]
    supersedes: int | None
    needs_second: bool
    closed_by: str
    closed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConfirmed:
    """A second person of the unit confirmed a close."""

    unit_id: UnitId
    month: Month
    number: int
    closed_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenRequested:
    """Someone asks that the last closed month be opened again, and says why."""

    unit_id: UnitId
    month: Month
    number: int  #: of the close that would be set aside
    reason: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReopened:
    """A month is open again; facts after ``position`` may be booked in it until the next close."""

    unit_id: UnitId
    month: Month
    number: int
    position: int
    reason: str
    requested_by: str
    approved_by: str


ClosingEvent = MonthClosed | CloseConfirmed | ReopenRequested | MonthReopened


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The last closed month (None: all are open) and the history of closes.

    ``turns`` says from which position of the log on which month was the last closed one.
    """

    through: Month | None = None
    closes: tuple[MonthClosed, ...] = ()
    confirmed: frozenset[int] = frozenset()
    reopened: frozenset[int] = frozenset()
    request: ReopenRequested | None = None
    turns: tuple[tuple[int, Month | None], ...] = ()

    @property
    def standing(self) -> MonthClosed | None:
        """The close of the last closed month."""
        live = [c for c in self.closes if c.number not in self.reopened]
        return live[-1] if live else None


OPEN = Closing()


def evolve(state: Closing, event: ClosingEvent) -> Closing:
    """Copy one fact into the state."""
    match event:
        case MonthClosed():
            return replace(
                state,
                through=event.month,
                closes=(*state.closes, event),
                turns=(*state.turns, (event.position, event.month)),
            )
        case CloseConfirmed():
            return replace(state, confirmed=state.confirmed | {event.number})
        case ReopenRequested():
            return replace(state, request=event)
        case MonthReopened():
            reopened = state.reopened | {event.number}
            live = [c.month for c in state.closes if c.number not in reopened]
            before = live[-1] if live else None
            return replace(
                state,
                through=before,
                reopened=reopened,
                request=None,
                turns=(*state.turns, (event.position, before)),
            )
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def is_closed(closed: Closing, month: Month) -> bool:
    """Whether a month is closed; what lies before a closed month is closed with it."""
    return closed.through is not None and month <= closed.through


def first_open(closed: Closing) -> Month | None:
    """The first month that is open; None while no month was ever closed."""
    return None if closed.through is None else shift(closed.through, 1)


def month_for(closed: Closing, day: date) -> Month:
    """The book month of a fact of that day: its own month if that is open, else the first open month."""
    return book_month(closed.through, day)


def book_month(through: Month | None, day: date) -> Month:
    """The same, of the last closed month alone."""
    own = month_of(day)
    return own if through is None or own > through else shift(through, 1)


def through_at(closed: Closing, position: int) -> Month | None:
    """The last closed month for an event of the log at ``position``: closes take hold after their own position."""
    found: Month | None = None
    for since, through in closed.turns:
        if since >= position:
            break
        found = through
    return found


def book_month_at(closed: Closing, position: int, day: date) -> Month:
    """The book month of an event that stands in the log at ``position`` and is true on ``day``."""
    return book_month(through_at(closed, position), day)


def require_open_month(closed: Closing, unit_id: UnitId, month: Month) -> None:
    """Refuse a decision that is dated into a closed month."""
    if is_closed(closed, month):
        raise Refusal(
            RefusalCode.MONTH_CLOSED,
            f"Tháng {month} của {unit_id} đã khoá sổ; không ghi thêm quyết định nào vào tháng này. "
            f"Ghi vào tháng {first_open(closed)} (tháng đang mở), hoặc hai người mở lại sổ có lý do.",
            unit=unit_id,
            month=month,
            open_month=first_open(closed),
        )


# --- Decisions --------------------------------------------------------------------------------------------------


def close(state: Closing, asked: MonthClosed) -> tuple[MonthClosed, ...]:
    """Close a month: over, in order, after the close before it was confirmed. The same again adds nothing."""
    last = state.standing
    if is_closed(state, asked.month):
        return ()
    if asked.closed_on <= last_day(asked.month):
        raise Refusal(
            RefusalCode.PERIOD_NOT_OVER,
            f"Tháng {asked.month} chưa hết ngày {asked.closed_on:%d/%m/%Y}. Khoá sổ sau ngày cuối tháng.",
        )
    if last is not None:
        if asked.month != shift(last.month, 1):
            raise Refusal(
                RefusalCode.MONTHS_CLOSE_IN_ORDER,
                f"Sổ của {asked.unit_id} đã khoá đến tháng {last.month}; tháng kế tiếp phải khoá là "
                f"{shift(last.month, 1)}, chưa đến tháng {asked.month}.",
            )
        if last.needs_second and last.number not in state.confirmed:
            raise Refusal(
                RefusalCode.CLOSE_NOT_CONFIRMED,
                f"Việc khoá sổ tháng {last.month} của {asked.unit_id} chưa có người thứ hai xác nhận. "
                f"Xác nhận tháng {last.month} trước khi khoá tháng {asked.month}.",
            )
    return (asked,)


def supersedes(state: Closing, month: Month) -> int | None:
    """The number of the last close of a month that was re-opened, if it ever was."""
    found = [c.number for c in state.closes if c.month == month and c.number in state.reopened]
    return found[-1] if found else None


def require_standing(state: Closing, unit_id: UnitId, month: Month) -> MonthClosed:
    """The close of the last closed month, which must be this one: later months are opened first."""
    last = state.standing
    if last is None or month > last.month:
        raise Refusal(RefusalCode.MONTH_NOT_CLOSED, f"Tháng {month} của {unit_id} chưa khoá sổ.")
    if month != last.month:
        raise Refusal(
            RefusalCode.MONTHS_CLOSE_IN_ORDER,
            f"Sổ của {unit_id} đã khoá đến tháng {last.month}. Mở lại tháng {last.month} trước tháng {month}, "
            "hoặc ghi điều chỉnh vào tháng đang mở.",
        )
    return last


def confirm(state: Closing, *, unit_id: UnitId, month: Month, confirmed_by: str) -> tuple[CloseConfirmed, ...]:
    """Take the second person's word for a close; once is enough."""
    last = require_standing(state, unit_id, month)
    if last.number in state.confirmed:
        return ()
    return (
        CloseConfirmed(
            unit_id=unit_id, month=month, number=last.number, closed_by=last.closed_by, confirmed_by=confirmed_by
        ),
    )


def request_reopening(
    state: Closing, *, unit_id: UnitId, month: Month, reason: str, requested_by: str
) -> tuple[ReopenRequested, ...]:
    """Ask to open the last closed month again; a standing request is not asked twice."""
    last = require_standing(state, unit_id, month)
    if state.request is not None and state.request.number == last.number:
        return ()
    return (
        ReopenRequested(unit_id=unit_id, month=month, number=last.number, reason=reason, requested_by=requested_by),
    )


def reopen(
    state: Closing, *, unit_id: UnitId, month: Month, position: int, approved_by: str
) -> tuple[MonthReopened, ...]:
    """Open the last closed month again, as another person asked."""
    last = require_standing(state, unit_id, month)
    asked = state.request
    if asked is None or asked.number != last.number:
        raise Refusal(
            RefusalCode.REOPENING_NOT_REQUESTED,
            f"Chưa ai đề nghị mở lại sổ tháng {month} của {unit_id}. Một người đề nghị có lý do, người khác duyệt.",
        )
    return (
        MonthReopened(
            unit_id=unit_id,
            month=month,
            number=last.number,
            position=position,
            reason=asked.reason,
            requested_by=asked.requested_by,
            approved_by=approved_by,
        ),
    )
