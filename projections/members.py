"""Who is on which roll, and every move a member made: admitted, transferred, released, ended, restored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg import Connection

from domain import membership as m
from domain.member import MemberEnrolled, StandingDeclared
from domain.membership import MembershipEvent
from domain.period import Month, month_of, months_between, shift
from ledger.reports import StatementMove
from ledger.store import Recorded
from projections.clauses.members import ENDINGS, KINDS
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A member on a roll, with the standing declared last; ``left_on`` is the day of leaving it without a new one."""

    member_id: str
    unit_id: str
    roster_order: int
    enrolled_on: date
    left_on: date | None
    scope: str | None
    category: str | None
    category_342: str | None
    standing_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One change of where a member belongs; ``unit`` is the unit that recorded it, ``other`` the other side."""

    position: int
    member_id: str
    what: str
    title: str
    on_day: date
    unit: str
    other: str | None
    document: str
    from_month: str | None
    to_month: str | None


MEMBER_ROWS = Table(
    name="roll", version=1, row=MemberRow, key=("member_id",), indexes=("unit_id, roster_order, member_id",)
)
MOVE_ROWS = Table(name="member_moves", version=1, row=MoveRow, key=("position",), indexes=("member_id, position",))

_PLACED = (
    MemberEnrolled
    | StandingDeclared
    | m.MemberAdmitted
    | m.MemberArrived
    | m.TransferLetterIssued
    | m.TransferWithdrawn
    | m.TransferReceived
    | m.MembershipEnded
    | m.MembershipRestored
    | m.MemberMoved
)


def apply(writer: Writer, batch: Batch) -> None:
    """Bring the rolls forward and add the moves."""
    placed = [(r.event.member_id, r.event) for r in batch.events if isinstance(r.event, _PLACED)]
    writer.fold(MEMBER_ROWS, placed, _member)
    writer.insert(MOVE_ROWS, [move for r in batch.events for move in _moves(r)])


def _member(row: MemberRow | None, event: _PLACED) -> MemberRow:
    match event:
        case StandingDeclared():
            return replace(
                known(row),
                scope=event.scope,
                category=event.category,
                category_342=event.category_342,
                standing_from=event.from_month,
            )
        case MemberEnrolled():
            return _on_roll(row, event, event.enrolled_on)
        case m.MemberAdmitted():
            return _on_roll(row, event, event.ceremony_on)
        case m.MembershipRestored():
            return _on_roll(row, event, event.restored_on)
        case m.MemberArrived():
            if event.to_month is None:
                return _on_roll(row, event, event.received_on)
            # A guest for a time is on no roll here; one who was here before keeps the row as it is.
            return row or replace(_on_roll(row, event, event.received_on), left_on=event.received_on)
        case m.TransferReceived():
            return known(row) if event.to_month is not None else _on_roll(row, event, event.received_on)
        case m.TransferLetterIssued():
            away = event.to_unit is None and event.to_month is None
            return replace(known(row), left_on=event.issued_on) if away else known(row)
        case m.TransferWithdrawn():
            return replace(known(row), left_on=None)
        case m.MembershipEnded():
            return replace(known(row), left_on=event.effective_on)
        case m.MemberMoved():
            here = known(row).unit_id == event.from_unit and known(row).left_on is None
            return _on_roll(row, event, event.moved_on) if here else known(row)


def _on_roll(
    row: MemberRow | None,
    event: MemberEnrolled
    | m.MemberAdmitted
    | m.MembershipRestored
    | m.MemberArrived
    | m.TransferReceived
    | m.MemberMoved,
    day: date,
) -> MemberRow:
    return MemberRow(
        member_id=event.member_id,
        unit_id=event.unit_id,
        roster_order=event.roster_order,
        enrolled_on=day,
        left_on=None,
        scope=None if row is None else row.scope,
        category=None if row is None else row.category,
        category_342=None if row is None else row.category_342,
        standing_from=None if row is None else row.standing_from,
    )


def _moves(recorded: Recorded) -> Iterator[MoveRow]:
    event = recorded.event
    if not isinstance(event, MembershipEvent):
        return
    what, title, day, other, document, months = _told(event)
    yield MoveRow(
        position=recorded.position,
        member_id=event.member_id,
        what=what,
        title=title,
        on_day=day,
        unit=event.unit_id,
        other=other,
        document=document,
        from_month=months[0],
        to_month=months[1],
    )


_Months = tuple[str | None, str | None]


def _told(e: MembershipEvent) -> tuple[str, str, date, str | None, str, _Months]:
    """What a reader of a statement is told: word, title, day, other side, document, first and last month meant."""
    match e:
        case m.MemberAdmitted():
            return "admitted", "Kết nạp", e.ceremony_on, None, e.decision, (e.first_month, None)
        case m.MemberRecognised():
            return "recognised", "Công nhận chính thức", e.official_on, None, e.decision, (None, None)
        case m.TransferLetterIssued():
            to = e.to_unit or e.to_outside
            title = f"Giấy giới thiệu {KINDS[e.kind]}"
            return "letter", title, e.issued_on, to, e.letter, (None, e.paid_through)
        case m.TransferWithdrawn():
            return "withdrawn", "Thu hồi giấy giới thiệu", e.withdrawn_on, None, e.letter, (None, None)
        case m.TransferReceived():
            title = f"Tiếp nhận {KINDS[e.kind]}"
            return "received", title, e.received_on, e.from_unit, e.letter, (e.from_month, e.to_month)
        case m.MemberArrived():
            title = f"Tiếp nhận từ ngoài sổ, {KINDS[e.kind]}"
            return "arrived", title, e.received_on, e.from_outside, e.letter, (e.from_month, e.to_month)
        case m.TemporaryTransferEnded():
            title = "Kết thúc sớm chuyển tạm thời"
            return "temporary-ended", title, e.ended_on, None, e.decision, (None, e.last_month)
        case m.ReleasedFromActivities():
            title = "Tạm miễn sinh hoạt"
            return "released", title, e.decided_on, e.granted_by, e.decision, (e.from_month, e.to_month)
        case m.MembershipEnded():
            title = ENDINGS[e.why][0].upper() + ENDINGS[e.why][1:]
            return str(e.why), title, e.effective_on, None, e.decision, (None, e.last_month)
        case m.MembershipRestored():
            return "restored", "Phục hồi, đóng bù", e.restored_on, None, e.decision, (e.from_month, None)
        case m.MemberMoved():
            return "moved", "Sắp xếp tổ chức", e.moved_on, e.from_unit, e.decision, (e.from_month, None)


MEMBERS = Projection(name="members", version=1, tables=(MEMBER_ROWS, MOVE_ROWS), apply=apply)


# --- Questions --------------------------------------------------------------------------------------------------


def members_of(conn: Connection[Any], units: list[str]) -> tuple[MemberRow, ...]:
    """Members on the rolls of these units now, in the order of units and rolls."""
    return select(
        conn,
        MEMBER_ROWS,
        "WHERE unit_id = ANY(%s) AND left_on IS NULL ORDER BY array_position(%s, unit_id), roster_order, member_id",
        (units, units),
    )


def moves_of(conn: Connection[Any], member_id: str) -> tuple[StatementMove, ...]:
    """Every move of a member, in the order of the log."""
    rows = select(conn, MOVE_ROWS, "WHERE member_id = %s ORDER BY position", (member_id,))
    return tuple(
        StatementMove(
            position=row.position,
            what=row.what,
            title=row.title,
            on_day=row.on_day,
            unit=row.unit,
            other=row.other,
            document=row.document,
            from_month=row.from_month,
            to_month=row.to_month,
            gap_months=_gap(row),
        )
        for row in rows
    )


def open_letters(conn: Connection[Any], units: Sequence[str]) -> tuple[MoveRow, ...]:
    """Letters of introduction given by or to these units that nobody received or took back, oldest first."""
    return select(
        conn,
        MOVE_ROWS,
        "AS given WHERE what = 'letter' AND (unit = ANY(%s) OR other = ANY(%s)) AND NOT EXISTS ("
        f"SELECT 1 FROM {MOVE_ROWS.serving} AS done WHERE done.member_id = given.member_id"
        " AND done.position > given.position AND done.document = given.document"
        " AND done.what IN ('received', 'withdrawn')) ORDER BY on_day, position",
        (list(units), list(units)),
    )


def _gap(row: MoveRow) -> tuple[str, ...]:
    if row.what != "restored" or row.from_month is None:
        return ()
    first = Month(row.from_month)
    return tuple(shift(first, n) for n in range(months_between(first, month_of(row.on_day))))
