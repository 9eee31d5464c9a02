"""The history of a member, payment, remittance, refund or request in plain Vietnamese: who, when, why, which paper."""

from typing import Any

from fastapi import APIRouter

from api.http.door import Caller, Reads, shows
from api.http.members import reads_member
from api.http.pages import After, Size, asking, page
from api.http.refunds import find as find_refund
from api.http.remittances import find as find_remittance
from api.http.requests import requested
from domain.identifiers import payment_id
from domain.payment import require_seen
from ledger.reports import HistoryLine
from projections.audit_trail import Subject

router = APIRouter(tags=["Lịch sử"])

_HISTORY = shows(
    {
        "position": 3120,
        "history": [
            {
                "position": 1877,
                "recorded_at": "2026-07-04T09:15:03+07:00",
                "event": "payment-received",
                "actor": "service:worker",
                "role": "service:worker",
                "sentence": "Nhận 50.000 đồng qua Cổng, mã giao dịch DVC26070400000017.",
                "reason": None,
                "document": None,
            }
        ],
        "next": None,
    }
)


@router.get(
    "/members/{member}/history", summary="Lịch sử của một đảng viên (theo mã, không theo tên)", responses=_HISTORY
)
def of_member(member: str, by: Reads, after: After = 0, size: Size = 100) -> dict[str, Any]:
    """Everything that touches a member's dues."""
    reads_member(by, member)
    return _history(by, Subject.MEMBER, member, after, size)


@router.get(
    "/payments/{source}/{outside_reference:path}/history",
    summary="Lịch sử của một khoản tiền, theo kênh và mã giao dịch của kênh",
    responses=_HISTORY,
)
def of_payment(source: str, outside_reference: str, by: Reads, after: After = 0, size: Size = 100) -> dict[str, Any]:
    """Everything that touches a payment, the request it answers included."""
    payment = payment_id(source, outside_reference)
    by.reads(require_seen(by.work().payment(payment)).received.unit_id)
    return _history(by, Subject.PAYMENT, payment, after, size)


@router.get(
    "/remittances/{unit}/{period}/{number}/history",
    summary="Lịch sử của một lệnh nộp cấp trên",
    responses=_HISTORY,
)
def of_remittance(unit: str, period: str, number: int, by: Reads, after: After = 0, size: Size = 100) -> dict[str, Any]:
    """Everything that touches a remittance."""
    case, found = find_remittance(unit, period, number, by)
    by.reads(found.prepared.unit_id)
    return _history(by, Subject.REMITTANCE, case, after, size)


@router.get("/refunds/{refund}/history", summary="Lịch sử của một khoản hoàn trả", responses=_HISTORY)
def of_refund(refund: str, by: Reads, after: After = 0, size: Size = 100) -> dict[str, Any]:
    """Everything that touches a refund."""
    by.reads(find_refund(refund, by).requested.unit_id)
    return _history(by, Subject.REFUND, refund, after, size)


@router.get("/requests/{reference}/history", summary="Lịch sử của một yêu cầu thanh toán", responses=_HISTORY)
def of_request(reference: str, by: Reads, after: After = 0, size: Size = 100) -> dict[str, Any]:
    """Everything that touches a request."""
    requested(reference, by)
    return _history(by, Subject.REQUEST, reference, after, size)


def _history(by: Caller, kind: Subject, subject: str, after: int, size: int) -> dict[str, Any]:
    with asking(by) as read:
        lines = read.history(kind, subject, after=after, limit=size + 1)
        return page(read, "history", [_shown(line) for line in lines], size)


def _shown(line: HistoryLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "recorded_at": line.recorded_at,
        "event": line.event,
        "actor": line.actor,
        "role": line.role,
        "sentence": line.sentence,
        "reason": line.reason,
        "document": line.document,
    }
