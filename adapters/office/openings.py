"""Balances that units bring along, from an office's list: one row a unit and a row of totals that must add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from adapters.office.organisation import CODE
from adapters.office.table import Column, Line, Listed, Place, Table, listed, optional, read_table, required
from domain.errors import Malformed
from domain.money import Dong, format_dong

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "unit": required("mã đơn vị", "unit"),
        "as_of": required("tại ngày", "as of"),
        "account": optional("số tài khoản", "account"),
        "bank": required("tiền gửi", "tiền gửi ngân hàng", "bank"),
        "cash": required("tiền mặt", "cash"),
        "fund": required("quỹ", "nguồn quỹ", "fund"),
        "credit": required("đóng thừa", "credit"),
        "arrears": required("nợ đảng phí", "còn nợ", "arrears"),
        "ytd_collected": required("lũy kế thu", "ytd collected"),
        "ytd_kept": required("lũy kế để lại", "ytd kept"),
        "ytd_remitted": required("lũy kế nộp", "ytd remitted"),
        "document": required("văn bản", "document"),
    }
)
AMOUNTS = ("bank", "cash", "fund", "credit", "arrears", "ytd_collected", "ytd_kept", "ytd_remitted")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow:
    """A unit's balances as listed; đồng. ``account_number`` is None where the list does not name one."""

    place: Place
    unit_code: str
    as_of: date
    account_number: str | None
    bank: Dong
    cash: Dong
    fund: Dong
    credit: Dong
    arrears: Dong
    ytd_collected: Dong
    ytd_kept: Dong
    ytd_remitted: Dong
    document: str


def read_openings(path: Path) -> Listed[OpeningRow]:
    """Read the list; ``Malformed`` when it cannot be read, has no row of totals, or does not add up."""
    table = read_table(path, COLUMNS)
    rows = [_opening(line) for line in table.lines]
    good = tuple(row for row in rows if row)
    _require_totals(table, good)
    return listed(table, good)


def _opening(line: Line) -> OpeningRow | None:
    account = r"[0-9A-Za-z]{4,19}"
    row = OpeningRow(
        place=line.place,
        unit_code=line.code("unit", CODE, "mã đơn vị"),
        as_of=line.day("as_of"),
        account_number=line.code("account", account, "số tài khoản") if line.has("account") else None,
        bank=line.amount("bank"),
        cash=line.amount("cash"),
        fund=line.amount("fund"),
        credit=line.amount("credit"),
        arrears=line.amount("arrears"),
        ytd_collected=line.amount("ytd_collected"),
        ytd_kept=line.amount("ytd_kept"),
        ytd_remitted=line.amount("ytd_remitted"),
        document=line.text("document"),
    )
    return None if line.problems else row


def _require_totals(table: Table, rows: tuple[OpeningRow, ...]) -> None:
    """Refuse a list whose totals differ from its rows: one of its figures is wrong, or a row is missing.

    While a row is unreadable its figures are unknown and nothing can be added up; then the row is listed first.
    """
    if len(table.totals) != 1:
        raise Malformed(
            f"phải có đúng một dòng «Tổng cộng» ở cuối, có {len(table.totals)}; tệp có thể bị cắt", where=table.name
        )
    total = table.totals[0]
    stated = {field: total.amount(field) for field in AMOUNTS}
    if total.problems:
        raise Malformed(total.problems[0].reason, where=total.problems[0].where)
    if len(rows) < len(table.lines):
        return
    for field in AMOUNTS:
        added = sum(getattr(row, field) for row in rows)
        if added != stated[field]:
            raise Malformed(
                f"tổng ghi {format_dong(stated[field])} đồng nhưng các dòng cộng lại là {format_dong(added)} đồng; "
                "đối chiếu lại với biểu gốc",
                where=total.place.problem("", total.column(field)).where,
            )
