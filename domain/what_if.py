"""What a change of policy would do: obligations of a period under two policies, summed by category, unit and level.

Nothing is decided here and nothing recorded. A month that was assessed counts on the one side as it stands in the
ledger and on the other as the changed policy would have it; a month to come is projected from the present roll.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from domain.errors import RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong, split_by_share
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy import Policy, share_for
from domain.reckoner import Case, Reckoner


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One obligation to replay.

    ``recorded`` is what stands in the ledger for it (due, đồng), None where nothing does; ``case_before`` is the case
    as the policy before sees it where the two take different bases, None where it is the same.
    """

    unit_id: UnitId
    month: Month
    case: Case
    case_before: Case | None = None
    recorded: Dong | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Obligations, members touched (those for whom at least one month differs), and the sums on both sides; đồng."""

    obligations: int = 0
    members: int = 0
    touched: int = 0
    before: Dong = 0
    after: Dong = 0

    @property
    def difference(self) -> Dong:
        """What the change would bring (negative: cost)."""
        return self.after - self.before


@dataclass(slots=True)
class _Sum:
    """An effect while it is being summed; a member counts once however many months there are."""

    obligations: int = 0
    members: int = 0
    touched: int = 0
    before: Dong = 0
    after: Dong = 0

    def frozen(self) -> Effect:
        return Effect(
            obligations=self.obligations,
            members=self.members,
            touched=self.touched,
            before=self.before,
            after=self.after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay's sums. ``by_unit`` is per cell; ``assessed`` is (before, after) per cell and month, for the levels.

    ``refused`` counts obligations that one side or both could not reckon, by the refusal's code; they stand in no sum.
    """

    total: Effect
    by_category: Mapping[str, Effect]
    by_unit: Mapping[UnitId, Effect]
    assessed: Mapping[tuple[UnitId, Month], tuple[Dong, Dong]]
    refused: Mapping[RefusalCode, int]
    recorded: int
    projected: int


@dataclass(slots=True)
class _Tally:
    total: _Sum = field(default_factory=_Sum)
    categories: dict[str, _Sum] = field(default_factory=dict)
    units: dict[UnitId, _Sum] = field(default_factory=dict)
    assessed: dict[tuple[UnitId, Month], list[Dong]] = field(default_factory=dict)
    refused: Counter[RefusalCode] = field(default_factory=Counter)
    recorded: int = 0


def replay(members: Iterable[tuple[MemberId, tuple[Line, ...]]], before: Reckoner, after: Reckoner) -> Replayed:
    """Reckon every member's lines on both sides. Members come one by one, so that any number fits in memory."""
    tally = _Tally()
    for _, lines in members:
        _take(tally, lines, before, after)
    return Replayed(
        total=tally.total.frozen(),
        by_category={name: tally.categories[name].frozen() for name in sorted(tally.categories)},
        by_unit={unit: found.frozen() for unit, found in tally.units.items()},
        assessed={key: (pair[0], pair[1]) for key, pair in tally.assessed.items()},
        refused=dict(sorted(tally.refused.items())),
        recorded=tally.recorded,
        projected=tally.total.obligations - tally.recorded,
    )


def _take(tally: _Tally, lines: tuple[Line, ...], before: Reckoner, after: Reckoner) -> None:
    """One member's months; whoever has several categories or cells counts once in each and once in the total."""
    seen: dict[int, bool] = {}
    sums: dict[int, _Sum] = {}
    for line in lines:
        new = after.due(line.month, line.case)
        old = None if line.recorded is not None else before.due(line.month, line.case_before or line.case)
        refused = new.refused or (None if old is None else old.refused)
        if refused is not None:
            tally.refused[refused] += 1
            continue
        was = line.recorded if old is None else old.due
        assert was is not None
        tally.recorded += old is None
        category = line.case.category or ""
        of_category = tally.categories.get(category)
        if of_category is None:
            of_category = tally.categories[category] = _Sum()
        of_unit = tally.units.get(line.unit_id)
        if of_unit is None:
            of_unit = tally.units[line.unit_id] = _Sum()
        differs = was != new.due
        for found in (tally.total, of_category, of_unit):
            found.obligations += 1
            found.before += was
            found.after += new.due
            key = id(found)
            sums[key] = found
            seen[key] = seen.get(key, False) or differs
        pair = tally.assessed.setdefault((line.unit_id, line.month), [0, 0])
        pair[0] += was
        pair[1] += new.due
    for key, found in sums.items():
        found.members += 1
        found.touched += seen[key]


# --- Units above, and levels ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit as far as the roll-up needs it; units come superiors before subordinates."""

    unit_id: UnitId
    kind: UnitKind
    parent_id: UnitId | None


def rolled_up(places: Iterable[Place], by_unit: Mapping[UnitId, Effect]) -> dict[UnitId, Effect]:
    """Each unit with everything beneath it. A member who belongs to two cells of a unit counts in it twice."""
    places = tuple(places)
    found = {place.unit_id: by_unit.get(place.unit_id, Effect()) for place in places}
    for place in reversed(places):
        if place.parent_id in found:
            own, above = found[place.unit_id], found[place.parent_id]
            found[place.parent_id] = replace(
                above,
                obligations=above.obligations + own.obligations,
                members=above.members + own.members,
                touched=above.touched + own.touched,
                before=above.before + own.before,
                after=above.after + own.after,
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEffect:
    """What the units of one kind would keep if everything due were collected; đồng.

    ``held`` is what stays unallocated («chưa phân bổ») because no share is in force there; it goes nowhere.
    """

    kind: UnitKind
    units: int
    kept_before: Dong = 0
    kept_after: Dong = 0
    held_before: Dong = 0
    held_after: Dong = 0


def levels(
    places: Iterable[Place],
    assessed: Mapping[tuple[UnitId, Month], tuple[Dong, Dong]],
    before: Policy,
    after: Policy,
) -> tuple[LevelEffect, ...]:
    """What each level keeps under the shares of both policies, month by month from the cells up (I11, I15).

    What the top of the given units passes up goes to no unit here. All of it is split by month, also where a unit
    reports by quarter, so a unit's figure may differ from its report by the rounding of two months.
    """
    places = tuple(places)
    sums: dict[UnitKind, list[Dong]] = {}
    for side, policy in enumerate((before, after)):
        for month in sorted({month for _, month in assessed}):
            incoming = {unit: pair[side] for (unit, when), pair in assessed.items() if when == month}
            shares = {kind: share_for(policy, kind, month) for kind in {place.kind for place in places}}
            for place in reversed(places):
                money = incoming.get(place.unit_id, 0)
                kept = sums.setdefault(place.kind, [0, 0, 0, 0])
                share = shares[place.kind]
                if share is None or share.retain_bp is None:
                    kept[2 + side] += money
                    continue
                split = split_by_share(money, share.retain_bp)
                kept[side] += split.kept
                if place.parent_id is not None:
                    incoming[place.parent_id] = incoming.get(place.parent_id, 0) + split.passed_up
    counts = Counter(place.kind for place in places)
    return tuple(_level(kind, counts[kind], found) for kind, found in _bottom_up(places, sums))


def _level(kind: UnitKind, units: int, found: list[Dong]) -> LevelEffect:
    return LevelEffect(
        kind=kind,
        units=units,
        kept_before=found[0],
        kept_after=found[1],
        held_before=found[2],
        held_after=found[3],
    )


def _bottom_up(places: tuple[Place, ...], sums: Mapping[UnitKind, list[Dong]]) -> Iterator[tuple[UnitKind, list[Dong]]]:
    """Kinds with something in them, the lowest first."""
    for kind in dict.fromkeys(place.kind for place in reversed(places)):
        if kind in sums:
            yield kind, sums[kind]
