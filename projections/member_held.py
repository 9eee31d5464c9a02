"""What a member's statement shows beside months and credit: collected ahead, surplus, and months reckoned again."""

from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection

from domain.dues_account import (
    AheadApplied,
    AheadReturned,
    CollectedAhead,
    DuesAdjusted,
    SurplusAccepted,
    SurplusDeclared,
    SurplusRejected,
)
from ledger.reports import MemberStatement, StatementAdjustment
from ledger.store import Recorded
from projections.projection import Batch
from projections.table import Table, select
from projections.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """Sums of one member; đồng. Years change nothing here: what is pending is carried over as it is."""

    member_id: str
    unit: str
    ahead: int
    surplus_waiting: int
    surplus_accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRow:
    """One adjustment of a dues month; the steps of each computation stand one on a line."""

    position: int
    member_id: str
    unit: str
    month: str
    due_before: int
    due_after: int
    undone: int
    to_credit: int
    to_ahead: int
    before: str
    after: str
    reason: str
    decision: str


HELD_ROWS = Table(name="member_held", version=2, row=HeldRow, key=("member_id",), indexes=("unit",))
ADJUSTMENT_ROWS = Table(
    name="member_adjustments", version=2, row=AdjustmentRow, key=("position",), indexes=("member_id, position", "unit")
)

_HELD = (
    DuesAdjusted | CollectedAhead | AheadApplied | AheadReturned | SurplusDeclared | SurplusAccepted | SurplusRejected
)


def apply(writer: Writer, batch: Batch) -> None:
    """Bring the sums forward and add the adjustments."""
    writer.fold(HELD_ROWS, [(r.event.member_id, r.event) for r in batch.events if isinstance(r.event, _HELD)], _held)
    writer.insert(ADJUSTMENT_ROWS, [_adjustment(r, r.event) for r in batch.events if isinstance(r.event, DuesAdjusted)])


def _held(row: HeldRow | None, event: _HELD) -> HeldRow:
    row = row or HeldRow(member_id=event.member_id, unit=event.unit_id, ahead=0, surplus_waiting=0, surplus_accepted=0)
    match event:
        case DuesAdjusted():
            return replace(row, ahead=row.ahead + event.to_ahead)
        case CollectedAhead():
            return replace(row, ahead=row.ahead + event.amount)
        case AheadApplied() | AheadReturned():
            return replace(row, ahead=row.ahead - event.amount)
        case SurplusDeclared():
            return replace(row, surplus_waiting=row.surplus_waiting + event.amount)
        case SurplusRejected():
            return replace(row, surplus_waiting=row.surplus_waiting - event.amount)
        case SurplusAccepted():
            return replace(
                row,
                surplus_waiting=row.surplus_waiting - event.amount,
                surplus_accepted=row.surplus_accepted + event.amount,
            )


def _adjustment(recorded: Recorded, event: DuesAdjusted) -> AdjustmentRow:
    return AdjustmentRow(
        position=recorded.position,
        member_id=event.member_id,
        unit=event.unit_id,
        month=event.month,
        due_before=event.before.due,
        due_after=event.after.due,
        undone=event.undone,
        to_credit=event.to_credit,
        to_ahead=event.to_ahead,
        before="\n".join(event.before.steps),
        after="\n".join(event.after.steps),
        reason=event.reason,
        decision=event.decision,
    )


#: They stand with the member's statement, of which they are a part.
TABLES = (HELD_ROWS, ADJUSTMENT_ROWS)


# --- Questions --------------------------------------------------------------------------------------------------


def completed(conn: Connection[Any], statement: MemberStatement) -> MemberStatement:
    """A statement with what is held and with its adjustments."""
    held = select(conn, HELD_ROWS, "WHERE member_id = %s", (statement.member_id,))
    rows = select(conn, ADJUSTMENT_ROWS, "WHERE member_id = %s ORDER BY position", (statement.member_id,))
    told = replace(statement, adjustments=tuple(_report(row) for row in rows))
    if not held:
        return told
    return replace(
        told,
        ahead=held[0].ahead,
        surplus_waiting=held[0].surplus_waiting,
        surplus_accepted=held[0].surplus_accepted,
    )


def _report(row: AdjustmentRow) -> StatementAdjustment:
    return StatementAdjustment(
        position=row.position,
        month=row.month,
        due_before=row.due_before,
        due_after=row.due_after,
        undone=row.undone,
        to_credit=row.to_credit,
        to_ahead=row.to_ahead,
        before=tuple(row.before.split("\n")),
        after=tuple(row.after.split("\n")),
        reason=row.reason,
        decision=row.decision,
    )
