"""MT940 messages as a bank would send them, from our own values."""

import random
import re
from collections.abc import Sequence

from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, BankStatement, Direction

#: A line of text in MT940 holds 65 characters, a structured piece 27.
_WIDTH = 65
_PIECE = 27
_PIECES = tuple(f"{number}" for number in (*range(20, 30), *range(60, 64)))
_STRUCTURED = re.compile(r"\?\d\d")
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def write_mt940(statements: Sequence[BankStatement], *, seed: int = 0) -> bytes:
    """One MT940 message for each statement, or several (:60M:, :62M:) where the seed says so; UTF-8, CRLF.

    Raises ``Malformed`` on text with control characters, which the format cannot carry.
    """
    chance = random.Random(seed)
    out: list[str] = []
    for number, statement in enumerate(statements, start=1):
        out += _messages(statement, number, chance, seed)
    return "".join(f"{line}\r\n" for line in out).encode()


def _messages(statement: BankStatement, number: int, chance: random.Random, seed: int) -> list[str]:
    out: list[str] = []
    size = chance.randint(1, 4) if seed else max(len(statement.lines), 1)
    parts = [statement.lines[start : start + size] for start in range(0, len(statement.lines), size)] or [()]
    balance = statement.opening
    for page, lines in enumerate(parts, start=1):
        last = page == len(parts)
        out += [
            f":20:DP{statement.to_date:%y%m%d}{number:04d}",
            f":25:{statement.bin}/{statement.account_number}" if statement.bin else f":25:{statement.account_number}",
            f":28C:{number}/{page}",
            f":60{'F' if page == 1 else 'M'}:{_balance(balance, statement.from_date.strftime('%y%m%d'))}",
        ]
        for line in lines:
            out += _line(line, structured=not seed or chance.random() < 0.5)
            balance += line.amount if line.direction is Direction.IN else -line.amount
        shown = statement.closing if last else balance
        out += [f":62{'F' if last else 'M'}:{_balance(shown, statement.to_date.strftime('%y%m%d'))}", "-"]
    return out


def _balance(amount: Dong, day: str) -> str:
    return f"{'D' if amount < 0 else 'C'}{day}{CURRENCY}{abs(amount)},"


def _line(line: BankLine, *, structured: bool) -> list[str]:
    """A :61: and its :86:. The reversal of a credit (RC) takes money out, that of a debit (RD) gives it back."""
    gives = line.direction is Direction.IN
    mark = ("RD" if gives else "RC") if line.is_reversal else ("C" if gives else "D")
    value = line.value_on or line.booked_on
    reference = f"//{line.bank_reference}" if line.bank_reference else ""
    for text in (
        line.content,
        line.counterparty_name or "",
        line.counterparty_account or "",
        line.bank_reference or "",
    ):
        if _NO_TEXT.search(text):
            raise Malformed(f"văn bản {text[:40]!r} có ký tự mà MT940 không chứa được")
    head = f":61:{value:%y%m%d}{line.booked_on:%m%d}{mark}{line.amount},{_code(line)}NONREF{reference}"
    peer = line.counterparty_name or line.counterparty_account
    marked = _STRUCTURED.search(f"{line.counterparty_name} {line.counterparty_account}")
    fits = len(_cut(line.content)) <= len(_PIECES) and marked is None
    if (structured or peer) and fits:
        return [head, *_broken(":86:", _structured(line))]
    # A free text that begins like a structured one is set off by a blank, which readers drop.
    blank = " " if re.match(r"\d{3}\?\d\d", line.content) else ""
    return [head, *_broken(":86:", blank + line.content)]


def _structured(line: BankLine) -> str:
    pieces = _cut(line.content)
    text = "166?00CHUYEN TIEN" + "".join(f"?{_PIECES[place]}{piece}" for place, piece in enumerate(pieces))
    if line.counterparty_account:
        text += f"?31{line.counterparty_account}"
    if line.counterparty_name:
        name = line.counterparty_name
        text += f"?32{name[:_PIECE]}" + (f"?33{name[_PIECE:]}" if len(name) > _PIECE else "")
    return text


def _cut(content: str) -> list[str]:
    """Pieces of a structured text; a question mark before two digits ends one, as it would begin the next."""
    apart = re.split(r"(?<=\?)(?=\d\d)", content)
    return [part[at : at + _PIECE] for part in apart for at in range(0, len(part), _PIECE)]


def _broken(tag: str, text: str) -> list[str]:
    """The text in lines of the width; none of them but the first may begin like a field or like the end."""
    lines: list[str] = []
    rest = text
    while len(rest) > _WIDTH:
        # A reader takes a line of sixty and more characters for a full one; without a good cut the line is long.
        cuts = [*range(_WIDTH, 59, -1), *range(_WIDTH + 1, len(rest))]
        cut = next((cut for cut in cuts if rest[cut] not in ":-"), len(rest))
        lines.append(rest[:cut])
        rest = rest[cut:]
    if rest or not lines:
        lines.append(rest)
    return [tag + lines[0], *lines[1:]]


def _code(line: BankLine) -> str:
    """The type of the transaction: a letter and three characters; another channel's code has no place here."""
    return line.bank_code if line.bank_code and re.fullmatch("[SNF][A-Z0-9]{3}", line.bank_code) else "NTRF"
