"""Arrears by age, and the dossier of unpaid months: evidence for people, never a change of anybody's standing."""

from datetime import date

import pytest

from api import wiring
from domain.arrears import MonthState
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from ledger.arrears import ageing, dossier, dossiers
from ledger.work import Work
from tests.acceptance.story import Cell, Story, member, settings

MONTHS = tuple(Month(f"2026-{number:02d}") for number in (7, 8, 9, 10))
ON = date(2026, 11, 5)


@pytest.fixture
def story() -> Story:
    """Four months: A1 pays nothing; A2 pays July in part and August; A3 is exempt; A4 has paid everything."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    pensioner = ("NON_SI_PENSIONER", ("pension", 6_000_000))
    made.enrol(
        "A",
        member("A1", *pensioner),
        member("A2", *pensioner),
        member("A3", *pensioner, ("X1", 100)),
        member("A4", *pensioner),
    )
    for month in MONTHS:
        day = date(2026, int(month[5:]), 5)
        made.assess("A", month, day)
        made.request("A", month, day)
        made.cash("A", f"P{month}", "A4", 30_000, day, month)
    made.cash("A", "A2-7", "A2", 10_000, date(2026, 7, 20), MONTHS[0])
    made.cash("A", "A2-8", "A2", 30_000, date(2026, 8, 20), MONTHS[1])
    return made


def _work(story: Story) -> Work:
    story.installation.ledger.directory.catch_up()
    return story.installation.ledger.work()


def test_open_months_are_aged_by_cell_and_class(story: Story) -> None:
    (cell,) = ageing(_work(story), UnitId("VH"), ON)
    # A1: July to October; A2: 20,000 of July, September and October. Ages on 5 November: 97, 66, 36 and 5 days.
    assert (cell.unit_id, cell.members, cell.months, cell.total) == ("A", 2, 7, 200_000)
    assert dict(cell.by_class) == {
        "running": 0,
        "to-30": 60_000,
        "to-90": 90_000,
        "to-180": 50_000,
        "to-365": 0,
        "over-365": 0,
    }


def test_three_unpaid_months_of_a_year_are_flagged_with_their_evidence(story: Story) -> None:
    (told,) = dossiers(_work(story), UnitId("VH"), year=2026, on=ON)
    assert (told.member_id, told.unpaid, told.threshold, told.flagged) == ("A1", 4, 3, True)
    assert [m.month for m in told.months if m.state is MonthState.UNPAID] == list(MONTHS)
    assert all(m.request is not None and m.requested == 30_000 for m in told.months if m.month in MONTHS)


def test_a_month_paid_in_part_is_no_unpaid_month_and_the_payment_is_evidence(story: Story) -> None:
    told = dossier(_work(story), MemberId("A2"), year=2026, on=ON)
    states = {m.month: m.state for m in told.months}
    assert [states[m] for m in MONTHS] == [
        MonthState.PART_PAID,
        MonthState.PAID,
        MonthState.UNPAID,
        MonthState.UNPAID,
    ]
    assert not told.flagged
    (paid,) = next(m for m in told.months if m.month == MONTHS[0]).payments
    assert (paid.payment_id, paid.paid_on, paid.amount) == ("cash:A/A2-7", date(2026, 7, 20), 10_000)


def test_exempt_and_running_months_do_not_count(story: Story) -> None:
    told = dossier(_work(story), MemberId("A3"), year=2026, on=ON)
    assert {m.state for m in told.months if m.month in MONTHS} == {MonthState.NOTHING_DUE}
    early = dossier(_work(story), MemberId("A1"), year=2026, on=date(2026, 10, 15))
    assert early.unpaid == 3
    assert early.months[-1].state is MonthState.RUNNING


def test_how_many_months_flag_a_member_is_a_setting(story: Story) -> None:
    row = SettingRow(
        id="TL-FLAG-TEST",
        name=SettingName.UNPAID_MONTHS_FLAG,
        value="2",
        from_month=Month("2026-07"),
        document="QĐ 1",
        confidence=Confidence.GUESS,
    )
    story._activate(PolicyRows(settings=(row,)), document="QĐ 1", draft=True)
    assert [told.member_id for told in dossiers(_work(story), UnitId("A"), year=2026, on=ON)] == ["A1", "A2"]


def test_reading_a_dossier_records_nothing(story: Story) -> None:
    before = story.installation.store.head()
    dossiers(_work(story), UnitId("VH"), year=2026, on=ON)
    ageing(_work(story), UnitId("VH"), ON)
    assert story.installation.store.head() == before
