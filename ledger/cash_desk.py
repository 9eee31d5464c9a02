"""Cash leaves a unit's hand by one door: every decision that hands it out writes to the unit's own cash stream.

Bags, pay-outs, remittances in cash and spending are decided on different streams, in different processes. Whoever
hands out cash reads this stream first and the book after it, and adds to the stream: two decisions at the same instant
then clash at the append, and the loser is decided again on what is left.
"""

from datetime import date

from domain import cash
from domain.cash import CashDrawn
from domain.identifiers import UnitId
from domain.money import Dong
from ledger.work import Work


def in_hand(work: Work, unit_id: UnitId) -> Dong:
    """Cash in the unit's hand (1110), as of a moment not before its cash stream was read; đồng."""
    work.cash(unit_id)
    # After the stream, never before: a bag taken in between would still look like cash in hand.
    work.books.catch_up()
    return work.balance(unit_id, "1110")


def draw(work: Work, unit_id: UnitId, amount: Dong, *, what: str, case_id: str, on: date) -> None:
    """Hand out cash for a decision of another room, or refuse ``cash-not-in-hand``."""
    there = in_hand(work, unit_id)
    asked = CashDrawn(unit_id=unit_id, what=what, case_id=case_id, amount=amount, drawn_on=on)
    work.record(cash.stream(unit_id), cash.draw(asked, in_hand=there))
