"""The tree over HTTP: looked at, changed by decision, and a cell dissolved with a preview and two signatures."""

from datetime import date

from domain.access import Role
from ledger.handlers import setup
from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import START, at, grant

PLAN = {
    "root": "VH",
    "restructure": "GT-1",
    "kind": "dissolve",
    "sources": ["A"],
    "effective_on": "2026-08-01",
    "decision": "12-QĐ/ĐU",
    "decided_by": "Đảng ủy phường",
    "decided_on": "2026-07-25",
}


def _office(door: FrontDoor) -> None:
    door.story.do("service:setup", START, setup.GrantRoles(grants=(grant("VH-VP", Role.OFFICE, "VH"),)))
    door.clock.instant = at(date(2026, 8, 1))


def test_a_cell_is_dissolved_over_http_after_a_look_at_what_would_move(door: FrontDoor) -> None:
    _office(door)
    before = door.inst.store.head()
    told = door.post("/tree/restructures/preview", PLAN, by="VH-VP")
    assert told.status_code == 200, told.text
    assert {row["member"] for row in told.json()["members"]} == {"A1", "A2"}
    assert {(row["unit"], row["debit"]) for row in told.json()["balances"] if row["account"] == "1120"} == {
        ("A", 0),
        ("VH", 1_200_000),
    }
    assert door.inst.store.head() == before
    problem(door.post("/tree/restructures/preview", PLAN, by="A-TP"), 403, "not-allowed")
    assert door.post("/tree/restructures", PLAN, by="VH-VP").json()["answer"]["to_sign"] == {
        "old": ["A"],
        "new": ["VH"],
    }
    early = door.post("/tree/restructures/GT-1/carry-out", {"root": "VH"}, by="VH-VP")
    assert "chữ ký" in problem(early, 409, "restructure-state")["detail"]
    assert door.post("/tree/restructures/GT-1/sign", {"unit": "A", "side": "old"}, by="A-BT").status_code == 200
    assert door.post("/tree/restructures/GT-1/sign", {"unit": "VH", "side": "new"}, by="VH-CU").status_code == 200
    done = door.post("/tree/restructures/GT-1/carry-out", {"root": "VH"}, by="VH-VP").json()["answer"]
    assert (done["members"], done["accounts"]) == (2, 1)
    assert door.story.balances("A") == {}
    late = door.post("/declarations", {"unit": "A", "period": "2026-07"})
    assert "VH" in problem(late, 409, "unit-ended")["detail"]
    shown = [row["code"] for row in door.get("/tree/VH", on="2026-07-31").json()["units"]]
    assert shown == ["VH", "A", "B"]
    assert [row["code"] for row in door.get("/tree/VH").json()["units"]] == ["VH", "B"]


def test_a_change_of_kind_and_a_roll_up_over_http(door: FrontDoor) -> None:
    _office(door)
    body = {
        "root": "VH",
        "unit": "VH",
        "kind": "BASE_COMMUNE",
        "effective_from": "2026-07-26",
        "decision": "208-QĐ/TW",
    }
    assert door.post("/tree/changes", body, by="VH-VP").json()["answer"] == {"changes": 1}
    july, august = (door.get("/tree/VH", on=day).json()["units"][0]["kind"] for day in ("2026-07-25", "2026-07-26"))
    assert (july, august) == ("SUPERIOR_COMMUNE", "BASE_COMMUNE")
    found = door.get("/tree/VH/rollup/2026-07", as_tree="restated").json()
    assert (found["units"], found["collected"]) == (3, 0)
    problem(door.get("/tree/VH/rollup/2026-07", as_tree="khác"), 400, "malformed")
