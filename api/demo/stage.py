"""Who does what in the story: finds units by code and the officer whose office a step belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from api.demo.scenario import Scenario
from api.wiring import Installation
from domain import access, organisation
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import Channel, UnitRegistered
from domain.organisation_kinds import UnitKind
from ledger.application import Outcome, command_id_for
from ledger.work import Act

_CELLS = (UnitKind.CELL, UnitKind.BASE_CELL)


@dataclass(slots=True)
class Stage:
    """An installation and a scenario, with counts of what was done so far."""

    inst: Installation
    scenario: Scenario
    notes: dict[str, Any] = field(default_factory=dict)

    def run(self, command: object, *, actor: str, at: datetime, name: str, **more: Any) -> Outcome:
        """Run a command of the story; its id comes from the story, so that a repeated play adds nothing."""
        command_id = command_id_for("demo", at.isoformat(), name)
        return self.inst.ledger.execute(command, Act(actor=actor, at=at, command_id=command_id, **more))

    def unit(self, name: str) -> UnitRegistered:
        """A unit by the scenario's name for it ("ward") or by its code."""
        org = self.inst.ledger.work().organisation
        return organisation.by_code(org, self.scenario.units.get(name, name))

    def cells(self, *, under: UnitId | None = None) -> tuple[UnitRegistered, ...]:
        """All cells of the ward in order of code, or those directly under one unit."""
        org = self.inst.ledger.work().organisation
        root = self.unit("ward").unit_id
        found = (u for u in organisation.subtree(org, root) if u.kind in _CELLS)
        return tuple(sorted((u for u in found if under in (None, u.parent_id)), key=lambda u: u.code))

    def bases(self) -> tuple[UnitRegistered, ...]:
        """The base committees of the ward."""
        org = self.inst.ledger.work().organisation
        below = organisation.children(org, self.unit("ward").unit_id)
        return tuple(u for u in below if u.kind is UnitKind.BASE_OTHER)

    def has_own_account(self, unit_id: UnitId, on: date) -> bool:
        """Whether the unit receives transfers into an account of its own."""
        org = self.inst.ledger.work().organisation
        return organisation.receiving_place(org, unit_id, Channel.BANK, on).holder_id == unit_id

    def officers(self, unit_id: UnitId, role: Role, on: date) -> tuple[str, ...]:
        """Officers with a role granted for this very unit, in order of their codes."""
        grants = self.inst.ledger.work().access.grants
        return tuple(
            sorted(
                grant.officer_id
                for grant in grants
                if (grant.unit_id, grant.role) == (unit_id, role)
                and grant.valid_from <= on
                and (grant.valid_to is None or on <= grant.valid_to)
            )
        )

    def superior(self, unit_id: UnitId) -> UnitId:
        """The direct superior of a unit."""
        found = organisation.superior(self.inst.ledger.work().organisation, unit_id)
        if found is None:
            raise Refusal(RefusalCode.UNKNOWN_UNIT, f"{unit_id} không có cấp trên.")
        return found.unit_id

    def officer(self, unit_id: UnitId, role: Role, on: date, *, other_than: str = "") -> str:
        """The officer with a role at the unit, or at the nearest unit above that has one."""
        for found in self._path(unit_id):
            for officer in self.officers(found.unit_id, role, on):
                if officer != other_than:
                    return officer
        raise Refusal(RefusalCode.NOT_ALLOWED, f"Không có người giữ vai {role} cho {unit_id}; xem officers.csv.")

    def maker(self, unit_id: UnitId, on: date) -> str:
        """Who prepares a unit's money matters: its collector, else its accountant, else the one above."""
        own = (*self.officers(unit_id, Role.COLLECTOR, on), *self.officers(unit_id, Role.ACCOUNTANT, on))
        return own[0] if own else self.officer(unit_id, Role.ACCOUNTANT, on)

    def checker(self, unit_id: UnitId, on: date, maker: str) -> str:
        """Who approves: the secretary or the committee, another person than the maker; else the second person set."""
        own = (*self.officers(unit_id, Role.SECRETARY, on), *self.officers(unit_id, Role.COMMITTEE, on))
        others = [officer for officer in own if officer != maker]
        if others:
            return others[0]
        second = [s for s in self.inst.ledger.work().access.second_persons if s.unit_id == unit_id]
        if second:
            return self.officer(second[0].of_unit, Role.ACCOUNTANT, on, other_than=maker)
        return self.officer(unit_id, Role.COMMITTEE, on, other_than=maker)

    def approvers(self, unit_id: UnitId, on: date, maker: str) -> tuple[str, str]:
        """Two different people who may approve a refund of the unit, neither of them the maker."""
        org = self.inst.ledger.work().organisation
        grants = self.inst.ledger.work().access
        found: list[str] = []
        for unit in self._path(unit_id):
            for role in (Role.SECRETARY, Role.COMMITTEE):
                found += [o for o in self.officers(unit.unit_id, role, on) if o not in (maker, *found)]
        allowed = [o for o in found if access.roles_at(grants, org, o, unit_id, on)]
        if len(allowed) < 2:
            raise Refusal(RefusalCode.NOT_ALLOWED, f"Không đủ hai người duyệt hoàn trả cho {unit_id}.")
        return allowed[0], allowed[1]

    def _path(self, unit_id: UnitId) -> Iterator[UnitRegistered]:
        return organisation.path_up(self.inst.ledger.work().organisation, unit_id)
