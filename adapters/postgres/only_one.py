"""One worker a shard: whoever holds the lock works, the others wait for it to die.

The lock is PostgreSQL's, held by a session of its own, so it is let go of by the death of the process or of the
connection and never needs to be taken away. It saves work and keeps order; that no money is booked twice does not
hang on it, since a late writer's command is found on record or refused by version.
"""

import contextlib
from typing import Any

import psycopg
from psycopg import Connection

from adapters.postgres.shard import Shard


class OnlyOne:
    """A lock of one name in one shard; not for use by several threads."""

    def __init__(self, shard: Shard, name: str) -> None:
        self._shard = shard
        self._key = f"dangphi.{name}:{shard.schema}"
        self._conn: Connection[Any] | None = None
        self._held = False

    def held(self) -> bool:
        """Whether this object holds the lock now, taking it if it is free. Asks the server every time.

        Never raises for a server that cannot be reached: then nobody holds anything here.
        """
        try:
            if self._conn is None or self._conn.closed:
                self._held = False
                self._conn = self._shard.connect()
            if self._held:
                self._conn.execute("SELECT 1")
            else:
                row = self._conn.execute(
                    "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (self._key,)
                ).fetchone()
                self._held = row is not None and bool(row[0])
        except psycopg.Error:
            self.release()
        return self._held

    def release(self) -> None:
        """Let the lock go with its session."""
        self._held = False
        if self._conn is not None:
            with contextlib.suppress(psycopg.Error):
                # Said aloud, since the server notices a closed connection only a moment later.
                if not self._conn.closed:
                    self._conn.execute("SELECT pg_advisory_unlock_all()")
                self._conn.close()
            self._conn = None
