"""Setting a ledger up: law, tree, accounts and holders, officers, opening balances."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain import access, opening, organisation, policy_activation
from domain.access import Action, RoleGranted, SecondPersonSet
from domain.identifiers import UnitId
from domain.opening import OpeningEntered
from domain.organisation import HolderAssigned, UnitRegistered, WageRegionAssigned
from domain.policy_rows import PolicyRows
from ledger.folds import POLICY_STREAM
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivatePolicy:
    """Put rows of the law or of a local decision in force, by a named approver's decision."""

    rows: PolicyRows
    approver: str
    document: str
    decided_on: date
    allow_draft_with_document: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountToRegister:
    """A unit's own bank account."""

    unit_id: UnitId
    bin: str
    number: str
    holder_name: str
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation:
    """Register units (superiors first), their accounts, who holds whose receiving account, and wage regions."""

    units: tuple[UnitRegistered, ...]
    accounts: tuple[AccountToRegister, ...] = ()
    holders: tuple[HolderAssigned, ...] = ()
    regions: tuple[WageRegionAssigned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRoles:
    """Grant roles by decision, and name second persons of one-officer units."""

    grants: tuple[RoleGranted, ...]
    second_persons: tuple[SecondPersonSet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterOpenings:
    """Enter opening balances of units beneath ``root``; nothing is booked yet."""

    root: UnitId
    openings: tuple[OpeningEntered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOpenings:
    """Second signature under opening balances; now they are booked."""

    root: UnitId
    units: tuple[UnitId, ...]


def activate_policy(work: Work, command: ActivatePolicy, act: Act) -> dict[str, object]:
    """Activate each row; rows in force already add nothing."""
    new = 0
    for row in command.rows.every():
        new += work.record(
            POLICY_STREAM,
            policy_activation.activate(
                work.policy,
                row,
                approver=command.approver,
                document=command.document,
                decided_on=command.decided_on,
                allow_draft_with_document=command.allow_draft_with_document,
            ),
        )
    return {"activated": new}


def register_organisation(work: Work, command: RegisterOrganisation, act: Act) -> dict[str, object]:
    """Register everything named; what is known already adds nothing."""
    stream = organisation.STREAM
    units = sum(work.record(stream, organisation.register_unit(work.organisation, u)) for u in command.units)
    accounts = 0
    for asked in command.accounts:
        events = organisation.register_account(
            work.organisation,
            unit_id=asked.unit_id,
            bin_=asked.bin,
            number=asked.number,
            holder_name=asked.holder_name,
            effective_from=asked.effective_from,
        )
        accounts += work.record(stream, events)
    holders = sum(work.record(stream, organisation.assign_holder(work.organisation, h)) for h in command.holders)
    regions = sum(work.record(stream, organisation.assign_region(work.organisation, r)) for r in command.regions)
    return {"units": units, "accounts": accounts, "holders": holders, "regions": regions}


def grant_roles(work: Work, command: GrantRoles, act: Act) -> dict[str, object]:
    """Grant each role; the same again adds nothing."""
    grants = 0
    for asked in command.grants:
        organisation.require_living(work.organisation, asked.unit_id)
        # An officer approves in person; only the first grants come by a program, from a paper with two names.
        made = asked if act.actor.startswith("service:") else replace(asked, approved_by=act.actor)
        grants += work.record(access.STREAM, access.grant_role(work.access, made))
    seconds = 0
    for second in command.second_persons:
        organisation.unit(work.organisation, second.unit_id)
        organisation.unit(work.organisation, second.of_unit)
        seconds += work.record(access.STREAM, access.set_second_person(work.access, second))
    return {"grants": grants, "second_persons": seconds}


def enter_openings(work: Work, command: EnterOpenings, act: Act) -> dict[str, object]:
    """Enter each unit's opening balances, for units beneath the root only."""
    work.preload(opening.stream(asked.unit_id) for asked in command.openings)
    entered = 0
    for asked in command.openings:
        _require_beneath(work, asked.unit_id, command.root)
        # Who enters is who acts, whatever the paper says: the second signature must be another person's (I21).
        own = replace(asked, entered_by=act.actor)
        entered += work.record(opening.stream(asked.unit_id), opening.enter(work.opening(asked.unit_id), own))
    return {"entered": entered}


def sign_openings(work: Work, command: SignOpenings, act: Act) -> dict[str, object]:
    """Sign each unit's opening balances."""
    work.preload(opening.stream(unit) for unit in command.units)
    signed = 0
    for unit in command.units:
        _require_beneath(work, unit, command.root)
        signed += work.record(opening.stream(unit), opening.sign(work.opening(unit), signed_by=act.actor))
    return {"signed": signed}


def _require_beneath(work: Work, unit: UnitId, root: UnitId) -> None:
    organisation.require_living(work.organisation, unit)
    if not organisation.is_within(work.organisation, unit, root):
        raise organisation.outside(unit, root)


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ActivatePolicy: Handler("activate-policy", Action.ACTIVATE_POLICY, "", activate_policy),
    RegisterOrganisation: Handler("register-organisation", Action.SET_UP, "", register_organisation),
    GrantRoles: Handler("grant-roles", Action.GRANT_ROLE, "", grant_roles),
    EnterOpenings: Handler("enter-openings", Action.ENTER_OPENING, "root", enter_openings),
    SignOpenings: Handler("sign-openings", Action.SIGN_OPENING, "root", sign_openings),
}
