"""Double entry, derived: each event's entry as a table of (account, side, unit, key, amount).

The table is data, so that a road over single events and a road over columns read the same rules. Every amount is a
plain integer field of the event; a rule with an amount of zero leaves no line. Source: accounting §3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain import bank_account, cash, declaration, dues_account, opening, payment, refund, remittance
from domain.events import DomainEvent
from domain.money import Dong

DEBIT, CREDIT = 1, -1


@dataclass(frozen=True, slots=True)
class Line:
    """One posting: ``amount`` is positive on the debit side and negative on the credit side; đồng."""

    unit: str
    account: str
    key: str
    amount: Dong


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. ``account`` and ``key`` may name a field of the event in braces."""

    side: int
    account: str
    unit: str  #: field that names the unit
    amount: str  #: field that holds the amount
    key: str = ""  #: analytic key: text with {fields}
    when: str = ""  #: name of a condition in CONDITIONS


#: Conditions on the event, by name.
CONDITIONS: Mapping[str, Callable[[Any], bool]] = {
    "": lambda e: True,
    "own": lambda e: e.holder_id == e.unit_id,
    "held": lambda e: e.holder_id != e.unit_id,
    "suspense": lambda e: e.suspense_amount > 0,
    "superior-here": lambda e: e.superior_has_books,
    "here-sender": lambda e: e.sender_here,
    "here-superior": lambda e: e.superior_here,
    "origin": lambda e: e.is_origin,
    "above": lambda e: not e.is_origin,
    "via-other": lambda e: e.via_other_holder,
    "via-superior": lambda e: not e.via_other_holder,
    "fee": lambda e: e.what in (bank_account.NotDues.FEE, bank_account.NotDues.SPENDING),
    "income": lambda e: e.what in (bank_account.NotDues.INTEREST, bank_account.NotDues.STATE_FUNDING),
}


def _dr(account: str, unit: str, amount: str, key: str = "", when: str = "") -> Rule:
    return Rule(DEBIT, account, unit, amount, key, when)


def _cr(account: str, unit: str, amount: str, key: str = "", when: str = "") -> Rule:
    return Rule(CREDIT, account, unit, amount, key, when)


_MONTH = "{member_id}:{month}"
_SUB = "{unit_id}:{period}"

#: The table. An event that is not here has no entry.
RULES: Mapping[type, tuple[Rule, ...]] = {
    # Memo book: what members owe (accounting §3, first row).
    dues_account.DuesAssessed: (
        _dr("0110", "unit_id", "gross", _MONTH),
        _cr("0190", "unit_id", "gross", _MONTH),
        _dr("0120", "unit_id", "relieved", _MONTH),
        _cr("0110", "unit_id", "relieved", _MONTH),
    ),
    dues_account.PaymentApplied: (
        _dr("0190", "unit_id", "amount", _MONTH),
        _cr("0110", "unit_id", "amount", _MONTH),
    ),
    dues_account.CreditApplied: (
        _dr("0190", "unit_id", "amount", _MONTH),
        _cr("0110", "unit_id", "amount", _MONTH),
        _dr("3340", "unit_id", "amount", "{member_id}"),
        _cr("3310", "unit_id", "amount", "own"),
    ),
    dues_account.ApplicationUndone: (
        _dr("0110", "unit_id", "amount", _MONTH),
        _cr("0190", "unit_id", "amount", _MONTH),
    ),
    dues_account.ReliefRecognised: (
        _dr("0120", "unit_id", "amount", _MONTH),
        _cr("0110", "unit_id", "amount", _MONTH),
    ),
    dues_account.OpeningCreditCarried: (
        _dr("3340", "unit_id", "amount", "opening"),
        _cr("3340", "unit_id", "amount", "{member_id}"),
    ),
    dues_account.CreditReleased: (
        _dr("3340", "unit_id", "amount", "{member_id}"),
        _cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    # Opening balances.
    opening.OpeningSigned: (
        _dr("1120", "unit_id", "bank", "{account_id}"),
        _dr("1110", "unit_id", "cash", "{unit_id}"),
        _cr("4310", "unit_id", "fund"),
        _cr("3340", "unit_id", "credit", "opening"),
    ),
    # Money in.
    payment.PaymentReceived: (
        _dr("{asset}", "holder_id", "amount", "{asset_key}"),
        _dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        _cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        _cr("3310", "unit_id", "dues_amount", "own"),
        _cr("3340", "unit_id", "credit_amount", "{member_id}"),
        _cr("1110", "unit_id", "converted_amount", "{unit_id}"),
        _cr("3380", "unit_id", "suspense_amount", "{payment_id}"),
    ),
    payment.PaymentCredited: (
        _dr("1120", "unit_id", "credited", "{account_id}"),
        _dr("6310", "unit_id", "fee", "bank-fee"),
        _cr("1140", "unit_id", "amount", "{clearing}"),
    ),
    payment.SuspenseIdentified: (
        _dr("3380", "holder_id", "amount", "{payment_id}"),
        _dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        _cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        _cr("3310", "unit_id", "dues_amount", "own"),
        _cr("3340", "unit_id", "credit_amount", "{member_id}"),
    ),
    payment.SuspenseReleased: (
        _dr("3380", "unit_id", "amount", "{payment_id}"),
        _cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    payment.SuspenseNamed: (
        _dr("3380", "unit_id", "amount", "{payment_id}"),
        _cr("4320", "unit_id", "amount", "{heading}"),
    ),
    cash.BagTakenToBank: (
        _dr("1130", "unit_id", "amount", "{bag}"),
        _cr("1110", "unit_id", "amount", "{unit_id}"),
    ),
    cash.BagCredited: (
        _dr("1120", "unit_id", "amount", "{account_id}"),
        _cr("1130", "unit_id", "amount", "{bag}"),
    ),
    cash.CashPassedToHolder: (
        _dr("1390", "unit_id", "amount", "{holder_id}"),
        _cr("1110", "unit_id", "amount", "{unit_id}"),
        _dr("1110", "holder_id", "amount", "{holder_id}"),
        _cr("3390", "holder_id", "amount", "{unit_id}"),
    ),
    bank_account.MovementNamed: (
        _dr("6310", "unit_id", "amount", "{heading}", "fee"),
        _cr("1120", "unit_id", "amount", "{account_id}", "fee"),
        _dr("1120", "unit_id", "amount", "{account_id}", "income"),
        _cr("4320", "unit_id", "amount", "{heading}", "income"),
    ),
    # Declaration and what follows.
    declaration.PeriodDeclared: (
        _dr("3310", "unit_id", "own_collected", "own"),
        _dr("3310", "unit_id", "from_subordinates", "sub"),
        _cr("4310", "unit_id", "kept"),
        _cr("3360", "unit_id", "payable", "{period}"),
        _dr("1360", "superior_id", "payable", _SUB, "superior-here"),
        _cr("3350", "superior_id", "payable", _SUB, "superior-here"),
    ),
    declaration.DeclarationAnnounced: (
        _dr("1360", "superior_id", "payable", _SUB),
        _cr("3350", "superior_id", "payable", _SUB),
    ),
    declaration.DeclarationRestated: (
        _dr("4310", "unit_id", "kept_part"),
        _dr("1380", "unit_id", "passed_part", "{refund_id}"),
        _cr("3370", "unit_id", "reduced_by", "{refund_id}", "origin"),
        _cr("3365", "unit_id", "reduced_by", "{refund_id}", "above"),
    ),
    declaration.UnsplitReduced: (
        _dr("3310", "unit_id", "amount", "sub"),
        _cr("3365", "unit_id", "amount", "{refund_id}"),
    ),
    # Remittances.
    remittance.RemittanceSent: (
        _dr("1150", "unit_id", "amount", "{remittance_id}"),
        _cr("{asset}", "unit_id", "amount", "{asset_key}"),
    ),
    remittance.SendingCorrected: (
        _dr("{asset}", "unit_id", "difference", "{asset_key}"),
        _cr("1150", "unit_id", "difference", "{remittance_id}"),
    ),
    remittance.RemittanceReceived: (
        _dr("3360", "unit_id", "amount", "{period}", "here-sender"),
        _cr("1150", "unit_id", "amount", "{remittance_id}", "here-sender"),
        _dr("{asset}", "superior_id", "amount", "{asset_key}", "here-superior"),
        _cr("1360", "superior_id", "amount", _SUB, "here-superior"),
        _dr("3350", "superior_id", "amount", _SUB, "here-superior"),
        _cr("3310", "superior_id", "amount", "sub", "here-superior"),
    ),
    remittance.SettledFromHeld: (
        _dr("3360", "unit_id", "amount", "{period}"),
        _cr("1390", "unit_id", "amount", "{holder_id}"),
        _dr("3390", "holder_id", "amount", "{unit_id}"),
        _cr("3390", "holder_id", "amount", "{superior_id}", "via-other"),
        _dr("1390", "superior_id", "amount", "{holder_id}", "via-other"),
        _cr("1360", "superior_id", "amount", _SUB),
        _dr("3350", "superior_id", "amount", _SUB),
        _cr("3310", "superior_id", "amount", "sub"),
    ),
    remittance.ClawBackNetted: (
        _dr("3360", "unit_id", "amount", "{period}"),
        _cr("1380", "unit_id", "amount", "{refund_id}"),
        _dr("3365", "superior_id", "amount", "{refund_id}", "here-superior"),
        _cr("1360", "superior_id", "amount", _SUB, "here-superior"),
        _dr("3350", "superior_id", "amount", _SUB, "here-superior"),
        _cr("3310", "superior_id", "amount", "sub", "here-superior"),
    ),
    # Refunds.
    refund.RefundTakenFromUnsplit: (
        _dr("3310", "unit_id", "amount", "own"),
        _cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    refund.RefundPaidOut: (
        _dr("3370", "unit_id", "amount", "{refund_id}"),
        _cr("1390", "unit_id", "amount", "{holder_id}", "held"),
        _dr("3390", "holder_id", "amount", "{unit_id}", "held"),
        _cr("{asset}", "holder_id", "amount", "{asset_key}"),
    ),
    refund.PayoutFailed: (
        _dr("{asset}", "holder_id", "amount", "{asset_key}"),
        _cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        _dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        _cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
}

#: The field that says when an event's entry is true, by class; the journal shows it beside the recorded time.
OCCURRED_ON: Mapping[type, str] = {
    payment.PaymentReceived: "paid_on",
    payment.PaymentCredited: "booked_on",
    opening.OpeningSigned: "as_of",
    cash.BagTakenToBank: "taken_on",
    cash.BagCredited: "booked_on",
    cash.CashPassedToHolder: "passed_on",
    bank_account.MovementNamed: "booked_on",
    declaration.PeriodDeclared: "declared_on",
    declaration.DeclarationAnnounced: "announced_on",
    declaration.DeclarationRestated: "restated_on",
    declaration.UnsplitReduced: "restated_on",
    remittance.RemittanceSent: "sent_on",
    remittance.SendingCorrected: "corrected_on",
    remittance.RemittanceReceived: "received_on",
    remittance.SettledFromHeld: "settled_on",
    refund.RefundPaidOut: "paid_on",
    refund.PayoutFailed: "failed_on",
}


def entry(event: DomainEvent) -> tuple[Line, ...]:
    """The postings of one event; empty for an event without an entry. They sum to zero per unit and book (I1)."""
    lines = []
    for rule in RULES.get(type(event), ()):
        amount: Dong = getattr(event, rule.amount)
        if amount and CONDITIONS[rule.when](event):
            unit: str = getattr(event, rule.unit)
            lines.append(Line(unit, _text(rule.account, event), _text(rule.key, event), rule.side * amount))
    return tuple(lines)


def _text(template: str, event: DomainEvent) -> str:
    """Fill the {fields} of a template from the event."""
    if "{" not in template:
        return template
    filled = template
    for name in _fields(template):
        filled = filled.replace("{" + name + "}", str(getattr(event, name)))
    return filled


def _fields(template: str) -> tuple[str, ...]:
    return tuple(part.split("}")[0] for part in template.split("{")[1:])


def occurred_on(event: DomainEvent, recorded_on: date) -> date:
    """When the event's entry is true: its own date, else the day it was recorded."""
    field = OCCURRED_ON.get(type(event))
    day = getattr(event, field) if field else None
    return day if isinstance(day, date) else recorded_on
