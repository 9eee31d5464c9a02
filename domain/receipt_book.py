"""A unit's receipts, numbered without gaps in each year. One stream per unit and year (I19, A9).

A payment has one receipt: where the portal issued one, its number is kept and ours is only called a confirmation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong


def stream(unit_id: UnitId, year: int) -> str:
    """The name of a unit's receipt book for one year."""
    return f"receipts/{unit_id}/{year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptIssued:
    """Receipt ``number`` of the unit's book for one payment; ``member_id`` None for a batch."""

    unit_id: UnitId
    year: int
    number: int
    payment_id: PaymentId
    member_id: MemberId | None
    amount: Dong
    paid_on: date
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVoided:
    """A receipt counts no more; its number stays in the book. ``replaced_by`` is the number that stands for it.

    ``still_due`` says that the money stands, so that the payment waits for another receipt.
    """

    unit_id: UnitId
    year: int
    number: int
    payment_id: PaymentId
    reason: str
    replaced_by: int | None
    still_due: bool
    voided_by: str
    voided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPrinted:
    """A receipt was printed; ``n`` = 1 is the original, what follows is a copy and says so."""

    unit_id: UnitId
    year: int
    number: int
    n: int
    printed_by: str
    printed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CashSheetSigned:
    """The sheet on which members signed for their cash was scanned: which payments it shows, and the scan's hash."""

    unit_id: UnitId
    year: int
    sheet: str  #: "2026-07" or "2026-07-12"
    sha256: str
    evidence_id: str
    payments: tuple[PaymentId, ...]
    filed_by: str
    filed_on: date


ReceiptEvent = ReceiptIssued | ReceiptVoided | ReceiptPrinted | CashSheetSigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The last number, the receipt of each payment, and what became of numbers.

    ``wanting`` are payments whose receipt is void and that have no other yet; ``signed`` says which scan shows the
    member's signature.
    """

    last: int = 0
    by_payment: Mapping[PaymentId, int] = field(default_factory=dict)
    void: frozenset[int] = frozenset()
    wanting: frozenset[PaymentId] = frozenset()
    printed: Mapping[int, int] = field(default_factory=dict)
    signed: Mapping[PaymentId, str] = field(default_factory=dict)


EMPTY = Book()


def evolve(state: Book, event: ReceiptEvent) -> Book:
    """Copy one fact into the state."""
    match event:
        case ReceiptIssued():
            return replace(
                state,
                last=event.number,
                by_payment={**state.by_payment, event.payment_id: event.number},
                wanting=state.wanting - {event.payment_id},
            )
        case ReceiptVoided():
            left = {payment: number for payment, number in state.by_payment.items() if number != event.number}
            wanting = state.wanting | {event.payment_id} if event.still_due else state.wanting
            return replace(state, by_payment=left, void=state.void | {event.number}, wanting=wanting)
        case ReceiptPrinted():
            return replace(state, printed={**state.printed, event.number: event.n})
        case CashSheetSigned():
            return replace(state, signed={**state.signed, **dict.fromkeys(event.payments, event.evidence_id)})
        case _:
            assert_never(event)


def issue(
    state: Book,
    *,
    unit_id: UnitId,
    year: int,
    payment_id: PaymentId,
    member_id: MemberId | None,
    amount: Dong,
    paid_on: date,
    issued_on: date,
) -> tuple[ReceiptIssued, ...]:
    """Issue the next receipt; a payment that has one gets no second."""
    if payment_id in state.by_payment:
        return ()
    return (
        ReceiptIssued(
            unit_id=unit_id,
            year=year,
            number=state.last + 1,
            payment_id=payment_id,
            member_id=member_id,
            amount=amount,
            paid_on=paid_on,
            issued_on=issued_on,
        ),
    )


def void(
    state: Book,
    *,
    unit_id: UnitId,
    year: int,
    number: int,
    reason: str,
    replaced_by: int | None,
    still_due: bool,
    voided_by: str,
    on: date,
) -> tuple[ReceiptVoided, ...]:
    """Make a receipt void; a number that is void already adds nothing, one that was never issued is refused."""
    require_issued(state, unit_id, year, number)
    if number in state.void:
        return ()
    payment = next(payment for payment, known in state.by_payment.items() if known == number)
    return (
        ReceiptVoided(
            unit_id=unit_id,
            year=year,
            number=number,
            payment_id=payment,
            reason=reason,
            replaced_by=replaced_by,
            still_due=still_due,
            voided_by=voided_by,
            voided_on=on,
        ),
    )


def require_issued(state: Book, unit_id: UnitId, year: int, number: int) -> None:
    """Refuse a number that the book never gave out."""
    if not 1 <= number <= state.last:
        raise Refusal(
            RefusalCode.UNKNOWN_RECEIPT,
            f"Quyển biên lai {year} của {unit_id} có {state.last} số, không có số {number}. Kiểm tra số và năm.",
        )


def printing(
    state: Book, *, unit_id: UnitId, year: int, number: int, printed_by: str, on: date
) -> tuple[ReceiptPrinted, ...]:
    """Note a printing: the first is the original, each further one a copy."""
    require_issued(state, unit_id, year, number)
    n = state.printed.get(number, 0) + 1
    return (ReceiptPrinted(unit_id=unit_id, year=year, number=number, n=n, printed_by=printed_by, printed_on=on),)
