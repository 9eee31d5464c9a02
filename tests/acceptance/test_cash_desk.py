"""Cash leaves a unit by one door: two processes can never hand out the same notes."""

import uuid
from datetime import date

import pytest

from api import wiring
from domain import cash
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, RemittanceId, UnitId
from domain.payment import Asset
from domain.remittance import Way
from ledger.application import HANDLERS
from ledger.handlers import collect, payouts, refunds, remit
from ledger.store import CommandContext, VersionMoved
from ledger.work import Act
from tests.acceptance.story import START, Cell, Story, at, member, settings
from tests.acceptance.test_story_3 import sound

JULY = "2026-07"
DAY = date(2026, 8, 5)
CASE = RemittanceId("A/2026-07/1")


@pytest.fixture
def memory() -> Story:
    """A has 100,000 in cash; a remittance of 70,000 and a refund of 40,000 in cash wait to be handed out."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=200_000)])
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("A", JULY, START)
    story.cash("A", "1", "A1", 140_000, date(2026, 7, 20))
    story.declare("A", JULY, date(2026, 7, 31))
    bag = collect.TakeCashBag(unit_id=UnitId("A"), amount=40_000, taken_on=date(2026, 8, 1))
    story.do("A-TP", date(2026, 8, 1), bag)
    story.prepare("A", JULY, DAY, Way.CASH, "mất kết nối")
    asked = refunds.RequestCreditRefund(
        refund_id=RefundId("HT-1"),
        unit_id=UnitId("A"),
        member_id=member("A1", "").member_id,
        amount=40_000,
        reason="đóng thừa",
        decision="QD-1",
    )
    story.do("A-TP", DAY, asked)
    for officer in ("A-BT", "VH-CU"):
        story.do(officer, DAY, refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=RefundId("HT-1")))
    assert story.balances("A")["1110"] == 100_000
    return story


SEND = remit.SendRemittance(unit_id=UnitId("A"), remittance_id=CASE, sent_on=DAY)
PAY = payouts.PayRefund(unit_id=UnitId("A"), refund_id=RefundId("HT-1"), asset=Asset.CASH, paid_on=DAY)
BAG = collect.TakeCashBag(unit_id=UnitId("A"), amount=50_000, taken_on=DAY)


@pytest.mark.parametrize(("first", "second"), [(SEND, PAY), (PAY, SEND), (SEND, BAG), (BAG, SEND), (PAY, BAG)])
def test_of_two_decisions_at_the_same_instant_one_is_decided_again(
    memory: Story, first: object, second: object
) -> None:
    """Another process has decided on the same cash and not recorded it yet when the first one's events arrive."""
    ledger = memory.installation.ledger
    other = ledger.work()
    ledger.directory.catch_up()
    ledger.books.catch_up()
    act = Act(actor="VH-TQ" if second is PAY else "A-TP", at=at(DAY), command_id=uuid.uuid4())
    handler = HANDLERS[type(second)]
    handler.decide(other, second, act)
    memory.do("VH-TQ" if first is PAY else "A-TP", DAY, first)
    context = CommandContext(
        command_id=act.command_id,
        name=handler.name,
        request_digest="",
        recorded_at=act.at,
        actor=act.actor,
        role="cashier",
        unit=UnitId("A"),
        action=handler.action,
        reason=None,
        document=None,
    )
    with pytest.raises(VersionMoved):
        ledger.store.append(other.appends(), context, b"{}")
    assert memory.balances("A")["1110"] >= 0


def test_after_the_clash_what_is_left_decides(memory: Story) -> None:
    memory.do("A-TP", DAY, SEND)
    with pytest.raises(Refusal) as caught:
        memory.do("VH-TQ", DAY, PAY)
    assert caught.value.code is RefusalCode.CASH_NOT_IN_HAND
    drawn = [e for e in memory.installation.ledger.work().events(cash.stream(UnitId("A"))) if type(e) is cash.CashDrawn]
    assert [(e.what, e.case_id, e.amount) for e in drawn] == [("remittance", CASE, 70_000)]
    memory.do("VH-KT", DAY, remit.AcknowledgeRemittance(superior_id=UnitId("VH"), remittance_id=CASE, received_on=DAY))
    assert memory.balances("A")["1110"] == 30_000
    sound(memory)
