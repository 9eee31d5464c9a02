"""Who is on which roll, and what was asked of whom: look-ups over many streams, folded from the log."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from domain.identifiers import MemberId, UnitId
from domain.member import MemberEvent
from domain.passed_on import RefundTakenOver, RemittanceTakenOver
from domain.payment_request import Kind, PaymentRequested
from domain.period import Month
from domain.reference import Reference
from domain.refund import RefundRequested
from domain.remittance import RemittancePrepared
from domain.remittance_cases import InterimPrepared
from ledger.ports import EventReader
from ledger.roll import RollCount, Rolls

_MOVES = (
    "member-enrolled",
    "member-admitted",
    "transfer-letter-issued",
    "transfer-withdrawn",
    "transfer-received",
    "member-arrived",
    "temporary-transfer-ended",
    "membership-ended",
    "membership-restored",
    "member-moved",
)
_NAMES = (
    *_MOVES,
    "payment-requested",
    "remittance-prepared",
    "interim-prepared",
    "remittance-taken-over",
    "refund-requested",
    "refund-taken-over",
)
_BATCH = 2_000


class Directory(Protocol):
    """Look-ups that span streams; at least as new as the last ``catch_up``."""

    def catch_up(self) -> None:
        """Take in everything recorded so far."""

    def members_of(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members on the rolls of these units as recorded so far, in the order of units and rolls."""

    def concerned_by(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members who ever had to do with these units, each once: on the roll, gone from it, or there for a time."""

    def members_on(self, unit_id: UnitId, day: date) -> tuple[MemberId, ...]:
        """The official members of a unit on a day, in the order of its roll."""

    def count_on(self, units: Iterable[UnitId], day: date) -> RollCount:
        """How many members these units have on a day (B01 line 01), and how many are there only for a time."""

    def next_order(self, unit_id: UnitId) -> int:
        """The first free place on a unit's roll."""

    def request_for(self, member_id: MemberId, month: Month) -> Reference | None:
        """The standing request for a member's month, if one was issued."""

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference that belongs to a remittance, refund or bag."""

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of the remittances prepared by a unit for a period, or taken over by it."""

    def unit_remittances(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of every remittance that is a unit's, whatever its period."""

    def unit_refunds(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of every refund that is a unit's."""

    def references_of(self, member_id: MemberId) -> tuple[Reference, ...]:
        """The standing requests of a member, by dues month."""


class FoldedDirectory:
    """The look-ups folded in memory."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._position = 0
        self._rolls = Rolls()
        self._requests: dict[tuple[MemberId, Month], Reference] = {}
        self._by_member: dict[MemberId, set[tuple[MemberId, Month]]] = defaultdict(set)
        self._cases: dict[str, Reference] = {}
        self._remittances: dict[tuple[UnitId, str], list[str]] = defaultdict(list)
        self._refunds: dict[UnitId, list[str]] = defaultdict(list)

    def catch_up(self) -> None:
        """Fold what is new; one thread at a time, or a member would be listed twice."""
        with self._lock:
            while found := self._reader.read(self._position, _BATCH, _NAMES):
                for recorded in found:
                    match recorded.event:
                        case PaymentRequested(kind=Kind.DUES, channel="qr", member_id=member, month=month) as e:
                            if member is not None and month is not None:
                                self._requests[member, month] = e.reference
                                self._by_member[member].add((member, month))
                        case PaymentRequested(case_id=str(case)) as e:
                            self._cases[case] = e.reference
                        case RemittancePrepared() | InterimPrepared() as e:
                            self._remittances[e.unit_id, e.period].append(e.remittance_id)
                        case RemittanceTakenOver() as e:
                            self._take_over(e)
                        case RefundRequested() as e:
                            self._refunds[e.unit_id].append(e.refund_id)
                        case RefundTakenOver() as e:
                            self._refunds[e.from_unit_id].remove(e.refund_id)
                            self._refunds[e.unit_id].append(e.refund_id)
                        case e if isinstance(e, MemberEvent):
                            self._rolls.take(e)
                self._position = found[-1].position

    def _take_over(self, event: RemittanceTakenOver) -> None:
        for (unit, period), listed in list(self._remittances.items()):
            if unit == event.from_unit_id and event.remittance_id in listed and unit != event.unit_id:
                listed.remove(event.remittance_id)
                self._remittances[event.unit_id, period].append(event.remittance_id)

    def members_of(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members in the order of units and rolls."""
        return tuple(member for unit in units for member in self._rolls.present(unit))

    def concerned_by(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """The present roll of each unit, then those who were there before or for a time."""
        found = dict.fromkeys(member for unit in units for member in self._rolls.concerned(unit))
        return tuple(found)

    def members_on(self, unit_id: UnitId, day: date) -> tuple[MemberId, ...]:
        """The roll on a day."""
        return self._rolls.on(unit_id, day)

    def count_on(self, units: Iterable[UnitId], day: date) -> RollCount:
        """The count on a day."""
        return self._rolls.counts_on(units, day)

    def next_order(self, unit_id: UnitId) -> int:
        """One more than the last place of the roll."""
        return self._rolls.last_order(unit_id) + 1

    def request_for(self, member_id: MemberId, month: Month) -> Reference | None:
        """The request for a member's month."""
        return self._requests.get((member_id, month))

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference of a case."""
        return self._cases.get(case_id)

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of remittances of a unit and period."""
        return tuple(self._remittances.get((unit_id, period), ()))

    def unit_remittances(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's remittances."""
        return tuple(case for (unit, _), listed in self._remittances.items() if unit == unit_id for case in listed)

    def unit_refunds(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's refunds."""
        return tuple(self._refunds.get(unit_id, ()))

    def references_of(self, member_id: MemberId) -> tuple[Reference, ...]:
        """A member's requests; they are few, and are looked for by month."""
        return tuple(self._requests[key] for key in sorted(self._by_member.get(member_id, ())))
