"""Balances of units by account and analytic key; sums of postings and nothing else."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.money import Dong
from ledger.chart import natural
from ledger.month_books import MonthBooks
from ledger.ports import EventReader
from ledger.posting import entry
from projections.postings import of_events
from projections.projection import Batch, Projection
from projections.runner import ProjectionStopped, alerts, catch_up
from projections.table import Table, select
from projections.writing import Writer, array_literals


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """Debits less credits of one analytic key, in đồng."""

    unit: str
    account: str
    key: str
    amount: int


BALANCE_ROWS = Table(name="balances", version=1, row=BalanceRow, key=("unit", "account", "key"))


def prepare(batch: Batch) -> list[str]:
    """The sums of the batch's postings by key, in the order of the key, so that the index is walked once."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    p = batch.postings
    for place, amount in zip(zip(p.unit, p.account, p.key, strict=True), p.amount, strict=True):
        sums[place] += amount
    places = sorted(sums)
    return array_literals(BALANCE_ROWS, [*zip(*places, strict=True), [sums[place] for place in places]])


def apply(writer: Writer, batch: Batch) -> None:
    """Add the batch's sums."""
    writer.add(BALANCE_ROWS, batch.prepared["balances"], "amount")


BALANCES = Projection(
    name="balances", version=1, tables=(BALANCE_ROWS,), apply=apply, postings_only=True, prepare=prepare
)


# --- Questions --------------------------------------------------------------------------------------------------


def balances_of(conn: Connection[Any], unit: str, account: str) -> Mapping[str, Dong]:
    """Balances of one account by analytic key, on the natural side, zeros left out."""
    rows = select(conn, BALANCE_ROWS, "WHERE unit = %s AND account = %s AND amount <> 0 ORDER BY key", (unit, account))
    return {row.key: natural(account, row.amount) for row in rows}


def all_balances(conn: Connection[Any], units: Sequence[str]) -> tuple[BalanceRow, ...]:
    """Every balance of these units that is not zero; debits less credits."""
    return select(
        conn, BALANCE_ROWS, "WHERE unit = ANY(%s) AND amount <> 0 ORDER BY unit, account, key", (list(units),)
    )


class SqlBooks:
    """``ledger.books.Books`` over the table of balances, for logs too long to fold in memory.

    The balances are those of the position that ``catch_up`` returned, also when another process has brought the table
    further meanwhile: what lies between is taken off again. ``connect`` lends a connection in autocommit.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection[Any]]], reader: EventReader) -> None:
        self._connect = connect
        self._reader = reader
        self._position = 0
        self._months = MonthBooks()

    def catch_up(self) -> int:
        """Bring the table to the head. Raises ProjectionStopped rather than let anyone decide on old balances."""
        with self._connect() as conn:
            self._position = catch_up(conn, self._reader, (BALANCES,))[BALANCES.reader]
            for alert in alerts(conn):
                if alert.reader == BALANCES.reader:
                    raise ProjectionStopped(alert)
        return self._position

    def month_books(self) -> MonthBooks:
        """By month, folded from the log when first asked for: the tables keep no book months."""
        while found := self._reader.read(self._months.position, min(2_000, self._position - self._months.position)):
            for recorded in found:
                self._months.take(recorded, entry(recorded.event))
        return self._months

    def balances(self, unit: str, account: str) -> Mapping[str, Dong]:
        """Balances by key on the natural side, zeros left out."""
        with self._connect() as conn, conn.cursor(row_factory=tuple_row) as curs:
            # Position and balances in one statement, hence of one snapshot.
            statement = (
                f"SELECT t.notification_id, b.key, b.amount FROM tracking t LEFT JOIN {BALANCE_ROWS.serving} b"
                " ON b.unit = %s AND b.account = %s WHERE t.application_name = %s"
            )
            rows = curs.execute(statement.encode(), (unit, account, BALANCES.reader)).fetchall()
        sums: dict[str, Dong] = defaultdict(int)
        for _, key, amount in rows:
            if key is not None:
                sums[key] = amount
        if rows and rows[0][0] > self._position:
            self._take_off(sums, rows[0][0], unit, account)
        return {key: natural(account, amount) for key, amount in sums.items() if amount}

    def _take_off(self, sums: dict[str, Dong], until: int, unit: str, account: str) -> None:
        """Undo what was booked after the position that ``catch_up`` returned."""
        newer = of_events(self._reader.read(self._position, until - self._position))
        for place, key, amount in zip(
            zip(newer.unit, newer.account, strict=True), newer.key, newer.amount, strict=True
        ):
            if place == (unit, account):
                sums[key] -= amount
