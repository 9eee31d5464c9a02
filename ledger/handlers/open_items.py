"""Decide on open items, one or a list at once; a second person agrees where one is needed; each is undoable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain import bank_account, channel_case, open_item, organisation, payment, policy
from domain.access import Action, require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, format_dong, require_amount
from domain.open_item import (
    KIND_NAMES,
    Decision,
    DecisionKind,
    DecisionPart,
    DecisionProposed,
    Decisions,
    DecisionTaken,
)
from domain.payment import Payment
from domain.period import Month, month_of
from domain.policy_settings import SettingName
from domain.suspense import reserved
from ledger import channel_decisions, deciding
from ledger.handler import Handler
from ledger.open_month import require_open
from ledger.work import Act, Work

#: So many rows of a refused list are told by name.
MOST_NAMED = 30

_TO_MEMBERS = (DecisionKind.IDENTIFY, DecisionKind.SPLIT, DecisionKind.DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAsked:
    """One member's part; ``amount`` None: all that waits. đồng."""

    member_id: MemberId
    month: Month | None = None
    amount: Dong | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants decided; fields that the kind does not use stay empty. ``amount`` None: all that waits."""

    item: str
    kind: DecisionKind
    reason: str
    parts: tuple[PartAsked, ...] = ()
    amount: Dong | None = None
    target: PaymentId | None = None  #: the announced or disputed payment, or "<channel>/<settlement>" of a lump
    until: date | None = None
    owner: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Decide on one open item of a unit."""

    unit_id: UnitId
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One decision of a list; ``where`` is its place in the file."""

    where: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBatch:
    """Decide on many open items: every row is checked, and all of them hold or none."""

    unit_id: UnitId
    rows: tuple[BatchRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveDecision:
    """The second person agrees; the decision, or the undoing of one, is carried out at once."""

    unit_id: UnitId
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDecision:
    """An earlier decision was wrong, for a reason; its money waits again."""

    unit_id: UnitId
    decision_id: str
    reason: str
    document: str | None = None


def decisions_of(work: Work, unit_id: UnitId) -> Decisions:
    """A unit's decisions so far."""
    return cast(Decisions, work.state(open_item.stream(unit_id)))


def decide(work: Work, command: Decide, act: Act) -> dict[str, object]:
    """Decide, or propose where a second person must agree."""
    return _decide(work, act, command.unit_id, command.asked)


def decide_batch(work: Work, command: DecideBatch, act: Act) -> dict[str, object]:
    """Try every row in its order; refuses the whole list naming each row that cannot be."""
    answers: list[dict[str, object]] = []
    wrong: list[str] = []
    for row in command.rows:
        try:
            with work.all_or_none():
                answers.append({"where": row.where, **_decide(work, act, command.unit_id, row.asked)})
        except Refusal as refusal:
            wrong.append(f"{row.where}: {refusal.message}")
    if wrong:
        more = f" … và {len(wrong) - MOST_NAMED} dòng nữa." if len(wrong) > MOST_NAMED else ""
        raise Refusal(
            RefusalCode.BATCH_REFUSED,
            f"{len(wrong)} trên {len(command.rows)} dòng không thực hiện được, không dòng nào được ghi. "
            f"{' '.join(wrong[:MOST_NAMED])}{more}",
            rows=tuple(wrong[:MOST_NAMED]),
        )
    return {"decisions": answers}


def approve_decision(work: Work, command: ApproveDecision, act: Act) -> dict[str, object]:
    """Carry out what another person decided."""
    made = open_item.require_proposed(decisions_of(work, command.unit_id), command.decision_id)
    require_other_person(made.decided_by, act.actor, f"Quyết định {made.decision_id}")
    return _take(work, act, command.unit_id, made, approver=act.actor)


def undo_decision(work: Work, command: UndoDecision, act: Act) -> dict[str, object]:
    """Undo at once what moved no money, or below the threshold of corrections; else propose it to a second person."""
    state = decisions_of(work, command.unit_id)
    wrong = open_item.require_undoable(state, command.decision_id)
    undoing = Decision(
        decision_id=open_item.next_id(state, command.unit_id),
        kind=DecisionKind.UNDO,
        item=wrong.item,
        amount=wrong.amount,
        undoes=wrong.decision_id,
        reason=command.reason,
        document=command.document,
        decided_by=act.actor,
        decided_on=act.on,
    )
    moves = wrong.kind not in (DecisionKind.WAIT, DecisionKind.RETURN, DecisionKind.REJECT)
    if moves:
        require_open(work, command.unit_id, month_of(act.on))
    needs_two = moves and wrong.amount >= _setting(work, act, command.unit_id, SettingName.CORRECTION_TWO_PEOPLE_FROM)
    return _settle(work, act, command.unit_id, undoing, needs_two=needs_two)


def _decide(work: Work, act: Act, unit_id: UnitId, asked: Asked) -> dict[str, object]:
    made = _complete(work, act, unit_id, asked)
    needs_two = False
    if made.kind is DecisionKind.WRITE_OFF:
        _require_may_write_off(work, act, unit_id, made)
        needs_two = made.amount >= _setting(work, act, unit_id, SettingName.WRITE_OFF_TWO_PEOPLE_FROM)
    # What was collected is lost, or owed again: never one person's word.
    needs_two = needs_two or made.kind in (DecisionKind.BEAR_LOSS, DecisionKind.OPEN_AGAIN)
    return _settle(work, act, unit_id, made, needs_two=needs_two)


def _settle(work: Work, act: Act, unit_id: UnitId, made: Decision, *, needs_two: bool) -> dict[str, object]:
    if not needs_two:
        return _take(work, act, unit_id, made, approver=None)
    work.record(open_item.stream(unit_id), (DecisionProposed(unit_id=unit_id, decision=made),))
    return {"decision_id": made.decision_id, "state": "proposed", "kind": str(made.kind), "amount": made.amount}


def _take(work: Work, act: Act, unit_id: UnitId, made: Decision, *, approver: str | None) -> dict[str, object]:
    # The decision stands in the log before what it brings about.
    state = decisions_of(work, unit_id)
    taken = DecisionTaken(unit_id=unit_id, decision=made, approved_by=approver, taken_on=act.on)
    work.record(open_item.stream(unit_id), (taken,))
    if made.undoes is None:
        done = deciding.carry_out(work, act, unit_id, made)
    else:
        done = deciding.undo(work, act, state.taken[made.undoes].decision, made, unit_id, approver)
    told = {"decision_id": made.decision_id, "state": "taken", "kind": str(made.kind), "amount": made.amount}
    return {**told, **{key: value for key, value in done.items() if key not in told}}


# --- what is decided, in full -------------------------------------------------------------------------------------


def _complete(work: Work, act: Act, unit_id: UnitId, asked: Asked) -> Decision:
    """The decision with its number, its whole amount and its target; refuses what cannot be meant."""
    amount, target = 0, None
    parts: tuple[DecisionPart, ...] = ()
    if asked.kind is DecisionKind.UNDO:
        raise Refusal(RefusalCode.DECISION_STATE, "Gỡ một quyết định thì nêu số của nó (open-item undo).")
    if asked.kind is DecisionKind.WAIT:
        open_item.require_day_ahead(asked.until, act.on)
        _require_open_item(work, unit_id, asked.item)
    elif asked.kind in open_item.OF_CHANNELS:
        amount, target = channel_decisions.complete(work, unit_id, asked.kind, asked.item, asked.target, asked.document)
    else:
        state = _waiting(work, unit_id, asked)
        free = state.suspense - reserved(state)
        if not free:
            held = ", ".join(state.reserved)
            raise Refusal(
                RefusalCode.NOT_IN_SUSPENSE,
                f"Khoản {asked.item} đã giữ riêng cho hoàn trả {held}. Gỡ quyết định trả lại trước.",
            )
        amount = free if asked.amount is None else require_amount(asked.amount)
        if asked.kind in _TO_MEMBERS:
            parts = _parts(asked, amount)
            amount = sum(part.amount for part in parts)
        if asked.kind is DecisionKind.ACCEPT_FEE:
            target = _announced(work, state, asked)
    made = Decision(
        decision_id=open_item.next_id(decisions_of(work, unit_id), unit_id),
        kind=asked.kind,
        item=asked.item,
        amount=amount,
        parts=parts,
        target=target,
        until=asked.until if asked.kind is DecisionKind.WAIT else None,
        owner=(asked.owner or act.actor) if asked.kind is DecisionKind.WAIT else None,
        reason=asked.reason,
        document=asked.document,
        decided_by=act.actor,
        decided_on=act.on,
    )
    if made.kind is DecisionKind.SPLIT:
        open_item.require_sum(made, _waiting(work, unit_id, asked).suspense)
    return made


def _parts(asked: Asked, amount: Dong) -> tuple[DecisionPart, ...]:
    if not asked.parts or (len(asked.parts) > 1 and asked.kind is not DecisionKind.SPLIT):
        raise Refusal(
            RefusalCode.UNKNOWN_MEMBER,
            f"Khoản {asked.item}: «{asked.kind}» cần đúng một đảng viên; nhiều người thì dùng «{DecisionKind.SPLIT}».",
        )
    return tuple(
        DecisionPart(
            member_id=part.member_id,
            # A second payment of what is settled answers for whatever is owed, the rest is credit.
            month=None if asked.kind is DecisionKind.DUPLICATE else part.month,
            amount=require_amount(amount if part.amount is None else part.amount),
        )
        for part in asked.parts
    )


def _waiting(work: Work, unit_id: UnitId, asked: Asked) -> Payment:
    """The payment meant, as long as something of it waits in this unit's books; who was faster is told."""
    if open_item.line_of(asked.item) is not None:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            "Dòng sao kê chưa xếp được chỉ có thể chờ, hoặc đặt tên (dangphi bank name), hoặc khớp với việc chi, "
            "lệnh nộp của nó.",
        )
    state = payment.require_seen(work.payment(PaymentId(asked.item)))
    at = organisation.owner(work.organisation, payment.waits_at(state))
    if at != unit_id:
        raise organisation.outside(at, unit_id)
    if state.suspense == 0:
        before = [
            told
            for told in decisions_of(work, unit_id).taken.values()
            if told.decision.item == asked.item and told.decision.kind is not DecisionKind.WAIT
        ]
        who = ""
        if before:
            last = before[-1].decision
            number = f"{last.decision_id}, {last.decided_on:%d/%m/%Y}"
            who = f" {last.decided_by} đã quyết định «{KIND_NAMES[last.kind]}» ({number})."
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản {asked.item} không còn đồng nào treo.{who} Xem lại khoản này trước khi quyết định.",
        )
    return state


def _require_open_item(work: Work, unit_id: UnitId, item: str) -> None:
    found = open_item.line_of(item)
    if channel_case.of_item(item) is not None:
        channel_decisions.require_case(work, unit_id, item)
        return
    if found is None:
        _waiting(work, unit_id, Asked(item=item, kind=DecisionKind.WAIT, reason=""))
        return
    account_id, key = found
    registered = organisation.account(work.organisation, account_id)
    if organisation.owner(work.organisation, registered.unit_id) != unit_id:
        raise organisation.outside(registered.unit_id, unit_id)
    state = work.account(account_id)
    if key not in state.lines or (key in state.placed and state.placed[key].outcome not in bank_account.UNSETTLED):
        raise Refusal(
            RefusalCode.DECISION_STATE, f"Dòng {key[:12]}… không có trên sao kê {account_id} hoặc đã có chỗ trong sổ."
        )


def _announced(work: Work, state: Payment, asked: Asked) -> str:
    fits = [known.received.payment_id for known in deciding.announced_for(work, state)]
    if asked.target is not None and asked.target in fits:
        return asked.target
    if asked.target is None and len(fits) == 1:
        return fits[0]
    said = f"có {len(fits)} khoản đã báo cùng mã: {', '.join(fits)}" if fits else "không có khoản nào đã báo cùng mã"
    raise Refusal(
        RefusalCode.DECISION_STATE,
        f"Khoản {asked.item}: {said}, lớn hơn và chưa được báo có. Nêu đúng khoản đã báo, hoặc xử lý cách khác.",
    )


def _require_may_write_off(work: Work, act: Act, unit_id: UnitId, made: Decision) -> None:
    """A small difference at once, anything else only when nobody has claimed it for long; always by a paper."""
    if not made.document:
        raise Refusal(RefusalCode.DECISION_STATE, "Ghi thu khác phải có số quyết định. Ghi số và ngày của quyết định.")
    small = _setting(work, act, unit_id, SettingName.SMALL_DIFFERENCE)
    days = _setting(work, act, unit_id, SettingName.UNCLAIMED_DAYS)
    seen = payment.require_seen(work.payment(PaymentId(made.item))).received
    age = (act.on - seen.paid_on).days
    if made.amount > small and age < days:
        raise Refusal(
            RefusalCode.DECISION_STATE,
            f"Khoản {made.item} mới treo {age} ngày; {format_dong(made.amount)} đồng (trên {format_dong(small)} đồng) "
            f"chỉ được ghi thu khác sau {days} ngày không ai nhận. Tìm chủ, hoặc trả lại người gửi.",
        )


def _setting(work: Work, act: Act, unit_id: UnitId, name: SettingName) -> int:
    kind = organisation.unit(work.organisation, unit_id).kind
    return policy.setting_number(work.policy, name, month_of(act.on), kind)


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    Decide: Handler("decide-open-item", Action.PLACE_MONEY, "unit_id", decide),
    DecideBatch: Handler("decide-open-items", Action.PLACE_MONEY, "unit_id", decide_batch),
    ApproveDecision: Handler("approve-decision", Action.APPROVE_CORRECTION, "unit_id", approve_decision),
    UndoDecision: Handler("undo-decision", Action.CORRECT_ENTRY, "unit_id", undo_decision),
}
