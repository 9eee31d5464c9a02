"""What a reconciliation of a bank account says: values only, made by ``reconciliation`` and read by everybody.

Every bank line of the span stands in exactly one of ``matched``, ``not_dues`` and ``leftovers``, and so does every
item of the book that moved the account or waits for it. Amounts are đồng; signed amounts are positive for money in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import AccountId, MemberId, UnitId
from domain.money import WHOLE_BP, Dong
from domain.notice import Direction
from ledger.reports_places import DayWitness, Decided, Returned, ToldPlace


class LeftoverKind(StrEnum):
    """Why something is left over; the names are stable."""

    MISSING_IN_BOOK = "missing-in-book"  #: the bank moved money, the book has no entry for it
    MISSING_AT_BANK = "missing-at-bank"  #: the book expects a movement, no bank line shows it yet
    AMOUNT_DIFFERS = "amount-differs"
    DUPLICATE = "duplicate"  #: a debt already met was paid again; booked as credit
    UNIDENTIFIED = "unidentified"  #: booked, but nobody knows whose it is
    RETURNED = "returned"  #: bank or channel took money back, or gave it back, and book or people have yet to follow
    STATEMENT_GAP = "statement-gap"  #: balances of the bank that no line explains
    NOTIFICATION_REJECTED = "notification-rejected"  #: a message not believed, or about nothing that was asked


class BreakKind(StrEnum):
    """Names of what lies between the bank's closing balance and the book (I13)."""

    MISSING_IN_BOOK = "missing-in-book"
    MISSING_AT_BANK = "missing-at-bank"
    AMOUNT_DIFFERS = "amount-differs"
    RETURNED = "returned"
    TIMING = "timing"  #: both sides have it, on different days
    CORRECTED = "corrected"  #: recorded wrongly and put right by a later event
    STATEMENT_GAP = "statement-gap"


#: Vietnamese names, in the order in which people want to read them.
LEFTOVER_TITLES: dict[LeftoverKind, str] = {
    LeftoverKind.MISSING_IN_BOOK: "Ngân hàng có, sổ chưa có",
    LeftoverKind.MISSING_AT_BANK: "Sổ có, ngân hàng chưa có",
    LeftoverKind.AMOUNT_DIFFERS: "Lệch số tiền",
    LeftoverKind.DUPLICATE: "Đóng trùng",
    LeftoverKind.UNIDENTIFIED: "Chưa xác định",
    LeftoverKind.RETURNED: "Đã trả lại, chờ xử lý",
    LeftoverKind.STATEMENT_GAP: "Thiếu sao kê hoặc lệch số dư đầu",
    LeftoverKind.NOTIFICATION_REJECTED: "Thông báo không dùng được",
}
BREAK_TITLES: dict[BreakKind, str] = {
    BreakKind.MISSING_IN_BOOK: "Ngân hàng có, sổ chưa có",
    BreakKind.MISSING_AT_BANK: "Sổ có, ngân hàng chưa có",
    BreakKind.AMOUNT_DIFFERS: "Lệch số tiền",
    BreakKind.RETURNED: "Đã trả lại, sổ chưa ghi",
    BreakKind.TIMING: "Lệch ngày ghi",
    BreakKind.CORRECTED: "Ghi sai, đã điều chỉnh sau",
    BreakKind.STATEMENT_GAP: "Thiếu sao kê, lệch đầu kỳ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A bank line and what the book has for it. ``rule`` is the one that placed the line, as recorded."""

    line_key: str
    bank_reference: str | None
    booked_on: date
    book_on: date
    direction: Direction
    amount: Dong
    items: tuple[str, ...]
    rule: str
    reason: str  #: Vietnamese: rule, amounts, account, dates
    unit_id: UnitId
    notified: bool  #: the portal, too, reported this money
    why: str = ""  #: Vietnamese: rule and strongest evidence, as recorded
    why_not: str = ""  #: Vietnamese: why the next candidate was not taken, as recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDuesLine:
    """A bank line that somebody, or the bank itself, named as no dues."""

    line_key: str
    bank_reference: str | None
    booked_on: date
    direction: Direction
    amount: Dong
    items: tuple[str, ...]
    what: str
    heading: str
    named_by: str
    reason: str
    unit_id: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Whose money it may be; never more than a suggestion."""

    member_id: MemberId
    unit_id: UnitId
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something that a person has to look at.

    ``effect`` is what it adds to (bank closing - book 1120) at the end of the span; ``open_amount`` is what still
    waits, which may be less than what moved, or nothing once it was dealt with.
    """

    kind: LeftoverKind
    account_id: AccountId
    unit_id: UnitId  #: who has to act
    line_key: str | None
    items: tuple[str, ...]
    bank_reference: str | None
    dated_on: date
    bank_amount: Dong | None  #: signed; None when the bank has nothing
    book_amount: Dong | None  #: signed; what the book has or expects, None when it has nothing
    open_amount: Dong
    effect: Dong
    lies_in: str  #: account of the chart in which it waits: "1120", "1130", "1140", "3340", "3380", or ""
    what: str
    next_step: str
    age_days: int
    due_on: date | None
    closed_on: date | None  #: the day after the span on which it is known to be settled
    suggestions: tuple[Suggestion, ...] = ()
    role: str = ""  #: Vietnamese: the office that has to act
    decided: Decided | None = None
    why: str = ""

    def overdue(self, as_of: date) -> bool:
        """Whether the time that the chart allows is over."""
        return self.due_on is not None and self.due_on < as_of and self.closed_on is None and self.open_amount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A remittance that left ``unit_id`` and that the superior has not received (account 1150)."""

    remittance_id: str
    unit_id: UnitId
    superior_id: UnitId
    account_id: AccountId
    sent_on: date
    amount: Dong
    debited: bool  #: the sender's bank has booked a debit for it
    dispute: str | None
    age_days: int
    due_on: date
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One named part of the difference between bank and book."""

    kind: BreakKind
    amount: Dong  #: signed: bank less book


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTieOut:
    """One account on one day: opening + in - out = closing = book + breaks."""

    day: date
    covered: bool  #: a statement covers the day; else the balance is carried from the nearest one
    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    stated_closing: Dong | None  #: as a statement that ends on this day says
    book: Dong
    suspense: Dong  #: the part of ``book`` whose owner nobody knows
    breaks: tuple[Break, ...]
    explained: Dong  #: of the day's lines in and out: matched, not dues, returned, or known to be paid twice
    left: Dong  #: of the day's lines in and out: the rest

    @property
    def in_transit(self) -> Dong:
        """Bank less book of what one side has and the other will have: on its way, or on another day."""
        return sum(b.amount for b in self.breaks if b.kind in (BreakKind.MISSING_AT_BANK, BreakKind.TIMING))

    @property
    def owned(self) -> Dong:
        """The part of ``book`` whose owner is known: closing = owned + suspense + in transit + other breaks."""
        return self.book - self.suspense

    @property
    def difference(self) -> Dong:
        """What is left when all names are taken off; anything but 0 is an error of this program or of the data."""
        return self.closing - self.book - sum(b.amount for b in self.breaks)

    @property
    def ties(self) -> bool:
        """Whether the day adds up in every way."""
        adds_up = self.opening + self.money_in - self.money_out == self.closing
        return adds_up and self.difference == 0 and self.stated_closing in (None, self.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationResult:
    """One account over a span of days, as known at a log position.

    ``account_id`` is "" for what belongs to no account: notifications whose account nobody knows.
    """

    account_id: AccountId
    unit_id: UnitId
    from_date: date
    to_date: date
    as_of: date
    position: int
    matched: tuple[Matched, ...]
    not_dues: tuple[NotDuesLine, ...]
    leftovers: tuple[Leftover, ...]
    under_way: tuple[UnderWay, ...]
    days: tuple[DayTieOut, ...]
    open_periods: tuple[str, ...]  #: months of the span that the account's unit has not declared
    uses_example_shares: bool
    returned: tuple[Returned, ...] = ()
    told: tuple[ToldPlace, ...] = ()
    witnesses: tuple[DayWitness, ...] = ()

    @property
    def moved(self) -> Dong:
        """All money on the bank's lines of the span, in and out."""
        return sum(day.money_in + day.money_out for day in self.days)

    @property
    def explained(self) -> Dong:
        """The part of ``moved`` that is matched, not dues, returned, or known to be paid twice."""
        return sum(day.explained for day in self.days)

    @property
    def explained_bp(self) -> int:
        """Explained money in basis points, rounded down: 10000 means every đồng."""
        return WHOLE_BP if self.moved == 0 else self.explained * WHOLE_BP // self.moved

    @property
    def ties(self) -> bool:
        """Whether every day adds up."""
        return all(day.ties for day in self.days) and all(w.ties for w in self.witnesses)
