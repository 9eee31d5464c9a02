"""Statutory books and progress over HTTP."""

from datetime import date

from tests.acceptance.front_door import FrontDoor, paid, problem
from tests.acceptance.story import at


def declared(door: FrontDoor) -> FrontDoor:
    """A1 has paid, cell A and the ward have declared July."""
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD1"))
    door.work_off()
    door.story.declare("A", "2026-07", date(2026, 7, 31))
    door.clock.instant = at(date(2026, 8, 20))
    return door


def test_a_book_is_read_signed_by_two_and_made_again(door: FrontDoor) -> None:
    declared(door)
    told = door.get("/units/A/books/b01", period="2026-07").json()
    lines = {line["number"]: line["values"] for line in told["lines"]}
    assert lines["02"] == [123_457, 0, 0, 123_457]
    assert told["heading"]["position"] == door.inst.store.head()
    for form, mark in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = door.get("/units/A/books/b01/file", **{"period": "2026-07", "as": form})
        assert answer.content.startswith(mark)
    body = {"kind": "b01", "period": "2026-07", "place": "preparer"}
    assert door.post("/units/A/signatures", body).json()["answer"]["signed"] == 1
    problem(door.post("/units/A/signatures", {**body, "place": "committee"}, by="A-TP"), 403, "not-allowed")
    second = door.post("/units/A/signatures", {**body, "place": "committee"}, by="VH-CU")
    assert second.json()["answer"]["signed"] == 1
    signed = door.get("/units/A/signatures").json()["signed"]
    assert [(one["signed_as"], one["signed_by"]) for one in signed] == [("preparer", "VH-KT"), ("committee", "VH-CU")]
    again = door.get("/units/A/signatures/reproduction", kind="b01", period="2026-07").json()
    assert (again["ok"], again["books"][0]["complete"], again["books"][0]["differing"]) == (True, True, [])


def test_what_cannot_be_made_is_a_problem_and_strangers_see_nothing(door: FrontDoor) -> None:
    problem(door.get("/units/A/books/b01", period="2026-07"), 409, "not-declared")
    problem(door.get("/units/A/books/s01", period="2026-07"), 422, "month-malformed")
    problem(door.get("/units/A/books/s99", period="2026-07"), 400, "malformed")
    problem(door.get("/units/A/books/b01", period="2026-07", at_position=10**6), 404, "not-found")
    problem(door.get("/units/A/books/s01", by="nobody", period="2026"), 403, "not-allowed")
    problem(door.get("/units/A/signatures/reproduction", kind="b01", period="2026-07"), 404, "not-found")
    body = {"column": "enterprise", "document": "QD-1"}
    problem(door.post("/units/A/report-column", body), 403, "not-allowed")


def test_progress_is_told_as_values_and_as_a_table(door: FrontDoor) -> None:
    declared(door)
    told = door.get("/units/VH/progress", month="2026-07", as_of="2026-07-31").json()
    assert (told["total"]["paid"], told["total"]["online"]) == (1, 1)
    page = door.get("/units/VH/progress", **{"month": "2026-07", "as_of": "2026-07-31", "as": "pdf"})
    assert page.content.startswith(b"%PDF")
    table = door.get("/units/VH/progress", **{"month": "2026-07", "as": "csv"})
    assert table.text.startswith("Mã đơn vị,")
    assert table.headers["content-type"].startswith("text/csv")
