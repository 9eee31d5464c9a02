"""Reconcile bank accounts from the log: the events are read once, dealt out by account, and compared there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from adapters.office.holidays import days_off
from api.wiring import Installation
from domain import organisation
from domain.identifiers import AccountId
from domain.period import day_of
from ledger.reports_reconciliation import ReconciliationResult
from ledger.store import Recorded
from reconciliation.facts import Facts, NoticeFact
from reconciliation.gather import event_names, gather
from reconciliation.parts import by_account
from reconciliation.reconcile import reconcile

#: How many events are read at a time.
_BATCH = 5_000

#: Told how far a long run has come, in Vietnamese.
Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Nobody listens."""


def reconcile_accounts(
    inst: Installation,
    *,
    accounts: tuple[AccountId, ...] | None = None,
    from_date: date,
    to_date: date,
    as_of: date,
    known_on: date | None = None,
    rejected: Iterable[NoticeFact] = (),
    progress: Progress = _silent,
) -> tuple[ReconciliationResult, ...]:
    """One result for each account asked for, in the order asked (None: all that anything is known of, by id).

    ``as_of`` is the day of the ages; ``known_on`` leaves out what was recorded after that day (None: everything known
    now). With all accounts, facts that belong to none come in a last result whose account is "". Refuses
    ``UNKNOWN_ACCOUNT``; raises ``Malformed`` if the days do not follow one another.
    """
    known_accounts(inst, accounts or ())
    head = inst.store.head()
    parts = parts_at(inst, head, known_on, rejected, progress=progress)
    wanted = tuple(parts) if accounts is None else accounts
    found = []
    for place, one in enumerate(wanted, start=1):
        progress(f"đối chiếu {one or 'chưa rõ tài khoản'} ({place}/{len(wanted)})")
        found.append(reconcile_one(inst, parts, one, from_date=from_date, to_date=to_date, as_of=as_of))
    return tuple(found)


def known_accounts(inst: Installation, accounts: Iterable[AccountId]) -> None:
    """Refuse an account that nobody registered."""
    org = inst.ledger.work().organisation
    for asked in accounts:
        organisation.account(org, asked)


def parts_at(
    inst: Installation,
    head: int,
    known_on: date | None = None,
    rejected: Iterable[NoticeFact] = (),
    *,
    progress: Progress = _silent,
) -> Mapping[AccountId, Facts]:
    """The facts of each account up to a position of the log."""
    facts = replace(gather(_events(inst, head, known_on, progress), rejected), position=head)
    nothing = Facts(position=head, owners=facts.owners, declared=facts.declared, told_days=facts.told_days)
    return _Parts(by_account(facts), nothing)


class _Parts(dict[AccountId, Facts]):
    """Facts by account; of an account without any, what is known of all."""

    def __init__(self, parts: Mapping[AccountId, Facts], nothing: Facts) -> None:
        super().__init__(parts)
        self._nothing = nothing

    def __missing__(self, account: AccountId) -> Facts:
        return self._nothing


def reconcile_one(
    inst: Installation,
    parts: Mapping[AccountId, Facts],
    account: AccountId,
    *,
    from_date: date,
    to_date: date,
    as_of: date,
) -> ReconciliationResult:
    """One account on its part of the facts."""
    closed = days_off(inst.settings.holidays)
    return reconcile(
        parts[account], account=account, from_date=from_date, to_date=to_date, as_of=as_of, days_off=closed
    )


def _events(inst: Installation, head: int, known_on: date | None, progress: Progress) -> Iterator[Recorded]:
    """The events that bear on bank accounts, up to one position of the log and one day of recording."""
    names = event_names()
    position = 0
    while found := inst.store.read(position, _BATCH, names):
        for one in found:
            if one.position > head:
                return
            if known_on is None or day_of(one.recorded_at) <= known_on:
                yield one
        position = found[-1].position
        progress(f"đọc nhật ký đến vị trí {position}/{head}")
