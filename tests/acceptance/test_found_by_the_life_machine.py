"""What the life machine found once: shortest plays of it, so that it is not lost again."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain import cash_count as cash_count_events
from domain.correction import Kind, Wanted
from domain.dues_account import CreditApplied
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, OfficerId, PaymentId, RefundId, UnitId
from domain.membership import Ending, TransferKind
from domain.payment import PaymentReceived
from domain.period import Month
from domain.policy_rows import BaseKind, Confidence, PolicyRows, RateKind, RateRow, Regime
from ledger.handlers import (
    adjust,
    cash_count,
    claw_backs,
    correct,
    members,
    refunds,
    reliefs,
    statements,
    surplus,
    transfers,
)
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, account, into, member, settings
from tests.acceptance.test_story_3 import sound
from tests.good_log import read_all

DAY = date(2026, 7, 12)
JULY = Month("2026-07")
A = UnitId("A")


@pytest.fixture
def story() -> Story:
    """Cell A: A1 owes 100,000 for July and A2 5,000; both paid in cash."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, DAY)
    return made


def _undo(story: Story, on: date = DAY) -> None:
    wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1"))
    asked = correct.CorrectEntry(unit_id=A, correction_id="DC-1", wanted=wanted, reason="ghi nhầm", decision="BB")
    story.do("A-TP", on, asked)
    with pytest.raises(Refusal) as caught:
        story.do("A-BT", on, correct.ApproveCorrection(unit_id=A, correction_id="DC-1"))
    assert caught.value.code is RefusalCode.CORRECTION_BLOCKED
    sound(story)


def test_an_entry_whose_month_was_restated_since_is_not_undone_beyond_what_still_answers_for_it(story: Story) -> None:
    story.cash("A", "1", "A1", 100_000, DAY)
    restate = adjust.RestateBase(
        unit_id=A,
        member_id=MemberId("A1"),
        kind="si-salary",
        from_month=Month("2026-06"),
        to_month=Month("2026-06"),
        amount=8_000_000,
        reason="điều chỉnh",
        decision="TB 1",
    )
    story.do("VH-KT", DAY, restate)
    _undo(story)


def test_an_entry_of_a_month_that_nobody_owns_any_more_is_not_undone(story: Story) -> None:
    story.cash("A", "1", "A2", 5_000, DAY)
    died = members.EndMembership(
        unit_id=A, member_id=MemberId("A2"), why=Ending.DIED, effective_on=DAY, decision="XT", decided_on=DAY
    )
    story.do("A-BT", DAY, died)
    _undo(story)


def test_a_relief_found_late_waits_until_a_month_is_compared_with_a_rate_published_since(story: Story) -> None:
    row = RateRow(
        id="R-SV",
        title="học sinh, sinh viên",
        category="STUDENT",
        kind=RateKind.FIXED,
        base_kind=BaseKind.NONE,
        value_dong=4_000,
        from_month=JULY,
        regime=Regime.QD01,
        document="QD-MOI",
        confidence=Confidence.GUESS,
    )
    story._activate(PolicyRows(rates=(row,)), document="QD-MOI", draft=True)
    late = reliefs.RecogniseRelief(
        unit_id=A,
        member_id=MemberId("A2"),
        month=JULY,
        relief="X4",
        percent=30,
        reason="khó khăn",
        decision="QD-1",
    )
    with pytest.raises(Refusal) as caught:
        story.do("VH-KT", DAY, late)
    assert caught.value.code is RefusalCode.AMOUNT_DIFFERS
    again = adjust.ReassessMonths(unit_id=A, from_month=JULY, to_month=JULY, reason="rà soát", decision="KH 1")
    story.do("VH-KT", DAY, again)
    assert story.do("VH-KT", DAY, replace(late, decision="QD-2"))["relieved"] == 1_200
    sound(story)


def test_credit_that_answered_for_a_declared_month_is_not_taken_back(story: Story) -> None:
    story.cash("A", "0", "A2", 5_000, DAY)
    story.cash("A", "1", "A2", 5_000, DAY)
    story.assess("A", Month("2026-08"), date(2026, 8, 1))
    story.declare("A", "2026-07", date(2026, 8, 1))
    _undo(story, date(2026, 8, 2))


# --- money of a cell that does not own the month ------------------------------------------------------------------


def test_an_undone_match_takes_the_money_out_of_the_cell_that_took_it() -> None:
    """C2 is with A for July, so the month is A's; what C2 pays by C's code is C's money and leaves C's books."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="C", bank=1_000_000)])
    story.enrol("C", member("C2", "STUDENT"), member("C1", "STUDENT"))
    story.assess("C", JULY, DAY)
    story.request("C", JULY, DAY)
    letter = transfers.IssueTransfer(
        unit_id=UnitId("C"),
        member_id=MemberId("C2"),
        kind=TransferKind.TEMPORARY,
        to_unit=A,
        to_outside=None,
        letter="GT-1",
        issued_on=DAY,
        paid_through=Month("2026-06"),
        to_month=Month("2026-12"),
    )
    story.do("C-BT", DAY, letter)
    take = transfers.ReceiveTransfer(unit_id=A, member_id=MemberId("C2"), letter="GT-1", received_on=DAY)
    story.do("A-BT", DAY, take)
    story.bank("C", DAY, into("k1", DAY, 8_000, story.reference("C2", "2026-07")))
    assert (story.balances("C")["3310"], story.balances("C")["3340"]) == (5_000, 3_000)
    wanted = Wanted(kind=Kind.MATCH, payment_id=_payment_of(story), member_id=MemberId("C2"))
    asked = correct.CorrectEntry(
        unit_id=UnitId("VH"), correction_id="DC-1", wanted=wanted, reason="ghi nhầm", decision="BB"
    )
    story.do("VH-KT", DAY, asked)
    story.do("VH-CU", DAY, correct.ApproveCorrection(unit_id=UnitId("VH"), correction_id="DC-1"))
    left = story.balances("C")
    assert (left.get("3310", 0), left.get("3340", 0), left["3380"]) == (0, 0, 8_000)
    assert story.balances("A").get("3310", 0) == 0
    assert story.books().balances(A, "0110") == {"C2:2026-07": 5_000}
    sound(story)


def _payment_of(story: Story) -> PaymentId:
    events = [r.event for r in read_all(story.installation.store) if isinstance(r, Recorded)]
    (only,) = [event.payment_id for event in events if isinstance(event, PaymentReceived)]
    return only


# --- cash that is missing -----------------------------------------------------------------------------------------


def _count(story: Story, total: int, on: date = DAY) -> None:
    command = cash_count.CountCash(
        unit_id=A, counted_on=on, notes=(), total=total, witness=OfficerId("VH-KT"), evidence=None
    )
    story.do("A-TP", on, command)


@pytest.fixture
def poor() -> Story:
    """A cell with no money of its own lost 40,000 of the 105,000 that its members paid."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=0)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, DAY)
    made.cash("A", "1", "A1", 100_000, DAY)
    _count(made, 60_000)
    return made


def _a4(story: Story) -> tuple[list[str], list[str]]:
    """What A4 found, and what it notes."""
    verdict = verify(read_all(story.installation.store))
    found = [f.sentence for check in verdict.checks for f in check.findings]
    return found, [note.sentence for note in verdict.notes if note.check == "A4"]


def test_cash_missing_beyond_the_units_own_money_is_noted_with_the_amount_and_what_to_do(poor: Story) -> None:
    found, (note,) = _a4(poor)
    assert found == []
    assert "40.000 đồng" in note
    assert "1370" in note
    assert "bồi hoàn" in note


def test_it_is_noted_until_the_cash_is_made_good_and_the_day_it_was_short_stays_explained(poor: Story) -> None:
    back = cash_count.MakeGoodShortage(unit_id=A, case_id="KQ/A/1", amount=40_000, paid_on=date(2026, 7, 20))
    poor.do("A-TP", date(2026, 7, 20), back)
    assert _a4(poor) == ([], [])


def test_money_that_lacks_beyond_the_open_case_fails(poor: Story) -> None:
    log = [item for item in read_all(poor.installation.store) if isinstance(item, Recorded)]
    off = cash_count_events.ShortageWrittenOff(
        unit_id=A,
        case_id="KQ/A/1",
        n=1,
        amount=1,
        spending_key="cash-shortage:4310",
        written_off_on=DAY,
        decision="QD",
        decided_by=OfficerId("A-BT"),
    )
    last = log[-1]
    planted = replace(last, position=last.position + 1, stream="cash-count/A", version=2, name="x", event=off)
    verdict = verify([*log, planted])
    (found,) = [f.sentence for check in verdict.checks if check.id == "A4" for f in check.findings]
    assert "40.000 đồng" in found


def test_missing_cash_that_is_not_the_units_own_cannot_be_written_off(poor: Story) -> None:
    off = cash_count.WriteOffShortage(unit_id=A, case_id="KQ/A/1", amount=1, source="4310", decision="QD")
    with pytest.raises(Refusal) as caught:
        poor.do("A-BT", DAY, off)
    assert caught.value.code is RefusalCode.COUNT_CASE_STATE
    assert "bồi hoàn" in str(caught.value)


# --- a refund that was asked for ----------------------------------------------------------------------------------

AUGUST = Month("2026-08")


@pytest.fixture
def overpaid(story: Story) -> Story:
    """A2 paid 15,000 for a month of 5,000."""
    story.cash("A", "1", "A2", 15_000, DAY)
    return story


def _ask_back(story: Story, name: str = "HT-1", amount: int = 8_000) -> None:
    command = refunds.RequestCreditRefund(
        refund_id=RefundId(name),
        unit_id=A,
        member_id=MemberId("A2"),
        amount=amount,
        reason="đóng thừa",
        decision="QD",
    )
    story.do("VH-KT", DAY, command)


def _withdraw(story: Story, on: date = DAY) -> None:
    story.do("VH-KT", on, claw_backs.WithdrawRefund(unit_id=A, refund_id=RefundId("HT-1"), reason="rút đơn"))


def _approve(story: Story, on: date = DAY) -> None:
    for officer in ("VH-CU", "HP-CU"):
        story.do(officer, on, refunds.ApproveRefund(unit_id=A, refund_id=RefundId("HT-1")))


def _declare_surplus(amount: int) -> surplus.DeclareSurplus:
    return surplus.DeclareSurplus(unit_id=A, member_id=MemberId("A2"), surplus_id="DT-1", amount=amount, document="đơn")


def _code(story: Story, actor: str, on: date, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, on, command)
    return caught.value.code


def test_a_new_month_does_not_use_credit_that_was_asked_back(overpaid: Story) -> None:
    _ask_back(overpaid)
    overpaid.assess("A", AUGUST, date(2026, 8, 1))
    assert overpaid.books().balances(A, "3340") == {"A2": 8_000}
    assert overpaid.books().balances(A, "0110")["A2:2026-08"] == 3_000
    sound(overpaid)
    _approve(overpaid, date(2026, 8, 2))
    assert overpaid.books().balances(A, "3370") == {"HT-1": 8_000}
    sound(overpaid)


def test_a_surplus_takes_no_credit_that_was_asked_back_until_the_request_is_withdrawn(overpaid: Story) -> None:
    _ask_back(overpaid)
    assert _code(overpaid, "VH-KT", DAY, _declare_surplus(2_001)) is RefusalCode.SURPLUS_STATE
    _withdraw(overpaid)
    overpaid.do("VH-KT", DAY, _declare_surplus(2_001))
    sound(overpaid)


def test_credit_that_was_asked_back_waits_over_the_end_of_the_year(overpaid: Story) -> None:
    _ask_back(overpaid)
    overpaid.assess("A", Month("2027-01"), date(2027, 1, 2))
    assert overpaid.books().balances(A, "3340") == {"A2": 8_000}
    sound(overpaid)
    _withdraw(overpaid, date(2027, 1, 3))
    overpaid.assess("A", Month("2027-02"), date(2027, 2, 2))
    assert overpaid.books().balances(A, "3340") == {"A2": 3_000}
    sound(overpaid)


def test_credit_that_was_asked_back_stays_where_it_was_asked_when_its_member_moves() -> None:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="C", bank=1_000_000)])
    story.enrol("A", member("A2", "STUDENT"))
    story.assess("A", JULY, DAY)
    story.cash("A", "1", "A2", 15_000, DAY)
    _ask_back(story)
    letter = transfers.IssueTransfer(
        unit_id=A,
        member_id=MemberId("A2"),
        kind=TransferKind.OFFICIAL,
        to_unit=UnitId("C"),
        to_outside=None,
        letter="GT-1",
        issued_on=DAY,
        paid_through=JULY,
    )
    story.do("A-BT", DAY, letter)
    taken = transfers.ReceiveTransfer(unit_id=UnitId("C"), member_id=MemberId("A2"), letter="GT-1", received_on=DAY)
    story.do("C-BT", DAY, taken)
    assert [story.books().balances(unit, "3340") for unit in (A, UnitId("C"))] == [{"A2": 8_000}, {"A2": 2_000}]
    sound(story)
    _withdraw(story)
    assert story.books().balances(UnitId("C"), "3340") == {"A2": 10_000}
    sound(story)


def test_money_of_an_unknown_owner_that_was_asked_back_is_nobodys_until_the_request_is_withdrawn(story: Story) -> None:
    story.bank("A", DAY, into("k1", DAY, 9_000))
    waits = _payment_of(story)
    command = refunds.RequestSuspenseRefund(
        refund_id=RefundId("HT-1"), unit_id=A, payment_id=waits, amount=6_000, reason="không rõ", decision="QD"
    )
    story.do("VH-KT", DAY, command)
    found = statements.IdentifySuspense(
        unit_id=A, payment_id=waits, member_id=MemberId("A2"), month=JULY, amount=3_001, ground="đảng viên báo"
    )
    with pytest.raises(Refusal) as caught:
        story.do("VH-KT", DAY, found)
    assert caught.value.code is RefusalCode.NOT_IN_SUSPENSE
    assert "HT-1" in str(caught.value)
    assert "Rút đề nghị hoàn trả" in str(caught.value)
    story.do("VH-KT", DAY, replace(found, amount=3_000))
    sound(story)
    _withdraw(story)
    story.do("VH-KT", DAY, replace(found, amount=6_000))
    sound(story)


def test_credit_used_while_it_was_asked_back_is_found(overpaid: Story) -> None:
    _ask_back(overpaid)
    overpaid.assess("A", AUGUST, date(2026, 8, 1))
    log = [item for item in read_all(overpaid.installation.store) if isinstance(item, Recorded)]
    planted = [
        replace(r, event=replace(r.event, amount=r.event.amount + 1)) if isinstance(r.event, CreditApplied) else r
        for r in log
    ]
    found = [f.sentence for check in verify(planted).checks if check.id == "I8" for f in check.findings]
    assert any("đang chờ duyệt hoàn trả" in sentence for sentence in found)


# --- a file taken back --------------------------------------------------------------------------------------------


def test_money_that_others_tell_of_stays_when_the_file_that_told_it_without_a_reference_is_taken_back() -> None:
    """A provider's message and then a line without our reference: without the line the message still tells of it."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000)])
    story.enrol("A", member("A2", "STUDENT"))
    message = replace(story.notice(None, 50_013, DAY, number="sepay:1"), source=f"bank:{account('A')}")
    story.tell(replace(message, account_number="00A"), on=DAY)
    held = story.balances("A")
    made = story.statement("A", DAY, into("k1", DAY, 50_013))
    for number in ("DC-1", "DC-2"):
        assert story.do("VH-KT", DAY, made)["placed"] == {"suspense": 1}
        assert story.balances("A") == held
        wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest)
        asked = correct.CorrectEntry(unit_id=A, correction_id=number, wanted=wanted, reason="nhầm tệp", decision="BB")
        story.do("A-TP", DAY, asked)
        story.do("A-BT", DAY, correct.ApproveCorrection(unit_id=A, correction_id=number))
        assert story.balances("A") == held
    story.do("VH-KT", DAY, made)
    sound(story)
