"""Reads of one moment: rows of several tables as they stood together, whatever is appended or rebuilt meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from projections.tracking import TABLES_LOCK


@contextmanager
def one_moment(conn: Connection[Any]) -> Iterator[None]:
    """A read-only transaction on one snapshot. A rebuild waits with its swap until it is over."""
    # Taken before the snapshot: else the tables could be swapped between the two, and the new ones look empty.
    conn.execute(f"SELECT pg_advisory_lock_shared({TABLES_LOCK})".encode())
    try:
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        if not conn.closed and not conn.broken:
            conn.execute(f"SELECT pg_advisory_unlock_shared({TABLES_LOCK})".encode())
