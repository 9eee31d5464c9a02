"""Small lists about money that an office keeps: portal sessions, cash sheets, what a line was, whose money it is.

All are CSV in UTF-8 (a byte order mark is fine), first line the headings, amounts in whole đồng. A list is read whole
or not at all: these are acts of officers, and half of an act is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from adapters.office.cells import BadCell, Cell, amount_of, day_of, is_formula, month_in, shown, text_of
from adapters.office.sheets import csv_rows, decode, workbook_rows
from domain.bank_account import NotDues
from domain.errors import Malformed, Refusal
from domain.money import Dong, require_amount
from domain.notice import Direction
from domain.period import Month

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSession:
    """One row of the portal's list of sessions; rows of one batch share ``session``."""

    where: str
    session: str
    opened_at: datetime
    kind: str  #: "đảng phí" or "nộp hộ"
    unit_code: str
    card_number: str
    month: Month
    amount: Dong | None  #: of a batch's line
    slip: str | None  #: cash slip that a batch's line answers for


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRow:
    """One row of a collector's cash sheet."""

    where: str
    unit_code: str
    slip: str
    paid_on: date
    card_number: str
    month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    """One part of a payment for several members or months."""

    where: str
    card_number: str
    month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """An officer says what a bank line is that is not dues."""

    where: str
    account_number: str
    booked_on: date
    direction: Direction
    amount: Dong
    what: NotDues
    heading: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifiedRow:
    """An officer says whose money a bank line is."""

    where: str
    account_number: str
    booked_on: date
    amount: Dong
    card_number: str
    month: Month | None
    ground: str


_KINDS = {
    "phí ngân hàng": NotDues.FEE,
    "lãi tiền gửi": NotDues.INTEREST,
    "ngân sách cấp": NotDues.STATE_FUNDING,
    "chi": NotDues.SPENDING,
}
_DIRECTIONS = {"vào": Direction.IN, "ra": Direction.OUT}


def read_sessions(data: bytes, name: str) -> tuple[PortalSession, ...]:
    """Sessions opened on the portal, in the order of the file."""
    headings = ("phiên", "lúc mở", "loại", "mã đơn vị", "số thẻ", "tháng", "số tiền", "phiếu thu")
    return _read(data, name, headings, _session)


def read_cash_sheet(data: bytes, name: str) -> tuple[CashRow, ...]:
    """A collector's sheet."""
    return _read(data, name, ("mã đơn vị", "số phiếu", "ngày", "số thẻ", "tháng", "số tiền"), _cash)


def read_split_list(data: bytes, name: str) -> tuple[SplitRow, ...]:
    """Whose the parts of one payment are."""
    return _read(data, name, ("số thẻ", "tháng", "số tiền"), _split)


def read_named_lines(data: bytes, name: str) -> tuple[NamedRow, ...]:
    """What lines are that are not dues."""
    headings = ("số tài khoản", "ngày", "chiều", "số tiền", "loại", "mục", "căn cứ")
    return _read(data, name, headings, _named)


def read_identified(data: bytes, name: str) -> tuple[IdentifiedRow, ...]:
    """Whose money waits."""
    return _read(data, name, ("số tài khoản", "ngày", "số tiền", "số thẻ", "tháng", "căn cứ"), _identified)


def _read(data: bytes, name: str, headings: tuple[str, ...], make: Callable[["CellsOfRow", str], T]) -> tuple[T, ...]:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Malformed("đây là bảng tính XLSX hoặc XLS; mở ra và lưu lại dạng «CSV UTF-8»", where=name)
    return read_rows(data, name, headings, make)


def read_rows(
    data: bytes, name: str, headings: tuple[str, ...], make: Callable[["CellsOfRow", str], T]
) -> tuple[T, ...]:
    """Rows of a CSV file, or of the first sheet of an XLSX file, under exactly these headings; whole or not at all."""
    if not data.strip():
        raise Malformed("tệp rỗng; hãy lấy lại tệp", where=name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Malformed("đây là bảng tính XLS cũ; mở ra và lưu lại dạng XLSX hoặc «CSV UTF-8»", where=name)
    if data.startswith(b"PK\x03\x04"):
        rows = tuple((n, cells[: len(headings)]) for n, cells in workbook_rows(data, name))
    else:
        rows = tuple(csv_rows(decode(data, name), name))
    if not rows:
        raise Malformed("tệp không có dòng nào; hãy lấy lại tệp", where=name)
    first = tuple(text_of(cell).lower() for cell in rows[0][1])
    if first != headings:
        raise Malformed(
            f"dòng đầu phải là: {', '.join(headings)}; sửa tên cột, hoặc kiểm tra có nhầm tệp không",
            where=f"{name}, dòng 1",
        )
    return tuple(
        _row(cells, headings, f"{name}, dòng {number}", make)
        for number, cells in rows[1:]
        if any(text_of(cell) for cell in cells)
    )


def _row(cells: Sequence[Cell], headings: tuple[str, ...], where: str, make: Callable[["CellsOfRow", str], T]) -> T:
    if len(cells) != len(headings):
        raise Malformed(
            f"có {len(cells)} ô, cần {len(headings)}; ô có dấu phẩy phải đặt trong dấu nháy kép, hoặc tệp bị cắt",
            where=where,
        )
    return make(CellsOfRow(dict(zip(headings, cells, strict=True)), where), where)


class CellsOfRow:
    """One row being read; the first cell that cannot be read refuses the file, named with row and column."""

    def __init__(self, cells: Mapping[str, Cell], where: str) -> None:
        self._cells = cells
        self._where = where

    def has(self, heading: str) -> bool:
        """Whether the cell says anything."""
        return text_of(self._cells[heading]) != ""

    def read(self, heading: str, reader: Callable[[Cell], T]) -> T:
        """What the cell says."""
        where = f"{self._where}, cột «{heading}»"
        cell = self._cells[heading]
        if is_formula(cell):
            raise Malformed(f"ô chứa công thức {shown(text_of(cell))}; dán giá trị thay cho công thức", where=where)
        if not self.has(heading):
            raise Malformed("thiếu giá trị; điền ô này hoặc xoá dòng", where=where)
        try:
            return reader(cell)
        except Refusal as refusal:
            raise Malformed(refusal.message, where=where) from refusal
        except BadCell as bad:
            raise Malformed(str(bad), where=where) from bad

    def text(self, heading: str) -> str:
        """A text that says something."""
        return self.read(heading, text_of)

    def amount(self, heading: str) -> Dong:
        """Whole đồng, more than nothing."""
        return self.read(heading, lambda cell: require_amount(amount_of(cell)))

    def word(self, heading: str, meanings: Mapping[str, T]) -> T:
        """One of a closed list."""
        text = self.text(heading)
        if text not in meanings:
            words = ", ".join(meanings)
            raise Malformed(
                f"không hiểu {shown(text)}; các giá trị được dùng: {words}", where=f"{self._where}, cột «{heading}»"
            )
        return meanings[text]


def _moment(cell: Cell) -> datetime:
    text = text_of(cell)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCell(f"phải là thời điểm như 2026-07-02T07:16:00+07:00, nhận được {shown(text)}") from error
    if found.tzinfo is None:
        raise BadCell(f"thời điểm phải có múi giờ (+07:00), nhận được {shown(text)}")
    return found


def _session(row: CellsOfRow, where: str) -> PortalSession:
    return PortalSession(
        where=where,
        session=row.text("phiên"),
        opened_at=row.read("lúc mở", _moment),
        kind=row.word("loại", {kind: kind for kind in ("đảng phí", "nộp hộ")}),
        unit_code=row.text("mã đơn vị"),
        card_number=row.text("số thẻ"),
        month=row.read("tháng", month_in),
        amount=row.amount("số tiền") if row.has("số tiền") else None,
        slip=row.text("phiếu thu") if row.has("phiếu thu") else None,
    )


def _cash(row: CellsOfRow, where: str) -> CashRow:
    return CashRow(
        where=where,
        unit_code=row.text("mã đơn vị"),
        slip=row.text("số phiếu"),
        paid_on=row.read("ngày", day_of),
        card_number=row.text("số thẻ"),
        month=row.read("tháng", month_in),
        amount=row.amount("số tiền"),
    )


def _split(row: CellsOfRow, where: str) -> SplitRow:
    return SplitRow(
        where=where,
        card_number=row.text("số thẻ"),
        month=row.read("tháng", month_in),
        amount=row.amount("số tiền"),
    )


def _named(row: CellsOfRow, where: str) -> NamedRow:
    return NamedRow(
        where=where,
        account_number=row.text("số tài khoản"),
        booked_on=row.read("ngày", day_of),
        direction=row.word("chiều", _DIRECTIONS),
        amount=row.amount("số tiền"),
        what=row.word("loại", _KINDS),
        heading=row.text("mục"),
        ground=row.text("căn cứ"),
    )


def _identified(row: CellsOfRow, where: str) -> IdentifiedRow:
    return IdentifiedRow(
        where=where,
        account_number=row.text("số tài khoản"),
        booked_on=row.read("ngày", day_of),
        amount=row.amount("số tiền"),
        card_number=row.text("số thẻ"),
        month=row.read("tháng", month_in) if row.has("tháng") else None,
        ground=row.text("căn cứ"),
    )
