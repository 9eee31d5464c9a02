"""Who still owes what for which month, with its age; read from the members' months, no table of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from domain.period import Month, last_day
from ledger.reports import Arrear
from projections.member_statement import MONTH_ROWS
from projections.table import select


def arrears(
    conn: Connection[Any], units: Sequence[str], on: date, *, until_month: str | None = None
) -> tuple[Arrear, ...]:
    """Open member-months of these units, oldest month first; ``until_month`` leaves later months out.

    A month that has been assessed and is not over counts as open too; its age is negative.
    """
    rows = select(
        conn,
        MONTH_ROWS,
        "WHERE unit = ANY(%s) AND assessed - relieved - applied > 0 AND (%s::text IS NULL OR month <= %s)"
        " ORDER BY month, unit, member_id",
        (list(units), until_month, until_month),
    )
    return tuple(
        Arrear(
            member_id=row.member_id,
            unit=row.unit,
            month=row.month,
            assessed=row.assessed,
            relieved=row.relieved,
            applied=row.applied,
            open=row.open,
            is_opening=row.is_opening,
            age_days=(on - last_day(Month(row.month))).days,
        )
        for row in rows
    )
