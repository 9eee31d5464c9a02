"""Webhooks of the gateway: whose signature is believed, for how long, and what each event says."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.gateway.webhook import accept
from domain.notice import NoticeStatus, PaymentNotice, Rejection
from tests.gateway_machine import NOW, SECRET, Gateway, event, signed

AT = datetime.fromtimestamp(NOW, UTC)
VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "payment_signature_vectors.json"


def paid() -> bytes:
    gateway = Gateway()
    return event("payment_intent.succeeded", gateway.succeed(gateway.create(60_000, "HJQPM5YNFT97")["id"]))


def code(raw: bytes, headers: dict[str, str], at: datetime = AT, *secrets: str) -> str:
    found = accept(raw, headers, at, secrets=secrets or (SECRET,))
    return found.code if isinstance(found, Rejection) else str(found.status)


def test_the_published_vector_is_believed() -> None:
    if not VECTORS.exists():
        pytest.skip("../shared is missing: the signature vectors cannot be checked")
    told = json.loads(VECTORS.read_text(encoding="utf-8"))
    vectors = told if isinstance(told, list) else told["vectors"]
    (vector,) = [one for one in vectors if one["id"] == "stripe-webhook"]
    at = datetime.fromtimestamp(1_777_600_000, UTC)
    raw, headers = vector["body_raw"].encode(), {"stripe-signature": vector["header"]}
    assert code(raw, headers, at, vector["secret"]) != "bad-signature"
    assert code(raw + b" ", headers, at, vector["secret"]) == "bad-signature"


def test_a_payment_that_succeeded_is_a_notice_in_whole_dong() -> None:
    raw = paid()
    found = accept(raw, signed(raw, SECRET), AT, secrets=(SECRET,))
    assert isinstance(found, PaymentNotice)
    assert (found.source, found.reference, found.amount) == ("gateway", "HJQPM5YNFT97", 60_000)
    assert found.status is NoticeStatus.PAID


def test_while_a_secret_is_replaced_either_one_is_believed() -> None:
    raw = paid()
    assert code(raw, signed(raw, "whsec_old"), AT, "whsec_new", "whsec_old") == "paid"
    assert code(raw, signed(raw, "whsec_old", "whsec_new"), AT, "whsec_new") == "paid"
    assert code(raw, signed(raw, "whsec_old"), AT, "whsec_new") == "bad-signature"


def test_a_message_may_be_five_minutes_old_and_no_more() -> None:
    raw = paid()
    assert code(raw, signed(raw, SECRET), AT + timedelta(seconds=300)) == "paid"
    assert code(raw, signed(raw, SECRET), AT + timedelta(seconds=301)) == "stale"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=aa",
        f"t={NOW},v0=aa",
        f"t={NOW},t={NOW},v1=aa",
        "t=x,v1=aa",
        f"t={NOW},v1=é",
        f"t={NOW}" + "," * 99,
    ],
)
def test_a_header_without_a_true_signature_is_not_believed(header: str) -> None:
    assert code(paid(), {"Stripe-Signature": header}) == "bad-signature"


def test_without_a_secret_nothing_is_believed() -> None:
    raw = paid()
    found = accept(raw, signed(raw, ""), AT, secrets=())
    assert isinstance(found, Rejection)


def test_changed_bytes_are_not_believed() -> None:
    raw = paid()
    assert code(raw.replace(b"60000", b"90000"), signed(raw, SECRET)) == "bad-signature"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "processing"}, "pending"),
        ({"status": "requires_action"}, "pending"),
        ({"status": "canceled"}, "failed"),
        ({"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}, "failed"),
        ({"status": "requires_payment_method"}, "not-money"),
        ({"status": "new_word"}, "unknown"),
        ({"status": "succeeded", "amount_received": 0}, "bad-format"),
        ({"currency": "usd"}, "bad-format"),
        ({"status": "processing", "amount": 1.5}, "bad-format"),
    ],
)
def test_an_intent_says_what_its_own_state_says(change: dict[str, object], expected: str) -> None:
    intent = Gateway().create(60_000, "HJQPM5YNFT97") | change
    raw = event("payment_intent.updated", intent)
    assert code(raw, signed(raw, SECRET)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", "pending"), ("succeeded", "paid"), ("failed", "failed"), ("canceled", "failed")],
)
def test_a_refund_speaks_under_a_source_of_its_own(status: str, expected: str) -> None:
    gateway = Gateway()
    refund = gateway.refund(gateway.create(60_000, "R")["id"], 60_000, "HT-01") | {"status": status}
    raw = event("refund.updated", refund)
    found = accept(raw, signed(raw, SECRET), AT, secrets=(SECRET,))
    assert isinstance(found, PaymentNotice)
    assert (found.source, found.reference, str(found.status)) == ("gateway:refund", "HT-01", expected)


@pytest.mark.parametrize("kind", ["payout.paid", "charge.succeeded", "customer.created"])
def test_events_that_tell_of_no_payment_are_kept_and_not_used(kind: str) -> None:
    raw = event(kind, {"id": "x_1"})
    assert code(raw, signed(raw, SECRET)) == "not-money"
