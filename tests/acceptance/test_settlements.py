"""Settlements of channels: one more witness of each payment, and one bank line that pays many."""

from dataclasses import replace

import pytest

from api import wiring
from domain.errors import Refusal
from domain.settlement import Settlement
from ledger.verify import verify
from tests.acceptance.story import Story, into, out, settings
from tests.good_log import read_all
from tests.settled import DAY, PAID_OUT, K, line, outcomes, ready, settled, take, told

CONTENT = "STRIPE PAYOUT PO 1QHXYZ2EZVKYLO2C"


def story_of() -> tuple[Story, list[str]]:
    story = Story(wiring.in_memory(settings()))
    return story, ready(story)


def payout(refs: list[str]) -> Settlement:
    """Three payments of 5,000 with a fee of 300 each, and the gateway's own fee of 1,000."""
    lines = [line(n, K.COLLECTION, f"pi_{n}", 5_000, 300, refs[n - 1]) for n in (1, 2, 3)]
    return settled(*lines, line(4, K.FEE, "txn_fee", -1_000))


def good(story: Story) -> None:
    verdict = verify(read_all(story.installation.store), commands=story.installation.store.commands())
    assert verdict.ok, [f.sentence for c in verdict.checks for f in c.findings]


def test_notices_then_settlement_then_bank_line_end_to_the_dong() -> None:
    story, refs = story_of()
    assert story.tell(*(told(f"pi_{n}", refs[n - 1]) for n in (1, 2, 3)), on=DAY) == ["reference"] * 3
    assert story.balances("A") == {"1120": 1_000_000, "1140": 15_000, "3310": 15_000, "4310": 1_000_000}
    answer = take(story, payout(refs))
    assert outcomes(answer) == ["matched"] * 4
    assert answer["cleared"] is None
    assert "13.100" in answer["waits_for"]
    assert story.balances("A")["1140"] == 14_000
    taken = story.bank("A", PAID_OUT, into("po", PAID_OUT, 13_100, content=CONTENT))
    assert taken["placed"] == {"settlement-lump": 1}
    assert story.balances("A") == {"1120": 1_013_100, "3310": 15_000, "4310": 1_000_000, "6310": 1_900}
    assert take(story, payout(refs))["cleared"] is not None
    good(story)


def test_the_bank_line_may_come_before_the_settlement_and_before_any_notice() -> None:
    story, refs = story_of()
    taken = story.bank("A", PAID_OUT, into("po", PAID_OUT, 13_100, content=CONTENT))
    assert taken["placed"] == {"settlement-waits": 1}
    assert story.balances("A") == {"1120": 1_000_000, "4310": 1_000_000}
    answer = take(story, payout(refs))
    assert answer["cleared"] is not None
    assert answer["waits_for"] == ""
    assert story.balances("A") == {"1120": 1_013_100, "3310": 15_000, "4310": 1_000_000, "6310": 1_900}
    # The notices come last and are the same money.
    assert story.tell(*(told(f"pi_{n}", refs[n - 1]) for n in (1, 2, 3)), on=PAID_OUT) == ["known"] * 3
    assert story.balances("A")["1120"] == 1_013_100
    good(story)


def test_the_same_settlement_twice_has_the_effect_of_once_and_a_restated_one_has_none() -> None:
    story, refs = story_of()
    first, again = take(story, payout(refs)), take(story, payout(refs))
    assert (first["state"], again["state"]) == ("taken", "known")
    before = story.balances("A")
    restated = settled(line(1, K.COLLECTION, "pi_1", 5_000, 300, refs[0]))
    answer = take(story, restated)
    assert answer["state"] == "restated"
    assert answer["lines"] == []
    assert story.balances("A") == before
    assert "nội dung khác" in answer["waits_for"]
    good(story)


def test_a_settlement_that_does_not_add_up_is_refused_whole() -> None:
    story, refs = story_of()
    right = payout(refs)
    for wrong in (
        replace(right, net=right.net + 1),
        replace(right, lines=(replace(right.lines[0], fee=301), *right.lines[1:])),
    ):
        with pytest.raises(Refusal) as refused:
            take(story, wrong)
        assert refused.value.code == "settlement-does-not-add-up"
    assert "1140" not in story.balances("A")


def test_a_line_of_another_amount_is_a_case_and_keeps_the_lump_waiting() -> None:
    story, refs = story_of()
    story.tell(told("pi_1", refs[0]), on=DAY)
    answer = take(story, settled(line(1, K.COLLECTION, "pi_1", 5_500, 300, refs[0])))
    assert outcomes(answer) == ["amount-differs"]
    assert answer["lines"][0]["ours"] == 5_000
    placed = story.bank("A", PAID_OUT, into("po", PAID_OUT, 5_200, content=CONTENT))["placed"]
    assert placed == {"settlement-waits": 1}
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_a_doubled_line_counts_once_and_is_named() -> None:
    story, refs = story_of()
    story.tell(told("pi_1", refs[0]), on=DAY)
    twice = settled(line(1, K.COLLECTION, "pi_1", 5_000, 0, refs[0]), line(2, K.COLLECTION, "pi_1", 5_000, 0, refs[0]))
    assert outcomes(take(story, twice)) == ["matched", "doubled"]
    elsewhere = settled(line(1, K.COLLECTION, "pi_1", 5_000, 0, refs[0]), name="po_1AAAAAAAAAAAAAAA")
    assert outcomes(take(story, elsewhere)) == ["doubled"]
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_what_a_settlement_lacks_is_named_and_what_only_it_knows_comes_in() -> None:
    story, refs = story_of()
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]), on=DAY)
    got = settled(line(1, K.COLLECTION, "pi_1", 5_000, 0, refs[0]), line(2, K.COLLECTION, "pi_x", 7_000, 0, None))
    answer = take(story, got, "gateway/pi_1", "gateway/pi_2")
    assert outcomes(answer) == ["matched", "matched"]
    assert answer["missing"] == [{"payment_id": "gateway/pi_2", "reference": refs[1], "amount": 5_000}]
    # Nobody asked for it, but it is surely there: it waits for its owner.
    assert story.balances("A")["3380"] == 7_000
    story.bank("A", PAID_OUT, into("po", PAID_OUT, 12_000, content=CONTENT))
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_a_lump_of_another_amount_waits_with_the_reason() -> None:
    story, refs = story_of()
    take(story, payout(refs))
    assert story.bank("A", PAID_OUT, into("po", PAID_OUT, 13_000, content=CONTENT))["placed"] == {"settlement-waits": 1}
    assert "13.000" in take(story, payout(refs))["waits_for"]
    good(story)


def test_a_payout_of_more_refunds_than_collections_is_a_debit_of_the_bank() -> None:
    story, refs = story_of()
    lost = settled(line(1, K.COLLECTION, "pi_1", 5_000, 300, refs[0]), line(2, K.ADJUSTMENT, "dp_9", -60_000, 15_000))
    take(story, lost)
    assert story.balances("A")["1370"] == 60_000
    placed = story.bank("A", PAID_OUT, out("po", PAID_OUT, 70_300, content=CONTENT))["placed"]
    assert placed == {"settlement-lump": 1}
    assert story.balances("A")["1120"] == 929_700
    assert "1140" not in story.balances("A")
    won = settled(line(1, K.ADJUSTMENT, "dp_9", 60_000), name="po_1BBBBBBBBBBBBBBB")
    take(story, won)
    story.bank(
        "A", PAID_OUT.replace(day=14), into("w", PAID_OUT.replace(day=14), 60_000, content="PO_1BBBBBBBBBBBBBBB")
    )
    assert story.balances("A") == {"1120": 989_700, "3310": 5_000, "4310": 1_000_000, "6310": 15_300}
    good(story)


def test_a_channel_that_pays_each_payment_singly_keeps_its_own_bank_lines() -> None:
    story, _ = story_of()
    portal = str(story.attempt("A", "A1", "2026-07", DAY)["reference"])
    answer = take(story, settled(line(1, K.COLLECTION, "GD1", 5_000, 0, portal), rail="portal", name="20260710_HP_1"))
    assert outcomes(answer) == ["matched"]
    assert answer["waits_for"] == ""
    assert story.tell(story.notice(portal, 5_000, DAY, number="GD1")) == ["known"]
    assert story.bank("A", PAID_OUT, into("p", PAID_OUT, 5_000, portal))["placed"] == {"portal-credit": 1}
    unknown = settled(line(1, K.COLLECTION, "GD2", 5_000, 0, "HJ23456789AB"), rail="portal", name="20260711_HP_1")
    assert outcomes(take(story, unknown)) == ["unknown"]
    good(story)


def test_a_transfer_under_the_reference_of_a_gateway_attempt_is_a_second_payment() -> None:
    story, refs = story_of()
    story.tell(told("pi_1", refs[0]), on=DAY)
    assert story.bank("A", DAY, into("t", DAY, 5_000, refs[0]))["placed"] == {"reference": 1}
    assert story.balances("A")["3340"] == 5_000
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_a_payout_that_came_back_is_cleared_by_the_one_that_brings_it_back() -> None:
    story, refs = story_of()
    failed = settled(line(1, K.COLLECTION, "pi_1", 5_000, 300, refs[0]), name="po_1CCCCCCCCCCCCCCC")
    later = settled(
        line(1, K.COLLECTION, "pi_2", 5_000, 300, refs[1]), line(2, K.ADJUSTMENT, "po_1CCCCCCCCCCCCCCC", 4_700)
    )
    assert outcomes(take(story, later)) == ["matched", "unknown"]
    placed = story.bank("A", PAID_OUT, into("po", PAID_OUT, 9_400, content=CONTENT))["placed"]
    assert placed == {"settlement-waits": 1}
    take(story, failed)
    assert outcomes(take(story, later)) == ["matched", "matched"]
    assert story.balances("A") == {"1120": 1_009_400, "3310": 10_000, "4310": 1_000_000, "6310": 600}
    good(story)
