"""The inbox in PostgreSQL: raw messages, durable before they are answered, many requests to a commit."""

import contextlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

from adapters.postgres.group_commit import GroupCommitter
from adapters.postgres.shard import Shard
from adapters.sealing import Sealer, derive_key
from ledger.ports import InboxMessage, InboxState, KeepOutcome, Kept, KeptMessage, Verdict

_KEEP = (
    "SELECT ordinal, message_id, outcome FROM keep_messages(%b::text[], %b::text[], %b::timestamptz[],"
    " %b::bytea[], %b::bytea[], %b::text[], %b::text[], %b::text[])"
)
_COLUMNS = (
    "SELECT id, source, outside_reference, received_at, headers, body, verdict, reject_code, digest,"
    " processed_position FROM inbox"
)
_WAITS = "processed_position IS NULL AND parked_at IS NULL AND verdict <> 'rejected'"
_STATE = (
    f"SELECT count(*) FILTER (WHERE {_WAITS}), min(received_at) FILTER (WHERE {_WAITS}),"
    " count(*) FILTER (WHERE parked_at IS NOT NULL) FROM inbox"
    " WHERE processed_position IS NULL AND verdict <> 'rejected'"
)
#: How often a batch is tried when the connection is lost or two writers deadlock, and the pause in seconds.
_ATTEMPTS = 6
_PAUSE = 0.25

_OUTAGES = (psycopg.OperationalError, psycopg.InterfaceError)

#: What makes two messages the same one: source, outside reference, verdict, digest.
_Key = tuple[str, str, str, str]


class PostgresInbox:
    """One shard's inbox. ``close`` it at the end: it has a thread and two connections of its own.

    Headers and body are encrypted under a key derived from ``master_key`` and bound to their message.
    """

    def __init__(self, shard: Shard, master_key: bytes, *, most: int = 500) -> None:
        self._shard = shard
        self._sealer = Sealer(derive_key(master_key, "inbox"))
        self._writing: Connection[Any] | None = None
        self._committer = GroupCommitter(self._write, outages=_OUTAGES, most=most)

    def __enter__(self) -> "PostgresInbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what was handed in, then let go of thread and connection."""
        self._committer.close()
        if self._writing is not None:
            self._writing.close()

    def keep(self, messages: Sequence[InboxMessage]) -> tuple[Kept, ...]:
        """Keep messages and return when they are durable.

        Raises ``psycopg.OperationalError`` if the database cannot be reached in time; sending the same
        messages again is safe.
        """
        return self.keep_later(messages).result()

    def keep_later(self, messages: Sequence[InboxMessage]) -> "Future[tuple[Kept, ...]]":
        """Do the same without waiting; the future is done when the messages are durable."""
        return self._committer.submit(tuple(messages))

    def take(self, limit: int) -> tuple[KeptMessage, ...]:
        """Return unprocessed messages in order of arrival: accepted ones and conflicts, never rejected or
        parked ones.
        """
        return self._select(f" WHERE {_WAITS} ORDER BY id LIMIT %s", (limit,))

    def get(self, message_id: int) -> KeptMessage | None:
        """Return one kept message, whatever its verdict."""
        found = self._select(" WHERE id = %s", (message_id,))
        return found[0] if found else None

    def about(self, sources: Sequence[str], names: Sequence[str]) -> tuple[KeptMessage, ...]:
        """Return the messages of some channels named like one of ``names``, or like it with more behind a slash."""
        named = "EXISTS (SELECT 1 FROM unnest(%s::text[]) AS n WHERE outside_reference = n"
        condition = f" WHERE source = ANY(%s) AND {named} OR starts_with(outside_reference, n || '/')) ORDER BY id"
        return self._select(condition, (list(sources), list(names)))

    def latest(self, limit: int, verdict: Verdict | None = None) -> tuple[KeptMessage, ...]:
        """Return the last messages that came in, newest first; of one verdict where it is given."""
        if verdict is None:
            return self._select(" ORDER BY id DESC LIMIT %s", (limit,))
        return self._select(" WHERE verdict = %s ORDER BY id DESC LIMIT %s", (verdict.value, limit))

    def mark_processed(self, ids: Sequence[int], position: int) -> None:
        """Say that messages are dealt with, and up to which log position; doing it twice changes nothing."""
        with self._shard.connect() as conn:
            conn.execute(
                "UPDATE inbox SET processed_position = %s WHERE id = ANY(%s) AND processed_position IS NULL",
                (position, list(ids)),
            )

    def park(self, message_id: int, reason: str, at: datetime) -> None:
        """Set a message aside that cannot be worked on, so that those behind it go on; never forget it."""
        with self._shard.connect() as conn:
            conn.execute(
                "UPDATE inbox SET parked_at = %s, parked_reason = %s WHERE id = %s AND processed_position IS NULL",
                (at, reason, message_id),
            )

    def unpark(self) -> int:
        """Let every parked message back in, in its old place, and return how many there were."""
        with self._shard.connect() as conn:
            return conn.execute(
                "UPDATE inbox SET parked_at = NULL, parked_reason = NULL"
                " WHERE parked_at IS NOT NULL AND processed_position IS NULL"
            ).rowcount

    def state(self) -> InboxState:
        """Return how much waits and how much is parked."""
        with self._shard.connect() as conn:
            row = conn.execute(_STATE.encode()).fetchone()
        assert row is not None, "an aggregate without GROUP BY returns one row"
        return InboxState(waiting=row[0], oldest=row[1], parked=row[2])

    def _select(self, condition: str, params: tuple[object, ...]) -> tuple[KeptMessage, ...]:
        with self._shard.connect() as conn, conn.cursor(row_factory=tuple_row, binary=True) as curs:
            return tuple(self._opened(row) for row in curs.execute((_COLUMNS + condition).encode(), params))

    def _opened(self, row: tuple[Any, ...]) -> KeptMessage:
        number, source, outside_reference, received_at, headers, body, verdict, code, digest, position = row
        place = _place(source, outside_reference, digest)
        return KeptMessage(
            id=number,
            message=InboxMessage(
                source=source,
                outside_reference=outside_reference,
                received_at=received_at,
                headers=tuple((key, value) for key, value in json.loads(self._sealer.open(headers, place + "/h"))),
                body=self._sealer.open(body, place + "/b"),
                verdict=Verdict(verdict),
                reject_code=code,
                digest=digest,
            ),
            processed_position=position,
        )

    def _write(self, requests: Sequence[tuple[InboxMessage, ...]]) -> list[tuple[Kept, ...]]:
        """Keep the messages of several requests in one transaction; runs in the committer's thread alone."""
        distinct: dict[_Key, InboxMessage] = {}
        for request in requests:
            for message in request:
                distinct.setdefault(_key(message), message)
        # Sorted, so that two processes that write the same messages wait for each other in one order.
        keys = sorted(distinct)
        kept = dict(zip(keys, self._insert([distinct[key] for key in keys]), strict=True))
        results = []
        for request in requests:
            answers = []
            for message in request:
                answers.append(kept[_key(message)])
                # Whoever brings it a second time within this batch brings what is known by now.
                if kept[_key(message)].outcome is KeepOutcome.NEW:
                    kept[_key(message)] = Kept(id=kept[_key(message)].id, outcome=KeepOutcome.KNOWN)
            results.append(tuple(answers))
        return results

    def _insert(self, messages: Sequence[InboxMessage]) -> list[Kept]:
        if not messages:
            return []
        columns: list[list[Any]] = [[] for _ in range(8)]
        for m in messages:
            place = _place(m.source, m.outside_reference, m.digest)
            headers = json.dumps(m.headers, ensure_ascii=False).encode()
            row = (m.source, m.outside_reference, m.received_at, self._sealer.seal(headers, place + "/h"))
            rest = (self._sealer.seal(m.body, place + "/b"), m.verdict.value, m.reject_code, m.digest)
            for column, value in zip(columns, row + rest, strict=True):
                column.append(value)
        for attempt in range(_ATTEMPTS):
            try:
                rows = self._connection().execute(_KEEP, columns, prepare=True).fetchall()
            except _OUTAGES:
                # The outcome is unknown; asking again finds what was kept and keeps what was not.
                self._drop_connection()
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSE)
            else:
                found = {row[0]: Kept(id=row[1], outcome=KeepOutcome(row[2])) for row in rows}
                return [found[ordinal] for ordinal in range(1, len(messages) + 1)]
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _connection(self) -> Connection[Any]:
        if self._writing is None or self._writing.closed:
            self._writing = self._shard.connect(row_factory=tuple_row)
        return self._writing

    def _drop_connection(self) -> None:
        if self._writing is not None:
            with contextlib.suppress(psycopg.Error):
                self._writing.close()
            self._writing = None


def _key(message: InboxMessage) -> _Key:
    return (message.source, message.outside_reference, message.verdict.value, message.digest)


def _place(source: str, outside_reference: str, digest: str) -> str:
    return f"inbox/{len(source)}:{source}/{len(outside_reference)}:{outside_reference}/{digest}"
