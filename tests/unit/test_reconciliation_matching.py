"""Pairing by evidence, by case and amount, by case and order, by reference; nothing is consumed twice."""

from reconciliation.matching import OpenItem, Place, near_amounts, pair
from tests.reconciliation_facts import day, evidence, line


def item(name: str, amount: int, on: int = 5, case: str | None = None) -> OpenItem:
    return OpenItem(item=name, case=case or name, on=day(on).toordinal(), booked=amount, expected=amount)


def found(places: tuple[Place, ...]) -> set[tuple[str | None, tuple[str, ...], str]]:
    return {(place.key, place.items, place.how) for place in places}


def test_nothing_gives_nothing() -> None:
    assert pair([], [], [], []) == ()


def test_an_item_takes_the_line_named_first_and_leaves_the_second_alone() -> None:
    places = pair([line("a", 5, 7), line("b", 5, 7)], [item("p", 7)], [evidence("b", "p"), evidence("a", "p")], [])
    assert found(places) == {("a", ("p",), "evidence"), ("b", (), "alone")}


def test_within_a_case_equal_amounts_meet_first_and_the_rest_in_order() -> None:
    lines = [line("a", 5, -35), line("b", 6, -315), line("c", 7, -1)]
    items = [item("s#1", -315, 4, "s"), item("s#2", -40, 5, "s")]
    ties = [evidence(key, "", case="s") for key in "abc"]
    assert found(pair(lines, items, ties, [])) == {
        ("b", ("s#1",), "case"),
        ("a", ("s#2",), "order"),
        ("c", (), "alone"),
    }


def test_money_in_never_answers_for_money_out() -> None:
    places = pair([line("a", 5, 35)], [item("s", -35)], [evidence("a", "", case="s")], [])
    assert found(places) == {("a", (), "alone"), (None, ("s",), "alone")}


def test_two_equal_lines_and_two_equal_items_of_a_case_make_two_pairs() -> None:
    ties = [evidence(key, "", case="s") for key in "ab"]
    places = pair([line("a", 5, 9), line("b", 5, 9)], [item("s#1", 9, case="s"), item("s#2", 9, case="s")], ties, [])
    assert found(places) == {("a", ("s#1",), "case"), ("b", ("s#2",), "case")}


def test_a_reference_alone_pairs_other_amounts_and_never_equal_ones() -> None:
    lines = [line("a", 5, 30), line("b", 5, 25)]
    items = [item("bag:1", 35), item("bag:2", 25)]
    assert found(pair(lines, items, [], [("a", "bag:1"), ("b", "bag:2")])) == {
        ("a", ("bag:1",), "reference"),
        ("b", (), "alone"),
        (None, ("bag:2",), "alone"),
    }


def test_amounts_beyond_what_a_float_can_count_stay_exact() -> None:
    big = 9_007_199_254_740_991
    ties = [evidence("a", "", case="s")]
    assert found(pair([line("a", 5, big)], [item("s", big - 1)], ties, [])) == {("a", ("s",), "order")}
    assert found(pair([line("a", 5, big)], [item("s", big)], ties, [])) == {("a", ("s",), "case")}


def test_near_amounts_are_equal_amounts_within_the_days() -> None:
    offered = [("x", 7, 10), ("y", 7, 16), ("z", -7, 10), ("w", 8, 10)]
    assert near_amounts([("p", 7, 11)], offered, days=5) == {"p": ("x", "y")}
    assert near_amounts([("p", 7, 11)], offered, days=4) == {"p": ("x",)}


def test_where_too_many_fit_none_is_named_and_ten_thousand_equal_amounts_are_soon_done() -> None:
    wanted = [(f"w{n}", 50_000, n % 31) for n in range(10_000)]
    offered = [(f"o{n}", 50_000, n % 31) for n in range(10_000)]
    assert near_amounts(wanted, offered, days=5, most=3) == {}
    few = near_amounts([("w", 7_000, 10)], [("a", 7_000, 5), ("b", 7_000, 15), ("c", 7_000, 16)], days=5, most=3)
    assert few == {"w": ("a", "b")}
