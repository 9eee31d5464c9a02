"""What is asked for: an amount under a 12-character reference. One stream per reference.

The kind is fixed when the request (or the portal attempt) is opened and never inferred later (rules §9.12): a
member's dues, a batch on behalf of members, a unit's remittance; and, so that a bank line can be recognised, a cash
bag on its way to the bank or a refund on its way out.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.money import Dong, require_amount
from domain.period import Month
from domain.reference import Reference


def stream(reference: str) -> str:
    """The name of a request's stream."""
    return f"request/{reference}"


#: The stream that hands out a shard's counters, in blocks.
COUNTER_STREAM = "references"


class Kind(StrEnum):
    """What a payment under this reference is for."""

    DUES = "dues"
    BATCH = "batch"
    REMITTANCE = "remittance"
    CASH_BAG = "cash-bag"
    REFUND = "refund"  #: a payment out: the reference lets the bank's debit be recognised
    CLAW_BACK = "claw-back"  #: what a superior gives back to the unit below after a refund
    SPENDING = "spending"  #: a unit's own payment out, of an approved voucher


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersReserved:
    """Counters ``first`` … ``first + count - 1`` of the shard are given out and will not be given again."""

    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One member's part of a batch. ``cash_payment_id`` names the cash already receipted, if any."""

    member_id: MemberId
    month: Month
    amount: Dong
    cash_payment_id: PaymentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequested:
    """A payment is asked for, or an attempt opened on the portal."""

    reference: Reference
    kind: Kind
    channel: str  #: "qr" or "portal"
    unit_id: UnitId
    holder_id: UnitId
    account_id: AccountId
    amount: Dong
    member_id: MemberId | None
    month: Month | None
    lines: tuple[RequestLine, ...]
    case_id: str | None  #: the remittance or refund that the money belongs to
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered:
    """A payment came in under this reference."""

    reference: Reference
    payment_id: PaymentId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWithdrawn:
    """A request is not to be used any more: what is owed changed, and another may stand in its place.

    ``owed`` is what is owed now, in đồng. Money that still comes under the old reference is the member's like before.
    """

    reference: Reference
    unit_id: UnitId
    owed: Dong
    replaced_by: Reference | None
    reason: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTold:
    """A member says that the money is on its way; nobody is offered a second payment until ``lapses_on`` has passed."""

    reference: Reference
    unit_id: UnitId
    told_on: date
    lapses_on: date
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingTakenBack:
    """The transfer that was told of was never made; the request may be paid again."""

    reference: Reference
    unit_id: UnitId
    reason: str
    taken_back_on: date


RequestEvent = PaymentRequested | RequestAnswered | RequestWithdrawn | TransferTold | TellingTakenBack
CounterEvent = CountersReserved


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRequested:
    """Nothing was asked under this reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What was asked, and what has come in under it."""

    asked: PaymentRequested
    answers: tuple[RequestAnswered, ...] = ()
    withdrawn: RequestWithdrawn | None = None
    told: TransferTold | None = None  #: said to be on its way, and not seen yet


State = NotRequested | Requested
NOT_REQUESTED = NotRequested()


def evolve(state: State, event: RequestEvent) -> State:
    """Copy one fact into the state."""
    if isinstance(event, PaymentRequested):
        return Requested(asked=event)
    if not isinstance(state, Requested):
        return state
    match event:
        case RequestAnswered():
            return replace(state, answers=(*state.answers, event), told=None)
        case RequestWithdrawn():
            return replace(state, withdrawn=event)
        case TransferTold():
            return replace(state, told=event)
        case TellingTakenBack():
            return replace(state, told=None)
        case _:
            assert_never(event)


def next_counter(events: tuple[CountersReserved, ...]) -> int:
    """The first counter not given out yet."""
    return events[-1].first + events[-1].count if events else 0


# --- Questions --------------------------------------------------------------------------------------------------


def answered(state: State) -> Dong:
    """How much has come in under the reference."""
    return sum(answer.amount for answer in state.answers) if isinstance(state, Requested) else 0


def on_its_way(state: State, on: date) -> TransferTold | None:
    """The transfer that a member told of and no bank has reported yet, while its time has not run out."""
    told = state.told if isinstance(state, Requested) else None
    return told if told is not None and on <= told.lapses_on else None


# --- Decisions --------------------------------------------------------------------------------------------------


def ask(state: State, asked: PaymentRequested) -> tuple[PaymentRequested, ...]:
    """Open a request; the kind and its particulars must fit, a batch's lines must sum to the amount."""
    if isinstance(state, Requested):
        if state.asked == asked:
            return ()
        raise Refusal(RefusalCode.PAYMENT_KIND_DIFFERS, f"Mã {asked.reference} đã được cấp cho việc khác.")
    require_amount(asked.amount)
    fits = {
        Kind.DUES: asked.member_id is not None and asked.month is not None and not asked.lines,
        Kind.BATCH: bool(asked.lines) and asked.member_id is None,
        Kind.REMITTANCE: asked.case_id is not None and not asked.lines,
        Kind.REFUND: asked.case_id is not None and not asked.lines,
        Kind.CLAW_BACK: asked.case_id is not None and not asked.lines,
        Kind.SPENDING: asked.case_id is not None and asked.member_id is None and not asked.lines,
        Kind.CASH_BAG: asked.member_id is None and not asked.lines,
    }[asked.kind]
    if not fits:
        raise Refusal(
            RefusalCode.PAYMENT_KIND_DIFFERS,
            f"Yêu cầu loại «{asked.kind}» thiếu hoặc thừa thông tin; loại đã chọn không đổi được về sau.",
        )
    if asked.kind is Kind.BATCH and sum(line.amount for line in asked.lines) != asked.amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Tổng các dòng nộp hộ là {sum(line.amount for line in asked.lines)} đồng, "
            f"khác số tiền của lượt nộp {asked.amount} đồng.",
        )
    return (asked,)


def answer(state: State, *, payment_id: PaymentId, amount: Dong) -> tuple[RequestAnswered, ...]:
    """Note that a payment came in; the same payment again adds nothing."""
    if not isinstance(state, Requested) or any(known.payment_id == payment_id for known in state.answers):
        return ()
    return (RequestAnswered(reference=state.asked.reference, payment_id=payment_id, amount=amount),)


def withdraw(state: State, asked: RequestWithdrawn) -> tuple[RequestWithdrawn, ...]:
    """Take an open request out of use; one that is answered, withdrawn or not known is left alone."""
    if not isinstance(state, Requested) or state.answers or state.withdrawn is not None:
        return ()
    return (asked,)


def tell(state: State, asked: TransferTold) -> tuple[TransferTold, ...]:
    """Note that a member has transferred; the same word again adds nothing. Refused where all has come in."""
    if not isinstance(state, Requested):
        raise Refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            f"Chưa phát hành yêu cầu nào mang mã {asked.reference}. Kiểm tra lại mã.",
        )
    if state.asked.amount <= answered(state):
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"Yêu cầu {asked.reference} đã nhận đủ {answered(state)} đồng; không cần báo đã chuyển.",
        )
    return () if on_its_way(state, asked.told_on) is not None else (asked,)


def take_telling_back(state: State, asked: TellingTakenBack) -> tuple[TellingTakenBack, ...]:
    """Note that the transfer told of was not made; nothing where none was told."""
    return (asked,) if isinstance(state, Requested) and state.told is not None else ()
