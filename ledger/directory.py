"""Who is on which roll, and what was asked of whom: look-ups over many streams, folded from the log."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.member import MemberEvent
from domain.money import Dong
from domain.passed_on import RefundTakenOver, RemittanceTakenOver
from domain.payment import Asset, PaymentReceived
from domain.payment_request import Kind, PaymentRequested
from domain.period import Month
from domain.reference import Reference
from domain.refund import RefundRequested
from domain.remittance import RemittancePrepared
from domain.remittance_cases import InterimPrepared
from ledger.ports import EventReader
from ledger.roll import RollCount, Rolls

#: Events that say where a member belongs.
MOVES = (
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
#: Every event that a look-up follows from.
NAMES = (
    *MOVES,
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

    def attempts_for(self, member_id: MemberId, month: Month) -> tuple[Reference, ...]:
        """The attempts opened for a member's month, alone or in a payment for many, oldest first."""

    def payments_told(self, account_id: AccountId, amount: Dong, first: date, last: date) -> tuple[PaymentId, ...]:
        """Payments of an amount into a bank account that were dated from ``first`` to ``last``, as first told."""

    def all_payments_told(
        self, account_id: AccountId, first: date, last: date
    ) -> tuple[tuple[Dong, date, PaymentId], ...]:
        """The same for every amount: amount, day and name of each payment, as first told."""

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


def attempted(event: PaymentRequested) -> tuple[tuple[MemberId, Month], ...]:
    """Whose months a request is an attempt to pay; none for a standing request."""
    if event.channel == "qr":
        return ()
    if event.kind is Kind.BATCH:
        return tuple((line.member_id, line.month) for line in event.lines)
    return () if event.member_id is None or event.month is None else ((event.member_id, event.month),)


class Cases:
    """Whose each remittance and refund is, in the order in which each became its unit's."""

    def __init__(self) -> None:
        self.remittances: dict[UnitId, list[tuple[str, str]]] = defaultdict(list)  #: (id, period) by unit
        self.refunds: dict[UnitId, list[str]] = defaultdict(list)

    def take(self, event: object) -> None:
        """Take one event in; others are passed over."""
        match event:
            case RemittancePrepared() | InterimPrepared():
                self.remittances[event.unit_id].append((event.remittance_id, event.period))
            case RemittanceTakenOver(unit_id=unit, from_unit_id=old) if unit != old:
                gone = [one for one in self.remittances[old] if one[0] == event.remittance_id]
                self.remittances[old] = [one for one in self.remittances[old] if one not in gone]
                self.remittances[unit] += gone
            case RefundRequested():
                self.refunds[event.unit_id].append(event.refund_id)
            case RefundTakenOver():
                self.refunds[event.from_unit_id].remove(event.refund_id)
                self.refunds[event.unit_id].append(event.refund_id)
            case _:
                pass


class FoldedDirectory:
    """The look-ups folded in memory."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._position = 0
        self._rolls = Rolls()
        self._requests: dict[tuple[MemberId, Month], Reference] = {}
        self._by_member: dict[MemberId, set[tuple[MemberId, Month]]] = defaultdict(set)
        self._attempts: dict[tuple[MemberId, Month], list[Reference]] = defaultdict(list)
        self._cases: dict[str, Reference] = {}
        self._told: dict[tuple[str, Dong], list[tuple[date, PaymentId]]] = defaultdict(list)
        self._units = Cases()

    def catch_up(self) -> None:
        """Fold what is new; one thread at a time, or a member would be listed twice."""
        with self._lock:
            while found := self._reader.read(self._position, _BATCH, (*NAMES, "payment-received")):
                for recorded in found:
                    if isinstance(recorded.event, PaymentRequested):
                        for key in attempted(recorded.event):
                            self._attempts[key].append(recorded.event.reference)
                    match recorded.event:
                        case (
                            PaymentRequested(kind=Kind.DUES, channel="qr" | "cash", member_id=member, month=month) as e
                        ):
                            if member is not None and month is not None:
                                self._requests[member, month] = e.reference
                                self._by_member[member].add((member, month))
                        case PaymentRequested(case_id=str(case)) as e:
                            self._cases[case] = e.reference
                        case PaymentReceived() as e:
                            if e.asset is Asset.BANK:
                                self._told[e.asset_key, e.amount].append((e.paid_on, e.payment_id))
                        case e if isinstance(e, MemberEvent):
                            self._rolls.take(e)
                        case e:
                            self._units.take(e)
                self._position = found[-1].position

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

    def attempts_for(self, member_id: MemberId, month: Month) -> tuple[Reference, ...]:
        """The attempts for a member's month."""
        return tuple(self._attempts.get((member_id, month), ()))

    def payments_told(self, account_id: AccountId, amount: Dong, first: date, last: date) -> tuple[PaymentId, ...]:
        """Payments by account, amount and day; one that was taken back and came again stands once."""
        found = self._told.get((account_id, amount), ())
        return tuple(dict.fromkeys(payment for day, payment in found if first <= day <= last))

    def all_payments_told(
        self, account_id: AccountId, first: date, last: date
    ) -> tuple[tuple[Dong, date, PaymentId], ...]:
        """Payments by account and day."""
        return tuple(
            (amount, day, payment)
            for (key, amount), found in self._told.items()
            if key == account_id
            for day, payment in found
            if first <= day <= last
        )

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference of a case."""
        return self._cases.get(case_id)

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of remittances of a unit and period."""
        return tuple(case for case, of in self._units.remittances.get(unit_id, ()) if of == period)

    def unit_remittances(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's remittances."""
        return tuple(case for case, _ in self._units.remittances.get(unit_id, ()))

    def unit_refunds(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's refunds."""
        return tuple(self._units.refunds.get(unit_id, ()))

    def references_of(self, member_id: MemberId) -> tuple[Reference, ...]:
        """A member's requests; they are few, and are looked for by month."""
        return tuple(self._requests[key] for key in sorted(self._by_member.get(member_id, ())))
