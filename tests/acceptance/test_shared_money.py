"""Money under one reference that is not one person's alone, and a list that is paid a second time: nobody's credit."""

from datetime import date

import pytest

from api import wiring
from domain.identifiers import MemberId, UnitId
from domain.notice import NoticeStatus
from domain.period import Month
from ledger.handlers import ask, collect
from ledger.several_people import pointed_to
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Cell, Story, at, into, member, settings
from tests.good_log import read_all

JULY, DAY = "2026-07", date(2026, 7, 9)


@pytest.fixture
def story() -> Story:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A")])
    rows = [member(name, "SI_COMPULSORY", ("si-salary", 10_000_000)) for name in ("A1", "A2")]
    story.enrol("A", *rows)
    story.assess("A", JULY, START)
    story.request("VH", JULY, START)
    return story


def _sound(story: Story) -> None:
    verdict = verify(read_all(story.installation.store), commands=tuple(story.installation.store.commands()))
    assert [f.sentence for check in verdict.checks for f in check.findings] == []


def _slip(reference: str) -> str:
    return reference[:6] + ("7" if reference[6] != "7" else "8") + reference[7:]


def _webhook(reference: str, amount: int, content: str) -> collect.Notice:
    near, several = pointed_to(content, "HJ")
    return collect.Notice(
        source=f"bank:{BIN}:00A",
        outside_reference="FT-x",
        status=NoticeStatus.PAID,
        reference=None,
        found=(reference,),
        amount=amount,
        paid_at=at(DAY),
        account_number="00A",
        payer_key=None,
        evidence_id=None,
        near=near,
        several=several,
    )


@pytest.mark.parametrize("order", ["W", "S", "WS", "SW", "SWS"])
@pytest.mark.parametrize("way", ["slip", "words"])
def test_more_than_was_asked_waits_where_the_text_points_to_another(story: Story, order: str, way: str) -> None:
    mine, other = story.reference("A1", JULY), story.reference("A2", JULY)
    content = f"{mine} {_slip(other)}" if way == "slip" else f"{mine} va LE THI B"
    statement = story.statement("A", DAY, into("x", DAY, 200_000, mine, content=content))
    for letter in order:
        if letter == "S":
            story.do("VH-KT", DAY, statement)
        else:
            story.tell(_webhook(mine, 200_000, content))
    assert story.balances("A") == {"1120": 200_000, "3380": 200_000}
    assert story.owed("A") == 200_000
    _sound(story)


@pytest.mark.parametrize("content", ["{} T7 va T8", "{} dang phi", "{} {}"])
def test_more_than_was_asked_is_the_members_credit_where_nothing_speaks_against_it(story: Story, content: str) -> None:
    mine = story.reference("A1", JULY)
    line = into("x", DAY, 150_000, mine, content=content.format(mine, mine))
    story.do("VH-KT", DAY, story.statement("A", DAY, line))
    assert story.owed("A") == 100_000
    assert "3380" not in story.balances("A")
    _sound(story)


def test_what_was_asked_is_posted_whatever_else_the_text_says(story: Story) -> None:
    mine, other = story.reference("A1", JULY), story.reference("A2", JULY)
    line = into("x", DAY, 100_000, mine, content=f"{mine} va {_slip(other)}")
    story.do("VH-KT", DAY, story.statement("A", DAY, line))
    assert story.owed("A") == 100_000


def test_a_list_is_paid_once_and_the_same_sum_again_waits(story: Story) -> None:
    lines = tuple(
        ask.BatchLine(member_id=MemberId(name), month=Month(JULY), amount=100_000, cash_payment_id=None)
        for name in ("A1", "A2")
    )
    opened = story.do("A-TP", DAY, ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=lines))
    reference = str(opened["reference"])
    first, again = (into(name, DAY, 200_000, reference, content=reference) for name in ("x", "y"))
    story.do("VH-KT", DAY, story.statement("A", DAY, first, again))
    assert story.owed("A") == 0
    assert story.balances("A")["3380"] == 200_000
    _sound(story)
