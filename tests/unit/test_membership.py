"""Where a member belongs: merges and divisions of the cell, endings, and months paid ahead by an earlier letter."""

from datetime import date

import pytest

from domain import member, member_moves, membership
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Member, MemberEnrolled
from domain.membership import Ending, MemberMoved, MembershipEnded, MembershipEvent
from domain.period import Month
from domain.policy import NO_POLICY

M, E, G1, G2 = MemberId("m"), UnitId("E"), UnitId("G1"), UnitId("G2")


def _member(*events: MembershipEvent) -> Member:
    state: member.State = member.UNKNOWN
    first = MemberEnrolled(member_id=M, unit_id=E, enrolled_on=date(2026, 7, 1), roster_order=1)
    for event in (first, *events):
        state = member.evolve(state, event)
    return member.require_known(state)


def _moved(old: UnitId, new: UnitId, month: str) -> MemberMoved:
    day = date(int(month[:4]), int(month[5:]), 1)
    return MemberMoved(
        member_id=M, unit_id=new, from_unit=old, roster_order=1, moved_on=day, from_month=Month(month), decision="QĐ"
    )


def test_a_cell_that_is_divided_hands_over_older_months_with_the_member():
    known = _member(_moved(E, G2, "2026-08"), _moved(G2, G1, "2026-10"))
    assert {membership.owner_in(known.membership, Month(m)) for m in ("2026-06", "2026-08", "2026-10")} == {G1}
    assert membership.units_of(known.membership) == (E, G2, G1)
    spell = membership.spell_on(known.membership, date(2026, 7, 15))
    assert spell is not None
    assert spell.unit_id == E, "the roll of that day is not rewritten"


def test_a_move_of_somebody_not_there_any_more_adds_nothing():
    known = _member(_moved(E, G2, "2026-08"))
    assert member_moves.move(known, _moved(E, G1, "2026-09")) == ()
    assert member_moves.move(known, _moved(E, G2, "2026-08")) == ()
    assert member_moves.move(known, _moved(G2, G1, "2026-09")) != ()


def _ended(why: Ending = Ending.LEFT, on: date = date(2026, 9, 10)) -> MembershipEnded:
    return MembershipEnded(
        member_id=M,
        unit_id=E,
        why=why,
        effective_on=on,
        last_month=member_moves.last_month(NO_POLICY, why, on),
        decision="QĐ",
        decided_on=on,
    )


def test_the_last_month_is_that_of_the_day_and_of_a_death_the_one_before():
    assert _ended().last_month == "2026-09"
    assert _ended(Ending.DIED).last_month == "2026-08"


def test_an_ending_before_the_member_came_is_refused():
    with pytest.raises(Refusal) as refused:
        member_moves.end(_member(), _ended(on=date(2026, 6, 1)))
    assert refused.value.code is RefusalCode.MEMBERSHIP_STATE


def test_who_ended_is_told_until_the_membership_is_taken_up_again():
    known = _member(_ended())
    ended = membership.ending(known.membership)
    assert ended is not None
    assert ended.why is Ending.LEFT
    assert membership.ending(_member().membership) is None
    assert membership.owner_in(known.membership, Month("2026-10")) is None
