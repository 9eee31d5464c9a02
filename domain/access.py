"""Who may do what, where and when: grants of roles, and the rule that maker is not checker.

A grant holds for a unit and everything beneath it, from a day to a day, by a numbered decision. Permissions are
computed from these events alone, so that an inspector can replay them (I20, I21).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.actions import ACTION_NAMES, ROLE_ACTIONS, SECOND_PERSON_ACTIONS, SERVICE_ACTIONS
from domain.actions import Action as Action
from domain.actions import Role as Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, UnitId
from domain.organisation import Organisation, is_within

STREAM = "access"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted:
    """An office holder may act in a role for a unit and beneath it; ``valid_to`` is the last day, None = open."""

    officer_id: OfficerId
    role: Role
    unit_id: UnitId
    valid_from: date
    valid_to: date | None
    decision: str
    proposed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPersonSet:
    """In a unit with one officer, the accountant of ``of_unit`` is the second person for approvals."""

    unit_id: UnitId
    of_unit: UnitId
    decision: str


AccessEvent = RoleGranted | SecondPersonSet


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """All grants so far."""

    grants: tuple[RoleGranted, ...] = ()
    second_persons: tuple[SecondPersonSet, ...] = ()


EMPTY = Access()


def evolve(state: Access, event: AccessEvent) -> Access:
    """Copy one fact into the state."""
    match event:
        case RoleGranted():
            return replace(state, grants=(*state.grants, event))
        case SecondPersonSet():
            return replace(state, second_persons=(*state.second_persons, event))
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def roles_at(state: Access, org: Organisation, officer: str, unit: UnitId, on: date) -> tuple[RoleGranted, ...]:
    """The grants of an officer that reach a unit on a day."""
    return tuple(
        grant
        for grant in state.grants
        if grant.officer_id == officer
        and grant.valid_from <= on
        and (grant.valid_to is None or on <= grant.valid_to)
        and is_within(org, unit, grant.unit_id)
    )


def authorise(state: Access, org: Organisation, *, actor: str, action: Action, unit: UnitId, on: date) -> str:
    """The role by which the actor may do this here and now, or a refusal (I20).

    A program's role is its own name. The second person of a one-officer unit acts as accountant.
    """
    if actor.startswith("service:"):
        if action in SERVICE_ACTIONS.get(actor, frozenset()):
            return actor
        raise _not_allowed(actor, action, unit, on)
    for grant in roles_at(state, org, actor, unit, on):
        if action in ROLE_ACTIONS[grant.role]:
            return grant.role
        if (
            action in SECOND_PERSON_ACTIONS
            and grant.role is Role.ACCOUNTANT
            and any(s.unit_id == unit and s.of_unit == grant.unit_id for s in state.second_persons)
        ):
            return grant.role
    raise _not_allowed(actor, action, unit, on)


def _not_allowed(actor: str, action: Action, unit: UnitId, on: date) -> Refusal:
    return Refusal(
        RefusalCode.NOT_ALLOWED,
        f"{actor} không có quyền {ACTION_NAMES[action]} tại đơn vị {unit} ngày {on:%d/%m/%Y}. "
        "Người có thẩm quyền phải làm việc này, hoặc cần quyết định giao quyền.",
    )


def require_other_person(maker: str, checker: str, what: str) -> None:
    """Refuse when the one who checks is the one who made (I21)."""
    if maker == checker:
        raise Refusal(
            RefusalCode.MAKER_IS_CHECKER,
            f"{what}: người duyệt ({checker}) trùng người lập. Một người khác phải duyệt.",
        )


# --- Decisions --------------------------------------------------------------------------------------------------

#: Roles one person may not hold together in one unit.
_APART = (frozenset({Role.ACCOUNTANT, Role.CASHIER}),)


def grant_role(state: Access, asked: RoleGranted) -> tuple[RoleGranted, ...]:
    """Grant a role; two people, accountant and cashier apart, the same again adds nothing."""
    require_other_person(asked.proposed_by, asked.approved_by, f"Giao quyền cho {asked.officer_id}")
    if asked in state.grants:
        return ()
    for held in state.grants:
        if held.officer_id != asked.officer_id or held.unit_id != asked.unit_id:
            continue
        if {held.role, asked.role} in _APART and _overlap(held, asked):
            raise Refusal(
                RefusalCode.ROLES_CONFLICT,
                f"{asked.officer_id} không thể vừa là kế toán vừa là thủ quỹ của {asked.unit_id}.",
            )
    return (asked,)


def _overlap(one: RoleGranted, other: RoleGranted) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def set_second_person(state: Access, asked: SecondPersonSet) -> tuple[SecondPersonSet, ...]:
    """Name the second person of a one-officer unit; the same again adds nothing."""
    return () if asked in state.second_persons else (asked,)
