"""Where a member belongs: which cell has the member on its roll on a day, and which cell owns a dues month.

Days and months are kept apart, because a letter of introduction moves the roll on the day it is received and the dues
from the month after the one it says is paid (rules §4). What an answer of the policy decides (first month, last month,
payee) is decided once and stands in the event, so that a later setting never changes history.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never

from domain.identifiers import UnitId
from domain.membership_events import (
    Ending,
    MemberAdmitted,
    MemberArrived,
    MemberMoved,
    MemberRecognised,
    MembershipEnded,
    MembershipEvent,
    MembershipRestored,
    ReleasedFromActivities,
    TemporaryTransferEnded,
    TransferKind,
    TransferLetterIssued,
    TransferReceived,
    TransferWithdrawn,
)
from domain.period import Month, month_of, shift

__all__ = [
    "NOWHERE",
    "Ending",
    "MemberAdmitted",
    "MemberArrived",
    "MemberMoved",
    "MemberRecognised",
    "Membership",
    "MembershipEnded",
    "MembershipEvent",
    "MembershipRestored",
    "ReleasedFromActivities",
    "Spell",
    "Stay",
    "TemporaryTransferEnded",
    "TransferKind",
    "TransferLetterIssued",
    "TransferReceived",
    "TransferWithdrawn",
    "ending",
    "enrolled",
    "evolve",
    "gap_months",
    "owner_in",
    "party_age_from",
    "present",
    "release_in",
    "spell_on",
    "stay_on",
    "units_of",
]


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """On the roll of a cell from a day to a day, owing it dues from a month to a month; None is an open end.

    ``books`` is the cell that took these months over when the member's cell was merged or divided.
    """

    unit_id: UnitId
    roster_order: int
    from_day: date
    to_day: date | None = None
    from_month: Month | None = None
    to_month: Month | None = None
    books: UnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A temporary transfer: with a cell for some months, which are owed to ``payee_id`` (None: elsewhere)."""

    unit_id: UnitId | None
    letter: str
    from_day: date
    from_month: Month
    to_month: Month
    payee_id: UnitId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What is known of where a member belongs; spells and stays in the order of recording."""

    spells: tuple[Spell, ...] = ()
    stays: tuple[Stay, ...] = ()
    letters: tuple[TransferLetterIssued, ...] = ()
    pending: TransferLetterIssued | None = None
    history: tuple[MembershipEvent, ...] = ()


#: The membership of somebody who is on no roll yet.
NOWHERE = Membership()


def evolve(state: Membership, event: MembershipEvent) -> Membership:
    """Copy one fact into the state."""
    state = replace(state, history=(*state.history, event))
    match event:
        case MemberRecognised() | ReleasedFromActivities():
            return state
        case MemberAdmitted():
            return _begin(state, event.unit_id, event.roster_order, event.ceremony_on, event.first_month)
        case TransferLetterIssued():
            return _given(state, event)
        case TransferWithdrawn():
            return _withdrawn(state, event)
        case TransferReceived():
            if event.to_month is None:
                moved = _closed(state, event.received_on - timedelta(days=1), shift(event.from_month, -1))
                moved = _begin(moved, event.unit_id, event.roster_order, event.received_on, event.from_month)
            else:
                moved = replace(_stays(state, event, event.to_month), pending=None)
            return moved
        case MemberArrived():
            if event.to_month is not None:
                return _stays(state, event, event.to_month)
            return _begin(state, event.unit_id, event.roster_order, event.received_on, event.from_month)
        case TemporaryTransferEnded():
            stays = tuple(
                replace(stay, to_month=event.last_month) if stay.letter == event.letter else stay
                for stay in state.stays
            )
            return replace(state, stays=stays)
        case MembershipEnded():
            return _ended(state, event)
        case MembershipRestored():
            return _begin(state, event.unit_id, event.roster_order, event.restored_on, event.from_month)
        case MemberMoved():
            return _moved(state, event)
        case _:
            assert_never(event)


def enrolled(unit_id: UnitId, roster_order: int, enrolled_on: date) -> Membership:
    """The membership of a member who was on the roll when the ledger began: older months are that cell's too."""
    return Membership(spells=(Spell(unit_id=unit_id, roster_order=roster_order, from_day=enrolled_on),))


def _begin(state: Membership, unit_id: UnitId, order: int, day: date, month: Month) -> Membership:
    spell = Spell(unit_id=unit_id, roster_order=order, from_day=day, from_month=month)
    return replace(state, spells=(*state.spells, spell), pending=None)


def _closed(state: Membership, day: date, month: Month) -> Membership:
    """The last spell ends; one that ended earlier for its months keeps that."""
    if not state.spells:
        return state
    *before, last = state.spells
    to_month = month if last.to_month is None else min(month, last.to_month)
    return replace(state, spells=(*before, replace(last, to_day=day, to_month=to_month)))


def _ended(state: Membership, event: MembershipEnded) -> Membership:
    """Nothing is owed after the last month, not even to a cell that an earlier letter called paid ahead."""
    last = event.last_month
    stays = tuple(replace(stay, to_month=min(stay.to_month, last)) for stay in state.stays)
    spells = tuple(
        spell if spell.to_month is None else replace(spell, to_month=min(spell.to_month, last))
        for spell in state.spells
    )
    state = replace(state, spells=spells, stays=stays, pending=None)
    return _closed(state, event.effective_on, last)


def _given(state: Membership, event: TransferLetterIssued) -> Membership:
    state = replace(state, letters=(*state.letters, event), pending=event)
    if event.to_unit is not None:
        return state
    # Outside this shard nobody confirms here: giving the letter is the whole move.
    if event.to_month is None:
        return _closed(state, event.issued_on, event.paid_through)
    stay = Stay(
        unit_id=None,
        letter=event.letter,
        from_day=event.issued_on,
        from_month=shift(event.paid_through, 1),
        to_month=event.to_month,
        payee_id=event.payee_id,
    )
    return replace(state, stays=(*state.stays, stay), pending=None)


def _withdrawn(state: Membership, event: TransferWithdrawn) -> Membership:
    state = replace(state, pending=None, stays=tuple(stay for stay in state.stays if stay.letter != event.letter))
    given = next(letter for letter in reversed(state.letters) if letter.letter == event.letter)
    if given.to_unit is None and given.to_month is None and state.spells:
        *before, last = state.spells
        return replace(state, spells=(*before, replace(last, to_day=None, to_month=None)))
    return state


def _stays(state: Membership, event: TransferReceived | MemberArrived, to_month: Month) -> Membership:
    stay = Stay(
        unit_id=event.unit_id,
        letter=event.letter,
        from_day=event.received_on,
        from_month=event.from_month,
        to_month=to_month,
        payee_id=event.payee_id,
    )
    return replace(state, stays=(*state.stays, stay))


def _moved(state: Membership, event: MemberMoved) -> Membership:
    """A stay in the old cell goes on in the new one; the spell ends and goes on there; older months are taken over."""
    spells = tuple(
        replace(spell, books=event.unit_id) if (spell.books or spell.unit_id) == event.from_unit else spell
        for spell in state.spells
    )
    stays = tuple(
        replace(
            stay,
            unit_id=event.unit_id if stay.unit_id == event.from_unit else stay.unit_id,
            payee_id=event.unit_id if stay.payee_id == event.from_unit else stay.payee_id,
        )
        for stay in state.stays
    )
    state = replace(state, stays=stays, spells=spells)
    last = state.spells[-1] if state.spells else None
    if last is None or last.to_day is not None or last.unit_id != event.from_unit:
        return state
    state = _closed(state, event.moved_on - timedelta(days=1), shift(event.from_month, -1))
    return _begin(state, event.unit_id, event.roster_order, event.moved_on, event.from_month)


# --- Questions --------------------------------------------------------------------------------------------------


def owner_in(state: Membership, month: Month) -> UnitId | None:
    """The cell a dues month belongs to, whether or not anything is owed; None: nobody's here.

    At most one: a temporary transfer goes before the official cell, and of two spells the later recorded one.
    """
    for stay in reversed(state.stays):
        if stay.from_month <= month <= stay.to_month:
            return stay.payee_id
    for spell in reversed(state.spells):
        if (spell.from_month is None or spell.from_month <= month) and (
            spell.to_month is None or month <= spell.to_month
        ):
            return spell.books or spell.unit_id
    return None


def spell_on(state: Membership, day: date) -> Spell | None:
    """The official place on a day; temporary transfers do not change it (01-HD/TW: not counted there)."""
    for spell in reversed(state.spells):
        if spell.from_day <= day and (spell.to_day is None or day <= spell.to_day):
            return spell
    return None


def stay_on(state: Membership, day: date) -> Stay | None:
    """The temporary transfer a member is on, on a day: from the day of the letter to the end of its last month."""
    for stay in reversed(state.stays):
        if stay.from_day <= day and month_of(day) <= stay.to_month:
            return stay
    return None


def present(state: Membership) -> Spell | None:
    """The official place as recorded so far, if the membership lasts."""
    last = state.spells[-1] if state.spells else None
    return last if last is not None and last.to_day is None else None


def units_of(state: Membership) -> tuple[UnitId, ...]:
    """Every cell of this shard that ever had to do with the member, each once, oldest first."""
    found = [spell.unit_id for spell in state.spells]
    found += [spell.books for spell in state.spells if spell.books is not None]
    found += [unit for stay in state.stays for unit in (stay.unit_id, stay.payee_id) if unit is not None]
    return tuple(dict.fromkeys(found))


def gap_months(state: Membership) -> tuple[Month, ...]:
    """Months interrupted and owed again because the membership was restored, oldest first (01-HD/TW 2021)."""
    months: list[Month] = []
    for event in state.history:
        if isinstance(event, MembershipRestored):
            month = event.from_month
            while month < month_of(event.restored_on):
                months.append(month)
                month = shift(month, 1)
    return tuple(months)


def release_in(state: Membership, month: Month) -> ReleasedFromActivities | None:
    """The release from activities that covers a month; of several the one recorded last."""
    for event in reversed(state.history):
        if isinstance(event, ReleasedFromActivities) and event.from_month <= month <= event.to_month:
            return event
    return None


def party_age_from(state: Membership) -> date | None:
    """The day from which party age counts, where the admission stands in this ledger."""
    admitted = [event for event in state.history if isinstance(event, MemberAdmitted)]
    return admitted[0].decided_on if admitted else None


def ending(state: Membership) -> MembershipEnded | None:
    """How the membership ended, if it did and was not taken up again."""
    if present(state) is not None:
        return None
    for event in reversed(state.history):
        if isinstance(event, MembershipEnded):
            return event
        if isinstance(event, MembershipRestored | MemberArrived | MemberAdmitted):
            return None
    return None
