"""What moved in the books of units that hand over, after somebody had signed for them.

A signature binds no figure: facts go on arriving until the act is carried out, and what goes over is what the books
hold then. So the answer names the difference, that both sides see it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.events import DomainEvent
from domain.identifiers import UnitId
from domain.money import Dong
from ledger.chart import CHART, natural
from ledger.posting import entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMovement:
    """How much a unit's account of the money book grew (below nought: shrank) on its natural side; đồng."""

    unit: UnitId
    account: str
    name: str
    amount: Dong


def late_movements(events: Iterable[DomainEvent], units: Iterable[UnitId]) -> tuple[LateMovement, ...]:
    """The net movements of these units in the money book by account, those that come to nothing left out."""
    wanted = frozenset(units)
    sums: dict[tuple[str, str], Dong] = defaultdict(int)
    for line in _lines(events):
        if line[0] in wanted:
            sums[line[0], line[1]] += line[2]
    return tuple(
        LateMovement(unit=UnitId(unit), account=account, name=CHART[account].name, amount=natural(account, amount))
        for (unit, account), amount in sorted(sums.items())
        if amount
    )


def _lines(events: Iterable[DomainEvent]) -> Iterator[tuple[str, str, Dong]]:
    """Unit, account and amount of each line of the money book."""
    for event in events:
        for line in entry(event):
            if not line.account.startswith("0"):
                yield line.unit, line.account, line.amount
