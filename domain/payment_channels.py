"""What channels that pay out, or take back, do to a payment beyond its credit: facts in the payment's own stream."""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseToLump:
    """Waiting money is no payment of its own: its bank line is what a channel paid out, one payment or a whole lump.

    It leaves suspense and the account, on the line's own day; the credit of the line stands in the events of what it
    paid. ``for_payment_id`` is the one payment that it credits, None for a lump. ``decision_id`` None: the channel's
    settlement said so.
    """

    payment_id: PaymentId
    unit_id: UnitId  #: in whose books it waited, and whose account it is
    account_id: AccountId
    amount: Dong
    rail: str
    settlement_id: str
    for_payment_id: PaymentId | None
    decision_id: str | None
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReturned:
    """The lump that had credited this payment went back: the channel owes it again. ``SettlementLumpReturned`` posts.

    ``bank_line`` is the line that had credited it, ``returned_line`` the one by which the bank took it back.
    """

    payment_id: PaymentId
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    rail: str
    settlement_id: str
    bank_line: str
    returned_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseToCase:
    """Waiting money is what a channel took back in a case: the two stand against each other."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    rail: str
    case_id: str
    decision_id: str
    settled_on: date


PaymentChannelEvent = SuspenseToLump | CreditReturned | SuspenseToCase
