"""Reckoning many obligations under one policy, equal cases once; and policies as they would be.

A province's year is two million obligations but only some hundred thousand different cases: the same category, base,
region and relief under the same rows gives the same amount, whoever the member is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.assessment import Relief, assess
from domain.errors import Refusal, RefusalCode
from domain.money import Dong
from domain.period import Month, shift
from domain.policy import Policy
from domain.policy_rows import (
    NO_ROWS,
    CapRow,
    PolicyRow,
    PolicyRows,
    RateRow,
    ReliefRow,
    RoundingRow,
    SettingRow,
    ShareRow,
    WageRow,
    covers,
    span,
)
from domain.set_amount import SetAmount

Row = TypeVar("Row", RateRow, WageRow, CapRow, ReliefRow, RoundingRow, ShareRow, SettingRow)

#: Different cases remembered at a time; beyond that the memory starts afresh, so that it stays bounded.
REMEMBERED = 400_000

#: Before any month of any policy.
_ALWAYS = Month("0000-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What an amount depends on, apart from the policy; ``base_month`` only where it is not the usual month."""

    category: str | None
    base: Dong | None = None
    base_month: Month | None = None
    region: str | None = None
    relief: str | None = None
    percent: int = 0
    set_amount: SetAmount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What a case comes to in đồng (``gross`` before relief), or the code of the refusal that says why it does not."""

    due: Dong = 0
    gross: Dong = 0
    refused: RefusalCode | None = None


_UNCLASSIFIED = Amount(refused=RefusalCode.NOT_CLASSIFIED)


class Reckoner:
    """One policy's answers for some months. Every answer comes from ``assess``, once for each different case."""

    def __init__(self, policy: Policy, months: Iterable[Month]) -> None:
        self.policy = policy
        self._same_as = _first_of_kind(policy.active, tuple(months))
        self._known: dict[tuple[object, ...], Amount] = {}
        #: How many cases were really reckoned, for measurements.
        self.reckoned = 0

    def due(self, month: Month, case: Case) -> Amount:
        """The amount of a case in one of the months; a refusal is an answer too."""
        if case.category is None:
            return _UNCLASSIFIED
        # A base of the month itself ties the answer to that month; otherwise months with the same rows are alike.
        like = month if case.base_month is not None else self._same_as[month]
        key = (
            like,
            case.category,
            case.base,
            case.base_month,
            case.region,
            case.relief,
            case.percent,
            case.set_amount,
        )
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._reckon(like, case, case.category)
            if len(self._known) > REMEMBERED:
                self._known.clear()
        return found

    def _reckon(self, month: Month, case: Case, category: str) -> Amount:
        self.reckoned += 1
        try:
            found = assess(
                self.policy,
                month=month,
                category=category,
                base=case.base,
                base_month=case.base_month,
                region=case.region,
                relief=None if case.relief is None else Relief(id=case.relief, percent=case.percent),
                set_amount=case.set_amount,
            )
        except Refusal as refusal:
            return Amount(refused=refusal.code)
        return Amount(due=found.due, gross=found.gross)


def _first_of_kind(rows: PolicyRows, months: tuple[Month, ...]) -> dict[Month, Month]:
    """For each month the first of these months in which the very same rows hold (for caps: of the month before)."""
    counting: tuple[PolicyRow, ...] = (*rows.rates, *rows.wages, *rows.reliefs, *rows.roundings)
    firsts: dict[tuple[object, ...], Month] = {}
    found = {}
    for month in months:
        before = shift(month, -1)
        sign = (
            *(row.id for row in counting if covers(*span(row), month)),
            "|",
            *(row.id for row in rows.caps if covers(*span(row), month)),
            "|",
            *(row.id for row in rows.caps if covers(*span(row), before)),
        )
        found[month] = firsts.setdefault(sign, month)
    return found


def frozen(policy: Policy, month: Month) -> Policy:
    """The policy in which what held in ``month`` holds for ever: the measure of what a change changes."""
    rows = policy.active
    return replace(
        policy,
        active=PolicyRows(
            rates=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.rates, month)),
            wages=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.wages, month)),
            caps=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.caps, month)),
            reliefs=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.reliefs, month)),
            roundings=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.roundings, month)),
            shares=tuple(replace(r, from_period=_ALWAYS, to_period=None) for r in _holding(rows.shares, month)),
            settings=tuple(replace(r, from_month=_ALWAYS, to_month=None) for r in _holding(rows.settings, month)),
        ),
    )


def _holding(rows: tuple[Row, ...], month: Month) -> list[Row]:
    """Rows that hold in a month, the one that governs last, since all of them will start at the same time."""
    return sorted((row for row in rows if covers(*span(row), month)), key=lambda row: span(row)[0])


def with_rows(policy: Policy, rows: PolicyRows) -> Policy:
    """The policy as it would be with these rows in force too, drafts included; nothing is activated."""
    now = policy.active
    return replace(
        policy,
        active=PolicyRows(
            rates=(*now.rates, *rows.rates),
            wages=(*now.wages, *rows.wages),
            caps=(*now.caps, *rows.caps),
            reliefs=(*now.reliefs, *rows.reliefs),
            roundings=(*now.roundings, *rows.roundings),
            shares=(*now.shares, *rows.shares),
            settings=(*now.settings, *rows.settings),
        ),
    )


def only(rows: PolicyRows, ids: frozenset[str]) -> PolicyRows:
    """The rows with these ids."""
    if not ids:
        return NO_ROWS
    return PolicyRows(
        rates=tuple(row for row in rows.rates if row.id in ids),
        wages=tuple(row for row in rows.wages if row.id in ids),
        caps=tuple(row for row in rows.caps if row.id in ids),
        reliefs=tuple(row for row in rows.reliefs if row.id in ids),
        roundings=tuple(row for row in rows.roundings if row.id in ids),
        shares=tuple(row for row in rows.shares if row.id in ids),
        settings=tuple(row for row in rows.settings if row.id in ids),
    )
