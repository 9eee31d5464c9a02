"""Result notifications of the portal: believe or reject, and answer in the portal's own words.

Nothing here raises on what a stranger sends. What a notification says of the payee is never read, because it is
not signed; amount and reference are compared with our own record by the ledger, not here.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from adapters.inbound import read_object, read_wall_clock
from adapters.portal import messages, signature
from adapters.portal.messages import ResultNotification
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, CURRENCY
from domain.notice import NoticeStatus, PaymentNotice, Rejection

SOURCE = "portal"

#: MaLoi of payments that failed. "00" and "99" were seen in public code; the others are assumed.
_FAILED = frozenset({"01", "02", "03", "04", "05", "06", "07", "99"})

#: TrangThaiGD in the answer to QUERY (certain); any other value is unknown.
_STATES = {"1": NoticeStatus.PAID, "3": NoticeStatus.PENDING, "4": NoticeStatus.FAILED}

#: Rejection code to (HTTP status, MaLoi, MoTaLoi). "00" and "99" were seen; the others are assumed.
_ANSWERS = {
    "bad-signature": (401, "02", "Sai chữ ký"),
    "bad-format": (400, "03", "Sai định dạng"),
    "unknown-partner": (403, "07", "Không đúng đối tác"),
}
_OTHER_ERROR = (400, "99", "Lỗi khác")

_REFERENCE = re.compile(r"[A-Za-z0-9]{1,255}", re.ASCII)
_STAMP = re.compile(r"\d{14}", re.ASCII)


def accept(
    raw_body: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    partner: str,
    secret: str,
) -> PaymentNotice | Rejection:
    """Verify one notification. Never raises, whatever the bytes are.

    MaLoi "00" is paid, a known error failed, any other code unknown. ``received_at`` is part of the port that
    every channel shares and decides nothing here: the portal signs no moment of sending and its retries are not
    documented, so a late message is as good as an early one.

    The outside reference of a paid notice is MaGiaoDich. A notice without money gets one of its own, made of
    MaGiaoDich (or MaThamChieu and ThoiGianGD) and the state: it must never take the name under which the money
    itself may still arrive.
    """
    try:
        return _verified(read_object(raw_body, headers), partner=partner, secret=secret, queried=False)
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def accept_query_answer(
    raw_body: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    partner: str,
    secret: str,
) -> PaymentNotice | Rejection:
    """Verify the answer to QUERY, in either envelope. Never raises.

    TrangThaiGD says what became of the payment. It is assumed that the answer is signed like a notification;
    TrangThaiGD is then not covered, so "paid" is believed only together with the signed MaLoi "00".
    """
    try:
        return _verified(messages.open_envelope(raw_body, headers), partner=partner, secret=secret, queried=True)
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def _verified(fields: Mapping[str, object], *, partner: str, secret: str, queried: bool) -> PaymentNotice | Rejection:
    message = messages.read_notification(fields)
    if message.partner != partner:
        return Rejection(code="unknown-partner", reason="MaDoiTac không phải mã đối tác của ta")
    order = signature.QUERY_ANSWER if queried else signature.NOTIFICATION
    if not signature.is_signed(messages.notification_fields(message), order, secret, message.signature):
        return Rejection(code="bad-signature", reason="MaXacThuc không khớp nội dung")
    status = _status(message, queried=queried)
    paid = status is NoticeStatus.PAID
    if message.currency != CURRENCY:
        raise Malformed(f"tiền tệ phải là {CURRENCY}", where="MaTienTe")
    if not _REFERENCE.fullmatch(message.reference):
        raise Malformed("chỉ gồm chữ và số", where="MaThamChieu")
    if not (1 if paid else 0) <= message.amount <= AMOUNT_CAP:
        raise Malformed("số tiền ngoài phạm vi", where="SoTien")
    if not _STAMP.fullmatch(message.at):
        raise Malformed("phải có dạng yyyyMMddHHmmss", where="ThoiGianGD")
    if paid and not message.transaction_id:
        raise Malformed("giao dịch thành công mà không có mã giao dịch", where="MaGiaoDich")
    return PaymentNotice(
        source=SOURCE,
        outside_reference=message.transaction_id if paid else _unpaid_reference(message, status),
        reference=message.reference,
        status=status,
        amount=message.amount,
        paid_at=read_wall_clock(message.at),
        account_number=None,
        content=message.information,
        bank=message.bank or None,
    )


def _unpaid_reference(message: ResultNotification, status: NoticeStatus) -> str:
    if not message.transaction_id:
        return f"{message.reference}/{message.at}"
    return f"{message.transaction_id}/{status.value}"


def _status(message: ResultNotification, *, queried: bool) -> NoticeStatus:
    if queried:
        status = _STATES.get(message.state, NoticeStatus.UNKNOWN)
        unsure = status is NoticeStatus.PAID and message.code != "00"
        return NoticeStatus.UNKNOWN if unsure else status
    if message.code == "00":
        return NoticeStatus.PAID
    return NoticeStatus.FAILED if message.code in _FAILED else NoticeStatus.UNKNOWN


def acknowledge(
    outcome: PaymentNotice | Rejection, *, secret: str, now: datetime, partner: str = ""
) -> tuple[int, bytes]:
    """HTTP status and body for what ``accept`` said: "00" with 200 once the message is safely kept.

    Everything that was verified is taken, failed and unknown payments too: whether money fits a debt is our own
    affair and no reason for the portal to send again. ``partner`` is our MaDoiTac; a rejected message is
    answered without echoing anything of it. ``now`` must be aware.
    """
    if isinstance(outcome, Rejection):
        status, code, words = _ANSWERS.get(outcome.code, _OTHER_ERROR)
        reference = ""
    else:
        status, code, words = 200, "00", "Thành công"
        reference = outcome.reference or ""
    return status, messages.acknowledgement(
        code=code, words=words, partner=partner, reference=reference, now=now, secret=secret
    )
