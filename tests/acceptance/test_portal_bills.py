"""One payment at a time, look-ups that mint all the same, receipts, and the portal over HTTP."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.portal import signature
from api.flows import attempts, bills, notices, poll
from domain.attempt import AttemptState
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from ledger.handlers import ask
from ledger.ports import Person
from tests.acceptance.front_door import FrontDoor, bearer, paid, problem
from tests.acceptance.portal_world import (
    DAY,
    JULY,
    audited,
    begin,
    dues,
    pending_attempt,
    state_of,
    work_off,
)
from tests.acceptance.story import Story, at

# --- one payment at a time, and two all the same ----------------------------------------------------------------------


def test_while_one_payment_is_pending_no_second_one_is_offered(ward, portal):
    reference = pending_attempt(ward, portal)
    with pytest.raises(Refusal) as caught:
        begin(ward, dues(), on=at(DAY) + timedelta(hours=2))
    assert caught.value.code is RefusalCode.ATTEMPT_PENDING
    assert reference in caught.value.message
    assert "Đừng nộp lần nữa" in caught.value.message
    lines = bills.cell_lines(ward.installation, UnitId("A"), JULY, 2026)
    with pytest.raises(Refusal) as caught:
        begin(ward, ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=lines), on=at(DAY) + timedelta(hours=2))
    assert caught.value.code is RefusalCode.ATTEMPT_PENDING
    assert begin(ward, dues("A2"), on=at(DAY) + timedelta(hours=2)).answer["state"] == "opened", "others may"
    portal.states[reference] = "4"
    poll.poll(ward.installation, at(DAY) + timedelta(hours=3))
    work_off(ward, at(DAY) + timedelta(hours=3))
    assert begin(ward, dues(), on=at(DAY) + timedelta(hours=4)).answer["state"] == "opened"


def test_a_member_s_payment_that_is_pending_within_a_cell_s_payment_counts_too(ward, portal):
    lines = bills.cell_lines(ward.installation, UnitId("A"), JULY, 2026)
    opened = begin(ward, ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=lines))
    portal.states[opened.answer["reference"]] = "3"
    poll.poll(ward.installation, at(DAY) + timedelta(hours=1))
    work_off(ward, at(DAY) + timedelta(hours=1))
    with pytest.raises(Refusal) as caught:
        begin(ward, dues(), on=at(DAY) + timedelta(hours=2))
    assert caught.value.code is RefusalCode.ATTEMPT_PENDING


def look(story: Story, dossier: str, minutes: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(bills.look_up(story.installation, dossier, at(DAY) + timedelta(minutes=minutes)))
    return told


def test_each_look_up_mints_a_transaction_and_two_of_them_paid_are_credit(ward, portal):
    ward.installation.vault.put((Person(member_id="A1", name="Nguyễn Thị Thử", card_number=None),))
    dossier = ward.reference("A1", JULY)
    first, second = look(ward, dossier), look(ward, dossier, 1)
    assert (first["error_code"], second["error_code"]) == (1, 1)
    one, two = first["message"], second["message"]
    assert one["transaction_id"] != two["transaction_id"]
    assert one["MaTraCuuTT"] == f"{dossier}20260705120000"
    assert one["MaTraCuuTT"] != two["MaTraCuuTT"]
    assert (one["MaHoSo"], one["client_id"], one["HoTenNguoiNop"]) == (dossier, "P", "")
    amount = sum(int(line["SoTien"]) for line in one["DSKhoanNop"])
    for told in (one, two):
        assert ward.tell(ward.notice(told["transaction_id"], amount, DAY)) == ["reference"]
        assert state_of(ward, told["transaction_id"]) is AttemptState.PAID
    received = [e.event for e in ward.installation.store.read(0, 100_000, ("payment-received",))]
    assert [(e.dues_amount, e.credit_amount) for e in received] == [(amount, 0), (0, amount)]
    assert look(ward, dossier, 2)["error_code"] == 0
    audited(ward)


def test_a_look_up_while_one_payment_is_pending_mints_all_the_same(ward, portal):
    reference = pending_attempt(ward, portal)
    assert look(ward, ward.reference("A1", JULY), 90)["error_code"] == 1
    assert state_of(ward, reference) is AttemptState.PENDING


def test_the_dossier_of_a_whole_cell_asks_for_what_each_still_owes(ward, portal):
    lines = bills.cell_lines(ward.installation, UnitId("A"), JULY, 2026)
    dossier = begin(ward, ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=lines)).answer["reference"]
    assert [int(x["SoTien"]) for x in look(ward, dossier)["message"]["DSKhoanNop"]] == [x.amount for x in lines]
    ward.tell(ward.notice(str(begin(ward, dues()).answer["reference"]), lines[0].amount, DAY))
    told = look(ward, dossier, 5)
    assert [int(x["SoTien"]) for x in told["message"]["DSKhoanNop"]] == [lines[1].amount]
    assert ward.tell(ward.notice(told["message"]["transaction_id"], lines[1].amount, DAY)) == ["reference"]
    assert look(ward, dossier, 6)["error_code"] == 0
    audited(ward)


@pytest.mark.parametrize("dossier", ["HJQPM5YNFT97", "HJQPM5YNFT98", "A1", "", "HJ0E44PNC2ZWHJZYAT1BKCEA"])
def test_a_code_that_names_nothing_is_unknown(ward, portal, dossier):
    assert look(ward, dossier)["error_code"] == -1


# --- receipts -------------------------------------------------------------------------------------------------------


def test_a_receipt_is_fetched_for_what_was_paid_and_for_nothing_else(ward, portal, monkeypatch):
    monkeypatch.setattr("adapters.portal.client.time.sleep", lambda _: None)
    reference = begin(ward, dues()).answer["reference"]
    inst = ward.installation
    for code, bad in ((RefusalCode.NOTHING_DUE, reference), (RefusalCode.UNKNOWN_REFERENCE, "HJQPM5YNFT97")):
        with pytest.raises(Refusal) as caught:
            attempts.receipt_of(inst, bad, at(DAY))
        assert caught.value.code is code
    ward.tell(ward.notice(reference, int(portal.known[reference]["SoTien"]), DAY))
    assert attempts.receipt_of(inst, reference, at(DAY)).body == b"%PDF-1.7 receipt"
    portal.down = True
    with pytest.raises(Refusal) as caught:
        attempts.receipt_of(inst, reference, at(DAY))
    assert caught.value.code is RefusalCode.RAIL_AWAY
    listening = replace(inst, settings=replace(inst.settings, portal_url=""))
    with pytest.raises(Refusal) as caught:
        attempts.receipt_of(listening, reference, at(DAY))
    assert caught.value.code is RefusalCode.RAIL_CANNOT


# --- over HTTP ------------------------------------------------------------------------------------------------------


def asks(door: FrontDoor, body: Any, by: str = "service:portal") -> Any:
    return door.client.post("/portal/bills", headers=bearer(by), json=body)


def test_the_portal_looks_a_bill_up_over_http_and_nobody_else_may(door):
    dossier = door.story.reference("A1", JULY)
    told = asks(door, {"MaHoSo": dossier})
    assert told.status_code == 200
    assert told.json()["error_code"] == 1
    reference = told.json()["message"]["transaction_id"]
    amount = sum(int(line["SoTien"]) for line in told.json()["message"]["DSKhoanNop"])
    assert door.notify(paid(reference, amount, "GD1")).status_code == 200
    door.work_off()
    assert asks(door, {"MaHoSo": dossier}).json()["error_code"] == 0
    for body in ({"MaHoSo": "x" * 99}, {"MaHoSo": 7}, {}, {"MaHoSo": "HJ'; --"}):
        assert asks(door, body).json()["error_code"] == -1
    problem(asks(door, {"MaHoSo": dossier}, "A-TP"), 403, "not-allowed")
    problem(door.client.post("/portal/bills", json={"MaHoSo": dossier}), 401, "unauthenticated")


def test_a_pending_payment_is_refused_over_http_with_what_to_do(door):
    opened = door.attempt("A1")
    fields = {
        "LoaiBanTin": "QUERY",
        "MaLoi": "00",
        "MaDoiTac": "P",
        "MaThamChieu": opened["reference"],
        "SoTien": str(opened["amount"]),
        "MaTienTe": "VND",
        "MaGiaoDich": "",
        "MaNganHang": "",
        "ThoiGianGD": "20260705120000",
        "ThongTinGiaoDich": "",
    }
    signed = {**fields, "TrangThaiGD": "3", "MaXacThuc": signature.sign(fields, signature.QUERY_ANSWER, "secret")}
    notices.keep_answer(door.inst, "portal", json.dumps(signed).encode(), {}, at(DAY))
    door.work_off()
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    told = problem(door.post("/attempts", body, by="A-TP"), 409, "attempt-pending")
    assert opened["reference"] in told["detail"]
    shown = door.get(f"/attempts/{opened['reference']}", "VH-KT").json()
    assert (shown["state"], shown["may_hold_money"]) == ("pending", True)
    assert [(r["state"], r["via"]) for r in shown["reports"]] == [("pending", "query")]
    problem(door.get("/attempts/HJQPM5YNFT97"), 404, "unknown-reference")
    problem(door.get(f"/attempts/{opened['reference']}", "B-TP"), 403, "not-allowed")
