"""Money between levels off the straight road: withdrawn, sent back, astray, disputed, corrected, clawed back."""

from datetime import date

import pytest

from api import wiring
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, RemittanceId, UnitId
from domain.notice import Direction
from domain.payment import Asset
from domain.period import Month, Period
from domain.remittance import Remittance, Way
from domain.remittance_cases import Resolution
from ledger.handlers import claw_backs, payouts, refunds, remit, resolve
from ledger.transit import in_transit, late
from tests.acceptance.story import BIN, START, Cell, Story, account, into, member, out, settings
from tests.acceptance.tables import ABOVE, hold_together
from tests.acceptance.test_story_3 import sound

JULY = "2026-07"
SUPERIOR = {"A": "VH", "W": "VH", **ABOVE}
SENT = date(2026, 8, 5)
A_CASE = RemittanceId("A/2026-07/1")


@pytest.fixture
def memory() -> Story:
    """A collected 100,000 in July and owes 70,000; W is a neighbour with an account."""
    story = Story(wiring.in_memory(settings()))
    _july(story)
    return story


def _july(story: Story) -> None:
    story.set_up([Cell(id="A"), Cell(id="W", bank=10_000)])
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("A", JULY, START)
    story.request("A", JULY, START)
    day = date(2026, 7, 20)
    story.bank("A", date(2026, 7, 31), into("a1", day, 100_000, story.reference("A1", JULY)))
    assert story.declare("A", JULY, date(2026, 7, 31))["payable"] == 70_000


def _send_by_bank(story: Story) -> str:
    """A sends 70,000 by bank transfer; its own bank has booked it. Returns the reference."""
    made = story.prepare("A", JULY, SENT, Way.BANK, "Cổng bảo trì")
    story.do("A-TP", SENT, remit.SendRemittance(unit_id=UnitId("A"), remittance_id=A_CASE, sent_on=SENT))
    story.bank("A", SENT, out("a-out", SENT, 70_000, made["reference"]))
    return str(made["reference"])


def _refused(story: Story, actor: str, on: date, command: object, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as caught:
        story.do(actor, on, command)
    assert caught.value.code is code


def _state(story: Story) -> Remittance:
    found = story.installation.ledger.work().remittance(A_CASE)
    assert isinstance(found, Remittance)
    return found


def test_money_at_a_wrong_unit_is_held_there_passed_on_and_received(story: Story) -> None:
    _july(story)
    reference = _send_by_bank(story)
    day = date(2026, 8, 6)
    assert story.bank("W", day, into("w-in", day, 70_000, reference))["placed"] == {"remittance-astray": 1}
    assert story.balances("W") == {"1120": 80_000, "3390": 70_000, "4310": 10_000}
    assert story.balances("A") == {"1120": 30_000, "1390": 70_000, "3360": 70_000, "4310": 30_000}
    hold_together(story, SUPERIOR)
    _refused(
        story,
        "A-TP",
        day,
        remit.CorrectSending(unit_id=UnitId("A"), remittance_id=A_CASE, difference=1, reason="?"),
        RefusalCode.REMITTANCE_STATE,
    )
    day = date(2026, 8, 7)
    assert story.bank("W", day, out("w-out", day, 70_000, reference))["placed"] == {"remittance-passed-on": 1}
    assert story.balances("W") == {"1120": 10_000, "4310": 10_000}
    assert story.balances("A")["1150"] == 70_000
    day = date(2026, 8, 8)
    assert story.bank("VH", day, into("vh-in", day, 70_000, reference))["placed"] == {"remittance-credit": 1}
    assert story.balances("A") == {"1120": 30_000, "4310": 30_000}
    assert story.balances("VH") == {"1120": 70_000, "3310": 70_000}
    hold_together(story, SUPERIOR)
    sound(story)


def test_the_superior_s_bank_may_know_first_that_stray_money_was_passed_on(memory: Story) -> None:
    reference = _send_by_bank(memory)
    day = date(2026, 8, 6)
    memory.bank("W", day, into("w-in", day, 70_000, reference))
    later = date(2026, 8, 8)
    memory.bank("VH", later, into("vh-in", later, 70_000, reference))
    assert memory.balances("W") == {"1120": 10_000, "4310": 10_000}
    assert memory.balances("A") == {"1120": 30_000, "4310": 30_000}
    assert memory.bank("W", later, out("w-out", later, 70_000, reference))["placed"] == {"remittance-debit": 1}
    hold_together(memory, SUPERIOR)
    sound(memory)


def test_money_in_a_wrong_unit_s_suspense_is_named_and_passed_on_by_hand(memory: Story) -> None:
    _send_by_bank(memory)
    day = date(2026, 8, 6)
    memory.bank("W", day, into("w-in", day, 70_000, content="nop dang phi"))
    assert memory.balances("W")["3380"] == 70_000
    payment = PaymentId(f"bank:{BIN}:00W/FT-w-in")
    place = resolve.PlaceRemittanceMoney(
        unit_id=UnitId("W"), payment_id=payment, remittance_id=A_CASE, ground="UNC của A"
    )
    assert memory.do("VH-KT", day, place)["became"] == "misrouted"
    assert memory.balances("W") == {"1120": 80_000, "3390": 70_000, "4310": 10_000}
    _refused(memory, "VH-KT", day, place, RefusalCode.AMOUNT_OUT_OF_RANGE)
    line = out("w-out", date(2026, 8, 7), 70_000, content="chuyen lai")
    memory.bank("W", date(2026, 8, 7), line, clean=False)
    named = resolve.PassRemittanceOn(
        unit_id=UnitId("W"),
        account_id=account("W"),
        line_key=line.line.key,
        remittance_id=A_CASE,
        ground="UNC của W",
    )
    assert line.line.direction is Direction.OUT
    assert memory.do("VH-KT", date(2026, 8, 7), named)["passed_on"] == 70_000
    assert memory.balances("A")["1150"] == 70_000
    hold_together(memory, SUPERIOR)
    sound(memory)


def test_money_in_the_superior_s_suspense_is_named_as_received(memory: Story) -> None:
    _send_by_bank(memory)
    day = date(2026, 8, 6)
    memory.bank("VH", day, into("vh-in", day, 70_000, content="nop dang phi"))
    payment = PaymentId(f"bank:{BIN}:00VH/FT-vh-in")
    place = resolve.PlaceRemittanceMoney(
        unit_id=UnitId("VH"), payment_id=payment, remittance_id=A_CASE, ground="UNC của A"
    )
    assert memory.do("VH-KT", day, place)["became"] == "received"
    assert memory.balances("VH") == {"1120": 70_000, "3310": 70_000}
    assert "3360" not in memory.balances("A")
    sound(memory)


def test_what_the_bank_sends_back_is_owed_and_sent_again(memory: Story) -> None:
    reference = _send_by_bank(memory)
    day = date(2026, 8, 6)
    assert memory.bank("A", day, into("back", day, 70_000, reference))["placed"] == {"remittance-returned": 1}
    assert memory.balances("A") == {"1120": 100_000, "3360": 70_000, "4310": 30_000}
    memory.do("A-TP", day, remit.SendRemittance(unit_id=UnitId("A"), remittance_id=A_CASE, sent_on=day))
    later = date(2026, 8, 7)
    memory.bank("A", later, out("again", later, 70_000, reference))
    memory.bank("VH", later, into("again", later, 70_000, reference))
    assert memory.balances("A") == {"1120": 30_000, "4310": 30_000}
    sound(memory)


def test_a_remittance_is_withdrawn_only_while_nothing_was_sent(memory: Story) -> None:
    memory.prepare("A", JULY, SENT)
    take_back = resolve.WithdrawRemittance(unit_id=UnitId("A"), remittance_id=A_CASE, reason="nhầm cách nộp")
    again = remit.PrepareRemittance(unit_id=UnitId("A"), period=Period(JULY), way=Way.PORTAL)
    _refused(memory, "A-TP", SENT, again, RefusalCode.NOTHING_DUE)
    assert memory.do("A-TP", SENT, take_back)["events"] == 1
    assert memory.do("A-TP", SENT, take_back)["events"] == 0
    assert memory.do("A-TP", SENT, again)["remittance_id"] == "A/2026-07/2"
    send = remit.SendRemittance(unit_id=UnitId("A"), remittance_id=A_CASE, sent_on=SENT)
    _refused(memory, "A-TP", SENT, send, RefusalCode.REMITTANCE_STATE)
    sound(memory)
    other = Story(wiring.in_memory(settings()))
    _july(other)
    _send_by_bank(other)
    _refused(other, "A-TP", SENT, take_back, RefusalCode.REMITTANCE_STATE)


def test_a_dispute_is_answered_by_the_sender_and_resolved_by_the_superior(memory: Story) -> None:
    dispute = remit.DisputeRemittance(superior_id=UnitId("VH"), remittance_id=A_CASE, reason="chưa thấy tiền")
    memory.prepare("A", JULY, SENT, Way.BANK, "Cổng bảo trì")
    _refused(memory, "VH-KT", SENT, dispute, RefusalCode.REMITTANCE_STATE)
    memory.do("A-TP", SENT, remit.SendRemittance(unit_id=UnitId("A"), remittance_id=A_CASE, sent_on=SENT))
    close = resolve.ResolveDispute(
        superior_id=UnitId("VH"), remittance_id=A_CASE, resolution=Resolution.KEYED_WRONG, note="ghi nhầm"
    )
    _refused(memory, "VH-KT", SENT, close, RefusalCode.REMITTANCE_STATE)
    memory.do("VH-KT", SENT, dispute)
    _refused(memory, "VH-KT", SENT, close, RefusalCode.REMITTANCE_STATE)
    explain = remit.ExplainDispute(unit_id=UnitId("A"), remittance_id=A_CASE, explanation="chưa chuyển", document=None)
    memory.do("A-TP", SENT, explain)
    assert _state(memory).open_dispute is not None
    correct = remit.CorrectSending(unit_id=UnitId("A"), remittance_id=A_CASE, difference=70_000, reason="chưa chuyển")
    memory.do("A-TP", SENT, correct)
    assert memory.do("VH-KT", SENT, close) == {"resolution": "keyed-wrong", "under_way": 0}
    assert _state(memory).open_dispute is None
    sound(memory)


def test_a_declaration_that_was_too_high_is_made_smaller_before_the_superior_has_the_money(memory: Story) -> None:
    wrong = resolve.CorrectDeclaration(
        unit_id=UnitId("A"), period=Period(JULY), reduced_by=10_001, reason="kê khai trùng", decision="QĐ 15"
    )
    done = memory.do("VH-KT", SENT, wrong)
    assert done == {"reduced_by": 10_001, "kept_part": 3_000, "passed_part": 7_001}
    assert memory.balances("A") == {"1120": 100_000, "3310": 10_001, "3360": 62_999, "4310": 27_000}
    assert memory.balances("VH") == {"1360": 62_999, "3350": 62_999}
    assert memory.remit("A", "VH", JULY, date(2026, 8, 6)) == 62_999
    up = memory.declare("VH", JULY, date(2026, 8, 12))
    assert up["collected"] == 62_999
    _refused(memory, "VH-KT", date(2026, 8, 13), wrong, RefusalCode.REMITTANCE_TOO_LARGE)
    hold_together(memory, SUPERIOR)
    sound(memory)


def _refund(story: Story, on: date) -> RefundId:
    """A1's July turns out exempt after A and the ward have split it: 100,000 = 30,000 + 35,000 + 35,000."""
    refund = RefundId("HT-9")
    asked = refunds.RequestReliefRefund(
        refund_id=refund,
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        month=Month(JULY),
        period=Period(JULY),
        relief="X1",
        percent=100,
        reason="đủ 50 năm tuổi Đảng",
        decision="QD-HT-9",
    )
    story.do("A-TP", on, asked)
    return refund


def test_claw_back_is_paid_down_level_by_level_by_transfers_that_both_banks_confirm(memory: Story) -> None:
    memory.remit("A", "VH", JULY, SENT)
    memory.declare("VH", JULY, date(2026, 8, 12))
    memory.remit("VH", "HP", JULY, date(2026, 8, 12))
    day = date(2026, 8, 14)
    refund = _refund(memory, day)
    from_ward = claw_backs.PayClawBack(superior_id=UnitId("VH"), unit_id=UnitId("A"), refund_id=refund, paid_on=day)
    from_above = claw_backs.PayClawBack(superior_id=UnitId("HP"), unit_id=UnitId("VH"), refund_id=refund, paid_on=day)
    _refused(memory, "VH-TQ", day, from_ward, RefusalCode.NOTHING_DUE)
    for officer in ("A-BT", "VH-CU"):
        memory.do(officer, day, refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=refund))
    sent = memory.do("HP-TQ", day, from_above)
    assert sent["paid"] == 35_000
    assert memory.do("HP-TQ", day, from_above)["paid"] == 0
    assert memory.balances("HP")["1150"] == 35_000
    assert [(t.what, t.sender, t.receiver, t.amount) for t in _transit(memory, date(2026, 8, 20))] == [
        ("claw-back", "HP", "VH", 35_000)
    ]
    sound(memory)
    later = date(2026, 8, 17)
    assert memory.bank("HP", later, out("cb", later, 35_000, sent["reference"]))["placed"] == {"refund-debit": 1}
    assert memory.bank("VH", later, into("cb", later, 35_000, sent["reference"]))["placed"] == {"claw-back-credit": 1}
    assert memory.balances("HP") == {}
    sent = memory.do("VH-TQ", later, from_ward)
    assert sent["paid"] == 70_000
    later = date(2026, 8, 18)
    memory.bank("VH", later, out("cb2", later, 70_000, sent["reference"]))
    memory.bank("A", later, into("cb2", later, 70_000, sent["reference"]))
    assert memory.balances("A") == {"1120": 100_000, "3370": 100_000}
    assert memory.balances("VH") == {}
    pay_out = payouts.PayRefund(unit_id=UnitId("A"), refund_id=refund, asset=Asset.BANK, paid_on=later)
    memory.do("VH-TQ", later, pay_out)
    hold_together(memory, SUPERIOR)
    sound(memory)


def test_a_refund_s_request_is_withdrawn_before_the_second_approval_and_never_after(memory: Story) -> None:
    memory.remit("A", "VH", JULY, SENT)
    refund = _refund(memory, SENT)
    memory.do("A-BT", SENT, refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=refund))
    take_back = claw_backs.WithdrawRefund(unit_id=UnitId("A"), refund_id=refund, reason="người nộp rút đơn")
    assert memory.do("A-TP", SENT, take_back)["events"] == 1
    second = refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=refund)
    _refused(memory, "VH-CU", SENT, second, RefusalCode.REFUND_STATE)
    sound(memory)
    other = Story(wiring.in_memory(settings()))
    _july(other)
    other.remit("A", "VH", JULY, SENT)
    refund = _refund(other, SENT)
    for officer in ("A-BT", "VH-CU"):
        other.do(officer, SENT, refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=refund))
    _refused(other, "A-TP", SENT, take_back, RefusalCode.REFUND_STATE)


def _transit(story: Story, on: date) -> list[object]:
    ledger = story.installation.ledger
    ledger.directory.catch_up()
    return list(in_transit(ledger.work(), UnitId("HP"), on))


def test_every_edge_of_the_tree_shows_what_is_under_way_and_how_old_it_is(memory: Story) -> None:
    reference = _send_by_bank(memory)
    (found,) = _transit(memory, date(2026, 8, 12))
    assert (found.sender, found.receiver, found.what, found.amount, found.days) == ("A", "VH", "under-way", 70_000, 7)
    day = date(2026, 8, 6)
    memory.bank("W", day, into("w-in", day, 70_000, reference))
    (found,) = _transit(memory, date(2026, 8, 12))
    assert (found.what, found.where, found.amount) == ("astray", "W", 70_000)
    day = date(2026, 8, 7)
    memory.bank("W", day, out("w-out", day, 70_000, reference))
    memory.bank("VH", day, into("vh-in", day, 70_000, reference))
    assert _transit(memory, date(2026, 8, 12)) == []


def test_who_is_late_is_ranked_by_days_and_then_by_amount(memory: Story) -> None:
    work = memory.installation.ledger.work
    assert late(work(), UnitId("HP"), date(2026, 8, 10)) == ()
    (first,) = late(work(), UnitId("HP"), date(2026, 8, 11))
    assert (first.unit, first.period, first.what, first.deadline, first.days, first.amount) == (
        "A",
        JULY,
        "not-sent",
        date(2026, 8, 10),
        1,
        70_000,
    )
    memory.remit("A", "VH", JULY, date(2026, 8, 11))
    ledger = memory.installation.ledger
    ledger.directory.catch_up()
    # The ward received it and has not declared July, whose deadline of Saturday 15/8 moved to Monday 17/8.
    assert late(work(), UnitId("HP"), date(2026, 8, 17)) == ()
    (ward,) = late(work(), UnitId("HP"), date(2026, 8, 20))
    assert (ward.unit, ward.what, ward.deadline, ward.days, ward.amount) == (
        "VH",
        "not-declared",
        date(2026, 8, 17),
        3,
        70_000,
    )
    memory.declare("VH", JULY, date(2026, 8, 20))
    (ward,) = late(work(), UnitId("HP"), date(2026, 8, 20))
    assert (ward.unit, ward.what, ward.amount) == ("VH", "not-sent", 35_000)
