"""A statement whose sum is proved before anybody sees a line of it, however long it is.

A reader puts the lines into a spool as it finds them: in memory while they are few, in a nameless temporary file that
the system deletes by itself when they are many. Only when the whole file was read and opening + in - out = closing
holds does the caller get an :class:`OpenedStatement`, whose lines can be gone through as often as wanted.
"""

import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

import msgspec

from adapters.bank.lines import Tally, Twins, require_tie_out, with_keys
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import BankLine, BankStatement, Direction

#: Bytes of lines kept in memory; what is more goes to a temporary file.
_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 200

#: Lines of one file; a province's collecting account has about a million a month.
MAX_LINES = 5_000_000

T = TypeVar("T")
S = TypeVar("S", bound="Spool[Any]")

_FLIPPED = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN}


class Spool(Generic[T]):
    """Values written once, one after the other, and read as often as wanted."""

    def __init__(self, kind: type[T]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # Closed by close().
        self._block: list[T] = []
        # A list of a type that is only known here cannot be spelled for the type checker.
        self._decode: Callable[[bytes], list[T]] = msgspec.msgpack.Decoder(list[kind]).decode  # type: ignore[valid-type]

    def put(self, value: T) -> None:
        """Put one more value at the end."""
        self._block.append(value)
        if len(self._block) == _BLOCK:
            self._flush()

    def _flush(self) -> None:
        if not self._block:
            return
        try:
            packed = msgspec.msgpack.encode(self._block)
        except (UnicodeEncodeError, OverflowError) as error:
            raise Malformed("tệp có ký tự hỏng (nửa cặp ký tự thay thế) hoặc số quá lớn; hãy tải lại") from error
        self._file.seek(0, 2)
        self._file.write(struct.pack("<I", len(packed)) + packed)
        self._block = []

    def __iter__(self) -> Iterator[T]:
        self._flush()
        at = 0
        while True:
            self._file.seek(at)
            head = self._file.read(4)
            if len(head) < 4:
                return
            (size,) = struct.unpack("<I", head)
            at += 4 + size
            yield from self._decode(self._file.read(size))

    def close(self) -> None:
        """Forget the values and give the file back."""
        self._file.close()


class LineSpool(Spool[BankLine]):
    """Lines of a statement, with their sums."""

    def __init__(self) -> None:
        super().__init__(BankLine)
        self.tally = Tally()

    def add(self, line: BankLine) -> None:
        """Put one more line at the end. Raises ``Malformed`` beyond the most lines that a file may have."""
        self.tally.add(line)
        if self.tally.count > MAX_LINES:
            raise Malformed(f"tệp có hơn {MAX_LINES} dòng; xin sao kê theo kỳ ngắn hơn", where=line.where)
        self.put(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStatement:
    """One account's statement, proved. Valid while the file it came from is open (see ``open_statements``)."""

    account_number: str
    bin: str | None
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    money_in: Dong
    money_out: Dong
    count: int
    format: str  #: "camt.053.001.08", "vietcombank-xlsx", "mt940", …
    file_digest: str  #: sha256 hex of the whole file
    _spool: LineSpool

    def lines(self) -> Iterator[BankLine]:
        """The lines in the file's order, with their keys; may be asked for again."""
        return iter(self._spool)

    def whole(self) -> BankStatement:
        """Everything in memory."""
        return BankStatement(
            account_number=self.account_number,
            bin=self.bin,
            from_date=self.from_date,
            to_date=self.to_date,
            opening=self.opening,
            closing=self.closing,
            lines=tuple(self.lines()),
            format=self.format,
            file_digest=self.file_digest,
        )


class Taking:
    """One file being read: its digest, the count of twin lines, and the spools to be closed in the end."""

    def __init__(self, digest: str, stack: ExitStack) -> None:
        self.digest = digest
        self._stack = stack
        self._twins = Twins()

    def spool(self) -> LineSpool:
        """A spool that lives as long as the file is open."""
        return self.keep(LineSpool())

    def keep(self, spool: S) -> S:
        """Close a spool when the file is closed."""
        self._stack.callback(spool.close)
        return spool

    def prove(
        self,
        raw: LineSpool,
        *,
        account_number: str,
        bin: str | None,
        days: Sequence[date],
        opening: Dong,
        closing: Dong,
        format: str,
        where: str,
        turn_reversals: bool = False,
    ) -> OpenedStatement:
        """Prove the sum of the lines in ``raw`` and give them their keys; ``raw`` is used up.

        ``days`` are stated by the file and widened by its lines; ``turn_reversals`` lets reversals be read the
        other way where only that adds up. Raises ``Malformed`` without any day, ``Refusal``
        (statement-does-not-add-up).
        """
        tally = raw.tally
        moved = closing - opening
        turned = turn_reversals and tally.net != moved and tally.net_turned == moved
        more_in = tally.reversed_out - tally.reversed_in if turned else 0
        money_in, money_out = tally.money_in + more_in, tally.money_out - more_in
        require_tie_out(opening, closing, money_in, money_out, where=where)
        covered = [*days, *(day for day in (tally.first_day, tally.last_day) if day is not None)]
        if not covered:
            raise Malformed("không thấy ngày nào: không có dòng và không ghi từ ngày đến ngày", where=where)
        spool = self.spool()
        for line in with_keys(account_number, _turned(raw) if turned else raw, self._twins):
            spool.add(line)
        raw.close()
        return OpenedStatement(
            account_number=account_number,
            bin=bin,
            from_date=min(covered),
            to_date=max(covered),
            opening=opening,
            closing=closing,
            money_in=money_in,
            money_out=money_out,
            count=tally.count,
            format=format,
            file_digest=self.digest,
            _spool=spool,
        )


def _turned(lines: LineSpool) -> Iterator[BankLine]:
    return (replace(line, direction=_FLIPPED[line.direction]) if line.is_reversal else line for line in lines)
