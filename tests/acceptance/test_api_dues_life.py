"""Reliefs, adjustments, surplus and arrears through the front door."""

from datetime import date
from typing import Any

from tests.acceptance.front_door import FrontDoor, problem


def _answer(door: FrontDoor, path: str, body: Any, by: str = "VH-KT") -> dict[str, Any]:
    told = door.post(path, body, by)
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.json()["answer"]
    return found


def test_an_application_is_decided_by_the_named_unit_and_listed(door: FrontDoor) -> None:
    asked = {
        "unit": "A",
        "member_id": "A1",
        "application": "D-1",
        "relief": "X4",
        "percent": 50,
        "from_month": "2026-08",
        "months": 2,
        "document": "Đơn 1",
    }
    assert _answer(door, "/reliefs", asked, "A-TP")["decider"] == "VH"
    (waiting,) = door.get("/reliefs/units/VH").json()["waiting"]
    assert waiting["application"] == "D-1"
    decided = {"decider": "A", "member_id": "A1", "granted": True, "decision": "15-QĐ", "reason": "khó khăn"}
    problem(door.post("/reliefs/D-1/decide", decided, "A-BT"), 403, "not-allowed")
    assert _answer(door, "/reliefs/D-1/decide", {**decided, "decider": "VH"}, "VH-CU")["granted"] is True
    listed = door.get("/reliefs/units/VH").json()
    assert listed["waiting"] == []
    assert [(row["decision"], row["to_month"]) for row in listed["reliefs"]] == [("15-QĐ", "2026-09")]


def test_a_restated_base_answers_with_both_computations_and_a_dry_run_records_nothing(door: FrontDoor) -> None:
    months = {"unit": "A", "from_month": "2026-07", "to_month": "2026-07", "reason": "rà soát", "decision": "KH 1"}
    shown = _answer(door, "/dues/reassess", {**months, "dry_run": True})
    assert shown["adjusted"] == []
    base = {
        "unit": "A",
        "member_id": "A1",
        "kind": "si-salary",
        "from_month": "2026-06",
        "to_month": "2026-06",
        "amount": 20_000_000,
        "reason": "BHXH",
        "decision": "TB 1",
    }
    (told,) = _answer(door, "/dues/bases/restate", base)["adjusted"]
    assert told["due_after"] == 200_000
    assert told["before"]
    assert told["after"]


def test_arrears_and_dossiers_are_read_by_who_may_read_the_unit(door: FrontDoor) -> None:
    cells = door.get("/dues/arrears/VH", on=date(2026, 9, 5).isoformat()).json()["cells"]
    assert "A" in {cell["unit_id"] for cell in cells}
    assert door.get("/dues/dossiers/VH", year=2026).json() == {"year": 2026, "dossiers": []}
    problem(door.get("/dues/arrears/VH", by="A-TP"), 403, "not-allowed")


def test_a_surplus_without_money_and_a_list_that_does_not_add_up_are_refused_by_name(door: FrontDoor) -> None:
    asked = {"unit": "A", "member_id": "A1", "surplus": "DT-1", "amount": 20_000, "document": "đơn"}
    problem(door.post("/dues/surpluses", asked, "A-TP"), 409, "surplus-state")
    parts = [{"member_id": "A1", "month": "2026-07", "amount": 10_000}]
    split = {"unit": "A", "slip": "PT-9", "amount": 10_001, "paid_on": "2026-07-05", "parts": parts}
    problem(door.post("/dues/cash-splits", split, "A-TP"), 422, "split-list-wrong")
