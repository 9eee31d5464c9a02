"""Whatever waits and whatever is open: no đồng twice, no order that matters, no stranger that makes a match wrong."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identifiers import MemberId
from domain.match import Rule, confidence, may_post
from domain.notice import Direction
from reconciliation.match.engine import match
from reconciliation.match.values import Claim, MoneyIn, Pair, Result
from tests.matching import ACCOUNT, OTHER, REFERENCES, cleared, money, owes

AMOUNTS = st.sampled_from((10, 20, 30, 50, 70, 100))
NAMES = st.sampled_from((None, "LE VAN AN", "LE VAN ANH", "TRAN THI BINH"))
#: Every rule that may post does so from here on: the worst setting that an office can make.
LOWEST = 5_000


@st.composite
def waiting(draw: st.DrawFn) -> tuple[MoneyIn, ...]:
    found = []
    for number in range(draw(st.integers(0, 7))):
        references = draw(st.lists(st.sampled_from(REFERENCES), max_size=2, unique=True))
        found.append(
            money(
                f"m{number}",
                draw(AMOUNTS) + draw(st.sampled_from((0, 0, 30))),
                *references,
                account_id=draw(st.sampled_from((ACCOUNT, ACCOUNT, OTHER))),
                on=date(2026, 7, 1) + timedelta(days=draw(st.integers(0, 60))),
                payer_key=draw(st.sampled_from((None, "p", "q"))),
                payer_name=draw(NAMES),
                returned=draw(st.sampled_from((False, False, False, True))),
                direction=draw(st.sampled_from((Direction.IN, Direction.IN, Direction.OUT))),
            )
        )
    return tuple(found)


@st.composite
def open_claims(draw: st.DrawFn) -> tuple[Claim, ...]:
    """Months of a few members; a reference belongs to one claim, as in the ledger."""
    free = list(REFERENCES)
    found: list[Claim] = []
    for number in range(draw(st.integers(0, 8))):
        own = [free.pop()] if free and draw(st.booleans()) else []
        month = f"2026-0{5 + number % 3}"
        amount = draw(st.sampled_from((0, 10, 20, 30, 50, 70, 100)))
        found.append(owes(f"a{number // 3}", amount, *own, month=month, name=draw(NAMES)))
    if draw(st.booleans()):
        found.append(cleared("x", 100, date(2026, 7, 5), fee=3))
    return tuple(found)


PAYERS = st.dictionaries(
    st.sampled_from(("p", "q")),
    st.dictionaries(st.sampled_from([MemberId(f"a{n}") for n in range(3)]), st.integers(1, 3), max_size=2),
)


def auto(result: Result) -> list[Pair]:
    """What a program would post where every threshold is as low as it may be set."""
    return [pair for pair in result.pairs if may_post(pair.rule, pair.evidence, LOWEST) and pair.over == 0]


@given(waiting(), open_claims(), PAYERS)
def test_no_money_and_no_claim_is_used_twice_or_beyond_what_there_is(
    monies: tuple[MoneyIn, ...], claims: tuple[Claim, ...], payers: dict[str, dict[MemberId, int]]
) -> None:
    result = match(monies, claims, payers)
    used_money: Counter[str] = Counter()
    used_claims: Counter[str] = Counter()
    for pair in result.pairs:
        for part in pair.parts:
            assert part.amount > 0
            used_money[part.money] += part.amount
            used_claims[part.claim] += part.amount
    assert all(used_money[m.key] <= m.amount for m in monies)
    assert all(used_claims[c.key] <= c.amount for c in claims)
    # Every money is in one pair or one non-match, every claim in at most one pair.
    seen = [key for pair in result.pairs for key in pair.money] + [one.money for one in result.unmatched]
    assert sorted(seen) == sorted(m.key for m in monies)
    taken = [key for pair in result.pairs for key in pair.claims]
    assert len(taken) == len(set(taken))


@given(waiting(), open_claims(), PAYERS, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_says_nothing(monies, claims, payers, random) -> None:  # type: ignore[no-untyped-def]  # Hypothesis gives the types.
    first = match(monies, claims, payers)
    shuffled_money, shuffled_claims = list(monies), list(claims)
    random.shuffle(shuffled_money)
    random.shuffle(shuffled_claims)
    assert match(shuffled_money, shuffled_claims, payers) == first


@given(waiting(), open_claims(), PAYERS)
def test_the_number_is_the_sum_of_the_evidence_and_nothing_else(
    monies: tuple[MoneyIn, ...], claims: tuple[Claim, ...], payers: dict[str, dict[MemberId, int]]
) -> None:
    result = match(monies, claims, payers)
    for pair in result.pairs:
        assert pair.confidence == confidence(pair.evidence)
        if pair.runner_up is not None:
            assert pair.runner_up.confidence == confidence(pair.runner_up.evidence)
    for left in result.unmatched:
        assert [one.confidence for one in left.candidates] == sorted(
            (confidence(one.evidence) for one in left.candidates), reverse=True
        )


@given(waiting(), open_claims(), waiting(), st.lists(AMOUNTS, max_size=4))
@settings(max_examples=200)
def test_strangers_never_turn_what_is_posted_into_something_else(
    monies: tuple[MoneyIn, ...], claims: tuple[Claim, ...], others: tuple[MoneyIn, ...], amounts: list[int]
) -> None:
    """More money without our references and more members without them: a posted match stays, or waits for a person."""
    before = {pair.money: pair.claims for pair in auto(match(monies, claims)) if pair.rule is Rule.EXACT_REFERENCE}
    strange_money = [money(f"x{n}", one.amount, on=one.on, payer_key=one.payer_key) for n, one in enumerate(others)]
    strange_claims = [owes(f"z{n}", amount) for n, amount in enumerate(amounts)]
    after = auto(match((*monies, *strange_money), (*claims, *strange_claims)))
    for pair in after:
        for key in pair.money:
            was = next((found for moneys, found in before.items() if key in moneys), None)
            if was is not None:
                assert pair.claims == was


@given(waiting(), open_claims(), PAYERS)
def test_what_is_posted_by_default_names_its_reference_account_and_amount(
    monies: tuple[MoneyIn, ...], claims: tuple[Claim, ...], payers: dict[str, dict[MemberId, int]]
) -> None:
    by_money, by_claim = {m.key: m for m in monies}, {c.key: c for c in claims}
    for pair in match(monies, claims, payers).pairs:
        if pair.rule is not Rule.EXACT_REFERENCE or not may_post(pair.rule, pair.evidence, 9_500) or pair.over:
            continue
        ours = [by_claim[key] for key in pair.claims]
        paid = [by_money[key] for key in pair.money]
        assert sum(m.amount for m in paid) == sum(c.amount for c in ours)
        assert all(m.account_id == c.account_id and m.unit_id in c.units for m in paid for c in ours)
        assert all(set(c.references) & {r for m in paid for r in m.references} for c in ours)
        assert not any(m.returned for m in paid)
