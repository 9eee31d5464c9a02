"""Events as a real month brings them, from a seed: the figures are of the product's own events and sizes."""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from adapters.office.policy_file import load
from domain import access, dues_account, organisation, payment, payment_request
from domain.access import Action, Role, RoleGranted
from domain.dues_account import DuesAssessed, PaymentApplied
from domain.events import DomainEvent
from domain.identifiers import AccountId, MemberId, OfficerId, UnitId, payment_id
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.payment import Asset, PaymentReceived
from domain.payment_request import CountersReserved, Kind, PaymentRequested, RequestAnswered
from domain.period import Month
from domain.policy import RateActivated, ReliefActivated, RoundingActivated
from domain.policy_rows import BaseKind, Regime
from domain.reference import Reference, mint
from ledger.store import CommandContext, StreamAppend

MONTH = Month("2026-07")
WARD = UnitId("u-0123456789ab")
KEY = bytes(range(16))
#: Members of a cell, and every how many cells one uses the account of the unit above.
CELL, HELD_EVERY = 28, 3
NOTICES = 500  #: payments taken from the inbox by one command
AT = datetime(2026, 7, 6, 1, 0, tzinfo=UTC)


_DECISION: Mapping[str, Any] = {"approver": "HP-CU", "document": "tệp chính sách", "decided_on": date(2026, 1, 1)}


def uuids(seed: int) -> Iterator[str]:
    """Random UUIDs, the same every time."""
    source = random.Random(seed)
    while True:
        yield str(uuid.UUID(int=source.getrandbits(128), version=4))


def unit_of(number: int) -> UnitId:
    """The cell of the n-th member."""
    return UnitId(f"u-{uuid.uuid5(uuid.NAMESPACE_URL, f'bench:{number // CELL}').hex[:12]}")


def holder_of(number: int) -> UnitId:
    """Who holds the account into which the n-th member pays."""
    return WARD if number // CELL % HELD_EVERY == 0 else unit_of(number)


def assessments(count: int, *, by_stream: bool = False) -> list[tuple[str, DuesAssessed]]:
    """Streams and assessments of so many members, in the order of cells and rolls: ids come in no order.

    With ``by_stream`` the members come in the order of their ids; sorting afterwards would scatter them in memory.
    """
    ids = [text for text, _ in zip(uuids(1), range(count), strict=False)]
    chance = random.Random(2)
    cells = [unit_of(number) for number in range(0, count, CELL)]
    members = sorted(ids) if by_stream else ids
    return [_assessment(MemberId(m), cells[number // CELL], chance) for number, m in enumerate(members)]


def _assessment(member: MemberId, unit: UnitId, chance: random.Random) -> tuple[str, DuesAssessed]:
    base = chance.randrange(25_000, 150_000) * 200  # Whole đồng after one per cent and a half of it.
    relief = chance.random() < 0.05
    gross = base // 100
    relieved = gross // 2 if relief else 0
    event = DuesAssessed(
        member_id=member,
        unit_id=unit,
        month=MONTH,
        category="SI_COMPULSORY",
        rule="R26-SI",
        document="01-QĐ/TW",
        article="3",
        regime=Regime.QD01,
        base_kind=BaseKind.SI_SALARY,
        base=base,
        base_month=Month("2026-06"),
        region=None,
        cap=None,
        relief="X4" if relief else None,
        relief_percent=50 if relief else 0,
        relief_decision="12-QĐ/ĐU" if relief else None,
        rounding="RN1",
        gross=gross,
        relieved=relieved,
        due=gross - relieved,
        is_opening=False,
    )
    return dues_account.stream(member, 2026), event


#: Who gives each command, in which role, and as which action.
_GIVEN = {
    "activate-policy": ("service:setup", "service:setup", Action.ACTIVATE_POLICY),
    "register-organisation": ("service:setup", "service:setup", Action.SET_UP),
    "grant-roles": ("service:setup", "service:setup", Action.GRANT_ROLE),
    "assess-month": ("HP-VH-KT1", Role.ACCOUNTANT, Action.ASSESS),
    "request-month": ("HP-VH-KT1", Role.ACCOUNTANT, Action.REQUEST_PAYMENT),
    "take-notices": ("service:worker", "service:worker", Action.RECEIVE_NOTICE),
}


def context(number: int, name: str = "assess-month") -> CommandContext:
    """The n-th command."""
    actor, role, action = _GIVEN[name]
    return CommandContext(
        command_id=uuid.UUID(int=number + 1),
        name=name,
        request_digest=f"{number:064x}",
        recorded_at=AT,
        actor=actor,
        role=role,
        unit=WARD,
        action=action,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the month as it goes to the store."""

    context: CommandContext
    appends: tuple[StreamAppend, ...]

    @property
    def size(self) -> int:
        """How many events it records."""
        return sum(len(append.events) for append in self.appends)


def founded(members: int) -> Iterator[Command]:
    """Law, tree and grants, without which the checks would find every later event without ground."""
    rows = load().rows
    law = (
        *(RateActivated(row=row, **_DECISION) for row in rows.rates if row.id == "R26-SI"),
        *(ReliefActivated(row=row, **_DECISION) for row in rows.reliefs if row.id == "X4"),
        *(RoundingActivated(row=row, **_DECISION) for row in rows.roundings if row.id == "RN1"),
    )
    yield _command(10**9, "activate-policy", [("policy", 0, law)])
    cells = [unit_of(number) for number in range(0, members, CELL)]
    units = (_unit(WARD, None, UnitKind.SUPERIOR_COMMUNE), *(_unit(cell, WARD, UnitKind.CELL) for cell in cells))
    yield _command(10**9 + 1, "register-organisation", [(organisation.STREAM, 0, units)])
    grant = RoleGranted(
        officer_id=OfficerId("HP-VH-KT1"),
        role=Role.ACCOUNTANT,
        unit_id=WARD,
        valid_from=date(2026, 1, 1),
        valid_to=None,
        decision="QD-02",
        proposed_by="HP-CU",
        approved_by="HP-VP",
    )
    yield _command(10**9 + 2, "grant-roles", [(access.STREAM, 0, (grant,))])


def _unit(unit: UnitId, parent: UnitId | None, kind: UnitKind) -> UnitRegistered:
    return UnitRegistered(
        unit_id=unit,
        code=unit,
        name=f"Chi bộ {unit}",
        kind=kind,
        parent_id=parent,
        effective_from=date(2026, 1, 1),
        has_books=True,
    )


def month(members: int, wave: int = 1_000, *, paid: bool = True) -> Iterator[Command]:
    """A month in waves of members: assessed, asked, paid through the portal. Any beginning of it is a fair mix.

    Without ``paid`` the requests stay open.
    """
    yield from founded(members)
    ids = [MemberId(text) for text, _ in zip(uuids(1), range(members), strict=False)]
    chance = random.Random(2)
    numbers = iter(range(10**9))
    for first in range(0, members, wave):
        block = range(first, min(first + wave, members))
        assessed = {number: _assessment(ids[number], unit_of(number), chance) for number in block}
        yield _command(next(numbers), "assess-month", [(stream, 0, (event,)) for stream, event in assessed.values()])
        asked = {number: _requested(number, event) for number, (_, event) in assessed.items()}
        opened = (payment_request.COUNTER_STREAM, first // wave, (CountersReserved(first=first, count=len(block)),))
        requests = [(payment_request.stream(event.reference), 0, (event,)) for event in asked.values()]
        yield _command(next(numbers), "request-month", [opened, *requests])
        for low in range(first, block.stop, NOTICES) if paid else ():
            some = range(low, min(low + NOTICES, block.stop))
            streams = [part for number in some for part in _paid(number, assessed[number][1], asked[number])]
            yield _command(next(numbers), "take-notices", streams)


def _command(number: int, name: str, streams: list[tuple[str, int, tuple[DomainEvent, ...]]]) -> Command:
    appends = (StreamAppend(stream=stream, expected_version=at, events=events) for stream, at, events in streams)
    return Command(context=context(number, name), appends=tuple(appends))


def _requested(number: int, event: DuesAssessed) -> PaymentRequested:
    return PaymentRequested(
        reference=reference(number),
        kind=Kind.DUES,
        channel="portal",
        unit_id=event.unit_id,
        holder_id=holder_of(number),
        account_id=AccountId("970436:0011001234567"),
        amount=event.due,
        member_id=event.member_id,
        month=MONTH,
        lines=(),
        case_id=None,
        valid_until=date(2026, 7, 31),
    )


def _paid(
    number: int, event: DuesAssessed, asked: PaymentRequested
) -> tuple[tuple[str, int, tuple[DomainEvent, ...]], ...]:
    outside = f"DVC260704{number:08d}"
    paid = payment_id("portal", outside)
    applied = PaymentApplied(
        member_id=event.member_id, unit_id=event.unit_id, month=MONTH, amount=event.due, payment_id=paid, n=1
    )
    received = PaymentReceived(
        payment_id=paid,
        source="portal",
        outside_reference=outside,
        channel="portal",
        unit_id=event.unit_id,
        holder_id=asked.holder_id,
        asset=Asset.CLEARING,
        asset_key="portal",
        amount=event.due,
        dues_amount=event.due,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=0,
        paid_on=date(2026, 7, 4),
        booked_on=None,
        reference=asked.reference,
        request_kind=Kind.DUES,
        member_id=event.member_id,
        payer_key=None,
        bank_line=None,
        evidence_id=str(uuid.UUID(int=number)),
    )
    answered = RequestAnswered(reference=asked.reference, payment_id=paid, amount=event.due)
    return (
        (dues_account.stream(event.member_id, 2026), 1, (applied,)),
        (payment.stream(paid), 0, (received,)),
        (payment_request.stream(asked.reference), 1, (answered,)),
    )


def reference(number: int) -> Reference:
    """The n-th reference of the shard."""
    return mint(key=KEY, shard=1, counter=number)
