"""The charts of the treasurer's summary, and the figures beneath them on a sheet of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.books.sheet import Column, Formula, Kind, Value
from adapters.books.stream_book import StreamBook
from adapters.books.treasurer_days import EXPLAINED, REST
from adapters.books.treasurer_lists import AGES, CHART, DAYS, LEFT, SUSPENSE, TOP, age_group, waiting
from domain.money import Dong
from ledger.reports_reconciliation import LEFTOVER_TITLES, LeftoverKind, ReconciliationResult

_GREEN, _ORANGE = "#2E7D32", "#E65100"
_SHADES = ("#90CAF9", "#42A5F5", "#F9A825", "#C62828")
_MONEY = "[$-42A]#,##0"
_GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}

_COLUMNS = (
    Column(title="Ngày", width=14, kind=Kind.DAY),
    Column(title="Đã giải thích", width=18, kind=Kind.MONEY),
    Column(title="Chưa giải thích", width=18, kind=Kind.MONEY),
    Column(title="Còn phải xử lý", width=28),
    *(Column(title=name, width=16, kind=Kind.MONEY) for _, name in AGES),
    Column(title="Tiền treo theo tuổi", width=18),
    Column(title="Còn chưa xác định", width=18, kind=Kind.MONEY),
)


@dataclass(slots=True)
class ChartSums:
    """What the charts show, summed over all accounts; đồng."""

    days: dict[date, list[Dong]] = field(default_factory=dict)  #: explained, not explained
    kinds: dict[tuple[LeftoverKind, str], Dong] = field(default_factory=dict)
    groups: dict[str, Dong] = field(default_factory=dict)

    def take(self, r: ReconciliationResult) -> None:
        """Add an account."""
        for day in r.days:
            if day.money_in or day.money_out:
                found = self.days.setdefault(day.day, [0, 0])
                found[0] += day.explained
                found[1] += day.left
        for one in r.leftovers:
            if one.open_amount:
                key = (one.kind, age_group(one.age_days))
                self.kinds[key] = self.kinds.get(key, 0) + one.open_amount
        for one in waiting(r):
            group = age_group(one.age_days)
            self.groups[group] = self.groups.get(group, 0) + one.open_amount

    @property
    def anything(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.days or self.kinds)


def _area(sheet: str, letter: str, last: int) -> str:
    return f"'{sheet}'!${letter}${TOP + 1}:${letter}${last}"


def write_chart_data(book: StreamBook, sheet: Any, sums: ChartSums, last: Mapping[str, int]) -> None:
    """The figures, as formulas over the lists; ``last`` are the last rows of days, leftovers and waiting money."""
    for place, column in enumerate(_COLUMNS):
        sheet.set_column(place, place, column.width)
    book.heading(sheet, CHART, "Tiền trên sao kê (vào và ra) mỗi ngày; khoản còn lại theo loại và tuổi; tiền treo.")
    book.heads(sheet, TOP, _COLUMNS)
    days, kinds = sorted(sums.days), list(LeftoverKind)
    for place in range(max(len(days), len(kinds), len(AGES))):
        row = TOP + 1 + place
        values: list[Value] = [None] * len(_COLUMNS)
        if place < len(days):
            explained, rest = sums.days[days[place]]
            on = _area(DAYS, "C", last["days"])
            values[0] = days[place]
            values[1] = Formula(f"SUMIFS({_area(DAYS, EXPLAINED, last['days'])},{on},A{row})", explained)
            values[2] = Formula(f"SUMIFS({_area(DAYS, REST, last['days'])},{on},A{row})", rest)
        if place < len(kinds):
            values[3] = LEFTOVER_TITLES[kinds[place]]
            for step, (_, name) in enumerate(AGES):
                text = (
                    f"SUMIFS({_area(LEFT, 'K', last['left'])},{_area(LEFT, 'A', last['left'])},D{row},"
                    f'{_area(LEFT, "F", last["left"])},"{name}")'
                )
                values[4 + step] = Formula(text, sums.kinds.get((kinds[place], name), 0))
        if place < len(AGES):
            name = AGES[place][1]
            text = f"SUMIFS({_area(SUSPENSE, 'G', last['waiting'])},{_area(SUSPENSE, 'D', last['waiting'])},I{row})"
            values[8], values[9] = name, Formula(text, sums.groups.get(name, 0))
        book.row(sheet, row, _COLUMNS, values)


def draw(book: StreamBook, sheet: Any, sums: ChartSums) -> None:
    """Three charts side by side above the tables: days, leftovers by kind and age, waiting money by age."""
    if not sums.anything:
        return
    days = book.chart({"type": "column", "subtype": "stacked"})
    last = TOP + max(len(sums.days), 1)
    for letter, color in (("B", _GREEN), ("C", _ORANGE)):
        _series(days, letter, "A", last, color)
    _dress(days, "Tiền trên sao kê mỗi ngày (đồng)")
    days.set_x_axis({"num_format": "dd/mm", "num_font": {"size": 8, "rotation": -90}, "text_axis": True})
    _put(sheet, days, "A8", 620)
    left = book.chart({"type": "bar", "subtype": "stacked"})
    last = TOP + len(LeftoverKind)
    for place, color in enumerate(_SHADES):
        _series(left, "EFGH"[place], "D", last, color)
    _dress(left, "Còn phải xử lý, theo loại và tuổi (đồng)")
    left.set_y_axis({"reverse": True, "num_font": {"size": 8}})
    left.set_x_axis({"num_format": _MONEY, "num_font": {"size": 8}, "major_gridlines": _GRID, "label_position": "high"})
    _put(sheet, left, "E8", 508)
    ages = book.chart({"type": "column"})
    points = [{"fill": {"color": color}} for color in _SHADES]
    ages.add_series(
        {
            "name": "Còn chưa xác định",
            "categories": f"='{CHART}'!$I${TOP + 1}:$I${TOP + len(AGES)}",
            "values": f"='{CHART}'!$J${TOP + 1}:$J${TOP + len(AGES)}",
            "points": points,
            "gap": 60,
            "data_labels": {"value": True, "num_format": _MONEY, "font": {"size": 8}},
        }
    )
    _dress(ages, "Tiền chưa xác định theo tuổi (đồng)")
    ages.set_legend({"none": True})
    _put(sheet, ages, "J8", 415)


def _series(chart: Any, letter: str, categories: str, last: int, color: str) -> None:
    chart.add_series(
        {
            "name": f"='{CHART}'!${letter}${TOP}",
            "categories": f"='{CHART}'!${categories}${TOP + 1}:${categories}${last}",
            "values": f"='{CHART}'!${letter}${TOP + 1}:${letter}${last}",
            "fill": {"color": color},
            "gap": 60,
        }
    )


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    chart.set_y_axis({"num_format": _MONEY, "num_font": {"size": 8}, "major_gridlines": _GRID})


def _put(sheet: Any, chart: Any, at: str, width: int) -> None:
    chart.set_size({"width": width, "height": 370})
    sheet.insert_chart(at, chart, {"y_offset": 2, "object_position": 3})
