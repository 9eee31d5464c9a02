"""Held money goes back to the unit it belongs to, in cash: the way for a unit without an account to spend its own.

The events stand in the unit's own cash stream ("cash-return/<unit>"), one for each slip. Both books change at once:
what the holder held for the unit (3390) and what the unit had there (1390) become less, the cash changes hands.
"""

from dataclasses import dataclass, replace
from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong, format_dong, require_amount


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's returned cash."""
    return f"cash-return/{unit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCashReturned:
    """The holder's cashier handed cash to the unit whose money it is."""

    unit_id: UnitId
    holder_id: UnitId
    amount: Dong
    slip: str
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Slips already used."""

    slips: frozenset[str] = frozenset()


EMPTY = Returns()


def evolve(state: Returns, event: HeldCashReturned) -> Returns:
    """Copy one fact into the state."""
    return replace(state, slips=state.slips | {event.slip})


def give_back(state: Returns, asked: HeldCashReturned, *, held: Dong, own: Dong) -> tuple[HeldCashReturned, ...]:
    """Give cash back: not more than is held there for the unit, nor than is its own. The same slip adds nothing."""
    if asked.slip in state.slips:
        return ()
    there = min(held, own)
    if require_amount(asked.amount) > there:
        raise Refusal(
            RefusalCode.OWN_MONEY_SHORT,
            f"{asked.holder_id} giữ hộ {asked.unit_id} {format_dong(held)} đồng, phần của chính đơn vị còn được chi "
            f"{format_dong(max(there, 0))} đồng; không trả lại được {format_dong(asked.amount)} đồng.",
            there=there,
        )
    return (asked,)
