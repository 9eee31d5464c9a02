"""Amounts in Vietnamese words, as receipts and vouchers write them under the figures.

The northern reading of the customer's province: "linh" (not "lẻ") for an empty tens place, "mốt" and "tư" after
"mươi", "lăm" after a ten, "nghìn" (not "ngàn"). Above a thousand million the reading starts again before "tỷ".
"""

from domain.errors import Refusal, RefusalCode
from domain.money import AMOUNT_CAP, Dong

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ((1_000_000, "triệu"), (1_000, "nghìn"), (1, ""))
_BILLION = 1_000_000_000


def _below_hundred(number: int) -> str:
    """1 … 99 where nothing stands before it."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    if ones == 0:
        return "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if ones == 5:
        last = "lăm"
    elif tens > 1 and ones in (1, 4):
        last = "mốt" if ones == 1 else "tư"
    else:
        last = _DIGITS[ones]
    return f"mười {last}" if tens == 1 else f"{_DIGITS[tens]} mươi {last}"


def _group(number: int, *, first: bool) -> str:
    """One group of three digits, 1 … 999; a group that is not the first names its empty hundreds."""
    hundreds, rest = divmod(number, 100)
    if first and hundreds == 0:
        return _below_hundred(rest)
    if rest == 0:
        return f"{_DIGITS[hundreds]} trăm"
    link = "linh " if rest < 10 else ""
    return f"{_DIGITS[hundreds]} trăm {link}{_below_hundred(rest)}"


def _words(number: int, *, first: bool) -> list[str]:
    above, rest = divmod(number, _BILLION)
    said = [*_words(above, first=first), "tỷ"] if above else []
    for size, name in _GROUPS:
        value, rest = divmod(rest, size)
        if value:
            said += [_group(value, first=first and not said), name]
    return [word for word in said if word]


def number_in_words(number: int) -> str:
    """A whole number from 0 to AMOUNT_CAP in lower-case Vietnamese words, without a unit; refuses any other."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise Refusal(RefusalCode.AMOUNT_NOT_INTEGER, f"Số cần đọc phải là số nguyên, nhận được {number!r}.")
    if not 0 <= number <= AMOUNT_CAP:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, f"Số cần đọc phải từ 0 đến {AMOUNT_CAP}, nhận được {number}.")
    return " ".join(_words(number, first=True)) if number else _DIGITS[0]


def amount_in_words(amount: Dong) -> str:
    """``45000`` as ``Bốn mươi lăm nghìn đồng``: a sentence's capital, the unit at the end."""
    said = f"{number_in_words(amount)} đồng"
    return said[0].upper() + said[1:]
