"""A payout that failed after all: the channel's word, and the bank's line by which the lump went back."""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFailed:
    """The channel says that a settlement's pay-out failed; evidence, no entry: money moves with the bank's line."""

    rail: str
    settlement_id: str
    unit_id: UnitId
    amount: Dong
    told_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLumpReturned:
    """The bank took a lump back with a line of the opposite amount: its payments are the channel's debt again.

    amount = credited + added - netted, as in the lump; gross = credited + fees.
    """

    rail: str
    settlement_id: str
    unit_id: UnitId
    account_id: AccountId
    credited_line: str  #: the line of the lump
    bank_line: str  #: the line that took it back
    amount: Dong
    gross: Dong
    fees: Dong
    credited: Dong
    netted: Dong
    added: Dong
    payments: tuple[PaymentId, ...]
    booked_on: date


SettlementFailure = SettlementFailed | SettlementLumpReturned
