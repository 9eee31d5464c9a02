"""A unit's books by month: every posting in its book month, late facts by name, what was open since when.

The book month of a posting follows from the log alone: its own month if that was open at its position, else the first
month open there (``domain.closing``). A close takes hold after the position it states, which may lie a little before
its own place in the log, so the postings between are moved when the close is met.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from domain import closing
from domain.closing import CloseConfirmed, Closing, MonthClosed, MonthReopened, ReopenRequested
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Month, day_of, month_of
from ledger.chart import natural
from ledger.posting import Line, occurred_on
from ledger.store import Recorded

#: Accounts whose open items a month's close must explain (accounting §2, "must reach 0").
WATCHED = frozenset({"1130", "1140", "1150", "1370", "3380"})

#: How many postings are kept to be moved by a close that was decided a little before it was recorded.
RECENT = 20_000

#: Debits and credits of one account in one month.
_Turnover = list[Dong]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """One account in one month; ``opening`` and ``closing`` are debits less credits, đồng."""

    account: str
    opening: Dong
    debits: Dong
    credits: Dong
    closing: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMonth:
    """A unit's figures of a month and its trial balance, both as the log gave them at ``position``.

    ``trial`` holds (account, debits, credits) over all months; ``lines`` the month by account.
    """

    unit_id: UnitId
    month: Month
    position: int
    trial: tuple[tuple[str, Dong, Dong], ...]
    lines: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFact:
    """A posting true in a month that was closed before the ledger knew it («phát sinh muộn»)."""

    unit_id: UnitId
    position: int
    event: str
    stream: str
    occurred_on: date
    month: Month  #: in which it is booked
    amount: Dong  #: debits of the money book, else of the memo book


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSince:
    """An item of a watched account that is open, on its natural side, and the book month it is open since."""

    account: str
    key: str
    amount: Dong
    since: Month


@dataclass(frozen=True, slots=True)
class _Posted:
    position: int
    day: date
    event: str
    stream: str
    lines: tuple[Line, ...]


class MonthView(Protocol):
    """What decisions ask of the books by month; everything is of one position."""

    @property
    def position(self) -> int:
        """The position of the log that every answer is of."""

    def closing(self, unit_id: str) -> Closing:
        """Which months of the unit are closed."""

    def figures(self, unit_id: UnitId, month: Month) -> UnitMonth:
        """The unit's month and trial balance."""

    def late(self, unit_id: str) -> tuple[LateFact, ...]:
        """Facts of closed months that were booked in a later one, in the order of the log."""

    def open_items(self, unit_id: str, month: Month) -> tuple[OpenSince, ...]:
        """Items of watched accounts that are open and were open at the end of a month."""


class MonthBooks:
    """Feeds on the log in order; answers at the position reached."""

    def __init__(self) -> None:
        self.position = 0
        self._closings: dict[str, Closing] = {}
        self._sums: dict[str, dict[tuple[Month, str], _Turnover]] = defaultdict(dict)
        # With each open item the posting that opened it; which month that is follows from the closes.
        self._open: dict[tuple[str, str], dict[str, tuple[Dong, int, date]]] = defaultdict(dict)
        self._late: dict[str, list[LateFact]] = defaultdict(list)
        self._recent: deque[_Posted] = deque(maxlen=RECENT)
        self._instant = datetime.min.replace(tzinfo=UTC)
        self._today = date.min
        self._months: dict[date, Month] = {}

    def take(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event and its entry in."""
        self.position = recorded.position
        event = recorded.event
        if lines:
            if recorded.recorded_at != self._instant:
                self._instant = recorded.recorded_at
                self._today = day_of(recorded.recorded_at)
            posted = _Posted(recorded.position, occurred_on(event, self._today), recorded.name, recorded.stream, lines)
            self._recent.append(posted)
            self._post(posted)
        elif isinstance(event, MonthClosed | MonthReopened):
            self._turn(event)
        elif isinstance(event, CloseConfirmed | ReopenRequested):
            self._closings[event.unit_id] = closing.evolve(self.closing(event.unit_id), event)

    def _post(self, posted: _Posted) -> None:
        own = self._months.get(posted.day)
        if own is None:
            own = self._months[posted.day] = month_of(posted.day)
        late: set[str] = set()
        for line in posted.lines:
            known = self._closings.get(line.unit)
            month = own
            if known is not None and known.through is not None and own <= known.through:
                month = closing.book_month(known.through, posted.day)
                late.add(line.unit)
            self._add(line, month, line.amount)
            if line.account in WATCHED:
                self._watch(line, posted)
        for unit in late:
            self._note_late(unit, posted)

    def _watch(self, line: Line, posted: _Posted) -> None:
        keys = self._open[line.unit, line.account]
        before, position, day = keys.get(line.key, (0, 0, date.min))
        after = before + line.amount
        if after:
            keys[line.key] = (after, position, day) if before else (after, posted.position, posted.day)
        else:
            keys.pop(line.key, None)

    def _add(self, line: Line, month: Month, amount: Dong) -> None:
        sums = self._sums[line.unit]
        place = (month, line.account)
        turnover = sums.get(place)
        if turnover is None:
            turnover = sums[place] = [0, 0]
        # A posting that is moved to another month is taken off the side on which it stood.
        if line.amount > 0:
            turnover[0] += amount
        else:
            turnover[1] -= amount

    def _note_late(self, unit: str, posted: _Posted) -> None:
        through = self._closings[unit].through
        money = [x.amount for x in posted.lines if x.unit == unit and x.amount > 0 and x.account[:1] != "0"]
        memo = [x.amount for x in posted.lines if x.unit == unit and x.amount > 0]
        self._late[unit].append(
            LateFact(
                unit_id=UnitId(unit),
                position=posted.position,
                event=posted.event,
                stream=posted.stream,
                occurred_on=posted.day,
                month=closing.book_month(through, posted.day),
                amount=sum(money or memo),
            )
        )

    def _turn(self, event: MonthClosed | MonthReopened) -> None:
        unit = event.unit_id
        before = self._closings.get(unit, closing.OPEN)
        after = closing.evolve(before, event)
        moved = [posted for posted in self._after(event.position) if any(x.unit == unit for x in posted.lines)]
        self._closings[unit] = after
        for posted in moved:
            old = closing.book_month(before.through, posted.day)
            new = closing.book_month(after.through, posted.day)
            if old == new:
                continue
            for line in posted.lines:
                if line.unit == unit:
                    self._add(line, old, -line.amount)
                    self._add(line, new, line.amount)
            self._late[unit] = [late for late in self._late[unit] if late.position != posted.position]
            if month_of(posted.day) != new:
                self._note_late(unit, posted)

    def _after(self, position: int) -> Iterable[_Posted]:
        """Recent postings after a position, newest first."""
        for posted in reversed(self._recent):
            if posted.position <= position:
                return
            yield posted

    # --- answers ----------------------------------------------------------------------------------------------------

    def closing(self, unit_id: str) -> Closing:
        """Which months of the unit are closed, as far as the log was read."""
        return self._closings.get(unit_id, closing.OPEN)

    def figures(self, unit_id: UnitId, month: Month, position: int | None = None) -> UnitMonth:
        """The unit's month and trial balance as they were at a position (None: now; else a recent one)."""
        at = self.position if position is None else position
        sums = {place: list(turnover) for place, turnover in self._sums.get(unit_id, {}).items()}
        through = self.closing(unit_id).through
        for posted in self._after(at):
            book = closing.book_month(through, posted.day)
            for line in posted.lines:
                if line.unit == unit_id:
                    side, amount = (0, line.amount) if line.amount > 0 else (1, -line.amount)
                    sums[book, line.account][side] -= amount
        return unit_month(unit_id, month, at, sums)

    def reaches(self, position: int) -> bool:
        """Whether figures at this position can still be made: what was posted since is among the recent ones."""
        return len(self._recent) < RECENT or self._recent[0].position <= position + 1

    def late(self, unit_id: str) -> tuple[LateFact, ...]:
        """Facts of closed months that were booked in a later one, in the order of the log."""
        return tuple(sorted(self._late.get(unit_id, ()), key=lambda fact: fact.position))

    def open_items(self, unit_id: str, month: Month) -> tuple[OpenSince, ...]:
        """Items of watched accounts that are open now and were open at the end of a month."""
        closed = self.closing(unit_id)
        found = (
            OpenSince(
                account=account,
                key=key,
                amount=natural(account, amount),
                since=closing.book_month_at(closed, position, day),
            )
            for account in sorted(WATCHED)
            for key, (amount, position, day) in sorted(self._open.get((unit_id, account), {}).items())
        )
        return tuple(item for item in found if item.since <= month)


def unit_month(
    unit_id: UnitId, month: Month, position: int, sums: Mapping[tuple[Month, str], Sequence[Dong]]
) -> UnitMonth:
    """A month of the sums of debits and credits by book month and account."""
    trial: dict[str, _Turnover] = {}
    opening: dict[str, Dong] = defaultdict(int)
    turned: dict[str, tuple[Dong, Dong]] = {}
    for (booked, account), (debits, credits) in sums.items():
        total = trial.setdefault(account, [0, 0])
        total[0] += debits
        total[1] += credits
        if booked < month:
            opening[account] += debits - credits
        elif booked == month:
            turned[account] = (debits, credits)
    lines = tuple(
        MonthLine(
            account=account,
            opening=opening[account],
            debits=turned.get(account, (0, 0))[0],
            credits=turned.get(account, (0, 0))[1],
            closing=opening[account] + turned.get(account, (0, 0))[0] - turned.get(account, (0, 0))[1],
        )
        for account in sorted({*opening, *turned})
        if opening[account] or any(turned.get(account, ()))
    )
    return UnitMonth(
        unit_id=unit_id,
        month=month,
        position=position,
        trial=tuple((code, trial[code][0], trial[code][1]) for code in sorted(trial) if any(trial[code])),
        lines=lines,
    )
