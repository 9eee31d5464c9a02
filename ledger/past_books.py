"""What old books say of a unit or a member, whichever office above them took the books in."""

from domain import organisation, past
from domain.identifiers import MemberId, UnitId
from domain.past import MemberMonth, Past, UnitMonth
from domain.period import Month
from ledger.work import Work


def of_unit(work: Work, unit_id: UnitId) -> tuple[UnitMonth, ...]:
    """A unit's months in the old books, in order of months; collected, kept and sent in đồng."""
    found = [one for state in _books(work, unit_id) for one in past.of_unit(state, unit_id)]
    return tuple(sorted(found, key=lambda one: one.month))


def of_member(work: Work, member_id: MemberId) -> tuple[MemberMonth, ...]:
    """A member's months in the old books, in order of months; paid in đồng."""
    unit = work.member(member_id).unit_id
    found = [one for state in _books(work, unit) for one in past.of_member(state, member_id)]
    return tuple(sorted(found, key=lambda one: one.month))


def year_to_date(work: Work, unit_id: UnitId, until: Month) -> UnitMonth:
    """Collected, kept and sent by the old books from January to a month, included (B01/ĐP lines 03, 08, 13)."""
    months = [one for one in of_unit(work, unit_id) if one.month[:4] == until[:4] and one.month <= until]
    return UnitMonth(
        month=until,
        collected=sum(one.collected for one in months),
        kept=sum(one.kept for one in months),
        sent=sum(one.sent for one in months),
    )


def _books(work: Work, unit_id: UnitId) -> tuple[Past, ...]:
    """The old books of the unit and of every office above it."""
    above = tuple(found.unit_id for found in organisation.path_up(work.organisation, unit_id))
    work.preload(past.stream(unit) for unit in above)
    return tuple(work.past(unit) for unit in above)
