"""Entries of money: opening balances, what comes in, cash on its way, refunds paid (accounting §3)."""

from collections.abc import Mapping

from domain import bank_account, cash, opening, payment, refund
from ledger.rule import Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    # Opening balances.
    opening.OpeningSigned: (
        dr("1120", "unit_id", "bank", "{account_id}"),
        dr("1110", "unit_id", "cash", "{unit_id}"),
        cr("4310", "unit_id", "fund"),
        cr("3340", "unit_id", "credit", "opening"),
    ),
    # Money in.
    payment.PaymentReceived: (
        dr("{asset}", "holder_id", "amount", "{asset_key}"),
        dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        cr("3310", "unit_id", "dues_amount", "own"),
        cr("3340", "unit_id", "credit_amount", "{member_id}"),
        cr("1110", "unit_id", "converted_amount", "{unit_id}"),
        cr("3380", "unit_id", "suspense_amount", "{payment_id}"),
    ),
    payment.PaymentCredited: (
        dr("1120", "unit_id", "credited", "{account_id}"),
        dr("6310", "unit_id", "fee", "bank-fee"),
        cr("1140", "unit_id", "amount", "{clearing}"),
    ),
    payment.SuspenseIdentified: (
        dr("3380", "holder_id", "amount", "{payment_id}"),
        dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        cr("3310", "unit_id", "dues_amount", "own"),
        cr("3340", "unit_id", "credit_amount", "{member_id}"),
    ),
    payment.SuspenseReleased: (
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    payment.SuspenseNamed: (
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("4320", "unit_id", "amount", "{heading}"),
    ),
    cash.BagTakenToBank: (
        dr("1130", "unit_id", "amount", "{bag}"),
        cr("1110", "unit_id", "amount", "{unit_id}"),
    ),
    cash.BagCredited: (
        dr("1120", "unit_id", "amount", "{account_id}"),
        cr("1130", "unit_id", "amount", "{bag}"),
    ),
    cash.CashPassedToHolder: (
        dr("1390", "unit_id", "amount", "{holder_id}"),
        cr("1110", "unit_id", "amount", "{unit_id}"),
        dr("1110", "holder_id", "amount", "{holder_id}"),
        cr("3390", "holder_id", "amount", "{unit_id}"),
    ),
    bank_account.MovementNamed: (
        dr("6310", "unit_id", "amount", "{heading}", "fee"),
        cr("1120", "unit_id", "amount", "{account_id}", "fee"),
        dr("1120", "unit_id", "amount", "{account_id}", "income"),
        cr("4320", "unit_id", "amount", "{heading}", "income"),
    ),
    # Refunds.
    refund.RefundTakenFromUnsplit: (
        dr("3310", "unit_id", "amount", "own"),
        cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
    refund.RefundPaidOut: (
        dr("3370", "unit_id", "amount", "{refund_id}"),
        cr("1390", "unit_id", "amount", "{holder_id}", "held"),
        dr("3390", "holder_id", "amount", "{unit_id}", "held"),
        cr("{asset}", "holder_id", "amount", "{asset_key}"),
    ),
    refund.PayoutFailed: (
        dr("{asset}", "holder_id", "amount", "{asset_key}"),
        cr("3390", "holder_id", "amount", "{unit_id}", "held"),
        dr("1390", "unit_id", "amount", "{holder_id}", "held"),
        cr("3370", "unit_id", "amount", "{refund_id}"),
    ),
}
