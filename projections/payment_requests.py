"""What was asked for under each reference, and what came in under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.payment_request import (
    Kind,
    PaymentRequested,
    RequestAnswered,
    RequestLine,
    RequestWithdrawn,
    TellingTakenBack,
    TransferTold,
)
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
    told_on: date | None = None  #: the member says that the money is on its way since then
    lapses_on: date | None = None
    withdrawn_on: date | None = None
    replaced_by: str | None = None

    def status(self, on: date | None = None) -> str:
        """ "open", "partly", "answered" or "over"; given the day, an open one may be "told" or "expired".

        "told": a member has transferred and the bank has not reported it. "withdrawn": another stands in its place.
        """
        if self.answered == 0:
            if self.withdrawn_on is not None:
                return "withdrawn"
            if on is not None and self.lapses_on is not None and on <= self.lapses_on:
                return "told"
            return "expired" if on is not None and self.valid_until is not None and on > self.valid_until else "open"
        if self.answered < self.amount:
            return "partly"
        return "answered" if self.answered == self.amount else "over"


REQUEST_ROWS = Table(
    name="payment_requests",
    version=2,
    row=RequestRow,
    key=("reference",),
    indexes=("member_id, month", "unit, month", "case_id"),
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take requests and answers in."""
    kinds = (PaymentRequested, RequestAnswered, RequestWithdrawn, TransferTold, TellingTakenBack)
    writer.fold(REQUEST_ROWS, [(r.event.reference, r) for r in batch.events if isinstance(r.event, kinds)], _evolve)


def _evolve(row: RequestRow | None, recorded: Recorded) -> RequestRow:
    event = recorded.event
    match event:
        case RequestAnswered():
            row = known(row)
            more = row.answered + event.amount
            return replace(row, answered=more, answers=row.answers + 1, told_on=None, lapses_on=None)
        case RequestWithdrawn():
            return replace(known(row), withdrawn_on=event.withdrawn_on, replaced_by=event.replaced_by)
        case TransferTold():
            return replace(known(row), told_on=event.told_on, lapses_on=event.lapses_on)
        case TellingTakenBack():
            return replace(known(row), told_on=None, lapses_on=None)
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
    version=2,
    tables=(REQUEST_ROWS,),
    apply=apply,
    names=names_of(PaymentRequested, RequestAnswered, RequestWithdrawn, TransferTold, TellingTakenBack),
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
