"""A bank slip that no bank confirms, and two people who decide on one item at the same moment."""

import threading
from datetime import date, timedelta

import pytest

from api import wiring
from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.open_item import DecisionKind
from ledger.application import command_id_for
from ledger.handlers.correct import CorrectEntry
from ledger.handlers.open_items import Decide
from ledger.open_items import OpenItem, open_items
from ledger.work import Act
from tests.acceptance.story import Story, account, at, into
from tests.acceptance.test_closing_months import refusal, sound
from tests.acceptance.test_corrections import corrected, owed, payment, played
from tests.acceptance.test_long_statements import OTHER, second
from tests.acceptance.test_open_items import DAY, asked, slip

A = UnitId("A")
SLIP = PaymentId(f"bank:{account('A')}/slip:CT-1")
CANCEL = Wanted(kind=Kind.CASH, payment_id=SLIP)


def slips(story: Story, on: date) -> list[OpenItem]:
    """The slips that wait for the bank's word."""
    found = open_items(story.installation.ledger.work(), story.installation.store, [A], on)
    return [one for one in found if one.what == "slip"]


def test_a_slip_that_no_bank_confirms_is_listed_after_its_days_and_taken_back(story: Story) -> None:
    played(story)
    before = story.balances("A")
    slip(story, story.reference("A3", "2026-07"), 70_000)
    assert owed(story, "A3") == 0
    assert slips(story, DAY + timedelta(days=5)) == []
    (late,) = slips(story, DAY + timedelta(days=6))
    assert (late.item, late.amount, late.age_days) == (SLIP, 70_000, 6)
    assert "ngân hàng chưa báo" in late.next_step
    corrected(story, CANCEL, "DC-1")
    assert slips(story, DAY + timedelta(days=6)) == []
    assert (owed(story, "A3"), story.balances("A")["1120"]) == (70_000, before["1120"])
    sound(story)
    # The transfer comes after all: the statement is the first to tell of it.
    story.bank(
        "A", DAY + timedelta(days=8), into("s", DAY + timedelta(days=7), 70_000, story.reference("A3", "2026-07"))
    )
    assert owed(story, "A3") == 0
    sound(story)


def test_a_slip_that_the_bank_confirmed_is_no_slip_to_take_back(story: Story) -> None:
    played(story)
    slip(story, story.reference("A3", "2026-07"), 70_000)
    story.bank("A", DAY + timedelta(days=2), into("s", DAY, 70_000))
    assert slips(story, DAY + timedelta(days=6)) == []
    ask = CorrectEntry(unit_id=A, correction_id="DC-1", wanted=CANCEL, reason="nhầm", decision="BB-1")
    no = refusal(story, "A-TP", DAY + timedelta(days=6), ask)
    assert no.code is RefusalCode.PAYMENT_KIND_DIFFERS
    assert "statement withdraw" in no.message


def test_a_slip_is_not_replaced_by_cash(story: Story) -> None:
    played(story)
    slip(story, story.reference("A3", "2026-07"), 70_000)
    wanted = Wanted(kind=Kind.CASH, payment_id=SLIP, slip="CT-2", amount=60_000)
    ask = CorrectEntry(unit_id=A, correction_id="DC-1", wanted=wanted, reason="nhầm", decision="BB-1")
    assert "open-item transfer" in refusal(story, "A-TP", DAY + timedelta(days=6), ask).message


def test_of_two_people_who_decide_at_once_one_wins_and_the_other_is_told_who(story: Story) -> None:
    played(story)
    if story.installation.shard is None:
        pytest.skip("two processes need a database")
    second(story)
    commands = {
        "VH-KT": asked(DecisionKind.IDENTIFY, ("A3", None), item=payment("stray")),
        OTHER: asked(DecisionKind.IDENTIFY, ("A2", None), item=payment("stray")),
    }
    told: dict[str, object] = {}
    start = threading.Barrier(2)

    def decide(by: str) -> None:
        with wiring.on_postgres(story.installation.settings) as own:
            act = Act(actor=by, at=at(DAY), command_id=command_id_for("race", by))
            start.wait()
            try:
                told[by] = own.ledger.execute(Decide(unit_id=A, asked=commands[by]), act).answer
            except Refusal as no:
                told[by] = no

    threads = [threading.Thread(target=decide, args=(by,)) for by in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [by for by, what in told.items() if isinstance(what, dict)]
    (lost,) = [what for what in told.values() if isinstance(what, Refusal)]
    assert lost.code is RefusalCode.NOT_IN_SUSPENSE
    assert winner in lost.message
    sound(story)
