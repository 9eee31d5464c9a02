"""What people decide about money and bank lines that no rule could place: each decision an event with an author.

One stream per unit ("open-item/<unit>"). A decision has a number by which it can be undone. What it does to money
stands in events of the money's own streams, so that two people who decide on one item at once meet there: one wins and
the other is told. Where a second person must agree, the decision is proposed first and changes nothing until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.period import Month


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's decisions."""
    return f"open-item/{unit_id}"


class DecisionKind(StrEnum):
    """What a person may decide; the words stand in batch files and in the log."""

    IDENTIFY = "identify"  #: the money is one member's
    SPLIT = "split"  #: the money is several members', with an exact sum
    DUPLICATE = "duplicate"  #: paid a second time: what is owed is settled, the rest is the member's credit
    RETURN = "return"  #: back to the sender, through a refund
    REJECT = "reject"  #: money for another account than this one; back to the sender, with the transfer's reference
    WRITE_OFF = "write-off"  #: other income of the unit (4320), by decision
    ACCEPT_FEE = "accept-fee"  #: a smaller credit is announced money less a fee withheld on the way
    LUMP = "lump"  #: the line is a channel's settlement, or takes one back
    BEAR_LOSS = "bear-loss"  #: what a channel took back is the unit's loss, by decision
    OPEN_AGAIN = "open-again"  #: what a channel took back was paid by nobody: the dues are owed again
    WAIT = "wait"  #: nothing yet, until a day
    UNDO = "undo"  #: an earlier decision was wrong


#: What each decision is called in messages; the same words as in an office's list.
KIND_NAMES: Mapping[DecisionKind, str] = {
    DecisionKind.IDENTIFY: "xác định",
    DecisionKind.SPLIT: "chia",
    DecisionKind.DUPLICATE: "đóng lần hai",
    DecisionKind.RETURN: "trả lại",
    DecisionKind.REJECT: "nhầm tài khoản",
    DecisionKind.WRITE_OFF: "ghi thu khác",
    DecisionKind.ACCEPT_FEE: "nhận phí",
    DecisionKind.LUMP: "khoản trả gộp của kênh",
    DecisionKind.BEAR_LOSS: "đơn vị chịu thiệt",
    DecisionKind.OPEN_AGAIN: "coi như chưa đóng",
    DecisionKind.WAIT: "chờ",
    DecisionKind.UNDO: "gỡ",
}


#: Decisions that only say what shall be done later and may be followed by another at any time.
PATIENT = frozenset({DecisionKind.WAIT})

#: Decisions about what a channel paid out or took back.
OF_CHANNELS = frozenset({DecisionKind.LUMP, DecisionKind.BEAR_LOSS, DecisionKind.OPEN_AGAIN})


def line_item(account_id: AccountId, key: str) -> str:
    """The name of an unplaced bank line as an open item; a payment's name is its id."""
    return f"line:{account_id}#{key}"


def line_of(item: str) -> tuple[AccountId, str] | None:
    """Account and key of an item that is a bank line, or None when it is a payment."""
    if not item.startswith("line:") or "#" not in item:
        return None
    account, _, key = item.removeprefix("line:").partition("#")
    return AccountId(account), key


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPart:
    """One member's part of a divided transfer; đồng."""

    member_id: MemberId
    month: Month | None
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided about one open item. ``amount`` is what it moves (0 for waiting); đồng.

    ``target`` is what the kind needs beside the item: the refund's id, or the announced payment that the bank credited.
    """

    decision_id: str  #: "<unit>/QD-<n>"
    kind: DecisionKind
    item: str  #: payment id, or ``line_item``
    amount: Dong
    parts: tuple[DecisionPart, ...] = ()
    target: str | None = None
    until: date | None = None  #: of waiting
    owner: str | None = None  #: of waiting: who looks after it
    undoes: str | None = None
    reason: str
    document: str | None
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionProposed:
    """A decision that a second person has to agree to; it changes nothing yet."""

    unit_id: UnitId
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTaken:
    """A decision holds. No entry of its own: the money's own events have it. ``approved_by`` None: one person's."""

    unit_id: UnitId
    decision: Decision
    approved_by: str | None
    taken_on: date


DecisionEvent = DecisionProposed | DecisionTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseWrittenOff:
    """Money that nobody claims, or a small difference, becomes other income of the unit; in the payment's stream."""

    payment_id: PaymentId
    unit_id: UnitId  #: in whose books it waited
    amount: Dong
    heading: str  #: key of 4320
    decision_id: str
    written_off_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAccepted:
    """The smaller credit that waited is this announced money less ``fee``; in the announced payment's stream.

    The waiting money stops waiting and the clearing account is free of the announced sum: amount = credited + fee.
    """

    payment_id: PaymentId  #: the announced one
    waiting_payment_id: PaymentId
    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    clearing: str
    amount: Dong
    fee: Dong
    credited: Dong
    bank_line: str
    decision_id: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseToCredit:
    """Waiting money was the bank's credit of announced money; noted on it, the entry is that of ``CreditAccepted``."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    for_payment_id: PaymentId
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseWaitsAgain:
    """A decision was undone: its money waits again. No entry of its own: the reversed entry states the posting."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    decision_id: str
    correction_id: str


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """A unit's decisions by number, those that wait for a second person, and what waits until when."""

    proposed: Mapping[str, Decision] = field(default_factory=dict)
    taken: Mapping[str, DecisionTaken] = field(default_factory=dict)
    undone: Mapping[str, str] = field(default_factory=dict)  #: decision → the decision that undid it
    waiting: Mapping[str, Decision] = field(default_factory=dict)  #: item → the last waiting that holds
    count: int = 0


NONE = Decisions()


def evolve(state: Decisions, event: DecisionEvent) -> Decisions:
    """Copy one fact into the state."""
    match event:
        case DecisionProposed():
            asked = event.decision
            return replace(state, proposed={**state.proposed, asked.decision_id: asked}, count=state.count + 1)
        case DecisionTaken():
            return _taken(state, event)
        case _:
            assert_never(event)


def _taken(state: Decisions, event: DecisionTaken) -> Decisions:
    made = event.decision
    fresh = 0 if made.decision_id in state.proposed else 1
    waiting = {item: told for item, told in state.waiting.items() if item != made.item}
    if made.kind is DecisionKind.WAIT:
        waiting[made.item] = made
    undone = state.undone if made.undoes is None else {**state.undone, made.undoes: made.decision_id}
    return replace(
        state,
        proposed={number: told for number, told in state.proposed.items() if number != made.decision_id},
        taken={**state.taken, made.decision_id: event},
        undone=undone,
        waiting=waiting,
        count=state.count + fresh,
    )


# --- Decisions --------------------------------------------------------------------------------------------------


def next_id(state: Decisions, unit_id: UnitId) -> str:
    """The number of the unit's next decision."""
    return f"{unit_id}/QD-{state.count + 1}"


def unit_of(decision_id: str) -> UnitId:
    """The unit whose decision a number names."""
    unit, _, number = decision_id.rpartition("/QD-")
    if not unit or not number.isdigit():
        raise unknown(decision_id)
    return UnitId(unit)


def unknown(decision_id: str) -> Refusal:
    """There is no such decision."""
    return Refusal(
        RefusalCode.DECISION_UNKNOWN,
        f"Không có quyết định {decision_id} nào như vậy. Xem số quyết định bằng dangphi open-item decisions.",
    )


def require_proposed(state: Decisions, decision_id: str) -> Decision:
    """A decision that waits for its second person."""
    found = state.proposed.get(decision_id)
    if found is None:
        if decision_id in state.taken:
            raise Refusal(
                RefusalCode.DECISION_STATE, f"Quyết định {decision_id} đã có hiệu lực; không duyệt lần thứ hai."
            )
        raise unknown(decision_id)
    return found


def require_undoable(state: Decisions, decision_id: str) -> Decision:
    """A decision that holds and was not undone, and is none that undoes another."""
    found = state.taken.get(decision_id)
    if found is None:
        raise unknown(decision_id)
    if decision_id in state.undone:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Quyết định {decision_id} đã được gỡ bởi {state.undone[decision_id]}; không gỡ lần thứ hai.",
        )
    if found.decision.kind is DecisionKind.UNDO:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"{decision_id} là việc gỡ một quyết định; muốn làm lại thì ra quyết định mới cho khoản đó.",
        )
    pending = [number for number, told in state.proposed.items() if told.undoes == decision_id]
    if pending:
        raise Refusal(
            RefusalCode.DECISION_STATE, f"Đã có đề nghị gỡ {decision_id} ({pending[0]}) chờ người thứ hai duyệt."
        )
    return found.decision


def require_sum(decision: Decision, there: Dong) -> None:
    """Refuse a division that does not add up to the whole that waits."""
    told = sum(part.amount for part in decision.parts)
    if not decision.parts or told != decision.amount or told != there:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Khoản {decision.item} đang treo {there} đồng, các phần chia cộng lại {told} đồng. Chia đúng từng đồng.",
        )


def require_day_ahead(until: date | None, on: date) -> None:
    """Waiting has a day that lies ahead."""
    if until is None or until <= on:
        raise Refusal(
            RefusalCode.DECISION_STATE, "Chờ thì phải ghi chờ đến ngày nào, sau hôm nay. Ghi ngày và lý do chờ."
        )
