"""Receipts one by one and signed sheets: what is printed, put together from the log and the vault."""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import date

from adapters.books.cash_sheet import CashLine, CashSheet
from adapters.books.receipt import ReceiptDocument
from api.flows.papers import receipts_of
from api.wiring import Installation
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.payment import PaymentReceived, PaymentTakenBack
from domain.period import parse_month
from domain.receipt_book import CashSheetSigned, ReceiptIssued, ReceiptVoided
from ledger.application import Outcome
from ledger.handlers.receipts import FileSignedSheet, PrintReceipt
from ledger.store import Recorded
from ledger.work import Act

_NAMES = ("payment-received", "payment-taken-back", "receipt-issued", "receipt-voided", "cash-sheet-signed")
_BATCH = 5_000

#: Kinds of scans by the first bytes of the file.
_KINDS = {b"%PDF": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def parse_span(text: str) -> str:
    """``2026-07`` or ``2026-07-12``; anything else is refused."""
    if len(text) == len("2026-07-12"):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise Malformed(f"không phải ngày hoặc tháng: {text!r}; viết 2026-07 hoặc 2026-07-12") from error
    return parse_month(text)


def cash_sheet(inst: Installation, unit_id: UnitId, span: str) -> tuple[CashSheet, tuple[PaymentId, ...]]:
    """The unit's cash of a month or day, by paid-on day, and the payments it shows."""
    taken: dict[PaymentId, PaymentReceived] = {}
    numbers: dict[PaymentId, str] = {}
    for recorded in _events(inst):
        match recorded.event:
            case PaymentReceived(channel="cash") as e if e.unit_id == unit_id and str(e.paid_on).startswith(span):
                taken[e.payment_id] = e
            case PaymentTakenBack() as e:
                taken.pop(e.payment_id, None)
            case ReceiptIssued() as e:
                numbers[e.payment_id] = f"{e.number}/{e.year}"
            case ReceiptVoided() as e:
                numbers.pop(e.payment_id, None)
            case _:
                pass
    paid = sorted(taken.values(), key=lambda e: (e.paid_on, e.outside_reference))
    persons = inst.vault.persons(sorted({str(e.member_id) for e in paid}))
    months = {d.payment_id: ", ".join(m.month for m in d.months) for d in receipts_of(inst) if d.payment_id in taken}
    units = inst.ledger.work().organisation.units
    unit = units[unit_id]
    lines = tuple(
        CashLine(
            name=persons[str(e.member_id)].name if str(e.member_id) in persons else str(e.member_id),
            paid_on=e.paid_on,
            months=months.get(e.payment_id, ""),
            amount=e.amount,
            receipt=numbers.get(e.payment_id, ""),
        )
        for e in paid
    )
    sheet = CashSheet(
        unit_name=unit.name,
        unit_code=unit.code,
        superior_name="" if unit.parent_id is None else units[unit.parent_id].name,
        span=span,
        position=inst.store.head(),
        lines=lines,
    )
    return sheet, tuple(e.payment_id for e in paid)


def unsigned(inst: Installation, unit_id: UnitId, span: str) -> tuple[PaymentId, ...]:
    """Cash of the span for which no scan shows the member's signature."""
    signed = {p for r in _events(inst) if isinstance(r.event, CashSheetSigned) for p in r.event.payments}
    return tuple(p for p in cash_sheet(inst, unit_id, span)[1] if p not in signed)


def file_scan(inst: Installation, unit_id: UnitId, span: str, content: bytes, act: Act) -> dict[str, object]:
    """What :func:`filed` decided."""
    return dict(filed(inst, unit_id, span, content, act).answer)


def filed(inst: Installation, unit_id: UnitId, span: str, content: bytes, act: Act) -> Outcome:
    """Keep the scan of a signed sheet and link its hash to the payments that stand on it."""
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind is None:
        raise Malformed("bản quét phải là PDF, PNG hoặc JPEG; quét lại danh sách đã ký", where=span)
    payments = cash_sheet(inst, unit_id, span)[1]
    if not payments:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT, f"{unit_id} không có khoản tiền mặt nào trong {span}. Kiểm tra ngày, tháng."
        )
    digest = hashlib.sha256(content).hexdigest()
    evidence_id = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:cash-sheet:{unit_id}:{span}:{digest}")
    command = FileSignedSheet(
        unit_id=unit_id, sheet=span, sha256=digest, evidence_id=str(evidence_id), payments=payments
    )
    # Whoever may not file it keeps nothing here; what is kept twice is the same bytes under the same id.
    inst.ledger.execute(command, act, dry_run=True)
    inst.evidence.store(evidence_id, kind, content)
    return inst.ledger.execute(command, act)


def print_one(inst: Installation, unit_id: UnitId, year: int, number: int, act: Act) -> ReceiptDocument:
    """Note the printing of one receipt and put its page together; a second printing says that it is a copy."""
    inst.ledger.execute(PrintReceipt(unit_id=unit_id, year=year, number=number), act)
    code = inst.ledger.work().organisation.units[unit_id].code
    return next(d for d in receipts_of(inst) if (d.unit_code, d.year, d.number) == (code, year, number))


def _events(inst: Installation) -> Iterator[Recorded]:
    position = 0
    while found := inst.store.read(position, _BATCH, _NAMES):
        yield from found
        position = found[-1].position
