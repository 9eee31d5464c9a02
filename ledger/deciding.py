"""What a decision on an open item does to money, and how it is undone; recorded into a ``Work``.

Whether a second person is needed, and the decision's own event, are the business of ``ledger.handlers.open_items``.
"""

from domain import access, payment
from domain.access import Action
from domain.correction import Kind, Wanted, blocked
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, PaymentId, RefundId, UnitId
from domain.money import format_dong
from domain.open_item import (
    CreditAccepted,
    Decision,
    DecisionKind,
    SuspenseToCredit,
    SuspenseWaitsAgain,
    SuspenseWrittenOff,
)
from domain.payment import Asset, Payment
from domain.payment_request import Requested
from domain.period import month_of
from domain.suspense import require_free
from ledger import channel_decisions
from ledger.handlers.claw_backs import WithdrawRefund, withdraw_refund
from ledger.handlers.correct import Why, record_reversed, undo_match
from ledger.handlers.refunds import RequestSuspenseRefund, request_suspense_refund
from ledger.handlers.statements import IdentifySuspense, identify_suspense
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.payment_parts import parts_of
from ledger.reversal import require_left, reversed_lines
from ledger.same_money import of_request
from ledger.work import Act, Work

#: Key of 4320 under which money that nobody claims, and small differences, become the unit's other income.
UNCLAIMED = "unclaimed"


def carry_out(work: Work, act: Act, unit_id: UnitId, made: Decision) -> dict[str, object]:
    """Do what was decided; refuses whatever the money's own rules refuse."""
    match made.kind:
        case DecisionKind.IDENTIFY | DecisionKind.SPLIT | DecisionKind.DUPLICATE:
            return {"parts": [_identify(work, act, unit_id, made, n) for n in range(len(made.parts))]}
        case DecisionKind.RETURN | DecisionKind.REJECT:
            return _send_back(work, act, unit_id, made)
        case DecisionKind.WRITE_OFF:
            return _write_off(work, act, unit_id, made)
        case DecisionKind.ACCEPT_FEE:
            return _accept_fee(work, act, unit_id, made)
        case DecisionKind.LUMP | DecisionKind.BEAR_LOSS | DecisionKind.OPEN_AGAIN:
            return channel_decisions.carry_out(work, act, unit_id, made)
        case DecisionKind.WAIT:
            return {}
        case DecisionKind.UNDO:
            raise ValueError("an undo is carried out with the decision that it undoes")


def _identify(work: Work, act: Act, unit_id: UnitId, made: Decision, number: int) -> dict[str, object]:
    part = made.parts[number]
    asked = IdentifySuspense(
        unit_id=unit_id,
        payment_id=PaymentId(made.item),
        member_id=part.member_id,
        month=part.month,
        amount=part.amount,
        ground=made.reason,
    )
    return {"member_id": part.member_id, "amount": part.amount, **identify_suspense(work, asked, act)}


def refund_of(decision_id: str) -> RefundId:
    """The refund by which a decision gives money back."""
    return RefundId(f"HT-{decision_id.replace('/', '-')}")


def _send_back(work: Work, act: Act, unit_id: UnitId, made: Decision) -> dict[str, object]:
    """Ask for the refund; two others approve it, and the transfer names the one that it answers."""
    access.authorise(
        work.access, work.organisation, actor=act.actor, action=Action.REQUEST_REFUND, unit=unit_id, on=act.on
    )
    seen = payment.require_seen(work.payment(PaymentId(made.item))).received
    wrong = "chuyển nhầm tài khoản; " if made.kind is DecisionKind.REJECT else ""
    asked = RequestSuspenseRefund(
        refund_id=refund_of(made.decision_id),
        unit_id=unit_id,
        payment_id=seen.payment_id,
        amount=made.amount,
        reason=f"{wrong}trả lại giao dịch {seen.outside_reference} ngày {seen.paid_on:%d/%m/%Y}: {made.reason}",
        decision=made.document or made.decision_id,
    )
    return {"refund_id": asked.refund_id, **request_suspense_refund(work, asked, act)}


def _write_off(work: Work, act: Act, unit_id: UnitId, made: Decision) -> dict[str, object]:
    require_open(work, unit_id, month_of(act.on))
    state = payment.require_seen(work.payment(PaymentId(made.item)))
    _require_waits(state, made)
    event = SuspenseWrittenOff(
        payment_id=state.received.payment_id,
        unit_id=unit_id,
        amount=made.amount,
        heading=UNCLAIMED,
        decision_id=made.decision_id,
        written_off_on=act.on,
    )
    work.record(payment.stream(event.payment_id), (event,))
    return {"written_off": made.amount}


def _require_waits(state: Payment, made: Decision) -> None:
    if made.amount > state.suspense:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản {made.item} chỉ còn treo {format_dong(state.suspense)} đồng, quyết định về "
            f"{format_dong(made.amount)} đồng không còn thực hiện được.",
        )
    require_free(state, made.amount)


def announced_for(work: Work, waiting: Payment) -> tuple[Payment, ...]:
    """Announced payments that no bank has credited and of which the waiting money may be the smaller credit."""
    if waiting.received.reference is None or waiting.received.asset is not Asset.BANK:
        return ()
    request = work.request(waiting.received.reference)
    return tuple(
        known
        for known in (of_request(work, request) if isinstance(request, Requested) else ())
        if known.received.asset is Asset.CLEARING
        and known.credited is None
        and known.received.holder_id == waiting.received.holder_id
        and known.received.amount > waiting.received.amount
    )


def _accept_fee(work: Work, act: Act, unit_id: UnitId, made: Decision) -> dict[str, object]:
    waiting = payment.require_seen(work.payment(PaymentId(made.item)))
    _require_waits(waiting, made)
    fits = {known.received.payment_id: known for known in announced_for(work, waiting)}
    found = fits.get(PaymentId(made.target or ""))
    if found is None or made.amount != waiting.received.amount:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Khoản {made.item} không còn là số báo có thiếu của khoản đã báo {made.target}. Xem lại hai khoản.",
        )
    seen, told = waiting.received, found.received
    line = next((key for key in (seen.bank_line, *(w.bank_line for w in waiting.witnesses)) if key is not None), None)
    if line is None:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Khoản {made.item} chưa có trên sao kê nào. Nhập sao kê ngày đó rồi quyết định.",
        )
    event = CreditAccepted(
        payment_id=told.payment_id,
        waiting_payment_id=seen.payment_id,
        unit_id=unit_id,
        account_id=AccountId(seen.asset_key),
        clearing=told.asset_key,
        amount=told.amount,
        fee=told.amount - seen.amount,
        credited=seen.amount,
        bank_line=line,
        decision_id=made.decision_id,
        booked_on=seen.booked_on or seen.paid_on,
    )
    noted = SuspenseToCredit(
        payment_id=seen.payment_id,
        unit_id=unit_id,
        amount=seen.amount,
        for_payment_id=told.payment_id,
        decision_id=made.decision_id,
    )
    work.record(payment.stream(told.payment_id), (event,))
    work.record(payment.stream(seen.payment_id), (noted,))
    return {"credited": seen.amount, "fee": event.fee, "announced": told.payment_id}


# --- undoing ------------------------------------------------------------------------------------------------------


def undo(
    work: Work, act: Act, made: Decision, undoing: Decision, unit_id: UnitId, approver: str | None
) -> dict[str, object]:
    """Turn round what a decision did; nothing of it is left, and its money waits again."""
    why = Why(
        correction_id=undoing.decision_id,
        unit_id=unit_id,
        books=unit_id,
        reason=undoing.reason,
        decision=undoing.document or undoing.decision_id,
        proposed_by=undoing.decided_by,
        approved_by=approver,
    )
    match made.kind:
        case DecisionKind.WAIT | DecisionKind.UNDO:
            return {}
        case DecisionKind.RETURN | DecisionKind.REJECT:
            case_id = refund_of(made.decision_id)
            return withdraw_refund(work, WithdrawRefund(unit_id=unit_id, refund_id=case_id, reason=undoing.reason), act)
        case DecisionKind.IDENTIFY | DecisionKind.SPLIT | DecisionKind.DUPLICATE:
            return _unidentify(work, act, made, why)
        case DecisionKind.WRITE_OFF:
            return _wait_again(work, act, made, why, _written_off(work, made))
        case DecisionKind.ACCEPT_FEE:
            return _wait_again(work, act, made, why, _uncredit(work, made, why))
        case DecisionKind.LUMP | DecisionKind.BEAR_LOSS | DecisionKind.OPEN_AGAIN:
            return channel_decisions.undo(work, act, made, why)


def _unidentify(work: Work, act: Act, made: Decision, why: Why) -> dict[str, object]:
    """Take each member's part back, and only what this very decision gave him."""
    seen = payment.require_seen(work.payment(PaymentId(made.item)))
    wanted = {part.member_id: part.amount for part in made.parts}
    if len(wanted) < len(made.parts):
        wanted = {m: sum(p.amount for p in made.parts if p.member_id == m) for m in wanted}
    has = {part.member_id: 0 for part in made.parts}
    for part in parts_of(work, seen, act.on.year):
        if part.member_id in has:
            has[part.member_id] += part.amount
    if has != wanted:
        raise blocked(
            f"Khoản {made.item}: phần đang ghi cho đảng viên không còn đúng như quyết định {made.decision_id} đã chia; "
            "có việc khác xen vào. Gỡ từng người bằng dangphi correct match."
        )
    for member_id in wanted:
        undo_match(work, act, Wanted(kind=Kind.MATCH, payment_id=seen.received.payment_id, member_id=member_id), why)
    return {"amount": made.amount}


def _written_off(work: Work, made: Decision) -> tuple[EntryLine, ...]:
    stream = payment.stream(PaymentId(made.item))
    found = [e for e in work.events(stream) if isinstance(e, SuspenseWrittenOff) and e.decision_id == made.decision_id]
    if own_money(work, found[0].unit_id) < made.amount:
        raise blocked(
            f"{found[0].unit_id} chỉ còn {format_dong(own_money(work, found[0].unit_id))} đồng của mình; "
            f"{format_dong(made.amount)} đồng đã ghi thu khác theo {made.decision_id} đã được chi. Điều chỉnh việc chi "
            "trước."
        )
    return reversed_lines(*found)


def _uncredit(work: Work, made: Decision, why: Why) -> tuple[EntryLine, ...]:
    stream = payment.stream(PaymentId(str(made.target)))
    found = next(e for e in work.events(stream) if isinstance(e, CreditAccepted) and e.decision_id == made.decision_id)
    back = payment.CreditTakenBack(
        payment_id=found.payment_id,
        unit_id=found.unit_id,
        account_id=found.account_id,
        amount=found.amount,
        bank_line=found.bank_line,
        correction_id=why.correction_id,
    )
    work.record(stream, (back,))
    return reversed_lines(found)


def _wait_again(work: Work, act: Act, made: Decision, why: Why, lines: tuple[EntryLine, ...]) -> dict[str, object]:
    stream = payment.stream(PaymentId(made.item))
    event = SuspenseWaitsAgain(
        payment_id=PaymentId(made.item),
        unit_id=why.unit_id,
        amount=made.amount,
        decision_id=made.decision_id,
        correction_id=why.correction_id,
    )
    work.record(stream, (event,))
    record_reversed(work, act, why, Kind.DECISION, made.item, stream, lines, made.amount)
    require_left(work, lines)
    return {"amount": made.amount}
