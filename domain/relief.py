"""The life of a relief: asked for, decided by whom the organisation names, renewed, revoked, never continued silently.

One stream per member ("relief/<member>"). What the law allows (grounds, percents, longest term) is checked against the
policy before; here stands who may decide and what became of an application. Granted reliefs stand on the member
(``domain.member``), where a month is assessed from. Source: 01-QĐ/TW, Article 5 (X1 to X5); rules §1.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month, month_of, shift


class Timing(StrEnum):
    """What a released member may do with the months of the release (X5)."""

    LATE = "late"
    AHEAD = "ahead"


def stream(member_id: MemberId) -> str:
    """The name of a member's relief stream."""
    return f"relief/{member_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefApplied:
    """A member asks, through the cell, for a relief; ``renews`` names the decision that runs out."""

    member_id: MemberId
    unit_id: UnitId
    application: str
    relief: str
    percent: int
    from_month: Month
    to_month: Month
    document: str
    renews: str | None
    applied_by: str
    applied_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefDecided:
    """The decider that the organisation names on that day said yes (for these months) or no."""

    member_id: MemberId
    unit_id: UnitId
    application: str
    granted: bool
    percent: int
    from_month: Month
    to_month: Month
    decider_id: UnitId
    decision: str
    reason: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyAgeNoted:
    """The day from which a member's Party age counts: the one date that an exemption by age needs."""

    member_id: MemberId
    unit_id: UnitId
    counts_from: date
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialPensionNoted:
    """The member receives the social pension from a month on (X2)."""

    member_id: MemberId
    unit_id: UnitId
    from_month: Month
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionProposed:
    """The program found that a member is exempt from a month on; nothing changes until a person confirms."""

    member_id: MemberId
    unit_id: UnitId
    relief: str
    from_month: Month
    basis: str
    proposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionSettled:
    """A person confirmed the proposal, or dismissed it with a reason."""

    member_id: MemberId
    unit_id: UnitId
    relief: str
    from_month: Month
    confirmed: bool
    reason: str
    decision: str
    settled_by: str
    settled_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentArranged:
    """A released member may pay these months late, or ahead (X5), by the body that granted the release."""

    member_id: MemberId
    unit_id: UnitId
    timing: Timing
    from_month: Month
    to_month: Month
    decision: str
    decided_by: str
    decided_on: date


ReliefEvent = (
    ReliefApplied
    | ReliefDecided
    | PartyAgeNoted
    | SocialPensionNoted
    | ExemptionProposed
    | ExemptionSettled
    | PaymentArranged
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliefs:
    """Applications, proposals, arrangements, and the two dates that exempt; by their own names."""

    applications: Mapping[str, ReliefApplied] = field(default_factory=dict)
    decided: Mapping[str, ReliefDecided] = field(default_factory=dict)
    party_age: PartyAgeNoted | None = None
    social_pension: SocialPensionNoted | None = None
    proposed: Mapping[str, ExemptionProposed] = field(default_factory=dict)  #: by relief
    settled: Mapping[str, ExemptionSettled] = field(default_factory=dict)  #: by relief
    arranged: tuple[PaymentArranged, ...] = ()


NONE = Reliefs()


def evolve(state: Reliefs, event: ReliefEvent) -> Reliefs:
    """Copy one fact into the state."""
    match event:
        case ReliefApplied():
            return replace(state, applications={**state.applications, event.application: event})
        case ReliefDecided():
            return replace(state, decided={**state.decided, event.application: event})
        case PartyAgeNoted():
            return replace(state, party_age=event)
        case SocialPensionNoted():
            return replace(state, social_pension=event)
        case ExemptionProposed():
            return replace(state, proposed={**state.proposed, event.relief: event})
        case ExemptionSettled():
            return replace(state, settled={**state.settled, event.relief: event})
        case PaymentArranged():
            return replace(state, arranged=(*state.arranged, event))
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def exempt_from_party_age(counts_from: date, *, years: int, month_reached: bool) -> Month:
    """The first exempt month at ``years`` of Party age: the month they are reached in, or (default) the one after."""
    reached = Month(f"{counts_from.year + years:04d}-{counts_from.month:02d}")
    return reached if month_reached else shift(reached, 1)


def arranged_in(state: Reliefs, month: Month, timing: Timing) -> PaymentArranged | None:
    """The arrangement to pay a month late, or ahead, if there is one."""
    rows = [row for row in state.arranged if row.timing is timing and row.from_month <= month <= row.to_month]
    return rows[-1] if rows else None


def waiting(state: Reliefs) -> tuple[ReliefApplied, ...]:
    """Applications that nobody has decided."""
    return tuple(told for key, told in state.applications.items() if key not in state.decided)


def to_confirm(state: Reliefs) -> tuple[ExemptionProposed, ...]:
    """Proposals that nobody has confirmed or dismissed; of a ground, the newest."""
    return tuple(
        made
        for relief, made in state.proposed.items()
        if relief not in state.settled or state.settled[relief].from_month != made.from_month
    )


# --- Decisions --------------------------------------------------------------------------------------------------


def apply_for(state: Reliefs, asked: ReliefApplied) -> tuple[ReliefApplied, ...]:
    """Ask; the same again adds nothing, the same number with other content is refused."""
    known = state.applications.get(asked.application)
    if known is None:
        return (asked,)
    if replace(asked, applied_on=known.applied_on) == known:
        return ()
    raise Refusal(
        RefusalCode.RELIEF_STATE,
        f"Đơn {asked.application} của đảng viên này đã ghi với nội dung khác. Dùng số đơn khác.",
    )


def decide(state: Reliefs, asked: ReliefDecided) -> tuple[ReliefDecided, ...]:
    """Decide an application, by another person than the one who entered it; the same again adds nothing."""
    told = state.applications.get(asked.application)
    if told is None:
        raise Refusal(RefusalCode.RELIEF_STATE, f"Chưa có đơn {asked.application}. Ghi đơn trước khi quyết định.")
    known = state.decided.get(asked.application)
    if known is not None:
        if replace(asked, decided_on=known.decided_on) == known:
            return ()
        raise Refusal(
            RefusalCode.RELIEF_STATE,
            f"Đơn {asked.application} đã có quyết định {known.decision}. Muốn khác thì thu hồi hoặc lập đơn mới.",
        )
    require_other_person(told.applied_by, asked.decided_by, f"Đơn miễn, giảm {asked.application}")
    return (asked,)


def require_from(asked: ReliefDecided, *, past_months: bool) -> None:
    """A decision holds from its own month; for past months only if it says so (rules §4)."""
    if asked.from_month < month_of(asked.decided_on) and not past_months:
        raise Refusal(
            RefusalCode.RELIEF_NOT_ALLOWED,
            f"Quyết định ngày {asked.decided_on:%d/%m/%Y} không tự có hiệu lực từ tháng {asked.from_month}. Nếu quyết "
            "định ghi rõ áp dụng cho tháng trước thì thêm --past-months (API: past_months) khi ghi quyết định.",
        )


def propose(state: Reliefs, asked: ExemptionProposed) -> tuple[ExemptionProposed, ...]:
    """Propose once for each ground and month."""
    known = state.proposed.get(asked.relief)
    return () if known is not None and known.from_month == asked.from_month else (asked,)


def settle(state: Reliefs, asked: ExemptionSettled) -> tuple[ExemptionSettled, ...]:
    """Confirm or dismiss what was proposed; the same again adds nothing."""
    made = state.proposed.get(asked.relief)
    if made is None or made.from_month != asked.from_month:
        raise Refusal(
            RefusalCode.RELIEF_STATE,
            f"Không có đề xuất miễn theo diện {asked.relief} từ tháng {asked.from_month}. Chạy đề xuất lại.",
        )
    known = state.settled.get(asked.relief)
    if known is not None and known.from_month == asked.from_month:
        if known.confirmed is asked.confirmed:
            return ()
        raise Refusal(
            RefusalCode.RELIEF_STATE,
            f"Đề xuất miễn theo diện {asked.relief} từ tháng {asked.from_month} đã được giải quyết bởi "
            f"{known.settled_by}.",
        )
    return (asked,)


def arrange(state: Reliefs, asked: PaymentArranged) -> tuple[PaymentArranged, ...]:
    """Arrange late or advance payment; the same again adds nothing."""
    same = [row for row in state.arranged if replace(row, decided_on=asked.decided_on) == asked]
    return () if same else (asked,)


def note_party_age(state: Reliefs, asked: PartyAgeNoted) -> tuple[PartyAgeNoted, ...]:
    """Note the date; the same again adds nothing, another one corrects it."""
    return () if state.party_age == asked else (asked,)


def note_social_pension(state: Reliefs, asked: SocialPensionNoted) -> tuple[SocialPensionNoted, ...]:
    """Note the social pension; the same again adds nothing, another month corrects it."""
    return () if state.social_pension == asked else (asked,)
