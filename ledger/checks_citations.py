"""Check on citations (I34): every line, payment, refund, declaration, receipt or original that an event names exists.

What is named must stand in the log by the end of the command that names it, since a command's events lie in several
streams. Kept documents are compared where the evidence store is handed in: their hash must be the one that was cited.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.bank_account import LinesPlaced, MovementNamed, StatementImported, StatementTakenBack
from domain.cash import BagCredited, BagCreditUndone, BagTakenToBank
from domain.correction import EntryReversed
from domain.declaration import (
    DeclarationCorrected,
    DeclarationRestated,
    HeldPeriodAllocated,
    PeriodDeclared,
    RefundTakenFromUnsplit,
)
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied
from domain.dues_events import ApplicationUndone, CreditHeld, CreditReleased, PaymentApplied
from domain.payment import (
    Asset,
    CashConverted,
    CreditTakenBack,
    MatchUndone,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
)
from domain.receipt_book import CashSheetSigned, ReceiptIssued, ReceiptPrinted, ReceiptVoided
from domain.refund import PayoutSeen, RefundApproved, RefundPaidOut, RefundRequested
from domain.refund_cases import ClawBackReceived, ClawBackSent, RefundWithdrawn
from domain.remittance import (
    DisputeExplained,
    RemittanceApproved,
    RemittanceDisputed,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingSeen,
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
from ledger.checks_base import Finding, Findings, World
from ledger.posting import Line
from ledger.store import Recorded

#: A thing that can be cited: its kind and its name.
_Thing = tuple[str, str]

#: What each event brings into the world.
MADE: Mapping[type, Callable[[Any], tuple[_Thing, ...]]] = {
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
}


def _line(key: str | None) -> tuple[_Thing, ...]:
    return () if key is None else (("line", key),)


def _paid(event: Any) -> tuple[_Thing, ...]:
    return (("payment", event.payment_id),)


def _refund(event: Any) -> tuple[_Thing, ...]:
    return (("refund", event.refund_id),)


def _remittance(event: Any) -> tuple[_Thing, ...]:
    return (("remittance", event.remittance_id),)


def _corrected(event: Any) -> tuple[_Thing, ...]:
    return (("correction", event.correction_id),)


def _reversed(event: EntryReversed) -> tuple[_Thing, ...]:
    kind = "line" if event.kind == "import" else "payment"
    replaced = () if event.replaced_by is None else (("payment", event.replaced_by),)
    return ((kind, event.original), *replaced)


def _receipt(event: Any) -> tuple[_Thing, ...]:
    return (("receipt", f"{event.unit_id}/{event.year}/{event.number}"),)


#: What each event names.
CITED: Mapping[type, Callable[[Any], tuple[_Thing, ...]]] = {
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
    ApplicationUndone: _refund,
    BagCredited: lambda e: (("bag", e.bag), *_line(e.bank_line)),
    ReceiptIssued: _paid,
    ReceiptVoided: lambda e: (*_receipt(e), *_paid(e)),
    ReceiptPrinted: _receipt,
    CashSheetSigned: lambda e: tuple(("payment", payment) for payment in e.payments),
    DeclarationRestated: lambda e: (*_refund(e), ("declaration", f"{e.unit_id}/{e.period}")),
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
    SuspenseForRemittance: lambda e: (*_paid(e), *_remittance(e)),
    DeclarationCorrected: lambda e: (("declaration", f"{e.unit_id}/{e.period}"),),
    RefundWithdrawn: _refund,
    ClawBackSent: _refund,
    ClawBackReceived: lambda e: (*_refund(e), *_line(e.bank_line)),
    EntryReversed: _reversed,
    MatchUndone: lambda e: (*_paid(e), *_corrected(e)),
    PaymentTakenBack: lambda e: (*_paid(e), *_corrected(e)),
    CreditTakenBack: lambda e: (*_paid(e), *_corrected(e), *_line(e.bank_line)),
    PaymentUnapplied: lambda e: (*_paid(e), *_corrected(e)),
    CreditUnheld: lambda e: (*_paid(e), *_corrected(e)),
    CreditUnapplied: _corrected,
    BagCreditUndone: lambda e: (("bag", e.bag), *_corrected(e), *_line(e.bank_line)),
    StatementTakenBack: lambda e: (("file", e.file_digest), *_corrected(e)),
}

_NAMES = {
    "line": "dòng sao kê",
    "file": "tệp sao kê",
    "payment": "khoản thu",
    "bag": "túi tiền",
    "declaration": "kỳ đã chốt",
    "remittance": "lệnh nộp",
    "refund": "hồ sơ hoàn trả",
    "receipt": "biên lai",
    "correction": "điều chỉnh",
}

#: Says the sha256 (hex) of what is kept under an evidence id; None when nothing is.
EvidenceHash = Callable[[str], str | None]


class CitationsChecker:
    """I34."""

    events = frozenset({*MADE, *CITED})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._made: set[_Thing] = set()
        self._asked: list[tuple[Recorded, _Thing]] = []
        self._scans: list[tuple[Recorded, CashSheetSigned]] = []
        self._evidence: EvidenceHash | None = None

    def compare_with(self, evidence: EvidenceHash) -> None:
        """Compare scans with the evidence store as well."""
        self._evidence = evidence

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Remember what the event makes and what it names."""
        event = recorded.event
        cls = type(event)
        if cls in MADE:
            self._made.update(MADE[cls](event))
        if cls in CITED:
            self._asked += ((recorded, thing) for thing in CITED[cls](event))
        if isinstance(event, CashSheetSigned):
            self._scans.append((recorded, event))

    def settle(self) -> None:
        """After each command, what it named is there."""
        for recorded, thing in self._asked:
            if thing not in self._made:
                kind, name = thing
                self._found.add(
                    "I34",
                    f"Sự kiện «{recorded.name}» dẫn {_NAMES[kind]} {name[:60]} không có trong nhật ký. Tìm chứng từ "
                    "gốc; nếu dẫn sai, sửa bằng bút toán điều chỉnh.",
                    recorded,
                    unit=recorded.meta.unit,
                )
        self._asked.clear()

    def finish(self) -> tuple[Finding, ...]:
        """Also: each scan is kept and has the hash that was cited."""
        if self._evidence is not None:
            for recorded, event in self._scans:
                kept = self._evidence(event.evidence_id)
                if kept != event.sha256:
                    said = "không còn lưu" if kept is None else f"mang dấu {kept[:16]}…"
                    self._found.add(
                        "I34",
                        f"Danh sách ký nộp {event.sheet}: bản quét {event.evidence_id} {said}, sổ ghi "
                        f"{event.sha256[:16]}…. Quét lại bản giấy và lưu thay.",
                        recorded,
                        unit=event.unit_id,
                    )
        return self._found.all()
