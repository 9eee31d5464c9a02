"""A member's standing as far as dues need it: cell, category, income bases, reliefs. One stream per member.

The person (name, card number) is known to the identity vault only; here stands a random id.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain import membership
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.membership import NOWHERE, Membership, MembershipEvent
from domain.money import Dong
from domain.period import Month, shift
from domain.policy import Policy, setting
from domain.policy_settings import SettingName


def stream(member_id: MemberId) -> str:
    """The name of a member's stream."""
    return f"member/{member_id}"


class Scope(StrEnum):
    """Whether a member's dues go through the online procedure (Việt Hòa plan; I31)."""

    ONLINE = "online"
    CASH = "cash"  #: exempt from activities: pays, but outside the online procedure
    ABROAD = "abroad"  #: listed, not billed here
    ARMED_FORCES = "armed-forces"  #: listed, not billed here


#: Scopes in which this ledger owes nobody a bill.
OUTSIDE = frozenset({Scope.ABROAD, Scope.ARMED_FORCES})


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEnrolled:
    """A member belongs to a cell from a day on. ``roster_order`` is the place on the cell's list."""

    member_id: MemberId
    unit_id: UnitId
    enrolled_on: date
    roster_order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDeclared:
    """Category and scope from a dues month on. ``category`` is None when nobody could classify the member."""

    member_id: MemberId
    from_month: Month
    category: str | None
    category_342: str | None
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeBaseDeclared:
    """An income base in force from a calendar month on, until the next of its kind."""

    member_id: MemberId
    kind: str  #: "si-salary", "benefit", "pension", "allowance"
    from_month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefGranted:
    """A relief X1–X4 by decision (01-QĐ/TW art. 5); ``percent`` is taken off; ``to_month`` None = while it lasts."""

    member_id: MemberId
    relief: str
    percent: int
    from_month: Month
    to_month: Month | None
    decision: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefEnded:
    """A relief ends before its time: ``last_month`` is the last it holds for; before its first it holds for none."""

    member_id: MemberId
    relief: str
    granted_by: str  #: the decision that had granted it
    last_month: Month
    decision: str
    reason: str
    decided_by: str
    decided_on: date


MemberEvent = MemberEnrolled | StandingDeclared | IncomeBaseDeclared | ReliefGranted | ReliefEnded | MembershipEvent


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody has been enrolled under this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the ledger knows of a member; ``unit_id`` is the cell whose roll the member is on, or was on last."""

    member_id: MemberId
    unit_id: UnitId
    roster_order: int
    membership: Membership = NOWHERE
    standings: tuple[StandingDeclared, ...] = ()
    bases: tuple[IncomeBaseDeclared, ...] = ()
    reliefs: tuple[ReliefGranted, ...] = ()


State = Unknown | Member
UNKNOWN = Unknown()


def evolve(state: State, event: MemberEvent) -> State:
    """Copy one fact into the state."""
    match event:
        case MemberEnrolled():
            return Member(
                member_id=event.member_id,
                unit_id=event.unit_id,
                roster_order=event.roster_order,
                membership=membership.enrolled(event.unit_id, event.roster_order, event.enrolled_on),
            )
        case StandingDeclared():
            member = _known(state)
            return replace(member, standings=(*member.standings, event))
        case IncomeBaseDeclared():
            member = _known(state)
            return replace(member, bases=(*member.bases, event))
        case ReliefGranted():
            member = _known(state)
            return replace(member, reliefs=(*member.reliefs, event))
        case ReliefEnded():
            member = _known(state)
            return replace(member, reliefs=tuple(_cut(row, event) for row in member.reliefs))
        case membership.MemberAdmitted() | membership.MemberArrived() if isinstance(state, Unknown):
            first = Member(member_id=event.member_id, unit_id=event.unit_id, roster_order=event.roster_order)
            return _belonging(first, event)
        case _ if isinstance(event, MembershipEvent):
            return _belonging(_known(state), event)
        case _:
            assert_never(event)


def _cut(row: ReliefGranted, ended: ReliefEnded) -> ReliefGranted:
    """The grant as it stands after its end; another grant, or one that ends sooner, is left alone."""
    if (row.relief, row.decision) != (ended.relief, ended.granted_by):
        return row
    sooner = row.to_month is not None and row.to_month <= ended.last_month
    return row if sooner else replace(row, to_month=ended.last_month)


def _belonging(member: Member, event: MembershipEvent) -> Member:
    belongs = membership.evolve(member.membership, event)
    if not belongs.spells:
        return replace(member, membership=belongs)
    last = belongs.spells[-1]
    return replace(member, membership=belongs, unit_id=last.unit_id, roster_order=last.roster_order)


def _known(state: State) -> Member:
    if isinstance(state, Unknown):
        raise Refusal(RefusalCode.UNKNOWN_MEMBER, "Không có đảng viên này trong sổ. Nhập danh sách đảng viên trước.")
    return state


require_known = _known


# --- Questions --------------------------------------------------------------------------------------------------


def cell_for(member: Member, month: Month, policy: Policy) -> UnitId | None:
    """The cell that owns a dues month, across transfers; None when no dues are owed here for it (rules §4, I9, I31).

    None: before the first month, after the last, owed in another shard, or outside the scope of this ledger.
    """
    return membership.owner_in(member.membership, month) if is_billed(member, month, policy) else None


def is_billed(member: Member, month: Month, policy: Policy) -> bool:
    """Whether the scope of a month is billed here: members abroad and in the armed forces only where that is set."""
    standing = standing_in(member, month)
    if standing is None or standing.scope not in OUTSIDE:
        return True
    name = SettingName.OVERSEAS if standing.scope is Scope.ABROAD else SettingName.ARMED_FORCES
    return setting(policy, name, month) == "on"


def standing_in(member: Member, month: Month) -> StandingDeclared | None:
    """The standing on day 1 of a dues month (rules §1.5: category on day 1); of two for a month, the later said."""
    rows = [row for row in member.standings if row.from_month <= month]
    return max(reversed(rows), key=lambda row: row.from_month, default=None)


def base_in(member: Member, kind: str, month: Month) -> IncomeBaseDeclared | None:
    """The base for a dues month: for SI the month before (first month: its own), else the value in force.

    Of two declared for the same month the later declared one counts, since it corrects the other.
    """
    rows = [row for row in reversed(member.bases) if row.kind == kind]
    wanted = shift(month, -1) if kind == "si-salary" else month
    in_force = [row for row in rows if row.from_month <= wanted]
    if in_force:
        return max(in_force, key=lambda row: row.from_month)
    if kind == "si-salary":
        return next((row for row in rows if row.from_month == month), None)
    return None


def relief_in(member: Member, month: Month) -> ReliefGranted | None:
    """The relief that covers a dues month; of several, the largest."""
    rows = [
        row for row in member.reliefs if row.from_month <= month and (row.to_month is None or month <= row.to_month)
    ]
    return max(rows, key=lambda row: row.percent, default=None)


# --- Decisions --------------------------------------------------------------------------------------------------


def enrol(state: State, asked: MemberEnrolled) -> tuple[MemberEnrolled, ...]:
    """Enrol a member; again in the same cell adds nothing (a move is a transfer, not an enrolment)."""
    if isinstance(state, Unknown):
        return (asked,)
    if state.unit_id != asked.unit_id:
        raise Refusal(
            RefusalCode.UNIT_EXISTS_OTHERWISE,
            f"Đảng viên đã thuộc đơn vị {state.unit_id}; chuyển sinh hoạt phải bằng quyết định riêng.",
        )
    return ()


def declare_standing(state: State, asked: StandingDeclared) -> tuple[StandingDeclared, ...]:
    """Declare category and scope from a month on; what already holds adds nothing."""
    if isinstance(state, Member):
        now = standing_in(state, asked.from_month)
        if now is not None and replace(now, from_month=asked.from_month) == asked:
            return ()
    return (asked,)


def declare_base(state: State, asked: IncomeBaseDeclared) -> tuple[IncomeBaseDeclared, ...]:
    """Declare an income base from a month on; the same again adds nothing, another amount corrects it."""
    declared = state.bases if isinstance(state, Member) else ()
    same = [row for row in declared if (row.kind, row.from_month) == (asked.kind, asked.from_month)]
    return () if same and same[-1] == asked else (asked,)


def grant_relief(state: State, asked: ReliefGranted) -> tuple[ReliefGranted, ...]:
    """Record a relief; the same again adds nothing. Grounds and lengths are checked against the policy before."""
    return () if isinstance(state, Member) and asked in state.reliefs else (asked,)
