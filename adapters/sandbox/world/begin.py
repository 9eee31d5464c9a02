"""A world put together: everybody's doings, and what the scenario puts on the agenda before anybody acts."""

from datetime import date, timedelta

from adapters.sandbox.world.bank_life import BANK_DOINGS, at, next_working_day
from adapters.sandbox.world.gateway_life import GATEWAY_DOINGS
from adapters.sandbox.world.portal_life import PORTAL_DOINGS
from adapters.sandbox.world.scenario import Scenario
from adapters.sandbox.world.world import World, bare_world


def new_world(scenario: Scenario) -> World:
    """A world at the first moment of its scenario."""
    world = bare_world(scenario, {**BANK_DOINGS, **PORTAL_DOINGS, **GATEWAY_DOINGS})
    days = days_of(scenario)
    for day in days:
        world.plan(at(day, 23, 50), "lag")
        world.plan(at(day, scenario.gateway.payout_hour), "gateway-payout")
        if scenario.portal.pays_out == "lump":
            # Planned for every day, in the order of the days, so that a weekend's lumps come one after the other.
            world.plan(at(next_working_day(day), 10, day.day), "portal-lump", day.isoformat())
    for number in range(scenario.bank.strangers):
        day = world.dice.pick(days[: scenario.days or 28], "stranger-day", number)
        world.plan(at(day, world.dice.between(7, 21, "stranger-hour", number), 13), "stranger", str(number))
    return world


def days_of(scenario: Scenario) -> tuple[date, ...]:
    """The days of the month, or the first of them where the scenario is short, and those played after."""
    first = date.fromisoformat(f"{scenario.month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if scenario.days:
        last = first + timedelta(days=scenario.days - 1)
    last += timedelta(days=scenario.days_after)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
