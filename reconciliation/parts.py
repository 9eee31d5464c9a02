"""Deals the facts of a shard out to its bank accounts in one pass; each account is then reconciled on its part."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from domain.identifiers import AccountId
from reconciliation.facts import NO_ACCOUNT, DecisionFact, Facts, Item, LineFact, PaymentFact, RequestFact

T = TypeVar("T")


def by_account(facts: Facts) -> Mapping[AccountId, Facts]:
    """The part of each registered account that has any facts, by id, and that of "" for facts that belong to none.

    Every line, item, notice and remittance is in exactly one part. A request is in the part of its account and in that
    of each account whose lines carry its reference: a sending pays into the superior's account.
    """
    lines = _grouped((line.account_id, line) for line in facts.lines)
    items = _grouped((item.account_id, item) for item in facts.items)
    notices = _grouped((notice.account_id, notice) for notice in facts.notices)
    remittances = _grouped((r.account_id, r) for r in facts.remittances)
    spans = _grouped((span.account_id, span) for span in facts.spans)
    of_item = {item.item: item.account_id for item in facts.items}
    movements = defaultdict(list)
    for m in facts.movements:
        # A movement that does not lie on its item's account stays in sight of both, so that a tie-out fails aloud.
        for account in {m.account_id, of_item[m.item]}:
            movements[account].append(m)
    of_line = {(line.account_id, line.key): line.account_id for line in facts.lines}
    keys = _grouped((key, account) for (account, key) in of_line)
    evidence = _grouped((account, e) for e in facts.evidence for account in keys.get(e.line_key, ()))
    names = _grouped((account, n) for n in facts.names for account in keys.get(n.line_key, ()))
    payments = _payments(facts.payments, items)
    holders = _grouped((subject, account) for account, own in items.items() for subject in {x.subject for x in own})
    waits = _grouped((account, w) for w in facts.waits for account in holders.get(w.payment_id, ()))
    why = _grouped((account, w) for w in facts.why for account in holders.get(w.payment_id, ()))
    told_lines = _grouped((one.account_id, one) for one in facts.told)
    open_cases = _grouped((case.account_id, case) for case in facts.cases)
    of_case = _grouped((case.case, case.account_id) for case in facts.cases)
    decisions = _grouped(
        (account, d) for d in facts.decisions for account in of_case.get(d.item) or _decided(d, holders)
    )
    cases = {account: {one.case for one in found} for account, found in items.items()}
    requests = _requests(facts.requests, lines)
    told = {*lines, *items, *spans, *notices, *remittances, *movements, *told_lines, *open_cases}
    known = [*sorted(told - {NO_ACCOUNT}), *(told & {NO_ACCOUNT})]
    return {
        account: replace(
            facts,
            lines=tuple(lines.get(account, ())),
            spans=tuple(spans.get(account, ())),
            items=tuple(items.get(account, ())),
            movements=tuple(movements.get(account, ())),
            evidence=tuple(evidence.get(account, ())),
            payments=tuple(payments.get(account, ())),
            names=tuple(names.get(account, ())),
            requests=tuple(requests.get(account, ())),
            notices=tuple(notices.get(account, ())),
            remittances=tuple(remittances.get(account, ())),
            waits=tuple(waits.get(account, ())),
            why=tuple(why.get(account, ())),
            told=tuple(told_lines.get(account, ())),
            cases=tuple(open_cases.get(account, ())),
            decisions=tuple(decisions.get(account, ())),
            origins=tuple(o for o in facts.origins if o[0] in cases.get(account, ())),
        )
        for account in known
    }


def _decided(decision: DecisionFact, holders: Mapping[str, list[AccountId]]) -> tuple[AccountId, ...]:
    """The accounts that an open item lies on: that of a line, or those of a payment."""
    if decision.item.startswith("line:"):
        return (AccountId(decision.item.removeprefix("line:").partition("#")[0]),)
    return tuple(holders.get(decision.item, ()))


K = TypeVar("K")


def _grouped(rows: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for key, value in rows:
        groups.setdefault(key, []).append(value)
    return groups


def _payments(
    payments: Iterable[PaymentFact], items: Mapping[AccountId, list[Item]]
) -> dict[AccountId, list[PaymentFact]]:
    known = {p.payment_id: p for p in payments}
    return _grouped(
        (account, known[item.subject]) for account, own in items.items() for item in own if item.subject in known
    )


def _requests(
    requests: Iterable[RequestFact], lines: Mapping[AccountId, list[LineFact]]
) -> dict[AccountId, list[RequestFact]]:
    known = {r.reference: r for r in requests}
    wanted = {(r.account_id, r.reference) for r in known.values()}
    wanted |= {
        (account, reference)
        for account, own in lines.items()
        for line in own
        for reference in line.references
        if reference in known
    }
    return _grouped((account, known[reference]) for account, reference in sorted(wanted))
