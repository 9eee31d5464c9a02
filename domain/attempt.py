"""One attempt to pay through a channel: what the channel said became of it. One stream per reference.

An obligation may have several attempts, each with a reference of its own (decision 0005): every look-up by the portal
opens one, and two of them may be paid. What is told here is the state of the attempt and nothing about money: money is
told by ``domain.payment`` alone, whatever an attempt's state says.

Channels report at least once and in any order, so reports are merged by rank and never by arrival: every report is
kept, and the state is the one that says most. Money received beats every other word; "expired" is only our clock's
word and says less than anything a channel says; "unknown" says less than "pending", and "pending" less than an end.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong, require_amount
from domain.reference import Reference


def stream(reference: str) -> str:
    """The name of an attempt's stream."""
    return f"attempt/{reference}"


#: A channel is asked about an attempt for so many days; what it has not decided then waits for a person.
ASKED_DAYS = 3


def item(reference: str) -> str:
    """The name of an attempt as an open item."""
    return f"attempt:{reference}"


class AttemptState(StrEnum):
    """What became of an attempt (payments §3.3); ``unknown`` is a state and no error."""

    OPENED = "opened"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    PENDING = "pending"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PAID = "paid"
    PARTLY_RETURNED = "partly_returned"
    RETURNED = "returned"


#: How much each state says, from least to most; the order of their declaration.
_RANK = {state: rank for rank, state in enumerate(AttemptState)}

#: States in which the channel may still say something new; these are asked about.
UNDECIDED = frozenset({AttemptState.OPENED, AttemptState.UNKNOWN, AttemptState.PENDING})

#: States that say that money came in, even if some or all of it went back since.
MONEY_CAME = frozenset({AttemptState.PAID, AttemptState.PARTLY_RETURNED, AttemptState.RETURNED})

#: A report of the opening itself: nobody was given a page to pay on before it said that one was opened.
VIA_OPENING = "opening"
#: A refund of what was paid, taken off by a settlement; its ``outside_id`` is our refund's id.
VIA_REFUND = "refund"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOpened:
    """An attempt was opened under a reference that is asked for too (``payment_request``); amount in đồng."""

    reference: Reference
    rail: str  #: "portal", "gateway"
    unit_id: UnitId  #: whose money it is to be
    amount: Dong
    opened_at: datetime  #: aware
    expires_at: datetime | None  #: aware; None where the channel sets no end
    via: str  #: "office", "bill-look-up"
    outside_id: str | None  #: the channel's id, where it is known before the channel was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptReported:
    """A word on an attempt that says something not said before; evidence, no entry."""

    reference: Reference
    rail: str
    state: AttemptState
    outside_id: str | None  #: the channel's id of what it speaks of
    stated_at: datetime  #: aware; when the channel says that it was so
    via: str  #: "opening", "notification", "query", "webhook", "settlement", "clock"
    evidence_id: str | None


AttemptEvent = AttemptOpened | AttemptReported


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is known of an attempt: how it was opened, if it was, and every report of it."""

    opened: AttemptOpened | None = None
    reports: tuple[AttemptReported, ...] = ()

    @property
    def state(self) -> AttemptState:
        """The state that says most."""
        return reduce(merge, (report.state for report in self.reports), AttemptState.OPENED)


NOT_OPENED = Attempt()


def merge(a: AttemptState, b: AttemptState) -> AttemptState:
    """The one of two states that says more: associative, commutative and idempotent, so order does not matter."""
    return max(a, b, key=_RANK.__getitem__)


def evolve(state: Attempt, event: AttemptEvent) -> Attempt:
    """Copy one fact into the state."""
    match event:
        case AttemptOpened():
            return replace(state, opened=event)
        case AttemptReported():
            return replace(state, reports=(*state.reports, event))
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def is_open_or_pending(attempt: Attempt) -> bool:
    """Whether the channel may still say that it was paid, or that it was not."""
    return attempt.opened is not None and attempt.state in UNDECIDED


def may_hold_money(attempt: Attempt) -> bool:
    """Whether money may be on its way, so that no second payment should be offered.

    An attempt that is only opened holds none: who closed the page may ask for another. Nor does one that is unknown
    only because the channel did not answer when it was opened: nobody was given a page to pay on.
    """
    if attempt.state is AttemptState.PENDING:
        return True
    heard = any(report.via != VIA_OPENING for report in attempt.reports if report.state is AttemptState.UNKNOWN)
    return attempt.state is AttemptState.UNKNOWN and heard


# --- Decisions --------------------------------------------------------------------------------------------------


def open_attempt(state: Attempt, asked: AttemptOpened) -> tuple[AttemptOpened, ...]:
    """Open an attempt, once; the same again adds nothing, another under its reference is refused."""
    require_amount(asked.amount)
    if state.opened is None:
        return (asked,)
    if state.opened == asked:
        return ()
    raise Refusal(RefusalCode.PAYMENT_KIND_DIFFERS, f"Mã {asked.reference} đã được cấp cho một lượt thanh toán khác.")


def report(state: Attempt, said: AttemptReported) -> tuple[AttemptReported, ...]:
    """Take a report in: one that tells nothing new (state, the channel's id and way) adds nothing.

    A failure after money came is kept as a report; the state stays what it is.
    """
    known = {(r.state, r.outside_id, r.via) for r in state.reports}
    return () if (said.state, said.outside_id, said.via) in known else (said,)
