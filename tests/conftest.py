"""What the tests share: one embedded PostgreSQL a machine, fresh databases and shards on it."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from adapters.postgres import server
from adapters.postgres.migrate import migrate
from adapters.postgres.shard import Shard, ShardDatastore

#: Tests survive the death of processes, not of the machine, so their server need not wait for the disk.
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "400", "max_wal_size": "4GB"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The DSN of a server that all test processes of this user share; the last one stops it."""
    folder = Path(tempfile.gettempdir()) / f"dangphi-tests-{os.getuid()}"
    dsn = server.start(folder, _SETTINGS)
    with psycopg.connect(dsn) as conn:
        rows = conn.execute("SELECT datname FROM pg_database WHERE datname ~ '^t_[0-9]+_'").fetchall()
    for (name,) in rows:
        # Databases of test processes that were killed; the name carries the process id.
        if not psutil.pid_exists(int(name.split("_")[1])):
            server.drop_database(dsn, name)
    yield dsn
    server.stop(folder)


def _database(dsn: str) -> Iterator[str]:
    name = f"t_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    yield server.create_database(dsn, name)
    server.drop_database(dsn, name)


@pytest.fixture
def postgres_dsn(postgres_server: str) -> Iterator[str]:
    """The DSN of a fresh, empty database of this test's own."""
    yield from _database(postgres_server)


@pytest.fixture(scope="session")
def _shared_database(postgres_server: str) -> Iterator[str]:
    yield from _database(postgres_server)


@pytest.fixture
def new_shard(_shared_database: str) -> "ShardMaker":
    """Makes fresh, migrated shards in a database shared by this process's tests; about 20 ms each."""
    return ShardMaker(_shared_database)


class ShardMaker:
    """Called once for each shard that a test needs."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def __call__(self) -> Shard:
        shard = Shard(dsn=self._dsn, schema=f"s_{uuid.uuid4().hex[:12]}")
        migrate(shard)
        return shard


@pytest.fixture
def shard(new_shard: ShardMaker) -> Shard:
    """One fresh, migrated shard."""
    return new_shard()


@pytest.fixture
def datastore(shard: Shard) -> Iterator[ShardDatastore]:
    """A connection pool on ``shard``, closed after the test."""
    with ShardDatastore(shard) as opened:
        yield opened
