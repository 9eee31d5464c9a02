"""One member's dues in one accounting year: what was assessed, relieved, paid; what is held as credit.

One stream per member and year of work ("dues/<member>/<year>"). What is open at the year's end is carried into the
next year's stream. The obligation of a dues month is never recomputed in place: corrections are further events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from domain.assessment import Assessment
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, require_amount
from domain.period import Month


def stream(member_id: MemberId, year: int) -> str:
    """The name of a member's stream for one accounting year."""
    return f"dues/{member_id}/{year}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesAssessed:
    """What a member owes for a dues month, with everything needed to reckon it again (I10); amounts in đồng.

    ``gross`` is before relief, ``relieved`` + ``due`` = ``gross``; a full relief is an obligation with nothing due.
    """

    member_id: MemberId
    unit_id: UnitId
    month: Month
    category: str
    rule: str
    document: str
    article: str | None
    regime: str
    base_kind: str | None
    base: Dong | None
    base_month: Month | None
    region: str | None
    cap: Dong | None
    relief: str | None
    relief_percent: int
    relief_decision: str | None
    rounding: str
    gross: Dong
    relieved: Dong
    due: Dong
    is_opening: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentApplied:
    """A part of a payment answers for a dues month; ``n`` counts the member's applications (I7)."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    payment_id: PaymentId
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditHeld:
    """What a payment brought beyond everything owed; it waits for the next months or a refund."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    payment_id: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCreditCarried:
    """Credit a member had when the ledger began."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditApplied:
    """Held credit answers for a dues month."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReleased:
    """Held credit leaves the account to be given back by a refund."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationUndone:
    """Money that answered for a month no longer does, because of a decision; it is given back by a refund."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRecognised:
    """A relief found after assessment takes ``amount`` off what is owed for a month, by a numbered decision."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    relief: str
    percent: int
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What is still owed for a month when a year's account ends."""

    month: Month
    assessed: Dong
    relieved: Dong
    applied: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOpened:
    """The account of a new year takes over what was open and what was held as credit."""

    member_id: MemberId
    unit_id: UnitId
    year: int
    items: tuple[OpenItem, ...]
    credit: Dong


DuesEvent = (
    DuesAssessed
    | PaymentApplied
    | CreditHeld
    | OpeningCreditCarried
    | CreditApplied
    | CreditReleased
    | ApplicationUndone
    | ReliefRecognised
    | YearOpened
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Sums per dues month, held credit, and how many applications there have been."""

    items: Mapping[Month, OpenItem] = field(default_factory=dict)
    credit: Dong = 0
    applications: int = 0


NEW = Account()


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
            return replace(state, credit=state.credit - event.amount)
        case ApplicationUndone():
            return _applied(state, event.month, -event.amount, state.applications)
        case ReliefRecognised():
            item = state.items[event.month]
            item = replace(item, relieved=item.relieved + event.amount)
            return replace(state, items={**state.items, event.month: item})
        case YearOpened():
            return Account(items={item.month: item for item in event.items}, credit=event.credit)
        case _:
            assert_never(event)


def _applied(state: Account, month: Month, amount: Dong, applications: int) -> Account:
    item = state.items[month]
    item = replace(item, applied=item.applied + amount)
    return replace(state, items={**state.items, month: item}, applications=applications)


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


# --- Decisions --------------------------------------------------------------------------------------------------


def assess(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    assessment: Assessment,
    relief_decision: str | None,
    is_opening: bool = False,
) -> tuple[DuesAssessed | CreditApplied, ...]:
    """Record an obligation and let held credit answer for it; a month already assessed adds nothing (I9)."""
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
    usable = min(state.credit, assessment.due)
    if usable == 0:
        return (assessed,)
    credit = CreditApplied(
        member_id=member_id, unit_id=unit_id, month=assessment.month, amount=usable, n=state.applications + 1
    )
    return (assessed, credit)


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
    """Give held credit back; never more than is held (I8, I32)."""
    if require_amount(amount) > state.credit:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Chỉ còn giữ {state.credit} đồng đóng thừa, không thể hoàn {amount} đồng.",
        )
    return (CreditReleased(member_id=member_id, unit_id=unit_id, amount=amount, refund_id=refund_id),)


def recognise_relief(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    month: Month,
    relief: str,
    percent: int,
    amount: Dong,
    decision: str,
    reason: str,
    refund_id: str,
) -> tuple[ApplicationUndone | ReliefRecognised, ...]:
    """Recognise a relief found late for an assessed month: what was paid too much is freed for a refund.

    ``amount`` is what the relief takes off; the paid part beyond the new due is undone first, so that what is owed
    is never negative.
    """
    item = state.items.get(month)
    if item is None:
        raise Refusal(RefusalCode.NOT_ASSESSED, f"Tháng {month} chưa được tính mức đóng, không có gì để miễn giảm.")
    due_after = item.assessed - item.relieved - require_amount(amount)
    if due_after < 0:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Tháng {month} chỉ phải đóng {item.assessed - item.relieved} đồng, không thể miễn {amount} đồng.",
        )
    undone = max(0, item.applied - due_after)
    relieved = ReliefRecognised(
        member_id=member_id,
        unit_id=unit_id,
        month=month,
        amount=amount,
        relief=relief,
        percent=percent,
        decision=decision,
        reason=reason,
    )
    if undone == 0:
        return (relieved,)
    freed = ApplicationUndone(member_id=member_id, unit_id=unit_id, month=month, amount=undone, refund_id=refund_id)
    return (freed, relieved)


def open_year(previous: Account, *, member_id: MemberId, unit_id: UnitId, year: int) -> tuple[YearOpened, ...]:
    """Open a new year's account with what is open in the year before; nothing open, nothing to carry."""
    items = tuple(previous.items[month] for month in open_months(previous))
    if not items and previous.credit == 0:
        return ()
    return (YearOpened(member_id=member_id, unit_id=unit_id, year=year, items=items, credit=previous.credit),)
