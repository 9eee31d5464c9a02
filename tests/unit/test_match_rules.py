"""Each rule with the cases it is for, and with those in which it must hold back."""

from dataclasses import replace
from datetime import date

import pytest

from domain.match import CERTAIN, STOPS, Code, Rule, evidence, may_post
from domain.notice import Direction
from domain.reference import find_references
from reconciliation.match.engine import match
from reconciliation.match.left import everything, take
from reconciliation.match.rules import exact_reference, made
from reconciliation.match.sets import subset
from reconciliation.match.values import MoneyIn, NearReference, Pair, Result
from reconciliation.match.weigh import names_month, weigh
from tests.matching import OTHER, R1, R2, R3, R4, UnitId, cleared, money, owes, told

#: The default threshold of the exact reference.
POSTS = 9_500


def only(result: Result) -> Pair:
    """The one pair."""
    [pair] = result.pairs
    return pair


def codes(pair: Pair) -> set[Code]:
    return {e.code for e in pair.evidence}


def sure(pair: Pair) -> bool:
    """Whether a program would post it under the defaults."""
    return pair.rule is Rule.EXACT_REFERENCE and may_post(pair.rule, pair.evidence, POSTS)


# --- exact reference ----------------------------------------------------------------------------------------------


def test_a_reference_with_account_and_amount_is_certain() -> None:
    pair = only(match([money("m", 100, R1)], [owes("a", 100, R1), owes("b", 100, R2)]))
    assert (pair.rule, pair.claims, pair.confidence) == (Rule.EXACT_REFERENCE, ("month:a:2026-07",), CERTAIN)
    assert sure(pair)
    assert pair.runner_up is not None
    assert pair.runner_up.claims == ("month:b:2026-07",)
    assert Code.REFERENCE_OTHER in {e.code for e in pair.runner_up.evidence}


@pytest.mark.parametrize("change", ["account_id", "units"])
def test_a_reference_of_another_account_or_unit_is_paired_but_never_posted(change: str) -> None:
    elsewhere = {"account_id": OTHER, "units": (UnitId("X"), UnitId("Y"))}[change]
    claim = replace(owes("a", 100, R1), **{change: elsewhere})  # type: ignore[arg-type]  # One field by its name.
    pair = only(match([money("m", 100, R1)], [claim]))
    assert codes(pair) & {Code.ACCOUNT_OTHER, Code.UNIT_OTHER}
    assert not sure(pair)
    assert not may_post(pair.rule, pair.evidence, 0)


@pytest.mark.parametrize("paid", [90, 110])
def test_too_little_or_too_much_under_a_reference_is_for_a_person(paid: int) -> None:
    pair = only(match([money("m", paid, R1)], [owes("a", 100, R1)]))
    assert (pair.parts[0].amount, pair.over) == (min(paid, 100), max(0, paid - 100))
    assert Code.AMOUNT_OTHER in codes(pair)
    assert not sure(pair)


def test_the_same_amount_twice_under_one_reference_leaves_both_to_a_person() -> None:
    result = match([money("m1", 100, R1), money("m2", 100, R1)], [owes("a", 100, R1)])
    pair = only(result)
    assert Code.REFERENCE_AGAIN in codes(pair)
    assert not sure(pair)
    assert [one.reason for one in result.unmatched] == ["taken"]


def test_three_part_payments_under_one_reference_are_one_pair() -> None:
    pair = only(match([money(f"m{n}", n * 10, R1) for n in (1, 2, 3)], [owes("a", 60, R1)]))
    assert pair.money == ("m1", "m2", "m3")
    assert [part.amount for part in pair.parts] == [10, 20, 30]
    assert sure(pair)


def test_two_references_whose_debts_are_the_amount_are_certain_together() -> None:
    pair = only(match([money("m", 130, R1, R2)], [owes("a", 100, R1), owes("b", 30, R2)]))
    assert {part.claim: part.amount for part in pair.parts} == {"month:a:2026-07": 100, "month:b:2026-07": 30}
    assert sure(pair)


def test_two_references_whose_debts_are_not_the_amount_are_left_with_both_as_candidates() -> None:
    result = match([money("m", 120, R1, R2)], [owes("a", 100, R1), owes("b", 30, R2)])
    assert result.pairs == ()
    [left] = result.unmatched
    assert {key for one in left.candidates for key in one.claims} == {"month:a:2026-07", "month:b:2026-07"}


def test_of_two_references_the_open_one_is_kept() -> None:
    pair = only(match([money("m", 30, R1, R2)], [owes("a", 0, R1), owes("b", 30, R2)]))
    assert pair.claims == ("month:b:2026-07",)


def test_a_reference_that_was_answered_is_told_and_nothing_is_paired() -> None:
    result = match([money("m", 100, R1)], [owes("a", 0, R1), owes("b", 100)])
    assert result.pairs == ()
    [left] = result.unmatched
    assert left.candidates[0].claims == ("month:a:2026-07",)
    assert Code.ANSWERED in {e.code for e in left.candidates[0].evidence}


def test_an_expired_reference_of_a_closed_month_still_answers_it_with_that_against_it() -> None:
    claim = owes("a", 100, R1, month="2026-03", valid_until=date(2026, 3, 31), closed=True)
    pair = only(match([money("m", 100, R1)], [claim]))
    assert {Code.EXPIRED, Code.MONTH_CLOSED, Code.OUT_OF_WINDOW} <= codes(pair)
    assert POSTS <= pair.confidence < CERTAIN


def test_words_of_a_return_beside_a_reference_are_never_a_new_payment() -> None:
    pair = only(match([money("m", 100, R1, returned=True)], [owes("a", 100, R1)]))
    assert pair.confidence == 0
    assert not may_post(pair.rule, pair.evidence, 0)


def test_money_out_never_answers_what_a_member_owes() -> None:
    assert match([money("m", 100, R1, direction=Direction.OUT)], [owes("a", 100, R1)]).pairs == ()


# --- located error ------------------------------------------------------------------------------------------------


def near(reference: str) -> tuple[NearReference, ...]:
    return (NearReference(reference=reference, slip="wrong-character", position=6),)


def test_a_located_error_is_suggested_and_never_posted_whatever_is_set() -> None:
    pair = only(match([money("m", 100, near=near(R1))], [owes("a", 100, R1), owes("b", 100, R2)]))
    assert (pair.rule, pair.claims) == (Rule.LOCATED_ERROR, ("month:a:2026-07",))
    assert not may_post(pair.rule, pair.evidence, 0)


def test_slips_that_name_two_open_claims_choose_none() -> None:
    result = match([money("m", 100, near=(*near(R1), *near(R2)))], [owes("a", 100, R1), owes("b", 100, R2)])
    assert all(pair.rule is not Rule.LOCATED_ERROR for pair in result.pairs)
    assert all(not may_post(pair.rule, pair.evidence, 0) for pair in result.pairs)


# --- amount, payer, name ------------------------------------------------------------------------------------------


def test_an_amount_that_one_member_owes_is_suggested() -> None:
    pair = only(match([money("m", 70)], [owes("a", 70), owes("b", 80)]))
    assert (pair.rule, pair.claims) == (Rule.AMOUNT_IN_WINDOW, ("month:a:2026-07",))
    assert Code.ONLY_ONE in codes(pair)


def test_an_amount_that_two_members_owe_is_left_and_each_is_told_of_the_other() -> None:
    result = match([money("m", 70)], [owes("a", 70), owes("b", 70)])
    assert result.pairs == ()
    [left] = result.unmatched
    assert left.reason == "several-fit-equally"
    assert len(left.candidates) == 2
    assert all(Code.EQUALS in {e.code for e in one.evidence} for one in left.candidates)


def test_the_same_amount_twice_on_one_day_for_one_claim_is_left() -> None:
    result = match([money("m1", 70), money("m2", 70)], [owes("a", 70)])
    assert result.pairs == ()
    assert len(result.unmatched) == 2


def test_an_amount_of_long_ago_is_not_paired_by_amount_alone() -> None:
    assert match([money("m", 70)], [owes("a", 70, month="2025-11")]).pairs == ()


def test_an_account_known_to_pay_for_others_is_not_a_strangers_by_its_amount() -> None:
    family = owes("a", 40), owes("b", 30)
    before = {"p": {claim.member_id: 1 for claim in family if claim.member_id is not None}}
    pair = only(match([money("m", 70, payer_key="p")], [*family, owes("z", 70)], before))
    assert (pair.rule, set(pair.claims)) == (Rule.COVERING_SET, {claim.key for claim in family})


def test_a_family_that_owes_several_months_pays_the_named_one_else_the_oldest() -> None:
    months = [owes(who, amount, month=f"2026-0{n}") for who, amount in (("a", 40), ("b", 30)) for n in (6, 7)]
    before = {"p": {claim.member_id: 1 for claim in months if claim.member_id is not None}}
    assert set(only(match([money("m", 70, payer_key="p")], months, before)).claims) == {
        "month:a:2026-06",
        "month:b:2026-06",
    }
    named = money("m", 70, payer_key="p", tokens=("T7",))
    assert set(only(match([named], months, before)).claims) == {"month:a:2026-07", "month:b:2026-07"}


def test_of_one_members_equal_months_the_named_one_else_the_oldest_is_meant() -> None:
    months = [owes("a", 70, month="2026-06"), owes("a", 70, month="2026-07")]
    assert only(match([money("m", 70, on=date(2026, 7, 10))], months)).claims == ("month:a:2026-06",)
    named = money("m", 70, tokens=("NOP", "DANG", "PHI", "THANG", "7"))
    assert only(match([named], months)).claims == ("month:a:2026-07",)


def test_an_account_that_paid_for_one_member_before_points_to_that_member() -> None:
    claims = [owes("a", 70), owes("b", 70)]
    pair = only(match([money("m", 70, payer_key="p")], claims, {"p": {claims[1].member_id: 3}}))  # type: ignore[dict-item]  # The claim has a member.
    assert (pair.rule, pair.claims) == (Rule.KNOWN_PAYER, ("month:b:2026-07",))
    assert [e.numbers for e in pair.evidence if e.code is Code.PAYER_KNOWN] == [(3,)]


def test_an_account_that_pays_for_a_family_does_not_say_for_whom() -> None:
    a, b, c = owes("a", 70), owes("b", 70), owes("c", 70)
    result = match([money("m", 70, payer_key="p")], [a, b, c], {"p": {a.member_id: 2, b.member_id: 2}})  # type: ignore[dict-item]  # As above.
    assert result.pairs == ()
    [left] = result.unmatched
    assert {one.claims[0] for one in left.candidates[:2]} == {a.key, b.key}


def test_a_family_that_pays_for_all_at_once_is_a_covering_set() -> None:
    a, b, c = owes("a", 70), owes("b", 50), owes("c", 45)
    pair = only(match([money("m", 120, payer_key="p")], [a, b, c], {"p": {a.member_id: 2, b.member_id: 2}}))  # type: ignore[dict-item]  # As above.
    assert (pair.rule, set(pair.claims)) == (Rule.COVERING_SET, {a.key, b.key})


def test_a_name_tells_one_of_many_of_the_same_amount() -> None:
    claims = [owes("a", 70, name="LE VAN CUONG"), owes("b", 70, name="TRAN THI BINH")]
    pair = only(match([money("m", 70, tokens=("LE", "VAN", "CUONG", "NOP", "TIEN"))], claims))
    assert (pair.rule, pair.claims) == (Rule.NAME_ALIKE, ("month:a:2026-07",))
    assert not may_post(pair.rule, pair.evidence, 0)


@pytest.mark.parametrize("names", [("LE VAN AN", "LE VAN AN"), ("LE VAN CUONG", "LE VAN CUONGG")])
def test_two_members_of_like_names_are_not_told_apart(names: tuple[str, str]) -> None:
    claims = [owes(key, 70, name=name) for key, name in zip("ab", names, strict=True)]
    assert match([money("m", 70, payer_name=names[0])], claims).pairs == ()


def test_an_equal_name_means_nothing_where_the_amount_is_another() -> None:
    assert match([money("m", 71, tokens=("LE", "VAN", "AN"))], [owes("a", 70, name="LE VAN AN")]).pairs == ()


# --- sets ---------------------------------------------------------------------------------------------------------


def test_a_members_oldest_months_are_covered_by_one_transfer() -> None:
    months = [owes("a", 70, month=f"2026-0{n}") for n in (5, 6, 7)]
    pair = only(match([money("m", 140)], months))
    assert pair.claims == ("month:a:2026-05", "month:a:2026-06")
    assert Code.OWN_MONTHS in codes(pair)


def test_a_transfer_that_two_members_months_fit_equally_is_left() -> None:
    months = [owes(who, 70, month=f"2026-0{n}") for who in "ab" for n in (6, 7)]
    assert match([money("m", 140)], months).pairs == ()


def test_a_treasurers_transfer_covers_the_whole_list_of_a_cell() -> None:
    claims = [owes(f"a{n}", 10 + n) for n in range(30)]
    pair = only(match([money("m", sum(c.amount for c in claims))], claims))
    assert len(pair.claims) == 30
    assert Code.WHOLE_LIST in codes(pair)


def test_two_sets_of_one_sum_are_a_refusal_to_choose() -> None:
    claims = [owes(f"a{n}", amount) for n, amount in enumerate((10, 40, 20, 30, 5))]
    assert match([money("m", 50)], claims).pairs == ()


def test_part_payments_of_one_payer_add_up_to_one_debt() -> None:
    parts = [money(f"m{n}", n, payer_key="p") for n in (21, 32, 47)]
    pair = only(match(parts, [owes("a", 100)]))
    assert (len(pair.money), pair.claims) == (3, ("month:a:2026-07",))


def test_part_payments_of_different_payers_do_not() -> None:
    parts = [money(f"m{n}", n, payer_key=f"p{n}") for n in (21, 32, 47)]
    assert match(parts, [owes("a", 100)]).pairs == ()


def test_a_subset_is_found_once_and_two_are_told_as_two() -> None:
    claims = [owes(f"a{n}", amount) for n, amount in enumerate((3, 5, 9))]
    chosen, alone = subset(claims, 12)
    assert ([c.amount for c in chosen], alone) == ([3, 9], True)
    assert subset(claims, 11) == ((), False)
    assert subset([*claims, owes("b", 12)], 12)[1] is False
    assert subset([owes(f"a{n}", 2**n) for n in range(25)], 7) == ((), False)


# --- lumps --------------------------------------------------------------------------------------------------------


def test_a_lump_that_a_settlement_told_of_is_suggested() -> None:
    pair = only(match([money("m", 990)], [told("S1", 990, date(2026, 7, 9)), cleared("x", 1000, date(2026, 7, 9))]))
    assert (pair.rule, pair.claims) == (Rule.SETTLEMENT_LUMP, ("settlement:S1",))
    assert not may_post(pair.rule, pair.evidence, 0)


def test_a_lump_less_a_fee_covers_the_announced_payments_of_whole_days() -> None:
    day = date(2026, 7, 9)
    claims = [cleared("x", 600, day, fee=18), cleared("y", 400, day, fee=12), cleared("z", 500, date(2026, 7, 1), 15)]
    pair = only(match([money("m", 980)], claims))
    assert set(pair.claims) == {"clearing:x", "clearing:y"}
    assert sum(part.amount for part in pair.parts) == 980
    assert [e.numbers for e in pair.evidence if e.code is Code.FEE_WITHIN] == [(20, 30)]


def test_a_lump_with_a_larger_fee_than_allowed_is_left() -> None:
    assert match([money("m", 900)], [cleared("x", 1000, date(2026, 7, 9), fee=30)]).pairs == ()


# --- capacity and small things ------------------------------------------------------------------------------------


def test_of_two_pairs_that_want_one_claim_with_equal_confidence_none_is_taken() -> None:
    left = everything([money("m1", 100, R1), money("m2", 100, R1)], [owes("a", 100, R1)])
    claim, found = left.claims["month:a:2026-07"], exact_reference(left)[0].evidence
    pairs = [made(Rule.EXACT_REFERENCE, [left.money[key]], [claim], found) for key in ("m1", "m2")]
    after, taken = take(left, pairs)
    assert (taken, after.money.keys()) == ((), left.money.keys())


def test_a_pair_that_would_use_more_than_there_is_is_not_taken() -> None:
    left = everything([money("m1", 100, R1)], [owes("a", 100, R1)])
    [pair] = exact_reference(left)
    too_much = replace(pair, parts=(replace(pair.parts[0], amount=101),), over=-1)
    assert take(left, [too_much])[1] == ()
    assert take(left, [pair])[1] == (pair,)


def test_a_key_given_twice_and_money_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        match([money("m", 1), money("m", 1)], [])
    with pytest.raises(ValueError, match="positive"):
        match([money("m", 0)], [])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("T7", True),
        ("THANG 07", True),
        ("THANG7", True),
        ("7 2026", True),
        ("T72026", True),
        ("T8", False),
        ("7", False),
    ],
)
def test_a_text_names_a_month_in_several_ways(text: str, named: bool) -> None:
    assert names_month(tuple(text.split()), "2026-07") is named


def test_money_taken_from_a_member_before_is_not_given_back_to_him_by_a_program() -> None:
    claim = owes("a", 100, R1)
    pair = only(match([money("m", 100, R1, not_of=(claim.member_id,))], [claim]))
    assert Code.UNDONE_BEFORE in codes(pair)
    assert not may_post(pair.rule, pair.evidence, 0)


def test_every_stop_holds_whatever_the_sum_is() -> None:
    pair = only(match([money("m", 100, R1)], [owes("a", 100, R1)]))
    for code in STOPS:
        assert not may_post(pair.rule, (*pair.evidence, evidence(code, 1, 2)), 0)


def test_names_and_words_are_in_no_text_that_a_value_shows() -> None:
    shown = repr(money("m", 1, tokens=("SECRET",), payer_name="SECRET")) + repr(owes("a", 1, name="SECRET"))
    assert "SECRET" not in shown
    found: MoneyIn = money("m", 100, *find_references(f"MOMO {R3} x {R4}"))
    assert found.references == (R3, R4)
    assert weigh(found, owes("a", 100, R3), everything([found], []).index)[0].code is Code.REFERENCE
