"""Old books as an office has them: members by year with twelve columns of months, and units by month.

The members' list follows S01/ĐP: one row a member and year, a cell for each month with what was paid. The units' list
has one row a unit and month: collected, kept, sent up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from adapters.office.bases import CARD, fold_card
from adapters.office.organisation import CODE
from adapters.office.table import Column, Line, Listed, Place, listed, optional, read_table, required
from domain.money import Dong
from domain.period import Month

_MONTHS = tuple(f"m{number}" for number in range(1, 13))

MEMBER_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "card": required("số thẻ", "số thẻ đảng", "số thẻ đảng viên"),
        "name": optional("họ tên", "họ và tên"),
        "year": required("năm"),
        **{
            field: optional(f"tháng {number}", f"T{number}", str(number))
            for number, field in enumerate(_MONTHS, start=1)
        },
    }
)

UNIT_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "unit": required("mã đơn vị", "unit"),
        "month": required("tháng", "month"),
        "collected": required("đã thu", "số thu", "collected"),
        "kept": required("để lại", "số để lại", "kept"),
        "sent": required("đã nộp", "số đã nộp", "sent"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMemberRow:
    """One member's year: what was paid for each month that has a cell; đồng."""

    place: Place
    card_number: str
    paid: tuple[tuple[Month, Dong], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastUnitRow:
    """One unit's month; đồng."""

    place: Place
    unit_code: str
    month: Month
    collected: Dong
    kept: Dong
    sent: Dong


def read_past_members(path: Path) -> Listed[PastMemberRow]:
    """Read the members' list; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, MEMBER_COLUMNS)
    seen: dict[tuple[str, int], Place] = {}
    return listed(table, [_member(line, seen) for line in table.lines])


def _member(line: Line, seen: dict[tuple[str, int], Place]) -> PastMemberRow | None:
    card = line.code("card", CARD, "số thẻ đảng")
    year = line.whole("year", 1930, 2100)
    paid = tuple(
        (Month(f"{year:04d}-{number:02d}"), line.amount(field))
        for number, field in enumerate(_MONTHS, start=1)
        if line.has(field)
    )
    if not line.problems and not paid:
        line.reject("year", "không có ô tháng nào; điền số đã đóng vào các cột tháng 1 … tháng 12")
    first = seen.setdefault((fold_card(card), year), line.place)
    if not line.problems and first != line.place:
        line.reject("card", f"thẻ này và năm {year} đã có ở {first.where}")
    return None if line.problems else PastMemberRow(place=line.place, card_number=card, paid=paid)


def read_past_units(path: Path) -> Listed[PastUnitRow]:
    """Read the units' list; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, UNIT_COLUMNS)
    seen: dict[tuple[str, Month], Place] = {}
    return listed(table, [_unit(line, seen) for line in table.lines])


def _unit(line: Line, seen: dict[tuple[str, Month], Place]) -> PastUnitRow | None:
    row = PastUnitRow(
        place=line.place,
        unit_code=line.code("unit", CODE, "mã đơn vị"),
        month=line.month("month"),
        collected=line.amount("collected"),
        kept=line.amount("kept"),
        sent=line.amount("sent"),
    )
    first = seen.setdefault((row.unit_code, row.month), line.place)
    if not line.problems and first != line.place:
        line.reject("month", f"đơn vị và tháng này đã có ở {first.where}")
    if not line.problems and row.kept > row.collected:
        line.reject("kept", "để lại nhiều hơn đã thu; xem lại sổ cũ")
    return None if line.problems else row
