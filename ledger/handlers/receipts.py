"""Keep a unit's receipts: make one void and issue another, print, file the sheet on which members signed for cash."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import payment, receipt_book
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.payment import Asset
from domain.receipt_book import CashSheetSigned, ReceiptIssued
from ledger import placing
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidReceipt:
    """Make a receipt void; the money stands, so another one is due, issued at once if asked for."""

    unit_id: UnitId
    year: int
    number: int
    reason: str
    replace: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintReceipt:
    """Note that a receipt is printed; from the second time on it is a copy."""

    unit_id: UnitId
    year: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSignedSheet:
    """Link the scan of a signed sheet to the cash payments that stand on it."""

    unit_id: UnitId
    sheet: str  #: "2026-07" or "2026-07-12"
    sha256: str
    evidence_id: str
    payments: tuple[PaymentId, ...]


def void_receipt(work: Work, command: VoidReceipt, act: Act) -> dict[str, object]:
    """Void a receipt of this book; the same again adds nothing."""
    stream = receipt_book.stream(command.unit_id, command.year)
    book = work.receipts(command.unit_id, command.year)
    receipt_book.require_issued(book, command.unit_id, command.year, command.number)
    # A receipt is issued in the book of the year in which it is issued.
    here = command.replace and act.on.year == command.year
    events = receipt_book.void(
        book,
        unit_id=command.unit_id,
        year=command.year,
        number=command.number,
        reason=command.reason,
        replaced_by=book.last + 1 if here else None,
        still_due=True,
        voided_by=act.actor,
        on=act.on,
    )
    work.record(stream, events)
    answer: dict[str, object] = {"voided": command.number, "replaced_by": None}
    if events and command.replace:
        old = next(e for e in work.events(stream) if isinstance(e, ReceiptIssued) and e.number == command.number)
        answer["replaced_by"] = placing.issue_receipt(
            work, act, command.unit_id, old.payment_id, old.member_id, old.amount, old.paid_on
        )
    return answer


def print_receipt(work: Work, command: PrintReceipt, act: Act) -> dict[str, object]:
    """Count a printing. A void receipt is not printed."""
    book = work.receipts(command.unit_id, command.year)
    receipt_book.require_issued(book, command.unit_id, command.year, command.number)
    if command.number in book.void:
        raise Refusal(
            RefusalCode.UNKNOWN_RECEIPT,
            f"Biên lai {command.number}/{command.year} của {command.unit_id} đã huỷ, không in lại. "
            "In biên lai thay thế.",
        )
    events = receipt_book.printing(
        book,
        unit_id=command.unit_id,
        year=command.year,
        number=command.number,
        printed_by=act.actor,
        on=act.on,
    )
    work.record(receipt_book.stream(command.unit_id, command.year), events)
    return {"number": command.number, "year": command.year, "copy": events[0].n - 1}


def file_sheet(work: Work, command: FileSignedSheet, act: Act) -> dict[str, object]:
    """Link a scan; every payment must be cash of this unit, one that is signed for already is left out."""
    year = int(command.sheet[:4])
    book = work.receipts(command.unit_id, year)
    work.preload(payment.stream(one) for one in command.payments)
    for one in command.payments:
        seen = payment.require_seen(work.payment(one)).received
        if seen.asset is not Asset.CASH or seen.unit_id != command.unit_id:
            raise Refusal(
                RefusalCode.PAYMENT_KIND_DIFFERS,
                f"Khoản {one} không phải tiền mặt của {command.unit_id}, không đứng trong danh sách ký nộp này.",
            )
    fresh = tuple(one for one in command.payments if book.signed.get(one) != command.evidence_id)
    if fresh:
        event = CashSheetSigned(
            unit_id=command.unit_id,
            year=year,
            sheet=command.sheet,
            sha256=command.sha256,
            evidence_id=command.evidence_id,
            payments=fresh,
            filed_by=act.actor,
            filed_on=act.on,
        )
        work.record(receipt_book.stream(command.unit_id, year), (event,))
    return {"sheet": command.sheet, "signed": len(fresh), "sha256": command.sha256}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    VoidReceipt: Handler("void-receipt", Action.KEEP_RECEIPTS, "unit_id", void_receipt),
    PrintReceipt: Handler("print-receipt", Action.KEEP_RECEIPTS, "unit_id", print_receipt),
    FileSignedSheet: Handler("file-signed-sheet", Action.KEEP_RECEIPTS, "unit_id", file_sheet),
}
