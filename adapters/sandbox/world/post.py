"""The post of the sandbox: which message goes out when, how often, in which state, until it is taken.

Pure but for its own queue: nothing is sent here. Whoever drives the world takes what is due, sends it over a socket,
and says what was answered; providers' own rules then decide whether and when it is tried again (payments §3.4, §5).
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from adapters.sandbox.world.chances import Chances
from adapters.sandbox.world.scenario import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a channel. ``text`` is the JSON to send (the portal's without its signature)."""

    channel: str  #: "portal", "sepay", "casso", "hub" or "gateway"
    key: str
    text: str
    about: str  #: key of the money it tells of, "" where it tells of none


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One delivery of a message: its number from 1, which copy, and what is wrong with it on purpose."""

    at: datetime
    order: int
    message: Message
    number: int = 1
    copy: int = 1
    flaw: Fault | None = None  #: wrong-signature or stale
    hangs_up: bool = False


#: Minutes until the next try. SePay says Fibonacci within about 33 minutes and Stripe-like gateways three days; the
#: portal's and Casso's rules are not public and assumed.
RETRIES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "portal": (5, 30, 120, 720),
        "sepay": (1, 1, 2, 3, 5, 8, 13),
        "hub": (1, 1, 2, 3, 5, 8, 13),
        "casso": (5, 15, 60),
        "gateway": (1, 5, 30, 120, 300, 600, 720, 720, 720),
    }
)

#: Channels whose signature covers a moment of sending that the receiver checks.
_TIMED = frozenset({"gateway"})


@dataclass(slots=True, kw_only=True)
class Post:
    """The queue of deliveries."""

    chances: Chances
    _queue: list[tuple[datetime, int, Try]] = field(default_factory=list)
    _order: int = 0
    undelivered: list[Message] = field(default_factory=list)  #: lost, or given up after the last try

    def send(self, message: Message, now: datetime, *, after: timedelta = timedelta(seconds=40)) -> None:
        """Put a message into the queue, with what befalls it on the way."""
        struck = self.chances.strikes
        dice = self.chances.dice
        key = message.key
        if struck(Fault.LOSS, key, now):
            self.undelivered.append(message)
            return
        at = now + after
        if struck(Fault.DELAY, key, now):
            at += timedelta(minutes=dice.between(180, 4_000, "delay", key))
        elif struck(Fault.REORDER, key, now):
            at += timedelta(minutes=dice.between(15, 180, "reorder", key))
        flaw = None
        if struck(Fault.WRONG_SIGNATURE, key, now):
            flaw = Fault.WRONG_SIGNATURE
        elif message.channel in _TIMED and struck(Fault.STALE, key, now):
            flaw = Fault.STALE
        self._put(Try(at=at, order=0, message=message, flaw=flaw, hangs_up=struck(Fault.HANG_UP, key, now)))
        if struck(Fault.DUPLICATE, key, now):
            later = at + timedelta(minutes=dice.between(0, 90, "duplicate", key))
            self._put(Try(at=later, order=0, message=message, copy=2))

    def _put(self, one: Try) -> None:
        self._order += 1
        numbered = Try(
            at=one.at,
            order=self._order,
            message=one.message,
            number=one.number,
            copy=one.copy,
            flaw=one.flaw,
            hangs_up=one.hangs_up,
        )
        heapq.heappush(self._queue, (numbered.at, numbered.order, numbered))

    def next_at(self) -> datetime | None:
        """When the next delivery is due."""
        return self._queue[0][0] if self._queue else None

    def take(self) -> Try:
        """The next delivery, out of the queue."""
        return heapq.heappop(self._queue)[2]

    def answered(self, done: Try, status: int | None) -> bool:
        """Say what was answered (None: nobody answered). Returns whether the sender counts it as taken.

        A sender that hangs up knows of no answer. A flawed or hung-up try is repeated properly, at once by the
        provider's rule.
        """
        if status is not None and 200 <= status < 300 and not done.hangs_up:
            return True
        rule = RETRIES[done.message.channel]
        if done.number > len(rule):
            self.undelivered.append(done.message)
            return False
        wait = timedelta(minutes=rule[done.number - 1])
        self._put(Try(at=done.at + wait, order=0, message=done.message, number=done.number + 1, copy=done.copy))
        return False

    def waiting(self) -> int:
        """Deliveries still in the queue."""
        return len(self._queue)
