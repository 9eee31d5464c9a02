"""``dangphi close``, ``correct`` and ``receipt`` on a PostgreSQL shard: what an officer types and sees."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import wiring
from api.cli.main import run
from tests.acceptance.story import Story, settings
from tests.acceptance.test_corrections import played
from tests.conftest import ShardMaker

ON = ["--at", "2026-08-05T18:00"]
JULY = ["--unit", "A", "--month", "2026-07"]


@pytest.fixture
def office(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cells at the beginning of August; the environment points at their shard."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        played(Story(installation))
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


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """What a command answers as JSON."""
    with pytest.raises(SystemExit) as ended:
        run([*arguments, "--json"])
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("office")
def test_a_month_is_checked_explained_closed_confirmed_and_opened_again(capsys: pytest.CaptureFixture[str]) -> None:
    _, told = typed(capsys, "close", "check", "--as", "A-TP", *JULY, *ON)
    kinds = {point["kind"] for point in told["points"]}
    assert kinds == {"suspense", "statement", "period", "cash-count"}
    status, told = typed(capsys, "close", "month", "--as", "A-TP", *JULY, *ON)
    assert (status, told["error"]["code"]) == (1, "close-checklist-open")
    reasons = [word for kind in sorted(kinds) for word in ("--explain", f"{kind}=đang làm")]
    _, told = typed(capsys, "close", "month", "--as", "A-TP", *JULY, *ON, *reasons)
    assert (told["explained"], told["waits_for_second"], told["open_month"]) == (4, True, "2026-08")
    assert typed(capsys, "close", "confirm", "--as", "A-BT", *JULY, *ON)[1]["waits_for_second"] is False
    assert typed(capsys, "close", "late", "--as", "A-TP", "--unit", "A", *ON)[1]["closed_through"] == "2026-07"
    typed(capsys, "close", "ask-reopen", "--as", "A-TP", *JULY, *ON, "--reason", "sót phiếu")
    assert typed(capsys, "close", "reopen", "--as", "A-BT", *JULY, *ON)[1]["reopened"] == "2026-07"
    status, told = typed(capsys, "close", "month", "--as", "A-TP", *JULY, *ON, "--explain", "gì đó=x")
    assert (status, told["error"]["code"]) == (1, "malformed")


@pytest.mark.usefixtures("office")
def test_a_cash_entry_is_corrected_and_its_receipt_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    why = ["--unit", "A", "--number", "DC-1", "--reason", "ghi nhầm", "--decision", "BB 07"]
    right = ["--slip", "1-thay", "--to-month", "2026-07", "--amount", "20000"]
    _, told = typed(capsys, "correct", "cash", "cash:A/1", "--as", "A-TP", *why, *right, *ON)
    assert told["state"] == "proposed"
    _, told = typed(capsys, "correct", "approve", "DC-1", "--as", "A-BT", "--unit", "A", *ON)
    assert (told["receipt"], told["voided_receipt"], told["replaced_by"]) == (3, 2, "cash:A/1-thay")
    page = tmp_path / "bl.pdf"
    book = ["--as", "A-TP", "--unit", "A", "--year", "2026"]
    for copy in (0, 1):
        _, told = typed(capsys, "receipt", "print", "3", *book, "--to", str(page), *ON)
        assert (told["copy"], told["amount"], page.read_bytes()[:4]) == (copy, 20_000, b"%PDF")
    _, told = typed(capsys, "receipt", "void", "3", *book, "--reason", "rách", "--replace", *ON)
    assert told["replaced_by"] == 4
    sheet, scan = tmp_path / "ky.pdf", tmp_path / "da-ky.pdf"
    span = ["--as", "A-TP", "--unit", "A", "--span", "2026-07"]
    assert typed(capsys, "receipt", "sheet", *span, "--to", str(sheet), *ON)[1]["not_signed"] == 1
    scan.write_bytes(sheet.read_bytes())
    assert typed(capsys, "receipt", "file-sheet", str(scan), *span, *ON)[1]["signed"] == 1
    assert typed(capsys, "receipt", "sheet", *span, "--to", str(sheet), *ON)[1]["not_signed"] == 0
    assert typed(capsys, "verify")[1]["ok"] is True


@pytest.mark.usefixtures("office")
def test_a_match_goes_to_its_right_owner(capsys: pytest.CaptureFixture[str]) -> None:
    why = ["--unit", "A", "--number", "DC-2", "--reason", "trùng tên", "--decision", "BB 08"]
    paid = "bank:970436:00A/FT-a1"
    _, told = typed(
        capsys, "correct", "match", paid, "--as", "A-TP", "--to-member", "A3", "--to-month", "2026-07", *why, *ON
    )
    assert told["amount"] == 100_000
    _, told = typed(capsys, "correct", "approve", "DC-2", "--as", "A-BT", "--unit", "A", *ON)
    assert (told["dues"], told["credit"], told["voided_receipt"]) == (70_000, 30_000, 1)
