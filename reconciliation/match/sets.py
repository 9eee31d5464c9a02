"""Several at once: 1:N, N:1 and N:M by covering sets, and lumps against clearing with a fee. Bounded and repeatable."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, MemberId, UnitId
from domain.match import Code, Evidence, Rule, evidence
from domain.money import Dong
from domain.notice import Direction
from domain.period import Month
from reconciliation.match.left import Left
from reconciliation.match.named import one_month_each, people_in
from reconciliation.match.rules import made, total
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, Pair
from reconciliation.match.weigh import likeness, together
from reconciliation.match.weigh_months import names_month

#: Over more claims than this a covering set is chance, and nothing is searched.
MOST_CLAIMS = 24
#: So many different sums are held in one search, whatever the claims are.
MOST_SUMS = 20_000
#: Money of one payer within so many days may be parts of one payment.
PARTS_DAYS = 45
#: A lump is paid out at most so many days after the channel took the money.
LUMP_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """A set of claims whose sum is what was paid, and what makes this set more than a coincidence."""

    claims: tuple[Claim, ...]
    why: tuple[Evidence, ...]


def subset(claims: Sequence[Claim], wanted: Dong) -> tuple[tuple[Claim, ...], bool]:
    """A set of claims of exactly this sum and whether it is the only one; () if there is none or too much to search.

    Claims are tried in their order; the search holds at most ``MOST_SUMS`` sums, so that it ends.
    """
    if len(claims) > MOST_CLAIMS:
        return (), False
    reached: dict[Dong, tuple[tuple[int, ...], bool]] = {0: ((), True)}
    for place, claim in enumerate(claims):
        for sum_, (chosen, alone) in list(reached.items()):
            more = sum_ + claim.amount
            if more > wanted:
                continue
            known = reached.get(more)
            reached[more] = ((*chosen, place), alone) if known is None else (known[0], False)
        if len(reached) > MOST_SUMS:
            return (), False
    chosen, alone = reached.get(wanted, ((), False))
    return tuple(claims[place] for place in chosen), alone and bool(chosen)


def covering_set(left: Left) -> tuple[Pair, ...]:
    """Money, alone or with other money of the same payer, that is exactly the sum of open claims.

    Sets that mean something are tried in order: members whom the text names, the payer's earlier members, a member's
    own months, a unit's whole list of a month, any set at all. The first kind that gives exactly one set is taken; a
    kind that gives two refuses.
    """
    pairs = []
    for money in _groups(left):
        for kind in (_one_debt, _of_named, _of_payer, _own_months, _whole_list, _any_set):
            fits = kind(left, money)
            if len(fits) > 1:
                break
            if fits and (len(fits[0].claims) > 1 or len(money) > 1):
                found = (*together(money, fits[0].claims, left.index), *fits[0].why)
                pairs.append(made(Rule.COVERING_SET, money, fits[0].claims, found))
                break
    return tuple(pairs)


def _groups(left: Left) -> Iterable[tuple[MoneyIn, ...]]:
    """Each money without a reference alone; and money of one payer to one unit within some weeks, together."""
    plain = [
        money
        for money in left.money.values()
        if not money.references and not money.returned and money.direction is Direction.IN
    ]
    by_payer: dict[tuple[str, UnitId, AccountId | None], list[MoneyIn]] = defaultdict(list)
    for money in plain:
        yield (money,)
        if money.payer_key:
            by_payer[money.payer_key, money.unit_id, money.account_id].append(money)
    for group in by_payer.values():
        if len(group) > 1 and (group[-1].on - group[0].on).days <= PARTS_DAYS:
            yield tuple(group)


def _owed(left: Left, money: Sequence[MoneyIn]) -> list[Claim]:
    """Members' open months that this money could answer: of its unit and, where they say so, on its account."""
    claims = left.open_claims(left.index.by_unit.get(money[0].unit_id, ()))
    return [
        claim
        for claim in claims
        if claim.kind is ClaimKind.MONTH and claim.account_id in (None, money[0].account_id, *_anywhere(money))
    ]


def _anywhere(money: Sequence[MoneyIn]) -> tuple[AccountId, ...]:
    return () if money[0].account_id is not None else tuple(m.account_id for m in money if m.account_id is not None)


def _paid(money: Sequence[MoneyIn]) -> Dong:
    return sum(one.amount for one in money)


def _one_debt(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    """Part payments of one debt: several moneys of one payer, one claim of exactly their sum."""
    if len(money) < 2:
        return []
    fits = [claim for claim in _owed(left, money) if claim.amount == _paid(money)]
    before = left.index.payers.get(money[0].payer_key or "", {})
    known = [claim for claim in fits if claim.member_id in before]
    return [_Fit(claims=(claim,), why=()) for claim in (known or fits)]


def _of_named(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    """One month of each of several members whom the text names; a name that two bear says nothing."""
    named = people_in(money[0], left.index) if len(money) == 1 else ()
    if len(named) < 2 or any(len(bearers) > 1 for bearers in named):
        return []
    sets = one_month_each(left, money[0], [bearers[0] for bearers in named])
    return [_Fit(claims=sets[0], why=(evidence(Code.NAME_SAME),))] if sets else []


def _own_months(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    """The oldest open months of one member; a member whom the payer or the text points to goes before the others."""
    months: dict[MemberId, list[Claim]] = defaultdict(list)
    for claim in _owed(left, money):
        if claim.member_id is not None:
            months[claim.member_id].append(claim)
    fits = {}
    for member, claims in months.items():
        chosen = _oldest(claims, _paid(money))
        if len(chosen) > 1:
            fits[member] = _Fit(claims=chosen, why=(evidence(Code.OWN_MONTHS, len(chosen)),))
    before = left.index.payers.get(money[0].payer_key or "", {})
    if before:
        # An account that is known to pay for some says nothing for the months of somebody else.
        return [fit for member, fit in fits.items() if member in before]
    pointed = [fit for fit in fits.values() if fit.claims[0].name and likeness(fit.claims[0].name, money[0]) == 100]
    return pointed or list(fits.values())


def _oldest(claims: Sequence[Claim], wanted: Dong) -> tuple[Claim, ...]:
    """The first claims in their order whose sum is exactly what is wanted; () if it is passed over."""
    for count in range(1, len(claims) + 1):
        reached = total(claims[:count])
        if reached >= wanted:
            return tuple(claims[:count]) if reached == wanted else ()
    return ()


def _of_payer(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    """Members for whom this payer paid before: a family, or who collects for others."""
    before = left.index.payers.get(money[0].payer_key or "", {})
    if len(before) < 2:
        return []
    owed = [claim for claim in _owed(left, money) if claim.member_id in before]
    why = (evidence(Code.PAYER_KNOWN, sum(before.values())),)
    by_month: dict[Month, list[Claim]] = defaultdict(list)
    for claim in owed:
        if claim.month is not None:
            by_month[claim.month].append(claim)
    # A family pays one month for all of them: the month that the text names, else the oldest that fits.
    whole = [c for _, c in sorted(by_month.items()) if len(c) > 1 and total(c) == _paid(money)]
    named = [c for c in whole if any(names_month(one.tokens, str(c[0].month)) for one in money)]
    if whole:
        return [_Fit(claims=tuple((named or whole)[0]), why=why)]
    return _search(owed, money, why)


def _whole_list(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    """Everything that one unit's members still owe for one month."""
    lists: dict[tuple[UnitId, Month], list[Claim]] = defaultdict(list)
    for claim in _owed(left, money):
        if claim.month is not None:
            lists[claim.unit_id, claim.month].append(claim)
    return [
        _Fit(claims=tuple(claims), why=(evidence(Code.WHOLE_LIST, len(claims)),))
        for claims in lists.values()
        if len(claims) > 1 and total(claims) == _paid(money)
    ]


def _any_set(left: Left, money: Sequence[MoneyIn]) -> list[_Fit]:
    owed = _owed(left, money)
    return _search(owed, money, (evidence(Code.WIDE_SEARCH, len(owed)),))


def _search(claims: Sequence[Claim], money: Sequence[MoneyIn], why: tuple[Evidence, ...]) -> list[_Fit]:
    """The one covering set; two empty answers say that there are several, which is a refusal to choose."""
    chosen, alone = subset(claims, _paid(money))
    if not chosen:
        return []
    fit = _Fit(claims=chosen, why=why)
    return [fit] if alone else [fit, fit]


# --- lumps ------------------------------------------------------------------------------------------------------


def settlement_lump(left: Left) -> tuple[Pair, ...]:
    """A lump that a channel paid out: what its settlement told, else announced payments less a fee; suggest only."""
    pairs: list[Pair] = []
    told = [c for c in left.claims.values() if c.kind is ClaimKind.SETTLEMENT and c.amount]
    clearing: dict[AccountId | None, list[Claim]] = defaultdict(list)
    for claim in left.claims.values():
        if claim.kind is ClaimKind.CLEARING and claim.amount:
            clearing[claim.account_id].append(claim)
    if not told and not clearing:
        return ()
    for money in left.money.values():
        if money.references or money.returned:
            continue
        of_lump = [c for c in told if (c.direction, c.account_id) == (money.direction, money.account_id)]
        same = [c for c in of_lump if c.amount == money.amount and _soon(money, c.due_on)]
        if len(same) == 1:
            found = (*together([money], same, left.index), evidence(Code.TOLD_BY_CHANNEL, 1))
            pairs.append(made(Rule.SETTLEMENT_LUMP, [money], same, found))
        elif not same and money.direction is Direction.IN:
            pairs += _by_days(left, money, clearing.get(money.account_id, []))
    return tuple(pairs)


def _soon(money: MoneyIn, day: date | None) -> bool:
    return day is None or 0 <= (money.on - day).days <= LUMP_DAYS


def _by_days(left: Left, money: MoneyIn, clearing: Sequence[Claim]) -> list[Pair]:
    """Announced payments of whole days whose sum is the lump, or the lump and a fee within what is allowed."""
    by_day: Mapping[date, list[Claim]] = defaultdict(list)
    for claim in clearing:
        if claim.due_on is not None and _soon(money, claim.due_on):
            by_day[claim.due_on].append(claim)
    days = sorted(by_day)
    fits: list[tuple[Claim, ...]] = []
    for first in range(len(days)):
        for last in range(first, len(days)):
            chosen = tuple(claim for day in days[first : last + 1] for claim in by_day[day])
            fee = total(chosen) - money.amount
            if 0 <= fee <= sum(claim.fee_allowed for claim in chosen) and fee < chosen[-1].amount:
                fits.append(chosen)
    exact = [chosen for chosen in fits if total(chosen) == money.amount]
    one = exact if exact else fits
    if len(one) != 1:
        return []
    found = (*together([money], one[0], left.index), evidence(Code.NOT_TOLD))
    return [made(Rule.SETTLEMENT_LUMP, [money], one[0], found)]
