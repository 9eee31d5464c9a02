"""What is half done when its unit ends is finished by the successor: refunds, bags, portal money, suspense."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from api import wiring
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.payment import Asset
from domain.period import Month
from domain.restructuring import RestructureKind, Side
from ledger.close_checklist import checklist
from ledger.handlers import close, collect, payouts, refunds, restructure, setup, statements
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Cell, Story, grant, into, member, settings
from tests.acceptance.tables import ABOVE, hold_together

JULY = "2026-07"
A, B, WARD = UnitId("A"), UnitId("B"), UnitId("VH")
DAY, FIRST = date(2026, 7, 20), date(2026, 8, 1)


@dataclass(slots=True)
class Merged:
    """The story after the merger, and the references under which money is still to come."""

    story: Story
    bag: str
    portal: str


@pytest.fixture
def merged() -> Merged:
    """A goes into B on 1 August with a refund, a cash bag, portal money, unknown money and a prepaid member open."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=500_000), Cell(id="B")])
    office = (grant("VH-VP", Role.OFFICE, WARD), grant("B-TQ", Role.CASHIER, "B"))
    story.do("service:setup", START, setup.GrantRoles(grants=office))
    for unit in ("A", "B"):
        story.enrol(unit, *(member(f"{unit}{n}", "SI_COMPULSORY", ("si-salary", 10_000_000)) for n in (1, 2, 3)))
        story.assess(unit, JULY, START)
        story.request(unit, JULY, START)
    story.bank("A", DAY, into("over", DAY, 130_000, story.reference("A1", JULY)), into("who", DAY, 40_000))
    ask = refunds.RequestCreditRefund(
        refund_id=RefundId("HT-1"),
        unit_id=A,
        member_id=MemberId("A1"),
        amount=30_000,
        reason="đóng thừa",
        decision="QD-1",
    )
    story.do("A-TP", DAY, ask)
    for officer in ("A-BT", "VH-CU"):
        story.do(officer, DAY, refunds.ApproveRefund(unit_id=A, refund_id=RefundId("HT-1")))
    story.cash("A", "1", "A2", 100_000, DAY)
    bag = story.do("A-TP", DAY, collect.TakeCashBag(unit_id=A, amount=100_000, taken_on=DAY))
    portal = story.pay_by_portal("A", "A3", JULY, date(2026, 7, 31))
    _merge(story)
    assert story.balances("A") == {}
    return Merged(story=story, bag=str(bag["bag"]), portal=portal)


def _merge(story: Story) -> None:
    command = restructure.PlanRestructure(
        root=WARD,
        restructure_id="SN",
        kind=RestructureKind.MERGE,
        sources=(A,),
        target=B,
        effective_on=FIRST,
        decision="QĐ",
        decided_by="Đảng ủy",
        decided_on=DAY,
    )
    story.do("VH-VP", FIRST, command)
    for officer, unit, side in (("A-BT", A, Side.OLD), ("B-BT", B, Side.NEW)):
        story.do(officer, FIRST, restructure.SignHandover(unit_id=unit, restructure_id="SN", side=side))
    done = story.do("VH-VP", FIRST, restructure.CarryOutRestructure(root=WARD, restructure_id="SN"))
    assert (done["members"], done["refunds"]) == (3, 1)


def _sound(story: Story) -> None:
    assert story.balances("A") == {}
    hold_together(story, {"B": "VH", **ABOVE})
    verdict = verify(story.installation.store.read(0, 1_000_000))
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings]


def test_the_successor_pays_the_refund_that_was_approved_before(merged: Merged) -> None:
    story = merged.story
    pay = payouts.PayRefund(unit_id=B, refund_id=RefundId("HT-1"), asset=Asset.BANK, paid_on=FIRST)
    assert story.balances("B")["3370"] == 30_000
    story.do("B-TQ", FIRST, pay)
    assert "3370" not in story.balances("B")
    _sound(story)


def test_bag_and_portal_money_are_credited_to_the_successor_on_the_old_account(merged: Merged) -> None:
    story = merged.story
    assert (story.balances("B")["1130"], story.balances("B")["1140"]) == (100_000, 100_000)
    day = date(2026, 8, 3)
    lines = (into("bag", day, 100_000, merged.bag), into("portal", day, 100_000, merged.portal))
    placed = story.do("VH-KT", day, replace(story.statement("A", day, *lines), unit_id=B))["placed"]
    assert placed == {"cash-bag": 1, "portal-credit": 1}
    assert not {"1130", "1140"} & story.balances("B").keys()
    _sound(story)


def test_unknown_money_of_the_old_unit_finds_its_member_in_the_new_one(merged: Merged) -> None:
    story = merged.story
    assert story.balances("B")["3380"] == 40_000
    said = statements.IdentifySuspense(
        unit_id=B,
        payment_id=PaymentId(f"bank:{BIN}:00A/FT-who"),
        member_id=MemberId("B1"),
        month=Month(JULY),
        amount=40_000,
        ground="đảng viên báo",
    )
    assert story.do("VH-KT", FIRST, said)["dues"] == 40_000
    assert "3380" not in story.balances("B")
    _sound(story)


def test_a_portal_payment_begun_before_the_merger_is_the_successors(merged: Merged) -> None:
    story = merged.story
    assert story.owed("B") == 300_000
    day = date(2026, 8, 4)
    late = into("late", day, 100_000, story.reference("A1", JULY))
    story.do("VH-KT", day, replace(story.statement("A", day, late), unit_id=B))
    # A1 owes nothing any more, so it is credit of a member of B.
    assert story.balances("B")["3340"] == 100_000
    _sound(story)


def test_the_last_month_of_an_ended_unit_is_closed_by_its_own_people_and_nothing_else_is_done_there(
    merged: Merged,
) -> None:
    story = merged.story
    day = date(2026, 8, 5)
    waiting = checklist(story.installation.ledger.work(), A, Month(JULY))
    explained = tuple(close.Explanation(kind=p.kind, key=None, reason="bàn giao cho B") for p in waiting)
    closed = close.CloseMonth(unit_id=A, month=Month(JULY), explanations=explained)
    story.do("A-TP", day, closed)
    with pytest.raises(Refusal) as refused:
        story.cash("A", "9", "A2", 1_000, day)
    assert refused.value.code is RefusalCode.UNIT_ENDED
    assert "Đơn vị B" in refused.value.message
    _sound(story)
