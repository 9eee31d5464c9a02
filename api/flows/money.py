"""Lists of an office about money into commands: portal sessions, cash sheets, named lines, identified money."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from adapters.office.money_files import (
    CashRow,
    IdentifiedRow,
    NamedRow,
    PortalSession,
    read_cash_sheet,
    read_identified,
    read_named_lines,
    read_sessions,
)
from api.wiring import Installation
from domain import organisation
from domain.bank_account import StatementLine
from domain.errors import Malformed, Refusal
from domain.identifiers import MemberId, PaymentId, UnitId, payment_id
from domain.notice import Direction
from domain.organisation import AccountRegistered
from ledger.application import HANDLERS, Outcome, command_id_for, request_digest
from ledger.handlers.ask import BatchLine, OpenBatchAttempt, OpenDuesAttempt
from ledger.handlers.collect import CashItem, RecordCash
from ledger.handlers.statements import IdentifySuspense, NameMovement
from ledger.store import VersionMoved
from ledger.work import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAttempt:
    """An attempt that was opened: the portal's session and our reference."""

    session: str
    reference: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One row of a list as a command; ``about`` is what no other row of the list may be about."""

    where: str
    about: str
    command: object
    act: Act


def _run(inst: Installation, asked: Sequence[_Asked]) -> list[Outcome]:
    """Run the commands of a list in its order, after all of them were tried: if one is refused none is recorded.

    After a crash the same list goes on where it stopped, since each command is known by its id.
    """
    places: dict[str, str] = {}
    for one in asked:
        first = places.setdefault(one.about, one.where)
        if first != one.where:
            raise Malformed(f"nói về cùng một việc với {first}; bỏ một dòng", where=one.where)
    for one in asked:
        with _at(one.where):
            digest = request_digest(HANDLERS[type(one.command)].name, one.command)
            if inst.store.known(one.act.command_id, digest) is None:
                inst.ledger.execute(one.command, one.act, dry_run=True)
    outcomes = []
    for one in asked:
        with _at(one.where):
            outcomes.append(inst.ledger.execute(one.command, one.act))
    return outcomes


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Name the row that a refusal is about."""
    try:
        yield
    except VersionMoved:
        raise
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{where}: {refusal.message}", **refusal.details) from refusal


def open_attempts(
    inst: Installation,
    *,
    collector_of: Mapping[str, str],
    data: bytes,
    name: str,
    not_after: datetime | None = None,
) -> list[OpenedAttempt]:
    """Open an attempt for each session of the portal's list, at the time the session was opened.

    ``collector_of`` names, by unit code, the officer who opens a batch on behalf of members. A session that was
    opened ``not_after`` or later is refused: its time would become the recorded time of everything behind it.
    """
    asked = []
    for session, group in groupby(read_sessions(data, name), key=lambda row: row.session):
        rows = list(group)
        first = rows[0]
        if not_after is not None and first.opened_at > not_after:
            raise Malformed(
                f"phiên mở lúc {first.opened_at.isoformat()}, sau thời điểm này {not_after.isoformat()}; kiểm tra tệp",
                where=first.where,
            )
        unit = _unit(inst, first.unit_code, first.where)
        on_behalf = first.kind == "nộp hộ"
        if on_behalf and first.unit_code not in collector_of:
            raise Malformed(
                f"đơn vị {first.unit_code} không có người thu; giao quyền thu trong officers.csv trước",
                where=first.where,
            )
        actor = collector_of[first.unit_code] if on_behalf else "service:portal"
        act = Act(actor=actor, at=first.opened_at, command_id=command_id_for("portal-session", session))
        command = _batch(inst, unit, rows) if on_behalf else _dues(inst, unit, first)
        asked.append(_Asked(where=first.where, about=session, command=command, act=act))
    return [
        OpenedAttempt(session=one.about, reference=outcome.answer["reference"], amount=outcome.answer["amount"])
        for one, outcome in zip(asked, _run(inst, asked), strict=True)
    ]


def _unit(inst: Installation, code: str, where: str) -> UnitId:
    with _at(where):
        return organisation.by_code(inst.ledger.work().organisation, code).unit_id


def _dues(inst: Installation, unit: UnitId, row: PortalSession) -> OpenDuesAttempt:
    return OpenDuesAttempt(unit_id=unit, member_id=_member(inst, row.card_number, row.where), month=row.month)


def _batch(inst: Installation, unit: UnitId, rows: list[PortalSession]) -> OpenBatchAttempt:
    lines = []
    for row in rows:
        if row.amount is None:
            raise Malformed("lượt nộp hộ phải ghi số tiền của từng đảng viên; điền cột «số tiền»", where=row.where)
        cash = payment_id(f"cash:{unit}", row.slip) if row.slip else None
        member = _member(inst, row.card_number, row.where)
        lines.append(BatchLine(member_id=member, month=row.month, amount=row.amount, cash_payment_id=cash))
    return OpenBatchAttempt(unit_id=unit, lines=tuple(lines))


def record_cash_sheet(inst: Installation, *, actor: str, at: datetime, data: bytes, name: str) -> Outcome:
    """Enter a collector's cash sheet of one unit: every line or none; the same sheet again adds nothing."""
    rows = read_cash_sheet(data, name)
    if not rows:
        raise Malformed("không có dòng nào dưới dòng tiêu đề; hãy lấy lại tệp đầy đủ", where=name)
    other = next((row for row in rows if row.unit_code != rows[0].unit_code), None)
    if other is not None:
        raise Malformed(
            f"bảng kê của {rows[0].unit_code} có dòng của {other.unit_code}; mỗi đơn vị một bảng kê", where=other.where
        )
    slips: dict[str, str] = {}
    for row in rows:
        first = slips.setdefault(row.slip, row.where)
        if first != row.where:
            raise Malformed(f"trùng số phiếu {row.slip} với {first}; mỗi phiếu một số", where=row.where)
    unit = _unit(inst, rows[0].unit_code, rows[0].where)
    items = tuple(_cash_item(inst, row) for row in rows)
    act = Act(actor=actor, at=at, command_id=command_id_for("cash-sheet", _digest(data)))
    with _at(name):
        return inst.ledger.execute(RecordCash(unit_id=unit, items=items), act)


def _cash_item(inst: Installation, row: CashRow) -> CashItem:
    return CashItem(
        slip=row.slip,
        member_id=_member(inst, row.card_number, row.where),
        month=row.month,
        amount=row.amount,
        paid_on=row.paid_on,
    )


def name_lines(inst: Installation, *, actor: str, at: datetime, data: bytes, name: str) -> list[Outcome]:
    """Name lines that are not dues, as an officer's list says: all of it or nothing."""
    asked = []
    for row in read_named_lines(data, name):
        account = _account(inst, row.account_number, row.where)
        line = _find_line(inst, account, row, row.direction)
        command = NameMovement(
            account_id=account.account_id,
            unit_id=account.unit_id,
            line_key=line.key,
            what=row.what,
            heading=row.heading,
            ground=row.ground,
        )
        act = Act(actor=actor, at=at, command_id=command_id_for("name-line", line.key), document=row.ground)
        asked.append(_Asked(where=row.where, about=line.key, command=command, act=act))
    return _run(inst, asked)


def identify_money(inst: Installation, *, actor: str, at: datetime, data: bytes, name: str) -> list[Outcome]:
    """Say whose waiting money is, as an officer's list says: all of it or nothing."""
    asked = []
    for row in read_identified(data, name):
        account = _account(inst, row.account_number, row.where)
        line = _find_line(inst, account, row, Direction.IN)
        placed = inst.ledger.work().account(account.account_id).placed.get(line.key)
        if placed is None or placed.outcome != "suspense":
            raise Malformed("dòng này không nằm ở tiền chưa xác định; đối chiếu lại với sao kê", where=row.where)
        command = IdentifySuspense(
            unit_id=account.unit_id,
            payment_id=PaymentId(placed.target),
            member_id=_member(inst, row.card_number, row.where),
            month=row.month,
            amount=row.amount,
            ground=row.ground,
        )
        command_id = command_id_for("identify", line.key, row.card_number)
        act = Act(actor=actor, at=at, command_id=command_id, reason=row.ground)
        asked.append(_Asked(where=row.where, about=line.key, command=command, act=act))
    return _run(inst, asked)


def _find_line(
    inst: Installation, account: AccountRegistered, row: NamedRow | IdentifiedRow, direction: Direction
) -> StatementLine:
    found = [
        line
        for line in inst.ledger.work().account(account.account_id).lines.values()
        if (line.booked_on, line.amount, line.direction) == (row.booked_on, row.amount, direction)
    ]
    if len(found) != 1:
        raise Malformed(
            f"có {len(found)} dòng {row.amount} đồng ngày {row.booked_on:%d/%m/%Y} trên tài khoản "
            f"{row.account_number}, cần đúng một; kiểm tra ngày và số tiền, hoặc nhập sao kê trước",
            where=row.where,
        )
    return found[0]


def _account(inst: Installation, number: str, where: str) -> AccountRegistered:
    found = organisation.account_by_number(inst.ledger.work().organisation, number)
    if found is None:
        raise Malformed(f"không có tài khoản {number} trong danh sách tài khoản; kiểm tra số tài khoản", where=where)
    return found


def _member(inst: Installation, card_number: str, where: str) -> MemberId:
    found = inst.vault.find_by_card(card_number)
    if found is None:
        raise Malformed("số thẻ không có trong danh sách đảng viên; kiểm tra số thẻ hoặc nhập danh sách", where=where)
    return MemberId(found)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
