"""The roll: members, their standing, income bases and reliefs, and what they owed when the ledger began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import dues_account, member, organisation
from domain.access import Action
from domain.assessment import Assessment, assess, rate_for
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import IncomeBaseDeclared, MemberEnrolled, ReliefGranted, Scope, StandingDeclared
from domain.money import Dong
from domain.period import Month, month_of
from domain.policy import check_relief
from domain.policy_rows import BaseKind
from ledger.accounts import has_account, open_account, preload_accounts, year_with
from ledger.handler import Handler
from ledger.handlers.rows import RowRefused
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRow:
    """An income base from a calendar month on; đồng."""

    kind: str
    from_month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRow:
    """A relief by decision."""

    relief: str
    percent: int
    from_month: Month
    to_month: Month | None
    decision: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearRow:
    """A month still owed when the ledger began, with the base of that month if its category takes one."""

    month: Month
    base: Dong | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One member of a cell as the office's list has it; ``where`` is the place in the file."""

    where: str
    member_id: MemberId
    unit_id: UnitId
    roster_order: int
    enrolled_on: date
    from_month: Month
    category: str | None
    category_342: str | None
    scope: Scope
    bases: tuple[BaseRow, ...] = ()
    reliefs: tuple[ReliefRow, ...] = ()
    arrears: tuple[ArrearRow, ...] = ()
    opening_credit: Dong = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRoster:
    """Take a list of members beneath ``root`` in, whole; rows that a rule refuses are listed and left out."""

    root: UnitId
    rows: tuple[RosterRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseChange:
    """A member's income base changes from a calendar month on."""

    where: str
    member_id: MemberId
    base: BaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBases:
    """Take new income bases in."""

    root: UnitId
    rows: tuple[BaseChange, ...]


def import_roster(work: Work, command: ImportRoster, act: Act) -> dict[str, object]:
    """Enrol, declare, relieve and carry over; importing the same list again adds nothing."""
    year = act.on.year
    work.preload(member.stream(row.member_id) for row in command.rows)
    preload_accounts(work, (row.member_id for row in command.rows), year)
    refused: list[RowRefused] = []
    events = 0
    for row in command.rows:
        try:
            _check(work, row, command.root, act)
        except Refusal as refusal:
            refused.append(RowRefused(where=row.where, code=refusal.code, message=refusal.message))
            continue
        events += _take_in(work, row, year)
    return {
        "rows": len(command.rows),
        "taken": len(command.rows) - len(refused),
        "events": events,
        "refused": [item.as_dict() for item in refused],
    }


def _check(work: Work, row: RosterRow, root: UnitId, act: Act) -> None:
    """Refuse a row before any of it is recorded."""
    organisation.require_living(work.organisation, row.unit_id)
    if not organisation.is_within(work.organisation, row.unit_id, root):
        raise organisation.outside(row.unit_id, root)
    months = [row.from_month, *(b.from_month for b in row.bases), *(a.month for a in row.arrears)]
    if max(months) > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Tháng {max(months)} còn ở tương lai (hôm nay {act.on:%d/%m/%Y}). Kiểm tra lại cột tháng.",
        )
    for relief in row.reliefs:
        check_relief(work.policy, relief.relief, relief.percent, relief.from_month, relief.to_month)
    state = work.member_state(row.member_id)
    member.enrol(state, _enrolment(row))
    for arrear in row.arrears:
        _assess_arrear(work, row, arrear)


def _enrolment(row: RosterRow) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=row.member_id,
        unit_id=row.unit_id,
        enrolled_on=row.enrolled_on,
        roster_order=row.roster_order,
    )


def _assess_arrear(work: Work, row: RosterRow, arrear: ArrearRow) -> Assessment:
    category = row.category_342 if arrear.month < "2026-02" else row.category
    if category is None:
        raise Refusal(
            RefusalCode.NOT_CLASSIFIED,
            f"Tháng nợ {arrear.month} chưa có nhóm đối tượng theo 342-QĐ/TW. Điền cột nhóm 342.",
        )
    rate = rate_for(work.policy, month=arrear.month, category=category)
    by_wage = rate.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE
    return assess(
        work.policy,
        month=arrear.month,
        category=category,
        base=arrear.base,
        base_month=None,
        region=organisation.region_of(work.organisation, row.unit_id) if by_wage else None,
        relief=None,
    )


def _take_in(work: Work, row: RosterRow, year: int) -> int:
    stream = member.stream(row.member_id)
    count = work.record(stream, member.enrol(work.member_state(row.member_id), _enrolment(row)))
    standing = StandingDeclared(
        member_id=row.member_id,
        from_month=row.from_month,
        category=row.category,
        category_342=row.category_342,
        scope=row.scope,
    )
    count += work.record(stream, member.declare_standing(work.member_state(row.member_id), standing))
    for base in row.bases:
        count += work.record(stream, _base_events(work, row.member_id, base))
    for r in row.reliefs:
        granted = ReliefGranted(
            member_id=row.member_id,
            relief=r.relief,
            percent=r.percent,
            from_month=r.from_month,
            to_month=r.to_month,
            decision=r.decision,
            decided_by=r.decided_by,
            decided_on=r.decided_on,
        )
        count += work.record(stream, member.grant_relief(work.member_state(row.member_id), granted))
    return count + _carry_over(work, row, year)


def _base_events(work: Work, member_id: MemberId, base: BaseRow) -> tuple[IncomeBaseDeclared, ...]:
    asked = IncomeBaseDeclared(member_id=member_id, kind=base.kind, from_month=base.from_month, amount=base.amount)
    return member.declare_base(work.member_state(member_id), asked)


def _carry_over(work: Work, row: RosterRow, year: int) -> int:
    """Arrears are assessed under the law of their month; credit is taken over. Each only once, whatever the year."""
    is_new = not has_account(work, row.member_id, year)
    stream = open_account(work, row.member_id, row.unit_id, year)
    count = 0
    for arrear in row.arrears:
        if year_with(work, row.member_id, arrear.month, year) is not None:
            continue
        events = dues_account.assess(
            work.dues(row.member_id, year),
            member_id=row.member_id,
            unit_id=row.unit_id,
            assessment=_assess_arrear(work, row, arrear),
            relief_decision=None,
            is_opening=True,
        )
        count += work.record(stream, events)
    if is_new and row.opening_credit:
        carried = dues_account.carry_opening_credit(
            work.dues(row.member_id, year),
            member_id=row.member_id,
            unit_id=row.unit_id,
            amount=row.opening_credit,
        )
        count += work.record(stream, carried)
    return count


def import_bases(work: Work, command: ImportBases, act: Act) -> dict[str, object]:
    """Declare each base; the same again adds nothing, a future month or an unknown member is listed."""
    work.preload(member.stream(row.member_id) for row in command.rows)
    refused: list[RowRefused] = []
    events = 0
    for row in command.rows:
        try:
            known = work.member(row.member_id)
            if not organisation.is_within(work.organisation, known.unit_id, command.root):
                raise organisation.outside(known.unit_id, command.root)
            if row.base.from_month > month_of(act.on):
                raise Refusal(
                    RefusalCode.MONTH_IN_FUTURE, f"Tháng {row.base.from_month} còn ở tương lai; kiểm tra cột tháng."
                )
            events += work.record(member.stream(row.member_id), _base_events(work, row.member_id, row.base))
        except Refusal as refusal:
            refused.append(RowRefused(where=row.where, code=refusal.code, message=refusal.message))
    return {
        "rows": len(command.rows),
        "taken": len(command.rows) - len(refused),
        "events": events,
        "refused": [item.as_dict() for item in refused],
    }


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ImportRoster: Handler("import-roster", Action.IMPORT_ROSTER, "root", import_roster),
    ImportBases: Handler("import-bases", Action.IMPORT_ROSTER, "root", import_bases),
}
