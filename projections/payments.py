"""Money that came in, everything known about it since, and what of it still waits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.held_passed import HeldMoneyPassed
from domain.open_item import CreditAccepted, SuspenseToCredit, SuspenseWaitsAgain, SuspenseWrittenOff
from domain.passed_on import SuspenseTakenOver
from domain.payment import (
    CashConverted,
    CreditTakenBack,
    MatchUndone,
    PaymentConflicted,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
    WitnessTakenBack,
)
from domain.payment_channels import CreditReturned, SuspenseToCase, SuspenseToLump
from domain.receipt_book import ReceiptIssued
from ledger.reports import WaitingMoney
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.table import Table, fetch, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Another channel's word for the same money."""

    source: str
    outside_reference: str
    seen_on: date
    bank_line: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One payment; đồng. ``suspense`` is what came in without an owner, ``suspense_open`` what still has none."""

    payment_id: str
    source: str
    outside_reference: str
    channel: str
    unit: str
    holder: str
    asset: str
    asset_key: str
    amount: int
    dues: int
    credit: int
    converted: int
    suspense: int
    suspense_open: int
    paid_on: date
    booked_on: date | None
    reference: str | None
    request_kind: str | None
    member_id: str | None
    payer_key: str | None
    bank_line: str | None
    evidence_id: str | None
    credited_on: date | None
    credited: int | None
    fee: int
    witnesses: tuple[Witness, ...]
    converted_by: str | None
    taken_back: str | None  #: the correction by which this money was found never to have come
    position: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOfPayment:
    """A receipt issued for a payment, as "<unit>/<year>/<number>".

    Kept apart from the payment's row: the two stand in different streams, and the events of one command are ordered
    within their streams only, so the receipt may come first.
    """

    payment_id: str
    position: int
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView(PaymentRow):
    """A payment with its receipts: one for a batch, perhaps several for money that was identified in parts."""

    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """A message that contradicts what is known of a payment; a case for a person (I4)."""

    position: int
    payment_id: str
    source: str
    outside_reference: str
    reference: str | None
    reason: str
    stated: int
    expected: int | None
    seen_on: date
    evidence_id: str | None
    recorded_at: datetime


PAYMENT_ROWS = Table(
    name="payments",
    version=5,
    row=PaymentRow,
    key=("payment_id",),
    indexes=("unit, position", "member_id, position", "reference", "asset_key, amount, paid_on", "source, paid_on"),
)
CONFLICT_ROWS = Table(name="payment_conflicts", version=5, row=ConflictRow, key=("position",), indexes=("payment_id",))
RECEIPT_ROWS = Table(name="payment_receipts", version=5, row=ReceiptOfPayment, key=("payment_id", "position"))

_FOLDED = (
    PaymentReceived,
    WitnessAdded,
    PaymentCredited,
    SuspenseIdentified,
    SuspenseReleased,
    SuspenseNamed,
    SuspenseForRemittance,
    HeldMoneyPassed,
    CashConverted,
    MatchUndone,
    PaymentTakenBack,
    CreditTakenBack,
    WitnessTakenBack,
    SuspenseTakenOver,
    SuspenseWrittenOff,
    SuspenseToCredit,
    SuspenseWaitsAgain,
    CreditAccepted,
    SuspenseToLump,
    SuspenseToCase,
    CreditReturned,
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take payments, their witnesses, credits, receipts and conflicts in."""
    writer.fold(PAYMENT_ROWS, [(r.event.payment_id, r) for r in batch.events if isinstance(r.event, _FOLDED)], _evolve)
    conflicts = [_conflict(r, r.event) for r in batch.events if isinstance(r.event, PaymentConflicted)]
    writer.insert(CONFLICT_ROWS, conflicts)
    issued = [(r.position, r.event) for r in batch.events if isinstance(r.event, ReceiptIssued)]
    writer.insert(
        RECEIPT_ROWS,
        [
            ReceiptOfPayment(payment_id=e.payment_id, position=p, receipt=f"{e.unit_id}/{e.year}/{e.number}")
            for p, e in issued
        ],
    )


def _evolve(row: PaymentRow | None, recorded: Recorded) -> PaymentRow:
    match recorded.event:
        case PaymentReceived() as e:
            return _received(recorded, e)
        case WitnessAdded() as e:
            seen = Witness(
                source=e.source, outside_reference=e.outside_reference, seen_on=e.seen_on, bank_line=e.bank_line
            )
            return replace(known(row), witnesses=(*known(row).witnesses, seen))
        case PaymentCredited() as e:
            return replace(known(row), credited_on=e.booked_on, credited=e.credited, fee=e.fee)
        case (
            SuspenseIdentified()
            | SuspenseReleased()
            | SuspenseNamed()
            | SuspenseForRemittance()
            | HeldMoneyPassed()
            | SuspenseWrittenOff()
            | SuspenseToCredit()
            | SuspenseToLump()
            | SuspenseToCase()
        ) as e:
            return replace(known(row), suspense_open=known(row).suspense_open - e.amount)
        case CashConverted() as e:
            return replace(known(row), converted_by=e.by_payment_id)
        case MatchUndone() as e:
            before = known(row)
            waits = replace(before, suspense_open=before.suspense_open + e.amount)
            if e.holder_id in (before.unit, before.holder):
                return waits
            # Whoever had it ended since: it waits at the successor.
            unit = e.holder_id if before.unit == before.holder else before.unit
            return replace(waits, unit=unit, holder=e.holder_id)
        case PaymentTakenBack() as e:
            return replace(known(row), suspense_open=0, taken_back=e.correction_id)
        case SuspenseWaitsAgain() as e:
            return replace(known(row), suspense_open=known(row).suspense_open + e.amount)
        case CreditAccepted() as e:
            return replace(known(row), credited_on=e.booked_on, credited=e.credited, fee=e.fee)
        case WitnessTakenBack() as e:
            left = tuple(w for w in known(row).witnesses if w.bank_line != e.bank_line)
            told = None if known(row).bank_line == e.bank_line else known(row).bank_line
            return replace(known(row), witnesses=left, bank_line=told)
        case CreditTakenBack() | CreditReturned():
            return replace(known(row), credited_on=None, credited=None, fee=0)
        case SuspenseTakenOver() as e:
            before = known(row)
            unit = e.unit_id if before.unit == e.from_unit_id else before.unit
            return replace(before, unit=unit, holder=e.unit_id if before.holder == e.from_unit_id else before.holder)
    raise TypeError(f"{recorded.name} does not change a payment")


def _received(recorded: Recorded, event: PaymentReceived) -> PaymentRow:
    return PaymentRow(
        payment_id=event.payment_id,
        source=event.source,
        outside_reference=event.outside_reference,
        channel=event.channel,
        unit=event.unit_id,
        holder=event.holder_id,
        asset=event.asset,
        asset_key=event.asset_key,
        amount=event.amount,
        dues=event.dues_amount,
        credit=event.credit_amount,
        converted=event.converted_amount,
        suspense=event.suspense_amount,
        suspense_open=event.suspense_amount,
        paid_on=event.paid_on,
        booked_on=event.booked_on,
        reference=event.reference,
        request_kind=event.request_kind,
        member_id=event.member_id,
        payer_key=event.payer_key,
        bank_line=event.bank_line,
        evidence_id=event.evidence_id,
        credited_on=None,
        credited=None,
        fee=0,
        witnesses=(),
        converted_by=None,
        taken_back=None,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )


def _conflict(recorded: Recorded, event: PaymentConflicted) -> ConflictRow:
    return ConflictRow(
        position=recorded.position,
        payment_id=event.payment_id,
        source=event.source,
        outside_reference=event.outside_reference,
        reference=event.reference,
        reason=event.reason,
        stated=event.stated,
        expected=event.expected,
        seen_on=event.seen_on,
        evidence_id=event.evidence_id,
        recorded_at=recorded.recorded_at,
    )


PAYMENTS = Projection(name="payments", version=5, tables=(PAYMENT_ROWS, CONFLICT_ROWS, RECEIPT_ROWS), apply=apply)


# --- Questions --------------------------------------------------------------------------------------------------


_VIEW = (
    f"SELECT {', '.join(f'p.{column.name}' for column in PAYMENT_ROWS.columns)},"
    f" coalesce((SELECT jsonb_agg(r.receipt ORDER BY r.position) FROM {RECEIPT_ROWS.serving} r"
    f" WHERE r.payment_id = p.payment_id), '[]') FROM {PAYMENT_ROWS.serving} p"
)


def payment(conn: Connection[Any], payment_id: str) -> PaymentView | None:
    """One payment."""
    found = fetch(conn, PaymentView, f"{_VIEW} WHERE p.payment_id = %s", (payment_id,))
    return found[0] if found else None


def payments(
    conn: Connection[Any],
    *,
    units: Sequence[str] | None = None,
    member_id: str | None = None,
    reference: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> tuple[PaymentView, ...]:
    """Payments that these units own or hold, in the order of the log, after a position."""
    wanted = None if units is None else list(units)
    return fetch(
        conn,
        PaymentView,
        f"{_VIEW} WHERE (%s::text[] IS NULL OR p.unit = ANY(%s) OR p.holder = ANY(%s))"
        " AND (%s::text IS NULL OR p.member_id = %s) AND (%s::text IS NULL OR p.reference = %s)"
        " AND p.position > %s ORDER BY p.position LIMIT %s",
        (wanted, wanted, wanted, member_id, member_id, reference, reference, after, limit),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfSource:
    """A payment that a source told of first, and the unit that holds it; the amount in đồng."""

    payment_id: str
    paid_on: date
    reference: str | None
    amount: int
    holder: str


def of_source(conn: Connection[Any], source: str, first: date, last: date) -> tuple[OfSource, ...]:
    """Payments that a source told of first, paid in a span of days (inclusive), in the order of the log."""
    return fetch(
        conn,
        OfSource,
        f"SELECT payment_id, paid_on, reference, amount, holder FROM {PAYMENT_ROWS.serving}"
        " WHERE source = %s AND paid_on BETWEEN %s AND %s AND taken_back IS NULL ORDER BY position",
        (source, first, last),
    )


def conflicts(conn: Connection[Any], payment_id: str | None = None) -> tuple[ConflictRow, ...]:
    """Contradicting messages, of one payment or of all."""
    return select(
        conn, CONFLICT_ROWS, "WHERE %s::text IS NULL OR payment_id = %s ORDER BY position", (payment_id, payment_id)
    )


def suspense_open(conn: Connection[Any], units: Sequence[str], on: date) -> tuple[WaitingMoney, ...]:
    """Money without an owner held by these units, oldest first, with its age on a day."""
    rows = select(
        conn, PAYMENT_ROWS, "WHERE suspense_open > 0 AND holder = ANY(%s) ORDER BY paid_on, position", (list(units),)
    )
    return tuple(_waiting(row, row.holder, row.suspense_open, on) for row in rows)


def clearing_open(conn: Connection[Any], units: Sequence[str], on: date) -> tuple[WaitingMoney, ...]:
    """Money that the portal announced to these units and no bank has credited, oldest first, with its age on a day."""
    rows = select(
        conn,
        PAYMENT_ROWS,
        "WHERE asset = '1140' AND credited_on IS NULL AND holder = ANY(%s) ORDER BY paid_on, position",
        (list(units),),
    )
    return tuple(_waiting(row, row.holder, row.amount, on) for row in rows)


def _waiting(row: PaymentRow, unit: str, amount: int, on: date) -> WaitingMoney:
    return WaitingMoney(
        payment_id=row.payment_id,
        unit=unit,
        channel=row.channel,
        amount=amount,
        paid_on=row.paid_on,
        age_days=(on - row.paid_on).days,
        reference=row.reference,
        payer_key=row.payer_key,
        bank_line=row.bank_line,
        evidence_id=row.evidence_id,
        position=row.position,
    )
