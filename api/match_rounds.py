"""The matching rules' own rounds in the worker: after imports, never for a single message.

A message that comes in is taken in and answered without any rule; when a statement has come since the last round, the
rules look once at everything that waits in its unit.
"""

from datetime import datetime
from typing import Any

from api.flows.after_import import match_after
from api.wiring import Installation
from domain import organisation
from domain.bank_account import StatementImported
from domain.identifiers import UnitId

_BATCH = 500


class MatchRounds:
    """Remembers up to where the log was looked at; what lies before the start was somebody else's to match."""

    def __init__(self, inst: Installation) -> None:
        self._inst = inst
        self._position: int | None = None

    def once(self, now: datetime) -> dict[str, Any] | None:
        """One round; None when no statement has come since the last one."""
        if self._position is None:
            self._position = self._inst.store.head()
            return None
        units: dict[UnitId, None] = {}
        org = self._inst.ledger.work().organisation
        position = self._position
        while found := self._inst.store.read(position, _BATCH, ("statement-imported",)):
            for one in found:
                if isinstance(one.event, StatementImported) and one.event.lines:
                    units[organisation.owner(org, one.event.unit_id)] = None
            position = found[-1].position
        told = match_after(self._inst, at=now, units=units)
        # Only now: a round that failed is made again.
        self._position = position
        return told
