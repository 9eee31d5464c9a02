"""What happens to a membership: admission, letters of introduction, releases, endings, returns.

The classes stand apart from the state that is folded of them (``domain.membership``), which is where they are imported
from.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import MemberId, UnitId
from domain.period import Month


class TransferKind(StrEnum):
    """For how long a member goes."""

    OFFICIAL = "official"
    TEMPORARY = "temporary"  #: 3 months to under 1 year
    STUDY = "study"  #: temporary for study, up to 2 years


class Ending(StrEnum):
    """Why a membership ended."""

    STRUCK_OFF = "struck-off"
    LEFT = "left"
    EXPELLED = "expelled"
    DIED = "died"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdmitted:
    """A person was admitted; party age counts from ``decided_on``, dues from ``first_month``."""

    member_id: MemberId
    unit_id: UnitId
    roster_order: int
    decision: str
    decided_on: date
    ceremony_on: date
    first_month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRecognised:
    """A probationary member is an official one since ``official_on``; what is owed does not change."""

    member_id: MemberId
    unit_id: UnitId
    official_on: date
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLetterIssued:
    """The old cell gives a letter of introduction: dues are paid (or answered for there) through ``paid_through``.

    ``to_unit`` is None when the receiving cell is kept in another shard, named by ``to_outside``. ``to_month`` is the
    last month of a temporary transfer; ``payee_id`` the cell its months are owed to (None: outside this shard).
    """

    member_id: MemberId
    unit_id: UnitId
    kind: TransferKind
    to_unit: UnitId | None
    to_outside: str | None
    letter: str
    issued_on: date
    paid_through: Month
    to_month: Month | None
    payee_id: UnitId | None
    issued_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWithdrawn:
    """A letter that nobody received is taken back; the member stays where they were."""

    member_id: MemberId
    unit_id: UnitId
    letter: str
    withdrawn_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived:
    """The new cell takes the member in by the letter; months after the letter's month are owed to it."""

    member_id: MemberId
    unit_id: UnitId
    from_unit: UnitId
    kind: TransferKind
    letter: str
    received_on: date
    from_month: Month
    to_month: Month | None
    payee_id: UnitId | None
    roster_order: int
    received_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberArrived:
    """A member comes with a letter from a unit outside this shard, for good or (``to_month``) for a time."""

    member_id: MemberId
    unit_id: UnitId
    from_outside: str
    kind: TransferKind
    letter: str
    received_on: date
    from_month: Month
    to_month: Month | None
    payee_id: UnitId | None
    roster_order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryTransferEnded:
    """A temporary transfer ends before its time; ``last_month`` is the last one it holds for."""

    member_id: MemberId
    unit_id: UnitId
    letter: str
    ended_on: date
    last_month: Month
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedFromActivities:
    """Released from Party activities for a time, by the body that may (X5: pay late or ahead until then)."""

    member_id: MemberId
    unit_id: UnitId
    from_month: Month
    to_month: Month
    granted_by: str
    decision: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded:
    """Struck off, left, expelled or died; ``last_month`` is the last one owed."""

    member_id: MemberId
    unit_id: UnitId
    why: Ending
    effective_on: date
    last_month: Month
    decision: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRestored:
    """Membership is given back; the interrupted months from ``from_month`` are owed to the cell of ``unit_id``."""

    member_id: MemberId
    unit_id: UnitId
    roster_order: int
    restored_on: date
    from_month: Month
    decision: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberMoved:
    """The member's cell was merged or divided: the new cell takes the member over, without a letter."""

    member_id: MemberId
    unit_id: UnitId
    from_unit: UnitId
    roster_order: int
    moved_on: date
    from_month: Month
    decision: str


MembershipEvent = (
    MemberAdmitted
    | MemberRecognised
    | TransferLetterIssued
    | TransferWithdrawn
    | TransferReceived
    | MemberArrived
    | TemporaryTransferEnded
    | ReleasedFromActivities
    | MembershipEnded
    | MembershipRestored
    | MemberMoved
)
