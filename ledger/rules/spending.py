"""Entries of a unit's own spending and of its counted cash (accounting §3)."""

from collections.abc import Mapping

from domain import cash_count, cash_return, spending
from ledger.rule import STATED_LINES, Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    # A surplus is booked by the payment that waits in 3380; the count itself books a shortage alone.
    cash_count.CashCounted: (
        dr("1370", "unit_id", "shortage", "{case_id}"),
        cr("1110", "unit_id", "shortage", "{unit_id}"),
    ),
    cash_count.ShortageMadeGood: (
        dr("1110", "unit_id", "amount", "{unit_id}"),
        cr("1370", "unit_id", "amount", "{case_id}"),
    ),
    cash_count.ShortageWrittenOff: (
        dr("6310", "unit_id", "amount", "{spending_key}"),
        cr("1370", "unit_id", "amount", "{case_id}"),
    ),
    cash_return.HeldCashReturned: (
        dr("1110", "unit_id", "amount", "{unit_id}"),
        cr("1390", "unit_id", "amount", "{holder_id}"),
        dr("3390", "holder_id", "amount", "{unit_id}"),
        cr("1110", "holder_id", "amount", "{holder_id}"),
    ),
    # A transfer is booked by the bank's line, cash when the voucher is approved.
    spending.VoucherApproved: (
        dr("6310", "unit_id", "booked", "{analytic}", "voucher-out"),
        cr("{asset}", "unit_id", "booked", "{asset_key}", "voucher-out"),
        dr("{asset}", "unit_id", "booked", "{asset_key}", "voucher-in"),
        cr("4320", "unit_id", "booked", "{analytic}", "voucher-in"),
    ),
    spending.VoucherPaidByBank: (
        dr("6310", "unit_id", "amount", "{analytic}"),
        cr("1120", "unit_id", "amount", "{account_id}"),
    ),
    spending.VoucherVoided: (
        dr("{asset}", "unit_id", "booked", "{asset_key}", "voucher-out"),
        cr("6310", "unit_id", "booked", "{analytic}", "voucher-out"),
        dr("4320", "unit_id", "booked", "{analytic}", "voucher-in"),
        cr("{asset}", "unit_id", "booked", "{asset_key}", "voucher-in"),
    ),
    spending.FundYearClosed: STATED_LINES,
}
