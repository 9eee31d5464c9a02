"""An attempt's state follows from what was said and never from the order, or from how often."""

from datetime import datetime, timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound import VIETNAM
from domain import attempt
from domain.attempt import (
    MONEY_CAME,
    NOT_OPENED,
    UNDECIDED,
    Attempt,
    AttemptOpened,
    AttemptReported,
    AttemptState,
    merge,
)

NOW = datetime(2026, 7, 4, 9, 15, tzinfo=VIETNAM)
STATES = st.sampled_from(AttemptState)
OPENED = AttemptOpened(
    reference="HJQPM5YNFT97",
    rail="portal",
    unit_id="A",
    amount=50_000,
    opened_at=NOW,
    expires_at=None,
    via="office",
    outside_id=None,
)
REPORTS = st.lists(
    st.builds(
        AttemptReported,
        reference=st.just("HJQPM5YNFT97"),
        rail=st.just("portal"),
        state=STATES,
        outside_id=st.sampled_from([None, "GD1", "GD2"]),
        stated_at=st.integers(0, 100).map(lambda n: NOW + timedelta(minutes=n)),
        via=st.sampled_from(["notification", "query", "opening", "clock"]),
        evidence_id=st.none(),
    ),
    max_size=8,
)


def heard(reports: list[AttemptReported]) -> Attempt:
    state = attempt.evolve(NOT_OPENED, OPENED)
    for said in reports:
        for event in attempt.report(state, said):
            state = attempt.evolve(state, event)
    return state


@given(STATES, STATES, STATES)
def test_merging_is_associative_commutative_and_idempotent(a, b, c):
    assert merge(a, merge(b, c)) is merge(merge(a, b), c)
    assert merge(a, b) is merge(b, a)
    assert merge(a, a) is a
    assert merge(a, AttemptState.OPENED) is a


@given(REPORTS, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_the_same_words_is_the_same_attempt(reports, chance):
    once = heard(reports)
    again = [*reports, *chance.sample(reports, len(reports) // 2)]
    chance.shuffle(again)
    other = heard(again)
    assert other.state is once.state
    assert attempt.may_hold_money(other) == attempt.may_hold_money(once)
    assert attempt.is_open_or_pending(other) == attempt.is_open_or_pending(once)
    kept = {(r.state, r.outside_id, r.via) for r in once.reports}
    assert {(r.state, r.outside_id, r.via) for r in other.reports} == kept
    assert len(other.reports) == len(kept), "what says nothing new is not kept twice"


@given(REPORTS)
def test_money_that_came_beats_every_other_word(reports):
    states = [r.state for r in reports]
    found = heard(reports).state
    assert (found in MONEY_CAME) == any(s in MONEY_CAME for s in states)
    assert found is reduce(merge, states, AttemptState.OPENED)


def test_what_each_word_may_and_may_not_undo():
    says = {pair: merge(*pair) for pair in ((a, b) for a in AttemptState for b in AttemptState)}
    for ended in (AttemptState.EXPIRED, AttemptState.CANCELLED, AttemptState.FAILED):
        assert says[ended, AttemptState.PAID] is AttemptState.PAID
    assert says[AttemptState.UNKNOWN, AttemptState.PENDING] is AttemptState.PENDING
    assert says[AttemptState.UNKNOWN, AttemptState.FAILED] is AttemptState.FAILED
    assert says[AttemptState.PENDING, AttemptState.FAILED] is AttemptState.FAILED
    assert says[AttemptState.EXPIRED, AttemptState.PENDING] is AttemptState.PENDING, "our clock knows less than a bank"
    assert says[AttemptState.PAID, AttemptState.PARTLY_RETURNED] is AttemptState.PARTLY_RETURNED
    assert says[AttemptState.RETURNED, AttemptState.PARTLY_RETURNED] is AttemptState.RETURNED


@given(REPORTS)
def test_only_an_attempt_that_may_hold_money_keeps_another_from_being_offered(reports):
    found = heard(reports)
    if attempt.may_hold_money(found):
        assert found.state in UNDECIDED - {AttemptState.OPENED}
    if found.state is AttemptState.PENDING:
        assert attempt.may_hold_money(found)
