"""A relief found late: granted from its month on, and taken off months already assessed.

What was already paid beyond the new due is given back by a refund (``ledger.handlers.refunds``); here nothing is owed
to anybody, only less is owed by the member.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import dues_account, dues_adjustment, organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.handler import Handler
from ledger.handlers.refunds import account_year, relief_amounts
from ledger.late_relief import grant_from
from ledger.owning import owning_unit
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniseRelief:
    """By a numbered decision, a relief holds for a month that was assessed without it and not yet paid beyond it."""

    unit_id: UnitId
    member_id: MemberId
    month: Month
    relief: str
    percent: int
    reason: str
    decision: str


def recognise_relief(work: Work, command: RecogniseRelief, act: Act) -> dict[str, object]:
    """Take the relief off the month; refused where that would leave money to give back. Twice takes off nothing."""
    known = work.member(command.member_id)
    owner = owning_unit(work, known, command.month) or known.unit_id
    if owner != command.unit_id:
        raise organisation.outside(owner, command.unit_id)
    year = account_year(work, command.member_id, command.month, act.on.year)
    off, paid_back = relief_amounts(
        work,
        member_id=command.member_id,
        month=command.month,
        relief=command.relief,
        percent=command.percent,
        year=act.on.year,
    )
    if paid_back:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Tháng {command.month} đã đóng quá mức sau miễn giảm {paid_back} đồng. Lập đề nghị hoàn trả.",
        )
    if off == 0:
        return {"relieved": 0, "events": 0}
    events = dues_adjustment.recognise_relief(
        work.dues(command.member_id, year),
        member_id=command.member_id,
        unit_id=command.unit_id,
        month=command.month,
        relief=command.relief,
        percent=command.percent,
        amount=off,
        decision=command.decision,
        reason=command.reason,
        refund_id="",
    )
    count = work.record(dues_account.stream(command.member_id, year), events)
    count += grant_from(
        work,
        act,
        member_id=command.member_id,
        relief=command.relief,
        percent=command.percent,
        month=command.month,
        decision=command.decision,
    )
    return {"relieved": off, "events": count}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    RecogniseRelief: Handler("recognise-relief", Action.RESTATE_DUES, "unit_id", recognise_relief),
}
