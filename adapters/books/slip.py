"""Payment slips on paper: A4 sheets, three large slips a page, each with its VietQR code.

For members without a banking application at hand: a relative or a teller scans the code or copies the lines. What is
printed is read back from the code before printing, because a slip whose words and code differ would send money astray.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.books.receipt import grouped_reference
from adapters.books.typesetting import breakable, day, dong, pdf, pngs, shown
from adapters.books.words import amount_in_words
from adapters.vietqr.banks import bank_of
from adapters.vietqr.decode import decode
from adapters.vietqr.image import svg
from adapters.vietqr.payload import Fields
from domain.errors import Malformed
from domain.money import Dong, format_dong
from domain.period import Month
from domain.reference import DEFAULT_PREFIX, Reference

_TEMPLATE = "slip.typ"
#: Longest name on a slip: a third of a page must hold all its lines, the account above all.
_NAME = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSlip:
    """One member's slip; ``amount`` in đồng, ``payload`` the VietQR text of the payment request.

    ``months`` are the dues months asked for; ``account_holder`` is the name the payer's bank will show.
    """

    unit_name: str
    unit_code: str
    member_name: str
    months: tuple[Month, ...]
    amount: Dong
    reference: Reference
    payload: str
    account_holder: str
    valid_until: date | None = None


def slips_pdf(slips: Sequence[PaymentSlip], *, prefix: str = DEFAULT_PREFIX) -> bytes:
    """All slips in one PDF of A4 sheets, in the order given; the same bytes for the same slips.

    Raises Malformed when there is none, or when a code does not say what its slip says.
    """
    return pdf(_TEMPLATE, _data(slips, prefix))


def slips_png(slips: Sequence[PaymentSlip], *, ppi: float = 144, prefix: str = DEFAULT_PREFIX) -> tuple[bytes, ...]:
    """The same sheets as PNG images."""
    return pngs(_TEMPLATE, _data(slips, prefix), ppi=ppi)


def _data(slips: Sequence[PaymentSlip], prefix: str) -> dict[str, Any]:
    if not slips:
        raise Malformed("không có phiếu nào để in. Hãy lập yêu cầu nộp trước.", where="slips")
    return {"slips": [_slip(slip, prefix) for slip in slips]}


def _slip(slip: PaymentSlip, prefix: str) -> dict[str, Any]:
    """The strings of one slip; bank and account are those of the code."""
    fields = _agreeing(slip)
    bank = bank_of(fields.bin or "")
    months = ", ".join(f"{int(month[5:])}/{month[:4]}" for month in slip.months)
    return {
        "unit": shown(f"{slip.unit_name} ({slip.unit_code})", longest=64),
        "name": breakable(slip.member_name, longest=_NAME),
        "purpose": f"Đảng phí tháng {months}" if months else "Đảng phí",
        "amount": dong(slip.amount),
        "words": f"{amount_in_words(slip.amount)}.",
        "reference": grouped_reference(slip.reference, prefix=prefix),
        "holder": breakable(slip.account_holder, longest=_NAME),
        "account": fields.account,
        "bank": bank.shown if bank else f"BIN {fields.bin}",
        "until": f"Nộp trước hết ngày {day(slip.valid_until)}" if slip.valid_until else "",
        "enter": "" if slip.valid_until else f"Tự nhập số tiền: {dong(slip.amount)}",
        "code": svg(slip.payload),
    }


def _agreeing(slip: PaymentSlip) -> Fields:
    """What the code says, when it is what the slip says: this reference, and this amount or none at all."""
    read = decode(slip.payload)
    where = f"phiếu {slip.reference}"
    if read.fields is None:
        said = "; ".join(finding.code for finding in read.errors)
        raise Malformed(f"mã VietQR không hợp lệ ({said}). Hãy lập lại yêu cầu nộp.", where=where)
    if slip.valid_until is None and read.amount is not None:
        raise Malformed(
            "mã trên giấy có sẵn số tiền thì phải có hạn nộp. Đặt hạn cho yêu cầu, hoặc in mã không ghi số tiền.",
            where=where,
        )
    if slip.valid_until is not None and read.amount != slip.amount:
        coded = "không ghi số tiền" if read.amount is None else f"ghi {format_dong(read.amount)} đồng"
        raise Malformed(f"mã VietQR {coded}, phiếu ghi {format_dong(slip.amount)} đồng.", where=where)
    if slip.reference not in (read.fields.purpose or ""):
        raise Malformed(f"mã VietQR không mang mã nộp {slip.reference}.", where=where)
    return read.fields
