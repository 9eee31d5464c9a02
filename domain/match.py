"""A match: money that waited and claims that were open, brought together by a named rule on told evidence.

One stream per match ("match/<id>"). The event carries the numbers the decision was taken on, so that whoever asks
later is told from the same numbers. What the match does to the money is told by the payment's own events, and so is
its undoing: a match never changes a bank line or a receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, require_amount
from domain.period import Month

#: Confidence and weights are basis points; this is certainty.
CERTAIN = 10_000
#: A claim without a month; it never becomes a part of a match.
NO_MONTH = Month("")
#: A threshold that no confidence reaches: the rule only suggests.
NEVER = 10_001


def stream(match_id: str) -> str:
    """The name of a match's stream."""
    return f"match/{match_id}"


class Rule(StrEnum):
    """The rules, in the order in which they are asked."""

    EXACT_REFERENCE = "exact-reference"
    LOCATED_ERROR = "located-error"
    AMOUNT_IN_WINDOW = "amount-in-window"
    KNOWN_PAYER = "known-payer"
    NAME_ALIKE = "name-alike"
    COVERING_SET = "covering-set"
    SETTLEMENT_LUMP = "settlement-lump"


class Side(StrEnum):
    """Whether evidence speaks for a match or against it."""

    FOR = "for"
    AGAINST = "against"


class Code(StrEnum):
    """What evidence says; its numbers are told beside it."""

    # For
    REFERENCE = "reference"
    REFERENCE_NEAR = "reference-near"  #: place of the slip
    ALL_REFERENCES = "all-references"  #: how many references, their debts' sum
    ACCOUNT = "account"
    AMOUNT = "amount"  #: amount
    ONLY_ONE = "only-one"  #: how many open claims were looked through
    IN_WINDOW = "in-window"  #: days apart, days allowed
    PAYER_KNOWN = "payer-known"  #: earlier payments
    NAME_SAME = "name-same"
    NAME_LIKE = "name-like"  #: likeness in percent
    MONTH_NAMED = "month-named"
    SUM_FITS = "sum-fits"  #: how many claims, how many moneys, sum
    WHOLE_LIST = "whole-list"  #: members
    OWN_MONTHS = "own-months"  #: months
    TOLD_BY_CHANNEL = "told-by-channel"  #: lines
    FEE_WITHIN = "fee-within"  #: fee, allowed
    # Against
    ACCOUNT_OTHER = "account-other"
    UNIT_OTHER = "unit-other"
    REFERENCE_OTHER = "reference-other"  #: how many references of others
    AMOUNT_OTHER = "amount-other"  #: paid, open
    ANSWERED = "answered"
    EXPIRED = "expired"  #: days since
    MONTH_CLOSED = "month-closed"
    OUT_OF_WINDOW = "out-of-window"  #: days apart, days allowed
    EQUALS = "equals"  #: how many others fit equally
    REFERENCE_AGAIN = "reference-again"  #: how many moneys carry it
    PAYER_OF_OTHERS = "payer-of-others"  #: how many other members
    NAME_DIFFERS = "name-differs"  #: likeness in percent
    RETURN_WORDS = "return-words"
    NOT_TOLD = "not-told"
    WIDE_SEARCH = "wide-search"  #: claims searched
    UNDONE_BEFORE = "undone-before"


#: Weight of each piece of evidence and the side it is on; one table, so that a number means the same everywhere.
WEIGHTS: Mapping[Code, tuple[Side, int]] = MappingProxyType(
    {
        Code.REFERENCE: (Side.FOR, 7_000),
        Code.REFERENCE_NEAR: (Side.FOR, 4_000),
        Code.ALL_REFERENCES: (Side.FOR, 2_500),
        Code.ACCOUNT: (Side.FOR, 500),
        Code.AMOUNT: (Side.FOR, 2_500),
        Code.ONLY_ONE: (Side.FOR, 2_000),
        Code.IN_WINDOW: (Side.FOR, 500),
        Code.PAYER_KNOWN: (Side.FOR, 4_000),
        Code.NAME_SAME: (Side.FOR, 2_500),
        Code.NAME_LIKE: (Side.FOR, 1_200),
        Code.MONTH_NAMED: (Side.FOR, 500),
        Code.SUM_FITS: (Side.FOR, 2_500),
        Code.WHOLE_LIST: (Side.FOR, 2_000),
        Code.OWN_MONTHS: (Side.FOR, 1_500),
        Code.TOLD_BY_CHANNEL: (Side.FOR, 7_000),
        Code.FEE_WITHIN: (Side.FOR, 500),
        Code.ACCOUNT_OTHER: (Side.AGAINST, 6_000),
        Code.UNIT_OTHER: (Side.AGAINST, 6_000),
        Code.REFERENCE_OTHER: (Side.AGAINST, 5_000),
        Code.AMOUNT_OTHER: (Side.AGAINST, 2_500),
        Code.ANSWERED: (Side.AGAINST, 5_000),
        Code.EXPIRED: (Side.AGAINST, 200),
        Code.MONTH_CLOSED: (Side.AGAINST, 100),
        Code.OUT_OF_WINDOW: (Side.AGAINST, 100),
        Code.EQUALS: (Side.AGAINST, 4_000),
        Code.REFERENCE_AGAIN: (Side.AGAINST, 4_000),
        Code.PAYER_OF_OTHERS: (Side.AGAINST, 2_500),
        Code.NAME_DIFFERS: (Side.AGAINST, 1_500),
        Code.RETURN_WORDS: (Side.AGAINST, 10_000),
        Code.NOT_TOLD: (Side.AGAINST, 1_000),
        Code.WIDE_SEARCH: (Side.AGAINST, 1_000),
        Code.UNDONE_BEFORE: (Side.AGAINST, 8_000),
    }
)

#: Whatever the sum: with one of these nothing is posted by a program.
STOPS = frozenset(
    {
        Code.ACCOUNT_OTHER,
        Code.UNIT_OTHER,
        Code.REFERENCE_OTHER,
        Code.AMOUNT_OTHER,
        Code.ANSWERED,
        Code.EQUALS,
        Code.REFERENCE_AGAIN,
        Code.RETURN_WORDS,
        Code.REFERENCE_NEAR,
        Code.UNDONE_BEFORE,
    }
)
#: Rules that never post by themselves, whatever is set: they rest on a guess at what was meant.
ONLY_SUGGEST = frozenset({Rule.LOCATED_ERROR, Rule.NAME_ALIKE, Rule.SETTLEMENT_LUMP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for or against, with its weight (basis points) and the numbers behind it."""

    code: Code
    side: Side
    weight: int
    numbers: tuple[int, ...] = ()


@lru_cache(maxsize=65_536)
def evidence(code: Code, *numbers: int) -> Evidence:
    """Evidence with the weight of the table."""
    side, weight = WEIGHTS[code]
    return Evidence(code=code, side=side, weight=weight, numbers=numbers)


def confidence(found: tuple[Evidence, ...]) -> int:
    """One number: what speaks for it, at most certainty, less what speaks against it; 0 … 10,000 basis points."""
    for_ = sum(e.weight for e in found if e.side is Side.FOR)
    against = sum(e.weight for e in found if e.side is Side.AGAINST)
    return max(0, min(CERTAIN, for_) - against)


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPart:
    """So much of one payment for one member's month; ``waiting`` and ``owed`` are what the decision saw."""

    payment_id: PaymentId
    member_id: MemberId
    month: Month
    amount: Dong
    waiting: Dong
    owed: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchAccepted:
    """Waiting money was matched: by which rule, on which evidence, against which other candidate, by whom.

    ``runner_up`` names the members of the next best candidate. The payments' own events book the money.
    """

    match_id: str
    unit_id: UnitId  #: in whose books the money waited
    rule: Rule
    confidence: int
    threshold: int  #: of the rule when it was decided; 10,001: it only suggests
    parts: tuple[MatchPart, ...]
    amount: Dong
    evidence: tuple[Evidence, ...]
    runner_up: tuple[MemberId, ...]
    runner_up_confidence: int
    runner_up_evidence: tuple[Evidence, ...]
    automatic: bool
    decided_by: str


MatchEvent = MatchAccepted


# --- State and decisions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Every time this very match was accepted; it may have been undone in between."""

    accepted: tuple[MatchAccepted, ...] = ()


NONE = Matched()


def evolve(state: Matched, event: MatchEvent) -> Matched:
    """Copy one fact into the state."""
    return Matched(accepted=(*state.accepted, event))


def accept(asked: MatchAccepted) -> tuple[MatchAccepted, ...]:
    """Accept a match whose parts add up; a program posts only what its rule's threshold allows."""
    for part in asked.parts:
        require_amount(part.amount)
    if not asked.parts or sum(part.amount for part in asked.parts) != asked.amount:
        raise Refusal(RefusalCode.AMOUNT_DIFFERS, "Các phần của lần khớp không cộng thành số tiền. Đối chiếu lại.")
    if confidence(asked.evidence) != asked.confidence:
        raise Refusal(RefusalCode.MATCH_STALE, "Độ tin cậy không phải là tổng của các căn cứ. Chạy khớp lại.")
    if asked.automatic and not may_post(asked.rule, asked.evidence, asked.threshold):
        raise Refusal(
            RefusalCode.MATCH_NOT_AUTOMATIC,
            f"Quy tắc «{asked.rule}» không được tự ghi với độ tin cậy {asked.confidence} phần vạn. Cần người quyết "
            "định.",
        )
    return (asked,)


def may_post(rule: Rule, found: tuple[Evidence, ...], threshold: int) -> bool:
    """Whether a program may post this without a person."""
    if rule in ONLY_SUGGEST or any(e.code in STOPS for e in found):
        return False
    return confidence(found) >= threshold
