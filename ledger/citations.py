"""What events bring into the world and what they name (I34): the tables that ``ledger.checks.citations`` goes by."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.attempt import AttemptOpened, AttemptReported
from domain.bank_account import (
    LinesPlaced,
    MovementNamed,
    StatementImported,
    StatementTakenBack,
    StatementWitnessed,
)
from domain.cash import BagCredited, BagCreditUndone, BagTakenToBank
from domain.cash_count import CashCounted, ShortageMadeGood, ShortageWrittenOff
from domain.cash_custody import CustodyAccepted, CustodyOffered
from domain.channel_case import CaseClosed, CaseReopened, CaseTold, of_item
from domain.closing import CloseConfirmed, MonthClosed, MonthReopened, ReopenRequested
from domain.correction import EntryReversed
from domain.declaration import (
    DeclarationCorrected,
    DeclarationRestated,
    HeldPeriodAllocated,
    PeriodDeclared,
    RefundTakenFromUnsplit,
    UnsplitReduced,
)
from domain.dues_account import CollectedAhead, SurplusAccepted, SurplusDeclared, SurplusRejected
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied
from domain.dues_events import ApplicationUndone, CreditHeld, CreditReleased, PaymentApplied
from domain.dues_reserved import CreditReserved, CreditUnreserved
from domain.held_passed import HeldMoneyPassed
from domain.membership import (
    MemberArrived,
    TemporaryTransferEnded,
    TransferLetterIssued,
    TransferReceived,
    TransferWithdrawn,
)
from domain.open_item import (
    CreditAccepted,
    Decision,
    DecisionProposed,
    DecisionTaken,
    SuspenseToCredit,
    SuspenseWaitsAgain,
    SuspenseWrittenOff,
    line_of,
)
from domain.passed_on import PayableInherited, PayablePassed, RefundTakenOver, RemittanceTakenOver, SuspenseTakenOver
from domain.past import PastImported, PastUndone, PastUndoProposed
from domain.payment import (
    Asset,
    CashConverted,
    CreditTakenBack,
    MatchUndone,
    PaymentConflicted,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
    WitnessTakenBack,
)
from domain.payment_channels import CreditReturned, SuspenseToCase, SuspenseToLump
from domain.payment_request import (
    PaymentRequested,
    RequestAnswered,
    RequestWithdrawn,
    TellingTakenBack,
    TransferTold,
)
from domain.receipt_book import CashSheetSigned, ReceiptIssued, ReceiptPrinted, ReceiptVoided
from domain.refund import PayoutFailed, PayoutSeen, RefundApproved, RefundPaidOut, RefundRequested
from domain.refund_cases import ClawBackReceived, ClawBackSent, RefundWithdrawn
from domain.refund_channel import RefundReported, RefundSent
from domain.relief import ReliefApplied, ReliefDecided
from domain.remittance import (
    ClawBackNetted,
    DisputeExplained,
    RemittanceApproved,
    RemittanceDisputed,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SendingSeen,
    SettledFromHeld,
)
from domain.remittance_cases import (
    DisputeResolved,
    InterimPrepared,
    InterimReceived,
    InterimSettled,
    RemittanceMisrouted,
    RemittancePassedOn,
    RemittanceReturned,
    RemittanceWithdrawn,
)
from domain.restructuring import (
    BalancesHandedOver,
    HandoverSigned,
    RestructureCarriedOut,
    RestructurePlanned,
    RestructureWithdrawn,
)
from domain.settlement import SettlementLumpCredited, SettlementLumpSeen, SettlementLumpTakenBack
from domain.settlement_failed import SettlementLumpReturned
from domain.spending import VoucherApproved, VoucherPaidByBank, VoucherProposed, VoucherRefused, VoucherVoided
from domain.suspense_reserved import SuspenseReserved, SuspenseUnreserved
from domain.unit_changes import AccountPassedOn, UnitEnded

#: A thing that can be cited: its kind and its name.
Thing = tuple[str, str]

#: What each event brings into the world.
MADE: Mapping[type, Callable[[Any], tuple[Thing, ...]]] = {
    StatementImported: lambda e: (*(("line", line.key) for line in e.lines), ("file", e.file_digest)),
    PaymentReceived: lambda e: (("payment", e.payment_id),),
    BagTakenToBank: lambda e: (("bag", e.bag),),
    PeriodDeclared: lambda e: (("declaration", f"{e.unit_id}/{e.period}"),),
    RemittancePrepared: lambda e: (("remittance", e.remittance_id),),
    InterimPrepared: lambda e: (("remittance", e.remittance_id),),
    HeldPeriodAllocated: lambda e: (("declaration", f"{e.unit_id}/{e.period}"),),
    # A remittance sent from another shard is known here by its arrival.
    RemittanceReceived: lambda e: () if e.sender_here else (("remittance", e.remittance_id),),
    RefundRequested: lambda e: (("refund", e.refund_id),),
    ReceiptIssued: lambda e: (("receipt", f"{e.unit_id}/{e.year}/{e.number}"),),
    EntryReversed: lambda e: (("correction", e.correction_id),),
    StatementTakenBack: lambda e: (("correction", e.correction_id),),
    DecisionTaken: lambda e: (("decision", e.decision.decision_id),),
    CaseTold: lambda e: (("channel-case", f"{e.rail}/{e.case_id}"),),
    StatementWitnessed: lambda e: (("file", e.file_digest),),
    PaymentRequested: lambda e: (("request", e.reference),),
    VoucherProposed: lambda e: _voucher(e),
    CashCounted: lambda e: (
        ("count", f"{e.unit_id}/{e.number}"),
        *(() if e.case_id is None else (("case", e.case_id),)),
    ),
    CustodyOffered: lambda e: (("custody", f"{e.unit_id}/{e.number}"),),
    RestructurePlanned: lambda e: (("restructure", e.restructure_id),),
    MonthClosed: lambda e: _close(e),
    PastImported: lambda e: (("import", e.import_id),),
    ReliefApplied: lambda e: _application(e),
    SurplusDeclared: lambda e: _surplus(e),
    TransferLetterIssued: lambda e: _letter(e),
    # A letter of a cell outside this shard is known by the member's coming with it.
    MemberArrived: lambda e: _letter(e),
}


def _item(name: str) -> Thing:
    case, line = of_item(name), line_of(name)
    if case is not None:
        return ("channel-case", "/".join(case))
    return ("payment", name) if line is None else ("line", line[1])


def _decided(decision: Decision) -> tuple[Thing, ...]:
    """A decision names its item and what it undoes; a bank line is named by its key."""
    return (_item(decision.item), *(() if decision.undoes is None else (("decision", decision.undoes),)))


def _line(key: str | None) -> tuple[Thing, ...]:
    return () if key is None else (("line", key),)


def _paid(event: Any) -> tuple[Thing, ...]:
    return (("payment", event.payment_id),)


def _refund(event: Any) -> tuple[Thing, ...]:
    return (("refund", event.refund_id),)


def _remittance(event: Any) -> tuple[Thing, ...]:
    return (("remittance", event.remittance_id),)


def _corrected(event: Any) -> tuple[Thing, ...]:
    return (("correction", event.correction_id),)


def _reversed(event: EntryReversed) -> tuple[Thing, ...]:
    original = ("line", event.original) if event.kind == "import" else _item(event.original)
    replaced = () if event.replaced_by is None else (("payment", event.replaced_by),)
    return (original, *replaced)


def _receipt(event: Any) -> tuple[Thing, ...]:
    return (("receipt", f"{event.unit_id}/{event.year}/{event.number}"),)


def _voucher(event: Any) -> tuple[Thing, ...]:
    return (("voucher", f"{event.unit_id}/{event.voucher_id}"),)


def _close(event: Any) -> tuple[Thing, ...]:
    return (("close", f"{event.unit_id}/{event.number}"),)


def _application(event: Any) -> tuple[Thing, ...]:
    return (("application", f"{event.member_id}/{event.application}"),)


def _surplus(event: Any) -> tuple[Thing, ...]:
    return (("surplus", f"{event.member_id}/{event.surplus_id}"),)


def _letter(event: Any) -> tuple[Thing, ...]:
    return (("letter", f"{event.member_id}/{event.letter}"),)


def _act(event: Any) -> tuple[Thing, ...]:
    return (("restructure", event.restructure_id),)


def _import(event: Any) -> tuple[Thing, ...]:
    return (("import", event.import_id),)


def _case(event: Any) -> tuple[Thing, ...]:
    return (("case", event.case_id),)


def _channel_case(event: Any) -> tuple[Thing, ...]:
    return (("channel-case", f"{event.rail}/{event.case_id}"),)


def _asked(reference: str | None) -> tuple[Thing, ...]:
    return () if reference is None else (("request", reference),)


#: What each event names.
CITED: Mapping[type, Callable[[Any], tuple[Thing, ...]]] = {
    LinesPlaced: lambda e: tuple(("line", placement.key) for placement in e.placements),
    MovementNamed: lambda e: _line(e.bank_line),
    PaymentReceived: lambda e: _line(e.bank_line) if e.asset is Asset.BANK else (),
    WitnessAdded: lambda e: (*_paid(e), *_line(e.bank_line)),
    PaymentCredited: lambda e: (*_paid(e), *_line(e.bank_line)),
    SuspenseIdentified: _paid,
    SuspenseReleased: lambda e: (*_paid(e), *_refund(e)),
    SuspenseNamed: _paid,
    CashConverted: lambda e: (*_paid(e), ("payment", e.by_payment_id)),
    PaymentApplied: _paid,
    CreditHeld: _paid,
    CreditReleased: _refund,
    CreditReserved: _refund,
    CreditUnreserved: _refund,
    SuspenseReserved: lambda e: (*_paid(e), *_refund(e)),
    SuspenseUnreserved: lambda e: (*_paid(e), *_refund(e)),
    ApplicationUndone: _refund,
    BagCredited: lambda e: (("bag", e.bag), *_line(e.bank_line)),
    ReceiptIssued: _paid,
    ReceiptVoided: lambda e: (*_receipt(e), *_paid(e)),
    ReceiptPrinted: _receipt,
    CashSheetSigned: lambda e: tuple(("payment", payment) for payment in e.payments),
    DeclarationRestated: lambda e: (*_refund(e), ("declaration", f"{e.declared_by}/{e.period}")),
    RefundTakenFromUnsplit: _refund,
    RefundRequested: lambda e: () if e.payment_id is None else _paid(e),
    RefundApproved: _refund,
    RefundPaidOut: _refund,
    PayoutSeen: lambda e: (*_refund(e), *_line(e.bank_line)),
    RemittanceApproved: _remittance,
    RemittanceSent: _remittance,
    SendingSeen: lambda e: (*_remittance(e), *_line(e.bank_line)),
    RemittanceReceived: lambda e: (*_remittance(e), *(_line(e.bank_line) if e.superior_here else ())),
    RemittanceDisputed: _remittance,
    DisputeExplained: _remittance,
    DisputeResolved: _remittance,
    InterimReceived: lambda e: (*_remittance(e), *_line(e.bank_line)),
    InterimSettled: lambda e: (*_remittance(e), ("declaration", f"{e.unit_id}/{e.period}")),
    RemittanceWithdrawn: _remittance,
    RemittanceReturned: lambda e: (*_remittance(e), *_line(e.bank_line)),
    RemittanceMisrouted: lambda e: (*_remittance(e), *_line(e.bank_line)),
    RemittancePassedOn: lambda e: (*_remittance(e), *_line(e.bank_line)),
    HeldMoneyPassed: lambda e: (*_paid(e), *_line(e.bank_line)),
    SuspenseForRemittance: lambda e: (*_paid(e), *_remittance(e)),
    DeclarationCorrected: lambda e: (("declaration", f"{e.unit_id}/{e.period}"),),
    RefundWithdrawn: _refund,
    RefundReported: _refund,
    RefundSent: lambda e: (*_refund(e), *_paid(e)),
    SettlementLumpSeen: lambda e: _line(e.bank_line),
    SettlementLumpTakenBack: lambda e: _corrected(e),
    SettlementLumpCredited: lambda e: (*_line(e.bank_line), *(("payment", p) for p in e.payments)),
    ClawBackSent: _refund,
    ClawBackReceived: lambda e: (*_refund(e), *_line(e.bank_line)),
    EntryReversed: _reversed,
    MatchUndone: lambda e: (*_paid(e), *_corrected(e)),
    PaymentTakenBack: lambda e: (*_paid(e), *_corrected(e)),
    WitnessTakenBack: lambda e: (*_paid(e), *_corrected(e), *_line(e.bank_line)),
    StatementWitnessed: lambda e: tuple(("line", alias.line) for alias in e.aliases),
    DecisionProposed: lambda e: _decided(e.decision),
    DecisionTaken: lambda e: _decided(e.decision),
    SuspenseWrittenOff: lambda e: (*_paid(e), ("decision", e.decision_id)),
    CreditAccepted: lambda e: (
        *_paid(e),
        ("payment", e.waiting_payment_id),
        ("decision", e.decision_id),
        *_line(e.bank_line),
    ),
    SuspenseToCredit: lambda e: (*_paid(e), ("payment", e.for_payment_id), ("decision", e.decision_id)),
    # What a settlement had said and not a person has no number.
    SuspenseWaitsAgain: lambda e: (
        *_paid(e),
        *(("decision", e.decision_id),)[: bool(e.decision_id)],
        *_corrected(e),
    ),
    SuspenseToLump: lambda e: (
        *_paid(e),
        *_line(e.bank_line),
        *(() if e.decision_id is None else (("decision", e.decision_id),)),
    ),
    CreditReturned: lambda e: (*_paid(e), *_line(e.returned_line)),
    SuspenseToCase: lambda e: (*_paid(e), *_channel_case(e), ("decision", e.decision_id)),
    SettlementLumpReturned: lambda e: (*_line(e.bank_line), *(("payment", p) for p in e.payments)),
    CaseClosed: lambda e: (*_channel_case(e), ("decision", e.decision_id)),
    CaseReopened: lambda e: (*_channel_case(e), ("decision", e.decision_id), *_corrected(e)),
    CreditTakenBack: lambda e: (*_paid(e), *_corrected(e), *_line(e.bank_line)),
    PaymentUnapplied: lambda e: (*_paid(e), *_corrected(e)),
    CreditUnheld: lambda e: (*_paid(e), *_corrected(e)),
    CreditUnapplied: _corrected,
    BagCreditUndone: lambda e: (("bag", e.bag), *_corrected(e), *_line(e.bank_line)),
    StatementTakenBack: lambda e: (("file", e.file_digest), *_corrected(e)),
    UnsplitReduced: _refund,
    RemittancePrepared: lambda e: () if e.netted_case is None else (("refund", e.netted_case),),
    ClawBackNetted: lambda e: (*_remittance(e), *_refund(e)),
    SendingCorrected: _remittance,
    SettledFromHeld: _remittance,
    PayoutFailed: lambda e: (*_refund(e), *_line(e.bank_line)),
    CollectedAhead: _paid,
    # What answered an attempt to remit is the portal's own number and no payment of ours.
    RequestAnswered: lambda e: _asked(e.reference),
    AttemptOpened: lambda e: _asked(e.reference),
    AttemptReported: lambda e: _asked(e.reference),
    RequestWithdrawn: lambda e: (*_asked(e.reference), *(() if e.replaced_by is None else _asked(e.replaced_by))),
    TransferTold: lambda e: _asked(e.reference),
    TellingTakenBack: lambda e: _asked(e.reference),
    VoucherApproved: lambda e: (*_voucher(e), *_asked(e.reference)),
    VoucherRefused: _voucher,
    VoucherPaidByBank: lambda e: (*_voucher(e), *_line(e.bank_line)),
    VoucherVoided: lambda e: (*_voucher(e), *_line(e.bank_line)),
    CashCounted: lambda e: () if e.payment_id is None else _paid(e),
    ShortageMadeGood: _case,
    ShortageWrittenOff: _case,
    CustodyOffered: lambda e: (("count", f"{e.unit_id}/{e.count_number}"), *(("bag", bag) for bag in e.open_bags)),
    CustodyAccepted: lambda e: (("custody", f"{e.unit_id}/{e.number}"),),
    CloseConfirmed: _close,
    ReopenRequested: _close,
    MonthReopened: _close,
    PastUndoProposed: _import,
    PastUndone: _import,
    ReliefDecided: _application,
    SurplusAccepted: _surplus,
    SurplusRejected: _surplus,
    TransferWithdrawn: _letter,
    TransferReceived: _letter,
    TemporaryTransferEnded: _letter,
    HandoverSigned: _act,
    RestructureWithdrawn: _act,
    BalancesHandedOver: _act,
    RestructureCarriedOut: _act,
    UnitEnded: _act,
    AccountPassedOn: _act,
    PayablePassed: lambda e: (*_act(e), ("declaration", f"{e.unit_id}/{e.period}")),
    PayableInherited: lambda e: (*_act(e), ("declaration", f"{e.from_unit_id}/{e.period}")),
    RemittanceTakenOver: lambda e: (*_remittance(e), *_act(e)),
    RefundTakenOver: lambda e: (*_refund(e), *_act(e)),
    SuspenseTakenOver: lambda e: (*_paid(e), *_act(e)),
}


def _kept(event: Any) -> tuple[str, ...]:
    return () if event.evidence_id is None else (event.evidence_id,)


#: Which kept documents each event names, by their ids in the evidence store.
EVIDENCE: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    PaymentReceived: _kept,
    WitnessAdded: _kept,
    PaymentConflicted: _kept,
    AttemptReported: _kept,
    StatementImported: lambda e: tuple(line.evidence_id for line in e.lines if line.evidence_id is not None),
}
