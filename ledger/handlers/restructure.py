"""The tree moves: simple changes by decision, and acts planned by one, signed by both sides, carried out whole."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from domain import organisation, restructuring
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import Organisation, UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.restructuring import (
    FundPart,
    MemberAssignment,
    Reparent,
    RestructureCarriedOut,
    RestructureKind,
    RestructurePlanned,
    Side,
    UnitMove,
)
from domain.unit_changes import UnitChange, UnitRecoded, UnitRenamed, UnitRetyped
from ledger.handler import Handler
from ledger.late_movements import late_movements
from ledger.moving import Moved, carry_out
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitToChange:
    """What is new about a unit; None keeps what it has."""

    unit_id: UnitId
    name: str | None = None
    code: str | None = None
    kind: UnitKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUnits:
    """Rename, recode or retype units beneath ``root`` from a day on, by a numbered decision."""

    root: UnitId
    units: tuple[UnitToChange, ...]
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRestructure:
    """Plan an act. What must be given depends on the kind:

    merge: ``sources`` into ``target``; dissolve: ``sources`` into ``target`` or each into its superior; split: one
    source, ``members`` and ``funds`` name the new units and ``target`` the one that takes the rest; abolish-level:
    ``level``; reparent: ``sources`` under ``target``.
    """

    root: UnitId
    restructure_id: str
    kind: RestructureKind
    effective_on: date
    decision: str
    decided_by: str
    decided_on: date
    sources: tuple[UnitId, ...] = ()
    target: UnitId | None = None
    level: UnitKind | None = None
    members: tuple[MemberAssignment, ...] = ()
    funds: tuple[FundPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignHandover:
    """Sign for the units beneath ``unit_id`` that stand on one side of an act."""

    unit_id: UnitId
    restructure_id: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRestructure:
    """Give a plan up."""

    root: UnitId
    restructure_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOutRestructure:
    """Carry an act out that both sides signed, on its day or later."""

    root: UnitId
    restructure_id: str


# --- Simple changes -----------------------------------------------------------------------------------------------


def change_units(work: Work, command: ChangeUnits, act: Act) -> dict[str, object]:
    """Record each change; what a unit is already adds nothing."""
    if command.effective_from > act.on:
        raise Refusal(
            RefusalCode.RESTRUCTURE_STATE,
            f"Thay đổi có hiệu lực từ {command.effective_from:%d/%m/%Y}; hôm nay {act.on:%d/%m/%Y} chỉ xem trước được.",
        )
    org = work.organisation
    events: list[UnitChange] = []
    codes: set[str] = set()
    for asked in command.units:
        found = organisation.require_living(org, asked.unit_id)
        _require_beneath(org, asked.unit_id, command.root)
        if asked.code is not None and asked.code != found.code:
            if organisation.code_taken(org, asked.code) or asked.code in codes:
                raise Refusal(
                    RefusalCode.CODE_TAKEN, f"Mã {asked.code} đã có đơn vị khác dùng; chọn mã khác cho {found.name}."
                )
            codes.add(asked.code)
        events += _changes(found, asked, command)
    return {"changes": work.record(organisation.STREAM, events)}


def _changes(found: UnitRegistered, asked: UnitToChange, command: ChangeUnits) -> list[UnitChange]:
    day, decision, unit = command.effective_from, command.decision, found.unit_id
    events: list[UnitChange] = []
    if asked.name is not None and asked.name != found.name:
        events.append(UnitRenamed(unit_id=unit, name=asked.name, effective_from=day, decision=decision))
    if asked.kind is not None and asked.kind != found.kind:
        events.append(UnitRetyped(unit_id=unit, kind=asked.kind, effective_from=day, decision=decision))
    if asked.code is not None and asked.code != found.code:
        events.append(UnitRecoded(unit_id=unit, code=asked.code, effective_from=day, decision=decision))
    return events


# --- Acts ---------------------------------------------------------------------------------------------------------


def plan_restructure(work: Work, command: PlanRestructure, act: Act) -> dict[str, object]:
    """Work the plan out against the tree as it is, and record it."""
    asked = planned(work.organisation, command, planned_by=act.actor)
    stream = restructuring.stream(command.restructure_id)
    made = work.record(stream, restructuring.plan(_state(work, command.restructure_id), asked))
    return {
        "planned": made,
        "moves": [{"old": move.old, "new": move.new} for move in asked.moves],
        "reparents": [{"unit": one.unit_id, "to": one.to_parent} for one in asked.reparents],
        "to_sign": {"old": list(asked.old_units), "new": list(asked.new_units)},
    }


def planned(org: Organisation, command: PlanRestructure, *, planned_by: str) -> RestructurePlanned:
    """The plan that a command asks for, checked against the tree; refuses what cannot be."""
    moves: tuple[UnitMove, ...] = ()
    reparents: tuple[Reparent, ...] = ()
    if command.kind is RestructureKind.REPARENT:
        reparents = _reparents(org, command)
    else:
        moves = _moves(org, command)
    others = [a.unit_id for a in command.members] + [f.unit_id for f in command.funds]
    if command.kind is not RestructureKind.SPLIT and others:
        raise _not_possible(command, "danh sách đảng viên và phần quỹ chỉ dùng khi chia tách")
    new = dict.fromkeys([*(m.new for m in moves), *others, *(r.to_parent for r in reparents)])
    old = dict.fromkeys([*(m.old for m in moves), *(r.from_parent for r in reparents)])
    for unit in (*old, *new, *(r.unit_id for r in reparents)):
        found = organisation.require_living(org, unit)
        _require_beneath(org, unit, command.root)
        if not found.has_books:
            raise _not_possible(command, f"{found.name} ghi sổ ở nơi khác; làm thủ tục giữa hai địa bàn")
        if found.effective_from > command.effective_on:
            raise _not_possible(command, f"{found.name} chỉ có từ {found.effective_from:%d/%m/%Y}")
    if both := old.keys() & {*(m.new for m in moves), *others}:
        raise _not_possible(command, f"{', '.join(sorted(both))} vừa kết thúc vừa tiếp nhận")
    return RestructurePlanned(
        restructure_id=command.restructure_id,
        root=command.root,
        kind=command.kind,
        moves=moves,
        reparents=reparents,
        members=command.members,
        funds=command.funds,
        old_units=tuple(old),
        new_units=tuple(new),
        effective_on=command.effective_on,
        decision=command.decision,
        decided_by=command.decided_by,
        decided_on=command.decided_on,
        planned_by=planned_by,
    )


def _moves(org: Organisation, command: PlanRestructure) -> tuple[UnitMove, ...]:
    sources = command.sources
    if command.kind is RestructureKind.ABOLISH_LEVEL:
        if command.level is None or sources or command.target is not None:
            raise _not_possible(command, "bỏ một cấp chỉ cần nêu cấp đó")
        below = organisation.subtree(org, command.root)
        sources = tuple(u.unit_id for u in below if u.kind is command.level and u.unit_id != command.root)
    if not sources or (command.kind is RestructureKind.SPLIT and len(sources) != 1):
        raise _not_possible(command, "thiếu đơn vị kết thúc (chia tách: đúng một đơn vị)")
    needs_target = command.kind in (RestructureKind.MERGE, RestructureKind.SPLIT)
    if needs_target and command.target is None:
        raise _not_possible(command, "thiếu đơn vị tiếp nhận")
    return tuple(UnitMove(old=old, new=_successor(org, command, old)) for old in dict.fromkeys(sources))


def _successor(org: Organisation, command: PlanRestructure, old: UnitId) -> UnitId:
    """The unit that takes over: the one named, or the direct superior."""
    superior = organisation.unit(org, old).parent_id
    new = superior if command.target is None else command.target
    if new is None:
        raise _not_possible(command, f"{old} không có cấp trên để tiếp nhận")
    above = [unit.unit_id for unit in organisation.path_up(org, old)][2:]
    if new in above:
        raise _not_possible(command, f"{new} là cấp trên của cấp trên của {old}; bàn giao cho cấp trên trực tiếp trước")
    if new != old and organisation.is_within(org, new, old) and organisation.unit(org, new).parent_id != old:
        raise _not_possible(command, f"{new} nằm dưới {old} nhiều cấp")
    return new


def _reparents(org: Organisation, command: PlanRestructure) -> tuple[Reparent, ...]:
    if command.target is None or not command.sources:
        raise _not_possible(command, "thiếu đơn vị chuyển hoặc cấp trên mới")
    found = []
    for unit in dict.fromkeys(command.sources):
        parent = organisation.unit(org, unit).parent_id
        if parent is None or organisation.is_within(org, command.target, unit):
            raise _not_possible(command, f"{unit} không thể trực thuộc {command.target}")
        if parent != command.target:
            found.append(Reparent(unit_id=unit, from_parent=parent, to_parent=command.target))
    if not found:
        raise _not_possible(command, f"các đơn vị đã trực thuộc {command.target}")
    return tuple(found)


def sign_handover(work: Work, command: SignHandover, act: Act) -> dict[str, object]:
    """Sign for every unit of the side that lies beneath the signer's."""
    state = restructuring.require_planned(_state(work, command.restructure_id))
    p = state.planned
    wanted = p.old_units if command.side is Side.OLD else p.new_units
    units = tuple(u for u in wanted if organisation.is_within(work.organisation, u, command.unit_id))
    if not units:
        raise organisation.outside(command.unit_id, p.root)
    events = restructuring.sign(state, units=units, side=command.side, signed_by=act.actor, on=act.on)
    work.record(restructuring.stream(command.restructure_id), events)
    after = restructuring.require_planned(_state(work, command.restructure_id))
    return {"signed": len(events), "missing": [f"{side}:{unit}" for side, unit in restructuring.missing(after)]}


def withdraw_restructure(work: Work, command: WithdrawRestructure, act: Act) -> dict[str, object]:
    """Give up a plan of this root."""
    state = _of_root(work, command.restructure_id, command.root)
    events = restructuring.withdraw(state, reason=command.reason, withdrawn_by=act.actor)
    return {"withdrawn": work.record(restructuring.stream(command.restructure_id), events)}


def carry_out_restructure(work: Work, command: CarryOutRestructure, act: Act) -> dict[str, object]:
    """Everything of the plan, at once; the same again adds nothing."""
    state = _of_root(work, command.restructure_id, command.root)
    if state.carried_out is not None:
        return {"known": True, **_tally(state.carried_out)}
    p = restructuring.require_ready(state, on=act.on)
    _require_as_planned(work.organisation, p)
    stream = restructuring.stream(p.restructure_id)
    moved = carry_out(work, p, act, stream)
    done = _done(p, moved, act)
    work.record(stream, (done,))
    late = late_movements(work.recorded_since(stream, "handover-signed"), (move.old for move in p.moves))
    return {"known": False, **_tally(done), "moved_since_signing": [asdict(one) for one in late]}


def preview(work: Work, asked: RestructurePlanned, act: Act) -> Moved:
    """What an act would move now, whoever signed; ``work`` is thrown away after it, so nothing is written."""
    stream = restructuring.stream(asked.restructure_id)
    if isinstance(_state(work, asked.restructure_id), restructuring.NotPlanned):
        work.record(stream, (asked,))
    return carry_out(work, asked, act, stream)


def _require_as_planned(org: Organisation, p: RestructurePlanned) -> None:
    """The tree may have moved since the plan was made."""
    for unit in dict.fromkeys((*p.old_units, *p.new_units, *(r.unit_id for r in p.reparents))):
        organisation.require_living(org, unit)
    for one in p.reparents:
        if org.units[one.unit_id].parent_id != one.from_parent:
            raise Refusal(
                RefusalCode.RESTRUCTURE_NOT_POSSIBLE,
                f"Từ khi lập phương án {p.restructure_id}, {one.unit_id} đã có cấp trên khác. Lập phương án mới.",
            )


def _done(p: RestructurePlanned, moved: Moved, act: Act) -> RestructureCarriedOut:
    return RestructureCarriedOut(
        restructure_id=p.restructure_id,
        root=p.root,
        effective_on=p.effective_on,
        units=len(moved.ended) + len(moved.reparented),
        members=len(moved.members),
        accounts=len(moved.accounts),
        remittances=len(moved.remittances),
        refunds=len(moved.refunds),
        carried_out_by=act.actor,
    )


def _tally(done: RestructureCarriedOut) -> dict[str, object]:
    return {
        "units": done.units,
        "members": done.members,
        "accounts": done.accounts,
        "remittances": done.remittances,
        "refunds": done.refunds,
    }


def _state(work: Work, restructure_id: str) -> restructuring.State:
    return work.restructure(restructure_id)


def _of_root(work: Work, restructure_id: str, root: UnitId) -> restructuring.Restructure:
    state = restructuring.require_planned(_state(work, restructure_id))
    if state.planned.root != root:
        raise organisation.outside(state.planned.root, root)
    return state


def _require_beneath(org: Organisation, unit: UnitId, root: UnitId) -> None:
    if not organisation.is_within(org, unit, root):
        raise organisation.outside(unit, root)


def _not_possible(command: PlanRestructure, what: str) -> Refusal:
    return Refusal(RefusalCode.RESTRUCTURE_NOT_POSSIBLE, f"Phương án {command.restructure_id}: {what}.")


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ChangeUnits: Handler("change-units", Action.RESTRUCTURE, "root", change_units),
    PlanRestructure: Handler("plan-restructure", Action.RESTRUCTURE, "root", plan_restructure),
    SignHandover: Handler("sign-handover", Action.SIGN_HANDOVER, "unit_id", sign_handover),
    WithdrawRestructure: Handler("withdraw-restructure", Action.RESTRUCTURE, "root", withdraw_restructure),
    CarryOutRestructure: Handler("carry-out-restructure", Action.RESTRUCTURE, "root", carry_out_restructure),
}
