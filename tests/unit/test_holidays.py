"""Public holidays as data: read strictly, replaced as a whole, and counted in deadlines and ages."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.office.holidays import SHIPPED, days_off, read_holidays
from domain import deadlines
from domain.errors import Malformed
from domain.letter_age import age_of
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.policy import NO_POLICY, evolve
from domain.policy import SettingActivated as Activated
from domain.policy_rows import Confidence, SettingRow
from domain.policy_settings import SettingName
from ledger.cash_book import CashMovement, old_cash
from ledger.reports_reconciliation import LeftoverKind
from reconciliation import wording
from reconciliation.facts import Item, ItemKind
from tests.unit.letters import letter

SHIPPED_DAYS = days_off()


def test_the_shipped_days_are_of_three_years_each_with_its_document_and_confidence():
    found = read_holidays(SHIPPED)
    assert {holiday.day.year for holiday in found.days} == {2025, 2026, 2027}
    assert all(holiday.document in found.documents for holiday in found.days)
    tet = [holiday for holiday in found.days if holiday.name.startswith("Tết Nguyên đán")]
    assert {holiday.day.year for holiday in tet} == {2025, 2026, 2027}
    assert not any(holiday.confidence is Confidence.SEEN for holiday in tet), "nobody here has read the announcement"
    assert date(2026, 2, 17) in found.set
    assert date(2026, 9, 2) in found.set


@pytest.mark.parametrize(
    ("kind", "period", "due"),
    [
        (UnitKind.CELL, "2026-01", date(2026, 2, 10)),  # a Tuesday before Tết
        (UnitKind.SUPERIOR_COMMUNE, "2026-01", date(2026, 2, 23)),  # a Sunday; the whole week after it is Tết
        (UnitKind.SUPERIOR_COMMUNE, "2026-08", date(2026, 9, 15)),
        (UnitKind.CELL, "2027-01", date(2027, 2, 12)),  # the 10th is a day off in exchange, the 11th too
    ],
)
def test_a_deadline_that_falls_into_tet_moves_behind_it(kind, period, due):
    row = SettingRow(
        id="TL-DEADLINE-DAY-CELL",
        name=SettingName.DEADLINE_DAY,
        value="10",
        unit_kind=UnitKind.CELL,
        from_month="2011-01",
        confidence=Confidence.GUESS,
    )
    law = evolve(NO_POLICY, Activated(row=row, approver="CU", document="QD", decided_on=date(2026, 1, 1)))
    assert deadlines.due_day(law, kind, Period(period), SHIPPED_DAYS) == due


def test_working_days_leave_out_holidays_in_both_directions():
    friday = date(2026, 2, 13)
    assert deadlines.working_days_after(friday, 1, SHIPPED_DAYS) == date(2026, 2, 23)
    assert deadlines.working_days_since(friday, date(2026, 2, 23), SHIPPED_DAYS) == 1
    assert deadlines.working_days_since(friday, date(2026, 2, 23)) == 6


def test_cash_taken_before_tet_is_not_old_after_it():
    taken = CashMovement(
        unit="A",
        position=1,
        entry_no=1,
        occurred_on=date(2026, 2, 13),
        event="PaymentReceived",
        paper="phiếu 1",
        what="thu",
        amount=50_000,
    )
    assert old_cash("A", [taken], date(2026, 2, 24), 3) == (date(2026, 2, 13), 50_000)
    assert old_cash("A", [taken], date(2026, 2, 24), 3, SHIPPED_DAYS) is None


def test_a_letter_given_before_tet_has_its_thirty_working_days_without_it():
    given = letter(issued_on=date(2026, 2, 12))
    assert age_of(given, given.to_unit, date(2026, 3, 1)).present_by == date(2026, 3, 26)
    assert age_of(given, given.to_unit, date(2026, 3, 1), SHIPPED_DAYS).present_by == date(2026, 4, 2)


def _copy(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    told = json.loads(SHIPPED.read_text(encoding="utf-8"))
    change(told)
    made = folder / "ngay-nghi.json"
    made.write_text(json.dumps(told), encoding="utf-8")
    return made


def test_an_office_s_own_list_replaces_the_shipped_one(tmp_path):
    mine = _copy(tmp_path, lambda told: told.update(days=told["days"][:1]))
    assert days_off(mine) == {date(2025, 1, 1)}


WRONG = {
    "another format": (lambda told: told.update(format="x"), "format"),
    "an unknown field": (lambda told: told["days"][3].update(nmae="x"), "days[3].nmae"),
    "a day twice": (lambda told: told["days"][1].update(day="2025-01-01"), "days[1].day"),
    "out of order": (lambda told: told["days"].reverse(), "days[1].day"),
    "outside the span": (lambda told: told.update(to="2026-12-31"), "day"),
    "no such day": (lambda told: told["days"][0].update(day="2025-02-30"), "days[0].day"),
    "a document that is not listed": (lambda told: told["days"][0].update(document="?"), "days[0].document"),
    "an unknown confidence": (lambda told: told["days"][0].update(confidence="sure"), "days[0].confidence"),
    "a span backwards": (lambda told: told.update({"from": "2030-01-01"}), "to"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, name):
    change, place = WRONG[name]
    with pytest.raises(Malformed) as caught:
        read_holidays(_copy(tmp_path, change))
    assert place in str(caught.value)


def test_what_a_reconciliation_calls_overdue_counts_them_too():
    sent = Item(
        item="bag:1",
        case="",
        kind=ItemKind.CASH_BAG,
        account_id="970436:1",
        unit_id="A",
        on=date(2026, 2, 13),
        subject="1",
    )
    kind = LeftoverKind.MISSING_AT_BANK
    assert wording.due_on(kind, sent.on, sent) == date(2026, 2, 18)
    assert wording.due_on(kind, sent.on, sent, SHIPPED_DAYS) == date(2026, 2, 25)
