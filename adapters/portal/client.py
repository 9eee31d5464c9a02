"""Asking the Payment Platform: INIT, QUERY and GET_BILL over HTTPS.

Certain: JSON by POST, the fields and signatures of ``messages``. Seen: both envelopes of answers, a bearer token over a
provincial axis. Assumed: one address for all three messages (LoaiBanTin tells them apart), the moment of asking as
ThoiGianGD of QUERY and GET_BILL, that an answer with status 5xx or none at all says nothing of the payment.

INIT is sent once: whether a second one with the same reference opens a second payment is not documented. QUERY and
GET_BILL change nothing and are tried again. Every answer is bounded in bytes and in time; no redirection is followed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import requests

from adapters.inbound import MAX_BODY, header_value
from adapters.outbound import body_of, is_local, may_be_asked
from adapters.portal import messages, notification
from adapters.portal.messages import PayLine, Receipt
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import PaymentNotice, Rejection
from ledger.rail import AttemptAsked, AttemptOffer, ChannelAway, RawAnswer, ReceiptCopy

#: Seconds to connect, to wait for the next bytes, and for the whole answer.
_CONNECT, _READ, _WHOLE = 5, 20, 45

#: Seconds between tries of what may be asked again; one try more than there are pauses.
_PAUSES = (0.2, 1.0)

#: The largest receipt, in bytes.
_MAX_RECEIPT = 8 * 1024 * 1024

#: Where an answer to GET_BILL may name its address; the name of the field is assumed.
_URL_FIELDS = ("UrlBienLai", "UrlBienlai", "urlBienLai", "Url", "url")

#: What MaLoi says (payments §3.3; "00" and "99" were seen, the others are assumed), in words for an officer.
ERRORS: Mapping[str, str] = {
    "01": "Cổng không có mã tham chiếu này",
    "02": "Cổng không nhận chữ ký của ta; kiểm tra khoá ký đã thoả thuận",
    "03": "Cổng không đọc được tin của ta",
    "04": "Cổng đã nhận mã tham chiếu này trước đó",
    "05": "số tiền khác số Cổng đã nhận",
    "06": "lượt thanh toán đã hết hạn trên Cổng",
    "07": "Cổng không biết mã đối tác này",
    "99": "Cổng báo lỗi khác",
}

#: Words of what dues are on the portal, where no agreement with the portal says otherwise (assumed).
_SERVICE = ("DANGPHI", "Đóng đảng phí")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalClient:
    """One partner's way to the platform. ``token`` is sent as a bearer token where a provincial axis wants one."""

    url: str
    partner: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    pauses: tuple[float, ...] = _PAUSES

    def open_attempt(self, asked: AttemptAsked, now: datetime) -> AttemptOffer:
        """Send INIT and return the page to send the payer to; ``now`` is aware.

        Refuses ``rail-said-no`` with MaLoi in ``details["ma_loi"]``. Raises ``ChannelAway`` when nobody answered, and
        ``Malformed`` for an answer that cannot be read: the attempt is ``unknown`` then and nobody has a page.
        """
        message = messages.init_message(
            partner=self.partner,
            secret=self.secret,
            reference=asked.reference,
            amount=asked.amount,
            information=asked.words,
            at=now,
            ip=asked.caller_ip,
            receipt=receipt_of(asked),
        )
        raw = self._post(messages.encode_init(message), MAX_BODY, pauses=())
        answer = messages.read_init_answer(raw.body, raw.headers, local=is_local(self.url))
        if answer.code != "00":
            raise said_no(answer.code, asked.reference, _NOT_OPENED)
        return AttemptOffer(outside_id=None, redirect_url=answer.payment_url, raw=raw)

    def query(self, reference: str, now: datetime) -> RawAnswer:
        """Send QUERY and return the answer as it came. Raises ``ChannelAway`` when nobody answered."""
        message = messages.query_message(partner=self.partner, secret=self.secret, reference=reference, at=now)
        return self._post(messages.encode_follow_up(message), MAX_BODY, pauses=self.pauses)

    def inquire(self, reference: str, now: datetime) -> PaymentNotice | Rejection:
        """Ask what became of an attempt. An answer about another reference than was asked for is not believed."""
        raw = self.query(reference, now)
        reading = notification.accept_query_answer(raw.body, raw.headers, now, partner=self.partner, secret=self.secret)
        if isinstance(reading, PaymentNotice) and reading.reference != reference:
            return Rejection(code="bad-format", reason="câu trả lời nói về mã tham chiếu khác mã đã hỏi")
        return reading

    def receipt(self, reference: str, now: datetime) -> ReceiptCopy:
        """Send GET_BILL and return the receipt: a PDF, or the https address where it lies (each seen once).

        Refuses ``rail-said-no``; raises ``Malformed`` for what is neither, ``ChannelAway`` when nobody answered.
        """
        message = messages.get_bill_message(partner=self.partner, secret=self.secret, reference=reference, at=now)
        raw = self._post(messages.encode_follow_up(message), _MAX_RECEIPT, pauses=self.pauses)
        if raw.body.startswith(b"%PDF-"):
            return ReceiptCopy(media_type="application/pdf", body=raw.body)
        if "pdf" in header_value(raw.headers, "Content-Type").lower():
            raise Malformed("Cổng gửi tệp nói là PDF nhưng không phải PDF; thử lại sau", where="GET_BILL")
        fields = messages.open_envelope(raw.body, raw.headers)
        code = fields.get("MaLoi", "00")
        if code != "00":
            raise said_no(str(code), reference, "Không cấp được biên lai; thử lại sau hoặc hỏi Cổng.")
        for name in _URL_FIELDS:
            found = fields.get(name)
            if isinstance(found, str) and messages.is_page(found, local=is_local(self.url)):
                return ReceiptCopy(media_type="application/json", url=found)
        raise Malformed("Cổng không gửi PDF và không cho địa chỉ https của biên lai", where="GET_BILL")

    def _post(self, body: bytes, most: int, *, pauses: tuple[float, ...]) -> RawAnswer:
        if not may_be_asked(self.url):
            raise Malformed("địa chỉ của Cổng phải là https", where="DANGPHI_PORTAL_URL")
        for pause in (*pauses, None):
            try:
                return self._post_once(body, most)
            except ChannelAway:
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try either returns or raises")

    def _post_once(self, body: bytes, most: int) -> RawAnswer:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json, application/pdf",
            # What is not packed cannot swell.
            "Accept-Encoding": "identity",
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        until = time.monotonic() + _WHOLE
        try:
            with requests.post(
                self.url, data=body, headers=headers, timeout=(_CONNECT, _READ), allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code >= 500 or answer.status_code in (408, 429):
                    raise ChannelAway(f"Cổng trả HTTP {answer.status_code}")
                if 300 <= answer.status_code < 400:
                    raise Malformed("Cổng chuyển hướng sang địa chỉ khác; kiểm tra DANGPHI_PORTAL_URL", where="HTTP")
                read = body_of(answer, most=most, until=until, who="Cổng")
                return RawAnswer(body=read, headers=dict(answer.headers))
        except requests.RequestException as error:
            raise ChannelAway(f"Cổng không trả lời ({type(error).__name__})") from error


#: What to do when an attempt could not be opened.
_NOT_OPENED = "Không có tiền nào bị trừ ở bước này; sửa theo lý do rồi mở lượt mới."


def said_no(code: str, reference: str, then: str) -> Refusal:
    """The refusal for an answer of the portal other than "00"; ``details["ma_loi"]`` is its MaLoi."""
    shown = code[:8] if code[:8].isprintable() else "?"
    words = ERRORS.get(code, "Cổng trả mã lỗi chưa biết")
    return Refusal(
        RefusalCode.RAIL_SAID_NO,
        f"Lượt {reference}: {words} (MaLoi {shown}). {then}",
        ma_loi=shown,
        reference=reference,
    )


def receipt_of(asked: AttemptAsked) -> Receipt:
    """ThongTinBienLai of an attempt; what a channel needs and our record does not hold is said in fixed words."""
    code, name = _SERVICE
    lines = tuple(PayLine(content=line.words, amount=line.amount) for line in asked.lines)
    return Receipt(
        lines=lines or (PayLine(content=asked.words, amount=asked.amount),),
        service_code=code,
        service_name=name,
        procedure_code=code,
        procedure_name=name,
        unit_code=asked.unit_code,
        unit_name=asked.unit_name,
        dossier=asked.dossier or asked.reference,
        account_number=asked.account_number,
        account_bank=asked.account_bin,
        account_name=asked.account_holder,
        purpose=asked.words,
        payer_name=asked.payer_name,
    )
