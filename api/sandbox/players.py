"""What members mean to do in the month: how each pays and when. Decided by the dice, before anything is done."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.scenario import Scenario

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One member means to pay what is asked."""

    at: datetime
    way: str  #: "qr", "portal", "gateway", "cash" or "batch"
    cell: str
    reference: str
    member: str
    amount: int
    others: tuple["Intent", ...] = ()  #: whom a batch pays for, the first one included


def intents(
    scenario: Scenario,
    dice: Dice,
    asked: tuple[tuple[str, str, str, int], ...],
    can: Mapping[str, bool],
    own_account: Set[str] = frozenset(),
) -> list[Intent]:
    """Everybody's intent in order of time; who pays never has none.

    ``can`` says which ways are open; a member whose way is not pays by QR instead. So does a member of a cell with an
    account of its own (``own_account``) who would pay by card: the gateway's contract pays out to the ward's account,
    and money asked for another account must not go there.
    """
    plan = scenario.population
    ways = [(way, weight) for way, weight in plan.ways.items() if weight]
    behalf = asked[: plan.on_behalf] if can.get("batch") else ()
    found = []
    for number, (cell, reference, member, amount) in enumerate(asked):
        way = dice.weighted(ways, "way", number)
        if (cell, reference, member, amount) in behalf or way == "never":
            continue
        if not can.get(way, False) or (way == "gateway" and cell in own_account):
            way = "qr"
        at = _moment(scenario, dice, number)
        found.append(Intent(at=at, way=way, cell=cell, reference=reference, member=member, amount=amount))
    if behalf:
        found += _batches(scenario, dice, behalf)
    return sorted(found, key=lambda one: (one.at, one.reference))


def _batches(scenario: Scenario, dice: Dice, behalf: tuple[tuple[str, str, str, int], ...]) -> list[Intent]:
    by_cell: dict[str, list[Intent]] = defaultdict(list)
    at = scenario.starts_at + 11 * _DAY + timedelta(hours=3)
    for cell, reference, member, amount in behalf:
        by_cell[cell].append(Intent(at=at, way="batch", cell=cell, reference=reference, member=member, amount=amount))
    return [
        Intent(
            at=at,
            way="batch",
            cell=cell,
            reference=group[0].reference,
            member=group[0].member,
            amount=sum(one.amount for one in group),
            others=tuple(group),
        )
        for cell, group in by_cell.items()
    ]


def _moment(scenario: Scenario, dice: Dice, number: int) -> datetime:
    plan = scenario.population
    day = dice.between(plan.first_day, plan.last_day, "day", number)
    hour = dice.between(plan.first_hour, plan.last_hour, "hour", number)
    minute, second = dice.below(60, "minute", number), dice.below(60, "second", number)
    first = scenario.starts_at.replace(hour=0, minute=0, second=0)
    return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
