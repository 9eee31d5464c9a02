"""The ledger of one shard: runs a command once, for someone who may, and records what it decided.

The order is always the same: known already? then the same answer; allowed? loaded, decided, appended. Two commands
that touch the same streams at once cannot both win: the loser loads again and decides again.
"""

import hashlib
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from domain import access, organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.events import DomainEvent
from domain.identifiers import UnitId
from domain.organisation import EMPTY
from ledger.account_states import AccountStates
from ledger.books import Books
from ledger.directory import Directory
from ledger.handler import Handler
from ledger.handlers import (
    adjust,
    ask,
    assess,
    attempts,
    bank_slips,
    books,
    cash_count,
    cash_custody,
    cash_return,
    claw_backs,
    close,
    collect,
    correct,
    day_close,
    declare,
    exemptions,
    handshake,
    interim,
    matches,
    member_lists,
    members,
    open_items,
    past,
    payouts,
    publish,
    receipts,
    refunds,
    relief_life,
    reliefs,
    remit,
    resolve,
    restructure,
    roster,
    settlements,
    setup,
    slips,
    spend,
    split,
    statements,
    surplus,
    transfers,
)
from ledger.store import CommandContext, EventStore, VersionMoved
from ledger.work import Act, Settings, Work

#: How often a command is decided again after it lost a race.
ATTEMPTS = 5

#: What may still be done for a unit that has ended: its last months are closed, its books signed, receipts printed.
OF_THE_PAST = frozenset(
    {
        Action.READ,
        Action.CLOSE_MONTH,
        Action.CONFIRM_CLOSE,
        Action.PREPARE_BOOK,
        Action.SIGN_BOOK,
        Action.KEEP_RECEIPTS,
    }
)


#: Every command there is: each room of the office brings its own.
HANDLERS: Mapping[type, Handler] = {
    **setup.COMMANDS,
    **roster.COMMANDS,
    **past.COMMANDS,
    **publish.COMMANDS,
    **assess.COMMANDS,
    **adjust.COMMANDS,
    **ask.COMMANDS,
    **attempts.COMMANDS,
    **slips.COMMANDS,
    **collect.COMMANDS,
    **books.COMMANDS,
    **cash_count.COMMANDS,
    **cash_custody.COMMANDS,
    **cash_return.COMMANDS,
    **spend.COMMANDS,
    **statements.COMMANDS,
    **matches.COMMANDS,
    **open_items.COMMANDS,
    **bank_slips.COMMANDS,
    **settlements.COMMANDS,
    **declare.COMMANDS,
    **remit.COMMANDS,
    **handshake.COMMANDS,
    **refunds.COMMANDS,
    **claw_backs.COMMANDS,
    **interim.COMMANDS,
    **resolve.COMMANDS,
    **payouts.COMMANDS,
    **reliefs.COMMANDS,
    **relief_life.COMMANDS,
    **exemptions.COMMANDS,
    **surplus.COMMANDS,
    **split.COMMANDS,
    **members.COMMANDS,
    **member_lists.COMMANDS,
    **transfers.COMMANDS,
    **close.COMMANDS,
    **day_close.COMMANDS,
    **correct.COMMANDS,
    **receipts.COMMANDS,
    **restructure.COMMANDS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command: its answer, and how far the log reaches now.

    ``position`` is the last position of this command's events (the head when it added none); ``events`` are those
    decided, recorded unless it was a dry run.
    """

    answer: dict[str, Any]
    position: int
    replayed: bool
    events: tuple[DomainEvent, ...]


class Ledger:
    """One shard's ledger."""

    def __init__(self, store: EventStore, books: Books, directory: Directory, settings: Settings) -> None:
        self.store = store
        self.books = books
        self.directory = directory
        self.settings = settings
        # Books and directory are folded in this process and shared by its threads. Deciding one command at a time
        # costs nothing: commands of one shard queue behind its append lock anyway.
        self._deciding = threading.Lock()
        self._accounts = AccountStates()

    def execute(self, command: object, act: Act, *, dry_run: bool = False) -> Outcome:
        """Run a command once. The same command id again gets the same answer and adds nothing (I25).

        Raises Refusal when a rule says no; then nothing was recorded. A dry run decides and records nothing.
        """
        handler = HANDLERS[type(command)]
        digest = request_digest(handler.name, command)
        if not dry_run:
            stored = self.store.known(act.command_id, digest)
            if stored is not None:
                return Outcome(
                    answer=msgspec.json.decode(stored.answer),
                    position=stored.last_position,
                    replayed=True,
                    events=(),
                )
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._deciding:
                    return self._run(handler, command, act, digest, dry_run)
            except VersionMoved:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt either returns or raises")

    def _run(self, handler: Handler, command: object, act: Act, digest: str, dry_run: bool) -> Outcome:
        work = self.work()
        unit = self._unit_of(handler, command, work)
        role = self._role(handler, act, work, unit)
        self.directory.catch_up()
        self.books.catch_up()
        answer = handler.decide(work, command, act)
        events = work.new_events()
        if dry_run:
            return Outcome(answer=_plain(answer), position=self.store.head(), replayed=False, events=events)
        context = CommandContext(
            command_id=act.command_id,
            name=handler.name,
            request_digest=digest,
            recorded_at=act.at,
            actor=act.actor,
            role=role,
            unit=unit,
            action=handler.action,
            reason=act.reason,
            document=act.document,
        )
        result = self.store.append(work.appends(), context, msgspec.json.encode(answer))
        return Outcome(
            answer=msgspec.json.decode(result.answer),
            position=result.last_position,
            replayed=result.replayed,
            events=() if result.replayed else events,
        )

    def require(self, *, actor: str, action: Action, unit: UnitId, on: date) -> str:
        """The role by which the actor may do this at a unit on a day; refuses ``not-allowed`` or ``unknown-unit``.

        For reads, which are no commands: whoever hands out figures of a unit asks here first.
        """
        work = self.work()
        organisation.unit(work.organisation, unit)
        return access.authorise(work.access, work.organisation, actor=actor, action=action, unit=unit, on=on)

    def work(self) -> Work:
        """A fresh piece of work on this shard; also for reading states."""
        return Work(self.store, self.books, self.directory, self.settings, self._accounts)

    def _unit_of(self, handler: Handler, command: object, work: Work) -> UnitId:
        if handler.unit:
            named = getattr(command, handler.unit)
            return UnitId(named)
        tops = [u.unit_id for u in work.organisation.units.values() if u.parent_id is None]
        return tops[0] if tops else UnitId("")

    def _role(self, handler: Handler, act: Act, work: Work, unit: UnitId) -> str:
        org = work.organisation
        if unit and unit not in org.units and org != EMPTY:
            raise Refusal(RefusalCode.UNKNOWN_UNIT, f"Không có đơn vị {unit!r} trong cây tổ chức. Kiểm tra mã đơn vị.")
        role = access.authorise(work.access, org, actor=act.actor, action=handler.action, unit=unit, on=act.on)
        if unit in org.ended and handler.action not in OF_THE_PAST:
            # Its books can be read for ever; whatever is still to be done is done by its successor.
            organisation.require_living(org, unit)
        return role


def request_digest(name: str, command: object) -> str:
    """sha256 (hex) over the command's name and content: what makes two requests the same request."""
    return hashlib.sha256(name.encode() + b"\n" + msgspec.json.encode(command, order="sorted")).hexdigest()


def command_id_for(*parts: str) -> uuid.UUID:
    """A command id made from what the command is about, for work that may be repeated after a crash."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "dangphi:" + "/".join(parts))


def _plain(answer: dict[str, object]) -> dict[str, Any]:
    """The answer as a reader of JSON would see it."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return plain
