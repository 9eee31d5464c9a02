"""What units send up: prepared, approved, sent, seen, received, disputed, settled; and what is under way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.passed_on import RemittanceTakenOver
from domain.remittance import (
    ClawBackNetted,
    DisputeExplained,
    RemittanceApproved,
    RemittanceDisputed,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SendingSeen,
    SettledFromHeld,
)
from domain.remittance_cases import (
    DisputeResolved,
    InterimPrepared,
    InterimReceived,
    InterimSettled,
    RemittanceMisrouted,
    RemittancePassedOn,
    RemittanceReturned,
    RemittanceWithdrawn,
)
from ledger.reports import UnderWay
from ledger.store import Recorded
from projections.projection import Batch, Projection, names_of
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceRow:
    """One remittance; sums in đồng. ``prepared`` is None where the sender's books are kept in another shard.

    sent is what was recorded as sent, corrections taken off; under way = sent - received, 0 once settled.
    """

    remittance_id: str
    unit: str
    superior: str
    period: str
    way: str | None
    reason: str | None
    prepared: int | None
    netted: int
    netted_case: str | None
    netted_done: int
    prepared_by: str | None
    prepared_on: date | None
    approved_by: str | None
    approved_on: date | None
    sent: int
    sendings: int
    first_sent_on: date | None
    last_sent_on: date | None
    seen: int  #: debits on the sender's statement
    corrected: int
    received: int
    received_on: date | None
    settled: bool
    disputed: bool
    disputes: int
    dispute_reason: str | None
    explanation: str | None
    resolution: str | None
    on_account: bool
    settled_on_account: int
    withdrawn: bool
    returned: int  #: by the bank
    astray: int  #: at wrong units
    position: int
    recorded_at: datetime

    @property
    def under_way(self) -> int:
        """Sent and not yet received (I12)."""
        return 0 if self.settled or self.prepared is None else self.sent - self.received - self.astray

    @property
    def status(self) -> str:
        """Prepared, approved, withdrawn, under-way, astray, disputed, part-received, received or settled."""
        if self.withdrawn:
            return "withdrawn"
        if self.settled:
            return "settled"
        if self.disputed:
            return "disputed"
        if self.prepared is not None and self.received >= self.prepared > 0:
            return "received"
        if self.astray:
            return "astray"
        if self.received:
            return "received" if self.prepared is None else "part-received"
        if self.sent:
            return "under-way"
        return "prepared" if self.approved_by is None else "approved"


REMITTANCE_ROWS = Table(
    name="remittances",
    version=2,
    row=RemittanceRow,
    key=("remittance_id",),
    indexes=("unit, period", "superior, period"),
)

_Event = (
    RemittancePrepared
    | RemittanceApproved
    | ClawBackNetted
    | RemittanceSent
    | SendingSeen
    | SendingCorrected
    | RemittanceReceived
    | RemittanceDisputed
    | DisputeExplained
    | SettledFromHeld
    | InterimPrepared
    | InterimReceived
    | InterimSettled
    | RemittanceWithdrawn
    | RemittanceReturned
    | RemittanceMisrouted
    | RemittancePassedOn
    | DisputeResolved
    | RemittanceTakenOver
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take everything that happens to remittances in."""
    changes = [(r.event.remittance_id, r) for r in batch.events if isinstance(r.event, _Event)]
    writer.fold(REMITTANCE_ROWS, changes, _evolve)


def _evolve(row: RemittanceRow | None, recorded: Recorded) -> RemittanceRow:
    event = recorded.event
    if isinstance(event, RemittancePrepared | InterimPrepared):
        return _prepared(recorded, event)
    if isinstance(event, RemittanceReceived | InterimReceived):
        return _received(_incoming(recorded, event) if row is None else row, event)
    row = known(row)
    match event:
        case RemittanceTakenOver():
            over = event.unit_id == event.superior_id
            return replace(row, unit=event.unit_id, superior=event.superior_id, settled=row.settled or over)
        case RemittanceApproved():
            return replace(row, approved_by=event.approved_by, approved_on=event.approved_on)
        case ClawBackNetted():
            return replace(row, netted_done=row.netted_done + event.amount)
        case RemittanceSent():
            return replace(
                row,
                sent=row.sent + event.amount,
                sendings=event.n,
                first_sent_on=row.first_sent_on or event.sent_on,
                last_sent_on=event.sent_on,
            )
        case SendingSeen():
            return replace(row, seen=row.seen + event.amount)
        case SendingCorrected():
            return replace(row, sent=row.sent - event.difference, corrected=row.corrected + event.difference)
        case RemittanceDisputed():
            return replace(row, disputed=True, disputes=row.disputes + 1, dispute_reason=event.reason)
        case DisputeExplained():
            return replace(row, explanation=event.explanation)
        case DisputeResolved():
            return replace(row, disputed=False, resolution=event.resolution)
        case InterimSettled():
            return replace(row, settled_on_account=row.settled_on_account + event.amount)
        case RemittanceWithdrawn():
            return replace(row, withdrawn=True)
        case RemittanceReturned():
            return replace(row, sent=row.sent - event.amount, returned=row.returned + event.amount)
        case RemittanceMisrouted():
            return replace(row, astray=row.astray + event.amount)
        case RemittancePassedOn():
            return replace(row, astray=row.astray - event.amount)
        case SettledFromHeld():
            return replace(row, settled=True, received=row.received + event.amount, received_on=event.settled_on)
    raise TypeError(f"{recorded.name} does not change a remittance")


def _received(row: RemittanceRow, event: RemittanceReceived | InterimReceived) -> RemittanceRow:
    return replace(row, received=row.received + event.amount, received_on=event.received_on)


def _prepared(recorded: Recorded, event: RemittancePrepared | InterimPrepared) -> RemittanceRow:
    return replace(
        _blank(recorded, event.remittance_id, event.unit_id, event.superior_id, event.period),
        way=event.way,
        reason=event.reason,
        prepared=event.amount,
        netted=event.netted if isinstance(event, RemittancePrepared) else 0,
        netted_case=event.netted_case if isinstance(event, RemittancePrepared) else None,
        on_account=isinstance(event, InterimPrepared),
        prepared_by=event.prepared_by,
        prepared_on=event.prepared_on,
    )


def _incoming(recorded: Recorded, event: RemittanceReceived | InterimReceived) -> RemittanceRow:
    """A remittance of which this shard sees only the arrival."""
    return _blank(recorded, event.remittance_id, event.unit_id, event.superior_id, event.period)


def _blank(recorded: Recorded, remittance_id: str, unit: str, superior: str, period: str) -> RemittanceRow:
    return RemittanceRow(
        remittance_id=remittance_id,
        unit=unit,
        superior=superior,
        period=period,
        way=None,
        reason=None,
        prepared=None,
        netted=0,
        netted_case=None,
        netted_done=0,
        prepared_by=None,
        prepared_on=None,
        approved_by=None,
        approved_on=None,
        sent=0,
        sendings=0,
        first_sent_on=None,
        last_sent_on=None,
        seen=0,
        corrected=0,
        received=0,
        received_on=None,
        settled=False,
        disputed=False,
        disputes=0,
        dispute_reason=None,
        explanation=None,
        resolution=None,
        on_account=False,
        settled_on_account=0,
        withdrawn=False,
        returned=0,
        astray=0,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )


REMITTANCES = Projection(name="remittances", version=2, tables=(REMITTANCE_ROWS,), apply=apply, names=names_of(_Event))


# --- Questions --------------------------------------------------------------------------------------------------


def remittance(conn: Connection[Any], remittance_id: str) -> RemittanceRow | None:
    """One remittance."""
    found = select(conn, REMITTANCE_ROWS, "WHERE remittance_id = %s", (remittance_id,))
    return found[0] if found else None


def remittances(
    conn: Connection[Any],
    *,
    units: Sequence[str] | None = None,
    period: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[RemittanceRow, ...]:
    """Remittances that these units send or receive, in the order in which they were prepared, after a position."""
    wanted = None if units is None else list(units)
    return select(
        conn,
        REMITTANCE_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s) OR superior = ANY(%s)) AND (%s::text IS NULL OR period = %s)"
        " AND position > %s ORDER BY position LIMIT %s",
        (wanted, wanted, wanted, period, period, after, limit),
    )


def under_way(conn: Connection[Any], units: Sequence[str], on: date) -> tuple[UnderWay, ...]:
    """What these units sent and their superiors have not received, oldest first, with its age on a day."""
    rows = select(
        conn,
        REMITTANCE_ROWS,
        "WHERE unit = ANY(%s) AND prepared IS NOT NULL AND NOT settled AND sent <> received + astray"
        " ORDER BY last_sent_on, position",
        (list(units),),
    )
    return tuple(
        UnderWay(
            remittance_id=row.remittance_id,
            unit=row.unit,
            superior=row.superior,
            period=row.period,
            amount=row.under_way,
            sent_on=row.last_sent_on,
            age_days=(on - row.last_sent_on).days,
            is_disputed=row.disputed,
        )
        for row in rows
        if row.last_sent_on is not None
    )
