"""``dangphi member`` on a PostgreSQL shard: a transfer by two people, a return, a list; and the log is sound."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api import wiring
from api.cli.main import run
from api.settings import Settings, environ
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.conftest import ShardMaker

Shell = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def shell(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A ward with two cells, July and August assessed; commands run as from a shell and answer JSON."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000)])
        story.enrol(
            "A",
            member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
            member("A2", "SI_COMPULSORY", ("si-salary", 5_000_000)),
        )
        story.assess("VH", "2026-07", START)
        story.assess("VH", "2026-08", START.replace(month=8))
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

    def call(*arguments: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run([*arguments, "--json"])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), json.loads(printed.out) if printed.out.strip() else None, printed.err

    return call


def test_a_transfer_an_ending_and_a_return_from_the_command_line(shell: Shell) -> None:
    who = ("--unit", "A", "--member", "A1")
    given = ("member", "letter", "--as", "A-BT", *who, "--letter", "GT-1", "--to", "B", "--paid-through", "2026-07")
    august = ("--at", "2026-08-05T09:00")
    code, told, _ = shell(*given, *august, "--dry-run")
    assert (code, told["first_month"], told["events"], told["arrears"]) == (0, "2026-08", 1, ["2026-07"])
    assert shell(*given, *august)[0] == 0
    waiting = shell("member", "roll", "--unit", "A", "--as", "A-BT", *august)[1]
    assert (waiting["members"], [w["letter"] for w in waiting["waiting"]]) == (["A1", "A2"], ["GT-1"])
    received = ("member", "receive", "--unit", "B", "--member", "A1", "--letter", "GT-1", *august)
    assert shell(*received, "--as", "A-BT")[0] != 0
    assert shell(*received, "--as", "B-BT")[1]["events"] == 2
    assert shell("member", "roll", "--unit", "B", *august)[1]["members"] == ["A1"]

    with wiring.on_postgres(Settings.from_environ(environ())) as installation:
        Story(installation, commands=1_000).cash("B", "PT-1", "A1", 100_000, date(2026, 8, 6))
    (line,) = shell("member", "elsewhere", "--unit", "A", "--as", "A-BT", *august)[1]["payments"]
    assert (line["month"], line["amount"], line["taken_by"], line["owned_by"]) == ("2026-07", 100_000, "B", "A")

    decided = ("--decision", "QĐ-1", "--decided-on", "2026-08-09")
    end = ("member", "end", "--as", "A-BT", "--unit", "A", "--member", "A2", "--why", "left", *decided)
    assert shell(*end, "--on", "2026-08-10", "--at", "2026-08-10T09:00")[1]["last_month"] == "2026-08"
    back = ("member", "restore", "--as", "B-BT", "--unit", "B", "--member", "A2", *decided)
    code, told, _ = shell(*back, "--on", "2026-10-05", "--at", "2026-10-05T09:00")
    assert (told["gap_months"], told["assessed"], told["due"]) == (["2026-09"], 1, 50_000)

    code, told, _ = shell("verify")
    assert (code, told["ok"]) == (0, True)


def test_a_list_names_the_rows_left_out_and_tells_it_by_its_exit_status(shell: Shell, tmp_path: Path) -> None:
    admit = ("member", "admit", "--as", "A-BT", "--unit", "A", "--name", "Trần Mẫu", "--card", "99.000123")
    decided = ("--decision", "QĐ-KN", "--decided-on", "2026-07-20", "--on", "2026-08-03", "--category", "STUDENT")
    assert shell(*admit, *decided, "--at", "2026-08-03T10:00")[1]["first_month"] == "2026-08"
    file = tmp_path / "bien-dong.csv"
    file.write_text(
        'loại biến động,số thẻ đảng,mã chi bộ,ngày hiệu lực,"số quyết định, giấy giới thiệu",mã nơi đến,'
        "đã đóng đến tháng\n"
        "Chuyển đi,99.000123,A,05/08/2026,GT-5,B,08/2026\n"
        "Chuyển đi,99.000999,A,05/08/2026,GT-6,B,08/2026\n",
        encoding="utf-8",
    )
    load = ("member", "import", str(file), "--as", "VH-KT", "--unit", "VH", "--at", "2026-08-05T10:00")
    code, told, _ = shell(*load)
    assert (code, told["rows"], told["taken"], told["events"]) == (3, 2, 1, 1)
    assert [(p["row"], p["code"]) for p in told["problems"]] == [(3, "unknown-member")]
    assert shell(*load)[1]["events"] == 0
