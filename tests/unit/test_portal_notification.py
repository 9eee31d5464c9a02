"""What the portal's notifications become, what is rejected and why, and how each is answered."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.inbound import MAX_BODY, VIETNAM
from adapters.portal import signature
from adapters.portal.notification import accept, accept_query_answer, acknowledge
from adapters.sandbox.portal import signed_notification
from domain.notice import NoticeStatus, PaymentNotice, Rejection

NOW = datetime(2026, 7, 5, 3, 0, tzinfo=UTC)
PAID_AT = datetime(2026, 7, 4, 14, 32, 12, tzinfo=VIETNAM)
SECRET = "bi-mat"


def raw(**changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "partner": "DANGPHI",
        "secret": SECRET,
        "reference": "HJQPM5YNFT97",
        "amount": 60_000,
        "transaction_id": "PP0000000001",
        "paid_at": PAID_AT,
    }
    return signed_notification(**{**fields, **changes})


def take(body: bytes, headers: dict[str, str] | None = None) -> PaymentNotice | Rejection:
    return accept(body, headers or {}, NOW, partner="DANGPHI", secret=SECRET)


def resigned(**changes: Any) -> bytes:
    """A notification changed after the fact and signed again, as a faulty but honest portal would send it."""
    fields = {**json.loads(raw()), **changes}
    texts = {name: "" if fields.get(name) is None else str(fields[name]) for name in signature.NOTIFICATION}
    fields["MaXacThuc"] = hashlib.sha256("|".join([*texts.values(), SECRET]).encode()).hexdigest()
    return json.dumps(fields).encode()


def test_a_signed_success_becomes_a_paid_notice() -> None:
    assert take(raw()) == PaymentNotice(
        source="portal",
        outside_reference="PP0000000001",
        reference="HJQPM5YNFT97",
        status=NoticeStatus.PAID,
        amount=60_000,
        paid_at=PAID_AT,
        account_number=None,
        content="NOP DANG PHI HJQPM5YNFT97",
        bank="VIETCOMBANK",
    )


def test_paid_at_is_vietnamese_time_whatever_zone_the_sender_thinks_in() -> None:
    notice = take(raw(paid_at=datetime(2026, 7, 4, 17, 30, tzinfo=UTC)))
    assert isinstance(notice, PaymentNotice)
    assert notice.paid_at.isoformat() == "2026-07-05T00:30:00+07:00"


@pytest.mark.parametrize(
    ("code", "status"),
    [("00", NoticeStatus.PAID), ("99", NoticeStatus.FAILED), ("06", NoticeStatus.FAILED), ("42", NoticeStatus.UNKNOWN)],
)
def test_the_error_code_decides_the_status(code: str, status: NoticeStatus) -> None:
    notice = take(raw(code=code))
    assert isinstance(notice, PaymentNotice)
    assert notice.status is status


def test_a_failed_notice_never_takes_the_name_of_money_that_may_still_come() -> None:
    failed, paid = take(raw(code="99")), take(raw())
    nameless = take(raw(code="99", transaction_id="", bank=""))
    assert isinstance(failed, PaymentNotice)
    assert isinstance(paid, PaymentNotice)
    assert isinstance(nameless, PaymentNotice)
    assert failed.outside_reference == "PP0000000001/failed" != paid.outside_reference
    assert nameless.outside_reference == "HJQPM5YNFT97/20260704143212"
    assert nameless.bank is None


def test_the_amount_may_come_as_digits_and_null_counts_as_empty() -> None:
    notice = take(resigned(SoTien="60000", MaNganHang=None))
    assert isinstance(notice, PaymentNotice)
    assert (notice.amount, notice.bank) == (60_000, None)


def test_a_byte_order_mark_is_no_reason_to_lose_money() -> None:
    assert isinstance(take(b"\xef\xbb\xbf" + raw()), PaymentNotice)


def test_a_foreign_signature_and_a_foreign_partner_are_told_apart() -> None:
    forged = take(raw(secret="khac"))
    stranger = take(raw(partner="AI-DO"))
    assert isinstance(forged, Rejection)
    assert isinstance(stranger, Rejection)
    assert (forged.code, stranger.code) == ("bad-signature", "unknown-partner")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"", {}, id="empty"),
        pytest.param(raw()[:-1], {}, id="cut"),
        pytest.param(b"[]", {}, id="not-an-object"),
        pytest.param(b"[" * 60_000, {}, id="nested"),
        pytest.param(raw() + b" " * MAX_BODY, {}, id="too-large"),
        pytest.param(raw().replace(b'"MaLoi":"00"', b'"MaLoi":"99","MaLoi":"00"'), {}, id="duplicate-key"),
        pytest.param(raw().replace(b":60000", b":NaN"), {}, id="nan"),
        pytest.param(raw().replace(b":60000", b":1e999"), {}, id="infinity"),
        pytest.param(raw().replace(b":60000", b":60000.0"), {}, id="float"),
        pytest.param(raw().replace(b":60000", b":" + b"9" * 5_000), {}, id="huge-integer"),
        pytest.param(raw().decode().encode("utf-16"), {}, id="utf-16"),
        pytest.param(raw(), {"content-type": "application/json; charset=windows-1258"}, id="charset"),
        pytest.param(resigned(SoTien=2**63), {}, id="2^63"),
        pytest.param(resigned(SoTien=-60_000), {}, id="negative"),
        pytest.param(resigned(SoTien=0), {}, id="paid-nothing"),
        pytest.param(resigned(SoTien=True), {}, id="boolean"),
        pytest.param(resigned(SoTien="６００００"), {}, id="unicode-digits"),
        pytest.param(resigned(SoTien="060000"), {}, id="leading-zero"),
        pytest.param(resigned(MaTienTe="USD"), {}, id="currency"),
        pytest.param(resigned(MaThamChieu="HJ QPM5"), {}, id="reference"),
        pytest.param(resigned(MaThamChieu={"a": 1}), {}, id="wrong-type"),
        pytest.param(resigned(MaGiaoDich=""), {}, id="paid-without-id"),
        pytest.param(resigned(ThoiGianGD="20260231143212"), {}, id="no-such-day"),
        pytest.param(resigned(ThoiGianGD="2026-07-04 14:32:12"), {}, id="other-time-format"),
        pytest.param(resigned(ThongTinGiaoDich="A|B"), {}, id="bar"),
        pytest.param(resigned(ThongTinGiaoDich="A\nB"), {}, id="control"),
        pytest.param(raw().replace(b"NOP DANG PHI", b"\\ud800"), {}, id="half-surrogate"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_a_reason(body: bytes, headers: dict[str, str]) -> None:
    outcome = take(body, headers)
    assert isinstance(outcome, Rejection)
    assert outcome.code == "bad-format"
    assert outcome.reason


def answer(outcome: PaymentNotice | Rejection) -> tuple[int, dict[str, str]]:
    status, body = acknowledge(outcome, secret=SECRET, now=NOW, partner="DANGPHI")
    return status, json.loads(body)


def test_a_taken_notice_is_answered_with_00_and_a_signature_of_our_own() -> None:
    incoming = raw()
    status, body = answer(take(incoming))
    claimed = body.pop("MaXacThuc")
    assert (status, body["MaLoi"], body["MaThamChieu"]) == (200, "00", "HJQPM5YNFT97")
    assert body["ThoiGianGD"] == "20260705100000"
    assert claimed == signature.sign(body, signature.ACKNOWLEDGEMENT, SECRET)
    assert claimed != json.loads(incoming)["MaXacThuc"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(raw(secret="khac"), 401, "02"), (b"{", 400, "03"), (raw(partner="X"), 403, "07")],
)
def test_a_rejection_is_answered_in_the_words_of_the_portal(body: bytes, status: int, code: str) -> None:
    got, fields = answer(take(body))
    assert (got, fields["MaLoi"], fields["MaThamChieu"]) == (status, code, "")


def test_a_rejection_of_another_kind_is_other_error() -> None:
    assert answer(Rejection(code="stale", reason=""))[0] == 400
    assert answer(Rejection(code="stale", reason=""))[1]["MaLoi"] == "99"


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        ("1", "00", NoticeStatus.PAID),
        ("1", "99", NoticeStatus.UNKNOWN),
        ("3", "00", NoticeStatus.PENDING),
        ("4", "99", NoticeStatus.FAILED),
        ("7", "00", NoticeStatus.UNKNOWN),
    ],
)
def test_the_answer_to_a_query_is_believed_with_its_state(state: str, code: str, status: NoticeStatus) -> None:
    direct = {**json.loads(raw(code=code)), "TrangThaiGD": state}
    wrapped = {"error_code": "0", "message": json.dumps(direct)}
    for body in (direct, wrapped):
        sent = json.dumps(body).encode()
        notice = accept_query_answer(sent, {}, NOW + timedelta(days=1), partner="DANGPHI", secret=SECRET)
        assert isinstance(notice, PaymentNotice)
        assert notice.status is status


@pytest.mark.parametrize(
    "body", [b'{"error_code":"5"}', b'{"error_code":"0","message":7}', b'{"error_code":"0","message":"\\ud800"}']
)
def test_an_envelope_that_holds_no_answer_is_rejected(body: bytes) -> None:
    outcome = accept_query_answer(body, {}, NOW, partner="DANGPHI", secret=SECRET)
    assert isinstance(outcome, Rejection)
    assert outcome.code == "bad-format"
