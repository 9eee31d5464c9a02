"""Receipts of the units' own books, numbered without gaps in each year (I19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from domain.receipt_book import ReceiptIssued
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """One receipt; ``member_id`` None for a batch; đồng."""

    unit: str
    year: int
    number: int
    payment_id: str
    member_id: str | None
    amount: int
    paid_on: date
    issued_on: date
    position: int


RECEIPT_ROWS = Table(
    name="receipts",
    version=1,
    row=ReceiptRow,
    key=("unit", "year", "number"),
    indexes=("payment_id", "member_id"),
)


def apply(writer: Writer, batch: Batch) -> None:
    """Add receipts."""
    writer.insert(RECEIPT_ROWS, [_row(r.position, r.event) for r in batch.events if isinstance(r.event, ReceiptIssued)])


def _row(position: int, event: ReceiptIssued) -> ReceiptRow:
    return ReceiptRow(
        unit=event.unit_id,
        year=event.year,
        number=event.number,
        payment_id=event.payment_id,
        member_id=event.member_id,
        amount=event.amount,
        paid_on=event.paid_on,
        issued_on=event.issued_on,
        position=position,
    )


RECEIPTS = Projection(name="receipts", version=1, tables=(RECEIPT_ROWS,), apply=apply)


def receipts(
    conn: Connection[Any],
    *,
    units: Sequence[str] | None = None,
    payment_id: str | None = None,
    member_id: str | None = None,
) -> tuple[ReceiptRow, ...]:
    """Receipts by unit, year and number."""
    wanted = None if units is None else list(units)
    return select(
        conn,
        RECEIPT_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s)) AND (%s::text IS NULL OR payment_id = %s)"
        " AND (%s::text IS NULL OR member_id = %s) ORDER BY unit, year, number",
        (wanted, wanted, payment_id, payment_id, member_id, member_id),
    )
