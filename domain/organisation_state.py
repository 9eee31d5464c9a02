"""The tree of Party organisations, folded from its events: units, their bank accounts, holders and wage regions.

Questions and decisions on it stand in ``domain.organisation``, which hands these names on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.identifiers import AccountId, UnitId
from domain.organisation_kinds import UnitKind
from domain.unit_changes import (
    AccountPassedOn,
    ChangeEvent,
    UnitChange,
    UnitEnded,
    UnitRecoded,
    UnitRenamed,
    UnitReparented,
    UnitRetyped,
)

STREAM = "organisation"


class Channel(StrEnum):
    """A way for money to come in; who holds the receiving account is set for each (accounting §1.5)."""

    PORTAL = "portal"
    BANK = "bank"
    CASH = "cash"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRegistered:
    """An organisation exists from a day on. ``has_books`` is false for a counterparty kept in another shard."""

    unit_id: UnitId
    code: str
    name: str
    kind: UnitKind
    parent_id: UnitId | None
    effective_from: date
    has_books: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered:
    """A unit's own bank account."""

    account_id: AccountId
    unit_id: UnitId
    bin: str
    number: str
    holder_name: str
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderAssigned:
    """Who receives a unit's money over one channel from a day on: the unit itself, or a holder above it."""

    unit_id: UnitId
    channel: Channel
    holder_id: UnitId
    account_id: AccountId | None  #: None for cash
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRegionAssigned:
    """The minimum-wage region of the place where the unit meets (01-QĐ/TW art. 3(2.2))."""

    unit_id: UnitId
    region: str
    assumed: bool
    document: str
    effective_from: date


OrganisationEvent = UnitRegistered | AccountRegistered | HolderAssigned | WageRegionAssigned | ChangeEvent


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The tree as recorded so far. A unit that ended keeps its last entry in ``units`` and stands in ``ended``.

    ``codes`` and ``below`` are look-ups over ``units``; ``first`` holds each unit as it was registered and
    ``changes`` what happened to it since, oldest first.
    """

    units: Mapping[UnitId, UnitRegistered] = field(default_factory=dict)
    accounts: Mapping[AccountId, AccountRegistered] = field(default_factory=dict)
    holders: Mapping[tuple[UnitId, Channel], tuple[HolderAssigned, ...]] = field(default_factory=dict)
    regions: Mapping[UnitId, WageRegionAssigned] = field(default_factory=dict)
    ended: Mapping[UnitId, UnitEnded] = field(default_factory=dict)
    codes: Mapping[str, UnitId] = field(default_factory=dict)
    below: Mapping[UnitId | None, tuple[UnitId, ...]] = field(default_factory=dict)
    first: Mapping[UnitId, UnitRegistered] = field(default_factory=dict)
    changes: Mapping[UnitId, tuple[UnitChange, ...]] = field(default_factory=dict)
    passed_on: Mapping[AccountId, tuple[AccountPassedOn, ...]] = field(default_factory=dict)


EMPTY = Organisation()


class Builder:
    """The same tree being filled in place: for folding a long log, where a copy for each event would be quadratic."""

    def __init__(self, state: Organisation = EMPTY) -> None:
        self._units = dict(state.units)
        self._accounts = dict(state.accounts)
        self._holders = dict(state.holders)
        self._regions = dict(state.regions)
        self._ended = dict(state.ended)
        self._codes = dict(state.codes)
        self._below = dict(state.below)
        self._first = dict(state.first)
        self._changes = dict(state.changes)
        self._passed_on = dict(state.passed_on)
        #: A view that grows with the builder; whoever keeps it must not hand it to a reader of an earlier moment.
        self.organisation = Organisation(
            units=self._units,
            accounts=self._accounts,
            holders=self._holders,
            regions=self._regions,
            ended=self._ended,
            codes=self._codes,
            below=self._below,
            first=self._first,
            changes=self._changes,
            passed_on=self._passed_on,
        )

    def take(self, event: OrganisationEvent) -> None:
        """Take one fact in."""
        match event:
            case UnitRegistered():
                if event.unit_id not in self._units:
                    self._hang(event.unit_id, event.parent_id)
                self._units[event.unit_id] = self._first[event.unit_id] = event
                self._codes[event.code] = event.unit_id
            case AccountRegistered():
                self._accounts[event.account_id] = event
            case HolderAssigned():
                key = (event.unit_id, event.channel)
                self._holders[key] = (*self._holders.get(key, ()), event)
            case WageRegionAssigned():
                self._regions[event.unit_id] = event
            case UnitRenamed() | UnitRetyped() | UnitRecoded() | UnitReparented():
                self._change(event)
            case UnitEnded():
                self._ended[event.unit_id] = event
                found = self._units.get(event.unit_id)
                if found is not None:
                    self._unhang(event.unit_id, found.parent_id)
            case AccountPassedOn():
                self._passed_on[event.account_id] = (*self._passed_on.get(event.account_id, ()), event)
                known = self._accounts.get(event.account_id)
                if known is not None:
                    self._accounts[event.account_id] = replace(known, unit_id=event.unit_id)
            case _:
                assert_never(event)

    def _change(self, event: UnitChange) -> None:
        self._changes[event.unit_id] = (*self._changes.get(event.unit_id, ()), event)
        before = self._units.get(event.unit_id)
        if before is None:
            return
        after = self._units[event.unit_id] = changed(before, event)
        if after.code != before.code:
            # The old code may name another unit from now on; until then it still finds this one.
            self._codes[after.code] = after.unit_id
        if after.parent_id != before.parent_id:
            self._unhang(after.unit_id, before.parent_id)
            self._hang(after.unit_id, after.parent_id)

    def _hang(self, unit_id: UnitId, parent: UnitId | None) -> None:
        self._below[parent] = (*self._below.get(parent, ()), unit_id)

    def _unhang(self, unit_id: UnitId, parent: UnitId | None) -> None:
        self._below[parent] = tuple(u for u in self._below.get(parent, ()) if u != unit_id)


def changed(unit_: UnitRegistered, event: UnitChange) -> UnitRegistered:
    """The unit's entry after a change."""
    match event:
        case UnitRenamed():
            return replace(unit_, name=event.name)
        case UnitRetyped():
            return replace(unit_, kind=event.kind)
        case UnitRecoded():
            return replace(unit_, code=event.code)
        case UnitReparented():
            return replace(unit_, parent_id=event.parent_id)
        case _:
            assert_never(event)


def evolve(state: Organisation, event: OrganisationEvent) -> Organisation:
    """Copy one fact into the state."""
    return fold((event,), state)


def fold(events: Iterable[OrganisationEvent], state: Organisation = EMPTY) -> Organisation:
    """Copy many facts into the state at once."""
    builder = Builder(state)
    for event in events:
        builder.take(event)
    return builder.organisation
