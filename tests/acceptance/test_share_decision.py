"""A committee chooses a share inside the range of the law, from its file to the split; outside it is refused."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.office.policy_file import load
from api import wiring
from api.flows import setup as flows
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.policy_rows import Confidence, PolicyRows
from ledger.handlers import setup
from tests.acceptance.story import START, Cell, Story, at, into, member, settings


def _decision(folder: Path, percent: int, number: str) -> Path:
    """342-QĐ/TW lets a cell under a base committee keep 30 to 50 %."""
    file = folder / f"{number}.json"
    row = {"unit_kind": "CELL", "retain_percent": percent, "from_period": "2011-01", "to_period": "2026-01"}
    told = {
        "format": "dangphi-share-decision",
        "version": 1,
        "number": number,
        "date": "2025-12-01",
        "issuer": "Đảng ủy phường",
        "is_example": False,
        "note": None,
        "rows": [row],
    }
    file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return file


def _story() -> Story:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A")], shares=())
    ranges = tuple(row for row in load().rows.shares if row.low_bp is not None and row.unit_kind is UnitKind.CELL)
    assert [(row.low_bp, row.high_bp, row.confidence) for row in ranges] == [(3_000, 5_000, Confidence.SEEN)]
    law = setup.ActivatePolicy(
        rows=PolicyRows(shares=ranges),
        approver="HP-CU",
        document="342-QĐ/TW",
        decided_on=date(2026, 1, 1),
        allow_draft_with_document=False,
    )
    story.do("service:setup", START, law)
    return story


def test_a_share_inside_the_range_is_taken_and_splits_what_was_collected(tmp_path: Path) -> None:
    story = _story()
    report = flows.activate_shares(
        story.installation, actor="service:setup", at=at(START), path=_decision(tmp_path, 40, "NQ-1"), approver="HP-CU"
    )
    assert (report.rows, report.taken) == (1, 1)
    story.enrol("A", replace(member("A1", "SI_COMPULSORY", ("si-salary", 10_000_100))))
    story.assess("A", "2026-07", START)
    story.request("A", "2026-07", START)
    last = date(2026, 7, 31)
    story.bank("A", last, into("1", last, 100_001, story.reference("A1", "2026-07")))
    made = story.declare("A", "2026-01", last)
    assert (made["kept"], made["payable"]) == (40_000, 60_001)
    state = story.installation.ledger.work().declarations(UnitId("A"))
    assert state.declared[0].share_document == "NQ-1"


@pytest.mark.parametrize("percent", [29, 51])
def test_a_share_outside_the_range_is_refused_and_nothing_is_in_force(tmp_path: Path, percent: int) -> None:
    story = _story()
    with pytest.raises(Refusal) as caught:
        flows.activate_shares(
            story.installation,
            actor="service:setup",
            at=at(START),
            path=_decision(tmp_path, percent, "NQ-2"),
            approver="HP-CU",
        )
    assert caught.value.code is RefusalCode.SHARE_OUTSIDE_RANGE
    assert story.declare("A", "2026-01", date(2026, 7, 31))["state"] == "chưa phân bổ"
