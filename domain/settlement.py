"""What a channel says it settled: a portal's file of the day after, or a gateway's payout, line by line.

A settlement is one more witness of payments that notifications told of, and it says which of them one lump on the
bank account stands for. Control totals are part of it: a settlement that does not add up is refused whole (payments
§7.3).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.money import Dong


class SettlementKind(StrEnum):
    """What one line of a settlement is."""

    COLLECTION = "collection"
    REFUND = "refund"
    FEE = "fee"
    ADJUSTMENT = "adjustment"  #: a dispute lost or won, a refund that failed and came back


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One line; amounts in đồng, signed as they change the channel's debt to us: net = amount - fee."""

    number: int
    kind: SettlementKind
    reference: str | None  #: our reference
    outside_reference: str  #: the channel's id of the payment, refund or fee
    amount: Dong
    fee: Dong
    net: Dong
    at: datetime  #: aware; when the channel took or gave the money
    where: str  #: place in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement; ``net`` is the sum of the lines' net and what the bank is to credit (or debit) as a lump."""

    rail: str
    settlement_id: str
    from_date: date
    to_date: date
    lines: tuple[SettlementLine, ...]
    net: Dong
    bank_words: str | None  #: what the bank's line is expected to carry, where the channel says so
    digest: str  #: sha256 hex of the raw bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """Our word on one line: "matched", "missing-in-book", "amount-differs", "doubled", "unknown"."""

    number: int
    outcome: str
    ours: Dong | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAnswer:
    """Our answer to a settlement: one word for each of its lines, and for what we have that it lacks."""

    settlement: Settlement
    lines: tuple[AnsweredLine, ...]
    missing: tuple[tuple[str, Dong], ...]  #: (our reference, amount) of paid attempts the settlement does not name
    at: datetime
