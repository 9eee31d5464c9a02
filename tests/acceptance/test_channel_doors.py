"""Settlements, lumps, cases and receipts of channels through the front door, on PostgreSQL."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from adapters.gateway.payout import document, read_payout
from adapters.inbound import VIETNAM
from adapters.sandbox.portal_settlement import SettledPayment, file_name, settlement_file
from api.cli.verify import verify_installation
from api.flows import attempts as flow
from api.flows.channel_list import late_days
from api.flows.settlements import awaited
from domain.errors import Refusal
from domain.identifiers import MemberId, UnitId
from domain.notice import NoticeStatus
from domain.period import Month
from ledger.handlers import ask
from ledger.handlers.open_items import ApproveDecision
from ledger.work import Act
from projections.all import PROJECTIONS
from projections.refold import refold
from projections.runner import catch_up
from tests.acceptance.front_door import FrontDoor, bearer, paid, problem
from tests.acceptance.portal_world import URL, answering
from tests.acceptance.story import at, into, out
from tests.settled import K, attempt, line, settled, take, told

DAY = date(2026, 7, 5)


def clock(door: FrontDoor, day: int, hour: int = 12, minute: int = 1) -> None:
    door.clock.instant = datetime(2026, 7, day, hour, minute, tzinfo=VIETNAM)


def pay(door: FrontDoor, number: str = "GD1") -> dict[str, Any]:
    asked = door.attempt("A1")
    door.notify(paid(asked["reference"], asked["amount"], number))
    door.work_off()
    return asked


def portal_file(asked: dict[str, Any], partner: str, fee: int = 0) -> bytes:
    one = SettledPayment(
        reference=asked["reference"],
        transaction_id="GD1",
        amount=asked["amount"],
        paid_at=at(DAY),
        booked_at=at(DAY),
        account_number="00VH",
        fee=fee,
    )
    return settlement_file(partner=partner, secret="secret", first=DAY, last=DAY, payments=[one])


def send(door: FrontDoor, raw: bytes, key: str = "k1", by: str = "VH-KT") -> Any:
    name = file_name(door.inst.settings.portal_partner, DAY)
    headers = {**bearer(by), "Idempotency-Key": key, "Content-Type": "application/octet-stream"}
    return door.client.post(
        "/settlements/portal", params={"unit": "VH", "filename": name}, content=raw, headers=headers
    )


def kept(door: FrontDoor) -> None:
    """The tables are the fold of the log, and nothing is wrong in it."""
    shard = door.inst.shard
    assert shard is not None
    with shard.connect() as conn:
        catch_up(conn, door.inst.store, PROJECTIONS)
        assert refold(conn, door.inst.store, PROJECTIONS) == ()
    verdict = verify_installation(door.inst)
    assert [(c.id, c.findings) for c in verdict.checks if not c.ok] == []


def test_a_day_without_its_settlement_is_named_past_noon_until_the_file_comes(door: FrontDoor) -> None:
    asked = pay(door)
    assert awaited(door.inst, "portal", DAY, DAY) == ("portal/GD1",)
    assert awaited(door.inst, "portal", date(2026, 7, 6), date(2026, 7, 6)) == ()
    clock(door, 6, 11, 59)
    assert door.get("/units/VH/late-settlements").json()["late"] == []
    clock(door, 6)
    late = {"rail": "portal", "day": "2026-07-05", "payments": 1, "amount": asked["amount"]}
    assert door.get("/units/VH/late-settlements").json()["late"] == [late]
    answer = send(door, portal_file(asked, door.inst.settings.portal_partner)).json()["answer"]
    assert (answer["state"], answer["lines"][0]["outcome"], answer["missing"]) == ("taken", "matched", [])
    assert answer["reply"].startswith("H|")
    assert late_days(door.inst, door.clock.instant, [UnitId("VH"), UnitId("A")]) == ()
    assert send(door, portal_file(asked, door.inst.settings.portal_partner), "k2").json()["answer"]["state"] == "known"
    ways = [one["via"] for one in door.get(f"/attempts/{asked['reference']}").json()["reports"]]
    assert ways == ["notification", "settlement"]
    kept(door)


def test_a_late_settlement_is_told_only_with_the_money_of_units_that_one_may_read(door: FrontDoor) -> None:
    asked = pay(door)
    clock(door, 6)
    (late,) = door.get("/units/VH/late-settlements").json()["late"]
    assert late["amount"] == asked["amount"]
    assert door.get("/units/B/late-settlements", by="B-TP").json()["late"] == []
    problem(door.get("/units/VH/late-settlements", by="B-TP"), 403, "not-allowed")


def evidence(door: FrontDoor) -> int:
    assert door.inst.shard is not None
    with door.inst.shard.connect() as conn:
        row = conn.execute("SELECT count(*) FROM evidence").fetchone()
    assert row is not None
    return int(row[0])


def test_who_may_not_take_a_settlement_leaves_no_bytes_behind(door: FrontDoor) -> None:
    raw = portal_file(pay(door), door.inst.settings.portal_partner)
    before = evidence(door)
    for by in ("A-BT", "service:portal"):
        problem(send(door, raw, by=by), 403, "not-allowed")
    assert evidence(door) == before
    assert send(door, raw).json()["answer"]["state"] == "taken"
    assert evidence(door) == before + 2  # The file and our answer to it.


def test_a_payout_handed_in_by_a_person_brings_no_money_in_because_nobody_signed_it(door: FrontDoor) -> None:
    charge = {"id": "ch_1", "payment_intent": "pi_made_up", "metadata": {"reference": door.attempt("A1")["reference"]}}
    moved = {"id": "txn_1", "type": "charge", "amount": 60_000, "fee": 0, "net": 60_000, "currency": "vnd"}
    moved |= {"created": 1_783_000_000, "source": charge}
    payout = {"id": "po_made_up", "amount": 60_000, "currency": "vnd", "created": 1_783_000_000, "status": "paid"}
    raw = document(payout, [moved])
    assert read_payout(raw, "po_made_up").net == 60_000
    head, before = door.inst.store.head(), evidence(door)
    headers = {**bearer("VH-KT"), "Idempotency-Key": "made-up", "Content-Type": "application/octet-stream"}
    where = {"unit": "VH", "filename": "po_made_up.json"}
    answer = door.client.post("/settlements/gateway", params=where, content=raw, headers=headers)
    assert "dangphi gateway settle" in problem(answer, 409, "rail-cannot")["detail"]
    assert (door.inst.store.head(), evidence(door)) == (head, before)
    assert not door.get("/units/A/payments").json().get("payments")


def test_a_settlement_of_a_whole_day_of_payments_is_taken_over_http(door: FrontDoor) -> None:
    partner = door.inst.settings.portal_partner
    payments = [
        SettledPayment(
            reference=f"NOBODYTOLD{n}",
            transaction_id=f"GD{n}",
            amount=5_000,
            paid_at=at(DAY),
            booked_at=at(DAY),
            account_number="00VH",
        )
        for n in range(1_500)
    ]
    raw = settlement_file(partner=partner, secret="secret", first=DAY, last=DAY, payments=payments)
    assert len(raw) > 256 * 1024
    answer = send(door, raw)
    assert answer.status_code == 200, answer.text[:500]
    assert len(answer.json()["answer"]["lines"]) == 1_500


def test_a_receipt_of_the_portal_is_fetched_by_whoever_may_read_the_unit(door: FrontDoor) -> None:
    asked = door.attempt("A1")
    path = f"/attempts/{asked['reference']}/receipt"
    problem(door.get(path), 409, "rail-cannot")
    state = door.app.state
    state.door = replace(
        state.door, inst=replace(state.door.inst, settings=replace(door.inst.settings, portal_url=URL))
    )
    with answering():
        problem(door.get(path), 409, "nothing-due")
        door.notify(paid(asked["reference"], asked["amount"], "GD1"))
        door.work_off()
        got = door.get(path)
        assert (got.status_code, got.headers["content-type"]) == (200, "application/pdf")
        assert got.content.startswith(b"%PDF-")
        assert door.get(path, by="nobody").status_code == 403
        problem(door.get("/attempts/HJQPM5YNFT97/receipt"), 404, "unknown-reference")


def test_a_lump_a_returned_payout_and_a_case_are_decided_over_http(door: FrontDoor) -> None:
    story = door.story
    refs = [attempt(story, name, "2026-07") for name in ("A1", "A2")]
    amounts = [door.get(f"/attempts/{ref}").json()["amount"] for ref in refs]
    on = date(2026, 7, 13)
    story.tell(*(told(f"pi_{n}", refs[n], amounts[n], on=on) for n in (0, 1)))
    lines = [line(n + 1, K.COLLECTION, f"pi_{n}", amounts[n], 300, refs[n]) for n in (0, 1)]
    take(story, settled(*lines), unit="A", on=on)
    net = sum(amounts) - 600
    story.bank("A", on, into("po", on, net, content="CONG TY THE"))
    clock(door, 14)
    (item,) = [one for one in door.get("/units/A/open-items").json()["open"] if one["what"] == "suspense"]
    body = {"unit": "A", "item": item["item"], "reason": "cổng thẻ xác nhận"}
    wrong = door.post("/settlements/gateway/po_1NOBODYTOLDOFIT/lump", body)
    problem(wrong, 409, "decision-state")
    made = door.post("/settlements/gateway/po_1QhXyZ2eZvKYlo2C/lump", body).json()["answer"]
    assert (made["outcome"], made["payments"]) == ("settlement-lump", 2)
    kept(door)
    back = date(2026, 7, 14)
    story.bank("A", back, out("back", back, net, content="HOAN PO_1QHXYZ2EZVKYLO2C"))
    case = told("dp_1", "pi_0", amounts[0], source="gateway:case:lost", status=NoticeStatus.PENDING, on=back)
    assert story.tell(case) == ["case-told"]
    (shown,) = door.get("/units/A/channel-cases").json()["cases"]
    assert (shown["missing"], shown["last_word"]) == (amounts[0], "lost")
    body = {"unit": "A", "item": shown["case"], "kind": "open-again", "reason": "thua", "document": "QĐ-1"}
    number = door.post("/open-items/decisions", body).json()["answer"]["decision_id"]
    story.do("A-BT", back, ApproveDecision(unit_id=UnitId("A"), decision_id=number))
    assert door.get("/units/A/channel-cases").json()["cases"][0]["missing"] == 0
    kept(door)


def test_no_attempt_is_opened_whose_money_a_lump_could_not_clear(door: FrontDoor) -> None:
    inst = replace(
        door.inst,
        settings=replace(door.inst.settings, gateway_unit="HP", gateway_url="https://gateway.test", gateway_key="sk"),
    )
    asked = ask.OpenDuesAttempt(unit_id=UnitId("A"), member_id=MemberId("A1"), month=Month("2026-07"))
    act = Act(actor="A-TP", at=at(DAY), command_id=uuid4())
    with pytest.raises(Refusal) as refused:
        flow.open_attempt(inst, ask.OpenOnRail(unit_id=UnitId("A"), rail="gateway", asked=asked), act)
    assert refused.value.code == "other-holder"
    assert json.dumps(refused.value.details) == '{"holder": "A", "paid_to": "HP"}'
