"""Ageing of arrears by cell, and the evidence dossier of members with unpaid months; read only, nothing is decided."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from domain import dues_account, member, organisation, relief
from domain.arrears import AGE_CLASSES, STATE_TITLES, MonthState, age_class, is_flagged, state_of
from domain.dues_account import AheadApplied, CreditApplied, PaymentApplied
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.member import Member
from domain.money import Dong
from domain.payment import Payment
from domain.payment_request import Requested
from domain.period import Month, month_of, parse_month
from domain.policy import setting_number
from domain.policy_settings import SettingName
from domain.relief import Timing
from ledger.accounts import account_years, preload_accounts
from ledger.adjusting import Standing, recorded_months
from ledger.owning import owning_unit
from ledger.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAgeing:
    """What the members of one cell still owe on a day, by age; đồng. ``months`` counts open member-months."""

    unit_id: UnitId
    members: int
    months: int
    total: Dong
    by_class: tuple[tuple[str, Dong], ...]  #: (name of the class, đồng), every class in order


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvidence:
    """Money that answered for a month: the payment, or None for credit; đồng."""

    payment_id: PaymentId | None
    paid_on: date | None
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEvidence:
    """One month of the year: what was due, what was asked, what was paid, and what it counts as."""

    month: Month
    state: MonthState
    due: Dong
    applied: Dong
    request: str | None
    requested: Dong
    payments: tuple[PaymentEvidence, ...]
    relief: str | None
    late_by: str | None  #: the decision that lets the month be paid late


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The evidence about one member's year, for the cell to consider. It is a flag and never a decision."""

    member_id: MemberId
    unit_id: UnitId
    year: int
    on: date
    threshold: int
    unpaid: int
    part_paid: int
    deferred: int
    open: Dong
    months: tuple[MonthEvidence, ...]

    @property
    def flagged(self) -> bool:
        """Whether the cell has to look into it."""
        return is_flagged((m.state for m in self.months), self.threshold)


def ageing(work: Work, unit_id: UnitId, on: date) -> tuple[CellAgeing, ...]:
    """Open months of the members of a unit and beneath it, cell by cell, in the order of the tree."""
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, unit_id)]
    members = work.directory.members_of(units)
    work.preload(member.stream(m) for m in members)
    preload_accounts(work, members, on.year)
    sums: dict[UnitId, dict[str, Dong]] = defaultdict(lambda: defaultdict(int))
    months: dict[UnitId, int] = defaultdict(int)
    owing: dict[UnitId, set[MemberId]] = defaultdict(set)
    for member_id in members:
        known = work.member(member_id)
        for month, owed in _open(work, member_id, on.year).items():
            cell = owning_unit(work, known, month) or known.unit_id
            sums[cell][age_class(month, on).name] += owed
            months[cell] += 1
            owing[cell].add(member_id)
    return tuple(
        CellAgeing(
            unit_id=cell,
            members=len(owing[cell]),
            months=months[cell],
            total=sum(sums[cell].values()),
            by_class=tuple((c.name, sums[cell][c.name]) for c in AGE_CLASSES),
        )
        for cell in units
        if cell in sums
    )


def _open(work: Work, member_id: MemberId, year: int) -> dict[Month, Dong]:
    """What a member owes by month: the newest account carries everything that is open."""
    for candidate in account_years(year):
        if work.version(dues_account.stream(member_id, candidate)):
            account = work.dues(member_id, candidate)
            return {month: dues_account.owed(account, month) for month in dues_account.open_months(account)}
    return {}


def dossiers(work: Work, unit_id: UnitId, *, year: int, on: date, everyone: bool = False) -> tuple[Dossier, ...]:
    """The dossiers of flagged members of a unit and beneath it, or of everyone with an unpaid month."""
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, unit_id)]
    members = work.directory.members_of(units)
    work.preload(member.stream(m) for m in members)
    work.preload(relief.stream(m) for m in members)
    preload_accounts(work, members, on.year)
    owing = [m for m in members if any(month[:4] == str(year) for month in _open(work, m, on.year))]
    found = (dossier(work, m, year=year, on=on) for m in owing)
    return tuple(told for told in found if told.flagged or (everyone and told.unpaid))


def dossier(work: Work, member_id: MemberId, *, year: int, on: date) -> Dossier:
    """Everything about one member's year, month by month, up to the running month."""
    known = work.member(member_id)
    standing = recorded_months(work, member_id, on.year)
    paid = _payments(work, member_id, on.year)
    last = min(f"{year:04d}-12", month_of(on))
    evidence = tuple(
        _month(work, known, month, standing.get(month), paid.get(month, ()), on)
        for month in (parse_month(f"{year:04d}-{number:02d}") for number in range(1, 13))
        if month <= last and (month in standing or owning_unit(work, known, month) is not None)
    )
    return Dossier(
        member_id=member_id,
        unit_id=known.unit_id,
        year=year,
        on=on,
        threshold=setting_number(work.policy, SettingName.UNPAID_MONTHS_FLAG, month_of(on)),
        unpaid=sum(m.state is MonthState.UNPAID for m in evidence),
        part_paid=sum(m.state is MonthState.PART_PAID for m in evidence),
        deferred=sum(m.state is MonthState.DEFERRED for m in evidence),
        open=sum(m.due - m.applied for m in evidence),
        months=evidence,
    )


def _month(
    work: Work, known: Member, month: Month, stands: Standing | None, paid: tuple[PaymentEvidence, ...], on: date
) -> MonthEvidence:
    late = relief.arranged_in(work.reliefs(known.member_id), month, Timing.LATE)
    due = 0 if stands is None else stands.item.assessed - stands.item.relieved
    applied = 0 if stands is None else stands.item.applied
    reference = work.directory.request_for(known.member_id, month)
    asked = None if reference is None else work.request(reference)
    return MonthEvidence(
        month=month,
        state=state_of(
            month=month,
            on=on,
            assessed=stands is not None,
            due=due,
            applied=applied,
            may_be_late=late is not None,
        ),
        due=due,
        applied=applied,
        request=reference,
        requested=asked.asked.amount if isinstance(asked, Requested) else 0,
        payments=paid,
        relief=None if stands is None else stands.reckoning.relief,
        late_by=None if late is None else late.decision,
    )


def _payments(work: Work, member_id: MemberId, year: int) -> dict[Month, tuple[PaymentEvidence, ...]]:
    """What answered for each month, in the order of the log."""
    found: dict[Month, list[PaymentEvidence]] = defaultdict(list)
    for candidate in reversed(account_years(year)):
        for event in work.events(dues_account.stream(member_id, candidate)):
            match event:
                case PaymentApplied():
                    seen = work.payment(event.payment_id)
                    day = seen.received.paid_on if isinstance(seen, Payment) else None
                    told = PaymentEvidence(payment_id=event.payment_id, paid_on=day, amount=event.amount)
                    found[event.month].append(told)
                case CreditApplied() | AheadApplied():
                    found[event.month].append(PaymentEvidence(payment_id=None, paid_on=None, amount=event.amount))
                case _:
                    pass
    return {month: tuple(rows) for month, rows in found.items()}


def ageing_dict(row: CellAgeing) -> dict[str, object]:
    """One cell's ageing as an answer shows it."""
    return {
        "unit_id": row.unit_id,
        "members": row.members,
        "months": row.months,
        "total": row.total,
        "by_class": [
            {"class": c.name, "title": c.title, "amount": amount}
            for c, (_, amount) in zip(AGE_CLASSES, row.by_class, strict=True)
        ],
    }


def dossier_dict(told: Dossier) -> dict[str, object]:
    """One dossier as an answer shows it."""
    return {
        "member_id": told.member_id,
        "unit_id": told.unit_id,
        "year": told.year,
        "on": told.on.isoformat(),
        "flagged": told.flagged,
        "threshold": told.threshold,
        "unpaid": told.unpaid,
        "part_paid": told.part_paid,
        "deferred": told.deferred,
        "open": told.open,
        "months": [
            {
                "month": m.month,
                "state": str(m.state),
                "title": STATE_TITLES[m.state],
                "due": m.due,
                "applied": m.applied,
                "request": m.request,
                "requested": m.requested,
                "payments": [
                    {
                        "payment": p.payment_id,
                        "paid_on": None if p.paid_on is None else p.paid_on.isoformat(),
                        "amount": p.amount,
                    }
                    for p in m.payments
                ],
                "relief": m.relief,
                "late_by": m.late_by,
            }
            for m in told.months
        ],
    }
