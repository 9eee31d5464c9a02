"""Closing, corrections and receipts over HTTP: the same rules, the same refusals, what a reader sees."""

from datetime import datetime

import pytest

from domain.period import VIETNAM
from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import into

LEFT = ("suspense", "statement", "period", "cash-count", "clearing")


@pytest.fixture
def august(door: FrontDoor) -> FrontDoor:
    """The evening of 5 August: A2 paid in cash, money of nobody stands on the cell's account."""
    july = datetime(2026, 7, 20, tzinfo=VIETNAM).date()
    door.story.bank("A", july, into("stray", july, 70_000))
    door.story.cash("A", "1", "A2", 32_716, july)
    door.clock.instant = datetime(2026, 8, 5, 18, tzinfo=VIETNAM)
    return door


def close(door: FrontDoor, *kinds: str, by: str = "A-TP", key: str | None = None) -> object:
    body = {"unit": "A", "month": "2026-07", "explanations": [{"kind": k, "reason": "đang đối chiếu"} for k in kinds]}
    return door.post("/closings", body, by=by, key=key)


def test_a_month_is_checked_closed_confirmed_and_opened_again(august: FrontDoor) -> None:
    shown = august.get("/units/A/closings", by="A-TP", month="2026-07").json()
    assert {point["kind"] for point in shown["points"]} == {"suspense", "statement", "period", "cash-count"}
    problem(close(august, "suspense"), 409, "close-checklist-open")
    made = close(august, *LEFT, key="k1").json()["answer"]
    assert (made["month"], made["waits_for_second"]) == ("2026-07", True)
    assert close(august, *LEFT, key="k1").headers["Idempotency-Replayed"] == "true"
    of = {"unit": "A", "month": "2026-07"}
    problem(august.post("/closings/confirm", of, by="A-TP"), 403, "maker-is-checker")
    assert august.post("/closings/confirm", of, by="A-BT").status_code == 200
    problem(august.post("/declarations", {"unit": "A", "period": "2026-07"}, by="A-BT"), 409, "month-closed")
    problem(august.post("/closings/reopen", of, by="A-BT"), 409, "reopening-not-requested")
    assert august.post("/closings/ask-reopen", {**of, "reason": "sót phiếu"}, by="A-TP").status_code == 200
    assert august.post("/closings/reopen", of, by="A-BT").json()["answer"]["open_month"] is None
    shown = august.get("/units/A/closings", by="A-TP").json()
    assert (shown["closed_through"], [c["set_aside"] for c in shown["closes"]]) == (None, [True])


def test_a_cash_entry_is_corrected_by_two_and_the_statement_shows_both(august: FrontDoor) -> None:
    body = {
        "unit": "A",
        "number": "DC-01",
        "kind": "cash",
        "reason": "ghi nhầm số tiền",
        "decision": "BB 07",
        "payment": "cash:A/1",
        "to_month": "2026-07",
        "amount": 20_000,
        "slip": "1-thay",
    }
    assert august.post("/corrections", body, by="A-TP").json()["answer"]["state"] == "proposed"
    assert len(august.get("/units/A/corrections", by="A-TP").json()["waiting"]) == 1
    one = {"unit": "A", "number": "DC-01"}
    problem(august.post("/corrections/approve", one, by="A-TP"), 403, "maker-is-checker")
    assert august.post("/corrections/approve", one, by="A-BT").json()["answer"]["receipt"] == 2
    shown = august.get("/units/A/corrections", by="A-TP").json()
    assert [(c["original"], c["replaced_by"]) for c in shown["corrections"]] == [("cash:A/1", "cash:A/1-thay")]
    assert shown["waiting"] == []
    told = august.get("/members/A2/statement", by="A-TP").json()
    assert "correction-undone" in {entry["what"] for entry in told["entries"]}
    assert august.balance("A", "1110") == 20_000


def test_a_receipt_becomes_void_and_a_printing_is_counted(august: FrontDoor) -> None:
    void = {"unit": "A", "year": 2026, "number": 1, "reason": "rách", "replace": True}
    assert august.post("/receipts/void", void, by="A-TP").json()["answer"] == {"voided": 1, "replaced_by": 2}
    one = {"unit": "A", "year": 2026, "number": 2}
    assert august.post("/receipts/print", one, by="A-TP").json()["answer"]["copy"] == 0
    assert august.post("/receipts/print", one, by="A-TP").json()["answer"]["copy"] == 1
    problem(august.post("/receipts/print", {**one, "number": 1}, by="A-TP"), 404, "unknown-receipt")


def test_whoever_has_no_right_there_is_refused(august: FrontDoor) -> None:
    problem(close(august, *LEFT, by="VH-TQ"), 403, "not-allowed")
    problem(august.get("/units/HP/closings", by="A-TP"), 403, "not-allowed")
