"""Where the portal and banks knock: a message is kept durably, then answered; what it means is decided later.

These three operations are the only ones that wait for no thread: many requests share one commit of the inbox, so a
thread for each would do nothing but wait. They take no bearer token, because every channel signs its messages.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from api import problems
from api.flows.notices import answer_to, examine
from api.http.door import door_of, shows
from api.http.lean import LeanRoute
from api.problems import EdgeCode, Problem
from ledger.ports import Verdict

#: Seconds that a body may take to arrive; the messages have a few hundred bytes.
_BODY_SECONDS = 10

#: Rejected messages kept per minute and process, so that a stranger cannot fill the disk. Nobody who signs is held up.
REJECTED_MOST = 600

_log = logging.getLogger("dangphi.intake")


router = APIRouter(route_class=LeanRoute, tags=["Báo có từ bên ngoài"])


class RejectedMeter:
    """Counts rejected messages by minute; used in the event loop's thread alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._count = 0

    def admits(self, at: datetime) -> bool:
        """Whether one more may be kept now."""
        minute = int(at.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= self._most


_PORTAL = {
    "LoaiBanTin": "CONFIRM",
    "MaLoi": "00",
    "MaDoiTac": "DANGPHI",
    "MaThamChieu": "HJQPM5YNFT97",
    "SoTien": 50000,
    "MaTienTe": "VND",
    "MaGiaoDich": "DVC26070400000017",
    "MaNganHang": "VIETCOMBANK",
    "ThoiGianGD": "20260704091500",
    "ThongTinGiaoDich": "NOP DANG PHI HJQPM5YNFT97",
    "MaXacThuc": "2f0c…",
}
_PORTAL_ANSWER = {
    "MaLoi": "00",
    "MoTaLoi": "Thành công",
    "MaDoiTac": "DANGPHI",
    "MaThamChieu": "HJQPM5YNFT97",
    "ThoiGianGD": "20260704091501",
    "MaXacThuc": "9b41…",
}
_SEPAY = {
    "id": 92704,
    "gateway": "Vietcombank",
    "transactionDate": "2026-07-04 11:08:33",
    "accountNumber": "0011001234567",
    "subAccount": None,
    "code": "HJQPM5YNFT97",
    "content": "MBVCB.123.HJQPM5YNFT97.CT tu 0011009999999",
    "transferType": "in",
    "description": "",
    "transferAmount": 60000,
    "accumulated": 19077000,
    "referenceCode": "5078.12345",
}
_SEPAY_HUB = {
    "gateway": "Vietcombank",
    "transaction_date": "2026-07-04 11:08:33",
    "account_number": "0011001234567",
    "bank_account_xid": "c5a0…",
    "va": None,
    "payment_code": "HJQPM5YNFT97",
    "content": "MBVCB.123.HJQPM5YNFT97.CT tu 0011009999999",
    "transfer_type": "credit",
    "amount": 60000,
    "reference_code": "5078.12345",
    "accumulated": 0,
    "transaction_id": "8f1b…",
}
_CASSO = {
    "error": 0,
    "data": {
        "id": 31,
        "reference": "FT26185000012345",
        "description": "HJQPM5YNFT97",
        "amount": 60000,
        "transactionDateTime": "2026-07-04 11:08:33",
        "accountNumber": "0011001234567",
        "bankName": "Vietcombank",
        "bankAbbreviation": "VCB",
        "counterAccountBankName": "VietinBank",
    },
}


_GATEWAY = {
    "id": "evt_1QhXyZ",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1783137600,
    "data": {
        "object": {
            "id": "pi_3QhXyZ",
            "object": "payment_intent",
            "amount": 60000,
            "amount_received": 60000,
            "currency": "vnd",
            "status": "succeeded",
            "metadata": {"reference": "HJQPM5YNFT97"},
        }
    },
}


def _takes(example: object) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/callbacks/portal",
    summary="Cổng Dịch vụ công báo kết quả thanh toán (Payment Platform 1.0.6)",
    description="Tin được giữ nguyên văn trước khi trả lời. Chữ ký MaXacThuc sai: giữ lại, trả 401 trong phong bì của "
    "Cổng. Tin lặp lại được trả lời như lần đầu. Trả 503 khi chưa giữ được: hãy gửi lại.",
    responses=shows(_PORTAL_ANSWER),
    openapi_extra=_takes(_PORTAL),
)
async def portal(request: Request) -> Response:
    """Keep and answer a result notification of the portal."""
    return await _keep("portal", request)


@router.post(
    "/webhooks/sepay",
    summary="SePay báo có tài khoản ngân hàng",
    description="Xác thực bằng Authorization: Apikey. Nhận biết lại theo tài khoản và mã giao dịch của ngân hàng.",
    responses=shows({"success": True}),
    openapi_extra=_takes(_SEPAY),
)
async def sepay(request: Request) -> Response:
    """Keep and answer a SePay webhook."""
    return await _keep("sepay", request)


@router.post(
    "/webhooks/sepay-hub",
    summary="SePay Bank Hub báo biến động số dư",
    description="Xác thực bằng Authorization: Apikey. Chỉ nhận transfer_type «credit»; tiền ra được giữ lại và bỏ qua.",
    responses=shows({"success": True}),
    openapi_extra=_takes(_SEPAY_HUB),
)
async def sepay_hub(request: Request) -> Response:
    """Keep and answer an IPN of SePay's Bank Hub."""
    return await _keep("sepay-hub", request)


@router.post(
    "/webhooks/casso",
    summary="Casso (v2) báo có tài khoản ngân hàng",
    description="Xác thực bằng X-Casso-Signature. Nhận biết lại theo tài khoản và mã giao dịch của ngân hàng.",
    responses=shows({"success": True}),
    openapi_extra=_takes(_CASSO),
)
async def casso(request: Request) -> Response:
    """Keep and answer a Casso webhook."""
    return await _keep("casso", request)


@router.post(
    "/webhooks/gateway",
    summary="Cổng thẻ báo kết quả thanh toán, hoàn trả",
    description="Xác thực bằng Stripe-Signature (t, v1) trên nguyên văn thân tin, sai lệch tối đa 300 giây. Nhận biết "
    "lại theo giao dịch và trạng thái. Sự kiện không báo tiền được giữ và trả 200.",
    responses=shows({"success": True}),
    openapi_extra=_takes(_GATEWAY),
)
async def gateway(request: Request) -> Response:
    """Keep and answer a webhook of the card gateway."""
    return await _keep("gateway", request)


async def _keep(channel: str, request: Request) -> Response:
    async with asyncio.timeout(_BODY_SECONDS):
        raw = await request.body()
    door = door_of(request)
    settings = door.inst.settings
    received_at = door.clock.now()
    examined = examine(settings, channel, raw, request.headers, received_at)
    if examined.message.verdict is Verdict.REJECTED:
        meter: RejectedMeter = request.app.state.rejected
        if not meter.admits(received_at):
            raise Problem(
                EdgeCode.TOO_MANY,
                "Có quá nhiều tin không xác thực được trong một phút. Kiểm tra khoá ký rồi gửi lại.",
                headers={"Retry-After": "60"},
            )
    try:
        await asyncio.wrap_future(door.inst.inbox.keep_later((examined.message,)))
    except Exception as error:  # Whatever went wrong, nothing was acknowledged, and the sender must try again.
        _log.error("a message of %s could not be kept: %s", channel, type(error).__name__)
        return problems.unavailable()
    answer = answer_to(settings, channel, examined.reading, received_at)
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)
