"""Fold every projection again from zero beside the rows that serve, and compare them row for row (I17).

The second set of tables is temporary and belongs to one transaction that is rolled back: nothing of the comparison
stays, readers are not disturbed, and a rebuild that is under way has nothing to do with it.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection, Rollback
from psycopg.rows import tuple_row

from ledger.checks.projections import TableDifference
from ledger.ports import EventReader
from projections.projection import Batch, Projection
from projections.runner import BATCH, Ahead, tune
from projections.table import Table
from projections.tracking import positions
from projections.writing import Writer

#: Differing rows of one table that are shown; how many there are is counted.
_SHOWN = 3


def refold(
    conn: Connection[Any], reader: EventReader, wanted: Iterable[Projection], *, batch: int = BATCH
) -> tuple[TableDifference, ...]:
    """Compare tables with the fold of the log up to the position where each projection stands.

    ``conn`` is in autocommit and has the shard's search path. Projections without tables are passed over. Raises
    ``ledger.store.LogGap`` when the log has a hole before a position.
    """
    found: list[TableDifference] = []
    with conn.transaction():
        # Rows and positions of one moment, whatever is appended meanwhile.
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        conn.execute("SELECT set_config('search_path', 'pg_temp, ' || current_schema(), true)")
        wanted = tuple(wanted)
        at = positions(conn, wanted)
        going = {projection: at[projection.reader] for projection in wanted if projection.reader in at}
        for projection in going:
            for table in projection.tables:
                conn.execute(table.ddl(table.building).replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1).encode())
        failed = _fold(conn, reader, going, batch)
        for projection in going:
            for table in projection.tables:
                if projection in failed:
                    difference = TableDifference(table=table.serving, problem=failed[projection])
                else:
                    difference = _compare(conn, table)
                if difference.differs:
                    found.append(difference)
        raise Rollback
    return tuple(found)


def _fold(
    conn: Connection[Any], reader: EventReader, going: dict[Projection, int], batch: int
) -> dict[Projection, str]:
    """Fold each projection up to its position; returns those that could not take an event in, and why."""
    failed: dict[Projection, str] = {}
    position = 0
    tune(conn)
    with Ahead(reader, batch, tuple(going)) as ahead:
        while ready := [p for p, until in going.items() if until > position and p not in failed]:
            limit = min([batch, *(going[p] - position for p in ready)])
            found = ahead.take(position, limit)
            if not len(found):
                break
            for projection in ready:
                problem = _take(conn, projection, found)
                if problem is not None:
                    failed[projection] = problem
            position = found.until
    return failed


def _take(conn: Connection[Any], projection: Projection, batch: Batch) -> str | None:
    try:
        with conn.transaction():
            projection.write(Writer(conn, building=True), batch)
    except Exception as error:  # Whatever went wrong, this projection cannot be the fold of the log.
        return f"{type(error).__name__}: {error}"
    return None


def _compare(conn: Connection[Any], table: Table[Any]) -> TableDifference:
    """Rows that only one of the two has; a row that is there twice counts twice."""
    served, folded = (f"SELECT {table.names} FROM {name}" for name in (table.serving, table.building))
    sides: list[tuple[int, tuple[str, ...]]] = []
    for one, other in ((served, folded), (folded, served)):
        with conn.cursor(row_factory=tuple_row) as curs:
            difference = f"SELECT r::text FROM (({one}) EXCEPT ALL ({other})) AS r"
            rows = curs.execute(difference.encode()).fetchmany(_SHOWN)
            sides.append((curs.rowcount, tuple(text for (text,) in rows)))
    (more, only_served), (less, only_folded) = sides
    return TableDifference(
        table=table.serving, served_only=more, folded_only=less, served_rows=only_served, folded_rows=only_folded
    )
