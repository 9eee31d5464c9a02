"""What the outside says about money, in our own words: notices of payments and lines of bank statements.

These are facts as read by an adapter and not yet placed by anyone. Free text (contents, names) is personal data:
it stays in these passing values and in the evidence store and never enters an event.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.money import Dong


class Direction(StrEnum):
    """Which way money moved, seen from the holder of the account."""

    IN = "in"
    OUT = "out"


class NoticeStatus(StrEnum):
    """What a channel says became of a payment attempt; ``unknown`` is a state, not an error (payments §3.3)."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """One verified message that says what became of a payment attempt or that an account was credited.

    ``source`` and ``outside_reference`` name the message's payment for ever: the same pair again is the same money.
    """

    source: str  #: "portal", or "bank:<bin>:<account>" for a bank's webhook
    outside_reference: str  #: the channel's own id of the payment (MaGiaoDich, bank reference)
    reference: str | None  #: our 12-character reference, where the channel carries one in a field of its own
    status: NoticeStatus
    amount: Dong
    paid_at: datetime  #: aware, Asia/Ho_Chi_Minh
    account_number: str | None  #: the credited account, where the channel states it
    content: str  #: free text; personal data
    bank: str | None  #: the payer's bank as the channel names it
    payer_account: str | None = None  #: the account the money came from, where the channel states it; personal data


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A message that was kept but is not believed, with the reason a person can act on."""

    code: str  #: "bad-signature", "bad-format", "unknown-partner", "stale", "test-message"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One booked line of a bank statement."""

    key: str  #: sha256 hex over raw bank fields and the ordinal among true twins (payments §6.1)
    booked_on: date
    value_on: date | None
    direction: Direction
    amount: Dong
    bank_reference: str | None
    content: str  #: free text; personal data
    balance_after: Dong | None
    counterparty_account: str | None  #: personal data
    counterparty_name: str | None  #: personal data
    is_reversal: bool  #: camt RvslInd or MT940 RC/RD: undoes an earlier line
    bank_code: str | None  #: the bank's own transaction code, such as camt BkTxCd "PMNT/RCDT/DMCT"
    where: str  #: place in the file, such as "sheet 1 row 17" or "Stmt[2]/Ntry[5]"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement:
    """One account's statement for a span of days; opening + in - out = closing was checked when it was read."""

    account_number: str
    bin: str | None
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    lines: tuple[BankLine, ...]
    format: str  #: "camt.053.001.08", "vietcombank-xlsx", …
    file_digest: str  #: sha256 hex of the whole file
