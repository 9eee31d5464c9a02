"""One unit's books by month from the journal's table, equal to the fold (``ledger.month_books.MonthBooks``).

Each line of the journal carries its position and its day, and a unit's closes are few. From these three follows the
book month of every line, so any earlier position can be asked for and nothing is kept.
"""

from collections.abc import Callable
from datetime import date
from itertools import accumulate
from typing import Any, cast

from domain import closing
from domain.closing import Closing, ClosingEvent
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Month, first_day, shift
from ledger.chart import natural
from ledger.month_books import WATCHED, LateFact, OpenSince, UnitMonth, unit_month
from ledger.ports import EventReader
from projections.journal import LINES

#: Runs a statement and returns its rows.
Rows = Callable[[str, tuple[Any, ...]], list[Any]]

#: Which of a unit's turns a line stands after: 0 before the first, else its number. Parameter: first position of each.
_TURN = "width_bucket(position, %s::bigint[])"

_FIGURES = f"""
SELECT {_TURN} AS turn, occurred_on, account,
  coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,
  coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint
FROM {LINES.serving} WHERE unit = %s AND position <= %s GROUP BY turn, occurred_on, account
"""

_LATE = f"""
SELECT position, turn, occurred_on, event, stream,
  coalesce(sum(amount) FILTER (WHERE amount > 0 AND book = 'money'), sum(amount) FILTER (WHERE amount > 0), 0)::bigint
FROM (SELECT *, {_TURN} AS turn FROM {LINES.serving} WHERE unit = %s AND position <= %s) AS j
WHERE occurred_on < (%s::date[])[turn]
GROUP BY position, turn, occurred_on, event, stream ORDER BY position
"""

#: The line that opened an item is the last one that found it at zero.
_OPEN = f"""
SELECT DISTINCT ON (account, key) account, key, total, position, occurred_on FROM (
  SELECT account, key, position, entry_no, occurred_on, amount,
    (sum(amount) OVER (PARTITION BY account, key))::bigint AS total,
    sum(amount) OVER (PARTITION BY account, key ORDER BY position, entry_no) - amount AS before
  FROM {LINES.serving} WHERE unit = %s AND account = ANY(%s) AND position <= %s
) AS j WHERE total <> 0 AND before = 0 ORDER BY account, key, position DESC, entry_no DESC
"""


class SqlMonths:
    """Answers as of one position; the journal's table has reached it."""

    def __init__(self, rows: Rows, reader: EventReader, position: int) -> None:
        self.position = position
        self._rows = rows
        self._reader = reader

    def closing(self, unit_id: str) -> Closing:
        """Which months of the unit were closed at the position."""
        state = closing.OPEN
        for recorded in self._reader.read_streams([closing.stream(UnitId(unit_id))], until=self.position):
            state = closing.evolve(state, cast(ClosingEvent, recorded.event))
        return state

    def figures(self, unit_id: UnitId, month: Month) -> UnitMonth:
        """The unit's month and trial balance."""
        state = self.closing(unit_id)
        sums: dict[tuple[Month, str], list[Dong]] = {}
        for turn, day, account, debits, credits in self._rows(_FIGURES, (_firsts(state), unit_id, self.position)):
            turnover = sums.setdefault((closing.book_month(_through(state, turn), day), account), [0, 0])
            turnover[0] += debits
            turnover[1] += credits
        return unit_month(unit_id, month, self.position, sums)

    def late(self, unit_id: str) -> tuple[LateFact, ...]:
        """Facts of closed months that were booked in a later one, in the order of the log."""
        state = self.closing(unit_id)
        open_from = [_open_from(through) for _, through in state.turns]
        rows = self._rows(_LATE, (_firsts(state), unit_id, self.position, open_from))
        return tuple(
            LateFact(
                unit_id=UnitId(unit_id),
                position=position,
                event=event,
                stream=stream,
                occurred_on=day,
                month=closing.book_month(_through(state, turn), day),
                amount=amount,
            )
            for position, turn, day, event, stream, amount in rows
        )

    def open_items(self, unit_id: str, month: Month) -> tuple[OpenSince, ...]:
        """Items of watched accounts that are open and were open at the end of a month."""
        state = self.closing(unit_id)
        found = (
            OpenSince(
                account=account,
                key=key,
                amount=natural(account, total),
                since=closing.book_month_at(state, position, day),
            )
            for account, key, total, position, day in self._rows(_OPEN, (unit_id, sorted(WATCHED), self.position))
        )
        return tuple(item for item in found if item.since <= month)


def _firsts(state: Closing) -> list[int]:
    """The first position that each turn holds for; never falling, as ``closing.through_at`` reads them."""
    return list(accumulate((since + 1 for since, _ in state.turns), max))


def _through(state: Closing, turn: int) -> Month | None:
    return state.turns[turn - 1][1] if turn else None


def _open_from(through: Month | None) -> date | None:
    """The first day that was open; None where all were."""
    return None if through is None else first_day(shift(through, 1))
