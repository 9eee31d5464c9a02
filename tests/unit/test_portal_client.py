"""Asking the portal: both envelopes, a portal that fails and comes back, cut and forged answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import requests
import responses

from adapters.inbound import VIETNAM
from adapters.portal import signature
from adapters.portal.client import ERRORS, PortalClient
from adapters.portal.rail import portal_rail
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import NoticeStatus, PaymentNotice, Rejection
from ledger.rail import AskedLine, AttemptAsked, ChannelAway

URL = "https://portal.example/pp"
PAGE = "https://portal.example/pay?x=1"
REFERENCE = "HJQPM5YNFT97"
NOW = datetime(2026, 7, 4, 21, 15, tzinfo=VIETNAM)
CLIENT = PortalClient(url=URL, partner="P1", secret="s3", pauses=(0.0, 0.0))
ASKED = AttemptAsked(
    reference=REFERENCE,
    amount=50_000,
    words=f"NOP DANG PHI {REFERENCE}",
    account_bin="970436",
    account_number="0011001234567",
    account_holder="CHI BO 7",
)
OK = {"MaLoi": "00", "UrlThanhToan": PAGE}


@pytest.fixture
def portal() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def state(reference: str = REFERENCE, told: str = "1", secret: str = "s3", code: str = "00") -> dict[str, Any]:
    fields = {
        "LoaiBanTin": "QUERY",
        "MaLoi": code,
        "MaDoiTac": "P1",
        "MaThamChieu": reference,
        "SoTien": "50000",
        "MaTienTe": "VND",
        "MaGiaoDich": "GD1",
        "MaNganHang": "VCB",
        "ThoiGianGD": "20260704211500",
        "ThongTinGiaoDich": "x",
    }
    return {**fields, "TrangThaiGD": told, "MaXacThuc": signature.sign(fields, signature.QUERY_ANSWER, secret)}


def over_axis(inner: dict[str, Any]) -> dict[str, Any]:
    return {"error_code": "0", "message": json.dumps(inner)}


@pytest.mark.parametrize("body", [OK, over_axis(OK)], ids=["direct", "over an axis"])
def test_init_is_signed_and_its_page_is_read_in_both_envelopes(portal, body):
    portal.post(URL, json=body)
    offer = CLIENT.open_attempt(ASKED, NOW)
    assert offer.redirect_url == PAGE
    assert offer.raw is not None
    assert json.loads(offer.raw.body) == body
    sent = json.loads(portal.calls[0].request.body)
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    assert signature.is_signed(fields, signature.INIT, "s3", sent["MaXacThuc"])
    assert sent["ThoiGianGD"] == "20260704211500", "a clock of 24 hours"
    assert sent["ThongTinBienLai"]["DSKhoanNop"] == [{"NoiDung": ASKED.words, "SoTien": "50000"}]
    assert sent["ThongTinBienLai"]["HoTenNguoiNop"] == ""


def test_a_payment_for_many_has_one_line_each_and_lines_that_do_not_sum_are_never_sent(portal):
    lines = (AskedLine(words="Dang vien 1", amount=20_000), AskedLine(words="Dang vien 2", amount=30_000))
    portal.post(URL, json=OK)
    CLIENT.open_attempt(replace(ASKED, lines=lines), NOW)
    told = json.loads(portal.calls[0].request.body)["ThongTinBienLai"]["DSKhoanNop"]
    assert [line["SoTien"] for line in told] == ["20000", "30000"]
    with pytest.raises(Refusal) as caught:
        CLIENT.open_attempt(replace(ASKED, lines=lines[:1]), NOW)
    assert caught.value.code is RefusalCode.AMOUNT_DIFFERS
    portal.assert_call_count(URL, 1)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_refused_init_says_why_in_vietnamese(portal, code):
    portal.post(URL, json={"MaLoi": code})
    with pytest.raises(Refusal) as caught:
        CLIENT.open_attempt(ASKED, NOW)
    assert caught.value.code is RefusalCode.RAIL_SAID_NO
    assert caught.value.details["ma_loi"] == code
    assert ERRORS[code] in caught.value.message


def test_init_is_never_sent_twice(portal):
    portal.post(URL, status=500)
    with pytest.raises(ChannelAway):
        CLIENT.open_attempt(ASKED, NOW)
    portal.assert_call_count(URL, 1)


def test_a_question_is_asked_again_after_500_and_after_a_broken_line(portal):
    portal.post(URL, status=500)
    portal.post(URL, body=requests.ConnectionError("gone"))
    portal.post(URL, json=state())
    found = CLIENT.inquire(REFERENCE, NOW)
    assert isinstance(found, PaymentNotice)
    assert (found.status, found.outside_reference, found.amount) == (NoticeStatus.PAID, "GD1", 50_000)
    portal.assert_call_count(URL, 3)


@pytest.mark.parametrize("failure", [{"status": 503}, {"body": requests.ReadTimeout("slow")}], ids=["503", "timeout"])
def test_who_never_answers_is_away(portal, failure):
    for _ in range(3):
        portal.post(URL, **failure)
    with pytest.raises(ChannelAway):
        CLIENT.inquire(REFERENCE, NOW)


@pytest.mark.parametrize(
    ("told", "code", "status"),
    [
        ("1", "00", NoticeStatus.PAID),
        ("1", "99", NoticeStatus.UNKNOWN),
        ("3", "00", NoticeStatus.PENDING),
        ("4", "99", NoticeStatus.FAILED),
        ("8", "00", NoticeStatus.UNKNOWN),
    ],
)
def test_each_state_is_read_over_an_axis_too(portal, told, code, status):
    portal.post(URL, json=over_axis(state(told=told, code=code)))
    found = CLIENT.inquire(REFERENCE, NOW)
    assert isinstance(found, PaymentNotice)
    assert found.status is status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (json.dumps(state(secret="guessed")).encode(), "bad-signature"),
        (json.dumps(state()).encode()[:-9], "bad-format"),
        (json.dumps(state(reference="HJYB2BJ6D342")).encode(), "bad-format"),
        (json.dumps({"error_code": "7", "message": "x"}).encode(), "bad-format"),
        (b'{"MaLoi":"01"}', "bad-format"),
        (b"", "bad-format"),
    ],
    ids=["forged", "cut", "of another attempt", "axis error", "error without signature", "nothing"],
)
def test_an_answer_that_cannot_be_believed_says_nothing_of_the_payment(portal, body, code):
    portal.post(URL, body=body)
    found = CLIENT.inquire(REFERENCE, NOW)
    assert isinstance(found, Rejection)
    assert found.code == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"MaLoi":"00"',
        b"<html>",
        b'{"MaLoi":"00"}',
        b'{"MaLoi":"00","UrlThanhToan":"http://portal.example/"}',
        b'{"MaLoi":"00","UrlThanhToan":"javascript:alert(1)"}',
        b'{"MaLoi":"00","UrlThanhToan":"https://portal.example/\\nx"}',
        b'{"x":"' + b"a" * 70_000 + b'"}',
    ],
    ids=["cut", "a page", "no page to pay on", "http", "a script", "a line break", "too long"],
)
def test_an_answer_to_init_that_cannot_be_read_is_malformed(portal, body):
    portal.post(URL, body=body)
    with pytest.raises(Malformed):
        CLIENT.open_attempt(ASKED, NOW)


def test_a_redirection_is_not_followed(portal):
    portal.post(URL, status=302, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(Malformed):
        CLIENT.query(REFERENCE, NOW)


def test_a_receipt_is_a_pdf_or_an_address(portal):
    portal.post(URL, body=b"%PDF-1.7 x", content_type="application/pdf")
    portal.post(URL, json={"MaLoi": "00", "UrlBienLai": "https://portal.example/r.pdf"})
    portal.post(URL, json=over_axis({"MaLoi": "00", "UrlBienLai": "https://portal.example/r.pdf"}))
    assert CLIENT.receipt(REFERENCE, NOW).body == b"%PDF-1.7 x"
    assert CLIENT.receipt(REFERENCE, NOW).url == "https://portal.example/r.pdf"
    assert CLIENT.receipt(REFERENCE, NOW).url == "https://portal.example/r.pdf"


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        ({"body": b"<html>", "content_type": "application/pdf"}, Malformed),
        ({"json": {"MaLoi": "00"}}, Malformed),
        ({"json": {"MaLoi": "00", "UrlBienLai": "file:///etc/passwd"}}, Malformed),
        ({"json": {"MaLoi": "01"}}, Refusal),
    ],
    ids=["no pdf", "no address", "a file", "unknown"],
)
def test_what_is_no_receipt_is_not_taken_for_one(portal, answer, raised):
    portal.post(URL, **answer)
    with pytest.raises(raised):
        CLIENT.receipt(REFERENCE, NOW)


def test_without_tls_only_this_machine_is_asked(portal):
    with pytest.raises(Malformed):
        PortalClient(url="http://portal.example/pp", partner="P1", secret="s3").query(REFERENCE, NOW)
    local = "http://127.0.0.1:8099/pp"
    portal.post(local, json={"MaLoi": "00", "UrlThanhToan": "http://127.0.0.1:8099/pay/1"})
    client = PortalClient(url=local, partner="P1", secret="s3")
    assert client.open_attempt(ASKED, NOW).redirect_url == "http://127.0.0.1:8099/pay/1"


def test_a_bar_in_a_signed_field_is_never_sent(portal):
    with pytest.raises(Malformed):
        CLIENT.open_attempt(replace(ASKED, words="a|b"), NOW)


def test_without_an_address_the_channel_only_listens():
    rail = portal_rail(partner="P1", secret="s3", url="")
    assert (rail.open_attempt, rail.inquire, rail.receipt, rail.question) == (None,) * 4
    assert rail.read_settlement is not None
