"""Months held because no share was in force: whose money they hold, and how a share that comes late splits them.

A unit that declares without a share only notes what it holds (``PeriodHeld``). Several months may wait so, one
behind the other, while new money comes in. Which đồng belongs to which month is told here from the balance of what
was collected: the oldest month is filled first, so that a refund paid in between falls on the newest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.declaration import (
    Collected,
    DeclarationCorrected,
    Declarations,
    Declared,
    HeldPeriodAllocated,
    PeriodHeld,
    collected_now,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong, require_amount, split_by_share
from domain.period import Month, Period, period_end
from domain.policy_rows import ShareRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A period still held: what the unit collected itself, and its subordinates' periods in it; đồng."""

    period: Period
    own: Dong
    parts: frozenset[tuple[UnitId, Period]]


def open_holds(state: Declarations) -> tuple[Hold, ...]:
    """Periods held and not split since, oldest first; a period held again counts as it was held last."""
    split = {made.period for made in state.declared}
    latest = {held.period: held for held in apart(h for h in state.held if h.period not in state.absorbed)}
    below = {told.period: told.subordinates for told in state.held_from_below}
    holds = []
    for period, held in latest.items():
        if period in split:
            continue
        parts = below.get(period, ())
        holds.append(
            Hold(
                period=period,
                own=held.collected - sum(part.amount for part in parts),
                parts=frozenset((part.unit_id, part.period) for part in parts),
            )
        )
    return tuple(sorted(holds, key=lambda hold: period_end(hold.period)))


def apart(held: Iterable[PeriodHeld]) -> tuple[PeriodHeld, ...]:
    """Held periods, each as it was held last and with its own money alone, oldest first.

    The first release told in each month of everything that was not split yet, the months before included.
    """
    latest = {event.period: event for event in held}
    found, before = [], 0
    for event in sorted(latest.values(), key=lambda event: period_end(event.period)):
        if event.cumulative:
            found.append(replace(event, collected=max(0, event.collected - before)))
            before = max(before, event.collected)
        else:
            found.append(event)
    return tuple(found)


def own_of_each(holds: Iterable[Hold], balance: Dong) -> Mapping[Period, Dong]:
    """How much of what the unit collected and never split (3310 own) belongs to each held period; đồng."""
    left = balance
    shares: dict[Period, Dong] = {}
    for hold in holds:
        shares[hold.period] = max(0, min(hold.own, left))
        left -= shares[hold.period]
    return shares


def own_of_current(holds: Iterable[Hold], balance: Dong, period: Period | None = None) -> Dong:
    """What of 3310 own belongs to no other held period than ``period``; negative where refunds outran it."""
    others = tuple(hold for hold in holds if hold.period != period)
    return balance - sum(own_of_each(others, balance).values())


def allocate(
    hold: Hold,
    *,
    unit_id: UnitId,
    superior_id: UnitId,
    superior_has_books: bool,
    figures: Collected,
    share: ShareRow,
    booked_in: Month,
    on: date,
) -> HeldPeriodAllocated:
    """Split a held period by the share now in force for it; ``figures.own`` is that period's part of 3310 own."""
    assert share.retain_bp is not None
    from_subordinates = sum(part.amount for part in figures.subordinates)
    collected = figures.own + from_subordinates
    split = split_by_share(collected, share.retain_bp)
    return HeldPeriodAllocated(
        unit_id=unit_id,
        superior_id=superior_id,
        superior_has_books=superior_has_books,
        period=hold.period,
        booked_in=booked_in,
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
    )


def correct(
    state: Declarations,
    declared: Declared,
    *,
    reduced_by: Dong,
    free: Dong,
    reason: str,
    decision: str,
    corrected_by: str,
    on: date,
) -> tuple[DeclarationCorrected, ...]:
    """Take back what was declared too high; at most what is ``free``: owed and in no remittance (đồng).

    The share of the period itself is used again on what is left, so that kept and passed stay what the share says.
    """
    before = collected_now(state, declared)
    after = before - require_amount(reduced_by)
    if after < 0 or not decision:
        raise Refusal(
            RefusalCode.AMOUNT_OUT_OF_RANGE,
            f"Kỳ {declared.period} của {declared.unit_id} kê khai {before} đồng, không giảm được {reduced_by} đồng; "
            "kiểm tra số tiền và ghi số quyết định.",
        )
    kept = split_by_share(before, declared.retain_bp).kept - split_by_share(after, declared.retain_bp).kept
    passed = reduced_by - kept
    if passed > free:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Kỳ {declared.period} của {declared.unit_id} chỉ còn {free} đồng chưa lập lệnh nộp và cấp trên chưa nhận, "
            f"không giảm phần phải nộp {passed} đồng. Rút lệnh nộp chưa gửi, hoặc đề nghị hoàn trả nếu đã nộp.",
        )
    return (
        DeclarationCorrected(
            unit_id=declared.unit_id,
            superior_id=declared.superior_id,
            superior_has_books=declared.superior_has_books,
            period=declared.period,
            reduced_by=reduced_by,
            collected_after=after,
            kept_part=kept,
            passed_part=passed,
            reason=reason,
            decision=decision,
            corrected_by=corrected_by,
            corrected_on=on,
        ),
    )
