"""Values of a reconciliation beside its lists: returns, the channel's own word, decisions, and one list of everything.

Amounts are đồng; signed amounts are positive for money in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import UnitId
from domain.money import Dong
from domain.notice import Direction


class Standing(StrEnum):
    """The eight kinds of which each line, item, notification and settlement line has exactly one."""

    MATCHED = "matched"
    MISSING_IN_BOOK = "missing-in-book"
    MISSING_AT_BANK = "missing-at-bank"
    AMOUNT_DIFFERS = "amount-differs"
    DUPLICATE = "duplicate"
    UNIDENTIFIED = "unidentified"
    RETURNED = "returned"
    NOT_DUES = "not-dues"


STANDING_TITLES: dict[Standing, str] = {
    Standing.MATCHED: "Khớp",
    Standing.MISSING_IN_BOOK: "Sổ chưa có",
    Standing.MISSING_AT_BANK: "Ngân hàng chưa có",
    Standing.AMOUNT_DIFFERS: "Lệch số tiền",
    Standing.DUPLICATE: "Trùng",
    Standing.UNIDENTIFIED: "Chưa xác định",
    Standing.RETURNED: "Đã trả lại",
    Standing.NOT_DUES: "Không phải đảng phí",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The last decision about something that is left over."""

    decision_id: str
    kind: str
    until: date | None
    reason: str
    by: str
    on: date
    words: str  #: Vietnamese: «chờ đến 15/8/2026 vì …»


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Money that went back, in order on both sides, and what it goes back on.

    ``line_key`` is None for an entry that was taken back in the book and that no bank line ever showed.
    """

    line_key: str | None
    bank_reference: str | None
    booked_on: date
    direction: Direction
    amount: Dong
    items: tuple[str, ...]
    original: str  #: Vietnamese: what it returns
    reason: str
    unit_id: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlace:
    """A line of a channel's settlement, or a payment that the settlement of its day lacks (``number`` None)."""

    rail: str
    settlement_id: str
    number: int | None
    on: date
    kind: str
    outside_reference: str
    reference: str | None
    amount: Dong | None  #: as the channel says
    booked: Dong | None  #: as the book has it
    standing: Standing
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessBreak:
    """A named difference between two of the three witnesses of a day."""

    name: str  #: Vietnamese
    count: int
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWitness:
    """What a channel says it collected on a day, what the book has of it, and what the bank has credited of that.

    told - booked = Σ ``told_breaks`` where the channel has told, booked - credited = Σ ``bank_breaks``.
    """

    rail: str
    day: date
    told_count: int | None  #: None: no settlement covers the day
    told: Dong | None
    booked_count: int
    booked: Dong
    credited_count: int
    credited: Dong
    told_breaks: tuple[WitnessBreak, ...]
    bank_breaks: tuple[WitnessBreak, ...]

    @property
    def agrees(self) -> bool:
        """Whether all three say the same."""
        return not self.told_breaks and not self.bank_breaks and self.told is not None

    @property
    def ties(self) -> bool:
        """Whether every difference has its name; anything else is a fault of this program."""
        told = self.told is None or self.told - self.booked == sum(b.amount for b in self.told_breaks)
        return told and self.booked - self.credited == sum(b.amount for b in self.bank_breaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFact:
    """Something that was recorded for a day after that day, or a later one, had been closed."""

    day: date
    closed_day: date  #: the first closed day whose figures it changes
    number: int
    position: int
    side: str  #: "bank" or "book"
    what: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A closed day: the figures of then, and what came late."""

    day: date
    number: int
    position: int
    closing: Dong
    book: Dong
    suspense: Dong
    explained_bp: int
    closed_by: str
    late: tuple[LateFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the list of everything: where it stands, since when, who must act, what was decided, and why."""

    standing: Standing
    title: str
    side: str  #: "both", "bank", "book", "channel", "notice", "statement"
    dated_on: date
    age_days: int
    bank_reference: str | None
    line_key: str | None
    items: tuple[str, ...]
    bank_amount: Dong | None
    book_amount: Dong | None
    open_amount: Dong
    unit_id: UnitId
    role: str
    due_on: date | None
    overdue: bool
    what: str
    next_step: str
    decision: str
    why: str
    evidence: tuple[str, ...]  #: ids to look further: line keys, payment ids, case ids
