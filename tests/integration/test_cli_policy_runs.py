"""``dangphi policy what-if``, ``publish``, ``export`` and ``past`` on a PostgreSQL shard, as an office types them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import wiring
from api.cli.main import run
from ledger.ports import Person
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.conftest import ShardMaker

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = str(ROOT / "examples" / "du-thao-muc-dong.json")
AT = ["--at", "2026-09-20T09:00"]


@pytest.fixture(autouse=True)
def office(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell with a student and a member without pension, July assessed; the environment points at its shard."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="C")])
        story.enrol("C", member("C1", "STUDENT"), member("C2", "NON_SI_UNDER_RETIREMENT"))
        story.assess("C", "2026-07", START)
        installation.vault.put([Person(member_id="C1", name="Một", card_number="99.100001")])
    environment = {
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_REFERENCE_KEY": chosen.reference_key.hex(),
        "DANGPHI_VAULT_KEY": chosen.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "VH",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as ended:
        run([*arguments, "--json"])
    printed = capsys.readouterr()
    assert int(ended.value.code or 0) == code, printed
    return json.loads(printed.out)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        run(list(arguments))
    printed = capsys.readouterr()
    assert int(ended.value.code or 0) == 0, printed
    return printed.out


def test_a_draft_is_tried_published_and_then_in_force(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = ["policy", "what-if", "--from", "2027-01", "--as", "VH-KT", *AT]
    tried = told(capsys, *given, "--file", EXAMPLE)
    # The student 5.000 → 6.000; 0,3 % of 4.730.000 → of 5.000.000.
    assert (tried["total"]["before"], tried["total"]["after"]) == (19_190, 21_000)
    assert {change["draft"] for change in tried["changes"]} == {True}
    page = shown(capsys, *given, "--file", EXAMPLE, "--picture", str(tmp_path / "anh.svg"))
    assert "DỰ THẢO" in page
    assert "Không ghi gì vào sổ" in page
    assert "+1.810" in page
    assert (tmp_path / "anh.svg").read_text(encoding="utf-8").startswith("<svg")
    publish = ["policy", "publish", EXAMPLE, "--as", "HP-CU", "--approver", "HP-CU", *AT]
    assert told(capsys, *publish, "--dry-run")["dry_run"]
    assert "VD-W27-II" in shown(capsys, *publish, "--dry-run")
    assert told(capsys, *publish)["activated"] == 3
    assert told(capsys, *publish)["replayed"]
    after = told(capsys, *given)
    assert (after["total"]["after"], after["changes"][0]["draft"]) == (21_000, False)


def test_tables_go_to_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "nv.csv"
    given = ["export", "obligations", "--unit", "C", "--from", "2026-07", "--out", str(out)]
    assert told(capsys, *given, "--as", "VH-KT", "--names")["rows"] == 2
    assert "Một" in out.read_text(encoding="utf-8-sig")
    assert told(capsys, *given, code=1)["error"]["code"] == "not-allowed"
    assert "2 dòng" in shown(capsys, *given, "--as", "VH-KT")


def test_old_books_come_in_are_compared_and_undone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    book = tmp_path / "so-cu.csv"
    book.write_text("số thẻ,năm,tháng 7\n99.100001,2026,5000\n", encoding="utf-8")
    unit = ["--unit", "VH"]
    done = told(capsys, "past", "import", "--members", str(book), "--as", "VH-KT", *unit, *AT)
    assert (done["member_months"], done["problems"]) == (1, [])
    compare = ["past", "compare", "--from", "2026-07", "--as", "VH-KT", *unit, *AT]
    assert told(capsys, *compare)["differences"] == [
        {
            "unit": "C",
            "member": "C1",
            "period": "2026-07",
            "what": "paid",
            "old": 5_000,
            "ours": 0,
            "difference": -5_000,
        }
    ]
    assert "sổ cũ 5.000, sổ này 0" in shown(capsys, *compare, "--picture", str(tmp_path / "lech.svg"))
    undo = ["past", "undo", done["import"], *unit, *AT]
    told(capsys, *undo, "--as", "VH-KT", "--reason", "nhầm năm")
    assert told(capsys, *undo, "--as", "VH-KT", "--confirm", code=1)["error"]["code"] == "not-allowed"
    assert told(capsys, *undo, "--as", "VH-CU", "--confirm")["undone"] == 1
    assert [row["state"] for row in told(capsys, "past", "list", "--as", "VH-KT", *unit)["imports"]] == ["undone"]
    book.write_text("số thẻ,năm,tháng 7\n99.999999,2026,5000\n", encoding="utf-8")
    bad = told(capsys, "past", "import", "--members", str(book), "--as", "VH-KT", *unit, *AT, code=1)
    assert "dòng 2" in bad["problems"][0]["where"]
    book.write_text("số thẻ,năm,tháng 7\n99.999999,2026,5000\n99.100001,2026,6000\n", encoding="utf-8")
    part = told(capsys, "past", "import", "--members", str(book), "--as", "VH-KT", *unit, *AT, code=3)
    assert (part["rows"], part["taken"], len(part["problems"])) == (2, 1, 1)
