"""Hand held money back to the unit it belongs to, in cash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import cash_return, organisation, payment, suspense
from domain.access import Action
from domain.bank_account import Placement
from domain.cash_return import HeldCashReturned
from domain.errors import Refusal, RefusalCode
from domain.held_passed import HeldMoneyPassed
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong, format_dong
from domain.notice import Direction
from domain.period import month_of
from ledger import cash_desk
from ledger.bank_lines import note_placed
from ledger.handler import Handler
from ledger.handlers.cash_count import not_future
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHeldCash:
    """The holder's cashier hands cash to a unit beneath, out of the money held for it."""

    holder_id: UnitId
    unit_id: UnitId
    amount: Dong
    slip: str
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PassHeldMoney:
    """Say that a debit of the holder and a credit waiting at the unit are held money passed on by bank transfer.

    ``root`` is the acting unit, above both.
    """

    root: UnitId
    holder_id: UnitId
    account_id: AccountId  #: of the holder
    line_key: str
    payment_id: PaymentId  #: the credit on the unit's statement
    ground: str


def pass_held_money(work: Work, command: PassHeldMoney, act: Act) -> dict[str, object]:
    """Both books change by the banks' own lines; never more than is held there for the unit."""
    org = work.organisation
    waiting = payment.require_seen(work.payment(command.payment_id))
    unit_id = payment.waits_at(waiting)
    account = organisation.account(org, command.account_id)
    for unit in (unit_id, command.holder_id):
        if not organisation.is_within(org, unit, command.root):
            raise organisation.outside(unit, command.root)
    if account.unit_id != command.holder_id:
        raise organisation.outside(account.unit_id, command.holder_id)
    bank = work.account(command.account_id)
    line, placed = bank.lines.get(command.line_key), bank.placed.get(command.line_key)
    if placed is not None and (placed.outcome, placed.target) == ("held-money-passed", command.payment_id):
        return {"passed": 0}
    if line is None or line.direction is not Direction.OUT or placed is not None:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Sao kê {command.account_id} không có dòng tiền ra {command.line_key[:12]}… chưa xếp; kiểm tra mã dòng.",
        )
    held = work.balance(unit_id, "1390", command.holder_id)
    if not line.amount == waiting.suspense or line.amount > held:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Dòng tiền ra là {format_dong(line.amount)} đồng, khoản đang treo {format_dong(waiting.suspense)} đồng, "
            f"{command.holder_id} giữ hộ {unit_id} {format_dong(held)} đồng; ba số không khớp. Kiểm tra từng chứng từ.",
        )
    suspense.require_free(waiting, line.amount)
    passed = HeldMoneyPassed(
        payment_id=command.payment_id,
        unit_id=unit_id,
        holder_id=command.holder_id,
        amount=line.amount,
        account_id=command.account_id,
        bank_line=line.key,
        passed_on=line.booked_on,
        ground=command.ground,
        named_by=act.actor,
    )
    work.record(payment.stream(command.payment_id), (passed,))
    note_placed(
        work, command.account_id, Placement(key=line.key, outcome="held-money-passed", target=command.payment_id)
    )
    return {"passed": line.amount, "still_held": held - line.amount}


def return_held_cash(work: Work, command: ReturnHeldCash, act: Act) -> dict[str, object]:
    """Both books change at once; never more than the unit's own money, nor than lies in the holder's box."""
    not_future(command.returned_on, act)
    if not organisation.is_within(work.organisation, command.unit_id, command.holder_id):
        raise organisation.outside(command.unit_id, command.holder_id)
    for unit in (command.unit_id, command.holder_id):
        require_open(work, unit, month_of(command.returned_on))
    asked = HeldCashReturned(
        unit_id=command.unit_id,
        holder_id=command.holder_id,
        amount=command.amount,
        slip=command.slip,
        returned_on=command.returned_on,
    )
    stream = cash_return.stream(command.unit_id)
    held = work.balance(command.unit_id, "1390", command.holder_id)
    events = cash_return.give_back(
        work.cash_returns(command.unit_id), asked, held=held, own=own_money(work, command.unit_id)
    )
    if events:
        cash_desk.draw(
            work,
            command.holder_id,
            command.amount,
            what="held-cash",
            case_id=f"{command.unit_id}/{command.slip}",
            on=command.returned_on,
        )
    work.record(stream, events)
    return {"returned": command.amount if events else 0, "still_held": held - (command.amount if events else 0)}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PassHeldMoney: Handler("pass-held-money", Action.PLACE_MONEY, "root", pass_held_money),
    ReturnHeldCash: Handler("return-held-cash", Action.HAND_OVER_CASH, "holder_id", return_held_cash),
}
