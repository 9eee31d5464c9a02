"""The world: one clock, one agenda, one post, and everybody's books. It decides everything; HTTP only carries.

Nothing here sleeps, sends or reads a wall clock. Whoever drives it moves the clock with ``step``, delivers what it is
handed, and says what was answered. The transcript is the story in lines; one seed and one sequence of acts give the
same bytes.
"""

import heapq
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapters.inbound import VIETNAM
from adapters.sandbox.world.bank import Bank
from adapters.sandbox.world.chances import Chances
from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.gateway import Gateway
from adapters.sandbox.world.gateway_api import GatewayApi
from adapters.sandbox.world.identity import Identity
from adapters.sandbox.world.keys import Keys, keys_of
from adapters.sandbox.world.money import Money
from adapters.sandbox.world.portal import Portal
from adapters.sandbox.world.post import Message, Post, Try
from adapters.sandbox.world.scenario import Fault, Scenario
from domain.errors import Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that the world itself will do at a moment."""

    what: str
    about: tuple[str, ...] = ()


#: What a happening does; the rooms of the world add theirs.
Doing = Callable[["World", Happening], None]


@dataclass(slots=True)
class World:
    """A scenario under way."""

    scenario: Scenario
    doings: dict[str, Doing]
    now: datetime
    dice: Dice
    keys: Keys
    chances: Chances
    post: Post
    portal: Portal
    bank: Bank
    gateway: Gateway
    gateway_api: GatewayApi
    identity: Identity
    moneys: dict[str, Money] = field(default_factory=dict)
    transcript: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)  #: such as the account that the gateway pays into
    _agenda: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _order: int = 0

    # --- time ----------------------------------------------------------------------------------------------------

    def plan(self, at: datetime, what: str, *about: str) -> None:
        """Put something on the agenda."""
        self._order += 1
        heapq.heappush(self._agenda, (max(at, self.now), self._order, Happening(what=what, about=about)))

    def step(self, until: datetime) -> Try | None:
        """Do what is due up to a moment; stop at a delivery and return it. None when the moment is reached.

        Happenings come before deliveries of the same moment. ``Malformed`` if the moment lies in the past.
        """
        if until < self.now:
            raise Malformed(f"đồng hồ mô phỏng đã ở {self.now.isoformat()}, không lùi lại được", where="to")
        while True:
            delivery = self.post.next_at()
            happening = self._agenda[0][0] if self._agenda else None
            if happening is not None and happening <= until and (delivery is None or happening <= delivery):
                at, _, what = heapq.heappop(self._agenda)
                self.now = max(self.now, at)
                self.doings[what.what](self, what)
                self._send_events()
            elif delivery is not None and delivery <= until:
                self.now = max(self.now, delivery)
                return self.post.take()
            else:
                self.now = until
                return None

    def answered(self, done: Try, status: int | None) -> None:
        """Say what a delivery was answered (None: nobody answered)."""
        taken = self.post.answered(done, status)
        flaw = f" {done.flaw}" if done.flaw else ""
        hung = " hang-up" if done.hangs_up else ""
        told = "taken" if taken else "again" if self.post.waiting() else "given-up"
        copy = f" copy {done.copy}" if done.copy > 1 else ""
        self.tell(f"post {done.message.key} try {done.number}{copy}{flaw}{hung} -> {status} {told}")

    # --- what is remembered --------------------------------------------------------------------------------------

    def tell(self, line: str) -> None:
        """Add a line to the transcript."""
        self.transcript.append(f"{self.now.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S} {line}")

    def send(self, message: Message) -> None:
        """Hand a message to the post; what befalls it is remembered with the money that it tells of."""
        before = len(self.chances.struck)
        self.post.send(message, self.now)
        for struck in self.chances.struck[before:]:
            self.tell(f"fault {struck.fault} {struck.key}")
            self.befall(message.about, struck.fault)

    def befall(self, key: str, fault: Fault) -> None:
        """Remember a fault with a sum of money."""
        money = self.moneys.get(key)
        if money is not None and fault not in money.befell:
            self.moneys[key] = replace(money, befell=(*money.befell, str(fault)))

    def strikes(self, fault: Fault, key: str, about: str = "") -> bool:
        """Whether a fault strikes now; told, and remembered with the money."""
        if not self.chances.strikes(fault, key, self.now):
            return False
        self.tell(f"fault {fault} {key}")
        self.befall(about or key, fault)
        return True

    def own(self, money: Money) -> Money:
        """Add a sum to the truth, once."""
        if money.key in self.moneys:
            raise ValueError(f"{money.key} is known already")
        self.moneys[money.key] = money
        self.tell(f"money {money.key} {money.way} {money.amount} {money.reference}")
        return money

    def change(self, key: str, **changes: Any) -> Money:
        """Say more of a sum."""
        self.moneys[key] = replace(self.moneys[key], **changes)
        return self.moneys[key]

    def _send_events(self) -> None:
        while self.gateway.outbox:
            event = self.gateway.outbox.pop(0)
            about = event["data"]["object"]
            intent = about.get("payment_intent") or about["id"]
            text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            self.send(Message(channel="gateway", key=event["id"], text=text, about=f"gateway/{intent}"))

    def flush(self) -> None:
        """Hand over what requests from outside have caused."""
        self._send_events()

    def secret_rolled(self) -> bool:
        """Whether the gateway signs with two secrets by now."""
        day = self.scenario.gateway.roll_secret_on
        return day is not None and (self.now.day >= day or f"{self.now:%Y-%m}" > self.scenario.month)


def bare_world(scenario: Scenario, doings: dict[str, Doing]) -> World:
    """A world at the first moment of its scenario, with nothing on its agenda."""
    dice = Dice(seed=scenario.seed)
    keys = keys_of(dice)
    chances = Chances(dice=dice, plans=scenario.faults)
    gateway = Gateway(dice=dice, plan=scenario.gateway)
    return World(
        scenario=scenario,
        doings=doings,
        now=scenario.starts_at,
        dice=dice,
        keys=keys,
        chances=chances,
        post=Post(chances=chances),
        portal=Portal(keys=keys, plan=scenario.portal),
        bank=Bank(dice=dice, plan=scenario.bank),
        gateway=gateway,
        gateway_api=GatewayApi(gateway=gateway, key=keys.gateway_key),
        identity=Identity(keys=keys, chances=chances),
    )
