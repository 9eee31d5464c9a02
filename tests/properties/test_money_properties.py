"""Rounding and splitting against exact fractions."""

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from domain.money import AMOUNT_CAP, WHOLE_BP, ratio_half_up, split_by_share

amounts = st.integers(min_value=0, max_value=AMOUNT_CAP)
shares = st.integers(min_value=0, max_value=WHOLE_BP)


@given(amounts, st.integers(0, 1_000_000), st.integers(1, 1_000_000))
def test_ratio_half_up_is_the_floor_of_the_exact_value_plus_a_half(
    amount: int, numerator: int, denominator: int
) -> None:
    assert ratio_half_up(amount, numerator, denominator) == floor(
        Fraction(amount * numerator, denominator) + Fraction(1, 2)
    )


@given(amounts, shares)
def test_a_split_loses_no_dong_and_neither_part_is_negative(collected: int, retain_bp: int) -> None:
    split = split_by_share(collected, retain_bp)
    assert split.kept + split.passed_up == collected
    assert min(split.kept, split.passed_up) >= 0


@given(amounts, shares)
def test_what_is_kept_is_within_half_a_dong_of_the_exact_share(collected: int, retain_bp: int) -> None:
    exact = Fraction(collected * retain_bp, WHOLE_BP)
    assert abs(split_by_share(collected, retain_bp).kept - exact) <= Fraction(1, 2)


@given(amounts, st.lists(shares, min_size=1, max_size=5))
def test_a_chain_of_levels_shares_out_exactly_what_was_collected(collected: int, chain: list[int]) -> None:
    kept, moving = [], collected
    for retain_bp in chain:
        split = split_by_share(moving, retain_bp)
        kept.append(split.kept)
        moving = split.passed_up
    assert sum(kept) + moving == collected
