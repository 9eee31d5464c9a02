"""The lists of the treasurer's workbook: one sheet each, with a filter and totals that follow it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.books.sheet import Column, Kind, Value
from domain.notice import Direction
from ledger.reports_reconciliation import LEFTOVER_TITLES, Leftover, LeftoverKind, ReconciliationResult

SUMMARY, MATCHED, LEFT, SUSPENSE, WAY = "Tổng hợp", "Khớp", "Còn lại", "Tiền treo theo tuổi", "Tiền đang đi đường"
DAYS, CHANNEL, TOLD, DECIDED = "Chốt ba bên theo ngày", "Tra soát Cổng", "Dòng quyết toán", "Quyết định"
OTHER, BACK, CHART = "Không phải đảng phí", "Đã trả lại", "Số liệu biểu đồ"

DIRECTIONS = {Direction.IN: "Vào", Direction.OUT: "Ra"}
_NOT_DUES = {
    "bank-fee": "Phí ngân hàng",
    "interest": "Lãi tiền gửi",
    "state-funding": "Kinh phí ngân sách",
    "spending": "Chi của đơn vị",
}
_CLEARING = {"1130": "Tiền mặt nộp ngân hàng chờ báo có (1130)", "1140": "Tiền qua Cổng chờ báo có (1140)"}
#: Upper ends of the age groups, in days; 30 is what the chart of accounts allows for money of unknown owner.
AGES = ((7, "0–7 ngày"), (30, "8–30 ngày"), (90, "31–90 ngày"), (10**6, "trên 90 ngày"))

#: Row of the headings of the lists: title, notes and a row of totals stand above.
TOP = 5


def age_group(days: int) -> str:
    """The age group of so many days."""
    return next(name for most, name in AGES if days <= most)


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


Rows = Callable[[ReconciliationResult, Names, int], Iterator[tuple[Value, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One sheet with one list. ``rows`` gives an account's rows, of which the first stands in the row named.

    The columns ``totals`` (letters) are summed above the headings over what the filter shows; ``marks`` are letters of
    columns and the word that turns a cell of theirs red.
    """

    title: str
    note: str
    columns: Sequence[Column]
    totals: str
    rows: Rows
    pages_wide: int = 1
    marks: tuple[tuple[str, str], ...] = ()
    freeze: int = 0  #: columns that stay


# --- the lists --------------------------------------------------------------------------------------------------


def _matched(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for m in r.matched:
        yield (
            names.account(r.account_id),
            m.booked_on,
            m.bank_reference,
            DIRECTIONS[m.direction],
            m.amount,
            m.book_on,
            (m.booked_on - m.book_on).days,
            "có" if m.notified else "",
            m.reason,
            m.why,
            m.why_not,
        )


def _left(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for one in r.leftovers:
        state = "quá hạn" if one.overdue(r.as_of) else "đã xong" if not one.open_amount or one.closed_on else ""
        yield (
            LEFTOVER_TITLES[one.kind],
            names.account(r.account_id),
            names.unit(one.unit_id),
            one.dated_on,
            one.age_days,
            age_group(one.age_days),
            one.due_on,
            state,
            one.bank_amount,
            one.book_amount,
            one.open_amount,
            one.effect,
            one.bank_reference,
            one.what,
            one.role,
            one.next_step,
            "" if one.decided is None else one.decided.words,
            one.why,
            None,
        )


def _suspense(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for one in waiting(r):
        yield (
            names.account(r.account_id),
            one.dated_on,
            one.age_days,
            age_group(one.age_days),
            one.due_on,
            one.bank_amount,
            one.open_amount,
            one.bank_reference,
            names.unit(one.unit_id),
            "; ".join(f"{names.member(s.member_id)} ({names.unit(s.unit_id)}): {s.ground}" for s in one.suggestions),
            "" if one.decided is None else one.decided.words,
            one.next_step,
        )


def waiting(r: ReconciliationResult) -> tuple[Leftover, ...]:
    """Money of unknown owner that still waits."""
    return tuple(one for one in r.leftovers if one.kind is LeftoverKind.UNIDENTIFIED and one.open_amount)


def _way(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for one in r.leftovers:
        if one.lies_in in _CLEARING:
            yield _clearing_row(r, names, one)
    for way in r.under_way:
        state = "ngân hàng đã ghi nợ" if way.debited else "chưa ghi nợ"
        yield (
            "Nộp cấp trên đang chuyển (1150)",
            names.unit(way.unit_id),
            names.unit(way.superior_id),
            way.sent_on,
            way.age_days,
            way.due_on,
            "quá hạn" if way.due_on < r.as_of else "",
            way.amount,
            way.remittance_id,
            f"đang tra soát: {way.dispute}" if way.dispute else state,
            way.next_step,
        )


def _clearing_row(r: ReconciliationResult, names: Names, one: Leftover) -> tuple[Value, ...]:
    return (
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


def _other(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for n in r.not_dues:
        yield (
            names.account(r.account_id),
            n.booked_on,
            n.bank_reference,
            DIRECTIONS[n.direction],
            n.amount,
            _NOT_DUES.get(n.what, n.what),
            _NOT_DUES.get(n.heading, n.heading),
            n.named_by,
            n.reason,
        )


def _back(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for one in r.returned:
        yield (
            names.account(r.account_id),
            one.booked_on,
            one.bank_reference,
            DIRECTIONS[one.direction],
            one.amount,
            one.original,
            one.reason,
        )


def _decided(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for one in r.leftovers:
        if one.decided is not None:
            until = one.decided.until
            yield (
                one.decided.decision_id,
                names.account(r.account_id),
                LEFTOVER_TITLES[one.kind],
                one.dated_on,
                one.bank_reference,
                one.open_amount,
                one.decided.words,
                until,
                "hết hạn chờ" if until is not None and until < r.as_of else "",
                one.decided.by,
                one.decided.on,
            )


# --- columns ----------------------------------------------------------------------------------------------------


def _text(title: str, width: int) -> Column:
    return Column(title=title, width=width)


def _day(title: str) -> Column:
    return Column(title=title, width=12, kind=Kind.DAY)


def _money(title: str, width: int = 14) -> Column:
    return Column(title=title, width=width, kind=Kind.MONEY)


def _count(title: str, width: int = 8) -> Column:
    return Column(title=title, width=width, kind=Kind.COUNT)


LISTINGS: tuple[Listing, ...] = (
    Listing(
        title=MATCHED,
        note="Mỗi dòng sao kê ứng với khoản trong sổ; hai cột cuối là căn cứ đã ghi lúc khớp, không tính lại.",
        columns=(
            _text("Tài khoản", 22),
            _day("Ngày ngân hàng"),
            _text("Số giao dịch", 20),
            _text("Vào/Ra", 8),
            _money("Số tiền"),
            _day("Ngày sổ"),
            _count("Lệch (ngày)"),
            _text("Cổng báo", 8),
            _text("Lý do khớp", 64),
            _text("Vì sao", 40),
            _text("Vì sao không phải khoản khác", 34),
        ),
        totals="E",
        rows=_matched,
        pages_wide=2,
    ),
    Listing(
        title=LEFT,
        note="Ảnh hưởng số dư = số dư ngân hàng trừ sổ 1120. Cột cuối để người xử lý điền.",
        columns=(
            _text("Loại", 20),
            _text("Tài khoản", 22),
            _text("Đơn vị xử lý", 22),
            _day("Ngày"),
            _count("Tuổi (ngày)"),
            _text("Nhóm tuổi", 13),
            _day("Hạn"),
            _text("Quá hạn", 9),
            _money("Phía ngân hàng"),
            _money("Phía sổ"),
            _money("Còn treo"),
            _money("Ảnh hưởng số dư"),
            _text("Số giao dịch", 18),
            _text("Nội dung", 46),
            _text("Người phải làm", 16),
            _text("Việc cần làm", 40),
            _text("Quyết định đến nay", 30),
            _text("Vì sao", 36),
            _text("Ghi chú", 20),
        ),
        totals="KL",
        rows=_left,
        pages_wide=2,
        marks=(("H", "quá hạn"),),
    ),
    Listing(
        title=SUSPENSE,
        note="Trích từ tờ «Còn lại»: tiền đã vào tài khoản mà chưa biết của ai (TK 3380).",
        columns=(
            _text("Tài khoản", 22),
            _day("Ngày"),
            _count("Tuổi (ngày)"),
            _text("Nhóm tuổi", 14),
            _day("Hạn 30 ngày"),
            _money("Tiền vào"),
            _money("Còn chưa xác định", 16),
            _text("Số giao dịch", 20),
            _text("Đơn vị đang giữ", 22),
            _text("Gợi ý (chỉ để tham khảo)", 44),
            _text("Quyết định đến nay", 30),
            _text("Việc cần làm", 40),
        ),
        totals="FG",
        rows=_suspense,
    ),
    Listing(
        title=WAY,
        note="Tiền đã rời một nơi và chưa tới nơi khác: qua Cổng, túi tiền mặt, nộp cấp trên.",
        columns=(
            _text("Loại", 38),
            _text("Từ đơn vị", 24),
            _text("Đến", 24),
            _day("Ngày"),
            _count("Tuổi (ngày)"),
            _day("Hạn"),
            _text("Quá hạn", 9),
            _money("Số tiền"),
            _text("Mã", 30),
            _text("Tình trạng", 34),
            _text("Việc cần làm", 46),
        ),
        totals="H",
        rows=_way,
        marks=(("G", "quá hạn"),),
    ),
    Listing(
        title=DECIDED,
        note="Quyết định cuối cùng về từng khoản còn lại; quyết định đã gỡ không còn ở đây.",
        columns=(
            _text("Số quyết định", 20),
            _text("Tài khoản", 22),
            _text("Loại", 20),
            _day("Ngày khoản tiền"),
            _text("Số giao dịch", 20),
            _money("Còn treo"),
            _text("Nội dung quyết định", 70),
            _day("Chờ đến"),
            _text("Hạn chờ", 12),
            _text("Người quyết định", 18),
            _day("Ngày"),
        ),
        totals="F",
        rows=_decided,
        marks=(("I", "hết hạn chờ"),),
    ),
    Listing(
        title=OTHER,
        note="Phí, lãi, kinh phí ngân sách, chi của đơn vị trên tài khoản.",
        columns=(
            _text("Tài khoản", 22),
            _day("Ngày"),
            _text("Số giao dịch", 20),
            _text("Vào/Ra", 8),
            _money("Số tiền"),
            _text("Loại", 22),
            _text("Mục, nguồn", 18),
            _text("Người đặt tên", 16),
            _text("Căn cứ", 60),
        ),
        totals="E",
        rows=_other,
    ),
    Listing(
        title=BACK,
        note="Hoàn trả, tiền bị trả lại, dòng đảo của ngân hàng, bút toán đã gỡ; mỗi khoản dẫn tới khoản gốc.",
        columns=(
            _text("Tài khoản", 22),
            _day("Ngày"),
            _text("Số giao dịch", 20),
            _text("Vào/Ra", 8),
            _money("Số tiền"),
            _text("Khoản gốc", 50),
            _text("Lý do", 70),
        ),
        totals="E",
        rows=_back,
    ),
)
