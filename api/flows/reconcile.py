"""Reconcile bank accounts from the log: the events are read once, dealt out by account, and compared there."""

from collections.abc import Iterable, Iterator
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


def reconcile_accounts(
    inst: Installation,
    *,
    accounts: tuple[AccountId, ...] | None = None,
    from_date: date,
    to_date: date,
    as_of: date,
    known_on: date | None = None,
    rejected: Iterable[NoticeFact] = (),
) -> tuple[ReconciliationResult, ...]:
    """One result for each account asked for, in the order asked (None: all that anything is known of, by id).

    ``as_of`` is the day of the ages; ``known_on`` leaves out what was recorded after that day (None: everything known
    now). With all accounts, facts that belong to none come in a last result whose account is "". Refuses
    ``UNKNOWN_ACCOUNT``; raises ``Malformed`` if the days do not follow one another.
    """
    org = inst.ledger.work().organisation
    for asked in accounts or ():
        organisation.account(org, asked)
    head = inst.store.head()
    facts = replace(gather(_events(inst, head, known_on), rejected), position=head)
    parts = by_account(facts)
    wanted = tuple(parts) if accounts is None else accounts
    closed = days_off(inst.settings.holidays)
    nothing = Facts(position=head, owners=facts.owners, declared=facts.declared)
    return tuple(
        reconcile(
            parts.get(one, nothing), account=one, from_date=from_date, to_date=to_date, as_of=as_of, days_off=closed
        )
        for one in wanted
    )


def _events(inst: Installation, head: int, known_on: date | None) -> Iterator[Recorded]:
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
