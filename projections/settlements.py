"""Settlements that channels told of, and the days that none has told of yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.settlement import SettlementTold
from projections.projection import Batch, Projection, names_of
from projections.table import Table, select
from projections.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRow:
    """One settlement; amounts in đồng, days inclusive."""

    rail: str
    settlement_id: str
    unit: str
    from_date: date
    to_date: date
    count: int
    amount: int
    fees: int
    net: int
    position: int
    told_at: datetime


SETTLEMENT_ROWS = Table(
    name="settlements_told",
    version=1,
    row=SettlementRow,
    key=("rail", "settlement_id"),
    indexes=("rail, to_date",),
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take settlements in; one is told once."""
    writer.put(
        SETTLEMENT_ROWS,
        [
            SettlementRow(
                rail=e.rail,
                settlement_id=e.settlement_id,
                unit=e.unit_id,
                from_date=e.from_date,
                to_date=e.to_date,
                count=e.count,
                amount=e.amount,
                fees=e.fees,
                net=e.net,
                position=r.position,
                told_at=r.recorded_at,
            )
            for r in batch.events
            if isinstance(e := r.event, SettlementTold)
        ],
    )


SETTLEMENTS = Projection(
    name="settlements", version=1, tables=(SETTLEMENT_ROWS,), apply=apply, names=names_of(SettlementTold)
)


def settlements(conn: Connection[Any], rail: str, first: date, last: date) -> tuple[SettlementRow, ...]:
    """Settlements of a channel that tell of some day from ``first`` to ``last``."""
    wanted: Sequence[object] = (rail, first, last)
    return select(
        conn, SETTLEMENT_ROWS, "WHERE rail = %s AND to_date >= %s AND from_date <= %s ORDER BY position", wanted
    )
