"""The rules in their order over everything that waits; what none of them pairs is told with its best candidates."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from domain.match import CERTAIN, Code, Rule, confidence, evidence
from reconciliation.match import rules, sets
from reconciliation.match.left import Left, Payers, everything, take
from reconciliation.match.values import Candidate, Claim, MoneyIn, NonMatch, Pair, Result
from reconciliation.match.weigh import MOST_TOLD, best_beside, ranked

RuleFunction = Callable[[Left], tuple[Pair, ...]]

#: The rules, in the order in which they are asked.
RULES: Mapping[Rule, RuleFunction] = MappingProxyType(
    {
        Rule.EXACT_REFERENCE: rules.exact_reference,
        Rule.LOCATED_ERROR: rules.located_error,
        Rule.AMOUNT_IN_WINDOW: rules.amount_in_window,
        Rule.KNOWN_PAYER: rules.known_payer,
        Rule.NAME_ALIKE: rules.name_alike,
        Rule.COVERING_SET: sets.covering_set,
        Rule.SETTLEMENT_LUMP: sets.settlement_lump,
    }
)


def match(
    money: Iterable[MoneyIn],
    claims: Iterable[Claim],
    payers: Payers | None = None,
    *,
    asked: Sequence[Rule] = tuple(RULES),
) -> Result:
    """Pair what waits with what is open; the order in which things are given says nothing.

    Every money is in exactly one pair or one non-match, every claim in at most one pair, and no đồng of either is used
    twice. Raises ``ValueError`` for a key given twice or an amount that is not positive.
    """
    with _nothing_collected():
        first = everything(money, claims, payers)
        left, found = _paired(first, asked)
        unmatched = tuple(_not_matched(first, left, one) for one in left.money.values())
    return Result(pairs=found, unmatched=unmatched)


def pairs(money: Iterable[MoneyIn], claims: Iterable[Claim], payers: Payers | None = None) -> tuple[Pair, ...]:
    """The pairs of :func:`match` alone, for whoever does not ask why the rest found none."""
    return _paired(everything(money, claims, payers), tuple(RULES))[1]


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """While a run lasts nothing of it is garbage; to look through millions of values for some again and again costs
    more than the run."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _paired(left: Left, asked: Sequence[Rule]) -> tuple[Left, tuple[Pair, ...]]:
    found: list[Pair] = []
    for rule in asked:
        told = [_with_runner_up(left, pair) for pair in RULES[rule](left)]
        left, taken = take(left, told)
        found += taken
    return left, tuple(sorted(found, key=lambda p: (p.money, p.claims)))


def _with_runner_up(left: Left, pair: Pair) -> Pair:
    """The pair with the best candidate beside it; one that weighs as much speaks against both."""
    own = {left.index.claims[key].member_id or key for key in pair.claims}
    if pair.rule is Rule.EXACT_REFERENCE and pair.confidence == CERTAIN and len(pair.money) == 1:
        # Nothing without its reference can be the equal of a certain pair: who is beside it is told, not weighed up.
        return replace(pair, runner_up=best_beside(left.index.money[pair.money[0]], left, own))
    others = (
        candidate
        for key in pair.money
        for candidate in ranked(left.index.money[key], left)
        if (left.index.claims[candidate.claims[0]].member_id or candidate.claims[0]) not in own
    )
    best = max(others, key=lambda c: (c.confidence, tuple(reversed(c.claims))), default=None)
    if best is None:
        return pair
    if best.confidence >= pair.confidence and not any(e.code is Code.EQUALS for e in pair.evidence):
        found = (*pair.evidence, evidence(Code.EQUALS, 1))
        pair = replace(pair, evidence=found, confidence=confidence(found))
    return replace(pair, runner_up=best)


def _not_matched(first: Left, left: Left, money: MoneyIn) -> NonMatch:
    """Why no rule paired it: looked at among everything, also what another money took."""
    told = ranked(money, first)[:MOST_TOLD]
    return NonMatch(money=money.key, reason=_reason(left, told), candidates=told)


def _reason(left: Left, told: Sequence[Candidate]) -> str:
    if not told:
        return "no-candidate"
    best = told[0]
    if any(key not in left.claims for key in best.claims):
        return "taken"
    if any(e.code is Code.EQUALS for e in best.evidence):
        return "several-fit-equally"
    return "too-weak"
