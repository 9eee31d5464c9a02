"""Who answers for a unit's cash, and how that passes from one person to the next.

One stream per unit ("cash-custody/<unit>"). The one who hands over signs first, on the figures of a count of that very
state of the book; the one who takes over signs second. Until then the old custodian answers for the cash. The cash
itself does not move between accounts: it stays the unit's 1110, and the custodian is recorded beside it.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.cash_count import CashCounted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, UnitId
from domain.money import Dong, format_dong


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's custody of cash."""
    return f"cash-custody/{unit_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyOffered:
    """The old custodian signs the handover: what was counted and which papers go over; no entry."""

    unit_id: UnitId
    number: int
    from_officer: OfficerId
    to_officer: OfficerId
    count_number: int  #: the count that this handover rests on
    counted: Dong
    open_slips: tuple[str, ...]  #: numbers of slips not used yet, as "from–to" or single
    last_receipt: int  #: the last receipt number of the year that was given out; 0 for none
    open_bags: tuple[str, ...]  #: bags at the bank that nobody credited yet
    decision: str
    offered_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyAccepted:
    """The new custodian signs and answers for the cash from now on; no entry."""

    unit_id: UnitId
    number: int
    from_officer: OfficerId
    to_officer: OfficerId
    counted: Dong
    accepted_on: date


CustodyEvent = CustodyOffered | CustodyAccepted


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """The custodian (None: never recorded), since when, and the offer that waits for its second signature."""

    custodian: OfficerId | None = None
    since: date | None = None
    last: int = 0
    offer: CustodyOffered | None = None


EMPTY = Custody()


def evolve(state: Custody, event: CustodyEvent) -> Custody:
    """Copy one fact into the state."""
    match event:
        case CustodyOffered():
            return replace(state, last=event.number, offer=event)
        case CustodyAccepted():
            return replace(state, custodian=event.to_officer, since=event.accepted_on, offer=None)
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def offer(
    state: Custody,
    asked: CustodyOffered,
    *,
    latest: CashCounted | None,
    in_hand: Dong,
) -> tuple[CustodyOffered, ...]:
    """Offer the cash: only by its custodian, only as it was counted, and not to oneself. The same again adds nothing.

    ``in_hand`` is the book's cash now: it must be what the last count found, so that no movement lies between.
    """
    if state.custodian is not None and state.custodian != asked.from_officer:
        raise _refusal(f"{asked.unit_id}: người giữ quỹ là {state.custodian}, không phải {asked.from_officer}")
    if latest is None or latest.number != asked.count_number or latest.counted != in_hand:
        raise _refusal(
            f"quỹ của {asked.unit_id} theo sổ là {format_dong(in_hand)} đồng, chưa có lần kiểm quỹ nào ra đúng số này. "
            "Kiểm quỹ ngay trước khi bàn giao"
        )
    if state.offer is not None and replace(state.offer, number=asked.number) == asked:
        return ()
    return (asked,)


def accept(state: Custody, *, unit_id: UnitId, by: OfficerId, in_hand: Dong, on: date) -> tuple[CustodyAccepted, ...]:
    """Take the cash over: only by the one it was offered to, and only while it is what was counted."""
    offered = state.offer
    if offered is None:
        if state.custodian == by:
            return ()
        raise _refusal(f"chưa ai ký bàn giao quỹ của {unit_id}")
    if offered.to_officer != by:
        raise _refusal(f"quỹ của {unit_id} được bàn giao cho {offered.to_officer}, không phải {by}")
    if offered.counted != in_hand:
        raise _refusal(
            f"quỹ của {unit_id} đã kiểm {format_dong(offered.counted)} đồng, nay sổ còn {format_dong(in_hand)} đồng. "
            "Kiểm quỹ và ký bàn giao lại"
        )
    return (
        CustodyAccepted(
            unit_id=unit_id,
            number=offered.number,
            from_officer=offered.from_officer,
            to_officer=by,
            counted=offered.counted,
            accepted_on=on,
        ),
    )


def _refusal(why: str) -> Refusal:
    return Refusal(RefusalCode.CUSTODY_STATE, f"Bàn giao quỹ: {why}.")
