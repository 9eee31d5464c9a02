"""Members come and go: admitted, recognised, released, ended, restored, arrived from another shard."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import dues_account, member, member_moves, membership, organisation
from domain.access import Action
from domain.assessment import require_category
from domain.dues_moves import MonthWaived
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import IncomeBaseDeclared, Member, Scope, StandingDeclared
from domain.membership import (
    Ending,
    MemberAdmitted,
    MemberArrived,
    MemberRecognised,
    MembershipEnded,
    MembershipEvent,
    MembershipRestored,
    ReleasedFromActivities,
    TransferKind,
    TransferReceived,
)
from domain.period import Month, month_of, shift
from domain.policy import setting
from domain.policy_settings import SettingName
from ledger.accounts import open_account
from ledger.handler import Handler
from ledger.handlers.assess import Tally, assess_one
from ledger.handlers.roster import BaseRow
from ledger.open_month import require_open
from ledger.owning import follow, owning_unit
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStanding:
    """How a new member is classified from the first dues month on; without a category a person must say it later."""

    category: str | None
    category_342: str | None = None
    scope: Scope = Scope.ONLINE
    bases: tuple[BaseRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitMember:
    """Record an admission after its ceremony."""

    unit_id: UnitId
    member_id: MemberId
    decision: str
    decided_on: date
    ceremony_on: date
    standing: FirstStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniseMember:
    """Record the recognition as an official member."""

    unit_id: UnitId
    member_id: MemberId
    official_on: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitArrival:
    """Take in a member with a letter from a unit outside this shard; ``paid_through`` as the letter says it."""

    unit_id: UnitId
    member_id: MemberId
    from_outside: str
    kind: TransferKind
    letter: str
    received_on: date
    paid_through: Month
    to_month: Month | None
    standing: FirstStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMember:
    """Record a release from Party activities, with its term and the body that granted it."""

    unit_id: UnitId
    member_id: MemberId
    from_month: Month
    to_month: Month
    granted_by: str
    decision: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMembership:
    """Record a strike-off, a leaving, an expulsion or a death."""

    unit_id: UnitId
    member_id: MemberId
    why: Ending
    effective_on: date
    decision: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreMember:
    """Record that membership was given back; the interrupted months are assessed at once where that is possible."""

    unit_id: UnitId
    member_id: MemberId
    restored_on: date
    decision: str
    decided_on: date


def admit_member(work: Work, command: AdmitMember, act: Act) -> dict[str, object]:
    """Enter an admitted member on the roll; the first dues month is that of the policy."""
    require_past(command.ceremony_on, act)
    organisation.require_own_members(work.organisation, command.unit_id)
    first = member_moves.first_month(work.policy, command.ceremony_on)
    asked = MemberAdmitted(
        member_id=command.member_id,
        unit_id=command.unit_id,
        roster_order=place_on_roll(work, command.unit_id, command.member_id),
        decision=command.decision,
        decided_on=command.decided_on,
        ceremony_on=command.ceremony_on,
        first_month=first,
    )
    events = member_moves.admit(work.member_state(command.member_id), asked)
    count = _enter(work, command.unit_id, command.ceremony_on, command.member_id, events)
    if count:
        count += _declare(work, command.member_id, first, command.standing)
    return {"first_month": first, "events": count}


def recognise_member(work: Work, command: RecogniseMember, act: Act) -> dict[str, object]:
    """Nothing changes in what is owed."""
    require_past(command.official_on, act)
    asked = MemberRecognised(
        member_id=command.member_id,
        unit_id=command.unit_id,
        official_on=command.official_on,
        decision=command.decision,
    )
    events = member_moves.recognise(work.member_state(command.member_id), asked)
    return {"events": work.record(member.stream(command.member_id), events)}


def admit_arrival(work: Work, command: AdmitArrival, act: Act) -> dict[str, object]:
    """The months after the letter's month are owed here; a temporary guest's only where the policy says so."""
    require_past(command.received_on, act)
    organisation.require_own_members(work.organisation, command.unit_id)
    first = shift(command.paid_through, 1)
    guest = command.kind is not TransferKind.OFFICIAL
    asked = MemberArrived(
        member_id=command.member_id,
        unit_id=command.unit_id,
        from_outside=command.from_outside,
        kind=command.kind,
        letter=command.letter,
        received_on=command.received_on,
        from_month=first,
        to_month=command.to_month,
        payee_id=member_moves.payee(work.policy, first, command.unit_id, None) if guest else None,
        roster_order=place_on_roll(work, command.unit_id, command.member_id),
    )
    events = member_moves.arrive(work.member_state(command.member_id), asked)
    count = _enter(work, command.unit_id, command.received_on, command.member_id, events)
    if count:
        count += _declare(work, command.member_id, first, command.standing)
    return {"first_month": first, "events": count}


def release_member(work: Work, command: ReleaseMember, act: Act) -> dict[str, object]:
    """Record it; what may be paid late or ahead follows from it elsewhere."""
    require_past(command.decided_on, act)
    asked = ReleasedFromActivities(
        member_id=command.member_id,
        unit_id=command.unit_id,
        from_month=command.from_month,
        to_month=command.to_month,
        granted_by=command.granted_by,
        decision=command.decision,
        decided_on=command.decided_on,
    )
    events = member_moves.release(work.member_state(command.member_id), asked)
    return {"events": work.record(member.stream(command.member_id), events)}


def end_membership(work: Work, command: EndMembership, act: Act) -> dict[str, object]:
    """End it; months that are not owed for that reason are waived, nothing is given back."""
    require_past(command.effective_on, act)
    last = member_moves.last_month(work.policy, command.why, command.effective_on)
    asked = MembershipEnded(
        member_id=command.member_id,
        unit_id=command.unit_id,
        why=command.why,
        effective_on=command.effective_on,
        last_month=last,
        decision=command.decision,
        decided_on=command.decided_on,
    )
    before = work.member(command.member_id)
    count = work.record(member.stream(command.member_id), member_moves.end(before, asked))
    if not count:
        return {"last_month": last, "waived": 0, "events": 0}
    waived = _waive(work, before, asked, act)
    return {"last_month": last, "waived": sum(e.amount for e in waived), "events": count + len(waived)}


def _waive(work: Work, before: Member, ended: MembershipEnded, act: Act) -> tuple[MonthWaived, ...]:
    """Waive what the setting says; each month in the books in which it stood before the membership ended."""
    stream = open_account(work, ended.member_id, before.unit_id, act.on.year)
    account = work.dues(ended.member_id, act.on.year)
    dead = ended.why is Ending.DIED
    month = month_of(ended.effective_on)
    all_open = dead and setting(work.policy, SettingName.DEATH_WAIVES_OPEN_MONTHS, month) == "all"
    waived = tuple(
        MonthWaived(
            member_id=ended.member_id,
            unit_id=owning_unit(work, before, open_month) or ended.unit_id,
            month=open_month,
            amount=dues_account.owed(account, open_month),
            ground="died" if dead else "after-last-month",
            decision=ended.decision,
            reason="đảng viên từ trần" if dead else "tháng sau khi ra khỏi danh sách",
            waived_on=act.on,
        )
        for open_month in dues_account.open_months(account)
        if all_open or open_month > ended.last_month
    )
    work.record(stream, waived)
    return waived


def restore_member(work: Work, command: RestoreMember, act: Act) -> dict[str, object]:
    """Restore, then assess each interrupted month under the law of that month; what cannot be is listed for people."""
    require_past(command.restored_on, act)
    organisation.require_living(work.organisation, command.unit_id)
    asked = MembershipRestored(
        member_id=command.member_id,
        unit_id=command.unit_id,
        roster_order=place_on_roll(work, command.unit_id, command.member_id),
        restored_on=command.restored_on,
        from_month=month_of(command.restored_on),
        decision=command.decision,
        decided_on=command.decided_on,
    )
    before = work.member(command.member_id)
    events = member_moves.restore(before, asked)
    count = _enter(work, command.unit_id, command.restored_on, command.member_id, events)
    gap = membership.gap_months(work.member(command.member_id).membership)
    tally = Tally()
    if count:
        count += follow(work, before, act.on.year)
        for month in gap:
            assess_one(work, command.member_id, command.unit_id, month, act.on.year, tally)
    return {"gap_months": list(gap), "events": count, **tally.answer()}


# --- what they share ------------------------------------------------------------------------------------------------


def _enter(work: Work, unit_id: UnitId, day: date, member_id: MemberId, events: tuple[MembershipEvent, ...]) -> int:
    """Record what puts a member on a roll, unless the month of that day is closed there."""
    if events:
        require_open(work, unit_id, month_of(day))
    return work.record(member.stream(member_id), events)


def _declare(work: Work, member_id: MemberId, first: Month, said: FirstStanding) -> int:
    for category in (said.category, said.category_342):
        require_category(work.policy, category, first)
    stream = member.stream(member_id)
    standing = StandingDeclared(
        member_id=member_id,
        from_month=first,
        category=said.category,
        category_342=said.category_342,
        scope=said.scope,
    )
    count = work.record(stream, member.declare_standing(work.member_state(member_id), standing))
    for base in said.bases:
        declared = IncomeBaseDeclared(
            member_id=member_id, kind=base.kind, from_month=base.from_month, amount=base.amount
        )
        count += work.record(stream, member.declare_base(work.member_state(member_id), declared))
    return count


def place_on_roll(work: Work, unit_id: UnitId, member_id: MemberId) -> int:
    """The place on the roll: the one the member has there already, or the next free one."""
    state = work.member_state(member_id)
    if isinstance(state, Member):
        for spell in reversed(state.membership.spells):
            if spell.unit_id == unit_id and spell.to_day is None:
                return spell.roster_order
    entering = (MemberAdmitted, MemberArrived, MembershipRestored, TransferReceived)
    added = sum(isinstance(event, entering) and event.unit_id == unit_id for event in work.new_events())
    return work.directory.next_order(unit_id) + added


def require_past(day: date, act: Act) -> None:
    """A change of membership is recorded on or after its day, never ahead of it."""
    if day > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Ngày {day:%d/%m/%Y} chưa đến (hôm nay {act.on:%d/%m/%Y}); ghi vào ngày đó hoặc sau đó.",
        )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    AdmitMember: Handler("admit-member", Action.MOVE_MEMBERS, "unit_id", admit_member),
    RecogniseMember: Handler("recognise-member", Action.MOVE_MEMBERS, "unit_id", recognise_member),
    AdmitArrival: Handler("admit-arrival", Action.MOVE_MEMBERS, "unit_id", admit_arrival),
    ReleaseMember: Handler("release-member", Action.MOVE_MEMBERS, "unit_id", release_member),
    EndMembership: Handler("end-membership", Action.MOVE_MEMBERS, "unit_id", end_membership),
    RestoreMember: Handler("restore-member", Action.MOVE_MEMBERS, "unit_id", restore_member),
}
