"""The log in PostgreSQL: a recorder of the eventsourcing library that appends in one round trip.

What differs from the library's recorder, and why (figures in docs/decisions/0002-event-store.md):

- one call of a database function with array parameters, or binary ``COPY`` for many rows, instead of pipeline
  mode, which hangs over a Unix socket once a save exceeds about 0.9 MB while it holds the lock;
- an advisory lock for each shard instead of ``LOCK TABLE``, so that appends and maintenance do not wait
  for each other, nor shards for shards; it makes the order of commits the order of positions, hence no
  reader skips;
- no ``NOTIFY``, which would serialise the commits of the whole database: readers poll;
- events and their command in one transaction, and a ``recorded_at`` that never falls along the log.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    StoredEvent,
    Subscription,
)
from eventsourcing.postgres import PostgresApplicationRecorder
from eventsourcing.utils import retry
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from adapters.postgres.shard import ShardDatastore
from ledger.ports import CommandRow, EventBatch, StoredCommand, StoredRow

#: From this many rows on, COPY (four round trips) is faster than arrays (one).
COPY_FROM = 1_000

_OUTAGES = (InterfaceError, OperationalError)

#: How often a query is tried. A restarted server is back within a second; a caller should not wait much longer than
#: four times the pool's patience to hear that it is gone.
_ATTEMPTS = 4

#: Rows of one piece of the COPY stream: many enough for few calls, few enough for the CPU's cache.
_COPY_ROWS = 4_000

_COPY_START = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_END = struct.pack("!h", -1)
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class PostgresRecorder(PostgresApplicationRecorder):
    """One shard's log; the schema is made by ``migrate`` and never by this class."""

    def __init__(self, datastore: ShardDatastore, *, copy_from: int = COPY_FROM) -> None:
        super().__init__(datastore, events_table_name="events")
        self._copy_from = copy_from
        schema = Identifier(datastore.schema)
        columns = SQL("a.is_new, (a.command).*")
        self._append = SQL(
            "SELECT {columns} FROM {schema}.append_events(%b::text[], %b::bigint[], %b::text[], %b::bytea[],"
            " %s::timestamptz, %b::text[], %b::bigint[], %s::uuid, %s, %s, %b::bytea, %s) AS a"
        ).format(columns=columns, schema=schema)
        self._open = SQL(
            "SELECT {columns} FROM {schema}.open_append(%s::bigint,"
            " %s::timestamptz, %b::text[], %b::bigint[], %s::uuid, %s, %s, %b::bytea, %s) AS a"
        ).format(columns=columns, schema=schema)
        self._copy = SQL(
            "COPY {schema}.events (notification_id, originator_version, recorded_at, originator_id, topic,"
            " state) FROM STDIN (FORMAT BINARY)"
        ).format(schema=schema)
        self._select_command = SQL("SELECT * FROM {schema}.commands WHERE command_id = %s").format(schema=schema)
        self._select_commands = SQL(
            "SELECT * FROM {schema}.commands WHERE command_id > %s ORDER BY command_id LIMIT %s"
        ).format(schema=schema)
        self._select_stream = SQL(
            "SELECT originator_version, topic, state FROM {schema}.events"
            " WHERE originator_id = %s AND originator_version > %s ORDER BY originator_version"
        ).format(schema=schema)
        self._select_streams = SQL(
            "SELECT originator_id, originator_version, topic, state FROM {schema}.events"
            " WHERE originator_id = ANY(%b::text[]) ORDER BY originator_id, originator_version"
        ).format(schema=schema)
        self._select_stream_rows = SQL(
            "SELECT notification_id, originator_id, originator_version, topic, state, recorded_at"
            " FROM {schema}.events WHERE originator_id = ANY(%b::text[]){topics} ORDER BY notification_id"
        )
        self._select_rows = SQL(
            "SELECT notification_id, originator_id, originator_version, topic, state, recorded_at"
            " FROM {schema}.events WHERE notification_id > %s{topics} ORDER BY notification_id LIMIT %s"
        )
        self._schema = schema

    def create_table(self) -> None:
        """Nothing: tables come from migrations, which processes that start together do not race for."""

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Refuse: appends send no NOTIFY, so the inherited subscription would wait for ever."""
        raise NotSupportedError("readers poll select_rows: appends send no NOTIFY")

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Record events without a command, as the library's contract asks; return their positions."""
        if not stored_events:
            return None
        batch = EventBatch(
            streams=[str(event.originator_id) for event in stored_events],
            versions=[event.originator_version for event in stored_events],
            topics=[event.topic for event in stored_events],
            states=[event.state for event in stored_events],
        )
        with self.datastore.get_connection() as conn:
            stored, _ = self.append_on(conn, batch, None)
        return list(range(stored.first_position, stored.last_position + 1))

    def append(self, batch: EventBatch, command: CommandRow) -> tuple[StoredCommand, bool]:
        """Record events and command in one transaction, or find the command already there."""
        with self.datastore.get_connection() as conn:
            return self.append_on(conn, batch, command)

    def append_on(
        self, conn: Connection[Any], batch: EventBatch, command: CommandRow | None
    ) -> tuple[StoredCommand, bool]:
        """Append on a given connection: in its open transaction, or in one of its own under autocommit."""
        about: tuple[Any, ...] = (
            None if command is None else command.recorded_at,
            [stream for stream, _ in batch.guards],
            [version for _, version in batch.guards],
            *(
                (None, None, None, None, None)
                if command is None
                else (
                    command.command_id,
                    command.name,
                    command.request_digest,
                    command.answer,
                    command.actor,
                )
            ),
        )
        count = len(batch.streams)
        with conn.cursor(row_factory=tuple_row, binary=True) as curs:
            if count < self._copy_from:
                columns = map(list, (batch.streams, batch.versions, batch.topics, batch.states))
                curs.execute(self._append, (*columns, *about), prepare=True)
                return _opened(curs.fetchone())
            with conn.transaction():
                curs.execute(self._open, (count, *about), prepare=True)
                stored, is_new = _opened(curs.fetchone())
                if is_new:
                    with curs.copy(self._copy) as copy:
                        for piece in copy_stream(batch, stored.first_position, stored.recorded_at):
                            copy.write(piece)
                return stored, is_new

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_command(self, command_id: UUID) -> StoredCommand | None:
        """Return the command on record, if it is."""
        rows = self._fetch(self._select_command, (command_id,))
        return _command(rows[0]) if rows else None

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_commands(self, after: UUID | None, limit: int) -> Sequence[StoredCommand]:
        """Return at most ``limit`` commands on record in the order of their ids, after one or from the first."""
        # The nil id is no command's: they are random or derived from names.
        return [_command(row) for row in self._fetch(self._select_commands, (after or UUID(int=0), limit))]

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_stream(self, stream: str, after_version: int) -> Sequence[tuple[int, str, bytes]]:
        """Return (version, topic, state) of one stream after a version, oldest first."""
        return self._fetch(self._select_stream, (stream, after_version))

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_streams(self, streams: Sequence[str]) -> Sequence[tuple[str, int, str, bytes]]:
        """Return (stream, version, topic, state) of several streams, each stream's rows oldest first."""
        return self._fetch(self._select_streams, (list(streams),))

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_stream_rows(self, streams: Sequence[str], topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return the rows of several streams in log order, with their positions; no topics means every topic."""
        filtered = SQL(" AND topic = ANY(%b::text[])") if topics else SQL("")
        statement = self._select_stream_rows.format(schema=self._schema, topics=filtered)
        params = (list(streams), list(topics)) if topics else (list(streams),)
        return [StoredRow._make(row) for row in self._fetch(statement, params)]

    @retry(_OUTAGES, max_attempts=_ATTEMPTS, wait=0.2)
    def select_rows(self, after_position: int, limit: int, topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return at most ``limit`` rows after a position in log order; no topics means every topic."""
        filtered = SQL(" AND topic = ANY(%b::text[])") if topics else SQL("")
        statement = self._select_rows.format(schema=self._schema, topics=filtered)
        params = (after_position, list(topics), limit) if topics else (after_position, limit)
        return [StoredRow._make(row) for row in self._fetch(statement, params)]

    def _fetch(self, statement: Any, params: tuple[Any, ...]) -> list[Any]:
        """Run a query; binary results, since a bytea in text form would be twice its size."""
        with (
            self.datastore.get_connection() as conn,
            conn.cursor(row_factory=tuple_row, binary=True) as curs,
        ):
            return curs.execute(statement, params, prepare=True).fetchall()


def copy_stream(batch: EventBatch, first_position: int, recorded_at: datetime) -> Iterator[bytes]:
    """Yield a batch in the binary COPY format of PostgreSQL, in pieces of some thousand rows.

    Format (PostgreSQL documentation, "COPY", binary format): header; for each row the number of fields, and
    each field as its length and its bytes; trailer. Numbers are big-endian; a timestamptz is microseconds
    since 2000. The fixed fields come first, so that one ``pack`` writes them together with the length of
    the stream's name.
    """
    instant = (recorded_at - _POSTGRES_EPOCH) // timedelta(microseconds=1)
    fixed = struct.Struct("!hiqiqiqi").pack
    length = struct.Struct("!i").pack
    topics = {topic: length(len(topic.encode())) + topic.encode() for topic in set(batch.topics)}
    yield _COPY_START
    for low in range(0, len(batch.streams), _COPY_ROWS):
        parts: list[bytes] = []
        high = low + _COPY_ROWS
        for position, (stream, version, topic, state) in enumerate(
            zip(
                batch.streams[low:high],
                batch.versions[low:high],
                batch.topics[low:high],
                batch.states[low:high],
                strict=True,
            ),
            first_position + low,
        ):
            name = stream.encode()
            parts += (
                fixed(6, 8, position, 8, version, 8, instant, len(name)),
                name,
                topics[topic],
                length(len(state)),
                state,
            )
        yield b"".join(parts)
    yield _COPY_END


def _opened(row: Any) -> tuple[StoredCommand, bool]:
    return _command(row[1:]), row[0]


def _command(row: Sequence[Any]) -> StoredCommand:
    return StoredCommand(
        command_id=row[0],
        name=row[1],
        request_digest=row[2],
        answer=row[3],
        actor=row[4],
        recorded_at=row[5],
        first_position=row[6],
        last_position=row[7],
        event_count=row[8],
    )
