"""Keeps read models up with the log: batch by batch, rows and position in one transaction (I18).

Whoever finds a projection behind may bring it forward: a command line, a worker, a request. They do not disturb one
another, since each batch is applied under a lock on the projection's position, and a batch that another process has
applied meanwhile is not applied again.

An event that a projection cannot take in stops that projection just before it, with an alert that names both; it is
never skipped. The next run tries again, so a release that knows better takes up where the old one stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from ledger.codec import UnknownEvent
from ledger.ports import EventReader
from projections.postings import of_rows
from projections.projection import Batch, Projection, batch_of, named_batch, postings_batch
from projections.tracking import (
    Alert,
    Progress,
    ProjectionStopped,
    advance,
    alerts,
    digest,
    ensure,
    lag,
    lock,
    make_indexes,
    note_poison,
    positions,
)
from projections.writing import Writer

__all__ = [
    "BATCH",
    "Ahead",
    "Alert",
    "Progress",
    "ProjectionStopped",
    "Report",
    "Undecodable",
    "alerts",
    "apply_batch",
    "catch_up",
    "digest",
    "ensure",
    "lag",
    "positions",
    "tune",
]

#: Events a transaction, between 500 (many transactions) and 5,000 (long ones).
BATCH = 5_000


class Undecodable(Exception):
    """The log holds an event that this release cannot read."""

    def __init__(self, position: int, error: str) -> None:
        super().__init__(f"sự kiện {position}: {error}")
        self.position = position
        self.error = error


class Ahead:
    """Reads the log in batches and makes the next one ready while the database works on the one before.

    With ``leap``, projections that look at some events alone pass over all the others at once: a batch may then hold
    more positions than ``limit``.
    """

    def __init__(
        self, reader: EventReader, limit: int, projections: Sequence[Projection], *, leap: bool = False
    ) -> None:
        self._reader = reader
        self._limit = limit
        self._projections = projections
        self._slim = all(projection.postings_only for projection in projections)
        self._names = _names_of(projections) if leap else None
        self._pool: ThreadPoolExecutor | None = None
        self._next: tuple[int, Future[Batch]] | None = None

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(self, *about: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def take(self, after: int, limit: int) -> Batch:
        """The events after a position, at most ``limit``; empty at the head.

        An event that cannot be decoded ends the batch before it; if it is the first, raises Undecodable.
        """
        waiting, self._next = self._next, None
        if waiting is not None and waiting[0] == after and limit == self._limit:
            batch = waiting[1].result()
        else:
            batch = self._load(after, limit)
        if len(batch) == self._limit:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
            self._next = (batch.until, self._pool.submit(self._ready, batch.until))
        return batch

    def _ready(self, after: int) -> Batch:
        """Load a batch and do what can be done without the database."""
        batch = self._load(after, self._limit)
        for projection in self._projections:
            # What a projection cannot take in is found again, and dealt with, when the batch is applied.
            with suppress(Exception):
                projection.make_ready(batch)
        return batch

    def _load(self, after: int, limit: int) -> Batch:
        if self._slim:
            # A row that only the codec can lift or refuse is left to the road below.
            with suppress(msgspec.MsgspecError):
                rows = self._reader.rows(after, limit)
                postings = of_rows(rows)
                if postings is not None:
                    return postings_batch(after, after + len(rows), postings)
        if self._names is not None and limit == self._limit:
            # An event that cannot be decoded is found again on the road below.
            with suppress(UnknownEvent, msgspec.MsgspecError):
                return self._named(after, limit, self._names)
        while True:
            try:
                return batch_of(after, self._reader.read(after, limit))
            except (UnknownEvent, msgspec.MsgspecError) as error:
                if limit == 1:
                    raise Undecodable(after + 1, f"{type(error).__name__}: {error}") from error
                limit = (limit + 1) // 2

    def _named(self, after: int, limit: int, names: tuple[str, ...]) -> Batch:
        """Events of these names after a position; where there are fewer than ``limit``, the batch ends at the head."""
        # Read first: what is appended in between may be among the events found, and then the batch ends with it.
        head = self._reader.head()
        found = self._reader.read(after, limit, names)
        last = found[-1].position if found else after
        return named_batch(after, last if len(found) == limit else max(head, last), found)


def _names_of(projections: Sequence[Projection]) -> tuple[str, ...] | None:
    """The events that these projections look at; None where one of them looks at any."""
    wanted = [projection.names for projection in projections]
    if not wanted or None in wanted:
        return None
    return tuple(dict.fromkeys(name for names in wanted if names is not None for name in names))


def catch_up(
    conn: Connection[Any], reader: EventReader, projections: Sequence[Projection], *, batch: int = BATCH
) -> Mapping[str, int]:
    """Bring projections to the head of the log; return their positions by reader name.

    A projection that meets an event it cannot take in stands still before it (see ``alerts``); the others go on.
    Raises ``ledger.store.LogGap`` when the log has a hole, and ``psycopg.OperationalError`` when the database is lost.
    """
    ensure(conn, projections)
    going = _not_standing(conn, reader, projections)
    with Ahead(reader, batch, projections, leap=True) as ahead:
        while going:
            at = positions(conn, going)
            low = min(at.values())
            ready = [p for p in going if at[p.reader] == low]
            # Projections at different places meet at the next one's position and go on together.
            limit = min([batch, *(position - low for position in at.values() if position > low)])
            try:
                found = ahead.take(low, limit)
            except Undecodable as poison:
                for projection in ready:
                    note_poison(conn, projection, poison.position, "?", poison.error)
                going = [p for p in going if p not in ready]
                continue
            if not len(found):
                break
            for projection in apply_batch(conn, ready, found):
                _apply_up_to_poison(conn, reader, projection, found)
                going.remove(projection)
    make_indexes(conn, projections)
    return positions(conn, projections)


def _not_standing(conn: Connection[Any], reader: EventReader, projections: Sequence[Projection]) -> list[Projection]:
    """Those that go on: a projection with an alert only if it can now take in the event it stood before."""
    noted = {alert.reader: alert.position for alert in alerts(conn)}
    going: list[Projection] = []
    for projection in projections:
        position = noted.get(projection.reader)
        if position is not None:
            try:
                poison = batch_of(position - 1, reader.read(position - 1, 1))
            except (UnknownEvent, msgspec.MsgspecError):
                continue
            if _error_of(conn, projection, poison) is not None:
                continue
        going.append(projection)
    return going


def apply_batch(conn: Connection[Any], projections: Sequence[Projection], batch: Batch) -> list[Projection]:
    """Apply a batch to each projection that stands at its beginning, all in one transaction; return those that failed.

    Each projection has a savepoint of its own, so one that fails keeps neither rows nor position, and the others do.
    """
    failed: list[Projection] = []
    with conn.transaction():
        tune(conn)
        at = lock(conn, [p.reader for p in projections])
        moved: dict[str, int] = {}
        for projection in projections:
            if at[projection.reader] != batch.after:
                continue  # Another process has applied these events meanwhile.
            try:
                with conn.transaction():
                    projection.write(Writer(conn), batch)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                raise  # The database is lost or out of patience: that says nothing against the events.
            except Exception:  # Whatever went wrong, this projection cannot take the batch in.
                failed.append(projection)
            else:
                moved[projection.reader] = batch.until
        advance(conn, moved)
    return failed


def tune(conn: Connection[Any]) -> None:
    """Set the session until the transaction ends.

    Rows are found by key, whatever the statistics of a young table say. The commit does not wait for the disk: rows
    and position are lost together if the server dies, and the log, which does wait, brings both back.
    """
    conn.execute(
        "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
        " set_config('enable_mergejoin', 'off', true), set_config('synchronous_commit', 'off', true)"
    )


def _apply_up_to_poison(conn: Connection[Any], reader: EventReader, projection: Projection, batch: Batch) -> None:
    """Apply what stands before the event that a projection cannot take in, and note that event."""
    position, size = batch.after, min(len(batch), BATCH)
    while position < batch.until:
        part = batch_of(position, reader.read(position, min(size, batch.until - position)))
        if len(part) == 1:
            error = _error_of(conn, projection, part)
            if error is not None:
                note_poison(conn, projection, part.until, part.events[0].name, error)
                return
        elif apply_batch(conn, (projection,), part):
            size = len(part) // 2
            continue
        position = part.until


def _error_of(conn: Connection[Any], projection: Projection, batch: Batch) -> str | None:
    """Apply one event; return what went wrong, if anything did."""
    try:
        with conn.transaction():
            tune(conn)
            if lock(conn, [projection.reader])[projection.reader] == batch.after:
                projection.write(Writer(conn), batch)
                advance(conn, {projection.reader: batch.until})
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise  # As in apply_batch.
    except Exception as error:  # The alert says what it was, whatever it was.
        return f"{type(error).__name__}: {error}"
    return None


#: Told how far a rebuild has come, after each batch.
Report = Callable[[Progress], None]
