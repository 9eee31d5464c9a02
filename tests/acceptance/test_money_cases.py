"""Every relief, category, regime and region through the ledger: one row of the table is one member of the roll."""

import math
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from adapters.office.policy_file import load
from api import wiring
from domain.dues_account import DuesAssessed
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.organisation import WageRegionAssigned
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from ledger.handlers import roster, setup
from ledger.handlers.adjust import RecordAmountSet
from ledger.verify import verify
from tests.acceptance.story import START, WARD, Cell, Story, member, settings

TABLE = Path(__file__).resolve().parents[1] / "unit" / "money_cases.txt"
DAY = date(2026, 8, 1)

#: The kind of base of each category that takes one, and the calendar month it belongs to.
KINDS = {
    "SI_COMPULSORY": ("si-salary", "2026-06"),
    "SI_LEAVE_BENEFIT": ("benefit", "2026-07"),
    "NON_SI_PENSIONER": ("pension", "2026-07"),
    "OVERSEAS_FUNDED": ("allowance", "2026-07"),
    "R342_ADMIN_ARMED": ("salary", "2025-12"),
    "R342_ENTERPRISE": ("unit-income", "2025-12"),
    "R342_PENSION": ("pension", "2025-12"),
    "R342_OVERSEAS_PAID": ("allowance", "2025-12"),
}
BY_DECISION = {"OVERSEAS_OTHER", "R342_OTHER_DOMESTIC", "R342_OTHER_DOMESTIC_OVER_AGE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table."""

    name: str
    month: Month
    category: str
    base: int | None
    region: str
    relief: str
    percent: int
    formula: str
    due: int


def _cases() -> tuple[Case, ...]:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = []
    for number, row in enumerate(rows):
        month, category, base, region, relief, percent, formula, due = (cell.strip() for cell in row.split("|"))
        found.append(
            Case(
                name=f"M{number:03d}",
                month=Month(month),
                category=category,
                base=None if base == "-" else int(base),
                region=region,
                relief=relief,
                percent=int(percent),
                formula=formula,
                due=int(due),
            )
        )
    return tuple(found)


CASES = _cases()


def test_the_table_has_every_relief_of_each_category_of_both_regulations_and_every_region() -> None:
    rows = load().rows
    assert {case.region for case in CASES} == {"I", "II", "III", "IV"}
    usual = {row.category for row in rows.rates if row.currency == "VND"}
    assert {case.category for case in CASES} == usual
    for category in usual:
        reliefs = {(c.relief, c.percent) for c in CASES if c.category == category}
        month = next(c.month for c in CASES if c.category == category)
        known = {
            (r.id, p) for r in rows.reliefs for p in r.percents if r.from_month <= month <= (r.to_month or "9999-12")
        }
        assert reliefs == known | {("-", 0)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_amount_of_the_table_is_its_formula_rounded_half_up(case: Case) -> None:
    exact = Fraction(1)
    for factor in case.formula.split(" * "):
        exact *= Fraction(factor)
    assert math.floor(exact + Fraction(1, 2)) == case.due


def _row(case: Case) -> roster.RosterRow:
    former = case.month < "2026-02"
    kind = KINDS.get(case.category)
    bases = ()
    if kind is not None and case.base is not None:
        bases = (roster.BaseRow(kind=kind[0], from_month=Month(kind[1]), amount=case.base),)
    reliefs = ()
    if case.relief != "-":
        relief = roster.ReliefRow(
            relief=case.relief,
            percent=case.percent,
            from_month=case.month,
            to_month=None if case.relief in ("X1", "X2") else case.month,
            decision="QD-MG",
            decided_by="VH-CU",
            decided_on=START,
        )
        reliefs = (relief,)
    return replace(
        member(case.name, case.category),
        from_month=case.month,
        category=None if former else case.category,
        category_342=case.category if former else None,
        scope=Scope.ONLINE,
        bases=bases,
        reliefs=reliefs,
    )


@pytest.fixture(scope="module")
def assessed() -> dict[str, DuesAssessed]:
    """What the ledger recorded for each member of the table; the whole log passes every check."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id=f"V{region}") for region in ("I", "II", "III", "IV")])
    regions = tuple(
        WageRegionAssigned(
            unit_id=UnitId(f"V{r}"), region=r, assumed=True, document="giả định", effective_from=date(2025, 7, 1)
        )
        for r in ("I", "II", "III", "IV")
    )
    story.do("service:setup", DAY, setup.RegisterOrganisation(units=(), accounts=(), holders=(), regions=regions))
    rows = load().rows
    setting = SettingRow(
        id="TL-OVERSEAS-ON",
        name=SettingName.OVERSEAS,
        value="on",
        from_month=Month("2011-01"),
        document="QĐ 1",
        confidence=Confidence.GUESS,
    )
    drafts = PolicyRows(
        rates=tuple(
            r for r in rows.rates if r.confidence in (Confidence.MEMORY, Confidence.SECONDARY, Confidence.GUESS)
        ),
        reliefs=tuple(r for r in rows.reliefs if r.id == "X342"),
        settings=(setting,),
    )
    story._activate(drafts, document="QĐ 1", draft=True)
    for region in ("I", "II", "III", "IV"):
        story.enrol(f"V{region}", *(_row(case) for case in CASES if case.region == region), on=DAY)
    for case in CASES:
        if case.category in BY_DECISION:
            story.do(
                "VH-KT",
                DAY,
                RecordAmountSet(
                    unit_id=UnitId(f"V{case.region}"),
                    member_id=MemberId(case.name),
                    category=case.category,
                    from_month=case.month,
                    to_month=None,
                    amount=case.base,
                    foreign=None,
                    decision="QĐ 10",
                    decided_by="cấp ủy",
                    decided_on=START,
                ),
            )
    for month in sorted({case.month for case in CASES}):
        story.assess(WARD, month, DAY)
    log = list(story.installation.store.read(0, 1_000_000))
    assert [f.sentence for check in verify(log).checks for f in check.findings] == []
    return {f"{r.event.member_id}/{r.event.month}": r.event for r in log if isinstance(r.event, DuesAssessed)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_ledger_records_the_amount_of_the_table(case: Case, assessed: dict[str, DuesAssessed]) -> None:
    event = assessed[f"{case.name}/{case.month}"]
    assert (event.due, event.relief_percent, event.gross - event.relieved) == (case.due, case.percent, case.due)
