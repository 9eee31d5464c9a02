"""What a unit sends up: prepared by one, approved by another, sent, acknowledged; disputed, explained, corrected."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.http.door import Caller, Commands, Reads, Responses, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from api.problems import EdgeCode, Problem
from domain.identifiers import RemittanceId, remittance_id
from domain.period import parse_period
from domain.remittance import NotPrepared, Remittance, Way, to_send, under_way
from ledger.handlers.remit import (
    AcknowledgeRemittance,
    ApproveRemittance,
    CorrectSending,
    DisputeRemittance,
    ExplainDispute,
    PrepareRemittance,
    SendRemittance,
)

router = APIRouter(prefix="/remittances", tags=["Nộp cấp trên"])

_ONE = "/{unit}/{period}/{number}"

_SHOWN: dict[str, Any] = {
    "remittance": "HP-VH-CB07/2026-07/1",
    "unit": "HP-VH-CB07",
    "superior": "HP-VH",
    "period": "2026-07",
    "way": "portal",
    "reason": None,
    "amount": 350000,
    "netted": 0,
    "prepared_by": "HP-VH-CB07-TQ",
    "prepared_on": "2026-08-05",
    "approved_by": "HP-VH-CB07-BT",
    "to_send": 0,
    "sent": 350000,
    "received": 0,
    "under_way": 350000,
    "seen_by_bank": [{"amount": 350000, "booked_on": "2026-08-06", "bank_line": "9f2c…"}],
    "settled_from_held": False,
    "on_account": False,
    "settled_on_account": 0,
    "withdrawn": False,
    "returned": 0,
    "astray": {},
    "dispute": None,
}


def _recorded(answer: dict[str, Any]) -> Responses:
    return shows({"position": 2210, "answer": answer})


class Prepare(Body):
    """Which period to send up, and how."""

    unit: Name
    period: Name
    way: Way
    reason: Text | None = None

    model_config = example({"unit": "HP-VH-CB07", "period": "2026-07", "way": "portal"})


class Approve(Body):
    """The ground of an approval, where there is one."""

    reason: Text | None = None
    document: Text | None = None

    model_config = example({"document": "CT-08/2026"})


class SendUp(Body):
    """What was sent and when; without an amount all that is left to send."""

    sent_on: Day
    amount: Amount | None = None

    model_config = example({"sent_on": "2026-08-05", "amount": 350000})


class Acknowledge(Body):
    """When the superior had the money."""

    received_on: Day

    model_config = example({"received_on": "2026-08-06"})


class Dispute(Body):
    """Why what came in is not what was sent."""

    reason: Text

    model_config = example({"reason": "Ngân hàng chỉ báo có 35.000 đồng"})


class Explain(Body):
    """The sender's answer to a dispute."""

    explanation: Text
    document: Text | None = None

    model_config = example({"explanation": "Gõ thiếu một số 0", "document": "UNC 118"})


class Correct(Body):
    """What never left the bank."""

    difference: Amount
    reason: Text

    model_config = example({"difference": 315000, "reason": "Ngân hàng chỉ chuyển 35.000 đồng"})


@router.post(
    "",
    summary="Lập lệnh nộp cấp trên cho một kỳ đã chốt",
    description="Qua Cổng là mặc định; chuyển khoản hoặc tiền mặt phải ghi lý do. Phần cấp trên phải hoàn được bù trừ "
    "trước.",
    responses=_recorded({"remittance_id": "HP-VH-CB07/2026-07/1", "amount": 350000, "netted": 0, "reference": None}),
)
def prepare(body: Prepare, by: Commands) -> JSONResponse:
    """Prepare a remittance."""
    command = PrepareRemittance(
        unit_id=by.caller.unit(body.unit), period=parse_period(body.period), way=body.way, reason=body.reason
    )
    return by.run(command, reason=body.reason)


@router.post(
    f"{_ONE}/approve",
    summary="Duyệt lệnh nộp (người khác với người lập)",
    responses=_recorded({"events": 1}),
)
def approve(unit: str, period: str, number: int, body: Approve, by: Commands) -> JSONResponse:
    """Approve a remittance."""
    case, found = find(unit, period, number, by.caller)
    command = ApproveRemittance(unit_id=found.prepared.unit_id, remittance_id=case)
    return by.run(command, reason=body.reason, document=body.document)


@router.post(
    f"{_ONE}/send",
    summary="Ghi nhận đã chuyển tiền lên cấp trên (chuyển khoản hoặc tiền mặt)",
    responses=_recorded({"sent": 350000, "n": 1}),
)
def send(unit: str, period: str, number: int, body: SendUp, by: Commands) -> JSONResponse:
    """Record a sending."""
    case, found = find(unit, period, number, by.caller)
    command = SendRemittance(
        unit_id=found.prepared.unit_id, remittance_id=case, sent_on=body.sent_on, amount=body.amount
    )
    return by.run(command)


@router.post(
    f"{_ONE}/acknowledge",
    summary="Cấp trên xác nhận đã nhận (tiền mặt, hoặc quyết toán từ tiền giữ hộ)",
    responses=_recorded({"events": 1}),
)
def acknowledge(unit: str, period: str, number: int, body: Acknowledge, by: Commands) -> JSONResponse:
    """Acknowledge a remittance."""
    case, found = find(unit, period, number, by.caller)
    command = AcknowledgeRemittance(
        superior_id=found.prepared.superior_id, remittance_id=case, received_on=body.received_on
    )
    return by.run(command)


@router.post(
    f"{_ONE}/dispute",
    summary="Cấp trên báo số nhận không khớp số gửi",
    responses=_recorded({"expected": 350000, "seen": 35000, "events": 1}),
)
def dispute(unit: str, period: str, number: int, body: Dispute, by: Commands) -> JSONResponse:
    """Dispute a remittance."""
    case, found = find(unit, period, number, by.caller)
    command = DisputeRemittance(superior_id=found.prepared.superior_id, remittance_id=case, reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    f"{_ONE}/explain",
    summary="Đơn vị gửi giải trình",
    responses=_recorded({"events": 1}),
)
def explain(unit: str, period: str, number: int, body: Explain, by: Commands) -> JSONResponse:
    """Explain a dispute."""
    case, found = find(unit, period, number, by.caller)
    command = ExplainDispute(
        unit_id=found.prepared.unit_id,
        remittance_id=case,
        explanation=body.explanation,
        document=body.document,
    )
    return by.run(command, reason=body.explanation, document=body.document)


@router.post(
    f"{_ONE}/correct",
    summary="Đơn vị điều chỉnh phần chưa hề rời ngân hàng",
    description="Sự kiện cũ giữ nguyên; chênh lệch ghi bằng sự kiện mới, phần còn phải nộp gửi bằng lệnh tiếp.",
    responses=_recorded({"events": 1}),
)
def correct(unit: str, period: str, number: int, body: Correct, by: Commands) -> JSONResponse:
    """Correct a sending."""
    case, found = find(unit, period, number, by.caller)
    command = CorrectSending(
        unit_id=found.prepared.unit_id, remittance_id=case, difference=body.difference, reason=body.reason
    )
    return by.run(command, reason=body.reason)


@router.get(_ONE, summary="Xem một lệnh nộp", responses=shows(_SHOWN))
def show(unit: str, period: str, number: int, by: Reads) -> dict[str, Any]:
    """One remittance at the head of the log."""
    case, found = find(unit, period, number, by)
    prepared = found.prepared
    by.reads(prepared.unit_id)
    return {
        "remittance": case,
        "unit": prepared.unit_id,
        "superior": prepared.superior_id,
        "period": prepared.period,
        "way": prepared.way,
        "reason": prepared.reason,
        "amount": prepared.amount,
        "netted": prepared.netted,
        "prepared_by": prepared.prepared_by,
        "prepared_on": prepared.prepared_on,
        "approved_by": found.approved_by,
        "to_send": to_send(found),
        "sent": found.sent,
        "received": found.received,
        "under_way": under_way(found),
        "seen_by_bank": [
            {"amount": seen.amount, "booked_on": seen.booked_on, "bank_line": seen.bank_line} for seen in found.seen
        ],
        "settled_from_held": found.settled,
        "on_account": found.on_account,
        "settled_on_account": found.settled_on_account,
        "withdrawn": found.withdrawn,
        "returned": found.returned,
        "astray": dict(found.misrouted),
        "dispute": None if found.open_dispute is None else _dispute_shown(found),
    }


def _dispute_shown(found: Remittance) -> dict[str, Any]:
    open_dispute = found.open_dispute
    assert open_dispute is not None
    return {
        "expected": open_dispute.expected,
        "seen": open_dispute.seen,
        "reason": open_dispute.reason,
        "disputed_by": open_dispute.disputed_by,
        "disputed_on": open_dispute.disputed_on,
        "answered": found.answered,
    }


def find(unit: str, period: str, number: int, by: Caller) -> tuple[RemittanceId, Remittance]:
    """The remittance named in the path; whether the caller may touch it is asked by the ledger."""
    case = remittance_id(by.unit(unit), parse_period(period), number)
    found = by.work().remittance(case)
    if isinstance(found, NotPrepared):
        raise Problem(EdgeCode.NOT_FOUND, f"Chưa lập lệnh nộp {case}. Kiểm tra đơn vị, kỳ và số thứ tự.")
    return case, found
