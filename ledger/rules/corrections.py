"""Entries of corrections: a reversed entry states its own lines, what members owe again follows (accounting §3)."""

from collections.abc import Mapping

from domain import correction, dues_corrections
from ledger.rule import MONTH_KEY, STATED_LINES, Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    correction.EntryReversed: STATED_LINES,
    dues_corrections.PaymentUnapplied: (
        dr("0110", "unit_id", "amount", MONTH_KEY),
        cr("0190", "unit_id", "amount", MONTH_KEY),
    ),
    dues_corrections.CreditUnapplied: (
        dr("3310", "unit_id", "amount", "own"),
        cr("3340", "unit_id", "amount", "{member_id}"),
        dr("0110", "unit_id", "amount", MONTH_KEY),
        cr("0190", "unit_id", "amount", MONTH_KEY),
    ),
}
