"""Which state each kind of stream is folded into: a new stream is one line here."""

from collections.abc import Callable
from typing import cast

from domain import (
    access,
    attempt,
    bank_account,
    book,
    cash,
    cash_count,
    cash_custody,
    cash_return,
    channel_case,
    closing,
    correction,
    day_close,
    declaration,
    dues_account,
    match,
    member,
    member_amount,
    open_item,
    opening,
    organisation,
    past,
    payment,
    payment_request,
    policy,
    receipt_book,
    refund,
    relief,
    relief_decider,
    remittance,
    restructuring,
    settlement,
    spending,
)
from domain.events import DomainEvent

POLICY_STREAM = "policy"

Evolve = Callable[[object, DomainEvent], object]


def _after_reserved(state: object, event: DomainEvent) -> object:
    """Fold of the counter stream: the first counter not given out yet."""
    return event.first + event.count if isinstance(event, payment_request.CountersReserved) else state


def _listed(state: object, event: DomainEvent) -> object:
    """Fold that keeps every event."""
    return (*cast(tuple[DomainEvent, ...], state), event)


FOLDS: dict[str, tuple[object, Callable[..., object]]] = {
    organisation.STREAM: (organisation.EMPTY, organisation.evolve),
    access.STREAM: (access.EMPTY, access.evolve),
    POLICY_STREAM: (policy.NO_POLICY, policy.evolve),
    payment_request.COUNTER_STREAM: (0, _after_reserved),
    "member": (member.UNKNOWN, member.evolve),
    "dues": (dues_account.NEW, dues_account.evolve),
    "relief": (relief.NONE, relief.evolve),
    "relief-decider": (relief_decider.NONE, relief_decider.evolve),
    "set-amount": (member_amount.NONE, member_amount.evolve),
    "request": (payment_request.NOT_REQUESTED, payment_request.evolve),
    "attempt": (attempt.NOT_OPENED, attempt.evolve),
    "payment": (payment.NOT_SEEN, payment.evolve),
    "cash": (cash.EMPTY, cash.evolve),
    "cash-count": (cash_count.EMPTY, cash_count.evolve),
    "cash-custody": (cash_custody.EMPTY, cash_custody.evolve),
    "spending": (spending.EMPTY, spending.evolve),
    "cash-return": (cash_return.EMPTY, cash_return.evolve),
    "account": (bank_account.EMPTY, bank_account.evolve),
    "settlement": (settlement.NOT_TOLD, settlement.evolve),
    "channel-case": (channel_case.NOT_TOLD, channel_case.evolve),
    "match": (match.NONE, match.evolve),
    "open-item": (open_item.NONE, open_item.evolve),
    "opening": (opening.NOTHING, opening.evolve),
    "past": (past.EMPTY, past.evolve),
    "receipts": (receipt_book.EMPTY, receipt_book.evolve),
    "declaration": (declaration.NONE, declaration.evolve),
    "remittance": (remittance.NOT_PREPARED, remittance.evolve),
    "incoming": ((), _listed),
    "refund": (refund.NOT_REQUESTED, refund.evolve),
    "book": (book.NONE, book.evolve),
    "day-close": (day_close.NONE, day_close.evolve),
    "closing": (closing.OPEN, closing.evolve),
    "correction": (correction.EMPTY, correction.evolve),
    "restructure": (restructuring.NOT_PLANNED, restructuring.evolve),
}


def fold_of(name: str) -> tuple[object, Evolve]:
    """Initial state and evolve of a stream, by the first word of its name."""
    return FOLDS[name.split("/", 1)[0]]
