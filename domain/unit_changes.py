"""What can happen to a unit after it was registered: each a fact from a day on, by a numbered decision.

Nothing is edited: a unit keeps its id for ever, and what it was called, what kind it was and whom it stood under on
any day can be asked for (``domain.organisation_history``). Source: rules §2.5, §9 points 6 and 7.
"""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, UnitId
from domain.organisation_kinds import UnitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRenamed:
    """A unit has another name from a day on."""

    unit_id: UnitId
    name: str
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRetyped:
    """A unit is of another kind from a day on (208-QĐ/TW re-typed wards on 26 July 2026)."""

    unit_id: UnitId
    kind: UnitKind
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecoded:
    """A unit has another code from a day on; the code encodes the parent and is never a key."""

    unit_id: UnitId
    code: str
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReparented:
    """A unit stands under another superior from a day on."""

    unit_id: UnitId
    from_parent_id: UnitId | None
    parent_id: UnitId
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEnded:
    """A unit is no more from ``effective_from`` on; ``successor_id`` has its balances and keeps its books."""

    unit_id: UnitId
    successor_id: UnitId
    effective_from: date
    restructure_id: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPassedOn:
    """A bank account keeps its number and passes to another unit on the day of the handover (accounting §3)."""

    account_id: AccountId
    from_unit_id: UnitId
    unit_id: UnitId
    effective_from: date
    restructure_id: str


UnitChange = UnitRenamed | UnitRetyped | UnitRecoded | UnitReparented
ChangeEvent = UnitChange | UnitEnded | AccountPassedOn
