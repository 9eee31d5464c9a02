"""What a payment answers for now, member by member: which months, which credit, and into whose books its money went.

A month stands in the books of the cell that owns it and money in those of the unit that took it in, so the months'
own events do not say whose the money is.
"""

from collections import defaultdict
from dataclasses import dataclass

from domain import dues_account, organisation, payment
from domain.dues_account import CreditHeld, PaymentApplied
from domain.dues_corrections import CreditUnheld, PaymentUnapplied
from domain.events import DomainEvent
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.payment import MatchUndone, Payment, SuspenseIdentified
from domain.payment_request import Requested
from domain.period import Month
from ledger.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a payment answers for one member: by month, and held as credit; đồng."""

    member_id: MemberId
    unit_id: UnitId
    months: tuple[tuple[Month, Dong], ...]
    credit: Dong

    @property
    def dues(self) -> Dong:
        """What answers for months."""
        return sum(amount for _, amount in self.months)

    @property
    def amount(self) -> Dong:
        """All of it."""
        return self.dues + self.credit


def parts_of(work: Work, state: Payment, year: int) -> tuple[Part, ...]:
    """What a payment answers for now, member by member."""
    members = _members(work, state)
    years = range(state.received.paid_on.year, year + 1)
    work.preload(dues_account.stream(member, y) for member in members for y in years)
    found = []
    for member in members:
        events = [e for y in years for e in work.events(dues_account.stream(member, y))]
        found += _parts(work, state, member, events)
    return tuple(found)


def _members(work: Work, state: Payment) -> tuple[MemberId, ...]:
    """Everyone whose account this payment may have touched."""
    seen = state.received
    found = [] if seen.member_id is None else [seen.member_id]
    if seen.reference is not None:
        request = work.request(seen.reference)
        if isinstance(request, Requested):
            found += [line.member_id for line in request.asked.lines]
    for event in work.events(payment.stream(seen.payment_id)):
        if isinstance(event, SuspenseIdentified):
            found.append(event.member_id)
    return tuple(dict.fromkeys(found))


def _parts(work: Work, state: Payment, member: MemberId, events: list[DomainEvent]) -> list[Part]:
    """The parts by the units that took the money and keep the books now: an ended unit's are its successor's."""
    org, payment_id = work.organisation, state.received.payment_id
    months: dict[Month, Dong] = defaultdict(int)
    credit: dict[UnitId, Dong] = defaultdict(int)
    for event in events:
        match event:
            case PaymentApplied() if event.payment_id == payment_id:
                months[event.month] += event.amount
            case PaymentUnapplied() if event.payment_id == payment_id:
                months[event.month] -= event.amount
            case CreditHeld() if event.payment_id == payment_id:
                credit[organisation.owner(org, event.unit_id)] += event.amount
            case CreditUnheld() if event.payment_id == payment_id:
                credit[organisation.owner(org, event.unit_id)] -= event.amount
            case _:
                pass
    placed = _by_taker(months, _taken(work, state, member, sum(months.values())))
    return [
        Part(member_id=member, unit_id=unit, months=tuple(placed.get(unit, ())), credit=credit[unit])
        for unit in dict.fromkeys((*placed, *credit))
        if credit[unit] or placed.get(unit)
    ]


def _by_taker(months: dict[Month, Dong], taken: dict[UnitId, Dong]) -> dict[UnitId, list[tuple[Month, Dong]]]:
    """Which unit took the money of which month: the oldest months are answered for by who took money first."""
    placed: dict[UnitId, list[tuple[Month, Dong]]] = defaultdict(list)
    left = dict(taken)
    for month, amount in sorted(months.items()):
        rest = amount
        for unit, there in left.items():
            part = min(rest, there)
            if part:
                placed[unit].append((month, part))
                left[unit] -= part
                rest -= part
    return placed


def _taken(work: Work, state: Payment, member: MemberId, dues: Dong) -> dict[UnitId, Dong]:
    """Which units took what of ``dues`` that this payment answers for, first the one that received it; đồng.

    The events of a month do not say it: they stand in the books of the cell that owns the month.
    """
    org, seen = work.organisation, state.received
    identified: dict[UnitId, Dong] = defaultdict(int)
    for event in work.events(payment.stream(seen.payment_id)):
        if isinstance(event, MatchUndone) and event.member_id == member:
            # All of a member's parts are undone together, so what is his now came after it.
            identified.clear()
        elif isinstance(event, SuspenseIdentified) and event.member_id == member:
            identified[organisation.owner(org, event.unit_id)] += event.dues_amount
    first = organisation.owner(org, seen.unit_id)
    received = dues - sum(identified.values())
    return {first: received + identified.pop(first, 0), **identified}
