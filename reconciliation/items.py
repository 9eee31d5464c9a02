"""Which item of the book an entry on a bank account, or on a clearing account before it, belongs to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from domain.bank_account import MovementNamed
from domain.cash import BagCredited, BagTakenToBank
from domain.channel_case import CaseTold
from domain.events import EVENT_NAMES, DomainEvent
from domain.identifiers import AccountId, UnitId
from domain.open_item import CreditAccepted
from domain.opening import OpeningSigned
from domain.payment import Asset, PaymentCredited, PaymentReceived
from domain.payment_channels import SuspenseToLump
from domain.refund import PayoutFailed, RefundPaidOut
from domain.refund_cases import ClawBackReceived, ClawBackSent
from domain.remittance import RemittanceReceived, RemittanceSent, SendingCorrected
from domain.remittance_cases import InterimReceived, RemittanceMisrouted, RemittancePassedOn, RemittanceReturned
from domain.settlement import SettlementLumpCredited, SettlementPartBooked, pays_in_lumps
from domain.settlement_failed import SettlementLumpReturned
from domain.spending import VoucherPaidByBank, VoucherVoided
from ledger.posting import Line
from reconciliation.facts import NO_ACCOUNT, Item, ItemKind, Movement
from reconciliation.seen import Seen, first_account, lump_name, paid_name

#: The bank account and the clearing accounts before it.
BANK, BAGS, PORTAL = "1120", "1130", "1140"

_Make = Callable[..., Item]


def item_of(seen: Seen, event: DomainEvent, line: Line, position: int, on: date) -> Item:
    """The item of a posting; ``position`` and ``on`` are those of its event."""
    bank = AccountId(line.key) if line.account == BANK else NO_ACCOUNT
    unit = UnitId(line.unit)

    def item(kind: ItemKind, name: str, subject: str, case: str | None = None, account: AccountId = bank) -> Item:
        return Item(item=name, case=case or name, kind=kind, account_id=account, unit_id=unit, on=on, subject=subject)

    match event:
        case OpeningSigned():
            return item(ItemKind.OPENING, f"opening:{line.key}", event.document)
        case PaymentReceived() | PaymentCredited() | CreditAccepted() | SuspenseToLump():
            return _payment(seen, event, line, item)
        case BagTakenToBank() | BagCredited():
            return item(ItemKind.CASH_BAG, f"bag:{event.bag}", event.bag, account=event.account_id)
        case RemittanceSent() | SendingCorrected():
            if isinstance(event, RemittanceSent):
                seen.counts[event.remittance_id] = event.n
            case = f"sent:{event.remittance_id}"
            number = seen.counts.get(event.remittance_id, 1)
            return item(ItemKind.SENDING, f"{case}#{number}", event.remittance_id, case)
        case RemittanceReceived() | InterimReceived():
            case = f"received:{event.remittance_id}"
            return item(ItemKind.RECEIPT, f"{case}:{event.bank_line}", event.remittance_id, case)
        case RemittanceReturned() | RemittanceMisrouted() | RemittancePassedOn():
            case = f"stray:{event.remittance_id}"
            return item(ItemKind.RECEIPT, f"{case}:{event.bank_line or position}", event.remittance_id, case)
        case ClawBackSent() | ClawBackReceived():
            case = f"refund:{event.refund_id}@{event.superior_id}"
            kind = ItemKind.REFUND if isinstance(event, ClawBackSent) else ItemKind.FAILED_REFUND
            return item(kind, f"{case}@{position}", event.refund_id, case)
        case RefundPaidOut() | PayoutFailed():
            case = f"refund:{event.refund_id}"
            kind = ItemKind.REFUND if isinstance(event, RefundPaidOut) else ItemKind.FAILED_REFUND
            account = bank if line.account == BANK else first_account(seen, unit)
            return item(kind, f"{case}@{position}", event.refund_id, case, account)
        case CaseTold():
            case = f"case:{event.rail}/{event.case_id}"
            account = first_account(seen, event.unit_id)
            return item(ItemKind.CHANNEL_CASE, f"{case}@{position}", case, case, account)
        case SettlementPartBooked() | SettlementLumpCredited() | SettlementLumpReturned():
            return _lump(seen, event, item)
        case MovementNamed():
            return item(ItemKind.NAMED, f"named:{event.bank_line}", event.heading)
        case VoucherPaidByBank() | VoucherVoided():
            return item(ItemKind.NAMED, f"named:{event.bank_line}", event.analytic)
        case _:
            return item(ItemKind.OTHER, f"entry:{position}:{line.account}:{line.key}", EVENT_NAMES[type(event)])


def _payment(
    seen: Seen, event: PaymentReceived | PaymentCredited | CreditAccepted | SuspenseToLump, line: Line, item: _Make
) -> Item:
    name = paid_name(seen, event.payment_id)
    match event:
        case PaymentReceived():
            kind = ItemKind.PORTAL_PAYMENT if event.asset is Asset.CLEARING else ItemKind.BANK_PAYMENT
            account = AccountId(line.key) if line.account == BANK else _awaited(seen, event)
            return item(kind, name, event.payment_id, account=account)
        case SuspenseToLump():
            return item(ItemKind.BANK_PAYMENT, name, event.payment_id)
        case PaymentCredited() | CreditAccepted():
            _move_to(seen, name, event.account_id)
            return item(ItemKind.PORTAL_PAYMENT, name, event.payment_id, account=event.account_id)


def _awaited(seen: Seen, event: PaymentReceived) -> AccountId:
    """The account that is to receive what a channel announced: the one asked for, or where the channel pays lumps."""
    asked = seen.requests.get(event.reference or "")
    if pays_in_lumps(event.source) or asked is None:
        lumps = first_account(seen, event.holder_id) if event.asset is Asset.CLEARING else NO_ACCOUNT
        if lumps != NO_ACCOUNT or asked is None:
            return lumps
    return asked.account_id


def _move_to(seen: Seen, name: str, account: AccountId) -> None:
    """The bank credited another account than was expected: the item lies where its money is."""
    known = seen.items.get(name)
    if known is not None and known.account_id != account:
        seen.items[name] = replace(known, account_id=account)


def _lump(
    seen: Seen, event: SettlementPartBooked | SettlementLumpCredited | SettlementLumpReturned, item: _Make
) -> Item:
    """A fee that a channel kept, what a lump nets or adds, and a lump that went back: an item each."""
    subject = f"{event.rail}/{event.settlement_id}"
    if isinstance(event, SettlementPartBooked):
        account = first_account(seen, event.unit_id)
        made: Item = item(ItemKind.SETTLEMENT, f"fee:{subject}#{event.number}", subject, f"fee:{subject}", account)
        return made
    name = f"{lump_name(event.rail, event.settlement_id)}:{event.bank_line}"
    kind = ItemKind.LUMP_RETURNED if isinstance(event, SettlementLumpReturned) else ItemKind.SETTLEMENT
    lump: Item = item(kind, name, subject, account=event.account_id)
    return lump


def open_again(seen: Seen, event: SettlementLumpReturned, position: int) -> None:
    """Each payment of a lump that went back is owed by its channel anew, as an item of its own."""
    account = event.account_id
    lump = f"{lump_name(event.rail, event.settlement_id)}:{event.bank_line}"
    for payment_id in event.payments:
        known = seen.payments.get(payment_id)
        amount = 0 if known is None else known.amount
        name = paid_name(seen, payment_id)
        seen.items[name] = Item(
            item=name,
            case=name,
            kind=ItemKind.PORTAL_PAYMENT,
            account_id=account,
            unit_id=event.unit_id,
            on=event.booked_on,
            subject=payment_id,
        )
        seen.keys[name, PORTAL] = event.rail
        moved = Movement(
            item=name, account_id=account, code=PORTAL, on=event.booked_on, amount=amount, position=position
        )
        seen.move(moved)
        # The posting names them all at once; so much of it is this payment's.
        seen.move(replace(moved, item=lump, amount=-amount))
