"""Looking at a moving tree: what an act would move, roll-ups as it was and as restated, and how long a move takes."""

import dataclasses
import time
from datetime import date
from uuid import uuid4

import pytest

from api.flows import tree
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import Period
from domain.restructuring import RestructureKind, Side
from ledger.handlers import restructure, setup
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.moving import (
    END,
    FIRST,
    JULY,
    WARD,
    carry_out,
    plan,
    sign,
    ward_with_july,
)
from tests.acceptance.story import START, Cell, Story, account, at, grant, member


@pytest.fixture
def ward() -> Story:
    """A ward with three cells that collected and declared July."""
    return ward_with_july()


def test_a_preview_lists_all_that_would_move_and_writes_nothing(ward: Story) -> None:
    ledger = ward.installation.ledger
    ward.prepare("B", JULY, END)
    before = ledger.store.head()
    command = restructure.PlanRestructure(
        root=WARD,
        restructure_id="THU",
        kind=RestructureKind.DISSOLVE,
        sources=(UnitId("B"),),
        target=UnitId("A"),
        effective_on=date(2027, 1, 1),
        decision="dự thảo",
        decided_by="Đảng ủy",
        decided_on=FIRST,
    )
    act = Act(actor="VH-VP", at=at(FIRST), command_id=uuid4())
    told = tree.preview(ledger, command, act)
    assert ledger.store.head() == before
    assert told["moves"] == [{"old": "B", "new": "A"}]
    assert [(row["member"], row["to"]) for row in told["members"]] == [("B1", "A"), ("B2", "A")]
    assert [(row["member_month"], row["amount"]) for row in told["obligations"]] == [(f"B2:{JULY}", 200_000)]
    assert [(row["member"], row["amount"]) for row in told["requests"]] == [("B2", 200_000)]
    assert [(row["remittance"], row["to_send"]) for row in told["remittances"]] == [(f"B/{JULY}/1", 140_000)]
    assert [row["account"] for row in told["accounts"]] == [account("B")]
    assert {row["officer"] for row in told["grants"]} == {"B-TP", "B-BT"}
    fund = [row for row in told["balances"] if row["account"] == "4310"]
    assert [(row["unit"], row["debit"], row["credit"]) for row in fund] == [("A", 0, 60_000), ("B", 60_000, 0)]
    assert any("Đảng viên: 2" in line for line in tree.preview_lines(told))
    with pytest.raises(Refusal) as refused:
        tree.preview(ledger, command, dataclasses.replace(act, actor="B-TP"))
    assert refused.value.code is RefusalCode.NOT_ALLOWED


def test_a_roll_up_shows_the_past_as_it_was_and_as_restated(ward: Story) -> None:
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("B"),), target=UnitId("A"))
    sign(ward, "B-BT", "B", command, Side.OLD)
    sign(ward, "A-BT", "A", command, Side.NEW)
    carry_out(ward, command)
    work = ward.installation.ledger.work()
    was = tree.rollup(work, WARD, Period(JULY), as_=tree.AS_WAS, today=FIRST)
    now = tree.rollup(work, WARD, Period(JULY), as_=tree.RESTATED, today=FIRST)
    assert {row["unit"]: row["own_collected"] for row in was["rows"]} == {
        "VH": 0,
        "A": 200_000,
        "B": 200_000,
        "C": 300_000,
    }
    assert {row["unit"]: row["own_collected"] for row in now["rows"]} == {"VH": 0, "A": 400_000, "C": 300_000}
    assert was["collected"] == now["collected"] == 700_000
    shown = [row["unit"] for row in tree.tree_on(work.organisation, WARD, END)]
    assert shown == ["VH", "A", "B", "C"]
    assert [row["unit"] for row in tree.tree_on(work.organisation, WARD, FIRST)] == ["VH", "A", "C"]


def test_cells_of_2000_members_merge_by_one_command_of_a_few_seconds(story: Story) -> None:
    cells = [Cell(id=f"C{n}") for n in range(80)]
    story.set_up(cells)
    grants = (grant("VH-VP", Role.OFFICE, WARD), grant("VH-CU2", Role.COMMITTEE, WARD))
    story.do("service:setup", START, setup.GrantRoles(grants=grants))
    for cell in cells:
        people = (member(f"{cell.id}-{n}", "SI_COMPULSORY", ("si-salary", 10_000_000)) for n in range(25))
        story.enrol(cell.id, *people)
    story.assess("VH", JULY, START)
    sources = tuple(UnitId(cell.id) for cell in cells[1:])
    command = plan(story, WARD, RestructureKind.MERGE, sources=sources, target=UnitId("C0"))
    for side, officer in ((Side.OLD, "VH-CU"), (Side.NEW, "VH-CU2")):
        sign(story, officer, "VH", command, side)
    order = restructure.CarryOutRestructure(root=WARD, restructure_id=command.restructure_id)
    begun = time.perf_counter()
    assert story.do("VH-VP", FIRST, order)["members"] == 79 * 25
    assert time.perf_counter() - begun < 10
    assert (story.owed("C0"), story.owed("C7")) == (2_000 * 100_000, 0)
    verdict = verify(story.installation.store.read(0, 1_000_000))
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings][:5]
