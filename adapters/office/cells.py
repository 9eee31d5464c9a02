"""What a cell of an office's list says: whole đồng, days, months, words and codes; nothing is guessed.

Spreadsheets change what people type: a code of digits loses its zeros, a sum gains decimals, a month becomes a
day. Every reader here accepts what cannot be misread and names the reason for the rest in Vietnamese.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

from domain.money import AMOUNT_CAP, Dong, format_dong
from domain.period import Month, month_of

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None
T = TypeVar("T")

_UNIT = re.compile(r"\s*(?:vnd|vnđ|đồng|đ|₫)\.?$", re.IGNORECASE)
_AMOUNT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_FRACTION = re.compile(r"[0-9][0-9.,]*[.,][0-9]+")
_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{1,2})[/-]([0-9]{4})|([0-9]{4})-([0-9]{2})")

#: Longer texts are cut in messages, so that a broken file cannot flood a screen.
_SHOWN = 40


class BadCell(ValueError):
    """A cell that cannot be read; the text says why, in Vietnamese."""


def text_of(cell: Cell) -> str:
    """A cell as text in NFC with single blanks; dates as dd/mm/yyyy; empty for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(unicodedata.normalize("NFC", cell).split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)


def fold(text: str) -> str:
    """Only letters and digits, lower case, without marks: how headings and words are compared.

    A hint in round brackets, such as ``(đồng)``, is no part of the word.
    """
    without_hint = re.sub(r"\([^)]*\)", " ", text)
    bare = "".join(c for c in unicodedata.normalize("NFD", without_hint) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]", "", bare.replace("đ", "d").replace("Đ", "D").lower())


def shown(text: str) -> str:
    """A text as it may stand in a message: cut, in Vietnamese quotation marks."""
    return f"«{text[:_SHOWN]}…»" if len(text) > _SHOWN else f"«{text}»"


def is_formula(cell: Cell) -> bool:
    """Whether a spreadsheet would compute this cell."""
    return isinstance(cell, str) and cell.lstrip().startswith("=")


def amount_of(cell: Cell) -> Dong:
    """Whole đồng, zero included; thousands grouped by dots or by commas, ``đ`` or ``VND`` may follow."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell(f"phải là số tiền, nhận được {shown(text_of(cell))}")
    if isinstance(cell, float) and not cell.is_integer():
        raise BadCell(f"phải là số đồng nguyên, không có phần lẻ, nhận được {cell}")
    text = _UNIT.sub("", text_of(cell))
    if text.startswith(("-", "−", "(")):
        raise BadCell(f"số tiền âm: {shown(text)}")
    if not _AMOUNT.fullmatch(text):
        if not text.isascii() and any(c.isdigit() for c in text):
            raise BadCell(f"có chữ số không phải 0–9 thường: {shown(text)}; gõ lại bằng bàn phím thường")
        if _FRACTION.fullmatch(text):
            raise BadCell(f"phải là số đồng nguyên; phần lẻ hoặc dấu ngăn hàng nghìn sai: {shown(text)}")
        raise BadCell(f"phải là số đồng nguyên, nhận được {shown(text)}")
    digits = re.sub(r"[.,]", "", text)
    value = int(digits) if len(digits) <= len(str(AMOUNT_CAP)) else AMOUNT_CAP + 1
    if value > AMOUNT_CAP:
        raise BadCell(f"số tiền vượt quá giới hạn {format_dong(AMOUNT_CAP)} đồng: {shown(text)}")
    return value


def whole_of(cell: Cell, low: int, high: int) -> int:
    """A whole number within bounds; a per cent sign may follow."""
    if isinstance(cell, float) and not cell.is_integer():
        raise BadCell(f"phải là số nguyên, nhận được {cell}")
    text = text_of(cell).removesuffix("%").strip()
    if isinstance(cell, bool) or not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise BadCell(f"phải là số nguyên từ {low} đến {high}, nhận được {shown(text)}")
    return int(text)


def day_of(cell: Cell) -> date:
    """A calendar day: ``dd/mm/yyyy``, ``yyyy-mm-dd`` or a date cell."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    match = _DAY.fullmatch(text)
    if match and isinstance(cell, str):
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            # A day that no calendar has gets the message of every other bad day.
            pass
    raise BadCell(f"phải là ngày dạng NN/TT/NNNN có trên lịch, nhận được {shown(text)}")


def month_in(cell: Cell) -> Month:
    """A month: ``mm/yyyy``, ``yyyy-mm``, or a date cell on the first of the month, as spreadsheets make of it."""
    if isinstance(cell, datetime | date):
        if cell.day == 1:
            return month_of(cell.date() if isinstance(cell, datetime) else cell)
        raise BadCell(f"phải là tháng dạng TT/NNNN, nhận được ngày {cell:%d/%m/%Y}")
    text = text_of(cell)
    match = _MONTH.fullmatch(text)
    if match and isinstance(cell, str):
        number, year = (match[1], match[2]) if match[1] else (match[4], match[3])
        if 1 <= int(number) <= 12 and year >= "1900":
            return Month(f"{year}-{int(number):02d}")
    raise BadCell(f"phải là tháng dạng TT/NNNN (ví dụ 07/2026), nhận được {shown(text)}")


def word_of(cell: Cell, words: Mapping[str, T], names: tuple[str, ...]) -> T:
    """One of a closed list by its folded spelling; ``names`` are how the list is shown when nothing fits."""
    text = text_of(cell)
    folded = fold(text)
    if folded in words:
        return words[folded]
    near = get_close_matches(folded, words, n=1, cutoff=0.75)
    likely = next((name for name in names if near and fold(name) == near[0]), None)
    hint = f"có phải {shown(likely)}?" if likely else f"các giá trị được dùng: {', '.join(names)}"
    raise BadCell(f"không hiểu {shown(text)}; {hint}")


def code_of(cell: Cell, pattern: str, meaning: str) -> str:
    """A code of letters and digits kept exactly as written; a number cell is refused, for it has lost its zeros."""
    if not isinstance(cell, str):
        raise BadCell(f"ô {meaning} là số; định dạng ô thành văn bản (Text), nếu không sẽ mất chữ số 0 đứng đầu")
    text = text_of(cell)
    if not re.fullmatch(pattern, text):
        raise BadCell(f"{meaning} không hợp lệ: {shown(text)}")
    return text
