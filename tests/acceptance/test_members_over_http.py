"""Moves over HTTP: recorded by both sides, told in the statement, the roll on a day, and who may read."""

from datetime import date

import pytest

from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import at


@pytest.fixture
def august(door: FrontDoor) -> FrontDoor:
    """A day in August 2026."""
    door.clock.instant = at(date(2026, 8, 5))
    return door


LETTER = {
    "kind": "letter",
    "unit": "A",
    "member_id": "A1",
    "to_unit": "B",
    "letter": "GT-1",
    "issued_on": "2026-08-05",
    "paid_through": "2026-07",
}
RECEIVE = {"kind": "receive", "unit": "B", "member_id": "A1", "letter": "GT-1", "received_on": "2026-08-05"}


def test_a_transfer_goes_through_two_hands_and_shows_in_the_statement(august):
    given = august.post("/members/moves", LETTER, by="A-BT").json()["answer"]
    assert (given["first_month"], given["arrears"]) == ("2026-08", ["2026-07"])
    problem(august.post("/members/moves", RECEIVE, by="A-BT"), 403, "not-allowed")
    assert august.post("/members/moves", RECEIVE, by="VH-KT").status_code == 200
    told = august.get("/members/A1/statement").json()
    assert [(m["what"], m["unit"], m["other"]) for m in told["moves"]] == [
        ("letter", "A", "B"),
        ("received", "B", "A"),
    ]
    assert told["months"][0]["month"] == "2026-07"
    roll = august.get("/units/B/roll", on="2026-08-05").json()
    assert "A1" in roll["members"]
    assert "A1" in august.get("/units/A/roll", on="2026-08-04").json()["members"]


def test_the_old_cell_may_still_read_what_the_member_did(august):
    august.post("/members/moves", LETTER, by="A-BT")
    august.post("/members/moves", RECEIVE, by="VH-KT")
    assert august.get("/members/A1/statement", by="A-BT").status_code == 200
    assert august.get("/members/A1/history", by="A-BT").status_code == 200
    assert august.get("/members/A1/history", by="B-TP").status_code == 200
    problem(august.get("/members/A1/statement", by="nobody"), 403, "not-allowed")


def test_a_person_admitted_over_http_is_in_the_vault_and_their_name_is_in_no_event(august):
    body = {
        "kind": "admit",
        "unit": "A",
        "name": "Nguyễn Thị Kết Nạp",
        "card_number": "12.345678",
        "category": "STUDENT",
        "decision": "QĐ 5-QĐ/ĐU",
        "decided_on": "2026-07-20",
        "ceremony_on": "2026-08-03",
    }
    first = august.post("/members/moves", body, by="A-BT", key="admit-1")
    assert first.json()["answer"]["first_month"] == "2026-08"
    again = august.post("/members/moves", body, by="A-BT", key="admit-1")
    assert again.json() == first.json()
    who = august.inst.vault.find_by_card("12.345678")
    assert who in august.get("/units/A/roll", on="2026-08-05").json()["members"]
    told = august.get(f"/members/{who}/statement")
    assert "Kết Nạp" not in told.text
    problem(august.post("/members/moves", {**body, "name": "Người Khác"}, by="A-BT"), 409, "card-taken")


def test_a_move_of_a_future_day_or_of_nobody_is_refused_in_words(august):
    late = {**LETTER, "issued_on": "2026-09-05"}
    problem(august.post("/members/moves", late, by="A-BT"), 422, "month-in-future")
    problem(august.post("/members/moves", {**LETTER, "member_id": "Z9"}, by="A-BT"), 404, "unknown-member")
    problem(august.post("/members/moves", {**RECEIVE, "letter": "GT-9"}, by="VH-KT"), 409, "transfer-state")
