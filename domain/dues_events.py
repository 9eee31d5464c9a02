"""What happens to one member's dues: assessed, adjusted, paid, held as credit, collected ahead, paid as a surplus.

The classes stand apart from the account that is folded of them (``domain.dues_account``), which is where they are
imported from.
"""

from dataclasses import dataclass
from datetime import date

from domain.dues_corrections import DuesCorrection
from domain.dues_moves import DuesMove
from domain.dues_reserved import DuesReserved
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.period import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesAssessed:
    """What a member owes for a dues month, with everything needed to reckon it again (I10); amounts in đồng.

    ``gross`` is before relief, ``relieved`` + ``due`` = ``gross``; a full relief is an obligation with nothing due.
    """

    member_id: MemberId
    unit_id: UnitId
    month: Month
    category: str
    rule: str
    document: str
    article: str | None
    regime: str
    base_kind: str | None
    base: Dong | None
    base_month: Month | None
    region: str | None
    cap: Dong | None
    relief: str | None
    relief_percent: int
    relief_decision: str | None
    rounding: str
    gross: Dong
    relieved: Dong
    due: Dong
    is_opening: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentApplied:
    """A part of a payment answers for a dues month; ``n`` counts the member's applications (I7)."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    payment_id: PaymentId
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditHeld:
    """What a payment brought beyond everything owed; it waits for the next months or a refund."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    payment_id: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCreditCarried:
    """Credit a member had when the ledger began."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditApplied:
    """Held credit answers for a dues month."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReleased:
    """Held credit leaves the account to be given back by a refund."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationUndone:
    """Money that answered for a month no longer does, because of a decision; it is given back by a refund."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRecognised:
    """A relief found after assessment takes ``amount`` off what is owed for a month, by a numbered decision."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    relief: str
    percent: int
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What is still owed for a month when a year's account ends."""

    month: Month
    assessed: Dong
    relieved: Dong
    applied: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOpened:
    """The account of a new year takes over what was open and what was held as credit."""

    member_id: MemberId
    unit_id: UnitId
    year: int
    items: tuple[OpenItem, ...]
    credit: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One computation of an obligation with its steps as a reader sees them; amounts in đồng (I10).

    An adjustment carries two of them, the one that stood and the one that stands from now on.
    """

    category: str
    rule: str
    document: str
    article: str | None
    regime: str
    base_kind: str | None
    base: Dong | None
    base_month: Month | None
    region: str | None
    cap: Dong | None
    relief: str | None
    relief_percent: int
    relief_decision: str | None
    rounding: str
    gross: Dong
    relieved: Dong
    due: Dong
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesAdjusted:
    """The same obligation reckoned again: only the difference is entered, on a day of an open month; đồng.

    ``undone`` is what was paid beyond the new due and no longer answers for the month: ``to_credit`` of it goes back
    to the member's credit out of money not declared yet (3310 to 3340), ``to_ahead`` stays collected, since it was
    declared and split, or answers for other months of this member at once.
    """

    member_id: MemberId
    unit_id: UnitId
    month: Month
    before: Reckoning
    after: Reckoning
    gross_up: Dong
    gross_down: Dong
    relieved_up: Dong
    relieved_down: Dong
    applied_before: Dong
    undone: Dong
    to_credit: Dong
    to_ahead: Dong
    ground: str  #: "base-restated", "policy-changed", "relief-changed", "standing-corrected"
    reason: str
    decision: str
    adjusted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedAhead:
    """Prepaid credit counts as collected on receipt (setting prepaid-counts-as-collected); no month is named yet."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    payment_id: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadApplied:
    """Money that counts as collected already answers for a dues month: the memo book moves, the money book does not."""

    member_id: MemberId
    unit_id: UnitId
    month: Month
    amount: Dong
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadReturned:
    """Collected money that answers for no month becomes credit again, as a negative line of the open period."""

    member_id: MemberId
    unit_id: UnitId
    amount: Dong
    decision: str
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusDeclared:
    """The member wants to pay ``amount`` more than due (01-QĐ/TW art. 5, X6); it waits as credit for the superior."""

    member_id: MemberId
    unit_id: UnitId
    surplus_id: str
    month: Month  #: of the act
    amount: Dong
    document: str
    declared_by: str
    declared_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusAccepted:
    """The direct superior accepted the surplus: it is dues collected and is split like dues."""

    member_id: MemberId
    unit_id: UnitId
    surplus_id: str
    amount: Dong
    decided_unit: UnitId
    decision: str
    decided_by: str
    accepted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusRejected:
    """The direct superior did not accept it: it is ordinary credit again."""

    member_id: MemberId
    unit_id: UnitId
    surplus_id: str
    amount: Dong
    decided_unit: UnitId
    decision: str
    decided_by: str
    rejected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCarried:
    """Beside what a new year takes over: money collected ahead, and surpluses that still wait."""

    member_id: MemberId
    unit_id: UnitId
    year: int
    ahead: Dong
    surpluses: tuple[SurplusDeclared, ...]


DuesEvent = (
    DuesAssessed
    | PaymentApplied
    | CreditHeld
    | OpeningCreditCarried
    | CreditApplied
    | CreditReleased
    | ApplicationUndone
    | ReliefRecognised
    | YearOpened
    | DuesAdjusted
    | CollectedAhead
    | AheadApplied
    | AheadReturned
    | SurplusDeclared
    | SurplusAccepted
    | SurplusRejected
    | PendingCarried
    | DuesMove
    | DuesCorrection
    | DuesReserved
)
