"""``ledger.books.Books`` over tables, so that a process decides at once however long the log is.

A balance is taken from the table of balances when it is first asked for, and from then on kept up with the tail of the
log, as the folded books are: a process of one command reads a few rows, one that lives long asks the tables no more.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.utils import retry
from psycopg import Connection
from psycopg.rows import tuple_row

from domain.money import Dong
from ledger.chart import natural
from ledger.month_books import MonthView
from ledger.ports import EventReader
from ledger.posting import Line, entry
from projections.balances import BALANCE_ROWS, BALANCES
from projections.journal import JOURNAL
from projections.postings import of_events
from projections.projection import Projection
from projections.runner import ProjectionStopped, alerts, catch_up
from projections.sql_months import SqlMonths

#: Lends a connection in autocommit whose search path is the shard's schema.
Connect = Callable[[], AbstractContextManager[Connection[Any]]]

#: Events of the tail that are folded here; behind by more, the tables are faster.
TAIL = 2_000

#: A restarted server is back within a second.
_OUTAGES, _ATTEMPTS, _PAUSE = (InterfaceError, OperationalError), 4, 0.2


class Tables:
    """Brings projections to a position before they are asked; one thread at a time (the caller's lock)."""

    def __init__(self, connect: Connect, reader: EventReader) -> None:
        self.connect = connect
        self.reader = reader
        self._at: dict[str, int] = {}

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=_PAUSE)
    def bring(self, projection: Projection, position: int) -> int:
        """Bring a projection at least to a position and return where it stands.

        Raises ProjectionStopped rather than let anyone decide on old figures.
        """
        known = self._at.get(projection.reader, -1)
        if known >= position:
            return known
        with self.connect() as conn:
            at = catch_up(conn, self.reader, (projection,))[projection.reader]
            for alert in alerts(conn):
                if alert.reader == projection.reader:
                    raise ProjectionStopped(alert)
        self._at[projection.reader] = at
        return at

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=_PAUSE)
    def rows(self, statement: str, params: tuple[Any, ...]) -> list[Any]:
        """Rows of one statement, as tuples."""
        with self.connect() as conn, conn.cursor(row_factory=tuple_row) as curs:
            return curs.execute(statement.encode(), params).fetchall()


class SqlBooks:
    """Balances of the position that ``catch_up`` returned, also when another process has brought the tables further.

    What lies between is taken off again. ``connect`` lends a connection in autocommit.
    """

    def __init__(self, connect: Connect, reader: EventReader) -> None:
        self._tables = Tables(connect, reader)
        self._reader = reader
        self._lock = threading.RLock()
        self._position = 0
        self._known: dict[tuple[str, str], dict[str, Dong]] = {}

    def catch_up(self) -> int:
        """Take in everything recorded so far; at the start, or far behind, by way of the table."""
        with self._lock:
            if self._position:
                found = self._reader.read(self._position, TAIL)
                if len(found) < TAIL:
                    for recorded in found:
                        self._take(entry(recorded.event))
                        self._position = recorded.position
                    return self._position
            self._known.clear()
            self._position = self._tables.bring(BALANCES, self._reader.head())
            return self._position

    def _take(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            sums = self._known.get((line.unit, line.account))
            if sums is not None:
                sums[line.key] += line.amount

    def balances(self, unit: str, account: str) -> Mapping[str, Dong]:
        """Balances by key on the natural side, zeros left out."""
        with self._lock:
            sums = self._known.get((unit, account))
            if sums is None:
                self._tables.bring(BALANCES, self._position)
                sums = self._known[unit, account] = self._loaded(unit, account)
            return {key: natural(account, amount) for key, amount in sums.items() if amount}

    def month_books(self) -> MonthView:
        """By month, at the position of the last ``catch_up``, from the journal."""
        with self._lock:
            self._tables.bring(JOURNAL, self._position)
            return SqlMonths(self._tables.rows, self._reader, self._position)

    def _loaded(self, unit: str, account: str) -> dict[str, Dong]:
        # Position and balances in one statement, hence of one snapshot.
        statement = (
            f"SELECT t.notification_id, b.key, b.amount FROM tracking t LEFT JOIN {BALANCE_ROWS.serving} b"
            " ON b.unit = %s AND b.account = %s AND b.amount <> 0 WHERE t.application_name = %s ORDER BY b.key"
        )
        rows = self._tables.rows(statement, (unit, account, BALANCES.reader))
        sums: dict[str, Dong] = defaultdict(int)
        for _, key, amount in rows:
            if key is not None:
                sums[key] = amount
        until = rows[0][0] if rows else 0
        position = self._position
        while position < until:
            newer = self._reader.read(position, min(TAIL, until - position))
            postings = of_events(newer)
            for place, key, amount in zip(
                zip(postings.unit, postings.account, strict=True), postings.key, postings.amount, strict=True
            ):
                if place == (unit, account):
                    sums[key] -= amount
            position = newer[-1].position
        return sums
