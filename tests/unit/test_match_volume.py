"""The frames of the exact-reference step pair what the rule pairs one by one, with the same evidence."""

from dataclasses import replace

from domain.notice import Direction
from reconciliation.match.engine import match
from reconciliation.match.exact import VOLUME, certain
from reconciliation.match.left import everything
from reconciliation.match.values import Claim, MoneyIn
from tests.matching import OTHER, R1, R2, R3, R4, R5, money, owes

CLAIMS = [
    owes("a", 60_000, R1),
    owes("b", 70_000, R2),
    owes("c", 80_000, R3),
    owes("d", 60_000, R4, account_id=OTHER),
    owes("e", 90_000, R5),
]
WAITING = [
    money("m1", 60_000, R1),
    money("m2", 70_000, R2, R3),  # two references
    money("m3", 80_000, R3),  # carried twice
    money("m4", 60_000, R4),  # another account
    money("m5", 95_000, R5),  # another amount
]


def _pairs(at_least: int) -> list[tuple[str, str]]:
    found = certain(everything(WAITING, CLAIMS), at_least)
    return [(one.key, claim.key) for one, claim in found]


def test_only_one_money_of_one_claim_on_its_account_and_of_its_amount_is_certain() -> None:
    assert _pairs(1) == [("m1", "month:a:2026-07")]


def test_a_few_are_not_worth_a_frame() -> None:
    assert len(WAITING) < VOLUME
    assert _pairs(VOLUME) == []


def test_money_out_and_accounts_that_are_not_known_are_never_certain() -> None:
    out = [replace(WAITING[0], direction=Direction.OUT)]
    nowhere = [replace(WAITING[0], account_id=None)]
    unbound = [replace(CLAIMS[0], account_id=None)]
    assert certain(everything(out, CLAIMS), 1) == ()
    assert certain(everything(nowhere, CLAIMS), 1) == ()
    assert certain(everything(nowhere, unbound), 1) == ()


def _many(count: int) -> tuple[list[MoneyIn], list[Claim]]:
    """References of ten symbols that are all different; the engine does not ask whether their checks hold."""
    codes = [f"HJ{number:010d}" for number in range(count)]
    claims = [owes(f"n{number}", 60_000 + number % 7 * 500, code) for number, code in enumerate(codes)]
    waiting = [
        money(f"w{number}", 60_000 + number % 7 * 500 + (number % 50 == 0) * 1_000, code)
        for number, code in enumerate(codes)
    ]
    return [*waiting, money("again", 60_000, codes[0])], claims


def test_the_answer_of_a_large_run_is_that_of_its_parts() -> None:
    waiting, claims = _many(VOLUME)
    whole = match(waiting, claims)
    # Of a part so small that no frame is made, each pair is the same to its last piece of evidence.
    some = [one for one in waiting if one.key == "again" or int(one.key[1:]) < 300]
    beside = match(some, claims)
    keys = {one.key for one in some}
    assert [pair for pair in whole.pairs if set(pair.money) <= keys] == list(beside.pairs)
    assert [one.money for one in whole.unmatched if one.money in keys] == [one.money for one in beside.unmatched]
