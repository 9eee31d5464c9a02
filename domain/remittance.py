"""What a unit sends up: prepared by one, approved by another, sent, received; each a fact of its own.

One stream per remittance. Between sending and receipt the money is under way (account 1150). A sending that the bank
booked otherwise is disputed, explained and corrected by further events; nothing is edited. A unit whose money is
held above settles without a bank movement, confirmed by both sides. The decisions stand in ``domain.remitting``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong
from domain.passed_on import RemittanceTakenOver
from domain.period import Period
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
from domain.remittance_cases import Way as Way


def stream(remittance_id: RemittanceId) -> str:
    """The name of a remittance's stream."""
    return f"remittance/{remittance_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittancePrepared:
    """One officer prepared what is owed for a period; ``netted`` is claw-back taken off what is sent."""

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    amount: Dong
    netted: Dong
    netted_case: str | None
    way: Way
    reason: str | None
    prepared_by: str
    prepared_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceApproved:
    """Another officer approved it."""

    remittance_id: RemittanceId
    unit_id: UnitId
    approved_by: str
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClawBackNetted:
    """Claw-back that the superior owed was taken off this remittance; booked on both sides at approval."""

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    superior_here: bool  #: whose books this shard keeps
    period: Period
    refund_id: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceSent:
    """Money left the unit; under way until the superior has it."""

    remittance_id: RemittanceId
    unit_id: UnitId
    period: Period
    n: int
    amount: Dong
    asset: str  #: "1110" or "1120"
    asset_key: str
    way: Way
    basis: str  #: "officer", "portal", or "superior-credit" when the superior's bank knew first
    sent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingSeen:
    """The sender's bank booked a debit for this remittance; a fact, whatever its amount."""

    remittance_id: RemittanceId
    unit_id: UnitId
    amount: Dong
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingCorrected:
    """The recorded sending was larger than what left the bank; the difference never was under way."""

    remittance_id: RemittanceId
    unit_id: UnitId
    difference: Dong
    asset: str
    asset_key: str
    reason: str
    corrected_by: str
    corrected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceReceived:
    """The superior has the money: a fact of its statement, or its cashier's signature for cash.

    ``sender_here`` and ``superior_here`` say whose books this shard keeps; between shards each side books its own.
    """

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    sender_here: bool
    superior_here: bool
    period: Period
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceDisputed:
    """The superior says that what came in is not what was sent; no entry, a state of what is under way."""

    remittance_id: RemittanceId
    unit_id: UnitId
    expected: Dong
    seen: Dong
    reason: str
    disputed_by: str
    disputed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeExplained:
    """The sender answers a dispute."""

    remittance_id: RemittanceId
    unit_id: UnitId
    explanation: str
    document: str | None
    explained_by: str
    explained_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledFromHeld:
    """Both sides confirmed a settlement from money held above.

    ``via_other_holder`` says that the holder is not the superior itself.
    """

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    holder_id: UnitId
    via_other_holder: bool
    period: Period
    amount: Dong
    confirmed_by: str
    settled_on: date


RemittanceEvent = (
    RemittancePrepared
    | RemittanceApproved
    | ClawBackNetted
    | RemittanceSent
    | SendingSeen
    | SendingCorrected
    | RemittanceReceived
    | RemittanceDisputed
    | DisputeExplained
    | SettledFromHeld
    | RemittanceTakenOver
    | InterimPrepared
    | InterimReceived
    | InterimSettled
    | RemittanceWithdrawn
    | RemittanceReturned
    | RemittanceMisrouted
    | RemittancePassedOn
    | DisputeResolved
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPrepared:
    """Nobody prepared this remittance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """What was prepared and everything that became of it; đồng.

    ``misrouted``: what lies at each wrong unit; ``passed_unseen``: what such a unit passed on and its bank has not
    shown yet. ``settled_on_account``: of money sent on account, what has answered for dues.
    """

    prepared: RemittancePrepared
    approved_by: str | None = None
    sent: Dong = 0  #: recorded as sent, corrections taken off
    sendings: int = 0
    seen: tuple[SendingSeen, ...] = ()
    received: Dong = 0
    receipts: tuple[RemittanceReceived | InterimReceived, ...] = ()
    open_dispute: RemittanceDisputed | None = None
    answered: bool = False  #: the sender has explained the open dispute
    last_sent: RemittanceSent | None = None
    settled: bool = False
    proved: Dong = 0  #: of what was sent: known only from the superior's credit
    on_account: bool = False
    settled_on_account: Dong = 0
    withdrawn: bool = False
    misrouted: Mapping[UnitId, Dong] = field(default_factory=dict)
    passed_unseen: Mapping[UnitId, Dong] = field(default_factory=dict)
    returned: Dong = 0
    returned_lines: frozenset[str] = frozenset()


State = NotPrepared | Remittance
NOT_PREPARED = NotPrepared()


def evolve(state: State, event: RemittanceEvent) -> State:
    """Copy one fact into the state."""
    if isinstance(event, RemittancePrepared):
        return Remittance(prepared=event)
    if isinstance(event, InterimPrepared):
        return Remittance(prepared=_on_account(event), on_account=True)
    r = _prepared(state)
    match event:
        case RemittanceApproved():
            return replace(r, approved_by=event.approved_by)
        case ClawBackNetted():
            return r
        case RemittanceSent():
            proved = event.amount if event.basis == "superior-credit" else 0
            return replace(r, sent=r.sent + event.amount, sendings=event.n, last_sent=event, proved=r.proved + proved)
        case SendingSeen():
            unseen = _moved(r.passed_unseen, event.unit_id, -r.passed_unseen.get(event.unit_id, 0))
            return replace(r, seen=(*r.seen, event), passed_unseen=unseen)
        case SendingCorrected():
            return replace(r, sent=r.sent - event.difference)
        case RemittanceReceived():
            return replace(r, received=r.received + event.amount, receipts=(*r.receipts, event))
        case RemittanceDisputed():
            return replace(r, open_dispute=event, answered=False)
        case DisputeExplained():
            return replace(r, answered=True)
        case SettledFromHeld():
            return replace(r, settled=True, received=r.received + event.amount)
        case RemittanceTakenOver():
            over = replace(
                r.prepared,
                unit_id=event.unit_id,
                superior_id=event.superior_id,
                superior_has_books=event.superior_has_books,
            )
            # A unit that went into its own superior owes it nothing any more.
            return replace(r, prepared=over, settled=r.settled or event.unit_id == event.superior_id)
        case _:
            return _evolve_case(r, event)


_Case = (
    InterimReceived
    | InterimSettled
    | RemittanceWithdrawn
    | RemittanceReturned
    | RemittanceMisrouted
    | RemittancePassedOn
    | DisputeResolved
)


def _evolve_case(r: Remittance, event: _Case) -> Remittance:
    match event:
        case InterimReceived():
            return replace(r, received=r.received + event.amount, receipts=(*r.receipts, event))
        case InterimSettled():
            return replace(r, settled_on_account=r.settled_on_account + event.amount)
        case RemittanceWithdrawn():
            return replace(r, withdrawn=True)
        case RemittanceReturned():
            lines = r.returned_lines if event.bank_line is None else r.returned_lines | {event.bank_line}
            returned = r.returned + event.amount
            return replace(r, sent=r.sent - event.amount, returned=returned, returned_lines=lines)
        case RemittanceMisrouted():
            return replace(r, misrouted=_moved(r.misrouted, event.at_unit_id, event.amount))
        case RemittancePassedOn():
            unseen = event.amount if event.bank_line is None else 0
            return replace(
                r,
                misrouted=_moved(r.misrouted, event.at_unit_id, -event.amount),
                passed_unseen=_moved(r.passed_unseen, event.at_unit_id, unseen),
            )
        case DisputeResolved():
            return replace(r, open_dispute=None, answered=False)
        case _:
            assert_never(event)


def _on_account(e: InterimPrepared) -> RemittancePrepared:
    """Money on account is prepared like any other; nothing can be netted against what nobody owes yet."""
    return RemittancePrepared(
        remittance_id=e.remittance_id,
        unit_id=e.unit_id,
        superior_id=e.superior_id,
        superior_has_books=e.superior_has_books,
        period=e.period,
        amount=e.amount,
        netted=0,
        netted_case=None,
        way=e.way,
        reason=e.reason,
        prepared_by=e.prepared_by,
        prepared_on=e.prepared_on,
    )


def _moved(sums: Mapping[UnitId, Dong], unit: UnitId, by: Dong) -> Mapping[UnitId, Dong]:
    """The sums with one of them changed; what comes to nothing is left out."""
    new = {**sums, unit: sums.get(unit, 0) + by}
    return {name: amount for name, amount in new.items() if amount}


def _prepared(state: State) -> Remittance:
    if isinstance(state, NotPrepared):
        raise Refusal(RefusalCode.REMITTANCE_STATE, "Chưa lập lệnh nộp này. Lập lệnh nộp trước.")
    return state


require_prepared = _prepared


def astray(state: Remittance) -> Dong:
    """What lies at wrong units."""
    return sum(state.misrouted.values())


def under_way(state: Remittance) -> Dong:
    """What was sent and neither received nor found at a wrong unit (I12)."""
    return 0 if state.settled else state.sent - state.received - astray(state)


def to_send(state: Remittance) -> Dong:
    """What of the prepared amount has not been sent yet."""
    return 0 if state.settled or state.withdrawn else state.prepared.amount - state.sent


def on_account_left(state: Remittance) -> Dong:
    """What the superior holds on account and has not settled; 0 for a remittance of declared dues."""
    return state.received - state.settled_on_account if state.on_account else 0
