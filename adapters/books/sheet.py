"""Workbooks that people work in: typed columns, live formulas with their values stored beside them, stopped clocks.

Text from outside never becomes a formula: a value that begins with ``=``, ``+``, ``-`` or ``@`` gets an apostrophe. The
same content gives the same bytes everywhere: the zip is stored, not deflated, and carries no moment of its own.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from domain.money import Dong

#: Digits grouped as Vietnamese readers do: the file says «,» and a program shows what 042A (vi-VN) uses, «1.234.567».
MONEY = '[$-42A]#,##0;[Red][$-42A]-#,##0;"–"'
DATE = "dd/mm/yyyy"
PERCENT = "0.00%"

GOOD, BAD = "KHỚP", "LỆCH"

#: The longest text that a cell can hold.
_LONGEST = 32_767
_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")

_FACE = "Calibri"
_HEAD = PatternFill("solid", fgColor="1F3864")
_TOTAL = PatternFill("solid", fgColor="DDE6F3")
_RED = PatternFill("solid", bgColor="F8CBAD")
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Heading, width in characters, and kind."""

    title: str
    width: int
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, and the value it has now: readers that do not calculate show the value."""

    text: str  #: without the leading "="
    value: Dong | str


Value = str | Dong | date | Formula | None


def safe(text: str) -> str:
    """The text with nothing in it that XML forbids and nothing that a spreadsheet would run."""
    clean = _XML_FORBIDS.sub("?", text)
    if clean.lstrip()[:1] in ("=", "+", "-", "@") or clean[:1] in ("\t", "\r"):
        clean = "'" + clean
    return clean[:_LONGEST]


def basis_points(value: int) -> str:
    """Basis points as the decimal that a percent cell holds: 8115 gives 0.8115."""
    return f"{value // 10_000}.{value % 10_000:04d}"


class Book:
    """A workbook being written. Values of formulas are kept until the bytes are made."""

    def __init__(self) -> None:
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        self._values: dict[str, dict[str, Dong | str]] = {}

    def sheet(self, title: str, *, pages_wide: int = 1) -> Worksheet:
        """A new sheet at the end: A4 landscape, numbered pages; one that is two pages wide repeats columns A to C."""
        sheet: Worksheet = self._book.create_sheet(title)
        self._values[title] = {}
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9
        sheet.page_setup.fitToWidth = pages_wide
        if pages_wide > 1:
            sheet.print_title_cols = "A:C"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
        # An ampersand begins a code in a footer; two stand for one.
        footer = HeaderFooterItem()
        footer.left.text, footer.right.text = title.replace("&", "&&"), "Trang &P/&N"
        sheet.oddFooter = footer
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.zoomScale = 90
        return sheet

    def worksheet(self, title: str) -> Worksheet:
        """A sheet made before."""
        found: Worksheet = self._book[title]
        return found

    def put(self, sheet: Worksheet, at: str, value: Value, kind: Kind = Kind.TEXT, *, bold: bool = False) -> Cell:
        """Write one value."""
        cell: Cell = sheet[at]
        if isinstance(value, Formula):
            cell.value = f"={value.text}"
            self._values[sheet.title][at] = value.value
        elif isinstance(value, str):
            cell.value = safe(value)
            cell.data_type = "s"
        else:
            cell.value = value
        cell.number_format = {Kind.DAY: DATE, Kind.MONEY: MONEY, Kind.COUNT: "0", Kind.PERCENT: PERCENT}.get(
            kind, "General"
        )
        cell.font = Font(name=_FACE, size=10, bold=bold)
        return cell

    def heading(self, sheet: Worksheet, title: str, *notes: str) -> None:
        """The first row is the title; notes follow, one a row."""
        self.put(sheet, "A1", title).font = Font(name=_FACE, bold=True, size=15, color="1F3864")
        for place, note in enumerate(notes, start=2):
            self.put(sheet, f"A{place}", note).font = Font(name=_FACE, size=10, italic=True, color="404040")

    def table(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        *,
        list_: bool = True,
    ) -> int:
        """Write headings in ``row`` and the rows below; returns the last row used.

        A list is the sheet's own: panes are frozen beneath its headings, which repeat on every printed page, it can be
        filtered, and widths are set.
        """
        for place, column in enumerate(columns, start=1):
            letter = get_column_letter(place)
            cell = self.put(sheet, f"{letter}{row}", column.title)
            cell.font = Font(name=_FACE, size=10, bold=True, color="FFFFFF")
            cell.fill = _HEAD
            cell.border = _BOX
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            if list_:
                sheet.column_dimensions[letter].width = column.width
        sheet.row_dimensions[row].height = 32
        for number, values in enumerate(rows, start=row + 1):
            self._row(sheet, number, columns, values)
        last = row + max(len(rows), 1)
        if list_:
            sheet.freeze_panes = f"A{row + 1}"
            sheet.auto_filter.ref = f"A{row}:{get_column_letter(len(columns))}{last}"
            sheet.print_title_rows = f"{row}:{row}"
        return last

    def _row(self, sheet: Worksheet, row: int, columns: Sequence[Column], values: Sequence[Value]) -> None:
        lines = 1
        for place, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            cell = self.put(sheet, f"{get_column_letter(place)}{row}", value, column.kind)
            text = column.kind is Kind.TEXT
            cell.alignment = Alignment(
                vertical="top", wrap_text=text, horizontal="left" if text else None, indent=int(text)
            )
            cell.border = _BOX
            if isinstance(value, str):
                lines = max(lines, -(-len(value) // (column.width - 2)))
        # Programs that open the file do not always fit a row to wrapped text, so the height is set.
        sheet.row_dimensions[row].height = 15 * min(lines, 12)

    def total(
        self, sheet: Worksheet, row: int, values: Mapping[str, Value], last: str, kind: Kind = Kind.MONEY
    ) -> None:
        """A row of totals, from column A to ``last``; ``values`` by column letter."""
        for place in range(1, sheet[f"{last}1"].column + 1):
            letter = get_column_letter(place)
            value = values.get(letter)
            cell = self.put(sheet, f"{letter}{row}", value, Kind.TEXT if isinstance(value, str) else kind, bold=True)
            cell.fill = _TOTAL
            cell.border = _BOX

    def mark(self, sheet: Worksheet, area: str, bad: str) -> None:
        """Cells of an area turn red where they hold the word ``bad``."""
        red = DifferentialStyle(fill=_RED)
        sheet.conditional_formatting.add(area, Rule(type="cellIs", operator="equal", formula=[f'"{bad}"'], dxf=red))

    def to_bytes(self, title: str) -> bytes:
        """The finished file."""
        self._book.properties.title = safe(title)
        self._book.properties.creator = "dangphi"
        self._book.calculation.fullCalcOnLoad = True
        written = io.BytesIO()
        self._book.save(written)
        paths = {
            f"xl/worksheets/sheet{place}.xml": self._values[sheet.title]
            for place, sheet in enumerate(self._book.worksheets, start=1)
        }
        return _finished(written.getvalue(), paths)


def _finished(data: bytes, values: Mapping[str, Mapping[str, Dong | str]]) -> bytes:
    """The same workbook with the values of its formulas written in and every clock in it stopped."""
    stopped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stopped, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name in values:
                body = _with_values(body.decode(), values[name]).encode()
            if name == "docProps/core.xml":
                body = _CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z", body)
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, body)
    return stopped.getvalue()


_FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f>[^<]*</f>)<v(?: ?/>|></v>)')


def _with_values(xml: str, values: Mapping[str, Dong | str]) -> str:
    def put(found: re.Match[str]) -> str:
        at, style, formula = found[1], found[2], found[3]
        value = values[at]
        # A decimal is written as text here, since money and shares never pass through a float.
        number = isinstance(value, int) or re.fullmatch(r"[0-9]+\.[0-9]+", value) is not None
        kind = "" if number else ' t="str"'
        return f'<c r="{at}"{style}{kind}>{formula}<v>{escape(str(value))}</v>'

    return _FORMULA_CELL.sub(put, xml)
