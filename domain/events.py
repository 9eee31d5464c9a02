"""The closed union of all events: the only list. The name and version of each are stable for ever.

A class may be renamed or moved; its name here may not, since that is what stands in the log.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import (
    access,
    attempt,
    bank_account,
    book,
    cash,
    cash_count,
    cash_custody,
    cash_return,
    channel_case,
    closing,
    correction,
    day_close,
    declaration,
    dues_account,
    dues_corrections,
    dues_moves,
    dues_reserved,
    held_passed,
    match,
    member,
    member_amount,
    membership,
    open_item,
    opening,
    organisation,
    passed_on,
    past,
    payment,
    payment_channels,
    payment_request,
    policy,
    receipt_book,
    refund,
    refund_cases,
    refund_channel,
    relief,
    relief_decider,
    remittance,
    remittance_cases,
    restructuring,
    settlement,
    settlement_failed,
    spending,
    suspense_reserved,
    unit_changes,
)

DomainEvent = (
    policy.PolicyEvent
    | organisation.OrganisationEvent
    | access.AccessEvent
    | opening.OpeningEvent
    | past.PastEvent
    | member.MemberEvent
    | dues_account.DuesEvent
    | relief.ReliefEvent
    | relief_decider.ReliefDeciderAssigned
    | member_amount.AmountSet
    | payment_request.RequestEvent
    | payment_request.CounterEvent
    | attempt.AttemptEvent
    | payment.PaymentEvent
    | cash.CashEvent
    | cash_count.CashCountEvent
    | cash_custody.CustodyEvent
    | cash_return.HeldCashReturned
    | spending.SpendingEvent
    | bank_account.AccountEvent
    | settlement.SettlementEvent
    | channel_case.CaseEvent
    | open_item.DecisionEvent
    | match.MatchEvent
    | receipt_book.ReceiptEvent
    | declaration.DeclarationEvent
    | remittance.RemittanceEvent
    | refund.RefundEvent
    | closing.ClosingEvent
    | day_close.DayCloseEvent
    | book.BookEvent
    | correction.CorrectionEvent
    | restructuring.RestructureEvent
)

#: Stable name → (class, schema version).
EVENT_TYPES: Mapping[str, tuple[type, int]] = MappingProxyType(
    {
        "policy-rate-activated": (policy.RateActivated, 1),
        "policy-wage-activated": (policy.WageActivated, 1),
        "policy-cap-activated": (policy.CapActivated, 1),
        "policy-relief-activated": (policy.ReliefActivated, 1),
        "policy-rounding-activated": (policy.RoundingActivated, 1),
        "policy-share-activated": (policy.ShareActivated, 1),
        "policy-setting-activated": (policy.SettingActivated, 1),
        "unit-registered": (organisation.UnitRegistered, 1),
        "bank-account-registered": (organisation.AccountRegistered, 1),
        "holder-assigned": (organisation.HolderAssigned, 1),
        "wage-region-assigned": (organisation.WageRegionAssigned, 1),
        "role-granted": (access.RoleGranted, 1),
        "second-person-set": (access.SecondPersonSet, 1),
        "opening-entered": (opening.OpeningEntered, 1),
        "opening-signed": (opening.OpeningSigned, 1),
        "past-imported": (past.PastImported, 1),
        "past-undo-proposed": (past.PastUndoProposed, 1),
        "past-undone": (past.PastUndone, 1),
        "member-enrolled": (member.MemberEnrolled, 1),
        "standing-declared": (member.StandingDeclared, 1),
        "income-base-declared": (member.IncomeBaseDeclared, 1),
        "relief-granted": (member.ReliefGranted, 1),
        "relief-ended": (member.ReliefEnded, 1),
        "relief-applied": (relief.ReliefApplied, 1),
        "relief-decided": (relief.ReliefDecided, 1),
        "relief-decider-assigned": (relief_decider.ReliefDeciderAssigned, 1),
        "party-age-noted": (relief.PartyAgeNoted, 1),
        "social-pension-noted": (relief.SocialPensionNoted, 1),
        "exemption-proposed": (relief.ExemptionProposed, 1),
        "exemption-settled": (relief.ExemptionSettled, 1),
        "payment-arranged": (relief.PaymentArranged, 1),
        "amount-set": (member_amount.AmountSet, 1),
        "member-admitted": (membership.MemberAdmitted, 1),
        "member-recognised": (membership.MemberRecognised, 1),
        "transfer-letter-issued": (membership.TransferLetterIssued, 1),
        "transfer-withdrawn": (membership.TransferWithdrawn, 1),
        "transfer-received": (membership.TransferReceived, 1),
        "member-arrived": (membership.MemberArrived, 1),
        "temporary-transfer-ended": (membership.TemporaryTransferEnded, 1),
        "released-from-activities": (membership.ReleasedFromActivities, 1),
        "membership-ended": (membership.MembershipEnded, 1),
        "membership-restored": (membership.MembershipRestored, 1),
        "member-moved": (membership.MemberMoved, 1),
        "dues-assessed": (dues_account.DuesAssessed, 1),
        "payment-applied": (dues_account.PaymentApplied, 1),
        "credit-held": (dues_account.CreditHeld, 1),
        "opening-credit-carried": (dues_account.OpeningCreditCarried, 1),
        "credit-applied": (dues_account.CreditApplied, 1),
        "credit-released": (dues_account.CreditReleased, 1),
        "credit-reserved": (dues_reserved.CreditReserved, 1),
        "credit-unreserved": (dues_reserved.CreditUnreserved, 1),
        "application-undone": (dues_account.ApplicationUndone, 1),
        "relief-recognised": (dues_account.ReliefRecognised, 1),
        "obligation-moved": (dues_moves.ObligationMoved, 1),
        "credit-moved": (dues_moves.CreditMoved, 1),
        "month-waived": (dues_moves.MonthWaived, 1),
        "dues-year-opened": (dues_account.YearOpened, 1),
        "dues-pending-carried": (dues_account.PendingCarried, 1),
        "dues-adjusted": (dues_account.DuesAdjusted, 1),
        "collected-ahead": (dues_account.CollectedAhead, 1),
        "ahead-applied": (dues_account.AheadApplied, 1),
        "ahead-returned": (dues_account.AheadReturned, 1),
        "surplus-declared": (dues_account.SurplusDeclared, 1),
        "surplus-accepted": (dues_account.SurplusAccepted, 1),
        "surplus-rejected": (dues_account.SurplusRejected, 1),
        "counters-reserved": (payment_request.CountersReserved, 1),
        "payment-requested": (payment_request.PaymentRequested, 1),
        "request-answered": (payment_request.RequestAnswered, 1),
        "request-withdrawn": (payment_request.RequestWithdrawn, 1),
        "transfer-told": (payment_request.TransferTold, 1),
        "telling-taken-back": (payment_request.TellingTakenBack, 1),
        "attempt-opened": (attempt.AttemptOpened, 1),
        "attempt-reported": (attempt.AttemptReported, 1),
        "payment-received": (payment.PaymentReceived, 1),
        "witness-added": (payment.WitnessAdded, 1),
        "payment-credited": (payment.PaymentCredited, 1),
        "payment-conflicted": (payment.PaymentConflicted, 1),
        "suspense-identified": (payment.SuspenseIdentified, 1),
        "match-accepted": (match.MatchAccepted, 1),
        "suspense-released": (payment.SuspenseReleased, 1),
        "suspense-reserved": (suspense_reserved.SuspenseReserved, 1),
        "suspense-unreserved": (suspense_reserved.SuspenseUnreserved, 1),
        "suspense-named": (payment.SuspenseNamed, 1),
        "held-money-passed": (held_passed.HeldMoneyPassed, 1),
        "suspense-for-remittance": (payment.SuspenseForRemittance, 1),
        "cash-converted": (payment.CashConverted, 1),
        "cash-bag-taken": (cash.BagTakenToBank, 1),
        "cash-bag-credited": (cash.BagCredited, 1),
        "cash-passed-to-holder": (cash.CashPassedToHolder, 1),
        "cash-drawn": (cash.CashDrawn, 1),
        "cash-counted": (cash_count.CashCounted, 1),
        "shortage-made-good": (cash_count.ShortageMadeGood, 1),
        "shortage-written-off": (cash_count.ShortageWrittenOff, 1),
        "custody-offered": (cash_custody.CustodyOffered, 1),
        "custody-accepted": (cash_custody.CustodyAccepted, 1),
        "held-cash-returned": (cash_return.HeldCashReturned, 1),
        "voucher-proposed": (spending.VoucherProposed, 1),
        "voucher-approved": (spending.VoucherApproved, 1),
        "voucher-refused": (spending.VoucherRefused, 1),
        "voucher-paid-by-bank": (spending.VoucherPaidByBank, 1),
        "voucher-voided": (spending.VoucherVoided, 1),
        "fund-year-closed": (spending.FundYearClosed, 1),
        "statement-imported": (bank_account.StatementImported, 1),
        "movement-named": (bank_account.MovementNamed, 1),
        "lines-placed": (bank_account.LinesPlaced, 1),
        "statement-witnessed": (bank_account.StatementWitnessed, 1),
        "decision-proposed": (open_item.DecisionProposed, 1),
        "decision-taken": (open_item.DecisionTaken, 1),
        "suspense-written-off": (open_item.SuspenseWrittenOff, 1),
        "credit-accepted": (open_item.CreditAccepted, 1),
        "suspense-to-credit": (open_item.SuspenseToCredit, 1),
        "suspense-waits-again": (open_item.SuspenseWaitsAgain, 1),
        "settlement-told": (settlement.SettlementTold, 1),
        "settlement-part-booked": (settlement.SettlementPartBooked, 1),
        "settlement-differed": (settlement.SettlementDiffered, 1),
        "settlement-lump-seen": (settlement.SettlementLumpSeen, 1),
        "settlement-lump-credited": (settlement.SettlementLumpCredited, 1),
        "settlement-lump-taken-back": (settlement.SettlementLumpTakenBack, 1),
        "settlement-failed": (settlement_failed.SettlementFailed, 1),
        "settlement-lump-returned": (settlement_failed.SettlementLumpReturned, 1),
        "suspense-to-lump": (payment_channels.SuspenseToLump, 1),
        "credit-returned": (payment_channels.CreditReturned, 1),
        "suspense-to-case": (payment_channels.SuspenseToCase, 1),
        "case-told": (channel_case.CaseTold, 1),
        "case-closed": (channel_case.CaseClosed, 1),
        "case-reopened": (channel_case.CaseReopened, 1),
        "receipt-issued": (receipt_book.ReceiptIssued, 1),
        "period-declared": (declaration.PeriodDeclared, 2),
        "period-held": (declaration.PeriodHeld, 2),
        "held-from-below": (declaration.HeldFromBelow, 1),
        "held-period-allocated": (declaration.HeldPeriodAllocated, 1),
        "declaration-corrected": (declaration.DeclarationCorrected, 1),
        "declaration-restated": (declaration.DeclarationRestated, 2),
        "unsplit-reduced": (declaration.UnsplitReduced, 1),
        "declaration-announced": (declaration.DeclarationAnnounced, 1),
        "remittance-prepared": (remittance.RemittancePrepared, 1),
        "remittance-approved": (remittance.RemittanceApproved, 1),
        "claw-back-netted": (remittance.ClawBackNetted, 1),
        "remittance-sent": (remittance.RemittanceSent, 1),
        "sending-seen": (remittance.SendingSeen, 1),
        "sending-corrected": (remittance.SendingCorrected, 1),
        "remittance-received": (remittance.RemittanceReceived, 1),
        "remittance-disputed": (remittance.RemittanceDisputed, 1),
        "dispute-explained": (remittance.DisputeExplained, 1),
        "settled-from-held": (remittance.SettledFromHeld, 1),
        "interim-prepared": (remittance_cases.InterimPrepared, 1),
        "interim-received": (remittance_cases.InterimReceived, 1),
        "interim-settled": (remittance_cases.InterimSettled, 1),
        "remittance-withdrawn": (remittance_cases.RemittanceWithdrawn, 1),
        "remittance-returned": (remittance_cases.RemittanceReturned, 1),
        "remittance-misrouted": (remittance_cases.RemittanceMisrouted, 1),
        "remittance-passed-on": (remittance_cases.RemittancePassedOn, 1),
        "dispute-resolved": (remittance_cases.DisputeResolved, 1),
        "refund-requested": (refund.RefundRequested, 1),
        "refund-approved": (refund.RefundApproved, 1),
        "refund-taken-from-unsplit": (refund.RefundTakenFromUnsplit, 1),
        "refund-paid-out": (refund.RefundPaidOut, 1),
        "payout-seen": (refund.PayoutSeen, 1),
        "payout-failed": (refund.PayoutFailed, 1),
        "refund-withdrawn": (refund_cases.RefundWithdrawn, 1),
        "refund-reported": (refund_channel.RefundReported, 1),
        "refund-sent": (refund_channel.RefundSent, 1),
        "claw-back-sent": (refund_cases.ClawBackSent, 1),
        "claw-back-received": (refund_cases.ClawBackReceived, 1),
        "book-signed": (book.BookSigned, 1),
        "report-column-set": (book.ReportColumnSet, 1),
        "month-closed": (closing.MonthClosed, 1),
        "close-confirmed": (closing.CloseConfirmed, 1),
        "reopening-requested": (closing.ReopenRequested, 1),
        "month-reopened": (closing.MonthReopened, 1),
        "account-day-closed": (day_close.AccountDayClosed, 1),
        "account-day-reopened": (day_close.AccountDayReopened, 1),
        "correction-proposed": (correction.CorrectionProposed, 1),
        "entry-reversed": (correction.EntryReversed, 1),
        "match-undone": (payment.MatchUndone, 1),
        "payment-taken-back": (payment.PaymentTakenBack, 1),
        "credit-taken-back": (payment.CreditTakenBack, 1),
        "witness-taken-back": (payment.WitnessTakenBack, 1),
        "payment-unapplied": (dues_corrections.PaymentUnapplied, 1),
        "credit-unheld": (dues_corrections.CreditUnheld, 1),
        "credit-unapplied": (dues_corrections.CreditUnapplied, 1),
        "bag-credit-undone": (cash.BagCreditUndone, 1),
        "statement-taken-back": (bank_account.StatementTakenBack, 1),
        "receipt-voided": (receipt_book.ReceiptVoided, 1),
        "receipt-printed": (receipt_book.ReceiptPrinted, 1),
        "cash-sheet-signed": (receipt_book.CashSheetSigned, 1),
        "unit-renamed": (unit_changes.UnitRenamed, 1),
        "unit-retyped": (unit_changes.UnitRetyped, 1),
        "unit-recoded": (unit_changes.UnitRecoded, 1),
        "unit-reparented": (unit_changes.UnitReparented, 1),
        "unit-ended": (unit_changes.UnitEnded, 1),
        "account-passed-on": (unit_changes.AccountPassedOn, 1),
        "restructure-planned": (restructuring.RestructurePlanned, 1),
        "handover-signed": (restructuring.HandoverSigned, 1),
        "restructure-withdrawn": (restructuring.RestructureWithdrawn, 1),
        "balances-handed-over": (restructuring.BalancesHandedOver, 1),
        "restructure-carried-out": (restructuring.RestructureCarriedOut, 1),
        "payable-passed": (passed_on.PayablePassed, 1),
        "payable-inherited": (passed_on.PayableInherited, 1),
        "remittance-taken-over": (passed_on.RemittanceTakenOver, 1),
        "refund-taken-over": (passed_on.RefundTakenOver, 1),
        "suspense-taken-over": (passed_on.SuspenseTakenOver, 1),
    }
)

#: What lifts the data of an older version to the next one, by name and older version.
UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType(
    {
        # The first release told in each held month of all that was not split, and split it all with the next period.
        ("period-declared", 1): lambda data: {**data, "takes_held": True},
        ("period-held", 1): lambda data: {**data, "cumulative": True},
        # Until units could end, every declaration was restated by the unit that had made it.
        ("declaration-restated", 1): lambda data: {**data, "declared_by": data["unit_id"]},
    }
)

#: Class → stable name, the same list read the other way.
EVENT_NAMES: Mapping[type, str] = MappingProxyType({cls: name for name, (cls, _) in EVENT_TYPES.items()})
