"""Papers for people: receipts and confirmations, and payment slips with their codes, put together from the log."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from adapters.books.receipt import AppliedMonth, Channel, ReceiptDocument
from adapters.books.slip import PaymentSlip
from adapters.vietqr.payload import encode
from api.wiring import Installation
from domain.dues_account import CreditHeld, PaymentApplied
from domain.dues_corrections import CreditUnheld, PaymentUnapplied
from domain.identifiers import PaymentId, UnitId
from domain.payment import PaymentReceived, SuspenseIdentified
from domain.payment_request import Requested
from domain.period import day_of
from domain.receipt_book import ReceiptIssued, ReceiptPrinted, ReceiptVoided
from ledger.store import Recorded

_NAMES = (
    "payment-received",
    "suspense-identified",
    "payment-applied",
    "credit-held",
    "receipt-issued",
    "payment-unapplied",
    "credit-unheld",
    "receipt-voided",
    "receipt-printed",
)
_BATCH = 5_000
_CHANNELS = {"portal": Channel.PORTAL, "bank": Channel.TRANSFER, "cash": Channel.CASH}


#: What else the log says of a payment.
_About = (
    PaymentApplied | CreditHeld | ReceiptIssued | SuspenseIdentified | PaymentUnapplied | CreditUnheld | ReceiptVoided
)


@dataclass(slots=True)
class _Paper:
    """What one payment's paper needs."""

    received: PaymentReceived
    position: int
    recorded_on: date
    unit_id: UnitId
    member_id: str | None
    months: list[PaymentApplied] = field(default_factory=list)
    credit: int = 0
    receipt: ReceiptIssued | None = None
    voided: bool = False
    printed: int = 0

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to print: money that answers for members, with a receipt unless it never had one.

        A payment whose receipt is void and that has no other yet is no portal payment, which never has ours.
        """
        return bool(self.months or self.credit) and not (self.voided and self.receipt is None)


def receipts_of(inst: Installation) -> tuple[ReceiptDocument, ...]:
    """A receipt for each numbered payment, a confirmation for each one the portal receipted, in order of the log.

    A payment on behalf of members whose cash was receipted before has no second paper (A9).
    """
    papers = _papers(inst)
    wanted = [paper for paper in papers.values() if paper.is_wanted]
    members = {str(applied.member_id) for paper in wanted for applied in paper.months}
    members |= {paper.member_id for paper in wanted if paper.member_id is not None}
    persons = inst.vault.persons(sorted(members))
    names = {member_id: person.name for member_id, person in persons.items()}
    units = inst.ledger.work().organisation.units
    found = []
    for paper in wanted:
        unit = units[paper.unit_id]
        parent = units[unit.parent_id].name if unit.parent_id is not None else ""
        found.append(_document(paper, unit.name, unit.code, parent, names))
    return tuple(found)


def _papers(inst: Installation) -> dict[PaymentId, _Paper]:
    """What each payment's paper needs. The streams of one command stand in no order of meaning in the log."""
    papers: dict[PaymentId, _Paper] = {}
    about: list[_About] = []
    issued: dict[tuple[UnitId, int, int], PaymentId] = {}
    for recorded in _events(inst):
        match recorded.event:
            case PaymentReceived() as e:
                papers[e.payment_id] = _Paper(
                    received=e,
                    position=recorded.position,
                    recorded_on=day_of(recorded.recorded_at),
                    unit_id=e.unit_id,
                    member_id=e.member_id,
                )
            case ReceiptPrinted() as e:
                printed = papers[issued[e.unit_id, e.year, e.number]]
                printed.printed = e.n
            case ReceiptIssued() as e:
                issued[e.unit_id, e.year, e.number] = e.payment_id
                about.append(e)
            case (
                PaymentApplied()
                | CreditHeld()
                | SuspenseIdentified()
                | PaymentUnapplied()
                | CreditUnheld()
                | ReceiptVoided() as e
            ):
                about.append(e)
            case _:
                pass
    for event in about:
        _add(papers[event.payment_id], event)
    return papers


def _add(paper: _Paper, event: _About) -> None:
    match event:
        case PaymentApplied():
            paper.months.append(event)
        case CreditHeld():
            paper.credit += event.amount
        case PaymentUnapplied():
            _unapply(paper, event)
        case CreditUnheld():
            paper.credit -= event.amount
        case ReceiptVoided():
            if paper.receipt is None or paper.receipt.number == event.number:
                paper.receipt, paper.voided = None, True
        case ReceiptIssued():
            paper.receipt = event
        case SuspenseIdentified():
            paper.unit_id, paper.member_id = event.unit_id, event.member_id


def _unapply(paper: _Paper, event: PaymentUnapplied) -> None:
    """Take what a correction undid off the months that the paper shows."""
    left = event.amount
    kept = []
    for applied in paper.months:
        part = min(left, applied.amount) if (applied.member_id, applied.month) == (event.member_id, event.month) else 0
        left -= part
        if applied.amount > part:
            kept.append(replace(applied, amount=applied.amount - part))
    paper.months = kept


def _events(inst: Installation) -> Iterator[Recorded]:
    position = 0
    while found := inst.store.read(position, _BATCH, _NAMES):
        yield from found
        position = found[-1].position


def _document(paper: _Paper, unit_name: str, unit_code: str, parent: str, names: dict[str, str]) -> ReceiptDocument:
    e = paper.received
    several = len({applied.member_id for applied in paper.months}) > 1
    months = tuple(
        AppliedMonth(
            month=applied.month,
            amount=applied.amount,
            member=names.get(applied.member_id, "") if several else "",
        )
        for applied in paper.months
    )
    payer = "Nộp hộ theo danh sách" if several else names.get(str(paper.member_id), "(không rõ)")
    return ReceiptDocument(
        unit_name=unit_name,
        unit_code=unit_code,
        superior_name=parent,
        number=None if paper.receipt is None else paper.receipt.number,
        year=e.paid_on.year if paper.receipt is None else paper.receipt.year,
        portal_number=e.outside_reference if paper.receipt is None else None,
        payer_name=payer,
        months=months,
        credit=paper.credit,
        amount=sum(month.amount for month in months) + paper.credit,
        paid_on=e.paid_on,
        issued_on=paper.recorded_on if paper.receipt is None else paper.receipt.issued_on,
        channel=_CHANNELS[e.channel],
        reference=e.reference,
        payment_id=e.payment_id,
        position=paper.position,
        copy=max(0, paper.printed - 1),
    )


def slips_of(inst: Installation, references: tuple[str, ...]) -> tuple[PaymentSlip, ...]:
    """A slip with its code for each request; the name stands on the paper and never in the code.

    Paper lasts: its code carries the amount only together with a last day. Without one the payer enters the amount, so
    that an old paper never asks for an old amount.
    """
    work = inst.ledger.work()
    asked = [state.asked for state in map(work.request, references) if isinstance(state, Requested)]
    persons = inst.vault.persons([str(one.member_id) for one in asked])
    slips = []
    for one in asked:
        unit = work.organisation.units[one.unit_id]
        account = work.organisation.accounts[one.account_id]
        amount = None if one.valid_until is None else one.amount
        payload = encode(bin=account.bin, account=account.number, amount=amount, content=one.reference)
        slips.append(
            PaymentSlip(
                unit_name=unit.name,
                unit_code=unit.code,
                member_name=persons[str(one.member_id)].name if str(one.member_id) in persons else "(không rõ)",
                months=() if one.month is None else (one.month,),
                amount=one.amount,
                reference=one.reference,
                payload=payload,
                account_holder=account.holder_name,
                valid_until=one.valid_until,
            )
        )
    return tuple(slips)
