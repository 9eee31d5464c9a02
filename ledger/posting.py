"""Double entry, derived: each event's entry as a table of (account, side, unit, key, amount).

The table is data, so that a road over single events and a road over columns read the same rules. Every amount is a
plain integer field of the event; a rule with an amount of zero leaves no line. Source: accounting §3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import (
    bank_account,
    cash,
    cash_count,
    cash_return,
    channel_case,
    correction,
    declaration,
    dues_account,
    dues_moves,
    held_passed,
    open_item,
    opening,
    payment,
    payment_channels,
    refund,
    refund_cases,
    remittance,
    remittance_cases,
    restructuring,
    settlement,
    settlement_failed,
    spending,
)
from domain.events import DomainEvent
from domain.money import Dong
from ledger.rule import Rule
from ledger.rules import between, corrections, handover, members, money, upwards
from ledger.rules import spending as spending_rules
from ledger.steps import Step, steps_of


@dataclass(frozen=True, slots=True)
class Line:
    """One posting: ``amount`` is positive on the debit side and negative on the credit side; đồng."""

    unit: str
    account: str
    key: str
    amount: Dong


#: The table. An event that is not here has no entry.
RULES: Mapping[type, tuple[Rule, ...]] = {
    **handover.RULES,
    **members.RULES,
    **money.RULES,
    **corrections.RULES,
    **spending_rules.RULES,
    **upwards.RULES,
    **between.RULES,
}

#: The field that says when an event's entry is true, by class; the journal shows it beside the recorded time.
OCCURRED_ON: Mapping[type, str] = {
    held_passed.HeldMoneyPassed: "passed_on",
    payment.PaymentReceived: "paid_on",
    payment.PaymentCredited: "booked_on",
    opening.OpeningSigned: "as_of",
    dues_account.DuesAdjusted: "adjusted_on",
    dues_moves.MonthWaived: "waived_on",
    dues_account.AheadReturned: "returned_on",
    dues_account.SurplusAccepted: "accepted_on",
    cash.BagTakenToBank: "taken_on",
    cash.BagCredited: "booked_on",
    cash.CashPassedToHolder: "passed_on",
    cash_count.CashCounted: "counted_on",
    cash_count.ShortageMadeGood: "paid_on",
    cash_count.ShortageWrittenOff: "written_off_on",
    cash_return.HeldCashReturned: "returned_on",
    spending.VoucherApproved: "dated",
    spending.VoucherPaidByBank: "booked_on",
    spending.VoucherVoided: "voided_on",
    spending.FundYearClosed: "closed_on",
    bank_account.MovementNamed: "booked_on",
    open_item.SuspenseWrittenOff: "written_off_on",
    open_item.CreditAccepted: "booked_on",
    declaration.PeriodDeclared: "declared_on",
    declaration.HeldPeriodAllocated: "declared_on",
    declaration.DeclarationCorrected: "corrected_on",
    declaration.DeclarationAnnounced: "announced_on",
    declaration.DeclarationRestated: "restated_on",
    declaration.UnsplitReduced: "restated_on",
    remittance.RemittanceSent: "sent_on",
    remittance.SendingCorrected: "corrected_on",
    remittance.RemittanceReceived: "received_on",
    remittance.SettledFromHeld: "settled_on",
    remittance_cases.InterimReceived: "received_on",
    remittance_cases.InterimSettled: "settled_on",
    remittance_cases.RemittanceReturned: "returned_on",
    remittance_cases.RemittanceMisrouted: "found_on",
    remittance_cases.RemittancePassedOn: "passed_on",
    settlement.SettlementPartBooked: "on",
    settlement.SettlementLumpCredited: "booked_on",
    settlement_failed.SettlementLumpReturned: "booked_on",
    payment_channels.SuspenseToLump: "booked_on",
    payment_channels.SuspenseToCase: "settled_on",
    channel_case.CaseTold: "told_on",
    channel_case.CaseClosed: "closed_on",
    refund.RefundPaidOut: "paid_on",
    correction.EntryReversed: "corrected_on",
    refund.PayoutFailed: "failed_on",
    refund_cases.ClawBackSent: "sent_on",
    refund_cases.ClawBackReceived: "received_on",
    restructuring.BalancesHandedOver: "handed_over_on",
}


#: The table made ready, for every road over it.
STEPS: Mapping[type, tuple[Step, ...]] = steps_of(RULES)


def entry(event: DomainEvent) -> tuple[Line, ...]:
    """The postings of one event; empty for an event without an entry. They sum to zero per unit and book (I1)."""
    lines = []
    for step in STEPS.get(type(event), ()):
        if step.applies is not None and not step.applies(event):
            continue
        for told in (event,) if step.each is None else step.each(event):
            amount: Dong = step.amount(told)
            if amount:
                account = step.account if step.account_of is None else step.account % step.account_of(told)
                key = step.key if step.key_of is None else step.key % step.key_of(told)
                lines.append(Line(step.unit(told), account, key, step.side * amount))
    return tuple(lines)


def occurred_on(event: DomainEvent, recorded_on: date) -> date:
    """When the event's entry is true: its own date, else the day it was recorded."""
    field = OCCURRED_ON.get(type(event))
    day = getattr(event, field) if field else None
    return day if isinstance(day, date) else recorded_on
