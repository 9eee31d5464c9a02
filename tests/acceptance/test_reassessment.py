"""Obligations of the past against the law and facts of today: both regimes, amounts by decision, backdated policy."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.office.policy_file import load
from api import wiring
from domain import dues_account
from domain.dues_account import DuesAdjusted, DuesAssessed
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Scope, StandingDeclared
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, RateRow, SettingRow
from domain.policy_settings import SettingName
from domain.set_amount import ForeignSum
from ledger.handlers import roster
from ledger.handlers.adjust import ReassessMonths, RecordAmountSet
from ledger.reckon import category_in, reckon
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, member, settings

JULY, AUGUST = Month("2026-07"), Month("2026-08")
A, DAY = UnitId("A"), date(2026, 8, 20)


@pytest.fixture
def story() -> Story:
    """Cell A alone."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    return made


def _row(
    name: str, category: str | None, category_342: str | None, start: str, *bases: tuple[str, str, int], **more: Any
):
    made = member(name, category or "STUDENT", **more)
    return replace(
        made,
        category=category,
        category_342=category_342,
        from_month=Month(start),
        bases=tuple(roster.BaseRow(kind=k, from_month=Month(m), amount=a) for k, m, a in bases),
    )


def _reckoned(story: Story, name: str, month: str) -> int:
    work = story.installation.ledger.work()
    return reckon(work, work.member(MemberId(name)), A, Month(month)).assessment.due


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _refused(story: Story, actor: str, day: date, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, day, command)
    return caught.value.code


def test_each_month_is_reckoned_under_the_regulation_and_the_category_of_its_time(story: Story) -> None:
    story.enrol(
        "A",
        _row(
            "A1",
            "SI_COMPULSORY",
            "R342_ADMIN_ARMED",
            "2025-10",
            ("salary", "2025-10", 4_500_000),
            ("si-salary", "2026-01", 9_000_000),
        ),
    )
    # 342-QĐ/TW: 1 % of the month's salary; 01-QĐ/TW: 1 % of the month before. January 2026 is still the former.
    assert [_reckoned(story, "A1", m) for m in ("2025-12", "2026-01", "2026-02")] == [45_000, 45_000, 90_000]
    for month in ("2025-12", "2026-01", "2026-02"):
        story.assess("A", month, DAY)
    assert dues_account.total_owed(story.installation.ledger.work().dues(MemberId("A1"), 2026)) == 180_000
    _proved(story)


def test_who_has_no_category_under_the_former_regulation_is_listed_and_not_guessed(story: Story) -> None:
    story.enrol("A", _row("A1", "STUDENT", None, "2025-10"))
    work = story.installation.ledger.work()
    standing = work.member(MemberId("A1")).standings[0]
    assert category_in(work.policy, standing, Month("2026-01")) is None
    (left,) = story.assess("A", "2026-01", DAY)["unclassified"]
    assert left["code"] == RefusalCode.NOT_CLASSIFIED


def test_after_a_gap_in_insurance_an_old_salary_does_not_count(story: Story) -> None:
    story.enrol("A", _row("A1", "SI_COMPULSORY", None, "2026-02", ("si-salary", "2026-01", 8_000_000)))
    for start, category in (("2026-05", "NON_SI_UNDER_RETIREMENT"), ("2026-07", "SI_COMPULSORY")):
        row = _row("A1", category, None, start)
        story.do("VH-KT", DAY, roster.ImportRoster(root=UnitId("VH"), rows=(replace(row, unit_id=A, roster_order=1),)))
    assert _reckoned(story, "A1", "2026-04") == 80_000
    assert _reckoned(story, "A1", "2026-06") == 14_190
    with pytest.raises(Refusal) as caught:
        _reckoned(story, "A1", "2026-07")
    assert caught.value.code is RefusalCode.BASE_MISSING
    story.new_base("A1", "si-salary", "2026-07", 9_500_000, DAY)
    assert [_reckoned(story, "A1", m) for m in ("2026-07", "2026-08")] == [95_000, 95_000]


def test_sickness_benefit_and_a_category_that_changes_count_from_day_one_of_a_month(story: Story) -> None:
    story.enrol("A", _row("A1", "SI_COMPULSORY", None, "2026-06", ("si-salary", "2026-05", 8_000_000)))
    row = _row("A1", "SI_LEAVE_BENEFIT", None, "2026-08", ("benefit", "2026-08", 6_100_000))
    story.do("VH-KT", DAY, roster.ImportRoster(root=UnitId("VH"), rows=(replace(row, unit_id=A, roster_order=1),)))
    assert [_reckoned(story, "A1", m) for m in ("2026-07", "2026-08")] == [80_000, 61_000]


def _set(**changes: Any) -> RecordAmountSet:
    command = RecordAmountSet(
        unit_id=A,
        member_id=MemberId("A1"),
        category="OVERSEAS_OTHER",
        from_month=JULY,
        to_month=None,
        amount=None,
        foreign=ForeignSum(
            currency="USD", hundredths=500, rate_e4=263_455_000, rate_source="SBV", rate_date=date(2026, 7, 1)
        ),
        decision="QĐ 10",
        decided_by="Đảng ủy Bộ Ngoại giao",
        decided_on=date(2026, 7, 1),
    )
    return replace(command, **changes)


def _overseas(story: Story, value: str) -> None:
    row = SettingRow(
        id=f"TL-OVERSEAS-{value}",
        name=SettingName.OVERSEAS,
        value=value,
        from_month=JULY,
        document="QĐ 1",
        confidence=Confidence.GUESS,
    )
    story._activate(PolicyRows(rates=_drafts("OVERSEAS"), settings=(row,)), document="QĐ 1", draft=True)


def _drafts(start: str) -> tuple[RateRow, ...]:
    return tuple(row for row in load().rows.rates if row.category.startswith(start) and row.confidence != "seen")


def test_overseas_members_are_billed_only_where_that_is_set_and_by_a_decision_with_rate_and_source(
    story: Story,
) -> None:
    story.enrol("A", _row("A1", "OVERSEAS_OTHER", None, "2026-07", scope=Scope.ABROAD))
    assert [row["scope"] for row in story.assess("A", JULY, DAY)["outside"]] == ["abroad"]
    _overseas(story, "on")
    (left,) = story.assess("A", JULY, DAY)["unclassified"]
    assert left["code"] == RefusalCode.AMOUNT_SET_BY_DECISION
    # 5 USD × 26,345.50 = 131,727.5, half up.
    assert story.do("VH-KT", DAY, _set())["amount"] == 131_728
    assert story.assess("A", JULY, DAY)["due"] == 131_728
    _proved(story)


def test_an_amount_outside_the_range_is_refused_and_a_new_decision_adjusts_the_month(story: Story) -> None:
    story.enrol("A", _row("A1", "OVERSEAS_OTHER", None, "2026-07", scope=Scope.ABROAD))
    _overseas(story, "on")
    low = _set(foreign=None, amount=29_999)
    assert _refused(story, "VH-KT", DAY, low) is RefusalCode.SET_AMOUNT_OUTSIDE_RANGE
    story.do("VH-KT", DAY, _set())
    story.assess("A", JULY, DAY)
    (told,) = story.do("VH-KT", DAY, _set(foreign=None, amount=200_000, decision="QĐ 11"))["adjusted"]
    assert (told["due_before"], told["due_after"]) == (131_728, 200_000)
    _proved(story)


def _other_rate(bp: int) -> RateRow:
    old = next(row for row in load().rows.rates if row.category == "NON_SI_PENSIONER")
    return replace(old, id=f"{old.id}-{bp}", value_bp=bp, from_month=JULY, document="02-QĐ/TW")


def test_a_backdated_policy_makes_differences_and_never_edits_and_a_dry_run_shows_them(story: Story) -> None:
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    for month in (JULY, AUGUST):
        story.assess("A", month, DAY)
    assessed = [r for r in story.installation.store.read(0, 100_000) if isinstance(r.event, DuesAssessed)]
    story._activate(PolicyRows(rates=(_other_rate(80),)), document="02-QĐ/TW", draft=True)
    command = ReassessMonths(
        unit_id=UnitId("VH"), from_month=JULY, to_month=AUGUST, reason="mức mới từ tháng 7", decision="02-QĐ/TW"
    )
    head = story.installation.store.head()
    shown = story.do("VH-KT", DAY, command, dry_run=True)
    assert (shown["difference"], story.installation.store.head()) == (36_000, head)
    outcome = story.run("VH-KT", DAY, command)
    made = [event for event in outcome.events if isinstance(event, DuesAdjusted)]
    assert [(e.month, e.before.due, e.after.due, e.after.rule) for e in made] == [
        (JULY, 30_000, 48_000, "R26-PEN-80"),
        (AUGUST, 30_000, 48_000, "R26-PEN-80"),
    ]
    after = [r for r in story.installation.store.read(0, 100_000) if isinstance(r.event, DuesAssessed)]
    assert after == assessed
    assert story.run("VH-KT", DAY, command).events == ()
    _proved(story)


def test_a_corrected_category_of_the_past_is_a_difference_too(story: Story) -> None:
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    story.assess("A", JULY, DAY)
    row = _row("A1", "STUDENT", None, "2026-07")
    story.do("VH-KT", DAY, roster.ImportRoster(root=UnitId("VH"), rows=(replace(row, unit_id=A, roster_order=1),)))
    standings = story.installation.ledger.work().member(MemberId("A1")).standings
    assert [type(s) for s in standings] == [StandingDeclared, StandingDeclared]
    command = ReassessMonths(unit_id=A, from_month=JULY, to_month=JULY, reason="sửa nhóm", decision="BB 2")
    assert story.do("VH-KT", DAY, command)["difference"] == -25_000
    _proved(story)
