"""A list of decisions on open items (CSV in UTF-8, or XLSX): a line a decision, a divided transfer on several."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from adapters.books.sheet import safe
from adapters.office.cells import amount_of, day_of, month_in
from adapters.office.money_files import CellsOfRow, read_rows
from domain.money import Dong, require_amount
from domain.open_item import DecisionKind
from domain.period import Month

HEADINGS = ("mã khoản", "quyết định", "số tiền", "số thẻ", "tháng", "đến ngày", "số văn bản", "lý do")

#: What an office writes for each kind.
KINDS: Mapping[str, DecisionKind] = {
    "xác định": DecisionKind.IDENTIFY,
    "chia": DecisionKind.SPLIT,
    "đóng lần hai": DecisionKind.DUPLICATE,
    "trả lại": DecisionKind.RETURN,
    "nhầm tài khoản": DecisionKind.REJECT,
    "ghi thu khác": DecisionKind.WRITE_OFF,
    "nhận phí": DecisionKind.ACCEPT_FEE,
    "chờ": DecisionKind.WAIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One line of the list; ``amount`` None: all that waits; đồng."""

    where: str
    item: str
    kind: DecisionKind
    amount: Dong | None
    card_number: str | None
    month: Month | None
    until: date | None
    document: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankRow:
    """One open item in a list that a person fills in; ``amount`` is what waits, đồng; ``words`` name people."""

    item: str
    since: date
    amount: Dong
    next_step: str
    words: str


#: What stands to the right of the headings for the person who fills the list in; it is not read back.
_BESIDE = ("ngày", "đang chờ (đồng)", "việc kế tiếp", "nội dung chuyển khoản")


def write_blank(rows: Sequence[BlankRow]) -> bytes:
    """A workbook with a line for each open item, to be filled in and read by :func:`read_decisions`."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet), "a new workbook has one sheet"
    sheet.append((*HEADINGS, *_BESIDE))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        places = {1: row.item, len(HEADINGS) + 3: row.next_step, len(HEADINGS) + 4: row.words}
        for column, text in places.items():
            cell = sheet.cell(number, column, safe(text))
            # A transfer's words may begin like a formula; they are text whatever they look like.
            cell.data_type = "s"
        sheet.cell(number, len(HEADINGS) + 1, row.since).number_format = "DD/MM/YYYY"
        sheet.cell(number, len(HEADINGS) + 2, row.amount).number_format = "#,##0"
    for place, width in enumerate((40, 16, 14, 14, 10, 12, 14, 30, 12, 16, 40, 60), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "B2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def read_decisions(data: bytes, name: str) -> tuple[DecisionRow, ...]:
    """The list in its order, lines that name an item and say nothing else left out: nobody decided about those yet.
    Raises ``Malformed`` naming line and column; then nothing is returned.
    """
    return tuple(row for row in read_rows(data, name, HEADINGS, _decision) if row is not None)


def _decision(row: CellsOfRow, where: str) -> DecisionRow | None:
    if not any(row.has(heading) for heading in HEADINGS[1:]):
        return None
    return DecisionRow(
        where=where,
        item=row.text("mã khoản"),
        kind=row.word("quyết định", KINDS),
        amount=row.read("số tiền", lambda cell: require_amount(amount_of(cell))) if row.has("số tiền") else None,
        card_number=row.text("số thẻ") if row.has("số thẻ") else None,
        month=row.read("tháng", month_in) if row.has("tháng") else None,
        until=row.read("đến ngày", day_of) if row.has("đến ngày") else None,
        document=row.text("số văn bản") if row.has("số văn bản") else None,
        reason=row.text("lý do"),
    )
