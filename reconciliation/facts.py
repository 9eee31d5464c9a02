"""The facts that a reconciliation compares, as flat rows: bank lines, items of the book, and how they are tied.

An *item* is one thing that the book has done or expects on an account (a payment, a sending, a cash bag …); its
*movements* carry the amounts. A *case* holds items that the bank's lines may answer in any order (all sendings of one
remittance). *Evidence* is a line that an event names.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import AccountId, MemberId, UnitId
from domain.money import Dong

#: The account of facts that belong to none.
NO_ACCOUNT = AccountId("")


class ItemKind(StrEnum):
    """What an item of the book is."""

    OPENING = "opening"
    BANK_PAYMENT = "bank-payment"
    PORTAL_PAYMENT = "portal-payment"
    CASH_BAG = "cash-bag"
    SENDING = "sending"
    RECEIPT = "receipt"  #: a subordinate's remittance that came in
    REFUND = "refund"
    FAILED_REFUND = "failed-refund"
    NAMED = "named"  #: not dues
    SETTLEMENT = "settlement"  #: what a channel took off a lump, or added to it
    LUMP_RETURNED = "lump-returned"  #: a lump that the bank took back
    CHANNEL_CASE = "channel-case"  #: what a channel took, or gave back, in a case
    OTHER = "other"


#: Items whose subject is a payment.
PAYMENTS = (ItemKind.BANK_PAYMENT, ItemKind.PORTAL_PAYMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """A booked line; ``amount`` is signed. ``rule`` and ``target`` are those of the last placement, if any."""

    account_id: AccountId
    unit_id: UnitId
    key: str
    booked_on: date
    amount: Dong
    bank_reference: str | None
    references: tuple[str, ...]
    is_reversal: bool
    rule: str | None
    target: str | None
    position: int = 0  #: of the statement that brought it


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A statement's first and last day and the balances it states."""

    account_id: AccountId
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the book that has, or should have, a line at the bank."""

    item: str
    case: str
    kind: ItemKind
    account_id: AccountId
    unit_id: UnitId
    on: date
    subject: str  #: id of the payment, remittance, refund or bag


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A posting that belongs to an item: on 1120, or on the clearing accounts 1130 and 1140; signed, debit positive."""

    item: str
    account_id: AccountId
    code: str
    on: date
    amount: Dong
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An event names a line for a case, or for one item of it."""

    line_key: str
    case: str
    item: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """What is known of money that came in; amounts as of now."""

    payment_id: str
    source: str
    channel: str
    reference: str | None
    is_dues: bool
    member_id: MemberId | None
    unit_id: UnitId
    amount: Dong
    dues: Dong
    converted: Dong
    suspended: Dong  #: what went into suspense
    waiting: Dong  #: what is still there
    credit: Dong  #: what was held as credit
    credit_open: Dong  #: what of it is still held
    paid_on: date
    position: int
    payer_key: str | None
    notified: bool  #: the portal reported it, first or as a further witness
    same_reference: str | None  #: an earlier payment under the same reference
    named: tuple[str, str, str, str] | None  #: what, heading, by whom, ground: found not to be dues
    released: bool  #: taken out of suspense to be given back


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitMove:
    """A movement of money without an owner (3380): into waiting +, out of it -."""

    payment_id: str
    on: date
    amount: Dong
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFact:
    """The last decision about an open item: a payment, or a line as "line:<account>#<key>"."""

    item: str
    decision_id: str
    kind: str
    until: date | None
    owner: str | None
    reason: str
    by: str
    on: date
    holds: bool  #: False: a second person has yet to agree
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A case of money that a channel took back; ``moves`` add to what is missing (1370) or take off it."""

    case: str  #: as an open item: "case:<rail>/<id>"
    account_id: AccountId
    unit_id: UnitId
    payment_id: str | None
    word: str  #: what was said of it last
    on: date
    moves: tuple[tuple[date, Dong], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFact:
    """One line of a channel's settlement; ``amount`` as it changes the channel's debt to us."""

    account_id: AccountId
    rail: str
    settlement_id: str
    number: int
    on: date
    kind: str  #: "collection", "refund", "fee", "adjustment"
    reference: str | None
    outside_reference: str
    amount: Dong
    fee: Dong
    payment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDays:
    """A settlement of a channel was taken in, for these days."""

    rail: str
    settlement_id: str
    from_date: date
    to_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyFact:
    """What the matcher recorded about a payment when it was matched: already in words, never reckoned again."""

    payment_id: str
    why: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFact:
    """A line named as not dues."""

    line_key: str
    what: str
    heading: str
    named_by: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFact:
    """What was asked under a reference, and where its money is to arrive."""

    reference: str
    account_id: AccountId
    unit_id: UnitId
    kind: str
    amount: Dong
    member_id: MemberId | None
    case_id: str | None
    answered: bool
    told_on: date | None = None  #: the member said on this day that the money is on its way
    lapses_on: date | None = None  #: until when that is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFact:
    """A notification that contradicts what is known, or that was not believed; no entry in the book."""

    account_id: AccountId
    unit_id: UnitId
    source: str
    outside_reference: str
    reference: str | None
    code: str  #: "amount-differs", "unknown-reference", "other-content", or the code of the rejection
    rejected: bool
    stated: Dong | None
    expected: Dong | None
    seen_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceFact:
    """A remittance sent from here: signed steps of what is under way (sent +, corrected -, received -)."""

    remittance_id: str
    unit_id: UnitId
    superior_id: UnitId
    account_id: AccountId
    sent_on: date
    steps: tuple[tuple[date, Dong], ...]
    debits: tuple[date, ...]
    dispute: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A unit has fixed a report period."""

    unit_id: UnitId
    period: str
    is_example: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts of a shard that reconciliations need; their order does not matter."""

    position: int = 0
    owners: tuple[tuple[AccountId, UnitId], ...] = ()
    lines: tuple[LineFact, ...] = ()
    spans: tuple[Span, ...] = ()
    items: tuple[Item, ...] = ()
    movements: tuple[Movement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    payments: tuple[PaymentFact, ...] = ()
    names: tuple[NameFact, ...] = ()
    requests: tuple[RequestFact, ...] = ()
    notices: tuple[NoticeFact, ...] = ()
    remittances: tuple[RemittanceFact, ...] = ()
    declared: tuple[Declared, ...] = ()
    waits: tuple[WaitMove, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    told: tuple[ToldFact, ...] = ()
    told_days: tuple[ToldDays, ...] = ()
    why: tuple[WhyFact, ...] = ()
    cases: tuple[CaseFact, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()  #: case of a return → what it returns, in words
