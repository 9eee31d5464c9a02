"""What checks are made of: findings, the running facts they share, and the shape of an incremental checker.

A check sees each event of the log once, in order, with the entry that follows from it, and keeps plain sums. Nothing
here asks the database, so the same checks serve the tests, the demo and ``dangphi verify``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol, runtime_checkable

from domain import policy
from domain.identifiers import UnitId
from domain.money import Dong, format_dong
from domain.organisation import AccountRegistered, Builder, HolderAssigned, OrganisationEvent, WageRegionAssigned
from domain.period import day_of
from ledger.chart import CHART, natural
from ledger.posting import Line
from ledger.store import Recorded

#: More findings of one check than this are counted, not kept: one cause may show a million times.
MOST = 40

POLICY_EVENTS = (
    policy.RateActivated,
    policy.WageActivated,
    policy.CapActivated,
    policy.ReliefActivated,
    policy.RoundingActivated,
    policy.ShareActivated,
    policy.SettingActivated,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing: where it is, with figures and what to do, in Vietnamese."""

    check: str
    sentence: str
    position: int | None = None
    stream: str | None = None
    unit: str | None = None
    account: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As it stands in an answer."""
        return {
            "sentence": self.sentence,
            "position": self.position,
            "stream": self.stream,
            "unit": self.unit,
            "account": self.account,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A balance that must come back to zero: how old it is, who must act, and what the next step is (A8); đồng."""

    unit: str
    account: str
    key: str
    amount: Dong
    since: date
    days: int
    due: str  #: when it must be zero, as the chart says it
    owner: str
    next_step: str


class Findings:
    """The findings of one checker, at most ``MOST`` of each check."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Finding]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)

    def add(
        self,
        check: str,
        sentence: str,
        at: Recorded | None = None,
        *,
        unit: str | None = None,
        account: str | None = None,
    ) -> None:
        """Note a finding; ``at`` gives position and stream."""
        self._counts[check] += 1
        if self._counts[check] <= MOST:
            position, stream = (None, None) if at is None else (at.position, at.stream)
            self._kept[check].append(
                Finding(check=check, sentence=sentence, position=position, stream=stream, unit=unit, account=account)
            )

    def all(self) -> tuple[Finding, ...]:
        """What was found; a last line says how many more there were."""
        found: list[Finding] = []
        for check, kept in self._kept.items():
            found += kept
            if self._counts[check] > MOST:
                more = self._counts[check] - MOST
                found.append(Finding(check=check, sentence=f"… và {more} phát hiện nữa cùng loại, không liệt kê."))
        return tuple(found)


class Checker(Protocol):
    """Sees events one by one and says at the end what it found."""

    @property
    def events(self) -> Collection[type] | None:
        """The classes of events it wants to see; None: every event."""

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event in; the shared facts already contain it."""

    def finish(self) -> tuple[Finding, ...]:
        """Everything found, after the last event."""


@runtime_checkable
class Settling(Protocol):
    """A checker whose rule holds between commands, since a command's events are recorded together."""

    def settle(self) -> None:
        """All events of a command were seen."""


@runtime_checkable
class Noting(Protocol):
    """A checker that names things which are no fault: handshakes and breaks that are explained."""

    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing."""


class World:
    """Running facts that many checks need: the tree, the law in force, and the balances by unit, account and key.

    The tree's maps are filled in place, so that registering thousands of units is not quadratic.
    """

    def __init__(self) -> None:
        self._tree = Builder()
        self.organisation = self._tree.organisation
        self.policy = policy.NO_POLICY
        self.balances: dict[tuple[str, str], dict[str, Dong]] = defaultdict(lambda: defaultdict(int))
        self.position = 0
        self.on = date.min
        self._instant = datetime.min.replace(tzinfo=UTC)
        self._within: dict[tuple[str, str], bool] = {}

    def take(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event and its entry in."""
        self.position = recorded.position
        if recorded.recorded_at != self._instant:
            self._instant = recorded.recorded_at
            self.on = day_of(recorded.recorded_at)
        for line in lines:
            # The memo book has a key for each member and month; nobody asks for those balances here.
            if line.account[:1] != "0":
                self.balances[line.unit, line.account][line.key] += line.amount
        event = recorded.event
        match event:
            case _ if isinstance(event, OrganisationEvent):
                self._tree.take(event)
                if not isinstance(event, AccountRegistered | HolderAssigned | WageRegionAssigned):
                    self._within.clear()
            case _ if isinstance(event, POLICY_EVENTS):
                self.policy = policy.evolve(self.policy, event)
            case _:
                pass

    def balance(self, unit: str, account: str, key: str | None = None) -> Dong:
        """A balance on the account's natural side; đồng."""
        found = self.balances.get((unit, account))
        if found is None:
            return 0
        return natural(account, sum(found.values()) if key is None else found.get(key, 0))

    def here(self, unit: str | None) -> bool:
        """Whether this shard keeps the unit's books."""
        found = None if unit is None else self.organisation.units.get(UnitId(unit))
        return found is not None and found.has_books

    def parent(self, unit: str) -> str | None:
        """The superior's id, of an ended unit the last one; None at the top and for a unit that nobody registered."""
        found = self.organisation.units.get(UnitId(unit))
        return None if found is None else found.parent_id

    def path_up(self, unit: str) -> Iterator[str]:
        """The unit and all above it, above an ended one its successor; a ring in a damaged tree ends the walk."""
        seen: set[str] = set()
        current: str | None = unit
        while current is not None and current not in seen:
            seen.add(current)
            yield current
            ended = self.organisation.ended.get(UnitId(current))
            current = self.parent(current) if ended is None else ended.successor_id

    def within(self, unit: str, root: str) -> bool:
        """Whether a unit is ``root`` or beneath it; remembered until the tree grows."""
        found = self._within.get((unit, root))
        if found is None:
            found = root in self.path_up(unit)
            self._within[unit, root] = found
        return found

    def name(self, unit: str) -> str:
        """How a reader knows the unit."""
        found = self.organisation.units.get(UnitId(unit))
        return unit if found is None else f"{found.name} ({found.code})"


#: Makes a fresh checker over the shared facts.
Start = Callable[[World], Checker]


def dong(amount: Dong) -> str:
    """An amount in a sentence."""
    return f"{format_dong(amount)} đồng"


def account_name(code: str) -> str:
    """Code and name of an account; a code outside the chart stands alone."""
    return f"{code} {CHART[code].name}" if code in CHART else code
