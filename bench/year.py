"""Twelve months of a ward or a province, made up: assessed, paid, declared, remitted, received, closed.

What the history holds is what books and closings read; the amounts are simple so that a plain query can check them.
"""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bench import world
from bench.province import PROVINCE, Person
from domain import closing, declaration, dues_account, payment, remittance
from domain.closing import MonthClosed
from domain.declaration import PeriodDeclared, SubordinatePart
from domain.dues_account import DuesAssessed, PaymentApplied
from domain.events import DomainEvent
from domain.identifiers import RemittanceId, UnitId, payment_id
from domain.money import split_by_share
from domain.payment import Asset, PaymentReceived
from domain.payment_request import Kind
from domain.period import Month, Period, period_end
from domain.policy_rows import BaseKind, Regime
from domain.remittance import RemittanceReceived
from ledger.store import StreamAppend

MONTHS = tuple(Month(f"2026-{number:02d}") for number in range(1, 13))
#: What everybody pays a month, in đồng.
DUES = 60_000
#: Members of one command, and every how many cells one uses the account of its ward.
WAVE, HELD_EVERY = 5_000, 3


class Year:
    """Deals the commands out in the order of the log, which it counts along for the closes."""

    def __init__(self, persons: tuple[Person, ...]) -> None:
        self._persons = persons
        self._position = 0
        self._number = 2 * 10**9
        self._versions: dict[str, int] = {}
        self._before = world.context(0)
        self._wards: dict[UnitId, dict[UnitId, int]] = {}
        for person in persons:
            counts = self._wards.setdefault(person.ward, {})
            counts[person.unit_id] = counts.get(person.unit_id, 0) + 1
        self._held = {cell for counts in self._wards.values() for cell in list(counts)[::HELD_EVERY]}

    def commands(self, before: tuple[world.Command, ...]) -> Iterator[world.Command]:
        """What came before, then month by month; every month but the last is closed by every unit."""
        for command in before:
            self._position += command.size
            yield command
        for month in MONTHS:
            for low in range(0, len(self._persons), WAVE):
                yield self._command(self._paid(month, self._persons[low : low + WAVE]))
            sums = {ward: self._passed_up(counts) for ward, counts in self._wards.items()}
            for ward, counts in self._wards.items():
                yield self._command(self._declared(ward, counts, month))
            parts = tuple(SubordinatePart(unit_id=ward, period=Period(month), amount=sums[ward]) for ward in sums)
            top = _declared(PROVINCE, PROVINCE, month, 0, parts)
            yield self._command([self._next(declaration.stream(PROVINCE), (top,))])
            if month != MONTHS[-1]:
                units = [PROVINCE, *self._wards, *(cell for counts in self._wards.values() for cell in counts)]
                at = self._position
                closes = [
                    self._next(closing.stream(unit), (_closed(unit, month, at, self._versions),)) for unit in units
                ]
                yield self._command(closes)

    def _command(self, appends: list[StreamAppend]) -> world.Command:
        self._number += 1
        context = replace(self._before, command_id=uuid.UUID(int=self._number), request_digest=f"{self._number:064x}")
        made = world.Command(context=context, appends=tuple(appends))
        self._position += made.size
        return made

    def _next(self, stream: str, events: tuple[DomainEvent, ...]) -> StreamAppend:
        expected = self._versions.get(stream, 0)
        self._versions[stream] = expected + len(events)
        return StreamAppend(stream=stream, expected_version=expected, events=events)

    def _paid(self, month: Month, some: tuple[Person, ...]) -> list[StreamAppend]:
        appends = []
        for person in some:
            holder = person.ward if person.unit_id in self._held else person.unit_id
            assessed, applied, received = _month_of(person, holder, month)
            appends.append(self._next(dues_account.stream(person.member_id, 2026), (assessed, applied)))
            appends.append(
                StreamAppend(stream=payment.stream(received.payment_id), expected_version=0, events=(received,))
            )
        return appends

    def _declared(self, ward: UnitId, counts: dict[UnitId, int], month: Month) -> list[StreamAppend]:
        made = [_declared(cell, ward, month, DUES * count, ()) for cell, count in counts.items()]
        parts = tuple(SubordinatePart(unit_id=d.unit_id, period=d.period, amount=d.payable) for d in made)
        made.append(_declared(ward, PROVINCE, month, 0, parts))
        received = [_received(d) for d in made]
        return [
            *(self._next(declaration.stream(d.unit_id), (d,)) for d in made),
            *(self._next(remittance.stream(r.remittance_id), (r,)) for r in received),
        ]

    def _passed_up(self, counts: dict[UnitId, int]) -> int:
        sums = sum(split_by_share(DUES * count, 3_000).passed_up for count in counts.values())
        return split_by_share(sums, 5_000).passed_up


def _month_of(person: Person, holder: UnitId, month: Month) -> tuple[DuesAssessed, PaymentApplied, PaymentReceived]:
    outside = f"FT{month.replace('-', '')}{person.member_id}"
    paid = payment_id("bank", outside)
    day = date(int(month[:4]), int(month[5:]), 10)
    assessed = DuesAssessed(
        member_id=person.member_id,
        unit_id=person.unit_id,
        month=month,
        category=person.category,
        rule="R26-SI",
        document="01-QĐ/TW",
        article="3",
        regime=Regime.QD01,
        base_kind=BaseKind.SI_SALARY,
        base=DUES * 100,
        base_month=month,
        region=None,
        cap=None,
        relief=None,
        relief_percent=0,
        relief_decision=None,
        rounding="RN1",
        gross=DUES,
        relieved=0,
        due=DUES,
        is_opening=False,
    )
    applied = PaymentApplied(
        member_id=person.member_id, unit_id=person.unit_id, month=month, amount=DUES, payment_id=paid, n=1
    )
    received = PaymentReceived(
        payment_id=paid,
        source="bank",
        outside_reference=outside,
        channel="bank",
        unit_id=person.unit_id,
        holder_id=holder,
        asset=Asset.BANK,
        asset_key="bench",
        amount=DUES,
        dues_amount=DUES,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=0,
        paid_on=day,
        booked_on=day,
        reference=None,
        request_kind=Kind.DUES,
        member_id=person.member_id,
        payer_key=None,
        bank_line=None,
        evidence_id=None,
    )
    return assessed, applied, received


def _declared(
    unit: UnitId, superior: UnitId, month: Month, own: int, parts: tuple[SubordinatePart, ...]
) -> PeriodDeclared:
    below = sum(part.amount for part in parts)
    retain = 5_000 if parts else 3_000
    split = split_by_share(own + below, retain)
    return PeriodDeclared(
        unit_id=unit,
        superior_id=superior,
        superior_has_books=True,
        period=Period(month),
        position=1,
        own_collected=own,
        from_subordinates=below,
        subordinates=parts,
        collected=own + below,
        share_row="EX",
        share_document="bench",
        is_example=True,
        retain_bp=retain,
        kept=split.kept,
        payable=split.passed_up,
        declared_on=period_end(Period(month)),
    )


def _received(made: PeriodDeclared) -> RemittanceReceived:
    return RemittanceReceived(
        remittance_id=RemittanceId(f"{made.unit_id}/{made.period}/1"),
        unit_id=made.unit_id,
        superior_id=made.superior_id,
        sender_here=True,
        superior_here=True,
        period=made.period,
        amount=made.payable,
        asset="1120",
        asset_key="bench",
        bank_line=None,
        received_on=period_end(made.period),
    )


def _closed(unit: UnitId, month: Month, position: int, versions: dict[str, int]) -> MonthClosed:
    return MonthClosed(
        unit_id=unit,
        month=month,
        number=versions.get(closing.stream(unit), 0) + 1,
        position=position,
        explanations=(),
        reports=(),
        supersedes=None,
        needs_second=False,
        closed_by="bench",
        closed_on=period_end(Period(month)) + timedelta(days=5),
    )
