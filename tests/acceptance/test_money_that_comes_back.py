"""Money in that says it is a return, with a reference of ours beside it: by webhook, by statement, in any order."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain.notice import NoticeStatus
from ledger.handlers import collect
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Cell, Story, at, into, member, settings
from tests.good_log import read_all

JULY, DAY = "2026-07", date(2026, 7, 9)
WORDS = "HOAN TRA GD {} SAI TK THU HUONG"


@pytest.fixture
def story() -> Story:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A")])
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("A", JULY, START)
    story.request("VH", JULY, START)
    return story


def _webhook(reference: str) -> collect.Notice:
    return collect.Notice(
        source=f"bank:{BIN}:00A",
        outside_reference="FT-x",
        status=NoticeStatus.PAID,
        reference=None,
        found=(reference,),
        amount=100_000,
        paid_at=at(DAY),
        account_number="00A",
        payer_key=None,
        evidence_id=None,
        comes_back=True,
    )


@pytest.mark.parametrize("order", ["W", "S", "WS", "SW", "WSWS"])
def test_a_return_waits_for_a_person_whoever_tells_of_it_first(story: Story, order: str) -> None:
    reference = story.reference("A1", JULY)
    statement = story.statement("A", DAY, into("x", DAY, 100_000, reference, content=WORDS.format(reference)))
    for letter in order:
        if letter == "S":
            story.do("VH-KT", DAY, statement)
        else:
            story.tell(_webhook(reference))
    assert story.balances("A") == {"1120": 100_000, "3380": 100_000}
    assert story.owed("A") == 100_000
    verdict = verify(read_all(story.installation.store))
    assert [f.sentence for check in verdict.checks for f in check.findings] == []


def test_the_same_money_without_the_words_pays_the_dues(story: Story) -> None:
    reference = story.reference("A1", JULY)
    story.tell(replace(_webhook(reference), comes_back=False))
    assert story.owed("A") == 0
