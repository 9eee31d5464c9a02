"""MT940 (SWIFT customer statement) read in a stream: every field in its place, the account and both balances proved.

An own reader, because the library at hand reads a damaged file wrongly without a word, holds the file in memory and
forgets where a field stood; the tests hold ours against it on the public samples. What a message may hold:

- ``:61:`` marks C and D, and their reversals: RC undoes a credit (money out), RD undoes a debit (money in). A sum of 0
  moves nothing and is left out. The entry date has no year: it is the day nearest to the value date.
- A statement continued over several messages (``:62M:``, then ``:60M:`` of the same sum) is one statement.
- ``:25:`` must be an account and must come once; a second one is a torn file, not a second account.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import BinaryIO

from adapters.bank.mt940_text import Text, text_of_86
from adapters.bank.opened import OpenedStatement, Taking
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, CURRENCY
from domain.notice import BankLine, Direction

_TAG = re.compile(r":(\d\d[A-Z]?|NS|940):(.*)", re.ASCII | re.DOTALL)
_ACCOUNT = re.compile(r"(?:([0-9A-Za-z]{1,11})/)?([0-9A-Za-z][0-9A-Za-z .-]{2,33}?)(?: ?([A-Z]{3}))?", re.ASCII)
_BALANCE = re.compile(
    r"(?P<mark>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})(?P<whole>\d{1,15}),(?P<part>\d{0,5})", re.ASCII
)
_ENTRY = re.compile(
    r"(?P<day>\d{6})(?P<entered>\d{4}|    )?(?P<mark>R?[CD])[A-Z]?"
    r"(?P<whole>\d{1,15}),(?P<part>\d{0,5})(?P<code>[A-Z][A-Z0-9 ]{3})(?P<rest>[^\n]*)(?P<more>(?:\n.*)?)",
    re.ASCII | re.DOTALL,
)
_BIN = re.compile(r"9\d{5}", re.ASCII)
_END = re.compile(r"-(?:\}.*|[A-Z]{0,3})", re.ASCII)

#: Fields that tell nothing of money, or repeat what others tell; ``:940:`` is a heading of one bank.
_PASSED = frozenset({"13", "13D", "21", "28", "28C", "34F", "64", "65", "90C", "90D", "940"})

#: Texts by which banks say that there is no reference here, or that it stands in the text.
_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "EREF", "KREF", "KREF+", ""})

#: Characters of a reference; the standard has 16, some banks write more.
_LONGEST_REFERENCE = 35
_LONGEST_LINE = 4096
_LONGEST_FIELD = 32 * 1024

#: Digits after the comma (ISO 4217) where it is not two.
_EXPONENTS = {"VND": 0, "JPY": 0, "KRW": 0}

#: Control characters have no meaning in a line of this format; the frame of one bank puts some around its messages.
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))

_DIRECTIONS = {"C": Direction.IN, "RD": Direction.IN, "D": Direction.OUT, "RC": Direction.OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mt940Balance:
    """An opening or closing balance in the smallest unit; negative when the account is overdrawn."""

    signed_minor: int
    day: date
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mt940Record:
    """One statement without its lines, over all the messages it was continued in."""

    where: str
    account: str
    bank: str | None  #: what stands before the oblique in :25:, such as the bank's code
    opening: Mt940Balance
    closing: Mt940Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    tag: str
    text: str
    where: str


def open_mt940(file: BinaryIO, taking: Taking, *, currency: str = CURRENCY) -> tuple[OpenedStatement, ...]:
    """Read every statement of a file; amounts in the smallest unit of ``currency``.

    Raises ``Malformed`` with the line of the file, also for an account in another currency, and ``Refusal``
    (statement-does-not-add-up) when lines and balances disagree.
    """
    read: list[OpenedStatement] = []
    raw = taking.spool()
    for found in stream_mt940(file, currency):
        if isinstance(found, BankLine):
            raw.add(found)
            continue
        read.append(
            taking.prove(
                raw,
                account_number=found.account,
                bin=found.bank if found.bank and _BIN.fullmatch(found.bank) else None,
                days=(found.opening.day, found.closing.day) if raw.tally.count == 0 else (found.closing.day,),
                opening=found.opening.signed_minor,
                closing=found.closing.signed_minor,
                format="mt940",
                where=found.where,
            )
        )
        raw = taking.spool()
    return tuple(read)


def stream_mt940(file: BinaryIO, currency: str | None = None) -> Iterator[BankLine | Mt940Record]:
    """The lines of a file one by one, without keys, and behind those of each statement its record; nothing is summed.

    ``currency`` None reads any currency, one to a statement. Raises ``Malformed`` with the line where the file breaks.
    """
    message = _Message(currency)
    count = 0
    for field in _fields(file):
        for found in message.take(field):
            count += isinstance(found, Mt940Record)
            yield found
    for found in message.end():
        count += isinstance(found, Mt940Record)
        yield found
    if not count:
        raise Malformed("tệp MT940 không chứa sao kê nào (không có :62F:)")


class _Message:
    """Where the reading stands: the statement so far, the message in it, and the line that waits for its text."""

    def __init__(self, currency: str | None) -> None:
        self._wanted = currency
        self._where = ""
        self._account: tuple[str | None, str] | None = None
        self._named = False  #: whether this message has said its account
        self._opening: Mt940Balance | None = None
        self._balance: Mt940Balance | None = None  #: this message's opening balance
        self._continued: Mt940Balance | None = None  #: the :62M: that the next :60M: must repeat
        self._waiting: BankLine | None = None
        self._closed = True

    def take(self, field: _Field) -> Iterator[BankLine | Mt940Record]:
        """What a field completes: the line before it, or the statement."""
        tag = field.tag
        if tag in {"86", "NS"}:
            self._text(field)
            return
        yield from self._line()
        if tag == "20":
            self._begin(field)
        elif tag in _PASSED:
            return
        elif self._closed:
            raise Malformed(f"trường :{tag}: đứng ngoài một bức điện (chưa có :20:)", where=field.where)
        elif tag == "25":
            self._take_account(field)
        elif tag in {"60F", "60M"}:
            self._open(field)
        elif tag == "61":
            self._waiting = self._entry(field)
        elif tag in {"62F", "62M"}:
            yield from self._close(field)
        else:
            raise Malformed(f"không biết trường :{tag}:; tệp hỏng hoặc không phải MT940", where=field.where)

    def end(self) -> Iterator[BankLine | Mt940Record]:
        """The file is over."""
        yield from self._line()
        if not self._closed:
            raise Malformed("tệp bị cắt: thiếu số dư cuối (:62F:)", where=self._where)
        if self._continued is not None:
            raise Malformed("sao kê còn tiếp (:62M:) mà tệp đã hết; tải lại tệp đầy đủ", where=self._where)

    def _line(self) -> Iterator[BankLine]:
        if self._waiting is not None and self._waiting.amount:
            yield self._waiting
        self._waiting = None

    def _begin(self, field: _Field) -> None:
        if not self._closed:
            raise Malformed("bức điện mới bắt đầu (:20:) khi bức trước chưa có số dư cuối (:62F:)", where=field.where)
        self._closed = self._named = False
        self._balance = None
        if self._continued is None:
            self._where = field.where
            self._account = self._opening = None

    def _take_account(self, field: _Field) -> None:
        match = _ACCOUNT.fullmatch(field.text.strip())
        number = re.sub("[ .-]", "", match[2]) if match else ""
        if match is None or not re.search(r"\d", number) or len(number) < 4 or "/" in field.text.strip()[12:]:
            raise Malformed(f":25: {field.text[:40]!r} không phải số tài khoản", where=field.where)
        if self._named:
            raise Malformed("có hai trường :25: trong một bức điện; tệp hỏng, hãy tải lại", where=field.where)
        account = (match[1], number)
        if self._continued is not None and account != self._account:
            raise Malformed(f"bức điện tiếp theo là của tài khoản khác ({number})", where=field.where)
        self._named, self._account = True, account

    def _open(self, field: _Field) -> None:
        if not self._named:
            raise Malformed("thiếu số tài khoản (:25:) trước số dư đầu", where=field.where)
        if self._balance is not None:
            raise Malformed("có hai số dư đầu trong một bức điện", where=field.where)
        balance = self._read_balance(field)
        if (field.tag == "60M") != (self._continued is not None):
            raise Malformed(
                "số dư đầu là của phần tiếp theo (:60M:) mà không có phần trước"
                if field.tag == "60M"
                else "sao kê trước còn tiếp (:62M:) mà bức điện này mở sao kê mới (:60F:)",
                where=field.where,
            )
        before = self._continued
        if before is not None and (before.signed_minor, before.currency) != (balance.signed_minor, balance.currency):
            raise Malformed("số dư đầu phần tiếp theo khác số dư cuối phần trước; thiếu một phần", where=field.where)
        self._balance, self._continued = balance, None
        self._opening = self._opening if before is not None else balance

    def _close(self, field: _Field) -> Iterator[Mt940Record]:
        if self._balance is None or self._opening is None or self._account is None:
            raise Malformed("số dư cuối mà không có số dư đầu (:60F:)", where=field.where)
        balance = self._read_balance(field)
        if balance.currency != self._balance.currency:
            raise Malformed(f"số dư đầu tính bằng {self._balance.currency}, số dư cuối khác", where=field.where)
        self._closed = True
        if field.tag == "62M":
            self._continued = balance
            return
        bank, account = self._account
        yield Mt940Record(where=self._where, account=account, bank=bank, opening=self._opening, closing=balance)

    def _read_balance(self, field: _Field) -> Mt940Balance:
        match = _BALANCE.fullmatch(field.text.strip())
        if match is None:
            raise Malformed(f"số dư {field.text[:40]!r} không đọc được", where=field.where)
        currency = match["currency"]
        if self._wanted is not None and currency != self._wanted:
            raise Malformed(f"tài khoản tính bằng {currency}, cần {self._wanted}", where=field.where)
        minor = _minor(match, currency, field.where)
        return Mt940Balance(
            signed_minor=minor if match["mark"] == "C" else -minor,
            day=_day(match["day"], field.where),
            currency=currency,
        )

    def _entry(self, field: _Field) -> BankLine:
        if self._balance is None:
            raise Malformed("dòng :61: đứng trước số dư đầu (:60F:)", where=field.where)
        match = _ENTRY.fullmatch(field.text)
        if match is None:
            raise Malformed(f":61: {field.text[:60]!r} không đọc được", where=field.where)
        own, mark, bank = match["rest"].partition("//")
        named = [part.strip() for part in (bank if mark else "", own)]
        if any(len(part) > _LONGEST_REFERENCE for part in named):
            raise Malformed(f"mã giao dịch dài hơn {_LONGEST_REFERENCE} ký tự", where=field.where)
        value_on = _day(match["day"], field.where)
        entered = (match["entered"] or "").strip()
        return BankLine(
            key="",
            booked_on=_nearest(entered, value_on, field.where) if entered else value_on,
            value_on=value_on,
            direction=_DIRECTIONS[match["mark"]],
            amount=_minor(match, self._balance.currency, field.where),
            bank_reference=next((part for part in named if part.upper() not in _NO_REFERENCE), None),
            content=" ".join(match["more"].split()),
            balance_after=None,
            counterparty_account=None,
            counterparty_name=None,
            is_reversal=match["mark"].startswith("R"),
            bank_code=match["code"].strip(),
            where=field.where,
        )

    def _text(self, field: _Field) -> None:
        """An :86: or :NS: tells of the line before it; one elsewhere tells of the statement and is passed over."""
        line = self._waiting
        if line is None:
            return
        text = text_of_86(field.text) if field.tag == "86" else Text(content=" ".join(field.text.split()))
        self._waiting = replace(
            line,
            content=text.content or line.content,
            counterparty_account=text.account or line.counterparty_account,
            counterparty_name=text.name or line.counterparty_name,
        )


def _fields(file: BinaryIO) -> Iterator[_Field]:
    """The fields of a file; what stands outside of messages (envelopes, headings of one bank) is passed over."""
    tag = where = ""
    parts: list[str] = []
    size = 0
    ending = False
    for number, line in _lines(file):
        match = _TAG.fullmatch(line)
        # Text of the payer may begin a line like a field that no statement has; then it is text.
        if match and not (tag == "86" and not _known(match[1])):
            if tag:
                yield _Field(tag=tag, text="\n".join(parts), where=where)
            tag, parts, where, size = match[1], [match[2]], f"dòng {number}", 0
            ending = tag in {"62F", "62M"} or (ending and tag not in {"20", "25"})
        elif tag and ending and _END.fullmatch(line):
            yield _Field(tag=tag, text="\n".join(parts), where=where)
            tag = ""
        elif tag:
            parts.append(line)
            size += len(line)
            if size > _LONGEST_FIELD:
                raise Malformed(f"trường :{tag}: dài hơn {_LONGEST_FIELD} ký tự", where=where)
    if tag:
        yield _Field(tag=tag, text="\n".join(parts), where=where)


def _known(tag: str) -> bool:
    return tag in _PASSED or tag in {"20", "25", "60F", "60M", "61", "62F", "62M", "86", "NS"}


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(raw) > _LONGEST_LINE:
            raise Malformed(f"dòng dài hơn {_LONGEST_LINE} byte; không phải MT940", where=f"dòng {number}")
        bare = raw.rstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
        try:
            text = bare.decode()
        except UnicodeDecodeError:
            # Only texts hold other letters, and texts are hints: what cannot be told is marked, never guessed.
            text = unicodedata.normalize("NFC", bare.decode("cp1258", "replace"))
        yield number, text.translate(_CONTROLS)


def _minor(match: re.Match[str], currency: str, where: str) -> int:
    exponent = _EXPONENTS.get(currency, 2)
    decimals = match["part"].rstrip("0")
    if len(decimals) > exponent:
        raise Malformed(f"số tiền {match['whole']},{match['part']} có phần lẻ mà {currency} không có", where=where)
    minor = int(match["whole"] + decimals.ljust(exponent, "0"))
    if minor > AMOUNT_CAP:
        raise Malformed(f"số tiền {match['whole']} vượt quá giới hạn", where=where)
    return minor


def _day(text: str, where: str) -> date:
    """YYMMDD; years from 80 on lie in the last century."""
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:]))
    except ValueError as error:
        raise Malformed(f"ngày {text!r} không có trong lịch", where=where) from error


def _nearest(text: str, to: date, where: str) -> date:
    """The day MMDD of the year that brings it nearest to another day."""
    found: list[date] = []
    for year in (to.year - 1, to.year, to.year + 1):
        try:
            found.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    if not found:
        raise Malformed(f"ngày ghi sổ {text!r} không có trong lịch", where=where)
    return min(found, key=lambda day: abs((day - to).days))
