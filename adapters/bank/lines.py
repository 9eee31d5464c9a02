"""What every reader of bank statements does with its lines: name them for ever, and prove the sum.

Control total (payments §7.3): opening + money in - money out = closing, or the file is refused whole.
"""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.errors import Refusal, RefusalCode
from domain.money import Dong, format_dong
from domain.notice import BankLine, Direction


def squeeze(text: str) -> str:
    """Free text with every run of blanks and line breaks as one blank, composed (NFC).

    Banks break a content at the width of a column; the break is no part of what the payer wrote.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def with_keys(account_number: str, lines: Iterable[BankLine], seen: Counter[str] | None = None) -> tuple[BankLine, ...]:
    """Give each line its key (payments §6.1).

    The key is the sha256 over account, booking date, direction, amount, bank reference or else content,
    running balance where the bank gives one, and the ordinal among lines of that day that agree in all of
    these. The ordinal starts anew each day, so that two files with different windows name the same line
    alike; a window must therefore not begin in the middle of a day. ``seen`` carries the count over when one
    file holds several statements, which may share a day.
    """
    seen = Counter() if seen is None else seen
    keyed: list[BankLine] = []
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
        seen[twin] += 1
        digest = hashlib.sha256(json.dumps([*fields, seen[twin]], ensure_ascii=True).encode()).hexdigest()
        keyed.append(replace(line, key=digest))
    return tuple(keyed)


def net(lines: Iterable[BankLine]) -> Dong:
    """Money in less money out."""
    return sum(line.amount if line.direction is Direction.IN else -line.amount for line in lines)


def require_tie_out(opening: Dong, closing: Dong, lines: Sequence[BankLine], *, where: str) -> None:
    """Refuse a statement whose lines do not lead from the opening balance to the closing balance."""
    money_in = sum(line.amount for line in lines if line.direction is Direction.IN)
    money_out = sum(line.amount for line in lines if line.direction is Direction.OUT)
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
