"""Matching over HTTP and on the command line: evidence cards, a run, acceptance, undoing."""

import json
from datetime import date

from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.office_desk import Desk
from tests.acceptance.story import at, into


def _waiting(door: FrontDoor) -> int:
    """Two transfers of A: one carries two references, one carries none. Returns what A1 and A2 owe together."""
    story = door.story
    story.request("VH", "2026-07", date(2026, 7, 2))
    owed = [door.get(f"/requests/{story.reference(who, '2026-07')}").json()["owed"] for who in ("A1", "A2")]
    references = [story.reference(who, "2026-07") for who in ("A1", "A2")]
    story.bank(
        "A",
        date(2026, 7, 4),
        into("two", date(2026, 7, 3), sum(owed), *references),
        into("none", date(2026, 7, 3), 777),
    )
    door.clock.instant = at(date(2026, 7, 5))
    return int(sum(owed))


def test_cards_tell_evidence_and_a_run_posts_what_is_sure(door: FrontDoor) -> None:
    owed = _waiting(door)
    told = door.get("/units/A/matches").json()
    assert told["total"] == 2
    [sure, left] = told["cards"]
    assert (sure["state"], sure["rule"], sure["amount"], sure["confidence"]) == (
        "proposed",
        "exact-reference",
        owed,
        10_000,
    )
    assert {"code", "side", "weight", "numbers", "text"} == set(sure["evidence"][0])
    assert (left["state"], left["others"]) == ("unmatched", [])
    done = door.post("/units/A/matches/run", {}).json()["answer"]
    assert [one["amount"] for one in done["accepted"]] == [owed]
    assert done["refused"] == []
    again = door.post("/units/A/matches/run", {}).json()["answer"]
    assert again["accepted"] == []
    card = door.get("/units/A/matches/of", money="FT-two").json()
    assert (card["state"], card["evidence"]) == ("matched", sure["evidence"])
    undo = {"number": "DC-1", "reason": "nhầm", "decision": "BB-1"}
    answer = door.post(f"/units/A/matches/{card['match_id']}/undo", undo, by="A-TP").json()["answer"]
    assert [one["state"] for one in answer["corrections"]] == ["proposed"]


def test_proposals_are_accepted_by_id_and_strange_ids_are_told(door: FrontDoor) -> None:
    _waiting(door)
    [card, _] = door.get("/units/A/matches").json()["cards"]
    body = {"matches": ["0000", card["match_id"]], "ground": "xem bảng kê"}
    answer = door.post("/units/A/matches/accept", body).json()["answer"]
    assert [one["match"] for one in answer["accepted"]] == [card["match_id"]]
    assert [(one["match"], one["code"]) for one in answer["refused"]] == [("0000", "match-stale")]


def test_an_id_too_short_to_be_clear_names_nothing_even_where_only_one_waits(door: FrontDoor) -> None:
    _waiting(door)
    [card, _] = door.get("/units/A/matches").json()["cards"]
    answer = door.post("/units/A/matches/accept", {"matches": [card["match_id"][:3]]}).json()["answer"]
    assert (answer["accepted"], [one["code"] for one in answer["refused"]]) == ([], ["match-stale"])
    problem(door.post("/units/A/matches/accept", {"matches": [""]}, key="empty"), 400, "malformed")
    lines = {"matches": [card["match_id"]], "ground": "một\nhai"}
    problem(door.post("/units/A/matches/accept", lines, key="lines"), 400, "malformed")


def test_whoever_may_not_place_money_is_told_so_before_anything_is_looked_at(door: FrontDoor) -> None:
    _waiting(door)
    body = {"matches": ["0000"]}
    problem(door.post("/units/A/matches/accept", body, by="service:portal"), 403, "not-allowed")


def test_the_same_key_again_gets_the_same_answer_and_books_nothing(door: FrontDoor) -> None:
    _waiting(door)
    first = door.post("/units/A/matches/run", {}, key="run-1")
    head = door.story.installation.store.head()
    again = door.post("/units/A/matches/run", {}, key="run-1")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert door.story.installation.store.head() == head
    [card] = door.get("/units/A/matches").json()["cards"]
    problem(door.post("/units/A/matches/accept", {"matches": [card["key"]]}, key="run-1"), 422, "command-reused")


def test_a_collector_may_look_and_not_post_and_a_stranger_may_not_look(door: FrontDoor) -> None:
    _waiting(door)
    assert door.get("/units/A/matches", by="A-TP").status_code == 200
    problem(door.post("/units/A/matches/run", {}, by="A-TP"), 403, "not-allowed")
    problem(door.get("/units/A/matches", by="B-TP"), 403, "not-allowed")
    problem(door.get("/units/A/matches/of", money="no-such-line"), 404, "unknown-payment")


def test_the_office_lists_shows_runs_and_measures(own_desk: Desk) -> None:
    asked = ("--unit", "31.001", "--as")
    listed = json.loads(own_desk.dangphi("match", "list", *asked, "VH-UBKT1", "--json").out)
    assert listed["waiting"]
    line = listed["waiting"][0]["money"]
    shown = own_desk.dangphi("match", "show", line, *asked, "VH-UBKT1")
    assert shown.code == 0
    assert "Việc tiếp theo" in shown.said
    done = own_desk.dangphi("match", "run", *asked, "VH-KT1", "--no-post", "--at", "2026-07-31T22:00")
    assert done.code == 0, done.said
    assert "accepted: 0" in done.said
    measured = own_desk.dangphi("match", "calibrate", *asked, "VH-UBKT1")
    assert measured.code == 0, measured.said
    assert "quyết định" in measured.said
    assert own_desk.dangphi("match", "show", "no-such-line", *asked, "VH-UBKT1").code == 1


def test_the_office_accepts_by_id_and_is_told_what_was_left_out(own_desk: Desk) -> None:
    asked = ("--unit", "31.001", "--as", "VH-KT1")
    answer = own_desk.dangphi("match", "accept", "ffffffffffff", *asked)
    assert answer.code == 1
    assert "Đề xuất này không còn" in answer.said
    refused = own_desk.dangphi(
        "match", "undo", "ffffffffffff", *asked, "--number", "DC-9", "--reason", "x", "--decision", "BB"
    )
    assert refused.code == 1
    assert "không có đúng một lần khớp" in refused.said.lower()
