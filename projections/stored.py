"""Projection rows as they stand, for the check that they are the fold of the log (I17)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from ledger.checks.projections import Projected, TableDifference
from projections.balances import BALANCE_ROWS, BALANCES
from projections.journal import JOURNAL, LINES
from projections.tracking import positions

#: Rows fetched at a time, so that a table of any size is gone through in little memory.
_ROWS = 20_000


@contextmanager
def stored(conn: Connection[Any], differences: tuple[TableDifference, ...] = ()) -> Iterator[Projected | None]:
    """Journal and balances with their positions, all of one moment; None where these tables were never made.

    ``differences`` are what ``refold`` found in the other tables, to be handed on.

    The rows are read from the database while they are compared, inside one read-only transaction of ``conn``.
    """
    with conn.transaction():
        # Rows and position are committed together, so one snapshot of both is always consistent (I18).
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        at = positions(conn, (JOURNAL, BALANCES))
        if len(at) < 2:
            yield None
            return
        with (
            conn.cursor("stored_journal", row_factory=tuple_row) as journal,
            conn.cursor("stored_balances", row_factory=tuple_row) as balances,
        ):
            journal.itersize = balances.itersize = _ROWS
            journal.execute(
                f"SELECT position, unit, account, key, amount FROM {LINES.serving} ORDER BY position, entry_no".encode()
            )
            balances.execute(f"SELECT unit, account, key, amount FROM {BALANCE_ROWS.serving}".encode())
            yield Projected(
                journal_position=at[JOURNAL.reader],
                journal=journal,
                balances_position=at[BALANCES.reader],
                balances=balances,
                differences=differences,
            )
