"""The worker of a shard: kept messages become payments, events become read models.

It runs as a thread of ``dangphi serve`` or for itself. Any number may be started; the one that holds the shard's lock
works, the others stand by. Whatever kills it, the next one finds the messages where they lie.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from api.flows.notices import WorkedOff, work_off_inbox
from api.flows.poll import can_ask, poll
from api.match_rounds import MatchRounds
from api.wiring import Installation
from ledger.ports import Clock

#: Messages taken in one round; one command each.
BATCH = 500

#: Seconds between two looks when there was nothing to do, and the longest pause after failures.
_IDLE = 0.2
_LONGEST = 10.0

#: Seconds between two tries for the lock.
_STAND_BY = 1.0

#: Seconds after the start before the first round of asking.
_FIRST_ASK = 2.0

#: Between two rounds of asking after attempts that nobody decided (payments §3.2: from 30 minutes on).
POLL_EVERY = timedelta(minutes=10)

#: Seconds between two looks for statements that the matching rules have not seen.
_MATCH_EVERY = 15.0

_log = logging.getLogger("dangphi.worker")


class Lock(Protocol):
    """Lets one worker at a time work on a shard."""

    def held(self) -> bool:
        """Whether the lock is held here, taking it if it is free."""

    def release(self) -> None:
        """Let it go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did."""

    worked_off: WorkedOff
    projected: bool

    @property
    def busy(self) -> bool:
        """Whether there may be more to do at once."""
        return self.worked_off.taken >= BATCH


class Worker:
    """Works a shard's inbox off and keeps its read models up with the log.

    ``project`` brings the read models to the head of the log; ``lock`` is None where nobody else can be (memory).
    """

    def __init__(self, inst: Installation, clock: Clock, project: Callable[[], object], lock: Lock | None) -> None:
        self._inst = inst
        self._clock = clock
        self._project = project
        self._lock = lock
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._asking: threading.Thread | None = None
        self._matching: threading.Thread | None = None
        self._rounds = MatchRounds(inst)
        self._asked_at: datetime | None = None
        self._works = False
        self._projected = -1

    def run_once(self) -> Round | None:
        """One round; None when another worker holds the lock. Raises what the store raises when it is away."""
        if self._lock is not None and not self._lock.held():
            return None
        done = work_off_inbox(self._inst, self._clock.now(), BATCH)
        head = self._inst.store.head()
        moved = head != self._projected
        if moved:
            self._project()
            self._projected = head
        return Round(worked_off=done, projected=moved)

    def run_to_head(self) -> None:
        """Rounds until nothing waits; for the command line and tests."""
        while (found := self.run_once()) is not None and found.worked_off.taken:
            pass

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def start(self) -> None:
        """Work in a thread of its own until ``stop``; what was parked before gets another chance."""
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()
        if can_ask(self._inst):
            # A channel that is slow to answer must not hold up the messages that come in, so it has its own thread.
            self._asking = threading.Thread(target=self._ask, name="asking", daemon=True)
            self._asking.start()

        if self._inst.settings.match_after_import:
            self._matching = threading.Thread(target=self._match, name="matching", daemon=True)
            self._matching.start()

    def stop(self) -> None:
        """Finish the round under way, then end."""
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._asking is not None:
            self._asking.join(_LONGEST)
            self._asking = None
        if self._matching is not None:
            self._matching.join(_LONGEST)
            self._matching = None
        if self._lock is not None:
            self._lock.release()

    def ask(self, now: datetime) -> None:
        """One round of asking after attempts; what is answered is worked off like any message."""
        found = poll(self._inst, now, goes_on=lambda: not self._ending.is_set())
        if found.asked or found.expired or found.overdue:
            _log.info(
                "asked after %d attempts: %s; no answer %d, closed by the clock %d, for a person %d",
                found.asked,
                dict(found.answers),
                found.away,
                found.expired,
                len(found.overdue),
            )
        self.wake()

    def _ask(self) -> None:
        """Rounds while this worker is the one that works; a round that fails is made again in full."""
        while not self._ending.wait(_FIRST_ASK if self._asked_at is None else _STAND_BY):
            now = self._clock.now()
            # A clock that was set back must not end the asking for as long as it was wrong.
            early = self._asked_at is not None and timedelta(0) <= now - self._asked_at < POLL_EVERY
            if not self._works or early:
                continue
            self._asked_at = now
            try:
                self.ask(now)
            except Exception as error:  # An outage or a fault: nothing was decided that the next round would not.
                _log.error("a round of asking failed: %s", type(error).__name__)

    def match(self, now: datetime) -> None:
        """One round of the matching rules, if a statement has come since the last."""
        found = self._rounds.once(now)
        if found is not None:
            _log.info("the matching rules looked: %s", found)
            self.wake()

    def _match(self) -> None:
        """Rounds while this worker is the one that works, in a thread of their own: nothing that comes in waits."""
        while not self._ending.wait(_MATCH_EVERY):
            if not self._works:
                continue
            try:
                self.match(self._clock.now())
            except Exception as error:  # An outage or a fault: the next round looks at the same statements again.
                _log.error("a round of the matching rules failed: %s", type(error).__name__)

    def _run(self) -> None:
        pause = _IDLE
        fresh = True
        while not self._ending.is_set():
            try:
                if fresh and (self._lock is None or self._lock.held()):
                    fresh = False
                    self._inst.inbox.unpark()
                found = self.run_once()
            except Exception as error:  # An outage or a fault: nothing is lost, the next round takes the same messages.
                _log.error("a round of the worker failed: %s", type(error).__name__)
                pause = min(pause * 2, _LONGEST)
                self._ending.wait(pause)
                continue
            pause = _IDLE
            self._works = found is not None
            if found is None:
                self._ending.wait(_STAND_BY)
            elif not found.busy:
                self._wake.wait(_IDLE)
                self._wake.clear()
