"""A payment is corrected after its member went to another cell, or its cell into another one: no book goes negative."""

from datetime import date
from typing import Any

import pytest

from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.restructuring import RestructureKind, Side
from ledger.handlers import correct
from tests.acceptance.moves import letter, play, receive, sound
from tests.acceptance.moving import FIRST, JULY, WARD, carry_out, plan, require_sound, sign, ward_with_july
from tests.acceptance.story import Story, account, into
from tests.acceptance.tables import ABOVE

DAY = date(2026, 8, 20)


def payment(key: str, unit: str) -> PaymentId:
    return PaymentId(f"bank:{account(unit)}/FT-{key}")


def correction(story: Story, unit: str, wanted: Wanted, *, by: str, also: str, on: date = DAY) -> dict[str, Any]:
    """Proposed by one and approved by another."""
    asked = correct.CorrectEntry(
        unit_id=UnitId(unit), correction_id="DC-1", wanted=wanted, reason="ghi nhầm", decision="BB-07"
    )
    assert story.do(by, on, asked)["state"] == "proposed"
    return story.do(also, on, correct.ApproveCorrection(unit_id=UnitId(unit), correction_id="DC-1"))


def moved() -> Story:
    """A1 paid 130,000 for July in A, 30,000 too much, and went to B with the credit."""
    story = play()
    story.assess("A", JULY, date(2026, 7, 1))
    story.request("A", JULY, date(2026, 7, 1))
    story.bank("A", date(2026, 7, 20), into("a1", date(2026, 7, 9), 130_000, story.reference("A1", JULY)))
    letter(story)
    receive(story)
    assert (story.balances("A")["3390"], story.balances("B")["3340"]) == (30_000, 30_000)
    return story


def test_credit_that_went_with_its_member_is_brought_back_by_the_superior_of_both_cells() -> None:
    story = moved()
    wanted = Wanted(kind=Kind.MATCH, payment_id=payment("a1", "A"))
    asked = correct.CorrectEntry(
        unit_id=UnitId("A"), correction_id="DC-0", wanted=wanted, reason="ghi nhầm", decision="BB"
    )
    with pytest.raises(Refusal) as refused:
        story.do("A-TP", DAY, asked)
    assert refused.value.code is RefusalCode.CORRECTION_BLOCKED
    assert "Cấp trên chung của A và B" in refused.value.message
    correction(story, "VH", wanted, by="VH-KT", also="VH-CU")
    assert story.installation.ledger.work().payment(payment("a1", "A")).suspense == 130_000
    assert story.balances("A") == {"1120": 1_130_000, "3380": 130_000, "4310": 1_000_000}
    assert story.balances("B") == {"1120": 1_000_000, "4310": 1_000_000}
    # A1 owes July again, A2 has not paid yet.
    assert story.owed("A") == 100_000 + 30_000
    sound(story)


def test_credit_that_already_answers_for_a_month_of_the_new_cell_is_taken_off_that_month() -> None:
    story = moved()
    story.assess("B", "2026-08", date(2026, 8, 6))
    assert "3340" not in story.balances("B")
    correction(story, "VH", Wanted(kind=Kind.MATCH, payment_id=payment("a1", "A")), by="VH-KT", also="VH-CU")
    assert story.balances("B") == {"1120": 1_000_000, "4310": 1_000_000}
    assert story.balances("A")["3380"] == 130_000
    assert (story.owed("A"), story.owed("B")) == (130_000, 80_000 + 100_000)
    sound(story)


@pytest.fixture
def merged() -> Story:
    """A went into B after its month of July was paid and before it was corrected; B2 of B paid too much."""
    ward = ward_with_july()
    ward.bank("A", date(2026, 7, 30), into("them", date(2026, 7, 30), 45_000, ward.reference("A1", JULY)))
    ward.cash("A", "7", "A2", 20_000, date(2026, 7, 30))
    command = plan(ward, WARD, RestructureKind.DISSOLVE, sources=(UnitId("A"),), target=UnitId("B"))
    sign(ward, "A-BT", "A", command, Side.OLD)
    sign(ward, "B-BT", "B", command, Side.NEW)
    carry_out(ward, command)
    return ward


def test_a_payment_of_the_old_cell_is_corrected_in_the_successors_books(merged: Story) -> None:
    before = merged.balances("B")
    wanted = Wanted(kind=Kind.MATCH, payment_id=payment("them", "A"))
    correction(merged, "B", wanted, by="B-TP", also="B-BT")
    after = merged.balances("B")
    assert merged.balances("A") == {}
    assert (after["3340"], after["3380"]) == (before["3340"] - 45_000, 45_000)
    require_sound(merged, {"B": "VH", "C": "VH", **ABOVE})


def test_a_cash_entry_of_the_old_cell_is_turned_round_in_the_successors_box(merged: Story) -> None:
    assert merged.balances("B")["1110"] == 20_000
    wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/7"))
    correction(merged, "B", wanted, by="B-TP", also="B-BT", on=FIRST)
    assert "1110" not in merged.balances("B")
    assert merged.balances("A") == {}
    require_sound(merged, {"B": "VH", "C": "VH", **ABOVE})
