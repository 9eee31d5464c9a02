"""What the matching engine reads and says: waiting money, open claims, evidence, pairs and what found no pair.

Free text and names pass through ``MoneyIn`` and ``Claim`` and end there: they are left out of every ``repr``, no pair
and no evidence carries them, and no event is made of them. Amounts are đồng; confidence and weights are basis points.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.match import Code, Evidence, Rule, Side
from domain.money import Dong
from domain.notice import Direction
from domain.period import Month

__all__ = [
    "Candidate",
    "Claim",
    "ClaimKind",
    "Code",
    "Evidence",
    "MoneyIn",
    "MoneyKind",
    "NearReference",
    "NonMatch",
    "Pair",
    "Part",
    "Result",
    "Rule",
    "Side",
]


class MoneyKind(StrEnum):
    """Where money waits: in suspense (3380), or as a line of a statement that found no place."""

    SUSPENSE = "suspense"
    LINE = "line"


class ClaimKind(StrEnum):
    """What is open and may be answered by money."""

    MONTH = "month"  #: what a member owes for a month, with the references it was asked under
    BATCH = "batch"  #: a list paid on behalf of members
    REMITTANCE = "remittance"
    CASH_BAG = "cash-bag"
    REFUND = "refund"  #: money out
    CLEARING = "clearing"  #: a payment that a channel announced and no bank line has credited
    SETTLEMENT = "settlement"  #: a lump that a channel's settlement told of
    UNKNOWN = "unknown"  #: a reference of ours under which nothing is open any more


@dataclass(frozen=True, slots=True, kw_only=True)
class NearReference:
    """A reference that one slip would explain; ``position`` is the 1-based place of the slip."""

    reference: str
    slip: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyIn:
    """Money that waits. ``key`` is the payment's id (suspense) or the line's key; ``amount`` is what waits, > 0."""

    key: str
    kind: MoneyKind
    account_id: AccountId | None  #: None for cash and for money in a channel's clearing
    unit_id: UnitId  #: the unit in whose books it waits
    on: date
    amount: Dong
    direction: Direction
    references: tuple[str, ...] = ()  #: valid references in the text, in order
    near: tuple[NearReference, ...] = ()
    payer_key: str | None = None  #: keyed hash of the payer's account
    line_key: str | None = None
    evidence: tuple[str, ...] = ()  #: ids of the kept messages that tell of it
    not_of: tuple[MemberId, ...] = ()  #: members it was matched to before, and taken from again
    returned: bool = False  #: a reversal by the bank's own mark, or words of a return in the text
    tokens: tuple[str, ...] = field(default=(), repr=False)  #: folded words of the text; personal data
    payer_name: str | None = field(default=None, repr=False)  #: folded; personal data


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something open. ``amount`` is what is open now; 0 where everything was answered and only the trace is left."""

    key: str
    kind: ClaimKind
    units: tuple[UnitId, ...]  #: the claim's unit and those above it, from below
    amount: Dong
    account_id: AccountId | None = None  #: where the money is to arrive; None: any account of its units
    references: tuple[str, ...] = ()
    member_id: MemberId | None = None
    month: Month | None = None
    due_on: date | None = None  #: the day from which it may be paid
    valid_until: date | None = None  #: of the request, where it ends
    closed: bool = False  #: the month is closed in the unit's books
    direction: Direction = Direction.IN
    fee_allowed: Dong = 0  #: a channel may withhold so much
    case: str | None = None  #: remittance, refund or payment that it is part of
    name: str | None = field(default=None, repr=False)  #: folded name of the member; personal data

    @property
    def unit_id(self) -> UnitId:
        """The claim's own unit."""
        return self.units[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So much of one money for one claim. ``amount`` > 0."""

    money: str
    claim: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Claims that might be meant, with what speaks for and against them; the number is the sum of the evidence."""

    claims: tuple[str, ...]
    confidence: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Money and claims that belong together, why, and "why not the other one" (``runner_up``).

    The parts of a claim never exceed what is open. What a money has beyond its parts is ``over``: it would become
    the member's credit.
    """

    rule: Rule
    money: tuple[str, ...]
    claims: tuple[str, ...]
    parts: tuple[Part, ...]
    over: Dong
    confidence: int
    evidence: tuple[Evidence, ...]
    runner_up: Candidate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NonMatch:
    """Money that no rule paired: the reason as a code, and the best candidates with what speaks against each."""

    money: str
    reason: str  #: "no-candidate", "several-fit-equally", "too-weak", "taken"
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Every money is in exactly one pair or one non-match; every claim in at most one pair."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[NonMatch, ...]


def is_payment(money: MoneyIn) -> PaymentId | None:
    """The payment's id of money in suspense; None for a line."""
    return PaymentId(money.key) if money.kind is MoneyKind.SUSPENSE else None
