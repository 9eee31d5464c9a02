"""Each check finds the fault that was planted for it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.checks.base import MOST
from ledger.checks.projections import Projected
from ledger.posting import entry
from ledger.store import Recorded, Unreadable
from ledger.verify import CHECKS, verify
from tests.good_log import good_log

Events = list[Recorded]


def _at(log: Sequence[Recorded], name: str, nth: int = 0) -> int:
    places = [place for place, recorded in enumerate(log) if recorded.name == name]
    return places[nth]


def _edit(name: str, nth: int = 0, **changes: Any) -> Callable[[Events], Events]:
    """Fields of one event have other values; a function is given the old value."""

    def tamper(log: Events) -> Events:
        place = _at(log, name, nth)
        event = log[place].event
        new = {k: v(getattr(event, k)) if callable(v) else v for k, v in changes.items()}
        log[place] = replace(log[place], event=replace(event, **new))
        return log

    return tamper


def _meta(name: str, nth: int = 0, **changes: Any) -> Callable[[Events], Events]:
    """Who recorded one command is told otherwise, on all of its events."""

    def tamper(log: Events) -> Events:
        command = log[_at(log, name, nth)].meta.command_id
        return [replace(r, meta=replace(r.meta, **changes)) if r.meta.command_id == command else r for r in log]

    return tamper


def _again(name: str, nth: int = 0, **changes: Any) -> Callable[[Events], Events]:
    """An event is recorded once more, at the head, by a new command."""

    def tamper(log: Events) -> Events:
        old = log[_at(log, name, nth)]
        version = max(r.version for r in log if r.stream == old.stream) + 1
        last = log[-1]
        copy = replace(
            old,
            position=last.position + 1,
            version=version,
            recorded_at=last.recorded_at,
            event=replace(old.event, **changes),
            meta=replace(old.meta, command_id=uuid.uuid4(), index=0, count=1),
        )
        return [*log, copy]

    return tamper


def _drop(name: str, nth: int = 0) -> Callable[[Events], Events]:
    return lambda log: [r for place, r in enumerate(log) if place != _at(log, name, nth)]


def _swap(one: int, other: int) -> Callable[[Events], Events]:
    """Two events change places: each gets the other's position."""

    def tamper(log: Events) -> Events:
        a, b = log[one], log[other]
        log[one], log[other] = replace(b, position=a.position), replace(a, position=b.position)
        return log

    return tamper


def _early(log: Events) -> Events:
    log[50] = replace(log[50], recorded_at=log[50].recorded_at - timedelta(days=1))
    return log


def _repeat_command(log: Events) -> Events:
    """The command id of an early command on the last one."""
    old, last = log[100].meta.command_id, log[-1].meta.command_id
    return [replace(r, meta=replace(r.meta, command_id=old)) if r.meta.command_id == last else r for r in log]


def _first_line(**changes: Any) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    return lambda lines: (replace(lines[0], **changes), *lines[1:])


def _both(*tampers: Callable[[Events], Events]) -> Callable[[Events], Events]:
    def tamper(log: Events) -> Events:
        for one in tampers:
            log = one(log)
        return log

    return tamper


def _plus(amount: int) -> Callable[[int], int]:
    return lambda old: old + amount


#: (check, what was done, the tampering).
FAULTS: list[tuple[str, str, Callable[[Events], Events]]] = [
    ("I1", "a payment's amount is edited", _edit("payment-received", amount=_plus(1))),
    ("A1", "what a unit keeps is edited", _edit("period-declared", kept=_plus(5))),
    ("A1", "an account that is in no chart", _edit("remittance-sent", asset="9999")),
    ("I2", "an amount is a float", _edit("payment-applied", amount=float)),
    ("I2", "an amount is negative", _edit("credit-held", amount=-1)),
    ("I2", "an amount is 2^63", _edit("income-base-declared", amount=2**63)),
    ("I2", "an amount inside a line is nothing", _edit("statement-imported", lines=_first_line(amount=0))),
    ("I3", "a payment is recorded twice", _again("payment-received")),
    ("I3", "a bank line answers for two payments", _again("payment-credited")),
    ("I3", "one outside reference under two ids", _again("payment-received", payment_id="portal/OTHER")),
    ("I4", "a witness says another amount", _edit("witness-added", amount=_plus(1))),
    ("I4", "the portal paid another sum than was asked", _edit("payment-received", reference="HJ0000000000")),
    ("I4", "a repeat with other content is booked", _again("payment-received", amount=1, dues_amount=1)),
    ("I5", "less is applied to a month than was paid", _edit("payment-applied", amount=_plus(-1))),
    ("I5", "the parts do not make the whole", _edit("payment-received", dues_amount=_plus(-1))),
    ("I5", "the excess is not in the member's account", _drop("credit-held")),
    ("I5", "cash was converted twice", _again("cash-converted")),
    ("I6", "more is applied than is owed", _edit("dues-assessed", due=_plus(-1), gross=_plus(-1))),
    ("I6", "one month is assessed twice", _again("dues-assessed")),
    ("I6", "credit is used that is not there", _edit("credit-held", amount=1)),
    ("I7", "an application is counted twice", _edit("payment-applied", n=2)),
    ("I7", "an application is undone twice", _again("application-undone")),
    ("I8", "a refund is paid twice", _again("refund-paid-out")),
    ("I8", "a refund is larger than was asked", _edit("refund-requested", amount=_plus(-1))),
    ("I8", "a refund is booked with one approval", _drop("refund-approved", 1)),
    ("I8", "more credit is given back than is held", _edit("credit-released", amount=_plus(1_000_000))),
    ("I8", "two requests for the same money", _again("refund-requested", 1, refund_id="HT-9", amount=9_999)),
    ("I9", "an obligation stands in another cell's books", _edit("dues-assessed", unit_id="B")),
    ("I9", "a second obligation for a month", _again("dues-assessed")),
    ("I31", "a member abroad is billed", _edit("standing-declared", scope="abroad")),
    ("I10", "a base is edited", _edit("dues-assessed", base=_plus(1_000_000))),
    ("I10", "the rule is another", _edit("dues-assessed", rule="R26-NONE")),
    ("I10", "a cap is left out", _edit("dues-assessed", 3, cap=None)),
    ("I10", "a relief found later takes off another sum", _edit("relief-recognised", amount=_plus(1))),
    ("I10", "a rate is edited", _edit("policy-rate-activated", 0, row=lambda row: replace(row, value_bp=999))),
    ("I11", "a unit keeps more", _edit("period-declared", kept=_plus(1), payable=_plus(-1))),
    ("I11", "own collection is moved", _edit("period-declared", own_collected=_plus(-1), from_subordinates=1)),
    ("I11", "another share is used", _edit("period-declared", share_row="EX-OTHER")),
    (
        "I11",
        "a level gives back another part",
        _edit("declaration-restated", kept_part=_plus(1), passed_part=_plus(-1)),
    ),
    ("I11", "the level above takes up less", _edit("unsplit-reduced", amount=_plus(-1))),
    (
        "I11",
        "a subordinate's period is counted for more",
        _edit("period-declared", 4, subordinates=_first_line(amount=1)),
    ),
    ("I12", "more is sent than is owed", _edit("remittance-sent", amount=_plus(1_000_000))),
    ("I12", "more is received than was sent", _edit("remittance-received", amount=_plus(1))),
    ("I12", "money is sent before approval", _drop("remittance-approved")),
    ("I13", "a statement's closing balance is edited", _edit("statement-imported", closing=_plus(1))),
    ("I13", "a line's amount is edited", _edit("statement-imported", lines=_first_line(amount=1))),
    ("I13", "an opening balance is edited on both sides", _edit("opening-signed", bank=_plus(1), fund=_plus(1))),
    ("I13", "what the bank debited is edited", _edit("sending-seen", amount=_plus(1))),
    ("I13", "a statement is gone", _drop("statement-imported", 1)),
    ("I13", "a fee is booked without a line", _again("movement-named", bank_line="none", amount=10)),
    ("I14", "an identification is repeated", _again("suspense-identified")),
    ("I14", "a release is of another case", _edit("suspense-released", payment_id="bank:970436:00C/FT-c5")),
    ("I16", "an event is deleted", _drop("payment-requested", 2)),
    ("I16", "two events are swapped", _swap(100, 101)),
    ("I19", "a receipt number is skipped", _edit("receipt-issued", 1, number=_plus(1))),
    ("I19", "a receipt without a payment", _edit("receipt-issued", payment_id="cash:A/none")),
    ("I19", "a receipt over another sum", _edit("receipt-issued", amount=_plus(-1))),
    ("I20", "someone without a grant", _meta("dues-assessed", actor="NOBODY")),
    ("I20", "a cashier declares", _meta("period-declared", actor="VH-TQ", role="cashier")),
    ("I20", "an action that does not cause the event", _meta("payment-applied", action="read")),
    ("I20", "an officer of another unit", _meta("remittance-prepared", actor="C-TP")),
    ("I20", "a grant that had ended", _edit("role-granted", 0, valid_to=date(2026, 1, 1), valid_from=date(2025, 1, 1))),
    ("I20", "an event of another unit than acted for", _edit("cash-bag-taken", unit_id="C")),
    ("I21", "a grant proposed and approved by one", _edit("role-granted", proposed_by="HP-CU")),
    ("I21", "an opening entered and signed by one", _edit("opening-signed", entered_by="VH-CU")),
    ("I21", "a remittance approved by its maker", _edit("remittance-approved", approved_by="A-TP")),
    ("I21", "a refund approved by who asked", _edit("refund-approved", approved_by="C-TP")),
    ("I21", "a name that is not who acted", _edit("suspense-identified", identified_by="A-BT")),
    ("I24", "an event is dated back", _early),
    ("I25", "a command stands twice", _repeat_command),
    ("I25", "a command is not on record", _again("payment-conflicted")),
    ("I27", "the last event of a command is gone", _drop("lines-placed")),
    (
        "I27",
        "an event of a command has another actor",
        lambda log: [replace(log[0], meta=replace(log[0].meta, actor="X")), *log[1:]],
    ),
    ("A2", "a receipt is booked on one side only", _edit("remittance-received", superior_here=False)),
    (
        "A2",
        "two levels book another claw-back",
        _edit("declaration-restated", 1, reduced_by=_plus(1), kept_part=_plus(1)),
    ),
    ("A3", "1360 is touched alone", _edit("remittance-sent", asset="1360", asset_key="A:2026-07")),
    ("A4", "a fee eats other people's money", _edit("movement-named", amount=900_000_000)),
    ("A5", "a receipt is booked on one side only", _edit("remittance-received", superior_here=False)),
    ("A6", "a declaration is not told to the superior", _edit("period-declared", superior_has_books=False)),
    ("A7", "a sending is taken out of the fund", _edit("remittance-sent", asset="4310")),
    ("A8", "a balance of a unit that nobody knows", _edit("cash-bag-taken", unit_id="NOWHERE")),
    ("A8", "a balance without a case", _edit("period-declared", -1, period="")),
    ("A8", "a balance on the wrong side", _again("cash-bag-credited")),
    ("A9", "cash without a receipt", _drop("receipt-issued", -1)),
    ("A9", "two receipts for one payment", _again("receipt-issued", number=9)),
    ("I34", "a month paid by a payment that never came", _edit("payment-applied", payment_id="bank:x/y")),
    ("I34", "a named line that is on no statement", _edit("movement-named", bank_line="00ff")),
    ("I34", "a refund that nobody asked for", _edit("refund-paid-out", refund_id="HT-77")),
    ("A9", "our receipt beside the portal's", _again("receipt-issued", number=9, payment_id="portal/GD000001")),
]


def _failed(log: Sequence[Recorded | Unreadable], **more: Any) -> dict[str, list[str]]:
    verdict = verify(log, **more)
    assert verdict.ok is all(check.ok for check in verdict.checks)
    return {check.id: [f.sentence for f in check.findings] for check in verdict.checks if not check.ok}


@pytest.mark.parametrize(("check", "done", "tamper"), FAULTS, ids=[f"{check}: {done}" for check, done, _ in FAULTS])
def test_a_planted_fault_is_found(check, done, tamper):
    log = good_log()
    found = _failed(tamper(list(log.events)), commands=log.commands)
    assert check in found, f"{done}: found only {sorted(found)}"
    assert all(len(sentence) > 30 for sentence in found[check])


#: Checks whose faults are planted in a log of their own.
ELSEWHERE = {
    "I15": "tests/unit/test_verify_closing_faults.py",
    "A10": "tests/unit/test_verify_spending.py",
    "A11": "tests/unit/test_verify_handover.py",
    "I35": "tests/acceptance/test_book_signing.py",
    "A12": "tests/acceptance/test_day_close.py",
    "A13": "tests/acceptance/test_settlement_faults.py",
    "A14": "tests/unit/test_verify_lines.py",
}


def test_every_check_has_a_planted_fault():
    assert {check.id for check in CHECKS} - {check for check, _, _ in FAULTS} == {"I17", *ELSEWHERE}


def test_a_finding_says_where():
    log = list(good_log().events)
    place = _at(log, "payment-received")
    tampered = _edit("payment-received", amount=_plus(1))(log)
    found = next(c for c in verify(tampered).checks if c.id == "A1").findings[0]
    assert (found.position, found.stream, found.unit) == (place + 1, log[place].stream, "A")
    assert "1 đồng" in found.sentence


def test_bytes_that_are_no_event_are_found_by_position():
    log: list[Recorded | Unreadable] = list(good_log().events)
    old = log[7]
    assert isinstance(old, Recorded)
    log[7] = Unreadable(
        position=8, stream=old.stream, version=old.version, topic="policy-rate-activated.9", problem="?"
    )
    found = _failed(log)
    assert any("Vị trí 8" in sentence for sentence in found["I16"])


@pytest.mark.parametrize(
    "change",
    [
        {"event_count": 99},
        {"first_position": 1, "last_position": 1, "event_count": 1},
        {"command_id": uuid.uuid4()},
        {"actor": "X"},
    ],
)
def test_a_command_whose_record_differs_from_the_log_is_found(change):
    log = good_log()
    commands = [replace(log.commands[0], **change), *log.commands[1:]]
    assert set(_failed(log.events, commands=commands)) == {"I25"}


def test_a_thousand_breaches_of_one_rule_are_counted_and_a_few_are_shown():
    log = good_log()
    late = [replace(r, recorded_at=log.events[0].recorded_at - timedelta(r.position)) for r in log.events]
    found = _failed(late)["I24"]
    assert len(found) == MOST + 1
    assert f"{len(late) - 1 - MOST} phát hiện nữa" in found[-1]


# --- I17: what readers are shown -------------------------------------------------------------------------------------


def _rows(until: int = 10**9) -> list[tuple[int, str, str, str, int]]:
    return [
        (r.position, line.unit, line.account, line.key, line.amount)
        for r in good_log().events
        if r.position <= until
        for line in entry(r.event)
    ]


def _sums(rows: list[tuple[int, str, str, str, int]]) -> list[tuple[str, str, str, int]]:
    sums: dict[tuple[str, str, str], int] = {}
    for _, unit, account, key, amount in rows:
        sums[unit, account, key] = sums.get((unit, account, key), 0) + amount
    return [(*place, amount) for place, amount in sums.items()]


def _projected(rows: list[Any], sums: list[Any], position: int) -> Projected:
    return Projected(journal_position=position, journal=rows, balances_position=position, balances=sums)


def test_projections_that_are_the_fold_of_the_log_pass_also_when_they_lag():
    head = len(good_log().events)
    for position in (head, head - 100):
        rows = _rows(position)
        assert _failed(good_log().events, projections=_projected(rows, _sums(rows), position)) == {}


@pytest.mark.parametrize(
    "damage", ["a line edited", "a line gone", "a line more", "a balance edited", "a balance gone"]
)
def test_projection_rows_that_are_not_the_fold_of_the_log_are_found(damage):
    head = len(good_log().events)
    rows, sums = _rows(), _sums(_rows())
    if damage == "a line edited":
        rows[5] = (*rows[5][:4], rows[5][4] + 1)
    elif damage == "a line gone":
        del rows[5]
    elif damage == "a line more":
        rows.insert(0, (1, "A", "1120", "x", 5))
    elif damage == "a balance edited":
        sums[0] = (*sums[0][:3], sums[0][3] + 1)
    else:
        del sums[next(place for place, row in enumerate(sums) if row[3])]
    assert set(_failed(good_log().events, projections=_projected(rows, sums, head))) == {"I17"}
