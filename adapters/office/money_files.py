"""Small lists about money that an office keeps: portal sessions, cash sheets, what a line was, whose money it is.

All are CSV in UTF-8 (a byte order mark is fine), first line the headings, amounts in whole đồng. A list is read whole
or not at all: these are acts of officers, and half of an act is none.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from domain.bank_account import NotDues
from domain.errors import Malformed, Refusal
from domain.money import Dong, require_amount
from domain.notice import Direction
from domain.period import Month, parse_month

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


def read_named_lines(data: bytes, name: str) -> tuple[NamedRow, ...]:
    """What lines are that are not dues."""
    headings = ("số tài khoản", "ngày", "chiều", "số tiền", "loại", "mục", "căn cứ")
    return _read(data, name, headings, _named)


def read_identified(data: bytes, name: str) -> tuple[IdentifiedRow, ...]:
    """Whose money waits."""
    return _read(data, name, ("số tài khoản", "ngày", "số tiền", "số thẻ", "tháng", "căn cứ"), _identified)


def _read(
    data: bytes, name: str, headings: tuple[str, ...], make: Callable[[Mapping[str, str], str], T]
) -> tuple[T, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(
            f"không phải UTF-8 (byte thứ {error.start + 1}); mở tệp bằng bảng tính và lưu lại dạng «CSV UTF-8»",
            where=name,
        ) from error
    if "\x00" in text:
        raise Malformed("có ký tự rỗng, có thể là tệp nhị phân; lưu lại dạng «CSV UTF-8»", where=name)
    reader = csv.reader(io.StringIO(text, newline=""))
    rows = list(reader)
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != headings:
        raise Malformed(f"dòng đầu phải là: {', '.join(headings)}", where=f"{name}, dòng 1")
    return tuple(
        _row(cells, headings, f"{name}, dòng {number}", make)
        for number, cells in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in cells)
    )


def _row(cells: list[str], headings: tuple[str, ...], where: str, make: Callable[[Mapping[str, str], str], T]) -> T:
    if len(cells) != len(headings):
        raise Malformed(f"có {len(cells)} cột, cần {len(headings)}; tệp có thể bị cắt", where=where)
    try:
        return make({heading: cell.strip() for heading, cell in zip(headings, cells, strict=True)}, where)
    except Refusal as refusal:
        raise Malformed(refusal.message, where=where) from refusal
    except (KeyError, ValueError) as error:
        raise Malformed(f"giá trị {error} không hợp lệ", where=where) from error


def _amount(text: str) -> Dong:
    """Whole đồng, dots or commas between thousands allowed; ASCII digits only."""
    bare = text.replace(".", "").replace(",", "")
    if not (bare.isascii() and bare.isdecimal()):
        raise ValueError(text)
    return require_amount(int(bare))


def _day(text: str) -> date:
    return date.fromisoformat("-".join(reversed(text.split("/"))))


def _session(row: Mapping[str, str], where: str) -> PortalSession:
    if row["loại"] not in ("đảng phí", "nộp hộ"):
        raise ValueError(row["loại"])
    opened = datetime.fromisoformat(row["lúc mở"])
    if opened.tzinfo is None:
        raise ValueError(row["lúc mở"])
    return PortalSession(
        where=where,
        session=row["phiên"],
        opened_at=opened,
        kind=row["loại"],
        unit_code=row["mã đơn vị"],
        card_number=row["số thẻ"],
        month=parse_month(row["tháng"]),
        amount=_amount(row["số tiền"]) if row["số tiền"] else None,
        slip=row["phiếu thu"] or None,
    )


def _cash(row: Mapping[str, str], where: str) -> CashRow:
    return CashRow(
        where=where,
        unit_code=row["mã đơn vị"],
        slip=row["số phiếu"],
        paid_on=_day(row["ngày"]),
        card_number=row["số thẻ"],
        month=parse_month(row["tháng"]),
        amount=_amount(row["số tiền"]),
    )


def _named(row: Mapping[str, str], where: str) -> NamedRow:
    return NamedRow(
        where=where,
        account_number=row["số tài khoản"],
        booked_on=_day(row["ngày"]),
        direction=_DIRECTIONS[row["chiều"]],
        amount=_amount(row["số tiền"]),
        what=_KINDS[row["loại"]],
        heading=row["mục"],
        ground=row["căn cứ"],
    )


def _identified(row: Mapping[str, str], where: str) -> IdentifiedRow:
    return IdentifiedRow(
        where=where,
        account_number=row["số tài khoản"],
        booked_on=_day(row["ngày"]),
        amount=_amount(row["số tiền"]),
        card_number=row["số thẻ"],
        month=parse_month(row["tháng"]) if row["tháng"] else None,
        ground=row["căn cứ"],
    )
