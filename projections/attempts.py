"""Attempts to pay with the state that says most, and whose months each is an attempt to pay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from domain.attempt import UNDECIDED, AttemptOpened, AttemptReported, AttemptState, merge
from domain.payment_request import PaymentRequested
from ledger.directory import attempted
from ledger.store import Recorded
from projections.projection import Batch, Projection, names_of
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One attempt; the amount in đồng. ``stated_at`` and ``via`` are of the newest report in the log."""

    reference: str
    rail: str
    unit: str
    amount: int
    opened_at: datetime
    opened_via: str
    state: AttemptState
    outside_id: str | None
    reports: int
    stated_at: datetime | None
    via: str | None
    heard_unknown: bool  #: "unknown" was said by other than the opening itself
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMonth:
    """A member's month that an attempt is to pay."""

    member_id: str
    month: str
    reference: str
    position: int


ATTEMPT_ROWS = Table(
    name="attempts", version=1, row=AttemptRow, key=("reference",), indexes=("state, opened_at", "unit, position")
)
ATTEMPT_MONTHS = Table(name="attempt_months", version=1, row=AttemptMonth, key=("member_id", "month", "reference"))


def apply(writer: Writer, batch: Batch) -> None:
    """Take attempts and reports in."""
    kinds = (AttemptOpened, AttemptReported)
    writer.fold(ATTEMPT_ROWS, [(r.event.reference, r) for r in batch.events if isinstance(r.event, kinds)], _evolve)
    months = {
        (member_id, month, r.event.reference): r.position
        for r in batch.events
        if isinstance(r.event, PaymentRequested)
        for member_id, month in attempted(r.event)
    }
    writer.put(
        ATTEMPT_MONTHS,
        [
            AttemptMonth(member_id=member_id, month=month, reference=reference, position=position)
            for (member_id, month, reference), position in months.items()
        ],
    )


def _evolve(row: AttemptRow | None, recorded: Recorded) -> AttemptRow:
    event = recorded.event
    if isinstance(event, AttemptReported):
        row = known(row)
        unknown = event.state is AttemptState.UNKNOWN and event.via != "opening"
        return replace(
            row,
            state=merge(row.state, event.state),
            outside_id=event.outside_id or row.outside_id,
            reports=row.reports + 1,
            stated_at=event.stated_at,
            via=event.via,
            heard_unknown=row.heard_unknown or unknown,
        )
    assert isinstance(event, AttemptOpened)
    return AttemptRow(
        reference=event.reference,
        rail=event.rail,
        unit=event.unit_id,
        amount=event.amount,
        opened_at=event.opened_at,
        opened_via=event.via,
        state=AttemptState.OPENED,
        outside_id=event.outside_id,
        reports=0,
        stated_at=None,
        via=None,
        heard_unknown=False,
        position=recorded.position,
    )


ATTEMPTS = Projection(
    name="attempts",
    version=1,
    tables=(ATTEMPT_ROWS, ATTEMPT_MONTHS),
    apply=apply,
    names=names_of(AttemptOpened, AttemptReported, PaymentRequested),
)


#: Earlier than any attempt.
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def undecided(
    conn: Connection[Any], *, opened_before: datetime, after: tuple[datetime, str] = (_FIRST, ""), limit: int = 500
) -> tuple[AttemptRow, ...]:
    """Attempts that no channel has decided, opened before a moment, oldest first; page by page after (time, code)."""
    return select(
        conn,
        ATTEMPT_ROWS,
        "WHERE state = ANY(%s) AND opened_at < %s AND (opened_at, reference) > (%s, %s)"
        " ORDER BY opened_at, reference LIMIT %s",
        ([str(s) for s in UNDECIDED], opened_before, *after, limit),
    )


def attempts(
    conn: Connection[Any],
    *,
    units: Sequence[str] | None,
    states: Sequence[str] | None,
    after: int = 0,
    limit: int = 200,
) -> tuple[AttemptRow, ...]:
    """Attempts of some units (None: all) in some states (None: any), in the order in which they were opened."""
    return select(
        conn,
        ATTEMPT_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s)) AND (%s::text[] IS NULL OR state = ANY(%s)) AND position > %s"
        " ORDER BY position LIMIT %s",
        (
            None if units is None else list(units),
            None if units is None else list(units),
            None if states is None else list(states),
            None if states is None else list(states),
            after,
            limit,
        ),
    )
