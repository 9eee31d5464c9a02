"""What officers and services ask over HTTP: commands once and only once, by whoever may, with answers that explain."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from adapters.vietqr.decode import decode
from tests.acceptance.front_door import FrontDoor, bearer, paid, problem
from tests.acceptance.story import at


def test_requests_are_issued_looked_up_and_drawn(door):
    again = door.post("/requests", {"unit": "VH", "month": "2026-07"})
    assert again.json()["answer"] == {"issued": 0, "amount": 0, "pay_in_cash": 0, "issued_again": 0}, (
        "the story has issued them"
    )
    reference = door.story.reference("A1", "2026-07")
    shown = door.get(f"/requests/{reference}").json()
    assert (shown["amount"], shown["unit"], shown["account"]["number"], shown["received"]) == (123_457, "A", "00A", 0)
    read = decode(shown["vietqr"])
    assert (read.fields.account, read.fields.amount, read.fields.purpose) == ("00A", "123457", reference)
    svg = door.get(f"/requests/{reference}/qr.svg")
    assert (svg.headers["content-type"], svg.text[:4]) == ("image/svg+xml", "<svg")
    png = door.get(f"/requests/{reference}/qr.png", module=4)
    assert (png.headers["content-type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_a_request_that_is_paid_is_not_drawn_again(door):
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD1"))
    door.work_off()
    problem(door.get(f"/requests/{opened['reference']}/qr.svg"), 409, "nothing-due")


def test_the_same_key_and_body_get_the_same_answer_and_nothing_is_done_twice(door):
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    first = door.post("/attempts", body, by="A-TP", key="k1")
    again = door.post("/attempts", body, by="A-TP", key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    other = door.post("/attempts", body, by="service:portal", key="k1")
    assert other.json()["answer"]["reference"] != first.json()["answer"]["reference"], "keys belong to their callers"


def test_the_same_key_with_another_body_is_refused(door):
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    door.post("/attempts", body, by="A-TP", key="k1")
    problem(door.post("/attempts", {**body, "member_id": "A2"}, by="A-TP", key="k1"), 422, "command-reused")


def test_twenty_at_once_with_one_key_are_one_command(door):
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    before = door.inst.store.head()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: door.post("/attempts", body, by="A-TP", key="k1"), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert door.inst.store.head() == before + 3, "one counter reserved, one request and its attempt opened"


def test_a_refused_command_leaves_its_key_free(door):
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-09"}
    problem(door.post("/attempts", body, by="A-TP", key="k1"), 409, "nothing-due")
    assert door.post("/attempts", {**body, "month": "2026-07"}, by="A-TP", key="k1").status_code == 200


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency-key-missing"), ("", "idempotency-key-malformed"), ("k" * 256, "idempotency-key-malformed")],
)
def test_every_command_needs_a_key(door, key, code):
    headers = bearer("VH-KT") | ({} if key is None else {"Idempotency-Key": key})
    problem(door.client.post("/requests", json={"unit": "VH", "month": "2026-07"}, headers=headers), 400, code)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_token_nothing_is_shown_or_done(door, header):
    reference = door.story.reference("A1", "2026-07")
    refused = door.client.get(f"/requests/{reference}", headers=header)
    problem(refused, 401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    body = {"unit": "VH", "month": "2026-07"}
    problem(
        door.client.post("/requests", json=body, headers={**header, "Idempotency-Key": "k"}), 401, "unauthenticated"
    )


def test_an_officer_of_another_unit_neither_reads_nor_acts(door):
    reference = door.story.reference("A1", "2026-07")
    assert door.get(f"/requests/{reference}", by="A-TP").status_code == 200
    problem(door.get(f"/requests/{reference}", by="B-TP"), 403, "not-allowed")
    problem(door.get(f"/requests/{reference}/qr.svg", by="B-TP"), 403, "not-allowed")
    problem(door.get("/units/A/declarations", by="B-TP"), 403, "not-allowed")
    problem(door.get(f"/requests/{reference}", by="nobody"), 403, "not-allowed")
    body = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    problem(door.post("/attempts", body, by="B-TP"), 403, "not-allowed")
    problem(door.post("/attempts", {**body, "unit": "B"}, by="B-TP"), 403, "not-allowed")
    problem(door.post("/requests", {"unit": "VH", "month": "2026-07"}, by="A-TP"), 403, "not-allowed")


def month_s_end(door: FrontDoor, paying: tuple[str, ...] = ("A1", "A2")) -> None:
    """Cell A's members have paid over the portal, July is over, and A has declared it."""
    for number, who in enumerate(paying):
        opened = door.attempt(who)
        door.notify(paid(opened["reference"], opened["amount"], f"GD{number}"))
    door.work_off()
    door.clock.instant = at(date(2026, 8, 3))
    assert door.post("/declarations", {"unit": "A", "period": "2026-07"}, by="A-BT").status_code == 200


def test_a_period_is_declared_and_sent_up_by_two_people(door):
    month_s_end(door)
    (made,) = door.get("/units/A/declarations", by="A-TP").json()["declarations"]
    assert made["collected"] == made["kept"] + made["payable"]
    assert made["share_label"] == "tỷ lệ ví dụ"
    asked = {"unit": "A", "period": "2026-07", "way": "bank"}
    problem(door.post("/remittances", asked, by="A-TP"), 422, "channel-needs-reason")
    prepared = door.post("/remittances", {**asked, "reason": "Cổng bảo trì"}, by="A-TP").json()["answer"]
    assert (prepared["remittance_id"], prepared["amount"]) == ("A/2026-07/1", made["payable"])
    one = "/remittances/A/2026-07/1"
    problem(door.post(f"{one}/approve", {}, by="A-TP"), 403, "not-allowed")
    problem(door.post(f"{one}/send", {"sent_on": "2026-08-03"}, by="A-TP"), 409, "remittance-state")
    assert door.post(f"{one}/approve", {"document": "CT-1"}, by="A-BT").status_code == 200
    assert door.post(f"{one}/send", {"sent_on": "2026-08-03"}, by="A-TP").json()["answer"]["sent"] == made["payable"]
    shown = door.get(one, by="A-TP").json()
    assert (shown["under_way"], shown["received"], shown["approved_by"]) == (made["payable"], 0, "A-BT")


def test_what_came_in_otherwise_is_disputed_explained_and_corrected(door):
    month_s_end(door)
    asked = {"unit": "A", "period": "2026-07", "way": "bank", "reason": "Cổng bảo trì"}
    payable = door.post("/remittances", asked, by="A-TP").json()["answer"]["amount"]
    one = "/remittances/A/2026-07/1"
    door.post(f"{one}/approve", {}, by="A-BT")
    door.post(f"{one}/send", {"sent_on": "2026-08-03"}, by="A-TP")
    problem(door.post(f"{one}/dispute", {"reason": "thiếu"}, by="A-TP"), 403, "not-allowed")
    assert door.post(f"{one}/dispute", {"reason": "Chưa thấy tiền"}).json()["answer"]["expected"] == payable
    assert door.get(one).json()["dispute"]["reason"] == "Chưa thấy tiền"
    explained = {"explanation": "Gõ thiếu một số 0", "document": "UNC 118"}
    assert door.post(f"{one}/explain", explained, by="A-TP").status_code == 200
    assert door.get(one).json()["dispute"]["answered"] is True
    corrected = {"difference": payable, "reason": "Chưa chuyển"}
    assert door.post(f"{one}/correct", corrected, by="A-TP").status_code == 200
    assert door.post(f"{one}/resolve", {"resolution": "keyed-wrong", "note": "Gửi lại"}).status_code == 200
    assert door.get(one).json()["dispute"] is None


def test_a_remittance_that_was_never_prepared_is_not_found(door):
    problem(door.get("/remittances/A/2026-07/1"), 404, "not-found")
    problem(door.post("/remittances/A/2026-07/1/approve", {}, by="A-BT"), 404, "not-found")
    problem(door.get("/remittances/A/2026-7/1"), 422, "month-malformed")
    problem(door.get("/remittances/KHÔNG/2026-07/1"), 404, "unknown-unit")


def test_an_overpayment_is_given_back_after_two_approvals_with_the_plan_shown(door):
    opened = door.attempt("A1")
    twice = door.attempt("A1")
    for number, attempt in enumerate((opened, twice)):
        door.notify(paid(attempt["reference"], attempt["amount"], f"GD{number}"))
    door.work_off()
    asked = {
        "kind": "credit",
        "unit": "A",
        "member_id": "A1",
        "amount": opened["amount"],
        "reason": "Nộp hai lần",
        "decision": "QĐ-9",
    }
    too_much = door.post("/refunds", {**asked, "amount": opened["amount"] + 1}, by="A-TP")
    problem(too_much, 409, "refund-too-large")
    made = door.post("/refunds", asked, by="A-TP").json()["answer"]
    one = f"/refunds/{made['refund_id']}"
    assert door.post(f"{one}/approve", {}, by="A-BT").json()["answer"] == {"approvals": 1}
    problem(door.post(f"{one}/approve", {}, by="A-TP"), 403, "not-allowed")
    assert door.post(f"{one}/approve", {}, by="VH-CU").json()["answer"] == {"approvals": 2}
    paid_out = door.post(f"{one}/pay", {"by": "bank", "paid_on": "2026-07-05"}, by="VH-TQ")
    assert paid_out.json()["answer"]["paid"] == opened["amount"]
    shown = door.get(one, by="A-TP").json()
    assert (shown["approved_by"], shown["paid_on"], shown["parts"]) == (["A-BT", "VH-CU"], "2026-07-05", [])
    problem(door.get(one, by="B-TP"), 403, "not-allowed")
    problem(door.get("/refunds/không-có"), 404, "not-found")


WRONG_BODIES = {
    "not JSON": b"{",
    "a list": b"[]",
    "missing": b'{"unit":"A"}',
    "unknown field": b'{"unit":"A","period":"2026-07","way":"portal","amount":1}',
    "unknown way": b'{"unit":"A","period":"2026-07","way":"carrier pigeon"}',
    "number for text": b'{"unit":1,"period":"2026-07","way":"portal"}',
    "control character": b'{"unit":"A\\u0000","period":"2026-07","way":"portal"}',
    "half a surrogate": b'{"unit":"A\\ud800","period":"2026-07","way":"portal"}',
    "deep": b"[" * 50_000,
}


@pytest.mark.parametrize("what", WRONG_BODIES)
def test_a_body_that_is_not_what_it_should_be_is_named_and_not_echoed(door, what):
    headers = {**bearer("A-TP"), "Idempotency-Key": "k", "content-type": "application/json"}
    told = problem(door.client.post("/remittances", content=WRONG_BODIES[what], headers=headers), 400, "malformed")
    assert "pigeon" not in str(told)


@pytest.mark.parametrize("amount", [0, -1, 2**53, 2**63, 1.5, "50000", True, None])
def test_an_amount_is_a_whole_number_of_dong(door, amount):
    body = {"kind": "credit", "unit": "A", "member_id": "A1", "amount": amount, "reason": "r", "decision": "d"}
    told = problem(door.post("/refunds", body, by="A-TP"), 400, "malformed")
    assert "amount" in told["detail"]


@pytest.mark.parametrize("day", ["2026-02-30", "05/07/2026", 20260705, 1783036800, None])
def test_a_day_is_a_written_day(door, day):
    problem(door.post("/refunds/x/pay", {"by": "bank", "paid_on": day}), 400, "malformed")


def test_a_json_body_over_the_cap_is_refused(door):
    problem(door.post("/requests", {"unit": "x" * 300_000, "month": "2026-07"}), 413, "body-too-large")


def test_a_misspelt_query_parameter_is_refused_and_not_ignored(door):
    reference = door.story.reference("A1", "2026-07")
    problem(door.get(f"/requests/{reference}", mnth="2026-07"), 400, "query-unknown")
    problem(door.get(f"/requests/{reference}/qr.png", modul=4), 400, "query-unknown")


def test_paths_and_methods_that_are_not_there(door):
    problem(door.get("/nowhere"), 404, "not-found")
    problem(door.client.get("/remittances", headers=bearer("VH-KT")), 405, "method-not-allowed")
    problem(door.get("/requests/HJ%00"), 404, "not-found")
    problem(door.get("/requests/HJQPM5YNFT98"), 422, "reference-malformed")
    problem(door.get("/requests/HJQPM5YNFT97"), 404, "unknown-reference")
