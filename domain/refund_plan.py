"""The plan of a refund: what each level gives back, to the đồng, before anyone approves (accounting §3, story 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from domain import declaration
from domain.declaration import DeclarationRestated, Declarations, Declared, UnsplitReduced
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.money import Dong, require_amount, split_by_share
from domain.period import Period

#: Every level has the name and the books that it had when it declared.
NOBODY: Mapping[UnitId, UnitId] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPart:
    """One level's part of a refund after the split. kept_part + passed_part + unsplit_part = taken; đồng."""

    unit_id: UnitId
    superior_id: UnitId | None
    period: Period  #: the level's own declared period, or the subordinate's where nothing is split yet
    taken: Dong
    collected_after: Dong
    kept_before: Dong
    kept_after: Dong
    kept_part: Dong
    passed_part: Dong
    unsplit_part: Dong


def plan_after_split(
    *,
    unit_id: UnitId,
    period: Period,
    amount: Dong,
    chain: tuple[tuple[UnitId, Declarations], ...],
    known_as: Mapping[UnitId, UnitId] = NOBODY,
) -> tuple[LevelPart, ...]:
    """What each level gives back when ``amount`` of a declared period is refunded.

    ``chain`` holds the unit and every superior with books, from the bottom up. Each level recomputes its period at
    its own share; the first that has not split yet gives the rest. The parts kept, plus what is not yet split, plus
    what the last level still owes outside these books, make ``amount``. ``known_as`` says under which name a level
    counted the one below, where that is not the name under which it declared.
    """
    declared = declaration.of_period(chain[0][1], period)
    parts: list[LevelPart] = []
    below, below_period, taken = unit_id, period, require_amount(amount)
    for place, (level_id, declarations) in enumerate(chain):
        if place > 0:
            declared = declaration.counting(declarations, known_as.get(level_id, below), below_period)
        if declared is None:
            parts.append(_unsplit_part(level_id, below_period, taken))
            return tuple(parts)
        part = _split_part(declared, declarations, taken)
        parts.append(part)
        below, below_period, taken = level_id, declared.period, part.passed_part
        if taken == 0:
            break
    return tuple(parts)


def _split_part(declared: Declared, declarations: Declarations, taken: Dong) -> LevelPart:
    before = declaration.collected_now(declarations, declared)
    if taken > before:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Kỳ {declared.period} của {declared.unit_id} chỉ còn {before} đồng, không thể hoàn {taken} đồng.",
        )
    kept_before = split_by_share(before, declared.retain_bp).kept
    kept_after = split_by_share(before - taken, declared.retain_bp).kept
    return LevelPart(
        unit_id=declared.unit_id,
        superior_id=declared.superior_id,
        period=declared.period,
        taken=taken,
        collected_after=before - taken,
        kept_before=kept_before,
        kept_after=kept_after,
        kept_part=kept_before - kept_after,
        passed_part=taken - (kept_before - kept_after),
        unsplit_part=0,
    )


def _unsplit_part(unit_id: UnitId, period: Period, taken: Dong) -> LevelPart:
    return LevelPart(
        unit_id=unit_id,
        superior_id=None,
        period=period,
        taken=taken,
        collected_after=0,
        kept_before=0,
        kept_after=0,
        kept_part=0,
        passed_part=0,
        unsplit_part=taken,
    )


def book_parts(
    parts: tuple[LevelPart, ...],
    *,
    refund_id: RefundId,
    on: date,
    kept_by: Mapping[UnitId, UnitId] = NOBODY,
    known_as: Mapping[UnitId, UnitId] = NOBODY,
) -> Mapping[UnitId, DeclarationRestated | UnsplitReduced]:
    """The events that book a plan, one for each level's stream of declarations.

    ``kept_by`` names the unit that keeps the books of a level that ended, ``known_as`` as in ``plan_after_split``.
    """
    booked: dict[UnitId, DeclarationRestated | UnsplitReduced] = {}
    for place, part in enumerate(parts):
        books = kept_by.get(part.unit_id, part.unit_id)
        if part.unsplit_part:
            booked[books] = UnsplitReduced(
                unit_id=books,
                subordinate_id=known_as.get(part.unit_id, parts[place - 1].unit_id),
                period=part.period,
                refund_id=refund_id,
                amount=part.unsplit_part,
                restated_on=on,
            )
        elif part.superior_id is not None:
            booked[books] = DeclarationRestated(
                unit_id=books,
                superior_id=kept_by.get(part.superior_id, part.superior_id),
                period=part.period,
                refund_id=refund_id,
                is_origin=place == 0,
                reduced_by=part.taken,
                collected_after=part.collected_after,
                kept_part=part.kept_part,
                passed_part=part.passed_part,
                restated_on=on,
                declared_by=part.unit_id,
            )
    return booked
