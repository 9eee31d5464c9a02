"""Where projections stand: their tables, their positions, and what stopped one of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from ledger.ports import EventReader
from projections.projection import Projection
from projections.table import digest as table_digest

#: Taken by whoever makes or swaps tables; a reading holds it shared, so that no table is swapped under it.
TABLES_LOCK = "hashtextextended('dangphi.projections:' || current_schema(), 0)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A projection stands still before an event that it cannot take in."""

    name: str  #: "projection-stopped:<reader>"
    reader: str
    position: int  #: of the event
    event: str
    error: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a projection has come: ``lag`` events of the log are not in it yet."""

    reader: str
    position: int
    head: int

    @property
    def lag(self) -> int:
        """Events not taken in yet."""
        return self.head - self.position


class ProjectionStopped(Exception):
    """Figures were asked of a projection that stands still before a poison event."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(
            f"{alert.name}: bảng đọc dừng trước sự kiện {alert.position} («{alert.event}»): {alert.error}. "
            "Số liệu của bảng này chưa đầy đủ; cài bản chương trình đã sửa, bảng sẽ tự chạy tiếp từ chỗ dừng."
        )
        self.alert = alert


def ensure(conn: Connection[Any], projections: Iterable[Projection]) -> None:
    """Make the tables of projections that have none yet. Processes that start together do not race."""
    if not conn.autocommit:
        raise ValueError("a projection's connection is in autocommit: each batch is a transaction of its own")
    projections = tuple(projections)
    known = positions(conn, projections)
    with conn.cursor(row_factory=tuple_row) as curs:
        row = curs.execute("SELECT to_regclass('projection_alerts')").fetchone()
    if row is not None and row[0] is not None and all(p.reader in known for p in projections):
        return
    with conn.transaction():
        conn.execute(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})".encode())
        conn.execute(
            'CREATE TABLE IF NOT EXISTS projection_alerts (reader text COLLATE "C" PRIMARY KEY,'
            " position bigint NOT NULL, event text NOT NULL, error text NOT NULL, noted_at timestamptz NOT NULL)"
        )
        known = positions(conn, projections)
        for projection in projections:
            if projection.reader not in known:
                make_tables(conn, projection)


def make_tables(conn: Connection[Any], projection: Projection, *, building: bool = False) -> None:
    """Make one table set, empty and without indexes, at position 0."""
    for table in projection.tables:
        conn.execute(table.ddl(table.building if building else table.serving).encode())
    reader = projection.builder if building else projection.reader
    conn.execute("INSERT INTO tracking (application_name, notification_id) VALUES (%s, 0)", (reader,))


def make_indexes(conn: Connection[Any], projections: Iterable[Projection], *, building: bool = False) -> None:
    """Make the indexes that are not there yet: after the first rows, since over all of them at once is cheaper."""
    wanted = {
        table.building if building else table.serving: table
        for projection in projections
        for table in projection.tables
        if table.indexes
    }
    if not _without_indexes(conn, wanted):
        return
    with conn.transaction():
        conn.execute(f"SELECT pg_advisory_xact_lock({TABLES_LOCK})".encode())
        for name in _without_indexes(conn, wanted):
            for statement in wanted[name].index_ddl(name):
                conn.execute(statement.encode())
            conn.execute(f"ANALYZE {name}".encode())


def _without_indexes(conn: Connection[Any], names: Iterable[str]) -> list[str]:
    with conn.cursor(row_factory=tuple_row) as curs:
        rows = curs.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT EXISTS"
            " (SELECT FROM pg_index WHERE indrelid = to_regclass(name) AND NOT indisprimary) ORDER BY name",
            (list(names),),
        ).fetchall()
    return [name for (name,) in rows]


def positions(conn: Connection[Any], projections: Iterable[Projection]) -> dict[str, int]:
    """Positions of the projections that have tables, by reader name."""
    return _positions(conn, [projection.reader for projection in projections], "")


def lock(conn: Connection[Any], readers: Sequence[str]) -> dict[str, int]:
    """Lock positions until the transaction ends, in one order for all processes, and return them as they now are."""
    return _positions(conn, readers, "ORDER BY application_name FOR UPDATE")


def _positions(conn: Connection[Any], readers: Sequence[str], tail: str) -> dict[str, int]:
    statement = f"SELECT application_name, notification_id FROM tracking WHERE application_name = ANY(%s) {tail}"
    with conn.cursor(row_factory=tuple_row) as curs:
        return dict(curs.execute(statement.encode(), (list(readers),)).fetchall())


def advance(conn: Connection[Any], moved: Mapping[str, int]) -> None:
    """Set positions beside the rows, in the caller's transaction, and forget alerts that they are past."""
    if not moved:
        return
    params = (list(moved), list(moved.values()))
    conn.execute(
        "UPDATE tracking t SET notification_id = u.position"
        " FROM unnest(%s::text[], %s::bigint[]) AS u (reader, position) WHERE t.application_name = u.reader",
        params,
    )
    conn.execute(
        "DELETE FROM projection_alerts a USING unnest(%s::text[], %s::bigint[]) AS u (reader, position)"
        " WHERE a.reader = u.reader AND a.position <= u.position",
        params,
    )


def note_poison(conn: Connection[Any], projection: Projection, position: int, event: str, error: str) -> None:
    """Say before which event a projection stands still, and why."""
    conn.execute(
        "INSERT INTO projection_alerts (reader, position, event, error, noted_at)"
        " VALUES (%s, %s, %s, %s, clock_timestamp()) ON CONFLICT (reader) DO UPDATE"
        " SET position = excluded.position, event = excluded.event, error = excluded.error,"
        " noted_at = excluded.noted_at",
        (projection.reader, position, event, error.replace("\x00", "")[:2000]),
    )


def alerts(conn: Connection[Any]) -> tuple[Alert, ...]:
    """Projections that stand still, and before what; nothing before the first run."""
    with conn.cursor(row_factory=tuple_row) as curs:
        found = curs.execute("SELECT to_regclass('projection_alerts')").fetchone()
        if found is None or found[0] is None:
            return ()
        rows = curs.execute(
            "SELECT reader, position, event, error, noted_at FROM projection_alerts ORDER BY reader"
        ).fetchall()
    return tuple(
        Alert(
            name=f"projection-stopped:{reader}",
            reader=reader,
            position=position,
            event=event,
            error=error,
            noted_at=noted_at,
        )
        for reader, position, event, error, noted_at in rows
    )


def lag(conn: Connection[Any], reader: EventReader, projections: Sequence[Projection]) -> tuple[Progress, ...]:
    """How far each projection is behind the head of the log; the head is read last, so a lag is never negative."""
    known = positions(conn, projections)
    head = reader.head()
    return tuple(Progress(reader=p.reader, position=known.get(p.reader, 0), head=head) for p in projections)


def digest(conn: Connection[Any], projection: Projection, *, building: bool = False) -> str:
    """sha256 (hex) of each table of a projection, joined by "+"; equal for equal rows (I17)."""
    names = [table.building if building else table.serving for table in projection.tables]
    return "+".join(table_digest(conn, t, name=n) for t, n in zip(projection.tables, names, strict=True))
