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
    assert load_workbook(file)["Tổng hợp"]["B29"].value == "Đơn vị C"


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


def test_one_kind_is_listed_page_by_page_with_totals_first(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "--account", cell, *SPAN, "--kind", "unidentified", "--per-page", "1", "--json")
    told = json.loads(out)
    (sums,) = told["totals"]
    assert (code, told["page"], told["pages"]) == (0, 1, 1)
    assert (sums["totals"]["matched"]["count"], sums["totals"]["unidentified"]["open"]) == (1, 7_000)
    (row,) = told["rows"]
    assert (row["open_amount"], row["role"], row["age_days"]) == (7_000, "kế toán", 25)
    _, every, _ = answer(capsys, "--account", cell, *SPAN, "--kind", "all", "--per-page", "1", "--page", "2", "--json")
    assert [(r["standing"], json.loads(every)["pages"]) for r in json.loads(every)["rows"]] == [("matched", 2)]
    _, text, _ = answer(capsys, "--account", cell, *SPAN, "--kind", "unidentified")
    assert "Trang 1/1" in text
    assert "Chưa xác định: 1 mục" in text


def test_all_accounts_are_done_with_progress_and_a_second_run_uses_the_first(
    cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, file = ["--work", str(tmp_path / "viec")], tmp_path / "all.xlsx"
    code, out, err = answer(capsys, "--all", *SPAN, *kept, "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)
    assert f"xong {cell} (1/1)" in err
    code, again, err = answer(capsys, "--all", *SPAN, *kept, "--json", "--out", str(file))
    assert (code, again) == (0, out)
    assert "dùng lại cả 1 tài khoản" in err
    assert load_workbook(file)["Tổng hợp"]["B29"].value == "Đơn vị C"


def test_a_day_is_closed_listed_and_opened_again(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    acting = ["--account", cell, "--day", "2026-07-06", "--as", "VH-KT", "--at", "2026-08-01T09:00", "--json"]
    code, out, _ = answer(capsys, "close-day", *acting)
    assert (code, json.loads(out)["closing"], json.loads(out)["suspense"]) == (0, 57_000, 7_000)
    code, out, _ = answer(capsys, "days", "--account", cell, "--as", "VH-KT", "--json")
    (one,) = json.loads(out)["days"]
    assert (code, one["day"], one["explained_bp"], one["late"]) == (0, "2026-07-06", 0, [])
    code, out, _ = answer(capsys, "reopen-day", *acting, "--reason", "xem lại")
    assert (code, json.loads(out)["reopened"]) == (0, 1)
    code, _, err = answer(capsys, "reopen-day", *acting[:-1], "--reason", "xem lại")
    assert code == 1
    assert "chưa chốt" in err


def test_a_span_is_needed_and_a_kind_must_exist(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "--account", cell)[0] == 2
    assert answer(capsys, *SPAN, "--kind", "gì đó")[0] == 2
    assert answer(capsys, *SPAN, "--account", cell, "--work", "x")[0] == 2


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
