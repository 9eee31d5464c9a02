"""What a correction does to money that came in: it loses its owner again, or turns out never to have come this way.

None of these events has an entry of its own: the correction that brings them about states the posting.
"""

from dataclasses import dataclass

from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchUndone:
    """A member's part of this money was not his: it waits in suspense again; dues + credit = amount.

    No entry of its own: the correction that did it states the posting.
    """

    payment_id: PaymentId
    holder_id: UnitId  #: in whose books it waits now
    unit_id: UnitId
    member_id: MemberId
    amount: Dong
    dues_amount: Dong
    credit_amount: Dong
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTakenBack:
    """This money never came in this way; the payment may come in again. The correction states the posting."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    reason: str
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTakenBack:
    """The bank's credit of announced money was none; it is on its way again. The correction states the posting."""

    payment_id: PaymentId
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    bank_line: str
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessTakenBack:
    """The statement that told of this money once more was taken back: its word counts no more. No entry."""

    payment_id: PaymentId
    source: str
    outside_reference: str
    bank_line: str
    correction_id: str
