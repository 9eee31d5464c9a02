"""Planted faults in logs of money between levels: each clause of the checks finds the one made for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from api import wiring
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance import test_between_levels as between
from tests.acceptance import test_story_3 as story_3
from tests.acceptance.story import Story, settings
from tests.good_log import read_all


def _new() -> Story:
    return Story(wiring.in_memory(settings()))


def _events(story: Story) -> tuple[Recorded, ...]:
    return tuple(item for item in read_all(story.installation.store) if isinstance(item, Recorded))


@cache
def late_log() -> tuple[Recorded, ...]:
    """Story 3 in memory."""
    story = _new()
    story_3.test_money_on_account_is_settled_by_a_share_that_comes_late(story)
    return _events(story)


@cache
def astray_log() -> tuple[Recorded, ...]:
    """Money that arrived at a wrong unit and was passed on."""
    story = _new()
    between.test_money_at_a_wrong_unit_is_held_there_passed_on_and_received(story)
    return _events(story)


@cache
def _played(name: str) -> tuple[Recorded, ...]:
    story = _new()
    between._july(story)
    getattr(between, name)(story)
    return _events(story)


def withdrawn_log() -> tuple[Recorded, ...]:
    return _played("test_a_remittance_is_withdrawn_only_while_nothing_was_sent")


def corrected_log() -> tuple[Recorded, ...]:
    return _played("test_a_declaration_that_was_too_high_is_made_smaller_before_the_superior_has_the_money")


def claw_back_log() -> tuple[Recorded, ...]:
    return _played("test_claw_back_is_paid_down_level_by_level_by_transfers_that_both_banks_confirm")


def disputed_log() -> tuple[Recorded, ...]:
    return _played("test_a_dispute_is_answered_by_the_sender_and_resolved_by_the_superior")


def suspense_log() -> tuple[Recorded, ...]:
    return _played("test_money_in_a_wrong_unit_s_suspense_is_named_and_passed_on_by_hand")


def returned_log() -> tuple[Recorded, ...]:
    return _played("test_what_the_bank_sends_back_is_owed_and_sent_again")


def refund_withdrawn_log() -> tuple[Recorded, ...]:
    return _played("test_a_refund_s_request_is_withdrawn_before_the_second_approval_and_never_after")


Log = Callable[[], tuple[Recorded, ...]]
LOGS: tuple[Log, ...] = (
    late_log,
    astray_log,
    withdrawn_log,
    corrected_log,
    claw_back_log,
    disputed_log,
    suspense_log,
    returned_log,
    refund_withdrawn_log,
)


def _edited(log: Log, name: str, **changes: Any) -> list[Recorded]:
    events = list(log())
    place = next(i for i, recorded in enumerate(events) if recorded.name == name)
    event = events[place].event
    new = {k: v(getattr(event, k)) if callable(v) else v for k, v in changes.items()}
    events[place] = replace(events[place], event=replace(event, **new))
    return events


def _without(log: Log, name: str) -> list[Recorded]:
    return [recorded for recorded in log() if recorded.name != name]


def _plus(by: int) -> Callable[[int], int]:
    return lambda old: old + by


@pytest.mark.parametrize("log", LOGS)
def test_a_sound_log_of_money_between_levels_passes_every_check(log: Log) -> None:
    assert [(f.check, f.sentence) for found in verify(log()).checks for f in found.findings] == []


@pytest.mark.parametrize(
    ("check", "log", "name", "changes"),
    [
        ("I11", late_log, "period-held", {"collected": _plus(-5)}),
        ("I11", late_log, "held-period-allocated", {"kept": _plus(1), "payable": _plus(-1)}),
        ("I11", late_log, "held-period-allocated", {"own_collected": _plus(-1), "collected": _plus(-1)}),
        ("I11", late_log, "held-period-allocated", {"booked_in": "2026-06"}),
        ("I11", late_log, "held-period-allocated", {"period": "2026-06"}),
        ("I11", late_log, "held-period-allocated", {"retain_bp": 4_000}),
        ("A2", late_log, "held-period-allocated", {"superior_has_books": False}),
        ("I12", late_log, "interim-settled", {"amount": _plus(1)}),
        ("I12", late_log, "interim-settled", {"period": "2026-08"}),
        ("I12", late_log, "interim-received", {"amount": _plus(1)}),
        ("I13", late_log, "interim-received", {"amount": _plus(-1)}),
        ("I34", late_log, "interim-received", {"bank_line": "none"}),
        ("I21", late_log, "interim-prepared", {"prepared_by": "VH-CU"}),
        ("I12", astray_log, "remittance-misrouted", {"amount": _plus(1)}),
        ("I12", astray_log, "remittance-passed-on", {"amount": _plus(1)}),
        ("I13", astray_log, "remittance-misrouted", {"amount": _plus(-1)}),
        ("I13", astray_log, "remittance-misrouted", {"bank_line": None}),
        ("I11", corrected_log, "declaration-corrected", {"kept_part": _plus(1), "passed_part": _plus(-1)}),
        ("I12", corrected_log, "declaration-corrected", {"passed_part": 63_001, "kept_part": 0, "reduced_by": 63_001}),
        ("I21", corrected_log, "declaration-corrected", {"corrected_by": "someone"}),
        ("I8", claw_back_log, "claw-back-sent", {"amount": _plus(1)}),
        ("I8", claw_back_log, "claw-back-received", {"amount": _plus(-1)}),
        ("I21", claw_back_log, "claw-back-sent", {"sent_by": "someone"}),
        ("I21", disputed_log, "dispute-resolved", {"resolved_by": "A-TP"}),
        ("I21", withdrawn_log, "remittance-withdrawn", {"withdrawn_by": "someone"}),
        ("I14", suspense_log, "suspense-for-remittance", {"amount": _plus(-1)}),
        ("I21", suspense_log, "suspense-for-remittance", {"named_by": "someone"}),
        ("I12", returned_log, "remittance-returned", {"amount": _plus(1)}),
        ("I2", late_log, "interim-prepared", {"amount": 0}),
        ("I2", corrected_log, "declaration-corrected", {"reduced_by": 0}),
    ],
)
def test_each_clause_finds_its_fault(check: str, log: Log, name: str, changes: dict[str, Any]) -> None:
    found = {c.id for c in verify(_edited(log, name, **changes)).checks if not c.ok}
    assert check in found, found


@pytest.mark.parametrize(
    ("check", "log", "name"),
    [
        ("I12", late_log, "interim-prepared"),
        ("A8", late_log, "interim-settled"),
        ("I11", late_log, "period-held"),
        ("I12", astray_log, "remittance-passed-on"),
        ("I14", suspense_log, "suspense-for-remittance"),
        ("I8", claw_back_log, "claw-back-sent"),
    ],
)
def test_what_is_missing_is_missed(check: str, log: Log, name: str) -> None:
    found = {c.id for c in verify(_without(log, name)).checks if not c.ok}
    assert check in found, found


def test_what_was_withdrawn_and_sent_or_approved_all_the_same_is_found() -> None:
    events = list(returned_log())
    prepared = next(i for i, r in enumerate(events) if r.name == "remittance-approved")
    gone = next(r for r in withdrawn_log() if r.name == "remittance-withdrawn")
    events[prepared + 1 : prepared + 1] = [replace(gone, position=events[prepared].position)]
    assert "I12" in {c.id for c in verify(events).checks if not c.ok}
    refunded = list(claw_back_log())
    approved = next(i for i, r in enumerate(refunded) if r.name == "refund-approved")
    back = next(r for r in refund_withdrawn_log() if r.name == "refund-withdrawn")
    refunded[approved + 1 : approved + 1] = [replace(back, position=refunded[approved].position)]
    assert "I8" in {c.id for c in verify(refunded).checks if not c.ok}
