"""Moving the tree: planned by one, signed by both sides, carried out whole on or after its day.

One stream per act ("restructure/<id>"). A plan names which unit goes into which (``moves``), which unit gets another
superior (``reparents``), and for a split which members and how much of the fund go to which new unit. The closing
balances of the old are the opening balances of the new, line by line (rules §9 point 7, accounting §3 "handover").
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.access import require_other_person
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong


def stream(restructure_id: str) -> str:
    """The name of an act's stream."""
    return f"restructure/{restructure_id}"


class RestructureKind(StrEnum):
    """What is done to the tree."""

    MERGE = "merge"  #: several into a new or an existing unit
    SPLIT = "split"  #: one into several; members by list
    DISSOLVE = "dissolve"  #: the superior, or a named unit, takes over
    ABOLISH_LEVEL = "abolish-level"  #: every unit of a level; each one's superior takes over
    REPARENT = "reparent"  #: units get another superior


class Side(StrEnum):
    """Who signs: the units that hand over, or those that take over."""

    OLD = "old"
    NEW = "new"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMove:
    """``old`` ends and ``new`` takes over what it had."""

    old: UnitId
    new: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reparent:
    """A unit goes from one superior to another."""

    unit_id: UnitId
    from_parent: UnitId
    to_parent: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAssignment:
    """In a split: a member goes to this unit."""

    member_id: MemberId
    unit_id: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class FundPart:
    """In a split: so much of the retained fund goes to this unit; đồng."""

    unit_id: UnitId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class RestructurePlanned:
    """One officer planned an act. ``old_units`` and ``new_units`` are those whose officers must sign."""

    restructure_id: str
    root: UnitId  #: the unit under which all of it happens
    kind: RestructureKind
    moves: tuple[UnitMove, ...]
    reparents: tuple[Reparent, ...]
    members: tuple[MemberAssignment, ...]
    funds: tuple[FundPart, ...]
    old_units: tuple[UnitId, ...]
    new_units: tuple[UnitId, ...]
    effective_on: date
    decision: str
    decided_by: str
    decided_on: date
    planned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverSigned:
    """An officer signed for a unit that hands over or takes over."""

    restructure_id: str
    unit_id: UnitId
    side: Side
    signed_by: str
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RestructureWithdrawn:
    """The plan is given up; nothing of it happened."""

    restructure_id: str
    root: UnitId
    reason: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesHandedOver:
    """Balances went over, line by line with their keys: closing of the old = opening of the new (accounting §3).

    ``part`` counts the entries of one act: the money book first, then the memo book in slices.
    """

    restructure_id: str
    part: int
    handed_over_on: date
    lines: tuple[EntryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestructureCarriedOut:
    """The act took place; counts of what moved, for the record."""

    restructure_id: str
    root: UnitId
    effective_on: date
    units: int
    members: int
    accounts: int
    remittances: int
    refunds: int
    carried_out_by: str


RestructureEvent = (
    RestructurePlanned | HandoverSigned | RestructureWithdrawn | BalancesHandedOver | RestructureCarriedOut
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlanned:
    """Nobody planned this act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructure:
    """The plan, who signed for what, and what became of it."""

    planned: RestructurePlanned
    signatures: tuple[HandoverSigned, ...] = ()
    withdrawn: bool = False
    carried_out: RestructureCarriedOut | None = None


State = NotPlanned | Restructure
NOT_PLANNED = NotPlanned()


def evolve(state: State, event: RestructureEvent) -> State:
    """Copy one fact into the state."""
    if isinstance(event, RestructurePlanned):
        return Restructure(planned=event)
    known = require_planned(state)
    match event:
        case HandoverSigned():
            return replace(known, signatures=(*known.signatures, event))
        case RestructureWithdrawn():
            return replace(known, withdrawn=True)
        case BalancesHandedOver():
            return known
        case RestructureCarriedOut():
            return replace(known, carried_out=event)
        case _:
            assert_never(event)


def require_planned(state: State) -> Restructure:
    """The act, or a refusal if nobody planned it."""
    if isinstance(state, NotPlanned):
        raise Refusal(
            RefusalCode.RESTRUCTURE_STATE, "Chưa có phương án sắp xếp này. Kiểm tra mã, hoặc lập phương án trước."
        )
    return state


def missing(state: Restructure) -> tuple[tuple[Side, UnitId], ...]:
    """Which units' signatures are still missing, by side."""
    have = {(s.side, s.unit_id) for s in state.signatures}
    p = state.planned
    wanted = [(Side.OLD, u) for u in p.old_units] + [(Side.NEW, u) for u in p.new_units]
    return tuple(pair for pair in wanted if pair not in have)


# --- Decisions --------------------------------------------------------------------------------------------------


def plan(state: State, asked: RestructurePlanned) -> tuple[RestructurePlanned, ...]:
    """Record a plan; the same again adds nothing, another one under the same id is refused."""
    if isinstance(state, Restructure):
        if state.planned == asked:
            return ()
        raise _wrong_state(asked.restructure_id, "đã lập với nội dung khác; dùng mã khác cho phương án mới")
    return (asked,)


def sign(
    state: State, *, units: tuple[UnitId, ...], side: Side, signed_by: str, on: date
) -> tuple[HandoverSigned, ...]:
    """Sign for units of one side: not by the planner, nor by whoever signed for the other side (I21)."""
    known = _open(state)
    p = known.planned
    require_other_person(p.planned_by, signed_by, f"Ký bàn giao {p.restructure_id}")
    for other in known.signatures:
        if other.side is not side:
            require_other_person(other.signed_by, signed_by, f"Ký bàn giao {p.restructure_id} cho cả hai bên")
    wanted = {unit for s, unit in missing(known) if s is side}
    return tuple(
        HandoverSigned(restructure_id=p.restructure_id, unit_id=unit, side=side, signed_by=signed_by, signed_on=on)
        for unit in units
        if unit in wanted
    )


def withdraw(state: State, *, reason: str, withdrawn_by: str) -> tuple[RestructureWithdrawn, ...]:
    """Give a plan up that was not carried out."""
    known = require_planned(state)
    if known.withdrawn:
        return ()
    p = _open(state).planned
    return (
        RestructureWithdrawn(restructure_id=p.restructure_id, root=p.root, reason=reason, withdrawn_by=withdrawn_by),
    )


def require_ready(state: State, *, on: date) -> RestructurePlanned:
    """The plan, if it may be carried out on this day: signed by both sides, its day reached."""
    known = _open(state)
    p = known.planned
    if on < p.effective_on:
        raise Refusal(
            RefusalCode.RESTRUCTURE_STATE,
            f"Phương án {p.restructure_id} có hiệu lực từ {p.effective_on:%d/%m/%Y}; hôm nay {on:%d/%m/%Y} chỉ xem "
            "trước được.",
        )
    left = missing(known)
    if left:
        names = ", ".join(unit for _, unit in left[:5]) + ("…" if len(left) > 5 else "")
        raise Refusal(
            RefusalCode.RESTRUCTURE_STATE,
            f"Phương án {p.restructure_id} còn thiếu {len(left)} chữ ký bàn giao ({names}). Hai bên ký trước.",
            missing=[f"{side}:{unit}" for side, unit in left],
        )
    return p


def _open(state: State) -> Restructure:
    known = require_planned(state)
    if known.withdrawn:
        raise _wrong_state(known.planned.restructure_id, "đã rút")
    if known.carried_out is not None:
        raise _wrong_state(known.planned.restructure_id, f"đã thực hiện ngày {known.carried_out.effective_on:%d/%m/%Y}")
    return known


def _wrong_state(restructure_id: str, what: str) -> Refusal:
    return Refusal(RefusalCode.RESTRUCTURE_STATE, f"Phương án {restructure_id} {what}.")
