"""Reliefs from application to end: asked for, decided by whom the organisation names, renewed, revoked, listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import member, membership, organisation, relief, relief_decider
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import ReliefEnded, ReliefGranted
from domain.period import Month, month_of, shift
from domain.policy import check_relief
from domain.relief import PaymentArranged, ReliefApplied, ReliefDecided, Timing
from domain.relief_decider import Decider, ReliefDeciderAssigned
from ledger.adjusting import Ground, adjust_span, require_member_of, told
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignReliefDecider:
    """From a day on the unit itself, or its direct superior, decides on reliefs of the unit's members."""

    unit_id: UnitId
    decider: Decider
    effective_from: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForRelief:
    """Enter a member's application; ``months`` counts from ``from_month``; ``renews`` is the decision that runs out."""

    unit_id: UnitId
    member_id: MemberId
    application: str
    relief: str
    percent: int
    from_month: Month
    months: int
    document: str
    renews: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRelief:
    """The decider says yes or no; percent and months default to what was asked for."""

    decider_id: UnitId
    member_id: MemberId
    application: str
    granted: bool
    decision: str
    reason: str
    percent: int | None = None
    from_month: Month | None = None
    months: int | None = None
    past_months: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRelief:
    """The decider ends a granted relief; ``from_month`` is the first month it no longer holds for."""

    decider_id: UnitId
    member_id: MemberId
    relief: str
    granted_by: str
    from_month: Month
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangePayment:
    """A released member may pay the months of the release late, or ahead (X5)."""

    decider_id: UnitId
    member_id: MemberId
    timing: Timing
    from_month: Month
    to_month: Month
    decision: str


def assign_relief_decider(work: Work, command: AssignReliefDecider, act: Act) -> dict[str, object]:
    """Assign who decides; what already stands adds nothing."""
    organisation.unit(work.organisation, command.unit_id)
    asked = ReliefDeciderAssigned(
        unit_id=command.unit_id,
        decider=command.decider,
        effective_from=command.effective_from,
        decision=command.decision,
    )
    state = work.relief_decider(command.unit_id)
    count = work.record(relief_decider.stream(command.unit_id), relief_decider.assign(state, asked))
    return {"events": count, "decider": decider(work, command.unit_id, act.on)}


def decider(work: Work, unit_id: UnitId, on: date) -> UnitId:
    """The unit that decides on reliefs of a unit's members on a day."""
    return relief_decider.decider_of(work.relief_decider(unit_id), work.organisation, work.policy, unit_id, on)


def apply_for_relief(work: Work, command: ApplyForRelief, act: Act) -> dict[str, object]:
    """Record an application that the law would allow; a renewal follows a decision that was granted."""
    known = require_member_of(work, command.member_id, command.unit_id)
    if command.months < 1:
        raise Refusal(RefusalCode.RELIEF_NOT_ALLOWED, "Số tháng xin miễn, giảm phải từ 1 trở lên.")
    to_month = shift(command.from_month, command.months - 1)
    check_relief(work.policy, command.relief, command.percent, command.from_month, to_month)
    if command.renews is not None and not any(row.decision == command.renews for row in known.reliefs):
        raise Refusal(
            RefusalCode.RELIEF_STATE,
            f"Đảng viên không có quyết định miễn, giảm {command.renews} để gia hạn. Kiểm tra số quyết định cũ.",
        )
    asked = ReliefApplied(
        member_id=command.member_id,
        unit_id=known.unit_id,
        application=command.application,
        relief=command.relief,
        percent=command.percent,
        from_month=command.from_month,
        to_month=to_month,
        document=command.document,
        renews=command.renews,
        applied_by=act.actor,
        applied_on=act.on,
    )
    events = relief.apply_for(work.reliefs(command.member_id), asked)
    work.record(relief.stream(command.member_id), events)
    return {
        "application": command.application,
        "to_month": to_month,
        "decider": decider(work, known.unit_id, act.on),
        "events": len(events),
    }


def require_decider(work: Work, member_id: MemberId, named: UnitId, on: date) -> member.Member:
    """The member, if the unit that acts is the one that decides on that day."""
    known = work.member(member_id)
    right = decider(work, known.unit_id, on)
    if named != right:
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"Ngày {on:%d/%m/%Y}, miễn giảm của chi bộ {known.unit_id} do {right} quyết định, không phải {named}.",
        )
    return known


def decide_relief(work: Work, command: DecideRelief, act: Act) -> dict[str, object]:
    """Decide; a yes grants the relief, and months assessed already within it are adjusted."""
    known = require_decider(work, command.member_id, command.decider_id, act.on)
    state = work.reliefs(command.member_id)
    asked = state.applications.get(command.application)
    if asked is None:
        raise Refusal(RefusalCode.RELIEF_STATE, f"Chưa có đơn {command.application}. Ghi đơn trước khi quyết định.")
    first = command.from_month or asked.from_month
    last = asked.to_month if command.months is None else shift(first, command.months - 1)
    percent = asked.percent if command.percent is None else command.percent
    decided = ReliefDecided(
        member_id=command.member_id,
        unit_id=known.unit_id,
        application=command.application,
        granted=command.granted,
        percent=percent,
        from_month=first,
        to_month=last,
        decider_id=command.decider_id,
        decision=command.decision,
        reason=command.reason,
        decided_by=act.actor,
        decided_on=act.on,
    )
    events = relief.decide(state, decided)
    if not events:
        return {"granted": command.granted, "events": 0, "adjusted": []}
    if not command.granted:
        return {"granted": False, "events": work.record(relief.stream(command.member_id), events), "adjusted": []}
    check_relief(work.policy, asked.relief, percent, first, last)
    relief.require_from(decided, past_months=command.past_months)
    count = work.record(relief.stream(command.member_id), events)
    granted = ReliefGranted(
        member_id=command.member_id,
        relief=asked.relief,
        percent=percent,
        from_month=first,
        to_month=last,
        decision=command.decision,
        decided_by=act.actor,
        decided_on=act.on,
    )
    state_of = work.member_state(command.member_id)
    count += work.record(member.stream(command.member_id), member.grant_relief(state_of, granted))
    ground = Ground(kind="relief-changed", reason=command.reason, decision=command.decision)
    made = adjust_span(work, act, command.member_id, first, last, ground)
    return {
        "granted": True,
        "from_month": first,
        "to_month": last,
        "percent": percent,
        "events": count + len(made),
        "adjusted": [told(event) for event in made],
    }


def revoke_relief(work: Work, command: RevokeRelief, act: Act) -> dict[str, object]:
    """End a relief from a month on; months assessed already without their full amount are adjusted."""
    known = require_decider(work, command.member_id, command.decider_id, act.on)
    rows = [
        row
        for row in known.reliefs
        if (row.relief, row.decision) == (command.relief, command.granted_by) and _lasts(row.to_month, command)
    ]
    if not rows:
        raise Refusal(
            RefusalCode.RELIEF_STATE,
            f"Không có miễn, giảm {command.relief} theo {command.granted_by} còn hiệu lực từ tháng "
            f"{command.from_month}. Kiểm tra diện, số quyết định và tháng.",
        )
    ended = ReliefEnded(
        member_id=command.member_id,
        relief=command.relief,
        granted_by=command.granted_by,
        last_month=shift(command.from_month, -1),
        decision=command.decision,
        reason=command.reason,
        decided_by=act.actor,
        decided_on=act.on,
    )
    work.record(member.stream(command.member_id), (ended,))
    ground = Ground(kind="relief-changed", reason=command.reason, decision=command.decision)
    made = adjust_span(work, act, command.member_id, command.from_month, rows[0].to_month, ground)
    return {"last_month": ended.last_month, "adjusted": [told(event) for event in made]}


def _lasts(to_month: Month | None, command: RevokeRelief) -> bool:
    return to_month is None or to_month >= command.from_month


def arrange_payment(work: Work, command: ArrangePayment, act: Act) -> dict[str, object]:
    """Let a released member pay late or ahead, for months of the release alone."""
    known = require_member_of(work, command.member_id, command.decider_id)
    month = command.from_month
    while month <= command.to_month:
        release = membership.release_in(known.membership, month)
        if release is None:
            raise Refusal(
                RefusalCode.NOT_RELEASED,
                f"Tháng {month} đảng viên không được tạm miễn sinh hoạt; chỉ đóng chậm, đóng trước trong thời gian đó.",
            )
        _require_granting_body(work, release.granted_by, command.decider_id)
        month = shift(month, 1)
    asked = PaymentArranged(
        member_id=command.member_id,
        unit_id=known.unit_id,
        timing=command.timing,
        from_month=command.from_month,
        to_month=command.to_month,
        decision=command.decision,
        decided_by=act.actor,
        decided_on=act.on,
    )
    events = relief.arrange(work.reliefs(command.member_id), asked)
    return {"events": work.record(relief.stream(command.member_id), events), "this_month": month_of(act.on)}


def _require_granting_body(work: Work, granted_by: str, decider_id: UnitId) -> None:
    """X5 is arranged by the body that granted the release: compared where the release names a unit of the tree.

    A body outside the tree (an agency abroad, a dissolved committee) stands as text and cannot be compared.
    """
    org = work.organisation
    known = next((u for u in org.units.values() if granted_by in (u.unit_id, u.code, u.name)), None)
    if known is not None and organisation.owner(org, known.unit_id) != decider_id:
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"Cấp cho tạm miễn sinh hoạt là {known.name}; chỉ cấp đó cho đóng chậm, đóng trước. Đề nghị {known.name} "
            "quyết định.",
        )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    AssignReliefDecider: Handler("assign-relief-decider", Action.SET_UP, "unit_id", assign_relief_decider),
    ApplyForRelief: Handler("apply-for-relief", Action.APPLY_RELIEF, "unit_id", apply_for_relief),
    DecideRelief: Handler("decide-relief", Action.DECIDE_RELIEF, "decider_id", decide_relief),
    RevokeRelief: Handler("revoke-relief", Action.DECIDE_RELIEF, "decider_id", revoke_relief),
    ArrangePayment: Handler("arrange-payment", Action.DECIDE_RELIEF, "decider_id", arrange_payment),
}
