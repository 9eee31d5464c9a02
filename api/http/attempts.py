"""Attempts to pay on the portal; the kind of payment is fixed here and never inferred later."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Body as JsonBody
from fastapi.responses import JSONResponse
from pydantic import Field

from api.http.door import Commander, Commands, shows
from api.http.shapes import Amount, Body, Name
from domain.identifiers import MemberId, PaymentId, RemittanceId
from domain.period import parse_month
from ledger.handlers.ask import BatchLine, OpenBatchAttempt, OpenDuesAttempt, OpenRemittanceAttempt

router = APIRouter(tags=["Yêu cầu thanh toán"])


class DuesAttempt(Body):
    """A member pays a month's dues."""

    kind: Literal["dues"]
    unit: Name
    member_id: Name
    month: Name


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


class RemittanceAttempt(Body):
    """An officer sends an approved remittance."""

    kind: Literal["remittance"]
    unit: Name
    remittance: Name


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
    "remittance": {
        "summary": "Nộp cấp trên",
        "value": {"kind": "remittance", "unit": "HP-VH-CB07", "remittance": "HP-VH-CB07/2026-07/1"},
    },
}


@router.post(
    "/attempts",
    summary="Mở một lượt thanh toán trên Cổng: đóng đảng phí, nộp hộ, hoặc nộp cấp trên",
    responses=shows({"position": 1901, "answer": {"reference": "HJQPM5YNFT97", "amount": 50000}}),
)
def open_attempt(
    body: Annotated[Attempt, JsonBody(openapi_examples=_EXAMPLES)],
    by: Commands,
) -> JSONResponse:
    """Open an attempt of the kind named."""
    return by.run(_command(body, by))


def _command(body: DuesAttempt | BatchAttempt | RemittanceAttempt, by: Commander) -> object:
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
