"""Exemptions that follow from a date: proposed by the program, confirmed or dismissed by a person (X1, X2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from domain import member, membership, organisation, relief
from domain.access import Action
from domain.identifiers import MemberId, UnitId
from domain.member import Member, ReliefGranted
from domain.period import Month, month_of
from domain.policy import check_relief, setting, setting_number
from domain.policy_settings import SettingName
from domain.relief import ExemptionProposed, ExemptionSettled, PartyAgeNoted, SocialPensionNoted
from ledger.adjusting import Ground, adjust_span, require_member_of, told
from ledger.handler import Handler
from ledger.handlers.relief_life import require_decider
from ledger.work import Act, Work

PARTY_AGE, SOCIAL_PENSION = "X1", "X2"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePartyAge:
    """The day from which a member's Party age counts."""

    unit_id: UnitId
    member_id: MemberId
    counts_from: date
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSocialPension:
    """The member receives the social pension from a month on."""

    unit_id: UnitId
    member_id: MemberId
    from_month: Month
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeExemptions:
    """Find members beneath ``unit_id`` who are exempt by ``month`` and whom nobody has relieved yet."""

    unit_id: UnitId
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleExemption:
    """A person confirms a proposal, or dismisses it with a reason."""

    decider_id: UnitId
    member_id: MemberId
    relief: str
    from_month: Month
    confirmed: bool
    reason: str
    decision: str


def note_party_age(work: Work, command: NotePartyAge, act: Act) -> dict[str, object]:
    """Note the date; a later note corrects it."""
    known = require_member_of(work, command.member_id, command.unit_id)
    asked = PartyAgeNoted(
        member_id=command.member_id,
        unit_id=known.unit_id,
        counts_from=command.counts_from,
        document=command.document,
    )
    events = relief.note_party_age(work.reliefs(command.member_id), asked)
    return {"events": work.record(relief.stream(command.member_id), events), "noted_on": act.on.isoformat()}


def note_social_pension(work: Work, command: NoteSocialPension, act: Act) -> dict[str, object]:
    """Note the month; a later note corrects it."""
    known = require_member_of(work, command.member_id, command.unit_id)
    asked = SocialPensionNoted(
        member_id=command.member_id, unit_id=known.unit_id, from_month=command.from_month, document=command.document
    )
    events = relief.note_social_pension(work.reliefs(command.member_id), asked)
    return {"events": work.record(relief.stream(command.member_id), events), "noted_on": act.on.isoformat()}


def propose_exemptions(work: Work, command: ProposeExemptions, act: Act) -> dict[str, object]:
    """Propose what the dates say; nobody's dues change until a person confirms."""
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, command.unit_id)]
    members = work.directory.members_of(units)
    work.preload(member.stream(m) for m in members)
    work.preload(relief.stream(m) for m in members)
    proposed: list[dict[str, object]] = []
    for member_id in members:
        known = work.member(member_id)
        for ground, reached, basis in _grounds(work, known):
            first = max(reached, _in_law_since(work, ground))
            if first > command.month or _relieved(known, ground, first):
                continue
            asked = ExemptionProposed(
                member_id=member_id,
                unit_id=known.unit_id,
                relief=ground,
                from_month=first,
                basis=basis,
                proposed_on=act.on,
            )
            if work.record(relief.stream(member_id), relief.propose(work.reliefs(member_id), asked)):
                proposed.append(
                    {"member_id": member_id, "unit_id": known.unit_id, "relief": ground, "from_month": first}
                )
    return {"proposed": proposed}


def _grounds(work: Work, known: Member) -> Iterator[tuple[str, Month, str]]:
    """Each ground of exemption that a recorded date gives, its first month, and what it rests on."""
    state = work.reliefs(known.member_id)
    noted = None if state.party_age is None else state.party_age.counts_from
    counts_from = noted or membership.party_age_from(known.membership)
    if counts_from is not None:
        now = month_of(counts_from)
        years = setting_number(work.policy, SettingName.EXEMPT_PARTY_AGE, now)
        reached = Month(f"{counts_from.year + years:04d}-{counts_from.month:02d}")
        in_month = setting(work.policy, SettingName.EXEMPT_BY_PARTY_AGE_FROM, reached) == "month-reached"
        first = relief.exempt_from_party_age(counts_from, years=years, month_reached=in_month)
        yield PARTY_AGE, first, f"tuổi Đảng tính từ {counts_from:%d/%m/%Y}"
    if state.social_pension is not None:
        noted_pension = state.social_pension
        yield SOCIAL_PENSION, noted_pension.from_month, f"trợ cấp hưu trí xã hội theo {noted_pension.document}"


def _in_law_since(work: Work, ground: str) -> Month:
    """The first month for which the law in force knows the ground; who reached it earlier is exempt from then on."""
    rows = [row.from_month for row in work.policy.active.reliefs if row.id == ground]
    return min(rows, default=Month("9999-12"))


def _relieved(known: Member, ground: str, first: Month) -> bool:
    """Whether the ground was granted already from that month on."""
    return any(row.relief == ground and row.from_month <= first and row.to_month is None for row in known.reliefs)


def settle_exemption(work: Work, command: SettleExemption, act: Act) -> dict[str, object]:
    """Confirm: the member is exempt from the month on, and months assessed already are adjusted. Or dismiss."""
    known = require_decider(work, command.member_id, command.decider_id, act.on)
    settled = ExemptionSettled(
        member_id=command.member_id,
        unit_id=known.unit_id,
        relief=command.relief,
        from_month=command.from_month,
        confirmed=command.confirmed,
        reason=command.reason,
        decision=command.decision,
        settled_by=act.actor,
        settled_on=act.on,
    )
    events = relief.settle(work.reliefs(command.member_id), settled)
    count = work.record(relief.stream(command.member_id), events)
    if not events or not command.confirmed:
        return {"confirmed": command.confirmed, "events": count, "adjusted": []}
    check_relief(work.policy, command.relief, 100, command.from_month, None)
    granted = ReliefGranted(
        member_id=command.member_id,
        relief=command.relief,
        percent=100,
        from_month=command.from_month,
        to_month=None,
        decision=command.decision,
        decided_by=act.actor,
        decided_on=act.on,
    )
    state = work.member_state(command.member_id)
    count += work.record(member.stream(command.member_id), member.grant_relief(state, granted))
    ground = Ground(kind="relief-changed", reason=command.reason, decision=command.decision)
    made = adjust_span(work, act, command.member_id, command.from_month, None, ground)
    return {"confirmed": True, "events": count + len(made), "adjusted": [told(event) for event in made]}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    NotePartyAge: Handler("note-party-age", Action.IMPORT_ROSTER, "unit_id", note_party_age),
    NoteSocialPension: Handler("note-social-pension", Action.IMPORT_ROSTER, "unit_id", note_social_pension),
    ProposeExemptions: Handler("propose-exemptions", Action.ASSESS, "unit_id", propose_exemptions),
    SettleExemption: Handler("settle-exemption", Action.DECIDE_RELIEF, "decider_id", settle_exemption),
}
