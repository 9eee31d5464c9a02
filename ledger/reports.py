"""Frozen values of every book and report: made by projections and reconciliation, rendered by whoever shows them.

Amounts are whole đồng on the natural side of their account unless a field says otherwise.
"""

from dataclasses import dataclass
from datetime import date, datetime

from domain.money import Dong

# --- A balance at two knowledge dates ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedBy:
    """One journal line that moved a balance; ``amount`` positive where the balance grew."""

    position: int
    occurred_on: date
    recorded_at: datetime
    key: str
    amount: Dong
    event: str
    stream: str
    actor: str
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A unit's balance at two positions of the log, and what lies between: before + Σ lines = after."""

    unit: str
    account: str
    earlier: int
    later: int
    before: Dong
    after: Dong
    lines: tuple[MovedBy, ...]


# --- Trial balance ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """One account: sums of debits and credits, and the balance, each on one side; đồng."""

    account: str
    name: str
    book: str
    debits: Dong  #: turnover; 0 on a consolidated page, where mirrors are dropped by balance
    credits: Dong
    debit_balance: Dong
    credit_balance: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Books of one unit, or of several without the mirrors between them; each book sums to zero by itself (A1).

    ``position`` is the knowledge date: the last log position that is in it.
    """

    units: tuple[str, ...]
    consolidated: bool
    position: int
    lines: tuple[TrialLine, ...]

    def balance(self, account: str) -> Dong:
        """Debits less credits of one account; 0 for one that has no line."""
        return sum(line.debit_balance - line.credit_balance for line in self.lines if line.account == account)

    def out_by(self, book: str) -> Dong:
        """Debit less credit balances of a book; 0 where it is in balance."""
        return sum(line.debit_balance - line.credit_balance for line in self.lines if line.book == book)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A balance in an account that must come back to zero, with its age (A8).

    ``since`` is the day of the oldest line since the balance last was zero.
    """

    unit: str
    account: str
    name: str
    key: str
    amount: Dong
    since: date
    age_days: int
    must_reach_zero: str  #: when, in Vietnamese, as in the chart
    position: int  #: of that oldest line


# --- Members ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrear:
    """What a member still owes for a month; the age counts from the month's last day, negative while it runs."""

    member_id: str
    unit: str
    month: str
    assessed: Dong
    relieved: Dong
    applied: Dong
    open: Dong
    is_opening: bool
    age_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMonth:
    """One dues month of a member. open = assessed - relieved - applied."""

    month: str
    assessed: Dong
    relieved: Dong
    applied: Dong
    open: Dong
    rule: str
    document: str
    article: str | None
    position: int  #: of the assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry:
    """One thing that happened to a member's dues, in the order of the log."""

    position: int
    recorded_at: datetime
    what: str  #: "assessed", "paid", "credit-held", "credit-applied", "receipt", …
    title: str  #: the same for Vietnamese readers
    month: str | None
    amount: Dong
    payment_id: str | None
    case_id: str | None  #: refund
    receipt: str | None  #: "<unit>/<year>/<number>"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAdjustment:
    """A month reckoned again, with both computations as steps for a reader; đồng."""

    position: int
    month: str
    due_before: Dong
    due_after: Dong
    undone: Dong  #: paid beyond the new due
    to_credit: Dong
    to_ahead: Dong
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidElsewhere:
    """Money taken by one unit that answers for a month in another unit's books, after a transfer; đồng."""

    position: int
    member_id: str
    month: str
    amount: Dong
    payment_id: str
    paid_on: date
    taken_by: str
    owned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMove:
    """One change of where a member belongs; ``other`` is the other side of a transfer, by id or as the letter says."""

    position: int
    what: str
    title: str
    on_day: date
    unit: str
    other: str | None
    document: str
    from_month: str | None
    to_month: str | None
    gap_months: tuple[str, ...] = ()  #: of a return: the interrupted months, owed again


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatement:
    """Everything about one member's dues. A surplus stands on lines of its own and answers for no month."""

    member_id: str
    unit: str
    credit: Dong
    months: tuple[StatementMonth, ...]
    entries: tuple[StatementEntry, ...]
    ahead: Dong = 0  #: collected, answering for no month yet
    surplus_waiting: Dong = 0
    surplus_accepted: Dong = 0
    adjustments: tuple[StatementAdjustment, ...] = ()
    moves: tuple[StatementMove, ...] = ()

    @property
    def open(self) -> Dong:
        """Everything still owed."""
        return sum(month.open for month in self.months)


# --- Money on its way or without an owner -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMoney:
    """Money that nobody has placed, or that the bank has not credited yet, with its age."""

    payment_id: str
    unit: str
    channel: str
    amount: Dong
    paid_on: date
    age_days: int
    reference: str | None
    payer_key: str | None
    bank_line: str | None
    evidence_id: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A remittance that was sent and has not arrived."""

    remittance_id: str
    unit: str
    superior: str
    period: str
    amount: Dong
    sent_on: date
    age_days: int
    is_disputed: bool


# --- History ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One event told in plain Vietnamese: who, when, what, by which document, why. No names of people, only ids."""

    position: int
    recorded_at: datetime
    event: str
    stream: str
    actor: str
    role: str
    unit: str
    action: str
    document: str | None
    reason: str | None
    sentence: str


# --- Overview ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewLine:
    """Figures of one unit, of all units of one level, or of a whole subtree; đồng.

    collected - refunded + from_below = kept + payable - claw_back + unsplit, unit by unit.
    """

    title: str
    kind: str  #: UnitKind, or "" for the whole
    depth: int  #: 0 for the top of the subtree; -1 for the whole
    units: int
    assessed: Dong  #: gross, of all months ever assessed here
    relieved: Dong
    arrears: Dong  #: owed and not paid
    collected: Dong  #: from members: dues only, as booked, without credit and suspense
    refunded: Dong  #: dues given back, before or after the split
    from_below: Dong  #: received from subordinates, less what refunds gave back to them
    kept: Dong  #: retained by declaration, less what refunds took back
    payable: Dong  #: declared as owed upwards
    claw_back: Dong  #: of that, taken back from above by refunds
    sent: Dong  #: left the unit for its superior: remitted, less corrections, and settled from held money
    netted: Dong  #: of the payable, set off against claw-back
    received: Dong  #: of what this unit sent, what its superior has
    under_way: Dong  #: sent and not received (1150)
    still_payable: Dong  #: owed upwards, neither received nor netted (3360)
    unsplit: Dong  #: collected or received, not declared yet (3310): «tạm tính»
    suspense: Dong  #: nobody knows whose (3380)
    credit: Dong  #: overpaid or prepaid by members (3340)
    to_refund: Dong  #: approved and not paid out (3370)
    money: Dong  #: what lies in hand, at banks, on its way and with holders (A4, left side)
    owed_to_others: Dong  #: A4, right side
    fund: Dong  #: own money: 4310 + 4320 - 6310

    @property
    def cover(self) -> Dong:
        """Money held less money owed to others; never negative while nobody spends what belongs to others (A4)."""
        return self.money - self.owed_to_others


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of a subtree as of a log position: the whole, level by level, unit by unit.

    ``out_by`` is what A5 is out by over the subtree without its mirrors: 0 where everything adds up.
    """

    root: str
    position: int
    recorded_at: datetime | None
    total: OverviewLine
    levels: tuple[OverviewLine, ...]
    units: tuple[OverviewLine, ...]
    out_by: Dong
