"""Progress of a month as values for JSON and as CSV for the office's own tables."""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from adapters.books.progress_page import Week, progress_pdf, progress_pngs
from adapters.books.sheet import safe
from api.flows.books import position_of, sources_of
from api.wiring import Installation
from domain.identifiers import UnitId
from domain.period import Month, first_day, last_day
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


def weeks_of(inst: Installation, unit: UnitId, month: Month, *, as_of: date, at: int | None = None) -> tuple[Week, ...]:
    """What had been paid by each Sunday of the month up to ``as_of``, and by its last day; cells by id."""
    position = position_of(inst, at)
    days = []
    day = first_day(month)
    while day <= min(as_of, last_day(month)):
        if day.isoweekday() == 7 or day == last_day(month):
            days.append(day)
        day += timedelta(days=1)
    with sources_of(inst) as sources:
        found = [progress(sources, unit, month, at=position, as_of=one) for one in days]
    return tuple(
        Week(until=one.as_of, paid={row.unit_id: row.paid_bp for row in (*one.rows, one.total)}) for one in found
    )


def picture(found: Progress, weeks: tuple[Week, ...], *, png: bool) -> bytes:
    """The page with bars: a PDF, or its first page as PNG."""
    return progress_pngs(found, weeks)[0] if png else progress_pdf(found, weeks)


def _safe(values: Iterable[object]) -> list[object]:
    """Values for a CSV file: no text of an office's lists may become a formula."""
    return [safe(value) if isinstance(value, str) else value for value in values]


def units_csv(found: Progress) -> str:
    """One line a unit above cells, from the top down."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["Cấp", *(title for _, title in COLUMNS), "Tỷ lệ (%)"])
    for told in found.units:
        writer.writerow([told.depth, *_safe(getattr(told.row, name) for name, _ in COLUMNS), percent(told.row)])
    return written.getvalue()


def weeks_csv(found: Progress, weeks: tuple[Week, ...]) -> str:
    """One line a cell, one column a week: paid of owing in percent by the end of it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["Mã đơn vị", "Chi bộ", "Phải đóng", *(f"Đến {week.until:%d/%m/%Y} (%)" for week in weeks)])
    for row in (*found.rows, found.total):
        reached = [week.paid.get(row.unit_id, 0) for week in weeks]
        percents = (f"{bp // 100}.{bp % 100:02d}" for bp in reached)
        writer.writerow([*_safe((row.unit_code, row.unit_name)), row.owing, *percents])
    return written.getvalue()


def as_values(found: Progress) -> dict[str, Any]:
    """The progress as JSON carries it."""
    return {
        "unit": found.unit_id,
        "unit_name": found.unit_name,
        "month": found.month,
        "counted_on": found.counted_on.isoformat(),
        "as_of": found.as_of.isoformat(),
        "final_by": found.final_by.isoformat(),
        "days_late": found.days_late,
        "position": found.position,
        "cells": [_values(row) for row in found.rows],
        "units": [{"depth": told.depth, **_values(told.row)} for told in found.units],
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
        writer.writerow([*_safe(getattr(row, name) for name, _ in COLUMNS), percent(row)])
    return written.getvalue()


def percent(row: ProgressRow) -> str:
    """Paid of owing with two decimals, a point between them."""
    return f"{row.paid_bp // 100}.{row.paid_bp % 100:02d}"
