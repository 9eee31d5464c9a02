"""Paying more, paying ahead or late, and one payment for several people: where each đồng stands until it is decided."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain import dues_account
from domain.dues_account import Account
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from domain.relief import Timing
from ledger.arrears import dossier
from ledger.handlers.members import ReleaseMember
from ledger.handlers.relief_life import ArrangePayment
from ledger.handlers.split import IdentifyBySplit, RecordCashSplit, SplitLine
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, into, member, settings

JULY, AUGUST, SEPTEMBER = Month("2026-07"), Month("2026-08"), Month("2026-09")
A1, A2 = MemberId("A1"), MemberId("A2")
A = UnitId("A")
DAY = date(2026, 7, 12)


@pytest.fixture
def story() -> Story:
    """Cell A: A1 owes 30,000 a month, A2 5,000."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, date(2026, 7, 1))
    return made


def _set(story: Story, name: SettingName, value: str) -> None:
    row = SettingRow(
        id=f"TL-{name}-TEST",
        name=name,
        value=value,
        from_month=JULY,
        document="QĐ 1",
        confidence=Confidence.GUESS,
    )
    story._activate(PolicyRows(settings=(row,)), document="QĐ 1", draft=True)


def _account(story: Story, name: MemberId = A1, year: int = 2026) -> Account:
    return story.installation.ledger.work().dues(name, year)


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _refused(story: Story, actor: str, day: date, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, day, command)
    return caught.value.code


def _surplus(amount: int = 20_000) -> DeclareSurplus:
    return DeclareSurplus(unit_id=A, member_id=A1, surplus_id="DT-1", amount=amount, document="đơn 3")


def _decision(accepted: bool, superior: str = "VH") -> DecideSurplus:
    return DecideSurplus(
        superior_id=UnitId(superior), member_id=A1, surplus_id="DT-1", accepted=accepted, decision="12-QĐ/ĐU"
    )


def test_a_surplus_is_credit_until_the_direct_superior_accepts_it_then_it_is_split_like_dues(story: Story) -> None:
    story.cash("A", "P1", "A1", 50_000, DAY)
    assert story.do("A-TP", DAY, _surplus()) == {"events": 1, "waiting": 20_000, "credit": 0}
    assert (story.balances("A")["3310"], story.balances("A")["3340"]) == (30_000, 20_000)
    story.do("VH-CU", date(2026, 7, 20), _decision(True))
    assert story.balances("A")["3310"] == 50_000
    assert "3340" not in story.balances("A")
    assert story.owed("A") == 5_000
    declared = story.declare("A", JULY, date(2026, 7, 31))
    assert (declared["collected"], declared["kept"]) == (50_000, 15_000)
    _proved(story)


def test_waiting_surplus_answers_for_no_month_and_a_rejected_one_does(story: Story) -> None:
    story.cash("A", "P1", "A1", 50_000, DAY)
    story.do("A-TP", DAY, _surplus())
    story.assess("A", AUGUST, date(2026, 8, 1))
    assert dues_account.owed(_account(story), AUGUST) == 30_000
    story.do("VH-CU", date(2026, 8, 2), _decision(False))
    story.assess("A", SEPTEMBER, date(2026, 9, 1))
    assert dues_account.owed(_account(story), SEPTEMBER) == 10_000
    _proved(story)


def test_only_credit_can_be_surplus_and_only_the_direct_superior_decides_once(story: Story) -> None:
    assert _refused(story, "A-TP", DAY, _surplus()) is RefusalCode.SURPLUS_STATE
    story.cash("A", "P1", "A1", 50_000, DAY)
    assert _refused(story, "A-TP", DAY, _surplus(20_001)) is RefusalCode.SURPLUS_STATE
    story.do("A-TP", DAY, _surplus())
    assert story.do("A-TP", DAY, _surplus())["events"] == 0
    assert _refused(story, "HP-CU", DAY, _decision(True, "HP")) is RefusalCode.NOT_ALLOWED
    story.do("VH-CU", DAY, _decision(True))
    assert _refused(story, "VH-CU", DAY, _decision(True)) is RefusalCode.SURPLUS_STATE


def test_a_surplus_still_waiting_at_new_year_waits_in_the_new_account(story: Story) -> None:
    story.cash("A", "P1", "A1", 50_000, DAY)
    story.do("A-TP", DAY, _surplus())
    story.assess("A", Month("2027-01"), date(2027, 1, 5))
    assert dues_account.waiting_surplus(_account(story, year=2027)) == 20_000
    story.do("VH-CU", date(2027, 1, 6), _decision(True))
    _proved(story)


def _released(story: Story, timing: Timing) -> None:
    story.do(
        "VH-KT",
        DAY,
        ReleaseMember(
            unit_id=A,
            member_id=A1,
            from_month=JULY,
            to_month=SEPTEMBER,
            granted_by="Đảng ủy",
            decision="QĐ 2",
            decided_on=DAY,
        ),
    )
    story.do(
        "VH-CU",
        DAY,
        ArrangePayment(
            decider_id=UnitId("VH"),
            member_id=A1,
            timing=timing,
            from_month=JULY,
            to_month=SEPTEMBER,
            decision="QĐ 3",
        ),
    )


def test_who_is_not_released_can_neither_pay_ahead_nor_late(story: Story) -> None:
    arrange = ArrangePayment(
        decider_id=UnitId("VH"), member_id=A1, timing=Timing.LATE, from_month=JULY, to_month=JULY, decision="QĐ 3"
    )
    assert _refused(story, "VH-CU", DAY, arrange) is RefusalCode.NOT_RELEASED
    with pytest.raises(Refusal):
        story.cash("A", "P1", "A1", 60_000, DAY, AUGUST)


@pytest.mark.parametrize(("counts", "at_once"), [("on-application", 30_000), ("on-receipt", 90_000)])
def test_prepaid_money_counts_as_collected_when_the_setting_says(story: Story, counts: str, at_once: int) -> None:
    _set(story, SettingName.PREPAID_COUNTS_AS_COLLECTED, counts)
    _released(story, Timing.AHEAD)
    story.cash("A", "P1", "A1", 90_000, DAY, SEPTEMBER)
    assert story.balances("A")["3310"] == at_once
    for month, day in ((AUGUST, date(2026, 8, 1)), (SEPTEMBER, date(2026, 9, 1))):
        story.assess("A", month, day)
        assert dues_account.owed(_account(story), month) == 0
    assert story.balances("A")["3310"] == 90_000
    _proved(story)


def test_a_month_that_may_be_paid_late_is_shown_and_is_no_unpaid_month(story: Story) -> None:
    _released(story, Timing.LATE)
    work = story.installation.ledger.work()
    told = dossier(work, A1, year=2026, on=date(2026, 9, 15))
    by_month = {m.month: (m.state, m.late_by) for m in told.months}
    assert by_month[JULY] == ("deferred", "QĐ 3")
    assert (told.unpaid, told.deferred, told.open) == (0, 1, 30_000)


@pytest.mark.parametrize(("order", "left"), [("asked-then-oldest", JULY), ("oldest-first", AUGUST)])
def test_money_goes_to_the_asked_month_or_to_the_oldest_by_setting(story: Story, order: str, left: Month) -> None:
    _set(story, SettingName.ALLOCATION_ORDER, order)
    story.assess("A", AUGUST, date(2026, 8, 1))
    story.cash("A", "P1", "A1", 30_000, date(2026, 8, 3), AUGUST)
    assert dues_account.open_months(_account(story)) == (left,)


def _line(name: MemberId, month: Month, amount: int) -> SplitLine:
    return SplitLine(member_id=name, month=month, amount=amount)


def test_cash_for_several_members_and_months_has_one_receipt_and_each_part_its_month(story: Story) -> None:
    story.assess("A", AUGUST, date(2026, 8, 1))
    day = date(2026, 8, 3)
    lines = (_line(A1, AUGUST, 30_000), _line(A1, JULY, 10_000), _line(A2, JULY, 6_000))
    command = RecordCashSplit(unit_id=A, slip="P9", amount=46_000, paid_on=day, lines=lines)
    # A2 owes 5,000 for each of two months: the list's 6,000 pays July and 1,000 of August.
    assert story.do("A-TP", day, command) == {
        "payment_id": "cash:A/P9",
        "receipt": 1,
        "dues": 46_000,
        "waiting": 0,
    }
    assert dues_account.owed(_account(story), JULY) == 20_000
    assert dues_account.owed(_account(story), AUGUST) == 0
    assert dues_account.owed(_account(story, A2), AUGUST) == 4_000
    assert story.do("A-TP", day, command)["dues"] == 0
    _proved(story)


def test_a_list_whose_parts_are_not_the_whole_or_that_names_a_part_twice_is_refused(story: Story) -> None:
    lines = (_line(A1, JULY, 10_000), _line(A2, JULY, 5_000))
    command = RecordCashSplit(unit_id=A, slip="P9", amount=15_001, paid_on=DAY, lines=lines)
    assert _refused(story, "A-TP", DAY, command) is RefusalCode.SPLIT_LIST_WRONG
    twice = replace(command, amount=20_000, lines=(lines[0], lines[0]))
    assert _refused(story, "A-TP", DAY, twice) is RefusalCode.SPLIT_LIST_WRONG


def test_more_than_is_owed_waits_until_a_person_says_whose_it_is(story: Story) -> None:
    command = RecordCashSplit(unit_id=A, slip="P9", amount=7_000, paid_on=DAY, lines=(_line(A2, JULY, 7_000),))
    assert story.do("A-TP", DAY, command)["waiting"] == 2_000
    assert story.balances("A")["3380"] == 2_000
    _proved(story)


def test_an_unknown_transfer_is_divided_by_its_list(story: Story) -> None:
    story.bank("A", DAY, into("x", DAY, 37_000, content="nop ho ca nha"), clean=False)
    waiting = next(
        PaymentId(r.event.payment_id) for r in story.installation.store.read(0, 100_000) if r.name == "payment-received"
    )
    command = IdentifyBySplit(
        unit_id=A,
        payment_id=waiting,
        lines=(_line(A1, JULY, 30_000), _line(A2, JULY, 7_000)),
        ground="bảng kê của người đại diện",
    )
    assert story.do("VH-KT", DAY, command) == {"dues": 35_000, "credit": 2_000, "receipt": 1}
    assert "3380" not in story.balances("A")
    assert _account(story, A2).credit == 2_000
    assert _refused(story, "VH-KT", DAY, command) is RefusalCode.NOT_IN_SUSPENSE
    _proved(story)
