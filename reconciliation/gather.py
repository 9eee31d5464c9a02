"""From the log's events to the flat facts of a reconciliation.

The amounts of the book come from the ledger's own posting rules, so that a new kind of entry on a bank account shows up
here without being named; this module only says which item an entry belongs to.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from domain.bank_account import LinesPlaced, MovementNamed, StatementImported, StatementLine, StatementTakenBack
from domain.cash import BagCredited, BagCreditUndone, BagTakenToBank
from domain.correction import EntryReversed
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
from domain.events import EVENT_NAMES, DomainEvent
from domain.identifiers import AccountId, UnitId
from domain.match import MatchAccepted
from domain.money import Dong
from domain.notice import Direction
from domain.open_item import DecisionProposed, DecisionTaken, SuspenseToCredit, SuspenseWaitsAgain
from domain.opening import OpeningSigned
from domain.organisation import AccountRegistered
from domain.payment import (
    Asset,
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
)
from domain.payment_request import PaymentRequested, RequestAnswered
from domain.period import day_of
from domain.refund import PayoutFailed, PayoutSeen, RefundPaidOut, RefundRequested
from domain.refund_cases import ClawBackReceived, ClawBackSent
from domain.remittance import (
    DisputeExplained,
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
from domain.settlement import SettlementLumpCredited, SettlementLumpTakenBack, SettlementPartBooked, SettlementTold
from domain.spending import VoucherPaidByBank, VoucherVoided
from ledger.posting import RULES, Line, entry, occurred_on
from ledger.store import Recorded
from reconciliation.facts import (
    NO_ACCOUNT,
    Facts,
    Item,
    ItemKind,
    LineFact,
    Movement,
    NoticeFact,
    RequestFact,
    Span,
    WaitMove,
)
from reconciliation.told import Seen, first_account, tell_bank, tell_payment, tell_remittance
from reconciliation.told_open import lump_name, tell_open, told_facts
from reconciliation.undoing import Undoing

#: The bank account and the clearing accounts before it.
BANK, BAGS, PORTAL = "1120", "1130", "1140"
#: Money without an owner, a part of what lies on 1120.
SUSPENSE = "3380"
_WATCHED = (BANK, BAGS, PORTAL)

_TOLD = (
    AccountRegistered,
    StatementImported,
    LinesPlaced,
    WitnessAdded,
    PaymentConflicted,
    SuspenseIdentified,
    SuspenseReleased,
    SuspenseNamed,
    SendingSeen,
    RemittancePrepared,
    RemittanceDisputed,
    DisputeExplained,
    PayoutSeen,
    PaymentRequested,
    RequestAnswered,
    CreditHeld,
    CreditApplied,
    CreditReleased,
    DuesAdjusted,
    AheadReturned,
    CollectedAhead,
    SurplusAccepted,
    OpeningCreditCarried,
    PeriodDeclared,
    HeldPeriodAllocated,
    PeriodHeld,
    InterimPrepared,
    DisputeResolved,
    StatementTakenBack,
    PaymentTakenBack,
    CreditTakenBack,
    BagCreditUndone,
    MatchUndone,
    SuspenseForRemittance,
    RefundRequested,
    MatchAccepted,
    DecisionProposed,
    DecisionTaken,
    SuspenseToCredit,
    SuspenseWaitsAgain,
    SettlementTold,
    SettlementLumpTakenBack,
)


def event_names() -> tuple[str, ...]:
    """Stable names of the events that bear on bank accounts: those told about, and all that post to one."""
    posting = {
        cls
        for cls, rules in RULES.items()
        if any(r.account in (*_WATCHED, "1150", SUSPENSE, "{asset}", "{account}") for r in rules)
    }
    return tuple(sorted(EVENT_NAMES[cls] for cls in posting | set(_TOLD)))


def gather(recorded: Iterable[Recorded], rejected: Iterable[NoticeFact] = ()) -> Facts:
    """Read events into facts; their order does not matter. ``rejected`` are messages that were not believed."""
    seen = Seen()
    position, command, undoing = 0, None, Undoing()
    for one in sorted(recorded, key=lambda r: r.position):
        position = one.position
        on = day_of(one.recorded_at)
        tell_bank(seen, one.event, one.position)
        tell_payment(seen, one.event, one.position)
        tell_remittance(seen, one.event, one.position)
        tell_open(seen, one.event, one.position)
        if one.meta.command_id != command:
            _settle(seen, undoing)
            command, undoing = one.meta.command_id, Undoing()
        undoing.see(one.event)
        for line in entry(one.event):
            if line.account == SUSPENSE:
                _wait(seen, one.event, line, one.position, on)
            elif line.account in _WATCHED and isinstance(one.event, EntryReversed):
                undoing.state(one.event, line.account, line.key, line.amount, one.position)
            elif line.account in _WATCHED:
                _post(seen, one.event, line, one.position, on)
    _settle(seen, undoing)
    return _facts(seen, position, tuple(rejected))


# --- the book's side --------------------------------------------------------------------------------------------


def _post(seen: Seen, event: DomainEvent, line: Line, position: int, recorded_on: date) -> None:
    """Give a posting on a watched account to its item; the first posting makes the item."""
    on = occurred_on(event, recorded_on)
    if isinstance(event, PaymentReceived) and event.booked_on is not None:
        on = event.booked_on
    found = _item_of(seen, event, line, position, on)
    known = seen.items.setdefault(found.item, found)
    account = AccountId(line.key) if line.account == BANK else known.account_id
    moved = Movement(
        item=known.item, account_id=account, code=line.account, on=on, amount=line.amount, position=position
    )
    seen.keys[known.item, line.account] = line.key
    seen.move(moved)


def _wait(seen: Seen, event: DomainEvent, line: Line, position: int, recorded_on: date) -> None:
    """A movement of 3380, whose key is the payment that waits."""
    on = occurred_on(event, recorded_on)
    if isinstance(event, PaymentReceived) and event.booked_on is not None:
        on = event.booked_on
    seen.waits.append(WaitMove(payment_id=line.key, on=on, amount=-line.amount, position=position))


def _settle(seen: Seen, undoing: Undoing) -> None:
    """What a correction turned round goes to its items; what is left of it is an item of its own."""
    for code, key, amount in undoing.settle(seen):
        name = f"entry:{undoing.position}:{code}:{key}"
        account = AccountId(key) if code == BANK else NO_ACCOUNT
        assert undoing.on is not None
        seen.items[name] = Item(
            item=name,
            case=name,
            kind=ItemKind.OTHER,
            account_id=account,
            unit_id=seen.owners.get(account, UnitId("")),
            on=undoing.on,
            subject="entry-reversed",
        )
        seen.move(
            Movement(item=name, account_id=account, code=code, on=undoing.on, amount=amount, position=undoing.position)
        )


def _item_of(seen: Seen, event: DomainEvent, line: Line, position: int, on: date) -> Item:
    bank = AccountId(line.key) if line.account == BANK else NO_ACCOUNT
    unit = UnitId(line.unit)

    def item(kind: ItemKind, name: str, subject: str, case: str | None = None, account: AccountId = bank) -> Item:
        return Item(item=name, case=case or name, kind=kind, account_id=account, unit_id=unit, on=on, subject=subject)

    match event:
        case OpeningSigned():
            return item(ItemKind.OPENING, f"opening:{line.key}", event.document)
        case PaymentReceived():
            kind = ItemKind.PORTAL_PAYMENT if event.asset is Asset.CLEARING else ItemKind.BANK_PAYMENT
            asked = seen.requests.get(event.reference or "")
            account = bank if asked is None or line.account == BANK else asked.account_id
            return item(kind, f"payment:{event.payment_id}", event.payment_id, account=account)
        case PaymentCredited():
            name = f"payment:{event.payment_id}"
            return item(ItemKind.PORTAL_PAYMENT, name, event.payment_id, account=event.account_id)
        case BagTakenToBank() | BagCredited():
            return item(ItemKind.CASH_BAG, f"bag:{event.bag}", event.bag, account=event.account_id)
        case RemittanceSent():
            seen.counts[event.remittance_id] = event.n
            case = f"sent:{event.remittance_id}"
            return item(ItemKind.SENDING, f"{case}#{event.n}", event.remittance_id, case)
        case SendingCorrected():
            case = f"sent:{event.remittance_id}"
            return item(
                ItemKind.SENDING, f"{case}#{seen.counts.get(event.remittance_id, 1)}", event.remittance_id, case
            )
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
            return item(kind, f"{case}@{position}", event.refund_id, case)
        case SettlementPartBooked() | SettlementLumpCredited():
            return _lump(seen, event, item)
        case MovementNamed():
            return item(ItemKind.NAMED, f"named:{event.bank_line}", event.heading)
        case VoucherPaidByBank() | VoucherVoided():
            return item(ItemKind.NAMED, f"named:{event.bank_line}", event.analytic)
        case _:
            return item(ItemKind.OTHER, f"entry:{position}:{line.account}:{line.key}", EVENT_NAMES[type(event)])


def _lump(seen: Seen, event: SettlementPartBooked | SettlementLumpCredited, item: Callable[..., Item]) -> Item:
    """What a channel takes off its payments, or adds, is one item with the lump that it pays."""
    name = lump_name(event.rail, event.settlement_id)
    account = event.account_id if isinstance(event, SettlementLumpCredited) else first_account(seen, event.unit_id)
    known = seen.items.get(name)
    if known is not None and isinstance(event, SettlementLumpCredited):
        seen.items[name] = replace(known, account_id=account)
    made: Item = item(ItemKind.SETTLEMENT, name, f"{event.rail}/{event.settlement_id}", account=account)
    return made


# --- the facts --------------------------------------------------------------------------------------------------


def _facts(seen: Seen, position: int, rejected: tuple[NoticeFact, ...]) -> Facts:
    still_held: dict[str, Dong] = {}
    for credits in seen.credit.values():
        for payment_id, held in credits:
            still_held[payment_id] = still_held.get(payment_id, 0) + held
    return Facts(
        position=position,
        owners=tuple(seen.owners.items()),
        lines=tuple(_line(seen, account, unit, line) for (account, _), (unit, line) in seen.lines.items()),
        spans=tuple(
            Span(
                account_id=s.account_id,
                from_date=s.from_date,
                to_date=s.to_date,
                opening=s.opening,
                closing=s.closing,
            )
            for s in seen.statements
        ),
        items=tuple(seen.items.values()),
        movements=tuple(seen.movements),
        evidence=tuple(seen.evidence),
        payments=tuple(replace(p, credit_open=still_held.get(p.payment_id, 0)) for p in seen.payments.values()),
        names=tuple(seen.names),
        requests=tuple(_request(seen, asked) for asked in seen.requests.values()),
        notices=(*(_notice(seen, conflict) for conflict in seen.conflicts), *rejected),
        remittances=tuple(seen.sendings.values()),
        declared=tuple(seen.declared),
        waits=tuple(seen.waits),
        decisions=tuple(seen.decisions.values()),
        told=told_facts(seen),
        told_days=tuple(seen.told_days),
        why=tuple(seen.why.values()),
        origins=tuple(seen.origins.items()),
    )


def _line(seen: Seen, account: AccountId, unit: UnitId, line: StatementLine) -> LineFact:
    placed = seen.placed.get((account, line.key))
    return LineFact(
        account_id=account,
        unit_id=unit,
        key=line.key,
        booked_on=line.booked_on,
        amount=line.amount if line.direction is Direction.IN else -line.amount,
        bank_reference=line.bank_reference,
        references=line.references,
        is_reversal=line.is_reversal,
        rule=None if placed is None else placed.outcome,
        target=None if placed is None else placed.target,
        position=seen.line_positions.get((account, line.key), 0),
    )


def _request(seen: Seen, asked: PaymentRequested) -> RequestFact:
    return RequestFact(
        reference=asked.reference,
        account_id=asked.account_id,
        unit_id=asked.unit_id,
        kind=asked.kind,
        amount=asked.amount,
        member_id=asked.member_id,
        case_id=asked.case_id,
        answered=asked.reference in seen.answered,
    )


def _notice(seen: Seen, conflict: PaymentConflicted) -> NoticeFact:
    asked = seen.requests.get(conflict.reference or "")
    bank = AccountId(conflict.source.removeprefix("bank:"))
    account = bank if bank in seen.owners else NO_ACCOUNT if asked is None else asked.account_id
    return NoticeFact(
        account_id=account,
        unit_id=seen.owners.get(account, UnitId("")),
        source=conflict.source,
        outside_reference=conflict.outside_reference,
        reference=conflict.reference,
        code=conflict.reason,
        rejected=False,
        stated=conflict.stated,
        expected=conflict.expected,
        seen_on=conflict.seen_on,
    )
