"""What an import of a bank's file tells."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What became of one account's statement, of some days of a long one, or of one account's advice of credits."""

    account_id: str
    from_date: str
    to_date: str
    lines: int
    answer: dict[str, Any]
    replayed: bool = False  #: the same file was imported before; the answer is the one given then


def shown(report: StatementReport) -> dict[str, Any]:
    """The report as people and programs read it."""
    return {
        "account": report.account_id,
        "from": report.from_date,
        "to": report.to_date,
        "lines": report.lines,
        **report.answer,
    }
