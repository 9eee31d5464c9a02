"""Receipts as PDF: one A5 page a payment, many in one file, the same bytes for the same receipts.

A payment has one receipt (A9). Where the portal issued it, the portal's number is kept and the page only confirms;
else the number is that of the unit's own book. Heading as in documents of the Party (36-HD/VPTW); the form itself is
ours, because the form under 01-QĐ/TW has not been published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from adapters.books.typesetting import breakable, day, dong, pdf, pngs, shown
from adapters.books.words import amount_in_words
from domain.errors import Malformed
from domain.money import Dong, format_dong, require_amount
from domain.period import Month
from domain.reference import DEFAULT_PREFIX, Reference

_TEMPLATE = "receipt.typ"
#: Longest name in the heading, where three lines are all the room there is.
_HEADING = 80


class Channel(StrEnum):
    """How the money came; the values are the words of the page."""

    CASH = "tiền mặt"
    TRANSFER = "chuyển khoản"
    PORTAL = "Cổng Dịch vụ công quốc gia"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedMonth:
    """A part of the payment that answers for one dues month; ``member`` is named in a batch's receipt."""

    month: Month
    amount: Dong
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument:
    """One receipt. months + credit = amount, in đồng; ``number`` counts in the unit's book of ``year``.

    ``number`` is None on a confirmation that has no number of its own. ``portal_number`` is the number of the receipt
    that the portal issued; with it the page is a confirmation. ``position`` is the place in the log at which the
    receipt was issued; ``superior_name`` stands above the unit.
    """

    unit_name: str
    unit_code: str
    superior_name: str = ""
    number: int | None
    year: int
    portal_number: str | None = None
    payer_name: str
    months: tuple[AppliedMonth, ...]
    credit: Dong = 0
    amount: Dong
    paid_on: date
    issued_on: date
    channel: Channel
    reference: Reference | None = None
    payment_id: str
    position: int
    officer_role: str = "Người thu"
    copy: int = 0  #: 0: the original; else the how manieth copy


def grouped_reference(reference: str, *, prefix: str = DEFAULT_PREFIX) -> str:
    """``HJ QPM5 YNFT 97``: the prefix apart, the ten symbols in fours, as people read and type them."""
    body = reference.removeprefix(prefix)
    head = (prefix,) if body != reference else ()
    return " ".join((*head, *(body[start : start + 4] for start in range(0, len(body), 4))))


def receipts_pdf(documents: Sequence[ReceiptDocument], *, prefix: str = DEFAULT_PREFIX) -> bytes:
    """All receipts in one PDF, each on an A5 page of its own (a batch of many members runs on to further pages).

    Raises Malformed when there is none, or when the parts of one do not sum to its amount.
    """
    return pdf(_TEMPLATE, _data(documents, prefix))


def receipts_png(
    documents: Sequence[ReceiptDocument], *, ppi: float = 144, prefix: str = DEFAULT_PREFIX
) -> tuple[bytes, ...]:
    """The same pages as PNG images."""
    return pngs(_TEMPLATE, _data(documents, prefix), ppi=ppi)


def _data(documents: Sequence[ReceiptDocument], prefix: str) -> dict[str, Any]:
    if not documents:
        raise Malformed("không có biên lai nào để in. Hãy chọn ít nhất một khoản đã nộp.", where="receipts")
    return {"receipts": [_receipt(document, prefix) for document in documents]}


def _receipt(document: ReceiptDocument, prefix: str) -> dict[str, Any]:
    """The strings of one page; every figure is written here, so that the template only places them."""
    own = "" if document.number is None else f"{document.number:06d}/{document.year}"
    where = f"{document.unit_code}, số {own or document.portal_number}"
    require_amount(document.amount, f"số tiền của biên lai {where}")
    parts = sum(line.amount for line in document.months) + document.credit
    if parts != document.amount or document.credit < 0:
        raise Malformed(
            f"các tháng và phần đóng thừa cộng lại {format_dong(parts)}, khác số tiền "
            f"{format_dong(document.amount)} đồng. Hãy lập lại biên lai từ sổ.",
            where=where,
        )
    lines = [[_month(line), dong(line.amount)] for line in document.months]
    if document.credit:
        lines.append(["Đóng thừa, chuyển kỳ sau", dong(document.credit)])
    confirmation = document.portal_number is not None
    return {
        "superior": shown(document.superior_name, longest=_HEADING).upper(),
        "unit": shown(document.unit_name, longest=_HEADING).upper(),
        "number": f"Số: {own}" if own else "",
        "dated": f"Ngày {document.issued_on.day:02d} tháng {document.issued_on.month} năm {document.issued_on.year}",
        "title": ("XÁC NHẬN ĐÃ NỘP ĐẢNG PHÍ" if confirmation else "BIÊN LAI THU ĐẢNG PHÍ")
        + (f" (BẢN SAO {document.copy})" if document.copy else ""),
        "subtitle": f"Biên lai do Cổng cấp, số {breakable(document.portal_number, longest=48)}"
        if document.portal_number is not None
        else "",
        "facts": [
            ["Người nộp", breakable(document.payer_name)],
            ["Nơi thu", f"{breakable(document.unit_name)} (mã {shown(document.unit_code, longest=24)})"],
            ["Hình thức", f"{document.channel}, nộp ngày {day(document.paid_on)}"],
        ],
        "lines": lines,
        "total": dong(document.amount),
        "words": f"{amount_in_words(document.amount)}.",
        "officer": shown(document.officer_role, longest=30).upper(),
        "confirmation": confirmation,
        "lookup": [
            f"Mã nộp: {grouped_reference(document.reference, prefix=prefix)}" if document.reference else "",
            f"Mã giao dịch: {breakable(document.payment_id, longest=64)}",
            f"Vị trí trong sổ: {document.position}",
        ],
    }


def _month(line: AppliedMonth) -> str:
    """``Đảng phí tháng 7/2026``, with the member's name in a batch."""
    text = f"Đảng phí tháng {int(line.month[5:])}/{line.month[:4]}"
    return f"{text}, {breakable(line.member, longest=60)}" if line.member else text
