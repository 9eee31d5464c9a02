"""The list with which a collector goes round: who owes what, under which reference, with room to write and to sign.

On paper (PDF, A4 across) or as a workbook to be filled in offline and entered later. Both carry the same keys, so that
whatever comes back, and however often, is entered once.
"""

from dataclasses import dataclass

from adapters.books.sheet import Book, Column, Formula, Kind
from adapters.books.typesetting import breakable, pdf, shown
from domain.errors import Malformed
from domain.money import Dong, format_dong
from domain.period import Month
from domain.reference import pretty

_TEMPLATE = "collection_sheet.typ"
#: The row of headings in the workbook, below the title and two notes.
_HEAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionLine:
    """One member who owes for the month; đồng. ``note`` says what is known, such as a transfer on its way."""

    name: str
    reference: str
    owed: Dong
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSheet:
    """The list of one unit and month, as the log stood at ``position``."""

    unit_name: str
    unit_code: str
    superior_name: str
    month: Month
    position: int
    lines: tuple[CollectionLine, ...]


def collection_pdf(sheet: CollectionSheet) -> bytes:
    """The list as A4 pages; the same bytes for the same list. Raises Malformed when nobody owes anything."""
    lines = _some(sheet)
    return pdf(
        _TEMPLATE,
        {
            "superior": shown(sheet.superior_name, longest=80).upper(),
            "unit": shown(sheet.unit_name, longest=80).upper(),
            "dated": sheet.unit_code,
            "title": "DANH SÁCH ĐI THU ĐẢNG PHÍ BẰNG TIỀN MẶT",
            "subtitle": f"Tháng {int(sheet.month[5:])}/{sheet.month[:4]}",
            "rows": [
                [
                    str(number),
                    breakable(line.name, longest=60),
                    pretty(line.reference),
                    format_dong(line.owed),
                    shown(line.note, longest=90),
                ]
                for number, line in enumerate(lines, start=1)
            ],
            "total": format_dong(sum(line.owed for line in lines)),
            "footer": f"{sheet.unit_code} · {sheet.month} · vị trí trong sổ: {sheet.position}",
        },
    )


def collection_xlsx(sheet: CollectionSheet) -> bytes:
    """The list as a workbook to fill in: "Thực thu", "Ngày thu" and, if another slip was written, "Số phiếu"."""
    lines = _some(sheet)
    book = Book()
    page = book.sheet("Đi thu")
    book.heading(
        page,
        f"Danh sách đi thu đảng phí tháng {int(sheet.month[5:])}/{sheet.month[:4]} – {sheet.unit_name}",
        "Điền «Thực thu» và «Ngày thu» cho người đã nộp; để trống người chưa nộp. Không sửa cột «Mã nộp».",
        f"Nhập lại: dangphi collect filled TỆP --unit {sheet.unit_code}. Nhập hai lần chỉ ghi một lần.",
    )
    columns = (
        Column(title="STT", width=6, kind=Kind.COUNT),
        Column(title="Mã nộp", width=18),
        Column(title="Họ và tên", width=32),
        Column(title="Phải đóng", width=14, kind=Kind.MONEY),
        Column(title="Thực thu", width=14, kind=Kind.MONEY),
        Column(title="Ngày thu", width=12, kind=Kind.DAY),
        Column(title="Số phiếu", width=14),
        Column(title="Ghi chú", width=40),
    )
    rows = [
        (number, pretty(line.reference), line.name, line.owed, None, None, None, line.note)
        for number, line in enumerate(lines, start=1)
    ]
    first, last = _HEAD + 1, book.table(page, _HEAD, columns, rows)
    total = last + 1
    book.put(page, f"A{total}", "Cộng", bold=True)
    owed = sum(line.owed for line in lines)
    book.put(page, f"D{total}", Formula(f"SUM(D{first}:D{last})", owed), Kind.MONEY, bold=True)
    book.put(page, f"E{total}", Formula(f"SUM(E{first}:E{last})", 0), Kind.MONEY, bold=True)
    return book.to_bytes(f"Đi thu {sheet.unit_code} {sheet.month}")


def _some(sheet: CollectionSheet) -> tuple[CollectionLine, ...]:
    if not sheet.lines:
        raise Malformed("không ai còn phải đóng tháng này.", where=f"{sheet.unit_code} {sheet.month}")
    return sheet.lines
