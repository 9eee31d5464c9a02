"""Claw-back is netted once, whatever remittances are prepared beside one another; and nobody signs for himself."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RefundId, UnitId
from domain.period import Month, Period
from domain.remittance import Way
from ledger.handlers import refunds, remit, setup
from tests.acceptance.story import START, WARD, Cell, Story, grant, into, member, opening, settings
from tests.acceptance.tables import ABOVE, hold_together

JULY, AUGUST = "2026-07", "2026-08"


def _month(story: Story, month: str, day: date) -> None:
    """A1 and A2 pay a month's 100,000 each, A declares."""
    story.assess("A", month, day)
    story.request("A", month, day)
    lines = [into(f"{month}-{name}", day, 100_000, story.reference(name, month)) for name in ("A1", "A2")]
    story.bank("A", day, *lines)
    story.declare("A", month, day)


def test_two_remittances_prepared_side_by_side_net_a_claw_back_once() -> None:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000)])
    salary = ("si-salary", 10_000_000)
    story.enrol("A", member("A1", "SI_COMPULSORY", salary), member("A2", "SI_COMPULSORY", salary))
    _month(story, JULY, date(2026, 7, 31))
    assert story.remit("A", "VH", JULY, date(2026, 8, 3)) == 140_000
    day = date(2026, 9, 30)
    asked = refunds.RequestReliefRefund(
        refund_id=RefundId("HT"),
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        month=Month(JULY),
        period=Period(JULY),
        relief="X4",
        percent=100,
        reason="hoàn cảnh khó khăn trong tháng 7",
        decision="QD",
    )
    _month(story, AUGUST, date(2026, 8, 31))
    story.do("A-TP", date(2026, 9, 1), asked)
    for officer in ("A-BT", "VH-CU"):
        story.do(officer, date(2026, 9, 1), refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=RefundId("HT")))
    _month(story, "2026-09", day)
    prepared = [
        story.do("A-TP", day, remit.PrepareRemittance(unit_id=UnitId("A"), period=Period(p), way=Way.PORTAL))
        for p in (AUGUST, "2026-09")
    ]
    assert [(p["amount"], p["netted"]) for p in prepared] == [(70_000, 70_000), (140_000, 0)]
    for made in prepared:
        approve = remit.ApproveRemittance(unit_id=UnitId("A"), remittance_id=made["remittance_id"])
        story.do("VH-CU", day, approve)
    assert "1380" not in story.balances("A")
    assert "3365" not in story.balances("VH")
    hold_together(story, {"A": "VH", **ABOVE})


def test_whoever_enters_opening_balances_cannot_sign_them_under_another_name() -> None:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A")])
    story.do("service:setup", START, setup.GrantRoles(grants=(grant("VH-KT", Role.COMMITTEE, WARD),)))
    asked = replace(opening(UnitId("A"), 100), entered_by="someone else")
    story.do("VH-KT", START, setup.EnterOpenings(root=WARD, openings=(asked,)))
    with pytest.raises(Refusal) as caught:
        story.do("VH-KT", START, setup.SignOpenings(root=WARD, units=(UnitId("A"),)))
    assert caught.value.code is RefusalCode.MAKER_IS_CHECKER
