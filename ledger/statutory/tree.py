"""The tree and the law as they were known at a position, with the versions that a book prints."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from domain import organisation, organisation_state, policy
from domain.declaration import (
    DeclarationCorrected,
    DeclarationRestated,
    Declared,
    HeldFromBelow,
    HeldPeriodAllocated,
    PeriodDeclared,
    PeriodHeld,
    UnsplitReduced,
)
from domain.declaration import stream as declaration_stream
from domain.identifiers import UnitId
from domain.late_share import apart
from domain.money import Dong
from domain.opening import OpeningSigned
from domain.opening import stream as opening_stream
from domain.organisation_state import Organisation, OrganisationEvent
from domain.passed_on import PayableInherited, PayablePassed
from domain.period import Period, months_of
from domain.policy import Policy
from ledger.folds import POLICY_STREAM
from ledger.ports import Recorded
from ledger.statutory.sources import EventLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Tree and law at ``position``; a version is the position of the last event that changed it (0: none)."""

    position: int
    organisation: Organisation
    tree_version: int
    policy: Policy
    policy_version: int


def ground_at(log: EventLog, position: int) -> Ground:
    """Fold the two streams up to a position."""
    law, policy_version = policy.NO_POLICY, 0
    tree_events = log.read_streams((organisation.STREAM,), until=position)
    tree = organisation_state.fold(cast(tuple[OrganisationEvent, ...], tuple(r.event for r in tree_events)))
    tree_version = tree_events[-1].position if tree_events else 0
    for recorded in log.read_streams((POLICY_STREAM,), until=position):
        law = policy.evolve(law, recorded.event)  # type: ignore[arg-type]  # the stream holds nothing else
        policy_version = recorded.position
    return Ground(
        position=position, organisation=tree, tree_version=tree_version, policy=law, policy_version=policy_version
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPeriods:
    """What one unit declared, held, corrected and had to restate up to a position, in the order of the log.

    Each stands with its own place in the log (the ``position`` field of a declaration is that of its figures). Held
    periods are those that were not declared in their time after all.
    """

    declared: tuple[tuple[int, PeriodDeclared], ...] = ()
    allocated: tuple[tuple[int, HeldPeriodAllocated], ...] = ()
    held: tuple[tuple[int, PeriodHeld], ...] = ()
    below: tuple[HeldFromBelow, ...] = ()
    restated: tuple[tuple[int, DeclarationRestated], ...] = ()
    corrected: tuple[tuple[int, DeclarationCorrected], ...] = ()
    unsplit: tuple[UnsplitReduced, ...] = ()
    passed: tuple[PayablePassed, ...] = ()
    inherited: tuple[PayableInherited, ...] = ()
    opening: OpeningSigned | None = None

    def of(self, period: Period) -> Declared | None:
        """How a period was split, in its time or late; None while it is not."""
        return next((event for event in self.split() if event.period == period), None)

    def split(self) -> tuple[Declared, ...]:
        """Every period that was split, those in their time first."""
        in_time: tuple[Declared, ...] = tuple(event for _, event in self.declared)
        return (*in_time, *(event for _, event in self.allocated))

    def payable(self, made: Declared) -> Dong:
        """What a split period owes upwards, corrections taken off."""
        return made.payable - sum(e.passed_part for _, e in self.corrected if e.period == made.period)

    def reports(self) -> tuple[tuple[int, Period], ...]:
        """Up to which position each report period counts, declared or held, in the order of the log."""
        declared = [(event.position, event.period) for _, event in self.declared]
        return tuple(sorted([*declared, *((event.position, event.period) for _, event in self.held)]))

    def report_of(self, position: int) -> Period | None:
        """The first report period fixed on figures that contain a position: where a fact of it is counted."""
        return next((period for at, period in self.reports() if at >= position), None)


NOTHING = UnitPeriods()


def periods_of(log: EventLog, units: Collection[UnitId], *, until: int) -> dict[UnitId, UnitPeriods]:
    """Declarations and openings of units up to a position; one query whatever their number."""
    streams = [name for unit in units for name in (declaration_stream(unit), opening_stream(unit))]
    by_unit: dict[str, list[Recorded]] = {unit: [] for unit in units}
    for recorded in log.read_streams(streams, until=until):
        by_unit[recorded.stream.split("/", 1)[1]].append(recorded)
    return {unit: _periods(by_unit[unit]) for unit in units}


def _periods(found: list[Recorded]) -> UnitPeriods:
    by_kind: dict[type, list[tuple[int, Any]]] = defaultdict(list)
    for recorded in found:
        by_kind[type(recorded.event)].append((recorded.position, recorded.event))
    declared = tuple(by_kind[PeriodDeclared])
    in_time = {event.period for _, event in declared}
    # A period may be held again with more money in it; the last word counts.
    # What the first release held and then split together with a later period stands in that period alone.
    taken = max((at for at, event in declared if event.takes_held), default=0)
    known = [(at, event) for at, event in by_kind[PeriodHeld] if not event.cumulative or at > taken]
    alone = {event.period: event for event in apart(event for _, event in known)}
    held = {e.period: (at, alone[e.period]) for at, e in known if e.period not in in_time}
    openings = by_kind[OpeningSigned]
    return UnitPeriods(
        declared=declared,
        allocated=tuple(by_kind[HeldPeriodAllocated]),
        held=tuple(sorted(held.values(), key=lambda placed: placed[0])),
        below=tuple(event for _, event in by_kind[HeldFromBelow]),
        restated=tuple(by_kind[DeclarationRestated]),
        corrected=tuple(by_kind[DeclarationCorrected]),
        unsplit=tuple(event for _, event in by_kind[UnsplitReduced]),
        passed=tuple(event for _, event in by_kind[PayablePassed]),
        inherited=tuple(event for _, event in by_kind[PayableInherited]),
        opening=openings[-1][1] if openings else None,
    )


def within(period: Period, whole: Period) -> bool:
    """Whether a report period lies inside another: a month in its quarter, or either in itself."""
    return set(months_of(period)) <= set(months_of(whole))
