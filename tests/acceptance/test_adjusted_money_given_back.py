"""A month restated downwards after its money was split: the whole way back to the member, which every level shares."""

from datetime import date

from domain.identifiers import MemberId, RefundId, UnitId
from domain.payment import Asset
from ledger.handlers import payouts, refunds
from ledger.handlers.adjust import ReturnAhead
from tests.acceptance.story import Story, into, out
from tests.acceptance.tables import ABOVE, hold_together
from tests.acceptance.test_adjustment import AUGUST, JULY, LATE, _account, _proved, _restate, story

__all__ = ["story"]

A, A1 = UnitId("A"), MemberId("A1")


def test_before_the_next_month_is_assessed_the_money_goes_back_out_of_the_open_period(story: Story) -> None:
    story.declare("A", JULY, date(2026, 7, 31))
    story.remit("A", "VH", JULY, date(2026, 8, 5))
    story.do("VH-KT", LATE, _restate(8_000_000))
    day = date(2026, 8, 21)
    story.bank("A", day, into("a2", day, 5_000, story.reference("A2", JULY)))
    # Only what the open period has collected can go back now: 5,000 of the 20,000.
    assert story.balances("A")["3310"] == 5_000
    part = ReturnAhead(unit_id=A, member_id=A1, amount=5_000, decision="7-QĐ/ĐU")
    assert story.do("VH-KT", day, part) == {"returned": 5_000, "credit": 5_000}
    ask = refunds.RequestCreditRefund(
        refund_id=RefundId("HT-1"),
        unit_id=A,
        member_id=A1,
        amount=5_000,
        reason="đóng thừa do BHXH điều chỉnh tháng 6",
        decision="7-QĐ/ĐU",
    )
    story.do("A-TP", day, ask)
    for officer in ("A-BT", "VH-CU"):
        story.do(officer, day, refunds.ApproveRefund(unit_id=A, refund_id=RefundId("HT-1")))
    paid = date(2026, 8, 24)
    pay = payouts.PayRefund(unit_id=A, refund_id=RefundId("HT-1"), asset=Asset.BANK, paid_on=paid)
    reference = story.do("VH-TQ", paid, pay)["reference"]
    assert story.bank("A", paid, out("back", paid, 5_000, reference))["placed"] == {"refund-debit": 1}
    # The rest answers for August; the open period collected 5,000 less, so the cell and the ward each bear their share.
    assert (_account(story).ahead, _account(story).credit) == (15_000, 0)
    august = date(2026, 8, 25)
    story.assess("A", AUGUST, august)
    story.request("A", AUGUST, august)
    end = date(2026, 8, 31)
    owed = 85_000
    story.bank("A", end, into("aug", end, owed, story.reference("A1", AUGUST)))
    made = story.declare("A", AUGUST, end)
    assert (made["collected"], made["kept"], made["payable"]) == (owed, 25_500, 59_500)
    hold_together(story, {"A": "VH", **ABOVE})
    _proved(story)
