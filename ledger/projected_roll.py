"""The roll as obligations to replay: what stands in the ledger for past months, the present roll for months to come.

Members are loaded in batches and let go again, so that a province passes through little memory. Nothing is recorded.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

from domain import dues_account, member, member_amount, organisation
from domain.dues_account import DuesAdjusted, DuesAssessed, Reckoning, ReliefRecognised
from domain.identifiers import MemberId, UnitId
from domain.member import Member, MemberEvent
from domain.member_amount import AmountSet
from domain.organisation import Organisation
from domain.period import Month, year_of
from domain.policy import Policy
from domain.policy_rows import BaseKind, in_force
from domain.reckoner import Case
from domain.what_if import Line
from ledger.store import EventStore

#: Members loaded at a time.
BATCH = 2_000

#: The first month under 01-QĐ/TW; before it the category of 342-QĐ/TW counts.
_FIRST_OF_01 = Month("2026-02")


class Roll:
    """Lines to replay for the members of some units over some months, under the policies before and after."""

    def __init__(
        self,
        store: EventStore,
        org: Organisation,
        months: tuple[Month, ...],
        policies: tuple[Policy, Policy],
        units: frozenset[UnitId],
        this_month: Month,
    ) -> None:
        self._store = store
        self._org = org
        self._months = months
        self._policies = policies
        self._units = units
        self._regions: dict[UnitId, str | None] = {}
        self._base_kinds: dict[tuple[int, Month, str], BaseKind | None] = {}
        # What was assessed for a month stands in the account of the year in which the work was done.
        self._years = range(year_of(months[0]), year_of(this_month) + 1)

    def lines(
        self, members: tuple[MemberId, ...], progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[tuple[MemberId, tuple[Line, ...]]]:
        """Each member with their months; ``progress`` is told how many more members are done."""
        for some in batches(members):
            wanted = [member.stream(m) for m in some]
            wanted += [member_amount.stream(m) for m in some]
            wanted += [dues_account.stream(m, year) for m in some for year in self._years]
            loaded = self._store.load_many(wanted)
            for member_id in some:
                state: member.State = member.UNKNOWN
                for event in loaded[member.stream(member_id)][0]:
                    state = member.evolve(state, cast(MemberEvent, event))
                if not isinstance(state, Member):
                    continue
                amounts: member_amount.State = ()
                for event in loaded[member_amount.stream(member_id)][0]:
                    amounts = member_amount.evolve(amounts, cast(AmountSet, event))
                recorded: dict[Month, Line] = {}
                for year in self._years:
                    for event in loaded[dues_account.stream(member_id, year)][0]:
                        _note(recorded, event, amounts)
                yield member_id, tuple(self._of(state, amounts, recorded))
            progress(len(some))

    def _of(self, known: Member, amounts: member_amount.State, recorded: dict[Month, Line]) -> Iterator[Line]:
        for month in self._months:
            found = recorded.get(month) or self._projected(known, amounts, month)
            if found is not None and found.unit_id in self._units:
                yield found

    # --- months to come -----------------------------------------------------------------------------------------

    def _projected(self, known: Member, amounts: member_amount.State, month: Month) -> Line | None:
        """The month as it would be assessed if nothing about the member changed; None where nothing is owed here."""
        unit = member.cell_for(known, month, self._policies[1])
        if unit is None:
            return None
        standing = member.standing_in(known, month)
        category = None if standing is None else standing.category
        if standing is not None and month < _FIRST_OF_01:
            category = standing.category_342 or category
        if category is None:
            return Line(unit_id=unit, month=month, case=Case(category=None))
        relief = member.relief_in(known, month)
        kinds = (self._base_kind(0, month, category), self._base_kind(1, month, category))
        after = self._case(known, unit, month, category, kinds[1], relief)
        before = after if kinds[0] == kinds[1] else self._case(known, unit, month, category, kinds[0], relief)
        told = member_amount.amount_in(amounts, category, month) if amounts else None
        if told is not None and told.is_base:
            before, after = replace(before, base=told.amount), replace(after, base=told.amount)
        elif told is not None:
            chosen = member_amount.as_set_amount(told)
            before, after = replace(before, set_amount=chosen), replace(after, set_amount=chosen)
        return Line(unit_id=unit, month=month, case=after, case_before=None if before == after else before)

    def _case(
        self,
        known: Member,
        unit: UnitId,
        month: Month,
        category: str,
        kind: BaseKind | None,
        relief: member.ReliefGranted | None,
    ) -> Case:
        takes_base = kind is not None and kind not in (BaseKind.NONE, BaseKind.REGIONAL_MINIMUM_WAGE)
        base = member.base_in(known, kind, month) if takes_base and kind is not None else None
        return Case(
            category=category,
            base=None if base is None else base.amount,
            base_month=month if base is not None and kind is BaseKind.SI_SALARY and base.from_month == month else None,
            region=self._region(unit) if kind is BaseKind.REGIONAL_MINIMUM_WAGE else None,
            relief=None if relief is None else relief.relief,
            percent=0 if relief is None else relief.percent,
        )

    def _base_kind(self, side: int, month: Month, category: str) -> BaseKind | None:
        key = (side, month, category)
        if key not in self._base_kinds:
            rates = (row for row in self._policies[side].active.rates if row.category == category)
            row = in_force(rates, month)
            self._base_kinds[key] = None if row is None else row.base_kind
        return self._base_kinds[key]

    def _region(self, unit: UnitId) -> str | None:
        if unit not in self._regions:
            self._regions[unit] = organisation.region_of(self._org, unit)
        return self._regions[unit]


def _note(recorded: dict[Month, Line], event: object, amounts: member_amount.State) -> None:
    """Take an event of a dues account in; only what makes or changes an obligation counts."""
    match event:
        case DuesAssessed():
            recorded[event.month] = _line(event.unit_id, event.month, event, amounts)
        case DuesAdjusted():
            recorded[event.month] = _line(event.unit_id, event.month, event.after, amounts)
        case ReliefRecognised() if event.month in recorded:
            line = recorded[event.month]
            recorded[event.month] = replace(
                line,
                recorded=(line.recorded or 0) - event.amount,
                case=replace(line.case, relief=event.relief, percent=event.percent),
            )


def _line(unit: UnitId, month: Month, told: DuesAssessed | Reckoning, amounts: member_amount.State) -> Line:
    """An obligation as it stands, with the inputs by which another policy can reckon it."""
    kind = told.base_kind
    chosen = member_amount.amount_in(amounts, told.category, month) if amounts and kind == BaseKind.NONE else None
    return Line(
        unit_id=unit,
        month=month,
        recorded=told.due,
        case=Case(
            category=told.category,
            # The wage of a region is looked up again; an income is a fact of the member.
            base=None if told.region is not None else told.base,
            base_month=told.base_month if kind == BaseKind.SI_SALARY and told.base_month == month else None,
            region=told.region,
            relief=told.relief,
            percent=told.relief_percent,
            set_amount=None if chosen is None else member_amount.as_set_amount(chosen),
        ),
    )


def batches(members: tuple[MemberId, ...]) -> Iterator[tuple[MemberId, ...]]:
    """Members in blocks that are loaded together."""
    for first in range(0, len(members), BATCH):
        yield members[first : first + BATCH]
