"""Receipts of the units' own books, numbered without gaps in each year (I19)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg import Connection

from domain.receipt_book import ReceiptIssued, ReceiptPrinted, ReceiptVoided
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """One receipt; ``member_id`` None for a batch; đồng. A void one has the day and why, and what stands for it."""

    unit: str
    year: int
    number: int
    payment_id: str
    member_id: str | None
    amount: int
    paid_on: date
    issued_on: date
    voided_on: date | None
    void_reason: str | None
    replaced_by: int | None
    printed: int  #: how many times; from the second on it is a copy
    position: int


RECEIPT_ROWS = Table(
    name="receipts",
    version=2,
    row=ReceiptRow,
    key=("unit", "year", "number"),
    indexes=("payment_id", "member_id"),
)


_FOLDED = (ReceiptIssued, ReceiptVoided, ReceiptPrinted)


def apply(writer: Writer, batch: Batch) -> None:
    """Add receipts; note which became void and which were printed."""
    changes = [
        ((r.event.unit_id, r.event.year, r.event.number), r) for r in batch.events if isinstance(r.event, _FOLDED)
    ]
    writer.fold(RECEIPT_ROWS, changes, _evolve)


def _evolve(row: ReceiptRow | None, recorded: Recorded) -> ReceiptRow:
    match recorded.event:
        case ReceiptIssued() as event:
            return _row(recorded.position, event)
        case ReceiptVoided() as event:
            return replace(
                known(row), voided_on=event.voided_on, void_reason=event.reason, replaced_by=event.replaced_by
            )
        case ReceiptPrinted() as event:
            return replace(known(row), printed=event.n)
    raise TypeError(f"{recorded.name} does not change a receipt")


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
        voided_on=None,
        void_reason=None,
        replaced_by=None,
        printed=0,
        position=position,
    )


RECEIPTS = Projection(name="receipts", version=2, tables=(RECEIPT_ROWS,), apply=apply)


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
