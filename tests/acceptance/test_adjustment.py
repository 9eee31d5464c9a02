"""An obligation reckoned again: restated income, both ways, before and after the money was declared and split."""

from datetime import date
from typing import Any

import pytest

from api import wiring
from domain import dues_account
from domain.dues_account import Account, DuesAdjusted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.handlers.adjust import ReassessMonths, RestateBase, ReturnAhead
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, into, member, settings

JUNE, JULY, AUGUST = Month("2026-06"), Month("2026-07"), Month("2026-08")
EARLY, LATE = date(2026, 7, 20), date(2026, 8, 20)


@pytest.fixture
def story() -> Story:
    """Cell A: A1 owes 100,000 for July (1 % of June's 10,000,000) and paid it by transfer."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, date(2026, 7, 1))
    made.request("A", JULY, date(2026, 7, 1))
    made.bank("A", date(2026, 7, 10), into("july", date(2026, 7, 10), 100_000, made.reference("A1", JULY)))
    return made


def _restate(amount: int, *, to_month: Month = JUNE) -> RestateBase:
    return RestateBase(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        kind="si-salary",
        from_month=JUNE,
        to_month=to_month,
        amount=amount,
        reason="cơ quan BHXH điều chỉnh tháng 6",
        decision="TB 12/BHXH",
    )


def _account(story: Story, name: str = "A1") -> Account:
    return story.installation.ledger.work().dues(MemberId(name), 2026)


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _memo(story: Story, account: str) -> int:
    return sum(story.books().balances("A", account).values())


def test_more_is_owed_when_the_month_is_restated_upwards_and_both_computations_stand_in_the_event(
    story: Story,
) -> None:
    answer = story.run("VH-KT", EARLY, _restate(12_345_678))
    (event,) = [e for e in answer.events if isinstance(e, DuesAdjusted)]
    assert (event.before.due, event.after.due, event.gross_up, event.undone) == (100_000, 123_457, 23_457, 0)
    assert any("10.000.000" in step for step in event.before.steps)
    assert any("12.345.678" in step for step in event.after.steps)
    assert event.adjusted_on == EARLY
    assert dues_account.owed(_account(story), JULY) == 23_457
    assert _memo(story, "0110") == 23_457 + 5_000
    _proved(story)


def test_before_the_declaration_money_beyond_the_new_due_is_the_members_credit(story: Story) -> None:
    (told,) = story.do("VH-KT", EARLY, _restate(8_000_000))["adjusted"]
    assert (told["difference"], told["paid_beyond"], told["to_credit"], told["stays_collected"]) == (
        -20_000,
        20_000,
        20_000,
        0,
    )
    assert story.balances("A")["3310"] == 80_000
    assert story.balances("A")["3340"] == 20_000
    assert _account(story).credit == 20_000
    _proved(story)


def test_after_the_split_the_money_stays_collected_and_answers_for_the_next_month(story: Story) -> None:
    story.declare("A", JULY, date(2026, 7, 31))
    before = story.balances("A")
    (told,) = story.do("VH-KT", LATE, _restate(8_000_000))["adjusted"]
    assert (told["paid_beyond"], told["to_credit"], told["stays_collected"]) == (20_000, 0, 20_000)
    assert story.balances("A") == before
    assert (_account(story).ahead, _account(story).credit) == (20_000, 0)
    story.assess("A", AUGUST, LATE)
    # July's base was not restated, so August owes 1 % of 10,000,000, of which 20,000 has been collected already.
    assert dues_account.owed(_account(story), AUGUST) == 80_000
    assert _account(story).ahead == 0
    assert story.balances("A") == before
    _proved(story)


def test_after_the_split_people_may_make_it_credit_out_of_the_open_period(story: Story) -> None:
    story.declare("A", JULY, date(2026, 7, 31))
    story.do("VH-KT", LATE, _restate(8_000_000))
    back = ReturnAhead(unit_id=UnitId("A"), member_id=MemberId("A1"), amount=20_000, decision="QĐ 7")
    with pytest.raises(Refusal) as caught:
        story.do("VH-KT", LATE, back)
    assert caught.value.code is RefusalCode.REFUND_TOO_LARGE
    story.bank("A", date(2026, 8, 21), into("a2", date(2026, 8, 21), 5_000, story.reference("A2", JULY)))
    part = ReturnAhead(unit_id=UnitId("A"), member_id=MemberId("A1"), amount=5_000, decision="QĐ 7")
    assert story.do("VH-KT", date(2026, 8, 22), part) == {"returned": 5_000, "credit": 5_000}
    assert (_account(story).ahead, _account(story).credit) == (15_000, 5_000)
    assert "3310" not in story.balances("A")
    _proved(story)


def test_an_open_month_takes_the_freed_money_first(story: Story) -> None:
    story.assess("A", AUGUST, LATE)
    (told,) = story.do("VH-KT", LATE, _restate(8_000_000))["adjusted"]
    assert (told["paid_beyond"], told["to_credit"], told["stays_collected"]) == (20_000, 0, 20_000)
    assert dues_account.owed(_account(story), AUGUST) == 80_000
    assert story.balances("A")["3310"] == 100_000
    _proved(story)


def test_the_same_restatement_again_adds_nothing_and_a_dry_run_records_nothing(story: Story) -> None:
    seen = story.do("VH-KT", EARLY, _restate(8_000_000), dry_run=True)
    assert seen["adjusted"][0]["due_after"] == 80_000
    assert _account(story).credit == 0
    story.do("VH-KT", EARLY, _restate(8_000_000))
    again = story.run("VH-KT", EARLY, _restate(8_000_000))
    assert again.events == ()


def test_a_second_restatement_starts_from_the_first(story: Story) -> None:
    story.do("VH-KT", EARLY, _restate(12_000_000))
    (told,) = story.do("VH-KT", EARLY, _restate(9_000_000))["adjusted"]
    assert (told["due_before"], told["due_after"], told["to_credit"]) == (120_000, 90_000, 10_000)
    _proved(story)


def test_the_restated_month_alone_changes_later_months_keep_their_income(story: Story) -> None:
    story.assess("A", AUGUST, LATE)
    (told,) = story.do("VH-KT", LATE, _restate(12_000_000))["adjusted"]
    assert told["month"] == JULY
    assert dues_account.owed(_account(story), AUGUST) == 100_000
    both = story.do("VH-KT", LATE, _restate(12_000_000, to_month=JULY))["adjusted"]
    assert [item["month"] for item in both] == [AUGUST]


def test_a_year_later_the_adjustment_stands_in_the_account_of_its_own_year(story: Story) -> None:
    day = date(2027, 1, 15)
    story.do("VH-KT", day, _restate(8_000_000))
    account = story.installation.ledger.work().dues(MemberId("A1"), 2027)
    assert account.credit == 20_000
    _proved(story)


def test_reassessing_finds_nothing_where_nothing_changed(story: Story) -> None:
    command = ReassessMonths(unit_id=UnitId("A"), from_month=JULY, to_month=JULY, reason="rà soát", decision="KH 1")
    answer: dict[str, Any] = story.do("VH-KT", EARLY, command)
    assert (answer["adjusted"], answer["unclear"]) == ([], [])


def test_reassessing_records_what_a_base_declared_late_changes(story: Story) -> None:
    story.new_base("A1", "si-salary", "2026-06", 11_000_000, EARLY)
    command = ReassessMonths(unit_id=UnitId("A"), from_month=JULY, to_month=JULY, reason="khai lại", decision="KH 1")
    answer = story.do("VH-KT", EARLY, command)
    assert answer["difference"] == 10_000
    _proved(story)
