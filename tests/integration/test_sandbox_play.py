"""Some days of a sandbox played over real sockets: both programs listen, faults strike, not one đồng goes astray."""

import json
from pathlib import Path

import pytest

from adapters.sandbox.world.scenario import UNUSED, Fault, read_scenario, scenario_of
from api.sandbox.page import as_json, as_text
from api.sandbox.run import play

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "sandbox"

#: Every fault that a play can have, each at its first occasion; some need more occasions to be seen at work.
FAULTS = {
    **{str(fault): {"rate": 0.0, "at": ["2026-09-01T00:00:00"]} for fault in Fault if fault not in UNUSED},
    "duplicate": 0.3,
    "reorder": 0.2,
    "stale": {"rate": 0.5, "at": ["2026-09-01T00:00:00"]},
    "error-500": 0.1,
    "cut-answer": 0.1,
}


def test_days_with_every_fault_over_sockets_leave_the_book_and_the_world_alike(tmp_path: Path) -> None:
    scenario = scenario_of(
        {
            "title": "Vài ngày",
            "seed": 5,
            "month": "2026-09",
            "days": 3,
            "days_after": 8,
            "population": {
                "cells": 3,
                "members_per_cell": 12,
                "first_day": 1,
                "last_day": 2,
                "ways": {"qr": 45, "portal": 20, "bill": 10, "gateway": 45, "cash": 5, "never": 0},
            },
            "portal": {"cut_off": 22},
            "gateway": {"refunds": 1},
            "fault": FAULTS,
        }
    )
    days: list[int] = []
    played = play(scenario, data_dir=tmp_path / "data", report=lambda day, number, of: days.append(number))
    page = json.loads(as_json(played.page))
    assert page["ok"], as_text(played.page)
    assert days == list(range(1, 12))
    assert page["verify"] == {"ok": True, "findings": []}
    assert page["compared"]["moved"] > 0
    assert {way for way, sums in page["compared"]["totals"].items() if sums["truth"]} >= {"qr", "portal", "gateway"}
    assert all(sums["truth"] == sums["book"] for sums in page["compared"]["totals"].values())
    paid = page["compared"]["payments"]["truth"]
    assert page["score"] == f"Sự thật = sổ: {paid}/{paid} khoản, lệch 0 đồng"
    assert {one["fault"] for one in page["faults"]} == {str(fault) for fault in Fault if fault not in UNUSED}
    # The gateway paid out, and the bank's own message of the lump was not taken for one more payment.
    assert "post casso/" in played.transcript
    assert " payout " in played.transcript


@pytest.mark.parametrize("name", ["calm.toml", "storm.toml", "cut-off.toml", "lumps.toml"])
def test_a_shipped_scenario_can_be_read(name: str) -> None:
    scenario = read_scenario(EXAMPLES / name)
    assert scenario.month == "2026-08"
    if name == "storm.toml":
        assert set(scenario.faults) == set(Fault) - UNUSED
