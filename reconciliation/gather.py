"""From the log's events to the flat facts of a reconciliation.

The amounts of the book come from the ledger's own posting rules, so that a new kind of entry on a bank account shows up
here without being named; this module only says which item an entry belongs to.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.bank_account import LinesPlaced, StatementImported, StatementLine, StatementTakenBack
from domain.cash import BagCreditUndone
from domain.channel_case import CaseClosed, CaseReopened
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
from domain.organisation import AccountRegistered
from domain.payment import (
    CreditTakenBack,
    MatchUndone,
    PaymentConflicted,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
)
from domain.payment_channels import SuspenseToCase, SuspenseToLump
from domain.payment_request import PaymentRequested, RequestAnswered, TellingTakenBack, TransferTold
from domain.period import day_of
from domain.refund import PayoutSeen, RefundRequested
from domain.remittance import (
    DisputeExplained,
    RemittanceDisputed,
    RemittancePrepared,
    SendingSeen,
)
from domain.remittance_cases import (
    DisputeResolved,
    InterimPrepared,
)
from domain.settlement import SettlementLumpTakenBack, SettlementTold
from domain.settlement_failed import SettlementLumpReturned
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
from reconciliation.items import BAGS, BANK, PORTAL, item_of, open_again
from reconciliation.seen import Seen
from reconciliation.told import tell_bank, tell_payment, tell_remittance
from reconciliation.told_open import tell_open, told_facts
from reconciliation.undoing import Undoing

#: Money without an owner, a part of what lies on 1120.
SUSPENSE = "3380"
_WATCHED = (BANK, BAGS, PORTAL)
#: Items that a settlement may name by their case.
_OF_CASES = (ItemKind.REFUND, ItemKind.FAILED_REFUND, ItemKind.CHANNEL_CASE)

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
    TransferTold,
    TellingTakenBack,
    CaseClosed,
    CaseReopened,
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
    SuspenseToLump,
    SuspenseToCase,
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
    for one in _in_order(recorded):
        position = one.position
        on = day_of(one.recorded_at)
        tell_bank(seen, one.event, one.position)
        tell_payment(seen, one.event, one.position)
        tell_remittance(seen, one.event, one.position)
        tell_open(seen, one.event, one.position, on)
        if one.meta.command_id != command:
            _settle(seen, undoing)
            command, undoing = one.meta.command_id, Undoing()
        undoing.see(seen, one.event)
        for line in entry(one.event):
            if line.account == SUSPENSE:
                _wait(seen, one.event, line, one.position, on)
            elif line.account in _WATCHED and isinstance(one.event, EntryReversed):
                undoing.state(one.event, line.account, line.key, line.amount, one.position)
            elif line.account in _WATCHED:
                _post(seen, one.event, line, one.position, on)
        if isinstance(one.event, SettlementLumpReturned):
            open_again(seen, one.event, one.position)
    _settle(seen, undoing)
    return _facts(seen, position, tuple(rejected))


def _in_order(recorded: Iterable[Recorded]) -> Iterable[Recorded]:
    """The events by position; a log that is read as a stream comes in order and is never kept whole."""
    return sorted(recorded, key=lambda r: r.position) if isinstance(recorded, Sequence) else _checked(recorded)


def _checked(recorded: Iterable[Recorded]) -> Iterator[Recorded]:
    position = 0
    for one in recorded:
        if one.position <= position:
            raise ValueError(f"event {one.position} comes after event {position}: a stream must be in log order")
        position = one.position
        yield one


# --- the book's side --------------------------------------------------------------------------------------------


def _post(seen: Seen, event: DomainEvent, line: Line, position: int, recorded_on: date) -> None:
    """Give a posting on a watched account to its item; the first posting makes the item."""
    on = occurred_on(event, recorded_on)
    if isinstance(event, PaymentReceived) and event.booked_on is not None:
        on = event.booked_on
    found = item_of(seen, event, line, position, on)
    if found.item not in seen.items and found.kind in _OF_CASES:
        seen.by_case.setdefault(found.case, []).append(found.item)
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


# --- the facts --------------------------------------------------------------------------------------------------


def _facts(seen: Seen, position: int, rejected: tuple[NoticeFact, ...]) -> Facts:
    still_held: dict[str, Dong] = {}
    for credits in seen.credit.values():
        for payment_id, held in credits:
            still_held[payment_id] = still_held.get(payment_id, 0) + held
    # What has become a fact is let go at once: at the end both would be in memory, and they are large.
    lines = tuple(_line(seen, account, unit, line) for (account, _), (unit, line) in seen.lines.items())
    spans = tuple(_span(statement) for statement in seen.statements)
    for done in (seen.lines, seen.placed, seen.line_positions, seen.statements, seen.by_item, seen.keys):
        done.clear()
    requests = tuple(_request(seen, asked) for asked in seen.requests.values())
    evidence = tuple(e for e in seen.evidence if e.position > seen.untied.get((e.line_key, e.item or ""), 0))
    seen.evidence.clear()
    return Facts(
        position=position,
        owners=tuple(seen.owners.items()),
        lines=lines,
        spans=spans,
        items=tuple(seen.items.values()),
        movements=tuple(seen.movements),
        evidence=evidence,
        payments=tuple(replace(p, credit_open=still_held.get(p.payment_id, 0)) for p in seen.payments.values()),
        names=tuple(seen.names),
        requests=requests,
        notices=(*(_notice(seen, one) for one in seen.conflicts if not _is_booked(seen, one)), *rejected),
        remittances=tuple(seen.sendings.values()),
        declared=tuple(seen.declared),
        waits=tuple(seen.waits),
        decisions=tuple(seen.decisions.values()),
        told=told_facts(seen),
        told_days=tuple(seen.told_days),
        why=tuple(seen.why.values()),
        cases=tuple(seen.cases.values()),
        origins=tuple(seen.origins.items()),
    )


def _span(s: StatementImported) -> Span:
    return Span(account_id=s.account_id, from_date=s.from_date, to_date=s.to_date, opening=s.opening, closing=s.closing)


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
    told = seen.on_the_way.get(asked.reference)
    return RequestFact(
        reference=asked.reference,
        account_id=asked.account_id,
        unit_id=asked.unit_id,
        kind=asked.kind,
        amount=asked.amount,
        member_id=asked.member_id,
        case_id=asked.case_id,
        answered=asked.reference in seen.answered,
        told_on=None if told is None else told.told_on,
        lapses_on=None if told is None else told.lapses_on,
    )


def _is_booked(seen: Seen, conflict: PaymentConflicted) -> bool:
    """Whether money under a reference that nobody asked for came in after all, and waits for its owner in the book."""
    return conflict.reason == "unknown-reference" and f"{conflict.source}/{conflict.outside_reference}" in seen.payments


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
