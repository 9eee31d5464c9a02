"""Assess a dues month for every member of a unit and beneath it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain import dues_account, member, organisation
from domain.access import Action
from domain.assessment import Assessment, Relief, assess, rate_for
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import OUTSIDE, Member, ReliefGranted
from domain.period import Month, month_of, year_of
from domain.policy_rows import BaseKind
from ledger.accounts import open_account, preload_accounts, year_with
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessMonth:
    """Assess one dues month for the roll of ``unit_id`` and everything beneath it."""

    unit_id: UnitId
    month: Month


def assess_month(work: Work, command: AssessMonth, act: Act) -> dict[str, object]:
    """Assess everyone not assessed yet; who cannot be classified is listed, never guessed."""
    if command.month > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Tháng {command.month} chưa đến (hôm nay {act.on:%d/%m/%Y}); chỉ tính mức đóng cho tháng đã bắt đầu.",
        )
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, command.unit_id)]
    members = work.directory.members_of(units)
    year = year_of(month_of(act.on))
    work.preload(member.stream(m) for m in members)
    preload_accounts(work, members, year)
    tally = _Tally()
    for member_id in members:
        _assess_one(work, member_id, command.month, year, tally)
    return tally.answer()


class _Tally:
    """Counts and lists of one run."""

    def __init__(self) -> None:
        self.assessed = 0
        self.already = 0
        self.due = 0
        self.relieved = 0
        self.nothing_due = 0
        self.outside: list[dict[str, str]] = []
        self.unclassified: list[dict[str, str]] = []

    def answer(self) -> dict[str, object]:
        """As it stands in the command's answer; amounts in đồng."""
        return {
            "assessed": self.assessed,
            "already": self.already,
            "due": self.due,
            "relieved": self.relieved,
            "nothing_due": self.nothing_due,
            "outside": self.outside,
            "unclassified": self.unclassified,
        }


def _assess_one(work: Work, member_id: MemberId, month: Month, year: int, tally: _Tally) -> None:
    known = work.member(member_id)
    if year_with(work, member_id, month, year) is not None:
        tally.already += 1
        return
    standing = member.standing_in(known, month)
    if standing is not None and standing.scope in OUTSIDE:
        tally.outside.append({"member_id": member_id, "unit_id": known.unit_id, "scope": standing.scope})
        return
    try:
        assessment, granted = _assessment(work, known, month)
    except Refusal as refusal:
        tally.unclassified.append(
            {
                "member_id": member_id,
                "unit_id": known.unit_id,
                "code": refusal.code,
                "message": refusal.message,
            }
        )
        return
    stream = open_account(work, member_id, known.unit_id, year)
    work.record(
        stream,
        dues_account.assess(
            work.dues(member_id, year),
            member_id=member_id,
            unit_id=known.unit_id,
            assessment=assessment,
            relief_decision=None if granted is None else granted.decision,
        ),
    )
    tally.assessed += 1
    tally.due += assessment.due
    tally.relieved += assessment.relieved
    tally.nothing_due += assessment.due == 0


def _assessment(work: Work, known: Member, month: Month) -> tuple[Assessment, ReliefGranted | None]:
    standing = member.standing_in(known, month)
    if standing is None or standing.category is None:
        raise Refusal(
            RefusalCode.NOT_CLASSIFIED,
            f"Chưa có nhóm đối tượng cho tháng {month}. Chi bộ xác định nhóm rồi tính lại.",
        )
    row = rate_for(work.policy, month=month, category=standing.category)
    base = member.base_in(known, row.base_kind, month)
    granted = member.relief_in(known, month)
    by_wage = row.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE
    assessment = assess(
        work.policy,
        month=month,
        category=standing.category,
        base=None if base is None else base.amount,
        base_month=month if base is not None and base.from_month == month else None,
        region=organisation.region_of(work.organisation, known.unit_id) if by_wage else None,
        relief=None if granted is None else Relief(id=granted.relief, percent=granted.percent),
    )
    return assessment, granted


def outside_and_billed(work: Work, members: tuple[MemberId, ...], month: Month, year: int) -> Iterator[MemberId]:
    """Members outside this ledger's scope who were billed all the same (I31); there should be none."""
    for member_id in members:
        standing = member.standing_in(work.member(member_id), month)
        if standing is not None and standing.scope in OUTSIDE and month in work.dues(member_id, year).items:
            yield member_id


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    AssessMonth: Handler("assess-month", Action.ASSESS, "unit_id", assess_month),
}
