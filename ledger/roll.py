"""Who is on which roll, folded from the members' events: by unit as recorded so far, and by unit on any day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain import member, membership
from domain.identifiers import MemberId, UnitId
from domain.member import Member, MemberEnrolled, MemberEvent
from domain.membership import MembershipEvent


class Rolls:
    """The rolls of all units. A member who never moved costs two small entries and no state."""

    def __init__(self) -> None:
        self._present: dict[UnitId, dict[MemberId, int]] = defaultdict(dict)
        self._gone: dict[UnitId, dict[MemberId, None]] = defaultdict(dict)
        self._enrolled: dict[MemberId, MemberEnrolled] = {}
        self._states: dict[MemberId, Member] = {}

    def take(self, event: MemberEvent) -> None:
        """Take one event in; those that move nobody are passed over."""
        if isinstance(event, MemberEnrolled):
            self._enrolled[event.member_id] = event
            self._present[event.unit_id][event.member_id] = event.roster_order
        elif isinstance(event, MembershipEvent):
            before: member.State = self._state(event.member_id) or member.UNKNOWN
            after = member.evolve(before, event)
            if isinstance(after, Member):
                self._states[event.member_id] = after
                self._place(before if isinstance(before, Member) else None, after)

    def _state(self, member_id: MemberId) -> Member | None:
        found = self._states.get(member_id)
        if found is None and member_id in self._enrolled:
            first = member.evolve(member.UNKNOWN, self._enrolled[member_id])
            found = first if isinstance(first, Member) else None
        return found

    def _place(self, before: Member | None, after: Member) -> None:
        member_id = after.member_id
        old = None if before is None else membership.present(before.membership)
        new = membership.present(after.membership)
        if old is not None:
            self._present[old.unit_id].pop(member_id, None)
        if new is not None:
            self._present[new.unit_id][member_id] = new.roster_order
        for unit in membership.units_of(after.membership):
            self._gone[unit][member_id] = None

    def present(self, unit_id: UnitId) -> tuple[MemberId, ...]:
        """The roll of a unit as recorded so far, in its order."""
        listed = self._present.get(unit_id, {})
        return tuple(sorted(listed, key=lambda m: (listed[m], m)))

    def concerned(self, unit_id: UnitId) -> tuple[MemberId, ...]:
        """The roll and everybody who was on it or with the unit for a time."""
        return tuple(dict.fromkeys((*self.present(unit_id), *self._gone.get(unit_id, ()))))

    def last_order(self, unit_id: UnitId) -> int:
        """The last place taken on a unit's roll; 0 for an empty one."""
        return max(self._present.get(unit_id, {}).values(), default=0)

    def on(self, unit_id: UnitId, day: date) -> tuple[MemberId, ...]:
        """The official members of a unit on a day, in the order of the roll; a temporary transfer changes nothing."""
        found: list[tuple[int, MemberId]] = []
        for member_id in self.concerned(unit_id):
            known = self._state(member_id)
            spell = None if known is None else membership.spell_on(known.membership, day)
            if spell is not None and spell.unit_id == unit_id:
                found.append((spell.roster_order, member_id))
        return tuple(member_id for _, member_id in sorted(found))

    def counts_on(self, units: Iterable[UnitId], day: date) -> "RollCount":
        """How many are on the rolls of these units on a day, and how many are there only for a time."""
        wanted = tuple(dict.fromkeys(units))
        official = sum(len(self.on(unit, day)) for unit in wanted)
        here = frozenset(wanted)
        guests = 0
        for member_id in dict.fromkeys(m for unit in wanted for m in self._gone.get(unit, ())):
            known = self._state(member_id)
            stay = None if known is None else membership.stay_on(known.membership, day)
            guests += stay is not None and stay.unit_id in here
        return RollCount(members=official, for_a_time=guests)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCount:
    """Members at the end of a day (B01 line 01), and those there for a time, who are counted in their own cell."""

    members: int
    for_a_time: int


def rolls_of(events: Iterable[object]) -> Rolls:
    """The rolls folded from events in log order; events of other kinds are passed over."""
    rolls = Rolls()
    for event in events:
        if isinstance(event, MemberEvent):
            rolls.take(event)
    return rolls


def members_on(events: Iterable[object] | Rolls, unit_id: UnitId, day: date) -> tuple[MemberId, ...]:
    """The roll of a unit on a day (ids in the order of the roll), from events in log order or from rolls folded."""
    rolls = events if isinstance(events, Rolls) else rolls_of(events)
    return rolls.on(unit_id, day)
