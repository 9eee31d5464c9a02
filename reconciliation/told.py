"""What events tell a reconciliation, gathered in log order: statements, evidence, money in and money up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from domain.bank_account import LinesPlaced, MovementNamed, StatementImported, StatementTakenBack
from domain.cash import BagCredited
from domain.declaration import HeldPeriodAllocated, PeriodDeclared, PeriodHeld
from domain.dues_account import (
    AheadReturned,
    CollectedAhead,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    DuesAdjusted,
    OpeningCreditCarried,
    SurplusAccepted,
)
from domain.events import DomainEvent
from domain.identifiers import AccountId, MemberId, UnitId
from domain.money import Dong
from domain.organisation import AccountRegistered
from domain.payment import (
    Asset,
    CreditTakenBack,
    PaymentConflicted,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
)
from domain.payment_request import Kind, PaymentRequested, RequestAnswered, TellingTakenBack, TransferTold
from domain.refund import PayoutFailed, PayoutSeen
from domain.remittance import (
    RemittanceDisputed,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SendingSeen,
)
from domain.remittance_cases import (
    DisputeResolved,
    InterimPrepared,
    InterimReceived,
    RemittanceMisrouted,
    RemittancePassedOn,
    RemittanceReturned,
)
from domain.spending import VoucherPaidByBank, VoucherVoided
from reconciliation.facts import Declared, NameFact, PaymentFact, RemittanceFact
from reconciliation.seen import Seen, first_account, paid_name, witness

# --- the bank's side --------------------------------------------------------------------------------------------


def tell_bank(seen: Seen, event: DomainEvent, position: int) -> None:
    """Take in what an event says about statements, their lines, and lines that it names."""
    match event:
        case AccountRegistered():
            seen.owners[event.account_id] = event.unit_id
        case StatementImported():
            seen.statements.append(event)
            for line in event.lines:
                seen.lines.setdefault((event.account_id, line.key), (event.unit_id, line))
                seen.line_positions.setdefault((event.account_id, line.key), position)
        case StatementTakenBack():
            _take_back(seen, event)
        case LinesPlaced():
            for placement in event.placements:
                seen.placed[event.account_id, placement.key] = placement
                case = f"payment:{placement.target}"
                if case in seen.items:
                    witness(seen, placement.key, case, None, position)
        case MovementNamed():
            seen.names.append(
                NameFact(
                    line_key=event.bank_line,
                    what=str(event.what),
                    heading=event.heading,
                    named_by=event.named_by,
                    ground=event.ground,
                )
            )
            witness(seen, event.bank_line, f"named:{event.bank_line}", f"named:{event.bank_line}", position)
        case VoucherPaidByBank() | VoucherVoided() if event.bank_line is not None:
            seen.names.append(
                NameFact(
                    line_key=event.bank_line,
                    what="spending",
                    heading=event.analytic,
                    named_by=event.voucher_id,
                    ground=f"phiếu chi {event.voucher_id}",
                )
            )
            witness(seen, event.bank_line, f"named:{event.bank_line}", f"named:{event.bank_line}", position)
        case PaymentRequested() | RequestAnswered() | TransferTold() | TellingTakenBack():
            _tell_request(seen, event)
        case PeriodDeclared() | HeldPeriodAllocated():
            seen.declared.append(Declared(unit_id=event.unit_id, period=event.period, is_example=event.is_example))
        case PeriodHeld():
            seen.declared.append(Declared(unit_id=event.unit_id, period=event.period, is_example=False))
        case BagCredited():
            witness(seen, event.bank_line, f"bag:{event.bag}", f"bag:{event.bag}", position)
        case PayoutSeen():
            witness(seen, event.bank_line, f"refund:{event.refund_id}", None, position)
        case PayoutFailed():
            case_id = f"refund:{event.refund_id}"
            witness(seen, event.bank_line, case_id, f"{case_id}@{position}", position)
        case _:
            pass


def _tell_request(seen: Seen, event: PaymentRequested | RequestAnswered | TransferTold | TellingTakenBack) -> None:
    match event:
        case PaymentRequested():
            seen.requests[event.reference] = event
        case RequestAnswered():
            seen.answered.add(event.reference)
        case TransferTold():
            seen.on_the_way[event.reference] = event
        case TellingTakenBack():
            seen.on_the_way.pop(event.reference, None)


def _take_back(seen: Seen, event: StatementTakenBack) -> None:
    """The statement, its lines, and all that was said of them count no more; the same lines may come in again."""
    gone = set(event.bank_lines)
    for key in gone:
        seen.lines.pop((event.account_id, key), None)
        seen.line_positions.pop((event.account_id, key), None)
        seen.placed.pop((event.account_id, key), None)
    own = (event.account_id, event.file_digest, event.from_date, event.to_date)
    seen.statements = [s for s in seen.statements if (s.account_id, s.file_digest, s.from_date, s.to_date) != own]
    seen.names = [n for n in seen.names if n.line_key not in gone]
    seen.evidence = [e for e in seen.evidence if e.line_key not in gone]


# --- money that came in -----------------------------------------------------------------------------------------


def tell_payment(seen: Seen, event: DomainEvent, position: int) -> None:
    """Take in what an event says about money that came in, in suspense, or held as credit."""
    match event:
        case PaymentReceived():
            _receive(seen, event, position)
        case WitnessAdded():
            name = f"payment:{event.payment_id}"
            witness(seen, event.bank_line, name, name, position)
            if event.source == "portal" and event.payment_id in seen.payments:
                seen.payments[event.payment_id] = replace(seen.payments[event.payment_id], notified=True)
        case PaymentCredited():
            name = paid_name(seen, event.payment_id)
            witness(seen, event.bank_line, name, name, position)
        case CreditTakenBack():
            seen.untied[event.bank_line, paid_name(seen, event.payment_id)] = position
        case PaymentConflicted():
            seen.conflicts.append(event)
        case PaymentTakenBack():
            gone = seen.payments.pop(event.payment_id, None)
            if gone is not None and seen.by_reference.get(gone.reference or "") == event.payment_id:
                del seen.by_reference[gone.reference or ""]
        case SuspenseIdentified() | SuspenseReleased() | SuspenseNamed():
            _leave_suspense(seen, event)
        case CreditHeld():
            seen.credit.setdefault(event.member_id, []).append((event.payment_id, event.amount))
            _change(seen, event.payment_id, credit=event.amount)
        case OpeningCreditCarried():
            seen.credit.setdefault(event.member_id, []).append(("", event.amount))
        case DuesAdjusted():
            if event.to_credit:
                seen.credit.setdefault(event.member_id, []).append(("", event.to_credit))
        case AheadReturned():
            seen.credit.setdefault(event.member_id, []).append(("", event.amount))
        case CreditApplied() | CreditReleased() | CollectedAhead() | SurplusAccepted():
            _use_credit(seen, event.member_id, event.amount)
        case _:
            pass


def _receive(seen: Seen, event: PaymentReceived, position: int) -> None:
    name = f"payment:{event.payment_id}"
    witness(seen, event.bank_line, name, name, position)
    reference = event.reference
    seen.payments[event.payment_id] = PaymentFact(
        payment_id=event.payment_id,
        source=event.source,
        channel=event.channel,
        reference=reference,
        is_dues=event.request_kind == Kind.DUES,
        member_id=event.member_id,
        unit_id=event.unit_id,
        amount=event.amount,
        dues=event.dues_amount,
        converted=event.converted_amount,
        suspended=event.suspense_amount,
        waiting=event.suspense_amount,
        credit=event.credit_amount,
        credit_open=0,
        paid_on=event.paid_on,
        position=position,
        payer_key=event.payer_key,
        notified=event.source == "portal",
        same_reference=None if reference is None else seen.by_reference.get(reference),
        named=None,
        released=False,
    )
    if reference is not None:
        seen.by_reference.setdefault(reference, event.payment_id)


def _change(seen: Seen, payment_id: str, *, credit: Dong) -> None:
    """Keep the credit that a payment brought where it is known from the member's account alone (suspense)."""
    known = seen.payments.get(payment_id)
    if known is not None and known.credit == 0:
        seen.payments[payment_id] = replace(known, credit=credit)


def _leave_suspense(seen: Seen, event: SuspenseIdentified | SuspenseReleased | SuspenseNamed) -> None:
    known = seen.payments.get(event.payment_id)
    if known is None:
        return
    known = replace(known, waiting=known.waiting - event.amount)
    match event:
        case SuspenseNamed():
            known = replace(known, named=(event.what, event.heading, event.named_by, event.ground))
        case SuspenseReleased():
            known = replace(known, released=True)
        case SuspenseIdentified():
            known = replace(known, member_id=known.member_id or event.member_id)
    seen.payments[event.payment_id] = known


def _use_credit(seen: Seen, member: MemberId, amount: Dong) -> None:
    """Credit is used up in the order in which it came in."""
    left: list[tuple[str, Dong]] = []
    for payment_id, held in seen.credit.get(member, []):
        used = min(held, amount)
        amount -= used
        if held > used:
            left.append((payment_id, held - used))
    seen.credit[member] = left


# --- money that went up -----------------------------------------------------------------------------------------


def tell_remittance(seen: Seen, event: DomainEvent, position: int) -> None:
    """Take in what an event says about money on its way up."""
    match event:
        case RemittancePrepared() | InterimPrepared():
            seen.superiors[event.remittance_id] = event.superior_id
        case RemittanceSent():
            account = AccountId(event.asset_key) if event.asset == Asset.BANK else first_account(seen, event.unit_id)
            known = seen.sendings.get(event.remittance_id) or RemittanceFact(
                remittance_id=event.remittance_id,
                unit_id=event.unit_id,
                superior_id=seen.superiors.get(event.remittance_id, UnitId("")),
                account_id=account,
                sent_on=event.sent_on,
                steps=(),
                debits=(),
                dispute=None,
            )
            _step(seen, known, event.sent_on, event.amount)
        case SendingCorrected():
            _step(seen, seen.sendings.get(event.remittance_id), event.corrected_on, -event.difference)
        case RemittanceReturned() | RemittanceMisrouted():
            name = f"stray:{event.remittance_id}"
            witness(seen, event.bank_line, name, f"{name}:{event.bank_line}", position)
            _step(seen, seen.sendings.get(event.remittance_id), _stray_day(event), -event.amount)
        case RemittancePassedOn():
            name = f"stray:{event.remittance_id}"
            witness(seen, event.bank_line, name, f"{name}:{event.bank_line}", position)
            _step(seen, seen.sendings.get(event.remittance_id), event.passed_on, event.amount)
        case InterimReceived():
            name = f"received:{event.remittance_id}"
            witness(seen, event.bank_line, name, f"{name}:{event.bank_line}", position)
            _step(seen, seen.sendings.get(event.remittance_id), event.received_on, -event.amount)
        case RemittanceReceived():
            name = f"received:{event.remittance_id}"
            witness(seen, event.bank_line, name, f"{name}:{event.bank_line}", position)
            if event.sender_here:
                _step(seen, seen.sendings.get(event.remittance_id), event.received_on, -event.amount)
        case SendingSeen():
            witness(seen, event.bank_line, f"sent:{event.remittance_id}", None, position)
            seen.sendings |= _with(seen, event.remittance_id, debit=event.booked_on)
        case RemittanceDisputed():
            seen.sendings |= _with(seen, event.remittance_id, dispute=event.reason)
        case DisputeResolved():
            seen.sendings |= _with(seen, event.remittance_id, dispute=None)
        case _:
            pass


def _stray_day(event: RemittanceReturned | RemittanceMisrouted) -> date:
    return event.returned_on if isinstance(event, RemittanceReturned) else event.found_on


def _step(seen: Seen, known: RemittanceFact | None, on: date, amount: Dong) -> None:
    if known is not None:
        seen.sendings[known.remittance_id] = replace(known, steps=(*known.steps, (on, amount)))


def _with(
    seen: Seen, case: str, *, debit: date | None = None, dispute: str | None = None
) -> Mapping[str, RemittanceFact]:
    known = seen.sendings.get(case)
    if known is None:
        return {}
    if debit is not None:
        return {case: replace(known, debits=(*known.debits, debit))}
    return {case: replace(known, dispute=dispute)}
