"""What old paper or Excel books add to our own: the year to date of a unit, the months that a member paid.

They are facts of the streams "past/<office>" of the unit and of every office that ever stood above it, read up to a
position, so that an import undone later is gone from later books and stays in those signed before. A month that our own
books or the signed opening already tell is never counted a second time.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import cast

from domain import past
from domain.identifiers import MemberId, UnitId
from domain.organisation_state import Organisation
from domain.past import MemberMonth, PastEvent, PastImported, UnitMonth
from domain.period import Month, month_of, months_of
from domain.unit_changes import UnitReparented
from ledger.statutory.sources import EventLog
from ledger.statutory.tree import Ground, UnitPeriods


def old_months(log: EventLog, ground: Ground, units: Collection[UnitId]) -> dict[UnitId, tuple[UnitMonth, ...]]:
    """Every month that old books tell of these units and that was not undone, in order of months; đồng."""
    found: dict[UnitId, list[UnitMonth]] = {unit: [] for unit in units}
    for part in _standing(log, ground, units):
        if part.unit_id in found:
            found[part.unit_id] += part.months
    return {unit: tuple(sorted(months, key=lambda one: one.month)) for unit, months in found.items()}


def before_ours(
    months: Iterable[UnitMonth], told: UnitPeriods, *, own: Iterable[Month] = (), year: str, until: Month
) -> tuple[UnitMonth, ...]:
    """The months of a year that count into its year to date: those before our own books begin, up to ``until``.

    None where the signed opening states the year to date itself: two people signed that figure, and it covers the same
    months. Our books begin with the first month reported, with the first of ``own``, or the day after the opening.
    """
    opening = told.opening
    begins = {month for _, period in told.reports() for month in months_of(period)} | set(own)
    if opening is not None:
        if str(opening.as_of.year) == year and (opening.ytd_collected or opening.ytd_kept or opening.ytd_remitted):
            return ()
        begins.add(month_of(opening.as_of + timedelta(days=1)))
    first = min(begins, default=None)
    return tuple(
        one for one in months if one.month[:4] == year and one.month <= until and (first is None or one.month < first)
    )


def old_member_months(
    log: EventLog, ground: Ground, member: MemberId, units: Collection[UnitId]
) -> tuple[MemberMonth, ...]:
    """The months that old books say a member paid, in order; ``units`` are the cells that ever had the member."""
    found = [one for part in _standing(log, ground, units) for one in part.members if one.member_id == member]
    return tuple(sorted(found, key=lambda one: one.month))


def _standing(log: EventLog, ground: Ground, units: Collection[UnitId]) -> tuple[PastImported, ...]:
    states: dict[str, past.Past] = {}
    streams = [past.stream(office) for office in _offices(ground.organisation, units)]
    for recorded in log.read_streams(streams, until=ground.position):
        before = states.get(recorded.stream, past.EMPTY)
        states[recorded.stream] = past.evolve(before, cast(PastEvent, recorded.event))
    return tuple(part for state in states.values() for part in state.standing)


def _offices(org: Organisation, units: Collection[UnitId]) -> tuple[UnitId, ...]:
    """These units and every unit that ever stood above them."""
    found: dict[UnitId, None] = {}
    waiting = list(units)
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found[one] = None
        above = [known[one].parent_id for known in (org.first, org.units) if one in known]
        above += [change.from_parent_id for change in org.changes.get(one, ()) if isinstance(change, UnitReparented)]
        waiting += [parent for parent in above if parent is not None]
    return tuple(found)
