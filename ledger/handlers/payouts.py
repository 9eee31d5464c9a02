"""Pay an approved refund out, and note when a pay-out comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import organisation, refund
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.organisation import Channel
from domain.payment import Asset
from domain.payment_request import Kind
from domain.refund import RefundRequested, require_requested
from ledger import cash_desk
from ledger.handler import Handler
from ledger.handlers.ask import mint_case_reference
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRefund:
    """Pay an approved refund out of the bank account or in cash."""

    unit_id: UnitId
    refund_id: RefundId
    asset: Asset
    paid_on: date


def pay_refund(work: Work, command: PayRefund, act: Act) -> dict[str, object]:
    """Pay out: in cash from the unit's hand, or from the account of whoever holds its money."""
    state = require_requested(work.refund(command.refund_id))
    asked = state.requested
    if asked.unit_id != command.unit_id:
        raise organisation.outside(asked.unit_id, command.unit_id)
    if command.asset is Asset.CLEARING or command.paid_on > act.on:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Hoàn trả {command.refund_id}: chỉ chi từ tài khoản hoặc tiền mặt, và ngày chi không được ở tương lai.",
        )
    channel = Channel.CASH if command.asset is Asset.CASH else Channel.BANK
    place = organisation.receiving_place(work.organisation, command.unit_id, channel, act.on)
    key = place.holder_id if place.account_id is None else place.account_id
    if state.paid is None and len(state.approvers) >= 2:
        _require_money(work, asked, place.holder_id, command.asset, command.paid_on)
    events = refund.pay_out(
        state,
        holder_id=place.holder_id,
        asset=command.asset,
        asset_key=key,
        paid_by=act.actor,
        on=command.paid_on,
    )
    work.record(refund.stream(command.refund_id), events)
    reference = work.directory.request_of_case(command.refund_id)
    if reference is None and command.asset is Asset.BANK:
        reference = mint_case_reference(
            work, act, payee=command.unit_id, kind=Kind.REFUND, case_id=command.refund_id, amount=asked.amount
        )
    return {"paid": asked.amount if events else 0, "reference": reference}


def _require_money(work: Work, asked: RefundRequested, holder_id: UnitId, asset: Asset, on: date) -> None:
    """Nobody pays out cash that is not in hand, nor more of a unit's money than its holder has."""
    if asset is Asset.CASH:
        cash_desk.draw(work, holder_id, asked.amount, what="refund", case_id=asked.refund_id, on=on)
    if holder_id != asked.unit_id:
        held = work.balance(asked.unit_id, "1390", holder_id)
        if asked.amount > held:
            raise Refusal(
                RefusalCode.REFUND_TOO_LARGE,
                f"{holder_id} chỉ giữ hộ {held} đồng của {asked.unit_id}, không chi được {asked.amount} đồng.",
            )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PayRefund: Handler("pay-refund", Action.PAY_REFUND, "unit_id", pay_refund),
}
