"""A member's dues: month by month, what is held as credit, and everything that happened, in the order of the log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from domain.dues_account import (
    AheadApplied,
    AheadReturned,
    ApplicationUndone,
    CollectedAhead,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    CreditReserved,
    CreditUnreserved,
    DuesAdjusted,
    DuesAssessed,
    OpeningCreditCarried,
    PaymentApplied,
    ReliefRecognised,
    SurplusAccepted,
    SurplusDeclared,
    SurplusRejected,
)
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied
from domain.dues_moves import CreditMoved, MonthWaived, ObligationMoved
from domain.receipt_book import ReceiptIssued
from ledger.reports import MemberStatement, StatementEntry, StatementMonth
from ledger.store import Recorded
from projections import member_held
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """One member's dues month; đồng. A year's end carries what is open into a new stream and changes nothing here."""

    member_id: str
    month: str
    unit: str
    category: str
    rule: str
    document: str
    article: str | None
    assessed: int
    relieved: int
    applied: int
    is_opening: bool
    position: int

    @property
    def open(self) -> int:
        """Still owed."""
        return self.assessed - self.relieved - self.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRow:
    """What is held for a member beyond everything owed; đồng."""

    member_id: str
    unit: str
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One thing that happened to a member's dues."""

    position: int
    member_id: str
    recorded_at: datetime
    what: str
    month: str | None
    amount: int
    payment_id: str | None
    case_id: str | None
    receipt: str | None


MONTH_ROWS = Table(
    name="member_months",
    version=2,
    row=MonthRow,
    key=("member_id", "month"),
    indexes=("unit, month",),
)
CREDIT_ROWS = Table(name="member_credit", version=2, row=CreditRow, key=("member_id",), indexes=("unit",))
ENTRY_ROWS = Table(name="member_entries", version=2, row=EntryRow, key=("position",), indexes=("member_id, position",))

#: What an entry is called, by event, for machines and for Vietnamese readers.
TITLES = {
    DuesAssessed: ("assessed", "Xác định mức đóng"),
    PaymentApplied: ("paid", "Đóng đảng phí"),
    CreditHeld: ("credit-held", "Đóng thừa, giữ lại cho tháng sau"),
    OpeningCreditCarried: ("credit-carried", "Số đóng thừa mang sang khi mở sổ"),
    CreditApplied: ("credit-applied", "Dùng số đóng thừa"),
    CreditReleased: ("credit-released", "Chuyển số đóng thừa sang hoàn trả"),
    CreditReserved: ("credit-reserved", "Giữ riêng số đóng thừa, chờ duyệt hoàn trả"),
    CreditUnreserved: ("credit-unreserved", "Thôi giữ riêng số đóng thừa: đề nghị hoàn trả đã rút"),
    ApplicationUndone: ("undone", "Rút lại khoản đã đóng để hoàn trả"),
    ReliefRecognised: ("relief-recognised", "Miễn, giảm theo quyết định"),
    ObligationMoved: ("month-moved", "Phần còn nợ chuyển sang sổ của đơn vị mới"),
    CreditMoved: ("credit-moved", "Số đóng thừa chuyển sang sổ của đơn vị khác"),
    MonthWaived: ("waived", "Thôi thu"),
    PaymentUnapplied: ("correction-undone", "Gỡ khoản đã ghi nhầm (điều chỉnh)"),
    CreditUnheld: ("correction-unheld", "Huỷ số đóng thừa ghi nhầm (điều chỉnh)"),
    CreditUnapplied: ("correction-credit-undone", "Gỡ số đóng thừa đã trừ nhầm (điều chỉnh)"),
    DuesAdjusted: ("adjusted", "Điều chỉnh mức đóng"),
    CollectedAhead: ("collected-ahead", "Tiền đóng trước tính là đã thu"),
    AheadApplied: ("ahead-applied", "Dùng tiền đã thu trước"),
    AheadReturned: ("ahead-returned", "Chuyển tiền đã thu trước thành số đóng thừa"),
    SurplusDeclared: ("surplus-declared", "Đề nghị đóng thêm, chờ cấp trên trực tiếp"),
    SurplusAccepted: ("surplus-accepted", "Đóng thêm tự nguyện được nhận"),
    SurplusRejected: ("surplus-rejected", "Khoản đóng thêm không được nhận, giữ là đóng thừa"),
    ReceiptIssued: ("receipt", "Biên lai"),
}
_TITLE_OF = dict(TITLES.values())

_MONTHLY = (
    DuesAssessed
    | PaymentApplied
    | CreditApplied
    | ApplicationUndone
    | ReliefRecognised
    | ObligationMoved
    | MonthWaived
    | DuesAdjusted
    | AheadApplied
    | PaymentUnapplied
    | CreditUnapplied
)
_CREDIT = (
    DuesAdjusted
    | CollectedAhead
    | AheadReturned
    | SurplusAccepted
    | CreditUnapplied
    | CreditUnheld
    | CreditHeld
    | OpeningCreditCarried
    | CreditApplied
    | CreditReleased
)

_TAKES_CREDIT = (CreditApplied, CreditReleased, CreditUnheld, CollectedAhead, SurplusAccepted)


def apply(writer: Writer, batch: Batch) -> None:
    """Bring months and credit forward, and add the entries."""
    events = [(r.position, r.event) for r in batch.events]
    months = [((e.member_id, e.month), (p, e)) for p, e in events if isinstance(e, _MONTHLY)]
    writer.fold(MONTH_ROWS, months, _month)
    writer.fold(CREDIT_ROWS, [(e.member_id, e) for _, e in events if isinstance(e, _CREDIT)], _credit)
    writer.insert(ENTRY_ROWS, _entries(batch))
    member_held.apply(writer, batch)


def _month(row: MonthRow | None, change: tuple[int, _MONTHLY]) -> MonthRow:
    position, event = change
    match event:
        case DuesAssessed():
            return MonthRow(
                member_id=event.member_id,
                month=event.month,
                unit=event.unit_id,
                category=event.category,
                rule=event.rule,
                document=event.document,
                article=event.article,
                assessed=event.gross,
                relieved=event.relieved,
                applied=0,
                is_opening=event.is_opening,
                position=position,
            )
        case DuesAdjusted():
            return replace(
                known(row),
                category=event.after.category,
                rule=event.after.rule,
                document=event.after.document,
                article=event.after.article,
                assessed=event.after.gross,
                relieved=event.after.relieved,
                applied=known(row).applied - event.undone,
            )
        case PaymentApplied() | CreditApplied() | AheadApplied():
            return replace(known(row), applied=known(row).applied + event.amount)
        case ApplicationUndone() | PaymentUnapplied() | CreditUnapplied():
            return replace(known(row), applied=known(row).applied - event.amount)
        case ReliefRecognised() | MonthWaived():
            return replace(known(row), relieved=known(row).relieved + event.amount)
        case ObligationMoved():
            return replace(known(row), unit=event.unit_id)


def _credit(row: CreditRow | None, event: _CREDIT) -> CreditRow:
    row = row or CreditRow(member_id=event.member_id, unit=event.unit_id, credit=0)
    if isinstance(event, CreditMoved):
        return replace(row, unit=event.unit_id)
    amount = event.to_credit if isinstance(event, DuesAdjusted) else event.amount
    sign = -1 if isinstance(event, _TAKES_CREDIT) else 1
    return replace(row, unit=event.unit_id, credit=row.credit + sign * amount)


def _entries(batch: Batch) -> Iterator[EntryRow]:
    for recorded in batch.events:
        event = recorded.event
        match event:
            case DuesAssessed():
                yield _entry(recorded, event.member_id, event.due, month=event.month)
            case DuesAdjusted():
                yield _entry(
                    recorded,
                    event.member_id,
                    event.after.due - event.before.due,
                    month=event.month,
                    case_id=event.decision,
                )
            case CollectedAhead():
                yield _entry(recorded, event.member_id, event.amount, payment_id=event.payment_id)
            case AheadApplied():
                yield _entry(recorded, event.member_id, event.amount, month=event.month)
            case AheadReturned():
                yield _entry(recorded, event.member_id, event.amount, case_id=event.decision)
            case SurplusDeclared() | SurplusAccepted() | SurplusRejected():
                yield _entry(recorded, event.member_id, event.amount, case_id=event.surplus_id)
            case PaymentApplied():
                yield _entry(recorded, event.member_id, event.amount, month=event.month, payment_id=event.payment_id)
            case CreditHeld():
                yield _entry(recorded, event.member_id, event.amount, payment_id=event.payment_id)
            case OpeningCreditCarried():
                yield _entry(recorded, event.member_id, event.amount)
            case CreditMoved():
                yield _entry(recorded, event.member_id, event.amount)
            case CreditApplied() | ReliefRecognised() | ObligationMoved() | MonthWaived():
                yield _entry(recorded, event.member_id, event.amount, month=event.month)
            case CreditReleased() | CreditReserved() | CreditUnreserved():
                yield _entry(recorded, event.member_id, event.amount, case_id=event.refund_id)
            case PaymentUnapplied():
                yield _entry(
                    recorded,
                    event.member_id,
                    event.amount,
                    month=event.month,
                    payment_id=event.payment_id,
                    case_id=event.correction_id,
                )
            case CreditUnheld():
                yield _entry(
                    recorded, event.member_id, event.amount, payment_id=event.payment_id, case_id=event.correction_id
                )
            case CreditUnapplied():
                yield _entry(recorded, event.member_id, event.amount, month=event.month, case_id=event.correction_id)
            case ApplicationUndone():
                yield _entry(recorded, event.member_id, event.amount, month=event.month, case_id=event.refund_id)
            case ReceiptIssued(member_id=str(member)):
                number = f"{event.unit_id}/{event.year}/{event.number}"
                yield _entry(recorded, member, event.amount, payment_id=event.payment_id, receipt=number)
            case _:
                continue


def _entry(
    recorded: Recorded,
    member_id: str,
    amount: int,
    *,
    month: str | None = None,
    payment_id: str | None = None,
    case_id: str | None = None,
    receipt: str | None = None,
) -> EntryRow:
    return EntryRow(
        position=recorded.position,
        member_id=member_id,
        recorded_at=recorded.recorded_at,
        what=TITLES[type(recorded.event)][0],
        month=month,
        amount=amount,
        payment_id=payment_id,
        case_id=case_id,
        receipt=receipt,
    )


MEMBER_STATEMENT = Projection(
    name="member_statement", version=2, tables=(MONTH_ROWS, CREDIT_ROWS, ENTRY_ROWS, *member_held.TABLES), apply=apply
)


# --- Questions --------------------------------------------------------------------------------------------------


def statement(conn: Connection[Any], member_id: str) -> MemberStatement | None:
    """Everything about one member's dues; None for a member without any."""
    months = select(conn, MONTH_ROWS, "WHERE member_id = %s ORDER BY month", (member_id,))
    credit = select(conn, CREDIT_ROWS, "WHERE member_id = %s", (member_id,))
    entries = select(conn, ENTRY_ROWS, "WHERE member_id = %s ORDER BY position", (member_id,))
    if not months and not credit and not entries:
        return None
    unit = months[-1].unit if months else credit[0].unit if credit else ""
    return MemberStatement(
        member_id=member_id,
        unit=unit,
        credit=credit[0].credit if credit else 0,
        months=tuple(_report_month(row) for row in months),
        entries=tuple(_report_entry(row) for row in entries),
    )


def _report_month(row: MonthRow) -> StatementMonth:
    return StatementMonth(
        month=row.month,
        assessed=row.assessed,
        relieved=row.relieved,
        applied=row.applied,
        open=row.open,
        rule=row.rule,
        document=row.document,
        article=row.article,
        position=row.position,
    )


def _report_entry(row: EntryRow) -> StatementEntry:
    return StatementEntry(
        position=row.position,
        recorded_at=row.recorded_at,
        what=row.what,
        title=_TITLE_OF[row.what],
        month=row.month,
        amount=row.amount,
        payment_id=row.payment_id,
        case_id=row.case_id,
        receipt=row.receipt,
    )


def months_of_units(conn: Connection[Any], units: Sequence[str], *, month: str | None = None) -> tuple[MonthRow, ...]:
    """Dues months of the members of these units."""
    return select(
        conn,
        MONTH_ROWS,
        "WHERE unit = ANY(%s) AND (%s::text IS NULL OR month = %s) ORDER BY unit, member_id, month",
        (list(units), month, month),
    )


def credits_of_units(conn: Connection[Any], units: Sequence[str]) -> tuple[CreditRow, ...]:
    """Members of these units for whom something is held."""
    return select(conn, CREDIT_ROWS, "WHERE unit = ANY(%s) AND credit <> 0 ORDER BY unit, member_id", (list(units),))
