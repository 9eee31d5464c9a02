"""Where money goes that came in: to what was asked under its reference, or into suspense.

These functions record into a ``Work``; they read no text and decide by references, accounts and amounts alone.
"""

from dataclasses import dataclass, replace
from datetime import date

from domain import dues_account, organisation, payment, payment_request, receipt_book, remittance, remitting
from domain.dues_account import PaymentApplied
from domain.errors import Refusal
from domain.identifiers import AccountId, MemberId, PaymentId, RemittanceId, UnitId, payment_id
from domain.money import Dong
from domain.payment import Asset, NotSeen, Payment, PaymentConflicted, PaymentReceived, WitnessAdded
from domain.payment_request import Kind, PaymentRequested, Requested, RequestLine, answered
from domain.period import Month
from domain.reference import Reference
from domain.remittance import require_prepared, to_send
from ledger import prepaid
from ledger.accounts import open_account
from ledger.owning import in_owners_books
from ledger.work import Act, Work

#: Channels whose attempts ask for an exact amount under a reference of their own.
RAILS = frozenset({"portal", "gateway"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Money as a channel reported it, before anybody said what it is for; đồng."""

    source: str
    outside_reference: str
    channel: str
    holder_id: UnitId
    asset: Asset
    asset_key: str
    amount: Dong
    paid_on: date
    booked_on: date | None
    reference: Reference | None
    payer_key: str | None = None
    bank_line: str | None = None
    evidence_id: str | None = None

    @property
    def payment_id(self) -> PaymentId:
        """The payment's id."""
        return payment_id(self.source, self.outside_reference)


def apply_to_member(
    work: Work,
    act: Act,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    payment: PaymentId,
    amount: Dong,
    month: Month | None,
) -> tuple[Dong, Dong]:
    """Let money answer for a member's months; returns what went to dues and what is held as credit."""
    stream = open_account(work, member_id, unit_id, act.on.year)
    events = dues_account.apply_payment(
        work.dues(member_id, act.on.year),
        member_id=member_id,
        unit_id=unit_id,
        payment_id=payment,
        amount=amount,
        month=month if prepaid.asked_month_first(work, unit_id, act) else None,
    )
    # A month stands in the books of the cell that owns it, whichever unit took the money (I9).
    work.record(stream, in_owners_books(work, member_id, unit_id, events))
    dues = sum(event.amount for event in events if isinstance(event, PaymentApplied))
    if amount > dues:
        prepaid.count_on_receipt(work, act, member_id, amount - dues, payment)
    return dues, amount - dues


def receive_asked(work: Work, act: Act, asked: PaymentRequested, money: Money) -> str:
    """Take in money that came under a request of members' dues; returns the rule that placed it."""
    if not isinstance(work.payment(money.payment_id), NotSeen):
        return "known"
    # Who asked may have ended since: its successor takes the money in.
    asked = replace(asked, unit_id=organisation.owner(work.organisation, asked.unit_id))
    if asked.kind is Kind.DUES and asked.member_id is not None:
        if asked.channel in RAILS and asked.amount != money.amount:
            # A channel takes exactly what an attempt asks for; another sum under its reference is some other money.
            return receive_unknown(work, act, money)
        return _receive_dues(work, act, asked, asked.member_id, money)
    if asked.kind is Kind.BATCH and asked.amount == money.amount:
        if answered(work.request(asked.reference)):
            # A list is paid once: the same sum again waits in the unit that asked, for a person to say what it is.
            _record(work, money, asked.unit_id, suspense=money.amount, kind=asked.kind)
            _answer(work, asked, money)
            return "suspense"
        return _receive_batch(work, act, asked, money)
    return receive_unknown(work, act, money)


def _receive_dues(work: Work, act: Act, asked: PaymentRequested, member_id: MemberId, money: Money) -> str:
    dues, credit = apply_to_member(
        work,
        act,
        member_id=member_id,
        unit_id=asked.unit_id,
        payment=money.payment_id,
        amount=money.amount,
        month=asked.month,
    )
    _record(work, money, asked.unit_id, dues=dues, credit=credit, kind=asked.kind, member_id=member_id)
    _answer(work, asked, money)
    if money.channel != "portal":
        issue_receipt(work, act, asked.unit_id, money.payment_id, member_id, money.amount, money.paid_on)
    return "reference"


def _receive_batch(work: Work, act: Act, asked: PaymentRequested, money: Money) -> str:
    dues = converted = unclear = 0
    in_hand = work.balance(asked.unit_id, "1110")
    for line in asked.lines:
        if line.cash_payment_id is not None:
            # Cash that has gone to the bank or to the holder in the meantime cannot turn into this payment too.
            part = _convert(work, line, money.payment_id) if line.amount <= in_hand - converted else 0
            converted += part
        else:
            part = _apply_line(work, act, asked.unit_id, line, money.payment_id)
            dues += part
        unclear += line.amount - part
    _record(work, money, asked.unit_id, dues=dues, converted=converted, suspense=unclear, kind=asked.kind)
    _answer(work, asked, money)
    if money.channel != "portal" and dues:
        issue_receipt(work, act, asked.unit_id, money.payment_id, None, dues, money.paid_on)
    return "reference"


def _apply_line(work: Work, act: Act, unit_id: UnitId, line: RequestLine, payment: PaymentId) -> Dong:
    """Let a batch's line answer for what its member owes, and no more: whose the rest is, a person must say."""
    open_account(work, line.member_id, unit_id, act.on.year)
    usable = min(line.amount, dues_account.total_owed(work.dues(line.member_id, act.on.year)))
    if usable:
        apply_to_member(
            work,
            act,
            member_id=line.member_id,
            unit_id=unit_id,
            payment=payment,
            amount=usable,
            month=line.month,
        )
    return usable


def _convert(work: Work, line: RequestLine, by: PaymentId) -> Dong:
    """Turn receipted cash into this online payment; 0 if that cash cannot be turned (again)."""
    if line.cash_payment_id is None:
        return 0
    cash_payment = line.cash_payment_id
    events = payment.convert_cash(work.payment(cash_payment), by_payment_id=by, amount=line.amount)
    work.record(payment.stream(cash_payment), events)
    return line.amount if events else 0


def receive_unknown(work: Work, act: Act, money: Money) -> str:
    """Take in money that nobody can place: it waits in suspense at the unit that holds it."""
    if not isinstance(work.payment(money.payment_id), NotSeen):
        return "known"
    holder_id = organisation.owner(work.organisation, money.holder_id)
    _record(work, money, holder_id, suspense=money.amount, kind=None)
    return "suspense"


def _record(
    work: Work,
    money: Money,
    unit_id: UnitId,
    *,
    kind: Kind | None,
    dues: Dong = 0,
    credit: Dong = 0,
    converted: Dong = 0,
    suspense: Dong = 0,
    member_id: MemberId | None = None,
) -> None:
    holder_id = organisation.owner(work.organisation, money.holder_id)
    fact = PaymentReceived(
        payment_id=money.payment_id,
        source=money.source,
        outside_reference=money.outside_reference,
        channel=money.channel,
        unit_id=unit_id,
        holder_id=holder_id,
        asset=money.asset,
        asset_key=holder_id if money.asset is Asset.CASH else money.asset_key,
        amount=money.amount,
        dues_amount=dues,
        credit_amount=credit,
        converted_amount=converted,
        suspense_amount=suspense,
        paid_on=money.paid_on,
        booked_on=money.booked_on,
        reference=money.reference,
        request_kind=kind,
        member_id=member_id,
        payer_key=money.payer_key,
        bank_line=money.bank_line,
        evidence_id=money.evidence_id,
    )
    state = work.payment(money.payment_id)
    work.record(payment.stream(money.payment_id), payment.receive(state, fact))


def _answer(work: Work, asked: PaymentRequested, money: Money) -> None:
    stream = payment_request.stream(asked.reference)
    events = payment_request.answer(work.request(asked.reference), payment_id=money.payment_id, amount=money.amount)
    work.record(stream, events)


def issue_receipt(
    work: Work,
    act: Act,
    unit_id: UnitId,
    payment_: PaymentId,
    member_id: MemberId | None,
    amount: Dong,
    paid_on: date,
) -> int:
    """Issue the unit's next receipt for a payment that has none; returns its number."""
    year = act.on.year
    stream = receipt_book.stream(unit_id, year)
    events = receipt_book.issue(
        work.receipts(unit_id, year),
        unit_id=unit_id,
        year=year,
        payment_id=payment_,
        member_id=member_id,
        amount=amount,
        paid_on=paid_on,
        issued_on=act.on,
    )
    work.record(stream, events)
    return work.receipts(unit_id, year).by_payment[payment_]


def note_conflict(work: Work, money: Money, *, reason: str, expected: Dong | None) -> str:
    """Note a message that contradicts what is known; a case for a person, no entry."""
    asked = PaymentConflicted(
        payment_id=money.payment_id,
        source=money.source,
        outside_reference=money.outside_reference,
        reference=money.reference,
        reason=reason,
        stated=money.amount,
        expected=expected,
        seen_on=money.paid_on,
        evidence_id=money.evidence_id,
    )
    state = work.payment(money.payment_id)
    work.record(payment.stream(money.payment_id), payment.conflict(state, asked))
    return reason


def announced(work: Work, request: Requested, amount: Dong) -> tuple[Payment, ...]:
    """Payments a channel announced under a request, of this amount, that no statement has credited yet.

    What a channel pays in lumps is credited by its settlement alone; a transfer of the same amount is other money.
    """
    found = (work.payment(answer.payment_id) for answer in request.answers)
    return tuple(
        known
        for known in found
        if isinstance(known, Payment)
        and known.received.asset is Asset.CLEARING
        and known.received.asset_key not in work.settings.lump_rails
        and known.credited is None
        and known.received.amount == amount
    )


def bank_saw(work: Work, request: Requested, amount: Dong) -> tuple[Payment, ...]:
    """Payments under a request, of this amount, that a bank reported and the portal has not."""
    found = (work.payment(answer.payment_id) for answer in request.answers)
    return tuple(
        known
        for known in found
        if isinstance(known, Payment)
        and known.received.asset is Asset.BANK
        and known.received.amount == amount
        and not any(w.source == "portal" for w in known.witnesses)
    )


def told_already(work: Work, request: Requested, money: Money) -> bool:
    """Whether this very message is evidence on one of the request's payments already."""
    found = (work.payment(answer.payment_id) for answer in request.answers)
    return any(
        (w.source, w.outside_reference) == (money.source, money.outside_reference)
        for known in found
        if isinstance(known, Payment)
        for w in known.witnesses
    )


def add_witness(work: Work, known: Payment, money: Money, source: str) -> str:
    """Keep another channel's word for money that is in the book: evidence on the one receipt, never a second one."""
    asked = WitnessAdded(
        payment_id=known.received.payment_id,
        source=source,
        outside_reference=money.outside_reference,
        amount=money.amount,
        seen_on=money.paid_on,
        bank_line=money.bank_line,
        evidence_id=money.evidence_id,
    )
    work.record(payment.stream(asked.payment_id), payment.witness(known, asked))
    return "witness"


def send_by_portal(work: Work, asked: PaymentRequested, money: Money, sender_account: AccountId) -> str:
    """The portal says a remittance was paid: it left the sender's account and is under way."""
    known = work.request(asked.reference)
    answers = known.answers if isinstance(known, Requested) else ()
    if any(answer.payment_id == money.payment_id for answer in answers):
        return "known"
    case = RemittanceId(str(asked.case_id))
    state = require_prepared(work.remittance(case))
    if money.amount > to_send(state) and not answers and money.amount <= state.proved:
        # The superior's statement was faster than the portal: its credit has proved this sending.
        _answer(work, asked, money)
        return "remittance-known"
    try:
        events = remitting.send(
            state,
            amount=money.amount,
            asset=Asset.BANK,
            asset_key=sender_account,
            basis="portal",
            on=money.paid_on,
        )
    except Refusal as refusal:
        return note_conflict(work, money, reason=str(refusal.code), expected=to_send(state))
    work.record(remittance.stream(case), events)
    _answer(work, asked, money)
    return "remittance-sent"


def receive_cash_split(
    work: Work, act: Act, unit_id: UnitId, lines: tuple[RequestLine, ...], money: Money
) -> tuple[Dong, int | None]:
    """Take cash of several members in by its list; returns what went to dues and the number of the one receipt."""
    dues = sum(_apply_line(work, act, unit_id, line, money.payment_id) for line in lines)
    _record(work, money, unit_id, dues=dues, suspense=money.amount - dues, kind=Kind.BATCH)
    if dues == 0:
        return 0, None
    return dues, issue_receipt(work, act, unit_id, money.payment_id, None, dues, money.paid_on)


def receive_cash(work: Work, act: Act, unit_id: UnitId, member_id: MemberId, month: Month, money: Money) -> int:
    """Take cash in from a member and issue the receipt; returns its number."""
    dues, credit = apply_to_member(
        work,
        act,
        member_id=member_id,
        unit_id=unit_id,
        payment=money.payment_id,
        amount=money.amount,
        month=month,
    )
    _record(work, money, unit_id, dues=dues, credit=credit, kind=Kind.DUES, member_id=member_id)
    return issue_receipt(work, act, unit_id, money.payment_id, member_id, money.amount, money.paid_on)
