"""Where the statutory books take their facts from: events by stream or by name, and lines of the journal.

Every question carries a position, so that a book asked for today as of an old position is the book of that day: what
was recorded later does not move it.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import day_of
from ledger.chart import natural
from ledger.ports import Recorded
from ledger.posting import entry, occurred_on

#: How many events are read at a time.
BATCH = 20_000


class EventLog(Protocol):
    """Events of one shard, by name or by stream."""

    def read(self, after_position: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
        """Return at most ``limit`` events after a position, in log order, optionally only of some names."""

    def read_streams(
        self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
    ) -> tuple[Recorded, ...]:
        """Return the events of several streams up to a position (inclusive), in log order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One line of the journal of a unit; ``amount`` is positive where the account grew on its natural side; đồng."""

    position: int
    occurred_on: date
    recorded_on: date
    account: str
    key: str
    amount: Dong
    event: str


class Sources(EventLog, Protocol):
    """Everything a statutory book is made of."""

    def moves(self, unit: str, accounts: Sequence[str], *, until: int) -> tuple[Move, ...]:
        """Journal lines of a unit and some accounts up to a position (inclusive), in log order."""


class FoldedMoves:
    """Journal lines derived from a log as far as it has been read; one for all books of a log, so it is read once.

    It holds no log, so that whoever keeps it keeps no log alive.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._position = 0
        self._moves: dict[tuple[str, str], list[Move]] = defaultdict(list)

    def moves(self, log: EventLog, unit: str, accounts: Sequence[str], *, until: int) -> tuple[Move, ...]:
        """Lines up to a position; the log is folded as far as it has not been yet, by one thread at a time."""
        with self._lock:
            while self._position < until and (found := log.read(self._position, BATCH)):
                for recorded in found:
                    self._take(recorded)
                self._position = found[-1].position
            wanted = [move for account in accounts for move in self._moves.get((unit, account), ())]
        return tuple(sorted((m for m in wanted if m.position <= until), key=lambda move: move.position))

    def _take(self, recorded: Recorded) -> None:
        recorded_on = day_of(recorded.recorded_at)
        for line in entry(recorded.event):
            move = Move(
                position=recorded.position,
                occurred_on=occurred_on(recorded.event, recorded_on),
                recorded_on=recorded_on,
                account=line.account,
                key=line.key,
                amount=natural(line.account, line.amount),
                event=recorded.name,
            )
            self._moves[line.unit, line.account].append(move)


class LogSources:
    """Sources over the log alone: postings are derived from the events, once; for memory, tests and checks."""

    def __init__(self, log: EventLog, folded: FoldedMoves | None = None) -> None:
        self._log = log
        self._folded = FoldedMoves() if folded is None else folded

    def read(self, after_position: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
        """Events by name."""
        return self._log.read(after_position, limit, names)

    def read_streams(
        self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
    ) -> tuple[Recorded, ...]:
        """Events by stream."""
        return self._log.read_streams(streams, until=until, names=names)

    def moves(self, unit: str, accounts: Sequence[str], *, until: int) -> tuple[Move, ...]:
        """Lines up to a position."""
        return self._folded.moves(self._log, unit, accounts, until=until)


def named(sources: EventLog, names: Iterable[str], *, until: int) -> Iterator[Recorded]:
    """Every event of some names up to a position."""
    wanted, position = tuple(names), 0
    while found := sources.read(position, BATCH, wanted):
        for recorded in found:
            if recorded.position > until:
                return
            yield recorded
        position = found[-1].position


def balance(sources: Sources, unit: UnitId, account: str, *, until: int) -> Dong:
    """A unit's balance of an account as of a position; đồng."""
    return sum(move.amount for move in sources.moves(unit, (account,), until=until))
