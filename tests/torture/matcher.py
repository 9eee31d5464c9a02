"""The product's own matching run, and what it would show to a person of what it left."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from api.flows import match
from reconciliation.match.values import Candidate, Claim, MoneyIn, Pair
from tests.acceptance.story import Story, at
from tests.torture.runner import Shown
from tests.torture.stage import READY
from tests.torture.values import Parts

#: Matching runs once everything is read.
RUN_ON = READY + timedelta(days=70)


def matched(story: Story) -> Mapping[str, Shown]:
    """Run the rules, let them post what they may, and tell the answers shown beside the rest, the best one first."""
    looked = match.run(story.installation, at=at(RUN_ON)).looked
    shown: dict[str, list[Parts]] = defaultdict(list)
    rules: dict[str, str] = {}
    for proposal in looked.proposals:
        if not proposal.automatic:
            for key in proposal.pair.money:
                rules.setdefault(key, str(proposal.pair.rule))
                shown[key].append(_of_pair(proposal.pair, key, looked.money, looked.claims))
                if proposal.pair.runner_up is not None:
                    shown[key].append(_of_candidate(proposal.pair.runner_up, looked.money[key], looked.claims))
    for left in looked.unmatched:
        shown[left.money] += [_of_candidate(one, looked.money[left.money], looked.claims) for one in left.candidates]
    return {key: Shown(rule=rules.get(key), answers=tuple(answers)) for key, answers in shown.items()}


def _of_pair(pair: Pair, key: str, money: Mapping[str, MoneyIn], claims: Mapping[str, Claim]) -> Parts:
    """What accepting the pair would give to whom; what is over goes to the last."""
    sums: dict[str, int] = defaultdict(int)
    mine = [part for part in pair.parts if part.money == key]
    for part in mine:
        sums[claims[part.claim].member_id or part.claim] += part.amount
    if mine:
        sums[claims[mine[-1].claim].member_id or mine[-1].claim] += money[key].amount - sum(sums.values())
    return tuple(sums.items())


def _of_candidate(candidate: Candidate, money: MoneyIn, claims: Mapping[str, Claim]) -> Parts:
    """What a person who believes the candidate would do: give its claims their amounts, the last one the rest."""
    sums: dict[str, int] = defaultdict(int)
    *others, last = (claims[key] for key in candidate.claims)
    for claim in others:
        sums[claim.member_id or claim.key] += min(claim.amount, money.amount - sum(sums.values()))
    sums[last.member_id or last.key] += money.amount - sum(sums.values())
    return tuple(sums.items())
