"""The sheet of a cell's cash payments of a day or month, with a place for each member to sign.

Form of S01/ĐP part I (member, amount, signature on paying); the form under 01-QĐ/TW has not been published. The same
bytes for the same payments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from adapters.books.typesetting import breakable, day, pdf, shown
from adapters.books.words import amount_in_words
from domain.errors import Malformed
from domain.money import Dong, format_dong

_TEMPLATE = "cash_sheet.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLine:
    """One member's cash; ``months`` as a reader sees them, ``receipt`` as number/year; đồng."""

    name: str
    paid_on: date
    months: str
    amount: Dong
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CashSheet:
    """The cash of one unit; ``span`` is "2026-07" or "2026-07-12", ``position`` where the log stood."""

    unit_name: str
    unit_code: str
    superior_name: str
    span: str
    position: int
    lines: tuple[CashLine, ...]


def sheet_pdf(sheet: CashSheet) -> bytes:
    """The sheet as A4 pages. Raises Malformed when there is no cash in the span."""
    if not sheet.lines:
        raise Malformed("không có khoản tiền mặt nào trong thời gian này.", where=f"{sheet.unit_code} {sheet.span}")
    total = sum(line.amount for line in sheet.lines)
    return pdf(
        _TEMPLATE,
        {
            "superior": shown(sheet.superior_name, longest=80).upper(),
            "unit": shown(sheet.unit_name, longest=80).upper(),
            "dated": f"{sheet.unit_code}",
            "title": "DANH SÁCH KÝ NỘP ĐẢNG PHÍ BẰNG TIỀN MẶT",
            "subtitle": _span(sheet.span),
            "rows": _rows(sheet.lines),
            "total": format_dong(total),
            "words": f"{amount_in_words(total)}.",
            "footer": f"{sheet.unit_code} · {sheet.span} · vị trí trong sổ: {sheet.position}",
        },
    )


def _rows(lines: Sequence[CashLine]) -> list[list[str]]:
    return [
        [
            str(number),
            breakable(line.name, longest=60),
            day(line.paid_on),
            shown(line.months, longest=40),
            format_dong(line.amount),
            line.receipt,
            "",
        ]
        for number, line in enumerate(lines, start=1)
    ]


def _span(span: str) -> str:
    """``Tháng 7/2026`` or ``Ngày 12/7/2026``."""
    if len(span) == len("2026-07"):
        return f"Tháng {int(span[5:])}/{span[:4]}"
    return f"Ngày {day(date.fromisoformat(span))}"
