"""``dangphi spend`` and ``dangphi cash`` on a PostgreSQL shard: what an officer types and sees."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api import wiring
from api.cli.main import run
from tests.acceptance.story import START, Cell, Story, member, out, settings
from tests.conftest import ShardMaker

DAY = "2026-07-20T09:00"
Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def office(
    new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[Type, Story]:
    """A cell with 150,000 in cash and a debit nobody placed; returns the keyboard and the story."""
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as installation:
        story = Story(installation)
        story.set_up([Cell(id="A", bank=1_000_000)])
        story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 15_000_000)))
        story.assess("A", "2026-07", START)
        story.cash("A", "14", "A1", 150_000, date(2026, 7, 6))
        story.bank("A", date(2026, 7, 19), out("ck", date(2026, 7, 19), 60_000), clean=False)
        line = next(iter(installation.ledger.work().account(next(iter(story.truth))).lines), "")
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

    def type_(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            run(list(arguments))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    assert line is not None
    return type_, story


def told(type_: Type, *arguments: str) -> dict[str, Any]:
    code, printed, err = type_(*arguments, "--json")
    assert code == 0, err
    answer: dict[str, Any] = json.loads(printed)
    return answer


def test_a_voucher_goes_from_proposal_to_void_with_its_bill_kept(office: tuple[Type, Story], tmp_path: Path) -> None:
    type_, _ = office
    bill = tmp_path / "hoa-don.pdf"
    bill.write_bytes(b"%PDF-1.4 bill")
    asked = ("spend", "propose", "DN-1", "--as", "A-TP", "--unit", "A", "--amount", "20000", "--heading", "newspapers")
    assert told(type_, *asked, "--purpose", "báo", "--attach", str(bill), "--at", DAY)["proposed"] == 1
    acted = ("DN-1", "--unit", "A", "--at", DAY)
    dry = told(type_, "spend", "approve", *acted, "--as", "A-BT", "--dry-run")
    assert (dry["dry_run"], dry["number"]) == (True, 1)
    assert told(type_, "spend", "approve", *acted, "--as", "A-BT")["state"] == "booked"
    shown = told(type_, "spend", "list", "--unit", "A", "--as", "VH-KT", "--at", DAY)
    assert (shown["own_money"], len(shown["vouchers"][0]["attachment"])) == (980_000, 64)
    void = told(type_, "spend", "void", *acted, "--as", "A-BT", "--reason", "nhầm")
    assert (void["state"], void["number"]) == ("void", 1)
    code, _, err = type_("spend", "refuse", *acted, "--as", "A-BT", "--reason", "nhầm")
    assert code == 1
    assert "huỷ" in err


def test_a_transfer_is_matched_with_the_line_that_answers_it(office: tuple[Type, Story]) -> None:
    type_, _ = office
    asked = ("spend", "propose", "DN-1", "--as", "A-TP", "--unit", "A", "--amount", "60000", "--heading", "congress")
    told(type_, *asked, "--purpose", "đại hội", "--bank", "--at", DAY)
    acted = ("DN-1", "--unit", "A", "--at", DAY)
    assert told(type_, "spend", "approve", *acted, "--as", "A-BT")["state"] == "waiting"
    code, _, err = type_("spend", "match", *acted, "--as", "VH-KT", "--line", "zz")
    assert code == 1
    assert "0 dòng" in err
    assert told(type_, "spend", "match", *acted, "--as", "VH-KT", "--line", "")["state"] == "booked"


def test_other_income_comes_in_and_a_year_is_closed(office: tuple[Type, Story]) -> None:
    type_, _ = office
    asked = ("spend", "receive", "PT-1", "--as", "A-TP", "--unit", "A", "--amount", "500000", "--from", "state-funding")
    told(type_, *asked, "--purpose", "kinh phí", "--at", DAY)
    assert told(type_, "spend", "approve", "PT-1", "--unit", "A", "--as", "A-BT", "--at", DAY)["number"] == 1
    closed = told(type_, "spend", "close-year", "2026", "--unit", "A", "--as", "VH-KT", "--at", "2027-01-04T09:00")
    assert (closed["closed"], closed["from_retained"]) == (1, 0)


def test_the_cash_box_is_counted_settled_handed_over_and_watched(office: tuple[Type, Story]) -> None:
    type_, _ = office
    unit = ("--unit", "A", "--at", DAY)
    count = ("cash", "count", "--as", "A-TP", *unit, "--witness", "VH-KT", "--note", "50000x2", "--note", "20000x2")
    assert told(type_, *count)["case"] == "KQ/A/1"
    alerts = told(type_, "cash", "alerts", *unit, "--as", "VH-KT")["alerts"]
    assert [(a["kind"], a["amount"]) for a in alerts] == [("old-cash", 140_000), ("shortage", 10_000)]
    code, printed, _ = type_("cash", "alerts", *unit, "--as", "VH-KT")
    assert code == 0
    assert "140.000 đồng từ 06/07/2026, 10 ngày làm việc" in printed
    assert told(type_, "cash", "make-good", "KQ/A/1", "--as", "A-TP", *unit, "--amount", "4000")["open"] == 6_000
    off = ("cash", "write-off", "KQ/A/1", "--as", "A-BT", *unit, "--amount", "6000", "--decision", "QĐ 1")
    assert told(type_, *off)["open"] == 0
    again = told(type_, "cash", "count", "--as", "A-TP", *unit, "--witness", "VH-KT", "--total", "145000")
    keep = ("cash", "keep-surplus", again["payment"], "--as", "A-BT", *unit, "--decision", "QĐ 2")
    assert told(type_, *keep)["kept"] == 1_000
    offer = ("cash", "hand-over", "--as", "A-TP", *unit, "--to", "VH-TQ", "--count", "2", "--decision", "QĐ 3")
    assert told(type_, *offer, "--slip", "15-50")["offered"] == 1
    assert told(type_, "cash", "take-over", "--as", "VH-TQ", *unit)["custodian"] == "VH-TQ"
    span = ("--from", "2026-07-01", "--to", "2026-07-31", "--as", "VH-KT", *unit)
    assert told(type_, "cash", "book", *span)["closing"] == 145_000
    code, printed, _ = type_("cash", "book", *span)
    assert "giữ quỹ: VH-TQ" in printed
    assert printed.splitlines()[-1].endswith("145.000")
    code, printed, _ = type_("cash", "book", *span, "--csv")
    assert printed.splitlines()[0] == "Ngày,Chứng từ,Nội dung,Thu,Chi,Tồn quỹ"
    code, _, err = type_("cash", "count", "--as", "A-TP", *unit, "--witness", "VH-KT", "--note", "50k")
    assert code == 1
    assert "50000x3" in err
