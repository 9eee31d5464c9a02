"""Messages of strangers: webhooks, the portal, the gateway, settlement files and QR codes are all answered.

Each body is signed rightly as it is, so that the damage reaches the reader behind the check. See
``test_fuzz_statements`` for ``DANGPHI_FUZZ_EXAMPLES``.
"""

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.bank.webhooks import accept_casso, accept_sepay, accept_sepay_hub
from adapters.gateway.payout import read_payout
from adapters.gateway.webhook import accept as accept_gateway
from adapters.portal.bills import read_look_up
from adapters.portal.messages import open_envelope, read_init_answer
from adapters.portal.notification import accept, accept_query_answer
from adapters.portal.settlement import line_signature, read_settlement, sealed
from adapters.sandbox.portal import signed_notification
from adapters.vietqr.decode import decode
from adapters.vietqr.payload import encode
from domain.errors import Malformed, Refusal
from domain.notice import PaymentNotice, Rejection
from tests.properties.mutations import mutated

EXAMPLES = int(os.environ.get("DANGPHI_FUZZ_EXAMPLES", "60"))
LIMITS = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NOW = datetime(2026, 7, 5, 3, 0, tzinfo=UTC)


def bin_of(name: str) -> str | None:
    return "970436" if name == "Vietcombank" else None


def signed(body: bytes, kind: str) -> dict[str, str]:
    moment = str(int(NOW.timestamp()))
    if kind == "casso":
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            message = f"{moment}000.{text}".encode("utf-8", "surrogatepass")
            return {"X-Casso-Signature": f"t={moment}000,v1={hmac.new(b'k', message, hashlib.sha512).hexdigest()}"}
    digest = hmac.new(b"k", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Authorization": "Apikey k",
        "X-SePay-Timestamp": moment,
        "X-SePay-Signature": f"sha256={digest}",
        "Stripe-Signature": f"t={moment},v1={digest}",
    }


SEPAY: dict[str, Any] = {
    "id": 1,
    "gateway": "Vietcombank",
    "transactionDate": "2026-07-04 11:08:33",
    "accountNumber": "0011001234567",
    "content": "HJQPM5YNFT97",
    "transferType": "in",
    "transferAmount": 60_000,
    "referenceCode": "FT1",
}
HUB: dict[str, Any] = {
    "gateway": "Vietcombank",
    "transaction_date": "2026-07-04 11:08:33",
    "account_number": "0011001234567",
    "content": "HJQPM5YNFT97",
    "transfer_type": "credit",
    "amount": 60_000,
    "reference_code": "FT1",
    "transaction_id": "hub-1",
}
CASSO: dict[str, Any] = {
    "error": 0,
    "data": {
        "id": 31,
        "reference": "FT1",
        "description": "HJQPM5YNFT97",
        "amount": 60_000,
        "transactionDateTime": "2026-07-04 11:08:33",
        "accountNumber": "0011001234567",
        "bankAbbreviation": "Vietcombank",
    },
}
INTENT: dict[str, Any] = {
    "id": "evt_1",
    "type": "payment_intent.succeeded",
    "created": int(NOW.timestamp()),
    "data": {
        "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "amount": 60_000,
            "amount_received": 60_000,
            "currency": "vnd",
            "status": "succeeded",
            "created": int(NOW.timestamp()),
            "metadata": {"reference": "HJQPM5YNFT97"},
        }
    },
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def bodies(draw: st.DrawFn, valid: dict[str, Any]) -> bytes:
    """A body with members replaced, taken out or added at any depth, or damaged as bytes."""
    if draw(st.booleans()):
        return draw(mutated(json.dumps(valid).encode()))
    copy = json.loads(json.dumps(valid))
    for _ in range(draw(st.integers(1, 3))):
        at = copy
        while (inner := [one for one in at.values() if isinstance(one, dict) and one]) and draw(st.booleans()):
            at = draw(st.sampled_from(inner))
        name = draw(st.sampled_from(sorted(at)) | st.text(max_size=6)) if at else "x"
        if draw(st.integers(0, 3)) == 0:
            at.pop(name, None)
        else:
            at[name] = draw(JSON)
    return json.dumps(copy).encode()


READERS: dict[str, tuple[dict[str, Any], Callable[[bytes, dict[str, str]], PaymentNotice | Rejection]]] = {
    "sepay": (SEPAY, lambda raw, head: accept_sepay(raw, head, NOW, api_key="k", bin_of=bin_of, hmac_secret="k")),
    "sepay-hub": (HUB, lambda raw, head: accept_sepay_hub(raw, head, NOW, secret="k", bin_of=bin_of)),
    "casso": (CASSO, lambda raw, head: accept_casso(raw, head, NOW, secret="k", bin_of=bin_of)),
    "gateway": (INTENT, lambda raw, head: accept_gateway(raw, head, NOW, secrets=("old", "k"))),
}


@pytest.mark.parametrize("kind", sorted(READERS))
@settings(LIMITS, max_examples=EXAMPLES * 3)
@given(st.data())
def test_a_rightly_signed_message_of_any_body_is_a_notice_or_a_rejection(kind: str, data: st.DataObject) -> None:
    valid, read = READERS[kind]
    good = json.dumps(valid).encode()
    assert isinstance(read(good, signed(good, kind)), PaymentNotice)
    body = data.draw(bodies(valid))
    outcome = read(body, signed(body, kind))
    assert isinstance(outcome, PaymentNotice | Rejection)
    if isinstance(outcome, PaymentNotice):
        assert outcome.amount >= 0
        assert outcome.outside_reference
        # What is believed can be kept: text that no database takes must not get this far.
        json.dumps([outcome.content, outcome.outside_reference, outcome.payer_account], ensure_ascii=False).encode()
    unsigned = read(body, dict.fromkeys(signed(body, kind), "x"))
    assert isinstance(unsigned, Rejection)


NOTIFICATION = signed_notification(
    partner="P",
    secret="s",
    reference="HJQPM5YNFT97",
    amount=60_000,
    transaction_id="PP1",
    paid_at=NOW,
)


@settings(LIMITS, max_examples=EXAMPLES * 3)
@given(bodies(json.loads(NOTIFICATION)))
def test_portal_messages_of_any_body_are_answered(body: bytes) -> None:
    for check in (accept, accept_query_answer):
        assert isinstance(check(body, {}, NOW, partner="P", secret="s"), PaymentNotice | Rejection)
    for read in (open_envelope, read_init_answer, read_look_up):
        with contextlib.suppress(Malformed, Refusal):
            read(body, {})


def settlement_file() -> bytes:
    """One day of one payment in the layout of the portal's settlement (payments §3.3)."""
    values = [
        *("D", "1", "HJQPM5YNFT97", "PP1", "", "60000", "VND", "VIETCOMBANK", "20260704091500", "20260704091501"),
        *("THU", "1", "0011001234567", "0", "60000", "NOP DANG PHI"),
    ]
    line = "|".join([*values, line_signature(values, "s")])
    return sealed(["H|1.0|P|20260704|20260704", line], 60_000)


@settings(LIMITS, max_examples=EXAMPLES * 3)
@given(mutated(settlement_file()))
def test_a_damaged_settlement_file_is_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(Malformed, Refusal):
        read_settlement(data, "20260705_P_1.txt", partner="P", secret="s")


PAYOUT: dict[str, Any] = {
    "payout": {"id": "po_1", "amount": 58_000, "currency": "vnd", "arrival_date": 1783209600, "status": "paid"},
    "transactions": [
        {
            "id": "txn_1",
            "type": "charge",
            "amount": 60_000,
            "fee": 2_000,
            "net": 58_000,
            "currency": "vnd",
            "source": "ch_1",
            "created": 1783209600,
        }
    ],
}


@settings(LIMITS, max_examples=EXAMPLES * 2)
@given(bodies(PAYOUT))
def test_a_payout_document_of_any_body_is_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(Malformed, Refusal):
        read_payout(data, "po_1.json")


QR = encode(bin="970436", account="0011001234567", amount=60_000, content="HJQPM5YNFT97 HP T7")


@settings(LIMITS, max_examples=EXAMPLES * 4)
@given(mutated(QR.encode()) | st.binary(max_size=120) | st.text("0123456789ABCDEF", max_size=200).map(str.encode))
def test_a_damaged_qr_code_is_decoded_with_its_faults(data: bytes) -> None:
    for text in (data.decode("utf-8", "replace"), data.decode("utf-8", "surrogateescape")):
        for lenient in (False, True):
            read = decode(text, lenient=lenient)
            assert read.valid == (not read.errors)
            if text != QR and read.valid and not lenient:
                # Whatever is taken as right carries its own check sum.
                assert read.fields is not None
