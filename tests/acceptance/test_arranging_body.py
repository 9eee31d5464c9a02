"""X5: who granted a release from activities also arranges that dues are paid late or ahead (01-QĐ/TW)."""

from datetime import date

import pytest

from api import wiring
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from domain.relief import Timing
from ledger.handlers.members import ReleaseMember
from ledger.handlers.relief_life import ArrangePayment
from tests.acceptance.story import Cell, Story, member, settings

DAY = date(2026, 7, 12)


def _released(granted_by: str) -> Story:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000)])
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    command = ReleaseMember(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        from_month=Month("2026-07"),
        to_month=Month("2026-09"),
        granted_by=granted_by,
        decision="QĐ 2",
        decided_on=DAY,
    )
    story.do("A-BT", DAY, command)
    return story


def _arrange(unit: str) -> ArrangePayment:
    return ArrangePayment(
        decider_id=UnitId(unit),
        member_id=MemberId("A1"),
        timing=Timing.LATE,
        from_month=Month("2026-07"),
        to_month=Month("2026-09"),
        decision="QĐ 3",
    )


@pytest.mark.parametrize("named", ["VH", "Đơn vị VH"])
def test_a_body_of_the_tree_arranges_what_it_granted_and_no_other_does(named: str) -> None:
    story = _released(named)
    with pytest.raises(Refusal) as refused:
        story.do("HP-CU", DAY, _arrange("HP"))
    assert refused.value.code is RefusalCode.NOT_ALLOWED
    assert "Đơn vị VH" in refused.value.message
    assert story.do("VH-CU", DAY, _arrange("VH"))["events"] == 1


def test_a_body_outside_the_tree_cannot_be_compared() -> None:
    assert _released("Đảng ủy Bộ Ngoại giao").do("VH-CU", DAY, _arrange("VH"))["events"] == 1
