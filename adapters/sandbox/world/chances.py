"""Where faults strike, and the list of those that did: every cause of a leftover can be named afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.scenario import Fault, FaultPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A fault that happened: to what, and when."""

    fault: Fault
    key: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Chances:
    """Decides by the dice and by the moments of the plan; remembers what struck."""

    dice: Dice
    plans: Mapping[Fault, FaultPlan]
    struck: list[Struck] = field(default_factory=list)
    _spent: dict[Fault, int] = field(default_factory=dict)

    def strikes(self, fault: Fault, key: str, now: datetime) -> bool:
        """Whether the fault strikes this occasion; each occasion has a name of its own and is asked once."""
        plan = self.plans.get(fault)
        if plan is None:
            return False
        spent = self._spent.get(fault, 0)
        due = spent < len(plan.at) and plan.at[spent] <= now
        if due:
            self._spent[fault] = spent + 1
        if not due and not self.dice.happens(plan.rate, fault, key):
            return False
        self.struck.append(Struck(fault=fault, key=key, at=now))
        return True
