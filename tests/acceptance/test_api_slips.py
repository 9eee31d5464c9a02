"""Slips and "I have transferred" over HTTP: nobody is offered a second payment while a first is on its way."""

from datetime import date

from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import at


def _asked(door: FrontDoor, until: str | None = "2026-07-31") -> str:
    answer = door.post("/requests", {"unit": "A", "month": "2026-07", "valid_until": until})
    assert answer.status_code == 200, answer.text
    listed = door.get("/units/A/requests", month="2026-07").json()["requests"]
    return str(next(row["reference"] for row in listed if row["member_id"] == "A1"))


def _status(door: FrontDoor, reference: str) -> str:
    listed = door.get("/units/A/requests", month="2026-07").json()["requests"]
    return str(next(row["status"] for row in listed if row["reference"] == reference))


def test_slips_come_as_a_file_and_say_how_many_were_left_out(door: FrontDoor) -> None:
    reference = _asked(door)
    told = door.get("/units/A/slips", month="2026-07")
    assert (told.headers["content-type"], told.content[:5]) == ("application/pdf", b"%PDF-")
    assert told.headers["dangphi-left-out"] == "0"
    body = {"unit": "A", "told_on": "2026-07-05"}
    assert door.post(f"/requests/{reference}/told", body, by="A-TP").json()["answer"]["told"] is True
    assert door.get("/units/A/slips", month="2026-07").headers["dangphi-left-out"] == "1"
    problem(door.get("/units/A/slips", by="A-TP", month="2026-07"), 403, "not-allowed")


def test_no_code_is_drawn_while_a_transfer_is_on_its_way(door: FrontDoor) -> None:
    reference = _asked(door)
    assert door.get(f"/requests/{reference}/qr.svg").status_code == 200
    told = door.post(f"/requests/{reference}/told", {"unit": "A", "told_on": "2026-07-05"}, by="service:portal")
    assert told.json()["answer"] == {"told": True, "lapses_on": "2026-07-10"}
    problem(door.get(f"/requests/{reference}/qr.svg"), 409, "attempt-pending")
    shown = door.get(f"/requests/{reference}").json()
    assert shown["on_its_way"]["words"].startswith("đã chuyển ngày 05/07/2026, đang chờ ngân hàng báo")
    assert shown["vietqr"] is None
    door.work_off()
    assert _status(door, reference) == "told"
    back = door.post(f"/requests/{reference}/not-told", {"unit": "A", "reason": "không thành công"}, by="A-TP")
    assert back.json()["answer"] == {"taken_back": True}
    assert door.get(f"/requests/{reference}/qr.svg").status_code == 200


def test_the_word_lapses_after_the_days_of_the_setting(door: FrontDoor) -> None:
    reference = _asked(door)
    door.post(f"/requests/{reference}/told", {"unit": "A", "told_on": "2026-07-05"}, by="A-TP")
    door.clock.instant = at(date(2026, 7, 11))
    assert door.get(f"/requests/{reference}/qr.svg").status_code == 200


def test_a_code_on_the_screen_asks_for_what_is_owed_now(door: FrontDoor) -> None:
    reference = _asked(door)
    owed = door.get(f"/requests/{reference}").json()["owed"]
    door.story.cash("A", "PT-9", "A1", owed, date(2026, 7, 5))
    shown = door.get(f"/requests/{reference}").json()
    assert (shown["owed"], shown["vietqr"]) == (0, None)
    problem(door.get(f"/requests/{reference}/qr.svg"), 409, "nothing-due")


def test_another_units_officer_tells_of_nothing(door: FrontDoor) -> None:
    reference = _asked(door)
    problem(
        door.post(f"/requests/{reference}/told", {"unit": "A", "told_on": "2026-07-05"}, by="B-TP"), 403, "not-allowed"
    )
    body = {"unit": "B", "told_on": "2026-07-05"}
    assert door.post(f"/requests/{reference}/told", body, by="B-TP").status_code in (403, 409, 422)
