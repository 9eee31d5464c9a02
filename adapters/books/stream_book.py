"""Workbooks of any length in constant memory: each row is written once, in order, and forgotten.

Totals stand above their lists, so whoever writes says them first. Values of formulas are stored beside them for
readers that do not calculate. Text from outside never becomes a formula (``sheet.safe``).
"""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from adapters.books.sheet import DATE, MONEY, PERCENT, Column, Formula, Kind, Value, safe

_FACE = "Calibri"
_NUMBERS = {Kind.DAY: DATE, Kind.MONEY: MONEY, Kind.COUNT: "0", Kind.PERCENT: PERCENT}
_CENTRED = (Kind.DAY,)
#: Row heights in points, and the most lines that a row is made high enough for.
_LINE, _MOST_LINES = 15, 8


class StreamBook:
    """A workbook being written; rows of one sheet go downwards only, sheets may take turns."""

    def __init__(self, target: IO[bytes], title: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dangphi-xlsx-")
        self._book = xlsxwriter.Workbook(
            target,
            {
                "constant_memory": True,
                "tmpdir": self._folder.name,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "default_format_properties": {"font_name": _FACE, "font_size": 10},
            },
        )
        self._book.set_properties({"title": safe(title), "author": "dangphi", "created": datetime(1980, 1, 1)})  # noqa: DTZ001  # The stopped clock of the file's properties.
        self._book.set_calc_mode("auto")
        self._formats: dict[tuple[Any, ...], Any] = {}
        self._columns: dict[str, Sequence[Column]] = {}

    def format(self, **wanted: Any) -> Any:
        """A cell format, made once."""
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": _FACE, "font_size": 10, **wanted})
        return self._formats[key]

    def sheet(self, title: str, columns: Sequence[Column], *, pages_wide: int = 1, freeze: tuple[int, int]) -> Any:
        """A new sheet at the end: A4 landscape, numbered pages, panes frozen at (row, column), widths set."""
        sheet = self._book.add_worksheet(title)
        self._columns[title] = columns
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(pages_wide, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{title.replace('&', '&&')}&RTrang &P/&N")
        sheet.hide_gridlines(2)
        sheet.set_zoom(90)
        sheet.freeze_panes(*freeze)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        if pages_wide > 1:
            sheet.repeat_columns(0, 2)
        return sheet

    def cell(self, sheet: Any, row: int, place: int, value: Value, kind: Kind, **look: Any) -> None:
        """Write one value; ``row`` counts from 1 as people do, ``place`` from 0."""
        style = dict(look)
        if kind in _NUMBERS:
            style["num_format"] = _NUMBERS[kind]
        if kind in _CENTRED:
            style["align"] = "center"
        made = self.format(**style)
        at = (row - 1, place)
        match value:
            case None | "":
                sheet.write_blank(*at, None, made)
            case Formula():
                stored: Any = value.value
                if kind is Kind.PERCENT:
                    stored = float(stored)  # A share and no money; the format shows two decimals of a percent.
                sheet.write_formula(*at, f"={value.text}", made, stored)
            case str():
                sheet.write_string(*at, safe(value), made)
            case date():
                sheet.write_datetime(*at, value, made)
            case _:
                sheet.write_number(*at, value, made)

    def heading(self, sheet: Any, title: str, *notes: str) -> None:
        """The first row is the title; notes follow, one a row."""
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, safe(title), self.format(bold=True, font_size=15, font_color="#1F3864"))
        for row, note in enumerate(notes, start=1):
            sheet.write_string(row, 0, safe(note), self.format(italic=True, font_color="#404040"))

    def heads(self, sheet: Any, row: int, columns: Sequence[Column]) -> None:
        """The row of headings."""
        sheet.set_row(row - 1, 32)
        look = self.format(
            bold=True, font_color="#FFFFFF", bg_color="#1F3864", border=1, border_color="#BFBFBF", align="center",
            valign="vcenter", text_wrap=True,
        )  # fmt: skip
        for place, column in enumerate(columns):
            sheet.write_string(row - 1, place, column.title, look)

    def row(self, sheet: Any, row: int, columns: Sequence[Column], values: Sequence[Value]) -> None:
        """One row of a list; its height fits the longest text."""
        lines = 1
        for column, value in zip(columns, values, strict=True):
            if isinstance(value, str):
                lines = max(lines, -(-len(value) // max(column.width - 1, 1)))
        sheet.set_row(row - 1, _LINE * min(lines, _MOST_LINES))
        box = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            text = {"text_wrap": True, "align": "left", "indent": 1} if column.kind is Kind.TEXT else {}
            self.cell(sheet, row, place, value, column.kind, **box, **text)

    def total(self, sheet: Any, row: int, columns: Sequence[Column], values: Mapping[str, Value]) -> None:
        """A row of totals under or above a list, by column letter."""
        look = {"bold": True, "bg_color": "#DDE6F3", "border": 1, "border_color": "#BFBFBF"}
        for place, column in enumerate(columns):
            value = values.get(xl_col_to_name(place))
            kind = Kind.TEXT if isinstance(value, str) or value is None else column.kind
            self.cell(sheet, row, place, value, kind, **look)

    def mark(self, sheet: Any, area: str, word: str, *, good: bool = False) -> None:
        """Cells of an area turn red (or green) where they hold a word."""
        look = self._book.add_format({"bg_color": "#C6E7C8" if good else "#F8CBAD"})
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": look}
        sheet.conditional_format(area, rule)

    def chart(self, kind: dict[str, Any]) -> Any:
        """A chart of the kind that XlsxWriter names."""
        return self._book.add_chart(kind)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()
        self._folder.cleanup()
