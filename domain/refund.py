"""Money given back: planned to the đồng at every level before anyone approves, approved by two, then paid out.

One stream per refund. Closed periods are not touched: each level recomputes its declared period with the refund
taken out and books only the difference, now (accounting §3, story 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain import declaration
from domain.access import require_other_person
from domain.declaration import DeclarationRestated, Declarations, PeriodDeclared, UnsplitReduced
from domain.declaration import RefundTakenFromUnsplit as RefundTakenFromUnsplit
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.money import Dong, require_amount, split_by_share
from domain.period import Month, Period


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
class LevelPart:
    """One level's part of a refund after the split. kept_part + passed_part + unsplit_part = taken; đồng."""

    unit_id: UnitId
    superior_id: UnitId | None
    period: Period  #: the level's own declared period, or the subordinate's where nothing is split yet
    taken: Dong
    collected_after: Dong
    kept_before: Dong
    kept_after: Dong
    kept_part: Dong
    passed_part: Dong
    unsplit_part: Dong


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


RefundEvent = RefundRequested | RefundApproved | RefundPaidOut | PayoutSeen | PayoutFailed


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRequested:
    """Nobody asked for this refund."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What was asked, who approved, whether it is paid."""

    requested: RefundRequested
    approvers: tuple[str, ...] = ()
    paid: RefundPaidOut | None = None
    seen: frozenset[str] = frozenset()


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
        case _:
            assert_never(event)


def _requested(state: State) -> Refund:
    if isinstance(state, NotRequested):
        raise Refusal(
            RefusalCode.REFUND_STATE, "Chưa có đề nghị hoàn trả này. Kiểm tra mã hồ sơ, hoặc lập đề nghị trước."
        )
    return state


require_requested = _requested


# --- The plan: who gives how much --------------------------------------------------------------------------------


def plan_after_split(
    *, unit_id: UnitId, period: Period, amount: Dong, chain: tuple[tuple[UnitId, Declarations], ...]
) -> tuple[LevelPart, ...]:
    """What each level gives back when ``amount`` of a declared period is refunded.

    ``chain`` holds the unit and every superior with books, from the bottom up. Each level recomputes its period at
    its own share; the first that has not split yet gives the rest. The parts kept, plus what is not yet split, plus
    what the last level still owes outside these books, make ``amount``.
    """
    declared = declaration.of_period(chain[0][1], period)
    parts: list[LevelPart] = []
    below, below_period, taken = unit_id, period, require_amount(amount)
    for place, (level_id, declarations) in enumerate(chain):
        if place > 0:
            declared = declaration.counting(declarations, below, below_period)
        if declared is None:
            parts.append(_unsplit_part(level_id, below_period, taken))
            return tuple(parts)
        part = _split_part(declared, declarations, taken)
        parts.append(part)
        below, below_period, taken = level_id, declared.period, part.passed_part
        if taken == 0:
            break
    return tuple(parts)


def _split_part(declared: PeriodDeclared, declarations: Declarations, taken: Dong) -> LevelPart:
    before = declaration.collected_now(declarations, declared)
    if taken > before:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Kỳ {declared.period} của {declared.unit_id} chỉ còn {before} đồng, không thể hoàn {taken} đồng.",
        )
    kept_before = split_by_share(before, declared.retain_bp).kept
    kept_after = split_by_share(before - taken, declared.retain_bp).kept
    return LevelPart(
        unit_id=declared.unit_id,
        superior_id=declared.superior_id,
        period=declared.period,
        taken=taken,
        collected_after=before - taken,
        kept_before=kept_before,
        kept_after=kept_after,
        kept_part=kept_before - kept_after,
        passed_part=taken - (kept_before - kept_after),
        unsplit_part=0,
    )


def _unsplit_part(unit_id: UnitId, period: Period, taken: Dong) -> LevelPart:
    return LevelPart(
        unit_id=unit_id,
        superior_id=None,
        period=period,
        taken=taken,
        collected_after=0,
        kept_before=0,
        kept_after=0,
        kept_part=0,
        passed_part=0,
        unsplit_part=taken,
    )


def book_parts(
    parts: tuple[LevelPart, ...], *, refund_id: RefundId, on: date
) -> Mapping[UnitId, DeclarationRestated | UnsplitReduced]:
    """The events that book a plan, one for each level's stream of declarations."""
    booked: dict[UnitId, DeclarationRestated | UnsplitReduced] = {}
    for place, part in enumerate(parts):
        if part.unsplit_part:
            booked[part.unit_id] = UnsplitReduced(
                unit_id=part.unit_id,
                subordinate_id=parts[place - 1].unit_id,
                period=part.period,
                refund_id=refund_id,
                amount=part.unsplit_part,
                restated_on=on,
            )
        elif part.superior_id is not None:
            booked[part.unit_id] = DeclarationRestated(
                unit_id=part.unit_id,
                superior_id=part.superior_id,
                period=part.period,
                refund_id=refund_id,
                is_origin=place == 0,
                reduced_by=part.taken,
                collected_after=part.collected_after,
                kept_part=part.kept_part,
                passed_part=part.passed_part,
                restated_on=on,
            )
    return booked


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
