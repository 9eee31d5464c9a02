"""Builds a projection anew beside the one that serves, then puts it in its place in one transaction.

The second table set is filled from zero batch by batch, rows and position together, so a rebuild that was killed goes
on where it stopped. Readers see the old rows until the swap and the new ones after it; events that are appended
meanwhile are in both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from ledger.ports import EventReader
from projections.projection import Batch, Projection
from projections.runner import BATCH, Ahead, Report, tune
from projections.tracking import TABLES_LOCK, Progress, advance, digest, ensure, lock, make_indexes, make_tables
from projections.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What became of a rebuild: events read now, the position it stands at, and the digest of its rows there."""

    reader: str
    resumed_from: int
    position: int
    digest: str


class RebuildRunning(Exception):
    """Another process is rebuilding this projection."""

    def __init__(self, projection: Projection) -> None:
        super().__init__(
            f"Bảng đọc {projection.name} đang được dựng lại bởi một tiến trình khác. Chờ tiến trình đó xong, "
            "hoặc dừng nó rồi chạy lại; việc dựng sẽ tiếp tục từ chỗ dở."
        )


def rebuild(
    conn: Connection[Any],
    reader: EventReader,
    projection: Projection,
    progress: Report | None = None,
    *,
    batch: int = BATCH,
    start_over: bool = False,
) -> Rebuilt:
    """Fill a second table set from zero (or from where a killed rebuild stopped) and swap it in.

    ``start_over`` throws away what a killed rebuild left. Raises RebuildRunning when another process is at it, and
    whatever the projection raises for an event that it cannot take in; then the old tables go on serving.
    """
    ensure(conn, (projection,))
    with _alone(conn, projection):
        resumed_from = _begin(conn, projection, start_over=start_over)
        position = resumed_from
        with Ahead(reader, batch, (projection,)) as ahead:
            while len(found := ahead.take(position, batch)):
                position = _fill(conn, projection, found)
                if progress is not None:
                    progress(Progress(reader=projection.builder, position=position, head=reader.head()))
        make_indexes(conn, (projection,), building=True)
        position = _swap(conn, reader, projection, batch)
        if progress is not None:
            progress(Progress(reader=projection.reader, position=position, head=position))
    return Rebuilt(
        reader=projection.reader, resumed_from=resumed_from, position=position, digest=digest(conn, projection)
    )


@contextmanager
def _alone(conn: Connection[Any], projection: Projection) -> Iterator[None]:
    """Hold this projection's rebuild for one process; the server lets go of it when the process dies."""
    name = f"hashtextextended('dangphi.rebuild:' || current_schema() || ':{projection.builder}', 0)"
    with conn.cursor(row_factory=tuple_row) as curs:
        row = curs.execute(f"SELECT pg_try_advisory_lock({name})".encode()).fetchone()
    if row is None or not row[0]:
        raise RebuildRunning(projection)
    try:
        yield
    finally:
        if not conn.closed and not conn.broken:
            conn.execute(f"SELECT pg_advisory_unlock({name})".encode())


def _begin(conn: Connection[Any], projection: Projection, *, start_over: bool) -> int:
    """Find the second table set as it was left, or make it; return its position."""
    with conn.transaction():
        conn.execute(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})".encode())
        at = lock(conn, [projection.builder])
        if at and start_over:
            _drop(conn, projection)
            at = {}
        if not at:
            make_tables(conn, projection, building=True)
    return at.get(projection.builder, 0)


def _drop(conn: Connection[Any], projection: Projection) -> None:
    for table in projection.tables:
        conn.execute(f"DROP TABLE {table.building}".encode())
    conn.execute("DELETE FROM tracking WHERE application_name = %s", (projection.builder,))


def _fill(conn: Connection[Any], projection: Projection, batch: Batch) -> int:
    with conn.transaction():
        tune(conn)
        projection.write(Writer(conn, building=True), batch)
        advance(conn, {projection.builder: batch.until})
    return batch.until


def _swap(conn: Connection[Any], reader: EventReader, projection: Projection, batch: int) -> int:
    """Bring the new tables to the head, at least as far as the old ones, and let them serve instead."""
    with conn.transaction():
        conn.execute(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})".encode())
        # Whoever brings the old tables forward waits here, and then finds the new ones under their names.
        position = lock(conn, [projection.builder, projection.reader])[projection.builder]
        with Ahead(reader, batch, (projection,)) as ahead:
            while len(found := ahead.take(position, batch)):
                position = _fill(conn, projection, found)
        for table in projection.tables:
            conn.execute(f"DROP TABLE {table.serving}".encode())
            conn.execute(f"ALTER TABLE {table.building} RENAME TO {table.serving}".encode())
        conn.execute("DELETE FROM tracking WHERE application_name = %s", (projection.builder,))
        advance(conn, {projection.reader: position})
    return position


def abandon(conn: Connection[Any], projection: Projection) -> bool:
    """Throw away what a killed rebuild left; return whether there was anything."""
    with conn.transaction():
        conn.execute(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})".encode())
        if not lock(conn, [projection.builder]):
            return False
        _drop(conn, projection)
    return True


__all__ = ["RebuildRunning", "Rebuilt", "abandon", "rebuild"]
