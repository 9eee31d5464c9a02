"""Some days of a sandbox played over real sockets: both programs listen, faults strike, not one đồng goes astray."""

import json
from pathlib import Path

import pytest

from adapters.sandbox.world.scenario import Fault, read_scenario, scenario_of
from api.sandbox.page import as_json, as_text
from api.sandbox.run import play

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "sandbox"

FAULTS = {
    "duplicate": 0.3,
    "reorder": 0.3,
    "hang-up": 0.2,
    "loss": 0.2,
    "wrong-signature": 0.2,
    "part-payment": 0.3,
    "success-after-cancel": 0.3,
    "error-500": 0.1,
    "cut-answer": 0.1,
}


def test_days_of_faults_over_sockets_leave_the_book_and_the_world_alike(tmp_path: Path) -> None:
    scenario = scenario_of(
        {
            "title": "Vài ngày",
            "seed": 5,
            "month": "2026-08",
            "days": 3,
            "days_after": 2,
            "population": {
                "cells": 2,
                "members_per_cell": 6,
                "first_day": 1,
                "last_day": 2,
                "ways": {"qr": 40, "portal": 30, "bill": 20, "gateway": 25, "cash": 10},
            },
            "fault": FAULTS,
        }
    )
    days: list[int] = []
    played = play(scenario, data_dir=tmp_path / "data", report=lambda day, number, of: days.append(number))
    page = json.loads(as_json(played.page))
    assert page["ok"], as_text(played.page)
    assert days == [1, 2, 3, 4, 5]
    assert page["verify"] == {"ok": True, "findings": []}
    assert page["compared"]["moved"] > 0
    assert {way for way, sums in page["compared"]["totals"].items() if sums["truth"]} >= {"qr", "portal"}
    assert all(sums["truth"] == sums["book"] for sums in page["compared"]["totals"].values())
    assert {one["fault"] for one in page["faults"]} >= {"duplicate", "loss", "wrong-signature"}
    assert "post portal/" in played.transcript
    assert "hang-up" in played.transcript
    # The gateway paid out, and the bank's own message of the lump was not taken for one more payment.
    assert "post casso/" in played.transcript
    assert " payout " in played.transcript


@pytest.mark.parametrize("name", ["calm.toml", "storm.toml", "cut-off.toml"])
def test_a_shipped_scenario_can_be_read(name: str) -> None:
    scenario = read_scenario(EXAMPLES / name)
    assert scenario.month == "2026-08"
    if name == "storm.toml":
        assert set(scenario.faults) == {fault for fault in Fault if not fault.startswith("idp-")}
