"""Properties of the payment reference over random keys, numbers and transfer contents."""

import string

from hypothesis import given
from hypothesis import strategies as st

from domain.reference import COUNTERS, SHARDS, find_references, fold, is_valid, mint, open_reference, suggest

KEYS = st.binary(min_size=16, max_size=80)
SHARD_NUMBERS = st.integers(0, SHARDS - 1)
COUNTER_NUMBERS = st.integers(0, COUNTERS - 1)
KEY = bytes(range(32))
REFERENCES = st.builds(
    lambda shard, counter: mint(key=KEY, shard=shard, counter=counter), SHARD_NUMBERS, COUNTER_NUMBERS
)
#: Letters of a bank's own words around the code; without H, so that no second prefix arises by gluing.
AROUND = st.text(
    string.ascii_letters.replace("h", "").replace("H", "") + string.digits + " .-_/:,\n()ếộĐđ", max_size=60
)


@given(KEYS, SHARD_NUMBERS, COUNTER_NUMBERS)
def test_opening_is_the_inverse_of_minting_for_every_key(key: bytes, shard: int, counter: int) -> None:
    reference = mint(key=key, shard=shard, counter=counter)
    assert is_valid(reference)
    assert len(reference) == 12
    assert open_reference(reference, key=key) == (shard, counter)


@given(SHARD_NUMBERS, st.sets(COUNTER_NUMBERS, min_size=2, max_size=20))
def test_different_counters_never_share_a_reference(shard: int, counters: set[int]) -> None:
    assert len({mint(key=KEY, shard=shard, counter=counter) for counter in counters}) == len(counters)


@given(REFERENCES, st.integers(0, 11), st.sampled_from(string.ascii_uppercase + string.digits))
def test_one_wrong_character_is_never_another_valid_reference(reference: str, place: int, wrong: str) -> None:
    mangled = reference[:place] + wrong + reference[place + 1 :]
    assert find_references(mangled) in ((), (reference,))


@given(REFERENCES, st.integers(0, 10))
def test_swapped_neighbours_are_never_another_valid_reference(reference: str, place: int) -> None:
    mangled = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    assert find_references(mangled) in ((), (reference,))


@given(REFERENCES, st.integers(2, 11), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_symbol_is_always_located(reference: str, place: int, wrong: str) -> None:
    mangled = reference[:place] + wrong + reference[place + 1 :]
    if mangled != reference:
        assert (reference, place + 1) in [(found.reference, found.position) for found in suggest(mangled)]


@given(REFERENCES, AROUND, AROUND, st.integers(0, 11), st.sampled_from(["", " ", "-", "_", "\n", " - "]), st.booleans())
def test_a_reference_survives_words_blanks_breaks_and_case_around_and_inside_it(
    reference: str, before: str, behind: str, place: int, gap: str, lower: bool
) -> None:
    written = reference[:place] + gap + reference[place:]
    content = before + (written.lower() if lower else written) + behind
    assert reference in find_references(content)


@given(REFERENCES)
def test_hand_written_look_alikes_are_read_back(reference: str) -> None:
    body = reference[2:].translate(str.maketrans("01V", "OlU"))
    assert find_references("HJ" + body) == (reference,)


@given(st.text())
def test_any_text_is_folded_once_and_searched_without_failing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert set(folded) <= set(string.ascii_uppercase + string.digits)
    assert find_references(text) == find_references(folded)
    assert not {found.reference for found in suggest(text)} & set(find_references(text))
