"""Money that came in: a fact, never refused. One stream per source and outside reference.

The first witness opens the stream; a later witness of the same money is evidence on it and never a second receipt.
Money that nobody can place waits in suspense until a person says whose it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.held_passed import HeldMoneyPassed
from domain.identifiers import AccountId, MemberId, PaymentId, RemittanceId, UnitId
from domain.money import Dong, require_amount
from domain.open_item import CreditAccepted, SuspenseToCredit, SuspenseWaitsAgain, SuspenseWrittenOff
from domain.passed_on import SuspenseTakenOver
from domain.payment_channels import CreditReturned, PaymentChannelEvent, SuspenseToCase, SuspenseToLump
from domain.payment_corrections import CreditTakenBack as CreditTakenBack
from domain.payment_corrections import MatchUndone as MatchUndone
from domain.payment_corrections import PaymentTakenBack as PaymentTakenBack
from domain.payment_corrections import WitnessTakenBack as WitnessTakenBack
from domain.reference import Reference
from domain.suspense_reserved import SuspenseReserved, SuspenseUnreserved


def stream(payment_id: PaymentId) -> str:
    """The name of a payment's stream."""
    return f"payment/{payment_id}"


class Asset(StrEnum):
    """Where the money lies first, by account of the chart."""

    CASH = "1110"
    BANK = "1120"
    CLEARING = "1140"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """Money came in. dues + credit + converted + suspense = amount, in đồng.

    ``unit_id`` owns it (the account's unit while it is in suspense), ``holder_id`` received it.
    ``converted_amount`` answers for cash that was receipted before: it moves cash to the bank, never income again.
    """

    payment_id: PaymentId
    source: str
    outside_reference: str
    channel: str  #: "portal", "bank", "cash"
    unit_id: UnitId
    holder_id: UnitId
    asset: Asset
    asset_key: str  #: account id, clearing channel, or the custodian unit of cash
    amount: Dong
    dues_amount: Dong
    credit_amount: Dong
    converted_amount: Dong
    suspense_amount: Dong
    paid_on: date
    booked_on: date | None
    reference: Reference | None
    request_kind: str | None
    member_id: MemberId | None
    payer_key: str | None  #: keyed hash of the payer's account, for suggestions
    bank_line: str | None
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAdded:
    """Another channel reported the same money; evidence, no entry."""

    payment_id: PaymentId
    source: str
    outside_reference: str
    amount: Dong
    seen_on: date
    bank_line: str | None
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCredited:
    """The bank credited money that a portal had announced; ``fee`` was withheld on the way."""

    payment_id: PaymentId
    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    clearing: str
    amount: Dong  #: announced
    fee: Dong
    credited: Dong  #: amount - fee
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentConflicted:
    """A message about this payment contradicts what is known; a case for a person, no entry (I4)."""

    payment_id: PaymentId
    source: str
    outside_reference: str
    reference: Reference | None
    reason: str  #: "amount-differs", "unknown-reference", "other-content"
    stated: Dong
    expected: Dong | None
    seen_on: date
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseIdentified:
    """A person said whose the waiting money is; dues + credit = amount."""

    payment_id: PaymentId
    holder_id: UnitId
    unit_id: UnitId
    member_id: MemberId
    amount: Dong
    dues_amount: Dong
    credit_amount: Dong
    ground: str
    identified_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseReleased:
    """Waiting money leaves suspense to be given back by a refund."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    refund_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseNamed:
    """Waiting money is not dues: state funding or interest of the unit that holds it."""

    payment_id: PaymentId
    unit_id: UnitId
    amount: Dong
    what: str
    heading: str
    ground: str
    named_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseForRemittance:
    """Waiting money is a unit's remittance, whose own event books it; noted here, no entry."""

    payment_id: PaymentId
    unit_id: UnitId
    remittance_id: RemittanceId
    amount: Dong
    ground: str
    named_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CashConverted:
    """Cash that was receipted has been paid online by the collector; noted on the cash payment, no entry here."""

    payment_id: PaymentId
    by_payment_id: PaymentId
    amount: Dong


PaymentEvent = (
    PaymentReceived
    | WitnessAdded
    | PaymentCredited
    | PaymentConflicted
    | SuspenseIdentified
    | SuspenseReleased
    | SuspenseNamed
    | SuspenseForRemittance
    | HeldMoneyPassed
    | CashConverted
    | MatchUndone
    | PaymentTakenBack
    | CreditTakenBack
    | SuspenseTakenOver
    | SuspenseReserved
    | SuspenseUnreserved
    | WitnessTakenBack
    | SuspenseWrittenOff
    | CreditAccepted
    | SuspenseToCredit
    | SuspenseWaitsAgain
    | PaymentChannelEvent
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSeen:
    """No money seen under this reference; conflicts may already be known."""

    conflicts: tuple[PaymentConflicted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money seen, its further witnesses, and what still waits."""

    received: PaymentReceived
    witnesses: tuple[WitnessAdded, ...] = ()
    credited: PaymentCredited | None = None
    conflicts: tuple[PaymentConflicted, ...] = ()
    suspense: Dong = 0
    reserved: Mapping[str, Dong] = field(default_factory=dict)  #: of it, by the refund that was asked for
    converted_by: PaymentId | None = None
    matched: Dong = 0  #: what answers for members now; whoever gets the first part gets the one receipt there is


State = NotSeen | Payment
NOT_SEEN = NotSeen()


def evolve(state: State, event: PaymentEvent) -> State:
    """Copy one fact into the state."""
    match event:
        case PaymentReceived():
            return Payment(
                received=event,
                conflicts=state.conflicts,
                suspense=event.suspense_amount,
                matched=event.dues_amount + event.credit_amount,
            )
        case WitnessAdded():
            return replace(_seen(state), witnesses=(*_seen(state).witnesses, event))
        case PaymentCredited():
            return replace(_seen(state), credited=event)
        case PaymentConflicted():
            return replace(state, conflicts=(*state.conflicts, event))
        case SuspenseIdentified():
            seen = _seen(state)
            return replace(seen, suspense=seen.suspense - event.amount, matched=seen.matched + event.amount)
        case SuspenseReleased():
            seen = _seen(state)
            left = {key: told for key, told in seen.reserved.items() if key != event.refund_id}
            return replace(seen, suspense=seen.suspense - event.amount, reserved=left)
        case SuspenseToLump() | SuspenseToCase():
            return replace(_seen(state), suspense=_seen(state).suspense - event.amount)
        case SuspenseNamed() | SuspenseForRemittance() | HeldMoneyPassed() | SuspenseWrittenOff() | SuspenseToCredit():
            return replace(_seen(state), suspense=_seen(state).suspense - event.amount)
        case SuspenseReserved():
            seen = _seen(state)
            return replace(seen, reserved={**seen.reserved, event.refund_id: event.amount})
        case SuspenseUnreserved():
            seen = _seen(state)
            left = {key: told for key, told in seen.reserved.items() if key != event.refund_id}
            return replace(seen, reserved=left)
        case CashConverted():
            return replace(_seen(state), converted_by=event.by_payment_id)
        case MatchUndone():
            return _unmatched(_seen(state), event)
        case PaymentTakenBack():
            return NotSeen(conflicts=state.conflicts)
        case CreditTakenBack() | CreditReturned():
            return replace(_seen(state), credited=None)
        case WitnessTakenBack():
            return _unwitnessed(_seen(state), event.bank_line)
        case CreditAccepted():
            return replace(_seen(state), credited=as_credit(event))
        case SuspenseWaitsAgain():
            return replace(_seen(state), suspense=_seen(state).suspense + event.amount)
        case SuspenseTakenOver():
            return _waiting(_seen(state), event.from_unit_id, event.unit_id)
        case _:
            assert_never(event)


def as_credit(event: CreditAccepted) -> PaymentCredited:
    """A person's acceptance of a smaller credit, as the credit that it stands for."""
    return PaymentCredited(
        payment_id=event.payment_id,
        unit_id=event.unit_id,
        account_id=event.account_id,
        clearing=event.clearing,
        amount=event.amount,
        fee=event.fee,
        credited=event.credited,
        bank_line=event.bank_line,
        booked_on=event.booked_on,
    )


def _unwitnessed(state: Payment, line: str) -> Payment:
    """Without the word of one bank line, whichever place it had among the witnesses."""
    told = replace(state.received, bank_line=None) if state.received.bank_line == line else state.received
    return replace(state, received=told, witnesses=tuple(w for w in state.witnesses if w.bank_line != line))


def _unmatched(state: Payment, event: MatchUndone) -> Payment:
    after = _waiting(state, waits_at(state), event.holder_id)
    return replace(after, suspense=state.suspense + event.amount, matched=state.matched - event.amount)


def _waiting(state: Payment, gone: UnitId, there: UnitId) -> Payment:
    """What waits does so where the unit's books went; the rest of the payment stays what it was."""
    fact = state.received
    unit = there if fact.unit_id == gone else fact.unit_id
    holder = there if fact.holder_id == gone else fact.holder_id
    return replace(state, received=replace(fact, unit_id=unit, holder_id=holder))


def _seen(state: State) -> Payment:
    if isinstance(state, NotSeen):
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, "Không có khoản tiền này trong sổ. Kiểm tra mã giao dịch.")
    return state


require_seen = _seen


def waits_at(state: Payment) -> UnitId:
    """The unit in whose books (3380) a part without an owner stands: the owner of the rest, else the holder."""
    return state.received.unit_id if state.received.suspense_amount else state.received.holder_id


# --- Decisions --------------------------------------------------------------------------------------------------


def receive(state: State, fact: PaymentReceived) -> tuple[PaymentReceived | PaymentConflicted, ...]:
    """Take money in. The same message again adds nothing; the same reference with another amount is a conflict."""
    require_amount(fact.amount)
    parts = fact.dues_amount + fact.credit_amount + fact.converted_amount + fact.suspense_amount
    if parts != fact.amount:
        raise Refusal(RefusalCode.AMOUNT_DIFFERS, f"Các phần của khoản tiền cộng lại {parts}, khác {fact.amount} đồng.")
    if isinstance(state, NotSeen):
        return (fact,)
    if state.received.amount == fact.amount and state.received.reference == fact.reference:
        return ()
    return conflict(
        state,
        PaymentConflicted(
            payment_id=fact.payment_id,
            source=fact.source,
            outside_reference=fact.outside_reference,
            reference=fact.reference,
            reason="other-content",
            stated=fact.amount,
            expected=state.received.amount,
            seen_on=fact.paid_on,
            evidence_id=fact.evidence_id,
        ),
    )


def conflict(state: State, asked: PaymentConflicted) -> tuple[PaymentConflicted, ...]:
    """Note a message that contradicts what is known; the same contradiction again adds nothing."""
    same = (asked.source, asked.outside_reference, asked.reference, asked.reason, asked.stated)
    known = {(c.source, c.outside_reference, c.reference, c.reason, c.stated) for c in state.conflicts}
    return () if same in known else (asked,)


def witness(state: State, asked: WitnessAdded) -> tuple[WitnessAdded, ...]:
    """Add another channel's word for the same money; the same word again adds nothing."""
    payment = _seen(state)
    if any(
        (known.source, known.outside_reference, known.bank_line)
        == (asked.source, asked.outside_reference, asked.bank_line)
        for known in payment.witnesses
    ):
        return ()
    return (asked,)


def credit(state: State, asked: PaymentCredited) -> tuple[PaymentCredited, ...]:
    """Note that the bank credited announced money; only once, and amount = credited + fee."""
    payment = _seen(state)
    if payment.credited is not None:
        return ()
    if asked.credited + asked.fee != asked.amount or asked.amount != payment.received.amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Cổng báo {payment.received.amount} đồng, ngân hàng ghi có {asked.credited} đồng và phí {asked.fee} đồng.",
        )
    return (asked,)


def convert_cash(state: State, *, by_payment_id: PaymentId, amount: Dong) -> tuple[CashConverted, ...]:
    """Note that receipted cash was paid online; cash of this very amount, and only once. Nothing if it cannot be."""
    if not isinstance(state, Payment) or state.converted_by is not None:
        return ()
    if state.received.asset is not Asset.CASH or state.received.amount != amount:
        return ()
    return (CashConverted(payment_id=state.received.payment_id, by_payment_id=by_payment_id, amount=amount),)
