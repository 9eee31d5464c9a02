"""Assess a dues month for every member of a unit and beneath it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain import dues_account, member, organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import OUTSIDE
from domain.period import Month, month_of, year_of
from ledger.accounts import open_account, preload_accounts, year_with
from ledger.handler import Handler
from ledger.owning import credit_follows, owning_unit, with_ended
from ledger.reckon import reckon
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
    members = work.directory.concerned_by(with_ended(work, units))
    year = year_of(month_of(act.on))
    work.preload(member.stream(m) for m in members)
    preload_accounts(work, members, year)
    tally = Tally()
    owing = frozenset(units)
    for member_id in members:
        # Whoever was here and left owes this unit only the months that are its own (I9).
        unit_id = owning_unit(work, work.member(member_id), command.month)
        if unit_id is not None and unit_id in owing:
            assess_one(work, member_id, unit_id, command.month, year, tally)
    return tally.answer()


class Tally:
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


def assess_one(work: Work, member_id: MemberId, unit_id: UnitId, month: Month, year: int, tally: Tally) -> None:
    """Assess one member's month in the books of ``unit_id`` and count what became of it."""
    known = work.member(member_id)
    if year_with(work, member_id, month, year) is not None:
        tally.already += 1
        return
    standing = member.standing_in(known, month)
    if standing is not None and not member.is_billed(known, month, work.policy):
        tally.outside.append({"member_id": member_id, "unit_id": unit_id, "scope": standing.scope})
        return
    try:
        made = reckon(work, known, unit_id, month)
    except Refusal as refusal:
        tally.unclassified.append(
            {
                "member_id": member_id,
                "unit_id": unit_id,
                "code": refusal.code,
                "message": refusal.message,
            }
        )
        return
    stream = open_account(work, member_id, known.unit_id, year)
    events = dues_account.assess(
        work.dues(member_id, year),
        member_id=member_id,
        unit_id=unit_id,
        assessment=made.assessment,
        relief_decision=made.relief_decision,
    )
    work.record(stream, credit_follows(work, known, unit_id, events))
    tally.assessed += 1
    tally.due += made.assessment.due
    tally.relieved += made.assessment.relieved
    tally.nothing_due += made.assessment.due == 0


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
