"""What a month's close puts its digests on: reports made from the unit's figures alone, so that they can be made again.

A report is a pure function from ``UnitMonth`` to plain values. Its digest is the sha256 of their canonical JSON: keys
sorted, no spaces, UTF-8. Books that belong to a month's close add a line to ``REPORTS``; a name once used stays, since
old closes cite it.
"""

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from domain.closing import ReportDigest
from ledger.month_books import UnitMonth

#: Makes one report's plain values.
Report = Callable[[UnitMonth], object]


def trial_balance(figures: UnitMonth) -> object:
    """Every account's debits and credits over all months up to the position."""
    return {"unit": figures.unit_id, "position": figures.position, "accounts": figures.trial}


def month_figures(figures: UnitMonth) -> object:
    """Every account's opening, turnover and closing of the month (S01-TCĐ and the other books are sums of these)."""
    return {
        "unit": figures.unit_id,
        "month": figures.month,
        "position": figures.position,
        "accounts": [(x.account, x.opening, x.debits, x.credits, x.closing) for x in figures.lines],
    }


#: Name of the report, as the close cites it, and what makes it.
REPORTS: Mapping[str, Report] = {
    "trial-balance": trial_balance,
    "month-figures": month_figures,
}


def canonical(report: str, figures: UnitMonth) -> bytes:
    """The bytes that a report's digest is of; KeyError for a report that this release does not know."""
    return msgspec.json.encode(REPORTS[report](figures), order="sorted")


def digests(figures: UnitMonth) -> tuple[ReportDigest, ...]:
    """The digest of every report of the month."""
    return tuple(
        ReportDigest(report=name, sha256=hashlib.sha256(canonical(name, figures)).hexdigest()) for name in REPORTS
    )
