"""What a change of membership does to a member's dues: open months and credit go over, months are waived."""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.period import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationMoved:
    """A month assessed by one unit belongs to another: what is still open for it goes over; đồng (memo book)."""

    member_id: MemberId
    unit_id: UnitId
    from_unit: UnitId
    month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMoved:
    """Credit held for a member goes into another unit's books; the money itself stays where it lies (1390, 3390)."""

    member_id: MemberId
    unit_id: UnitId
    from_unit: UnitId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthWaived:
    """What is open for a month is not asked for any more, because the membership ended; nothing is given back."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    ground: str  #: "died", "after-last-month"
    decision: str
    reason: str
    waived_on: date


DuesMove = ObligationMoved | CreditMoved | MonthWaived
