"""``dangphi policy`` as others call it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.policy import app
from domain.errors import Malformed, Refusal

ROOT = Path(__file__).resolve().parents[2]


def _due(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(app, ["due", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_the_answer_has_the_fields_others_rely_on() -> None:
    answer = _due("--month", "2026-07", "--category", "SI_COMPULSORY", "--base", "12345678", "--relief", "50")
    steps = answer.pop("steps")
    assert answer == {"amount": 61728, "currency": "VND", "rule": "R26-SI", "document": "01-QĐ/TW", "article": "3"}
    assert isinstance(steps, list)
    assert all(isinstance(step, str) for step in steps)


@pytest.mark.parametrize(
    ("arguments", "amount", "rule"),
    [
        ("--month 2026-07 --category NON_SI_UNDER_RETIREMENT --region II", 14_190, "R26-U-A"),
        ("--month 2028-01 --category NON_SI_UNDER_RETIREMENT --region II", 23_650, "R28-U-B"),
        ("--month 2028-01 --category SI_COMPULSORY --base 10000000", 100_000, "R26-SI"),
        ("--month 2026-07 --category STUDENT", 5_000, "R26-STU"),
        ("--month 2026-07 --category STUDENT --relief 100 --relief-ground X3", 0, "R26-STU"),
        ("--month 2025-06 --category R342_ADMIN_ARMED --base 12345678", 123_457, "R10-SI"),
        ("--month 2026-07 --category SI_COMPULSORY --base 5000050 --base-month 2026-07", 50_001, "R26-SI"),
    ],
)
def test_any_month_with_an_active_row_is_answered(arguments: str, amount: int, rule: str) -> None:
    answer = _due(*arguments.split())
    assert (answer["amount"], answer["rule"]) == (amount, rule)


def test_a_base_above_the_cap_is_warned_about_and_still_counts() -> None:
    answer = _due("--month", "2026-08", "--category", "SI_COMPULSORY", "--base", "60000000")
    assert answer["amount"] == 600_000
    assert "Cảnh báo" in str(answer["steps"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--month 2025-06 --category R342_STUDENT", "policy-row-not-active"),
        ("--month 2026-07 --category OVERSEAS_OTHER", "amount-set-by-decision"),
        ("--month 2026-07 --category NOBODY", "policy-row-not-found"),
        ("--month 2026-7 --category STUDENT", "month-malformed"),
        ("--month 2026-07 --category STUDENT --base 1", "base-not-taken"),
        ("--month 2026-07 --category SI_COMPULSORY", "base-missing"),
        ("--month 2026-07 --category SI_COMPULSORY --base 12,345", "amount-not-integer"),
        ("--month 2026-07 --category SI_COMPULSORY --base 1e6", "amount-not-integer"),
        ("--month 2026-07 --category SI_COMPULSORY --base -5", "amount-out-of-range"),
        ("--month 2026-07 --category SI_COMPULSORY --base 9223372036854775808", "amount-out-of-range"),
        ("--month 2026-07 --category STUDENT --relief 45", "relief-not-allowed"),
        ("--month 2026-07 --category STUDENT --relief -30", "relief-not-allowed"),
    ],
)
def test_everything_else_is_refused_by_name(arguments: str, code: str) -> None:
    result = CliRunner().invoke(app, ["due", *arguments.split()])
    assert isinstance(result.exception, Refusal)
    assert result.exception.code == code
    assert result.stdout == ""


def test_the_answer_for_people_says_amount_and_steps_in_vietnamese() -> None:
    result = CliRunner().invoke(
        app, ["due", "--month", "2026-07", "--category", "NON_SI_PENSIONER", "--base", "6543100"]
    )
    assert result.stdout.splitlines()[0] == "Phải đóng: 32.716 đồng"
    assert "01-QĐ/TW, Điều 3(2)" in result.stdout


def test_show_lists_the_rows_of_a_month_with_their_confidence() -> None:
    result = CliRunner().invoke(app, ["show", "--month", "2026-07", "--json"])
    answer = json.loads(result.stdout)
    rows = {row["id"]: row for row in answer["rows"]}
    assert (rows["R26-SI"]["active"], rows["R26-SI"]["confidence"]) == (True, "seen")
    assert (rows["S26-COMM"]["active"], rows["S26-COMM"]["value"]) == (False, "chưa rõ")
    assert rows["RN1"]["active"]
    assert not {"R10-SI", "R28-U-B", "CAP25", "RN0"} & rows.keys()


def test_show_for_people_names_the_drafts_as_drafts() -> None:
    lines = CliRunner().invoke(app, ["show", "--month", "2026-07"]).stdout.splitlines()
    drafts = lines.index("Dự thảo, cần quyết định kích hoạt, tháng 2026-07:")
    assert any(line.startswith("  CAP26") for line in lines[drafts:])
    assert any(line.startswith("  R26-SI") for line in lines[:drafts])


def test_another_policy_file_that_is_not_one_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "luat.json"
    bad.write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["show", "--month", "2026-07", "--policy-file", str(bad)])
    assert isinstance(result.exception, Malformed)
    assert "luat.json" in str(result.exception)


def test_the_whole_program_answers_in_json_and_refuses_with_exit_1() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from api.cli.main import run; run()", "policy", "due", *arguments, "--json"]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    good = run("--month", "2026-07", "--category", "STUDENT")
    assert (good.returncode, json.loads(good.stdout)["amount"]) == (0, 5_000)
    bad = run("--month", "2026-07", "--category", "OVERSEAS_OTHER")
    assert (bad.returncode, json.loads(bad.stdout)["error"]["code"]) == (1, "amount-set-by-decision")


def test_nothing_heavy_is_imported_for_an_answer_from_the_file() -> None:
    # Time on a busy machine says little, so the reason for slowness is tested: the libraries that take long to load.
    script = (
        "import sys; import api.cli.policy; "
        "print(sorted({'psycopg', 'eventsourcing', 'pandas', 'fastapi', 'openpyxl'} & sys.modules.keys()))"
    )
    begun = time.perf_counter()
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.strip() == "[]"
    assert time.perf_counter() - begun < 5
