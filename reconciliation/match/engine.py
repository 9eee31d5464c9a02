"""The rules in their order over everything that waits; what none of them pairs is told with its best candidates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from domain.match import Code, Rule, confidence, evidence
from reconciliation.match import rules, sets
from reconciliation.match.left import Left, Payers, everything, take
from reconciliation.match.values import Candidate, Claim, MoneyIn, NonMatch, Pair, Result
from reconciliation.match.weigh import MOST_TOLD, ranked

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
    left = everything(money, claims, payers)
    first = left
    pairs: list[Pair] = []
    for rule in asked:
        told = [_with_runner_up(left, pair) for pair in RULES[rule](left)]
        left, taken = take(left, told)
        pairs += taken
    unmatched = tuple(_not_matched(first, left, one) for one in left.money.values())
    return Result(pairs=tuple(sorted(pairs, key=lambda p: (p.money, p.claims))), unmatched=unmatched)


def _with_runner_up(left: Left, pair: Pair) -> Pair:
    """The pair with the best candidate beside it; one that weighs as much speaks against both."""
    own = {left.index.claims[key].member_id or key for key in pair.claims}
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
