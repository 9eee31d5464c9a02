"""The portal looks a bill up: what is due under a dossier code, as a fresh transaction."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from starlette.concurrency import run_in_threadpool

from adapters.portal import bills
from api.flows.bills import look_up
from api.http.door import Reads, door_of, shows
from domain.errors import Malformed, Refusal, RefusalCode

router = APIRouter(tags=["Yêu cầu thanh toán"])

#: Who may look bills up: the portal's own service, by its bearer token (assumed: no signature is documented).
PORTAL = "service:portal"

_DUE = {
    "error_code": 1,
    "message": {
        "MaHoSo": "HJQPM5YNFT97",
        "NoiDungThanhToan": "HJZYAT1BKCEA DANG PHI",
        "DSKhoanNop": [{"NoiDung": "HJZYAT1BKCEA DANG PHI", "SoTien": "50000"}],
        "MaTraCuuTT": "HJQPM5YNFT9720260704091500",
        "transaction_id": "HJZYAT1BKCEA",
        "client_id": "DANGPHI",
    },
}


@router.post(
    "/portal/bills",
    summary="Cổng Dịch vụ công tra cứu khoản phải nộp theo mã hồ sơ",
    description="MaHoSo là một mã tham chiếu đã phát hành (mã trên phiếu, mã lượt nộp hộ của chi bộ); không phải thông "
    "tin cá nhân. error_code 1: còn phải nộp, kèm một giao dịch mới; 0: không còn gì; -1: không có mã này. Chỉ dịch vụ "
    "service:portal được gọi. Mỗi lần tra cứu có thể mở một giao dịch mới; trả hai lần thì phần thừa thành số dư có.",
    responses=shows(_DUE),
)
async def look_up_bill(
    request: Request,
    by: Reads,
    body: Annotated[dict[str, Any], Body(examples=[{"MaHoSo": "HJQPM5YNFT97"}])],
) -> Response:
    """Answer a look-up in the portal's own words."""
    if by.actor != PORTAL:
        raise Refusal(
            RefusalCode.NOT_ALLOWED, "Chỉ Cổng Dịch vụ công (service:portal) được tra cứu khoản phải nộp ở đây."
        )
    door = door_of(request)
    try:
        dossier = bills.read_look_up(await request.body(), request.headers)
    except Malformed:
        # A code that cannot be one is told what an unknown one is told.
        return Response(bills.unknown(), media_type="application/json")
    answer = await run_in_threadpool(look_up, door.inst, dossier, door.now())
    door.wake()
    return Response(answer, media_type="application/json")
