"""The cash book of every unit: movements of 1110 with their papers, and cash bags on their way to the bank."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import Connection

from domain.cash import BagCredited, BagCreditUndone, BagTakenToBank
from ledger.cash_book import Bag, CashMovement, movements
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known

MOVEMENT_ROWS = Table(
    name="cash_movements",
    version=1,
    row=CashMovement,
    key=("position", "entry_no"),
    indexes=("unit, occurred_on",),
)
BAG_ROWS = Table(name="cash_bags", version=1, row=Bag, key=("bag",), indexes=("unit",))

_Bags = BagTakenToBank | BagCredited | BagCreditUndone


def apply(writer: Writer, batch: Batch) -> None:
    """Add movements, and bring bags forward."""
    writer.insert(MOVEMENT_ROWS, [m for r in batch.events for m in movements(r)])
    bags = [(r.event.bag, r) for r in batch.events if isinstance(r.event, _Bags)]
    writer.fold(BAG_ROWS, bags, _evolve)


def _evolve(row: Bag | None, recorded: Recorded) -> Bag:
    event = recorded.event
    if isinstance(event, BagTakenToBank):
        return Bag(
            bag=event.bag,
            unit=event.unit_id,
            account_id=event.account_id,
            amount=event.amount,
            taken_on=event.taken_on,
            credited_on=None,
        )
    # A credit that was none puts the bag back on its way.
    return replace(known(row), credited_on=event.booked_on if isinstance(event, BagCredited) else None)


CASH_BOOK = Projection(name="cash_book", version=1, tables=(MOVEMENT_ROWS, BAG_ROWS), apply=apply)


def cash_movements(conn: Connection[Any], units: Sequence[str], until: date) -> tuple[CashMovement, ...]:
    """Movements of these units up to a day, in the order of the log."""
    return select(
        conn,
        MOVEMENT_ROWS,
        "WHERE unit = ANY(%s) AND occurred_on <= %s ORDER BY position, entry_no",
        (list(units), until),
    )


def open_bags(conn: Connection[Any], units: Sequence[str]) -> tuple[Bag, ...]:
    """Bags of these units that the bank has not credited, oldest first."""
    return select(conn, BAG_ROWS, "WHERE unit = ANY(%s) AND credited_on IS NULL ORDER BY taken_on, bag", (list(units),))
