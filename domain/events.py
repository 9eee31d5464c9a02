"""The closed union of all events: the only list. The name and version of each are stable for ever.

A class may be renamed or moved; its name here may not, since that is what stands in the log.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain import (
    access,
    bank_account,
    cash,
    declaration,
    dues_account,
    member,
    opening,
    organisation,
    payment,
    payment_request,
    policy,
    receipt_book,
    refund,
    remittance,
)

DomainEvent = (
    policy.PolicyEvent
    | organisation.OrganisationEvent
    | access.AccessEvent
    | opening.OpeningEvent
    | member.MemberEvent
    | dues_account.DuesEvent
    | payment_request.RequestEvent
    | payment_request.CounterEvent
    | payment.PaymentEvent
    | cash.CashEvent
    | bank_account.AccountEvent
    | receipt_book.ReceiptEvent
    | declaration.DeclarationEvent
    | remittance.RemittanceEvent
    | refund.RefundEvent
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
        "member-enrolled": (member.MemberEnrolled, 1),
        "standing-declared": (member.StandingDeclared, 1),
        "income-base-declared": (member.IncomeBaseDeclared, 1),
        "relief-granted": (member.ReliefGranted, 1),
        "dues-assessed": (dues_account.DuesAssessed, 1),
        "payment-applied": (dues_account.PaymentApplied, 1),
        "credit-held": (dues_account.CreditHeld, 1),
        "opening-credit-carried": (dues_account.OpeningCreditCarried, 1),
        "credit-applied": (dues_account.CreditApplied, 1),
        "credit-released": (dues_account.CreditReleased, 1),
        "application-undone": (dues_account.ApplicationUndone, 1),
        "relief-recognised": (dues_account.ReliefRecognised, 1),
        "dues-year-opened": (dues_account.YearOpened, 1),
        "counters-reserved": (payment_request.CountersReserved, 1),
        "payment-requested": (payment_request.PaymentRequested, 1),
        "request-answered": (payment_request.RequestAnswered, 1),
        "payment-received": (payment.PaymentReceived, 1),
        "witness-added": (payment.WitnessAdded, 1),
        "payment-credited": (payment.PaymentCredited, 1),
        "payment-conflicted": (payment.PaymentConflicted, 1),
        "suspense-identified": (payment.SuspenseIdentified, 1),
        "suspense-released": (payment.SuspenseReleased, 1),
        "suspense-named": (payment.SuspenseNamed, 1),
        "cash-converted": (payment.CashConverted, 1),
        "cash-bag-taken": (cash.BagTakenToBank, 1),
        "cash-bag-credited": (cash.BagCredited, 1),
        "cash-passed-to-holder": (cash.CashPassedToHolder, 1),
        "statement-imported": (bank_account.StatementImported, 1),
        "movement-named": (bank_account.MovementNamed, 1),
        "lines-placed": (bank_account.LinesPlaced, 1),
        "receipt-issued": (receipt_book.ReceiptIssued, 1),
        "period-declared": (declaration.PeriodDeclared, 1),
        "period-held": (declaration.PeriodHeld, 1),
        "declaration-restated": (declaration.DeclarationRestated, 1),
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
        "refund-requested": (refund.RefundRequested, 1),
        "refund-approved": (refund.RefundApproved, 1),
        "refund-taken-from-unsplit": (refund.RefundTakenFromUnsplit, 1),
        "refund-paid-out": (refund.RefundPaidOut, 1),
        "payout-seen": (refund.PayoutSeen, 1),
        "payout-failed": (refund.PayoutFailed, 1),
    }
)

#: Class → stable name, the same list read the other way.
EVENT_NAMES: Mapping[type, str] = MappingProxyType({cls: name for name, (cls, _) in EVENT_TYPES.items()})
