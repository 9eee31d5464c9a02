"""The inbox in memory: the same contract as the PostgreSQL inbox, forgotten with the process."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from ledger.ports import InboxMessage, InboxState, KeepOutcome, Kept, KeptMessage, Verdict


class MemoryInbox:
    """Kept messages by id, in order of arrival; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[int, KeptMessage] = {}
        self._accepted: dict[tuple[str, str], int] = {}
        self._others: dict[tuple[str, str, Verdict, str], int] = {}
        self._parked: dict[int, str] = {}

    def keep(self, messages: Sequence[InboxMessage]) -> tuple[Kept, ...]:
        """Keep messages, all at once."""
        with self._lock:
            return tuple(self._keep(message) for message in messages)

    def keep_later(self, messages: Sequence[InboxMessage]) -> "Future[tuple[Kept, ...]]":
        """Keep messages; the future is done already."""
        done: Future[tuple[Kept, ...]] = Future()
        done.set_result(self.keep(messages))
        return done

    def _keep(self, message: InboxMessage) -> Kept:
        name = (message.source, message.outside_reference)
        if message.verdict is Verdict.ACCEPTED:
            number = self._accepted.get(name)
            if number is None:
                number = self._accepted[name] = self._add(message)
                return Kept(id=number, outcome=KeepOutcome.NEW)
            if self._rows[number].message.digest == message.digest:
                return Kept(id=number, outcome=KeepOutcome.KNOWN)
            message = replace(message, verdict=Verdict.CONFLICT)
        other = (*name, message.verdict, message.digest)
        is_new = other not in self._others
        if is_new:
            self._others[other] = self._add(message)
        if message.verdict is Verdict.CONFLICT:
            return Kept(id=self._others[other], outcome=KeepOutcome.CONFLICT)
        return Kept(id=self._others[other], outcome=KeepOutcome.NEW if is_new else KeepOutcome.KNOWN)

    def _add(self, message: InboxMessage) -> int:
        number = len(self._rows) + 1
        self._rows[number] = KeptMessage(id=number, message=message, processed_position=None)
        return number

    def take(self, limit: int) -> tuple[KeptMessage, ...]:
        """Return unprocessed messages in order of arrival: accepted ones and conflicts, never rejected or
        parked ones.
        """
        with self._lock:
            return tuple(self._waiting()[:limit])

    def _waiting(self) -> list[KeptMessage]:
        return [
            row
            for row in self._rows.values()
            if row.processed_position is None
            and row.id not in self._parked
            and row.message.verdict is not Verdict.REJECTED
        ]

    def get(self, message_id: int) -> KeptMessage | None:
        """Return one kept message, whatever its verdict."""
        with self._lock:
            return self._rows.get(message_id)

    def about(self, sources: Sequence[str], names: Sequence[str]) -> tuple[KeptMessage, ...]:
        """Return the messages of some channels named like one of ``names``, or like it with more behind a slash."""
        with self._lock:
            return tuple(
                row
                for row in self._rows.values()
                if row.message.source in sources
                and any(f"{row.message.outside_reference}/".startswith(f"{name}/") for name in names)
            )

    def latest(self, limit: int, verdict: Verdict | None = None) -> tuple[KeptMessage, ...]:
        """Return the last messages that came in, newest first; of one verdict where it is given."""
        with self._lock:
            found = [row for row in self._rows.values() if verdict is None or row.message.verdict is verdict]
            return tuple(reversed(found))[:limit]

    def mark_processed(self, ids: Sequence[int], position: int) -> None:
        """Say that messages are dealt with, and up to which log position; doing it twice changes nothing."""
        with self._lock:
            for number in ids:
                if self._rows[number].processed_position is None:
                    self._rows[number] = replace(self._rows[number], processed_position=position)
                    self._parked.pop(number, None)

    def park(self, message_id: int, reason: str, at: datetime) -> None:
        """Set a message aside that cannot be worked on, so that those behind it go on; never forget it."""
        with self._lock:
            if self._rows[message_id].processed_position is None:
                self._parked[message_id] = reason

    def unpark(self) -> int:
        """Let every parked message back in, in its old place, and return how many there were."""
        with self._lock:
            count = len(self._parked)
            self._parked.clear()
            return count

    def state(self) -> InboxState:
        """Return how much waits and how much is parked."""
        with self._lock:
            waiting = self._waiting()
            oldest = min((row.message.received_at for row in waiting), default=None)
            return InboxState(waiting=len(waiting), oldest=oldest, parked=len(self._parked))
