"""Clauses of the closing of months, of corrections and of receipts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import bank_account, cash, closing, correction, day_close, dues_corrections, payment, receipt_book
from domain.correction import EntryReversed, Kind
from projections.phrases import day, money, unit

_KINDS = {
    Kind.MATCH: "gỡ khoản đã ghi nhầm người hoặc nhầm tháng",
    Kind.CASH: "huỷ bút toán tiền mặt ghi sai",
    Kind.IMPORT: "lấy lại sao kê nhập nhầm",
}


def _closed(e: closing.MonthClosed) -> str:
    waits = ", chờ người thứ hai xác nhận" if e.needs_second else ""
    left = f", {len(e.explanations)} việc để lại có giải trình" if e.explanations else ""
    again = f", thay lần khoá số {e.supersedes}" if e.supersedes is not None else ""
    return f"khoá sổ tháng {e.month} của {unit(e.unit_id)} tại vị trí {e.position}{left}{again}{waits}"


def _day_closed(e: day_close.AccountDayClosed) -> str:
    named = sum(part.amount for part in e.parts)
    apart = f", chênh lệch có tên {money(named)}" if named else ""
    return (
        f"chốt ngày {day(e.day)} của tài khoản {e.account_id} ({unit(e.unit_id)}), lần {e.number}: số dư cuối "
        f"{money(e.closing)}, sổ {money(e.book)}{apart}; tại vị trí {e.position}"
    )


def _reversed(e: EntryReversed) -> str:
    replaced = f", thay bằng khoản {e.replaced_by}" if e.replaced_by and e.replaced_by != e.original else ""
    approved = f", {e.approved_by} duyệt" if e.approved_by else ""
    return (
        f"điều chỉnh {e.correction_id} của {unit(e.unit_id)}: {_KINDS[e.kind]}, {e.original[:60]} {money(e.amount)}"
        f"{replaced}; bút toán cũ giữ nguyên, ghi đảo ngày {day(e.corrected_on)}; {e.proposed_by} đề nghị{approved}; "
        f"căn cứ: {e.decision}; lý do: {e.reason}"
    )


def _voided(e: receipt_book.ReceiptVoided) -> str:
    instead = f", thay bằng số {e.replaced_by}" if e.replaced_by is not None else ""
    what = f"huỷ biên lai số {e.number}/{e.year} của {unit(e.unit_id)} cho khoản {e.payment_id}"
    return f"{what}{instead}, lý do: {e.reason}"


CLOSING: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        closing.MonthClosed: _closed,
        closing.CloseConfirmed: lambda e: (
            f"xác nhận việc khoá sổ tháng {e.month} của {unit(e.unit_id)} (do {e.closed_by} khoá)"
        ),
        closing.ReopenRequested: lambda e: (
            f"đề nghị mở lại sổ tháng {e.month} của {unit(e.unit_id)}, lý do: {e.reason}"
        ),
        closing.MonthReopened: lambda e: (
            f"duyệt mở lại sổ tháng {e.month} của {unit(e.unit_id)} theo đề nghị của {e.requested_by}, lý do: "
            f"{e.reason}; lần khoá số {e.number} vẫn lưu"
        ),
        day_close.AccountDayClosed: _day_closed,
        day_close.AccountDayReopened: lambda e: (
            f"mở lại ngày {day(e.day)} của tài khoản {e.account_id} ({unit(e.unit_id)}), lý do: {e.reason}; lần chốt "
            f"{e.number} vẫn lưu"
        ),
        correction.CorrectionProposed: lambda e: (
            f"đề nghị điều chỉnh {e.correction_id} của {unit(e.unit_id)}: {_KINDS[e.wanted.kind]}, {money(e.amount)}; "
            f"căn cứ: {e.decision}; lý do: {e.reason}"
        ),
        EntryReversed: _reversed,
        payment.MatchUndone: lambda e: (
            f"gỡ {money(e.amount)} của khoản {e.payment_id} khỏi đảng viên {e.member_id} ({unit(e.unit_id)}), khoản "
            f"này lại chưa xác định; điều chỉnh {e.correction_id}"
        ),
        payment.PaymentTakenBack: lambda e: (
            f"huỷ khoản {e.payment_id} {money(e.amount)}: không có khoản tiền này; điều chỉnh {e.correction_id}"
        ),
        payment.CreditTakenBack: lambda e: (
            f"huỷ báo có {money(e.amount)} của khoản {e.payment_id} vào tài khoản {e.account_id}; khoản này lại chờ "
            f"ngân hàng báo có; điều chỉnh {e.correction_id}"
        ),
        dues_corrections.PaymentUnapplied: lambda e: (
            f"ghi lại là còn nợ {money(e.amount)} tháng {e.month} của đảng viên {e.member_id}, vì khoản {e.payment_id} "
            f"không phải của tháng này; điều chỉnh {e.correction_id}"
        ),
        dues_corrections.CreditUnheld: lambda e: (
            f"huỷ {money(e.amount)} đóng thừa của đảng viên {e.member_id} từ khoản {e.payment_id}; điều chỉnh "
            f"{e.correction_id}"
        ),
        dues_corrections.CreditUnapplied: lambda e: (
            f"gỡ {money(e.amount)} đóng thừa đã trừ vào tháng {e.month} của đảng viên {e.member_id}; điều chỉnh "
            f"{e.correction_id}"
        ),
        cash.BagCreditUndone: lambda e: (
            f"huỷ báo có {money(e.amount)} cho giấy nộp {e.bag} của {unit(e.unit_id)}; điều chỉnh {e.correction_id}"
        ),
        bank_account.StatementTakenBack: lambda e: (
            f"lấy lại sao kê tài khoản {e.account_id} từ {day(e.from_date)} đến {day(e.to_date)} "
            f"({len(e.bank_lines)} dòng), lý do: {e.reason}; căn cứ: {e.decision}; điều chỉnh {e.correction_id}"
        ),
        receipt_book.ReceiptVoided: _voided,
        receipt_book.ReceiptPrinted: lambda e: (
            f"in biên lai số {e.number}/{e.year} của {unit(e.unit_id)}{f', bản sao lần {e.n - 1}' if e.n > 1 else ''}"
        ),
        receipt_book.CashSheetSigned: lambda e: (
            f"lưu bản quét danh sách ký nộp tiền mặt {e.sheet} của {unit(e.unit_id)}: {len(e.payments)} khoản, dấu "
            f"{e.sha256[:16]}…"
        ),
    }
)
