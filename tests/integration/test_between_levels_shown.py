"""Money between levels off the straight road as the read models and the command line show it, on PostgreSQL."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import wiring
from api.cli.main import run
from api.reading import reading
from api.wiring import Installation
from domain.access import Role
from domain.identifiers import RemittanceId, UnitId
from domain.organisation_kinds import UnitKind
from domain.remittance import require_prepared, under_way
from ledger.handlers import declare, restructure, setup
from projections.declarations import declarations
from projections.overview import overview
from tests.acceptance import test_between_levels as between
from tests.acceptance import test_story_3 as story_3
from tests.acceptance.story import PROVINCE, START, WARD, Cell, Story, accountant, grant, into, settings, share
from tests.conftest import ShardMaker


@pytest.fixture
def shard(new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installation on a fresh shard; the environment points at it."""
    made = new_shard()
    chosen = replace(settings(schema=made.schema), database_url=made.dsn)
    environment = {
        "DANGPHI_DATABASE_URL": made.dsn,
        "DANGPHI_SCHEMA": made.schema,
        "DANGPHI_REFERENCE_KEY": chosen.reference_key.hex(),
        "DANGPHI_VAULT_KEY": chosen.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "HP",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with wiring.on_postgres(chosen) as installation:
        yield installation


def _holds_together(inst: Installation, root: str) -> None:
    with reading(inst) as read:
        found = overview(read.conn, root)
        assert found.out_by == 0
        for line in found.units:
            assert (
                line.collected - line.refunded + line.from_below
                == line.kept + line.payable - line.claw_back + line.unsplit
            ), line.title


def _told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    with pytest.raises(SystemExit) as ended:
        run([*arguments, "--json"])
    printed = capsys.readouterr()
    assert ended.value.code == 0, printed
    answer: dict[str, Any] = json.loads(printed.out)
    return answer


def test_a_late_share_and_money_on_account_stand_in_the_read_models(shard: Installation) -> None:
    story = Story(shard)
    story_3.held_july(story)
    story_3.send_on_account(story, 300_000, date(2026, 8, 10), date(2026, 8, 11))
    with reading(shard) as read:
        assert [row.state for row in declarations(read.conn, units=["D"])] == ["held"]
    story_3.activate(story)
    story.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    with reading(shard) as read:
        (row,) = declarations(read.conn, units=["D"])
        assert (row.state, row.booked_in, row.collected, row.kept) == ("declared", "2026-08", 1_000_001, 300_000)
        interim = read.remittance("D/2026-07/1")
        assert interim is not None
        assert (interim.on_account, interim.received, interim.settled_on_account) == (True, 300_000, 300_000)
        assert interim.under_way == 0
    _holds_together(shard, "HP")


def test_stray_and_returned_money_stands_in_the_read_models_as_in_the_states(shard: Installation) -> None:
    story = Story(shard)
    between._july(story)
    reference = between._send_by_bank(story)
    day = date(2026, 8, 6)
    story.bank("W", day, into("w-in", day, 70_000, reference))
    for status in ("astray",):
        with reading(shard) as read:
            row = read.remittance("A/2026-07/1")
            state = require_prepared(shard.ledger.work().remittance(RemittanceId("A/2026-07/1")))
            assert row is not None
            assert (row.status, row.astray, row.under_way) == (status, 70_000, under_way(state))
    _holds_together(shard, "HP")


def test_a_corrected_declaration_stands_in_the_read_models(shard: Installation) -> None:
    story = Story(shard)
    between._july(story)
    between.test_a_declaration_that_was_too_high_is_made_smaller_before_the_superior_has_the_money(story)
    with reading(shard) as read:
        (row,) = declarations(read.conn, units=["A"])
        assert (row.corrected, row.kept_corrected, row.payable_corrected) == (10_001, 3_000, 7_001)
    _holds_together(shard, "HP")


def test_the_command_line_shows_shares_lateness_and_what_is_under_way(
    shard: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(shard)
    story_3.held_july(story)
    shown = _told(capsys, "share", "show", "--unit", "D", "--month", "2026-07")
    assert (shown["share"], shown["held_periods"]) == (None, ["2026-07"])
    asked = ("--as", "D-TP", "--unit", "D", "--period", "2026-07", "--amount", "300000", "--decision", "NQ 09")
    made = _told(capsys, "remit", "interim", *asked, "--at", "2026-08-10T09:00")
    case = made["remittance_id"]
    gone = ("--as", "D-TP", "--unit", "D", "--reason", "thôi tạm nộp", "--at", "2026-08-10T10:00")
    assert _told(capsys, "remit", "withdraw", case, *gone)["events"] == 1
    story_3.activate(story)
    late = ("share", "late", "--as", "VH-KT", "--unit", "D", "--at", "2026-08-20T09:00")
    assert _told(capsys, *late, "--dry-run")["dry_run"] is True
    assert _told(capsys, *late)["periods"][0]["kept"] == 300_000
    (item,) = _told(capsys, "remit", "late", "--unit", "HP", "--on", "2026-08-20")["items"]
    assert (item["unit"], item["days"], item["amount"]) == ("D", 10, 700_001)
    assert _told(capsys, "remit", "transit", "--unit", "HP", "--on", "2026-08-20")["items"] == []
    wrong = ("--as", "VH-KT", "--unit", "D", "--period", "2026-07", "--reduced-by", "1", "--reason", "nhầm")
    done = _told(capsys, "remit", "correct-declaration", *wrong, "--decision", "QĐ", "--at", "2026-08-21T09:00")
    assert done["reduced_by"] == 1


def test_the_share_shown_for_a_month_is_that_of_the_kind_the_unit_had_then(
    shard: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(shard)
    story.set_up([Cell(id="A")])
    story.activate_shares((share(UnitKind.BASE_COMMUNE, 90),))
    story.do("service:setup", START, setup.GrantRoles(grants=(grant("HP-VP", Role.OFFICE, "HP"),)))
    change = restructure.UnitToChange(unit_id=WARD, kind=UnitKind.BASE_COMMUNE)
    order = restructure.ChangeUnits(
        root=PROVINCE, units=(change,), effective_from=date(2026, 7, 26), decision="208-QĐ/TW"
    )
    story.do("HP-VP", date(2026, 7, 31), order)
    told = [_told(capsys, "share", "show", "--unit", "VH", "--month", m)["share"] for m in ("2026-07", "2026-08")]
    assert told == ["50%", "90%"]
