"""The members' side of the plain reckoning: who owes which month to whom, what was paid, what is held for whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.properties import reckoning_law as law

Pair = tuple[str, str]


@dataclass
class Bill:
    """One member's month: what it is made of, what was paid for it, whether it may still be reckoned again."""

    made_of: law.Inputs
    by: str  #: the cell in whose books it was first owed
    paid: int = 0
    fixed: bool = False

    @property
    def due(self) -> int:
        return self.made_of[3] - self.made_of[4]

    @property
    def open(self) -> int:
        return self.due - self.paid


def zero() -> dict[Any, int]:
    return defaultdict(int)


@dataclass
class Dues:
    """Who owes what for which month, who paid, what is held for whom."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    bills: dict[str, dict[str, Bill]] = field(default_factory=lambda: defaultdict(dict))
    credit: dict[str, int] = field(default_factory=zero)
    ahead: dict[str, int] = field(default_factory=zero)
    surplus: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    used: dict[Pair, int] = field(default_factory=zero)  #: credit that answered for (member, month)
    reserved: dict[str, dict[str, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    used_by: dict[Pair, str] = field(default_factory=dict)  #: the cell whose that month was then
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)  #: what each payment did for its one member
    student: list[tuple[str, int]] = field(default_factory=lambda: [("2026-02", law.STUDENT)])
    unclear: set[str] = field(default_factory=set)  #: payments whose parts have several owners
    merged: dict[str, str] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=zero)  #: collected by the unit itself, not declared
    held: dict[Pair, int] = field(default_factory=zero)  #: (owner, holder): money of one that lies with another

    # --- where ------------------------------------------------------------------------------------------------------

    def now(self, unit: str) -> str:
        """The unit that has a unit's books now."""
        return self.merged.get(unit, unit)

    def enters(self, name: str, cell: str, month: str, what: str, bases: list[tuple[str, str, int]]) -> None:
        """A new member, owed from a month on."""
        self.people[name] = {
            "home": cell,
            "from": month,
            "months": {},
            "official": {},
            "standings": [(month, what)],
            "bases": bases,
            "reliefs": [],
            "since": "",
            "gone": False,
        }
        self.belongs(name, cell, month)

    def belongs(self, name: str, cell: str | None, month: str) -> None:
        """From a month on, all months are this cell's."""
        for n in range(40):
            later = law.after(month, n)
            self.people[name]["months"][later] = self.people[name]["official"][later] = cell

    def stays(self, name: str, cell: str, first: str, last: str) -> None:
        """For a time the months are another cell's."""
        months = self.people[name]["months"]
        for month in months:
            if first <= month <= last:
                months[month] = cell

    def goes_back(self, name: str, last: str) -> None:
        """A stay ends early: later months are again those of the official cell."""
        person = self.people[name]
        for month in person["months"]:
            if month > last:
                person["months"][month] = person["official"][month]

    def owner(self, name: str, month: str) -> str | None:
        """The cell that owns a month, None if nobody here does."""
        cell = self.people[name]["months"].get(month)
        return None if cell is None else self.now(cell)

    def home(self, name: str) -> str:
        """Where the member's credit is kept."""
        return self.now(self.people[name]["home"])

    def lies_with(self, owner: str, holder: str, amount: int) -> None:
        """Money of one unit lies with another."""
        if owner != holder:
            self.held[owner, holder] += amount

    # --- owing ------------------------------------------------------------------------------------------------------

    def open_months(self, name: str, first: str | None = None) -> list[str]:
        """Months with something open: the one asked for, then the oldest."""
        found = [month for month, bill in self.bills[name].items() if bill.open > 0]
        return sorted(found, key=lambda month: (month != first, month))

    def free(self, name: str) -> int:
        """Credit that no surplus under decision and no waiting refund binds."""
        return max(0, self.credit[name] - sum(self.surplus[name].values()) - self.set_aside(name))

    def set_aside(self, name: str) -> int:
        """Credit that waits for refunds that were asked for."""
        return sum(amount for _, amount in self.reserved[name].values())

    def assess(self, name: str, month: str) -> None:
        """A month is owed once."""
        cell = self.owner(name, month)
        if month in self.bills[name] or cell is None:
            return
        self.bills[name][month] = Bill(law.inputs(self.people[name], month, self.student), cell)
        self.answer(name, month, only=True)

    def answer(self, name: str, first: str, *, only: bool = False) -> None:
        """What is collected ahead, then free credit, answers for open months."""
        free = self.free(name)
        for month in self.open_months(name, first):
            if only and month != first:
                continue
            bill = self.bills[name][month]
            part = min(self.ahead[name], bill.open)
            self.ahead[name] -= part
            bill.paid += part
            rest = min(free, bill.open)
            if rest:
                free -= rest
                bill.paid += rest
                self.credit[name] -= rest
                self.used[name, month] += rest
                cell = self.owner(name, month) or self.home(name)
                self.used_by[name, month] = cell
                self.lies_with(cell, self.home(name), rest)
                self.own[cell] += rest

    def pay(self, name: str, taker: str, amount: int, month: str | None, payment: str = "") -> None:
        """Money answers for the month asked for, then the oldest; the rest is credit where the member is."""
        part: dict[str, Any] = {"name": name, "taker": taker, "months": defaultdict(int), "credit": 0}
        for open_month in self.open_months(name, month):
            bill = self.bills[name][open_month]
            some = min(amount, bill.open)
            bill.paid += some
            amount -= some
            self.own[taker] += some
            part["months"][open_month] += some
        self.credit[name] += amount
        self.lies_with(self.home(name), taker, amount)
        part["credit"] = amount
        part["home"] = self.home(name)
        if payment:
            self.parts[payment] = part

    def unpay(self, payment: str) -> bool:
        """A payment did not answer for this member after all; False (and nonsense) where that cannot be undone."""
        part = self.parts[payment]
        name = part["name"]
        self.parts.pop(payment)
        for month, some in part["months"].items():
            if self.bills[name][month].paid < some or self.owner(name, month) is None:
                return False
            self.bills[name][month].paid -= some
            self.own[part["taker"]] -= some
        short = max(0, part["credit"] - self.free(name))
        for month in sorted((m for who, m in self.used if who == name), reverse=True):
            some = max(0, min(short, self.used[name, month], self.bills[name][month].paid))
            short -= some
            self.used[name, month] -= some
            self.bills[name][month].paid -= some
            cell = self.now(self.used_by.get((name, month), part["taker"]))
            self.own[cell] -= some
            self.lies_with(self.home(name), cell, some)
            self.credit[name] += some
        self.credit[name] -= part["credit"]
        return short == 0

    def reckon_again(self, name: str, first: str, last: str | None) -> None:
        """Months already owed are compared with what they would be now; only the difference is entered."""
        for month in sorted(self.bills[name]):
            if first <= month and (last is None or month <= last):
                self._again(name, month)

    def _again(self, name: str, month: str) -> None:
        bill = self.bills[name][month]
        fresh = law.inputs(self.people[name], month, self.student)
        if bill.fixed or fresh == bill.made_of:
            return
        cell, home = self.owner(name, month) or self.home(name), self.home(name)
        beyond = max(0, bill.paid - (fresh[3] - fresh[4]))
        elsewhere = sum(other.open for m, other in self.bills[name].items() if m != month)
        not_split = max(0, self.own[cell]) if cell == home else 0
        back = min(beyond - min(beyond, elsewhere), not_split)
        bill.made_of = fresh
        bill.paid -= beyond
        self.credit[name] += back
        self.own[cell] -= back
        self.ahead[name] += beyond - back
        self.answer(name, month)

    def stands_in_law(self, name: str, month: str) -> bool:
        """Whether the month is still reckoned by the rate in force; else it is compared with the law first."""
        made_of = self.bills[name][month].made_of
        student = [amount for first, amount in self.student if first <= month][-1]
        return law.due_with(made_of, 0, student) == made_of[3]

    def late_relief(self, name: str, month: str, percent: int) -> tuple[int, int]:
        """What a relief found late takes off a month, and how much of that was paid."""
        bill = self.bills[name][month]
        student = [amount for first, amount in self.student if first <= month][-1]
        off = max(0, bill.due - law.due_with(bill.made_of, percent, student))
        return off, max(0, bill.paid - (bill.due - off))

    def take_off(self, name: str, month: str, ground: str, percent: int, decision: str) -> None:
        """A relief found late is recognised; the paid part beyond it is taken out of the month."""
        off, paid = self.late_relief(name, month, percent)
        bill = self.bills[name][month]
        what, told, of, gross, relieved = bill.made_of
        bill.made_of = (what, told, of, gross, relieved + off)
        bill.paid -= paid
        rows = self.people[name]["reliefs"]
        here = [r for r in rows if r["first"] <= month and (r["last"] is None or month <= r["last"])]
        best = max((r["percent"] for r in here), default=None)
        first = next((r for r in here if r["percent"] == best), None)
        if first is None or (first["ground"], first["percent"]) != (ground, percent):
            last = None if ground in ("X1", "X2") else month
            rows.append({"ground": ground, "percent": percent, "first": month, "last": last, "decision": decision})

    def moves_home(self, name: str, cell: str) -> None:
        """Credit goes along with the member."""
        before = self.home(name)
        self.people[name]["home"] = cell
        self.lies_with(self.now(cell), before, self.credit[name] - self.set_aside(name))
