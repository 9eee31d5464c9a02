"""The torture set through the real import and the real matching: a part of every theme, bank, shape and damage.

The whole of it, more than six thousand lines, is played by ``make bench``. The hold-out is played whole.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from api.flows import match
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.payment import PaymentReceived
from domain.reference import find_references
from ledger.handlers import statements
from ledger.verify import verify
from tests.acceptance.story import Story, at
from tests.good_log import read_all
from tests.torture import damage, holdout, maker, shapes
from tests.torture.codes import codes_in
from tests.torture.matcher import RUN_ON, matched
from tests.torture.runner import Became, Played, Shown, play
from tests.torture.score import Verdict, faults, judge, score
from tests.torture.stage import READY, ward
from tests.torture.subset import stratified
from tests.torture.table import listed
from tests.torture.values import (
    LINES_FILE,
    WORLD_FILE,
    Line,
    Must,
    World,
    lines_text,
    read_lines,
    read_world,
    world_text,
)

CONTENTS = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "transfer_contents.json"


@pytest.fixture(scope="module")
def world() -> World:
    return read_world()


@pytest.fixture(scope="module")
def lines() -> tuple[Line, ...]:
    return read_lines()


@pytest.fixture(scope="module")
def part(world: World, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return stratified(world, lines)


@pytest.fixture(scope="module")
def played(world: World, part: tuple[Line, ...]) -> Played:
    return play(world, part, matched)


@pytest.fixture(scope="module")
def verdicts(part: tuple[Line, ...], played: Played) -> tuple[Verdict, ...]:
    return judge(part, played.became)


# --- the set itself ---------------------------------------------------------------------------------------------


def test_the_set_is_made_again_byte_for_byte() -> None:
    made_world, made_lines = maker.make()
    assert world_text(made_world) == WORLD_FILE.read_text(encoding="utf-8")
    assert lines_text(made_lines) == LINES_FILE.read_text(encoding="utf-8")


def test_the_set_holds_every_shape_every_damage_and_every_kind_of_truth(lines: tuple[Line, ...]) -> None:
    assert len(lines) >= 5_000
    assert {line.shape for line in lines} >= set(shapes.SHAPES)
    assert {line.damage for line in lines} >= {*damage.HARMLESS, *damage.SLIPS, *damage.CUTS}
    assert min(Counter(line.must for line in lines)[must] for must in Must) >= 100
    assert min(Counter(line.unit for line in lines).values()) >= 500
    # Truth gives exactly what came in; a channel's lump is less its fees.
    lumps = [line for line in lines if line.theme == "lump-with-fees"]
    assert len(lumps) == 21
    assert all(sum(amount for _, amount in line.to) == line.amount for line in lines if line.to and line not in lumps)
    assert all(line.to for line in lines if line.must in (Must.POST, Must.EITHER, Must.SUGGEST))


def test_the_part_that_is_played_leaves_out_no_theme_at_any_bank_no_shape_and_no_damage(
    lines: tuple[Line, ...], part: tuple[Line, ...]
) -> None:
    def strata(some: tuple[Line, ...]) -> set[tuple[str, str, str, str]]:
        kinds = {("theme", line.theme, line.unit, "") for line in some}
        return (
            kinds
            | {("shape", line.shape, "", "") for line in some}
            | {("damage", line.damage, "", "") for line in some}
        )

    assert strata(part) == strata(lines)
    assert 800 < len(part) < len(lines) // 3


def test_the_product_reads_references_as_the_slow_reader_does(lines: tuple[Line, ...]) -> None:
    assert [find_references(line.content) for line in lines] == [codes_in(line.content) for line in lines]


#: Where each content that was seen in public code or documentation has its shape, damage or theme in the set.
SEEN = {
    "tc-08": "napas-ft-at-vcb",
    "tc-09": "napas-long-at-vcb",
    "tc-11": "acsp-at-mb",
    "tc-12": "momo",
    "tc-13": "momo-cut",
    "tc-15": "momo-glued",
    "tc-23": "app-qr",
    "tc-25": "diacritics",
    "tc-27": "blank-inside",
    "tc-28": "line-break",
    "tc-30": "underscore",
    "tc-40": "name",
    "tc-41": "vcb-app",
}


def test_what_was_seen_in_the_wild_is_read_as_told_and_stands_in_the_set(lines: tuple[Line, ...]) -> None:
    if not CONTENTS.exists():
        pytest.skip("../shared is missing: the contents seen in public code cannot be compared")
    items = json.loads(CONTENTS.read_text(encoding="utf-8"))["items"]
    assert {item["id"] for item in items if item["evidence"] == "seen"} == set(SEEN)
    assert {name for line in lines for name in (line.shape, line.damage, line.theme)} >= set(SEEN.values())
    for item in items:
        assert list(codes_in(item["content"])) == item["expect"]["match"], item["id"]


# --- the product ------------------------------------------------------------------------------------------------


def test_no_line_of_overlapping_files_is_doubled_or_lost(played: Played) -> None:
    assert (played.doubled, played.lost) == (0, 0)


def test_nothing_is_posted_wrongly(verdicts: tuple[Verdict, ...]) -> None:
    found = score(verdicts)
    wrong = [v for v in verdicts if v.wrong]
    assert found.posted > 500
    assert (found.wrong_dong, found.precision) == (0, 1.0), listed(wrong)


def test_what_can_be_reached_is_reached(verdicts: tuple[Verdict, ...]) -> None:
    found = score(verdicts)
    assert found.must_post > 500
    assert found.to_suggest > 100
    assert (found.recall_posted or 0) >= 0.99, listed(faults(verdicts))
    assert (found.recall or 0) >= 0.99, listed(faults(verdicts))


def test_the_bank_names_its_own_bookings(verdicts: tuple[Verdict, ...]) -> None:
    rules = {(v.line.theme, v.became.rule) for v in verdicts if v.line.theme in ("fee", "interest")}
    assert rules == {("fee", "bank-fee"), ("interest", "interest")}


def test_the_book_passes_every_check_afterwards(played: Played) -> None:
    store = played.story.installation.store
    verdict = verify(read_all(store), commands=tuple(store.commands()))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


# --- the hold-out -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def held_out() -> tuple[Played, tuple[Verdict, ...]]:
    world, lines = holdout.make()
    told = play(world, lines, matched, story=holdout.stage(world))
    return told, judge(lines, told.became)


def test_the_hold_out_is_made_again_byte_for_byte() -> None:
    assert lines_text(holdout.make()[1]) == holdout.FILE.read_text(encoding="utf-8")


def test_nothing_of_the_hold_out_is_posted_wrongly_lost_or_doubled(
    held_out: tuple[Played, tuple[Verdict, ...]],
) -> None:
    told, verdicts = held_out
    found = score(verdicts)
    assert (told.doubled, told.lost) == (0, 0)
    assert found.posted > 250
    assert (found.wrong_dong, found.precision) == (0, 1.0), listed([v for v in verdicts if v.wrong])


def test_what_can_be_reached_of_the_hold_out_is_reached(held_out: tuple[Played, tuple[Verdict, ...]]) -> None:
    _, verdicts = held_out
    found = score(verdicts)
    assert found.recall_posted == 1.0, listed(faults(verdicts))
    assert (found.recall or 0) >= 0.99, listed(faults(verdicts))


def test_the_book_of_the_hold_out_passes_every_check(held_out: tuple[Played, tuple[Verdict, ...]]) -> None:
    store = held_out[0].story.installation.store
    verdict = verify(read_all(store), commands=tuple(store.commands()))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


# --- the runner can fail ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(world: World) -> World:
    """The same references without the gateway's payments: quicker to set up."""
    return replace(world, lumps=())


def test_a_wrong_posting_by_a_matcher_is_caught_to_the_dong(small: World, lines: tuple[Line, ...]) -> None:
    some = tuple(line for line in lines if line.unit == "T7" and line.theme in ("stranger", "slip"))
    victim = next(line for line in some if line.theme == "stranger")

    def reckless(story: Story) -> Mapping[str, Shown]:
        """Gives a stranger's money to the first member of the cell."""
        waiting = next(
            event
            for recorded in story.installation.store.read(0, 1_000_000)
            if isinstance(event := recorded.event, PaymentReceived)
            and (event.unit_id, event.suspense_amount) == ("T7", victim.amount)
        )
        command = statements.IdentifySuspense(
            unit_id=UnitId("T7"),
            payment_id=PaymentId(waiting.payment_id),
            member_id=MemberId("T7-001"),
            month=None,
            amount=waiting.amount,
            ground="đoán",
        )
        story.do(ward(), READY.replace(month=12), command)
        return {}

    found = score(judge(some, play(small, some, reckless).became))
    assert (found.posted, found.right, found.wrong_dong) == (1, 0, victim.amount)


def test_a_matcher_that_believes_all_its_own_suggestions_is_caught(small: World, lines: tuple[Line, ...]) -> None:
    themes = ("first-of-a-payer", "known-payer", "stranger", "slip", "own-words", "return-of-known-payer")
    some = tuple(line for line in lines if line.unit == "T7" and line.theme in themes)

    def gullible(story: Story) -> Mapping[str, Shown]:
        """Accepts whatever the rules propose, in whatever order it comes."""
        looked = match.look(story.installation, on=RUN_ON)
        ids = [one.match_id for one in looked.proposals if one.proposed is not None]
        match.accept(story.installation, actor=ward(), at=at(RUN_ON), ids=ids, ground="tin hết")
        return {}

    verdicts = judge(some, play(small, some, gullible).became)
    wrong = {v.line.theme for v in verdicts if v.wrong}
    assert "slip" in wrong
    assert score(verdicts).wrong_dong == sum(v.wrong for v in verdicts) > 1_000_000
    assert (score(verdicts).precision or 0) < 0.8


def test_a_truth_that_is_changed_shows_as_a_fault(part: tuple[Line, ...], played: Played) -> None:
    right = score(judge(part, played.became))
    line = next(one for one in part if one.theme == "reference")
    other = replace(line, to=(("T7-399", line.amount),))
    less = replace(line, to=((line.to[0][0], line.amount - 1),))
    for changed, wrong in ((other, line.amount), (less, 1)):
        found = score(judge([changed if one.id == line.id else one for one in part], played.became))
        assert found.wrong_dong == right.wrong_dong + wrong
        assert found.posted_of_must == right.posted_of_must - 1
        assert found.right == right.right - 1


@pytest.mark.parametrize(
    ("must", "posted", "shown", "wrong", "missed", "reached"),
    [
        (Must.POST, {"A": 5}, (), 0, False, True),
        (Must.POST, {"A": 4}, (), 0, True, False),
        (Must.POST, {}, (("A", 5),), 0, True, False),
        (Must.POST, {"B": 5}, (), 5, True, False),
        (Must.SUGGEST, {"A": 5}, (), 5, False, False),
        (Must.SUGGEST, {}, (("B", 5), ("A", 5)), 0, False, True),
        (Must.SUGGEST, {}, (("B", 5), ("C", 5), ("D", 5), ("A", 5)), 0, False, False),
        (Must.EITHER, {"A": 5}, (), 0, False, True),
        (Must.EITHER, {}, (("A", 4),), 0, False, False),
        (Must.HOLD, {"A": 5}, (), 5, False, False),
        (Must.RETURN, {"A": 5}, (), 5, False, False),
        (Must.OTHER, {"B": 2}, (), 2, False, False),
    ],
)
def test_each_verdict_is_what_it_says(
    lines: tuple[Line, ...],
    must: Must,
    posted: dict[str, int],
    shown: tuple[tuple[str, int], ...],
    wrong: int,
    missed: bool,
    reached: bool,
) -> None:
    line = replace(lines[0], must=must, to=(("A", 5),), amount=5, reachable=True)
    became = Became(posted=posted, rule=None, suggested=tuple((answer,) for answer in shown))
    (verdict,) = judge([line], {line.id: became})
    assert (verdict.wrong, verdict.missed, verdict.reached) == (wrong, missed, reached)
