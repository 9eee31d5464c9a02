"""What banks said: statements with their balances, and each line with what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.bank_account import LinesPlaced, MovementNamed, Placement, StatementImported, StatementLine
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One booked line. ``outcome`` None: nobody has placed it yet. ``amount`` in đồng, always positive."""

    account_id: str
    key: str
    unit: str
    booked_on: date
    direction: str
    amount: int
    bank_reference: str | None
    our_references: tuple[str, ...]
    bank_code: str | None
    is_reversal: bool
    payer_key: str | None
    evidence_id: str | None
    position: int  #: of the statement that brought it
    ordinal: int  #: its place among the lines of that statement
    outcome: str | None
    target: str | None
    placed_position: int | None
    named: str | None
    heading: str | None
    named_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One statement file. opening + credits - debits = closing."""

    position: int
    account_id: str
    unit: str
    file_digest: str
    format: str
    from_date: date
    to_date: date
    opening: int
    closing: int
    credits: int
    debits: int
    line_count: int
    new_lines: int
    recorded_at: datetime


LINE_ROWS = Table(
    name="bank_lines",
    version=1,
    row=LineRow,
    key=("account_id", "key"),
    indexes=("account_id, booked_on", "unit"),
)
STATEMENT_ROWS = Table(
    name="statements", version=1, row=StatementRow, key=("position",), indexes=("account_id, from_date",)
)

_Change = tuple[Recorded, StatementLine | Placement | MovementNamed, int]


def apply(writer: Writer, batch: Batch) -> None:
    """Take statements, placements and names in."""
    writer.insert(
        STATEMENT_ROWS,
        [_statement(r, r.event) for r in batch.events if isinstance(r.event, StatementImported)],
    )
    writer.fold(LINE_ROWS, _changes(batch), _evolve)


def _changes(batch: Batch) -> Iterator[tuple[tuple[str, str], _Change]]:
    for recorded in batch.events:
        event = recorded.event
        match event:
            case StatementImported():
                for ordinal, line in enumerate(event.lines, 1):
                    yield (event.account_id, line.key), (recorded, line, ordinal)
            case LinesPlaced():
                for placement in event.placements:
                    yield (event.account_id, placement.key), (recorded, placement, 0)
            case MovementNamed():
                yield (event.account_id, event.bank_line), (recorded, event, 0)
            case _:
                continue


def _evolve(row: LineRow | None, change: _Change) -> LineRow:
    recorded, what, ordinal = change
    match what:
        case Placement():
            return replace(known(row), outcome=what.outcome, target=what.target, placed_position=recorded.position)
        case MovementNamed():
            return replace(known(row), named=what.what, heading=what.heading, named_by=what.named_by)
        case StatementLine():
            event = recorded.event
            assert isinstance(event, StatementImported)
            return LineRow(
                account_id=event.account_id,
                key=what.key,
                unit=event.unit_id,
                booked_on=what.booked_on,
                direction=what.direction,
                amount=what.amount,
                bank_reference=what.bank_reference,
                our_references=what.references,
                bank_code=what.bank_code,
                is_reversal=what.is_reversal,
                payer_key=what.payer_key,
                evidence_id=what.evidence_id,
                position=recorded.position,
                ordinal=ordinal,
                outcome=None,
                target=None,
                placed_position=None,
                named=None,
                heading=None,
                named_by=None,
            )


def _statement(recorded: Recorded, event: StatementImported) -> StatementRow:
    return StatementRow(
        position=recorded.position,
        account_id=event.account_id,
        unit=event.unit_id,
        file_digest=event.file_digest,
        format=event.format,
        from_date=event.from_date,
        to_date=event.to_date,
        opening=event.opening,
        closing=event.closing,
        credits=event.credits,
        debits=event.debits,
        line_count=event.line_count,
        new_lines=len(event.lines),
        recorded_at=recorded.recorded_at,
    )


BANK_LINES = Projection(name="bank_lines", version=1, tables=(LINE_ROWS, STATEMENT_ROWS), apply=apply)


# --- Questions --------------------------------------------------------------------------------------------------


def lines(
    conn: Connection[Any],
    *,
    accounts: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    first: date | None = None,
    last: date | None = None,
    unplaced_only: bool = False,
) -> tuple[LineRow, ...]:
    """Lines by account, day and place on the statement; days are inclusive."""
    by_account = None if accounts is None else list(accounts)
    by_unit = None if units is None else list(units)
    return select(
        conn,
        LINE_ROWS,
        "WHERE (%s::text[] IS NULL OR account_id = ANY(%s)) AND (%s::text[] IS NULL OR unit = ANY(%s))"
        " AND (%s::date IS NULL OR booked_on >= %s) AND (%s::date IS NULL OR booked_on <= %s)"
        " AND (outcome IS NULL OR NOT %s) ORDER BY account_id, booked_on, position, ordinal",
        (by_account, by_account, by_unit, by_unit, first, first, last, last, unplaced_only),
    )


def statements(conn: Connection[Any], accounts: Sequence[str] | None = None) -> tuple[StatementRow, ...]:
    """Statements by account and day."""
    wanted = None if accounts is None else list(accounts)
    return select(
        conn,
        STATEMENT_ROWS,
        "WHERE %s::text[] IS NULL OR account_id = ANY(%s) ORDER BY account_id, from_date, position",
        (wanted, wanted),
    )
