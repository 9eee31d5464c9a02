"""One port for every channel that money comes through: what a channel can do, as a record of functions.

Every channel accepts messages and answers them in its own words. What else it can do differs: a bank's webhook opens no
attempt, the portal gives nothing back. What a channel cannot do is None here, and whoever wants it is told so by name
instead of being handed something that fails. Nothing in this module opens a socket: the functions are made by adapters
and put together in ``api``.

Assumed of every channel: a message comes at least once and in any order, and a state may be unknown (payments §3.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Dong
from domain.notice import PaymentNotice, Rejection
from domain.settlement import Settlement, SettlementAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the sender of a message is told, in the channel's own words."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What a channel answered to a question, as it came: kept like a message before anything is made of it."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One part of a payment for several members; ``words`` are shown to the payer and name nobody."""

    words: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptAsked:
    """An attempt to open: one reference, one amount; the lines, if any, sum to the amount (đồng)."""

    reference: str
    amount: Dong
    words: str  #: shown to the payer; no personal data
    account_bin: str
    account_number: str
    account_holder: str
    lines: tuple[AskedLine, ...] = ()
    expires_at: datetime | None = None  #: aware
    caller_ip: str = "127.0.0.1"
    dossier: str = ""  #: the code under which the channel files it; "" = the reference
    unit_code: str = ""
    unit_name: str = ""
    payer_name: str = ""  #: personal data; only where the channel's own document demands it, and never kept


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOffer:
    """What the payer is given: a page to go to, or what to put into his own bank's app."""

    outside_id: str | None  #: the channel's id of the attempt, where it gives one
    redirect_url: str | None = None
    qr_payload: str | None = None
    client_secret: str | None = None
    raw: RawAnswer | None = None  #: what the channel answered, for the evidence


class RefundState(StrEnum):
    """What became of a refund that a channel was asked for; ``failed`` may follow ``done``."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport:
    """A channel's word on one refund."""

    refund_id: str  #: ours
    outside_id: str
    state: RefundState
    amount: Dong
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCopy:
    """A receipt that the channel issued: its bytes, or where they lie."""

    media_type: str
    body: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """A channel. ``clearing`` is its key on account 1140, or None where it pays straight into the unit's account.

    Functions that reach outside raise ``domain.errors.Malformed`` for an answer that cannot be read, and
    ``ChannelAway`` when nobody answered: then nothing is known, and the attempt's state is ``unknown``.
    """

    name: str
    clearing: str | None
    accept: Callable[[bytes, Mapping[str, str], datetime], PaymentNotice | Rejection]
    acknowledge: Callable[[PaymentNotice | Rejection, datetime], Answer]
    open_attempt: Callable[[AttemptAsked, datetime], AttemptOffer] | None = None
    inquire: Callable[[str, datetime], PaymentNotice | Rejection] | None = None
    refund: Callable[[str, str, Dong, str, datetime], RefundReport] | None = None  #: payment, refund id, amount, reason
    #: Reads a file that anybody may hand in, so it must check the channel's signature; None where there is none.
    read_settlement: Callable[[bytes, str], Settlement] | None = None
    answer_settlement: Callable[[SettlementAnswer], bytes] | None = None
    receipt: Callable[[str, datetime], ReceiptCopy] | None = None
    #: ``inquire`` in two steps, for a channel whose answers are kept as messages: ask, then read what was kept.
    question: Callable[[str, datetime], RawAnswer] | None = None
    accept_answer: Callable[[bytes, Mapping[str, str], datetime], PaymentNotice | Rejection] | None = None
    in_lumps: bool = False  #: one credit on the account stands for many payments
    closes: int = 24  #: hour (1 to 24, Vietnamese time) at which the channel's day ends


class ChannelAway(Exception):
    """A channel did not answer, or answered that it cannot now; nothing is known and the same may be asked again."""
