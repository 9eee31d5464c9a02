"""Report periods: a unit fixes one at a log position."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.http.door import Commands, Reads, shows
from api.http.shapes import Body, Name, example
from domain.declaration import PeriodDeclared, PeriodHeld
from domain.period import parse_period
from ledger.handlers.declare import DeclarePeriod

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


@router.get(
    "/units/{unit}/declarations",
    summary="Các kỳ báo cáo đã chốt của một đơn vị",
    responses=shows({"unit": "HP-VH-CB07", "declarations": [_DECLARED]}),
)
def show(unit: str, by: Reads) -> dict[str, Any]:
    """Declarations of a unit, oldest first, those without a share too."""
    unit_id = by.reads_unit(unit)
    state = by.work().declarations(unit_id)
    every: list[PeriodDeclared | PeriodHeld] = [*state.declared, *state.held]
    return {"unit": unit_id, "declarations": [_shown(made) for made in sorted(every, key=lambda made: made.position)]}


def _shown(made: PeriodDeclared | PeriodHeld) -> dict[str, Any]:
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
    }
