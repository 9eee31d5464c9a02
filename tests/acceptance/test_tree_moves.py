"""The tree moves: dissolved, split, re-parented, a level abolished, re-typed; each with its handover and checks."""

import dataclasses
from datetime import date

import pytest

from domain import organisation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RemittanceId, UnitId
from domain.organisation_history import unit_on
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.remittance import Way
from domain.restructuring import FundPart, MemberAssignment, RestructureKind, Side
from ledger.handlers import remit, restructure
from tests.acceptance.moving import (
    AUGUST,
    FIRST,
    JULY,
    OTHER,
    PROVINCE,
    WARD,
    carry_out,
    plan,
    register,
    require_sound,
    sign,
    ward_with_july,
)
from tests.acceptance.story import Story, into, share
from tests.acceptance.tables import ABOVE, check, hold_together


@pytest.fixture
def ward() -> Story:
    """A ward with three cells that collected and declared July."""
    return ward_with_july()


def test_a_dissolved_cell_hands_everything_to_the_ward_which_received_its_july_by_it(ward: Story) -> None:
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("A"),))
    sign(ward, "A-BT", "A", command, Side.OLD)
    sign(ward, "VH-CU", "VH", command, Side.NEW)
    done = carry_out(ward, command)
    assert (done["members"], done["accounts"]) == (2, 1)
    assert ward.balances("A") == {}
    # A kept 60,000 of 200,000 and owed 140,000, which the ward has now; B owes 140,000 and C 210,000.
    assert ward.balances("VH") == {
        "1120": 300_000 + 300_000,
        "1360": 350_000,
        "3310": 140_000,
        "3350": 350_000,
        "3390": 300_000,
        "4310": 160_000,
    }
    ward.remit("B", "VH", JULY, date(2026, 8, 5))
    ward.settle("C", "VH", JULY, date(2026, 8, 5))
    made = ward.declare("VH", JULY, date(2026, 8, 12))
    assert made["collected"] == 140_000 + 140_000 + 210_000
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_money_that_is_late_for_an_ended_unit_goes_to_its_successor(ward: Story) -> None:
    register(ward, "G", WARD)
    command = plan(ward, WARD, RestructureKind.MERGE, sources=(UnitId("B"), UnitId("C")), target=UnitId("G"))
    for unit in ("B", "C"):
        sign(ward, f"{unit}-BT", unit, command, Side.OLD)
    sign(ward, "G-BT", "G", command, Side.NEW)
    carry_out(ward, command)
    assert ward.balances("G") == {
        "1120": 250_000,
        "1390": 300_000,
        "3340": 50_000,
        "3360": 140_000 + 210_000,
        "4310": 60_000 + 90_000,
    }
    day = date(2026, 8, 3)
    # B2 pays July by the reference that B printed, into the account that B had.
    late = dataclasses.replace(
        ward.statement("B", day, into("late", day, 200_000, ward.reference("B2", JULY))), unit_id=UnitId("G")
    )
    assert ward.do("VH-KT", day, late)["placed"] == {"reference": 1}
    assert ward.balances("B") == ward.balances("C") == {}
    with pytest.raises(Refusal) as refused:
        ward.declare("B", AUGUST, date(2026, 8, 31))
    assert refused.value.code is RefusalCode.UNIT_ENDED
    require_sound(ward, {"A": "VH", "G": "VH", **ABOVE})


def test_a_split_gives_each_new_cell_its_members_and_its_part_of_the_fund(ward: Story) -> None:
    register(ward, "B1", WARD)
    register(ward, "B2", WARD, own=True)
    command = plan(
        ward,
        WARD,
        RestructureKind.SPLIT,
        sources=(UnitId("B"),),
        target=UnitId("B1"),
        members=(MemberAssignment(member_id=MemberId("B2"), unit_id=UnitId("B2")),),
        funds=(FundPart(unit_id=UnitId("B2"), amount=20_000),),
    )
    sign(ward, "B-BT", "B", command, Side.OLD)
    for unit in ("B1", "B2"):
        sign(ward, f"{unit}-BT", unit, command, Side.NEW)
    carry_out(ward, command)
    assert ward.balances("B") == {}
    assert ward.balances("B2") == {"1390": 20_000, "4310": 20_000}
    assert ward.balances("B1")["3390"] == 20_000
    assert (ward.owed("B1"), ward.owed("B2")) == (0, 200_000)
    work = ward.installation.ledger.work()
    assert [work.member(MemberId(m)).unit_id for m in ("B1", "B2")] == ["B1", "B2"]
    require_sound(ward, {"A": "VH", "B1": "VH", "B2": "VH", "C": "VH", **ABOVE})


def test_a_cell_that_gets_another_superior_owes_its_open_july_there(ward: Story) -> None:
    register(ward, "ND", PROVINCE, UnitKind.SUPERIOR_COMMUNE, own=True)
    command = plan(ward, PROVINCE, RestructureKind.REPARENT, sources=(UnitId("B"),), target=OTHER)
    sign(ward, "VH-CU", "VH", command, Side.OLD)
    sign(ward, "ND-CU", "ND", command, Side.NEW)
    carry_out(ward, command)
    assert ward.balances("ND") == {"1360": 140_000, "3350": 140_000}
    hold_together(ward, {"A": "VH", "B": "ND", "C": "VH", "ND": "HP", **ABOVE})
    prepare = remit.PrepareRemittance(unit_id=UnitId("B"), period=Period(JULY), way=Way.PORTAL)
    made = ward.do("B-TP", date(2026, 8, 5), prepare)
    assert made["amount"] == 140_000
    require_sound(ward, {"A": "VH", "B": "ND", "C": "VH", "ND": "HP", **ABOVE})


def test_an_abolished_level_hands_its_balances_and_its_subordinates_to_the_level_above(ward: Story) -> None:
    ward.remit("A", "VH", JULY, date(2026, 8, 1))
    command = plan(ward, PROVINCE, RestructureKind.ABOLISH_LEVEL, level=UnitKind.SUPERIOR_COMMUNE)
    sign(ward, "VH-CU", "VH", command, Side.OLD)
    sign(ward, "HP-CU", "HP", command, Side.NEW)
    carry_out(ward, command)
    org = ward.installation.ledger.work().organisation
    assert [unit.unit_id for unit in organisation.children(org, PROVINCE)] == ["A", "B", "C"]
    assert ward.balances("VH") == {}
    # C's money is held by the province now, which also has what the ward had received of A and not split.
    assert ward.balances("HP")["3390"] == 300_000
    assert ward.balances("HP")["3310"] == 140_000
    # The ward's grants ended with it: the province's people act for C now.
    day = date(2026, 8, 5)
    prepare = remit.PrepareRemittance(unit_id=UnitId("C"), period=Period(JULY), way=Way.HELD)
    case = RemittanceId(ward.do("C-TP", day, prepare)["remittance_id"])
    ward.do("HP-CU", day, remit.ApproveRemittance(unit_id=UnitId("C"), remittance_id=case))
    received = remit.AcknowledgeRemittance(superior_id=PROVINCE, remittance_id=case, received_on=day)
    ward.do("HP-KT", day, received)
    made = ward.declare("HP", "2026-Q3", date(2026, 9, 30))
    assert made["collected"] == 140_000 + 210_000
    require_sound(ward, {"A": "HP", "B": "HP", "C": "HP", "HP": "TW"})


def test_names_kinds_and_codes_change_from_a_day_and_the_past_keeps_its_own(ward: Story) -> None:
    change = restructure.UnitToChange(unit_id=WARD, name="Đảng bộ phường Mới", code="VH-2", kind=UnitKind.BASE_COMMUNE)
    day = date(2026, 8, 26)
    order = restructure.ChangeUnits(root=PROVINCE, units=(change,), effective_from=day, decision="208-QĐ/TW")
    assert ward.do("HP-VP", day, order)["changes"] == 3
    assert ward.do("HP-VP", day, order)["changes"] == 0
    org = ward.installation.ledger.work().organisation
    assert organisation.by_code(org, "VH-2").name == "Đảng bộ phường Mới"
    before = unit_on(org, WARD, date(2026, 8, 25))
    assert before is not None
    assert (before.name, before.kind, before.code) == ("Đơn vị VH", UnitKind.SUPERIOR_COMMUNE, "VH")
    assert organisation.on(org, date(2026, 8, 25)).units[WARD] == before
    assert organisation.on(org, day).units[WARD].kind is UnitKind.BASE_COMMUNE
    require_sound(ward, {"A": "VH", **ABOVE})


def test_the_kind_of_a_period_is_that_of_its_first_day(ward: Story) -> None:
    ward.activate_shares((share(UnitKind.BASE_COMMUNE, 90),))
    change = restructure.UnitToChange(unit_id=WARD, kind=UnitKind.BASE_COMMUNE)
    day = date(2026, 7, 31)
    order = restructure.ChangeUnits(
        root=PROVINCE, units=(change,), effective_from=date(2026, 7, 26), decision="208-QĐ/TW"
    )
    ward.do("HP-VP", day, order)
    ward.remit("A", "VH", JULY, date(2026, 8, 3))
    july = ward.declare("VH", JULY, date(2026, 8, 12))
    assert (july["collected"], july["kept"]) == (140_000, 70_000)
    ward.remit("B", "VH", JULY, date(2026, 8, 13))
    august = ward.declare("VH", AUGUST, date(2026, 8, 31))
    assert (august["collected"], august["kept"]) == (140_000, 126_000)
    require_sound(ward, {"A": "VH", "B": "VH", **ABOVE})


def test_neither_the_planner_nor_one_person_for_both_sides_may_sign(ward: Story) -> None:
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("A"),))
    order = restructure.CarryOutRestructure(root=WARD, restructure_id=command.restructure_id)
    with pytest.raises(Refusal) as unsigned:
        ward.do("VH-VP", FIRST, order)
    assert unsigned.value.code is RefusalCode.RESTRUCTURE_STATE
    sign(ward, "VH-CU", "A", command, Side.OLD)
    with pytest.raises(Refusal) as both:
        sign(ward, "VH-CU", "VH", command, Side.NEW)
    assert both.value.code is RefusalCode.MAKER_IS_CHECKER
    withdraw = restructure.WithdrawRestructure(root=WARD, restructure_id=command.restructure_id, reason="hoãn")
    assert ward.do("VH-VP", FIRST, withdraw)["withdrawn"] == 1
    with pytest.raises(Refusal):
        ward.do("VH-VP", FIRST, order)
    require_sound(ward, {"A": "VH", **ABOVE})


def test_a_cell_may_be_dissolved_into_another_one_which_then_pays_for_both(ward: Story) -> None:
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("A"),), target=UnitId("B"))
    sign(ward, "A-BT", "A", command, Side.OLD)
    sign(ward, "B-BT", "B", command, Side.NEW)
    carry_out(ward, command)
    check(
        ward,
        """
        | account | A | B       |
        | 1120    | · | 550,000 |
        | 3340    | · | 50,000  |
        | 3360    | · | 280,000 |
        | 4310    | · | 220,000 |
        """,
        superior={"B": "VH", "C": "VH", **ABOVE},
    )
    assert ward.prepare("B", JULY, date(2026, 8, 5))["amount"] == 280_000
    require_sound(ward, {"B": "VH", "C": "VH", **ABOVE})


def test_two_acts_on_one_day_lead_all_the_way_to_the_last_successor(ward: Story) -> None:
    for case, old, new in (("mot", "A", "B"), ("hai", "B", "C")):
        command = plan(ward, WARD, RestructureKind.DISSOLVE, case=case, sources=(UnitId(old),), target=UnitId(new))
        sign(ward, f"{old}-BT", old, command, Side.OLD)
        sign(ward, f"{new}-BT", new, command, Side.NEW)
        carry_out(ward, command)
    assert ward.balances("A") == ward.balances("B") == {}
    assert ward.balances("C")["3360"] == 140_000 + 140_000 + 210_000
    day = date(2026, 8, 3)
    late = into("late", day, 70_000, ward.reference("A1", JULY))
    ward.do("VH-KT", day, dataclasses.replace(ward.statement("A", day, late), unit_id=UnitId("C")))
    assert ward.balances("C")["3340"] == 50_000 + 70_000
    made = ward.do("C-TP", day, remit.PrepareRemittance(unit_id=UnitId("C"), period=Period(JULY), way=Way.HELD))
    assert made["amount"] == 490_000
    require_sound(ward, {"C": "VH", **ABOVE})
