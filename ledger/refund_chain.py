"""Which declarations a refund after the split restates, level by level, where units ended since.

A month is refunded out of the period in which its money was declared. Where the unit that declared it ended, its
declaration stands, and the unit that keeps its books now gives its part back: what each level declared is recomputed
as it was, and the difference is booked where the balances are. Source: accounting §3.
"""

from dataclasses import dataclass, field, replace

from domain import declaration, organisation, payables
from domain.declaration import Declarations, Declared
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.organisation import Organisation, UnitRegistered
from domain.period import Month, Period
from domain.refund import LevelPart, plan_after_split
from ledger.accounts import assessed
from ledger.work import Work


@dataclass(slots=True)
class Chain:
    """The levels from the one that declared the money upwards; who keeps their books, and under which name they stand
    in the declaration above.
    """

    levels: list[tuple[UnitId, Declarations]] = field(default_factory=list)
    kept_by: dict[UnitId, UnitId] = field(default_factory=dict)
    known_as: dict[UnitId, UnitId] = field(default_factory=dict)
    unsplit_left: Dong | None = None  #: what the last level received and has not split, where that is the case

    def plan(self, period: Period, amount: Dong) -> tuple[LevelPart, ...]:
        """What each level gives back; refuses more than the last level has of this money."""
        parts = plan_after_split(
            unit_id=self.levels[0][0], period=period, amount=amount, chain=tuple(self.levels), known_as=self.known_as
        )
        last = parts[-1]
        if self.unsplit_left is not None and last.unsplit_part > self.unsplit_left:
            raise Refusal(
                RefusalCode.REFUND_STATE,
                f"{last.unit_id} chỉ còn {self.unsplit_left} đồng chưa phân bổ của kỳ này, phải hoàn "
                f"{last.unsplit_part} đồng. Hoàn từ số chưa chốt kỳ của đơn vị (bỏ trống kỳ).",
            )
        return parts


def chain_for(work: Work, *, unit_id: UnitId, member_id: MemberId, month: Month, period: Period, year: int) -> Chain:
    """The declarations that hold a member's month declared in ``period``, whoever keeps the books now.

    Refuses ``not-declared``; and ``refund-state`` where the level above is another one than at the declaration, since
    nobody would owe the claw-back then.
    """
    org = work.organisation
    declarer = _declarer(work, unit_id, assessed(work, member_id, month, year).unit_id, period)
    found = Chain()
    known = history(work, declarer)
    declared = declaration.of_period(known, period)
    while declared is not None:
        books = organisation.owner(org, declarer)
        found.levels.append((declarer, known))
        found.kept_by[declarer] = books
        above = organisation.superior(org, books)
        if above is None or not above.has_books:
            if declarer != books and organisation.owner(org, declared.superior_id) == books:
                raise _elsewhere(declared)
            return found
        period, counted = declared.period, _counted(work, declared, above)
        if counted is None:
            _unsplit(work, found, declared, above)
            return found
        declarer, name, declared = counted
        if organisation.owner(org, declarer) != above.unit_id:
            raise _elsewhere(declared)
        known = history(work, declarer)
        found.known_as[declarer] = name
    raise Refusal(RefusalCode.NOT_DECLARED, f"{unit_id} chưa chốt kỳ {period}; hoàn từ số chưa phân bổ (bỏ trống kỳ).")


def history(work: Work, unit_id: UnitId) -> Declarations:
    """A unit's declarations, with what its successors restated of them."""
    state = work.declarations(unit_id)
    later = [work.declarations(unit).restated for unit in _line(work.organisation, unit_id)[1:]]
    restated = tuple(event for events in later for event in events if event.declared_by == unit_id)
    return replace(state, restated=(*state.restated, *restated)) if restated else state


def _declarer(work: Work, unit_id: UnitId, assessed_by: UnitId, period: Period) -> UnitId:
    """The unit that assessed the month or the first of its successors that declared the period."""
    line = _line(work.organisation, assessed_by)
    if line[-1] != unit_id:
        return unit_id
    return next((unit for unit in line if declaration.of_period(work.declarations(unit), period) is not None), unit_id)


def _line(org: Organisation, unit_id: UnitId) -> tuple[UnitId, ...]:
    """The unit and its successors, the living one last."""
    found = [unit_id]
    while (ended := org.ended.get(found[-1])) is not None:
        found.append(ended.successor_id)
    return tuple(found)


def _counted(work: Work, declared: Declared, above: UnitRegistered) -> tuple[UnitId, UnitId, Declared] | None:
    """Who counted a declared period, under which name, and where; None while nobody has."""
    org = work.organisation
    for superior in dict.fromkeys((*_line(org, declared.superior_id), above.unit_id)):
        for name in _line(org, declared.unit_id):
            made = declaration.counting(work.declarations(superior), name, declared.period)
            if made is not None:
                return superior, name, made
    return None


def _unsplit(work: Work, found: Chain, declared: Declared, above: UnitRegistered) -> None:
    """The level above has received the period and not split it: the rest of the refund is taken from there."""
    state = work.declarations(above.unit_id)
    best: tuple[Dong, UnitId] = (0, declared.unit_id)
    for name in _line(work.organisation, declared.unit_id):
        there = payables.payable_to(work.declarations(name), above.unit_id).get(declared.period, 0)
        there -= payables.counted_of(state, name, declared.period)
        there -= declaration.unsplit_reduction(state, name, declared.period)
        best = max(best, (there, name), key=lambda pair: pair[0])
    found.unsplit_left, found.known_as[above.unit_id] = best
    if not found.unsplit_left:
        raise _elsewhere(declared)
    found.levels.append((above.unit_id, state))
    found.kept_by[above.unit_id] = above.unit_id


def _elsewhere(declared: Declared) -> Refusal:
    return Refusal(
        RefusalCode.REFUND_STATE,
        f"Kỳ {declared.period} của {declared.unit_id} đã nộp cho một cấp trên nay không còn là cấp trên trực tiếp của "
        "đơn vị giữ sổ, nên không còn cấp nào trả lại phần của mình. Hoàn từ số chưa chốt kỳ của đơn vị (bỏ trống kỳ).",
    )
