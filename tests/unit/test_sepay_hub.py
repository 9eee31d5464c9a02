"""SePay's Bank Hub: who is believed, what becomes a notice, and what does not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.bank.webhooks import accept_sepay, accept_sepay_hub
from domain.notice import NoticeStatus, PaymentNotice, Rejection

NOW = datetime(2026, 7, 4, 4, 8, 40, tzinfo=UTC)
HUB: dict[str, Any] = {
    "gateway": "Vietcombank",
    "transaction_date": "2026-07-04 11:08:33",
    "account_number": "0011001234567",
    "bank_account_xid": "xid-1",
    "va": "VA0001",
    "payment_code": None,
    "content": "MBVCB.123.HJQPM5YNFT97.CT tu NGUYEN VAN A",
    "transfer_type": "credit",
    "amount": 60_000,
    "reference_code": "5078.12345",
    "accumulated": 0,
    "transaction_id": "hub-1",
}


def bin_of(name: str) -> str | None:
    return {"Vietcombank": "970436"}.get(name)


def hub(headers: dict[str, str] | None = None, **changes: Any) -> PaymentNotice | Rejection:
    body = json.dumps({**HUB, **changes}).encode()
    return accept_sepay_hub(
        body, {"authorization": "Apikey k"} if headers is None else headers, NOW, secret="k", bin_of=bin_of
    )


def test_a_hub_credit_names_the_same_money_as_the_other_webhook_of_the_same_bank_line() -> None:
    notice = hub()
    assert isinstance(notice, PaymentNotice)
    assert (notice.source, notice.outside_reference) == ("bank:970436:0011001234567", "5078.12345")
    assert (notice.amount, notice.status, notice.reference) == (60_000, NoticeStatus.PAID, None)
    assert notice.paid_at.isoformat() == "2026-07-04T11:08:33+07:00"
    other = json.dumps(
        {
            "id": 7,
            "gateway": "Vietcombank",
            "transactionDate": "2026-07-04 11:08:33",
            "accountNumber": "0011001234567",
            "content": HUB["content"],
            "transferType": "in",
            "transferAmount": 60_000,
            "referenceCode": "5078.12345",
        }
    ).encode()
    assert accept_sepay(other, {"Authorization": "Apikey k"}, NOW, api_key="k", bin_of=bin_of) == notice


def test_without_a_bank_reference_the_hubs_own_id_names_the_payment() -> None:
    notice = hub(reference_code=None)
    assert isinstance(notice, PaymentNotice)
    assert notice.outside_reference == "sepay-hub:hub-1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transfer_type": "debit"}, "not-credit"),
        ({"transfer_type": "in"}, "bad-format"),
        ({"transaction_id": ""}, "bad-format"),
        ({"transaction_id": 5}, "bad-format"),
        ({"amount": 0}, "bad-format"),
        ({"amount": "60000"}, "bad-format"),
        ({"amount": 1.5}, "bad-format"),
        ({"gateway": "Ngân hàng lạ"}, "unknown-bank"),
        ({"account_number": "12 34"}, "bad-format"),
        ({"transaction_date": "04/07/2026"}, "bad-format"),
    ],
)
def test_what_is_no_readable_credit_is_rejected_with_its_reason(changes: dict[str, Any], code: str) -> None:
    outcome = hub(**changes)
    assert isinstance(outcome, Rejection)
    assert outcome.code == code


@pytest.mark.parametrize("value", ["", "k", "Apikey", "Apikey x", "Bearer k"])
def test_without_the_right_key_nobody_is_believed(value: str) -> None:
    outcome = hub({"Authorization": value})
    assert isinstance(outcome, Rejection)
    assert outcome.code == "bad-signature"


def test_an_unset_secret_believes_nobody_however_the_message_is_signed() -> None:
    body = json.dumps(HUB).encode()
    moment = str(int(NOW.timestamp()))
    forged = hmac.new(b"", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    for headers in (
        {"Authorization": "Apikey "},
        {"X-SePay-Signature": f"sha256={forged}", "X-SePay-Timestamp": moment},
    ):
        outcome = accept_sepay_hub(body, headers, NOW, secret="", bin_of=bin_of)
        assert isinstance(outcome, Rejection)


@pytest.mark.parametrize(("shift", "tamper", "code"), [(0, b"", None), (301, b"", "stale"), (0, b" ", "bad-signature")])
def test_a_signed_message_is_judged_by_its_signature_and_age(shift: int, tamper: bytes, code: str | None) -> None:
    body = json.dumps(HUB).encode()
    moment = str(int((NOW + timedelta(seconds=shift)).timestamp()))
    signed = hmac.new(b"k", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    # A right key beside a wrong signature does not help: whoever signs is judged by the signature.
    headers = {"X-SePay-Timestamp": moment, "X-SePay-Signature": f"sha256={signed}", "Authorization": "Apikey k"}
    outcome = accept_sepay_hub(body + tamper, headers, NOW, secret="k", bin_of=bin_of)
    assert (outcome.code if isinstance(outcome, Rejection) else None) == code
