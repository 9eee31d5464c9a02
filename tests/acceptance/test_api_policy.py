"""What-if, publishing and old books over HTTP."""

from typing import Any

from tests.acceptance.front_door import FrontDoor, problem

ROW: dict[str, Any] = {
    "id": "R27-STU",
    "title": "học sinh, sinh viên",
    "category": "STUDENT",
    "kind": "fixed",
    "base_kind": "none",
    "value_dong": 6_000,
    "from_month": "2026-08",
    "regime": "01",
    "document": "77-QĐ/TW",
    "confidence": "seen",
}
FILE = {
    "format": "dangphi-policy-change",
    "version": 1,
    "number": "77-QĐ/TW",
    "date": "2026-07-02",
    "issuer": "Bộ Chính trị",
    "rates": [ROW],
}


def test_a_what_if_answers_for_whoever_may_read_and_writes_nothing(door: FrontDoor) -> None:
    head = door.inst.store.head()
    told = door.get("/units/VH/what-if", **{"from": "2028-01", "to": "2028-12"}).json()
    assert (told["from"], told["to"], told["baseline"]) == ("2028-01", "2028-12", "2027-12")
    assert told["total"]["members"] == 3
    assert told["total"]["after"] - told["total"]["before"] == told["total"]["difference"]
    assert door.inst.store.head() == head
    problem(door.get("/units/VH/what-if", "A-TP", **{"from": "2028-01"}), 403, "not-allowed")
    problem(door.get("/units/VH/what-if", **{"from": "2028-13"}), 422, "month-malformed")


def test_a_change_is_tried_then_published_once_and_only_by_whoever_may(door: FrontDoor) -> None:
    head = door.inst.store.head()
    body = {"change": FILE, "approver": "HP-CU", "dry_run": True}
    problem(door.post("/policy/changes", body, by="VH-KT"), 403, "not-allowed")
    tried = door.post("/policy/changes", body, by="HP-CU")
    assert tried.status_code == 200, tried.text
    assert tried.json()["answer"]["changes"][0]["was"] == {"row": "R26-STU", "value": "5.000 đồng"}
    assert door.inst.store.head() == head
    final = {**body, "dry_run": False}
    done = door.post("/policy/changes", final, by="HP-CU", key="k1")
    again = door.post("/policy/changes", final, by="HP-CU", key="k1")
    assert (done.json()["answer"]["activated"], again.headers["Idempotency-Replayed"]) == (1, "true")
    assert door.inst.store.head() == head + 1
    bad = {**final, "change": {**FILE, "rates": [{**ROW, "valu": 1}]}}
    problem(door.post("/policy/changes", bad, by="HP-CU"), 400, "malformed")


def test_old_books_that_nobody_took_in_cannot_be_undone(door: FrontDoor) -> None:
    assert door.get("/units/VH/past/differences", **{"from": "2026-07"}).json()["figures"] == 0
    body = {"unit": "VH", "import_id": "abcdef", "reason": "nhầm"}
    problem(door.post("/past/undo", body), 404, "unknown-past-import")
    problem(
        door.post("/past/undo/confirm", {"unit": "VH", "import_id": "abcdef"}, by="VH-CU"), 404, "unknown-past-import"
    )
