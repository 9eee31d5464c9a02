"""Reliefs, adjustments and the dossier from the command line on a PostgreSQL shard; the statement shows them."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api import wiring
from api.cli.main import run
from api.reading import reading
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.conftest import ShardMaker


@pytest.fixture
def story(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> wiring.Installation:
    """A cell with two members and four assessed months; the environment points at its shard."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
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
    with wiring.on_postgres(chosen) as installation:
        made = Story(installation)
        made.set_up([Cell(id="C", bank=500_000)])
        made.enrol(
            "C",
            member("C1", "NON_SI_PENSIONER", ("pension", 10_000_000)),
            member("C2", "SI_COMPULSORY", ("si-salary", 8_000_000)),
        )
        for month in ("2026-07", "2026-08", "2026-09", "2026-10"):
            made.assess("C", month, START if month == "2026-07" else date.fromisoformat(f"{month}-02"))
        made.cash("C", "P1", "C2", 100_000, date(2026, 10, 3))
        yield installation


def _told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    with pytest.raises(SystemExit) as ended:
        run([*arguments, "--json"])
    printed = capsys.readouterr()
    assert not ended.value.code, printed.out + printed.err
    found: dict[str, object] = json.loads(printed.out)
    return found


def _relief(capsys: pytest.CaptureFixture[str]) -> None:
    asked = _told(
        capsys, "relief", "apply", "D-1", "--as", "C-TP", "--unit", "C", "--member", "C1", "--relief", "X4",
        "--percent", "50", "--from", "2026-10", "--months", "2", "--document", "Đơn 1", "--at", "2026-10-05",
    )  # fmt: skip
    assert asked["decider"] == "VH"
    granted = _told(
        capsys, "relief", "decide", "D-1", "--as", "VH-CU", "--decider", "VH", "--member", "C1", "--decision", "15-QĐ",
        "--reason", "khó khăn", "--at", "2026-10-06",
    )  # fmt: skip
    assert [row["due_after"] for row in granted["adjusted"]] == [25_000]  # type: ignore[attr-defined]  # JSON


def test_a_relief_from_its_application_to_the_list_of_what_runs_out(
    story: wiring.Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    _relief(capsys)
    listed = _told(capsys, "relief", "list", "--as", "VH-KT", "--unit", "VH", "--ending", "--at", "2026-11-10")
    (row,) = listed["reliefs"]  # type: ignore[misc]  # JSON
    assert (row["state"], row["days_left"]) == ("running-out", 20)


def test_a_restated_base_shows_both_computations_and_stands_in_the_statement(
    story: wiring.Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(
        capsys, "adjust", "base", "--as", "VH-KT", "--unit", "C", "--member", "C2", "--kind", "si-salary", "--from",
        "2026-06", "--amount", "5000000", "--reason", "BHXH", "--decision", "TB 1", "--at", "2026-10-07",
    )  # fmt: skip
    (row,) = told["adjusted"]  # type: ignore[misc]  # JSON
    assert (row["due_before"], row["due_after"]) == (80_000, 50_000)
    with reading(story) as read:
        found = read.statement("C2")
    assert found is not None
    (adjusted,) = found.adjustments
    assert (adjusted.month, adjusted.due_after, adjusted.undone) == ("2026-07", 50_000, 30_000)
    assert any("5.000.000" in step for step in adjusted.after)
    assert {m.month: m.open for m in found.months}["2026-07"] == 0
    assert verify(story.store.read(0, 100_000)).ok


def test_ageing_and_the_dossier_on_screen_and_on_paper(
    story: wiring.Installation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    aged = _told(capsys, "dues", "arrears", "--as", "VH-KT", "--unit", "VH", "--at", "2026-11-05")
    assert [cell["unit_id"] for cell in aged["cells"]] == ["C"]  # type: ignore[attr-defined]  # JSON
    paper = tmp_path / "ho-so.pdf"
    told = _told(
        capsys, "dues", "dossier", "--as", "VH-KT", "--unit", "VH", "--at", "2026-11-05", "--pdf", str(paper)
    )  # fmt: skip
    (one,) = told["dossiers"]  # type: ignore[misc]  # JSON
    assert (one["member_id"], one["unpaid"]) == ("C1", 4)
    first = paper.read_bytes()
    assert first.startswith(b"%PDF")
    with pytest.raises(SystemExit):
        run(["dues", "dossier", "--as", "VH-KT", "--unit", "VH", "--at", "2026-11-05", "--pdf", str(paper)])
    assert "phần mềm không thay đổi tư cách" in capsys.readouterr().out
    assert paper.read_bytes() == first
