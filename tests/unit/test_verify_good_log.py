"""The checks find nothing in a log in which nothing is wrong, and there is a check for every id."""

from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from domain.events import EVENT_TYPES
from domain.remittance import RemittanceSent
from ledger.chart import CHART
from ledger.checks.amounts import AMOUNTS
from ledger.checks.control import ALLOWED
from ledger.checks.cover import NEXT_STEPS
from ledger.verify import CHECKS, verify
from tests.good_log import good_log

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "invariants.md"

#: The ids that the ledger promises to check; stable for ever.
PROMISED = [
    *("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "I14", "I15", "I16", "I17"),
    *("I19", "I20", "I21", "I24", "I25", "I27", "I31", "I34", "I35"),
    *("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14"),
]

#: Whole numbers in events that are not đồng.
COUNTS = {
    "n",
    "year",
    "number",
    "first",
    "count",
    "position",
    "tree_version",
    "policy_version",
    "roster_order",
    "percent",
    "relief_percent",
    "retain_bp",
    "line_count",
    "count_number",
    "last_receipt",
    "supersedes",
    "replaced_by",
    "part",
    "units",
    "members",
    "accounts",
    "remittances",
    "refunds",
    "hundredths",
    "rate_e4",
    "confidence",
    "runner_up_confidence",
    "threshold",
    "weight",
    "numbers",
}


#: Events that the good log does not play; each stands in a log of its own, with faults planted in it.
ELSEWHERE = {
    # Played by tests/acceptance/test_day_close.py.
    "account-day-closed",
    "account-day-reopened",
    # Played by tests/acceptance/test_matching.py.
    "match-accepted",
    # Played by tests/acceptance/test_slips.py.
    "request-withdrawn",
    "transfer-told",
    "telling-taken-back",
    # Played by tests/acceptance/test_book_signing.py and test_book_b01.py.
    "book-signed",
    "report-column-set",
    "opening-credit-carried",
    "declaration-announced",
    "dues-year-opened",
    "period-held",
    "payout-failed",
    # Played by tests/acceptance/test_story_3.py, test_between_levels.py and test_cash_desk.py.
    "held-from-below",
    "held-period-allocated",
    "declaration-corrected",
    "interim-prepared",
    "interim-received",
    "interim-settled",
    "remittance-withdrawn",
    "remittance-returned",
    "remittance-misrouted",
    "remittance-passed-on",
    # Played by tests/acceptance/test_held_money_passed.py.
    "held-money-passed",
    "suspense-for-remittance",
    "refund-withdrawn",
    # Played by tests/acceptance/test_settlements.py and test_channel_refunds.py.
    "settlement-told",
    "settlement-part-booked",
    "settlement-differed",
    "settlement-lump-seen",
    "settlement-lump-credited",
    "settlement-lump-taken-back",
    "refund-reported",
    "refund-sent",
    # Played by tests/acceptance/test_lumps_by_hand.py and test_channel_cases.py.
    "settlement-failed",
    "settlement-lump-returned",
    "suspense-to-lump",
    "credit-returned",
    "suspense-to-case",
    "case-told",
    "case-closed",
    "case-reopened",
    # Played by tests/acceptance/test_found_by_the_life_machine.py.
    "credit-reserved",
    "credit-unreserved",
    "suspense-reserved",
    "suspense-unreserved",
    "claw-back-sent",
    "claw-back-received",
    "cash-drawn",
    # Played by tests/acceptance/test_verify_dues_life.py, test_adjustment.py, test_relief_life.py and
    # test_surplus_prepay_split.py.
    "dues-adjusted",
    "dues-pending-carried",
    "collected-ahead",
    "ahead-applied",
    "ahead-returned",
    "surplus-declared",
    "surplus-accepted",
    "surplus-rejected",
    "relief-ended",
    "relief-applied",
    "relief-decided",
    "relief-decider-assigned",
    "party-age-noted",
    "social-pension-noted",
    "exemption-proposed",
    "exemption-settled",
    "payment-arranged",
    "amount-set",
    # Played by tests/acceptance/test_open_items.py and test_statement_files.py.
    "statement-witnessed",
    "witness-taken-back",
    "decision-proposed",
    "decision-taken",
    "suspense-written-off",
    "credit-accepted",
    "suspense-to-credit",
    "suspense-waits-again",
    # Played by tests/unit/test_verify_spending.py.
    "cash-counted",
    "shortage-made-good",
    "shortage-written-off",
    "custody-offered",
    "custody-accepted",
    "held-cash-returned",
    "voucher-proposed",
    "voucher-approved",
    "voucher-refused",
    "voucher-paid-by-bank",
    "voucher-voided",
    "fund-year-closed",
    # Played by tests/acceptance/test_story_5.py and test_tree_moves.py.
    "unit-renamed",
    "unit-retyped",
    "unit-recoded",
    "unit-reparented",
    "unit-ended",
    "account-passed-on",
    "restructure-planned",
    "handover-signed",
    "restructure-withdrawn",
    "balances-handed-over",
    "restructure-carried-out",
    "payable-passed",
    "payable-inherited",
    "remittance-taken-over",
    "refund-taken-over",
    "suspense-taken-over",
    "member-moved",
    # Played by tests/acceptance/test_past_books.py.
    "past-imported",
    "past-undo-proposed",
    "past-undone",
    # Played by tests/acceptance/test_closing_months.py, test_corrections.py and test_receipt_keeping.py.
    "month-closed",
    "close-confirmed",
    "reopening-requested",
    "month-reopened",
    "correction-proposed",
    "entry-reversed",
    "match-undone",
    "payment-taken-back",
    "credit-taken-back",
    "payment-unapplied",
    "credit-unheld",
    "credit-unapplied",
    "bag-credit-undone",
    "statement-taken-back",
    "receipt-voided",
    "receipt-printed",
    "cash-sheet-signed",
    # Played by tests/acceptance/test_members_move.py and test_members_come_and_go.py.
    "member-admitted",
    "member-recognised",
    "transfer-letter-issued",
    "transfer-withdrawn",
    "transfer-received",
    "member-arrived",
    "temporary-transfer-ended",
    "released-from-activities",
    "membership-ended",
    "membership-restored",
    "obligation-moved",
    "credit-moved",
    "month-waived",
}


def test_every_promised_id_has_one_check_in_that_order():
    assert [check.id for check in CHECKS] == PROMISED


def test_a_good_log_passes_every_check():
    log = good_log()
    verdict = verify(log.events, commands=log.commands)
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []
    assert verdict.ok
    assert (verdict.events, verdict.position) == (len(log.events), len(log.events))


def test_the_good_log_has_nearly_every_kind_of_event_so_that_the_checks_had_something_to_see():
    seen = {recorded.name for recorded in good_log().events}
    assert set(EVENT_TYPES) - seen <= ELSEWHERE


def test_an_empty_log_passes():
    verdict = verify((), commands=())
    assert verdict.ok
    assert (verdict.events, verdict.position) == (0, 0)


def test_every_prefix_that_ends_with_a_command_passes():
    events = good_log().events
    ends = [r.position for r in events if r.meta.index == r.meta.count - 1]
    for end in ends[-60:]:
        assert [c.id for c in verify(events[:end]).checks if not c.ok] == []


def test_the_answer_has_exactly_the_fields_that_others_rely_on():
    answer = verify(good_log().events).as_dict()
    assert list(answer) == ["ok", "events", "position", "checks"]
    assert [list(check) for check in answer["checks"]] == [["id", "title", "ok", "findings"]] * len(CHECKS)


def test_open_balances_have_an_age_an_owner_and_a_next_step():
    items = {(i.unit, i.account, i.key): i for i in verify(good_log().events).open_items}
    owed = items["C", "3370", "HT-2"]
    assert (owed.amount, owed.days) == (7_000, 40)
    assert owed.owner == "thủ quỹ, Đơn vị C (C)"
    assert owed.next_step
    assert set(NEXT_STEPS) == {code for code, account in CHART.items() if account.must_reach_zero}


def test_what_waits_for_another_shard_is_a_note_by_name_and_no_fault():
    verdict = verify(good_log().events)
    assert ["2026-Q3" in note.sentence for note in verdict.notes if note.check == "A2"] == [True]


def test_a_sending_that_the_bank_has_not_booked_is_a_named_break_and_no_fault():
    events = good_log().events
    sent = [r.position for r in events if isinstance(r.event, RemittanceSent) and r.event.unit_id == "D"]
    corrected = next(r.position for r in events if r.name == "sending-corrected")
    before = verify(events[: corrected - 1])
    assert sent[0] < corrected
    assert before.ok
    notes = [note.sentence for note in before.notes if note.check == "I13"]
    assert len(notes) == 1
    assert "-70.000" in notes[0]
    assert "-7.000" in notes[0]


def test_every_event_has_a_row_of_actions_that_may_cause_it():
    assert set(ALLOWED) == set(EVENT_TYPES)


def test_every_whole_number_in_an_event_is_an_amount_with_bounds_or_a_count():
    for name, (cls, _) in EVENT_TYPES.items():
        if name.startswith("policy-"):
            continue
        amounts = {field.split(".")[0] for field in AMOUNTS.get(cls, {})}
        hints = get_type_hints(cls)
        for field in fields(cls):
            if hints[field.name] is int or int in get_args(hints[field.name]):
                assert field.name in amounts | COUNTS, f"{name}.{field.name}"


def test_the_reference_page_lists_every_check_with_its_title_and_what_to_do():
    rows = [line.split("|")[1:-1] for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    listed = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}
    assert {id_: cells[0] for id_, cells in listed.items() if id_ in PROMISED} == {c.id: c.title for c in CHECKS}
    assert all(listed[id_][1] for id_ in PROMISED)
