"""Close a day of a bank account on the figures of a reconciliation, and open a closed day again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import bank_account, day_close, organisation
from domain.access import Action
from domain.day_close import AccountDayClosed, NamedPart
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from domain.notice import Direction
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccountDay:
    """Close a day; the figures are those of the reconciliation at ``position`` of the log, đồng."""

    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    day: date
    position: int
    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    book: Dong
    suspense: Dong
    parts: tuple[NamedPart, ...]
    moved: Dong
    explained: Dong
    told: Dong
    told_booked: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenAccountDay:
    """Open a closed day again."""

    unit_id: UnitId
    account_id: AccountId
    day: date
    reason: str


def close_account_day(work: Work, command: CloseAccountDay, act: Act) -> dict[str, object]:
    """Take the close down if the day is over, covered by a statement, and the bank's side is what it was."""
    _require_owner(work, command.account_id, command.unit_id)
    if command.day > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Ngày {command.day:%d/%m/%Y} chưa đến (hôm nay {act.on:%d/%m/%Y}). Chốt ngày sau khi có sao kê.",
        )
    _require_covered(work, command)
    asked = AccountDayClosed(
        account_id=command.account_id,
        unit_id=command.unit_id,
        day=command.day,
        number=0,
        position=command.position,
        opening=command.opening,
        money_in=command.money_in,
        money_out=command.money_out,
        closing=command.closing,
        book=command.book,
        suspense=command.suspense,
        parts=command.parts,
        moved=command.moved,
        explained=command.explained,
        told=command.told,
        told_booked=command.told_booked,
        closed_by=act.actor,
    )
    stream = day_close.stream(command.account_id)
    events = day_close.close(work.day_closes(command.account_id), asked)
    work.record(stream, events)
    # The close stands only on the statement lines that were looked at.
    work.guard(bank_account.stream(command.account_id))
    standing = work.day_closes(command.account_id).standing[command.day]
    return {
        "account": command.account_id,
        "day": command.day.isoformat(),
        "number": standing.number,
        "closing": standing.closing,
        "book": standing.book,
        "suspense": standing.suspense,
        "known": not events,
    }


def _require_owner(work: Work, account_id: AccountId, unit_id: UnitId) -> None:
    registered = organisation.account(work.organisation, account_id)
    if registered.unit_id != unit_id:
        raise Refusal(
            RefusalCode.STATEMENT_OTHER_ACCOUNT,
            f"Tài khoản {account_id} là của {registered.unit_id}, không phải của {unit_id}.",
        )


def _require_covered(work: Work, command: CloseAccountDay) -> None:
    """A statement covers the day, and the lines known now are those that the figures were made of."""
    state = work.account(command.account_id)
    if not any(first <= command.day <= last for first, last, _, _ in state.spans):
        raise Refusal(
            RefusalCode.DAY_NOT_COVERED,
            f"Tài khoản {command.account_id}: chưa có sao kê nào của ngày {command.day:%d/%m/%Y}. Nhập sao kê của ngày "
            "này rồi chốt.",
            day=command.day.isoformat(),
        )
    today = [line for line in state.lines.values() if line.booked_on == command.day]
    money_in = sum(line.amount for line in today if line.direction is Direction.IN)
    money_out = sum(line.amount for line in today if line.direction is Direction.OUT)
    if (money_in, money_out) != (command.money_in, command.money_out):
        raise Refusal(
            RefusalCode.VERSION_MOVED,
            f"Sao kê của tài khoản {command.account_id} ngày {command.day:%d/%m/%Y} vừa thay đổi. Đối chiếu lại rồi "
            "chốt.",
        )


def reopen_account_day(work: Work, command: ReopenAccountDay, act: Act) -> dict[str, object]:
    """Open the day again, with the reason; the close stays on record."""
    _require_owner(work, command.account_id, command.unit_id)
    events = day_close.reopen(
        work.day_closes(command.account_id),
        account_id=command.account_id,
        unit_id=command.unit_id,
        day=command.day,
        reason=command.reason,
        reopened_by=act.actor,
    )
    work.record(day_close.stream(command.account_id), events)
    return {"account": command.account_id, "day": command.day.isoformat(), "reopened": events[0].number}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    CloseAccountDay: Handler("close-account-day", Action.CLOSE_DAY, "unit_id", close_account_day),
    ReopenAccountDay: Handler("reopen-account-day", Action.CLOSE_DAY, "unit_id", reopen_account_day),
}
