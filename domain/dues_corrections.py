"""What a correction does to a member's dues: money that answered for a month, or was held, no longer does.

The obligation itself is not touched: it is owed again until the right money answers for it.
"""

from dataclasses import dataclass

from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.period import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUnapplied:
    """A payment no longer answers for a dues month; đồng.

    ``assessed``, ``relieved`` and ``applied_before`` are the month's figures as they stood, so that a month that was
    settled in an earlier year's account stands open in this one again.
    """

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    payment_id: PaymentId
    assessed: Dong
    relieved: Dong
    applied_before: Dong
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUnheld:
    """What a payment had brought beyond everything owed is no longer this member's credit."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    payment_id: PaymentId
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUnapplied:
    """Credit that had answered for a month is credit again, because the payment that brought it was no credit of his.

    The month's figures are given as with ``PaymentUnapplied``.
    """

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    assessed: Dong
    relieved: Dong
    applied_before: Dong
    correction_id: str


DuesCorrection = PaymentUnapplied | CreditUnheld | CreditUnapplied


def still_applied(event: PaymentUnapplied | CreditUnapplied) -> Dong:
    """What still answers for the month after the correction."""
    return event.applied_before - event.amount


def credit_again(event: PaymentUnapplied | CreditUnapplied) -> Dong:
    """What is the member's credit again: credit that was applied, never a payment."""
    return event.amount if isinstance(event, CreditUnapplied) else 0
