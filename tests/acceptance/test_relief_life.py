"""Reliefs from application to end: who decides, how long, what becomes of months assessed already, what runs out."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import wiring
from domain import dues_account
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.relief_decider import Decider
from ledger.handlers.exemptions import NotePartyAge, NoteSocialPension, ProposeExemptions, SettleExemption
from ledger.handlers.relief_life import ApplyForRelief, AssignReliefDecider, DecideRelief, RevokeRelief
from ledger.handlers.setup import GrantRoles
from ledger.relief_list import relief_list
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, grant, member, settings

JULY, AUGUST, SEPTEMBER = Month("2026-07"), Month("2026-08"), Month("2026-09")
DAY = date(2026, 8, 5)
A1 = MemberId("A1")


@pytest.fixture
def story() -> Story:
    """Cell A under the ward, base cell B of its own; A1 and B1 are pensioners who owe 30,000 a month."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000, kind=UnitKind.BASE_CELL)])
    made.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    made.enrol("B", member("B1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    made.assess("VH", JULY, date(2026, 7, 1))
    return made


def _ask(**changes: Any) -> ApplyForRelief:
    asked = ApplyForRelief(
        unit_id=UnitId("A"),
        member_id=A1,
        application="D-1",
        relief="X4",
        percent=50,
        from_month=AUGUST,
        months=12,
        document="Đơn 1",
    )
    return replace(asked, **changes)


def _decide(**changes: Any) -> DecideRelief:
    decided = DecideRelief(
        decider_id=UnitId("VH"),
        member_id=A1,
        application="D-1",
        granted=True,
        decision="15-QĐ/ĐU",
        reason="hoàn cảnh khó khăn",
    )
    return replace(decided, **changes)


def _owed(story: Story, month: Month, name: str = "A1") -> int:
    return dues_account.owed(story.installation.ledger.work().dues(MemberId(name), 2026), month)


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _refused(story: Story, actor: str, day: date, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, day, command)
    return caught.value.code


@pytest.mark.parametrize(("percent", "due"), [(30, 21_000), (50, 15_000), (70, 9_000), (100, 0)])
def test_a_granted_relief_takes_its_percent_off_from_its_first_month_to_its_last(
    story: Story, percent: int, due: int
) -> None:
    told = story.do("A-TP", DAY, _ask(percent=percent, months=2))
    assert (told["to_month"], told["decider"]) == (SEPTEMBER, "VH")
    assert story.do("VH-CU", DAY, _decide())["granted"] is True
    for month in (AUGUST, SEPTEMBER, Month("2026-10")):
        story.assess("A", month, date(2026, 10, 1))
    assert [_owed(story, m) for m in (JULY, AUGUST, SEPTEMBER, Month("2026-10"))] == [30_000, due, due, 30_000]
    _proved(story)


def test_more_than_twelve_months_or_a_percent_the_law_does_not_name_is_refused(story: Story) -> None:
    assert _refused(story, "A-TP", DAY, _ask(months=13)) is RefusalCode.RELIEF_NOT_ALLOWED
    assert _refused(story, "A-TP", DAY, _ask(percent=40)) is RefusalCode.RELIEF_NOT_ALLOWED
    story.do("A-TP", DAY, _ask())
    assert _refused(story, "VH-CU", DAY, _decide(months=13)) is RefusalCode.RELIEF_NOT_ALLOWED


def test_only_the_unit_that_the_organisation_names_decides_and_never_the_applicant(story: Story) -> None:
    story.do("A-BT", DAY, _ask())
    assert _refused(story, "A-BT", DAY, _decide(decider_id=UnitId("A"))) is RefusalCode.NOT_ALLOWED
    story.do(
        "service:setup",
        DAY,
        AssignReliefDecider(
            unit_id=UnitId("A"), decider=Decider.SELF, effective_from=date(2026, 8, 6), decision="NQ 9"
        ),
    )
    # The assignment counts at the day of the decision.
    assert story.do("VH-CU", DAY, _decide(), dry_run=True)["granted"] is True
    late = date(2026, 8, 6)
    assert _refused(story, "VH-CU", late, _decide()) is RefusalCode.NOT_ALLOWED
    assert _refused(story, "A-BT", late, _decide(decider_id=UnitId("A"))) is RefusalCode.MAKER_IS_CHECKER
    story.do("service:setup", DAY, GrantRoles(grants=(grant("A-PBT", Role.SECRETARY, "A"),), second_persons=()))
    assert story.do("A-PBT", late, _decide(decider_id=UnitId("A")))["granted"] is True
    _proved(story)


def test_a_base_cell_decides_itself_by_the_default_of_its_kind(story: Story) -> None:
    told = story.do("B-TP", DAY, _ask(unit_id=UnitId("B"), member_id=MemberId("B1")))
    assert told["decider"] == "B"
    story.do("B-BT", DAY, _decide(decider_id=UnitId("B"), member_id=MemberId("B1")))
    story.assess("B", AUGUST, DAY)
    assert _owed(story, AUGUST, "B1") == 15_000


def test_a_refused_application_changes_nothing_and_is_decided_once(story: Story) -> None:
    story.do("A-TP", DAY, _ask())
    assert story.do("VH-CU", DAY, _decide(granted=False))["granted"] is False
    assert _refused(story, "VH-CU", DAY, _decide(decision="16-QĐ")) is RefusalCode.RELIEF_STATE
    story.assess("A", AUGUST, DAY)
    assert _owed(story, AUGUST) == 30_000


def test_past_months_are_relieved_only_where_the_decision_says_so_and_as_an_adjustment(story: Story) -> None:
    story.do("A-TP", DAY, _ask(from_month=JULY))
    with pytest.raises(Refusal) as caught:
        story.do("VH-CU", DAY, _decide())
    assert caught.value.code is RefusalCode.RELIEF_NOT_ALLOWED
    assert "--past-months" in caught.value.message
    (told,) = story.do("VH-CU", DAY, _decide(past_months=True))["adjusted"]
    assert (told["month"], told["due_before"], told["due_after"]) == (JULY, 30_000, 15_000)
    assert _owed(story, JULY) == 15_000
    _proved(story)


def test_a_revoked_relief_ends_and_months_assessed_with_it_owe_their_full_amount(story: Story) -> None:
    story.do("A-TP", DAY, _ask())
    story.do("VH-CU", DAY, _decide())
    story.assess("A", AUGUST, DAY)
    story.assess("A", SEPTEMBER, date(2026, 9, 1))
    revoke = RevokeRelief(
        decider_id=UnitId("VH"),
        member_id=A1,
        relief="X4",
        granted_by="15-QĐ/ĐU",
        from_month=SEPTEMBER,
        decision="20-QĐ/ĐU",
        reason="hết khó khăn",
    )
    (told,) = story.do("VH-CU", date(2026, 9, 20), revoke)["adjusted"]
    assert (told["month"], told["due_after"]) == (SEPTEMBER, 30_000)
    assert (_owed(story, AUGUST), _owed(story, SEPTEMBER)) == (15_000, 30_000)
    story.assess("A", Month("2026-10"), date(2026, 10, 1))
    assert _owed(story, Month("2026-10")) == 30_000
    assert _refused(story, "VH-CU", date(2026, 10, 2), revoke) is RefusalCode.RELIEF_STATE
    _proved(story)


def test_what_runs_out_is_listed_in_time_and_never_goes_on_by_itself(story: Story) -> None:
    story.do("A-TP", DAY, _ask(months=2))
    story.do("VH-CU", DAY, _decide())
    ledger = story.installation.ledger
    work = ledger.work()
    ledger.directory.catch_up()

    def states(day: date) -> list[tuple[str, int]]:
        return [(row.state, row.days_left) for row in relief_list(work, UnitId("VH"), day)]

    assert states(date(2026, 8, 20)) == [("in-force", 41)]
    assert states(date(2026, 9, 10)) == [("running-out", 20)]
    assert states(date(2026, 10, 1)) == [("run-out", -1)]
    story.do("A-TP", date(2026, 9, 10), _ask(application="D-2", from_month=Month("2026-10"), renews="15-QĐ/ĐU"))
    story.do("VH-CU", date(2026, 9, 11), _decide(application="D-2", decision="30-QĐ/ĐU"))
    work = ledger.work()
    assert states(date(2026, 10, 1)) == [("in-force", 364)]
    assert _refused(story, "A-TP", DAY, _ask(application="D-3", renews="99")) is RefusalCode.RELIEF_STATE


def test_an_exemption_by_party_age_is_proposed_by_the_program_and_counts_once_a_person_confirms(story: Story) -> None:
    story.do(
        "VH-KT",
        DAY,
        NotePartyAge(unit_id=UnitId("A"), member_id=A1, counts_from=date(1976, 7, 19), document="thẻ đảng viên"),
    )
    find = ProposeExemptions(unit_id=UnitId("VH"), month=AUGUST)
    found = story.do("VH-KT", DAY, find)["proposed"]
    assert [(row["member_id"], row["relief"], row["from_month"]) for row in found] == [("A1", "X1", AUGUST)]
    assert story.do("VH-KT", DAY, find)["proposed"] == []
    story.assess("A", AUGUST, DAY)
    assert _owed(story, AUGUST) == 30_000
    settle = SettleExemption(
        decider_id=UnitId("VH"),
        member_id=A1,
        relief="X1",
        from_month=AUGUST,
        confirmed=True,
        reason="đủ 50 năm tuổi Đảng",
        decision="NQ 4",
    )
    (told,) = story.do("VH-CU", DAY, settle)["adjusted"]
    assert (told["month"], told["due_after"]) == (AUGUST, 0)
    assert (_owed(story, JULY), _owed(story, AUGUST)) == (30_000, 0)
    _proved(story)


def test_a_dismissed_proposal_leaves_the_dues_and_is_not_made_again(story: Story) -> None:
    story.do(
        "VH-KT",
        DAY,
        NoteSocialPension(unit_id=UnitId("A"), member_id=A1, from_month=AUGUST, document="QĐ 9"),
    )
    find = ProposeExemptions(unit_id=UnitId("VH"), month=AUGUST)
    assert [row["relief"] for row in story.do("VH-KT", DAY, find)["proposed"]] == ["X2"]
    settle = SettleExemption(
        decider_id=UnitId("VH"),
        member_id=A1,
        relief="X2",
        from_month=AUGUST,
        confirmed=False,
        reason="nhầm người",
        decision="NQ 4",
    )
    assert story.do("VH-CU", DAY, settle)["confirmed"] is False
    assert story.do("VH-KT", DAY, find)["proposed"] == []
    assert _refused(story, "VH-CU", DAY, replace(settle, confirmed=True)) is RefusalCode.RELIEF_STATE
    story.assess("A", AUGUST, DAY)
    assert _owed(story, AUGUST) == 30_000
