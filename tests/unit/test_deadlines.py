"""When units report and by when they must have sent: by kind, month or quarter, days off."""

from datetime import date

import pytest

from domain import deadlines
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Month, Period
from domain.policy import NO_POLICY, Policy, SettingActivated, evolve
from domain.policy_rows import Confidence, SettingRow
from domain.policy_settings import SettingName


def _with(*rows: tuple[SettingName, str, UnitKind | None, str]) -> Policy:
    law = NO_POLICY
    for name, value, kind, start in rows:
        row = SettingRow(
            id=f"TL-{name}-{kind}-{start}",
            name=name,
            value=value,
            unit_kind=kind,
            from_month=Month(start),
            confidence=Confidence.GUESS,
        )
        law = evolve(law, SettingActivated(row=row, approver="CU", document="QD", decided_on=date(2026, 1, 1)))
    return law


LAW = _with(
    (SettingName.DEADLINE_DAY, "10", UnitKind.CELL, "2011-01"),
    (SettingName.DEADLINE_DAY, "25", UnitKind.PROVINCE, "2011-01"),
    (SettingName.DEADLINE_DAY, "31", UnitKind.BASE_OTHER, "2011-01"),
    (SettingName.REPORT_FREQUENCY, "quarter", UnitKind.PROVINCE, "2011-01"),
)


@pytest.mark.parametrize(
    ("kind", "period", "due"),
    [
        (UnitKind.CELL, "2026-07", date(2026, 8, 10)),  # Monday
        (UnitKind.CELL, "2026-09", date(2026, 10, 12)),  # 10/10 is a Saturday
        (UnitKind.SUPERIOR_COMMUNE, "2026-07", date(2026, 8, 17)),  # 15/8 is a Saturday
        (UnitKind.PROVINCE, "2026-Q3", date(2026, 10, 26)),  # 25/10 is a Sunday
        (UnitKind.BASE_OTHER, "2026-01", date(2026, 3, 2)),  # February has no 31st; the 28th is a Saturday
        (UnitKind.CELL, "2026-12", date(2027, 1, 11)),  # into the next year, 10/1 is a Sunday
    ],
)
def test_a_deadline_on_a_day_off_moves_to_the_next_working_day(kind: UnitKind, period: str, due: date) -> None:
    assert deadlines.due_day(LAW, kind, Period(period)) == due


def test_public_holidays_are_days_off_and_the_setting_may_leave_the_day_alone() -> None:
    holidays = frozenset({date(2026, 8, 10), date(2026, 8, 11)})
    assert deadlines.due_day(LAW, UnitKind.CELL, Period("2026-07"), holidays) == date(2026, 8, 12)
    same = _with((SettingName.DEADLINE_ON_DAY_OFF, "same-day", None, "2011-01"))
    assert deadlines.due_day(same, UnitKind.SUPERIOR_COMMUNE, Period("2026-07")) == date(2026, 8, 15)


def test_a_kind_reports_by_the_frequency_in_force_when_the_period_begins() -> None:
    law = _with((SettingName.REPORT_FREQUENCY, "quarter", UnitKind.CELL, "2026-07"))
    assert deadlines.period_of(law, UnitKind.CELL, Month("2026-06")) == "2026-06"
    assert deadlines.period_of(law, UnitKind.CELL, Month("2026-08")) == "2026-Q3"
    assert deadlines.next_period(law, UnitKind.CELL, Period("2026-06")) == "2026-Q3"
    assert deadlines.next_period(law, UnitKind.CELL, Period("2026-Q3")) == "2026-Q4"
    deadlines.require_frequency(law, UnitKind.CELL, UnitId("A"), Period("2026-Q3"))
    for period in ("2026-08", "2026-Q2"):
        with pytest.raises(Refusal) as caught:
            deadlines.require_frequency(law, UnitKind.CELL, UnitId("A"), Period(period))
        assert caught.value.code is RefusalCode.PERIOD_KIND_DIFFERS


def test_periods_that_ended_and_were_not_reported_are_told_in_their_order() -> None:
    assert deadlines.ended_before(LAW, UnitKind.CELL, Period("2026-05"), date(2026, 8, 11)) == ("2026-06", "2026-07")
    assert deadlines.ended_before(LAW, UnitKind.CELL, None, date(2026, 8, 11)) == ("2026-07",)
    assert deadlines.ended_before(LAW, UnitKind.PROVINCE, Period("2026-Q2"), date(2026, 9, 30)) == ()
    assert deadlines.days_late(LAW, UnitKind.CELL, Period("2026-07"), date(2026, 8, 9)) == -1
