"""Amounts in words: a table of readings by hand, and an independent reader that gets the number back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.books.words import amount_in_words, number_in_words
from domain.errors import Refusal, RefusalCode
from domain.money import AMOUNT_CAP

READINGS = [
    (0, "không"),
    (1, "một"),
    (4, "bốn"),
    (5, "năm"),
    (10, "mười"),
    (11, "mười một"),
    (14, "mười bốn"),
    (15, "mười lăm"),
    (20, "hai mươi"),
    (21, "hai mươi mốt"),
    (24, "hai mươi tư"),
    (25, "hai mươi lăm"),
    (55, "năm mươi lăm"),
    (91, "chín mươi mốt"),
    (100, "một trăm"),
    (101, "một trăm linh một"),
    (104, "một trăm linh bốn"),
    (105, "một trăm linh năm"),
    (110, "một trăm mười"),
    (111, "một trăm mười một"),
    (115, "một trăm mười lăm"),
    (121, "một trăm hai mươi mốt"),
    (555, "năm trăm năm mươi lăm"),
    (1_000, "một nghìn"),
    (1_001, "một nghìn không trăm linh một"),
    (1_010, "một nghìn không trăm mười"),
    (1_100, "một nghìn một trăm"),
    (5_000, "năm nghìn"),
    (9_460, "chín nghìn bốn trăm sáu mươi"),
    (10_000, "mười nghìn"),
    (32_716, "ba mươi hai nghìn bảy trăm mười sáu"),
    (45_000, "bốn mươi lăm nghìn"),
    (61_728, "sáu mươi mốt nghìn bảy trăm hai mươi tám"),
    (101_005, "một trăm linh một nghìn không trăm linh năm"),
    (468_000, "bốn trăm sáu mươi tám nghìn"),
    (1_000_000, "một triệu"),
    (1_000_001, "một triệu không trăm linh một"),
    (2_005_000, "hai triệu không trăm linh năm nghìn"),
    (21_000_015, "hai mươi mốt triệu không trăm mười lăm"),
    (499_999_999, "bốn trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín"),
    (1_000_000_000, "một tỷ"),
    (1_000_000_001, "một tỷ không trăm linh một"),
    (1_005_000_000, "một tỷ không trăm linh năm triệu"),
    (101_000_000_000, "một trăm linh một tỷ"),
    (1_000_000_000_000, "một nghìn tỷ"),
    (1_001_000_000_000, "một nghìn không trăm linh một tỷ"),
    (
        AMOUNT_CAP,
        "chín triệu không trăm linh bảy nghìn một trăm chín mươi chín tỷ hai trăm năm mươi tư triệu "
        "bảy trăm bốn mươi nghìn chín trăm chín mươi mốt",
    ),
]


@pytest.mark.parametrize(("number", "words"), READINGS)
def test_a_number_is_read_as_vietnamese_readers_read_it(number: int, words: str) -> None:
    assert number_in_words(number) == words


def test_an_amount_begins_with_a_capital_and_ends_with_the_unit() -> None:
    assert amount_in_words(21_000_015) == "Hai mươi mốt triệu không trăm mười lăm đồng"
    assert amount_in_words(0) == "Không đồng"


@pytest.mark.parametrize("number", [-1, AMOUNT_CAP + 1])
def test_a_number_that_no_receipt_can_carry_is_refused(number: int) -> None:
    with pytest.raises(Refusal) as caught:
        number_in_words(number)
    assert caught.value.code is RefusalCode.AMOUNT_OUT_OF_RANGE


@pytest.mark.parametrize("number", [True, 1.5, "12"])
def test_what_is_no_whole_number_is_refused(number: object) -> None:
    with pytest.raises(Refusal) as caught:
        number_in_words(number)  # type: ignore[arg-type]  # the refusal of other types is what is tested
    assert caught.value.code is RefusalCode.AMOUNT_NOT_INTEGER


#: What each digit word is worth; the reader below knows nothing of how the words were made.
WORTH = {"không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5}
WORTH |= {"sáu": 6, "bảy": 7, "tám": 8, "chín": 9}


def read(words: str) -> int:
    """The number that words say, by the rule of a listener: multiply what is heard by the name that follows it."""
    if "tỷ" in words.split():
        above, _, below = words.partition(" tỷ")
        return read(above) * 1_000_000_000 + read(below.strip())
    total = group = digit = 0
    for word in words.split():
        if word in WORTH:
            group, digit = group + digit, WORTH[word]
        elif word == "mười":
            group, digit = group + 10, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "trăm":
            group, digit = group + digit * 100, 0
        elif word in ("nghìn", "triệu"):
            size = 1_000 if word == "nghìn" else 1_000_000
            total, group, digit = total + (group + digit) * size, 0, 0
        else:
            assert word == "linh", word
    return total + group + digit


@given(st.integers(0, AMOUNT_CAP) | st.integers(0, 10_000_000))
def test_a_listener_gets_the_number_back(number: int) -> None:
    assert read(number_in_words(number)) == number
