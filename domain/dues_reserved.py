"""Held credit that a waiting request to give it back has set aside: it answers for nothing else meanwhile (I8)."""

from dataclasses import dataclass

from domain.identifiers import MemberId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReserved:
    """A refund of held credit was asked for: the amount waits for it. A new year's account says it again; đồng."""

    member_id: MemberId
    unit_id: UnitId  #: in whose books it waits, also when the member moves meanwhile
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUnreserved:
    """The request was withdrawn: the amount is free credit again; đồng."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    refund_id: str


DuesReserved = CreditReserved | CreditUnreserved
