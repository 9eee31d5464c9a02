"""Who is on a unit's roll on a day, and how many count for B01 line 01."""

from datetime import date

from domain.identifiers import MemberId, UnitId
from domain.member import MemberEnrolled, StandingDeclared
from domain.membership import (
    Ending,
    MemberMoved,
    MembershipEnded,
    TransferKind,
    TransferLetterIssued,
    TransferReceived,
)
from domain.period import Month
from ledger.roll import RollCount, members_on, rolls_of

A, B, G = UnitId("A"), UnitId("B"), UnitId("G")


def _enrolled(who: str, unit: UnitId, order: int) -> MemberEnrolled:
    return MemberEnrolled(member_id=MemberId(who), unit_id=unit, enrolled_on=date(2026, 7, 1), roster_order=order)


def _moved(who: str, kind: TransferKind, last: str | None = None) -> list[object]:
    to_month = None if last is None else Month(last)
    given = TransferLetterIssued(
        member_id=MemberId(who),
        unit_id=A,
        kind=kind,
        to_unit=B,
        to_outside=None,
        letter=f"GT-{who}",
        issued_on=date(2026, 8, 1),
        paid_through=Month("2026-08"),
        to_month=to_month,
        payee_id=None if last is None else B,
        issued_by="one",
    )
    received = TransferReceived(
        member_id=MemberId(who),
        unit_id=B,
        from_unit=A,
        kind=kind,
        letter=f"GT-{who}",
        received_on=date(2026, 8, 10),
        from_month=Month("2026-09"),
        to_month=to_month,
        payee_id=None if last is None else B,
        roster_order=7,
        received_by="other",
    )
    return [given, received]


EVENTS: list[object] = [
    _enrolled("m1", A, 2),
    _enrolled("m2", A, 1),
    _enrolled("m3", A, 3),
    _enrolled("m4", B, 1),
    "something else in the log",
    *_moved("m1", TransferKind.OFFICIAL),
    *_moved("m2", TransferKind.TEMPORARY, "2026-12"),
    MembershipEnded(
        member_id=MemberId("m3"),
        unit_id=A,
        why=Ending.LEFT,
        effective_on=date(2026, 8, 20),
        last_month=Month("2026-08"),
        decision="QĐ",
        decided_on=date(2026, 8, 20),
    ),
]


def test_a_member_is_on_one_roll_each_day_and_moves_on_the_day_of_reception():
    assert members_on(EVENTS, A, date(2026, 6, 30)) == ()
    assert members_on(EVENTS, A, date(2026, 8, 9)) == ("m2", "m1", "m3")
    assert members_on(EVENTS, B, date(2026, 8, 9)) == ("m4",)
    assert members_on(EVENTS, A, date(2026, 8, 10)) == ("m2", "m3")
    assert members_on(EVENTS, B, date(2026, 8, 10)) == ("m4", "m1")


def test_whoever_left_is_on_the_roll_to_the_day_of_effect():
    assert "m3" in members_on(EVENTS, A, date(2026, 8, 20))
    assert "m3" not in members_on(EVENTS, A, date(2026, 8, 21))


def test_a_guest_for_a_time_is_counted_in_the_official_cell_and_named_beside():
    rolls = rolls_of(EVENTS)
    assert rolls.counts_on([A], date(2026, 10, 1)) == RollCount(members=1, for_a_time=0)
    assert rolls.counts_on([B], date(2026, 10, 1)) == RollCount(members=2, for_a_time=1)
    assert rolls.counts_on([B], date(2027, 1, 1)) == RollCount(members=2, for_a_time=0)
    assert rolls.counts_on([A, B], date(2026, 10, 1)).members == 3


def test_what_says_nothing_of_places_moves_nobody_and_a_merged_cell_keeps_its_members():
    moved = MemberMoved(
        member_id=MemberId("m4"),
        unit_id=G,
        from_unit=B,
        roster_order=1,
        moved_on=date(2026, 9, 1),
        from_month=Month("2026-09"),
        decision="QĐ-G",
    )
    said = StandingDeclared(
        member_id=MemberId("m4"), from_month=Month("2026-07"), category=None, category_342=None, scope="online"
    )
    events = [*EVENTS, said, moved]
    assert members_on(events, B, date(2026, 8, 31)) == ("m4", "m1")
    assert members_on(events, G, date(2026, 9, 1)) == ("m4",)
