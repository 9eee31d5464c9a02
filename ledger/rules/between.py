"""Entries of money between levels off the straight road: on account, late shares, astray, corrected, clawed back.

Source: accounting §3, rows "interim remittance", "settled from held or interim money", "resolved", "claw-back".
"""

from collections.abc import Mapping

from domain import declaration, held_passed, refund_cases, remittance_cases
from ledger.rule import SUB_KEY, Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    declaration.HeldPeriodAllocated: (
        dr("3310", "unit_id", "own_collected", "own"),
        dr("3310", "unit_id", "from_subordinates", "sub"),
        cr("4310", "unit_id", "kept"),
        cr("3360", "unit_id", "payable", "{period}"),
        dr("1360", "superior_id", "payable", SUB_KEY, "superior-here"),
        cr("3350", "superior_id", "payable", SUB_KEY, "superior-here"),
    ),
    declaration.DeclarationCorrected: (
        dr("3360", "unit_id", "passed_part", "{period}"),
        dr("4310", "unit_id", "kept_part"),
        cr("3310", "unit_id", "reduced_by", "own"),
        dr("3350", "superior_id", "passed_part", SUB_KEY, "superior-here"),
        cr("1360", "superior_id", "passed_part", SUB_KEY, "superior-here"),
    ),
    remittance_cases.InterimReceived: (
        dr("1390", "unit_id", "amount", "{superior_id}"),
        cr("1150", "unit_id", "amount", "{remittance_id}"),
        dr("{asset}", "superior_id", "amount", "{asset_key}"),
        cr("3390", "superior_id", "amount", "{unit_id}"),
    ),
    remittance_cases.InterimSettled: (
        dr("3360", "unit_id", "amount", "{period}"),
        cr("1390", "unit_id", "amount", "{superior_id}"),
        dr("3390", "superior_id", "amount", "{unit_id}"),
        cr("1360", "superior_id", "amount", SUB_KEY),
        dr("3350", "superior_id", "amount", SUB_KEY),
        cr("3310", "superior_id", "amount", "sub"),
    ),
    remittance_cases.RemittanceReturned: (
        dr("{asset}", "unit_id", "amount", "{asset_key}"),
        cr("1150", "unit_id", "amount", "{remittance_id}"),
    ),
    remittance_cases.RemittanceMisrouted: (
        dr("{asset}", "at_unit_id", "amount", "{asset_key}"),
        cr("3390", "at_unit_id", "amount", "{unit_id}"),
        dr("1390", "unit_id", "amount", "{at_unit_id}"),
        cr("1150", "unit_id", "amount", "{remittance_id}"),
    ),
    remittance_cases.RemittancePassedOn: (
        dr("3390", "at_unit_id", "amount", "{unit_id}"),
        cr("{asset}", "at_unit_id", "amount", "{asset_key}"),
        dr("1150", "unit_id", "amount", "{remittance_id}"),
        cr("1390", "unit_id", "amount", "{at_unit_id}"),
    ),
    held_passed.HeldMoneyPassed: (
        dr("3390", "holder_id", "amount", "{unit_id}"),
        cr("1120", "holder_id", "amount", "{account_id}"),
        dr("3380", "unit_id", "amount", "{payment_id}"),
        cr("1390", "unit_id", "amount", "{holder_id}"),
    ),
    refund_cases.ClawBackSent: (
        dr("1150", "superior_id", "amount", "{refund_id}"),
        cr("{asset}", "superior_id", "amount", "{asset_key}"),
    ),
    refund_cases.ClawBackReceived: (
        dr("{asset}", "unit_id", "amount", "{asset_key}"),
        cr("1380", "unit_id", "amount", "{refund_id}"),
        dr("3365", "superior_id", "amount", "{refund_id}"),
        cr("1150", "superior_id", "amount", "{refund_id}"),
    ),
}
