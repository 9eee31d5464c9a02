"""Entries of what members owe and of what is held for them (accounting §3, first row)."""

from collections.abc import Mapping

from domain import dues_account
from ledger.rule import MONTH_KEY, Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    # Memo book: what members owe (accounting §3, first row).
    dues_account.DuesAssessed: (
        dr("0110", "unit_id", "gross", MONTH_KEY),
        cr("0190", "unit_id", "gross", MONTH_KEY),
        dr("0120", "unit_id", "relieved", MONTH_KEY),
        cr("0110", "unit_id", "relieved", MONTH_KEY),
    ),
    dues_account.PaymentApplied: (
        dr("0190", "unit_id", "amount", MONTH_KEY),
        cr("0110", "unit_id", "amount", MONTH_KEY),
    ),
    dues_account.CreditApplied: (
        dr("0190", "unit_id", "amount", MONTH_KEY),
        cr("0110", "unit_id", "amount", MONTH_KEY),
        dr("3340", "unit_id", "amount", "{member_id}"),
        cr("3310", "unit_id", "amount", "own"),
    ),
    dues_account.ApplicationUndone: (
        dr("0110", "unit_id", "amount", MONTH_KEY),
        cr("0190", "unit_id", "amount", MONTH_KEY),
    ),
    dues_account.ReliefRecognised: (
        dr("0120", "unit_id", "amount", MONTH_KEY),
        cr("0110", "unit_id", "amount", MONTH_KEY),
    ),
    dues_account.OpeningCreditCarried: (
        dr("3340", "unit_id", "amount", "opening"),
        cr("3340", "unit_id", "amount", "{member_id}"),
    ),
    dues_account.CreditReleased: (
        dr("3340", "unit_id", "amount", "{member_id}"),
        cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
}
