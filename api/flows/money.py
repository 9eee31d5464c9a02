"""Lists of an office about money into commands: portal sessions, cash sheets, named lines, identified money."""

import hashlib
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
from domain.errors import Malformed
from domain.identifiers import MemberId, PaymentId, UnitId, payment_id
from domain.notice import Direction
from domain.organisation import AccountRegistered
from ledger.application import Outcome, command_id_for
from ledger.handlers.ask import BatchLine, OpenBatchAttempt, OpenDuesAttempt
from ledger.handlers.collect import CashItem, RecordCash
from ledger.handlers.statements import IdentifySuspense, NameMovement
from ledger.work import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedAttempt:
    """An attempt that was opened: the portal's session and our reference."""

    session: str
    reference: str
    amount: int


def open_attempts(inst: Installation, *, collector_of: dict[str, str], data: bytes, name: str) -> list[OpenedAttempt]:
    """Open an attempt for each session of the portal's list, at the time the session was opened.

    ``collector_of`` names, by unit code, the officer who opens a batch on behalf of members.
    """
    opened = []
    org = inst.ledger.work().organisation
    for session, group in groupby(read_sessions(data, name), key=lambda row: row.session):
        rows = list(group)
        unit = organisation.by_code(org, rows[0].unit_code).unit_id
        actor = "service:portal" if rows[0].kind == "đảng phí" else collector_of[rows[0].unit_code]
        command = _batch(inst, unit, rows) if rows[0].kind == "nộp hộ" else _dues(inst, unit, rows[0])
        act = Act(actor=actor, at=rows[0].opened_at, command_id=command_id_for("portal-session", session))
        answer = inst.ledger.execute(command, act).answer
        opened.append(OpenedAttempt(session=session, reference=answer["reference"], amount=answer["amount"]))
    return opened


def _dues(inst: Installation, unit: UnitId, row: PortalSession) -> OpenDuesAttempt:
    return OpenDuesAttempt(unit_id=unit, member_id=_member(inst, row.card_number, row.where), month=row.month)


def _batch(inst: Installation, unit: UnitId, rows: list[PortalSession]) -> OpenBatchAttempt:
    lines = []
    for row in rows:
        if row.amount is None:
            raise Malformed("lượt nộp hộ phải ghi số tiền của từng đảng viên", where=row.where)
        cash = payment_id(f"cash:{unit}", row.slip) if row.slip else None
        member = _member(inst, row.card_number, row.where)
        lines.append(BatchLine(member_id=member, month=row.month, amount=row.amount, cash_payment_id=cash))
    return OpenBatchAttempt(unit_id=unit, lines=tuple(lines))


def record_cash_sheet(inst: Installation, *, actor: str, at: datetime, data: bytes, name: str) -> Outcome:
    """Enter a collector's cash sheet of one unit: every line or none; the same sheet again adds nothing."""
    rows = read_cash_sheet(data, name)
    codes = {row.unit_code for row in rows}
    if len(codes) != 1:
        raise Malformed("một bảng kê tiền mặt chỉ gồm một đơn vị", where=name)
    unit = organisation.by_code(inst.ledger.work().organisation, codes.pop()).unit_id
    items = tuple(_cash_item(inst, row) for row in rows)
    act = Act(actor=actor, at=at, command_id=command_id_for("cash-sheet", _digest(data)))
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
    """Name lines that are not dues, as an officer's list says."""
    outcomes = []
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
        outcomes.append(inst.ledger.execute(command, act))
    return outcomes


def identify_money(inst: Installation, *, actor: str, at: datetime, data: bytes, name: str) -> list[Outcome]:
    """Say whose waiting money is, as an officer's list says."""
    outcomes = []
    for row in read_identified(data, name):
        account = _account(inst, row.account_number, row.where)
        line = _find_line(inst, account, row, Direction.IN)
        placed = inst.ledger.work().account(account.account_id).placed.get(line.key)
        if placed is None or placed.outcome != "suspense":
            raise Malformed("dòng này không nằm ở tiền chưa xác định", where=row.where)
        command = IdentifySuspense(
            unit_id=account.unit_id,
            payment_id=PaymentId(placed.target),
            member_id=_member(inst, row.card_number, row.where),
            month=row.month,
            amount=row.amount,
            ground=row.ground,
        )
        act = Act(
            actor=actor, at=at, command_id=command_id_for("identify", line.key, row.card_number), reason=row.ground
        )
        outcomes.append(inst.ledger.execute(command, act))
    return outcomes


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
            f"{row.account_number}, cần đúng một",
            where=row.where,
        )
    return found[0]


def _account(inst: Installation, number: str, where: str) -> AccountRegistered:
    found = organisation.account_by_number(inst.ledger.work().organisation, number)
    if found is None:
        raise Malformed(f"không có tài khoản {number}", where=where)
    return found


def _member(inst: Installation, card_number: str, where: str) -> MemberId:
    found = inst.vault.find_by_card(card_number)
    if found is None:
        raise Malformed("số thẻ không có trong danh sách đảng viên; kiểm tra số thẻ hoặc nhập danh sách", where=where)
    return MemberId(found)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
