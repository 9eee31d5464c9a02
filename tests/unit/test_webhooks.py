"""SePay and Casso webhooks: who is believed, what becomes a notice, and what does not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.bank.webhooks import accept_casso, accept_sepay
from domain.notice import NoticeStatus, PaymentNotice, Rejection

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "payment_signature_vectors.json"
NOW = datetime(2026, 7, 4, 4, 8, 40, tzinfo=UTC)
KEY = {"authorization": "Apikey khoa-thu"}

SEPAY: dict[str, Any] = {
    "id": 92704,
    "gateway": "Vietcombank",
    "transactionDate": "2026-07-04 11:08:33",
    "accountNumber": "0011001234567",
    "subAccount": None,
    "code": "HJQPM5YNFT97",
    "content": "MBVCB.123.HJQPM5YNFT97.CT tu NGUYEN VAN A",
    "transferType": "in",
    "description": "",
    "transferAmount": 60_000,
    "accumulated": 19_077_000.5,
    "referenceCode": "5078.12345",
}
CASSO: dict[str, Any] = {
    "error": 0,
    "data": {
        "id": 31,
        "reference": "FT26185000012345",
        "description": "HJQPM5YNFT97 nộp đảng phí",
        "amount": 60_000,
        "transactionDateTime": "2026-07-04 11:08:33",
        "accountNumber": "0011001234567",
        "bankName": "Vietcombank",
        "bankAbbreviation": "VCB",
        "counterAccountBankName": "VietinBank",
    },
}


def bin_of(name: str) -> str | None:
    return {"Vietcombank": "970436", "VCB": "970436", "VPBank": "970432", "VPB": "970432"}.get(name)


def sepay(headers: dict[str, str] | None = None, **changes: Any) -> PaymentNotice | Rejection:
    body = json.dumps({**SEPAY, **changes}).encode()
    return accept_sepay(body, KEY if headers is None else headers, NOW, api_key="khoa-thu", bin_of=bin_of)


def casso_header(body: dict[str, Any], *, ascii_only: bool = False, secret: str = "s") -> dict[str, str]:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only)
    signed = hmac.new(secret.encode(), f"1783138120000.{text}".encode(), hashlib.sha512).hexdigest()
    return {"x-casso-signature": f"t=1783138120000,v1={signed}"}


def casso(**changes: Any) -> PaymentNotice | Rejection:
    body = {**CASSO, "data": {**CASSO["data"], **changes}}
    return accept_casso(json.dumps(body).encode(), casso_header(body), NOW, secret="s", bin_of=bin_of)


def code_of(outcome: PaymentNotice | Rejection) -> str:
    assert isinstance(outcome, Rejection)
    return outcome.code


def test_a_sepay_credit_becomes_a_notice_named_by_the_bank() -> None:
    notice = sepay()
    assert isinstance(notice, PaymentNotice)
    assert notice.source == "bank:970436:0011001234567"
    assert notice.outside_reference == "5078.12345"
    assert (notice.amount, notice.status, notice.reference) == (60_000, NoticeStatus.PAID, None)
    assert notice.paid_at.isoformat() == "2026-07-04T11:08:33+07:00"
    assert notice.content.startswith("MBVCB.123.HJQPM5YNFT97")


def test_without_a_bank_reference_the_providers_own_id_names_the_payment() -> None:
    notice, other = sepay(referenceCode=None), casso(reference="")
    assert isinstance(notice, PaymentNotice)
    assert isinstance(other, PaymentNotice)
    assert (notice.outside_reference, other.outside_reference) == ("sepay:92704", "casso:31")


@pytest.mark.parametrize("value", ["", "khoa-thu", "Apikey", "Apikey khoa-khac", "Bearer khoa-thu", "Apikey khóa"])
def test_a_sepay_message_without_the_right_key_is_not_believed(value: str) -> None:
    assert code_of(sepay({"Authorization": value})) == "bad-signature"


def test_an_unset_key_believes_nobody() -> None:
    body = json.dumps(SEPAY).encode()
    outcome = accept_sepay(body, {"Authorization": "Apikey "}, NOW, api_key="", bin_of=bin_of)
    assert code_of(outcome) == "bad-signature"


@pytest.mark.parametrize(
    ("shift", "tamper", "expected"),
    [(0, b"", None), (299, b"", None), (301, b"", "stale"), (-301, b"", "stale"), (0, b" ", "bad-signature")],
)
def test_a_sepay_signature_covers_moment_and_body(shift: int, tamper: bytes, expected: str | None) -> None:
    body = json.dumps(SEPAY).encode()
    moment = str(int((NOW + timedelta(seconds=shift)).timestamp()))
    signed = hmac.new(b"ky", f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-SePay-Timestamp": moment, "X-SePay-Signature": f"sha256={signed}"}
    outcome = accept_sepay(body + tamper, headers, NOW, api_key="", bin_of=bin_of, hmac_secret="ky")
    assert (outcome.code if isinstance(outcome, Rejection) else None) == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"transferType": "out"}, "not-credit"),
        ({"transferType": "sideways"}, "bad-format"),
        ({"id": 0}, "test-message"),
        ({"gateway": "Ngân hàng lạ"}, "unknown-bank"),
        ({"transferAmount": 60_000.0}, "bad-format"),
        ({"transferAmount": "60000"}, "bad-format"),
        ({"transferAmount": 0}, "bad-format"),
        ({"transferAmount": -5}, "bad-format"),
        ({"transferAmount": 2**63}, "bad-format"),
        ({"transferAmount": True}, "bad-format"),
        ({"transactionDate": "04/07/2026 11:08:33"}, "bad-format"),
        ({"accountNumber": "0011/../x"}, "bad-format"),
        ({"accountNumber": None}, "bad-format"),
        ({"content": 5}, "bad-format"),
        ({"content": "\ud800"}, "bad-format"),
        ({"referenceCode": None, "id": "x"}, "bad-format"),
    ],
)
def test_a_sepay_message_that_is_no_credit_is_rejected_by_name(changes: dict[str, Any], code: str) -> None:
    assert code_of(sepay(**changes)) == code


def test_casso_agrees_with_the_published_vector_which_is_a_test_message() -> None:
    if not SHARED.exists():
        pytest.skip(f"the shared vectors are missing: {SHARED.name}")
    vectors = json.loads(SHARED.read_text(encoding="utf-8"))["vectors"]
    vector = next(v for v in vectors if v["id"] == "casso-v2")
    body = json.dumps(vector["body"], indent=1).encode()
    headers = {"X-Casso-Signature": vector["header"]}
    assert code_of(accept_casso(body, headers, NOW, secret=vector["secret"], bin_of=bin_of)) == "test-message"
    assert code_of(accept_casso(body, headers, NOW, secret="khac", bin_of=bin_of)) == "bad-signature"
    changed = body.replace(b"599000", b"599001")
    assert code_of(accept_casso(changed, headers, NOW, secret=vector["secret"], bin_of=bin_of)) == "bad-signature"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_casso_is_believed_with_letters_escaped_or_not(ascii_only: bool) -> None:
    headers = casso_header(CASSO, ascii_only=ascii_only)
    notice = accept_casso(json.dumps(CASSO).encode(), headers, NOW, secret="s", bin_of=bin_of)
    assert isinstance(notice, PaymentNotice)
    assert notice.source == "bank:970436:0011001234567"
    assert notice.outside_reference == "FT26185000012345"
    assert notice.content == "HJQPM5YNFT97 nộp đảng phí"
    assert notice.bank == "VietinBank"


def test_a_second_signature_in_the_header_may_be_the_right_one() -> None:
    right = casso_header(CASSO)["x-casso-signature"].partition("v1=")[2]
    headers = {"X-Casso-Signature": f"t=1783138120000,v1=00,v1={right}"}
    assert isinstance(accept_casso(json.dumps(CASSO).encode(), headers, NOW, secret="s", bin_of=bin_of), PaymentNotice)


def test_an_old_casso_message_is_stale_only_where_a_tolerance_is_set() -> None:
    body, headers = json.dumps(CASSO).encode(), casso_header(CASSO)
    later = NOW + timedelta(days=2)
    strict = accept_casso(body, headers, later, secret="s", bin_of=bin_of, tolerance=timedelta(minutes=5))
    assert code_of(strict) == "stale"
    assert isinstance(accept_casso(body, headers, later, secret="s", bin_of=bin_of), PaymentNotice)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": -60_000}, "not-credit"),
        ({"amount": 0}, "bad-format"),
        ({"amount": 60_000.5}, "bad-format"),
        ({"id": 0}, "test-message"),
        ({"bankName": "?", "bankAbbreviation": "?"}, "unknown-bank"),
    ],
)
def test_a_casso_message_that_is_no_credit_is_rejected_by_name(changes: dict[str, Any], code: str) -> None:
    assert code_of(casso(**changes)) == code


def test_a_bank_is_found_by_its_name_where_the_abbreviation_says_nothing() -> None:
    assert isinstance(casso(bankAbbreviation="XYZ"), PaymentNotice)


def test_an_empty_casso_secret_believes_nobody() -> None:
    headers = casso_header(CASSO, secret="")
    assert code_of(accept_casso(json.dumps(CASSO).encode(), headers, NOW, secret="", bin_of=bin_of)) == "bad-signature"


def test_the_first_version_of_casso_is_refused_by_name() -> None:
    body = {"error": 0, "data": [CASSO["data"]]}
    outcome = accept_casso(json.dumps(body).encode(), casso_header(body), NOW, secret="s", bin_of=bin_of)
    assert isinstance(outcome, Rejection)
    assert "v1" in outcome.reason
