"""Money between levels off the straight road, over HTTP: each operation once, with its refusals and its place."""

from datetime import date

from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import into
from tests.acceptance.test_api_officers import month_s_end

ONE = "/remittances/A/2026-07/1"
ASKED = {"unit": "A", "period": "2026-07", "way": "bank", "reason": "Cổng bảo trì"}


def test_a_remittance_is_withdrawn_and_a_new_one_prepared(door: FrontDoor) -> None:
    month_s_end(door)
    door.post("/remittances", ASKED, by="A-TP")
    problem(door.post(f"{ONE}/dispute", {"reason": "thiếu"}), 409, "remittance-state")
    assert door.post(f"{ONE}/withdraw", {"reason": "nhầm kỳ"}, by="A-TP").json()["answer"] == {"events": 1}
    assert door.get(ONE).json()["withdrawn"] is True
    made = door.post("/remittances", ASKED, by="A-TP").json()["answer"]
    assert made["remittance_id"] == "A/2026-07/2"


def test_what_is_under_way_and_who_is_late_is_listed_for_those_who_may_read(door: FrontDoor) -> None:
    month_s_end(door)
    owed = door.post("/remittances", ASKED, by="A-TP").json()["answer"]["amount"]
    late = door.get("/units/VH/late", on="2026-09-01").json()["items"]
    assert [(item["unit"], item["what"], item["amount"]) for item in late] == [("A", "not-sent", owed)]
    door.post(f"{ONE}/approve", {}, by="A-BT")
    door.post(f"{ONE}/send", {"sent_on": "2026-08-03"}, by="A-TP")
    (item,) = door.get("/units/VH/in-transit", on="2026-08-13").json()["items"]
    assert (item["sender"], item["receiver"], item["amount"], item["days"]) == ("A", "VH", owed, 10)
    assert door.get("/units/VH/late", on="2026-09-01").json()["items"] == []
    problem(door.get("/units/VH/in-transit", by="nobody"), 403, "not-allowed")


def test_money_in_suspense_is_named_as_the_remittance_and_the_dispute_resolved(door: FrontDoor) -> None:
    month_s_end(door)
    owed = door.post("/remittances", ASKED, by="A-TP").json()["answer"]["amount"]
    door.post(f"{ONE}/approve", {}, by="A-BT")
    door.post(f"{ONE}/send", {"sent_on": "2026-08-03"}, by="A-TP")
    door.post(f"{ONE}/dispute", {"reason": "chưa thấy tiền"})
    day = date(2026, 8, 3)
    door.story.bank("VH", day, into("no-ref", day, owed, content="nop dang phi"))
    waiting = door.inst.ledger.books
    waiting.catch_up()
    (payment,) = waiting.balances("VH", "3380")
    body = {"unit": "VH", "payment": payment, "ground": "UNC 118"}
    assert door.post(f"{ONE}/suspense", body).json()["answer"]["became"] == "received"
    done = door.post(f"{ONE}/resolve", {"resolution": "received", "note": "đã thấy tiền"})
    assert done.json()["answer"] == {"resolution": "received", "under_way": 0}
    shown = door.get(ONE).json()
    assert (shown["dispute"], shown["received"]) == (None, owed)


def test_a_declaration_is_corrected_and_a_late_share_needs_a_held_period(door: FrontDoor) -> None:
    month_s_end(door)
    body = {"unit": "A", "period": "2026-07", "reduced_by": 1_000, "reason": "trùng phiếu", "decision": "QĐ 15"}
    assert door.post("/declarations/correct", body).json()["answer"]["reduced_by"] == 1_000
    problem(door.post("/declarations/late-share", {"unit": "A"}), 409, "not-declared")
    interim = {"unit": "A", "period": "2026-07", "amount": 1, "way": "portal", "decision": "NQ"}
    problem(door.post("/remittances/on-account", interim, by="A-TP"), 409, "not-declared")


def test_refunds_and_passing_on_of_nothing_are_not_found(door: FrontDoor) -> None:
    problem(door.post("/refunds/none/withdraw", {"reason": "?"}), 404, "not-found")
    body = {"superior": "VH", "unit": "A", "paid_on": "2026-08-03"}
    problem(door.post("/refunds/none/claw-back", body, by="VH-TQ"), 404, "not-found")
    passing = {"unit": "A", "account": "970436:00A", "line": "x", "ground": "?"}
    problem(door.post(f"{ONE}/pass-on", passing), 404, "not-found")
