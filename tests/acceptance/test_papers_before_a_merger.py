"""What a unit's own people must finish before it ends, and what its successor finishes after it."""

import uuid
from dataclasses import replace
from datetime import date

import pytest

from api.flows.tree import preview
from domain.access import Role
from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, OfficerId, PaymentId, UnitId
from domain.payment import Asset
from domain.period import Month
from domain.restructuring import RestructureKind, Side
from domain.spending import VoucherKind
from ledger.close_checklist import checklist
from ledger.handlers import cash_count, cash_custody, close, correct, relief_life, restructure, setup, spend
from ledger.work import Act
from tests.acceptance.moving import FIRST, WARD, carry_out, plan, require_sound, sign, ward_with_july
from tests.acceptance.story import START, Story, at, grant, member, out
from tests.acceptance.tables import ABOVE

A, B = UnitId("A"), UnitId("B")
DAY = date(2026, 7, 31)


@pytest.fixture
def ward() -> Story:
    """A ward with three cells that declared July; A keeps some cash of its own."""
    return ward_with_july()


def _voucher(case: str, asset: Asset = Asset.BANK) -> spend.ProposeVoucher:
    return spend.ProposeVoucher(
        unit_id=A,
        voucher_id=case,
        kind=VoucherKind.PAYMENT,
        heading="newspapers",
        source="4310",
        asset=asset,
        amount=20_000,
        dated=DAY,
        purpose="báo Đảng",
    )


def _merge(story: Story) -> restructure.PlanRestructure:
    command = plan(story, WARD, RestructureKind.DISSOLVE, sources=(A,), target=B)
    sign(story, "A-BT", "A", command, Side.OLD)
    sign(story, "B-BT", "B", command, Side.NEW)
    return command


def _refused(story: Story, command: restructure.PlanRestructure) -> str:
    order = restructure.CarryOutRestructure(root=WARD, restructure_id=command.restructure_id)
    with pytest.raises(Refusal) as refused:
        story.do("VH-VP", FIRST, order)
    assert refused.value.code is RefusalCode.RESTRUCTURE_NOT_POSSIBLE
    return refused.value.message


def test_a_merger_waits_for_proposals_transfers_and_signatures_and_names_each(ward: Story) -> None:
    for case in ("PC-1", "PC-2"):
        ward.do("A-TP", DAY, _voucher(case))
    paid = ward.do("A-BT", DAY, spend.ApproveVoucher(unit_id=A, voucher_id="PC-1"))
    ward.do("service:setup", START, setup.GrantRoles(grants=(grant("A-TP2", Role.COLLECTOR, "A"),)))
    count = cash_count.CountCash(unit_id=A, counted_on=DAY, notes=(), total=0, witness=OfficerId("VH-KT"))
    number = int(ward.do("A-TP", DAY, count)["number"])
    offered = cash_custody.OfferCustody(
        unit_id=A, to_officer=OfficerId("A-TP2"), count_number=number, open_slips=(), decision="BG-1"
    )
    ward.do("A-TP", DAY, offered)
    command = _merge(ward)
    said = _refused(ward, command)
    assert "phiếu chi số 1/2026 (PC-1) của A chờ ngân hàng" in said
    assert "phiếu PC-2 của A chưa duyệt" in said
    assert "A-TP2" in said
    act = Act(actor="VH-VP", at=at(FIRST), command_id=uuid.UUID(int=5))
    with pytest.raises(Refusal) as dry:
        preview(ward.installation.ledger, replace(command, restructure_id="thử"), act)
    assert "PC-2" in dry.value.message
    ward.bank("A", DAY, out("bao", DAY, 20_000, str(paid["reference"])))
    ward.do("A-BT", DAY, spend.RefuseVoucher(unit_id=A, voucher_id="PC-2", reason="để B mua"))
    assert "A-TP2" in _refused(ward, command)
    ward.do("A-TP2", DAY, cash_custody.AcceptCustody(unit_id=A))
    carry_out(ward, command)
    assert ward.balances("A") == {}
    assert ward.balances("B")["6310"] == 20_000
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_corrections_and_applications_that_wait_are_listed_and_decided_by_the_successor(ward: Story) -> None:
    ward.enrol("A", member("A3", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    for unit, who in (("A", "A2"), ("B", "B2")):
        ward.cash(unit, "7", who, 20_000, DAY)
        wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId(f"cash:{unit}/7"))
        asked = correct.CorrectEntry(
            unit_id=UnitId(unit), correction_id="DC-1", wanted=wanted, reason="nhầm", decision="BB"
        )
        ward.do(f"{unit}-TP", DAY, asked)
    application = relief_life.ApplyForRelief(
        unit_id=A,
        member_id=MemberId("A3"),
        application="D-1",
        relief="X4",
        percent=50,
        from_month=Month("2026-08"),
        months=12,
        document="Đơn 1",
    )
    ward.do("A-TP", DAY, application)
    command = _merge(ward)
    act = Act(actor="VH-VP", at=at(FIRST), command_id=uuid.UUID(int=5))
    told = preview(ward.installation.ledger, replace(command, restructure_id="thử"), act)
    assert told["corrections"] == [{"correction": "A:DC-1", "amount": 20_000, "to": "B"}]
    assert told["reliefs"] == [{"application": "D-1", "member": "A3", "to": "B"}]
    carry_out(ward, command)
    assert ward.balances("B")["1110"] == 40_000
    approve = correct.ApproveCorrection(unit_id=B, correction_id="A:DC-1")
    with pytest.raises(Refusal) as alone:
        ward.do("A-TP", FIRST, approve)
    assert alone.value.code is RefusalCode.NOT_ALLOWED
    ward.do("B-BT", FIRST, approve)
    assert ward.balances("B")["1110"] == 20_000
    with pytest.raises(Refusal) as twice:
        ward.do("B-BT", FIRST, approve)
    assert twice.value.code is RefusalCode.CORRECTION_UNKNOWN
    ward.do("B-BT", FIRST, replace(approve, correction_id="DC-1"))
    assert "1110" not in ward.balances("B")
    assert ward.balances("A") == {}
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_a_correction_that_waited_is_approved_by_its_own_number_where_only_one_unit_used_it(ward: Story) -> None:
    ward.cash("A", "7", "A2", 20_000, DAY)
    wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/7"))
    asked = correct.CorrectEntry(unit_id=A, correction_id="DC-1", wanted=wanted, reason="nhầm", decision="BB")
    ward.do("A-TP", DAY, asked)
    carry_out(ward, _merge(ward))
    ward.do("B-BT", FIRST, correct.ApproveCorrection(unit_id=B, correction_id="DC-1"))
    assert "1110" not in ward.balances("B")
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_carry_out_names_what_moved_after_somebody_had_signed(ward: Story) -> None:
    ward.cash("A", "6", "A1", 10_000, DAY)
    command = _merge(ward)
    ward.cash("A", "7", "A2", 9_460, DAY)
    ward.cash("B", "7", "B2", 1_000, DAY)
    told = carry_out(ward, command)["moved_since_signing"]
    assert isinstance(told, list)
    assert {(one["unit"], one["account"], one["amount"]) for one in told} == {
        ("A", "1110", 9_460),
        ("A", "3340", 9_460),
    }
    assert next(one["name"] for one in told if one["account"] == "1110")
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_nothing_is_named_where_nothing_moved_after_the_signatures(ward: Story) -> None:
    assert carry_out(ward, _merge(ward))["moved_since_signing"] == []


def test_a_surplus_and_a_shortage_that_a_count_found_are_settled_by_the_successor(ward: Story) -> None:
    found = cash_count.CountCash(unit_id=A, counted_on=DAY, notes=(), total=7_000, witness=OfficerId("VH-KT"))
    case = str(ward.do("A-TP", DAY, found)["payment"])
    assert ward.balances("A")["3380"] == 7_000
    carry_out(ward, _merge(ward))
    kept = cash_count.KeepSurplus(unit_id=B, payment_id=PaymentId(case), decision="NQ-1")
    assert ward.do("B-BT", FIRST, kept)["kept"] == 7_000
    assert ward.balances("B")["4320"] == 7_000
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_no_act_is_dated_into_a_month_that_a_unit_whose_books_change_has_closed(ward: Story) -> None:
    command = _merge(ward)
    day = date(2026, 9, 2)
    waiting = checklist(ward.installation.ledger.work(), WARD, Month("2026-08"))
    reasons = tuple(close.Explanation(kind=p.kind, key=None, reason="chờ") for p in waiting)
    ward.do("VH-KT", day, close.CloseMonth(unit_id=WARD, month=Month("2026-08"), explanations=reasons))
    order = restructure.CarryOutRestructure(root=WARD, restructure_id=command.restructure_id)
    with pytest.raises(Refusal) as refused:
        ward.do("VH-VP", day, order)
    assert refused.value.code is RefusalCode.MONTH_CLOSED
    assert "VH" in refused.value.message
