"""S01/ĐP, the cell's book: part I member by month, part II what was collected, kept and sent (rules §3, accounting §4).

Amounts stand in the month whose report counts them, so that a column of part I comes to the line of part II; money that
answers for an older month is named beside it. Money that stands under no member's name is a line of its own.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from domain.dues_account import SurplusAccepted
from domain.identifiers import MemberId, UnitId
from domain.membership import Membership, Spell, spell_on
from domain.money import Dong
from domain.organisation_history import unit_on
from domain.past import UnitMonth
from domain.period import Month, Period, day_of, month_of, months_of, period_end
from ledger.statutory.cell_money import counted, dues_streams, months_money, report_month
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.old_books import before_ours, old_months
from ledger.statutory.roll import ever_in, memberships
from ledger.statutory.sources import Sources
from ledger.statutory.tree import Ground, ground_at, periods_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ForOther:
    """Of what was counted in ``month``, a part that answers for another dues month."""

    month: Month
    dues_month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """Of what was counted in ``month``, a part that was paid beyond what is due, as the superior accepted (X6)."""

    month: Month
    amount: Dong
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time on the cell's roll that began or ended within the year: only what happened in it is named.

    ``from_unit`` and ``to_unit`` are the names of the cells before and after, "" where this ledger knows none.
    """

    from_day: date | None
    from_unit: str
    to_day: date | None
    to_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member of part I: twelve months, đồng. ``member_id`` is "" on the line of money under no member's name."""

    member_id: str
    amounts: tuple[Dong, ...]
    others: tuple[ForOther, ...]
    surplus: tuple[Surplus, ...]
    spans: tuple[Span, ...]
    guest: bool  #: with the cell for a time only, never on its roll
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
    """The book of a year. ``brought`` are collected, kept and sent of the year before the books began here.

    ``old_books`` are the months that make ``brought`` where old books tell it. ``begins`` is the first month of our own
    books in the year, ``reached`` the month in which the position was recorded: later months have nothing to show.
    """

    heading: Heading
    members: tuple[MemberRow, ...]
    months: tuple[PartTwo, ...]
    brought: tuple[Dong, Dong, Dong]
    old_books: tuple[UnitMonth, ...]
    begins: Month | None
    reached: Month
    ended_on: date | None  #: the cell's last day, where it has ended


def s01(sources: Sources, unit: UnitId, year: int, *, at: int) -> S01:
    """The book of a cell for a year as of log position ``at``."""
    ground = ground_at(sources, at)
    told = periods_of(sources, (unit,), until=at)[unit]
    last_day = period_end(Period(f"{year:04d}-12"))
    known = memberships(sources, until=at)
    members = ever_in(known, (unit,)).get(unit, [])
    months = months_money(sources, told, unit, year, until=at)
    found: dict[MemberId, _Found] = {member: _Found() for member in members}
    for recorded in sources.read_streams(dues_streams(members, (year - 1, year, year + 1)), until=at):
        amount = counted(recorded.event, unit)
        month = report_month(told, recorded.position, day_of(recorded.recorded_at))
        if amount and month[:4] == f"{year:04d}":
            found[MemberId(recorded.stream.split("/")[1])].take(recorded.event, month, amount)
    rows = []
    for member in members:
        spell = spell_on(known[member], last_day)
        on_roll = spell is not None and spell.unit_id == unit
        if on_roll or any(found[member].amounts):
            rows.append(_row(ground, known[member], member, unit, year, found[member], on_roll=on_roll))
    rest = [month.collected - sum(found[m].amounts[i] for m in members) for i, month in enumerate(months)]
    if any(rest):
        rows.append(_without_name(rest))
    own = [m.month for m in months if m.collected or m.kept or m.sent]
    old = before_ours(
        old_months(sources, ground, (unit,))[unit], told, own=own, year=f"{year:04d}", until=Month(f"{year:04d}-12")
    )
    brought = (sum(one.collected for one in old), sum(one.kept for one in old), sum(one.sent for one in old))
    opening = told.opening
    if opening is not None and opening.as_of.year == year and not old:
        brought = (opening.ytd_collected, opening.ytd_kept, opening.ytd_remitted)
    begins = {*own, *(m for _, p in told.reports() for m in months_of(p) if m[:4] == f"{year:04d}")}
    if opening is not None and opening.as_of.year == year:
        begins.add(month_of(opening.as_of + timedelta(days=1)))
    ended = ground.organisation.ended.get(unit)
    return S01(
        heading=heading(ground, BookKind.S01, unit, f"{year:04d}", last_day),
        members=tuple(rows),
        months=tuple(
            PartTwo(month=m.month, collected=m.collected, kept=m.kept, sent=m.sent, state=m.state) for m in months
        ),
        brought=brought,
        old_books=old,
        begins=min(begins, default=None),
        reached=_reached(sources, at),
        ended_on=None if ended is None else ended.effective_from,
    )


def _reached(sources: Sources, at: int) -> Month:
    """The month in which the position was recorded; the very first where the log is empty."""
    last = sources.read(at - 1, 1) if at > 0 else ()
    return month_of(day_of(last[0].recorded_at)) if last else Month("0001-01")


class _Found:
    """What one member paid in the year, by month of the book."""

    __slots__ = ("amounts", "others", "surplus")

    def __init__(self) -> None:
        self.amounts: list[Dong] = [0] * 12
        self.others: dict[tuple[Month, Month], Dong] = defaultdict(int)
        self.surplus: list[Surplus] = []

    def take(self, event: object, month: Month, amount: Dong) -> None:
        """Count one event in a month."""
        self.amounts[int(month[5:]) - 1] += amount
        if isinstance(event, SurplusAccepted):
            self.surplus.append(Surplus(month=month, amount=amount, decision=event.decision))
            return
        dues_month = getattr(event, "month", None)
        if dues_month is not None and dues_month != month:
            self.others[month, dues_month] += amount


def _row(
    ground: Ground, belongs: Membership, member: MemberId, unit: UnitId, year: int, found: _Found, *, on_roll: bool
) -> MemberRow:
    named = tuple(
        ForOther(month=month, dues_month=dues_month, amount=amount)
        for (month, dues_month), amount in sorted(found.others.items())
        if amount
    )
    return MemberRow(
        member_id=member,
        amounts=tuple(found.amounts),
        others=named,
        surplus=tuple(found.surplus),
        spans=_spans(ground, belongs.spells, unit, year),
        guest=all(spell.unit_id != unit for spell in belongs.spells),
        on_roll=on_roll,
    )


def _without_name(rest: list[Dong]) -> MemberRow:
    return MemberRow(member_id="", amounts=tuple(rest), others=(), surplus=(), spans=(), guest=False, on_roll=False)


def _spans(ground: Ground, spells: tuple[Spell, ...], unit: UnitId, year: int) -> tuple[Span, ...]:
    """The times on the roll of the cell, as far as they began or ended in the year."""

    def name(place: int, day: date) -> str:
        if not 0 <= place < len(spells) or spells[place].unit_id == unit:
            return ""
        found = unit_on(ground.organisation, spells[place].unit_id, day)
        return "" if found is None else found.name

    spans = []
    for place, spell in enumerate(spells):
        if spell.unit_id != unit:
            continue
        # A spell without a first month was there when the ledger began: nobody came.
        began = spell.from_day if spell.from_month is not None and spell.from_day.year == year else None
        ended = spell.to_day if spell.to_day is not None and spell.to_day.year == year else None
        if began is not None or ended is not None:
            spans.append(
                Span(
                    from_day=began,
                    from_unit="" if began is None else name(place - 1, began),
                    to_day=ended,
                    to_unit="" if ended is None else name(place + 1, ended + timedelta(days=1)),
                )
            )
    return tuple(spans)
