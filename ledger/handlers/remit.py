"""Send up: prepare, approve, send, receive; settle from held money; dispute, explain, correct."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import organisation, payables, remittance, remitting
from domain.access import Action, require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, RefundId, RemittanceId, UnitId, remittance_id
from domain.money import Dong
from domain.organisation import Channel
from domain.payment import Asset
from domain.payment_request import Kind
from domain.period import Period
from domain.remittance import RemittancePrepared, Way, require_prepared, to_send, under_way
from ledger import cash_desk
from ledger.books import balance
from ledger.handler import Handler
from ledger.handlers.ask import mint_case_reference
from ledger.upwards import claw_back_left, still_payable
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRemittance:
    """Prepare what a unit still owes for a declared period; claw-back due from above is netted first."""

    unit_id: UnitId
    period: Period
    way: Way
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRemittance:
    """Approve a prepared remittance."""

    unit_id: UnitId
    remittance_id: RemittanceId


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRemittance:
    """Record that an officer sent money by bank transfer or in cash; None = all that is left to send."""

    unit_id: UnitId
    remittance_id: RemittanceId
    sent_on: date
    amount: Dong | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeRemittance:
    """The superior confirms: cash in its cashier's hands, or a settlement from money held above."""

    superior_id: UnitId
    remittance_id: RemittanceId
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRemittance:
    """The superior disputes what came in."""

    superior_id: UnitId
    remittance_id: RemittanceId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDispute:
    """The sender answers a dispute."""

    unit_id: UnitId
    remittance_id: RemittanceId
    explanation: str
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectSending:
    """The sender takes back what never left the bank."""

    unit_id: UnitId
    remittance_id: RemittanceId
    difference: Dong
    reason: str


def prepare_remittance(work: Work, command: PrepareRemittance, act: Act) -> dict[str, object]:
    """Prepare the whole open payable of the period, less the claw-back that can be netted."""
    answers = payables.answers_to(work.declarations(command.unit_id), command.period)
    if answers is None:
        raise Refusal(
            RefusalCode.NOT_DECLARED,
            f"{command.unit_id} chưa chốt kỳ {command.period} (hoặc kỳ chưa có tỷ lệ phân bổ); chốt kỳ rồi mới nộp.",
        )
    superior_id, superior_has_books = answers
    _require_way(work, command, superior_has_books, act)
    payable = still_payable(work, command.unit_id, command.period)
    if payable <= 0:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"{command.unit_id} không còn gì phải lập lệnh nộp cho kỳ {command.period}; xem các lệnh đã lập.",
        )
    case, netted = _claw_back(work, command.unit_id, payable)
    number = len(work.directory.remittances_of(command.unit_id, command.period)) + 1
    case_id = remittance_id(command.unit_id, command.period, number)
    asked = RemittancePrepared(
        remittance_id=case_id,
        unit_id=command.unit_id,
        superior_id=superior_id,
        superior_has_books=superior_has_books,
        period=command.period,
        amount=payable - netted,
        netted=netted,
        netted_case=case,
        way=command.way,
        reason=command.reason,
        prepared_by=act.actor,
        prepared_on=act.on,
    )
    state = work.remittance(case_id)
    work.record(remittance.stream(case_id), remitting.prepare(state, asked, payable=payable))
    reference = None
    if command.way is Way.BANK and superior_has_books and asked.amount:
        reference = mint_case_reference(
            work, act, payee=superior_id, kind=Kind.REMITTANCE, case_id=case_id, amount=asked.amount
        )
    return {"remittance_id": case_id, "amount": asked.amount, "netted": netted, "reference": reference}


def _require_way(work: Work, command: PrepareRemittance, superior_has_books: bool, act: Act) -> None:
    """Money held above is settled there; money of one's own is sent. Either is known before anyone approves."""
    place = organisation.receiving_place(work.organisation, command.unit_id, Channel.BANK, act.on)
    own = place.holder_id == command.unit_id
    if command.way is Way.HELD and (own or not superior_has_books):
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"{command.unit_id} không nhờ cấp trên giữ hộ tiền trong sổ này; nộp qua Cổng, không quyết toán giữ hộ.",
        )
    if command.way in (Way.PORTAL, Way.BANK):
        own_account(work, command.unit_id, act)


def _claw_back(work: Work, unit_id: UnitId, payable: Dong) -> tuple[str | None, Dong]:
    """The first claw-back case due from above, and how much of it nothing else has taken and this one can."""
    for case in sorted(work.books.balances(unit_id, "1380")):
        left = claw_back_left(work, unit_id, RefundId(case))
        if left > 0:
            return case, min(left, payable)
    return None, 0


def approve_remittance(work: Work, command: ApproveRemittance, act: Act) -> dict[str, object]:
    """Approve; whoever prepared it cannot."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    _require_claw_back(work, state)
    events = remitting.approve(state, approved_by=act.actor, on=act.on)
    return {"events": work.record(remittance.stream(command.remittance_id), events)}


def _require_claw_back(work: Work, state: remittance.Remittance) -> None:
    """What this remittance will net must still be there: the superior may have sent it down meanwhile."""
    p = state.prepared
    if not p.netted or p.netted_case is None or state.approved_by is not None or state.withdrawn:
        return
    # What this remittance reserves itself is among what is taken.
    if claw_back_left(work, p.unit_id, RefundId(p.netted_case)) < 0:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"Khoản {p.netted} đồng cấp trên phải trả (hồ sơ {p.netted_case}) đã được chuyển khoản; "
            f"rút lệnh nộp {p.remittance_id} và lập lại.",
        )


def send_remittance(work: Work, command: SendRemittance, act: Act) -> dict[str, object]:
    """Record a sending by bank transfer or in cash; the bank's debit will confirm it."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    way = state.prepared.way
    if way is Way.PORTAL:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE, "Lệnh nộp qua Cổng được gửi khi Cổng báo đã thanh toán, không ghi tay."
        )
    asset, key = Asset.CASH, str(command.unit_id)
    if way is Way.BANK:
        asset, key = Asset.BANK, own_account(work, command.unit_id, act)
    amount = to_send(state) if command.amount is None else command.amount
    events = remitting.send(
        state,
        amount=amount,
        asset=asset,
        asset_key=key,
        basis="officer",
        on=command.sent_on,
    )
    if way is Way.CASH:
        cash_desk.draw(
            work, command.unit_id, amount, what="remittance", case_id=command.remittance_id, on=command.sent_on
        )
    work.record(remittance.stream(command.remittance_id), events)
    return {"sent": events[0].amount, "n": events[0].n}


def own_account(work: Work, unit_id: UnitId, act: Act) -> AccountId:
    """The unit's own account on the day of the act, or a refusal if a holder above keeps its money."""
    place = organisation.receiving_place(work.organisation, unit_id, Channel.BANK, act.on)
    if place.account_id is None or place.holder_id != unit_id:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT, f"{unit_id} không có tài khoản riêng; quyết toán từ tiền nhờ giữ hộ."
        )
    return place.account_id


def acknowledge_remittance(work: Work, command: AcknowledgeRemittance, act: Act) -> dict[str, object]:
    """The superior's side of a cash remittance or of a settlement from held money."""
    state = require_prepared(work.remittance(command.remittance_id))
    p = state.prepared
    if p.superior_id != command.superior_id:
        raise organisation.outside(p.unit_id, command.superior_id)
    if p.way is Way.HELD:
        place = organisation.receiving_place(work.organisation, p.unit_id, Channel.BANK, act.on)
        work.books.catch_up()
        held = balance(work.books, p.unit_id, "1390", place.holder_id)
        settled = remitting.settle_from_held(
            state, holder_id=place.holder_id, held=held, confirmed_by=act.actor, on=command.received_on
        )
        return {"events": work.record(remittance.stream(command.remittance_id), settled)}
    if p.way is not Way.CASH:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"Lệnh nộp {p.remittance_id} được xác nhận bằng báo có trên sao kê của cấp trên.",
        )
    require_other_person(p.prepared_by, act.actor, f"Nhận tiền mặt {p.remittance_id}")
    if under_way(state) == 0:
        if state.received:
            return {"events": 0}
        raise Refusal(RefusalCode.REMITTANCE_STATE, f"Lệnh nộp {p.remittance_id} chưa gửi, chưa có gì để nhận.")
    received = remitting.receive(
        state,
        amount=under_way(state),
        asset=Asset.CASH,
        asset_key=command.superior_id,
        bank_line=None,
        on=command.received_on,
        sender_asset=Asset.CASH,
        sender_key=p.unit_id,
    )
    return {"events": work.record(remittance.stream(command.remittance_id), received)}


def dispute_remittance(work: Work, command: DisputeRemittance, act: Act) -> dict[str, object]:
    """The superior says that what came in is not what was sent."""
    state = require_prepared(work.remittance(command.remittance_id))
    if state.prepared.superior_id != command.superior_id:
        raise organisation.outside(state.prepared.unit_id, command.superior_id)
    events = remitting.dispute(
        state,
        expected=state.sent,
        seen=state.received,
        reason=command.reason,
        disputed_by=act.actor,
        on=act.on,
    )
    work.record(remittance.stream(command.remittance_id), events)
    return {"expected": state.sent, "seen": state.received, "events": len(events)}


def explain_dispute(work: Work, command: ExplainDispute, act: Act) -> dict[str, object]:
    """The sender answers."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    events = remitting.explain(
        state,
        explanation=command.explanation,
        document=command.document,
        explained_by=act.actor,
        on=act.on,
    )
    return {"events": work.record(remittance.stream(command.remittance_id), events)}


def correct_sending(work: Work, command: CorrectSending, act: Act) -> dict[str, object]:
    """The sender takes back what never left the bank; what is owed is then sent by a further sending."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    events = remitting.correct_sending(
        state, difference=command.difference, reason=command.reason, corrected_by=act.actor, on=act.on
    )
    return {"events": work.record(remittance.stream(command.remittance_id), events)}


def own_remittance(work: Work, case: RemittanceId, unit_id: UnitId) -> remittance.Remittance:
    """The unit's own remittance, or a refusal."""
    state = require_prepared(work.remittance(case))
    if state.prepared.unit_id != unit_id:
        raise organisation.outside(state.prepared.unit_id, unit_id)
    return state


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PrepareRemittance: Handler("prepare-remittance", Action.PREPARE_REMITTANCE, "unit_id", prepare_remittance),
    ApproveRemittance: Handler("approve-remittance", Action.APPROVE_REMITTANCE, "unit_id", approve_remittance),
    SendRemittance: Handler("send-remittance", Action.SEND_REMITTANCE, "unit_id", send_remittance),
    AcknowledgeRemittance: Handler(
        "acknowledge-remittance", Action.ACKNOWLEDGE_REMITTANCE, "superior_id", acknowledge_remittance
    ),
    DisputeRemittance: Handler("dispute-remittance", Action.DISPUTE_REMITTANCE, "superior_id", dispute_remittance),
    ExplainDispute: Handler("explain-dispute", Action.CORRECT_REMITTANCE, "unit_id", explain_dispute),
    CorrectSending: Handler("correct-sending", Action.CORRECT_REMITTANCE, "unit_id", correct_sending),
}
