"""Cash in a unit's hands after it was taken from members: bags on their way to the bank, money passed to a holder.

One stream per unit ("cash/<unit>"). How much is in hand is a question to the book (account 1110); a decision is
given that figure and refuses to hand over more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, require_amount
from domain.reference import Reference


def stream(unit_id: UnitId) -> str:
    """The name of a unit's cash stream."""
    return f"cash/{unit_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BagTakenToBank:
    """A cash bag left for the bank; the deposit slip carries the reference."""

    bag: Reference
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    taken_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BagCredited:
    """The bank credited a bag."""

    bag: Reference
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CashPassedToHolder:
    """Cash went to the cashier of the unit that holds this unit's money."""

    unit_id: UnitId
    holder_id: UnitId
    amount: Dong
    slip: str
    passed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDrawn:
    """Cash leaves the hand by a decision of another room; no entry, that room's own event books it.

    It stands among the unit's cash, so that two decisions made at the same instant cannot hand out the same notes.
    """

    unit_id: UnitId
    what: str  #: "remittance", "refund" or "spending"
    case_id: str
    amount: Dong
    drawn_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BagCreditUndone:
    """The bank's credit of a bag was none; the bag is on its way again. The correction states the posting."""

    bag: Reference
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    bank_line: str
    correction_id: str


CashEvent = BagTakenToBank | BagCredited | CashPassedToHolder | CashDrawn | BagCreditUndone


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """Bags under way (bag → amount) and slips already used."""

    bags: Mapping[Reference, Dong] = field(default_factory=dict)
    credited: frozenset[Reference] = frozenset()
    slips: frozenset[str] = frozenset()


EMPTY = Cash()


def evolve(state: Cash, event: CashEvent) -> Cash:
    """Copy one fact into the state."""
    match event:
        case BagTakenToBank():
            return replace(state, bags={**state.bags, event.bag: event.amount})
        case BagCredited():
            return replace(state, credited=state.credited | {event.bag})
        case CashPassedToHolder():
            return replace(state, slips=state.slips | {event.slip})
        case CashDrawn():
            return state
        case BagCreditUndone():
            return replace(state, credited=state.credited - {event.bag})
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def take_bag(state: Cash, asked: BagTakenToBank, *, in_hand: Dong) -> tuple[BagTakenToBank, ...]:
    """Take cash to the bank; never more than is in hand, the same bag again adds nothing."""
    if asked.bag in state.bags:
        return ()
    _require_in_hand(asked.amount, in_hand, asked.unit_id, "mang nộp ngân hàng")
    return (asked,)


def credit_bag(state: Cash, asked: BagCredited) -> tuple[BagCredited, ...]:
    """Note the bank's credit for a bag; only once. A bag with another amount is left for a person to explain."""
    if asked.bag in state.credited:
        return ()
    taken = state.bags.get(asked.bag)
    if taken != asked.amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Túi tiền {asked.bag} nộp {taken} đồng nhưng ngân hàng ghi có {asked.amount} đồng. "
            "Lập biên bản đối chiếu.",
        )
    return (asked,)


def pass_to_holder(state: Cash, asked: CashPassedToHolder, *, in_hand: Dong) -> tuple[CashPassedToHolder, ...]:
    """Pass cash to the holder's cashier; never more than is in hand, the same slip again adds nothing."""
    if asked.slip in state.slips:
        return ()
    _require_in_hand(asked.amount, in_hand, asked.unit_id, "bàn giao")
    return (asked,)


def draw(asked: CashDrawn, *, in_hand: Dong) -> tuple[CashDrawn, ...]:
    """Let cash leave the hand for another room; never more than is in hand."""
    _require_in_hand(asked.amount, in_hand, asked.unit_id, "chi")
    return (asked,)


def _require_in_hand(amount: Dong, in_hand: Dong, unit_id: UnitId, what: str) -> None:
    if require_amount(amount) > in_hand:
        raise Refusal(
            RefusalCode.CASH_NOT_IN_HAND,
            f"Quỹ tiền mặt của {unit_id} chỉ có {in_hand} đồng, không thể {what} {amount} đồng. "
            "Kiểm tra số tiền và các khoản đã thu chưa ghi sổ.",
        )
