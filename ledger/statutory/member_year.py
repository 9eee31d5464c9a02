"""One member's year: what each dues month was assessed on, by both regimes, what was relieved, paid and is open.

Beside the months stand what was reckoned again with both computations, the reliefs, the months before our books as old
books tell them, the months that nobody asked for, and what was paid freely beyond what is due.
"""

from collections import defaultdict
from dataclasses import dataclass

from domain import membership
from domain.dues_account import DuesAdjusted, DuesAssessed, Reckoning, SurplusAccepted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Member, cell_for
from domain.money import Dong
from domain.past import MemberMonth
from domain.period import Month, Period, month_of, period_end, shift
from ledger.ports import Recorded
from ledger.posting import entry
from ledger.statutory.cell_money import dues_streams
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.member_entries import YearEntry, entries_of, unit_name
from ledger.statutory.old_books import old_member_months
from ledger.statutory.roll import members_at
from ledger.statutory.sources import Sources
from ledger.statutory.tree import Ground, ground_at

#: How many years before the year asked for are read, for arrears that were paid in it.
_YEARS_BACK = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class YearMonth:
    """One dues month; đồng. due = gross − relieved; open = due − paid, as of the position.

    ``title`` is the category as the law words it, ``relief_title`` the ground of the relief; both are "" where unknown.
    """

    month: Month
    unit_id: str
    unit_name: str
    regime: str
    category: str
    title: str
    base: Dong | None
    rule: str
    document: str
    relief: str
    relief_percent: int
    gross: Dong
    relieved: Dong
    due: Dong
    paid: Dong
    open: Dong
    is_adjusted: bool
    is_gap: bool  #: interrupted and owed again because the membership was restored


@dataclass(frozen=True, slots=True, kw_only=True)
class YearReckoning:
    """One computation of a month; ``rate_bp`` is in basis points of the base, None for a fixed sum; đồng."""

    title: str
    regime: str
    base: Dong | None
    base_month: str
    cap: Dong | None
    rate_bp: int | None
    gross: Dong
    relief_title: str
    relief_percent: int
    relieved: Dong
    due: Dong
    steps: tuple[str, ...]  #: for whoever reckons it again; with the rows of the policy by their ids


@dataclass(frozen=True, slots=True, kw_only=True)
class YearAdjustment:
    """A month reckoned again: both computations, and the difference in what is due; đồng."""

    month: Month
    adjusted_on: str  #: ISO day
    before: YearReckoning
    after: YearReckoning
    difference: Dong
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRelief:
    """A relief that holds for a month of the year; ``to_month`` None: as long as its ground lasts."""

    relief: str
    title: str
    percent: int
    from_month: Month
    to_month: Month | None
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSurplus:
    """Paid freely beyond what is due, as the direct superior accepted it; đồng."""

    accepted_on: str  #: ISO day
    amount: Dong
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearWithout:
    """A month between two others for which nothing was assessed, and why."""

    month: Month
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberYear:
    """The statement of one member and year; ``credit`` is held beyond everything owed. No name: only the id."""

    heading: Heading
    member_id: str
    months: tuple[YearMonth, ...]
    old_books: tuple[MemberMonth, ...]
    without: tuple[YearWithout, ...]
    surplus: tuple[YearSurplus, ...]
    adjustments: tuple[YearAdjustment, ...]
    reliefs: tuple[YearRelief, ...]
    entries: tuple[YearEntry, ...]
    credit: Dong


def member_year(sources: Sources, unit: UnitId, member: MemberId, year: int, *, at: int) -> MemberYear:
    """The year's dues months, months paid in it for older ones, and what happened, as of log position ``at``."""
    ground = ground_at(sources, at)
    known = members_at(sources, (member,), until=at).get(member)
    if known is None or unit not in membership.units_of(known.membership):
        raise Refusal(
            RefusalCode.UNKNOWN_MEMBER, f"Đảng viên {member} chưa từng thuộc {unit} (đến vị trí {at} của sổ)."
        )
    dues = sources.read_streams(dues_streams((member,), range(year - _YEARS_BACK, year + 2)), until=at)
    sums, credit = _sums(member, dues)
    entries = entries_of(sources, ground, member, dues, year)
    wanted = f"{year:04d}"
    touched = {told.month for told in entries}
    gap = frozenset(membership.gap_months(known.membership))
    months = tuple(
        _month(ground, sums[m], m, is_gap=m in gap)
        for m in sorted(sums)
        if (m[:4] == wanted or m in touched) and sums[m].assessed is not None
    )
    assessed = {m for m, told in sums.items() if told.assessed is not None}
    old = old_member_months(sources, ground, member, membership.units_of(known.membership))
    old = tuple(one for one in old if one.month[:4] == wanted and one.month not in assessed)
    return MemberYear(
        heading=heading(ground, BookKind.MEMBER_YEAR, unit, wanted, period_end(Period(f"{wanted}-12"))),
        member_id=member,
        months=months,
        old_books=old,
        without=_without(ground, known, wanted, assessed, {one.month for one in old}),
        surplus=_surplus(dues, year),
        adjustments=_adjustments(ground, dues, year, {m.month for m in months}),
        reliefs=_reliefs(ground, known, wanted),
        entries=tuple(entries),
        credit=credit,
    )


class _Sums:
    """Sums of the memo book for one month, and the computation that stands."""

    __slots__ = ("adjusted", "assessed", "gross", "open", "relieved")

    def __init__(self) -> None:
        self.assessed: DuesAssessed | None = None
        self.adjusted: Reckoning | None = None
        self.gross = 0
        self.relieved = 0
        self.open = 0


def _sums(member: MemberId, dues: tuple[Recorded, ...]) -> tuple[dict[Month, _Sums], Dong]:
    """Sums by month, and the credit held beyond everything."""
    months: dict[Month, _Sums] = defaultdict(_Sums)
    credit = 0
    for recorded in dues:
        event = recorded.event
        if isinstance(event, DuesAssessed):
            months[event.month].assessed = event
            months[event.month].gross += event.gross
        elif isinstance(event, DuesAdjusted):
            months[event.month].adjusted = event.after
            months[event.month].gross += event.gross_up - event.gross_down
        for line in entry(event):
            month = Month(line.key.rsplit(":", 1)[-1])
            if line.account == "0120":
                months[month].relieved += line.amount
            elif line.account == "0110":
                months[month].open += line.amount
            elif line.account == "3340" and line.key == member:
                credit -= line.amount
    return months, credit


def _month(ground: Ground, sums: _Sums, month: Month, *, is_gap: bool) -> YearMonth:
    told = sums.assessed
    if told is None:
        raise ValueError(f"{month} was never assessed")
    by = sums.adjusted or told
    due = sums.gross - sums.relieved
    return YearMonth(
        month=month,
        unit_id=told.unit_id,
        unit_name=unit_name(ground, told.unit_id, period_end(Period(month))),
        regime=by.regime,
        category=by.category,
        title=_title(ground, by.rule),
        base=by.base,
        rule=by.rule,
        document=by.document,
        relief=by.relief or "",
        relief_percent=by.relief_percent,
        gross=sums.gross,
        relieved=sums.relieved,
        due=due,
        paid=due - sums.open,
        open=sums.open,
        is_adjusted=sums.adjusted is not None,
        is_gap=is_gap,
    )


def _title(ground: Ground, rule: str) -> str:
    """What the law calls the category of a rate row; "" for a row that is not in force at the position."""
    return next((row.title for row in ground.policy.active.rates if row.id == rule), "")


def _ground_title(ground: Ground, relief: str) -> str:
    return next((row.ground for row in ground.policy.active.reliefs if row.id == relief), "")


def _reckoning(ground: Ground, told: Reckoning) -> YearReckoning:
    return YearReckoning(
        title=_title(ground, told.rule),
        regime=told.regime,
        base=told.base,
        base_month=told.base_month or "",
        cap=told.cap,
        rate_bp=next((row.value_bp for row in ground.policy.active.rates if row.id == told.rule), None),
        gross=told.gross,
        relief_title=_ground_title(ground, told.relief or ""),
        relief_percent=told.relief_percent,
        relieved=told.relieved,
        due=told.due,
        steps=told.steps,
    )


def _adjustments(
    ground: Ground, dues: tuple[Recorded, ...], year: int, shown: set[Month]
) -> tuple[YearAdjustment, ...]:
    """What was reckoned again in the year, or for one of its months."""
    found = []
    for recorded in dues:
        event = recorded.event
        if isinstance(event, DuesAdjusted) and (event.month in shown or event.adjusted_on.year == year):
            found.append(
                YearAdjustment(
                    month=event.month,
                    adjusted_on=event.adjusted_on.isoformat(),
                    before=_reckoning(ground, event.before),
                    after=_reckoning(ground, event.after),
                    difference=event.after.due - event.before.due,
                    reason=event.reason,
                    decision=event.decision,
                )
            )
    return tuple(found)


def _surplus(dues: tuple[Recorded, ...], year: int) -> tuple[YearSurplus, ...]:
    accepted = [r.event for r in dues if isinstance(r.event, SurplusAccepted)]
    return tuple(
        YearSurplus(accepted_on=e.accepted_on.isoformat(), amount=e.amount, decision=e.decision)
        for e in accepted
        if e.accepted_on.year == year
    )


def _reliefs(ground: Ground, known: Member, year: str) -> tuple[YearRelief, ...]:
    """Reliefs that hold for a month of the year, by their first month."""
    first, last = Month(f"{year}-01"), Month(f"{year}-12")
    held = [
        row
        for row in known.reliefs
        if row.from_month <= last
        and (row.to_month is None or (first <= row.to_month and row.from_month <= row.to_month))
    ]
    return tuple(
        YearRelief(
            relief=row.relief,
            title=_ground_title(ground, row.relief),
            percent=row.percent,
            from_month=row.from_month,
            to_month=row.to_month,
            decision=row.decision,
        )
        for row in sorted(held, key=lambda row: row.from_month)
    )


def _without(
    ground: Ground, known: Member, year: str, assessed: set[Month], old: set[Month]
) -> tuple[YearWithout, ...]:
    """Months between the first and the last told ones for which nothing was assessed; not those before our books."""
    if not assessed:
        return ()
    spells = known.membership.spells
    begun = min((spell.from_month or month_of(spell.from_day) for spell in spells), default=min(assessed))
    month, last = max(min(begun, min(assessed)), Month(f"{year}-01")), min(max(assessed), Month(f"{year}-12"))
    found = []
    while month <= last:
        if month not in assessed and month not in old:
            owner = cell_for(known, month, ground.policy)
            why = (
                "không phải đóng tại chi bộ nào của sổ này"
                if owner is None
                else f"{unit_name(ground, owner, period_end(Period(month)))} chưa xác định mức đóng"
            )
            found.append(YearWithout(month=month, why=why))
        month = shift(month, 1)
    return tuple(found)
