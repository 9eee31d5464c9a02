"""Projections catching up with a log: ours in batches, the library's event by event, and SQL alone."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from adapters.postgres.shard import Shard
from bench import world
from bench.measure import Line, NotMeasured, Scale, in_process_of_its_own, interleave, line, rate
from bench.place import CODEC, Place
from domain.dues_account import DuesAssessed, PaymentApplied
from domain.events import EVENT_NAMES
from domain.payment import PaymentReceived
from ledger.posting import RULES
from ledger.store import EventStore
from projections.all import PROJECTIONS
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.projection import Projection
from projections.runner import catch_up

MEMBERS = 40_000
LIBRARY_EVENTS = 5_000

BOOKS = (JOURNAL, BALANCES)


def catching_up(place: Place, scale: Scale) -> list[Line]:
    """A month's mix of events (five a member, three of them with an entry) into journal and balances."""
    dsn = place.database()
    with place.store(dsn) as (store, shard), shard.connect() as conn:
        for command in world.month(scale.size(MEMBERS)):
            store.append(command.appends, command.context, b"{}")
        conn.execute("ANALYZE")
        sample = min(scale.size(LIBRARY_EVENTS), store.head())
        contenders = {
            "journal + balances, batches": lambda: _ours(place, shard, conn, store, BOOKS),
            "every read model, batches": lambda: _ours(place, shard, conn, store, PROJECTIONS),
            "library runner, event by event": lambda: _library(shard, sample),
            "SQL alone: balances from the log's JSON": lambda: _sql(conn, store),
        }
        seen = interleave(contenders, scale.trials)
        _agree(conn)
        note = f"{store.head():,} events, {_count(conn, JOURNAL):,} journal lines; one process"
    ours, every, peer, limit = contenders
    return [
        line(seen, "catch-up", ours, "events/s", goal=40_000, by_ratio=False, note=note),
        line(seen, "catch-up", ours, "events/s", peer, note=f"library: the first {sample:,}"),
        line(seen, "catch-up", ours, "events/s", limit, note="SQL writes no journal"),
        line(seen, "catch-up", every, "events/s", ours, note=f"{len(PROJECTIONS)} projections"),
    ]


def _ours(
    place: Place, shard: Shard, conn: Connection[Any], store: EventStore, projections: Sequence[Projection]
) -> float:
    forget(conn, projections)
    place.settle(shard.dsn)
    return rate(store.head(), lambda: catch_up(conn, store, projections))


def forget(conn: Connection[Any], projections: Sequence[Projection]) -> None:
    """Drop the tables of projections and their positions, as if they had never run."""
    for projection in projections:
        for table in projection.tables:
            conn.execute(f"DROP TABLE IF EXISTS {table.serving}".encode())
        conn.execute("DELETE FROM tracking WHERE application_name = %s", (projection.reader,))


def _library(shard: Shard, sample: int) -> float:
    settings = {"dsn": shard.dsn, "schema": shard.schema, "events": sample}
    return float(in_process_of_its_own("bench.library_projection", settings, 120)["rate"])


#: The conditions of the rules for the events of ``world.month``, in SQL over the event's JSON.
_WHEN = {"": "true", "held": "d->>'holder_id' <> d->>'unit_id'", "own": "d->>'holder_id' = d->>'unit_id'"}


def _sum_by_sql() -> str:
    """The balances of the month's events as one statement, made from the same table of rules."""
    parts = []
    for cls in (DuesAssessed, PaymentApplied, PaymentReceived):
        lines = ", ".join(
            f"(d->>'{r.unit}', {_text(r.account)}, {_text(r.key)}, {r.side} * (d->>'{r.amount}')::bigint,"
            f" {_WHEN.get(r.when, 'true')})"
            for r in RULES[cls]
        )
        topic = next(iter(CODEC.topics([EVENT_NAMES[cls]])))
        parts.append(
            f"SELECT l.* FROM events, LATERAL (SELECT convert_from(state, 'UTF8')::jsonb -> 'data' AS d OFFSET 0) AS j,"
            f" LATERAL (VALUES {lines}) AS l (unit, account, key, amount, applies) WHERE topic = '{topic}'"
        )
    return (
        "SELECT unit, account, key, sum(amount) AS amount FROM ("
        + " UNION ALL ".join(parts)
        + ") AS l WHERE applies AND amount <> 0 GROUP BY unit, account, key"
    )


def _text(template: str) -> str:
    """A template with {fields} as an SQL expression."""
    pieces = [
        f"(d->>'{piece[1:-1]}')" if piece.startswith("{") else f"'{piece}'"
        for piece in template.replace("{", "\0{").replace("}", "}\0").split("\0")
        if piece
    ]
    return "(" + " || ".join(pieces or ["''"]) + ")"


def _sql(conn: Connection[Any], store: EventStore) -> float:
    conn.execute("DROP TABLE IF EXISTS by_sql")
    return rate(store.head(), lambda: conn.execute(f"CREATE TABLE by_sql AS {_sum_by_sql()}".encode()))


def _agree(conn: Connection[Any]) -> None:
    """A fast projection that is wrong is no figure: both ways must have given the same balances."""
    (table,) = BALANCES.tables
    one, other = (
        f"SELECT unit, account, key, amount FROM {table.serving}",
        "SELECT unit, account, key, amount FROM by_sql",
    )
    statement = f"SELECT count(*) FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one})) AS d"
    row = conn.execute(statement.encode()).fetchone()
    if row is None or row[0]:
        raise NotMeasured(f"balances and SQL differ in {row and row[0]} rows")


def _count(conn: Connection[Any], projection: Projection) -> int:
    row = conn.execute(f"SELECT count(*) FROM {projection.tables[0].serving}".encode()).fetchone()
    return int(row[0]) if row else 0
