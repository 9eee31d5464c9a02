"""What every reader of bank statements does with its lines: name them for ever, and prove the sum.

Control total (payments §7.3): opening + money in - money out = closing, or the file is refused whole.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.money import Dong, format_dong
from domain.notice import BankLine, Direction

#: Control characters that are no blank: to nothing.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}


def squeeze(text: str) -> str:
    """Free text with every run of blanks and line breaks as one blank, composed (NFC).

    Banks break a content at the width of a column; the break is no part of what the payer wrote. Control characters
    are dropped: nobody typed them, and no database takes them all.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        # Most of a bank's texts: nothing to compose and nothing to drop, and a million lines have several each.
        return text.strip(" ")
    return " ".join(unicodedata.normalize("NFC", text).translate(_CONTROLS).split())


class Twins:
    """Counts lines that agree in everything a key is made of; sixteen bytes a line, so that a million fit."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def ordinal(self, twin: str) -> int:
        """How many lines like this one there are by now, itself included."""
        name = hashlib.sha256(twin.encode()).digest()[:16]
        count = self._seen.get(name, 0) + 1
        self._seen[name] = count
        return count


def with_keys(account_number: str, lines: Iterable[BankLine], seen: Twins | None = None) -> Iterator[BankLine]:
    """Give each line its key (payments §6.1).

    The key is the sha256 over account, booking date, direction, amount, bank reference or else content,
    running balance where the bank gives one, and the ordinal among lines of that day that agree in all of
    these. The ordinal starts anew each day, so that two files with different windows name the same line
    alike; a window must therefore not begin in the middle of a day. ``seen`` carries the count over when one
    file holds several statements, which may share a day.
    """
    seen = Twins() if seen is None else seen
    for line in lines:
        fields = [
            account_number,
            line.booked_on.isoformat(),
            line.direction.value,
            line.amount,
            squeeze(line.bank_reference or line.content),
            line.balance_after,
        ]
        twin = json.dumps(fields, ensure_ascii=True)
        # The same bytes as those of the fields with the ordinal behind them.
        digest = hashlib.sha256(f"{twin[:-1]}, {seen.ordinal(twin)}]".encode()).hexdigest()
        yield replace(line, key=digest)


class Tally:
    """Sums of the lines that went by (đồng), and what else the end of a statement is decided on."""

    def __init__(self) -> None:
        self.count = 0
        self.money_in: Dong = 0
        self.money_out: Dong = 0
        self.reversed_in: Dong = 0
        self.reversed_out: Dong = 0
        self.first_day: date | None = None
        self.last_day: date | None = None
        self.first: BankLine | None = None
        self.last: BankLine | None = None
        self.all_balanced = True

    def add(self, line: BankLine) -> None:
        """Take one more line into account."""
        self.count += 1
        credited = line.direction is Direction.IN
        if credited:
            self.money_in += line.amount
        else:
            self.money_out += line.amount
        if line.is_reversal:
            self.reversed_in += line.amount if credited else 0
            self.reversed_out += 0 if credited else line.amount
        day = line.booked_on
        if self.first_day is None or self.last_day is None:
            self.first_day = self.last_day = day
        self.first_day, self.last_day = min(self.first_day, day), max(self.last_day, day)
        self.first, self.last = self.first or line, line
        self.all_balanced = self.all_balanced and line.balance_after is not None

    @property
    def net(self) -> Dong:
        """Money in less money out."""
        return self.money_in - self.money_out

    @property
    def net_turned(self) -> Dong:
        """The same with every reversal read the other way."""
        return self.net - 2 * (self.reversed_in - self.reversed_out)


def require_tie_out(opening: Dong, closing: Dong, money_in: Dong, money_out: Dong, *, where: str) -> None:
    """Refuse a statement whose lines do not lead from the opening balance to the closing balance."""
    computed = opening + money_in - money_out
    if computed != closing:
        raise Refusal(
            RefusalCode.STATEMENT_DOES_NOT_ADD_UP,
            f"{where}: số dư đầu kỳ {format_dong(opening)} + tiền vào {format_dong(money_in)} "
            f"- tiền ra {format_dong(money_out)} = {format_dong(computed)}, nhưng số dư cuối kỳ ghi "
            f"{format_dong(closing)} (lệch {format_dong(closing - computed)}). Không nhận tệp này; "
            "hãy tải lại bản sao kê đầy đủ từ ngân hàng.",
            where=where,
            opening=opening,
            money_in=money_in,
            money_out=money_out,
            computed=computed,
            closing=closing,
            difference=closing - computed,
        )
