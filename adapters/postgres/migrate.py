"""Bring a shard's schema up to date: numbered SQL files, forward only.

Each file is applied in a transaction together with its row in ``migrations``, so a run that is killed can
be run again. A session lock makes processes that start together wait for each other; whoever comes second
finds everything done.
"""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from adapters.postgres.shard import Shard

_FILES = Path(__file__).parent / "migrations"


class MigrationChanged(RuntimeError):
    """A migration that was applied has another text now; applied migrations are history and are never
    edited.
    """


def migrate(shard: Shard) -> tuple[str, ...]:
    """Create or update the schema of a shard; return the names of the files applied now.

    Raises ``MigrationChanged``, or ``psycopg.Error`` with nothing of the failing file applied.
    """
    with psycopg.connect(shard.dsn, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtextextended('dangphi.migrate:' || %s, 0))", (shard.schema,))
        conn.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(shard.schema)))
        conn.execute("SELECT set_config('search_path', %s, false)", (shard.schema,))
        conn.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        )
        applied: dict[str, str] = dict(conn.execute("SELECT name, sha256 FROM migrations").fetchall())
        return tuple(path.name for path in sorted(_FILES.glob("*.sql")) if _apply(conn, path, applied))


def is_current(shard: Shard) -> bool:
    """Whether every migration of this release is applied to the shard. Raises ``psycopg.Error`` if it cannot ask."""
    with psycopg.connect(shard.dsn, autocommit=True) as conn:
        row = conn.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{shard.schema}.migrations",)).fetchone()
        if row is None or not row[0]:
            return False
        found = conn.execute(SQL("SELECT name FROM {}.migrations").format(Identifier(shard.schema))).fetchall()
    return {path.name for path in _FILES.glob("*.sql")} <= {name for (name,) in found}


def _apply(conn: "psycopg.Connection[Any]", path: Path, applied: dict[str, str]) -> bool:
    """Apply one file unless it is applied; return whether it was."""
    text = path.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if path.name in applied:
        if applied[path.name] != digest:
            raise MigrationChanged(f"{path.name} was applied with another text; add a new file instead")
        return False
    with conn.transaction():
        conn.execute(text.encode())
        conn.execute("INSERT INTO migrations (name, sha256) VALUES (%s, %s)", (path.name, digest))
    return True
