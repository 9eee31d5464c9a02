"""What people decide about channels: which settlement a line is, and who bears what a channel took back."""

from dataclasses import dataclass

from domain import bank_account, channel_case, correction, open_item, organisation, payment, settlement
from domain.bank_account import LinesPlaced, Placement, StatementLine
from domain.channel_case import CaseClosed, CaseReopened
from domain.correction import Kind, Wanted, blocked
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong, format_dong
from domain.notice import Direction
from domain.open_item import Decision, DecisionKind, SuspenseWaitsAgain
from domain.payment import Asset, Payment
from domain.payment_channels import SuspenseToCase, SuspenseToLump
from domain.period import month_of
from domain.settlement import SettlementLumpSeen
from domain.suspense import require_free
from ledger import lump_returns, reversal, settling
from ledger.handlers.correct import Why, record_reversed, undo_match
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.payment_parts import parts_of
from ledger.reversal import require_left, reversed_lines
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The bank line that a decision is about; ``waiting`` is the money that it brought into suspense, if it did."""

    account_id: AccountId
    line: StatementLine
    waiting: Payment | None

    @property
    def amount(self) -> Dong:
        return self.line.amount if self.line.direction is Direction.IN else -self.line.amount


# --- completing ---------------------------------------------------------------------------------------------------


def complete(
    work: Work, unit_id: UnitId, kind: DecisionKind, item: str, target: str | None, document: str | None
) -> tuple[Dong, str | None]:
    """The amount that a decision moves and what it is about; refuses what cannot be meant, naming the difference."""
    if kind is DecisionKind.LUMP:
        found = _line_of(work, unit_id, item)
        rail, key = _named(target)
        _require_agrees(work, found, rail, key)
        told = work.settlement(rail, key).told
        assert told is not None
        return found.line.amount, f"{rail}/{told.settlement_id}"
    if not document:
        raise Refusal(RefusalCode.DECISION_STATE, "Đóng một vụ phải có số quyết định. Ghi số và ngày của quyết định.")
    missing = require_case(work, unit_id, item)
    if kind is DecisionKind.BEAR_LOSS:
        return missing, None
    return missing, _disputed(work, unit_id, item, target).received.payment_id


def require_case(work: Work, unit_id: UnitId, item: str) -> Dong:
    """What is missing in a case of this unit."""
    rail, case_id = _case(item)
    state = work.channel_case(rail, case_id)
    missing = channel_case.require_missing(state, f"{rail}/{case_id}")
    at = organisation.owner(work.organisation, state.unit_id or unit_id)
    if at != unit_id:
        raise organisation.outside(at, unit_id)
    return missing


def _case(item: str) -> tuple[str, str]:
    found = channel_case.of_item(item)
    if found is None:
        raise Refusal(
            RefusalCode.DECISION_STATE, f"Quyết định này là về một vụ (case:…), không phải {item}. Xem gateway cases."
        )
    return found


def _disputed(work: Work, unit_id: UnitId, item: str, target: str | None) -> Payment:
    rail, case_id = _case(item)
    name = target or work.channel_case(rail, case_id).payment_id
    if not name:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Chưa rõ vụ {rail}/{case_id} là về khoản nào. Nêu mã khoản đã thu qua kênh ({rail}/…).",
        )
    known = payment.require_seen(work.payment(PaymentId(name)))
    if (known.received.asset, known.received.asset_key) != (Asset.CLEARING, rail):
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, f"Khoản {name} không phải tiền qua kênh {rail}. Kiểm tra mã khoản.")
    at = organisation.owner(work.organisation, payment.waits_at(known))
    if at != unit_id:
        raise organisation.outside(at, unit_id)
    return known


def _named(target: str | None) -> tuple[str, str]:
    rail, _, key = (target or "").partition("/")
    if rail not in settlement.LUMP_WORDS or not key:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Phải nêu quyết toán dạng kênh/mã, ví dụ gateway/po_1Qh…; «{(target or '')[:60]}» không phải. Kênh trả "
            f"gộp: {', '.join(settlement.LUMP_WORDS)}.",
        )
    return rail, settlement.key_of(key)


def _line_of(work: Work, unit_id: UnitId, item: str) -> _Line:
    named = open_item.line_of(item)
    if named is not None:
        account_id, key = named
        waiting = None
    else:
        waiting = payment.require_seen(work.payment(PaymentId(item)))
        seen = waiting.received
        lines = [k for k in (seen.bank_line, *(w.bank_line for w in waiting.witnesses)) if k is not None]
        if seen.asset is not Asset.BANK or len(lines) != 1 or waiting.suspense != seen.amount:
            raise Refusal(
                RefusalCode.NOT_IN_SUSPENSE,
                f"Khoản {item} không phải một dòng sao kê còn treo nguyên {format_dong(seen.amount)} đồng. Nhập sao kê "
                "ngày đó, hoặc gỡ phần đã xếp trước.",
            )
        require_free(waiting, waiting.suspense)
        account_id, key = AccountId(seen.asset_key), lines[0]
    registered = organisation.account(work.organisation, account_id)
    at = organisation.owner(work.organisation, registered.unit_id)
    if at != unit_id:
        raise organisation.outside(at, unit_id)
    state = work.account(account_id)
    line = state.lines.get(key)
    placed = state.placed.get(key)
    free = placed is None or placed.outcome in (*bank_account.UNSETTLED, settling.WAITS)
    if line is None or key in state.named or (waiting is None and not free):
        raise Refusal(
            RefusalCode.DECISION_STATE, f"Dòng {key[:12]}… không có trên sao kê {account_id} hoặc đã có chỗ trong sổ."
        )
    return _Line(account_id=account_id, line=line, waiting=waiting)


def _require_agrees(work: Work, found: _Line, rail: str, key: str) -> None:
    """Refuse a line that cannot be this settlement, or the taking back of its lump, and say what differs."""
    state = work.settlement(rail, key)
    name = f"{rail}/{key if state.told is None else state.told.settlement_id}"
    if state.told is None:
        raise Refusal(RefusalCode.DECISION_STATE, f"Chưa có quyết toán {name}. Lấy quyết toán của kênh trước.")
    expected = state.told.net if state.lump is None else -state.lump.amount
    if found.amount != expected:
        what = "quyết toán" if state.lump is None else "đợt trả đã ghi, nếu bị thu lại,"
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Dòng {found.line.key[:12]}… là {format_dong(found.amount)} đồng, {what} {name} là "
            f"{format_dong(expected)} đồng: lệch {format_dong(found.amount - expected)} đồng. Chọn đúng quyết toán, "
            "hoặc tra soát với kênh và ngân hàng.",
        )
    here = organisation.owner(work.organisation, state.told.unit_id)
    account = organisation.account(work.organisation, found.account_id)
    if organisation.owner(work.organisation, account.unit_id) != here:
        raise organisation.outside(account.unit_id, here)


# --- carrying out -------------------------------------------------------------------------------------------------


def carry_out(work: Work, act: Act, unit_id: UnitId, made: Decision) -> dict[str, object]:
    """Do what was decided; refuses what has moved since."""
    if made.kind is DecisionKind.LUMP:
        return _pay(work, unit_id, made)
    require_open(work, unit_id, month_of(act.on))
    rail, case_id = _case(made.item)
    loss = made.kind is DecisionKind.BEAR_LOSS
    paid = None if loss else _disputed(work, unit_id, made.item, made.target)
    closed = CaseClosed(
        rail=rail,
        case_id=case_id,
        unit_id=unit_id,
        payment_id=None if paid is None else paid.received.payment_id,
        borne=made.amount if loss else 0,
        opened=0 if loss else made.amount,
        decision_id=made.decision_id,
        closed_on=act.on,
    )
    state = work.channel_case(rail, case_id)
    if loss and own_money(work, unit_id) < made.amount:
        raise blocked(
            f"{unit_id} chỉ còn {format_dong(own_money(work, unit_id))} đồng của mình, không chịu được "
            f"{format_dong(made.amount)} đồng. Chọn mở lại nghĩa vụ (open-again), hoặc chờ có nguồn."
        )
    if paid is not None:
        _open_again(work, act, unit_id, made, paid)
    work.record(channel_case.stream(rail, case_id), channel_case.close(state, closed))
    return {"case": f"{rail}/{case_id}", "borne": closed.borne, "opened": closed.opened}


def _pay(work: Work, unit_id: UnitId, made: Decision) -> dict[str, object]:
    found = _line_of(work, unit_id, made.item)
    rail, key = _named(made.target)
    _require_agrees(work, found, rail, key)
    if found.waiting is not None:
        seen = found.waiting.received
        leaves = SuspenseToLump(
            payment_id=seen.payment_id,
            unit_id=organisation.owner(work.organisation, payment.waits_at(found.waiting)),
            account_id=found.account_id,
            amount=seen.amount,
            rail=rail,
            settlement_id=(made.target or "").partition("/")[2],
            for_payment_id=None,
            decision_id=made.decision_id,
            bank_line=found.line.key,
            booked_on=found.line.booked_on,
        )
        work.record(payment.stream(seen.payment_id), (leaves,))
    line = SettlementLumpSeen(
        rail=rail,
        settlement_id=key,
        unit_id=unit_id,
        account_id=found.account_id,
        bank_line=found.line.key,
        amount=found.amount,
        booked_on=found.line.booked_on,
    )
    state = work.settlement(rail, key)
    work.record(settlement.stream(rail, key), settlement.wait(state, line))
    done = settling.clear(work, rail, key) if state.lump is None else lump_returns.take(work, rail, key)
    if done != found.line.key:
        why = settling.why_not(work, rail, key)
        raise Refusal(RefusalCode.DECISION_STATE, f"Quyết toán {made.target} chưa ghi được bằng dòng này. {why}")
    outcome = settling.LUMP if state.lump is None else lump_returns.RETURNED
    if found.waiting is None:
        placed = Placement(key=found.line.key, outcome=outcome, target=str(made.target))
        event = LinesPlaced(account_id=found.account_id, placements=(placed,))
        work.record(bank_account.stream(found.account_id), (event,))
    lump = work.settlement(rail, key).lump
    return {"settlement": made.target, "outcome": outcome, "payments": 0 if lump is None else len(lump.payments)}


def _open_again(work: Work, act: Act, unit_id: UnitId, made: Decision, paid: Payment) -> None:
    """The dues that the payment answered for are owed again; its money stands against what the channel took."""
    name = paid.received.payment_id
    if parts_of(work, paid, act.on.year):
        why = Why(
            correction_id=made.decision_id,
            unit_id=unit_id,
            books=unit_id,
            reason=made.reason,
            decision=made.document or made.decision_id,
            proposed_by=made.decided_by,
            approved_by=act.actor,
        )
        undo_match(work, act, Wanted(kind=Kind.MATCH, payment_id=name), why)
    waiting = payment.require_seen(work.payment(name))
    if waiting.suspense < made.amount:
        raise blocked(
            f"Khoản {name} chỉ gỡ ra được {format_dong(waiting.suspense)} đồng, kênh đã lấy lại "
            f"{format_dong(made.amount)} đồng. Để đơn vị chịu (bear-loss), hoặc thu hồi khoản đã hoàn."
        )
    require_free(waiting, made.amount)
    rail, case_id = _case(made.item)
    event = SuspenseToCase(
        payment_id=name,
        unit_id=unit_id,
        amount=made.amount,
        rail=rail,
        case_id=case_id,
        decision_id=made.decision_id,
        settled_on=act.on,
    )
    work.record(payment.stream(name), (event,))


# --- undoing ------------------------------------------------------------------------------------------------------


def undo(work: Work, act: Act, made: Decision, why: Why) -> dict[str, object]:
    """Turn a decision round: the line waits again, or the money is missing again."""
    if made.kind is DecisionKind.LUMP:
        lines, original, name = _unpay(work, made, why)
    else:
        lines, original, name = _reopen(work, made, why)
    record_reversed(work, act, why, Kind.DECISION, original, name, lines, made.amount)
    require_left(work, lines)
    return {"amount": made.amount}


def _unpay(work: Work, made: Decision, why: Why) -> tuple[tuple[EntryLine, ...], str, str]:
    rail, key = _named(made.target)
    state = work.settlement(rail, key)
    stream = settlement.stream(rail, key)
    named = open_item.line_of(made.item)
    leaves = _left(work, made) if named is None else None
    line = leaves.bank_line if leaves is not None else str(named and named[1])
    if state.lump is None or state.lump.bank_line != line:
        raise blocked(
            f"Dòng {line[:12]}… không còn là đợt trả của {made.target}: ngân hàng đã thu lại, hoặc đã gỡ. Xem lại "
            "quyết toán."
        )
    lines = reversal.take_back_lump(work, f"{rail}/{key}", line, why.correction_id)
    if leaves is None:
        assert named is not None
        placed = Placement(key=line, outcome="known", target=str(made.target))
        work.record(bank_account.stream(named[0]), (LinesPlaced(account_id=named[0], placements=(placed,)),))
        return lines, made.item, stream
    _wait_again(work, leaves.payment_id, leaves.unit_id, made, why)
    return correction.netted((*lines, *reversed_lines(leaves))), made.item, payment.stream(leaves.payment_id)


def _left(work: Work, made: Decision) -> SuspenseToLump:
    found = (e for e in work.events(payment.stream(PaymentId(made.item))) if isinstance(e, SuspenseToLump))
    return next(event for event in found if event.decision_id == made.decision_id)


def _reopen(work: Work, made: Decision, why: Why) -> tuple[tuple[EntryLine, ...], str, str]:
    rail, case_id = _case(made.item)
    stream = channel_case.stream(rail, case_id)
    closed = next(e for e in work.events(stream) if isinstance(e, CaseClosed) and e.decision_id == made.decision_id)
    again = CaseReopened(
        rail=rail,
        case_id=case_id,
        unit_id=closed.unit_id,
        amount=made.amount,
        decision_id=made.decision_id,
        correction_id=why.correction_id,
    )
    work.record(stream, (again,))
    if closed.payment_id is None:
        return reversed_lines(closed), made.item, stream
    paid = (e for e in work.events(payment.stream(closed.payment_id)) if isinstance(e, SuspenseToCase))
    event = next(one for one in paid if one.decision_id == made.decision_id)
    _wait_again(work, event.payment_id, event.unit_id, made, why)
    return reversed_lines(event), made.item, stream


def _wait_again(work: Work, name: PaymentId, unit_id: UnitId, made: Decision, why: Why) -> None:
    event = SuspenseWaitsAgain(
        payment_id=name,
        unit_id=unit_id,
        amount=made.amount,
        decision_id=made.decision_id,
        correction_id=why.correction_id,
    )
    work.record(payment.stream(name), (event,))
