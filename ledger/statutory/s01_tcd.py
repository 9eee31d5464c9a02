"""The figures of S01-TCĐ, the book of what a unit takes in and spends: by period and since January, with the cover.

In: dues kept by report period, state funding, interest, other. Out: spending by heading. Balance: 4310 + 4320 − 6310,
shown beside the money that covers it. Money counts on the day of its entry (cash basis), so that opening + in − out =
balance on any day. Source: rules §3 (99-QĐ/TW with 21-HD/VPTW, form S01-TCĐ); accounting §4.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.bank_account import MovementNamed, NotDues
from domain.identifiers import UnitId
from domain.money import Dong
from domain.payment import SuspenseNamed
from ledger.chart import ASSETS, OWED
from ledger.headings import HEADINGS, of_key
from ledger.statutory.sources import Move, Sources

#: What comes in beside dues, in the order of the form.
INCOMES = {"state-funding": "Ngân sách hỗ trợ", "interest": "Lãi tiền gửi", "other": "Thu khác"}

_FUNDS = ("4310", "4320", "6310")
#: Events that move the funds and are neither income nor spending.
_YEAR_END = "fund-year-closed"
_OPENING = "opening-signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """In and out of a stretch of time; đồng. ``brought_in`` are opening balances and handovers."""

    dues: tuple[tuple[str, Dong], ...]  #: report period → kept, in their order; "" where an event names no period
    incomes: tuple[tuple[str, Dong], ...]  #: code of INCOMES → amount, every code
    brought_in: Dong
    spent: tuple[tuple[str, Dong], ...]  #: code of a heading → amount, every heading of the file
    spent_from: tuple[tuple[str, Dong], ...]  #: "4310" and "4320" → amount

    @property
    def dues_total(self) -> Dong:
        """Dues kept."""
        return sum(amount for _, amount in self.dues)

    @property
    def total_in(self) -> Dong:
        """Everything that came in, opening balances and handovers aside."""
        return self.dues_total + sum(amount for _, amount in self.incomes)

    @property
    def total_out(self) -> Dong:
        """Everything spent."""
        return sum(amount for _, amount in self.spent)

    def by_line(self) -> dict[str, Dong]:
        """Spending by line of the form."""
        found: dict[str, Dong] = {row.line: 0 for row in HEADINGS.values()}
        for code, amount in self.spent:
            found[HEADINGS[code].line] += amount
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Where the unit's own money lies: cash + bank + elsewhere − what belongs to others = own − open shortages."""

    cash: Dong
    bank: Dong
    elsewhere: Dong  #: on its way, at a portal, held by another unit
    of_others: Dong
    shortage: Dong

    @property
    def own(self) -> Dong:
        """The money that is the unit's own, with what is missing from the cash box."""
        return self.cash + self.bank + self.elsewhere - self.of_others + self.shortage


@dataclass(frozen=True, slots=True, kw_only=True)
class S01Tcd:
    """The figures of one unit: from ``first`` to ``last``, and since 1 January of that year; đồng."""

    unit: UnitId
    first: date
    last: date
    opening: Dong
    period: Flow
    year_opening: Dong
    year: Flow
    balance: Dong
    cover: Cover


def s01_tcd(sources: Sources, unit: UnitId, first: date, last: date, *, until: int) -> S01Tcd:
    """Figures from ``first`` to ``last`` (both counted) as of log position ``until``."""
    moves = [m for m in sources.moves(unit, _FUNDS, until=until) if m.occurred_on <= last]
    january = date(last.year, 1, 1)
    return S01Tcd(
        unit=unit,
        first=first,
        last=last,
        opening=_balance(m for m in moves if m.occurred_on < first),
        period=_flow(sources, [m for m in moves if m.occurred_on >= first]),
        year_opening=_balance(m for m in moves if m.occurred_on < january),
        year=_flow(sources, [m for m in moves if m.occurred_on >= january]),
        balance=_balance(moves),
        cover=_cover(sources, unit, last, until),
    )


def spent_by_heading(moves: Iterable[Move]) -> dict[str, Dong]:
    """Spending by heading, every heading of the file, from moves of 6310; the year's close is no spending."""
    found = dict.fromkeys(HEADINGS, 0)
    for move in moves:
        if move.account == "6310" and move.event != _YEAR_END:
            found[of_key(move.key)[0]] += move.amount
    return found


def _balance(moves: Iterable[Move]) -> Dong:
    return sum(-m.amount if m.account == "6310" else m.amount for m in moves)


def _flow(sources: Sources, moves: list[Move]) -> Flow:
    dues: dict[str, Dong] = defaultdict(int)
    incomes = dict.fromkeys(INCOMES, 0)
    spent_from = {"4310": 0, "4320": 0}
    brought_in = 0
    for move in moves:
        if move.event == _YEAR_END:
            continue
        if move.account == "6310":
            spent_from[of_key(move.key)[1]] += move.amount
        elif move.event == _OPENING or "handed-over" in move.event or "handover" in move.event:
            brought_in += move.amount
        elif move.account == "4310":
            dues[_period(sources, move)] += move.amount
        else:
            incomes[_income(sources, move)] += move.amount
    return Flow(
        dues=tuple(sorted(dues.items())),
        incomes=tuple(incomes.items()),
        brought_in=brought_in,
        spent=tuple(spent_by_heading(moves).items()),
        spent_from=tuple(spent_from.items()),
    )


def _event(sources: Sources, move: Move) -> object:
    (recorded,) = sources.read(move.position - 1, 1)
    return recorded.event


def _period(sources: Sources, move: Move) -> str:
    """The report period that an entry of kept dues names."""
    return str(getattr(_event(sources, move), "period", ""))


def _income(sources: Sources, move: Move) -> str:
    """What kind of income an entry of 4320 is: the bank's line says, or the receipt voucher's own source."""
    event = _event(sources, move)
    if isinstance(event, MovementNamed | SuspenseNamed):
        what = str(event.what)
        return what if what in (NotDues.STATE_FUNDING, NotDues.INTEREST) else "other"
    return move.key if move.key in INCOMES else "other"


def _cover(sources: Sources, unit: UnitId, last: date, until: int) -> Cover:
    sums: dict[str, Dong] = defaultdict(int)
    for move in sources.moves(unit, (*ASSETS, *OWED, "1370", "1380"), until=until):
        if move.occurred_on <= last:
            sums[move.account] += move.amount
    return Cover(
        cash=sums["1110"],
        bank=sums["1120"],
        elsewhere=sum(sums[a] for a in ASSETS) - sums["1110"] - sums["1120"],
        of_others=sum(sums[a] for a in OWED) - sums["1380"],
        shortage=sums["1370"],
    )
