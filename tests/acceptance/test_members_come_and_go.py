"""Admission, endings, return, releases and scope: which months are owed, and what is waived."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from domain import membership
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.membership import Ending, TransferKind
from domain.period import Month
from domain.policy_settings import SettingName
from ledger.handlers import members, roster, setup
from tests.acceptance.moves import AUGUST, assess_ward, cell, choose, known, letter, play, sound
from tests.acceptance.story import START, Story, grant, member

# --- admission, endings, return ---------------------------------------------------------------------------------------


def _admit(story: Story, who: str = "N1", on: date = date(2026, 8, 20)) -> dict[str, Any]:
    command = members.AdmitMember(
        unit_id=UnitId("A"),
        member_id=MemberId(who),
        decision="QĐ-KN-1",
        decided_on=date(2026, 8, 3),
        ceremony_on=on,
        standing=members.FirstStanding(
            category="SI_COMPULSORY",
            bases=(roster.BaseRow(kind="si-salary", from_month=Month("2026-07"), amount=9_000_000),),
        ),
    )
    return story.do("A-BT", on, command)


@pytest.mark.parametrize(("choice", "first"), [("month-of-ceremony", "2026-08"), ("month-after", "2026-09")])
def test_the_first_dues_month_after_an_admission_is_a_setting(choice: str, first: str):
    story = play()
    if choice != "month-of-ceremony":
        choose(story, SettingName.FIRST_DUES_MONTH, choice)
    assert _admit(story)["first_month"] == first
    assert _admit(story)["events"] == 0
    expected = 2 + 1 + (first == "2026-08")
    assert story.assess("VH", "2026-08", date(2026, 8, 20))["assessed"] == expected
    assert membership.party_age_from(known(story, "N1").membership) == date(2026, 8, 3)
    sound(story)


def test_nobody_is_admitted_or_transferred_into_a_unit_that_has_only_cells():
    story = play()
    story.do("service:setup", START, setup.GrantRoles(grants=(grant("VH-VP", Role.OFFICE, "VH"),)))
    ward, who = UnitId("VH"), MemberId("N1")
    standing = members.FirstStanding(category="STUDENT")
    admitted = members.AdmitMember(
        unit_id=ward,
        member_id=who,
        decision="QĐ-KN-1",
        decided_on=date(2026, 8, 3),
        ceremony_on=AUGUST,
        standing=standing,
    )
    arrived = members.AdmitArrival(
        unit_id=ward,
        member_id=who,
        from_outside="Ninh Bình",
        kind=TransferKind.OFFICIAL,
        letter="GT-9",
        received_on=AUGUST,
        paid_through=Month("2026-07"),
        to_month=None,
        standing=standing,
    )
    steps: tuple[Callable[[], object], ...] = (
        lambda: story.do("VH-VP", AUGUST, admitted),
        lambda: story.do("VH-VP", AUGUST, arrived),
        lambda: letter(story, to_unit=ward),
        lambda: letter(story, to_unit=ward, kind=TransferKind.TEMPORARY, to_month=Month("2026-12")),
    )
    for step in steps:
        with pytest.raises(Refusal) as refused:
            step()
        assert refused.value.code is RefusalCode.UNIT_HAS_NO_MEMBERS
        assert "(A)" in refused.value.message
    sound(story)


def test_recognition_changes_nothing_in_what_is_owed():
    story = play()
    _admit(story)
    command = members.RecogniseMember(
        unit_id=UnitId("A"), member_id=MemberId("N1"), official_on=date(2026, 8, 3), decision="QĐ-CT"
    )
    assert story.do("A-BT", date(2026, 8, 21), command)["events"] == 1
    assert cell(story, "2026-09", "N1") == "A"
    sound(story)


def _end(story: Story, why: Ending, on: date, who: str = "A1") -> dict[str, Any]:
    command = members.EndMembership(
        unit_id=UnitId("A"), member_id=MemberId(who), why=why, effective_on=on, decision="QĐ-XT", decided_on=on
    )
    return story.do("A-BT", on, command)


def test_a_struck_off_member_owes_the_month_of_effect_and_none_after():
    story = play()
    assess_ward(story, "2026-07", START)
    assert _end(story, Ending.STRUCK_OFF, date(2026, 8, 10)) == {"last_month": "2026-08", "waived": 0, "events": 1}
    assert (cell(story, "2026-08"), cell(story, "2026-09")) == ("A", None)
    assert story.assess("VH", "2026-09", date(2026, 9, 1))["assessed"] == 2
    assert story.owed("A") == 100_000 + 2 * 30_000
    sound(story)


@pytest.mark.parametrize(
    ("choice", "waived", "left"), [("current-month", 100_000, 100_000), ("all", 200_000, 0), ("none", 0, 200_000)]
)
def test_what_is_waived_when_a_member_dies_is_a_setting(choice: str, waived: int, left: int):
    story = play()
    if choice != "current-month":
        choose(story, SettingName.DEATH_WAIVES_OPEN_MONTHS, choice)
    assess_ward(story, "2026-07", START)
    assess_ward(story, "2026-08", date(2026, 8, 1))
    assert _end(story, Ending.DIED, date(2026, 8, 10))["waived"] == waived
    assert story.owed("A") == 2 * 30_000 + left
    sound(story)


def test_a_restored_member_owes_the_interrupted_months_each_under_its_own_policy():
    story = play()
    _end(story, Ending.STRUCK_OFF, date(2026, 7, 10))
    command = members.RestoreMember(
        unit_id=UnitId("B"),
        member_id=MemberId("A1"),
        restored_on=date(2026, 11, 5),
        decision="QĐ-PH",
        decided_on=date(2026, 11, 1),
    )
    answer = story.do("B-BT", date(2026, 11, 5), command)
    assert answer["gap_months"] == ["2026-08", "2026-09", "2026-10"]
    assert (answer["assessed"], answer["due"]) == (3, 300_000)
    assert [cell(story, m) for m in ("2026-07", "2026-08", "2026-11")] == ["A", "B", "B"]
    assert story.do("B-BT", date(2026, 11, 5), command)["events"] == 0
    sound(story)


def test_a_member_who_died_is_not_restored():
    story = play()
    _end(story, Ending.DIED, date(2026, 7, 10))
    command = members.RestoreMember(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        restored_on=date(2026, 11, 5),
        decision="QĐ-PH",
        decided_on=date(2026, 11, 1),
    )
    with pytest.raises(Refusal) as refused:
        story.do("A-BT", date(2026, 11, 5), command)
    assert refused.value.code is RefusalCode.MEMBERSHIP_STATE


def test_a_release_is_found_by_its_months():
    story = play()
    command = members.ReleaseMember(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        from_month=Month("2026-08"),
        to_month=Month("2027-01"),
        granted_by="Đảng ủy phường",
        decision="QĐ-M",
        decided_on=AUGUST,
    )
    assert story.do("A-BT", AUGUST, command)["events"] == 1
    found = membership.release_in(known(story).membership, Month("2026-12"))
    assert found is not None
    assert found.granted_by == "Đảng ủy phường"
    assert membership.release_in(known(story).membership, Month("2027-02")) is None
    sound(story)


@pytest.mark.parametrize(
    ("scope", "name"), [(Scope.ABROAD, SettingName.OVERSEAS), (Scope.ARMED_FORCES, SettingName.ARMED_FORCES)]
)
def test_members_outside_the_scope_are_billed_only_where_the_setting_says_so(scope: Scope, name: SettingName):
    story = play()
    row = member("X1", "SI_COMPULSORY", ("si-salary", 5_000_000), scope=scope)
    story.do("VH-KT", START, roster.ImportRoster(root=UnitId("VH"), rows=(_in_c(row),)))
    assert cell(story, "2026-07", "X1") is None
    assert len(story.assess("C", "2026-07", START)["outside"]) == 1
    choose(story, name, "on")
    assert cell(story, "2026-07", "X1") == "C"


def _in_c(row: roster.RosterRow) -> roster.RosterRow:
    return roster.RosterRow(
        **{
            **{name: getattr(row, name) for name in row.__slots__},
            "unit_id": UnitId("C"),
            "roster_order": 1,
        }
    )


def test_a_unit_that_never_had_the_member_may_not_take_their_cash():
    story = play()
    with pytest.raises(Refusal) as refused:
        story.cash("B", "PT-1", "A1", 100_000, date(2026, 7, 6))
    assert refused.value.code is RefusalCode.NOT_ALLOWED
