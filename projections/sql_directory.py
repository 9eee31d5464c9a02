"""``ledger.directory.Directory`` over tables, equal to the fold of the log (``FoldedDirectory``).

The tables say where to look; what is found there is kept, and brought up with the tail of the log. A change of
anybody's place lets every roll go: such changes are few, and a roll is read again from its members' events alone.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from domain.identifiers import AccountId, MemberId, PaymentId, RefundId, RemittanceId, UnitId
from domain.member import MemberEvent
from domain.member import stream as member_stream
from domain.money import Dong
from domain.passed_on import RefundTakenOver, RemittanceTakenOver
from domain.payment_request import Kind, PaymentRequested
from domain.period import Month
from domain.reference import Reference
from domain.refund import RefundRequested
from domain.refund import stream as refund_stream
from domain.remittance import RemittancePrepared
from domain.remittance import stream as remittance_stream
from domain.remittance_cases import InterimPrepared
from ledger.directory import MOVES, NAMES, Cases
from ledger.ports import EventReader
from ledger.roll import RollCount, Rolls
from projections.attempts import ATTEMPT_MONTHS, ATTEMPTS
from projections.member_units import MEMBER_UNIT_ROWS, MEMBER_UNITS
from projections.payment_requests import PAYMENT_REQUESTS, REQUEST_ROWS
from projections.payments import PAYMENT_ROWS, PAYMENTS
from projections.refunds import REFUND_ROWS, REFUNDS
from projections.remittances import REMITTANCE_ROWS, REMITTANCES
from projections.sql_books import TAIL, Connect, Tables

_REMITTANCE_NAMES = ("remittance-prepared", "interim-prepared", "remittance-taken-over")
_REFUND_NAMES = ("refund-requested", "refund-taken-over")

#: Every how many times the head of the log is asked for.
_HEAD_EVERY = 50

#: Later than any event: look-ups are at least as new as the last ``catch_up``, and may be newer.
_NEWEST = 2**62


class SqlDirectory:
    """The look-ups, from tables and the tail of the log."""

    def __init__(self, connect: Connect, reader: EventReader) -> None:
        self._tables = Tables(connect, reader)
        self._reader = reader
        self._lock = threading.RLock()
        self._position = 0
        self._calls = 0
        self._forget()

    def _forget(self) -> None:
        self._rolls: dict[UnitId, Rolls] = {}
        self._listed: tuple[MemberId, ...] = ()
        self._requests: dict[MemberId, dict[Month, Reference]] = {}
        self._cases: dict[str, Reference | None] = {}
        self._remittances: dict[UnitId, list[tuple[str, str]]] = {}
        self._refunds: dict[UnitId, list[str]] = {}

    def catch_up(self) -> None:
        """Take the tail in; far behind, what is known is let go and looked for again."""
        with self._lock:
            self._calls += 1
            # Events of other names are passed over by the database; the head, now and then, so that they stay few.
            # It is read first: what is appended in between is read again the next time, which changes nothing.
            head = self._position if self._position and self._calls % _HEAD_EVERY else self._reader.head()
            found = self._reader.read(self._position, TAIL, NAMES) if self._position else ()
            if len(found) == TAIL:
                self._forget()
                head = self._reader.head()
            else:
                for recorded in found:
                    self._take(recorded.event)
                    self._position = recorded.position
            self._position = max(self._position, head)

    def _take(self, event: object) -> None:
        match event:
            case PaymentRequested(kind=Kind.DUES, channel="qr" | "cash", member_id=member, month=month):
                if member is not None and month is not None and member in self._requests:
                    self._requests[member][month] = event.reference
            case PaymentRequested(case_id=str(case)):
                self._cases[case] = event.reference
            case RemittancePrepared() | InterimPrepared():
                listed = self._remittances.get(event.unit_id)
                if listed is not None and (event.remittance_id, event.period) not in listed:
                    listed.append((event.remittance_id, event.period))
            case RemittanceTakenOver() | RefundTakenOver():
                for kept in (self._remittances, self._refunds):
                    kept.pop(event.from_unit_id, None)
                    kept.pop(event.unit_id, None)
            case RefundRequested():
                self._refunds.pop(event.unit_id, None)
            case _ if isinstance(event, MemberEvent):
                self._rolls.clear()

    # --- rolls ------------------------------------------------------------------------------------------------------

    def members_of(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """Members in the order of units and rolls."""
        with self._lock:
            return self._list(m for unit, rolls in self._rolls_of(units) for m in rolls.present(unit))

    def concerned_by(self, units: Iterable[UnitId]) -> tuple[MemberId, ...]:
        """The present roll of each unit, then those who were there before or for a time."""
        with self._lock:
            return self._list(dict.fromkeys(m for unit, rolls in self._rolls_of(units) for m in rolls.concerned(unit)))

    def members_on(self, unit_id: UnitId, day: date) -> tuple[MemberId, ...]:
        """The roll on a day."""
        with self._lock:
            ((unit, rolls),) = self._rolls_of((unit_id,))
            return rolls.on(unit, day)

    def count_on(self, units: Iterable[UnitId], day: date) -> RollCount:
        """The count on a day; who is a guest in several of these units counts once, so they are folded together."""
        wanted = tuple(units)
        with self._lock:
            together = Rolls()
            for event, _ in self._moves(wanted):
                together.take(event)
            return together.counts_on(wanted, day)

    def next_order(self, unit_id: UnitId) -> int:
        """One more than the last place of the roll."""
        with self._lock:
            ((unit, rolls),) = self._rolls_of((unit_id,))
            return rolls.last_order(unit) + 1

    def _list(self, members: Iterable[MemberId]) -> tuple[MemberId, ...]:
        """Whoever lists members asks for their requests next: they are looked for together then."""
        self._listed = tuple(members)
        return self._listed

    def _rolls_of(self, units: Iterable[UnitId]) -> list[tuple[UnitId, Rolls]]:
        """Each unit with the rolls from which it alone is answered."""
        wanted = tuple(units)
        missing = [unit for unit in dict.fromkeys(wanted) if unit not in self._rolls]
        if missing:
            made = {unit: Rolls() for unit in missing}
            for event, of in self._moves(missing):
                for unit in of:
                    made[unit].take(event)
            self._rolls |= made
        return [(unit, self._rolls[unit]) for unit in wanted]

    def _moves(self, units: Iterable[UnitId]) -> Iterable[tuple[MemberEvent, list[UnitId]]]:
        """The moves of everybody who had to do with these units, in log order, each with those of the units."""
        self._tables.bring(MEMBER_UNITS, self._position)
        statement = f"SELECT unit, member_id FROM {MEMBER_UNIT_ROWS.serving} WHERE unit = ANY(%s) ORDER BY member_id"
        concerned: dict[MemberId, list[UnitId]] = defaultdict(list)
        for unit, member_id in self._tables.rows(statement, (list(dict.fromkeys(units)),)):
            concerned[MemberId(member_id)].append(UnitId(unit))
        streams = [member_stream(member_id) for member_id in concerned]
        for recorded in self._reader.read_streams(streams, until=_NEWEST, names=MOVES):
            if isinstance(recorded.event, MemberEvent):
                yield recorded.event, concerned[recorded.event.member_id]

    # --- requests ---------------------------------------------------------------------------------------------------

    def request_for(self, member_id: MemberId, month: Month) -> Reference | None:
        """The request for a member's month."""
        with self._lock:
            return self._requests_of(member_id).get(month)

    def references_of(self, member_id: MemberId) -> tuple[Reference, ...]:
        """A member's requests by month."""
        with self._lock:
            return tuple(reference for _, reference in sorted(self._requests_of(member_id).items()))

    def _requests_of(self, member_id: MemberId) -> dict[Month, Reference]:
        known = self._requests.get(member_id)
        if known is None:
            wanted = [m for m in self._listed if m not in self._requests] if member_id in self._listed else [member_id]
            self._load_requests(wanted)
            known = self._requests[member_id]
        return known

    def _load_requests(self, members: list[MemberId]) -> None:
        self._tables.bring(PAYMENT_REQUESTS, self._position)
        statement = (
            f"SELECT member_id, month, reference FROM {REQUEST_ROWS.serving} WHERE member_id = ANY(%s)"
            " AND kind = %s AND channel IN ('qr', 'cash') AND month IS NOT NULL ORDER BY position"
        )
        for member_id in members:
            self._requests[member_id] = {}
        for member_id, month, reference in self._tables.rows(statement, (members, str(Kind.DUES))):
            self._requests[member_id][Month(month)] = reference

    def attempts_for(self, member_id: MemberId, month: Month) -> tuple[Reference, ...]:
        """The attempts for a member's month; they are few and change, so they are looked up each time."""
        with self._lock:
            self._tables.bring(ATTEMPTS, self._position)
            statement = (
                f"SELECT reference FROM {ATTEMPT_MONTHS.serving} WHERE member_id = %s AND month = %s"
                " ORDER BY position, reference"
            )
            return tuple(Reference(found) for (found,) in self._tables.rows(statement, (member_id, month)))

    def payments_told(self, account_id: AccountId, amount: Dong, first: date, last: date) -> tuple[PaymentId, ...]:
        """Payments by account, amount and day; what was told a moment ago counts, so the tables come to the head."""
        with self._lock:
            self._tables.bring(PAYMENTS, self._reader.head())
            statement = (
                f"SELECT payment_id FROM {PAYMENT_ROWS.serving} WHERE asset_key = %s AND amount = %s"
                " AND paid_on BETWEEN %s AND %s AND asset = '1120' ORDER BY position"
            )
            rows = self._tables.rows(statement, (account_id, amount, first, last))
            return tuple(PaymentId(found) for (found,) in rows)

    def all_payments_told(
        self, account_id: AccountId, first: date, last: date
    ) -> tuple[tuple[Dong, date, PaymentId], ...]:
        """Payments by account and day; the tables come to the head, as above."""
        with self._lock:
            self._tables.bring(PAYMENTS, self._reader.head())
            statement = (
                f"SELECT amount, paid_on, payment_id FROM {PAYMENT_ROWS.serving} WHERE asset_key = %s"
                " AND paid_on BETWEEN %s AND %s AND asset = '1120' ORDER BY position"
            )
            rows = self._tables.rows(statement, (account_id, first, last))
            return tuple((int(amount), day, PaymentId(found)) for amount, day, found in rows)

    def request_of_case(self, case_id: str) -> Reference | None:
        """The reference of a case."""
        with self._lock:
            if case_id not in self._cases:
                self._tables.bring(PAYMENT_REQUESTS, self._position)
                statement = (
                    f"SELECT reference FROM {REQUEST_ROWS.serving} WHERE case_id = %s"
                    " AND NOT (kind = %s AND channel = 'qr') ORDER BY position DESC LIMIT 1"
                )
                rows = self._tables.rows(statement, (case_id, str(Kind.DUES)))
                self._cases[case_id] = rows[0][0] if rows else None
            return self._cases[case_id]

    # --- remittances and refunds ------------------------------------------------------------------------------------

    def remittances_of(self, unit_id: UnitId, period: str) -> tuple[str, ...]:
        """Ids of remittances of a unit and period."""
        with self._lock:
            return tuple(case for case, of in self._remittances_of(unit_id) if of == period)

    def unit_remittances(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's remittances."""
        with self._lock:
            return tuple(case for case, _ in self._remittances_of(unit_id))

    def unit_refunds(self, unit_id: UnitId) -> tuple[str, ...]:
        """Ids of a unit's refunds."""
        with self._lock:
            if unit_id not in self._refunds:
                self._tables.bring(REFUNDS, self._position)
                statement = f"SELECT refund_id FROM {REFUND_ROWS.serving} WHERE unit = %s ORDER BY position"
                names = [refund_stream(RefundId(case)) for (case,) in self._tables.rows(statement, (unit_id,))]
                self._refunds[unit_id] = self._owned(names, _REFUND_NAMES).refunds[unit_id]
            return tuple(self._refunds[unit_id])

    def _remittances_of(self, unit_id: UnitId) -> list[tuple[str, str]]:
        if unit_id not in self._remittances:
            self._tables.bring(REMITTANCES, self._position)
            statement = f"SELECT remittance_id FROM {REMITTANCE_ROWS.serving} WHERE unit = %s ORDER BY position"
            names = [remittance_stream(RemittanceId(case)) for (case,) in self._tables.rows(statement, (unit_id,))]
            self._remittances[unit_id] = self._owned(names, _REMITTANCE_NAMES).remittances[unit_id]
        return self._remittances[unit_id]

    def _owned(self, streams: list[str], names: tuple[str, ...]) -> Cases:
        """Whose these cases are, and since when, from their own events."""
        cases = Cases()
        for recorded in self._reader.read_streams(streams, until=_NEWEST, names=names):
            cases.take(recorded.event)
        return cases
