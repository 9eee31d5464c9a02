"""One row of the posting table: which account of which unit takes which amount of an event, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain import bank_account, spending

DEBIT, CREDIT = 1, -1


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. ``account`` and ``key`` may name a field of the event in braces."""

    side: int
    account: str
    unit: str  #: field that names the unit
    amount: str  #: field that holds the amount
    key: str = ""  #: analytic key: text with {fields}
    when: str = ""  #: name of a condition in CONDITIONS
    each: str = ""  #: field with a tuple: the rule then holds for each element, whose fields are meant


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
    "voucher-out": lambda e: e.kind is spending.VoucherKind.PAYMENT,
    "voucher-in": lambda e: e.kind is spending.VoucherKind.RECEIPT,
    "fee": lambda e: e.what in (bank_account.NotDues.FEE, bank_account.NotDues.SPENDING),
    "income": lambda e: e.what in (bank_account.NotDues.INTEREST, bank_account.NotDues.STATE_FUNDING),
}


def dr(account: str, unit: str, amount: str, key: str = "", when: str = "") -> Rule:
    return Rule(DEBIT, account, unit, amount, key, when)


def cr(account: str, unit: str, amount: str, key: str = "", when: str = "") -> Rule:
    return Rule(CREDIT, account, unit, amount, key, when)


#: For events that state their postings themselves, as a tuple of ``EntryLine`` in the field ``lines``.
STATED_LINES = (
    Rule(DEBIT, "{account}", "unit_id", "debit", "{key}", each="lines"),
    Rule(CREDIT, "{account}", "unit_id", "credit", "{key}", each="lines"),
)

#: Keys used by several rules: a member's month, a subordinate's period.
MONTH_KEY = "{member_id}:{month}"
SUB_KEY = "{unit_id}:{period}"
