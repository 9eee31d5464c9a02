"""What one unit collected itself, kept and sent, by the month of the report that counts it.

Sums of postings (accounting §4): collected = Cr 3310[own], kept = Cr 4310 by declaration, sent = Dr 3360. A refund
after the split takes its sum off the month that is open then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain import dues_account, dues_corrections
from domain.events import DomainEvent
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.period import Month, month_of, months_of, shift
from ledger.posting import entry
from ledger.statutory.sources import Move, Sources
from ledger.statutory.tree import UnitPeriods

#: Events that move 3310 because of a declaration: what they move was collected before.
_BY_DECLARATION = frozenset({"period-declared", "held-period-allocated", "declaration-corrected"})
#: Events that hand balances over: nothing is collected, kept or sent by them.
_HANDED_OVER = frozenset({"balances-handed-over", "payable-passed", "payable-inherited"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthMoney:
    """One month of a unit; đồng. ``members`` is the part of ``collected`` that stands under members' names."""

    month: Month
    collected: Dong
    kept: Dong
    sent: Dong
    state: str  #: "declared", "chưa phân bổ" or "tạm tính"


def report_month(told: UnitPeriods, position: int, recorded_on: date) -> Month:
    """The month in whose report a fact is counted: that of the first report fixed after it, else the open month."""
    own = month_of(recorded_on)
    period = told.report_of(position)
    if period is not None:
        months = months_of(period)
        return own if own in months else months[0] if own < months[0] else months[-1]
    last = max((months_of(p)[-1] for _, p in told.reports()), default=None)
    return own if last is None or own > last else shift(last, 1)


def months_money(sources: Sources, told: UnitPeriods, unit: UnitId, year: int, *, until: int) -> tuple[MonthMoney, ...]:
    """Twelve months of a year as known at a position."""
    collected: dict[Month, Dong] = defaultdict(int)
    kept: dict[Month, Dong] = defaultdict(int)
    sent: dict[Month, Dong] = defaultdict(int)
    for move in sources.moves(unit, ("3310",), until=until):
        if move.key == "own" and move.event not in _BY_DECLARATION | _HANDED_OVER:
            collected[report_month(told, move.position, move.recorded_on)] += move.amount
    for at, event in told.restated:
        if event.is_origin:
            collected[report_month(told, at, event.restated_on)] -= event.reduced_by
        kept[report_month(told, at, event.restated_on)] -= event.kept_part
    for _, made in told.declared:
        kept[months_of(made.period)[-1]] += made.kept
    for _, late in told.allocated:
        kept[late.booked_in] += late.kept
    for at, fixed in told.corrected:
        kept[report_month(told, at, fixed.corrected_on)] -= fixed.kept_part
    for move in sources.moves(unit, ("3360",), until=until):
        if move.amount < 0 and move.event not in _BY_DECLARATION | _HANDED_OVER:
            sent[month_of(move.occurred_on)] -= move.amount
    declared = {month for _, e in told.declared for month in months_of(e.period)}
    held = {month for _, e in told.held for month in months_of(e.period)}
    allocated = {month for _, e in told.allocated for month in months_of(e.period)}

    def state(month: Month) -> str:
        return "declared" if month in declared | allocated else "chưa phân bổ" if month in held else "tạm tính"

    months = [Month(f"{year:04d}-{number:02d}") for number in range(1, 13)]
    return tuple(
        MonthMoney(month=m, collected=collected[m], kept=kept[m], sent=sent[m], state=state(m)) for m in months
    )


def counted(event: DomainEvent, unit: UnitId) -> Dong:
    """By how much an event of a member's dues changes what the unit collected; đồng, negative where it is undone."""
    if getattr(event, "unit_id", None) != unit:
        return 0
    if isinstance(event, dues_account.PaymentApplied):
        return event.amount
    if isinstance(event, dues_account.ApplicationUndone | dues_corrections.PaymentUnapplied):
        return -event.amount
    return -sum(line.amount for line in entry(event) if (line.unit, line.account, line.key) == (unit, "3310", "own"))


def dues_streams(members: Iterable[MemberId], years: Iterable[int]) -> list[str]:
    """Names of the streams of several members and years."""
    wanted = tuple(years)
    return [dues_account.stream(member, year) for member in members for year in wanted]


def balance_of(moves: Iterable[Move]) -> Dong:
    """What moves come to."""
    return sum(move.amount for move in moves)
