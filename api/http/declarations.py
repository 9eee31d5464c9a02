"""Report periods: a unit fixes one at a log position."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.http.door import Commands, Reads, shows
from api.http.shapes import Amount, Body, Name, Text, example
from domain.declaration import Declared, HeldPeriodAllocated, PeriodHeld
from domain.period import parse_period
from ledger.handlers.declare import ApplyLateShare, DeclarePeriod
from ledger.handlers.resolve import CorrectDeclaration

router = APIRouter(tags=["Chốt kỳ báo cáo"])

_DECLARED = {
    "period": "2026-07",
    "state": "declared",
    "position": 2101,
    "declared_on": "2026-08-03",
    "own_collected": 500000,
    "from_subordinates": 0,
    "collected": 500000,
    "kept": 150000,
    "payable": 350000,
    "share_document": "Nghị quyết 08-NQ/ĐU",
    "share_label": "tỷ lệ ví dụ",
    "booked_in": None,
}


class Declare(Body):
    """Which period of which unit."""

    unit: Name
    period: Name

    model_config = example({"unit": "HP-VH-CB07", "period": "2026-07"})


@router.post(
    "/declarations",
    summary="Chốt kỳ báo cáo của một đơn vị tại vị trí hiện tại của sổ",
    description="Việc gì ghi sổ sau vị trí này thuộc kỳ sau. Chưa có tỷ lệ có hiệu lực: tiền được giữ, «chưa phân bổ».",
    responses=shows(
        {
            "position": 2102,
            "answer": {
                "state": "declared",
                "position": 2101,
                "collected": 500000,
                "kept": 150000,
                "payable": 350000,
                "is_example": True,
            },
        }
    ),
)
def declare(body: Declare, by: Commands) -> JSONResponse:
    """Declare a period."""
    return by.run(DeclarePeriod(unit_id=by.caller.unit(body.unit), period=parse_period(body.period)))


class LateShare(Body):
    """Which unit, and which held period; without a period all that now have a share."""

    unit: Name
    period: Name | None = None

    model_config = example({"unit": "HP-VH-CB07"})


class Correct(Body):
    """How much too high a declaration was, and by which decision it is made smaller."""

    unit: Name
    period: Name
    reduced_by: Amount
    reason: Text
    decision: Text

    model_config = example(
        {
            "unit": "HP-VH-CB07",
            "period": "2026-07",
            "reduced_by": 10000,
            "reason": "Kê khai trùng một phiếu thu",
            "decision": "QĐ 15-QĐ/ĐU",
        }
    )


@router.post(
    "/declarations/late-share",
    summary="Phân bổ các kỳ đã giữ «chưa phân bổ» khi tỷ lệ được kích hoạt muộn",
    description="Sự kiện mới ghi trong tháng đang mở và nêu tên kỳ cũ; báo cáo cũ giữ nguyên. Tiền đã tạm nộp được "
    "tính ngay vào phần phải nộp.",
    responses=shows(
        {
            "position": 2310,
            "answer": {
                "periods": [
                    {
                        "period": "2026-07",
                        "booked_in": "2026-08",
                        "state": "declared",
                        "position": 2301,
                        "collected": 1000001,
                        "kept": 300000,
                        "payable": 700001,
                        "is_example": True,
                    }
                ],
                "settled_on_account": 300000,
            },
        }
    ),
)
def late_share(body: LateShare, by: Commands) -> JSONResponse:
    """Split held periods by a share that came late."""
    period = None if body.period is None else parse_period(body.period)
    return by.run(ApplyLateShare(unit_id=by.caller.unit(body.unit), period=period))


@router.post(
    "/declarations/correct",
    summary="Điều chỉnh giảm một kỳ kê khai quá số, khi cấp trên chưa nhận phần đó",
    responses=shows({"position": 2320, "answer": {"reduced_by": 10000, "kept_part": 3000, "passed_part": 7000}}),
)
def correct(body: Correct, by: Commands) -> JSONResponse:
    """Make a declaration smaller."""
    command = CorrectDeclaration(
        unit_id=by.caller.unit(body.unit),
        period=parse_period(body.period),
        reduced_by=body.reduced_by,
        reason=body.reason,
        decision=body.decision,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.get(
    "/units/{unit}/declarations",
    summary="Các kỳ báo cáo đã chốt của một đơn vị",
    responses=shows({"unit": "HP-VH-CB07", "declarations": [_DECLARED]}),
)
def show(unit: str, by: Reads) -> dict[str, Any]:
    """Declarations of a unit, oldest first, those without a share too."""
    unit_id = by.reads_unit(unit)
    state = by.work().declarations(unit_id)
    every: list[Declared | PeriodHeld] = [*state.declared, *state.held]
    return {"unit": unit_id, "declarations": [_shown(made) for made in sorted(every, key=lambda made: made.position)]}


def _shown(made: Declared | PeriodHeld) -> dict[str, Any]:
    common: dict[str, Any] = {
        "period": made.period,
        "position": made.position,
        "declared_on": made.declared_on,
        "collected": made.collected,
    }
    if isinstance(made, PeriodHeld):
        return {**common, "state": "chưa phân bổ"}
    return {
        **common,
        "state": "declared",
        "own_collected": made.own_collected,
        "from_subordinates": made.from_subordinates,
        "kept": made.kept,
        "payable": made.payable,
        "share_document": made.share_document,
        "share_label": "tỷ lệ ví dụ" if made.is_example else None,
        "booked_in": made.booked_in if isinstance(made, HeldPeriodAllocated) else None,
    }
