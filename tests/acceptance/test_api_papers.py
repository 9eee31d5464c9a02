"""Files over HTTP: signed sheets, whole tables, books of the past, letters; and who gets none of them."""

import csv
import hashlib
import io

import pytest

from domain.identifiers import MemberId, UnitId
from domain.membership import TransferKind
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.period import Month
from ledger.handlers.setup import RegisterOrganisation
from ledger.handlers.transfers import IssueTransfer
from tests.acceptance.front_door import FrontDoor, bearer, problem
from tests.acceptance.story import START
from tests.acceptance.test_api_officers import month_s_end

SHEET = {"unit": "A", "span": "2026-07"}
PAST = {"unit": "VH", "kind": "units", "filename": "so-cu.csv"}
UNITS = "mã đơn vị,tháng,đã thu,để lại,đã nộp\nA,2026-05,100000,30000,70000\nNOPE,2026-05,1,1,0\n".encode()


def send(door: FrontDoor, path: str, data: bytes, by: str, params: dict[str, str], key: str):
    headers = {**bearer(by), "Idempotency-Key": key, "content-type": "application/octet-stream"}
    return door.client.post(path, params=params, content=data, headers=headers)


def test_cash_is_signed_for_on_a_sheet_whose_scan_comes_back_over_http(door):
    door.story.cash("A", "PT-1", "A1", 30_000, START)
    sheet = door.get("/units/A/cash/sheet", by="A-TP", span="2026-07")
    assert (sheet.headers["content-type"], sheet.content[:5]) == ("application/pdf", b"%PDF-")
    scan = b"%PDF-1.7 scan " + b"x" * 300_000
    first = send(door, "/receipts/signed-sheets", scan, "A-TP", SHEET, "k1")
    assert first.json()["answer"]["signed"] == 1, first.text
    again = send(door, "/receipts/signed-sheets", scan, "A-TP", SHEET, "k1")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    problem(send(door, "/receipts/signed-sheets", b"hello", "A-TP", SHEET, "k2"), 400, "malformed")


def test_whole_tables_come_as_files_with_the_position_they_are_of(door):
    month_s_end(door)
    told = door.get("/units/VH/export/journal", **{"from": "2026-07", "to": "2026-08"})
    rows = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig"))))
    assert len(rows) - 1 == int(told.headers["dangphi-rows"]) > 10
    assert int(told.headers["dangphi-position"]) == door.inst.store.head()
    assert "attachment" in told.headers["content-disposition"]
    book = door.get("/units/A/export/obligations", by="A-TP", **{"from": "2026-07", "format": "xlsx"})
    assert book.content[:2] == b"PK"
    assert "A1" in door.get("/units/A/export/obligations", **{"from": "2026-07"}).text
    problem(door.get("/units/VH/export/journal", **{"from": "2026-08", "to": "2026-07"}), 422, "month-malformed")
    problem(door.get("/units/VH/export/nothing", **{"from": "2026-07"}), 400, "malformed")
    problem(door.get("/units/VH/export/payments", by="A-TP", **{"from": "2026-07"}), 403, "not-allowed")
    problem(door.get("/units/A/export/payments", by="A-TP", **{"from": "2026-07", "names": "true"}), 403, "not-allowed")


def test_a_list_of_old_books_goes_in_once_and_names_the_rows_left_out(door):
    first = send(door, "/past", UNITS, "VH-KT", PAST, "k1")
    assert first.status_code == 200, first.text
    answer = first.json()["answer"]
    assert (answer["rows"], answer["taken"], answer["unit_months"]) == (2, 1, 1)
    assert [row["code"] for row in answer["left_out"]] == ["unknown-unit"]
    again = send(door, "/past", UNITS, "VH-KT", PAST, "k1")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert send(door, "/past", UNITS, "VH-KT", PAST, "k2").json()["answer"]["events"] == 0
    problem(send(door, "/past", UNITS + b"x", "VH-KT", PAST, "k1"), 422, "command-reused")
    listed = door.get("/units/VH/past").json()["imports"]
    assert [(row["unit_months"], row["state"]) for row in listed] == [(1, "in-force")]
    problem(send(door, "/past", UNITS, "VH-KT", {**PAST, "filename": "../x.csv"}, "k3"), 400, "malformed")


def test_a_letter_that_nobody_received_is_seen_by_both_cells(door):
    door.story.do(
        "A-BT",
        START,
        IssueTransfer(
            unit_id=UnitId("A"),
            member_id=MemberId("A1"),
            kind=TransferKind.OFFICIAL,
            to_unit=UnitId("B"),
            to_outside=None,
            letter="GT-1",
            issued_on=START,
            paid_through=Month("2026-07"),
            to_month=None,
        ),
    )
    for unit, who in (("A", "A-TP"), ("B", "B-TP"), ("VH", "VH-KT")):
        (found,) = door.get(f"/units/{unit}/letters", by=who, on="2026-10-05").json()["letters"]
        assert (found["letter"], found["state"], found["who_acts"]) == ("GT-1", "finish-late", "A")


#: Every route of this page, as a collector of the other cell would try it.
OTHERS = {
    "GET /units/A/cash/sheet": {"span": "2026-07"},
    "POST /receipts/signed-sheets": SHEET,
    **{f"GET /units/A/export/{one}": {"from": "2026-07"} for one in ("journal", "obligations", "payments")},
    "GET /units/A/export/remittances": {"from": "2026-07"},
    "POST /past": {**PAST, "unit": "A"},
    "GET /units/A/past": {},
    "GET /units/A/past/differences": {"from": "2026-07"},
    "GET /units/A/letters": {},
    "GET /dues/arrears/A": {},
    "GET /dues/dossiers/A": {},
    "GET /reliefs/units/A": {},
    "GET /units/A/late": {},
    "GET /units/A/in-transit": {},
}


@pytest.mark.parametrize("route", OTHERS)
@pytest.mark.parametrize("who", ["B-TP", "nobody"])
def test_an_officer_of_another_cell_gets_nothing(door, route, who):
    door.story.cash("A", "PT-1", "A1", 30_000, START)
    method, path = route.split(" ")
    before = door.inst.store.head()
    headers = {**bearer(who), "Idempotency-Key": hashlib.sha256(route.encode()).hexdigest()}
    answer = door.client.request(method, path, params=OTHERS[route], content=UNITS, headers=headers)
    problem(answer, 403, "not-allowed")
    assert door.inst.store.head() == before


def test_a_refusal_names_the_unit_by_its_code_however_it_was_asked_for(door):
    new = UnitRegistered(
        unit_id=UnitId("u-0123456789ab"),
        code="31.777",
        name="Chi bộ mới",
        kind=UnitKind.CELL,
        parent_id=UnitId("VH"),
        effective_from=START,
        has_books=True,
    )
    door.story.do("service:setup", START, RegisterOrganisation(units=(new,)))
    for asked in ("31.777", "u-0123456789ab"):
        told = problem(door.get(f"/units/{asked}/declarations", by="B-TP"), 403, "not-allowed")["detail"]
        assert "31.777" in told
        assert "u-0123" not in told
