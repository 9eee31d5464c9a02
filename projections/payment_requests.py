"""What was asked for under each reference, and what came in under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.payment_request import Kind, PaymentRequested, RequestAnswered, RequestLine
from ledger.store import Recorded
from projections.projection import Batch, Projection, names_of
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request; amounts in đồng. The status follows from the sums and is never stored."""

    reference: str
    kind: Kind
    channel: str
    unit: str
    holder: str
    account_id: str
    amount: int
    member_id: str | None
    month: str | None
    lines: tuple[RequestLine, ...]
    case_id: str | None
    valid_until: date | None
    answered: int
    answers: int
    position: int
    requested_at: datetime

    def status(self, on: date | None = None) -> str:
        """ "open", "partly", "answered" or "over"; "expired" for an open one past its last day, given the day."""
        if self.answered == 0:
            return "expired" if on is not None and self.valid_until is not None and on > self.valid_until else "open"
        if self.answered < self.amount:
            return "partly"
        return "answered" if self.answered == self.amount else "over"


REQUEST_ROWS = Table(
    name="payment_requests",
    version=1,
    row=RequestRow,
    key=("reference",),
    indexes=("member_id, month", "unit, month", "case_id"),
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take requests and answers in."""
    kinds = (PaymentRequested, RequestAnswered)
    writer.fold(REQUEST_ROWS, [(r.event.reference, r) for r in batch.events if isinstance(r.event, kinds)], _evolve)


def _evolve(row: RequestRow | None, recorded: Recorded) -> RequestRow:
    event = recorded.event
    if isinstance(event, RequestAnswered):
        row = known(row)
        return replace(row, answered=row.answered + event.amount, answers=row.answers + 1)
    assert isinstance(event, PaymentRequested)
    return RequestRow(
        reference=event.reference,
        kind=event.kind,
        channel=event.channel,
        unit=event.unit_id,
        holder=event.holder_id,
        account_id=event.account_id,
        amount=event.amount,
        member_id=event.member_id,
        month=event.month,
        lines=event.lines,
        case_id=event.case_id,
        valid_until=event.valid_until,
        answered=0,
        answers=0,
        position=recorded.position,
        requested_at=recorded.recorded_at,
    )


PAYMENT_REQUESTS = Projection(
    name="payment_requests",
    version=1,
    tables=(REQUEST_ROWS,),
    apply=apply,
    names=names_of(PaymentRequested, RequestAnswered),
)


def request(conn: Connection[Any], reference: str) -> RequestRow | None:
    """One request."""
    found = select(conn, REQUEST_ROWS, "WHERE reference = %s", (reference,))
    return found[0] if found else None


def requests(
    conn: Connection[Any],
    *,
    units: Sequence[str] | None = None,
    member_id: str | None = None,
    month: str | None = None,
    kind: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[RequestRow, ...]:
    """Requests in the order in which they were issued, after a position; page by page with ``limit``."""
    wanted = None if units is None else list(units)
    return select(
        conn,
        REQUEST_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s)) AND (%s::text IS NULL OR member_id = %s)"
        " AND (%s::text IS NULL OR month = %s) AND (%s::text IS NULL OR kind = %s) AND position > %s"
        " ORDER BY position, reference LIMIT %s",
        (wanted, wanted, member_id, member_id, month, month, kind, kind, after, limit),
    )
