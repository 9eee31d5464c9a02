"""``dangphi policy due`` over both regimes, regions and reliefs: one row a case, amounts reckoned by fractions."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.office.policy_file import load
from api.cli.policy import app
from domain.errors import Refusal
from domain.policy_rows import Regime

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "due_cases.csv"
DECIDED = ["--decision-number", "5-QĐ/TU", "--decision-date", "2026-06-01"]
RATE = ["--currency", "USD", "--exchange-rate", "26345,5", "--rate-source", "Vietcombank", "--rate-date", "2026-06-01"]


def _cases() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decision that puts every draft of 342-QĐ/TW in force, as an office would that has found the text."""
    raw = json.loads((Path(load.__code__.co_filename).parent / "data" / "dues_policy.json").read_text(encoding="utf-8"))
    change: dict[str, Any] = {
        "format": "dangphi-policy-change",
        "version": 1,
        "number": "9-CV/VPTU",
        "date": "2026-06-01",
        "issuer": "NGUOI-DUYET",
        "rates": [row for row in raw["rates"] if row["regime"] == "342" and row["confidence"] == "memory"],
        "reliefs": [row for row in raw["reliefs"] if row["id"] == "X342"],
    }
    path = tmp_path_factory.mktemp("drafts") / "kich-hoat.json"
    path.write_text(json.dumps(change, ensure_ascii=False), encoding="utf-8")
    return path


def _arguments(case: dict[str, str], drafts: Path) -> list[str]:
    arguments = ["due", "--json", "--month", case["month"], "--category", case["category"]]
    for option in ("base", "region"):
        arguments += [f"--{option}", case[option]] if case[option] else []
    arguments += ["--relief", case["percent"], "--relief-ground", case["ground"]] if case["percent"] else []
    for word in case["with"].split():
        name, _, value = word.partition(":")
        if name == "drafts":
            arguments += ["--change-file", str(drafts)]
        elif name == "decision":
            arguments += ["--decision-amount", value, *DECIDED]
        else:
            arguments += ["--decision-amount", value, *DECIDED, *RATE]
    return arguments


def _answer(case: dict[str, str], drafts: Path) -> tuple[str, str, str]:
    """Rule, amount and refusal, as the table has them."""
    result = CliRunner().invoke(app, _arguments(case, drafts))
    if isinstance(result.exception, Refusal):
        return "", "", str(result.exception.code)
    assert result.exit_code == 0, (case, result.output)
    told = json.loads(result.stdout)
    return told["rule"], str(told["amount"]), ""


@pytest.mark.parametrize("month", sorted({case["month"] for case in _cases()}))
def test_every_case_of_a_month_comes_to_the_amount_of_the_table_or_is_refused_by_its_name(
    month: str, drafts: Path
) -> None:
    cases = [case for case in _cases() if case["month"] == month]
    assert cases
    wrong = [
        (case, found)
        for case in cases
        if (found := _answer(case, drafts)) != (case["rule"], case["due"], case["refused"])
    ]
    assert wrong == []


def test_the_table_has_every_rate_row_of_both_regimes_and_every_relief() -> None:
    cases = _cases()
    rows = load().rows
    assert {case["rule"] for case in cases} - {""} == {row.id for row in rows.rates}
    assert {row.id for row in rows.reliefs} <= {case["ground"] for case in cases}
    assert {case["region"] for case in cases} - {""} == {"I", "II", "III", "IV"}
    for regime in Regime:
        first = {row.category for row in rows.rates if row.regime is regime}
        assert first <= {case["category"] for case in cases}


def test_a_refusal_of_a_draft_names_the_row_and_what_is_missing(drafts: Path) -> None:
    for arguments, row in (
        (["--category", "R342_FARM_TOWN_OVER_AGE"], "R10-AGR2-H"),
        (["--category", "R342_PENSION", "--base", "1000", "--relief", "100", "--relief-ground", "X342"], "X342"),
    ):
        result = CliRunner().invoke(app, ["due", "--month", "2025-12", *arguments])
        assert isinstance(result.exception, Refusal)
        for word in (row, "theo trí nhớ", "người duyệt, số và ngày"):
            assert word in result.exception.message
    result = CliRunner().invoke(
        app, ["due", "--month", "2025-12", "--category", "R342_PENSION", "--base", "1000", "--relief", "50"]
    )
    assert isinstance(result.exception, Refusal)
    for word in ("X4", "từ 2026-02", "X342"):
        assert word in result.exception.message
