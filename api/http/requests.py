"""Payment requests: issue them for a month, look one up, draw its QR code."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from adapters.vietqr import image
from adapters.vietqr.payload import encode
from api.flows.slips import owed_now
from api.http.door import Caller, Commands, Reads, shows
from api.http.pages import After, Size, asking, page
from api.http.shapes import Body, Day, Name, example
from domain import organisation, payment_request
from domain.errors import Refusal, RefusalCode
from domain.money import Dong
from domain.payment_request import Kind, Requested
from domain.period import parse_month
from domain.reference import is_valid, pretty
from ledger.handlers.ask import RequestMonth
from ledger.handlers.slips import TakeTellingBack, TellTransfer
from ledger.pending import pending_words
from projections.payment_requests import RequestRow

#: Kinds under which money goes out; nobody is asked to pay them.
PAID_OUT = (Kind.REFUND, Kind.SPENDING)

router = APIRouter(tags=["Yêu cầu thanh toán"])

_REQUEST = {
    "reference": "HJQPM5YNFT97",
    "shown_as": "HJ QPM5 YNFT 97",
    "kind": "dues",
    "channel": "qr",
    "unit": "HP-VH-CB07",
    "holder": "HP-VH",
    "account": {"bin": "970436", "number": "0011001234567", "holder_name": "DANG UY PHUONG VIET HOA"},
    "amount": 50000,
    "received": 0,
    "month": "2026-07",
    "member_id": "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11",
    "case": None,
    "valid_until": "2026-08-31",
    "lines": [],
    "payments": [],
    "owed": 50000,
    "on_its_way": None,
    "replaced_by": None,
    "vietqr": "00020101021238570010A00000072701270006970436011300110012345670208QRIBFTTA"
    "53037045405500005802VN62160812HJQPM5YNFT97630479F3",
}

_ISSUED = {"issued": 612, "amount": 41350000, "pay_in_cash": 3, "issued_again": 4}


class IssueRequests(Body):
    """Whom to ask, and for which month."""

    unit: Name
    month: Name
    valid_until: Day | None = None

    model_config = example({"unit": "HP-VH", "month": "2026-07", "valid_until": "2026-08-31"})


@router.post(
    "/requests",
    summary="Phát hành yêu cầu thanh toán của một tháng cho đơn vị và các đơn vị bên dưới",
    description="Mỗi đảng viên còn phải đóng nhận một mã tham chiếu; ai đã có yêu cầu của tháng thì không nhận thêm.",
    responses=shows(
        {"position": 1843, "answer": {"issued": 612, "amount": 41350000, "pay_in_cash": 3, "issued_again": 4}}
    ),
)
def issue(body: IssueRequests, by: Commands) -> JSONResponse:
    """Issue standing requests."""
    command = RequestMonth(
        unit_id=by.caller.unit(body.unit), month=parse_month(body.month), valid_until=body.valid_until
    )
    return by.run(command)


@router.get(
    "/requests/{reference}",
    summary="Xem một yêu cầu thanh toán theo mã tham chiếu",
    responses=shows(_REQUEST),
)
def show(reference: str, by: Reads) -> dict[str, Any]:
    """One request with what has come in under it."""
    found = requested(reference, by)
    asked = found.asked
    work, on = by.work(), by.door.now().date()
    work.directory.catch_up()
    account = organisation.account(work.organisation, asked.account_id)
    owed, words, told = owed_now(work, found, on), pending_words(work, found, on), payment_request.on_its_way(found, on)
    return {
        "reference": asked.reference,
        "shown_as": pretty(asked.reference),
        "kind": asked.kind,
        "channel": asked.channel,
        "unit": asked.unit_id,
        "holder": asked.holder_id,
        "account": {"bin": account.bin, "number": account.number, "holder_name": account.holder_name},
        "amount": asked.amount,
        "received": payment_request.answered(found),
        "month": asked.month,
        "member_id": asked.member_id,
        "case": asked.case_id,
        "valid_until": asked.valid_until,
        "lines": [{"member_id": line.member_id, "month": line.month, "amount": line.amount} for line in asked.lines],
        "payments": [{"payment": answer.payment_id, "amount": answer.amount} for answer in found.answers],
        "owed": owed,
        "on_its_way": None
        if words is None
        else {"words": words, "lapses_on": None if told is None else told.lapses_on},
        "replaced_by": None if found.withdrawn is None else found.withdrawn.replaced_by,
        "vietqr": None if asked.kind in PAID_OUT or words or not owed or found.withdrawn else _payload(found, by, owed),
    }


class Told(Body):
    """A member of the unit has transferred."""

    unit: Name
    told_on: Day

    model_config = example({"unit": "HP-VH-CB07", "told_on": "2026-08-10"})


class NotTold(Body):
    """The transfer was not made."""

    unit: Name
    reason: Name

    model_config = example({"unit": "HP-VH-CB07", "reason": "ngân hàng báo chuyển không thành công"})


@router.post(
    "/requests/{reference}/told",
    summary="Ghi nhận đảng viên báo đã chuyển; chưa ai được mời nộp lần nữa cho tới khi ngân hàng báo",
    responses=shows({"position": 1850, "answer": {"told": True, "lapses_on": "2026-08-15"}}),
)
def told(reference: str, body: Told, by: Commands) -> JSONResponse:
    """Note that the money is on its way."""
    return by.run(TellTransfer(unit_id=by.caller.unit(body.unit), reference=reference, told_on=body.told_on))


@router.post(
    "/requests/{reference}/not-told",
    summary="Chưa chuyển được: cho phép nộp lại theo yêu cầu này",
    responses=shows({"position": 1851, "answer": {"taken_back": True}}),
)
def not_told(reference: str, body: NotTold, by: Commands) -> JSONResponse:
    """Let the request be paid again."""
    return by.run(TakeTellingBack(unit_id=by.caller.unit(body.unit), reference=reference, reason=body.reason))


@router.get(
    "/requests/{reference}/qr.svg",
    summary="Mã VietQR của một yêu cầu, dạng SVG",
    responses=shows('<svg xmlns="http://www.w3.org/2000/svg" …></svg>', media_type="image/svg+xml"),
    response_class=Response,
)
def qr_svg(reference: str, by: Reads) -> Response:
    """The QR code, drawn now."""
    return Response(image.svg(_payable(reference, by)), media_type="image/svg+xml")


@router.get(
    "/requests/{reference}/qr.png",
    summary="Mã VietQR của một yêu cầu, dạng PNG",
    responses=shows("(ảnh PNG đen trắng)", media_type="image/png"),
    response_class=Response,
)
def qr_png(
    reference: str,
    by: Reads,
    module: Annotated[int, Query(ge=1, le=32, description="Cạnh một ô vuông, điểm ảnh")] = 8,
) -> Response:
    """The QR code, drawn now."""
    return Response(image.png(_payable(reference, by), module=module), media_type="image/png")


@router.get(
    "/units/{unit}/requests",
    summary="Các yêu cầu thanh toán của một đơn vị, theo thứ tự phát hành",
    responses=shows(
        {
            "position": 3120,
            "requests": [
                {
                    "position": 1843,
                    "reference": "HJQPM5YNFT97",
                    "kind": "dues",
                    "channel": "qr",
                    "amount": 50000,
                    "received": 0,
                    "status": "open",
                    "month": "2026-07",
                    "member_id": "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11",
                    "valid_until": "2026-08-31",
                }
            ],
            "next": 1843,
        }
    ),
)
def of_unit(
    unit: str,
    by: Reads,
    month: Annotated[str | None, Query(max_length=7, examples=["2026-07"])] = None,
    after: After = 0,
    size: Size = 100,
) -> dict[str, Any]:
    """Requests of one unit, page by page."""
    unit_id = by.reads_unit(unit)
    wanted = None if month is None else parse_month(month)
    with asking(by) as read:
        rows = read.requests(unit_ids=(unit_id,), month=wanted, after=after, limit=size + 1)
        return page(read, "requests", [_listed(row, by.door.now().date()) for row in rows], size)


def _listed(row: RequestRow, on: date) -> dict[str, Any]:
    return {
        "position": row.position,
        "reference": row.reference,
        "kind": row.kind,
        "channel": row.channel,
        "amount": row.amount,
        "received": row.answered,
        "status": row.status(on),
        "month": row.month,
        "member_id": row.member_id,
        "valid_until": row.valid_until,
    }


def requested(reference: str, by: Caller) -> Requested:
    """The request, if there is one and the caller may see what concerns its unit."""
    prefix = by.inst.settings.reference_prefix
    if not is_valid(reference, prefix):
        raise Refusal(
            RefusalCode.REFERENCE_MALFORMED,
            f"Đây không phải mã tham chiếu {prefix} hợp lệ (12 ký tự, có ký tự kiểm tra). Kiểm tra lại từng ký tự.",
        )
    found = by.work().request(reference)
    if not isinstance(found, Requested):
        raise Refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            f"Chưa phát hành yêu cầu nào mang mã {reference}. Kiểm tra lại mã.",
        )
    by.reads(found.asked.unit_id)
    return found


def _payable(reference: str, by: Caller) -> str:
    """The payload to draw: what is owed now. Refuses what is asked of nobody, paid, replaced, or on its way."""
    found = requested(reference, by)
    if found.asked.kind in PAID_OUT:
        raise Refusal(RefusalCode.PAYMENT_KIND_DIFFERS, f"Mã {reference} là của một khoản chi, không để nộp vào.")
    if found.withdrawn is not None:
        new = found.withdrawn.replaced_by
        other = "không còn gì phải đóng" if new is None else f"dùng mã {pretty(new)}"
        raise Refusal(RefusalCode.NOTHING_DUE, f"Yêu cầu {reference} đã thôi dùng ({found.withdrawn.reason}): {other}.")
    work, on = by.work(), by.door.now().date()
    work.directory.catch_up()
    words, owed = pending_words(work, found, on), owed_now(work, found, on)
    if words is not None:
        raise Refusal(RefusalCode.ATTEMPT_PENDING, f"Yêu cầu {reference}: {words}.")
    if owed == 0 or payment_request.answered(found) >= found.asked.amount:
        raise Refusal(RefusalCode.NOTHING_DUE, f"Yêu cầu {reference} đã được trả đủ; không vẽ mã để trả lần nữa.")
    return _payload(found, by, owed)


def _payload(found: Requested, by: Caller, amount: Dong) -> str:
    account = organisation.account(by.work().organisation, found.asked.account_id)
    return encode(bin=account.bin, account=account.number, amount=amount, content=found.asked.reference)
