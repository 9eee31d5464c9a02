"""How declarations of a subtree roll up into one report, to the đồng, by the three columns of B01/ĐP.

A unit counts a subordinate's period where its declaration names it: received in full by the cut-off. What such a period
brought is taken from the subordinate's own declaration and so on down, so that what members paid, what every level kept
and what goes up always belong to the same money.

A refund after the split restates old periods at every level at once (accounting §3). It is a negative line in the
period that each unit has open then, and each unit counts it once: where the unit itself was touched by the refund it
stands in the unit's own open period, and is left out of what comes from below.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.declaration import DeclarationRestated, Declared, SubordinatePart
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import WHOLE_BP, Dong, ratio_half_up
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.period_kind import kind_for
from ledger.statutory.tree import NOTHING, Ground, UnitPeriods

#: Columns 1 to 3 of B01/ĐP; the fourth is their sum.
COLUMNS = 3
COMMUNE, ENTERPRISE, OTHER = range(COLUMNS)
#: Lines 05, 06 and 07: kept by cells and sub-committees, by base organisations, by superiors.
CELLS, BASE, SUPERIOR = range(3)

_CELLS = frozenset({UnitKind.CELL, UnitKind.SUBCOMMITTEE, UnitKind.OVERSEAS_CELL})
_BASE = frozenset({UnitKind.BASE_COMMUNE, UnitKind.BASE_OTHER, UnitKind.BASE_CELL})
_COMMUNES = frozenset({UnitKind.BASE_COMMUNE, UnitKind.SUPERIOR_COMMUNE})

Row = list[Dong]


def _row() -> Row:
    return [0] * COLUMNS


@dataclass(slots=True)
class Sums:
    """Figures by column: collected, kept by the three lines, held without a share; đồng."""

    collected: Row = field(default_factory=_row)
    kept: list[Row] = field(default_factory=lambda: [_row() for _ in range(3)])
    unallocated: Row = field(default_factory=_row)

    def add(self, other: "Sums") -> None:
        """Take in another's figures."""
        for c in range(COLUMNS):
            self.collected[c] += other.collected[c]
            self.unallocated[c] += other.unallocated[c]
            for line in range(3):
                self.kept[line][c] += other.kept[line][c]

    def kept_by_all(self) -> Row:
        """Line 04: kept at every level."""
        return [sum(line[c] for line in self.kept) for c in range(COLUMNS)]

    def up(self) -> Row:
        """Line 12: collected less kept less what no share splits yet."""
        kept = self.kept_by_all()
        return [self.collected[c] - kept[c] - self.unallocated[c] for c in range(COLUMNS)]


def line_of(kind: UnitKind) -> int:
    """Under which of lines 05 to 07 a kind of unit keeps its share."""
    return CELLS if kind in _CELLS else BASE if kind in _BASE else SUPERIOR


class RollUp:
    """The declarations of a subtree as of a position, rolled up; ``columns`` are those decided unit by unit."""

    def __init__(self, ground: Ground, periods: Mapping[UnitId, UnitPeriods], columns: Mapping[UnitId, int]) -> None:
        self._ground = ground
        self._periods = periods
        self._columns = dict(columns)
        self._known_columns: dict[UnitId, int] = {}
        self._gross: dict[tuple[UnitId, Period], Sums] = {}
        self._by_refund: dict[str, dict[UnitId, DeclarationRestated]] = defaultdict(dict)
        for unit, told in periods.items():
            for _, event in told.restated:
                self._by_refund[event.refund_id][unit] = event
        self.elsewhere: set[tuple[UnitId, Period]] = set()  #: counted here, declared in another shard

    # --- places -------------------------------------------------------------------------------------------------

    def column(self, unit: UnitId) -> int:
        """The column of a unit: as decided, else that of the base organisation it belongs to."""
        if unit not in self._known_columns:
            self._known_columns[unit] = self._found_column(unit)
        return self._known_columns[unit]

    def _found_column(self, unit: UnitId) -> int:
        units, seen = self._ground.organisation.units, set()
        current: UnitId | None = unit
        while current is not None and current not in seen:
            seen.add(current)
            if current in self._columns:
                return self._columns[current]
            found = units.get(current)
            if found is None:
                return OTHER
            if found.kind not in _CELLS:
                return COMMUNE if found.kind in _COMMUNES else OTHER
            current = found.parent_id
        return OTHER

    def line(self, unit: UnitId, period: Period) -> int:
        """Under which of lines 05 to 07 the unit keeps its share of a period: by the kind it counts as then."""
        ground = self._ground
        if unit not in ground.organisation.first:
            return BASE
        return line_of(kind_for(ground.organisation, ground.policy, unit, period))

    def told(self, unit: UnitId) -> UnitPeriods:
        """What is known of a unit's periods."""
        return self._periods.get(unit, NOTHING)

    # --- one unit's period --------------------------------------------------------------------------------------

    def gross(self, unit: UnitId, made: Declared) -> Sums:
        """A split period as it was declared: what stands below it, its own, and what it kept, by column."""
        known = self._gross.get((unit, made.period))
        if known is None:
            known = self.collected(unit, made.own_collected, made.subordinates)
            base = self.base(unit, known, made.subordinates)
            if sum(base) != made.collected:
                raise _broken(unit, made.period, "cấp dưới cộng lại", sum(base), "kê khai đã thu", made.collected)
            parts = _shared(base, made.retain_bp)
            if sum(parts) != made.kept:
                raise _broken(unit, made.period, "phần giữ lại theo cột", sum(parts), "kê khai giữ lại", made.kept)
            line = known.kept[self.line(unit, made.period)]
            for c in range(COLUMNS):
                line[c] += parts[c]
            self._gross[unit, made.period] = known
        return known

    def collected(self, unit: UnitId, own: Dong, parts: tuple[SubordinatePart, ...]) -> Sums:
        """What a unit collected itself and what came from below with all that was kept there."""
        sums = Sums()
        sums.collected[self.column(unit)] += own
        for part in parts:
            sums.add(self.from_below(part, unit))
        return sums

    def base(self, unit: UnitId, sums: Sums, parts: tuple[SubordinatePart, ...]) -> Row:
        """What the unit's share is taken of: what came up, less what refunds took out of it before the split."""
        base = sums.up()
        counted = {(part.unit_id, part.period) for part in parts}
        for event in self.told(unit).unsplit:
            if (event.subordinate_id, event.period) in counted:
                base[self._origin_column(event.refund_id, event.subordinate_id)] -= event.amount
        return base

    def from_below(self, part: SubordinatePart, above: UnitId) -> Sums:
        """A subordinate's period as its superior counts it: refunds that touch the superior are counted there."""
        sums = Sums()
        here = self.told(above)
        split_before = sum(
            e.amount for e in here.unsplit if (e.subordinate_id, e.period) == (part.unit_id, part.period)
        )
        made = self.answered_for(part.unit_id, part.period)
        declared = sum(self.told(unit).payable(one) for unit, one in made)
        if declared != part.amount + split_before:
            told = self.told(part.unit_id)
            if made and not (told.passed or told.inherited):
                came = part.amount + split_before
                raise _broken(part.unit_id, part.period, "phải nộp theo kê khai", declared, "cấp trên tính", came)
            # Declared in another shard, or in part counted elsewhere: what came up is all that is known.
            self.elsewhere.add((part.unit_id, part.period))
            sums.collected[self.column(part.unit_id)] += part.amount + split_before
            return sums
        touched = {e.refund_id for _, e in here.restated} | {e.refund_id for e in here.unsplit}
        for unit, one in made:
            sums.add(self.gross(unit, one))
            for _, corrected in self.told(unit).corrected:
                if corrected.period == part.period:
                    self._take_off(sums, unit, corrected.period, corrected.reduced_by, corrected.kept_part)
            for refund in self.refunds_in(unit, part.period, one.subordinates):
                if refund not in touched:
                    sums.add(self.refunded(refund, unit))
        return sums

    def answered_for(self, unit: UnitId, period: Period, *, went_over: bool = False) -> list[tuple[UnitId, Declared]]:
        """The declarations for which a unit answers: its own, unless they went over, and those it inherited."""
        told = self.told(unit)
        own = told.of(period)
        gone = 0 if went_over else sum(e.amount for e in told.passed if e.period == period)
        found = [] if own is None or (gone and gone >= told.payable(own)) else [(unit, own)]
        for event in told.inherited:
            if event.period == period and event.from_unit_id == unit:
                # The unit itself, under another superior than the one it declared to.
                found = [] if own is None else [(unit, own)]
            elif event.period == period:
                found += self.answered_for(event.from_unit_id, period, went_over=True)
        return found

    def refunds_in(self, unit: UnitId, period: Period, parts: tuple[SubordinatePart, ...]) -> tuple[str, ...]:
        """Refunds that a unit's report of a period shows: restated since the report before, or taken off its parts."""
        told = self.told(unit)
        counted = {(part.unit_id, part.period) for part in parts}
        found = [event.refund_id for at, event in told.restated if told.report_of(at) == period]
        found += [event.refund_id for event in told.unsplit if (event.subordinate_id, event.period) in counted]
        return tuple(dict.fromkeys(found))

    def refunded(self, refund: str, top: UnitId) -> Sums:
        """What a refund takes off, from the unit that pays it up to ``top``, in the column of the former."""
        sums = Sums()
        chain = self._by_refund.get(refund, {})
        unit = next((u for u, event in chain.items() if event.is_origin), None)
        column = COMMUNE if unit is None else self.column(unit)
        while unit is not None and unit in chain:
            event = chain[unit]
            if event.is_origin:
                sums.collected[column] -= event.reduced_by
            sums.kept[self.line(event.declared_by, event.period)][column] -= event.kept_part
            unit = None if unit == top else event.superior_id
        return sums

    def corrections(self, unit: UnitId, period: Period) -> tuple[Sums, Dong]:
        """What corrections of older declarations take off a unit's report of a period, and of that what goes up."""
        told, sums, passed = self.told(unit), Sums(), 0
        for at, event in told.corrected:
            if told.report_of(at) == period:
                self._take_off(sums, unit, event.period, event.reduced_by, event.kept_part)
                passed += event.passed_part
        return sums, passed

    def _take_off(self, sums: Sums, unit: UnitId, period: Period, collected: Dong, kept: Dong) -> None:
        sums.collected[self.column(unit)] -= collected
        sums.kept[self.line(unit, period)][self.column(unit)] -= kept

    def _origin_column(self, refund: str, otherwise: UnitId) -> int:
        chain = self._by_refund.get(refund, {})
        return self.column(next((u for u, event in chain.items() if event.is_origin), otherwise))


def _shared(base: Row, retain_bp: int) -> Row:
    """What is kept, by column, so that the columns sum to what is kept of the whole (rounded once, half up)."""
    parts, reached, before = _row(), 0, 0
    for c in range(COLUMNS):
        reached += base[c]
        kept = ratio_half_up(abs(reached), retain_bp, WHOLE_BP) * (1 if reached >= 0 else -1)
        parts[c], before = kept - before, kept
    return parts


def _broken(unit: UnitId, period: Period, one: str, first: Dong, other: str, second: Dong) -> Refusal:
    return Refusal(
        RefusalCode.BOOK_BROKEN,
        f"{unit} kỳ {period}: {one} {first} đồng, {other} {second} đồng. Không in sổ khi số liệu không khớp; chạy "
        "«dangphi verify» để tìm chỗ lệch.",
    )
