"""The history of one member, payment, remittance, refund, request or unit: every event that touches it, in plain words.

Each event is kept once, with its sentence; a second table says what it touches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.payment_request import PaymentRequested
from domain.refund import RefundRequested
from ledger.reports import HistoryLine
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.sentences import tell, with_names
from projections.table import Table, fetch
from projections.units import UNIT_ROWS
from projections.writing import Writer


class Subject(StrEnum):
    """What a history can be asked of."""

    MEMBER = "member"
    PAYMENT = "payment"
    REQUEST = "request"
    REMITTANCE = "remittance"
    REFUND = "refund"
    UNIT = "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """One event with its sentence."""

    position: int
    recorded_at: datetime
    event: str
    stream: str
    actor: str
    role: str
    unit: str
    action: str
    document: str | None
    reason: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """What an event touches."""

    kind: str
    subject: str
    position: int


TRAIL_ROWS = Table(name="audit_trail", version=1, row=TrailRow, key=("position",))
SUBJECT_ROWS = Table(
    name="audit_subjects", version=1, row=SubjectRow, key=("kind", "subject", "position"), indexes=("position",)
)

#: Fields that name a subject, in whatever event they stand.
_FIELDS: tuple[tuple[str, Subject], ...] = (
    ("member_id", Subject.MEMBER),
    ("payment_id", Subject.PAYMENT),
    ("by_payment_id", Subject.PAYMENT),
    ("reference", Subject.REQUEST),
    ("bag", Subject.REQUEST),
    ("remittance_id", Subject.REMITTANCE),
    ("refund_id", Subject.REFUND),
    ("netted_case", Subject.REFUND),
    ("unit_id", Subject.UNIT),
    ("holder_id", Subject.UNIT),
    ("superior_id", Subject.UNIT),
    ("subordinate_id", Subject.UNIT),
)


def subjects_of(recorded: Recorded) -> tuple[tuple[Subject, str], ...]:
    """What an event touches, each once."""
    found = dict.fromkeys(_named(recorded.event))
    return tuple((kind, subject) for kind, subject in found if subject)


def _named(event: object) -> Iterator[tuple[Subject, str]]:
    for field, kind in _FIELDS:
        value = getattr(event, field, None)
        if isinstance(value, str):
            yield kind, value
    if isinstance(event, PaymentRequested):
        for line in event.lines:
            yield Subject.MEMBER, line.member_id
            if line.cash_payment_id is not None:
                yield Subject.PAYMENT, line.cash_payment_id
        # A cash bag and a voucher are found by their unit; their events name no other subject.
        if event.case_id is not None and event.kind not in ("cash-bag", "spending"):
            yield (Subject.REFUND if event.kind == "refund" else Subject.REMITTANCE), event.case_id
    if isinstance(event, RefundRequested):
        for part in event.parts:
            yield Subject.UNIT, part.unit_id


def apply(writer: Writer, batch: Batch) -> None:
    """Tell the batch's events and note what they touch."""
    writer.insert(TRAIL_ROWS, [_trail(recorded) for recorded in batch.events])
    writer.insert(
        SUBJECT_ROWS,
        [
            SubjectRow(kind=kind, subject=subject, position=recorded.position)
            for recorded in batch.events
            for kind, subject in subjects_of(recorded)
        ],
    )


def _trail(recorded: Recorded) -> TrailRow:
    meta = recorded.meta
    return TrailRow(
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        event=recorded.name,
        stream=recorded.stream,
        actor=meta.actor,
        role=meta.role,
        unit=meta.unit,
        action=meta.action,
        document=meta.document,
        reason=meta.reason,
        sentence=tell(recorded),
    )


AUDIT_TRAIL = Projection(name="audit_trail", version=1, tables=(TRAIL_ROWS, SUBJECT_ROWS), apply=apply)


def history(
    conn: Connection[Any], kind: Subject | str, subject: str, *, after: int = 0, limit: int | None = None
) -> tuple[HistoryLine, ...]:
    """Everything that touches a subject, in the order of the log, after a position; page by page with ``limit``.

    Units are told by their names. The history of a payment, remittance or refund takes in the requests under which its
    money came or went.
    """
    named = ", ".join(f"t.{column.name}" for column in TRAIL_ROWS.columns)
    found = fetch(
        conn,
        HistoryLine,
        f"WITH own AS (SELECT position FROM {SUBJECT_ROWS.serving} WHERE kind = %s AND subject = %s),"
        f" asked AS (SELECT DISTINCT r.subject FROM own JOIN {SUBJECT_ROWS.serving} r"
        " ON r.position = own.position AND r.kind = 'request' WHERE %s IN ('payment', 'remittance', 'refund')),"
        f" more AS (SELECT s.position FROM asked JOIN {SUBJECT_ROWS.serving} s"
        f" ON s.kind = 'request' AND s.subject = asked.subject JOIN {TRAIL_ROWS.serving} t"
        " ON t.position = s.position AND t.event = 'payment-requested'),"
        " every AS (SELECT position FROM own UNION SELECT position FROM more)"
        f" SELECT {named} FROM every JOIN {TRAIL_ROWS.serving} t USING (position)"
        " WHERE t.position > %s ORDER BY t.position LIMIT %s",
        (str(kind), subject, str(kind), after, limit),
    )
    with conn.cursor(row_factory=tuple_row) as curs:
        names: dict[str, str] = dict(curs.execute(f"SELECT unit_id, name FROM {UNIT_ROWS.serving}".encode()).fetchall())
    return tuple(replace(line, sentence=with_names(line.sentence, names)) for line in found)
