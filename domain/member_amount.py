"""Amounts that the law leaves to a decision, per member: the sum, or the foreign sum with its rate.

One stream per member ("set-amount/<member>"), read only for members whose category names a range (342-QĐ/TW tiers,
overseas members). The check against the range stands in ``domain.set_amount``.
"""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.period import Month
from domain.set_amount import ForeignSum, SetAmount


def stream(member_id: MemberId) -> str:
    """The name of a member's stream."""
    return f"set-amount/{member_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountSet:
    """By a named decision a member of this category owes ``amount`` đồng a month for these months (None: open end).

    With ``currency`` the decision named foreign money: ``hundredths`` of its unit at ``rate_e4`` ten-thousandths of a
    đồng a unit, published by ``rate_source`` for ``rate_date``; ``amount`` is the rounded product. For a category that
    takes a percentage of an allowance paid in foreign money, ``amount`` is the allowance itself (``is_base``).
    """

    member_id: MemberId
    unit_id: UnitId
    category: str
    from_month: Month
    to_month: Month | None
    amount: Dong
    is_base: bool
    currency: str | None
    hundredths: int
    rate_e4: int
    rate_source: str | None
    rate_date: date | None
    decision: str
    decided_by: str
    decided_on: date


State = tuple[AmountSet, ...]
NONE: State = ()


def evolve(state: State, event: AmountSet) -> State:
    """Copy one fact into the state."""
    return (*state, event)


def set_amount(state: State, asked: AmountSet) -> tuple[AmountSet, ...]:
    """Record; the same again adds nothing."""
    return () if asked in state else (asked,)


def amount_in(state: State, category: str, month: Month) -> AmountSet | None:
    """The decision that governs a month: of several, the one that starts last, then the one recorded last."""
    rows = [
        row
        for row in state
        if row.category == category and row.from_month <= month and (row.to_month is None or month <= row.to_month)
    ]
    return max(reversed(rows), key=lambda row: row.from_month, default=None)


def as_set_amount(told: AmountSet) -> SetAmount:
    """The decision as the assessment takes it."""
    foreign = None
    if told.currency is not None and told.rate_source is not None and told.rate_date is not None:
        foreign = ForeignSum(
            currency=told.currency,
            hundredths=told.hundredths,
            rate_e4=told.rate_e4,
            rate_source=told.rate_source,
            rate_date=told.rate_date,
        )
    return SetAmount(
        amount=told.amount if foreign is None else None,
        foreign=foreign,
        decision=told.decision,
        decided_on=told.decided_on,
    )
