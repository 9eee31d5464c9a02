"""What goes over when units end or get another superior: worked out from the books, before anything is written.

Every balance of an old unit goes to its new one, key by key; keys that name an old unit name the new one afterwards,
in whosever books they stand. Where that makes a unit its own counterpart (a district goes into the province it owed),
the two sides meet and are gone: money held for oneself is one's own, and what one owed oneself has been received.
Source: accounting §3 "handover, merge"; rules §9 point 7.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.entry_line import EntryLine
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from ledger.books import Books
from ledger.chart import CHART, natural

#: Balances by (unit, account, key); positive on the debit side; đồng.
Balances = dict[tuple[str, str, str], Dong]

#: Accounts whose key is "<subordinate>:<period>".
_BY_SUBORDINATE = ("1360", "3350")
#: Accounts whose key is the unit on the other side.
_BY_UNIT = ("1390", "3390")
_MEMO = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoGoesWhere:
    """Which unit goes into which; which subordinate's claims go from one superior to another; who goes where."""

    units: Mapping[UnitId, UnitId] = field(default_factory=dict)
    claims: Mapping[tuple[UnitId, UnitId], UnitId] = field(default_factory=dict)  #: (old superior, unit) → new
    members: Mapping[MemberId, UnitId] = field(default_factory=dict)  #: in a split: member → unit
    funds: Mapping[UnitId, Dong] = field(default_factory=dict)  #: in a split: part of the fund

    def unit(self, unit: str) -> str:
        """The unit that has what this one had."""
        return self.units.get(UnitId(unit), UnitId(unit))


def touched(books: Books, mapping: WhoGoesWhere, superiors: Mapping[UnitId, Iterable[UnitId]]) -> Balances:
    """Every balance that might go over: all of the old units, and those of others that name an old unit.

    ``superiors`` says to whom each old unit declared what it owes.
    """
    found: Balances = {}

    def take(unit: str, account: str, keys: Iterable[str] | None = None) -> None:
        wanted = None if keys is None else frozenset(keys)
        for key, amount in books.balances(unit, account).items():
            if wanted is None or key in wanted:
                found[unit, account, key] = natural(account, amount)

    for old, new in mapping.units.items():
        for account in CHART:
            take(old, account)
        for holder in books.balances(old, "1390"):
            take(holder, "3390", (old,))
        for lender in books.balances(old, "3390"):
            take(lender, "1390", (old,))
        claimed = [f"{old}:{period}" for period in books.balances(old, "3360")]
        for superior in superiors.get(old, ()):
            for account in _BY_SUBORDINATE:
                take(superior, account, claimed)
        # A unit that goes into its own superior meets there what the superior owed it.
        take(new, "3365", books.balances(old, "1380"))
        take(new, "1380", books.balances(old, "3365"))
    for superior, unit in mapping.claims:
        for account in _BY_SUBORDINATE:
            take(superior, account, [k for k in books.balances(superior, account) if k.startswith(f"{unit}:")])
    return found


def mapped(before: Balances, mapping: WhoGoesWhere) -> Balances:
    """The same balances after the move; zeros left out."""
    after: Balances = defaultdict(int)
    for (unit, account, key), amount in before.items():
        after[_home(unit, account, key, mapping), account, _key(unit, account, key, mapping)] += amount
    _cover_split(after, mapping)
    _meet(after)
    return {place: amount for place, amount in after.items() if amount}


def _home(unit: str, account: str, key: str, mapping: WhoGoesWhere) -> str:
    """The unit in whose books a balance stands afterwards."""
    if account[:1] == _MEMO or account == "3340":
        member = MemberId(key.partition(":")[0])
        if UnitId(unit) in mapping.units and member in mapping.members:
            return mapping.members[member]
    if account in _BY_SUBORDINATE:
        subordinate = UnitId(key.rpartition(":")[0])
        moved = mapping.claims.get((UnitId(unit), subordinate))
        if moved is not None:
            return mapping.unit(moved)
    return mapping.unit(unit)


def _key(unit: str, account: str, key: str, mapping: WhoGoesWhere) -> str:
    """The key of a balance afterwards."""
    if account in _BY_SUBORDINATE:
        subordinate, _, period = key.rpartition(":")
        return f"{mapping.unit(subordinate)}:{period}"
    if account in _BY_UNIT or (account == "1110" and key == unit):
        return mapping.unit(key)
    return key


def _cover_split(after: Balances, mapping: WhoGoesWhere) -> None:
    """What a split gives to other units than the first lies with the first one, held for them (1390, 3390)."""
    if not mapping.members and not mapping.funds:
        return
    (main,) = set(mapping.units.values())
    for given, amount in mapping.funds.items():
        if given != main and amount:
            after[main, "4310", ""] += amount
            after[given, "4310", ""] -= amount
    others = {unit for unit, _, _ in after if unit in {*mapping.members.values(), *mapping.funds} and unit != main}
    for unit in sorted(others):
        owed = -sum(a for (u, account, _), a in after.items() if u == unit and account in ("3340", "4310"))
        after[unit, "1390", main] += owed
        after[main, "3390", unit] -= owed


def _meet(after: Balances) -> None:
    """Where a unit became its own counterpart, both sides go."""
    for unit, account, key in list(after):
        if account == "1390" and key == unit:
            # What it held for itself: the claim and the debt are one thing.
            after[unit, "1390", key] += after.pop((unit, "3390", key), 0)
        if account == "1380":
            both = min(after[unit, "1380", key], -after.get((unit, "3365", key), 0))
            if both > 0:
                after[unit, "1380", key] -= both
                after[unit, "3365", key] += both
        if account == "1360" and key.rpartition(":")[0] == unit:
            # What it owed itself has arrived: the claim and its contra go, the payable is collected money.
            period = key.rpartition(":")[2]
            owed = after[unit, "1360", key]
            after[unit, "1360", key] -= owed
            after[unit, "3350", key] += owed
            after[unit, "3360", period] += owed
            after[unit, "3310", "sub"] -= owed


def lines_between(before: Balances, after: Balances) -> tuple[EntryLine, ...]:
    """The lines that turn one set of balances into the other, in the order of units, accounts and keys."""
    lines = []
    for place in sorted({*before, *after}):
        amount = after.get(place, 0) - before.get(place, 0)
        if amount:
            unit, account, key = place
            lines.append(
                EntryLine(unit_id=UnitId(unit), account=account, key=key, debit=max(amount, 0), credit=max(-amount, 0))
            )
    return tuple(lines)
