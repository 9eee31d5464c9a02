"""Money given back: what was asked, what each level gives, who approved, whether it is paid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.passed_on import RefundTakenOver
from domain.refund import LevelPart, PayoutFailed, PayoutSeen, RefundApproved, RefundPaidOut, RefundRequested
from ledger.store import Recorded
from projections.projection import Batch, Projection, names_of
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """One refund; đồng."""

    refund_id: str
    source: str
    unit: str
    member_id: str | None
    payment_id: str | None
    month: str | None
    amount: int
    parts: tuple[LevelPart, ...]
    relief: str | None
    relief_percent: int
    relief_amount: int
    reason: str
    decision: str
    requested_by: str
    requested_on: date
    approvers: tuple[str, ...]
    approved_on: date | None  #: of the second approval
    paid_by: str | None
    paid_on: date | None
    asset: str | None
    seen: int  #: debits on the payer's statement
    failures: int
    position: int
    recorded_at: datetime

    @property
    def status(self) -> str:
        """ "requested", "approved-once", "approved", "paid" or "seen-by-bank"."""
        if self.paid_on is not None:
            return "seen-by-bank" if self.seen else "paid"
        return ("requested", "approved-once", "approved")[min(len(self.approvers), 2)]


REFUND_ROWS = Table(
    name="refunds", version=1, row=RefundRow, key=("refund_id",), indexes=("unit, position", "member_id")
)

_Event = RefundRequested | RefundApproved | RefundPaidOut | PayoutSeen | PayoutFailed | RefundTakenOver


def apply(writer: Writer, batch: Batch) -> None:
    """Take refunds in."""
    writer.fold(REFUND_ROWS, [(r.event.refund_id, r) for r in batch.events if isinstance(r.event, _Event)], _evolve)


def _evolve(row: RefundRow | None, recorded: Recorded) -> RefundRow:
    event = recorded.event
    if isinstance(event, RefundRequested):
        return _requested(recorded, event)
    row = known(row)
    match event:
        case RefundApproved():
            second = event.approved_on if event.n == 2 else row.approved_on
            return replace(row, approvers=(*row.approvers, event.approved_by), approved_on=second)
        case RefundPaidOut():
            return replace(row, paid_by=event.paid_by, paid_on=event.paid_on, asset=event.asset)
        case PayoutSeen():
            return replace(row, seen=row.seen + event.amount)
        case PayoutFailed():
            return replace(row, paid_by=None, paid_on=None, asset=None, failures=row.failures + 1)
        case RefundTakenOver():
            return replace(row, unit=event.unit_id)
    raise TypeError(f"{recorded.name} does not change a refund")


def _requested(recorded: Recorded, event: RefundRequested) -> RefundRow:
    return RefundRow(
        refund_id=event.refund_id,
        source=event.source,
        unit=event.unit_id,
        member_id=event.member_id,
        payment_id=event.payment_id,
        month=event.month,
        amount=event.amount,
        parts=event.parts,
        relief=event.relief,
        relief_percent=event.relief_percent,
        relief_amount=event.relief_amount,
        reason=event.reason,
        decision=event.decision,
        requested_by=event.requested_by,
        requested_on=event.requested_on,
        approvers=(),
        approved_on=None,
        paid_by=None,
        paid_on=None,
        asset=None,
        seen=0,
        failures=0,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )


REFUNDS = Projection(name="refunds", version=1, tables=(REFUND_ROWS,), apply=apply, names=names_of(_Event))


def refund(conn: Connection[Any], refund_id: str) -> RefundRow | None:
    """One refund."""
    found = select(conn, REFUND_ROWS, "WHERE refund_id = %s", (refund_id,))
    return found[0] if found else None


def refunds(
    conn: Connection[Any], *, units: Sequence[str] | None = None, after: int = 0, limit: int | None = None
) -> tuple[RefundRow, ...]:
    """Refunds of these units in the order in which they were asked for, after a position."""
    wanted = None if units is None else list(units)
    return select(
        conn,
        REFUND_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s)) AND position > %s ORDER BY position LIMIT %s",
        (wanted, wanted, after, limit),
    )
