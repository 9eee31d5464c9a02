"""Withdraw a refund's request, and pay claw-back down by a transfer where no remittance is to net it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import dues_account, organisation, payment, refund, refunding, suspense
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.organisation import Channel
from domain.payment_request import Kind
from domain.refund import require_requested
from ledger.accounts import open_account
from ledger.handler import Handler
from ledger.handlers.ask import mint_case_reference
from ledger.handlers.remit import own_account
from ledger.owning import credit_moved, home
from ledger.upwards import claw_back_left
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRefund:
    """Take a refund's request back before it is booked."""

    unit_id: UnitId
    refund_id: RefundId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClawBack:
    """A superior sends what it still owes the unit below for a refund; the bank statements confirm it."""

    superior_id: UnitId
    unit_id: UnitId  #: the unit below
    refund_id: RefundId
    paid_on: date


def withdraw_refund(work: Work, command: WithdrawRefund, act: Act) -> dict[str, object]:
    """Withdraw; the source keeps what was asked for."""
    state = require_requested(work.refund(command.refund_id))
    if state.requested.unit_id != command.unit_id:
        raise organisation.outside(state.requested.unit_id, command.unit_id)
    events = refunding.withdraw(state, reason=command.reason, withdrawn_by=act.actor, on=act.on)
    count = work.record(refund.stream(command.refund_id), events)
    if events:
        _let_go(work, state.requested, act)
    return {"events": count}


def _let_go(work: Work, asked: refund.RefundRequested, act: Act) -> None:
    """What the request had set aside is free again; credit goes to where its member is now."""
    if asked.source is refund.Source.SUSPENSE and asked.payment_id is not None:
        waiting = work.payment(asked.payment_id)
        work.record(payment.stream(asked.payment_id), suspense.unreserve(waiting, asked.refund_id))
    if asked.source is not refund.Source.CREDIT or asked.member_id is None:
        return
    stream = open_account(work, asked.member_id, asked.unit_id, act.on.year)
    freed = dues_account.unreserve_credit(work.dues(asked.member_id, act.on.year), asked.refund_id, asked.unit_id)
    for event in freed:
        at = home(work, work.member(asked.member_id))
        work.record(stream, (event, *credit_moved(asked.member_id, asked.unit_id, at, event.amount)))


def pay_claw_back(work: Work, command: PayClawBack, act: Act) -> dict[str, object]:
    """Send; never what a prepared remittance is to net, nor twice."""
    superior = organisation.superior(work.organisation, command.unit_id)
    if superior is None or superior.unit_id != command.superior_id:
        raise organisation.outside(command.unit_id, command.superior_id)
    if command.paid_on > act.on:
        raise Refusal(RefusalCode.REFUND_STATE, f"Ngày chi {command.paid_on:%d/%m/%Y} chưa đến.")
    place = organisation.receiving_place(work.organisation, command.unit_id, Channel.BANK, act.on)
    if place.holder_id != command.unit_id:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"{command.unit_id} không có tài khoản riêng; khoản phải trả được cấn trừ vào lệnh nộp kế tiếp.",
        )
    owed = claw_back_left(work, command.unit_id, command.refund_id)
    events = refunding.send_claw_back(
        work.refund(command.refund_id),
        unit_id=command.unit_id,
        superior_id=command.superior_id,
        owed=owed,
        asset_key=own_account(work, command.superior_id, act),
        sent_by=act.actor,
        on=command.paid_on,
    )
    work.record(refund.stream(command.refund_id), events)
    case = refunding.claw_back_case(command.refund_id, command.superior_id)
    reference = work.directory.request_of_case(case)
    if events:
        reference = mint_case_reference(
            work, act, payee=command.unit_id, kind=Kind.CLAW_BACK, case_id=case, amount=events[0].amount
        )
    return {"paid": events[0].amount if events else 0, "reference": reference}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    WithdrawRefund: Handler("withdraw-refund", Action.REQUEST_REFUND, "unit_id", withdraw_refund),
    PayClawBack: Handler("pay-claw-back", Action.PAY_REFUND, "superior_id", pay_claw_back),
}
