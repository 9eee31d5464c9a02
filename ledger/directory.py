"""Who is on which roll, and what was asked of whom: look-ups over many streams, folded from the log."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from domain.identifiers import MemberId, UnitId
from domain.member import MemberEnrolled
from domain.payment_request import Kind, PaymentRequested
from domain.period import Month
from domain.reference import Reference
from domain.remittance import RemittancePrepared
from ledger.ports import EventReader

_NAMES = ("member-enrolled", "payment-requested", "remittance-prepared")
_BATCH = 2_000


class Directory(Protocol):
    """Look-ups that span streams; at least as new as the last ``catch_up``."""

    def catch_up(self) -> None:
        """Take in everything recorded so far."""

    def members_of(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members enrolled in these units, in the order of units and rolls."""

    def request_for(self, member_id: MemberId, month: Month) -> Reference | None:
        """The standing request for a member's month, if one was issued."""

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference that belongs to a remittance, refund or bag."""

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of the remittances prepared by a unit for a period."""


class FoldedDirectory:
    """The look-ups folded in memory."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._position = 0
        self._members: dict[UnitId, list[tuple[int, MemberId]]] = defaultdict(list)
        self._requests: dict[tuple[MemberId, Month], Reference] = {}
        self._cases: dict[str, Reference] = {}
        self._remittances: dict[tuple[UnitId, str], list[str]] = defaultdict(list)

    def catch_up(self) -> None:
        """Fold what is new; one thread at a time, or a member would be listed twice."""
        with self._lock:
            while found := self._reader.read(self._position, _BATCH, _NAMES):
                for recorded in found:
                    match recorded.event:
                        case MemberEnrolled() as e:
                            self._members[e.unit_id].append((e.roster_order, e.member_id))
                        case PaymentRequested(kind=Kind.DUES, channel="qr", member_id=member, month=month) as e:
                            if member is not None and month is not None:
                                self._requests[member, month] = e.reference
                        case PaymentRequested(case_id=str(case)) as e:
                            self._cases[case] = e.reference
                        case RemittancePrepared() as e:
                            self._remittances[e.unit_id, e.period].append(e.remittance_id)
                self._position = found[-1].position

    def members_of(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members in the order of units and rolls."""
        return tuple(member for unit in units for _, member in sorted(self._members.get(unit, ())))

    def request_for(self, member_id: MemberId, month: Month) -> Reference | None:
        """The request for a member's month."""
        return self._requests.get((member_id, month))

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference of a case."""
        return self._cases.get(case_id)

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of remittances of a unit and period."""
        return tuple(self._remittances.get((unit_id, period), ()))
