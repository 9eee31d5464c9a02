"""A unit's receipts, numbered without gaps in each year. One stream per unit and year (I19, A9).

A payment has one receipt: where the portal issued one, its number is kept and ours is only called a confirmation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

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


ReceiptEvent = ReceiptIssued


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The last number and the receipt of each payment."""

    last: int = 0
    by_payment: Mapping[PaymentId, int] = field(default_factory=dict)


EMPTY = Book()


def evolve(state: Book, event: ReceiptEvent) -> Book:
    """Copy one fact into the state."""
    match event:
        case ReceiptIssued():
            return Book(last=event.number, by_payment={**state.by_payment, event.payment_id: event.number})
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
