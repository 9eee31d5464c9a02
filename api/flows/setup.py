"""Setting a shard up from an office's files: law, shares, tree, officers, opening balances.

Each function reads, leaves out the rows that a rule refuses, and runs one command with the others; importing the
same files twice records nothing twice. Raises ``Malformed`` when a file cannot be read at all and ``Refusal`` when
the import as a whole is not allowed; then nothing was recorded.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from adapters.office import policy_file, share_decision
from adapters.office.officers import OfficerRow, read_officers
from adapters.office.organisation import (
    AccountRow,
    HolderRow,
    RegionRow,
    UnitRow,
    read_accounts,
    read_holders,
    read_regions,
    read_units,
    unit_id_for,
)
from adapters.office.table import RowProblem
from api.flows.imports import ImportReport, execute, refused, report, source
from api.flows.openings import enter_openings, sign_openings
from api.wiring import Installation
from domain import access, organisation
from domain.access import RoleGranted, SecondPersonSet
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, OfficerId, UnitId, account_id
from domain.organisation import HolderAssigned, Organisation, OrganisationEvent, UnitRegistered, WageRegionAssigned
from domain.policy_rows import CapRow, PolicyRow, PolicyRows
from ledger.handlers.setup import AccountToRegister, ActivatePolicy, GrantRoles, RegisterOrganisation

__all__ = [
    "activate_law",
    "activate_shares",
    "enter_openings",
    "import_officers",
    "import_organisation",
    "sign_openings",
]

T = TypeVar("T")
Asked = TypeVar("Asked")

# --- law --------------------------------------------------------------------------------------------------------


def activate_law(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    approver: str,
    document: str,
    decided_on: date,
    drafts: Collection[str] = (),
) -> ImportReport:
    """Put the shipped law in force: rows seen or derived, the stated default rounding, and the caps on SI salary.

    ``document`` of ``decided_on`` is the decision by which ``approver`` takes these rows on; it is what the caps,
    which no text that we read states, stand on. ``drafts`` are ids of further rows that the same decision takes on.
    """
    file = policy_file.load()
    rows = file.rows

    def chosen(row: PolicyRow) -> bool:
        return policy_file.counts_as_active(row) or isinstance(row, CapRow) or row.id in drafts

    command = ActivatePolicy(
        rows=PolicyRows(
            rates=tuple(filter(chosen, rows.rates)),
            wages=tuple(filter(chosen, rows.wages)),
            caps=tuple(filter(chosen, rows.caps)),
            reliefs=tuple(filter(chosen, rows.reliefs)),
            roundings=tuple(filter(chosen, rows.roundings)),
            settings=tuple(filter(chosen, rows.settings)),
            shares=tuple(filter(chosen, rows.shares)),
        ),
        approver=approver,
        document=document,
        decided_on=decided_on,
        allow_draft_with_document=True,
    )
    outcome = execute(inst, command, flow="activate-law", digests=(file.digest,), actor=actor, at=at, document=document)
    return report(outcome, rows=len(rows.every()), taken=len(command.rows.every()))


def activate_shares(inst: Installation, *, actor: str, at: datetime, path: Path, approver: str) -> ImportReport:
    """Put the shares of a local decision in force, whole or not at all."""
    decision = share_decision.read(path)
    command = ActivatePolicy(
        rows=PolicyRows(shares=decision.rows),
        approver=approver,
        document=decision.number,
        decided_on=decision.decided_on,
        allow_draft_with_document=True,
    )
    outcome = execute(
        inst,
        command,
        flow="activate-shares",
        digests=(decision.digest,),
        actor=actor,
        at=at,
        document=decision.number,
    )
    return report(outcome, rows=len(decision.rows), taken=len(decision.rows))


# --- tree -------------------------------------------------------------------------------------------------------


def import_organisation(
    inst: Installation, *, actor: str, at: datetime, units: Path, accounts: Path, holders: Path, regions: Path
) -> ImportReport:
    """Register units (in any order), their accounts, who receives whose money, and wage regions."""
    unit_file, account_file = read_units(units), read_accounts(accounts)
    holder_file, region_file = read_holders(holders), read_regions(regions)
    tree = _Tree(inst.ledger.work().organisation)
    command = RegisterOrganisation(
        units=tree.take_units(unit_file.rows),
        accounts=tree.take(account_file.rows, tree.account),
        holders=tree.take(holder_file.rows, tree.holder),
        regions=tree.take(region_file.rows, tree.region),
    )
    files = (unit_file, account_file, holder_file, region_file)
    outcome = execute(
        inst,
        command,
        flow="import-organisation",
        digests=tuple(file.digest for file in files),
        actor=actor,
        at=at,
        document="; ".join(source(file.name, file.digest[:16]) for file in files),
    )
    return report(
        outcome,
        rows=sum(file.lines for file in files),
        taken=len(command.units) + len(command.accounts) + len(command.holders) + len(command.regions),
        problems=(*(problem for file in files for problem in file.problems), *tree.problems),
    )


class _Tree:
    """The tree as it would be after the rows taken so far, and the rows that a rule refused."""

    def __init__(self, state: Organisation) -> None:
        self.state = state
        self.problems: list[RowProblem] = []

    def _after(self, events: Iterable[OrganisationEvent]) -> None:
        for event in events:
            self.state = organisation.evolve(self.state, event)

    def take(self, rows: Iterable[T], one: Callable[[T], Asked | RowProblem]) -> tuple[Asked, ...]:
        """What the rows ask for, without those that were refused."""
        asked: list[Asked] = []
        for row in rows:
            answer = one(row)
            if isinstance(answer, RowProblem):
                self.problems.append(answer)
            else:
                asked.append(answer)
        return tuple(asked)

    def take_units(self, rows: tuple[UnitRow, ...]) -> tuple[UnitRegistered, ...]:
        """Units in an order in which each superior stands before its subordinates."""
        listed = {row.code for row in rows}
        known = {unit.code for unit in self.state.units.values()}
        ordered: list[UnitRow] = []
        waiting = list(rows)
        while waiting:
            ready = [
                r for r in waiting if r.parent_code is None or r.parent_code in known or r.parent_code not in listed
            ]
            if not ready:
                # Units that stand above each other: each is refused with the parent that never comes.
                ready = waiting
            ordered += ready
            known |= {row.code for row in ready}
            waiting = [row for row in waiting if row not in ready]
        return self.take(ordered, self.unit)

    def unit(self, row: UnitRow) -> UnitRegistered | RowProblem:
        """One unit; a code known already keeps its id."""
        same = next((unit.unit_id for unit in self.state.units.values() if unit.code == row.code), None)
        column = "mã cấp trên"
        try:
            parent = None if row.parent_code is None else organisation.by_code(self.state, row.parent_code).unit_id
            column = "mã"
            asked = UnitRegistered(
                unit_id=same or unit_id_for(row.code),
                code=row.code,
                name=row.name,
                kind=row.kind,
                parent_id=parent,
                effective_from=row.effective_from,
                has_books=row.has_books,
            )
            self._after(organisation.register_unit(self.state, asked))
        except Refusal as refusal:
            return refused(row.place, refusal, column)
        return asked

    def account(self, row: AccountRow) -> AccountToRegister | RowProblem:
        """One bank account."""
        column = "mã đơn vị"
        try:
            asked = AccountToRegister(
                unit_id=organisation.by_code(self.state, row.unit_code).unit_id,
                bin=row.bin,
                number=row.number,
                holder_name=row.holder_name,
                effective_from=row.effective_from,
            )
            column = "số tài khoản"
            self._after(
                organisation.register_account(
                    self.state,
                    unit_id=asked.unit_id,
                    bin_=asked.bin,
                    number=asked.number,
                    holder_name=asked.holder_name,
                    effective_from=asked.effective_from,
                )
            )
        except Refusal as refusal:
            return refused(row.place, refusal, column)
        return asked

    def holder(self, row: HolderRow) -> HolderAssigned | RowProblem:
        """Who receives a unit's money over one channel; the account is found among the holder's own."""
        column = "mã đơn vị"
        try:
            unit = organisation.by_code(self.state, row.unit_code).unit_id
            column = "mã đơn vị giữ"
            holder = organisation.by_code(self.state, row.holder_code).unit_id
            account: AccountId | None = None
            if row.number is not None:
                account = self._own_account(holder, row.number)
                if account is None:
                    reason = f"{row.holder_code} không có tài khoản số {row.number}; thêm vào danh sách tài khoản"
                    return row.place.problem(reason, "số tài khoản", "unknown-account")
            asked = HolderAssigned(
                unit_id=unit,
                channel=row.channel,
                holder_id=holder,
                account_id=account,
                effective_from=row.effective_from,
            )
            self._after(organisation.assign_holder(self.state, asked))
        except Refusal as refusal:
            return refused(row.place, refusal, column)
        return asked

    def _own_account(self, holder: UnitId, number: str) -> AccountId | None:
        own = [a for a in self.state.accounts.values() if a.unit_id == holder and a.number == number]
        return account_id(own[0].bin, number) if len(own) == 1 else None

    def region(self, row: RegionRow) -> WageRegionAssigned | RowProblem:
        """One wage region."""
        try:
            asked = WageRegionAssigned(
                unit_id=organisation.by_code(self.state, row.unit_code).unit_id,
                region=row.region,
                assumed=row.assumed,
                document=row.document,
                effective_from=row.effective_from,
            )
            self._after(organisation.assign_region(self.state, asked))
        except Refusal as refusal:
            return refused(row.place, refusal, "mã đơn vị")
        return asked


# --- officers ---------------------------------------------------------------------------------------------------


def import_officers(
    inst: Installation, *, actor: str, at: datetime, path: Path, proposed_by: str, approved_by: str
) -> ImportReport:
    """Grant the roles of a list, proposed by one person and approved by another."""
    access.require_other_person(proposed_by, approved_by, f"Giao quyền theo {path.name}")
    file = read_officers(path)
    work = inst.ledger.work()
    org, state = work.organisation, work.access
    grants: list[RoleGranted] = []
    seconds: dict[SecondPersonSet, None] = {}
    problems = list(file.problems)
    for row in file.rows:
        try:
            grant, second = _grant(org, row, proposed_by, approved_by)
            for event in access.grant_role(state, grant):
                state = access.evolve(state, event)
        except Refusal as refusal:
            column = "unit" if refusal.code == RefusalCode.UNKNOWN_UNIT else "role"
            problems.append(refused(row.place, refusal, column))
            continue
        grants.append(grant)
        if second is not None:
            seconds[second] = None
    outcome = execute(
        inst,
        GrantRoles(grants=tuple(grants), second_persons=tuple(seconds)),
        flow="import-officers",
        digests=(file.digest,),
        actor=actor,
        at=at,
        document=source(file.name, file.digest),
    )
    return report(outcome, rows=file.lines, taken=len(grants), problems=tuple(problems))


def _grant(
    org: Organisation, row: OfficerRow, proposed_by: str, approved_by: str
) -> tuple[RoleGranted, SecondPersonSet | None]:
    unit = organisation.by_code(org, row.unit_code)
    grant = RoleGranted(
        officer_id=OfficerId(row.officer),
        role=row.role,
        unit_id=unit.unit_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        decision=row.decision,
        proposed_by=proposed_by,
        approved_by=approved_by,
    )
    if row.second_person is None:
        return grant, None
    of_unit = organisation.by_code(org, row.second_person)
    second = SecondPersonSet(unit_id=unit.unit_id, of_unit=of_unit.unit_id, decision=row.decision)
    return grant, second
