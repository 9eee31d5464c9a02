"""Entries of money: opening balances, what comes in, cash on its way, refunds paid (accounting §3)."""

from collections.abc import Mapping

from domain import (
    bank_account,
    cash,
    channel_case,
    open_item,
    opening,
    payment,
    payment_channels,
    refund,
    settlement,
    settlement_failed,
)
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
    open_item.SuspenseWrittenOff: (
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("4320", "unit_id", "amount", "{heading}"),
    ),
    # The bank's line was booked when the money came in without an owner.
    open_item.CreditAccepted: (
        dr("3380", "unit_id", "credited", "{waiting_payment_id}"),
        dr("6310", "unit_id", "fee", "bank-fee"),
        cr("1140", "unit_id", "amount", "{clearing}"),
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
    # Settlements of a channel: what is no collection, and the part of a lump that credits no payment.
    settlement.SettlementPartBooked: (
        dr("6310", "unit_id", "fee", "bank-fee"),
        dr("1370", "unit_id", "taken", "{case_id}"),
        dr("1140", "unit_id", "given", "{rail}"),
        dr("1140", "unit_id", "fee_back", "{rail}"),
        cr("1140", "unit_id", "fee", "{rail}"),
        cr("1140", "unit_id", "taken", "{rail}"),
        cr("1370", "unit_id", "given", "{case_id}"),
        cr("6310", "unit_id", "fee_back", "bank-fee"),
    ),
    settlement.SettlementLumpCredited: (
        dr("1120", "unit_id", "added", "{account_id}"),
        dr("1140", "unit_id", "netted", "{rail}"),
        cr("1120", "unit_id", "netted", "{account_id}"),
        cr("1140", "unit_id", "added", "{rail}"),
    ),
    # A lump that the bank took back: its payments, its fees and what it netted are as before it.
    settlement_failed.SettlementLumpReturned: (
        dr("1140", "unit_id", "gross", "{rail}"),
        dr("1120", "unit_id", "netted", "{account_id}"),
        dr("1140", "unit_id", "added", "{rail}"),
        cr("1120", "unit_id", "credited", "{account_id}"),
        cr("6310", "unit_id", "fees", "bank-fee"),
        cr("1140", "unit_id", "netted", "{rail}"),
        cr("1120", "unit_id", "added", "{account_id}"),
    ),
    # The line was booked when its money came in without an owner; what it pays books it once more.
    payment_channels.SuspenseToLump: (
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("1120", "unit_id", "amount", "{account_id}"),
    ),
    # Cases of money that a channel took back.
    channel_case.CaseTold: (
        dr("1370", "unit_id", "moved_out", "{case_id}"),
        dr("1140", "unit_id", "moved_in", "{rail}"),
        cr("1140", "unit_id", "moved_out", "{rail}"),
        cr("1370", "unit_id", "moved_in", "{case_id}"),
    ),
    channel_case.CaseClosed: (
        dr("6310", "unit_id", "borne", "other:4310"),
        cr("1370", "unit_id", "borne", "{case_id}"),
    ),
    payment_channels.SuspenseToCase: (
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("1370", "unit_id", "amount", "{case_id}"),
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
