"""S01/ĐP, the cell's book: part I member by month, part II what was collected, kept and sent (rules §3, accounting §4).

Amounts stand in the month whose report counts them, so that a column of part I comes to the line of part II; money that
answers for an older month is named beside it. Money that stands under no member's name is a line of its own.
"""

from collections import defaultdict
from dataclasses import dataclass

from domain.identifiers import MemberId, UnitId
from domain.membership import spell_on
from domain.money import Dong
from domain.period import Month, Period, day_of, period_end
from ledger.statutory.cell_money import counted, dues_streams, months_money, report_month
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.roll import ever_in, memberships
from ledger.statutory.sources import Sources
from ledger.statutory.tree import ground_at, periods_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ForOther:
    """Of what was counted in ``month``, a part that answers for another dues month."""

    month: Month
    dues_month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member of part I: twelve months, đồng. ``member_id`` is "" on the line of money under no member's name."""

    member_id: str
    amounts: tuple[Dong, ...]
    others: tuple[ForOther, ...]
    on_roll: bool  #: on the cell's roll at the end of the year, or of the position


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTwo:
    """One month of part II; đồng."""

    month: Month
    collected: Dong
    kept: Dong
    sent: Dong
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class S01:
    """The book of a year. ``brought`` are collected, kept and sent of the year before the books began here."""

    heading: Heading
    members: tuple[MemberRow, ...]
    months: tuple[PartTwo, ...]
    brought: tuple[Dong, Dong, Dong]


def s01(sources: Sources, unit: UnitId, year: int, *, at: int) -> S01:
    """The book of a cell for a year as of log position ``at``."""
    ground = ground_at(sources, at)
    told = periods_of(sources, (unit,), until=at)[unit]
    last_day = period_end(Period(f"{year:04d}-12"))
    known = memberships(sources, until=at)
    members = ever_in(known, (unit,)).get(unit, [])
    months = months_money(sources, told, unit, year, until=at)
    amounts: dict[MemberId, list[Dong]] = {member: [0] * 12 for member in members}
    others: dict[MemberId, dict[tuple[Month, Month], Dong]] = defaultdict(lambda: defaultdict(int))
    for recorded in sources.read_streams(dues_streams(members, (year - 1, year, year + 1)), until=at):
        amount = counted(recorded.event, unit)
        month = report_month(told, recorded.position, day_of(recorded.recorded_at))
        if not amount or month[:4] != f"{year:04d}":
            continue
        member = MemberId(recorded.stream.split("/")[1])
        amounts[member][int(month[5:]) - 1] += amount
        dues_month = getattr(recorded.event, "month", None)
        if dues_month is not None and dues_month != month:
            others[member][month, dues_month] += amount
    rows = []
    for member in members:
        spell = spell_on(known[member], last_day)
        on_roll = spell is not None and spell.unit_id == unit
        if on_roll or any(amounts[member]):
            rows.append(_row(member, amounts[member], others[member], on_roll))
    rest = [month.collected - sum(amounts[m][i] for m in members) for i, month in enumerate(months)]
    if any(rest):
        rows.append(MemberRow(member_id="", amounts=tuple(rest), others=(), on_roll=False))
    opening = told.opening
    brought = (0, 0, 0)
    if opening is not None and opening.as_of.year == year:
        brought = (opening.ytd_collected, opening.ytd_kept, opening.ytd_remitted)
    return S01(
        heading=heading(ground, BookKind.S01, unit, f"{year:04d}", last_day),
        members=tuple(rows),
        months=tuple(
            PartTwo(month=m.month, collected=m.collected, kept=m.kept, sent=m.sent, state=m.state) for m in months
        ),
        brought=brought,
    )


def _row(member: MemberId, amounts: list[Dong], others: dict[tuple[Month, Month], Dong], on_roll: bool) -> MemberRow:
    named = tuple(
        ForOther(month=month, dues_month=dues_month, amount=amount)
        for (month, dues_month), amount in sorted(others.items())
        if amount
    )
    return MemberRow(member_id=member, amounts=tuple(amounts), others=named, on_roll=on_roll)
