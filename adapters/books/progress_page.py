"""The progress of a month as a page to hang up or to send on: bars of every cell, its weeks, and the units above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.books.form import month_words
from adapters.books.typesetting import day, pdf, pngs, shown
from ledger.statutory.progress import Progress, ProgressRow

_TEMPLATE = "progress.typ"
#: The parts of a bar in their order: field, what it is called.
PARTS: tuple[tuple[str, str], ...] = (
    ("online", "trực tuyến"),
    ("cash", "tiền mặt"),
    ("on_behalf", "nộp hộ"),
    ("from_credit", "trừ tiền thừa"),
    ("part", "đóng một phần"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Paid of owing by the end of a day, in basis points, by unit id."""

    until: date
    paid: Mapping[str, int]


def progress_pdf(found: Progress, weeks: Sequence[Week]) -> bytes:
    """The page as PDF; the same bytes for the same progress."""
    return pdf(_TEMPLATE, page_data(found, weeks))


def progress_pngs(found: Progress, weeks: Sequence[Week]) -> tuple[bytes, ...]:
    """The pages as PNG images."""
    return pngs(_TEMPLATE, page_data(found, weeks), ppi=110)


def page_data(found: Progress, weeks: Sequence[Week]) -> dict[str, Any]:
    """Every text of the page; widths of bars in basis points of those who owe."""
    return {
        "title": f"Tiến độ đóng đảng phí tháng {month_words(found.month)}",
        "unit": shown(found.unit_name),
        "subtitle": f"Đến hết {day(found.as_of)}: {found.total.paid}/{found.total.owing} đảng viên đã đóng "
        f"({_percent(found.total.paid_bp)})",
        "late": f"Muộn {found.days_late} ngày so với hạn báo cáo cuối (trước {day(found.final_by)})."
        if found.days_late
        else "",
        "parts": [label for _, label in PARTS],
        "cells": [_bar(row) for row in found.rows],
        "weeks": [f"{week.until.day}/{week.until.month}" for week in weeks],
        "weekly": [
            [shown(row.unit_name), str(row.owing), *(_percent(week.paid.get(row.unit_id, 0)) for week in weeks)]
            for row in (*found.rows, found.total)
        ]
        if weeks
        else [],
        "units": [
            {"depth": told.depth, "name": shown(told.row.unit_name), "bar": _bar(told.row)} for told in found.units
        ],
        "notes": [
            f"Mẫu số tính ngày {day(found.counted_on)}: đảng viên trong danh sách, trừ người được miễn và người ngoài "
            "thủ tục trực tuyến.",
            f"Báo cáo cuối trước {day(found.final_by)}. Số liệu tại vị trí {found.position} của sổ.",
        ],
    }


def _bar(row: ProgressRow) -> dict[str, Any]:
    whole = row.owing or 1
    return {
        "name": shown(row.unit_name),
        "parts": [getattr(row, name) * 10_000 // whole for name, _ in PARTS],
        "figures": f"{row.paid}/{row.owing}",
        "percent": _percent(row.paid_bp),
    }


def _percent(bp: int) -> str:
    return f"{bp // 100},{bp % 100 // 10} %"
