"""Held money that its holder passed on by bank transfer: both statements show it, and a person says that it is this."""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMoneyPassed:
    """What ``holder_id`` held for a unit left the holder's account and is what waited at the unit; đồng.

    Accounting §3 "held money passed on". ``bank_line`` is the debit on the holder's statement, ``payment_id`` the
    waiting credit on the unit's.
    """

    payment_id: PaymentId
    unit_id: UnitId
    holder_id: UnitId
    amount: Dong
    account_id: AccountId  #: of the holder
    bank_line: str
    passed_on: date
    ground: str
    named_by: str
