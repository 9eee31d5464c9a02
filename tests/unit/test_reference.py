"""The 12-character reference: frozen form, permutation, matching in real contents, suggestions."""

import json
from pathlib import Path

import pytest

from domain.errors import Malformed, Refusal, RefusalCode
from domain.reference import (
    COUNTERS,
    Reference,
    Slip,
    find_references,
    fold,
    is_valid,
    mint,
    open_reference,
    pretty,
    shard_of,
    suggest,
)

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
KEY = bytes(range(32))
PUBLISHED = ("HJQPM5YNFT97", "HJYB2BJ6D342", "HJ0E44PNC2ZW", "HJZYAT1BKCEA", "HJ1WPCP6ZV6N")

#: Minted once with the first released permutation; references already printed must open for ever.
FROZEN = {
    (0, 0): "HJ001G9ZC7HX",
    (0, 1): "HJ17BA3XW0EB",
    (5, 77): "HJCFJ8KK4Q5F",
    (63, COUNTERS - 1): "HJ0BDTE4478X",
}


@pytest.mark.parametrize(("numbers", "reference"), FROZEN.items())
def test_a_reference_minted_by_the_first_release_is_minted_and_opened_the_same_for_ever(
    numbers: tuple[int, int], reference: str
) -> None:
    shard, counter = numbers
    assert mint(key=KEY, shard=shard, counter=counter) == reference
    assert open_reference(Reference(reference), key=KEY) == numbers
    assert shard_of(Reference(reference), key=KEY) == shard


@pytest.mark.parametrize("reference", PUBLISHED)
def test_the_published_vectors_of_the_check_symbols_hold(reference: str) -> None:
    assert is_valid(reference)


@pytest.mark.parametrize(
    "text",
    ["", "HJ", "HJQPM5YNFT9", "HJQPM5YNFT979", "hjqpm5ynft97", "HJQPM5YNFT98", "XXQPM5YNFT97", "HJOE44PNC2ZW"],
)
def test_only_the_canonical_form_is_valid(text: str) -> None:
    assert not is_valid(text)


@pytest.mark.parametrize(("shard", "counter"), [(-1, 0), (64, 0), (0, -1), (0, COUNTERS)])
def test_numbers_outside_the_forty_bits_are_refused(shard: int, counter: int) -> None:
    with pytest.raises(Refusal) as refused:
        mint(key=KEY, shard=shard, counter=counter)
    assert refused.value.code is RefusalCode.REFERENCE_MALFORMED


@pytest.mark.parametrize("prefix", ["H", "hj", "H1", "ABCDEF", "ĐP", ""])
def test_a_prefix_that_is_not_two_to_five_capitals_is_malformed(prefix: str) -> None:
    with pytest.raises(Malformed):
        mint(key=KEY, shard=0, counter=0, prefix=prefix)
    with pytest.raises(Malformed):
        find_references("HJQPM5YNFT97", prefix)


def test_a_short_key_is_malformed_rather_than_weak() -> None:
    with pytest.raises(Malformed):
        mint(key=b"short", shard=0, counter=0)


def test_another_key_gives_another_sequence() -> None:
    mine = {mint(key=KEY, shard=1, counter=n) for n in range(50)}
    other = {mint(key=KEY[::-1], shard=1, counter=n) for n in range(50)}
    assert len(mine) == len(other) == 50
    assert not mine & other


def test_opening_a_text_with_a_wrong_symbol_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        open_reference(Reference("HJQPM4YNFT97"), key=KEY)
    assert refused.value.code is RefusalCode.REFERENCE_MALFORMED


def test_an_organisation_may_use_a_longer_prefix() -> None:
    reference = mint(key=KEY, shard=2, counter=9, prefix="WHP")
    assert open_reference(reference, key=KEY) == (2, 9)
    assert find_references(f"ck {reference.lower()} thang 7", "WHP") == (reference,)
    assert find_references(reference) == ()


def test_every_mangled_transfer_content_matches_and_suggests_as_marked() -> None:
    file = SHARED / "payments" / "transfer_contents.json"
    if not file.exists():
        pytest.skip("../shared/payments/transfer_contents.json is missing: real mangled contents not tried")
    read = json.loads(file.read_text(encoding="utf-8"))
    live = set(read["codes"])
    for item in read["items"]:
        expect = item["expect"]
        assert list(find_references(item["content"])) == expect["match"], item["id"]
        offered = [found.reference for found in suggest(item["content"]) if found.reference in live]
        assert offered == expect.get("suggest", []), item["id"]
    assert len(read["items"]) > 30


def test_folding_drops_marks_and_everything_but_letters_and_digits() -> None:
    assert fold("Nộp hội phí tháng 5 – đồng chí Ế") == "NOPHOIPHITHANG5DONGCHIE"
    assert fold("HJ_QPM5-ynft\n97") == "HJQPM5YNFT97"
    assert fold("漢\udcff") == ""


def test_hand_written_look_alikes_are_folded_inside_the_ten_symbols_only() -> None:
    assert find_references("hjOe44pnc2zw") == ("HJ0E44PNC2ZW",)
    assert find_references("HJlWPCP6ZU6N") == ("HJ1WPCP6ZV6N",)
    reference = mint(key=KEY, shard=0, counter=3, prefix="LIO")
    assert find_references(reference, "LIO") == (reference,)


def test_repeated_references_are_found_once_and_in_order() -> None:
    text = "HJYB2BJ6D342 HJQPM5YNFT97 HJYB2BJ6D342"
    assert find_references(text) == ("HJYB2BJ6D342", "HJQPM5YNFT97")


@pytest.mark.parametrize(
    ("text", "slip", "position"),
    [
        ("HJQPM4YNFT97", Slip.WRONG_CHARACTER, 6),
        ("HJQPM5YFNT97", Slip.SWAPPED, 8),
        ("HJQPM5NFT97", Slip.MISSING, 7),
        ("HJQPM55YNFT97", Slip.EXTRA, 6),
        ("HJQPM5YNFT", Slip.CUT, 11),
        ("HJQPM5YNFT9", Slip.MISSING, 12),
        ("HKQPM5YNFT97", Slip.PREFIX, 2),
        ("JHQPM5YNFT97", Slip.PREFIX, 1),
        ("JQPM5YNFT97", Slip.PREFIX, 1),
    ],
)
def test_one_slip_is_located_and_suggested_but_never_matched(text: str, slip: Slip, position: int) -> None:
    assert find_references(text) == ()
    found = [found for found in suggest(text) if found.reference == "HJQPM5YNFT97"]
    assert [(each.slip, each.position, each.found) for each in found] == [(slip, position, text)]


def test_a_reference_that_matches_outright_is_not_suggested() -> None:
    assert suggest("HJQPM5YNFT97") == ()
    assert "HJQPM5YNFT97" not in [found.reference for found in suggest("HJQPM5YNFT97 HJQPM4YNFT97")]


def test_people_see_the_reference_in_groups() -> None:
    assert pretty("HJQPM5YNFT97") == "HJ QPM5 YNFT 97"
    assert find_references(pretty("HJQPM5YNFT97")) == ("HJQPM5YNFT97",)
