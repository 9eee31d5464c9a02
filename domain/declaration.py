"""A unit fixes its report period at a log position: what was collected, what it keeps, what it owes upwards.

One stream per unit ("declaration/<unit>"). Four facts are kept apart (accounting §1.3): the dues month, the day of
payment, the day of booking, and the report period in which money is declared. What is booked after the position
belongs to the next report period.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.money import Dong, require_amount, split_by_share
from domain.passed_on import PayableInherited, PayablePassed
from domain.period import Month, Period, months_of, period_end
from domain.policy_rows import ShareRow


def stream(unit_id: UnitId) -> str:
    """The name of a unit's declarations."""
    return f"declaration/{unit_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SubordinatePart:
    """A subordinate's remittance for one period, received in full and counted in this declaration."""

    unit_id: UnitId
    period: Period
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDeclared:
    """collected = own_collected + from_subordinates = kept + payable (I11); amounts in đồng."""

    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    position: int
    own_collected: Dong
    from_subordinates: Dong
    subordinates: tuple[SubordinatePart, ...]
    collected: Dong
    share_row: str
    share_document: str
    is_example: bool
    retain_bp: int
    kept: Dong
    payable: Dong
    declared_on: date
    takes_held: bool = False  #: as the first release did: months held before are split together with this one


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodHeld:
    """No share is active for the period: the money stays collected and not allocated («chưa phân bổ»)."""

    unit_id: UnitId
    period: Period
    position: int
    collected: Dong
    declared_on: date
    cumulative: bool = False  #: as the first release told it: ``collected`` has the months held before in it


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFromBelow:
    """Which part of a period held without a share came from subordinates; the rest the unit collected itself."""

    unit_id: UnitId
    period: Period
    subordinates: tuple[SubordinatePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPeriodAllocated:
    """A share came into force late: money held for an old ``period`` is split now, in the open month ``booked_in``.

    The reports of the old period stay as they were printed («chưa phân bổ»); those of ``booked_in`` show this.
    Otherwise like ``PeriodDeclared``: collected = own_collected + from_subordinates = kept + payable (I11); đồng.
    Source: rules §1.5, "share activated late".
    """

    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    booked_in: Month
    position: int
    own_collected: Dong
    from_subordinates: Dong
    subordinates: tuple[SubordinatePart, ...]
    collected: Dong
    share_row: str
    share_document: str
    is_example: bool
    retain_bp: int
    kept: Dong
    payable: Dong
    declared_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationCorrected:
    """A declaration was too high by ``reduced_by``: that much is collected again and not declared; đồng.

    kept_part + passed_part = reduced_by. Only what the superior has not received yet can be taken back so.
    """

    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    reduced_by: Dong
    collected_after: Dong
    kept_part: Dong
    passed_part: Dong
    reason: str
    decision: str
    corrected_by: str
    corrected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRestated:
    """A refund after the split takes ``reduced_by`` out of a declared period; only the difference is booked, now.

    kept_part + passed_part = reduced_by. The unit of the member pays the refund (``is_origin``); every unit above
    owes its part to the one below. ``declared_by`` made the declaration; where it ended since, ``unit_id`` is the unit
    that keeps its books now.
    """

    unit_id: UnitId
    superior_id: UnitId
    period: Period
    refund_id: str
    is_origin: bool
    reduced_by: Dong
    collected_after: Dong
    kept_part: Dong
    passed_part: Dong
    restated_on: date
    declared_by: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsplitReduced:
    """A refund takes money out of what a subordinate remitted and this unit has not split yet."""

    unit_id: UnitId
    subordinate_id: UnitId
    period: Period  #: the subordinate's period
    refund_id: str
    amount: Dong
    restated_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTakenFromUnsplit:
    """Dues not yet declared leave what was collected, to be given back.

    It stands among the unit's declarations, so that a declaration made at the same moment cannot count them too.
    """

    refund_id: RefundId
    unit_id: UnitId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationAnnounced:
    """A unit kept in another shard declared what it owes this superior; recorded here by the two-sided handshake."""

    unit_id: UnitId
    superior_id: UnitId
    period: Period
    payable: Dong
    announced_on: date


#: A period that was split, in its time or late.
Declared = PeriodDeclared | HeldPeriodAllocated

DeclarationEvent = (
    PeriodDeclared
    | PeriodHeld
    | HeldFromBelow
    | HeldPeriodAllocated
    | DeclarationCorrected
    | DeclarationRestated
    | UnsplitReduced
    | RefundTakenFromUnsplit
    | DeclarationAnnounced
    | PayablePassed
    | PayableInherited
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """Declarations of a unit, oldest first, and the periods held without a share."""

    declared: tuple[Declared, ...] = ()
    held: tuple[PeriodHeld, ...] = ()
    held_from_below: tuple[HeldFromBelow, ...] = ()
    corrected: tuple[DeclarationCorrected, ...] = ()
    restated: tuple[DeclarationRestated, ...] = ()
    unsplit: tuple[UnsplitReduced, ...] = ()
    announced: tuple[DeclarationAnnounced, ...] = ()
    taken: tuple[RefundTakenFromUnsplit, ...] = ()
    passed: tuple[PayablePassed, ...] = ()
    inherited: tuple[PayableInherited, ...] = ()
    absorbed: frozenset[Period] = frozenset()  #: held by the first release and split with a later period


NONE = Declarations()


def evolve(state: Declarations, event: DeclarationEvent) -> Declarations:
    """Copy one fact into the state."""
    match event:
        case PeriodDeclared(takes_held=True):
            gone = state.absorbed | {held.period for held in state.held if held.cumulative}
            return replace(state, declared=(*state.declared, event), absorbed=gone)
        case PeriodDeclared() | HeldPeriodAllocated():
            return replace(state, declared=(*state.declared, event))
        case PeriodHeld():
            return replace(state, held=(*state.held, event))
        case HeldFromBelow():
            return replace(state, held_from_below=(*state.held_from_below, event))
        case DeclarationCorrected():
            return replace(state, corrected=(*state.corrected, event))
        case DeclarationRestated():
            return replace(state, restated=(*state.restated, event))
        case UnsplitReduced():
            return replace(state, unsplit=(*state.unsplit, event))
        case RefundTakenFromUnsplit():
            return replace(state, taken=(*state.taken, event))
        case DeclarationAnnounced():
            return replace(state, announced=(*state.announced, event))
        case PayablePassed():
            return replace(state, passed=(*state.passed, event))
        case PayableInherited():
            return replace(state, inherited=(*state.inherited, event))
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def of_period(state: Declarations, period: Period) -> Declared | None:
    """The declaration of a period, if made."""
    return next((event for event in state.declared if event.period == period), None)


def counted(state: Declarations) -> frozenset[tuple[UnitId, Period]]:
    """Subordinates' periods that already stand in a declaration of this unit."""
    return frozenset((part.unit_id, part.period) for event in state.declared for part in event.subordinates)


def counting(state: Declarations, unit_id: UnitId, period: Period) -> Declared | None:
    """The declaration in which a subordinate's period was counted, if it was."""
    return next(
        (e for e in state.declared if any((p.unit_id, p.period) == (unit_id, period) for p in e.subordinates)),
        None,
    )


def collected_now(state: Declarations, declared: Declared) -> Dong:
    """What a declared period collected, with every refund and correction since taken out.

    What a successor restated of it stands among the successor's declarations: ``ledger.refund_chain`` adds it.
    """
    restated = (e for e in state.restated if e.declared_by == declared.unit_id)
    since: tuple[DeclarationRestated | DeclarationCorrected, ...] = (*restated, *state.corrected)
    return declared.collected - sum(e.reduced_by for e in since if e.period == declared.period)


def payable_now(state: Declarations, declared: Declared) -> Dong:
    """What a declared period owed upwards, corrections taken out; refunds are settled as claw-back beside it."""
    return declared.payable - sum(e.passed_part for e in state.corrected if e.period == declared.period)


def unsplit_reduction(state: Declarations, unit_id: UnitId, period: Period) -> Dong:
    """What refunds took out of a subordinate's period before this unit split it."""
    return sum(e.amount for e in state.unsplit if (e.subordinate_id, e.period) == (unit_id, period))


# --- Decisions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What the book shows as collected and not yet declared, at a log position."""

    position: int
    own: Dong
    subordinates: tuple[SubordinatePart, ...]


def declare(
    state: Declarations,
    *,
    unit_id: UnitId,
    superior_id: UnitId,
    superior_has_books: bool,
    period: Period,
    figures: Collected,
    share: ShareRow | None,
    on: date,
) -> tuple[PeriodDeclared | PeriodHeld, ...]:
    """Fix a report period. Without an active share the money is held, never split by guess (rules §2.2)."""
    clash = next((e.period for e in state.declared if set(months_of(e.period)) & set(months_of(period))), None)
    if clash is not None:
        raise Refusal(
            RefusalCode.ALREADY_DECLARED,
            f"{unit_id} đã chốt kỳ {clash}. Khoản phát sinh sau thuộc kỳ báo cáo kế tiếp.",
        )
    if on < period_end(period):
        raise Refusal(
            RefusalCode.PERIOD_NOT_OVER,
            f"Kỳ {period} chưa kết thúc (đến {period_end(period):%d/%m/%Y}), chưa chốt được ngày {on:%d/%m/%Y}. "
            "Chốt từ tối ngày cuối kỳ.",
        )
    if figures.own < 0:
        raise Refusal(
            RefusalCode.AMOUNT_OUT_OF_RANGE,
            f"{unit_id}: khoản hoàn trả trong kỳ {period} lớn hơn số thu được ({figures.own} đồng). "
            "Chuyển phần hoàn trả sang kỳ sau theo quyết định của cấp ủy.",
        )
    from_subordinates = sum(part.amount for part in figures.subordinates)
    collected = figures.own + from_subordinates
    if share is None or share.retain_bp is None:
        held = PeriodHeld(
            unit_id=unit_id, period=period, position=figures.position, collected=collected, declared_on=on
        )
        return () if any(h.period == period and h.collected == collected for h in state.held) else (held,)
    split = split_by_share(collected, share.retain_bp)
    return (
        PeriodDeclared(
            unit_id=unit_id,
            superior_id=superior_id,
            superior_has_books=superior_has_books,
            period=period,
            position=figures.position,
            own_collected=figures.own,
            from_subordinates=from_subordinates,
            subordinates=figures.subordinates,
            collected=collected,
            share_row=share.id,
            share_document=share.decision or share.document,
            is_example=share.is_example,
            retain_bp=share.retain_bp,
            kept=split.kept,
            payable=split.passed_up,
            declared_on=on,
        ),
    )


def take_from_unsplit(
    state: Declarations, *, unit_id: UnitId, refund_id: RefundId, amount: Dong, collected: Dong
) -> tuple[RefundTakenFromUnsplit, ...]:
    """Take a refund out of dues not declared yet; never more than is there, the same refund again adds nothing."""
    if any(known.refund_id == refund_id for known in state.taken):
        return ()
    if require_amount(amount) > collected:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"{unit_id} chỉ còn {collected} đồng chưa chốt kỳ, không thể hoàn {amount} đồng. Nếu kỳ đã chốt, đề nghị "
            "hoàn theo kỳ đó.",
        )
    return (RefundTakenFromUnsplit(refund_id=refund_id, unit_id=unit_id, amount=amount),)
