"""Letters of introduction that nobody received yet, over HTTP."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.flows.letters import letter_as_dict, letters_of
from api.http.door import Reads, shows
from api.http.pages import asking

router = APIRouter(tags=["Đảng viên"])


@router.get(
    "/units/{unit}/letters",
    summary="Giấy giới thiệu chưa ai tiếp nhận: tuổi, hạn, ai phải làm gì",
    responses=shows(
        {
            "position": 3120,
            "unit": "HP-VH",
            "on": "2026-10-15",
            "letters": [
                {
                    "member_id": "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11",
                    "letter": "12-GT/CB07",
                    "kind": "official",
                    "from_unit": "HP-VH-CB07",
                    "to_unit": "HP-VH-CB08",
                    "issued_on": "2026-08-24",
                    "working_days": 35,
                    "present_by": "2026-10-08",
                    "finish_by": "2026-11-19",
                    "state": "present-late",
                    "who_acts": "HP-VH-CB08",
                    "next_step": "Chi bộ nơi đến hỏi đảng viên, tiếp nhận hoặc báo lại nơi đi.",
                }
            ],
        }
    ),
)
def letters(
    unit: str,
    by: Reads,
    on: Annotated[date | None, Query(description="Ngày tính tuổi; mặc định hôm nay")] = None,
) -> dict[str, Any]:
    """Letters from or to a unit and all beneath it, the oldest first."""
    found, day = by.reads_unit(unit), on or by.door.now().date()
    with asking(by) as read:
        rows = letters_of(by.inst, read, found, day)
        return {
            "position": read.position,
            "unit": found,
            "on": day.isoformat(),
            "letters": [letter_as_dict(row) for row in rows],
        }
