"""Balances of units by account and analytic key; sums of postings and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from domain.money import Dong
from ledger.chart import natural
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, array_literals


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """Debits less credits of one analytic key, in đồng."""

    unit: str
    account: str
    key: str
    amount: int


BALANCE_ROWS = Table(name="balances", version=1, row=BalanceRow, key=("unit", "account", "key"))


def prepare(batch: Batch) -> list[str]:
    """The sums of the batch's postings by key, in the order of the key, so that the index is walked once."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    p = batch.postings
    for place, amount in zip(zip(p.unit, p.account, p.key, strict=True), p.amount, strict=True):
        sums[place] += amount
    places = sorted(sums)
    return array_literals(BALANCE_ROWS, [*zip(*places, strict=True), [sums[place] for place in places]])


def apply(writer: Writer, batch: Batch) -> None:
    """Add the batch's sums."""
    writer.add(BALANCE_ROWS, batch.prepared["balances"], "amount")


BALANCES = Projection(
    name="balances", version=1, tables=(BALANCE_ROWS,), apply=apply, postings_only=True, prepare=prepare
)


# --- Questions --------------------------------------------------------------------------------------------------


def balances_of(conn: Connection[Any], unit: str, account: str) -> Mapping[str, Dong]:
    """Balances of one account by analytic key, on the natural side, zeros left out."""
    rows = select(conn, BALANCE_ROWS, "WHERE unit = %s AND account = %s AND amount <> 0 ORDER BY key", (unit, account))
    return {row.key: natural(account, row.amount) for row in rows}


def all_balances(conn: Connection[Any], units: Sequence[str]) -> tuple[BalanceRow, ...]:
    """Every balance of these units that is not zero; debits less credits."""
    return select(
        conn, BALANCE_ROWS, "WHERE unit = ANY(%s) AND amount <> 0 ORDER BY unit, account, key", (list(units),)
    )
