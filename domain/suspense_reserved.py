"""Money of an unknown owner that a waiting request to give it back has set aside (I8)."""

from dataclasses import dataclass

from domain.identifiers import PaymentId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseReserved:
    """A refund of waiting money was asked for: the amount waits for it; đồng."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseUnreserved:
    """The request was withdrawn: the amount waits for its owner again; đồng."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    refund_id: str
