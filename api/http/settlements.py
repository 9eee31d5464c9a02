"""Settlements of channels over HTTP: a file sent as it is, lumps without a name, days whose settlement is late."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Body as Raw
from fastapi.responses import JSONResponse

from api.flows import channel_list, settlements
from api.http.door import Commands, Reads, answered, shows
from api.http.shapes import Body, Name, Text, example
from domain import organisation
from domain.identifiers import PaymentId
from domain.open_item import DecisionKind
from ledger.handlers.open_items import Asked, Decide

router = APIRouter(tags=["Quyết toán của kênh"])

_TAKEN = {
    "position": 2101,
    "answer": {
        "state": "taken",
        "settlement_id": "20260710_DANGPHI_1",
        "net": 70_000,
        "lines": [{"number": 1, "outcome": "matched", "ours": 70_000}],
        "missing": [],
        "cleared": None,
        "waits_for": "",
        "reply": "H|1.0|DANGPHI|20260710|20260710\n…",
    },
}


@router.post(
    "/settlements/{rail}",
    summary="Nộp tệp quyết toán của một kênh",
    description="Gửi nguyên tệp, nguyên tên. Từng dòng được đối chiếu với sổ; «reply» là tệp trả lời kênh, cũng được "
    "lưu làm chứng từ. Tệp không cộng đúng bị từ chối cả tệp; nộp lại cùng tệp không ghi thêm gì. Chỉ nhận tệp mang "
    "chữ ký của kênh (portal); đợt trả của cổng thẻ: /gateway/settle.",
    responses=shows(_TAKEN),
)
def upload(
    rail: str,
    data: Annotated[bytes, Raw(media_type="application/octet-stream", examples=["H|1.0|DANGPHI|20260710|20260710…"])],
    unit: Annotated[str, Query(min_length=1, max_length=200, examples=["HP-VH"])],
    filename: Annotated[
        str, Query(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", examples=["20260710_DANGPHI_1.txt"])
    ],
    by: Commands,
) -> JSONResponse:
    """Take a file in and answer with our answer to the channel."""
    inst = by.caller.inst
    outcome, reply = settlements.take_file(inst, rail, data, filename, by.caller.unit(unit), by.act())
    by.caller.door.wake()
    told = None if reply is None else reply.decode("utf-8")
    return answered(outcome.position, {**outcome.answer, "reply": told}, replayed=outcome.replayed)


class LumpIn(Body):
    """A bank line that stands for a settlement without naming it."""

    unit: Name
    item: Name
    reason: Text
    document: Text | None = None

    model_config = example(
        {"unit": "HP-VH", "item": "bank:970436:0011001234567/FT26200123456", "reason": "cổng thẻ xác nhận"}
    )


@router.post(
    "/settlements/{rail}/{settlement}/lump",
    summary="Nói một dòng ngân hàng là khoản trả gộp của quyết toán này",
    description="«item» là khoản treo hoặc dòng sao kê trong danh sách khoản chờ. Số tiền khác quyết toán thì bị từ "
    "chối kèm số lệch. Gỡ bằng số quyết định (/open-items/undoings).",
    responses=shows({"position": 2110, "answer": {"decision_id": "HP-VH/QD-4", "state": "taken", "kind": "lump"}}),
)
def lump(rail: str, settlement: str, asked: LumpIn, by: Commands) -> JSONResponse:
    """Clear a settlement with a line that a person names."""
    decision = Asked(
        item=asked.item,
        kind=DecisionKind.LUMP,
        reason=asked.reason,
        target=PaymentId(f"{rail}/{settlement}"),
        document=asked.document,
    )
    command = Decide(unit_id=by.caller.unit(asked.unit), asked=decision)
    return by.run(command, reason=asked.reason, document=asked.document)


@router.get(
    "/units/{unit}/channel-cases",
    summary="Các vụ kênh lấy lại tiền và số còn thiếu",
    description="Khiếu nại thẻ, hoặc kênh hoàn tiền ngoài đề nghị. Đóng một vụ: /open-items/decisions với kind "
    "bear-loss (đơn vị chịu) hoặc open-again (mở lại nghĩa vụ), hai người.",
    responses=shows({"unit": "HP-VH", "cases": [{"case": "case:gateway/dp_1Qh", "taken": 5_000, "missing": 5_000}]}),
)
def cases(unit: str, by: Reads) -> dict[str, Any]:
    """Cases of a unit and of those beneath."""
    where = by.reads_unit(unit)
    units = [one.unit_id for one in organisation.subtree(by.work().organisation, where)]
    return {"unit": where, "cases": channel_list.cases(by.inst, units)}


@router.get(
    "/units/{unit}/late-settlements",
    summary="Ngày nào kênh chưa gửi quyết toán (sau trưa ngày hôm sau)",
    description="Chỉ tính các khoản đơn vị này và cấp dưới đang giữ; kênh trả theo ngày phải gửi tệp trước trưa hôm "
    "sau.",
    responses=shows(
        {"unit": "HP", "late": [{"rail": "portal", "day": "2026-07-10", "payments": 3, "amount": 210_000}]}
    ),
)
def late(unit: str, by: Reads) -> dict[str, Any]:
    """Days without a settlement."""
    where = by.reads_unit(unit)
    units = [one.unit_id for one in organisation.subtree(by.work().organisation, where)]
    return {"unit": where, "late": [asdict(one) for one in channel_list.late_days(by.inst, by.door.now(), units)]}
