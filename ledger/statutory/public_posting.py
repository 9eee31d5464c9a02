"""What a cell shows its members every month (công khai): collected, kept, sent, spent by heading; no names.

Collected, kept and sent are those of the report period, whenever they were booked; spending is that of the month's
days. A period without an active share shows what was collected as not split («chưa phân bổ»).
"""

from dataclasses import dataclass

from domain import declaration
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Period, first_day, months_of, period_end
from ledger.statutory.s01_tcd import spent_by_heading
from ledger.statutory.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPosting:
    """The figures of one unit and period; đồng. ``declared`` is false while the period is not split."""

    unit: UnitId
    period: Period
    declared: bool
    collected: Dong  #: own collection of the period, less refunds after the split
    from_subordinates: Dong
    kept: Dong
    payable: Dong
    sent: Dong  #: of this period, up to the position asked for
    unsplit: Dong  #: collected and not split yet
    spent: tuple[tuple[str, Dong], ...]  #: code of a heading → amount, every heading of the file
    balance: Dong  #: 4310 + 4320 − 6310 at the end of the period

    @property
    def still_to_send(self) -> Dong:
        """Payable of the period that has not been received above."""
        return self.payable - self.sent

    @property
    def spent_total(self) -> Dong:
        """All spending of the month."""
        return sum(amount for _, amount in self.spent)


def public_posting(sources: Sources, unit: UnitId, period: Period, *, until: int) -> PublicPosting:
    """The figures as of log position ``until``."""
    first, last = first_day(months_of(period)[0]), period_end(period)
    own = below = kept = payable = 0
    declared = False
    for recorded in sources.read_streams((declaration.stream(unit),), until=until):
        e = recorded.event
        if getattr(e, "period", None) != period or getattr(e, "unit_id", unit) != unit:
            continue
        if getattr(e, "declared_by", unit) != unit:
            # A refund of a period that a unit which ended had declared: it is not this unit's period.
            continue
        if isinstance(e, declaration.DeclarationRestated | declaration.DeclarationCorrected):
            own, kept, payable = own - e.reduced_by, kept - e.kept_part, payable - e.passed_part
        elif isinstance(e, declaration.PeriodDeclared | declaration.HeldPeriodAllocated):
            declared = True
            own, below = own + e.own_collected, below + e.from_subordinates
            kept, payable = kept + e.kept, payable + e.payable
    funds = [m for m in sources.moves(unit, ("4310", "4320", "6310"), until=until) if m.occurred_on <= last]
    waiting = [m for m in sources.moves(unit, ("3310",), until=until) if m.occurred_on <= last]
    to_above = sources.moves(unit, ("3360",), until=until)
    unsplit = 0 if declared else sum(m.amount for m in waiting)
    return PublicPosting(
        unit=unit,
        period=period,
        declared=declared,
        collected=own if declared else unsplit,
        from_subordinates=below,
        kept=kept,
        payable=payable,
        sent=-sum(m.amount for m in to_above if m.key == period and m.amount < 0),
        unsplit=unsplit,
        spent=tuple(spent_by_heading(m for m in funds if m.occurred_on >= first).items()),
        balance=sum(-m.amount if m.account == "6310" else m.amount for m in funds),
    )
