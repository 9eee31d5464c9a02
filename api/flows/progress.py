"""Progress of a month as values for JSON and as CSV for the office's own tables."""

import csv
import io
from datetime import date
from typing import Any

from api.flows.books import position_of, sources_of
from api.wiring import Installation
from domain.identifiers import UnitId
from domain.period import Month
from ledger.statutory.progress import Progress, ProgressRow, progress

#: Columns of the table: field, heading.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("unit_code", "Mã đơn vị"),
    ("unit_name", "Chi bộ"),
    ("roll", "Đảng viên"),
    ("exempt", "Được miễn"),
    ("outside", "Ngoài thủ tục trực tuyến"),
    ("owing", "Phải đóng"),
    ("paid", "Đã đóng"),
    ("online", "Trực tuyến"),
    ("cash", "Tiền mặt"),
    ("on_behalf", "Nộp hộ"),
    ("from_credit", "Trừ tiền thừa"),
    ("part", "Đóng một phần"),
    ("unpaid", "Chưa đóng"),
    ("relieved_since", "Miễn sau"),
    ("collected", "Số tiền (đồng)"),
)


def progress_of(inst: Installation, unit: UnitId, month: Month, *, as_of: date, at: int | None = None) -> Progress:
    """The progress of a unit's month by the end of a day, as of a position (None: now)."""
    with sources_of(inst) as sources:
        return progress(sources, unit, month, at=position_of(inst, at), as_of=as_of)


def as_values(found: Progress) -> dict[str, Any]:
    """The progress as JSON carries it."""
    return {
        "unit": found.unit_id,
        "unit_name": found.unit_name,
        "month": found.month,
        "counted_on": found.counted_on.isoformat(),
        "as_of": found.as_of.isoformat(),
        "final_by": found.final_by.isoformat(),
        "position": found.position,
        "cells": [_values(row) for row in found.rows],
        "total": _values(found.total),
    }


def _values(row: ProgressRow) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name, _ in COLUMNS}, "paid_bp": row.paid_bp}


def as_csv(found: Progress) -> str:
    """The table with its total, comma separated, one line a cell; a byte order mark for spreadsheets is not added."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([title for _, title in COLUMNS] + ["Tỷ lệ (%)"])
    for row in (*found.rows, found.total):
        writer.writerow([getattr(row, name) for name, _ in COLUMNS] + [percent(row)])
    return written.getvalue()


def percent(row: ProgressRow) -> str:
    """Paid of owing with two decimals, a point between them."""
    return f"{row.paid_bp // 100}.{row.paid_bp % 100:02d}"
