"""Who may do what: every role × action × place, generated from the table of roles; and maker is not checker."""

from dataclasses import replace
from datetime import date

import pytest

from domain import access, organisation
from domain.access import (
    ROLE_ACTIONS,
    SECOND_PERSON_ACTIONS,
    SERVICE_ACTIONS,
    Access,
    Action,
    Role,
    RoleGranted,
    SecondPersonSet,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, UnitId
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind

DAY = date(2026, 7, 1)
PARENTS = {"HP": None, "VH": "HP", "A": "VH", "A-a": "A", "B": "VH"}


def _organisation() -> organisation.Organisation:
    state = organisation.EMPTY
    for unit, parent in PARENTS.items():
        registered = UnitRegistered(
            unit_id=UnitId(unit),
            code=unit,
            name=unit,
            kind=UnitKind.CELL,
            parent_id=None if parent is None else UnitId(parent),
            effective_from=DAY,
            has_books=True,
        )
        state = organisation.evolve(state, registered)
    return state


TREE = _organisation()


def _grant(role: Role, unit: str = "A") -> RoleGranted:
    return RoleGranted(
        officer_id=OfficerId("o"),
        role=role,
        unit_id=UnitId(unit),
        valid_from=DAY,
        valid_to=date(2026, 12, 31),
        decision="QD",
        proposed_by="p",
        approved_by="q",
    )


def _may(state: Access, action: Action, unit: str, on: date = DAY, actor: str = "o") -> bool:
    try:
        access.authorise(state, TREE, actor=actor, action=action, unit=UnitId(unit), on=on)
    except Refusal as refusal:
        if refusal.code is not RefusalCode.NOT_ALLOWED:
            raise
        return False
    return True


@pytest.mark.parametrize(("unit", "within"), [("A", True), ("A-a", True), ("VH", False), ("HP", False), ("B", False)])
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_own_unit_and_beneath_never_above_or_beside(
    role: Role, action: Action, unit: str, within: bool
) -> None:
    state = access.evolve(access.EMPTY, _grant(role))
    assert _may(state, action, unit) is (within and action in ROLE_ACTIONS[role])


@pytest.mark.parametrize(("on", "allowed"), [("2026-06-30", False), ("2026-07-01", True), ("2027-01-01", False)])
def test_a_grant_holds_from_its_first_to_its_last_day(on: str, allowed: bool) -> None:
    state = access.evolve(access.EMPTY, _grant(Role.ACCOUNTANT))
    assert _may(state, Action.READ, "A", date.fromisoformat(on)) is allowed


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("service", [*SERVICE_ACTIONS, "service:unknown"])
def test_a_program_does_what_its_name_allows_and_nothing_else(service: str, action: Action) -> None:
    assert _may(access.EMPTY, action, "A", actor=service) is (action in SERVICE_ACTIONS.get(service, frozenset()))


@pytest.mark.parametrize("action", list(Action))
def test_the_second_person_of_a_one_officer_unit_may_approve_what_goes_out_beyond_the_usual(action: Action) -> None:
    state = access.evolve(access.EMPTY, _grant(Role.ACCOUNTANT, "VH"))
    state = access.evolve(state, SecondPersonSet(unit_id=UnitId("A"), of_unit=UnitId("VH"), decision="QD"))
    usual = action in ROLE_ACTIONS[Role.ACCOUNTANT]
    assert _may(state, action, "A") is (usual or action in SECOND_PERSON_ACTIONS)
    assert _may(state, action, "B") is usual


#: Making and checking the same thing lies in different hands in every role.
MAKE_AND_CHECK = (
    (Action.PREPARE_REMITTANCE, Action.APPROVE_REMITTANCE),
    (Action.REQUEST_REFUND, Action.APPROVE_REFUND),
    (Action.ENTER_OPENING, Action.SIGN_OPENING),
    (Action.APPROVE_REFUND, Action.PAY_REFUND),
    (Action.PROPOSE_SPENDING, Action.APPROVE_SPENDING),
    (Action.COUNT_CASH, Action.RESOLVE_COUNT),
)


@pytest.mark.parametrize(("make", "check"), MAKE_AND_CHECK)
@pytest.mark.parametrize("role", list(Role))
def test_no_role_both_makes_and_checks(role: Role, make: Action, check: Action) -> None:
    assert not {make, check} <= ROLE_ACTIONS[role]


@pytest.mark.parametrize(
    ("held", "asked", "code"),
    [
        (Role.ACCOUNTANT, _grant(Role.CASHIER), RefusalCode.ROLES_CONFLICT),
        (Role.CASHIER, _grant(Role.ACCOUNTANT), RefusalCode.ROLES_CONFLICT),
        (Role.ACCOUNTANT, replace(_grant(Role.CASHIER), valid_from=date(2027, 1, 1), valid_to=None), None),
        (Role.ACCOUNTANT, _grant(Role.CASHIER, "VH"), None),
        (Role.ACCOUNTANT, _grant(Role.SECRETARY), None),
        (Role.ACCOUNTANT, replace(_grant(Role.SECRETARY), approved_by="p"), RefusalCode.MAKER_IS_CHECKER),
    ],
)
def test_granting_a_role(held: Role, asked: RoleGranted, code: RefusalCode | None) -> None:
    state = access.evolve(access.EMPTY, _grant(held))
    if code is None:
        events = access.grant_role(state, asked)
        assert events == (asked,)
        assert access.grant_role(access.evolve(state, asked), asked) == ()
        return
    with pytest.raises(Refusal) as caught:
        access.grant_role(state, asked)
    assert caught.value.code is code


def test_a_second_person_is_set_once() -> None:
    asked = SecondPersonSet(unit_id=UnitId("A"), of_unit=UnitId("VH"), decision="QD")
    assert access.set_second_person(access.EMPTY, asked) == (asked,)
    assert access.set_second_person(access.evolve(access.EMPTY, asked), asked) == ()
