"""An amount set by a named decision where the law gives only a range, and sums of foreign money in đồng.

342-QĐ/TW, B.I.4 and B.I.5, and the overseas rule of 01-QĐ/TW name a range; the body entitled to decide names the
sum. The program checks the sum against the range and never chooses one.
"""

from dataclasses import dataclass
from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.money import AMOUNT_CAP, CURRENCY, Dong, format_dong, ratio_half_up
from domain.policy_rows import RateKind, RateRow

#: A foreign sum counts hundredths of its unit, an exchange rate ten-thousandths of a đồng for one unit.
HUNDREDTHS = 100
RATE_UNIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignSum:
    """A sum in another currency with the rate that makes it đồng.

    ``hundredths`` of the unit of ``currency`` (5 USD is 500); ``rate_e4`` ten-thousandths of a đồng for one unit
    (26.345,5 đồng is 263455000); ``rate_source`` and ``rate_date`` say who published the rate for which day.
    """

    currency: str
    hundredths: int
    rate_e4: int
    rate_source: str
    rate_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAmount:
    """What one month costs by decision: in đồng, or in foreign money (exactly one of the two)."""

    amount: Dong | None = None
    foreign: ForeignSum | None = None
    decision: str
    decided_on: date


def in_dong(sum_of: ForeignSum) -> Dong:
    """A foreign sum in đồng, rounded half up once; refuses a sum without currency, rate, source or amount."""
    if sum_of.currency == CURRENCY or len(sum_of.currency) != 3 or not sum_of.currency.isupper():
        raise Refusal(
            RefusalCode.EXCHANGE_RATE_INCOMPLETE,
            f"Mã ngoại tệ {sum_of.currency!r} không đúng; viết ba chữ hoa như USD, EUR, JPY.",
        )
    if not sum_of.rate_source.strip() or sum_of.rate_e4 <= 0:
        raise Refusal(
            RefusalCode.EXCHANGE_RATE_INCOMPLETE,
            f"Số tiền bằng {sum_of.currency} cần tỷ giá lớn hơn 0, nguồn tỷ giá và ngày của tỷ giá.",
        )
    if not 0 < sum_of.hundredths <= AMOUNT_CAP:
        raise Refusal(
            RefusalCode.AMOUNT_OUT_OF_RANGE, f"Số tiền bằng {sum_of.currency} phải lớn hơn 0; kiểm tra lại con số."
        )
    return ratio_half_up(sum_of.hundredths, sum_of.rate_e4, HUNDREDTHS * RATE_UNIT)


def foreign_text(sum_of: ForeignSum) -> str:
    """``2,5 USD × 26.345,5 đồng (nguồn, ngày)`` for the steps of a reckoning."""
    return (
        f"{decimal_text(sum_of.hundredths, HUNDREDTHS)} {sum_of.currency} × "
        f"{decimal_text(sum_of.rate_e4, RATE_UNIT)} đồng ({sum_of.rate_source}, ngày {sum_of.rate_date:%d/%m/%Y})"
    )


def decimal_text(parts: int, whole: int) -> str:
    """A number of parts (``whole`` of them make one) with Vietnamese marks: 2634550 of 100 as ``26.345,5``."""
    units, rest = divmod(parts, whole)
    return format_dong(units) + (f",{rest:0{len(str(whole)) - 1}d}".rstrip("0") if rest else "")


def require_inside(row: RateRow, chosen: SetAmount) -> Dong:
    """The sum of a decision in đồng if the row leaves the sum to a decision and it lies in the range, else refuse.

    A range in đồng bounds the đồng value, also of a foreign sum ("equivalent"); a range in another currency takes
    a sum of that currency and bounds it before the exchange.
    """
    if row.kind not in (RateKind.RANGE, RateKind.MINIMUM):
        raise Refusal(
            RefusalCode.SET_AMOUNT_NOT_TAKEN,
            f"Dòng {row.id} ({row.title}) đã nêu rõ mức; không nhận số tiền ấn định riêng. Bỏ số ấn định rồi tính lại.",
            row=row.id,
        )
    if not chosen.decision.strip():
        raise Refusal(
            RefusalCode.POLICY_APPROVAL_INCOMPLETE,
            f"Dòng {row.id} ({row.title}): số ấn định phải ghi số và ngày của quyết định.",
            row=row.id,
        )
    if (chosen.amount is None) == (chosen.foreign is None):
        raise Refusal(
            RefusalCode.AMOUNT_SET_BY_DECISION,
            f"Dòng {row.id} ({row.title}): nêu đúng một số ấn định, bằng đồng hoặc bằng ngoại tệ kèm tỷ giá.",
            row=row.id,
        )
    if chosen.foreign is not None:
        due = in_dong(chosen.foreign)
        measured, unit, currency = due, 1, CURRENCY
        if row.currency != CURRENCY:
            measured, unit, currency = chosen.foreign.hundredths, HUNDREDTHS, chosen.foreign.currency
    else:
        due = chosen.amount or 0
        measured, unit, currency = due, 1, CURRENCY
    if currency != row.currency:
        raise Refusal(
            RefusalCode.EXCHANGE_RATE_INCOMPLETE,
            f"Dòng {row.id} ({row.title}) nêu khung bằng {row.currency}; nêu số ấn định bằng {row.currency} kèm "
            "tỷ giá, nguồn và ngày của tỷ giá.",
            row=row.id,
        )
    low, high = (row.low or 0) * unit, None if row.high is None else row.high * unit
    if measured < low or (high is not None and measured > high):
        raise Refusal(
            RefusalCode.SET_AMOUNT_OUTSIDE_RANGE,
            f"Số ấn định {decimal_text(measured, unit) if unit > 1 else format_dong(measured)} {currency} nằm ngoài "
            f"khung {range_text(row)} của dòng {row.id} ({row.title}); kiểm tra lại quyết định {chosen.decision}.",
            row=row.id,
        )
    return due


def range_text(row: RateRow) -> str:
    """The range of a row in words: ``từ 30.000 đến 400.000 VND`` or ``từ 10 USD trở lên``."""
    if row.high is None:
        return f"từ {format_dong(row.low or 0)} {row.currency} trở lên"
    return f"từ {format_dong(row.low or 0)} đến {format_dong(row.high)} {row.currency}"
