"""Who was on which roll, as known at a position: read by the names of events, so that a province takes seconds."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import cast, get_args

from domain import member, membership
from domain.events import EVENT_NAMES
from domain.identifiers import MemberId, UnitId
from domain.member import Member, MemberEnrolled, MemberEvent
from domain.member import stream as member_stream
from domain.membership import Membership, MembershipEvent
from ledger.statutory.sources import EventLog, named

#: Events that say where a member belongs.
BELONGING = tuple(EVENT_NAMES[cls] for cls in (MemberEnrolled, *get_args(MembershipEvent)) if cls in EVENT_NAMES)


def memberships(log: EventLog, *, until: int) -> Mapping[MemberId, Membership]:
    """Where every member of the shard belongs, as recorded up to a position."""
    enrolled: dict[MemberId, Membership] = {}
    for recorded in named(log, BELONGING, until=until):
        event = recorded.event
        if isinstance(event, MemberEnrolled):
            enrolled[event.member_id] = membership.enrolled(event.unit_id, event.roster_order, event.enrolled_on)
        else:
            told = cast(MembershipEvent, event)
            enrolled[told.member_id] = membership.evolve(enrolled.get(told.member_id, Membership()), told)
    return enrolled


def counts_on(known: Mapping[MemberId, Membership], day: date) -> Counter[UnitId]:
    """How many members each cell has on its roll at the end of a day; temporary guests are not counted (rules §4)."""
    found: Counter[UnitId] = Counter()
    for belongs in known.values():
        spell = membership.spell_on(belongs, day)
        if spell is not None:
            found[spell.unit_id] += 1
    return found


def ever_in(known: Mapping[MemberId, Membership], units: Collection[UnitId]) -> dict[UnitId, list[MemberId]]:
    """Members who ever had to do with each of these cells, in the order of rolls, then of first appearance."""
    wanted = frozenset(units)
    found: dict[UnitId, list[tuple[int, MemberId]]] = defaultdict(list)
    for member_id, belongs in known.items():
        orders = {spell.unit_id: spell.roster_order for spell in belongs.spells}
        for unit in membership.units_of(belongs):
            if unit in wanted:
                found[unit].append((orders.get(unit, 1_000_000), member_id))
    return {unit: [member_id for _, member_id in sorted(rows)] for unit, rows in found.items()}


def members_at(log: EventLog, ids: Collection[MemberId], *, until: int) -> dict[MemberId, Member]:
    """The whole state of some members, as recorded up to a position."""
    states: dict[str, member.State] = {}
    for recorded in log.read_streams([member_stream(one) for one in ids], until=until):
        before = states.get(recorded.stream, member.UNKNOWN)
        states[recorded.stream] = member.evolve(before, cast(MemberEvent, recorded.event))
    found = {}
    for one in ids:
        state = states.get(member_stream(one))
        if isinstance(state, Member):
            found[one] = state
    return found
