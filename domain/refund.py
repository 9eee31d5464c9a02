"""Money given back: planned to the đồng at every level before anyone approves, approved by two, then paid out.

One stream per refund. Closed periods are not touched: each level recomputes its declared period with the refund
taken out and books only the difference, now (accounting §3, story 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.access import require_other_person
from domain.declaration import RefundTakenFromUnsplit as RefundTakenFromUnsplit
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.money import Dong, require_amount
from domain.passed_on import RefundTakenOver
from domain.period import Month
from domain.refund_cases import ClawBackReceived, ClawBackSent, RefundWithdrawn
from domain.refund_channel import ChannelState, RefundReported, RefundSent, says_more
from domain.refund_plan import LevelPart as LevelPart
from domain.refund_plan import book_parts as book_parts
from domain.refund_plan import plan_after_split as plan_after_split


def stream(refund_id: RefundId) -> str:
    """The name of a refund's stream."""
    return f"refund/{refund_id}"


class Source(StrEnum):
    """Out of what the refund is paid."""

    CREDIT = "credit"  #: an overpayment still held: nobody else is touched
    SUSPENSE = "suspense"  #: money that nobody could place
    UNSPLIT = "unsplit"  #: dues collected and not yet declared
    SPLIT = "split"  #: dues declared and passed on: every level gives back its part


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested:
    """A refund is asked for by one person, with the plan of what each level gives."""

    refund_id: RefundId
    source: Source
    unit_id: UnitId
    member_id: MemberId | None
    payment_id: PaymentId | None
    month: Month | None
    amount: Dong
    parts: tuple[LevelPart, ...]
    relief: str | None
    relief_percent: int
    relief_amount: Dong  #: what the relief takes off the month, paid or not
    reason: str
    decision: str
    requested_by: str
    requested_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundApproved:
    """The n-th of two approvals; the second one books the refund."""

    refund_id: RefundId
    unit_id: UnitId
    n: int
    approved_by: str
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPaidOut:
    """The money left the unit, or its holder, for the payer."""

    refund_id: RefundId
    unit_id: UnitId
    holder_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    paid_by: str
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSeen:
    """The bank booked the debit of a pay-out; evidence, no entry."""

    refund_id: RefundId
    unit_id: UnitId
    amount: Dong
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFailed:
    """A pay-out came back; the refund is owed again."""

    refund_id: RefundId
    unit_id: UnitId
    holder_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    reason: str
    failed_on: date
    bank_line: str | None  #: the credit by which it came back, where a statement shows it


RefundEvent = (
    RefundRequested
    | RefundApproved
    | RefundPaidOut
    | PayoutSeen
    | PayoutFailed
    | RefundWithdrawn
    | ClawBackSent
    | ClawBackReceived
    | RefundTakenOver
    | RefundReported
    | RefundSent
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRequested:
    """Nobody asked for this refund."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What was asked, who approved, whether it is paid; claw-back by transfer, by the superior that pays it."""

    requested: RefundRequested
    approvers: tuple[str, ...] = ()
    paid: RefundPaidOut | None = None
    seen: frozenset[str] = frozenset()
    withdrawn: bool = False
    claw_backs: Mapping[UnitId, ClawBackSent] = field(default_factory=dict)
    claw_backs_received: frozenset[UnitId] = frozenset()
    sent: PaymentId | None = None  #: the payment out of which a channel was asked to give it back
    reports: Mapping[str, ChannelState] = field(default_factory=dict)  #: by the channel's id of the pay-out


State = NotRequested | Refund
NOT_REQUESTED = NotRequested()


def evolve(state: State, event: RefundEvent) -> State:
    """Copy one fact into the state."""
    if isinstance(event, RefundRequested):
        return Refund(requested=event)
    refund = _requested(state)
    match event:
        case RefundApproved():
            return replace(refund, approvers=(*refund.approvers, event.approved_by))
        case RefundPaidOut():
            return replace(refund, paid=event)
        case PayoutSeen():
            return replace(refund, seen=refund.seen | {event.bank_line})
        case PayoutFailed():
            return replace(refund, paid=None)
        case RefundWithdrawn():
            return replace(refund, withdrawn=True)
        case ClawBackSent():
            return replace(refund, claw_backs={**refund.claw_backs, event.superior_id: event})
        case ClawBackReceived():
            return replace(refund, claw_backs_received=refund.claw_backs_received | {event.superior_id})
        case RefundTakenOver():
            return replace(refund, requested=replace(refund.requested, unit_id=event.unit_id))
        case RefundSent():
            return replace(refund, sent=event.payment_id)
        case RefundReported():
            return replace(refund, reports={**refund.reports, event.outside_id: event.state})
        case _:
            assert_never(event)


def _requested(state: State) -> Refund:
    if isinstance(state, NotRequested):
        raise Refusal(
            RefusalCode.REFUND_STATE, "Chưa có đề nghị hoàn trả này. Kiểm tra mã hồ sơ, hoặc lập đề nghị trước."
        )
    return state


require_requested = _requested


# --- Decisions --------------------------------------------------------------------------------------------------


def request(state: State, asked: RefundRequested, *, available: Dong) -> tuple[RefundRequested, ...]:
    """Ask for a refund of at most what is available in its source (I8); the same again adds nothing."""
    if isinstance(state, Refund):
        if state.requested == asked:
            return ()
        raise Refusal(RefusalCode.REFUND_STATE, f"Đề nghị hoàn trả {asked.refund_id} đã có với nội dung khác.")
    if require_amount(asked.amount) > available:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Chỉ có thể hoàn tối đa {available} đồng, không thể hoàn {asked.amount} đồng. Kiểm tra lại số tiền.",
        )
    if not asked.decision:
        raise Refusal(RefusalCode.REFUND_STATE, "Hoàn trả phải có số quyết định của cấp ủy.")
    return (asked,)


def approve(state: State, *, approved_by: str, on: date) -> tuple[RefundApproved, ...]:
    """Approve; two different people, neither of whom asked for it (I21)."""
    refund = _requested(state)
    asked = refund.requested
    if refund.withdrawn:
        raise Refusal(
            RefusalCode.REFUND_STATE, f"Đề nghị hoàn trả {asked.refund_id} đã rút. Lập đề nghị mới nếu vẫn cần."
        )
    if len(refund.approvers) >= 2 or approved_by in refund.approvers:
        if approved_by in refund.approvers and len(refund.approvers) < 2:
            require_other_person(approved_by, approved_by, f"Hoàn trả {asked.refund_id} lần duyệt thứ hai")
        return ()
    require_other_person(asked.requested_by, approved_by, f"Hoàn trả {asked.refund_id}")
    return (
        RefundApproved(
            refund_id=asked.refund_id,
            unit_id=asked.unit_id,
            n=len(refund.approvers) + 1,
            approved_by=approved_by,
            approved_on=on,
        ),
    )


def pay_out(
    state: State, *, holder_id: UnitId, asset: str, asset_key: str, paid_by: str, on: date
) -> tuple[RefundPaidOut, ...]:
    """Pay an approved refund out, once."""
    refund = _requested(state)
    asked = refund.requested
    if len(refund.approvers) < 2:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Hoàn trả {asked.refund_id} mới có {len(refund.approvers)} trên 2 người duyệt.",
        )
    if refund.paid is not None:
        return ()
    return (
        RefundPaidOut(
            refund_id=asked.refund_id,
            unit_id=asked.unit_id,
            holder_id=holder_id,
            amount=asked.amount,
            asset=asset,
            asset_key=asset_key,
            paid_by=paid_by,
            paid_on=on,
        ),
    )


def see_payout(state: State, *, amount: Dong, bank_line: str, on: date) -> tuple[PayoutSeen, ...]:
    """Note the bank's debit of a pay-out; the same line again adds nothing."""
    refund = _requested(state)
    if bank_line in refund.seen:
        return ()
    asked = refund.requested
    return (
        PayoutSeen(refund_id=asked.refund_id, unit_id=asked.unit_id, amount=amount, bank_line=bank_line, booked_on=on),
    )


def fail_payout(state: State, *, reason: str, on: date, bank_line: str | None = None) -> tuple[PayoutFailed, ...]:
    """Note that a pay-out came back; the refund is owed again and may be paid again."""
    refund = _requested(state)
    if refund.paid is None:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Hoàn trả {refund.requested.refund_id} chưa chi, không có gì bị trả lại.",
        )
    paid = refund.paid
    return (
        PayoutFailed(
            refund_id=paid.refund_id,
            unit_id=paid.unit_id,
            holder_id=paid.holder_id,
            amount=paid.amount,
            asset=paid.asset,
            asset_key=paid.asset_key,
            reason=reason,
            failed_on=on,
            bank_line=bank_line,
        ),
    )


def hear(state: State, told: RefundReported) -> tuple[RefundReported, ...]:
    """Note a channel's word; one that says no more than is known adds nothing, another amount is refused."""
    refund = _requested(state)
    asked = refund.requested
    if told.amount != asked.amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Hoàn trả {asked.refund_id} là {asked.amount} đồng, kênh {told.rail} báo {told.amount} đồng. Tra soát với "
            "kênh thu.",
        )
    return (told,) if says_more(refund.reports.get(told.outside_id), told.state) else ()
