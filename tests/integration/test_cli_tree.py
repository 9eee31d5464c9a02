"""``dangphi tree`` on a PostgreSQL shard: look, try, sign, carry out, look back."""

import json
import os
from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from api.cli.main import run
from api.settings import Settings
from domain.access import Role
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.handlers import setup
from ledger.handlers.collect import CashItem, RecordCash
from tests.acceptance.story import START, Cell, Story, grant, member, settings
from tests.conftest import ShardMaker

PLAN = ["tree", "plan", "SN-1", "--root", "VH", "--kind", "merge", "--source", "A", "--target", "B"]
WHEN = ["--from", "2026-08-01", "--decision", "12-QĐ", "--decided-by", "ĐU", "--decided-on", "2026-07-25"]
AT = ["--at", "2026-08-01T09:00"]


@pytest.fixture
def ward(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cells, two members and the ward's office; the environment points at their shard."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="A", bank=100_000), Cell(id="B")])
        story.do("service:setup", START, setup.GrantRoles(grants=(grant("VH-VP", Role.OFFICE, "VH"),)))
        story.enrol("A", member("A1", "STUDENT"))
        story.assess("A", "2026-07", START)
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


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out + told.err


@pytest.mark.usefixtures("ward")
def test_two_cells_merge_by_the_commands_of_the_how_to(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = _run(capsys, *PLAN, *WHEN, "--as", "VH-VP", "--dry-run")
    assert status == 0, told
    assert "Đảng viên: 1" in told
    assert "100.000" in told
    status, told = _run(capsys, *PLAN, *WHEN, "--as", "VH-VP", "--dry-run", "--json")
    assert json.loads(told)["obligations"] == [{"unit": "B", "member_month": "A1:2026-07", "amount": 5_000}]
    assert _run(capsys, *PLAN, *WHEN, *AT, "--as", "VH-VP")[0] == 0
    for officer, unit, side in (("A-BT", "A", "old"), ("B-BT", "B", "new")):
        order = ["tree", "sign", "SN-1", "--unit", unit, "--side", side, "--as", officer, *AT]
        assert _run(capsys, *order)[0] == 0
    day = date(2026, 8, 1)
    with wiring.on_postgres(Settings.from_environ(os.environ)) as installation:
        item = CashItem(slip="9", member_id=MemberId("A1"), month=Month("2026-07"), amount=2_000, paid_on=day)
        Story(installation).do("A-TP", day, RecordCash(unit_id=UnitId("A"), items=(item,)))
    done = ["tree", "carry-out", "SN-1", "--root", "VH", "--as", "VH-VP", *AT]
    told = _run(capsys, *done, "--dry-run")[1]
    assert "moved_since_signing: 2" in told
    assert "sau chữ ký đầu tiên" in told
    status, told = _run(capsys, *done, "--json")
    assert (status, json.loads(told)["members"]) == (0, 1)
    status, told = _run(capsys, "tree", "show", "--unit", "VH", "--on", "2026-07-31", "--as", "VH-KT")
    assert (status, [line.split()[0] for line in told.splitlines()]) == (0, ["VH", "A", "B"])
    status, told = _run(
        capsys, "tree", "rollup", "--unit", "VH", "--period", "2026-07", "--as-tree", "restated", "--as", "VH-KT"
    )
    assert (status, "2 đơn vị" in told) == (0, True)
    status, told = _run(
        capsys, "tree", "change", "--root", "VH", "--unit", "B", "--name", "Chi bộ Mới", "--from", "2026-08-01",
        "--decision", "13-QĐ", "--as", "VH-VP", *AT, "--json",
    )  # fmt: skip
    assert (status, json.loads(told)["changes"]) == (0, 1)
    assert "Chi bộ Mới" in _run(capsys, "tree", "show", "--unit", "VH", "--as", "VH-KT")[1]
