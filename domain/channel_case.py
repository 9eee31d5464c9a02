"""A case of money that a channel took back: a dispute, or a refund that nobody here asked for.

One stream per case ("channel-case/<rail>/<id>"). Two tell of it, in any order and more than once: the channel's
messages, which say what was taken and given back so far, and its settlements, which say it line by line. The money
moves once, by whoever tells of it first; it stands on 1370 until it comes back or a person decides (accounting §3).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.money import Dong

_ITEM = "case:"


def stream(rail: str, case_id: str) -> str:
    """The name of a case's stream."""
    return f"channel-case/{rail}/{case_id}"


def item(rail: str, case_id: str) -> str:
    """The name of a case as an open item."""
    return f"{_ITEM}{rail}/{case_id}"


def of_item(name: str) -> tuple[str, str] | None:
    """Channel and id of an open item that is a case, or None."""
    if not name.startswith(_ITEM) or "/" not in name:
        return None
    rail, _, case_id = name.removeprefix(_ITEM).partition("/")
    return rail, case_id


class CaseWord(StrEnum):
    """What was said of a case last."""

    OPENED = "opened"
    WITHDRAWN = "withdrawn"  #: the money was taken
    REINSTATED = "reinstated"  #: the money was given back
    WON = "won"
    LOST = "lost"
    SETTLED = "settled"  #: a line of a settlement


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """A word on a case; ``moved_out`` and ``moved_in`` are what this word adds to 1370 and takes off it; đồng."""

    rail: str
    case_id: str
    unit_id: UnitId
    payment_id: PaymentId | None  #: the payment in dispute, where it is known
    word: CaseWord
    via: str  #: "message", or "<settlement>#<line>"
    taken: Dong  #: so far, by a message; on this line, by a settlement
    given: Dong
    moved_out: Dong
    moved_in: Dong
    told_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """A person decided what is missing: the unit bears it (``borne``), or the dues are owed again (``opened``)."""

    rail: str
    case_id: str
    unit_id: UnitId
    payment_id: PaymentId | None
    borne: Dong
    opened: Dong
    decision_id: str
    closed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened:
    """The decision was undone: the money is missing again. No entry: the reversed entry states the posting."""

    rail: str
    case_id: str
    unit_id: UnitId
    amount: Dong
    decision_id: str
    correction_id: str


CaseEvent = CaseTold | CaseClosed | CaseReopened


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCase:
    """What is known of a case; đồng. ``missing`` is what stands on 1370."""

    unit_id: UnitId | None = None
    payment_id: PaymentId | None = None
    words: frozenset[str] = frozenset()  #: words of messages, and lines of settlements
    by_message: tuple[Dong, Dong] = (0, 0)  #: taken and given, the most that a message said
    by_settlement: tuple[Dong, Dong] = (0, 0)
    moved: tuple[Dong, Dong] = (0, 0)
    closed: Dong = 0

    @property
    def missing(self) -> Dong:
        """What the channel holds and nobody has decided; below 0 where it gave back what was decided before."""
        return self.moved[0] - self.moved[1] - self.closed


NOT_TOLD = ChannelCase()


def evolve(state: ChannelCase, event: CaseEvent) -> ChannelCase:
    """Copy one fact into the state."""
    match event:
        case CaseTold():
            return _told(state, event)
        case CaseClosed():
            return replace(state, closed=state.closed + event.borne + event.opened)
        case CaseReopened():
            return replace(state, closed=state.closed - event.amount)
        case _:
            assert_never(event)


def _told(state: ChannelCase, event: CaseTold) -> ChannelCase:
    out, back = state.moved
    message, settled = state.by_message, state.by_settlement
    if event.word is CaseWord.SETTLED:
        settled = (settled[0] + event.taken, settled[1] + event.given)
    else:
        message = (max(message[0], event.taken), max(message[1], event.given))
    return replace(
        state,
        unit_id=event.unit_id,
        payment_id=state.payment_id or event.payment_id,
        words=state.words | {_name(event)},
        by_message=message,
        by_settlement=settled,
        moved=(out + event.moved_out, back + event.moved_in),
    )


def _name(event: CaseTold) -> str:
    return event.via if event.word is CaseWord.SETTLED else f"{event.word}:{event.taken}:{event.given}"


# --- Decisions --------------------------------------------------------------------------------------------------


def tell(state: ChannelCase, said: CaseTold) -> tuple[CaseTold, ...]:
    """Take a word in, with what it moves: so much as nobody had told before. The same word again adds nothing.

    What is moved at the end is the larger of what messages and settlements say, whatever the order.
    """
    if _name(said) in state.words:
        return ()
    after = _told(state, replace(said, moved_out=0, moved_in=0))
    out = max(after.by_message[0], after.by_settlement[0]) - state.moved[0]
    back = max(after.by_message[1], after.by_settlement[1]) - state.moved[1]
    return (replace(said, moved_out=out, moved_in=back),)


def hold(state: ChannelCase, said: CaseTold) -> tuple[CaseTold, ...]:
    """Note a word about a payment that nobody told of yet: its money moves when a settlement tells of it."""
    return () if _name(said) in state.words else (replace(said, moved_out=0, moved_in=0),)


def require_missing(state: ChannelCase, name: str) -> Dong:
    """What is missing in a case that is open; refuses one that nobody told of, or that is closed."""
    if state.unit_id is None:
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, f"Không có vụ {name} nào. Xem dangphi gateway cases.")
    if state.missing <= 0:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Vụ {name} không còn thiếu đồng nào: kênh đã trả lại, hoặc đã có quyết định. Xem dangphi gateway cases.",
        )
    return state.missing


def close(state: ChannelCase, asked: CaseClosed) -> tuple[CaseClosed, ...]:
    """Close what is missing, whole."""
    name = f"{asked.rail}/{asked.case_id}"
    if asked.borne + asked.opened != require_missing(state, name):
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Vụ {name} nay thiếu {state.missing} đồng, quyết định về {asked.borne + asked.opened} đồng không còn "
            "đúng. Quyết định lại.",
        )
    return (asked,)
