"""What is left while the rules are asked in turn: a match takes all of its money and claims away, or nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from reconciliation.match.values import Claim, MoneyIn, Pair

_K = TypeVar("_K")

#: Members whose money came from a payer's account before, each with how many confirmed payments.
Payers = Mapping[str, Mapping[MemberId, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Everything given, and where to look for it; the same for all rules of a run."""

    money: Mapping[str, MoneyIn]
    claims: Mapping[str, Claim]
    payers: Payers
    by_reference: Mapping[str, tuple[str, ...]]  #: claims
    by_amount: Mapping[tuple[UnitId, Dong], tuple[str, ...]]  #: claims, under each unit that may take their money
    by_unit: Mapping[UnitId, tuple[str, ...]]  #: claims, under each unit that may take their money
    by_member: Mapping[MemberId, tuple[str, ...]]  #: claims, oldest month first
    by_name: Mapping[tuple[UnitId, str], tuple[MemberId, ...]]  #: who owes, under each unit that may take the money
    carriers: Mapping[str, tuple[str, ...]]  #: money by the references it carries


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The keys that no rule has taken yet, in a fixed order."""

    index: Index
    money: Mapping[str, MoneyIn]
    claims: Mapping[str, Claim]

    def open_claims(self, keys: Iterable[str]) -> list[Claim]:
        """Those of the claims that are left and have something open."""
        return [claim for key in keys if (claim := self.claims.get(key)) is not None and claim.amount > 0]


def everything(money: Iterable[MoneyIn], claims: Iterable[Claim], payers: Payers | None = None) -> Left:
    """Before the first rule. The order of what is given says nothing: money is by day and key, claims by age and key.

    Raises ``ValueError`` when a key is given twice, or an amount of money is not positive.
    """
    by_day = sorted(money, key=lambda m: (m.on, m.key))
    by_age = sorted(claims, key=_age)
    known_money = {m.key: m for m in by_day}
    known_claims = {c.key: c for c in by_age}
    if len(known_money) != len(by_day) or len(known_claims) != len(by_age):
        raise ValueError("a key was given twice")
    if any(m.amount <= 0 for m in by_day) or any(c.amount < 0 for c in by_age):
        raise ValueError("an amount is not positive")
    index = _index(known_money, known_claims, payers or {})
    return Left(index=index, money=known_money, claims=known_claims)


def _age(claim: Claim) -> tuple[str, str, str]:
    return claim.month or "", str(claim.due_on or ""), claim.key


def _index(money: dict[str, MoneyIn], claims: dict[str, Claim], payers: Payers) -> Index:
    by_reference: dict[str, list[str]] = defaultdict(list)
    by_amount: dict[tuple[UnitId, Dong], list[str]] = defaultdict(list)
    by_unit: dict[UnitId, list[str]] = defaultdict(list)
    by_member: dict[MemberId, list[str]] = defaultdict(list)
    by_name: dict[tuple[UnitId, str], dict[MemberId, None]] = defaultdict(dict)
    carriers: dict[str, list[str]] = defaultdict(list)
    for claim in claims.values():
        for reference in claim.references:
            by_reference[reference].append(claim.key)
        if claim.member_id is not None:
            by_member[claim.member_id].append(claim.key)
        if claim.amount:
            for unit in claim.units:
                by_amount[unit, claim.amount].append(claim.key)
                by_unit[unit].append(claim.key)
                if claim.name is not None and claim.member_id is not None:
                    by_name[unit, claim.name][claim.member_id] = None
    for one in money.values():
        for reference in one.references:
            carriers[reference].append(one.key)
    return Index(
        money=money,
        claims=claims,
        payers=payers,
        by_reference=_tuples(by_reference),
        by_amount=_tuples(by_amount),
        by_unit=_tuples(by_unit),
        by_member=_tuples(by_member),
        by_name={key: tuple(bearers) for key, bearers in by_name.items()},
        carriers=_tuples(carriers),
    )


def _tuples(found: Mapping[_K, list[str]]) -> dict[_K, tuple[str, ...]]:
    return {key: tuple(values) for key, values in found.items()}


def take(left: Left, found: Iterable[Pair]) -> tuple[Left, tuple[Pair, ...]]:
    """Take pairs, the surest first; what is left afterwards and which pairs were taken.

    A pair stands only whole: money or a claim that is gone, or not enough of it, and none of the pair is taken. Of
    pairs that want the same thing with the same confidence none is taken: that is for a person.
    """
    ordered = sorted(found, key=lambda p: (-p.confidence, p.money, p.claims))
    money, claims = dict(left.money), dict(left.claims)
    taken: list[Pair] = []
    for _, together in groupby(ordered, key=lambda p: p.confidence):
        level = list(together)
        fits = [p for p in level if _fits(p, money, claims)]
        wanted = Counter(key for pair in fits for key in pair.money)
        asked = Counter(key for pair in fits for key in pair.claims)
        for pair in fits:
            if all(wanted[key] == 1 for key in pair.money) and all(asked[key] == 1 for key in pair.claims):
                taken.append(pair)
                for key in pair.money:
                    del money[key]
                for key in pair.claims:
                    del claims[key]
    return Left(index=left.index, money=money, claims=claims), tuple(taken)


def _fits(pair: Pair, money: Mapping[str, MoneyIn], claims: Mapping[str, Claim]) -> bool:
    """Whether all of it is there, once, in one direction, and no đồng of money or claim is used twice."""
    if len(pair.money) == len(pair.claims) == len(pair.parts) == 1:
        one, claim, part = money.get(pair.money[0]), claims.get(pair.claims[0]), pair.parts[0]
        return (
            one is not None
            and claim is not None
            and (part.money, part.claim) == (one.key, claim.key)
            and one.direction is claim.direction
            and 0 < part.amount <= min(one.amount, claim.amount)
            and pair.over == one.amount - part.amount
        )
    if not all(key in money for key in pair.money) or not all(key in claims for key in pair.claims):
        return False
    if len(set(pair.money)) != len(pair.money) or len(set(pair.claims)) != len(pair.claims):
        return False
    if {money[key].direction for key in pair.money} != {claims[key].direction for key in pair.claims}:
        return False
    used_money: dict[str, Dong] = dict.fromkeys(pair.money, 0)
    used_claims: dict[str, Dong] = dict.fromkeys(pair.claims, 0)
    for part in pair.parts:
        if part.amount <= 0 or part.money not in used_money or part.claim not in used_claims:
            return False
        used_money[part.money] += part.amount
        used_claims[part.claim] += part.amount
    whole = sum(money[key].amount for key in pair.money)
    return (
        all(0 < used_money[key] <= money[key].amount for key in pair.money)
        and all(0 < used_claims[key] <= claims[key].amount for key in pair.claims)
        and pair.over == whole - sum(part.amount for part in pair.parts)
    )
