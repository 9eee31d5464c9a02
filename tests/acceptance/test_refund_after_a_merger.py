"""A month that an ended cell declared is refunded at its successor: every level recomputes the old declaration."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RefundId, UnitId
from domain.period import Month, Period
from domain.restructuring import RestructureKind, Side
from ledger.handlers import ask, refunds
from tests.acceptance.moving import (
    FIRST,
    JULY,
    WARD,
    carry_out,
    plan,
    register,
    require_sound,
    sign,
    ward_with_july,
)
from tests.acceptance.story import Story, into, out
from tests.acceptance.tables import ABOVE

G = UnitId("G")
SUPERIOR = {"C": "VH", "G": "VH", **ABOVE}


@pytest.fixture
def ward() -> Story:
    """A ward with three cells that collected and declared July."""
    return ward_with_july()


def _merge(ward: Story) -> None:
    register(ward, "G", WARD)
    command = plan(ward, WARD, RestructureKind.MERGE, sources=(UnitId("A"), UnitId("B")), target=G)
    for unit in ("A", "B"):
        sign(ward, f"{unit}-BT", unit, command, Side.OLD)
    sign(ward, "G-BT", "G", command, Side.NEW)
    carry_out(ward, command)


def _ask(case: str, member: str = "A1", unit: UnitId = G) -> refunds.RequestReliefRefund:
    return refunds.RequestReliefRefund(
        refund_id=RefundId(case),
        unit_id=unit,
        member_id=MemberId(member),
        month=Month(JULY),
        period=Period(JULY),
        relief="X1",
        percent=100,
        reason="đủ 50 năm tuổi Đảng trước tháng 7",
        decision=f"QD-{case}",
    )


def _refund(ward: Story, day: date, case: str, member: str = "A1") -> list[tuple[str, int, int, int]]:
    asked = ward.do("G-TP", day, _ask(case, member))
    for officer in ("G-BT", "VH-CU"):
        ward.do(officer, day, refunds.ApproveRefund(unit_id=G, refund_id=RefundId(case)))
    return [(p["unit_id"], p["kept"], p["passed"], p["unsplit"]) for p in asked["parts"]]


def test_the_ward_had_split_july_before_the_merger(ward: Story) -> None:
    ward.remit("A", "VH", JULY, date(2026, 7, 31))
    ward.declare("VH", JULY, date(2026, 7, 31))
    assert ward.remit("VH", "HP", JULY, FIRST) == 70_000
    _merge(ward)
    parts = _refund(ward, date(2026, 8, 4), "HT-1")
    # A collected 200,000 and kept 60,000; without A1 it is 100,000 and 30,000. The ward had half of what came.
    assert parts == [("A", 30_000, 70_000, 0), ("VH", 35_000, 35_000, 0), ("HP", 0, 0, 35_000)]
    assert ward.balances("A") == {}
    assert (ward.balances("G")["3370"], ward.balances("G")["1380"]) == (100_000, 70_000)
    # The next one is worked out on what the first one left of the old declaration.
    assert _refund(ward, date(2026, 8, 5), "HT-2", "A2")[0] == ("A", 30_000, 70_000, 0)
    with pytest.raises(Refusal) as nothing_left:
        ward.do("G-TP", date(2026, 8, 5), _ask("HT-3"))
    assert nothing_left.value.code in (RefusalCode.NOTHING_DUE, RefusalCode.REFUND_TOO_LARGE)
    require_sound(ward, SUPERIOR)


def test_what_was_still_owed_is_sent_by_the_successor_first(ward: Story) -> None:
    _merge(ward)
    with pytest.raises(Refusal) as owed:
        ward.do("G-TP", date(2026, 8, 4), _ask("HT-1"))
    assert owed.value.code is RefusalCode.REFUND_STATE
    assert "nộp đủ" in owed.value.message
    sent = date(2026, 8, 5)
    made = ward.prepare("G", JULY, sent)
    assert made["amount"] == 280_000
    _send(ward, made["remittance_id"], sent)
    assert _refund(ward, date(2026, 8, 6), "HT-1") == [("A", 30_000, 70_000, 0), ("VH", 0, 0, 70_000)]
    ward.settle("C", "VH", JULY, date(2026, 8, 7))
    july = ward.declare("VH", JULY, date(2026, 8, 12))
    assert july["collected"] == 280_000 - 70_000 + 210_000
    require_sound(ward, SUPERIOR)


def _send(ward: Story, case: str, on: date) -> None:
    """The successor's portal order, debited on the account that A had and credited to the ward."""
    opened = ward.do("G-TP", on, ask.OpenRemittanceAttempt(unit_id=G, remittance_id=case))
    assert ward.tell(ward.notice(opened["reference"], opened["amount"], on)) == ["remittance-sent"]
    reference = str(opened["reference"])
    debit = ward.statement("A", on, out(f"r-{reference}", on, int(opened["amount"]), reference))
    assert ward.do("VH-KT", on, replace(debit, unit_id=G))["left"] == []
    ward.bank("VH", on, into(f"r-{reference}", on, int(opened["amount"]), reference))


def test_a_cell_that_went_into_its_own_superior_refunds_from_the_open_period(ward: Story) -> None:
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("A"),))
    sign(ward, "A-BT", "A", command, Side.OLD)
    sign(ward, "VH-CU", "VH", command, Side.NEW)
    carry_out(ward, command)
    with pytest.raises(Refusal) as refused:
        ward.do("VH-KT", date(2026, 8, 4), _ask("HT-1", unit=WARD))
    assert refused.value.code is RefusalCode.REFUND_STATE
    assert "bỏ trống kỳ" in refused.value.message
