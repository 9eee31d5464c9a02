"""Whole đồng: limits, half-up, and splits that make the whole."""

import pytest

from domain.errors import Refusal, RefusalCode
from domain.money import AMOUNT_CAP, Split, format_dong, ratio_half_up, require_amount, split_by_share


@pytest.mark.parametrize("amount", [1, 50_000, AMOUNT_CAP])
def test_a_positive_whole_amount_up_to_the_cap_is_taken(amount: int) -> None:
    assert require_amount(amount) == amount


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_CAP + 1, 2**63])
def test_zero_negative_and_enormous_amounts_are_out_of_range(amount: int) -> None:
    with pytest.raises(Refusal) as caught:
        require_amount(amount, "tiền nộp")
    assert caught.value.code is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert "tiền nộp" in caught.value.message


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_what_is_not_an_integer_is_refused_even_where_it_looks_like_one(amount: object) -> None:
    with pytest.raises(Refusal) as caught:
        require_amount(amount)
    assert caught.value.code is RefusalCode.AMOUNT_NOT_INTEGER


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [
        (49, 1, 100, 0),
        (50, 1, 100, 1),
        (149, 1, 100, 1),
        (150, 1, 100, 2),
        (250, 1, 100, 3),
        (6_543_100, 50, 10_000, 32_716),
        (12_345_678, 100 * 50, 1_000_000, 61_728),
        (0, 1, 3, 0),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
    ],
)
def test_half_a_dong_goes_up_and_less_goes_down(amount: int, numerator: int, denominator: int, expected: int) -> None:
    assert ratio_half_up(amount, numerator, denominator) == expected


@pytest.mark.parametrize(
    ("collected", "retain_bp", "kept", "passed_up"),
    [
        (697_807, 3000, 209_342, 488_465),
        (143_287, 3000, 42_986, 100_301),
        (588_766, 5000, 294_383, 294_383),
        (1, 5000, 1, 0),
        (0, 7000, 0, 0),
        (99, 0, 0, 99),
        (99, 10_000, 99, 0),
    ],
)
def test_what_is_kept_is_rounded_and_the_complement_goes_up(
    collected: int, retain_bp: int, kept: int, passed_up: int
) -> None:
    assert split_by_share(collected, retain_bp) == Split(kept=kept, passed_up=passed_up)


def test_amounts_are_grouped_by_dots() -> None:
    assert [format_dong(n) for n in (0, 999, 1_000, 12_345_678)] == ["0", "999", "1.000", "12.345.678"]
