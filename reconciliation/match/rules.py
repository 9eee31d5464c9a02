"""The rules that look at one claim, or at references: each takes what is left and returns pairs with their evidence."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.match import Code, Evidence, Rule, confidence, evidence
from domain.money import Dong
from domain.notice import Direction
from reconciliation.match.exact import certain
from reconciliation.match.left import Left
from reconciliation.match.named import one_month_each, people_in
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, Pair, Part
from reconciliation.match.weigh import NAME_LIKE, likeness, together, weigh
from reconciliation.match.weigh_months import names_month

#: A name must be so much more like, in percent, than the next one's.
NAME_LEAD = 5


def made(rule: Rule, money: Sequence[MoneyIn], claims: Sequence[Claim], found: tuple[Evidence, ...]) -> Pair:
    """A pair: money is given to claims in their order, until either is used up."""
    parts: list[Part] = []
    open_ = {claim.key: claim.amount for claim in claims}
    # A channel that withheld a fee pays less than the claims: what is missing is missing at the last of them.
    for one in money:
        rest = one.amount
        for claim in claims:
            part = min(rest, open_[claim.key])
            if part:
                parts.append(Part(money=one.key, claim=claim.key, amount=part))
                open_[claim.key] -= part
                rest -= part
    used = sum(part.amount for part in parts)
    return Pair(
        rule=rule,
        money=tuple(one.key for one in money),
        claims=tuple(claim.key for claim in claims),
        parts=tuple(parts),
        over=sum(one.amount for one in money) - used,
        confidence=confidence(found),
        evidence=found,
    )


def exact_reference(left: Left) -> tuple[Pair, ...]:
    """Money whose text carries valid references of ours: all of them are tried, those still open are kept.

    One open claim takes all money that carries its reference, as long as it fits; several open claims take money that
    is exactly their sum. What another account or unit waits for is paired, with that against it.
    """
    sure = certain(left)
    found = [_certain_pair(left, money, claim) for money, claim in sure]
    answered = {money.key for money, _ in sure}
    of_claim: dict[str, list[MoneyIn]] = defaultdict(list)
    for money in left.money.values():
        if not money.references or money.key in answered:
            continue
        open_ = _open_under(left, money)
        if len(open_) == 1 and (shared := _shared(left, money, open_[0])):
            found.append(made(Rule.EXACT_REFERENCE, [money], shared, _pointed(left, money, shared)))
        elif len(open_) == 1:
            of_claim[open_[0].key].append(money)
        elif open_ and sum(claim.amount for claim in open_) == money.amount:
            found.append(made(Rule.EXACT_REFERENCE, [money], open_, _several(left, money, open_)))
    for key, carriers in of_claim.items():
        claim = left.claims[key]
        if len(carriers) > 1 and sum(one.amount for one in carriers) > claim.amount:
            # More than is owed came under one reference: one of it answers, which one is not for a rule to say.
            carriers = carriers[:1]
        found.append(made(Rule.EXACT_REFERENCE, carriers, [claim], together(carriers, [claim], left.index)))
    return tuple(found)


def _open_under(left: Left, money: MoneyIn) -> list[Claim]:
    keys = dict.fromkeys(key for r in money.references for key in left.index.by_reference.get(r, ()))
    return [claim for claim in left.open_claims(keys) if claim.direction is money.direction]


def _certain_pair(left: Left, money: MoneyIn, claim: Claim) -> Pair:
    """One money and one claim of the same amount; what speaks for and against them is weighed as always."""
    found = weigh(money, claim, left.index)
    return Pair(
        rule=Rule.EXACT_REFERENCE,
        money=(money.key,),
        claims=(claim.key,),
        parts=(Part(money=money.key, claim=claim.key, amount=money.amount),),
        over=0,
        confidence=confidence(found),
        evidence=found,
    )


def _shared(left: Left, money: MoneyIn, claim: Claim) -> tuple[Claim, ...]:
    """The claim and those of others to whom a slip or a name in the text points, where the money is their sum."""
    if money.amount <= claim.amount or claim.member_id is None or claim.month is None:
        return ()
    near = (left.index.claims[key] for n in money.near for key in left.index.by_reference.get(n.reference, ()))
    named = (bearers[0] for bearers in people_in(money, left.index) if len(bearers) == 1)
    members = dict.fromkeys((*(one.member_id for one in near if one.member_id is not None), *named))
    others = tuple(member for member in members if member != claim.member_id)
    sets = one_month_each(left, money, (claim.member_id, *others)) if others else []
    return next((chosen for chosen in sets if claim in chosen), ())


def _pointed(left: Left, money: MoneyIn, claims: Sequence[Claim]) -> tuple[Evidence, ...]:
    """Evidence of a set of which only the first was named in full; a slip or a name never posts by itself."""
    found = together([money], claims, left.index)
    slips = [n for n in money.near if any(n.reference in claim.references for claim in claims)]
    return (*found, *(evidence(Code.REFERENCE_NEAR, n.position) for n in slips[:1]))


def _several(left: Left, money: MoneyIn, claims: Sequence[Claim]) -> tuple[Evidence, ...]:
    found = together([money], claims, left.index)
    total = sum(claim.amount for claim in claims)
    return (*found, evidence(Code.ALL_REFERENCES, len(claims), total))


def located_error(left: Left) -> tuple[Pair, ...]:
    """Money whose text holds a reference with one slip in it that names one open claim; never posted by itself."""
    found = []
    for money in left.money.values():
        if money.references:
            continue
        keys = dict.fromkeys(key for n in money.near for key in left.index.by_reference.get(n.reference, ()))
        open_ = [claim for claim in left.open_claims(keys) if claim.direction is money.direction]
        if len(open_) == 1:
            found.append(made(Rule.LOCATED_ERROR, [money], open_, weigh(money, open_[0], left.index)))
    return _apart(found)


def amount_in_window(left: Left) -> tuple[Pair, ...]:
    """Money without a reference whose amount exactly one member owes, and that no other money could be.

    An account that is known to pay for others is not taken for a stranger's by its amount alone.
    """
    pairs, wanted = [], defaultdict(list)
    for money in _plain(left):
        equal = left.open_claims(left.index.by_amount.get((money.unit_id, money.amount), ()))
        fits = [c for c in equal if _possible(money, c)]
        claim = _one_owner(money, fits)
        before = left.index.payers.get(money.payer_key or "", {})
        if claim is not None and (not before or claim.member_id in before):
            wanted[claim.key].append(money)
            found = weigh(money, claim, left.index)
            if _near_in_time(found):
                looked = len(left.index.by_unit.get(money.unit_id, ()))
                found = (*found, evidence(Code.ONLY_ONE, looked))
                pairs.append(made(Rule.AMOUNT_IN_WINDOW, [money], [claim], found))
    return tuple(pair for pair in pairs if len(wanted[pair.claims[0]]) == 1)


def known_payer(left: Left) -> tuple[Pair, ...]:
    """Money from an account that paid for exactly one member before, for what that member owes."""
    found = []
    for money in _plain(left):
        before = left.index.payers.get(money.payer_key or "", {})
        if len(before) != 1:
            continue
        owed = left.open_claims(left.index.by_member.get(next(iter(before)), ()))
        owed = [claim for claim in owed if _possible(money, claim)]
        same = [claim for claim in owed if claim.amount == money.amount]
        meant = _one_owner(money, same or owed[:1])
        if meant is not None and (same or sum(c.amount for c in owed) != money.amount):
            found.append(made(Rule.KNOWN_PAYER, [money], [meant], weigh(money, meant, left.index)))
    return _apart(found)


def name_alike(left: Left) -> tuple[Pair, ...]:
    """Money of an amount that several owe, with a name in it that is clearly one of theirs; never posted by itself."""
    found = []
    for money in _plain(left):
        equal = left.open_claims(left.index.by_amount.get((money.unit_id, money.amount), ()))
        scored = [(likeness(c.name, money), c) for c in equal if c.name and _possible(money, c)]
        by_member: dict[str, int] = {}
        for like, claim in scored:
            owner = claim.member_id or claim.key
            by_member[owner] = max(like, by_member.get(owner, 0))
        order = sorted(by_member.values(), reverse=True)
        if not order or order[0] < NAME_LIKE or (len(order) > 1 and order[0] - order[1] < NAME_LEAD):
            continue
        meant = _one_owner(money, [c for like, c in scored if by_member[c.member_id or c.key] == order[0]])
        if meant is not None:
            found.append(made(Rule.NAME_ALIKE, [money], [meant], weigh(money, meant, left.index)))
    return _apart(found)


def _plain(left: Left) -> Iterable[MoneyIn]:
    """Money in that carries no reference at all and is no return."""
    return (
        money
        for money in left.money.values()
        if not money.references and not money.returned and money.direction is Direction.IN
    )


def _possible(money: MoneyIn, claim: Claim) -> bool:
    """Not a claim that only its own paper answers, nor one that waits on another account or in another unit."""
    if claim.kind is not ClaimKind.MONTH or claim.direction is not money.direction:
        return False
    other = claim.account_id is not None and money.account_id is not None and claim.account_id != money.account_id
    return not other and money.unit_id in claim.units


def _near_in_time(found: Iterable[Evidence]) -> bool:
    return all(e.code is not Code.OUT_OF_WINDOW for e in found)


def _one_owner(money: MoneyIn, fits: Sequence[Claim]) -> Claim | None:
    """The claim meant if all are one owner's: the month that the text names, else the oldest."""
    if len({claim.member_id or claim.key for claim in fits}) != 1:
        return None
    named = [c for c in fits if c.month is not None and names_month(money.tokens, c.month)]
    return (named or list(fits))[0]


def _apart(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Pairs that want one claim are told of each other: none of them may be taken for sure."""
    wanted: dict[str, int] = defaultdict(int)
    for pair in pairs:
        for key in pair.claims:
            wanted[key] += 1
    told = []
    for pair in pairs:
        others = max(wanted[key] for key in pair.claims) - 1
        found = (*pair.evidence, evidence(Code.EQUALS, others)) if others else pair.evidence
        told.append(replace(pair, evidence=found, confidence=confidence(found)))
    return tuple(told)


def total(claims: Iterable[Claim]) -> Dong:
    """What is open of claims together; đồng."""
    return sum(claim.amount for claim in claims)
