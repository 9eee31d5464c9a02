"""What follows an import: the matching rules look at what waits, and what they are sure of is posted.

Nothing but the rules' own thresholds decides what is posted; the rest is proposed to people or left. Whoever wants no
rule to run after imports switches it off for the installation (DANGPHI_MATCH_AFTER_IMPORT=0).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from api.flows.match import RunReport, run
from api.flows.statement_report import StatementReport
from api.wiring import Installation
from domain import organisation
from domain.identifiers import AccountId, UnitId


def units_of(inst: Installation, reports: Iterable[StatementReport]) -> tuple[UnitId, ...]:
    """The units whose accounts an import told of something new."""
    org = inst.ledger.work().organisation
    new = [r for r in reports if not r.replayed and (r.answer.get("new_lines") or r.answer.get("notices"))]
    owners = (organisation.owner(org, organisation.account(org, AccountId(r.account_id)).unit_id) for r in new)
    return tuple(dict.fromkeys(owners))


#: After more new lines than this nobody is kept waiting: the worker's next round looks, or "dangphi match run".
MOST_AT_ONCE = 20_000


def match_reports(inst: Installation, *, at: datetime, reports: Sequence[StatementReport]) -> dict[str, Any] | None:
    """As ``match_after`` for what an import brought; ``later`` where that is so much that one would wait."""
    new = sum(int(r.answer.get("new_lines", 0)) for r in reports if not r.replayed)
    if new > MOST_AT_ONCE and inst.settings.match_after_import:
        return {"later": "dangphi match run"}
    return match_after(inst, at=at, units=units_of(inst, reports))


def match_after(inst: Installation, *, at: datetime, units: Iterable[UnitId]) -> dict[str, Any] | None:
    """Let the rules run for these units and what lies beneath; counts of what was posted, proposed and left.

    None where it is switched off or there is nothing new.
    """
    wanted = tuple(units)
    if not wanted or not inst.settings.match_after_import:
        return None
    told = [_told(run(inst, at=at, unit=unit)) for unit in wanted]
    return {key: sum(one[key] for one in told) for key in ("posted", "proposed", "left", "refused")}


def _told(report: RunReport) -> dict[str, int]:
    looked = report.looked
    posted = len(report.accepted)
    return {
        "posted": posted,
        "proposed": len(looked.proposals) - posted - len(report.refused),
        "left": len(looked.unmatched),
        "refused": len(report.refused),
    }
