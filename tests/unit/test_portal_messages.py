"""What we send to the portal and how its answers are read."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.inbound import VIETNAM
from adapters.portal.messages import (
    InitAnswer,
    InitMessage,
    PayLine,
    Receipt,
    encode_follow_up,
    encode_init,
    get_bill_message,
    init_message,
    query_message,
    read_init_answer,
)
from domain.errors import Malformed, Refusal, RefusalCode

SECRET = "RESEARCH-SECRET-ONLY"
RECEIPT = Receipt(
    lines=(PayLine(content="Đảng phí tháng 4", amount=25_000), PayLine(content="Đảng phí tháng 5", amount=35_000)),
    service_code="DP",
    service_name="Nộp đảng phí",
    procedure_code="1.1",
    procedure_name="Thu nộp đảng phí",
    unit_code="000.00.00.G17",
    unit_name="Đảng ủy phường",
    dossier="HJQPM5YNFT97",
    account_number="0011001234567",
    account_bank="VIETCOMBANK",
    account_name="DANG UY PHUONG",
    purpose="Nộp đảng phí",
    payer_name="NGUYEN VAN A",
)


def init(
    *,
    amount: int = 60_000,
    reference: str = "HJQPM5YNFT97",
    ip: str = "127.0.0.1",
    text: str = "NOP HOI PHI HJQPM5YNFT97",
) -> InitMessage:
    return init_message(
        partner="TESTPARTNER",
        secret=SECRET,
        reference=reference,
        amount=amount,
        information=text,
        at=datetime(2026, 5, 1, 7, 30, tzinfo=UTC),
        ip=ip,
        receipt=RECEIPT,
    )


def test_init_carries_the_signature_of_the_published_vector() -> None:
    body = json.loads(encode_init(init()))
    assert body["MaXacThuc"] == "df71680670424f2f2b74b9a1ddfee00502a404298e4b482664f6c886e9f4144f"
    assert body["ThoiGianGD"] == "20260501143000"
    assert body["SoTien"] == "60000"


def test_decomposed_text_is_composed_before_it_is_signed() -> None:
    decomposed = "No\u0302\u0323p ho\u0323\u0302i phi\u0301 tha\u0301ng 5"
    signed = init(text=decomposed)
    assert signed.information == "Nộp hội phí tháng 5"
    assert signed.signature == "a4e815013997e9610bd3de1659a79a88024ea773209e9b63815fd69fc9d46300"


def test_each_member_of_a_payment_is_one_line_of_the_receipt() -> None:
    receipt = json.loads(encode_init(init()))["ThongTinBienLai"]
    assert [line["SoTien"] for line in receipt["DSKhoanNop"]] == ["25000", "35000"]
    assert receipt["MaDichVu"] == "2"
    assert receipt["NgayQD"] == ""


def test_lines_that_do_not_sum_to_the_amount_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        init(amount=60_001)
    assert caught.value.code is RefusalCode.AMOUNT_DIFFERS
    assert caught.value.details == {"lines": 60_000, "amount": 60_001}


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("MaThamChieu", {"reference": "HJ-QPM5"}),
        ("MaThamChieu", {"reference": ""}),
        ("Ip", {"ip": "::1"}),
        ("ThongTinGiaoDich", {"text": "A|B"}),
    ],
)
def test_what_may_not_be_sent_is_named(where: str, change: dict[str, str]) -> None:
    with pytest.raises(Malformed) as caught:
        init(**change)  # type: ignore[arg-type]  # Only the text parameters are given here.
    assert caught.value.where == where


def test_a_moment_without_zone_is_never_sent() -> None:
    with pytest.raises(Malformed):
        encode_init(replace(init(), at=datetime(2026, 5, 1, 14, 30)))  # noqa: DTZ001  # The naive moment is the point.


def test_query_and_get_bill_carry_the_signatures_of_the_published_vectors() -> None:
    at = datetime(2026, 5, 1, 14, 30, tzinfo=VIETNAM)
    query = query_message(partner="TESTPARTNER", secret=SECRET, reference="HJQPM5YNFT97", at=at)
    bill = get_bill_message(partner="TESTPARTNER", secret=SECRET, reference="HJQPM5YNFT97", at=at)
    assert query.signature == "9f04035a0b65d037e2b9e221a2be2cbe8b2dd3fcb459c3047611206e4e079cfa"
    assert bill.signature == "71416886826be6d6fb05dbda2dc4abf7d8a20fba73603ecb4a04ffdda1a3c3ab"
    assert json.loads(encode_follow_up(bill))["LoaiBanTin"] == "GET_BILL"


def test_the_answer_to_init_is_read_in_both_envelopes() -> None:
    inner = {"MaLoi": "00", "UrlThanhToan": "https://example.vn/tt?x=1"}
    wrapped = {"error_code": "0", "message": json.dumps(inner)}
    expected = InitAnswer(code="00", payment_url="https://example.vn/tt?x=1")
    assert read_init_answer(json.dumps(inner).encode(), {}) == expected
    assert read_init_answer(json.dumps(wrapped).encode(), {}) == expected
    assert read_init_answer(b'{"MaLoi":"99"}', {}) == InitAnswer(code="99", payment_url=None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"MaLoi":"00"}',
        b'{"MaLoi":"00","UrlThanhToan":"http://x"}',
        b'{"MaLoi":"00","UrlThanhToan":"javascript:x"}',
        b"<html>",
    ],
)
def test_an_answer_that_leads_nowhere_safe_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_init_answer(body, {})
