"""S02/ĐP, the consolidated book of a unit above cells: what each subordinate reported and what it remitted.

Rules §3 knows columns A, B and C, 1–11 as amounts of subordinates, 12 as remitted by them in the period and 13 as the
year to date; what each of 1–11 holds was not found. They are taken from the lines of B01/ĐP, which is assumed and
printed. Column 12 is what the unit received (Dr 3350, accounting §4); its share is taken of that and of what it
collected itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.identifiers import UnitId
from domain.money import Dong
from domain.organisation_history import once_below, unit_on
from domain.past import UnitMonth
from domain.period import Month, Period, month_of, months_of, period_end
from domain.policy import percent_text
from ledger.statutory.b01 import bring_forward, load_subtree, owed_upwards, report_sums
from ledger.statutory.cell_money import months_money, report_month
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.old_books import before_ours, old_months
from ledger.statutory.roll import counts_on, memberships
from ledger.statutory.roll_up import RollUp
from ledger.statutory.sources import Sources
from ledger.statutory.tree import UnitPeriods, ground_at, within

#: Columns 1–11 and the lines of B01/ĐP that they are assumed to hold.
COLUMNS: tuple[str, ...] = ("01", "02", "03", "04", "05", "06", "07", "08", "12", "13", "14")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subordinate:
    """One line: ``reported`` are columns 1–11 in order, ``remitted`` and ``remitted_ytd`` 12 and 13; đồng."""

    unit_id: str
    unit_code: str
    unit_name: str
    reported: tuple[int, ...]
    remitted: Dong
    remitted_ytd: Dong
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S02:
    """The book of a period. ``own`` is what the unit collected itself, ``kept`` and ``payable`` what it declared."""

    heading: Heading
    rows: tuple[Subordinate, ...]
    own: Dong
    own_ytd: Dong
    kept: Dong
    payable: Dong
    share: str
    state: str


def s02(sources: Sources, unit: UnitId, period: Period, *, at: int, columns: Mapping[UnitId, int] | None = None) -> S02:
    """The book of a unit for a month or quarter as of log position ``at``."""
    ground = ground_at(sources, at)
    periods = load_subtree(sources, ground, unit, period)
    rolled = RollUp(ground, periods, columns or {})
    told = periods[unit]
    end, year = period_end(period), int(period[:4])
    in_period, in_year = _received(sources, told, unit, period, at)
    counts = counts_on(memberships(sources, until=at), end)
    org = ground.organisation
    rows = []
    old = old_months(sources, ground, once_below(org, unit))
    for sub in once_below(org, unit):
        found = unit_on(org, sub, end)
        below = periods.get(sub)
        if found is None or below is None or (sub in org.ended and not in_year.get(sub)):
            continue
        members = sum(counts.get(one, 0) for one in _beneath(org.below, sub))
        brought = before_ours(old[sub], below, year=period[:4], until=months_of(period)[-1])
        rows.append(
            Subordinate(
                unit_id=sub,
                unit_code=found.code,
                unit_name=found.name,
                reported=(members, *_reported(sources, rolled, sub, period, at, brought)),
                remitted=in_period.get(sub, 0),
                remitted_ytd=in_year.get(sub, 0),
                state=_state(below, period),
            )
        )
    months = months_money(sources, told, unit, year, until=at)
    made = [e for _, e in told.declared if within(e.period, period)]
    return S02(
        heading=heading(ground, BookKind.S02, unit, period, end),
        rows=tuple(sorted(rows, key=lambda row: row.unit_code)),
        own=sum(m.collected for m in months if m.month in months_of(period)),
        own_ytd=sum(m.collected for m in months if m.month <= months_of(period)[-1]),
        kept=sum(e.kept for e in made),
        payable=sum(e.payable for e in made),
        share="; ".join(dict.fromkeys(f"{percent_text(e.retain_bp)} theo {e.share_document}" for e in made)),
        state=_state(told, period),
    )


def _beneath(below: Mapping[UnitId | None, tuple[UnitId, ...]], root: UnitId) -> list[UnitId]:
    found = [root]
    for one in found:
        found.extend(below.get(one, ()))
    return found


def _reported(
    sources: Sources, rolled: RollUp, sub: UnitId, period: Period, at: int, brought: tuple[UnitMonth, ...]
) -> tuple[Dong, ...]:
    """Columns 2–11: lines 02 to 14 of the subordinate's own report, as far as it has declared."""
    end = period_end(period)
    now = report_sums(rolled, sub, lambda p: within(p, period))
    year = report_sums(rolled, sub, lambda p: p[:4] == period[:4] and period_end(p) <= end)
    bring_forward(rolled, sub, period, year, brought)
    return (
        sum(now.collected),
        sum(year.collected),
        sum(now.kept_by_all()),
        *(sum(line) for line in now.kept),
        sum(year.kept_by_all()),
        sum(now.up()),
        sum(year.up()),
        owed_upwards(sources, sub, period, at=at),
    )


def _received(
    sources: Sources, told: UnitPeriods, unit: UnitId, period: Period, at: int
) -> tuple[dict[UnitId, Dong], dict[UnitId, Dong]]:
    """What came from each subordinate in the period and in the year up to its end."""
    months, year = months_of(period), period[:4]
    now: dict[UnitId, Dong] = {}
    whole: dict[UnitId, Dong] = {}
    for move in sources.moves(unit, ("3350",), until=at):
        if move.amount >= 0:
            continue
        sub = UnitId(move.key.rsplit(":", 1)[0])
        month: Month = report_month(told, move.position, move.recorded_on)
        if told.report_of(move.position) is None:
            month = month_of(move.occurred_on)
        if month in months:
            now[sub] = now.get(sub, 0) - move.amount
        if month[:4] == year and month <= months[-1]:
            whole[sub] = whole.get(sub, 0) - move.amount
    return now, whole


def _state(told: UnitPeriods, period: Period) -> str:
    declared = {m for e in told.split() for m in months_of(e.period)}
    held = {m for _, e in told.held for m in months_of(e.period)}
    months = set(months_of(period))
    if months <= declared:
        return "đã chốt"
    return "chưa phân bổ" if months & held - declared else "tạm tính"
