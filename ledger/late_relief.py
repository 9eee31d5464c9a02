"""A relief found after a month was assessed also holds for the months to come, where its ground lasts."""

from domain import member
from domain.identifiers import MemberId
from domain.member import ReliefGranted
from domain.period import Month
from domain.policy import check_relief, relief_row
from ledger.work import Act, Work


def grant_from(
    work: Work, act: Act, *, member_id: MemberId, relief: str, percent: int, month: Month, decision: str
) -> int:
    """Grant a relief from a month on where its ground lasts (X1, X2), else for that month alone; known adds nothing."""
    row = relief_row(work.policy, relief, month)
    last = None if row.max_months is None else month
    check_relief(work.policy, relief, percent, month, last)
    covering = member.relief_in(work.member(member_id), month)
    if covering is not None and (covering.relief, covering.percent) == (relief, percent):
        return 0
    granted = ReliefGranted(
        member_id=member_id,
        relief=relief,
        percent=percent,
        from_month=month,
        to_month=last,
        decision=decision,
        decided_by=act.actor,
        decided_on=act.on,
    )
    return work.record(member.stream(member_id), member.grant_relief(work.member_state(member_id), granted))
