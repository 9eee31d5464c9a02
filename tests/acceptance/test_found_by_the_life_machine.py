"""What the life machine found once: shortest plays of it, so that it is not lost again."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain import cash_count as cash_count_events
from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, OfficerId, PaymentId, UnitId
from domain.membership import Ending, TransferKind
from domain.payment import PaymentReceived
from domain.period import Month
from domain.policy_rows import BaseKind, Confidence, PolicyRows, RateKind, RateRow, Regime
from ledger.handlers import adjust, cash_count, correct, members, reliefs, transfers
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, into, member, settings
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
