"""A relief found late: the months to come follow it, a month not paid yet is relieved, a paid one needs a refund."""

from datetime import date

import pytest

from api import wiring
from domain import dues_account
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.handlers.reliefs import RecogniseRelief
from tests.acceptance.story import Cell, Story, into, member, settings

JULY, AUGUST, SEPTEMBER = Month("2026-07"), Month("2026-08"), Month("2026-09")


@pytest.fixture
def story() -> Story:
    """Cell A with one pensioner, July and August assessed, July paid."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    made.assess("A", JULY, date(2026, 7, 1))
    made.request("A", JULY, date(2026, 7, 1))
    made.bank("A", date(2026, 7, 10), into("july", date(2026, 7, 10), 30_000, made.reference("A1", JULY)))
    made.assess("A", AUGUST, date(2026, 8, 1))
    return made


def _relief(month: Month, relief: str = "X1") -> RecogniseRelief:
    return RecogniseRelief(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        month=month,
        relief=relief,
        percent=100,
        reason="đủ 50 năm tuổi Đảng",
        decision="15-QĐ",
    )


def _owed(story: Story, month: Month) -> int:
    return dues_account.owed(story.installation.ledger.work().dues(MemberId("A1"), 2026), month)


def test_an_unpaid_month_is_relieved_and_the_memo_book_follows(story: Story) -> None:
    assert _owed(story, AUGUST) == 30_000
    assert story.do("A-BT", date(2026, 8, 21), _relief(AUGUST))["relieved"] == 30_000
    assert _owed(story, AUGUST) == 0
    books = story.installation.ledger.books
    books.catch_up()
    assert sum(books.balances("A", "0120").values()) == 30_000
    assert sum(books.balances("A", "0110").values()) == 0


def test_a_relief_whose_ground_lasts_holds_for_the_months_to_come(story: Story) -> None:
    story.do("A-BT", date(2026, 8, 21), _relief(AUGUST))
    story.assess("A", SEPTEMBER, date(2026, 9, 1))
    assert _owed(story, SEPTEMBER) == 0


def test_a_relief_for_one_hardship_holds_for_its_month_alone(story: Story) -> None:
    story.do("A-BT", date(2026, 8, 21), _relief(AUGUST, "X4"))
    story.assess("A", SEPTEMBER, date(2026, 9, 1))
    assert _owed(story, SEPTEMBER) == 30_000


def test_the_same_relief_again_takes_off_nothing(story: Story) -> None:
    story.do("A-BT", date(2026, 8, 21), _relief(AUGUST))
    again = story.do("A-BT", date(2026, 8, 22), _relief(AUGUST))
    assert again == {"relieved": 0, "events": 0}


def test_a_month_already_paid_needs_a_refund(story: Story) -> None:
    with pytest.raises(Refusal) as caught:
        story.do("A-BT", date(2026, 8, 21), _relief(JULY))
    assert caught.value.code is RefusalCode.REFUND_STATE


def test_an_officer_without_the_right_cannot_relieve(story: Story) -> None:
    with pytest.raises(Refusal) as caught:
        story.do("VH-TQ", date(2026, 8, 21), _relief(AUGUST))
    assert caught.value.code is RefusalCode.NOT_ALLOWED
