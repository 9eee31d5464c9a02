"""Entries of what members owe and of what is held for them (accounting §3, first row)."""

from collections.abc import Mapping

from domain import dues_account, dues_moves
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
    # The same obligation reckoned again: the difference only, and what was paid beyond it goes back to the member.
    dues_account.DuesAdjusted: (
        dr("0110", "unit_id", "gross_up", MONTH_KEY),
        cr("0190", "unit_id", "gross_up", MONTH_KEY),
        dr("0190", "unit_id", "gross_down", MONTH_KEY),
        cr("0110", "unit_id", "gross_down", MONTH_KEY),
        dr("0120", "unit_id", "relieved_up", MONTH_KEY),
        cr("0110", "unit_id", "relieved_up", MONTH_KEY),
        dr("0110", "unit_id", "relieved_down", MONTH_KEY),
        cr("0120", "unit_id", "relieved_down", MONTH_KEY),
        dr("0110", "unit_id", "undone", MONTH_KEY),
        cr("0190", "unit_id", "undone", MONTH_KEY),
        dr("3310", "unit_id", "to_credit", "own"),
        cr("3340", "unit_id", "to_credit", "{member_id}"),
    ),
    dues_account.CollectedAhead: (
        dr("3340", "unit_id", "amount", "{member_id}"),
        cr("3310", "unit_id", "amount", "own"),
    ),
    dues_account.AheadApplied: (
        dr("0190", "unit_id", "amount", MONTH_KEY),
        cr("0110", "unit_id", "amount", MONTH_KEY),
    ),
    dues_account.AheadReturned: (
        dr("3310", "unit_id", "amount", "own"),
        cr("3340", "unit_id", "amount", "{member_id}"),
    ),
    # A surplus answers for no obligation, so the memo book does not know it; it is split like dues.
    dues_account.SurplusAccepted: (
        dr("3340", "unit_id", "amount", "{member_id}"),
        cr("3310", "unit_id", "amount", "own"),
    ),
    dues_account.OpeningCreditCarried: (
        dr("3340", "unit_id", "amount", "opening"),
        cr("3340", "unit_id", "amount", "{member_id}"),
    ),
    dues_account.CreditReleased: (
        dr("3340", "unit_id", "amount", "{member_id}"),
        cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    dues_moves.ObligationMoved: (
        dr("0190", "from_unit", "amount", MONTH_KEY),
        cr("0110", "from_unit", "amount", MONTH_KEY),
        dr("0110", "unit_id", "amount", MONTH_KEY),
        cr("0190", "unit_id", "amount", MONTH_KEY),
    ),
    dues_moves.CreditMoved: (
        dr("3340", "from_unit", "amount", "{member_id}"),
        cr("3390", "from_unit", "amount", "{unit_id}"),
        dr("1390", "unit_id", "amount", "{from_unit}"),
        cr("3340", "unit_id", "amount", "{member_id}"),
    ),
    dues_moves.MonthWaived: (
        dr("0120", "unit_id", "amount", MONTH_KEY),
        cr("0110", "unit_id", "amount", MONTH_KEY),
    ),
}
