"""How Vietcombank lays out an account statement: headings, the date cell, and how to tell that a file is one.

Source: column names as public parsers expect them (``data/headers.json``); the bank publishes no layout.
The general reader of tables (``tabular``) and the example bank's writer share what is said here.
"""

import re
from datetime import date

from domain.errors import Malformed

BIN = "970436"
FORMAT = "vietcombank"

#: The seven columns in the bank's order, line breaks included.
HEADINGS = (
    "STT\nNo.",
    "Ngày1/\nTNX Date/ Số CT/ Doc No",
    "Ngày hiệu lực2/\nEffective date",
    "Số tiền ghi nợ/\nDebit",
    "Số tiền ghi có/\nCredit",
    "Số dư/\nBalance",
    "Nội dung chi tiết/\nTransactions in detail",
)

_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?P<mark>[/-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4})"
    r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?(?:\s+(?P<rest>\S.*))?",
    re.ASCII | re.DOTALL,
)
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?", re.ASCII)


def split_date_and_reference(text: str) -> tuple[date, str | None]:
    """Read ``04/07/2026`` with the bank's reference under it, as in ``04/07/2026`` line break ``5078.12345``.

    The day always comes first; a month above 12 is an error and never a hint that the order is another one.
    ISO dates are read too, as they cannot be misread. Raises ``Malformed``.
    """
    text = text.strip()
    match = _DAY_FIRST.fullmatch(text) or _ISO.fullmatch(text)
    if match is None:
        raise Malformed(f"{text[:40]!r} không phải ngày dạng NN/TT/NNNN")
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise Malformed(f"{text[:40]!r} không có trong lịch (đọc theo NN/TT/NNNN)") from error
    rest = match.groupdict().get("rest")
    return day, " ".join(rest.split()) if rest else None


_FORMS = {
    "ymd": re.compile(r"(?P<year>\d{4})[/.-]?(?P<month>\d{2})[/.-]?(?P<day>\d{2})(?:[ T]+[\d:.]{4,15})?", re.ASCII),
    "mdy": re.compile(
        r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})(?: +[\d:]{4,8}(?: ?[AP]M)?)?", re.ASCII
    ),
}


def day_in_form(text: str, *, form: str) -> tuple[date, str | None]:
    """A day in the order that a saved column map states: "dmy" as this bank writes it, "ymd" or "mdy".

    ISO dates (from date cells, which have no order) are read in every form. Raises ``Malformed``.
    """
    text = text.strip()
    match = None if form == "dmy" else _ISO.fullmatch(text) or _FORMS[form].fullmatch(text)
    if form == "dmy":
        return split_date_and_reference(text)
    if match is None:
        raise Malformed(f"{text[:40]!r} không phải ngày dạng {form}")
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])), None
    except ValueError as error:
        raise Malformed(f"{text[:40]!r} không có trong lịch (đọc theo {form})") from error
