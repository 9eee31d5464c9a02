"""Every event told in one plain Vietnamese sentence: when, who, what, by which document, why.

People are named by their ids alone; whoever may see names adds them from the vault. Amounts are grouped with dots.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from domain.period import VIETNAM
from ledger.store import Recorded
from projections.clauses.between import BETWEEN
from projections.clauses.books import BOOKS
from projections.clauses.closing import CLOSING
from projections.clauses.dues import DUES
from projections.clauses.members import MEMBERS
from projections.clauses.money import MONEY
from projections.clauses.past import PAST
from projections.clauses.relief import RELIEF
from projections.clauses.settlements import SETTLEMENTS
from projections.clauses.spending import SPENDING
from projections.clauses.tree import TREE
from projections.phrases import ROLES, SERVICES, UNIT_CLOSES, UNIT_OPENS

#: One clause for each type of event; it goes on from "<who> …".
CLAUSES: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        **BETWEEN,
        **BOOKS,
        **CLOSING,
        **DUES,
        **MEMBERS,
        **MONEY,
        **SETTLEMENTS,
        **PAST,
        **RELIEF,
        **SPENDING,
        **TREE,
    }
)


_UNIT = re.compile(f"{UNIT_OPENS}([^{UNIT_CLOSES}]*){UNIT_CLOSES}")


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """The sentence with the units' names in it; a unit without a known name stays as its id."""
    return _UNIT.sub(lambda found: names.get(found[1], found[1]), sentence)


def who(actor: str, role: str) -> str:
    """Who acted: the office and the id of its holder, or the program."""
    if actor in SERVICES:
        return SERVICES[actor]
    return f"{ROLES.get(role, role)} {actor}".strip()


def when(instant: datetime) -> str:
    """A moment in Vietnamese time."""
    return f"{instant.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def clause(event: object) -> str:
    """What happened, without who and when; for an event without a clause of its own, its name and nothing made up."""
    made = CLAUSES.get(type(event))
    return made(event) if made is not None else f"ghi sự kiện {type(event).__name__}"


def tell(recorded: Recorded) -> str:
    """The whole sentence; units stand in it as marked ids (see ``with_names``)."""
    meta = recorded.meta
    told = clause(recorded.event)
    document = f"; văn bản: {meta.document}" if meta.document and meta.document not in told else ""
    reason = f"; lý do: {meta.reason}" if meta.reason and meta.reason not in told else ""
    return f"{when(recorded.recorded_at)}, {who(meta.actor, meta.role)} {told}{document}{reason}."
