"""Kept messages of channels over HTTP: hash, headers by name and verdict; the words only with a right and a reason."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.flows import messages
from api.http.door import Commands, Reads, shows
from api.http.shapes import Body, Text, example

router = APIRouter(tags=["Báo có từ bên ngoài"])

_ROW = {
    "message": 412,
    "channel": "portal",
    "told": "DVC26070400000017",
    "received_at": "2026-07-04T09:15:03+07:00",
    "verdict": "đã tin",
    "code": None,
    "sha256": "5f70…",
    "bytes": 1184,
    "headers": ["content-type", "user-agent"],
    "unit": "u-0123456789ab",
    "position": 1877,
}


class OpenIn(Body):
    """Why the words of a message must be seen."""

    reason: Text

    model_config = example({"reason": "kiểm tra theo kế hoạch 05-KH/UBKT"})


@router.get(
    "/messages",
    summary="Tin các kênh đã gửi: mã băm, tên header, kết quả kiểm tra; không có nội dung",
    description="of: mã khoản tiền (nguồn/mã giao dịch) hoặc mã tham chiếu; bỏ trống thì là những tin mới nhất. "
    "rejected: chỉ tin không tin được. Cần quyền xem ở đơn vị của từng tin; tin không gắn với khoản nào thuộc đơn vị "
    "đứng đầu.",
    responses=shows({"messages": [_ROW]}),
)
def listed(
    by: Reads,
    of: Annotated[str | None, Query(min_length=1, max_length=300, examples=["portal/DVC26070400000017"])] = None,
    rejected: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """Messages about one payment or request, or the last that came in."""
    inst = by.inst
    found = messages.latest(inst, limit, rejected=rejected) if of is None else messages.of_subject(inst, of)
    return {"messages": messages.shown_to(inst, found, by.actor, by.door.now().date(), within_reach=of is None)}


@router.get("/messages/{number}", summary="Một tin theo số; không có nội dung", responses=shows(_ROW))
def one(number: int, by: Reads) -> dict[str, Any]:
    """One message without its words."""
    (row,) = messages.shown_to(by.inst, (messages.message(by.inst, number),), by.actor, by.door.now().date())
    return row


@router.post(
    "/messages/{number}/open",
    summary="Nguyên văn một tin và header; ai xem, vì sao được ghi lại",
    description="Chỉ kế toán, cấp ủy, Ủy ban Kiểm tra của đơn vị. Giá trị của header mang khoá không bao giờ hiện.",
    responses=shows({**_ROW, "header_values": {}, "body": "{…}", "opened_by": "VH-UBKT1", "reason": "kiểm tra"}),
)
def opened(number: int, body: OpenIn, by: Commands) -> dict[str, Any]:
    """The words of one message."""
    return messages.open_message(by.caller.inst, number, by.act(reason=body.reason))
