"""Money that one unit took for a month in another unit's books: shown to both, so that nobody looks for it in vain."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from ledger.reports import PaidElsewhere
from projections.member_statement import ENTRY_ROWS, MONTH_ROWS
from projections.payments import PAYMENT_ROWS
from projections.table import fetch


def paid_elsewhere(conn: Connection[Any], units: Sequence[str]) -> tuple[PaidElsewhere, ...]:
    """Applications of money taken by a unit to a month of another, where one of the two is among these units."""
    return fetch(
        conn,
        PaidElsewhere,
        "SELECT e.position, e.member_id, e.month, e.amount, e.payment_id, p.paid_on, p.unit, m.unit"
        f" FROM {ENTRY_ROWS.serving} e JOIN {PAYMENT_ROWS.serving} p ON p.payment_id = e.payment_id"
        f" JOIN {MONTH_ROWS.serving} m ON m.member_id = e.member_id AND m.month = e.month"
        " WHERE e.what = 'paid' AND p.unit <> m.unit AND (p.unit = ANY(%s) OR m.unit = ANY(%s)) ORDER BY e.position",
        (list(units), list(units)),
    )
