"""Set right what went wrong between levels: withdraw, place stray money, pass it on, resolve, correct a declaration."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import (
    bank_account,
    declaration,
    late_share,
    organisation,
    payment,
    remittance,
    remittance_resolving,
    remitting,
    suspense,
)
from domain.access import Action
from domain.bank_account import StatementLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, PaymentId, RemittanceId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.payment import SuspenseForRemittance
from domain.period import Period, month_of
from domain.remittance import require_prepared, under_way
from domain.remittance_cases import Resolution
from ledger.astray import pass_on, receive_suspense
from ledger.bank_lines import note_placed
from ledger.handler import Handler
from ledger.handlers.remit import own_remittance
from ledger.open_month import require_open
from ledger.upwards import settle_on_account, still_payable
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRemittance:
    """Take back a prepared or approved remittance of which nothing was sent."""

    unit_id: UnitId
    remittance_id: RemittanceId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRemittanceMoney:
    """A person knows that money in suspense is a remittance: come back, arrived at a wrong unit, or arrived."""

    unit_id: UnitId  #: in whose books it waits
    payment_id: PaymentId
    remittance_id: RemittanceId
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRemittanceOn:
    """A line of the wrong unit's statement is the money on its way to the right one, or back."""

    unit_id: UnitId  #: the wrong unit
    account_id: AccountId
    line_key: str
    remittance_id: RemittanceId
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSending:
    """Say which remittance a debit without a reference took: a transfer to a superior whose books are elsewhere."""

    unit_id: UnitId
    account_id: AccountId
    line_key: str
    remittance_id: RemittanceId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDispute:
    """The superior closes a dispute."""

    superior_id: UnitId
    remittance_id: RemittanceId
    resolution: Resolution
    note: str
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDeclaration:
    """A unit declared too much by ``reduced_by``, and the superior has not received that part yet."""

    unit_id: UnitId
    period: Period
    reduced_by: Dong
    reason: str
    decision: str


def withdraw_remittance(work: Work, command: WithdrawRemittance, act: Act) -> dict[str, object]:
    """Withdraw; what it was to send is owed as before."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    events = remittance_resolving.withdraw(state, reason=command.reason, withdrawn_by=act.actor, on=act.on)
    return {"events": work.record(remittance.stream(command.remittance_id), events)}


def place_remittance_money(work: Work, command: PlaceRemittanceMoney, act: Act) -> dict[str, object]:
    """Take the money out of suspense, to where the remittance says that it belongs."""
    waiting = payment.require_seen(work.payment(command.payment_id))
    if payment.waits_at(waiting) != command.unit_id:
        raise organisation.outside(payment.waits_at(waiting), command.unit_id)
    amount = waiting.suspense
    asked = SuspenseForRemittance(
        payment_id=command.payment_id,
        unit_id=command.unit_id,
        remittance_id=command.remittance_id,
        amount=amount,
        ground=command.ground,
        named_by=act.actor,
    )
    state = require_prepared(work.remittance(command.remittance_id))
    p = state.prepared
    stream = remittance.stream(command.remittance_id)
    if command.unit_id == p.unit_id:
        back = remittance_resolving.bank_returned(
            state, amount=amount, asset="3380", asset_key=command.payment_id, bank_line=None, on=act.on
        )
        became = "returned"
        work.record(stream, back)
    elif command.unit_id == p.superior_id:
        became = "received"
        receive_suspense(work, state, amount=amount, payment_id=command.payment_id, on=act.on)
    else:
        found = remittance_resolving.misroute(
            state,
            at_unit_id=command.unit_id,
            amount=amount,
            asset="3380",
            asset_key=command.payment_id,
            bank_line=None,
            on=act.on,
        )
        became = "misrouted"
        work.record(stream, found)
    work.record(payment.stream(command.payment_id), suspense.give_to_remittance(waiting, asked))
    settled = settle_on_account(work, p.unit_id, act) if state.on_account and became == "received" else 0
    return {"became": became, "amount": amount, "settled_on_account": settled}


def pass_remittance_on(work: Work, command: PassRemittanceOn, act: Act) -> dict[str, object]:
    """Name a debit that carried no reference as the passing on of money that had arrived by mistake."""
    account = organisation.account(work.organisation, command.account_id)
    if account.unit_id != command.unit_id:
        raise organisation.outside(account.unit_id, command.unit_id)
    state = work.account(command.account_id)
    line = _free_debit(state, command)
    pass_on(
        work,
        require_prepared(work.remittance(command.remittance_id)),
        at_unit_id=command.unit_id,
        amount=line.amount,
        account_id=command.account_id,
        bank_line=line.key,
        on=line.booked_on,
    )
    placed = bank_account.Placement(key=line.key, outcome="remittance-passed-on", target=command.remittance_id)
    note_placed(work, command.account_id, placed)
    return {"passed_on": line.amount}


def name_sending(work: Work, command: NameSending, act: Act) -> dict[str, object]:
    """Note a debit that carried no reference as the bank's side of a sending; the same line again adds nothing."""
    account = organisation.account(work.organisation, command.account_id)
    if account.unit_id != command.unit_id:
        raise organisation.outside(account.unit_id, command.unit_id)
    state = own_remittance(work, command.remittance_id, command.unit_id)
    if any(known.bank_line == command.line_key for known in state.seen):
        return {"named": 0}
    line = _free_debit(work.account(command.account_id), command)
    unseen = state.sent - sum(known.amount for known in state.seen)
    if line.amount > unseen:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Lệnh nộp {command.remittance_id} còn {unseen} đồng đã gửi mà sao kê chưa có, dòng này là {line.amount} "
            "đồng. Ghi lần gửi đúng số ngân hàng đã chi, hoặc chọn đúng lệnh nộp.",
        )
    seen = remitting.see_debit(state, amount=line.amount, bank_line=line.key, on=line.booked_on)
    work.record(remittance.stream(command.remittance_id), seen)
    placed = bank_account.Placement(key=line.key, outcome="remittance-debit", target=command.remittance_id)
    note_placed(work, command.account_id, placed)
    return {"named": line.amount}


def _free_debit(state: bank_account.BankAccount, command: PassRemittanceOn | NameSending) -> StatementLine:
    line = state.lines.get(command.line_key)
    if line is None or line.direction is not Direction.OUT:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Sao kê {command.account_id} không có dòng tiền ra {command.line_key[:12]}…; kiểm tra mã dòng.",
        )
    if command.line_key in state.placed:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Dòng {command.line_key[:12]}… đã được ghi sổ theo quy tắc «{state.placed[command.line_key].outcome}».",
        )
    return line


def resolve_dispute(work: Work, command: ResolveDispute, act: Act) -> dict[str, object]:
    """Close the dispute; what the figures must show is asked of the remittance itself."""
    state = require_prepared(work.remittance(command.remittance_id))
    if state.prepared.superior_id != command.superior_id:
        raise organisation.outside(state.prepared.unit_id, command.superior_id)
    events = remittance_resolving.resolve(
        state,
        resolution=command.resolution,
        note=command.note,
        document=command.document,
        resolved_by=act.actor,
        on=act.on,
    )
    work.record(remittance.stream(command.remittance_id), events)
    return {"resolution": command.resolution, "under_way": under_way(state)}


def correct_declaration(work: Work, command: CorrectDeclaration, act: Act) -> dict[str, object]:
    """Take back what was declared too high and nobody has received; it counts as collected again, in a later period."""
    state = work.declarations(command.unit_id)
    made = declaration.of_period(state, command.period)
    if made is None:
        raise Refusal(RefusalCode.NOT_DECLARED, f"{command.unit_id} chưa chốt kỳ {command.period}; chưa có gì để sửa.")
    require_open(work, command.unit_id, month_of(act.on))
    free = max(0, still_payable(work, command.unit_id, command.period))
    events = late_share.correct(
        state,
        made,
        reduced_by=command.reduced_by,
        free=free,
        reason=command.reason,
        decision=command.decision,
        corrected_by=act.actor,
        on=act.on,
    )
    # The superior counts a period when nothing of it is owed: it must not have read the figure this one replaces.
    work.guard(declaration.stream(made.superior_id))
    work.record(declaration.stream(command.unit_id), events)
    done = events[0]
    return {"reduced_by": done.reduced_by, "kept_part": done.kept_part, "passed_part": done.passed_part}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    WithdrawRemittance: Handler("withdraw-remittance", Action.PREPARE_REMITTANCE, "unit_id", withdraw_remittance),
    PlaceRemittanceMoney: Handler("place-remittance-money", Action.PLACE_MONEY, "unit_id", place_remittance_money),
    PassRemittanceOn: Handler("pass-remittance-on", Action.PLACE_MONEY, "unit_id", pass_remittance_on),
    NameSending: Handler("name-sending", Action.PLACE_MONEY, "unit_id", name_sending),
    ResolveDispute: Handler("resolve-dispute", Action.DISPUTE_REMITTANCE, "superior_id", resolve_dispute),
    CorrectDeclaration: Handler("correct-declaration", Action.DECLARE, "unit_id", correct_declaration),
}
