"""Vouchers, counts, the cash book and alerts over HTTP, by whoever may."""

from datetime import date

from tests.acceptance.front_door import FrontDoor, problem
from tests.acceptance.story import at

VOUCHER = {
    "voucher": "DN-1",
    "kind": "payment",
    "heading": "newspapers",
    "by": "cash",
    "amount": 20_000,
    "dated": "2026-07-20",
    "purpose": "báo tháng 7",
    "attachment": "ab" * 32,
}


def _with_cash(door: FrontDoor) -> None:
    door.story.cash("A", "14", "A1", 123_457, date(2026, 7, 12))
    door.clock.instant = at(date(2026, 7, 20))


def test_a_voucher_is_proposed_approved_shown_and_voided(door: FrontDoor) -> None:
    _with_cash(door)
    proposed = door.post("/units/A/vouchers", VOUCHER, by="A-TP").json()["answer"]
    assert proposed == {"voucher": "DN-1", "proposed": 1, "own_money": 1_200_000}
    problem(door.post("/units/A/vouchers/DN-1/approve", {}, by="A-TP"), 403, "not-allowed")
    told = door.post("/units/A/vouchers/DN-1/approve", {}, by="A-BT").json()["answer"]
    assert (told["number"], told["year"], told["state"]) == (1, 2026, "booked")
    assert door.balance("A", "6310") == 20_000
    shown = door.get("/units/A/vouchers", state="booked").json()
    assert (shown["own_money"], [v["attachment"] for v in shown["vouchers"]]) == (1_180_000, ["ab" * 32])
    assert door.get("/units/A/vouchers", state="void").json()["vouchers"] == []
    void = door.post("/units/A/vouchers/DN-1/void", {"reason": "nhầm"}, by="A-BT").json()["answer"]
    assert (void["state"], void["number"]) == ("void", 1)
    problem(door.post("/units/A/vouchers/DN-9/approve", {}, by="A-BT"), 404, "unknown-voucher")
    more = {**VOUCHER, "voucher": "DN-2", "amount": 1_200_001}
    door.post("/units/A/vouchers", more, by="A-TP")
    problem(door.post("/units/A/vouchers/DN-2/approve", {}, by="A-BT"), 409, "own-money-short")
    door.post("/units/A/vouchers/DN-2/refuse", {"reason": "quá tiền"}, by="A-BT")
    problem(door.post("/units/A/vouchers", {**VOUCHER, "voucher": "a/b"}, by="A-TP"), 400, "malformed")
    problem(door.post("/units/A/fund-years", {"year": 2026}), 409, "period-not-over")


def test_cash_is_counted_booked_and_watched(door: FrontDoor) -> None:
    _with_cash(door)
    body = {"counted_on": "2026-07-20", "notes": [{"value": 100_000, "count": 1}], "witness": "VH-KT"}
    told = door.post("/units/A/cash/counts", body, by="A-TP").json()["answer"]
    assert (told["shortage"], told["case"]) == (23_457, "KQ/A/1")
    good = {"case": "KQ/A/1", "amount": 20_000, "paid_on": "2026-07-20"}
    assert door.post("/units/A/cash/made-good", good, by="A-TP").json()["answer"]["open"] == 3_457
    off = {"case": "KQ/A/1", "amount": 3_457, "decision": "QĐ 1"}
    assert door.post("/units/A/cash/written-off", off, by="A-BT").json()["answer"]["open"] == 0
    more = {"counted_on": "2026-07-20", "total": 121_000, "witness": "VH-KT"}
    waiting = door.post("/units/A/cash/counts", more, by="A-TP").json()["answer"]["payment"]
    kept = {"payment": waiting, "decision": "QĐ 2"}
    assert door.post("/units/A/cash/kept", kept, by="A-BT").json()["answer"]["kept"] == 1_000
    span = {"from": "2026-07-01", "to": "2026-07-31"}
    book = door.get("/units/A/cash/book", **span).json()
    assert (book["opening"], book["closing"], len(book["lines"])) == (0, 121_000, 4)
    text = door.get("/units/A/cash/book", **span, format="csv")
    assert text.headers["content-type"].startswith("text/csv")
    assert text.text.splitlines()[1] == "2026-07-01,,Tồn đầu kỳ,,,0"
    alerts = door.get("/units/VH/cash/alerts").json()["alerts"]
    assert [(a["unit"], a["kind"], a["amount"], a["since"]) for a in alerts] == [
        ("A", "old-cash", 100_000, "2026-07-12")
    ]
    problem(door.get("/units/A/cash/book", by="nobody", **span), 403, "not-allowed")


def test_custody_is_handed_over_and_taken_over(door: FrontDoor) -> None:
    _with_cash(door)
    body = {"counted_on": "2026-07-20", "total": 123_457, "witness": "VH-KT"}
    door.post("/units/A/cash/counts", body, by="A-TP")
    offer = {"to": "VH-TQ", "count": 1, "open_slips": ["15-50"], "decision": "QĐ 3"}
    assert door.post("/units/A/cash/hand-over", offer, by="A-TP").json()["answer"]["counted"] == 123_457
    problem(door.post("/units/A/cash/take-over", {}, by="A-TP"), 409, "custody-state")
    taken = door.post("/units/A/cash/take-over", {}, by="VH-TQ").json()["answer"]
    assert taken == {"accepted": 1, "custodian": "VH-TQ"}
    book = door.get("/units/A/cash/book", **{"from": "2026-07-01", "to": "2026-07-31"}).json()
    assert book["custodian"] == "VH-TQ"


def test_a_transfer_without_reference_is_matched_over_http(door: FrontDoor) -> None:
    door.clock.instant = at(date(2026, 7, 20))
    door.post("/units/A/vouchers", {**VOUCHER, "by": "bank"}, by="A-TP")
    told = door.post("/units/A/vouchers/DN-1/approve", {}, by="A-BT").json()["answer"]
    assert told["state"] == "waiting"
    assert len(told["reference"]) == 12
    missing = {"account": "970436:00A", "line": "x"}
    problem(door.post("/units/A/vouchers/DN-1/match", missing), 404, "unknown-payment")
