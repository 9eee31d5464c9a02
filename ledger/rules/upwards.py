"""Entries between levels: declarations, what follows from them, remittances (accounting §3)."""

from collections.abc import Mapping

from domain import declaration, remittance
from ledger.rule import SUB_KEY, Rule, cr, dr

RULES: Mapping[type, tuple[Rule, ...]] = {
    # Declaration and what follows.
    declaration.PeriodDeclared: (
        dr("3310", "unit_id", "own_collected", "own"),
        dr("3310", "unit_id", "from_subordinates", "sub"),
        cr("4310", "unit_id", "kept"),
        cr("3360", "unit_id", "payable", "{period}"),
        dr("1360", "superior_id", "payable", SUB_KEY, "superior-here"),
        cr("3350", "superior_id", "payable", SUB_KEY, "superior-here"),
    ),
    declaration.DeclarationAnnounced: (
        dr("1360", "superior_id", "payable", SUB_KEY),
        cr("3350", "superior_id", "payable", SUB_KEY),
    ),
    declaration.DeclarationRestated: (
        dr("4310", "unit_id", "kept_part"),
        dr("1380", "unit_id", "passed_part", "{refund_id}"),
        cr("3370", "unit_id", "reduced_by", "{refund_id}", "origin"),
        cr("3365", "unit_id", "reduced_by", "{refund_id}", "above"),
    ),
    declaration.UnsplitReduced: (
        dr("3310", "unit_id", "amount", "sub"),
        cr("3365", "unit_id", "amount", "{refund_id}"),
    ),
    # Remittances.
    remittance.RemittanceSent: (
        dr("1150", "unit_id", "amount", "{remittance_id}"),
        cr("{asset}", "unit_id", "amount", "{asset_key}"),
    ),
    remittance.SendingCorrected: (
        dr("{asset}", "unit_id", "difference", "{asset_key}"),
        cr("1150", "unit_id", "difference", "{remittance_id}"),
    ),
    remittance.RemittanceReceived: (
        dr("3360", "unit_id", "amount", "{period}", "here-sender"),
        cr("1150", "unit_id", "amount", "{remittance_id}", "here-sender"),
        dr("{asset}", "superior_id", "amount", "{asset_key}", "here-superior"),
        cr("1360", "superior_id", "amount", SUB_KEY, "here-superior"),
        dr("3350", "superior_id", "amount", SUB_KEY, "here-superior"),
        cr("3310", "superior_id", "amount", "sub", "here-superior"),
    ),
    remittance.SettledFromHeld: (
        dr("3360", "unit_id", "amount", "{period}"),
        cr("1390", "unit_id", "amount", "{holder_id}"),
        dr("3390", "holder_id", "amount", "{unit_id}"),
        cr("3390", "holder_id", "amount", "{superior_id}", "via-other"),
        dr("1390", "superior_id", "amount", "{holder_id}", "via-other"),
        cr("1360", "superior_id", "amount", SUB_KEY),
        dr("3350", "superior_id", "amount", SUB_KEY),
        cr("3310", "superior_id", "amount", "sub"),
    ),
    remittance.ClawBackNetted: (
        dr("3360", "unit_id", "amount", "{period}"),
        cr("1380", "unit_id", "amount", "{refund_id}"),
        dr("3365", "superior_id", "amount", "{refund_id}", "here-superior"),
        cr("1360", "superior_id", "amount", SUB_KEY, "here-superior"),
        dr("3350", "superior_id", "amount", SUB_KEY, "here-superior"),
        cr("3310", "superior_id", "amount", "sub", "here-superior"),
    ),
}
