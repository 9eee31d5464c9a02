"""Tables as six banks export them, each with its own headings, traps and kind of file.

Source of headings and traps: public parsers (payments §6.1); Agribank's are own knowledge. No bank publishes a sample.
"""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from adapters.sandbox.old_workbook import write_xls
from adapters.sandbox.statements import fixed_zip
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import BankLine, BankStatement, Direction

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Rows of text; a row is as long as it must be.
Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How one bank's table looks. ``columns`` are kinds of values in the bank's order; ``headings`` go with them."""

    kind: str  #: "xlsx", "csv", "html" (under an .xls name) or "xls"
    bank: str
    title: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    account: str = "Số tài khoản"
    opening: str = "Số dư đầu kỳ"
    closing: str = "Số dư cuối kỳ"
    total: str = "Tổng cộng"
    amounts: str = "{:,}"
    points: bool = False  #: thousands by points instead of commas
    heading_row: int = 0  #: the headings stand in this row, where the bank keeps a high block above them
    former_account: bool = False  #: a second account line marked as the old number
    balances_in_rows: bool = False  #: opening and closing are rows of the table
    blank_dates: bool = False  #: a date that repeats is left out
    negative_debits: bool = False
    newest_first: bool = False  #: some exports are; the seed decides


_BIDV = Table(
    kind="xlsx",
    bank="Ngân hàng TMCP Đầu tư và Phát triển Việt Nam (BIDV)",
    title="BÁO CÁO CHI TIẾT SỐ DƯ TÀI KHOẢN",
    columns=("date", "debit", "credit", "balance", "content"),
    headings=("Ngày hiệu lực", "Ghi nợ", "Ghi có", "Số dư", "Mô tả"),
    opening="DƯ ĐẦU",
    closing="DƯ CUỐI",
    total="Cộng phát sinh",
    points=True,
    former_account=True,
    balances_in_rows=True,
)
_AGRIBANK = Table(
    kind="html",
    bank="Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam (Agribank)",
    title="SAO KÊ TÀI KHOẢN",
    columns=("date", "debit", "credit", "balance", "content"),
    headings=("Ngày giao dịch", "PS nợ", "PS có", "Số dư", "Nội dung"),
)
_VIETINBANK = Table(
    kind="xlsx",
    bank="VietinBank eFAST",
    title="LỊCH SỬ GIAO DỊCH - TRANSACTION HISTORY",
    columns=("no", "date", "traded", "content", "debit", "credit", "balance", "reference"),
    headings=(
        "STT/No.",
        "Ngày hạch toán/\nAccounting date",
        "Ngày phát sinh/\nTransaction date",
        "Mô tả giao dịch/\nTransaction description",
        "Nợ/ Debit",
        "Có/ Credit",
        "Số dư TK/\nAccount balance",
        "Số giao dịch/\nTransaction number",
    ),
    total="Tổng/ Total",
    blank_dates=True,
)
_MB = Table(
    kind="xlsx",
    bank="NGÂN HÀNG TMCP QUÂN ĐỘI (MB BANK)",
    title="SAO KÊ CHI TIẾT TÀI KHOẢN / ACCOUNT STATEMENT",
    columns=("date", "traded", "debit", "credit", "balance", "content"),
    headings=(
        "Ngày hạch toán/\nPosting date",
        "Ngày giao dịch/\nTransaction date",
        "Phát sinh nợ/\nDebit",
        "Phát sinh có/\nCredit",
        "Số dư/\nBalance",
        "Nội dung/\nDescription",
    ),
    amounts="{:,}.00 VND",
)
_TECHCOMBANK = Table(
    kind="xlsx",
    bank="NGÂN HÀNG TMCP KỸ THƯƠNG VIỆT NAM (TECHCOMBANK)",
    title="TRUY VẤN GIAO DỊCH / TRANSACTION ENQUIRY",
    columns=(
        *("requested", "date", "reference", "peer_bank", "peer_account", "peer_name"),
        *("content", "debit", "credit", "fee", "tax", "balance"),
    ),
    headings=(
        "Ngày KH thực hiện/Requesting date",
        "Ngày giao dịch/Transaction date",
        "Số bút toán/Reference number",
        "Ngân hàng đối tác/ Remitter's bank",
        "Tài khoản đích/Remitter's account number",
        "Tên tài khoản đối ứng/Remitter's account name",
        "Diễn giải/Description",
        "Nợ/Debit",
        "Có/Credit",
        "Phí/Lãi",
        "Thuế/Transaction VAT",
        "Số dư/Running balance",
    ),
    heading_row=20,
    negative_debits=True,
    newest_first=True,
)
_VPBANK = Table(
    kind="csv",
    bank="NGÂN HÀNG TMCP VIỆT NAM THỊNH VƯỢNG (VPBANK)",
    title="SAO KÊ TÀI KHOẢN",
    columns=("date", "effective", "reference", "content", "debit", "credit", "balance"),
    headings=("Ngày giao dịch", "Ngày hiệu lực", "Số tham chiếu", "Diễn giải", "Ghi nợ", "Ghi có", "Số dư"),
    newest_first=True,
)


#: By the name that the reader gives the format back.
TABLES = MappingProxyType(
    {
        "bidv-xlsx": _BIDV,
        "bidv-csv": replace(_BIDV, kind="csv"),
        "vietinbank-xlsx": _VIETINBANK,
        "agribank-html": _AGRIBANK,
        "agribank-xls": replace(_AGRIBANK, kind="xls"),
        "mb-xlsx": _MB,
        "techcombank-xlsx": _TECHCOMBANK,
        "vpbank-csv": _VPBANK,
    }
)
_WRITTEN_AS = {"xlsx": "xlsx", "csv": "csv", "html": "xls", "xls": "xls"}


def write_table(
    format_name: str, statement: BankStatement, *, stem: str, holder_name: str = "", seed: int = 0
) -> tuple[str, bytes]:
    """One statement as (file name, bytes) in the shape of a bank; an odd seed puts the newest line first where the bank
    may do so. Raises ``Malformed`` on text that a sheet cannot carry."""
    table = TABLES[format_name]
    rows = _rows(table, statement, holder_name, reverse=table.newest_first and seed % 2 == 1)
    for row in rows:
        for text in row:
            if _FORBIDDEN.search(text):
                raise Malformed(f"văn bản {text[:40]!r} có ký tự mà tệp {table.kind.upper()} không chứa được")
    data = {"xlsx": _xlsx, "csv": _csv, "html": _html, "xls": write_xls}[table.kind](rows)
    return f"{stem}.{_WRITTEN_AS[table.kind]}", data


def _rows(table: Table, statement: BankStatement, holder_name: str, *, reverse: bool) -> Rows:
    def amount(value: Dong) -> str:
        text = table.amounts.format(value)
        return text.replace(",", ".") if table.points else text

    rows: Rows = [[table.bank], [table.title]]
    if table.former_account:
        rows.append(["Số tài khoản cũ/OLD:", f"9{statement.account_number[:-1]}"])
    rows += [[f"{table.account}:", statement.account_number], ["Tên tài khoản:", holder_name], ["Loại tiền:", "VND"]]
    rows.append([f"Từ ngày {statement.from_date:%d/%m/%Y} đến ngày {statement.to_date:%d/%m/%Y}"])
    opening = [table.opening + ":", amount(statement.opening)]
    closing = [table.closing + ":", amount(statement.closing)]
    if not table.balances_in_rows:
        rows += [opening, closing]
    rows += [[] for _ in range(table.heading_row - 1 - len(rows))]
    rows.append(list(table.headings))
    if table.balances_in_rows:
        rows.append(["", table.opening, "", amount(statement.opening)])
    lines = list(_numbered(table, statement, amount))
    rows += lines[::-1] if reverse else lines
    rows.append(_total(table, statement.lines, amount))
    if table.balances_in_rows:
        rows.append(["", table.closing, "", amount(statement.closing)])
    rows += [[], ["Chứng từ này được in từ hệ thống, không cần chữ ký."]]
    return rows


def _numbered(table: Table, statement: BankStatement, amount: Callable[[Dong], str]) -> Iterator[list[str]]:
    balance = statement.opening
    above = ""
    for number, line in enumerate(statement.lines, start=1):
        balance += line.amount if line.direction is Direction.IN else -line.amount
        day = f"{line.booked_on:%d/%m/%Y}"
        out = -line.amount if table.negative_debits else line.amount
        cells = {
            "no": str(number),
            "date": "" if table.blank_dates and day == above else day,
            "traded": "" if table.blank_dates and day == above else day,
            "requested": day,
            "effective": f"{line.value_on:%d/%m/%Y}" if line.value_on else "",
            "debit": amount(out) if line.direction is Direction.OUT else "",
            "credit": amount(line.amount) if line.direction is Direction.IN else "",
            "balance": amount(balance if line.balance_after is None else line.balance_after),
            "content": line.content,
            "reference": line.bank_reference or "",
            "peer_account": line.counterparty_account or "",
            "peer_name": line.counterparty_name or "",
        }
        above = day
        yield [cells.get(column, "") for column in table.columns]


def _total(table: Table, lines: Sequence[BankLine], amount: Callable[[Dong], str]) -> list[str]:
    money_out = sum(line.amount for line in lines if line.direction is Direction.OUT)
    money_in = sum(line.amount for line in lines if line.direction is Direction.IN)
    cells = {
        "debit": amount(-money_out if table.negative_debits else money_out),
        "credit": amount(money_in),
        table.columns[0]: table.total,
    }
    return [cells.get(column, "") for column in table.columns]


def _xlsx(rows: Rows) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # A new workbook has one worksheet.
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                # Written as text: content that begins with "=" must not become a formula.
                sheet.cell(row=number, column=column, value=text).data_type = "s"
    written = io.BytesIO()
    book.save(written)
    return fixed_zip(written.getvalue())


def _csv(rows: Rows) -> bytes:
    """With a byte order mark and semicolons, as a Vietnamese spreadsheet saves it."""
    out = io.StringIO(newline="")
    width = max(len(row) for row in rows)
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _html(rows: Rows) -> bytes:
    """A web page that the bank names .xls, as report engines make it."""
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(text).replace(chr(10), '<br>')}</td>" for text in row) + "</tr>"
        for row in rows
    )
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>td { white-space: nowrap; }</style>'
        f"</head><body><table border=1>\n{body}\n</table></body></html>\n"
    ).encode()
