"""Books of the past over HTTP: a list taken in, and what was taken in so far."""

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse

from api.flows.past import PastReport, import_past
from api.http.door import Commander, Commands, Reads, answered, shows
from domain.access import Action
from ledger.store import CommandContext

router = APIRouter(tags=["Chính sách và sổ cũ"])

_REPORT = {
    "import_id": "3f2a9c1b…",
    "rows": 12,
    "taken": 11,
    "member_months": 120,
    "unit_months": 0,
    "events": 2,
    "left_out": [{"where": "so-cu.csv, dòng 7, cột «số thẻ»", "code": "bad-cell", "reason": "không có đảng viên…"}],
}


@router.post(
    "/past",
    summary="Nhập một danh sách sổ cũ (đảng viên theo năm, hoặc đơn vị theo tháng)",
    description="Gửi nguyên tệp CSV hoặc XLSX làm nội dung. Dòng sai được liệt kê ở `left_out`, dòng đúng vào sổ; cùng "
    "một tệp gửi lại không thêm gì. Tối đa 20 MB.",
    responses=shows({"position": 3122, "answer": _REPORT}),
)
def take_in(
    data: Annotated[bytes, Body(media_type="application/octet-stream", examples=["số thẻ,họ tên,năm,tháng 1\n99.1,…"])],
    unit: Annotated[str, Query(description="Đơn vị mà sổ cũ thuộc phạm vi", examples=["HP-VH"])],
    kind: Annotated[Literal["members", "units"], Query(description="Danh sách đảng viên hay đơn vị")],
    filename: Annotated[str, Query(max_length=200, pattern=r"^[^/\\\x00-\x1f]+\.(csv|xlsx)$", examples=["so-cu.csv"])],
    by: Commands,
) -> JSONResponse:
    """Take a list in. The answer is kept under the caller's key: the same key with another list is refused."""
    caller, act = by.caller, by.act()
    root = caller.unit(unit)
    caller.inst.ledger.require(actor=act.actor, action=Action.ENTER_OPENING, unit=root, on=act.at.date())
    digest = hashlib.sha256(f"{root} {kind} {filename}\n".encode() + data).hexdigest()
    stored = caller.inst.store.known(act.command_id, digest)
    if stored is not None:
        return answered(stored.last_position, msgspec.json.decode(stored.answer), replayed=True)
    with tempfile.TemporaryDirectory(prefix="dangphi-past-") as folder:
        path = Path(folder) / filename
        path.write_bytes(data)
        found = import_past(
            caller.inst,
            actor=act.actor,
            at=act.at,
            root=root,
            members=path if kind == "members" else None,
            units=path if kind == "units" else None,
        )
    return _keep(by, digest, root, _told(found))


def _keep(by: Commander, digest: str, root: str, told: dict[str, Any]) -> JSONResponse:
    """The answer under the caller's key, a command without events of its own; a repetition finds it."""
    act = by.act()
    context = CommandContext(
        command_id=act.command_id,
        name="upload-past",
        request_digest=digest,
        recorded_at=act.at,
        actor=act.actor,
        role="",
        unit=root,
        action=Action.ENTER_OPENING,
    )
    result = by.caller.inst.store.append((), context, msgspec.json.encode(told))
    by.caller.door.wake()
    return answered(result.last_position, msgspec.json.decode(result.answer), replayed=False)


def _told(found: PastReport) -> dict[str, Any]:
    return {
        "import_id": found.import_id,
        "rows": found.rows,
        "taken": found.taken,
        "member_months": found.member_months,
        "unit_months": found.unit_months,
        "events": found.events,
        "left_out": [{"where": row.where, "code": row.code, "reason": row.reason} for row in found.problems],
    }


@router.get(
    "/units/{unit}/past",
    summary="Các lần nhập sổ cũ và tình trạng",
    responses=shows(
        {
            "imports": [
                {
                    "import_id": "3f2a9c1b…",
                    "file": "so-cu.csv",
                    "member_months": 120,
                    "unit_months": 0,
                    "state": "in-force",
                }
            ]
        }
    ),
)
def imports(unit: str, by: Reads) -> dict[str, Any]:
    """Imports of a unit in the order in which they came."""
    state = by.work().past(by.reads_unit(unit))
    return {
        "imports": [
            {
                "import_id": one,
                "file": parts[0].file,
                "member_months": sum(len(part.members) for part in parts),
                "unit_months": sum(len(part.months) for part in parts),
                "state": "undone" if one in state.undone else "undo-proposed" if one in state.proposals else "in-force",
            }
            for one, parts in state.parts.items()
        ]
    }
