"""The annex of B01/ĐP: which periods of subordinates are counted late, wait, or have no share."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from domain.identifiers import UnitId
from domain.money import Dong
from domain.organisation_history import ended_on, once_below, unit_on
from domain.period import Period, period_end
from ledger.statutory.roll_up import RollUp
from ledger.statutory.sources import Sources
from ledger.statutory.tree import Ground, within


class LateState(StrEnum):
    """Why a subordinate's period stands in the annex; the values are the words of the page."""

    COUNTED_LATE = "kỳ trước, tính vào kỳ này"
    WAITING = "chưa nhận đủ, tính vào kỳ sau"
    NOT_ALLOCATED = "chưa phân bổ (chưa có tỷ lệ)"
    NOT_DECLARED = "chưa chốt kỳ"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePart:
    """One period of a direct subordinate; đồng. ``received`` is what the unit has of it."""

    unit_id: str
    unit_name: str
    period: Period
    state: LateState
    collected: Dong
    kept: Dong
    payable: Dong
    received: Dong


def late_parts(sources: Sources, ground: Ground, rolled: RollUp, unit: UnitId, period: Period) -> tuple[LatePart, ...]:
    """Subordinates' periods up to the end of this one that are not counted in it in the ordinary way."""
    told = rolled.told(unit)
    end = period_end(period)
    counted: dict[tuple[UnitId, Period], Period] = {}
    reports = [(e.period, e.subordinates) for _, e in told.declared]
    reports += [(below.period, below.subordinates) for below in told.below]
    for reported, parts in reports:
        for part in parts:
            counted[part.unit_id, part.period] = reported
            counted |= {(u, made.period): reported for u, made in rolled.answered_for(part.unit_id, part.period)}
    received = _received(sources, unit, ground.position)
    found: list[LatePart] = []

    def add(sub: UnitId, of: Period, state: LateState, collected: Dong, kept: Dong, payable: Dong) -> None:
        name = ground.organisation.first[sub].name if sub in ground.organisation.first else sub
        part = LatePart(
            unit_id=sub,
            unit_name=ground.organisation.units[sub].name if sub in ground.organisation.units else name,
            period=of,
            state=state,
            collected=collected,
            kept=kept,
            payable=payable,
            received=received.get(f"{sub}:{of}", 0),
        )
        found.append(part)

    for sub in sorted(once_below(ground.organisation, unit)):
        below = rolled.told(sub)
        for made in below.split():
            into = counted.get((sub, made.period))
            late = into is not None and within(into, period) and not within(made.period, period)
            if late and period_end(made.period) < end:
                add(sub, made.period, LateState.COUNTED_LATE, made.collected, made.kept, made.payable)
            elif (into is None or period_end(into) > end) and period_end(made.period) <= end and made.payable:
                add(sub, made.period, LateState.WAITING, made.collected, made.kept, made.payable)
        for _, held in below.held:
            if period_end(held.period) <= end and below.of(held.period) is None and held.collected:
                add(sub, held.period, LateState.NOT_ALLOCATED, held.collected, 0, 0)
        here = unit_on(ground.organisation, sub, end) is not None and not ended_on(ground.organisation, sub, end)
        if here and not any(within(p, period) or within(period, p) for _, p in below.reports()):
            add(sub, period, LateState.NOT_DECLARED, 0, 0, 0)
    return tuple(sorted(found, key=lambda part: (part.unit_name, part.period)))


def _received(sources: Sources, unit: UnitId, until: int) -> dict[str, Dong]:
    """Received of each subordinate's period, netted claw-back with it: debits of 3350 (accounting §4)."""
    sums: dict[str, Dong] = defaultdict(int)
    for move in sources.moves(unit, ("3350",), until=until):
        if move.amount < 0:
            sums[move.key] -= move.amount
    return dict(sums)
