"""Money given back: asked for by one with every level's part shown, approved by two, then paid out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Body as JsonBody
from fastapi.responses import JSONResponse
from pydantic import Field, StrictInt

from api.http.door import Caller, Commander, Commands, Reads, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from api.problems import EdgeCode, Problem
from api.security import command_id
from domain.identifiers import MemberId, PaymentId, RefundId
from domain.payment import Asset
from domain.period import parse_month, parse_period
from domain.refund import NotRequested, Refund
from ledger.handlers.payouts import PayRefund
from ledger.handlers.refunds import (
    ApproveRefund,
    RequestCreditRefund,
    RequestReliefRefund,
    RequestSuspenseRefund,
)

router = APIRouter(prefix="/refunds", tags=["Hoàn trả"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"
_REFUND = "0b6f4f0e-0b36-5a0e-9d4a-6e0d5a1f6a52"

_PARTS = [
    {"unit_id": "HP-VH-CB07", "kept": 15000, "passed": 35000, "unsplit": 0},
    {"unit_id": "HP-VH", "kept": 17500, "passed": 17500, "unsplit": 0},
    {"unit_id": "HP", "kept": 8750, "passed": 8750, "unsplit": 0},
]


class _Asked(Body):
    unit: Name
    reason: Text
    decision: Text


class CreditRefund(_Asked):
    """Give back an overpayment still held as credit."""

    kind: Literal["credit"]
    member_id: Name
    amount: Amount


class SuspenseRefund(_Asked):
    """Send back money that nobody could place."""

    kind: Literal["suspense"]
    payment: Name
    amount: Amount


class ReliefRefund(_Asked):
    """Give back what a relief found later takes off a month that was paid; ``period`` if it was declared."""

    kind: Literal["relief"]
    member_id: Name
    month: Name
    period: Name | None = None
    relief: Name
    percent: Annotated[StrictInt, Field(ge=1, le=100)]


Asked = Annotated[CreditRefund | SuspenseRefund | ReliefRefund, Field(discriminator="kind")]


class Approve(Body):
    """The ground of an approval, where there is one."""

    reason: Text | None = None
    document: Text | None = None

    model_config = example({"document": "QĐ 12-QĐ/ĐU"})


class Pay(Body):
    """How and when the money was paid out."""

    by: Literal["bank", "cash"]
    paid_on: Day

    model_config = example({"by": "bank", "paid_on": "2026-08-28"})


_DECISION = {"unit": "HP-VH-CB07", "reason": "Nộp thừa", "decision": "QĐ 12-QĐ/ĐU"}
_EXAMPLES = {
    "credit": {
        "summary": "Tiền nộp thừa còn giữ",
        "value": {"kind": "credit", **_DECISION, "member_id": _MEMBER, "amount": 20000},
    },
    "suspense": {
        "summary": "Tiền chưa xác định được chủ",
        "value": {"kind": "suspense", **_DECISION, "payment": "bank:970436:0011001234567/FT1", "amount": 70000},
    },
    "relief": {
        "summary": "Tháng đã đóng nay được miễn",
        "value": {
            "kind": "relief",
            **_DECISION,
            "reason": "Miễn đảng phí từ tháng 7",
            "member_id": _MEMBER,
            "month": "2026-07",
            "period": "2026-07",
            "relief": "X2",
            "percent": 100,
        },
    },
}


@router.post(
    "",
    summary="Đề nghị hoàn trả: tiền thừa, tiền chưa xác định, hoặc tháng được miễn giảm sau khi đã đóng",
    description="Câu trả lời nêu phần của từng cấp trước khi ai duyệt.",
    responses=shows(
        {"position": 3105, "answer": {"refund_id": _REFUND, "amount": 50000, "source": "split", "parts": _PARTS}}
    ),
)
def ask(
    body: Annotated[Asked, JsonBody(openapi_examples=_EXAMPLES)],
    by: Commands,
) -> JSONResponse:
    """Ask for a refund; its id follows from the idempotency key."""
    return by.run(_command(body, by), reason=body.reason, document=body.decision)


def _command(body: CreditRefund | SuspenseRefund | ReliefRefund, by: Commander) -> object:
    unit = by.caller.unit(body.unit)
    refund = RefundId(str(command_id(by.caller.actor, by.key)))
    match body:
        case CreditRefund():
            return RequestCreditRefund(
                refund_id=refund,
                unit_id=unit,
                member_id=MemberId(body.member_id),
                amount=body.amount,
                reason=body.reason,
                decision=body.decision,
            )
        case SuspenseRefund():
            return RequestSuspenseRefund(
                refund_id=refund,
                unit_id=unit,
                payment_id=PaymentId(body.payment),
                amount=body.amount,
                reason=body.reason,
                decision=body.decision,
            )
        case ReliefRefund():
            return RequestReliefRefund(
                refund_id=refund,
                unit_id=unit,
                member_id=MemberId(body.member_id),
                month=parse_month(body.month),
                period=None if body.period is None else parse_period(body.period),
                relief=body.relief,
                percent=body.percent,
                reason=body.reason,
                decision=body.decision,
            )


@router.post(
    "/{refund}/approve",
    summary="Duyệt hoàn trả; người thứ hai duyệt thì ghi sổ ở mọi cấp",
    responses=shows({"position": 3110, "answer": {"approvals": 2}}),
)
def approve(refund: str, body: Approve, by: Commands) -> JSONResponse:
    """Approve a refund."""
    found = find(refund, by.caller)
    command = ApproveRefund(unit_id=found.requested.unit_id, refund_id=found.requested.refund_id)
    return by.run(command, reason=body.reason, document=body.document)


@router.post(
    "/{refund}/pay",
    summary="Chi trả khoản hoàn đã duyệt",
    responses=shows({"position": 3120, "answer": {"paid": 50000, "reference": "HJAB12CD34EF"}}),
)
def pay(refund: str, body: Pay, by: Commands) -> JSONResponse:
    """Pay a refund out."""
    found = find(refund, by.caller)
    command = PayRefund(
        unit_id=found.requested.unit_id,
        refund_id=found.requested.refund_id,
        asset=Asset.CASH if body.by == "cash" else Asset.BANK,
        paid_on=body.paid_on,
    )
    return by.run(command)


@router.get(
    "/{refund}",
    summary="Xem một khoản hoàn trả và phần của từng cấp",
    responses=shows(
        {
            "refund": _REFUND,
            "source": "split",
            "unit": "HP-VH-CB07",
            "member_id": _MEMBER,
            "payment": None,
            "month": "2026-07",
            "amount": 50000,
            "parts": _PARTS,
            "relief": "X2",
            "reason": "Miễn đảng phí từ tháng 7",
            "decision": "QĐ 12-QĐ/ĐU",
            "requested_by": "HP-VH-KT1",
            "requested_on": "2026-08-21",
            "approved_by": ["HP-VH-BT", "HP-VH-PBT"],
            "paid_on": "2026-08-28",
            "seen_by_bank": True,
            "withdrawn": False,
            "claw_backs": [{"superior": "HP-VH", "amount": 35000, "received": True}],
        }
    ),
)
def show(refund: str, by: Reads) -> dict[str, Any]:
    """One refund at the head of the log."""
    found = find(refund, by)
    asked = found.requested
    by.reads(asked.unit_id)
    return {
        "refund": asked.refund_id,
        "source": asked.source,
        "unit": asked.unit_id,
        "member_id": asked.member_id,
        "payment": asked.payment_id,
        "month": asked.month,
        "amount": asked.amount,
        "parts": [
            {"unit_id": p.unit_id, "kept": p.kept_part, "passed": p.passed_part, "unsplit": p.unsplit_part}
            for p in asked.parts
        ],
        "relief": asked.relief,
        "reason": asked.reason,
        "decision": asked.decision,
        "requested_by": asked.requested_by,
        "requested_on": asked.requested_on,
        "approved_by": list(found.approvers),
        "paid_on": None if found.paid is None else found.paid.paid_on,
        "seen_by_bank": bool(found.seen),
        "withdrawn": found.withdrawn,
        "claw_backs": [
            {"superior": sent.superior_id, "amount": sent.amount, "received": above in found.claw_backs_received}
            for above, sent in sorted(found.claw_backs.items())
        ],
    }


def find(refund: str, by: Caller) -> Refund:
    """The refund named in the path; whether the caller may touch it is asked by the ledger."""
    found = by.work().refund(RefundId(refund))
    if isinstance(found, NotRequested):
        raise Problem(EdgeCode.NOT_FOUND, "Chưa có đề nghị hoàn trả này. Kiểm tra mã hoàn trả.")
    return found
