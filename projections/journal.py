"""The journal: every posting line, in the order of the log; the typed money columns that sums are taken from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.money import CURRENCY, Dong
from ledger.chart import CHART, natural
from ledger.reports import MovedBy, Movement
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, copy_lines

_BOOKS = {code: str(account.book) for code, account in CHART.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One posting; ``amount`` in đồng, positive on the debit side. ``entry_no`` counts the lines of one event from 1.

    ``occurred_on`` is when it is true (fact date), ``position`` and ``recorded_at`` when the ledger knew it.
    """

    position: int
    entry_no: int
    occurred_on: date
    recorded_at: datetime
    unit: str
    book: str
    account: str
    key: str
    amount: int
    currency: str
    event: str
    stream: str
    actor: str
    document: str | None


LINES = Table(
    name="journal",
    version=1,
    row=JournalLine,
    key=("position", "entry_no"),
    indexes=("unit, account, position",),
)


def prepare(batch: Batch) -> bytes:
    """The batch's lines as COPY wants them."""
    p = batch.postings
    books = [_BOOKS[account] for account in p.account]
    columns = (p.position, p.entry_no, p.occurred_on, p.recorded_at, p.unit, books, p.account, p.key, p.amount)
    return copy_lines(LINES, (*columns, [CURRENCY] * len(books), p.event, p.stream, p.actor, p.document))


def apply(writer: Writer, batch: Batch) -> None:
    """Add the batch's lines."""
    writer.copy(LINES, batch.prepared["journal"])


JOURNAL = Projection(name="journal", version=1, tables=(LINES,), apply=apply, postings_only=True, prepare=prepare)


# --- Questions --------------------------------------------------------------------------------------------------


def lines_between(
    conn: Connection[Any],
    *,
    units: Sequence[str],
    after: int = 0,
    until: int | None = None,
    account: str | None = None,
    key: str | None = None,
    limit: int | None = None,
) -> tuple[JournalLine, ...]:
    """What moved the books of these units at positions ``(after, until]`` (None: to the newest), in log order."""
    return select(
        conn,
        LINES,
        "WHERE unit = ANY(%s) AND position > %s AND (%s::bigint IS NULL OR position <= %s)"
        " AND (%s::text IS NULL OR account = %s) AND (%s::text IS NULL OR key = %s)"
        " ORDER BY position, entry_no LIMIT %s",
        (list(units), after, until, until, account, account, key, key, limit),
    )


def lines_of_event(conn: Connection[Any], position: int) -> tuple[JournalLine, ...]:
    """The entry of one event, in its order."""
    return select(conn, LINES, "WHERE position = %s ORDER BY entry_no", (position,))


def position_at(conn: Connection[Any], instant: datetime) -> int:
    """The last position recorded up to an instant that has an entry: what the books knew then (0: nothing)."""
    with conn.cursor(row_factory=tuple_row) as curs:
        # recorded_at never falls along the log (I24).
        statement = f"SELECT coalesce(max(position), 0) FROM {LINES.serving} WHERE recorded_at <= %s"
        row = curs.execute(statement.encode(), (instant,)).fetchone()
    return 0 if row is None else int(row[0])


def balance_at(
    conn: Connection[Any],
    unit: str,
    account: str,
    *,
    position: int | None = None,
    on: date | None = None,
    key: str | None = None,
) -> Dong:
    """A balance on its natural side as known at a position (knowledge date), or as true on a day (fact date), or both.

    None for either means: everything. ``key`` None sums over all keys; đồng.
    """
    statement = (
        f"SELECT coalesce(sum(amount), 0)::bigint FROM {LINES.serving} WHERE unit = %s AND account = %s"
        " AND (%s::bigint IS NULL OR position <= %s) AND (%s::date IS NULL OR occurred_on <= %s)"
        " AND (%s::text IS NULL OR key = %s)"
    )
    with conn.cursor(row_factory=tuple_row) as curs:
        row = curs.execute(statement.encode(), (unit, account, position, position, on, on, key, key)).fetchone()
    return natural(account, 0 if row is None else int(row[0]))


def what_moved(conn: Connection[Any], unit: str, account: str, *, earlier: int, later: int) -> Movement:
    """A unit's balance at two knowledge dates (positions) and the journal lines that lie between them."""
    return Movement(
        unit=unit,
        account=account,
        earlier=earlier,
        later=later,
        before=balance_at(conn, unit, account, position=earlier),
        after=balance_at(conn, unit, account, position=later),
        lines=tuple(
            MovedBy(
                position=line.position,
                occurred_on=line.occurred_on,
                recorded_at=line.recorded_at,
                key=line.key,
                amount=natural(account, line.amount),
                event=line.event,
                stream=line.stream,
                actor=line.actor,
                document=line.document,
            )
            for line in lines_between(conn, units=(unit,), after=earlier, until=later, account=account)
        ),
    )
