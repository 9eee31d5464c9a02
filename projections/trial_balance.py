"""Trial balances: of one unit, and of several taken together without what stands between them.

Read from the journal and the balances; no table of its own. Source of the mirrors: accounting §3 and §4 (A2, A5).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.money import Dong
from ledger.chart import CHART, natural
from ledger.reports import OpenItem, TrialBalance, TrialLine
from projections.journal import JOURNAL, LINES
from projections.table import fetch
from projections.units import UNIT_ROWS

#: Accounts that stand for a debt or a deposit between two units; what is inside the group is dropped.
MIRRORS = ("1360", "1380", "1390", "3360", "3365", "3390")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    unit: str
    account: str
    key: str
    debits: int
    credits: int


def trial_balance(
    conn: Connection[Any], unit: str, *, position: int | None = None, on: date | None = None
) -> TrialBalance:
    """One unit's books as known at a position and as true on a day (None: everything)."""
    debits: dict[str, Dong] = defaultdict(int)
    credits: dict[str, Dong] = defaultdict(int)
    for found in _sums(conn, (unit,), position, on):
        debits[found.account] += found.debits
        credits[found.account] += found.credits
    lines = tuple(_line(account, debits[account], credits[account]) for account in CHART if account in debits)
    return TrialBalance(units=(unit,), consolidated=False, position=known_at(conn, position), lines=lines)


def consolidated(
    conn: Connection[Any], units: Sequence[str], *, position: int | None = None, on: date | None = None
) -> TrialBalance:
    """The books of a subtree (or any group) without the mirrors inside it; what is owed to outsiders stays."""
    group = frozenset(units)
    parents = parents_of(conn)
    nets: dict[str, Dong] = defaultdict(int)
    for found in _sums(conn, units, position, on):
        if not is_inside(found.unit, found.account, found.key, group, parents):
            nets[found.account] += found.debits - found.credits
    lines = tuple(
        _line(account, max(nets[account], 0), max(-nets[account], 0), turnover=False)
        for account in CHART
        if account in nets
    )
    return TrialBalance(units=tuple(units), consolidated=True, position=known_at(conn, position), lines=lines)


def is_inside(unit: str, account: str, key: str, group: Collection[str], parents: Mapping[str, str | None]) -> bool:
    """Whether a balance stands between two units of the group.

    The keys of accounting §2 name the other side: the holder (1390), the owner (3390), the subordinate and period
    (1360); what is owed upwards (3360) and due from above (1380) is the superior's; a claw-back owed downwards (3365)
    is owed to a subordinate, which lies in the group with its superior.
    """
    match account:
        case "1390" | "3390":
            return key in group
        case "1360":
            return key.split(":", 1)[0] in group
        case "3360" | "1380":
            return parents.get(unit) in group
        case "3365":
            return any(parents.get(other) == unit for other in group)
    return False


def parents_of(conn: Connection[Any]) -> dict[str, str | None]:
    """Each unit's superior."""
    with conn.cursor(row_factory=tuple_row) as curs:
        return dict(curs.execute(f"SELECT unit_id, parent_id FROM {UNIT_ROWS.serving}".encode()).fetchall())


def _sums(conn: Connection[Any], units: Sequence[str], position: int | None, on: date | None) -> Iterable[_Sum]:
    """Debits and credits of units by account; by key only where a key says whether it is a mirror."""
    return fetch(
        conn,
        _Sum,
        "SELECT unit, account, CASE WHEN account = ANY(%s) THEN key ELSE '' END AS k,"
        " coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,"
        " coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint"
        f" FROM {LINES.serving} WHERE unit = ANY(%s) AND (%s::bigint IS NULL OR position <= %s)"
        " AND (%s::date IS NULL OR occurred_on <= %s) GROUP BY unit, account, k ORDER BY unit, account, k",
        (list(MIRRORS), list(units), position, position, on, on),
    )


def _line(account: str, debits: Dong, credits: Dong, *, turnover: bool = True) -> TrialLine:
    net = debits - credits
    return TrialLine(
        account=account,
        name=CHART[account].name,
        book=CHART[account].book,
        debits=debits if turnover else 0,
        credits=credits if turnover else 0,
        debit_balance=max(net, 0),
        credit_balance=max(-net, 0),
    )


def known_at(conn: Connection[Any], position: int | None = None) -> int:
    """The position asked for, or the one at which the journal stands."""
    if position is not None:
        return position
    with conn.cursor(row_factory=tuple_row) as curs:
        row = curs.execute(
            "SELECT notification_id FROM tracking WHERE application_name = %s", (JOURNAL.reader,)
        ).fetchone()
    return 0 if row is None else int(row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    unit: str
    account: str
    key: str
    amount: int
    since: date
    position: int


def open_items(conn: Connection[Any], units: Sequence[str], on: date) -> tuple[OpenItem, ...]:
    """What must come back to zero and has not, oldest first, with its age on a day (A8)."""
    accounts = [code for code, account in CHART.items() if account.must_reach_zero is not None]
    rows = fetch(
        conn,
        _Open,
        "WITH moved AS (SELECT unit, account, key, position, entry_no, occurred_on, amount,"
        " sum(amount) OVER (PARTITION BY unit, account, key ORDER BY position, entry_no) AS running"
        f" FROM {LINES.serving} WHERE unit = ANY(%s) AND account = ANY(%s)),"
        # Each time a balance comes back to zero a new span begins; only the last span can add up to anything.
        " spans AS (SELECT *, coalesce(sum((running = 0)::int) OVER (PARTITION BY unit, account, key"
        " ORDER BY position, entry_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS span FROM moved)"
        " SELECT unit, account, key, sum(amount)::bigint, min(occurred_on), min(position) FROM spans"
        " GROUP BY unit, account, key, span HAVING sum(amount) <> 0 ORDER BY 5, 1, 2, 3",
        (list(units), accounts),
    )
    return tuple(_open_item(row, on) for row in rows)


def _open_item(row: _Open, on: date) -> OpenItem:
    account = CHART[row.account]
    return OpenItem(
        unit=row.unit,
        account=row.account,
        name=account.name,
        key=row.key,
        amount=natural(row.account, row.amount),
        since=row.since,
        age_days=(on - row.since).days,
        must_reach_zero=account.must_reach_zero or "",
        position=row.position,
    )
