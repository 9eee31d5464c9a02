"""Statements as a bank would send them, written from our own values: for the example and for tests.

Both writers give the same bytes for the same input on every machine, so that committed example files can be
compared byte by byte. They prove nothing: a statement that does not add up is written as it is.
"""

import io
import re
import textwrap
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from adapters.bank.vietcombank import HEADINGS
from adapters.inbound import VIETNAM
from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, BankStatement, Direction

CAMT_053_08 = "camt.053.001.08"
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"

#: Message kind to (root, record): statements have balances, notifications have none.
_KINDS = {"camt.053": ("BkToCstmrStmt", "Stmt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}

#: An unstructured remittance line of ISO 20022 holds 140 characters (Max140Text).
_REMITTANCE_WIDTH = 140

#: The oldest moment that a zip entry can carry.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_WIDTHS = (6, 18, 16, 18, 18, 18, 80)
_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write_camt053(
    statements: Sequence[BankStatement],
    *,
    holders: Mapping[str, str] = MappingProxyType({}),
    bank_name: str = "",
    created_at: datetime | None = None,
    version: str = CAMT_053_08,
    batches: bool = False,
) -> bytes:
    """A camt message with one Stmt (or, for a ``version`` of camt.054, one Ntfctn) for each statement; VND.

    ``holders`` gives the name of each account's holder by account number. ``created_at`` is the moment the
    bank says it wrote the file; by default 18:00 in Vietnam on the last day covered. Keys, places and running
    balances of the lines are not written: camt has no room for them. ``batches`` books lines that stand together
    and agree in day, direction and code as one entry with many details. Raises ``Malformed`` on text that XML
    cannot carry.
    """
    if not statements:
        raise Malformed("không có sao kê nào để ghi")
    last = max(statement.to_date for statement in statements)
    created = created_at or datetime.combine(last, time(18), VIETNAM)
    root = ET.Element("Document", {"xmlns": _NAMESPACE + version})
    message = ET.SubElement(root, _KINDS[version[:8]][0])
    head = ET.SubElement(message, "GrpHdr")
    _put(head, "MsgId", f"STMT{created:%Y%m%d%H%M%S}")
    _put(head, "CreDtTm", created.isoformat())
    for number, statement in enumerate(statements, start=1):
        holder = holders.get(statement.account_number, "")
        node = _record(message, statement, number, holder, bank_name, created, version)
        for group in _booked_together(statement.lines) if batches else ([line] for line in statement.lines):
            _entry(node, group, version)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _put(parent: ET.Element, path: str, text: str, **attributes: str) -> None:
    """Set the text at a path of child names; the last child is always new, earlier ones are reused."""
    if _XML_FORBIDS.search(text):
        raise Malformed(f"văn bản {text[:40]!r} có ký tự mà XML không chứa được", where=path)
    *steps, last = path.split("/")
    for step in steps:
        found = parent.find(step)
        parent = found if found is not None else ET.SubElement(parent, step)
    ET.SubElement(parent, last, attributes).text = text


def _record(
    message: ET.Element,
    statement: BankStatement,
    number: int,
    holder: str,
    bank_name: str,
    created: datetime,
    version: str,
) -> ET.Element:
    """A Stmt or Ntfctn up to its entries."""
    node = ET.SubElement(message, _KINDS[version[:8]][1])
    _put(node, "Id", f"{statement.account_number}-{statement.to_date:%Y%m%d}-{number}"[:35])
    _put(node, "CreDtTm", created.isoformat())
    _put(node, "FrToDt/FrDtTm", datetime.combine(statement.from_date, time(0), VIETNAM).isoformat())
    _put(node, "FrToDt/ToDtTm", datetime.combine(statement.to_date, time(23, 59, 59), VIETNAM).isoformat())
    account = ET.SubElement(node, "Acct")
    _put(account, "Id/Othr/Id", statement.account_number)
    _put(account, "Ccy", CURRENCY)
    if holder:
        _put(account, "Ownr/Nm", holder)
    if statement.bin:
        _put(account, "Svcr/FinInstnId/ClrSysMmbId/MmbId", statement.bin)
    if bank_name:
        _put(account, "Svcr/FinInstnId/Nm", bank_name)
    if version.startswith("camt.053"):
        _balance(node, "OPBD", statement.opening, statement.from_date)
        _balance(node, "CLBD", statement.closing, statement.to_date)
    return node


def _booked_together(lines: Sequence[BankLine]) -> Iterator[list[BankLine]]:
    """Neighbours that one entry can hold: all it says of itself is the same for them, and each names itself."""
    for _, group in groupby(
        lines,
        key=lambda line: (line.booked_on, line.value_on, line.direction, line.is_reversal, line.bank_code),
    ):
        together = list(group)
        if all(line.bank_reference for line in together):
            yield together
        else:
            yield from ([line] for line in together)


def _balance(node: ET.Element, code: str, amount: Dong, day: date) -> None:
    balance = ET.SubElement(node, "Bal")
    _put(balance, "Tp/CdOrPrtry/Cd", code)
    _put(balance, "Amt", str(abs(amount)), Ccy=CURRENCY)
    _put(balance, "CdtDbtInd", "DBIT" if amount < 0 else "CRDT")
    _put(balance, "Dt/Dt", day.isoformat())


def _entry(node: ET.Element, group: Sequence[BankLine], version: str) -> None:
    """One booked entry. A reversal's CdtDbtInd is its own direction, as ISO 20022 says of RvslInd."""
    line = group[0]
    entry = ET.SubElement(node, "Ntry")
    _put(entry, "Amt", str(sum(one.amount for one in group)), Ccy=CURRENCY)
    _put(entry, "CdtDbtInd", "CRDT" if line.direction is Direction.IN else "DBIT")
    if line.is_reversal:
        _put(entry, "RvslInd", "true")
    _put(entry, "Sts/Cd" if version.endswith("08") else "Sts", "BOOK")
    _put(entry, "BookgDt/Dt", line.booked_on.isoformat())
    if line.value_on is not None:
        _put(entry, "ValDt/Dt", line.value_on.isoformat())
    if line.bank_reference and len(group) == 1:
        _put(entry, "AcctSvcrRef", line.bank_reference)
    code = line.bank_code or ("PMNT/RCDT/DMCT" if line.direction is Direction.IN else "PMNT/ICDT/DMCT")
    if code.count("/") == 2:
        domain, family, sub_family = code.split("/")
        _put(entry, "BkTxCd/Domn/Cd", domain)
        _put(entry, "BkTxCd/Domn/Fmly/Cd", family)
        _put(entry, "BkTxCd/Domn/Fmly/SubFmlyCd", sub_family)
    else:
        _put(entry, "BkTxCd/Prtry/Cd", code)
    parts = ET.SubElement(entry, "NtryDtls")
    for one in group:
        _details(ET.SubElement(parts, "TxDtls"), one, version, alone=len(group) == 1)


def _details(details: ET.Element, line: BankLine, version: str, *, alone: bool) -> None:
    if not alone and line.bank_reference:
        _put(details, "Refs/AcctSvcrRef", line.bank_reference)
    _put(details, "Refs/EndToEndId", "NOTPROVIDED")
    if not alone:
        # Version 2 has no Amt of its own among the details of a transaction.
        _put(details, "AmtDtls/TxAmt/Amt" if version.endswith("02") else "Amt", str(line.amount), Ccy=CURRENCY)
    if line.counterparty_name or line.counterparty_account:
        parties = ET.SubElement(details, "RltdPties")
        side = "Dbtr" if (line.direction is Direction.IN) != line.is_reversal else "Cdtr"
        if line.counterparty_name:
            _put(parties, f"{side}/Pty/Nm" if version.endswith("08") else f"{side}/Nm", line.counterparty_name)
        if line.counterparty_account:
            _put(parties, f"{side}Acct/Id/Othr/Id", line.counterparty_account)
    for piece in textwrap.wrap(line.content, _REMITTANCE_WIDTH, break_on_hyphens=False):
        _put(details, "RmtInf/Ustrd", piece)


def write_vietcombank_xlsx(
    statement: BankStatement,
    *,
    holder_name: str = "",
    bank_name: str = "NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM (VIETCOMBANK)",
) -> bytes:
    """A statement in the columns of Vietcombank: heading block, lines, totals, closing balance, footnotes.

    Amounts are text with commas and the bank reference stands under the date in one cell, as the bank does. A
    line without a running balance gets the computed one. The zip is stored, not deflated: compressed bytes
    depend on the machine's zlib. Raises ``Malformed`` on text that XML cannot carry.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # A new workbook has one worksheet.
    sheet.title = "Sao ke"
    for column, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFG"[column]].width = width
    period = f"Từ ngày/ From: {statement.from_date:%d/%m/%Y}   Đến ngày/ To: {statement.to_date:%d/%m/%Y}"
    _row(sheet, 1, bank_name, bold=True)
    _row(sheet, 2, "SAO KÊ TÀI KHOẢN / STATEMENT OF ACCOUNT", bold=True)
    _row(sheet, 4, "Số tài khoản/ Account No:", None, statement.account_number)
    _row(sheet, 5, "Tên tài khoản/ Account name:", None, holder_name)
    _row(sheet, 6, "Loại tiền/ Currency:", None, CURRENCY)
    _row(sheet, 7, period)
    _row(sheet, 8, "Số dư đầu kỳ/ Opening balance:", None, f"{statement.opening:,}")
    _row(sheet, 10, *HEADINGS, bold=True)
    balance = statement.opening
    debits = credits_ = 0
    row = 10
    for number, line in enumerate(statement.lines, start=1):
        row = 10 + number
        credited = line.direction is Direction.IN
        debits += 0 if credited else line.amount
        credits_ += line.amount if credited else 0
        balance += line.amount if credited else -line.amount
        _row(sheet, row, *_cells(number, line, balance if line.balance_after is None else line.balance_after))
    _row(sheet, row + 1, "Tổng số/ Total", None, None, f"{debits:,}", f"{credits_:,}", bold=True)
    _row(sheet, row + 2, "Số dư cuối kỳ/ Closing balance:", None, f"{statement.closing:,}")
    _row(sheet, row + 4, "1: Ngày giao dịch/ Transaction date. 2: Ngày hiệu lực/ Effective date.")
    written = io.BytesIO()
    book.save(written)
    return fixed_zip(written.getvalue())


def _cells(number: int, line: BankLine, balance: Dong) -> tuple[str | None, ...]:
    under = f"\n{line.bank_reference}" if line.bank_reference else ""
    amount = f"{line.amount:,}"
    return (
        str(number),
        f"{line.booked_on:%d/%m/%Y}{under}",
        f"{line.value_on:%d/%m/%Y}" if line.value_on else None,
        amount if line.direction is Direction.OUT else None,
        amount if line.direction is Direction.IN else None,
        f"{balance:,}",
        line.content,
    )


def _row(sheet: Worksheet, row: int, *cells: str | None, bold: bool = False) -> None:
    """Write texts into a row, each as text: one that begins with ``=`` must not become a formula."""
    for column, text in enumerate(cells, start=1):
        if not text:
            continue
        if _XML_FORBIDS.search(text):
            raise Malformed(f"văn bản {text[:40]!r} có ký tự mà tệp XLSX không chứa được", where=f"row {row}")
        cell = sheet.cell(row=row, column=column, value=text)
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=row >= 10 and "\n" in text)
        if bold:
            cell.font = Font(bold=True)


def fixed_zip(data: bytes) -> bytes:
    """The same workbook with every clock in it stopped."""
    stopped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stopped, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:created[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", body)
                body = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", body)
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, body)
    return stopped.getvalue()
