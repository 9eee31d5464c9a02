"""What channels said they collected for an account on a day, and what the book had of it, at any log position.

Kept beside the reconciliation on purpose, as ``ledger.day_books`` is: a closed day's figures are made again from the
events alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from domain.open_item import CreditAccepted
from domain.organisation import AccountRegistered
from domain.payment import Asset, PaymentCredited, PaymentReceived, PaymentTakenBack
from domain.payment_request import PaymentRequested
from domain.settlement import SettlementKind, SettlementTold, pays_in_lumps
from domain.settlement_failed import SettlementLumpReturned
from ledger.store import Recorded

#: A position after every other.
_NEVER = 2**63


@dataclass(slots=True)
class _Paid:
    source: str
    reference: str | None
    amount: Dong
    on: date
    since: int
    accounts: list[tuple[int, str]]  #: where it is expected or lies, by the position from which on
    until: int = _NEVER


@dataclass(slots=True)
class DayChannels:
    """Takes the log in event by event."""

    _first: dict[UnitId, AccountId] = field(default_factory=dict)
    _asked: dict[str, AccountId] = field(default_factory=dict)
    _paid: dict[str, _Paid] = field(default_factory=dict)
    _under: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _told: list[tuple[int, SettlementTold]] = field(default_factory=list)

    events = frozenset(
        {
            AccountRegistered,
            PaymentRequested,
            PaymentReceived,
            PaymentCredited,
            PaymentTakenBack,
            CreditAccepted,
            SettlementTold,
            SettlementLumpReturned,
        }
    )

    def take(self, recorded: Recorded) -> None:
        """Take one event in."""
        event, position = recorded.event, recorded.position
        match event:
            case AccountRegistered():
                self._first.setdefault(event.unit_id, event.account_id)
            case PaymentRequested():
                self._asked[event.reference] = event.account_id
            case PaymentReceived() if event.asset is Asset.CLEARING:
                self._receive(event, position)
            case PaymentCredited() | CreditAccepted() if event.payment_id in self._paid:
                self._paid[event.payment_id].accounts.append((position, event.account_id))
            case SettlementLumpReturned():
                for name in event.payments:
                    if name in self._paid:
                        self._paid[name].accounts.append((position, event.account_id))
            case PaymentTakenBack() if event.payment_id in self._paid:
                self._paid[event.payment_id].until = position
            case SettlementTold():
                self._told.append((position, event))
            case _:
                pass

    def _receive(self, event: PaymentReceived, position: int) -> None:
        asked = self._asked.get(event.reference or "")
        lumps = self._first.get(event.holder_id)
        account = lumps if (asked is None or pays_in_lumps(event.source)) and lumps is not None else asked
        self._paid[event.payment_id] = _Paid(
            event.source, event.reference, event.amount, event.paid_on, position, [(position, account or "")]
        )
        if event.reference is not None:
            self._under[event.reference].append(event.payment_id)

    def figures(self, account: AccountId, day: date, position: int) -> tuple[Dong, Dong]:
        """What channels told for the account and day, and what the book had of those channels, at ``position``."""
        told = [event for since, event in self._told if since <= position]
        covering = {event.rail for event in told if event.from_date <= day <= event.to_date}
        stated = sum(
            line.amount
            for event in told
            if event.rail in covering
            for line in event.lines
            if line.kind is SettlementKind.COLLECTION
            and line.on == day
            and self._account_of(event, line.outside_reference, line.reference, position) == account
        )
        booked = sum(
            paid.amount
            for paid in self._paid.values()
            if paid.since <= position < paid.until
            and paid.on == day
            and paid.source in covering
            and _at(paid, position) == account
        )
        return stated, booked

    def _account_of(self, event: SettlementTold, outside: str, reference: str | None, position: int) -> str:
        for name in self._names(event.rail, outside, reference, position):
            found = _at(self._paid[name], position)
            if found:
                return found
        asked = self._asked.get(reference or "")
        return str(self._first.get(event.unit_id, "")) if asked is None else asked

    def _names(self, rail: str, outside: str, reference: str | None, position: int) -> Iterator[str]:
        """The payment that a line tells of: by the channel's own number, else the first under its reference."""
        by_number = self._paid.get(f"{rail}/{outside}")
        if by_number is not None and by_number.since <= position:
            yield f"{rail}/{outside}"
            return
        for name in self._under.get(reference or "", ()):
            paid = self._paid[name]
            if paid.since <= position < paid.until:
                if paid.source == rail:
                    yield name
                return


def _at(paid: _Paid, position: int) -> str:
    return next((account for since, account in reversed(paid.accounts) if since <= position), "")
