"""Printed codes: what they carry, when they are asked anew, and that nobody is offered a second payment."""

from datetime import date

import pytest

from adapters.vietqr.decode import decode
from api import wiring
from api.flows.slips import slips_of_month
from domain.errors import Refusal
from domain.identifiers import MemberId, UnitId
from domain.payment_request import Requested
from domain.period import Month
from ledger.handlers import ask, slips
from ledger.handlers.adjust import RestateBase
from ledger.ports import Person
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, into, member, settings

JUNE, JULY = Month("2026-06"), Month("2026-07")
DAY = date(2026, 7, 10)


@pytest.fixture
def story() -> Story:
    """Cell A: A1 owes 100,000 for July, A2 a student's 5,000."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, date(2026, 7, 1))
    made.installation.vault.put([Person(member_id=m, name=f"Trần {m}", card_number=None) for m in ("A1", "A2")])
    return made


def _ask(story: Story, on: date, until: date | None) -> dict[str, object]:
    return story.do("VH-KT", on, ask.RequestMonth(unit_id=UnitId("A"), month=JULY, valid_until=until))


def _requested(story: Story, name: str = "A1") -> Requested:
    found = story.installation.ledger.work().request(story.reference(name, JULY))
    assert isinstance(found, Requested)
    return found


def _restate(story: Story, amount: int, on: date = DAY) -> None:
    command = RestateBase(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        kind="si-salary",
        from_month=JUNE,
        to_month=JUNE,
        amount=amount,
        reason="điều chỉnh",
        decision="TB 12",
    )
    story.do("VH-KT", on, command)


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _amounts(story: Story, on: date) -> dict[int, int | None]:
    made = slips_of_month(story.installation, UnitId("A"), JULY, on)
    return {slip.amount: decode(slip.payload).amount for slip in made.slips}


def _reasons(story: Story, on: date) -> dict[str, str]:
    made = slips_of_month(story.installation, UnitId("A"), JULY, on)
    return {one.member_id: one.reason for one in made.left_out}


def _tell(story: Story, on: date, told_on: date | None = None) -> dict[str, object]:
    reference = story.reference("A1", JULY)
    return story.do("A-TP", on, slips.TellTransfer(unit_id=UnitId("A"), reference=reference, told_on=told_on or on))


def test_a_code_on_paper_carries_the_amount_with_a_last_day_and_no_amount_without_one(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    assert _amounts(story, DAY) == {100_000: 100_000, 5_000: 5_000}
    other = Story(wiring.in_memory(settings()))
    other.set_up([Cell(id="A", bank=1_000_000)])
    other.enrol("A", member("A2", "STUDENT"))
    other.assess("A", JULY, date(2026, 7, 1))
    _ask(other, DAY, None)
    assert _amounts(other, DAY) == {5_000: None}


def test_a_restated_base_withdraws_the_code_and_asks_anew_under_another_reference(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    old = _requested(story)
    _restate(story, 12_000_000)
    gone = story.installation.ledger.work().request(old.asked.reference)
    new = _requested(story)
    assert isinstance(gone, Requested)
    assert gone.withdrawn is not None
    assert (gone.withdrawn.replaced_by, gone.withdrawn.owed) == (new.asked.reference, 120_000)
    assert new.asked.reference != old.asked.reference
    assert (new.asked.amount, new.asked.valid_until) == (120_000, date(2026, 7, 31))
    assert _amounts(story, DAY) == {120_000: 120_000, 5_000: 5_000}
    _proved(story)


def test_money_under_the_old_paper_is_the_members_all_the_same(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    old = _requested(story).asked.reference
    _restate(story, 12_000_000)
    story.bank("A", date(2026, 7, 12), into("old", date(2026, 7, 12), 100_000, old))
    assert story.installation.ledger.work().dues(MemberId("A1"), 2026).items[JULY].applied == 100_000
    assert _reasons(story, date(2026, 7, 12))["A1"].startswith("còn phải đóng 20.000 đồng, yêu cầu ghi 120.000")
    assert _ask(story, date(2026, 7, 12), date(2026, 7, 31))["issued_again"] == 1
    assert _amounts(story, date(2026, 7, 12)) == {20_000: 20_000, 5_000: 5_000}
    _proved(story)


def test_an_exempt_member_is_asked_for_nothing_any_more(story: Story) -> None:
    _ask(story, DAY, None)
    _restate(story, 10_000_000)  # the same base: nothing changes
    assert _requested(story).withdrawn is None
    assert _ask(story, DAY, None) == {"issued": 0, "amount": 0, "pay_in_cash": 0, "issued_again": 0}


def test_an_expired_request_gets_no_paper_and_is_issued_again_when_asked(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 12))
    assert _reasons(story, date(2026, 7, 13))["A1"].startswith("yêu cầu hết hạn ngày 12/07/2026")
    assert _ask(story, date(2026, 7, 13), date(2026, 7, 31))["issued_again"] == 2
    assert _reasons(story, date(2026, 7, 13)) == {}
    _proved(story)


def test_who_says_that_he_has_transferred_is_offered_no_second_payment_until_the_days_are_over(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    assert _tell(story, DAY) == {"told": True, "lapses_on": "2026-07-15"}
    assert _tell(story, date(2026, 7, 11))["told"] is False
    assert "đã chuyển ngày 10/07/2026, đang chờ ngân hàng báo" in _reasons(story, date(2026, 7, 15))["A1"]
    assert set(_amounts(story, date(2026, 7, 15))) == {5_000}
    assert set(_amounts(story, date(2026, 7, 16))) == {100_000, 5_000}
    _restate(story, 12_000_000, date(2026, 7, 11))
    assert _requested(story).withdrawn is None  # a second code would be a second payment
    story.bank("A", date(2026, 7, 12), into("t", date(2026, 7, 12), 100_000, story.reference("A1", JULY)))
    assert _requested(story).told is None
    _proved(story)


def test_a_transfer_that_was_not_made_lets_the_code_be_used_again(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    _tell(story, DAY)
    reference = story.reference("A1", JULY)
    back = slips.TakeTellingBack(unit_id=UnitId("A"), reference=reference, reason="lỗi")
    assert story.do("A-TP", DAY, back) == {"taken_back": True}
    assert story.do("A-TP", DAY, back) == {"taken_back": False}
    assert set(_amounts(story, DAY)) == {100_000, 5_000}
    _proved(story)


@pytest.mark.parametrize(
    ("reference", "on", "words"),
    [("HJQPM5YNFT97", DAY, "Chưa phát hành"), (None, date(2026, 7, 20), "chưa đến"), ("paid", DAY, "đã nhận đủ")],
)
def test_telling_of_nothing_is_refused_by_name(story: Story, reference: str | None, on: date, words: str) -> None:
    _ask(story, DAY, None)
    mine = story.reference("A1", JULY)
    if reference == "paid":
        story.bank("A", DAY, into("t", DAY, 100_000, mine))
    said = reference if reference and reference != "paid" else mine
    with pytest.raises(Refusal, match=words):
        story.do("A-TP", DAY, slips.TellTransfer(unit_id=UnitId("A"), reference=said, told_on=on))


def test_a_paper_without_an_amount_is_a_standing_code_that_pays_the_months_as_they_come(story: Story) -> None:
    _ask(story, DAY, None)
    paper = story.reference("A1", JULY)
    story.bank("A", date(2026, 7, 12), into("july", date(2026, 7, 12), 100_000, paper))
    story.new_base("A1", "si-salary", "2026-07", 10_000_000, date(2026, 8, 1))
    story.assess("A", Month("2026-08"), date(2026, 8, 1))
    story.bank("A", date(2026, 8, 10), into("august", date(2026, 8, 10), 120_000, paper))
    account = story.installation.ledger.work().dues(MemberId("A1"), 2026)
    assert (account.items[Month("2026-08")].applied, account.credit) == (100_000, 20_000)
    _proved(story)


def test_no_attempt_is_opened_while_a_transfer_is_on_its_way_and_no_code_while_an_attempt_is(story: Story) -> None:
    _ask(story, DAY, date(2026, 7, 31))
    _tell(story, DAY)
    opens = ask.OpenDuesAttempt(unit_id=UnitId("A"), member_id=MemberId("A1"), month=JULY)
    with pytest.raises(Refusal, match="đã chuyển ngày 10/07/2026, đang chờ ngân hàng báo"):
        story.do("A-TP", DAY, opens)
    assert story.do("A-TP", date(2026, 7, 16), opens)["amount"] == 100_000
