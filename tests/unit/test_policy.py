"""What a member owes, by which row; what may be activated; which share holds."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.office.policy_file import load, offline_policy
from domain.assessment import Assessment, Relief, assess, base_month_of, rate_for
from domain.errors import Refusal, RefusalCode
from domain.period import Month
from domain.policy import (
    NO_POLICY,
    Policy,
    evolve,
    with_known,
)
from domain.policy_activation import activate
from domain.policy_rows import (
    BaseKind,
    Confidence,
    PolicyRow,
    RateKind,
    RateRow,
    Regime,
    RoundingRow,
    RoundingScope,
)

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "domain" / "dues_policy.json"
GOLDEN = json.loads((ROOT / "tests" / "golden" / "dues_table.json").read_text(encoding="utf-8"))
DAY = date(2026, 6, 25)
OFFLINE = offline_policy()


def _known(row_id: str) -> PolicyRow:
    row = load().rows.find(row_id)
    assert row is not None
    return row


def _activated(policy: Policy, row: PolicyRow, *, document: str = "15-QĐ/VP") -> Policy:
    for event in activate(
        policy, row, approver="NGUOI-DUYET", document=document, decided_on=DAY, allow_draft_with_document=True
    ):
        policy = evolve(policy, event)
    return policy


def _due(
    category: str,
    month: str = "2026-07",
    *,
    base: int | None = None,
    base_month: str | None = None,
    region: str | None = None,
    relief: int = 0,
    ground: str = "X4",
    policy: Policy = OFFLINE,
) -> Assessment:
    return assess(
        policy,
        month=Month(month),
        category=category,
        base=base,
        base_month=None if base_month is None else Month(base_month),
        region=region,
        relief=Relief(id=ground, percent=relief) if relief else None,
    )


def _refused(code: RefusalCode, category: str, month: str = "2026-07", **given: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        _due(category, month, **given)
    assert caught.value.code is code
    return caught.value


@pytest.mark.parametrize(
    "case", GOLDEN, ids=lambda c: f"{c['rule']}-{c['month']}-{c['base'] or c['region'] or 'fixed'}-{c['relief']}"
)
def test_every_category_region_and_relief_gives_the_amount_worked_out_by_fractions(case: dict[str, object]) -> None:
    month, category = Month(str(case["month"])), str(case["category"])
    base, region, relief = case["base"], case["region"], case["relief"]
    assert base is None or isinstance(base, int)
    assert region is None or isinstance(region, str)
    assert isinstance(relief, int)
    found = _due(category, month, base=base, region=region, relief=relief)
    assert (found.due, found.gross, found.rule) == (case["due"], case["gross"], case["rule"])
    assert (found.document, found.article) == (case["document"], case["article"])
    assert found.due + found.relieved == found.gross
    assert found.relief_percent == relief
    assert found.relief == ("X4" if relief else None)
    assert found.regime is (Regime.QD01 if month >= "2026-02" else Regime.QD342)


def test_the_sixteen_derived_amounts_follow_from_rates_and_wages() -> None:
    if not SHARED.exists():
        pytest.skip("the folder shared with the collected facts is not beside the repository")
    amounts = json.loads(SHARED.read_text(encoding="utf-8"))["derived_monthly_amounts"]
    assert len(amounts) == 16
    for fact in amounts:
        for month in (fact["from_period"], fact["to_period"] or "2028-12"):
            assert _due(fact["category"], month, region=fact["region"]).due == fact["amount"]


def test_relief_comes_before_the_one_rounding() -> None:
    found = _due("SI_COMPULSORY", base=12_345_678, relief=50)
    assert (found.gross, found.due, found.relieved) == (123_457, 61_728, 61_729)
    assert any("61.728,39" in step for step in found.steps)


@pytest.mark.parametrize(
    ("category", "base", "relief", "due"),
    [
        ("SI_COMPULSORY", 49, 0, 0),
        ("SI_COMPULSORY", 50, 0, 1),
        ("NON_SI_PENSIONER", 99, 0, 0),
        ("NON_SI_PENSIONER", 100, 0, 1),
        ("NON_SI_PENSIONER", 6_543_100, 0, 32_716),
        ("SI_COMPULSORY", 7_777_777, 30, 54_444),
        ("SI_COMPULSORY", 100, 50, 1),
        ("SI_COMPULSORY", 99, 50, 0),
    ],
)
def test_exactly_half_a_dong_goes_up(category: str, base: int, relief: int, due: int) -> None:
    assert _due(category, base=base, relief=relief).due == due


@pytest.mark.parametrize("ground", ["X1", "X2", "X3", "X4"])
def test_full_relief_is_an_obligation_with_nothing_due(ground: str) -> None:
    found = _due("STUDENT", relief=100, ground=ground)
    assert (found.gross, found.due, found.relieved, found.relief) == (5_000, 0, 5_000, ground)


def test_the_steps_name_the_row_the_base_and_the_rounding() -> None:
    steps = "\n".join(_due("NON_SI_OVER_RETIREMENT", region="II").steps)
    for word in ("R26-O-A", "Điều 3(2.2)", "W26-II", "4.730.000", "0,2%", "RN1", "9.460"):
        assert word in steps


# --- The cap ----------------------------------------------------------------------------------------------------


def test_a_base_above_a_cap_that_nobody_activated_is_a_warning_and_no_cut() -> None:
    found = _due("SI_COMPULSORY", base=50_000_000)
    assert (found.due, found.cap) == (500_000, None)
    assert any(step.startswith("Cảnh báo") and "46.800.000" in step for step in found.steps)
    assert not any(step.startswith("Cảnh báo") for step in _due("SI_COMPULSORY", base=46_800_000).steps)


@pytest.mark.parametrize(("month", "base", "due"), [("2026-07", 50_000_000, 468_000), ("2026-08", 60_000_000, 506_000)])
def test_an_active_cap_is_that_of_the_month_the_base_belongs_to(month: str, base: int, due: int) -> None:
    policy = _activated(_activated(OFFLINE, _known("CAP25")), _known("CAP26"))
    found = _due("SI_COMPULSORY", month, base=base, policy=policy)
    assert (found.due, found.cap) == (due, due * 100)


def test_an_active_cap_does_not_touch_smaller_bases_or_other_bases() -> None:
    policy = _activated(OFFLINE, _known("CAP25"))
    assert _due("SI_COMPULSORY", base=46_800_000, policy=policy).cap is None
    assert _due("SI_LEAVE_BENEFIT", base=50_000_000, policy=policy).due == 500_000
    assert _due("R342_ADMIN_ARMED", "2025-12", base=50_000_000, policy=policy).due == 500_000


def test_a_first_month_of_insurance_may_bring_its_own_base_and_that_month_s_cap() -> None:
    policy = _activated(_activated(OFFLINE, _known("CAP25")), _known("CAP26"))
    found = _due("SI_COMPULSORY", "2026-07", base=60_000_000, base_month="2026-07", policy=policy)
    assert (found.cap, found.base_month) == (50_600_000, "2026-07")


# --- Refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base_month", ["2026-05", "2026-08"])
def test_an_insurance_base_of_another_month_is_refused(base_month: str) -> None:
    refusal = _refused(RefusalCode.BASE_MISSING, "SI_COMPULSORY", base=1_000_000, base_month=base_month)
    assert "2026-06" in refusal.message


@pytest.mark.parametrize(
    ("code", "category", "given"),
    [
        (RefusalCode.BASE_MISSING, "SI_COMPULSORY", {}),
        (RefusalCode.REGION_NOT_TAKEN, "SI_COMPULSORY", {"base": 1, "region": "II"}),
        (RefusalCode.AMOUNT_OUT_OF_RANGE, "SI_COMPULSORY", {"base": 0}),
        (RefusalCode.AMOUNT_OUT_OF_RANGE, "SI_COMPULSORY", {"base": 2**63}),
        (RefusalCode.AMOUNT_OUT_OF_RANGE, "NON_SI_PENSIONER", {"base": -1}),
        (RefusalCode.REGION_MISSING, "NON_SI_UNDER_RETIREMENT", {}),
        (RefusalCode.BASE_NOT_TAKEN, "NON_SI_UNDER_RETIREMENT", {"base": 1, "region": "II"}),
        (RefusalCode.POLICY_ROW_NOT_FOUND, "NON_SI_UNDER_RETIREMENT", {"region": "V"}),
        (RefusalCode.BASE_NOT_TAKEN, "STUDENT", {"base": 1}),
        (RefusalCode.REGION_NOT_TAKEN, "STUDENT", {"region": "I"}),
        (RefusalCode.AMOUNT_SET_BY_DECISION, "OVERSEAS_OTHER", {}),
        (RefusalCode.POLICY_ROW_NOT_FOUND, "FARMER", {}),
        (RefusalCode.RELIEF_NOT_ALLOWED, "STUDENT", {"relief": 40}),
        (RefusalCode.RELIEF_NOT_ALLOWED, "STUDENT", {"relief": 50, "ground": "X3"}),
        (RefusalCode.RELIEF_NOT_ALLOWED, "STUDENT", {"relief": 100, "ground": "X5"}),
        (RefusalCode.RELIEF_NOT_ALLOWED, "STUDENT", {"relief": 100, "ground": "X9"}),
    ],
)
def test_what_a_category_does_not_take_is_refused_by_name(
    code: RefusalCode, category: str, given: dict[str, Any]
) -> None:
    _refused(code, category, **given)


@pytest.mark.parametrize(
    ("category", "row"),
    [("R342_STUDENT", "R10-STU"), ("R342_FARM_TOWN", "R10-AGR2"), ("R342_OVERSEAS_SELF", "R10-OV2")],
)
def test_a_row_that_is_only_a_draft_is_refused_by_its_name(category: str, row: str) -> None:
    refusal = _refused(RefusalCode.POLICY_ROW_NOT_ACTIVE, category, "2025-12")
    assert row in refusal.message
    assert refusal.details["row"] == row


def test_a_range_of_342_asks_for_a_decision() -> None:
    assert "R10-OTH" in _refused(RefusalCode.AMOUNT_SET_BY_DECISION, "R342_OTHER_DOMESTIC", "2025-12").message


@pytest.mark.parametrize(
    ("category", "month"),
    [("SI_COMPULSORY", "2026-01"), ("R342_ADMIN_ARMED", "2026-02"), ("R342_ADMIN_ARMED", "2010-12")],
)
def test_each_regime_answers_for_its_own_months_only(category: str, month: str) -> None:
    _refused(RefusalCode.POLICY_ROW_NOT_FOUND, category, month, base=1_000_000)


def test_a_relief_of_01_does_not_reach_back_into_342() -> None:
    _refused(RefusalCode.RELIEF_NOT_ALLOWED, "R342_PENSION", "2026-01", base=1_000_000, relief=50)


def test_without_an_active_row_nothing_is_assessed() -> None:
    known = with_known(NO_POLICY, load().rows)
    assert "R26-SI" in _refused(RefusalCode.POLICY_ROW_NOT_ACTIVE, "SI_COMPULSORY", base=1, policy=known).message
    _refused(RefusalCode.POLICY_ROW_NOT_FOUND, "SI_COMPULSORY", base=1, policy=NO_POLICY)


def test_without_an_active_rounding_or_wage_the_missing_row_is_named() -> None:
    policy = _activated(_activated(with_known(NO_POLICY, load().rows), _known("R26-STU")), _known("R26-U-A"))
    assert "làm tròn" in _refused(RefusalCode.POLICY_ROW_NOT_ACTIVE, "STUDENT", policy=policy).message
    refusal = _refused(RefusalCode.POLICY_ROW_NOT_ACTIVE, "NON_SI_UNDER_RETIREMENT", region="II", policy=policy)
    assert "W26-II" in refusal.message


def test_a_newer_row_takes_over_from_its_first_month() -> None:
    newer = replace(_rate("R26-SI"), id="R27-SI", value_bp=200, from_month=Month("2027-01"))
    policy = _activated(OFFLINE, newer)
    assert _due("SI_COMPULSORY", "2026-12", base=1_000_000, policy=policy).due == 10_000
    assert _due("SI_COMPULSORY", "2027-01", base=1_000_000, policy=policy).due == 20_000


def test_a_decided_rounding_replaces_the_default_from_its_month() -> None:
    row = RoundingRow(
        id="RN-1000",
        scope=RoundingScope.OBLIGATION,
        unit=1000,
        from_month=Month("2026-08"),
        document="20-QĐ/VP",
        confidence=Confidence.SEEN,
    )
    policy = _activated(OFFLINE, row)
    assert _due("SI_COMPULSORY", "2026-07", base=12_345_678, policy=policy).due == 123_457
    found = _due("SI_COMPULSORY", "2026-08", base=12_345_678, relief=50, policy=policy)
    assert (found.due, found.gross, found.rounding) == (62_000, 123_000, "RN-1000")


def _rate(row_id: str) -> RateRow:
    row = _known(row_id)
    assert isinstance(row, RateRow)
    return row


def test_a_caller_can_ask_which_base_a_category_needs() -> None:
    row = rate_for(OFFLINE, month=Month("2026-07"), category="SI_COMPULSORY")
    assert (row.base_kind, base_month_of(row, Month("2026-01"))) == (BaseKind.SI_SALARY, "2025-12")
    pension = rate_for(OFFLINE, month=Month("2026-07"), category="NON_SI_PENSIONER")
    assert base_month_of(pension, Month("2026-07")) == "2026-07"


def test_a_minimum_row_is_named_like_a_range() -> None:
    row = _rate("R10-OV3")
    assert row.kind is RateKind.MINIMUM
    policy = _activated(OFFLINE, row)
    refusal = _refused(RefusalCode.AMOUNT_SET_BY_DECISION, "R342_OVERSEAS_OWNER", "2025-12", policy=policy)
    assert "USD" in refusal.message
