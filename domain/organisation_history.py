"""The tree as it stood on a day, worked out from how each unit was registered and what changed since."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from domain.identifiers import AccountId, UnitId
from domain.organisation_kinds import UnitKind
from domain.organisation_state import AccountRegistered, Builder, Organisation, UnitRegistered, changed
from domain.unit_changes import UnitChange, UnitReparented


def on(state: Organisation, day: date) -> Organisation:
    """The tree as of a day: units with the name, kind, code and superior they had then.

    Units that had ended by that day keep their last entry and stand in ``ended``; units that began later are left
    out. Accounts stand with the unit that had them on the day.
    """
    builder = Builder()
    for unit_id, first in state.first.items():
        if first.effective_from > day:
            continue
        builder.take(first)
        for change in in_order(state, unit_id):
            if change.effective_from <= day:
                builder.take(change)
    for ended in state.ended.values():
        if ended.effective_from <= day:
            builder.take(ended)
    for account in state.accounts.values():
        passed = state.passed_on.get(account.account_id, ())
        if account.effective_from > day:
            continue
        # As registered: with the unit that had it before it was ever passed on.
        builder.take(first_owner(state, account.account_id))
        for one in passed:
            if one.effective_from <= day:
                builder.take(one)
    for rows in state.holders.values():
        for row in rows:
            if row.effective_from <= day:
                builder.take(row)
    for region in state.regions.values():
        if region.effective_from <= day:
            builder.take(region)
    return builder.organisation


def in_order(state: Organisation, unit_id: UnitId) -> tuple[UnitChange, ...]:
    """What changed about a unit, by the day from which it holds; of one day the later recorded one counts last."""
    return tuple(sorted(state.changes.get(unit_id, ()), key=lambda change: change.effective_from))


def first_owner(state: Organisation, account_id: AccountId) -> AccountRegistered:
    """A bank account as it was registered, before it was passed on."""
    known = state.accounts[account_id]
    passed = state.passed_on.get(account_id, ())
    return replace(known, unit_id=passed[0].from_unit_id) if passed else known


def unit_on(state: Organisation, unit_id: UnitId, day: date) -> UnitRegistered | None:
    """One unit as it was on a day; None before it began. An ended unit is found as it last was."""
    first = state.first.get(unit_id)
    if first is None or first.effective_from > day:
        return None
    found = first
    for change in in_order(state, unit_id):
        if change.effective_from <= day:
            found = changed(found, change)
    return found


def kind_on(state: Organisation, unit_id: UnitId, day: date) -> UnitKind:
    """The kind of a unit on a day; before it began, the kind it was registered with."""
    found = unit_on(state, unit_id, day)
    return state.first[unit_id].kind if found is None else found.kind


def ended_on(state: Organisation, unit_id: UnitId, day: date) -> bool:
    """Whether a unit had ended by a day."""
    ended = state.ended.get(unit_id)
    return ended is not None and ended.effective_from <= day


def once_below(state: Organisation, unit_id: UnitId) -> tuple[UnitId, ...]:
    """Every unit that ever stood directly under this one, ended or moved away since, in order of registration."""
    now = {u for u, found in state.units.items() if found.parent_id == unit_id}
    left = {
        moved
        for moved, changes in state.changes.items()
        for change in changes
        if isinstance(change, UnitReparented) and change.from_parent_id == unit_id
    }
    return tuple(u for u in state.units if u in now or u in left) if now or left else ()


def once_below_each(state: Organisation) -> Mapping[UnitId, tuple[UnitId, ...]]:
    """The same of every unit at once."""
    found: dict[UnitId, dict[UnitId, None]] = defaultdict(dict)
    for unit_id, unit in state.units.items():
        if unit.parent_id is not None:
            found[unit.parent_id][unit_id] = None
        for change in state.changes.get(unit_id, ()):
            if isinstance(change, UnitReparented) and change.from_parent_id is not None:
                found[change.from_parent_id][unit_id] = None
    return {parent: tuple(units) for parent, units in found.items()}


def names_of(state: Organisation, unit_id: UnitId) -> Iterator[tuple[date, str, str]]:
    """Under which names and codes a unit was known: (from day, name, code), oldest first."""
    found = state.first[unit_id]
    yield found.effective_from, found.name, found.code
    for change in in_order(state, unit_id):
        after = changed(found, change)
        if (after.name, after.code) != (found.name, found.code):
            yield change.effective_from, after.name, after.code
        found = after
