"""A shard: one database and one schema in it, with a log, a lock and positions of its own (a province)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,47}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Where a shard lives."""

    dsn: str
    schema: str

    def __post_init__(self) -> None:
        # The name stands in SQL and in lock keys; a narrow alphabet leaves nothing to quote or to confuse.
        if not _SCHEMA.fullmatch(self.schema):
            raise ValueError(f"schema {self.schema!r}: a letter, then letters, digits or _, lower case, up to 48")

    def connect(self, **settings: Any) -> "psycopg.Connection[Any]":
        """Open a connection of its own, in autocommit, whose search path is the shard's schema."""
        conn = psycopg.connect(self.dsn, autocommit=True, **settings)
        conn.execute("SELECT set_config('search_path', %s, false)", (self.schema,))
        return conn


class ShardDatastore(PostgresDatastore):
    """The library's connection pool for one shard, with every setting given and none from the environment.

    Times are in seconds. ``lock_timeout`` bounds how long one append waits for another, ``connect_timeout``
    how long a call waits for a connection; the library's defaults would wait for ever.
    """

    def __init__(
        self,
        shard: Shard,
        *,
        pool_size: int = 2,
        max_overflow: int = 10,
        connect_timeout: float = 5.0,
        lock_timeout: float = 3.0,
        idle_in_transaction_timeout: float = 30.0,
    ) -> None:
        given = conninfo_to_dict(shard.dsn)
        super().__init__(
            dbname=str(given.pop("dbname", "")),
            host=str(given.pop("host", "")),
            port=str(given.pop("port", "") or 5432),
            user=str(given.pop("user", "")),
            password=str(given.pop("password", "") or ""),
            connect_timeout=connect_timeout,
            idle_in_transaction_session_timeout=idle_in_transaction_timeout,
            pool_size=pool_size,
            max_overflow=max_overflow,
            schema=shard.schema,
            originator_id_type="text",
        )
        self.shard = shard
        # What the library has no parameter for, TLS above all, goes to the pool as it was given. The
        # session is set up in the start packet, without a round trip; READ COMMITTED is what the append
        # functions rely on.
        options = (
            f"{given.pop('options', '') or ''} -c search_path={shard.schema}"
            f" -c lock_timeout={int(lock_timeout * 1000)} -c default_transaction_isolation=read\\ committed"
        ).strip()
        assert isinstance(self.pool.kwargs, dict)
        self.pool.kwargs |= given | {"options": options}

    @contextmanager
    def get_connection(self) -> Iterator["psycopg.Connection[DictRow]"]:
        """Lend a connection. After an error of the connection drop every other one that is dead as well.

        When the server was restarted all idle connections are dead, and trying again would only meet the
        next.
        """
        try:
            with super().get_connection() as conn:
                yield conn
        except (OperationalError, InterfaceError):
            self.pool.check()
            raise

    def register_type_adapters(self) -> None:
        """Nothing to register: our statements take arrays of plain types, not the library's composite
        type.
        """
