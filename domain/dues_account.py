"""One member's dues in one accounting year: what was assessed, relieved, paid; what is held as credit.

One stream per member and year of work ("dues/<member>/<year>"). What is open at the year's end is carried into the
next year's stream. The obligation of a dues month is never recomputed in place: corrections are further events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from domain.assessment import Assessment
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied, credit_again, still_applied
from domain.dues_events import (
    AheadApplied,
    AheadReturned,
    ApplicationUndone,
    CollectedAhead,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    DuesAdjusted,
    DuesAssessed,
    DuesEvent,
    OpeningCreditCarried,
    OpenItem,
    PaymentApplied,
    PendingCarried,
    Reckoning,
    ReliefRecognised,
    SurplusAccepted,
    SurplusDeclared,
    SurplusRejected,
    YearOpened,
)
from domain.dues_moves import CreditMoved, MonthWaived, ObligationMoved
from domain.dues_reserved import CreditReserved, CreditUnreserved
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, require_amount
from domain.period import Month

__all__ = [
    "NEW",
    "Account",
    "AheadApplied",
    "AheadReturned",
    "ApplicationUndone",
    "CollectedAhead",
    "CreditApplied",
    "CreditHeld",
    "CreditReleased",
    "CreditReserved",
    "CreditUnreserved",
    "DuesAdjusted",
    "DuesAssessed",
    "DuesEvent",
    "OpenItem",
    "OpeningCreditCarried",
    "PaymentApplied",
    "PendingCarried",
    "Reckoning",
    "ReliefRecognised",
    "SurplusAccepted",
    "SurplusDeclared",
    "SurplusRejected",
    "YearOpened",
    "answer_from_held",
    "apply_payment",
    "assess",
    "carry_opening_credit",
    "evolve",
    "free_credit",
    "open_months",
    "open_year",
    "owed",
    "release_credit",
    "reserve_credit",
    "reserved_credit",
    "stream",
    "total_owed",
    "unreserve_credit",
    "waiting_surplus",
]


def stream(member_id: MemberId, year: int) -> str:
    """The name of a member's stream for one accounting year."""
    return f"dues/{member_id}/{year}"


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Sums per dues month, held credit, what is collected ahead, and how many applications there have been."""

    items: Mapping[Month, OpenItem] = field(default_factory=dict)
    credit: Dong = 0
    applications: int = 0
    ahead: Dong = 0  #: collected already, answering for no month yet
    surpluses: Mapping[str, SurplusDeclared] = field(default_factory=dict)  #: waiting for the direct superior
    reserved: Mapping[str, CreditReserved] = field(default_factory=dict)  #: by the refund that was asked for


NEW = Account()

_Told = TypeVar("_Told")


def evolve(state: Account, event: DuesEvent) -> Account:
    """Copy one fact into the state."""
    match event:
        case DuesAssessed():
            item = OpenItem(month=event.month, assessed=event.gross, relieved=event.relieved, applied=0)
            return replace(state, items={**state.items, event.month: item})
        case PaymentApplied():
            return _applied(state, event.month, event.amount, event.n)
        case CreditHeld() | OpeningCreditCarried():
            return replace(state, credit=state.credit + event.amount)
        case CreditApplied():
            after = _applied(state, event.month, event.amount, event.n)
            return replace(after, credit=after.credit - event.amount)
        case CreditReleased():
            left = _without(state.reserved, event.refund_id)
            return replace(state, credit=state.credit - event.amount, reserved=left)
        case CreditReserved():
            return replace(state, reserved={**state.reserved, event.refund_id: event})
        case CreditUnreserved():
            return replace(state, reserved=_without(state.reserved, event.refund_id))
        case ApplicationUndone():
            return _applied(state, event.month, -event.amount, state.applications)
        case ObligationMoved() | CreditMoved():
            return state
        case PaymentUnapplied() | CreditUnapplied():
            return _reopened(state, event)
        case CreditUnheld():
            return replace(state, credit=state.credit - event.amount)
        case ReliefRecognised() | MonthWaived():
            item = state.items[event.month]
            item = replace(item, relieved=item.relieved + event.amount)
            return replace(state, items={**state.items, event.month: item})
        case YearOpened():
            return Account(items={item.month: item for item in event.items}, credit=event.credit)
        case PendingCarried():
            return replace(state, ahead=event.ahead, surpluses={s.surplus_id: s for s in event.surpluses})
        case DuesAdjusted():
            return _adjusted(state, event)
        case CollectedAhead():
            return replace(state, credit=state.credit - event.amount, ahead=state.ahead + event.amount)
        case AheadApplied():
            after = _applied(state, event.month, event.amount, event.n)
            return replace(after, ahead=after.ahead - event.amount)
        case AheadReturned():
            return replace(state, credit=state.credit + event.amount, ahead=state.ahead - event.amount)
        case SurplusDeclared():
            return replace(state, surpluses={**state.surpluses, event.surplus_id: event})
        case SurplusAccepted():
            return replace(
                state, credit=state.credit - event.amount, surpluses=_without(state.surpluses, event.surplus_id)
            )
        case SurplusRejected():
            return replace(state, surpluses=_without(state.surpluses, event.surplus_id))
        case _:
            assert_never(event)


def _reopened(state: Account, event: PaymentUnapplied | CreditUnapplied) -> Account:
    """A month, perhaps of an earlier year's account, of which a part is owed again."""
    item = OpenItem(month=event.month, assessed=event.assessed, relieved=event.relieved, applied=still_applied(event))
    return replace(state, items={**state.items, event.month: item}, credit=state.credit + credit_again(event))


def _applied(state: Account, month: Month, amount: Dong, applications: int) -> Account:
    item = state.items[month]
    item = replace(item, applied=item.applied + amount)
    return replace(state, items={**state.items, month: item}, applications=applications)


def _adjusted(state: Account, event: DuesAdjusted) -> Account:
    """The month as reckoned again; it may have been assessed in an earlier year's account."""
    item = OpenItem(
        month=event.month,
        assessed=event.after.gross,
        relieved=event.after.relieved,
        applied=event.applied_before - event.undone,
    )
    return replace(
        state,
        items={**state.items, event.month: item},
        credit=state.credit + event.to_credit,
        ahead=state.ahead + event.to_ahead,
    )


def _without(waiting: Mapping[str, _Told], gone: str) -> dict[str, _Told]:
    return {key: told for key, told in waiting.items() if key != gone}


# --- Questions --------------------------------------------------------------------------------------------------


def owed(state: Account, month: Month) -> Dong:
    """What is still owed for a month: assessed less relieved less applied; 0 for a month never assessed."""
    item = state.items.get(month)
    return 0 if item is None else item.assessed - item.relieved - item.applied


def open_months(state: Account, first: Month | None = None) -> tuple[Month, ...]:
    """Months with something owed: the one asked for first, then the oldest (rules §9.13, a setting)."""
    months = sorted(month for month in state.items if owed(state, month) > 0)
    if first in months:
        months.remove(first)
        months.insert(0, first)
    return tuple(months)


def total_owed(state: Account) -> Dong:
    """Everything still owed, over all months."""
    return sum(owed(state, month) for month in state.items)


def waiting_surplus(state: Account) -> Dong:
    """Credit that waits for the direct superior's word on a surplus."""
    return sum(told.amount for told in state.surpluses.values())


def reserved_credit(state: Account) -> Dong:
    """Credit that waits for the approval of refunds that were asked for."""
    return sum(asked.amount for asked in state.reserved.values())


def free_credit(state: Account) -> Dong:
    """Credit that may answer for months or be given back; not what waits for a surplus or a refund to be decided."""
    return max(0, state.credit - waiting_surplus(state) - reserved_credit(state))


# --- Decisions --------------------------------------------------------------------------------------------------


def assess(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    assessment: Assessment,
    relief_decision: str | None,
    is_opening: bool = False,
) -> tuple[DuesAssessed | AheadApplied | CreditApplied, ...]:
    """Record an obligation and let money collected ahead and held credit answer for it; once a month (I9)."""
    if assessment.month in state.items:
        return ()
    assessed = DuesAssessed(
        member_id=member_id,
        unit_id=unit_id,
        month=assessment.month,
        category=assessment.category,
        rule=assessment.rule,
        document=assessment.document,
        article=assessment.article,
        regime=assessment.regime,
        base_kind=assessment.base_kind,
        base=assessment.base,
        base_month=assessment.base_month,
        region=assessment.region,
        cap=assessment.cap,
        relief=assessment.relief,
        relief_percent=assessment.relief_percent,
        relief_decision=relief_decision,
        rounding=assessment.rounding,
        gross=assessment.gross,
        relieved=assessment.relieved,
        due=assessment.due,
        is_opening=is_opening,
    )
    after = evolve(state, assessed)
    return (assessed, *answer_from_held(after, member_id=member_id, unit_id=unit_id, first=assessment.month, only=True))


def answer_from_held(
    state: Account, *, member_id: MemberId, unit_id: UnitId, first: Month | None = None, only: bool = False
) -> tuple[AheadApplied | CreditApplied, ...]:
    """Let money collected ahead, then free credit, answer for open months; with ``only``, for ``first`` alone."""
    events: list[AheadApplied | CreditApplied] = []
    ahead, credit, n = state.ahead, free_credit(state), state.applications
    for month in open_months(state, first):
        if only and month != first:
            continue
        part = min(ahead, owed(state, month))
        if part:
            n += 1
            ahead -= part
            events.append(AheadApplied(member_id=member_id, unit_id=unit_id, month=month, amount=part, n=n))
        rest = min(credit, owed(state, month) - part)
        if rest:
            n += 1
            credit -= rest
            events.append(CreditApplied(member_id=member_id, unit_id=unit_id, month=month, amount=rest, n=n))
    return tuple(events)


def apply_payment(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    payment_id: PaymentId,
    amount: Dong,
    month: Month | None,
) -> tuple[PaymentApplied | CreditHeld, ...]:
    """Let money answer for the asked month, then the oldest open ones; what is left is held as credit (I6).

    Never refused: money that came in is a fact. The parts sum to ``amount``.
    """
    left = require_amount(amount)
    events: list[PaymentApplied | CreditHeld] = []
    n = state.applications
    for open_month in open_months(state, month):
        part = min(left, owed(state, open_month))
        if part == 0:
            break
        n += 1
        events.append(
            PaymentApplied(
                member_id=member_id,
                unit_id=unit_id,
                month=open_month,
                amount=part,
                payment_id=payment_id,
                n=n,
            )
        )
        left -= part
    if left:
        events.append(CreditHeld(member_id=member_id, unit_id=unit_id, amount=left, payment_id=payment_id))
    return tuple(events)


def carry_opening_credit(
    state: Account, *, member_id: MemberId, unit_id: UnitId, amount: Dong
) -> tuple[OpeningCreditCarried, ...]:
    """Take over the credit a member had when the ledger began; only into an account that has none yet."""
    if state.credit or amount == 0:
        return ()
    return (OpeningCreditCarried(member_id=member_id, unit_id=unit_id, amount=require_amount(amount)),)


def release_credit(
    state: Account, *, member_id: MemberId, unit_id: UnitId, amount: Dong, refund_id: str
) -> tuple[CreditReleased, ...]:
    """Give held credit back: what was reserved for it, or what is free where it never was (I8, I32)."""
    waits = state.reserved.get(refund_id)
    there = free_credit(state) + (0 if waits is None else waits.amount)
    if require_amount(amount) > there:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Chỉ còn giữ {there} đồng đóng thừa, không thể hoàn {amount} đồng.",
        )
    return (CreditReleased(member_id=member_id, unit_id=unit_id, amount=amount, refund_id=refund_id),)


def reserve_credit(
    state: Account, *, member_id: MemberId, unit_id: UnitId, amount: Dong, refund_id: str
) -> tuple[CreditReserved, ...]:
    """Set credit aside for a refund that was asked for; the same again adds nothing."""
    if refund_id in state.reserved:
        return ()
    return (CreditReserved(member_id=member_id, unit_id=unit_id, amount=amount, refund_id=refund_id),)


def unreserve_credit(state: Account, refund_id: str, unit_id: UnitId) -> tuple[CreditUnreserved, ...]:
    """Let go what a withdrawn request had set aside, in whosever books it waits now."""
    waits = state.reserved.get(refund_id)
    if waits is None:
        return ()
    return (CreditUnreserved(member_id=waits.member_id, unit_id=unit_id, amount=waits.amount, refund_id=refund_id),)


def open_year(
    previous: Account, *, member_id: MemberId, unit_id: UnitId, year: int
) -> tuple[YearOpened | PendingCarried | CreditReserved, ...]:
    """Open a new year's account with what is open in the year before; nothing open, nothing to carry."""
    items = tuple(previous.items[month] for month in open_months(previous))
    pending = PendingCarried(
        member_id=member_id,
        unit_id=unit_id,
        year=year,
        ahead=previous.ahead,
        surpluses=tuple(previous.surpluses.values()),
    )
    waits = previous.ahead > 0 or bool(previous.surpluses)
    if not items and previous.credit == 0 and not waits:
        return ()
    opened = YearOpened(member_id=member_id, unit_id=unit_id, year=year, items=items, credit=previous.credit)
    return (opened, *((pending,) if waits else ()), *previous.reserved.values())
