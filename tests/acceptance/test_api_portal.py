"""The portal knocks: believed or rejected, kept before it is answered, one payment however often it comes."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.portal import signature
from api.flows.notices import work_off_inbox
from api.http.callbacks import RejectedMeter
from domain.payment import Payment
from tests.acceptance.front_door import FrontDoor, casso, paid, sepay


def portal_says(door: FrontDoor, body: bytes, **headers: str) -> tuple[int, str]:
    answer = door.notify(body, **headers)
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    signed = {name: str(value) for name, value in told.items()}
    assert signature.is_signed(signed, signature.ACKNOWLEDGEMENT, "secret", told["MaXacThuc"])
    return answer.status_code, told["MaLoi"]


def payments(door: FrontDoor) -> list[str]:
    events = door.inst.store.read(0, 100_000, ("payment-received",))
    return [f"{e.event.source}/{e.event.outside_reference}" for e in events]


def test_a_notification_is_kept_answered_00_and_worked_off_into_the_member_s_dues(door):
    opened = door.attempt("A1")
    assert portal_says(door, paid(opened["reference"], opened["amount"], "GD1")) == (200, "00")
    assert payments(door) == [], "nothing is decided while the portal waits"
    door.work_off()
    assert payments(door) == ["portal/GD1"]
    shown = door.get(f"/requests/{opened['reference']}").json()
    assert (shown["received"], shown["payments"]) == (
        opened["amount"],
        [{"payment": "portal/GD1", "amount": opened["amount"]}],
    )
    found = door.inst.ledger.work().payment("portal/GD1")
    assert isinstance(found, Payment)
    evidence = door.inst.evidence.fetch(found.received.evidence_id)
    assert evidence is not None
    assert json.loads(evidence.content)["MaGiaoDich"] == "GD1"


def test_a_hundred_at_once_and_again_later_are_one_payment_and_all_answered_alike(door):
    """F37."""
    opened = door.attempt("A1")
    body = paid(opened["reference"], opened["amount"], "GD1")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: portal_says(door, body), range(100)))
    assert set(answers) == {(200, "00")}
    door.work_off()
    assert portal_says(door, body) == (200, "00")
    door.work_off()
    assert payments(door) == ["portal/GD1"]
    assert door.inst.inbox.state().waiting == 0


def test_a_bad_signature_is_kept_as_rejected_answered_401_and_takes_nobody_s_place(door):
    opened = door.attempt("A1")
    forged = paid(opened["reference"], opened["amount"], "GD1", secret="guessed")
    assert portal_says(door, forged) == (401, "02")
    assert portal_says(door, forged) == (401, "02")
    kept = door.inst.inbox.get(1)
    assert (kept.message.verdict, kept.message.reject_code, kept.message.body) == ("rejected", "bad-signature", forged)
    assert door.inst.inbox.get(2) is None, "the same forgery again does not fill the disk"
    assert portal_says(door, paid(opened["reference"], opened["amount"], "GD1")) == (200, "00")
    door.work_off()
    assert payments(door) == ["portal/GD1"]


def test_a_wrong_amount_is_acknowledged_and_becomes_a_conflict_case_without_money(door):
    opened = door.attempt("A1")
    assert portal_says(door, paid(opened["reference"], opened["amount"] - 1, "GD1")) == (200, "00")
    door.work_off()
    assert payments(door) == []
    (case,) = door.inst.store.read(0, 100_000, ("payment-conflicted",))
    assert (case.event.reason, case.event.stated, case.event.expected) == (
        "amount-differs",
        opened["amount"] - 1,
        opened["amount"],
    )


def test_the_same_id_with_another_amount_never_changes_money(door):
    opened = door.attempt("A1")
    portal_says(door, paid(opened["reference"], opened["amount"], "GD1"))
    portal_says(door, paid(opened["reference"], opened["amount"] + 5, "GD1"))
    door.work_off()
    assert payments(door) == ["portal/GD1"]
    assert len(door.inst.store.read(0, 100_000, ("payment-conflicted",))) == 1


def test_an_unknown_reference_is_taken_and_becomes_a_case(door):
    assert portal_says(door, paid("HJ000000000X", 50_000, "GD9")) == (200, "00")
    door.work_off()
    assert [e.event.reason for e in door.inst.store.read(0, 100_000, ("payment-conflicted",))] == ["unknown-reference"]


GOOD = json.loads(paid("HJQPM5YNFT97", 50_000, "GD1"))
BAD_BODIES = {
    "cut": json.dumps(GOOD).encode()[:-7],
    "empty": b"",
    "no object": b"[1]",
    "deep": b"[" * 30_000,
    "twice": b'{"SoTien":1,"SoTien":2}',
    "float amount": json.dumps({**GOOD, "SoTien": 50000.0}).encode(),
    "boolean amount": json.dumps({**GOOD, "SoTien": True}).encode(),
    "2^63, signed": paid("HJQPM5YNFT97", 2**63, "GD1"),
    "negative, signed": paid("HJQPM5YNFT97", -50_000, "GD1"),
    "nothing, signed": paid("HJQPM5YNFT97", 0, "GD1"),
    "an amount of 40 digits": json.dumps({**GOOD, "SoTien": 10**40}).encode(),
    "list for text": json.dumps({**GOOD, "MaGiaoDich": ["GD1"]}).encode(),
    "latin-1": json.dumps({**GOOD, "ThongTinGiaoDich": "Đảng"}, ensure_ascii=False).encode("utf-16"),
    "half a surrogate": json.dumps({**GOOD, "MaThamChieu": "\ud800"}).encode(),
}


@pytest.mark.parametrize("what", BAD_BODIES)
def test_what_is_no_notification_is_kept_and_answered_400_in_the_portal_s_words(door, what):
    assert portal_says(door, BAD_BODIES[what]) == (400, "03")
    kept = door.inst.inbox.get(1)
    assert (kept.message.verdict, kept.message.body) == ("rejected", BAD_BODIES[what])


def test_a_gzipped_body_is_not_unpacked(door):
    body = gzip.compress(paid("HJQPM5YNFT97", 50_000, "GD1"))
    assert portal_says(door, body, **{"content-encoding": "gzip"}) == (400, "03")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10_000_000])
def test_a_body_over_64_kib_is_refused_and_not_kept(door, size):
    answer = door.notify(b"x" * size)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert door.inst.inbox.get(1) is None


def test_a_body_longer_than_announced_is_refused_too(door):
    def chunks():
        for _ in range(100):
            yield b"x" * 1024

    answer = door.client.post("/callbacks/portal", content=chunks())
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_signed_reference_too_long_to_be_a_name_is_rejected(door):
    assert portal_says(door, paid("HJQPM5YNFT97", 50_000, "G" * 201)) == (400, "03")


def test_strangers_cannot_fill_the_disk_but_the_signed_are_never_held_up(door):
    door.app.state.rejected = RejectedMeter(3)
    codes = [door.notify(f"junk {n}".encode()).status_code for n in range(5)]
    assert codes == [400, 400, 400, 429, 429]
    opened = door.attempt("A1")
    assert portal_says(door, paid(opened["reference"], opened["amount"], "GD1")) == (200, "00")


def test_the_bank_s_webhooks_and_the_portal_tell_of_money_once_each(door):
    """SePay and Casso report the same transfer: one payment (I3)."""
    reference = door.story.reference("B1", "2026-07")
    told = door.client.post(
        "/webhooks/sepay", json=sepay(reference, 98_765, "FT77"), headers={"authorization": "Apikey khoa-sepay"}
    )
    assert (told.status_code, told.json()) == (200, {"success": True})
    body, headers = casso(reference, 98_765, "FT77")
    assert door.client.post("/webhooks/casso", content=body, headers=headers).status_code == 200
    door.work_off()
    assert payments(door) == ["bank:970436:00VH/FT77"]


def test_a_webhook_without_its_key_is_kept_and_answered_401(door):
    answer = door.client.post("/webhooks/sepay", json=sepay("HJQPM5YNFT97", 1, "FT1"))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad-signature")
    body, _ = casso("HJQPM5YNFT97", 1, "FT1")
    assert door.client.post("/webhooks/casso", content=body).status_code == 401
    assert [door.inst.inbox.get(n).message.verdict for n in (1, 2)] == ["rejected", "rejected"]


@pytest.mark.parametrize("change", [{"id": 0}, {"transferType": "out"}, {"gateway": "Ngân hàng Lạ"}])
def test_a_webhook_that_brings_no_money_is_not_sent_again(door, change):
    headers = {"authorization": "Apikey khoa-sepay"}
    body = {**sepay("HJQPM5YNFT97", 1000, "FT1"), **change}
    assert door.client.post("/webhooks/sepay", json=body, headers=headers).status_code == 200
    door.work_off()
    assert payments(door) == []


def test_a_message_that_cannot_be_worked_on_is_parked_and_the_others_go_on(door):
    bad, good = door.attempt("A1"), door.attempt("A2")
    portal_says(door, paid(bad["reference"], bad["amount"], "GD1"))
    portal_says(door, paid(good["reference"], good["amount"], "GD2"))
    settings = door.inst.settings
    changed = replace(door.inst, settings=replace(settings, portal_secret="rotated"))
    portal = work_off_inbox(changed, door.clock.now(), 1)
    assert (portal.taken, portal.parked) == (1, 1), "its signature no longer holds under the new secret"
    door.work_off()
    assert payments(door) == ["portal/GD2"]
    assert door.inst.inbox.state().parked == 1
    assert door.inst.inbox.unpark() == 1
    door.work_off()
    assert sorted(payments(door)) == ["portal/GD1", "portal/GD2"]
