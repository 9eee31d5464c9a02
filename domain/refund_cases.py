"""Further facts of a refund: the request withdrawn, and claw-back that a superior pays by transfer.

Claw-back is settled by netting in the next remittance (``ClawBackNetted``) or, here, by money: the superior sends what
it owes the unit below, and until that unit's bank shows it the money is under way (1150), as a remittance is.
"""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import RefundId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWithdrawn:
    """A request is taken back before it is booked."""

    refund_id: RefundId
    unit_id: UnitId
    reason: str
    withdrawn_by: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClawBackSent:
    """The superior sent its claw-back down; under way until the unit below has it; đồng."""

    refund_id: RefundId
    unit_id: UnitId  #: who is to have it
    superior_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    sent_by: str
    sent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClawBackReceived:
    """The unit below has the money: a fact of its statement. Both sides of the claw-back close."""

    refund_id: RefundId
    unit_id: UnitId
    superior_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    received_on: date
