"""Amounts set by decision inside a legal range, in đồng and in foreign money, by the domain and by the command line."""

import json
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.office.policy_file import load, offline_policy
from api.cli.policy import app
from domain.assessment import Relief, assess, rate_for
from domain.errors import Refusal, RefusalCode
from domain.period import Month
from domain.policy import Policy, evolve
from domain.policy_activation import activate
from domain.set_amount import ForeignSum, SetAmount, in_dong

DAY = date(2026, 6, 1)
OFFLINE = offline_policy()


def _with(row_id: str) -> Policy:
    row = load().rows.find(row_id)
    assert row is not None
    policy = OFFLINE
    for event in activate(
        policy, row, approver="NGUOI-DUYET", document="9-CV", decided_on=DAY, allow_draft_with_document=True
    ):
        policy = evolve(policy, event)
    return policy


def _usd(hundredths: int, rate_e4: int = 263_455_000, **other: Any) -> ForeignSum:
    given = {"currency": "USD", "rate_source": "Vietcombank", "rate_date": DAY, **other}
    return ForeignSum(hundredths=hundredths, rate_e4=rate_e4, **given)


def _set(amount: int | None = None, foreign: ForeignSum | None = None, decision: str = "5-QĐ/BNG") -> SetAmount:
    return SetAmount(amount=amount, foreign=foreign, decision=decision, decided_on=DAY)


def _due(
    chosen: SetAmount | None,
    category: str = "OVERSEAS_OTHER",
    month: str = "2026-07",
    policy: Policy = OFFLINE,
    relief: Relief | None = None,
) -> int:
    return assess(
        policy,
        month=Month(month),
        category=category,
        base=None,
        base_month=None,
        region=None,
        relief=relief,
        set_amount=chosen,
    ).due


@pytest.mark.parametrize(
    ("foreign", "dong"),
    [
        (_usd(100), 26_346),  # 26345.5 goes up
        (_usd(250), 65_864),  # 65863.75
        (_usd(1, 500_000), 1),  # 0.5 goes up
        (_usd(1, 490_000), 0),
    ],
)
def test_foreign_money_becomes_dong_half_up_once(foreign: ForeignSum, dong: int) -> None:
    assert in_dong(foreign) == dong


@pytest.mark.parametrize("amount", [30_000, 400_000, 123_457])
def test_a_sum_inside_the_range_is_what_is_due(amount: int) -> None:
    assert _due(_set(amount)) == amount


@pytest.mark.parametrize("amount", [29_999, 400_001, 0, -5])
def test_a_sum_outside_the_range_is_refused_by_name(amount: int) -> None:
    with pytest.raises(Refusal) as caught:
        _due(_set(amount))
    assert caught.value.code is RefusalCode.SET_AMOUNT_OUTSIDE_RANGE
    assert "R26-OVO" in caught.value.message
    assert "30.000" in caught.value.message


def test_a_foreign_sum_answers_to_a_range_in_dong_by_its_equivalent() -> None:
    assert _due(_set(foreign=_usd(500))) == 131_728
    with pytest.raises(Refusal) as caught:
        _due(_set(foreign=_usd(113)))  # 29.770 đồng
    assert caught.value.code is RefusalCode.SET_AMOUNT_OUTSIDE_RANGE


def test_a_range_in_dollars_takes_dollars_and_bounds_them_before_the_exchange() -> None:
    policy = _with("R10-OV2")
    assert _due(_set(foreign=_usd(250)), "R342_OVERSEAS_SELF", "2025-12", policy) == 65_864
    for chosen, code in (
        (_set(50_000), RefusalCode.EXCHANGE_RATE_INCOMPLETE),
        (_set(foreign=_usd(199)), RefusalCode.SET_AMOUNT_OUTSIDE_RANGE),
        (_set(foreign=_usd(501)), RefusalCode.SET_AMOUNT_OUTSIDE_RANGE),
        (_set(foreign=_usd(300, currency="EUR")), RefusalCode.EXCHANGE_RATE_INCOMPLETE),
    ):
        with pytest.raises(Refusal) as caught:
            _due(chosen, "R342_OVERSEAS_SELF", "2025-12", policy)
        assert caught.value.code is code


def test_a_minimum_has_no_upper_end() -> None:
    policy = _with("R10-OV3")
    assert _due(_set(foreign=_usd(100_000)), "R342_OVERSEAS_OWNER", "2025-12", policy) == 26_345_500
    with pytest.raises(Refusal):
        _due(_set(foreign=_usd(999)), "R342_OVERSEAS_OWNER", "2025-12", policy)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (_set(50_000, decision=" "), RefusalCode.POLICY_APPROVAL_INCOMPLETE),
        (_set(), RefusalCode.AMOUNT_SET_BY_DECISION),
        (_set(50_000, _usd(200)), RefusalCode.AMOUNT_SET_BY_DECISION),
        (_set(foreign=_usd(200, 0)), RefusalCode.EXCHANGE_RATE_INCOMPLETE),
        (_set(foreign=_usd(200, rate_source="")), RefusalCode.EXCHANGE_RATE_INCOMPLETE),
        (_set(foreign=_usd(200, currency="đô")), RefusalCode.EXCHANGE_RATE_INCOMPLETE),
        (_set(foreign=_usd(0)), RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_half_a_decision_is_no_decision(chosen: SetAmount, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as caught:
        _due(chosen)
    assert caught.value.code is code


def test_a_row_with_a_level_of_its_own_takes_no_set_amount() -> None:
    with pytest.raises(Refusal) as caught:
        _due(_set(50_000), "STUDENT")
    assert caught.value.code is RefusalCode.SET_AMOUNT_NOT_TAKEN


def test_a_relief_takes_its_part_off_a_set_amount_with_the_one_rounding() -> None:
    assert _due(_set(30_001), relief=Relief(id="X4", percent=50)) == 15_001


def test_a_caller_can_ask_for_the_row_with_the_amount_in_hand() -> None:
    row = rate_for(OFFLINE, month=Month("2026-07"), category="OVERSEAS_OTHER", set_amount=_set(50_000))
    assert row.id == "R26-OVO"


DECIDED = ["--decision-number", "5-QĐ/BNG", "--decision-date", "2026-06-01"]
RATE = ["--exchange-rate", "26345,5", "--rate-source", "Vietcombank", "--rate-date", "2026-06-01"]
OVERSEAS = ["due", "--month", "2026-07", "--category", "OVERSEAS_OTHER"]


def test_the_command_line_takes_a_decision_and_names_it_in_the_steps() -> None:
    result = CliRunner().invoke(app, [*OVERSEAS, "--decision-amount", "5", "--currency", "USD", *DECIDED, *RATE])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "Phải đóng: 131.728 đồng"
    for word in ("5-QĐ/BNG", "5 USD × 26.345,5 đồng (Vietcombank, ngày 01/06/2026)", "R26-OVO"):
        assert word in result.stdout


def test_an_allowance_in_foreign_money_is_exchanged_before_the_rate() -> None:
    base = ["--base", "1200.50", "--currency", "USD", *RATE]
    result = CliRunner().invoke(app, ["due", "--month", "2026-07", "--category", "OVERSEAS_FUNDED", *base, "--json"])
    assert json.loads(result.stdout)["amount"] == 316_278  # 1200.5 × 26345.5 = 31627772.75 → 31.627.773 × 1 %


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--decision-amount", "50000"], "policy-approval-incomplete"),
        (["--decision-amount", "5", "--currency", "USD", *DECIDED], "exchange-rate-incomplete"),
        (["--decision-amount", "1.234.567", "--currency", "USD", *DECIDED, *RATE], "amount-not-integer"),
        (["--decision-amount", "20000", *DECIDED], "set-amount-outside-range"),
    ],
)
def test_the_command_line_refuses_half_a_decision_by_name(arguments: list[str], code: str) -> None:
    result = CliRunner().invoke(app, [*OVERSEAS, *arguments])
    assert isinstance(result.exception, Refusal)
    assert result.exception.code == code
