"""A plain, separate reckoning of who owes, paid, keeps and sends: dictionaries and whole numbers, nothing else.

It knows no event, account or posting. The life machines act on the ledger and on this, and compare after each step.
Names are those of the machine: cells A, B, C under the ward VH under the province HP; money of B lies with VH.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.properties import reckoning_law as law
from tests.properties.reckoning_dues import Bill, Dues, Pair, zero

__all__ = ["ABOVE", "Bill", "Reckoning"]

ABOVE = {"A": "VH", "B": "VH", "C": "VH", "VH": "HP", "HP": "TW"}
Triple = tuple[str, str, str]


@dataclass
class Claim:
    """What a subordinate declared for a period, seen from above; đồng."""

    total: int = 0
    open: int = 0
    counted: int = 0
    reduced: int = 0


@dataclass
class Reckoning(Dues):
    """The money of every unit: where it lies and whose it is."""

    bank: dict[str, int] = field(default_factory=zero)  #: by account, named after the unit that opened it
    cash: dict[str, int] = field(default_factory=zero)
    bags: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    clearing: list[tuple[str, str, int]] = field(default_factory=list)  #: (account, reference, amount)
    at_gateway: dict[str, int] = field(default_factory=zero)  #: by account: what a channel that pays in lumps owes
    waiting: dict[str, tuple[str, int]] = field(default_factory=dict)  #: payment -> (unit, amount)
    fund: dict[str, int] = field(default_factory=zero)
    other: dict[str, int] = field(default_factory=zero)
    spent: dict[str, int] = field(default_factory=zero)
    missing: dict[str, tuple[str, int]] = field(default_factory=dict)  #: case -> (unit, amount)
    from_below: dict[str, int] = field(default_factory=zero)
    payable: dict[Pair, int] = field(default_factory=zero)
    claims: dict[Triple, Claim] = field(default_factory=lambda: defaultdict(Claim))
    made: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    remits: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    from_above: dict[Pair, int] = field(default_factory=zero)  #: (unit, refund) due from the superior
    to_below: dict[Pair, int] = field(default_factory=zero)  #: (unit, refund) due to the subordinate

    # --- reporting and splitting ------------------------------------------------------------------------------------

    def own_of_holds(self, unit: str, but: str | None = None) -> dict[str, int]:
        """How much of what the unit collected itself belongs to each period it holds: the oldest is filled first."""
        left, found = self.own[unit], {}
        for hold in self.holds[unit]:
            if hold["period"] != but:
                found[hold["period"]] = max(0, min(hold["own"], left))
                left -= found[hold["period"]]
        return found

    def received_in_full(self, unit: str) -> dict[Pair, int]:
        """Subordinates' periods of which nothing is outstanding, with what is not counted yet."""
        found = {}
        for (superior, sub, period), claim in self.claims.items():
            net = claim.total - claim.counted - claim.reduced
            if superior == unit and claim.total and claim.open == 0 and net > 0:
                found[sub, period] = net
        return found

    def declare(self, unit: str, period: str, percent: int | None) -> tuple[int, int]:
        """A period's figures are fixed; with a share they are split. Returns collected and kept."""
        if percent is not None and any(hold["period"] == period for hold in self.holds[unit]):
            return self.split_late(unit, period, percent)
        held_elsewhere = {part for hold in self.holds[unit] if hold["period"] != period for part in hold["parts"]}
        parts = {p: sum_ for p, sum_ in self.received_in_full(unit).items() if p not in held_elsewhere}
        own = self.own[unit] - sum(self.own_of_holds(unit, period).values())
        if percent is None:
            self.holds[unit] = [hold for hold in self.holds[unit] if hold["period"] != period]
            self.holds[unit].append({"period": period, "own": own, "parts": set(parts)})
            self.holds[unit].sort(key=lambda hold: law.quarter_months(hold["period"])[-1])
            return own + sum(parts.values()), 0
        return self._split(unit, period, percent, own, parts)

    def split_late(self, unit: str, period: str, percent: int) -> tuple[int, int]:
        """A held period is split by a share that came later."""
        end = law.quarter_months(period)[-1]
        (hold,) = [hold for hold in self.holds[unit] if hold["period"] == period]
        elsewhere = {part for other in self.holds[unit] if other is not hold for part in other["parts"]}
        parts = {
            part: amount
            for part, amount in self.received_in_full(unit).items()
            if part in hold["parts"] or (law.quarter_months(part[1])[-1] <= end and part not in elsewhere)
        }
        own = self.own_of_holds(unit)[period]
        self.holds[unit].remove(hold)
        return self._split(unit, period, percent, own, parts)

    def _split(self, unit: str, period: str, percent: int, own: int, parts: dict[Pair, int]) -> tuple[int, int]:
        superior, below = ABOVE[unit], sum(parts.values())
        kept = law.kept_of(own + below, percent)
        payable = own + below - kept
        self.own[unit] -= own
        self.from_below[unit] -= below
        self.fund[unit] += kept
        self.payable[unit, period] += payable
        if superior != "TW" and payable:
            self.claims[superior, unit, period].total += payable
            self.claims[superior, unit, period].open += payable
        for (sub, of), amount in parts.items():
            self.claims[unit, sub, of].counted += amount
        self.made[unit].append({"period": period, "percent": percent, "now": own + below, "parts": set(parts)})
        return own + below, kept

    def arrived(self, unit: str, period: str, amount: int) -> None:
        """The superior has (a part of) what a unit owed for a period."""
        superior = ABOVE[unit]
        self.payable[unit, period] -= amount
        if superior != "TW":
            self.claims[superior, unit, period].open -= amount
            self.from_below[superior] += amount

    def declared_too_much(self, unit: str, period: str, by: int) -> tuple[int, int]:
        """A declaration is made smaller before the superior has the money; returns the kept and passed parts."""
        (made,) = [one for one in self.made[unit] if one["period"] == period]
        kept = law.kept_of(made["now"], made["percent"]) - law.kept_of(made["now"] - by, made["percent"])
        made["now"] -= by
        self.fund[unit] -= kept
        self.own[unit] += by
        self.payable[unit, period] -= by - kept
        if ABOVE[unit] != "TW":
            self.claims[ABOVE[unit], unit, period].open -= by - kept
            self.claims[ABOVE[unit], unit, period].total -= by - kept
        return kept, by - kept

    def passed_of(self, made: dict[str, Any], by: int) -> int:
        """The part of ``by`` that a declaration had passed upwards."""
        return by - law.kept_of(made["now"], made["percent"]) + law.kept_of(made["now"] - by, made["percent"])

    # --- sending ----------------------------------------------------------------------------------------------------

    def promised(self, unit: str, period: str) -> int:
        """What prepared remittances have taken of a period's payable."""
        total = 0
        for one in self.remits.values():
            if (self.now(one["unit"]), one["period"]) == (unit, period) and not one["withdrawn"]:
                way = one["sent"] - one["received"]
                left = 0 if one["interim"] else one["amount"] - one["sent"]
                total += left + way + (0 if one["approved"] else one["netted"])
        return total

    def netting(self, unit: str, payable: int) -> tuple[str | None, int]:
        """The first claw-back due from above that nothing has taken, and how much of it a remittance can net."""
        for of, case in sorted(self.from_above):
            left = self.left_from_above(of, case) if of == unit else 0
            if left > 0:
                return case, min(left, payable)
        return None, 0

    def left_from_above(self, unit: str, case: str) -> int:
        """Claw-back due to a unit that no prepared remittance is to net."""
        left = self.from_above[unit, case]
        for one in self.remits.values():
            if self.now(one["unit"]) == unit and one["case"] == case and not one["withdrawn"]:
                left -= 0 if one["approved"] else one["netted"]
        return left

    def net(self, unit: str, period: str, case: str, amount: int) -> None:
        """Claw-back is taken off what is sent up."""
        self.from_above[unit, case] -= amount
        if ABOVE[unit] != "TW":
            self.to_below[ABOVE[unit], case] -= amount
        self.arrived(unit, period, amount)

    def settle_on_account(self, unit: str) -> int:
        """What the superior holds on account answers for what is owed, the oldest period first."""
        settled = 0
        periods = dict.fromkeys([*(h["period"] for h in self.holds[unit]), *(m["period"] for m in self.made[unit])])
        for period in sorted(periods):
            for one in self.remits.values():
                if not one["interim"] or self.now(one["unit"]) != unit:
                    continue
                owed = max(0, self.payable[unit, period] - self.promised(unit, period))
                amount = min(one["received"] - one["settled"], owed)
                one["settled"] += amount
                settled += amount
                self.held[unit, ABOVE[unit]] -= amount
                if amount:
                    self.arrived(unit, period, amount)
        return settled

    def asked_back(self, payment: str) -> int:
        """What waits of a payment for refunds that were asked for."""
        return sum(
            one["amount"]
            for one in self.refunds.values()
            if one.get("payment") == payment and one["approvals"] < 2 and not one["withdrawn"]
        )

    # --- giving back ------------------------------------------------------------------------------------------------

    def _line(self, unit: str) -> list[str]:
        """The unit and the one that has its books now."""
        return [unit, self.merged[unit]] if unit in self.merged else [unit]

    def _made(self, unit: str, period: str) -> dict[str, Any] | None:
        return next((one for one in self.made[unit] if one["period"] == period), None)

    def _levels(self, unit: str, by: str, period: str) -> list[dict[str, Any]] | None:
        """Who declared the money and who counted it above, up to the level that has not split it."""
        line = self._line(by)
        name = unit
        if line[-1] == unit:
            name = next((one for one in line if self._made(one, period)), unit)
        made, levels = self._made(name, period), []
        below = ("", "")
        while made is not None:
            levels.append({"unit": self.now(name), "name": name, "below": below, "made": made})
            above = ABOVE[self.now(name)]
            if above == "TW":
                return levels
            names = [(one, made["period"]) for one in self._line(name)]
            counted = [(one, m) for one in names for m in self.made[above] if one in m["parts"]]
            if not counted:
                left = {one: self._not_split(above, *one) for one in names}
                below = max(left, key=lambda one: left[one])
                levels.append({"unit": above, "name": above, "below": below, "made": None, "left": left[below]})
                return levels if left[below] > 0 else None
            (below, made), name = counted[0], above
        return None

    def _not_split(self, unit: str, sub: str, period: str) -> int:
        claim = self.claims[unit, sub, period]
        return claim.total - claim.counted - claim.reduced

    def parts_of_refund(self, unit: str, by: str, period: str, amount: int) -> list[dict[str, Any]] | None:
        """What each level gives back of a period in which money was declared; None where a level has less than that."""
        parts, taken = [], amount
        levels = self._levels(unit, by, period)
        for level in levels or []:
            made = level["made"]
            if taken > (level["left"] if made is None else made["now"]):
                return None
            kept = 0 if made is None else taken - self.passed_of(made, taken)
            parts.append({**level, "taken": taken, "kept": kept, "passed": 0 if made is None else taken - kept})
            taken -= kept
            if not taken:
                break
        return parts or None

    def is_owed_still(self, parts: list[dict[str, Any]]) -> bool:
        """Whether the level that would give the rest has not received all of it."""
        last = parts[-1]
        if last["made"] is not None:
            return False
        return self.claims[last["unit"], parts[-2]["unit"], last["below"][1]].open > 0

    def plan_of(self, parts: list[dict[str, Any]]) -> list[tuple[str, int, int, int]]:
        """Unit, kept, passed and not yet split, level by level."""
        return [(p["name"], p["kept"], p["passed"], 0 if p["made"] else p["taken"]) for p in parts]

    def give_back(self, case: str, parts: list[dict[str, Any]]) -> None:
        """Book a refund of a declared period at every level."""
        for place, part in enumerate(parts):
            unit = part["unit"]
            if place:
                self.to_below[unit, case] += part["taken"]
            if part["made"] is None:
                self.from_below[unit] -= part["taken"]
                self.claims[unit, part["below"][0], part["below"][1]].reduced += part["taken"]
                continue
            part["made"]["now"] -= part["taken"]
            self.fund[unit] -= part["kept"]
            if part["passed"]:
                self.from_above[unit, case] += part["passed"]

    # --- the tree ---------------------------------------------------------------------------------------------------

    def merge(self, old: str, new: str) -> None:
        """One cell goes into another with all it has, owes and is owed."""
        self.merged[old] = new
        for sums in (self.own, self.cash, self.fund, self.other, self.spent, self.from_below):
            sums[new] += sums.pop(old, 0)
        self.bags[new] += self.bags.pop(old, [])
        self.waiting = {key: (self.now(unit), sum_) for key, (unit, sum_) in self.waiting.items()}
        self.missing = {key: (self.now(unit), sum_) for key, (unit, sum_) in self.missing.items()}
        held, self.held = self.held, zero()
        for (owner, holder), amount in held.items():
            self.lies_with(self.now(owner), self.now(holder), amount)
        for sums in (self.from_above, self.to_below):
            for (unit, case), amount in list(sums.items()):
                if unit == old:
                    del sums[unit, case]
                    sums[new, case] += amount
        superior = ABOVE[old]
        for (unit, period), amount in list(self.payable.items()):
            if unit == old:
                del self.payable[unit, period]
                self.payable[new, period] += amount
                before, then = self.claims[superior, old, period], self.claims[superior, new, period]
                going = before.open
                before.total, before.open = before.total - going, 0
                then.total, then.open = then.total + going, then.open + going
