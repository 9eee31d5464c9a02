"""Open items over HTTP: what waits, decide, decide by a list, agree, undo."""

import hashlib
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Body as Raw
from fastapi.responses import JSONResponse
from pydantic import Field

from adapters.office.decisions import read_decisions
from api.flows import open_items as flow
from api.flows.members import member_of
from api.http.door import Commands, Reads, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain.identifiers import PaymentId
from domain.open_item import DecisionKind, unit_of
from domain.period import parse_month
from ledger.handlers.open_items import (
    ApproveDecision,
    Asked,
    Decide,
    DecideBatch,
    PartAsked,
    UndoDecision,
    decisions_of,
)

router = APIRouter(tags=["Khoản chờ quyết định"])

_TAKEN = {
    "position": 2051,
    "answer": {"decision_id": "HP-VH/QD-3", "state": "taken", "kind": "identify", "amount": 70_000},
}
_LIST = {
    "unit": "HP-VH",
    "open": [
        {
            "item": "bank:970436:0011001234567/FT26200123456",
            "what": "suspense",
            "amount": 70_000,
            "since": "2026-07-15",
            "age_days": 6,
            "owner": "kế toán",
            "next_step": "xác định chủ, chia, hoặc trả lại người gửi",
        }
    ],
}


class PartIn(Body):
    """One member's part of a transfer."""

    member: Name
    month: Name | None = None
    amount: Amount | None = None


class DecisionIn(Body):
    """A decision on one open item; ``amount`` left out: all that waits."""

    unit: Name
    item: Name
    kind: DecisionKind
    reason: Text
    parts: Annotated[tuple[PartIn, ...], Field(max_length=500)] = ()
    amount: Amount | None = None
    announced: Name | None = None
    until: Day | None = None
    owner: Name | None = None
    document: Text | None = None

    model_config = example(
        {
            "unit": "HP-VH",
            "item": "bank:970436:0011001234567/FT26200123456",
            "kind": "identify",
            "reason": "đảng viên xác nhận đã chuyển",
            "parts": [{"member": "31.000123", "month": "2026-07"}],
        }
    )


class NumberIn(Body):
    """A decision by its number."""

    decision: Name

    model_config = example({"decision": "HP-VH/QD-3"})


class UndoIn(Body):
    """A decision to undo, with the reason."""

    decision: Name
    reason: Text
    document: Text | None = None

    model_config = example({"decision": "HP-VH/QD-3", "reason": "nhầm người"})


@router.get(
    "/units/{unit}/open-items",
    summary="Khoản đang chờ người quyết định",
    description="Tiền chưa rõ chủ, báo có thiếu, dòng sao kê chưa xếp: tuổi, người theo dõi, việc kế tiếp.",
    responses=shows(_LIST),
)
def listed(unit: str, by: Reads, below: Annotated[bool, Query(examples=[False])] = False) -> dict[str, Any]:
    """What is open, the oldest first."""
    where = by.reads_unit(unit)
    found = flow.list_open(by.inst, where, by.door.now(), below=below)
    return {"unit": where, "open": [asdict(one) for one in found]}


@router.get(
    "/units/{unit}/decisions",
    summary="Các quyết định về khoản chờ",
    description="Quyết định có hiệu lực, đã gỡ, hoặc đang chờ người thứ hai duyệt.",
    responses=shows({"unit": "HP-VH", "decisions": [{"decision_id": "HP-VH/QD-3", "state": "taken"}]}),
)
def decisions(unit: str, by: Reads) -> dict[str, Any]:
    """Every decision of a unit."""
    where = by.reads_unit(unit)
    state = decisions_of(by.work(), where)
    told = [{**asdict(made), "state": "proposed"} for made in state.proposed.values()]
    told += [
        {**asdict(taken.decision), "state": "undone" if number in state.undone else "taken"}
        for number, taken in state.taken.items()
    ]
    return {"unit": where, "decisions": told}


@router.post(
    "/open-items/decisions",
    summary="Quyết định về một khoản",
    description="Xác định chủ, chia, trả lại, ghi thu khác, nhận phí, hoặc chờ. Việc cần hai người thì thành đề nghị.",
    responses=shows(_TAKEN),
)
def decide(asked: DecisionIn, by: Commands) -> JSONResponse:
    """Decide on one item."""
    inst = by.caller.inst
    command = Decide(
        unit_id=by.caller.unit(asked.unit),
        asked=Asked(
            item=asked.item,
            kind=asked.kind,
            reason=asked.reason,
            parts=tuple(
                PartAsked(
                    member_id=member_of(inst, part.member),
                    month=None if part.month is None else parse_month(part.month),
                    amount=part.amount,
                )
                for part in asked.parts
            ),
            amount=asked.amount,
            target=None if asked.announced is None else PaymentId(asked.announced),
            until=asked.until,
            owner=asked.owner,
            document=asked.document,
        ),
    )
    return by.run(command, reason=asked.reason, document=asked.document)


@router.post(
    "/open-items/batch",
    summary="Quyết định theo danh sách (CSV, XLSX)",
    description="Mọi dòng được kiểm tra trước; ghi tất cả hoặc không dòng nào. "
    "Cùng một khoá, cùng tệp: cùng câu trả lời.",
    responses=shows({"position": 2060, "answer": {"decisions": [{"where": "ds.csv, dòng 2", "state": "taken"}]}}),
)
def batch(
    data: Annotated[bytes, Raw(media_type="application/octet-stream", examples=["mã khoản,quyết định,…"])],
    unit: Annotated[str, Query(min_length=1, max_length=200, examples=["HP-VH"])],
    filename: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", examples=["ds.csv"])],
    by: Commands,
) -> JSONResponse:
    """Decide what a file says."""
    rows = flow.batch_of(by.caller.inst, read_decisions(data, filename), filename)
    command = DecideBatch(unit_id=by.caller.unit(unit), rows=rows)
    return by.run(command, document=hashlib.sha256(data).hexdigest())


@router.post(
    "/open-items/approvals",
    summary="Người thứ hai duyệt một quyết định",
    description="Người duyệt khác người quyết định; việc được thực hiện ngay.",
    responses=shows(_TAKEN),
)
def approve(asked: NumberIn, by: Commands) -> JSONResponse:
    """Agree to what another person decided."""
    return by.run(ApproveDecision(unit_id=unit_of(asked.decision), decision_id=asked.decision))


@router.post(
    "/open-items/undoings",
    summary="Gỡ một quyết định",
    description="Tiền trở lại chờ. Quyết định đã chuyển tiền cần người thứ hai duyệt việc gỡ.",
    responses=shows(_TAKEN),
)
def undo(asked: UndoIn, by: Commands) -> JSONResponse:
    """Undo a decision by its number."""
    command = UndoDecision(
        unit_id=unit_of(asked.decision), decision_id=asked.decision, reason=asked.reason, document=asked.document
    )
    return by.run(command, reason=asked.reason, document=asked.document)
