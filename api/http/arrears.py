"""Arrears over HTTP: ageing by cell, and the dossier of unpaid months."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.http.door import Reads, shows
from ledger import arrears

router = APIRouter(prefix="/dues", tags=["Mức đóng"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"
_CELL = "HP-VH-CB07"

_ON = Annotated[date | None, Query(description="Ngày xem; mặc định hôm nay")]


@router.get(
    "/arrears/{unit}",
    summary="Nợ đảng phí theo chi bộ và theo tuổi nợ",
    responses=shows(
        {
            "on": "2026-11-05",
            "cells": [
                {
                    "unit_id": _CELL,
                    "members": 2,
                    "months": 7,
                    "total": 200000,
                    "by_class": [{"class": "to-30", "title": "đến 30 ngày", "amount": 60000}],
                }
            ],
        }
    ),
)
def ageing(unit: str, by: Reads, on: _ON = None) -> dict[str, Any]:
    """Ageing at the head of the log, on a day."""
    found, day = by.reads_unit(unit), on or by.door.now().date()
    by.inst.ledger.directory.catch_up()
    rows = arrears.ageing(by.work(), found, day)
    return {"on": day.isoformat(), "cells": [arrears.ageing_dict(row) for row in rows]}


@router.get(
    "/dossiers/{unit}",
    summary="Hồ sơ tháng chưa đóng trong năm để chi bộ xem xét; không thay đổi tư cách của ai",
    responses=shows(
        {
            "year": 2026,
            "dossiers": [
                {"member_id": _MEMBER, "unit_id": _CELL, "year": 2026, "flagged": True, "unpaid": 3, "months": []}
            ],
        }
    ),
)
def dossiers(unit: str, by: Reads, year: int | None = None, on: _ON = None) -> dict[str, Any]:
    """Flagged members of a unit and beneath it, with their evidence."""
    found, day = by.reads_unit(unit), on or by.door.now().date()
    by.inst.ledger.directory.catch_up()
    chosen = day.year if year is None else year
    rows = arrears.dossiers(by.work(), found, year=chosen, on=day)
    return {"year": chosen, "dossiers": [arrears.dossier_dict(row) for row in rows]}
