"""The lists of the treasurer's workbook: one sheet each, with a filter and totals that follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.worksheet.worksheet import Worksheet

from adapters.books.sheet import Book, Column, Formula, Kind, Value
from domain.notice import Direction
from ledger.reports_reconciliation import (
    LEFTOVER_TITLES,
    Leftover,
    LeftoverKind,
    ReconciliationResult,
)

SUMMARY, MATCHED, LEFT = "Tóm tắt", "Đã khớp", "Chênh lệch & còn treo"
SUSPENSE, WAY, OTHER, DAYS, CHART = (
    "Tiền chưa xác định",
    "Đang chuyển",
    "Không phải đảng phí",
    "Cân đối theo ngày",
    "Biểu đồ",
)

_DIRECTIONS = {Direction.IN: "Vào", Direction.OUT: "Ra"}
_NOT_DUES = {
    "bank-fee": "Phí ngân hàng",
    "interest": "Lãi tiền gửi",
    "state-funding": "Kinh phí ngân sách",
    "spending": "Chi của đơn vị",
}
_CLEARING = {"1130": "Tiền mặt nộp ngân hàng chờ báo có (1130)", "1140": "Tiền qua Cổng chờ báo có (1140)"}
#: Upper ends of the age groups of money of unknown owner, in days; 30 is what the chart allows.
_AGES = ((7, "0–7 ngày"), (30, "8–30 ngày"), (90, "31–90 ngày"), (10**6, "trên 90 ngày"))

#: Row of the headings of the lists: title, notes and a row of totals stand above.
TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names for ids; what is not named is shown by its id. Members' names are personal data: give them on purpose."""

    units: Mapping[str, str]
    members: Mapping[str, str]

    def unit(self, unit_id: str) -> str:
        """A unit's name."""
        return self.units.get(unit_id, unit_id) or "Chưa rõ"

    def account(self, account_id: str) -> str:
        """An account as «bank · number»: with a colon, programs would take it for a time of day."""
        return account_id.replace(":", " · ") or "Chưa rõ tài khoản"

    def member(self, member_id: str) -> str:
        """A member's name."""
        return self.members.get(member_id, member_id)


# --- the lists --------------------------------------------------------------------------------------------------


def listed(
    book: Book,
    title: str,
    note: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    totals: Sequence[str],
    pages_wide: int = 1,
) -> tuple[Worksheet, int]:
    """A sheet with one list; the row above its headings sums the columns named by letter over what the filter shows."""
    sheet = book.sheet(title, pages_wide=pages_wide)
    book.heading(sheet, title, note)
    last = book.table(sheet, TOP, columns, rows)
    sums: dict[str, Value] = {"A": "Cộng (theo bộ lọc)"}
    for letter in totals:
        place = ord(letter) - ord("A")
        plain = [v.value if isinstance(v, Formula) else v for v in (row[place] for row in rows)]
        amount = sum(value for value in plain if isinstance(value, int))
        sums[letter] = Formula(f"SUBTOTAL(109,{letter}{TOP + 1}:{letter}{last})", amount)
    book.total(sheet, TOP - 1, sums, chr(ord("A") + len(columns) - 1))
    return sheet, last


def matched(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    """What matched, with the reason; returns the list's last row."""
    columns = (
        Column(title="Tài khoản", width=22),
        Column(title="Ngày ngân hàng", width=12, kind=Kind.DAY),
        Column(title="Số giao dịch", width=20),
        Column(title="Vào/Ra", width=8),
        Column(title="Số tiền", width=14, kind=Kind.MONEY),
        Column(title="Ngày sổ", width=12, kind=Kind.DAY),
        Column(title="Lệch (ngày)", width=8, kind=Kind.COUNT),
        Column(title="Cổng báo", width=8),
        Column(title="Lý do khớp", width=90),
    )
    rows = [
        (
            names.account(r.account_id),
            m.booked_on,
            m.bank_reference,
            _DIRECTIONS[m.direction],
            m.amount,
            m.book_on,
            (m.booked_on - m.book_on).days,
            "có" if m.notified else "",
            m.reason,
        )
        for r in results
        for m in r.matched
    ]
    note = "Mỗi dòng sao kê ứng với khoản trong sổ nêu ở cột cuối, kèm quy tắc đã ghi lúc nhập sao kê."
    return listed(book, MATCHED, note, columns, rows, "E")[1]


def left(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    """Everything left over, with columns for whoever works on it; returns the list's last row."""
    columns = (
        Column(title="Loại", width=22),
        Column(title="Tài khoản", width=22),
        Column(title="Đơn vị xử lý", width=22),
        Column(title="Ngày", width=12, kind=Kind.DAY),
        Column(title="Tuổi (ngày)", width=8, kind=Kind.COUNT),
        Column(title="Hạn", width=12, kind=Kind.DAY),
        Column(title="Quá hạn", width=9),
        Column(title="Phía ngân hàng", width=14, kind=Kind.MONEY),
        Column(title="Phía sổ", width=14, kind=Kind.MONEY),
        Column(title="Còn treo", width=14, kind=Kind.MONEY),
        Column(title="Ảnh hưởng số dư", width=14, kind=Kind.MONEY),
        Column(title="Số giao dịch", width=18),
        Column(title="Nội dung", width=60),
        Column(title="Việc cần làm", width=50),
        Column(title="Người xử lý", width=16),
        Column(title="Kết quả, ghi chú", width=26),
    )
    rows = [_left_row(r, one, names) for r in results for one in r.leftovers]
    note = "Ảnh hưởng số dư = số dư ngân hàng trừ sổ 1120. Hai cột cuối để người xử lý điền."
    sheet, last = listed(book, LEFT, note, columns, rows, "JK", pages_wide=2)
    book.mark(sheet, f"G{TOP + 1}:G{last}", "quá hạn")
    return last


def _left_row(r: ReconciliationResult, one: Leftover, names: Names) -> tuple[Value, ...]:
    state = "quá hạn" if one.overdue(r.as_of) else "đã xong" if not one.open_amount or one.closed_on else ""
    return (
        LEFTOVER_TITLES[one.kind],
        names.account(r.account_id),
        names.unit(one.unit_id),
        one.dated_on,
        one.age_days,
        one.due_on,
        state,
        one.bank_amount,
        one.book_amount,
        one.open_amount,
        one.effect,
        one.bank_reference,
        one.what,
        one.next_step,
        None,
        None,
    )


def suspense(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    """Money of unknown owner by age; returns the list's last row."""
    columns = (
        Column(title="Tài khoản", width=22),
        Column(title="Ngày", width=12, kind=Kind.DAY),
        Column(title="Tuổi (ngày)", width=8, kind=Kind.COUNT),
        Column(title="Nhóm tuổi", width=14),
        Column(title="Hạn 30 ngày", width=12, kind=Kind.DAY),
        Column(title="Tiền vào", width=14, kind=Kind.MONEY),
        Column(title="Còn chưa xác định", width=16, kind=Kind.MONEY),
        Column(title="Số giao dịch", width=20),
        Column(title="Đơn vị đang giữ", width=22),
        Column(title="Gợi ý (chỉ để tham khảo)", width=50),
        Column(title="Việc cần làm", width=44),
    )
    rows = [
        (
            names.account(r.account_id),
            one.dated_on,
            one.age_days,
            next(name for most, name in _AGES if one.age_days <= most),
            one.due_on,
            one.bank_amount,
            one.open_amount,
            one.bank_reference,
            names.unit(one.unit_id),
            "; ".join(f"{names.member(s.member_id)} ({names.unit(s.unit_id)}): {s.ground}" for s in one.suggestions),
            one.next_step,
        )
        for r in results
        for one in r.leftovers
        if one.kind is LeftoverKind.UNIDENTIFIED and one.open_amount
    ]
    note = "Trích từ tờ «Chênh lệch & còn treo»: tiền đã vào tài khoản mà chưa biết của ai (TK 3380)."
    sheet, last = listed(book, SUSPENSE, note, columns, rows, "FG")
    ages = [
        (
            name,
            Formula(
                f'SUMIFS($G${TOP + 1}:$G${last},$D${TOP + 1}:$D${last},"{name}")',
                sum(row[6] for row in rows if row[3] == name),
            ),
        )
        for _, name in _AGES
    ]
    widths = (Column(title="Nhóm tuổi", width=22), Column(title="Còn chưa xác định", width=12, kind=Kind.MONEY))
    book.table(sheet, last + 3, widths, ages, list_=False)
    return last


def way(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    """Money that left one place and has not reached the next; returns the list's last row."""
    columns = (
        Column(title="Loại", width=38),
        Column(title="Từ đơn vị", width=24),
        Column(title="Đến", width=24),
        Column(title="Ngày", width=12, kind=Kind.DAY),
        Column(title="Tuổi (ngày)", width=8, kind=Kind.COUNT),
        Column(title="Hạn", width=12, kind=Kind.DAY),
        Column(title="Quá hạn", width=9),
        Column(title="Số tiền", width=14, kind=Kind.MONEY),
        Column(title="Mã", width=30),
        Column(title="Tình trạng", width=34),
        Column(title="Việc cần làm", width=46),
    )
    rows = [row for r in results for row in (*_clearing_rows(r, names), *_remittance_rows(r, names))]
    note = "Tiền đã rời một nơi và chưa tới nơi khác: qua Cổng, túi tiền mặt, nộp cấp trên."
    sheet, last = listed(book, WAY, note, columns, rows, "H")
    book.mark(sheet, f"G{TOP + 1}:G{last}", "quá hạn")
    return last


def _clearing_rows(r: ReconciliationResult, names: Names) -> list[tuple[Value, ...]]:
    return [
        (
            _CLEARING[one.lies_in],
            names.unit(one.unit_id),
            names.account(r.account_id),
            one.dated_on,
            one.age_days,
            one.due_on,
            "quá hạn" if one.overdue(r.as_of) else "",
            one.book_amount,
            ", ".join(item.split(":", 1)[1] for item in one.items),
            "đã xong sau kỳ" if one.closed_on else LEFTOVER_TITLES[one.kind],
            one.next_step,
        )
        for one in r.leftovers
        if one.lies_in in _CLEARING
    ]


def _remittance_rows(r: ReconciliationResult, names: Names) -> list[tuple[Value, ...]]:
    return [
        (
            "Nộp cấp trên đang chuyển (1150)",
            names.unit(way.unit_id),
            names.unit(way.superior_id),
            way.sent_on,
            way.age_days,
            way.due_on,
            "quá hạn" if way.due_on < r.as_of else "",
            way.amount,
            way.remittance_id,
            f"đang tra soát: {way.dispute}" if way.dispute else "ngân hàng đã ghi nợ" if way.debited else "chưa ghi nợ",
            way.next_step,
        )
        for way in r.under_way
    ]


def other(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    """Lines that are not dues; returns the list's last row."""
    columns = (
        Column(title="Tài khoản", width=22),
        Column(title="Ngày", width=12, kind=Kind.DAY),
        Column(title="Số giao dịch", width=20),
        Column(title="Vào/Ra", width=8),
        Column(title="Số tiền", width=14, kind=Kind.MONEY),
        Column(title="Loại", width=22),
        Column(title="Mục, nguồn", width=18),
        Column(title="Người đặt tên", width=16),
        Column(title="Căn cứ", width=60),
    )
    rows = [
        (
            names.account(r.account_id),
            n.booked_on,
            n.bank_reference,
            _DIRECTIONS[n.direction],
            n.amount,
            _NOT_DUES.get(n.what, n.what),
            _NOT_DUES.get(n.heading, n.heading),
            n.named_by,
            n.reason,
        )
        for r in results
        for n in r.not_dues
    ]
    return listed(book, OTHER, "Phí, lãi, kinh phí ngân sách, chi của đơn vị trên tài khoản.", columns, rows, "E")[1]
