"""The past before this ledger, as told by old paper or Excel books: who paid which month, what a unit took, kept, sent.

One stream per office that imports ("past/<unit>"). These are facts for reading (year-to-date columns of B01/ĐP, the
member's statement, the report of differences); they stand in no book of account, since the opening balances have
brought the money itself. An import is undone as a whole, by one event, with a reason and by two people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong, format_dong
from domain.period import Month


def stream(unit_id: UnitId) -> str:
    """The name of the stream of the office that imports."""
    return f"past/{unit_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMonth:
    """What was paid for a member's dues month by the old book; đồng."""

    member_id: MemberId
    month: Month
    paid: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMonth:
    """A unit's month in the old book; đồng (B01/ĐP lines 02, 12 and 13 of that month)."""

    month: Month
    collected: Dong
    kept: Dong
    sent: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class PastImported:
    """What an old book says of one unit; the events of one import share ``import_id`` (SHA-256 of the file, hex)."""

    import_id: str
    unit_id: UnitId
    file: str
    members: tuple[MemberMonth, ...]
    months: tuple[UnitMonth, ...]
    imported_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastUndoProposed:
    """Somebody found that an import is wrong; a second person must agree before it counts no longer."""

    import_id: str
    unit_id: UnitId
    reason: str
    proposed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastUndone:
    """Nothing of this import counts any more; its facts stay in the log."""

    import_id: str
    unit_id: UnitId
    reason: str
    proposed_by: str
    undone_by: str


PastEvent = PastImported | PastUndoProposed | PastUndone


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Imports by id, proposals by import, and the ids of imports that were undone."""

    parts: Mapping[str, tuple[PastImported, ...]] = field(default_factory=dict)
    proposals: Mapping[str, PastUndoProposed] = field(default_factory=dict)
    undone: Mapping[str, PastUndone] = field(default_factory=dict)

    @property
    def standing(self) -> Iterator[PastImported]:
        """What counts: every part of every import that was not undone."""
        return (part for key, parts in self.parts.items() if key not in self.undone for part in parts)


EMPTY = Past()


def evolve(state: Past, event: PastEvent) -> Past:
    """Copy one fact into the state."""
    match event:
        case PastImported():
            if event.import_id in state.undone:
                # The same file again, after it was undone: its parts begin anew.
                undone = {key: value for key, value in state.undone.items() if key != event.import_id}
                return replace(state, parts={**state.parts, event.import_id: (event,)}, undone=undone)
            parts = (*state.parts.get(event.import_id, ()), event)
            return replace(state, parts={**state.parts, event.import_id: parts})
        case PastUndoProposed():
            return replace(state, proposals={**state.proposals, event.import_id: event})
        case PastUndone():
            left = {key: value for key, value in state.proposals.items() if key != event.import_id}
            return replace(state, proposals=left, undone={**state.undone, event.import_id: event})
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def of_unit(state: Past, unit_id: UnitId) -> tuple[UnitMonth, ...]:
    """A unit's months in the old books, in order of months."""
    found = [one for part in state.standing if part.unit_id == unit_id for one in part.months]
    return tuple(sorted(found, key=lambda one: one.month))


def of_member(state: Past, member_id: MemberId) -> tuple[MemberMonth, ...]:
    """A member's months in the old books, in order of months."""
    found = [one for part in state.standing for one in part.members if one.member_id == member_id]
    return tuple(sorted(found, key=lambda one: one.month))


# --- Decisions --------------------------------------------------------------------------------------------------


def take_in(state: Past, parts: tuple[PastImported, ...]) -> tuple[PastImported, ...]:
    """Take an old book in; the same file again adds nothing.

    Refuses a month that another import has told already (undo that one first), and a unit's month in which more was
    kept than collected.
    """
    if not parts:
        return ()
    import_id = parts[0].import_id
    if import_id in state.parts and import_id not in state.undone:
        return ()
    told = {(one.member_id, one.month) for part in state.standing for one in part.members}
    months = {(part.unit_id, one.month) for part in state.standing for one in part.months}
    for part in parts:
        for member in part.members:
            if (member.member_id, member.month) in told:
                raise _told_twice(f"đảng viên {member.member_id}", member.month)
            told.add((member.member_id, member.month))
        for unit in part.months:
            if (part.unit_id, unit.month) in months:
                raise _told_twice(f"đơn vị {part.unit_id}", unit.month)
            months.add((part.unit_id, unit.month))
            if unit.kept > unit.collected:
                raise Refusal(
                    RefusalCode.PAST_DOES_NOT_ADD_UP,
                    f"Đơn vị {part.unit_id}, tháng {unit.month}: để lại {format_dong(unit.kept)} đồng, nhiều hơn số đã "
                    f"thu {format_dong(unit.collected)} đồng. Xem lại sổ cũ rồi sửa tệp.",
                )
    return parts


def propose_undo(state: Past, asked: PastUndoProposed) -> tuple[PastUndoProposed, ...]:
    """Propose that an import counts no longer; the same proposal again adds nothing."""
    _require_standing(state, asked.import_id)
    return () if state.proposals.get(asked.import_id) == asked else (asked,)


def undo(state: Past, *, import_id: str, by: str) -> tuple[PastUndone, ...]:
    """Undo a whole import on another person's proposal (I21); undone already adds nothing."""
    if import_id in state.undone:
        return ()
    _require_standing(state, import_id)
    proposal = state.proposals.get(import_id)
    if proposal is None:
        raise Refusal(
            RefusalCode.PAST_UNDO_NOT_PROPOSED,
            f"Chưa ai đề nghị bỏ lần nhập {import_id[:12]}; người thứ nhất đề nghị kèm lý do, người thứ hai duyệt.",
        )
    require_other_person(proposal.proposed_by, by, f"Bỏ lần nhập sổ cũ {import_id[:12]}")
    return (
        PastUndone(
            import_id=import_id,
            unit_id=proposal.unit_id,
            reason=proposal.reason,
            proposed_by=proposal.proposed_by,
            undone_by=by,
        ),
    )


def _require_standing(state: Past, import_id: str) -> None:
    if import_id not in state.parts or import_id in state.undone:
        raise Refusal(
            RefusalCode.UNKNOWN_PAST_IMPORT,
            f"Không có lần nhập sổ cũ {import_id[:12]} còn hiệu lực. Xem danh sách: dangphi past list.",
        )


def _told_twice(who: str, month: Month) -> Refusal:
    return Refusal(
        RefusalCode.PAST_TOLD_TWICE,
        f"Tháng {month} của {who} đã có trong một lần nhập khác. Bỏ lần nhập cũ trước, hoặc xoá dòng này.",
    )
