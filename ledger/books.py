"""Balances as decisions need them: a small interface, and its fold of the log in memory.

A figure is always that of a log position: what is booked later does not move it.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from domain.money import Dong
from ledger.chart import natural
from ledger.month_books import MonthBooks, MonthView
from ledger.ports import EventReader
from ledger.posting import entry

#: How many events a reader takes at a time.
BATCH = 2_000


class Books(Protocol):
    """Balances of units at the head of the log."""

    def catch_up(self) -> int:
        """Take in everything recorded so far and return the position the balances are of."""

    def balances(self, unit: str, account: str) -> Mapping[str, Dong]:
        """Balances of one account by analytic key, on the account's natural side, zeros left out; đồng."""

    def month_books(self) -> MonthView:
        """The same figures by book month, at the position of the last ``catch_up``."""


def balance(books: Books, unit: str, account: str, key: str | None = None) -> Dong:
    """One balance on the natural side: of a key, or of all keys together; đồng."""
    found = books.balances(unit, account)
    return sum(found.values()) if key is None else found.get(key, 0)


class FoldedBooks:
    """Balances folded from the log in memory; for tests, the command line and offices of ordinary size."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._position = 0
        self._sums: dict[tuple[str, str], dict[str, Dong]] = defaultdict(lambda: defaultdict(int))
        self._months = MonthBooks()

    def catch_up(self) -> int:
        """Fold what is new; one thread at a time, or an event would be counted twice."""
        with self._lock:
            while found := self._reader.read(self._position, BATCH):
                for recorded in found:
                    lines = entry(recorded.event)
                    self._months.take(recorded, lines)
                    for line in lines:
                        self._sums[line.unit, line.account][line.key] += line.amount
                self._position = found[-1].position
            return self._position

    def balances(self, unit: str, account: str) -> Mapping[str, Dong]:
        """Balances by key on the natural side."""
        with self._lock:
            sums = self._sums.get((unit, account), {})
            return {key: natural(account, amount) for key, amount in sums.items() if amount}

    def month_books(self) -> MonthBooks:
        """By month; to be asked by whoever decides, between two calls of ``catch_up``."""
        return self._months
