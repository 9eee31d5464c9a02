"""Attempts to pay on a channel; the kind of payment is fixed here and never inferred later."""

from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Body as JsonBody
from fastapi.responses import JSONResponse
from pydantic import Field

from api.flows import attempts
from api.http.door import Caller, Commander, Commands, Reads, answered, shows
from api.http.shapes import Amount, Body, Name
from api.rails import rail as named
from domain import attempt
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RemittanceId
from domain.period import parse_month
from domain.reference import is_valid
from ledger.handlers.ask import BatchLine, OpenBatchAttempt, OpenDuesAttempt, OpenOnRail, OpenRemittanceAttempt

router = APIRouter(tags=["Yêu cầu thanh toán"])


#: The channel to open it on.
OnRail = Annotated[str, Field(min_length=1, max_length=40, description="Kênh: portal hoặc gateway")]


class DuesAttempt(Body):
    """A member pays a month's dues."""

    kind: Literal["dues"]
    unit: Name
    member_id: Name
    month: Name
    rail: OnRail = "portal"


class Line(Body):
    """One member of a batch; ``cash_payment`` names cash receipted before, which this payment converts."""

    member_id: Name
    month: Name
    amount: Amount
    cash_payment: Name | None = None


class BatchAttempt(Body):
    """A cell's representative pays for several members."""

    kind: Literal["batch"]
    unit: Name
    lines: Annotated[list[Line], Field(min_length=1, max_length=200)]
    rail: OnRail = "portal"


class RemittanceAttempt(Body):
    """An officer sends an approved remittance."""

    kind: Literal["remittance"]
    unit: Name
    remittance: Name
    rail: OnRail = "portal"


Attempt = Annotated[DuesAttempt | BatchAttempt | RemittanceAttempt, Field(discriminator="kind")]

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"
_EXAMPLES = {
    "dues": {
        "summary": "Đảng viên tự đóng",
        "value": {"kind": "dues", "unit": "HP-VH-CB07", "member_id": _MEMBER, "month": "2026-07"},
    },
    "batch": {
        "summary": "Nộp hộ nhiều đảng viên",
        "value": {
            "kind": "batch",
            "unit": "HP-VH-CB07",
            "lines": [{"member_id": _MEMBER, "month": "2026-07", "amount": 50000}],
        },
    },
    "gateway": {
        "summary": "Đảng viên tự đóng bằng thẻ",
        "value": {
            "kind": "dues",
            "unit": "HP-VH-CB07",
            "member_id": _MEMBER,
            "month": "2026-07",
            "rail": "gateway",
        },
    },
    "remittance": {
        "summary": "Nộp cấp trên",
        "value": {"kind": "remittance", "unit": "HP-VH-CB07", "remittance": "HP-VH-CB07/2026-07/1"},
    },
}


@router.post(
    "/attempts",
    summary="Mở một lượt thanh toán trên Cổng hay cổng thẻ: đóng đảng phí, nộp hộ, hoặc nộp cấp trên",
    description="rail là kênh: portal (mặc định) hoặc gateway. "
    "Khi đã đặt DANGPHI_PORTAL_URL, câu trả lời có redirect_url (trang thanh toán) và state. state là "
    "unknown khi Cổng không trả lời, failed khi Cổng từ chối; message nói phải làm gì. Không mở lượt mới khi một lượt "
    "khác của tháng đó đang chờ ngân hàng báo (attempt-pending).",
    responses=shows({"position": 1901, "answer": {"reference": "HJQPM5YNFT97", "amount": 50000}}),
)
def open_attempt(
    body: Annotated[Attempt, JsonBody(openapi_examples=_EXAMPLES)],
    by: Commands,
    request: Request,
) -> JSONResponse:
    """Open an attempt of the kind named; where the portal's address is known, with the page to pay on."""
    ip = request.client.host if request.client is not None else ""
    asked = _command(body, by)
    named(by.caller.inst.settings, body.rail)
    command = asked if body.rail == "portal" else OpenOnRail(unit_id=asked.unit_id, rail=body.rail, asked=asked)
    opened = attempts.open_attempt(by.caller.inst, command, by.act(), caller_ip=_ipv4(ip))
    by.caller.door.wake()
    return answered(opened.outcome.position, opened.answer, replayed=opened.outcome.replayed)


def _ipv4(text: str) -> str:
    """The caller's address as the portal takes it, which knows IPv4 alone."""
    try:
        return str(IPv4Address(text))
    except ValueError:
        return "127.0.0.1"


def _command(
    body: DuesAttempt | BatchAttempt | RemittanceAttempt, by: Commander
) -> OpenDuesAttempt | OpenBatchAttempt | OpenRemittanceAttempt:
    unit = by.caller.unit(body.unit)
    match body:
        case DuesAttempt():
            return OpenDuesAttempt(unit_id=unit, member_id=MemberId(body.member_id), month=parse_month(body.month))
        case BatchAttempt():
            lines = tuple(
                BatchLine(
                    member_id=MemberId(line.member_id),
                    month=parse_month(line.month),
                    amount=line.amount,
                    cash_payment_id=PaymentId(line.cash_payment) if line.cash_payment else None,
                )
                for line in body.lines
            )
            return OpenBatchAttempt(unit_id=unit, lines=lines)
        case RemittanceAttempt():
            return OpenRemittanceAttempt(unit_id=unit, remittance_id=RemittanceId(body.remittance))


_STATE = {
    "reference": "HJQPM5YNFT97",
    "rail": "portal",
    "unit": "HP-VH-CB07",
    "amount": 50000,
    "opened_at": "2026-07-04T09:15:00+07:00",
    "state": "pending",
    "may_hold_money": True,
    "reports": [
        {
            "state": "pending",
            "via": "query",
            "outside_id": "HJQPM5YNFT97/20260704091500",
            "stated_at": "2026-07-04T09:46:00+07:00",
        }
    ],
}


@router.get(
    "/attempts/{reference}",
    summary="Tình trạng một lượt thanh toán và mọi điều kênh đã báo về nó",
    description="state là điều nói nhiều nhất trong các báo cáo, không phải điều đến sau cùng: tiền đã nhận thắng mọi "
    "báo cáo khác. may_hold_money: tiền có thể đang trên đường, đừng nộp lần nữa.",
    responses=shows(_STATE),
)
def show_attempt(reference: str, by: Reads) -> dict[str, Any]:
    """One attempt with its reports, in the order in which they came."""
    known, opened = _readable(reference, by)
    return {
        "reference": opened.reference,
        "rail": opened.rail,
        "unit": opened.unit_id,
        "amount": opened.amount,
        "opened_at": opened.opened_at.isoformat(),
        "state": str(known.state),
        "may_hold_money": attempt.may_hold_money(known),
        "reports": [
            {
                "state": str(report.state),
                "via": report.via,
                "outside_id": report.outside_id,
                "stated_at": report.stated_at.isoformat(),
            }
            for report in known.reports
        ],
    }


@router.get(
    "/attempts/{reference}/receipt",
    summary="Biên lai của kênh cho một lượt đã thanh toán",
    description="Tệp PDF; hoặc, khi kênh chỉ cho địa chỉ, JSON có url. Chỉ lượt đã được báo là đã thanh toán mới có.",
    response_class=Response,
    responses=shows("%PDF-1.7 …", media_type="application/pdf"),
)
def receipt(reference: str, by: Reads) -> Response:
    """The channel's own receipt, as it gives it."""
    _readable(reference, by)
    copy = attempts.receipt_of(by.inst, reference, by.door.now())
    if copy.body is None:
        return JSONResponse({"reference": reference, "url": copy.url})
    return Response(copy.body, media_type=copy.media_type)


def _readable(reference: str, by: Caller) -> tuple[attempt.Attempt, attempt.AttemptOpened]:
    """An attempt of a unit that the caller may read. What is no reference of ours is looked up nowhere."""
    known = by.work().attempt(reference) if is_valid(reference, by.inst.settings.reference_prefix) else None
    if known is None or known.opened is None:
        raise Refusal(RefusalCode.UNKNOWN_REFERENCE, "Không có lượt thanh toán nào mang mã này. Kiểm tra mã.")
    by.reads(known.opened.unit_id)
    return known, known.opened
