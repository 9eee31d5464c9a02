"""Policy: what a draft would change, publishing a change; and the books of the past beside our own."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic.config import JsonDict

from adapters.office import policy_change
from api.flows import past as past_flow
from api.flows import policy_change as publishing
from api.flows import what_if as trying
from api.http.door import Commands, Reads, answered, shows
from api.http.shapes import Body, Name, Text, example
from domain.period import parse_month
from ledger.handlers.past import ProposePastUndo, UndoPast

router = APIRouter(tags=["Chính sách và sổ cũ"])

First = Annotated[str, Query(alias="from", description="Tháng đầu.", examples=["2028-01"])]
Last = Annotated[str | None, Query(alias="to", description="Tháng cuối; mặc định là tháng đầu.", examples=["2028-12"])]
Baseline = Annotated[str | None, Query(description="Tháng lấy mức để so; mặc định là tháng trước kỳ thử.")]

_ROW: JsonDict = {
    "id": "R27-STU",
    "title": "học sinh, sinh viên",
    "category": "STUDENT",
    "kind": "fixed",
    "base_kind": "none",
    "value_dong": 6000,
    "from_month": "2027-01",
    "regime": "01",
    "document": "77-QĐ/TW",
    "confidence": "seen",
}
_FILE: JsonDict = {
    "format": "dangphi-policy-change",
    "version": 1,
    "number": "77-QĐ/TW",
    "date": "2026-11-02",
    "issuer": "Bộ Chính trị",
    "rates": [_ROW],
}
_EFFECT = {"obligations": 12, "members": 1, "touched": 1, "before": 170280, "after": 283800, "difference": 113520}


class Change(Body):
    """A policy change as its file has it, who approved it, and whether it is only tried."""

    change: dict[str, Any]
    approver: Name
    dry_run: bool = False

    model_config = example({"change": _FILE, "approver": "HP-CU", "dry_run": True})


class Undo(Body):
    """First signature under undoing an import of old books."""

    unit: Name
    import_id: Name
    reason: Text

    model_config = example({"unit": "HP-VH", "import_id": "3f2a9c", "reason": "Nhập nhầm năm"})


class Confirm(Body):
    """Second signature."""

    unit: Name
    import_id: Name

    model_config = example({"unit": "HP-VH", "import_id": "3f2a9c"})


@router.get(
    "/units/{unit}/what-if",
    summary="Thử các dòng dự thảo trên một kỳ: chênh lệch theo nhóm, đơn vị, cấp; không ghi gì",
    responses=shows(
        {
            "from": "2028-01",
            "to": "2028-12",
            "baseline": "2027-12",
            "position": 3120,
            "drafts": [],
            "changes": [],
            "total": _EFFECT,
            "recorded": 0,
            "projected": 12,
            "refused": {},
            "by_category": [{"category": "NON_SI_UNDER_RETIREMENT", **_EFFECT}],
            "by_unit": [{"unit": "HP-VH", "name": "Phường Việt Hòa", "depth": 0, **_EFFECT}],
            "shares_differ": False,
            "by_level": [],
        }
    ),
)
def what_if(unit: str, by: Reads, first: First, last: Last = None, baseline: Baseline = None) -> dict[str, object]:
    """The same as ``dangphi policy what-if`` without a file."""
    start = parse_month(first)
    found = trying.what_if(
        by.inst,
        actor=by.actor,
        at=by.door.now(),
        unit=by.reads_unit(unit),
        first=start,
        last=start if last is None else parse_month(last),
        baseline=None if baseline is None else parse_month(baseline),
    )
    return trying.answer(found)


@router.post(
    "/policy/changes",
    summary="Công bố mức, tỷ lệ, lương tối thiểu, thiết lập mới từ một tháng; dry_run chỉ cho xem",
    description="Văn bản có nhiều dòng thì có hiệu lực cả hoặc không dòng nào.",
    responses=shows(
        {
            "position": 3121,
            "answer": {
                "activated": 1,
                "dry_run": False,
                "backdated_to": None,
                "changes": [
                    {
                        "row": "R27-STU",
                        "kind": "rate",
                        "subject": "STUDENT: học sinh, sinh viên",
                        "from": "2027-01",
                        "value": "6.000 đồng",
                        "was": {"row": "R26-STU", "value": "5.000 đồng"},
                    }
                ],
            },
        }
    ),
)
def publish(body: Change, by: Commands) -> JSONResponse:
    """Activate the rows of a change by a named approver's decision."""
    content = json.dumps(body.change, ensure_ascii=False, sort_keys=True).encode()
    found = publishing.publish(
        by.caller.inst,
        policy_change.from_bytes(content, "change"),
        actor=by.caller.actor,
        at=by.act().at,
        approver=body.approver,
        dry_run=body.dry_run,
        command_id=by.act().command_id,
    )
    by.caller.door.wake()
    answer = publishing.answer(found, dry_run=body.dry_run)
    position, replayed = found.outcome.position, found.outcome.replayed
    kept = {name: value for name, value in answer.items() if name not in ("position", "replayed")}
    return answered(position, kept, replayed=replayed)


@router.get(
    "/units/{unit}/past/differences",
    summary="So sổ cũ đã nhập với sổ này: từng đảng viên, đơn vị, tháng",
    responses=shows(
        {
            "position": 3120,
            "figures": 4,
            "differences": [
                {
                    "unit": "HP-VH-CB07",
                    "member": None,
                    "period": "2026-07",
                    "what": "collected",
                    "old": 105000,
                    "ours": 100000,
                    "difference": -5000,
                }
            ],
        }
    ),
)
def differences(unit: str, by: Reads, first: First, last: Last = None) -> dict[str, Any]:
    """Every figure that the old book and this ledger tell differently."""
    start = parse_month(first)
    found = past_flow.compare(
        by.inst,
        actor=by.actor,
        at=by.door.now(),
        root=by.reads_unit(unit),
        first=start,
        last=start if last is None else parse_month(last),
    )
    units = by.work().organisation.units
    return {
        "position": found.position,
        "figures": found.figures,
        "differences": [
            {
                "unit": units[row.unit_id].code,
                "member": row.member_id,
                "period": row.period,
                "what": row.what,
                "old": row.old,
                "ours": row.ours,
                "difference": row.difference,
            }
            for row in found.differences
        ],
    }


@router.post(
    "/past/undo",
    summary="Đề nghị bỏ cả một lần nhập sổ cũ (người thứ nhất)",
    responses=shows({"position": 3122, "answer": {"import_id": "3f2a9c…", "proposed_by": "VH-KT"}}),
)
def propose_undo(body: Undo, by: Commands) -> JSONResponse:
    """First signature."""
    unit = by.caller.unit(body.unit)
    key = past_flow.find_import(by.caller.inst, unit, body.import_id)
    return by.run(ProposePastUndo(root=unit, import_id=key, reason=body.reason), reason=body.reason)


@router.post(
    "/past/undo/confirm",
    summary="Đồng ý bỏ cả lần nhập sổ cũ (người thứ hai, khác người đề nghị)",
    responses=shows({"position": 3123, "answer": {"import_id": "3f2a9c…", "undone": 1}}),
)
def undo(body: Confirm, by: Commands) -> JSONResponse:
    """Second signature; nothing of the import counts any more."""
    unit = by.caller.unit(body.unit)
    key = past_flow.find_import(by.caller.inst, unit, body.import_id)
    return by.run(UndoPast(root=unit, import_id=key))
