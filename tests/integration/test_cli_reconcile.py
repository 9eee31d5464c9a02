"""``dangphi reconcile`` on a PostgreSQL shard: figures, JSON, the treasurer's file, and its refusals."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from api import wiring
from api.cli.main import run
from tests.acceptance.story import START, Cell, Story, account, into, member, settings
from tests.conftest import ShardMaker

SPAN = ["--from", "2026-07-01", "--to", "2026-07-31"]


@pytest.fixture
def cell(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cell with one payment in place and one in suspense; the environment points at its shard."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="C")])
        story.enrol("C", member("C1", "NON_SI_PENSIONER", ("pension", 10_000_000)))
        story.assess("C", "2026-07", START)
        story.request("C", "2026-07", START)
        known = into("a", date(2026, 7, 5), 50_000, story.reference("C1", "2026-07"))
        story.bank("C", date(2026, 7, 31), known, into("b", date(2026, 7, 6), 7_000))
    environment = {
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_REFERENCE_KEY": chosen.reference_key.hex(),
        "DANGPHI_VAULT_KEY": chosen.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "HP",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return account("C")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        run(["reconcile", *arguments])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_json_and_the_treasurers_file_come_from_one_run(
    cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "doi-chieu.xlsx"
    code, out, _ = answer(capsys, "--account", cell, *SPAN, "--out", str(file), "--json")
    told = json.loads(out)
    (one,) = told["accounts"]
    assert (code, told["ok"], one["closing"], one["book"]) == (0, True, 57_000, 57_000)
    assert [m["rule"] for m in one["matched"]] == ["reference"]
    assert [(x["kind"], x["open_amount"], x["age_days"]) for x in one["leftovers"]] == [("unidentified", 7_000, 25)]
    assert one["explained_bp"] == 8_771
    assert load_workbook(file)["Tóm tắt"]["B9"].value == "Đơn vị C"


def test_people_read_one_block_an_account(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "--account", "all", *SPAN)
    assert code == 0
    assert f"{cell}  C (tạm tính)" in out
    assert "giải thích 87,71 % trên 57.000 đồng" in out
    assert "Chưa xác định: 1 mục, còn treo 7.000 đồng" in out


def test_what_was_recorded_later_can_be_left_out(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "--account", cell, *SPAN, "--known-on", "2026-07-30", "--json")
    (one,) = json.loads(out)["accounts"]
    assert (code, one["matched"], one["days"][-1]["covered"]) == (0, [], False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--account", "1:2", *SPAN], "Không có tài khoản"),
        (["--from", "hôm qua", "--to", "2026-07-31"], "không phải ngày"),
        (["--from", "2026-08-01", "--to", "2026-07-31"], "theo thứ tự"),
    ],
)
def test_a_wrong_question_is_answered_with_what_to_do(
    cell: str, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    code, _, err = answer(capsys, *arguments)
    assert code == 1
    assert says in err
