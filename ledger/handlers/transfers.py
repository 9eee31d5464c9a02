"""Letters of introduction: the old cell gives one, the new cell receives it, and dues follow month by month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import dues_account, member, member_moves, organisation
from domain.access import Action
from domain.identifiers import MemberId, UnitId
from domain.member import Member
from domain.membership import (
    TemporaryTransferEnded,
    TransferKind,
    TransferLetterIssued,
    TransferReceived,
    TransferWithdrawn,
)
from domain.period import Month, month_of, shift
from ledger.accounts import LOOK_BACK
from ledger.handler import Handler
from ledger.handlers.members import place_on_roll, require_past
from ledger.open_month import require_open
from ledger.owning import follow
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTransfer:
    """The old cell gives a letter, to a unit of this shard or (``to_outside``) of another."""

    unit_id: UnitId
    member_id: MemberId
    kind: TransferKind
    to_unit: UnitId | None
    to_outside: str | None
    letter: str
    issued_on: date
    paid_through: Month
    to_month: Month | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer:
    """The new cell receives the member with the letter."""

    unit_id: UnitId
    member_id: MemberId
    letter: str
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTransfer:
    """The old cell takes a letter back that nobody received."""

    unit_id: UnitId
    member_id: MemberId
    letter: str
    withdrawn_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTemporaryTransfer:
    """A temporary transfer ends early; either cell may record the decision."""

    unit_id: UnitId
    member_id: MemberId
    letter: str
    ended_on: date
    last_month: Month
    decision: str


def issue_transfer(work: Work, command: IssueTransfer, act: Act) -> dict[str, object]:
    """Record the letter. A move within the shard changes nothing until the other side has received it."""
    require_past(command.issued_on, act)
    if command.to_unit is not None:
        organisation.require_own_members(work.organisation, command.to_unit)
    before = work.member(command.member_id)
    lasting = command.kind is TransferKind.OFFICIAL
    first = shift(command.paid_through, 1)
    asked = TransferLetterIssued(
        member_id=command.member_id,
        unit_id=command.unit_id,
        kind=command.kind,
        to_unit=command.to_unit,
        to_outside=command.to_outside,
        letter=command.letter,
        issued_on=command.issued_on,
        paid_through=command.paid_through,
        to_month=command.to_month,
        payee_id=None if lasting else member_moves.payee(work.policy, first, command.to_unit, command.unit_id),
        issued_by=act.actor,
    )
    events = member_moves.issue_letter(before, asked, last_paid=_last_paid(work, before, act.on.year))
    count = work.record(member.stream(command.member_id), events)
    arrears = [month for month in _open(work, before, act.on.year) if month <= command.paid_through]
    return {"events": count, "first_month": first, "arrears": arrears, "receive": command.to_unit is not None}


def receive_transfer(work: Work, command: ReceiveTransfer, act: Act) -> dict[str, object]:
    """Take the member in: open months after the letter's month come along, and so does credit."""
    require_past(command.received_on, act)
    before = work.member(command.member_id)
    if any(
        isinstance(past, TransferReceived) and (past.letter, past.unit_id) == (command.letter, command.unit_id)
        for past in before.membership.history
    ):
        return {"events": 0, "first_month": None}
    organisation.require_own_members(work.organisation, command.unit_id)
    given = member_moves.pending_letter(before, command.letter, command.unit_id)
    asked = TransferReceived(
        member_id=command.member_id,
        unit_id=command.unit_id,
        from_unit=given.unit_id,
        kind=given.kind,
        letter=given.letter,
        received_on=command.received_on,
        from_month=shift(given.paid_through, 1),
        to_month=given.to_month,
        payee_id=given.payee_id,
        roster_order=place_on_roll(work, command.unit_id, command.member_id),
        received_by=act.actor,
    )
    events = member_moves.receive(before, asked)
    require_open(work, command.unit_id, month_of(command.received_on))
    count = work.record(member.stream(command.member_id), events)
    return {"events": count + follow(work, before, act.on.year), "first_month": asked.from_month}


def withdraw_transfer(work: Work, command: WithdrawTransfer, act: Act) -> dict[str, object]:
    """The member stays where they were."""
    require_past(command.withdrawn_on, act)
    before = work.member(command.member_id)
    asked = TransferWithdrawn(
        member_id=command.member_id,
        unit_id=command.unit_id,
        letter=command.letter,
        withdrawn_on=command.withdrawn_on,
        reason=command.reason,
    )
    count = work.record(member.stream(command.member_id), member_moves.withdraw_letter(before, asked))
    return {"events": count + (follow(work, before, act.on.year) if count else 0)}


def end_temporary_transfer(work: Work, command: EndTemporaryTransfer, act: Act) -> dict[str, object]:
    """From the month after, everything is as it was before the temporary transfer."""
    require_past(command.ended_on, act)
    before = work.member(command.member_id)
    asked = TemporaryTransferEnded(
        member_id=command.member_id,
        unit_id=command.unit_id,
        letter=command.letter,
        ended_on=command.ended_on,
        last_month=command.last_month,
        decision=command.decision,
    )
    count = work.record(member.stream(command.member_id), member_moves.end_temporary(before, asked))
    return {"events": count + (follow(work, before, act.on.year) if count else 0)}


def _last_paid(work: Work, known: Member, year: int) -> Month | None:
    """The latest dues month for which this ledger has taken money."""
    paid = [
        month
        for candidate in range(year, year - 1 - LOOK_BACK, -1)
        for month, item in work.dues(known.member_id, candidate).items.items()
        if item.applied > 0
    ]
    return max(paid, default=None)


def _open(work: Work, known: Member, year: int) -> tuple[Month, ...]:
    """Months still owed, for the letter's reader."""
    return tuple(sorted(dues_account.open_months(work.dues(known.member_id, year))))


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    IssueTransfer: Handler("issue-transfer", Action.MOVE_MEMBERS, "unit_id", issue_transfer),
    ReceiveTransfer: Handler("receive-transfer", Action.MOVE_MEMBERS, "unit_id", receive_transfer),
    WithdrawTransfer: Handler("withdraw-transfer", Action.MOVE_MEMBERS, "unit_id", withdraw_transfer),
    EndTemporaryTransfer: Handler("end-temporary-transfer", Action.MOVE_MEMBERS, "unit_id", end_temporary_transfer),
}
