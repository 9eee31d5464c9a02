"""The closing page: what each unit and level collected, kept, sent and still holds, and whether everything adds up.

Sums of the journal and nothing else; the figures are those of the position the journal stands at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.organisation_kinds import KIND_TITLES, UnitKind
from ledger.chart import ASSETS, OWED
from ledger.reports import Overview, OverviewLine, TrialBalance
from projections.journal import LINES
from projections.table import fetch
from projections.trial_balance import consolidated, known_at
from projections.units import TreeUnit, subtree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    unit: str
    account: str
    key: str
    event: str
    debits: int
    credits: int


class _Books:
    """Sums of one unit by account, event and, where it matters, key."""

    def __init__(self) -> None:
        self.balances: dict[str, int] = defaultdict(int)
        self.debits: dict[tuple[str, str, str], int] = defaultdict(int)
        self.credits: dict[tuple[str, str, str], int] = defaultdict(int)

    def add(self, found: _Sum) -> None:
        self.balances[found.account] += found.debits - found.credits
        self.debits[found.account, found.event, found.key] += found.debits
        self.credits[found.account, found.event, found.key] += found.credits

    def balance(self, account: str) -> int:
        """Debits less credits."""
        return self.balances[account]

    def dr(self, account: str, *events: str, key: str = "") -> int:
        """Debits of an account by events of these names."""
        return sum(self.debits[account, event, key] for event in events)

    def cr(self, account: str, *events: str, key: str = "") -> int:
        """Credits of an account by events of these names."""
        return sum(self.credits[account, event, key] for event in events)

    def cr_all(self, account: str, key: str = "") -> int:
        """All credits of an account and key."""
        return sum(amount for (a, _, k), amount in self.credits.items() if (a, k) == (account, key))


def overview(conn: Connection[Any], root: str) -> Overview:
    """The figures of a unit and everything beneath it that keeps its books here; đồng."""
    # What ended units collected, kept and sent is part of the figures, under the unit that keeps their books.
    tree = [unit for unit in subtree(conn, root, ended=True) if unit.has_books]
    books: dict[str, _Books] = {unit.unit_id: _Books() for unit in tree}
    for found in _sums(conn, list(books)):
        books[found.unit].add(found)
    units = tuple(_unit_line(unit, books[unit.unit_id]) for unit in tree)
    levels = tuple(_together(title, kind, depth, lines) for (depth, kind, title), lines in _by_level(units))
    whole = consolidated(conn, list(books))
    return Overview(
        root=root,
        position=known_at(conn),
        recorded_at=_recorded_at(conn),
        total=_whole(units, whole),
        levels=levels,
        units=units,
        out_by=whole.out_by("money"),
    )


def _sums(conn: Connection[Any], units: Sequence[str]) -> tuple[_Sum, ...]:
    return fetch(
        conn,
        _Sum,
        "SELECT unit, account, CASE WHEN account = '3310' THEN key ELSE '' END AS k, event,"
        " coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,"
        " coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint"
        f" FROM {LINES.serving} WHERE unit = ANY(%s) GROUP BY unit, account, k, event",
        (list(units),),
    )


def _recorded_at(conn: Connection[Any]) -> datetime | None:
    """When the newest line was recorded."""
    with conn.cursor(row_factory=tuple_row) as curs:
        statement = f"SELECT recorded_at FROM {LINES.serving} ORDER BY position DESC LIMIT 1"
        row = curs.execute(statement.encode()).fetchone()
    return None if row is None else row[0]


#: By these a period is split: in its time, or when its share came late.
_SPLIT = ("period-declared", "held-period-allocated")


def _unit_line(unit: TreeUnit, b: _Books) -> OverviewLine:
    taken_back = b.cr("3365", "declaration-restated", "unsplit-reduced")
    # Money on account goes up when it is sent; what it answers for later is no second sending.
    sent = b.dr("1150", "remittance-sent") - b.cr("1150", "sending-corrected", "remittance-returned")
    settled = b.dr("3360", "settled-from-held")
    arrived = b.cr("1150", "remittance-received", "interim-received")
    return OverviewLine(
        title=unit.name,
        kind=unit.kind,
        depth=unit.depth,
        units=1,
        assessed=b.dr("0110", "dues-assessed"),
        relieved=b.balance("0120"),
        arrears=b.balance("0110"),
        collected=b.cr_all("3310", "own") - b.cr("3310", "declaration-corrected", key="own"),
        refunded=b.dr("3310", "refund-taken-from-unsplit", key="own") + b.cr("3370", "declaration-restated"),
        from_below=b.cr_all("3310", "sub") - taken_back,
        kept=b.cr("4310", *_SPLIT) - b.dr("4310", "declaration-restated", "declaration-corrected"),
        payable=b.cr("3360", *_SPLIT) - b.dr("3360", "declaration-corrected"),
        claw_back=b.dr("1380", "declaration-restated"),
        sent=sent + settled,
        netted=b.dr("3360", "claw-back-netted"),
        received=arrived + settled,
        under_way=b.balance("1150"),
        still_payable=-b.balance("3360"),
        unsplit=-b.balance("3310"),
        suspense=-b.balance("3380"),
        credit=-b.balance("3340"),
        to_refund=-b.balance("3370"),
        money=sum(b.balance(account) for account in ASSETS),
        owed_to_others=-sum(b.balance(account) for account in OWED) - b.balance("1380"),
        fund=-b.balance("4310") - b.balance("4320") - b.balance("6310"),
    )


def _by_level(units: Iterable[OverviewLine]) -> list[tuple[tuple[int, str, str], list[OverviewLine]]]:
    """Lines by depth and kind, from the top down."""
    found: dict[tuple[int, str], list[OverviewLine]] = defaultdict(list)
    for line in units:
        found[line.depth, line.kind].append(line)
    return [((depth, kind, KIND_TITLES[UnitKind(kind)]), lines) for (depth, kind), lines in sorted(found.items())]


def _whole(units: Sequence[OverviewLine], group: TrialBalance) -> OverviewLine:
    """The sum of all units, but each đồng counted where it lies, not a second time where it is held for someone."""
    money = sum(group.balance(account) for account in ASSETS)
    # Without the mirrors, what subordinates declared and have not paid stands in 3350 instead of their 3360 (A5).
    owed = -sum(group.balance(account) for account in (*OWED, "3350")) - group.balance("1380")
    return replace(_together("Toàn bộ", "", -1, units), money=money, owed_to_others=owed)


_TEXTS = frozenset({"title", "kind", "depth"})


def _together(title: str, kind: str, depth: int, lines: Sequence[OverviewLine]) -> OverviewLine:
    """The sum of lines, figure by figure."""
    sums = {f.name: sum(getattr(line, f.name) for line in lines) for f in fields(OverviewLine) if f.name not in _TEXTS}
    return OverviewLine(title=title, kind=kind, depth=depth, **sums)
