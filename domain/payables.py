"""To whom a unit answers for what it declared, after units ended or got another superior.

A declaration names the superior of its day. What was still open went over later (``PayablePassed`` at the old unit,
``PayableInherited`` at the new one); these questions put the three together.
"""

from domain.declaration import Declarations, of_period, payable_now
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Period


def payable_to(state: Declarations, superior_id: UnitId) -> dict[Period, Dong]:
    """What a unit declared to a superior, by period, with what went over to or came from others; zeros left out."""
    sums: dict[Period, Dong] = {}
    for made in state.declared:
        if made.superior_id == superior_id:
            sums[made.period] = sums.get(made.period, 0) + payable_now(state, made)
    for over in state.passed:
        if over.superior_id == superior_id:
            sums[over.period] = sums.get(over.period, 0) - over.amount
    for got in state.inherited:
        if got.superior_id == superior_id:
            sums[got.period] = sums.get(got.period, 0) + got.amount
    return {period: amount for period, amount in sums.items() if amount}


def counted_of(state: Declarations, unit_id: UnitId, period: Period) -> Dong:
    """How much of a subordinate's period already stands in declarations of this unit."""
    key = (unit_id, period)
    return sum(p.amount for made in state.declared for p in made.subordinates if (p.unit_id, p.period) == key)


def answers_to(state: Declarations, period: Period) -> tuple[UnitId, bool] | None:
    """The superior to whom a unit answers for a period now, and whether its books are here; None: nothing declared."""
    for got in reversed(state.inherited):
        if got.period == period:
            return got.superior_id, got.superior_has_books
    made = of_period(state, period)
    return None if made is None else (made.superior_id, made.superior_has_books)
