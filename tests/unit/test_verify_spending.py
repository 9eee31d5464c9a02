"""Each check on spending and counted cash finds the fault that was planted for it, and nothing in a sound log."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain.access import Role
from domain.events import EVENT_TYPES
from domain.identifiers import OfficerId, UnitId
from domain.payment import Asset
from domain.spending import VoucherKind
from ledger.handlers import cash_count, cash_custody, cash_return, collect, setup, spend
from ledger.posting import entry
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, grant, member, out, settings
from tests.good_log import read_all

A = UnitId("A")
DAY = date(2026, 8, 12)
Events = list[Recorded]


@cache
def log() -> tuple[Recorded, ...]:
    """Vouchers of each kind, a void one, a transfer, counts of each outcome, a handover, the year's close."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    new = grant("A-TP2", Role.COLLECTOR, "A")
    story.do("service:setup", START, setup.GrantRoles(grants=(new,), second_persons=()))
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 15_000_000)))
    story.assess("A", "2026-07", START)
    story.cash("A", "1", "A1", 150_000, date(2026, 7, 12))
    _give_back(story)
    _voucher(story, "PT-1", 500_000, kind=VoucherKind.RECEIPT, heading="state-funding")
    _voucher(story, "DN-1", 120_000)
    _voucher(story, "DN-2", 30_000)
    story.do("A-BT", DAY, spend.VoidVoucher(unit_id=A, voucher_id="DN-2", reason="trùng"))
    story.do("A-TP", DAY, _asked("DN-3", 1))
    story.do("A-BT", DAY, spend.RefuseVoucher(unit_id=A, voucher_id="DN-3", reason="thôi"))
    reference = _voucher(story, "DN-4", 200_000, asset=Asset.BANK)["reference"]
    story.bank("A", DAY, out("ck", DAY, 200_000, str(reference)))
    _count(story, 500_000)
    good = cash_count.MakeGoodShortage(unit_id=A, case_id="KQ/A/1", amount=20_000, paid_on=DAY)
    story.do("A-TP", DAY, good)
    off = cash_count.WriteOffShortage(unit_id=A, case_id="KQ/A/1", amount=10_000, source="4310", decision="QD")
    story.do("A-BT", DAY, off)
    _count(story, 525_000)
    _count(story, 525_000)
    offer = cash_custody.OfferCustody(
        unit_id=A, to_officer=OfficerId("A-TP2"), count_number=3, open_slips=(), decision="QD-BG"
    )
    story.do("A-TP", DAY, offer)
    story.do("A-TP2", DAY, cash_custody.AcceptCustody(unit_id=A))
    story.do("VH-KT", date(2027, 1, 5), spend.CloseFundYear(unit_id=A, year=2026))
    return tuple(r for r in read_all(story.installation.store) if isinstance(r, Recorded))


def _give_back(story: Story) -> None:
    """Dues of a cell without an account go to the ward; what the cell keeps comes back in cash."""
    unit, ward, july = UnitId("B"), UnitId("VH"), date(2026, 7, 13)
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("B", "2026-07", START)
    story.cash("B", "1", "B1", 100_000, july)
    story.do("B-TP", july, collect.PassCash(unit_id=unit, amount=100_000, slip="BG-1", passed_on=july))
    story.declare("B", "2026-07", date(2026, 8, 1))
    back = cash_return.ReturnHeldCash(holder_id=ward, unit_id=unit, amount=30_000, slip="TL-1", returned_on=DAY)
    story.do("VH-TQ", DAY, back)


def _asked(voucher: str, amount: int, **more: Any) -> spend.ProposeVoucher:
    told: dict[str, Any] = {
        "unit_id": A,
        "voucher_id": voucher,
        "kind": VoucherKind.PAYMENT,
        "heading": "newspapers",
        "source": "4310",
        "asset": Asset.CASH,
        "amount": amount,
        "dated": DAY,
        "purpose": "báo",
    }
    return spend.ProposeVoucher(**{**told, **more})


def _voucher(story: Story, voucher: str, amount: int, **more: Any) -> dict[str, Any]:
    story.do("A-TP", DAY, _asked(voucher, amount, **more))
    return story.do("A-BT", DAY, spend.ApproveVoucher(unit_id=A, voucher_id=voucher))


def _count(story: Story, total: int) -> None:
    witness = OfficerId("VH-KT")
    story.do("A-TP", DAY, cash_count.CountCash(unit_id=A, counted_on=DAY, notes=(), total=total, witness=witness))


def _at(events: Sequence[Recorded], name: str, nth: int = 0) -> int:
    return [place for place, recorded in enumerate(events) if recorded.name == name][nth]


def _edit(name: str, nth: int = 0, **changes: Any) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        place = _at(events, name, nth)
        event = events[place].event
        new = {k: v(getattr(event, k)) if callable(v) else v for k, v in changes.items()}
        events[place] = replace(events[place], event=replace(event, **new))
        return events

    return tamper


def _again(name: str, nth: int = 0, **changes: Any) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        old, last = events[_at(events, name, nth)], events[-1]
        copy = replace(
            old,
            position=last.position + 1,
            version=max(r.version for r in events if r.stream == old.stream) + 1,
            recorded_at=last.recorded_at,
            event=replace(old.event, **changes),
            meta=replace(old.meta, command_id=uuid.uuid4(), index=0, count=1),
        )
        return [*events, copy]

    return tamper


def _drop(name: str, nth: int = 0) -> Callable[[Events], Events]:
    return lambda events: [r for place, r in enumerate(events) if place != _at(events, name, nth)]


def _plus(amount: int) -> Callable[[int], int]:
    return lambda old: old + amount


FAULTS: list[tuple[str, str, Callable[[Events], Events]]] = [
    ("I19", "a voucher's number is skipped", _edit("voucher-approved", 2, number=_plus(1))),
    ("I19", "a voucher is gone", _drop("voucher-approved", 1)),
    ("I19", "another number is voided", _edit("voucher-voided", number=_plus(5))),
    ("I21", "a voucher is approved by its maker", _edit("voucher-approved", 1, approved_by="A-TP")),
    ("I21", "a voucher nobody proposed", _drop("voucher-proposed", 1)),
    ("I21", "a voucher is voided by its maker", _edit("voucher-voided", voided_by="A-TP")),
    ("I21", "a name that is not who refused", _edit("voucher-refused", refused_by="VH-CU")),
    ("I21", "a count without a second person", _edit("cash-counted", witnessed_by="A-TP")),
    ("I21", "who counted decides on the shortage", _edit("shortage-written-off", decided_by="A-TP")),
    ("I21", "a name that is not who put money back", _edit("shortage-made-good", recorded_by="A-BT")),
    ("I21", "a custodian hands over to himself", _edit("custody-offered", to_officer="A-TP")),
    ("A10", "another sum is approved than was asked", _edit("voucher-proposed", 1, amount=_plus(1))),
    ("A10", "a transfer is booked twice", _again("voucher-paid-by-bank", bank_line="other")),
    ("A10", "the bank paid another sum", _edit("voucher-paid-by-bank", amount=_plus(1))),
    ("A10", "more is turned round than was booked", _edit("voucher-voided", booked=_plus(1))),
    ("A10", "a void voucher is voided again", _again("voucher-voided")),
    ("A10", "more is spent than is in the box", _edit("voucher-approved", 1, booked=10_000_000, amount=10_000_000)),
    ("A10", "a count is compared with another book", _edit("cash-counted", booked=_plus(1))),
    ("A10", "a shortage is made smaller", _edit("cash-counted", shortage=_plus(-1))),
    ("A10", "a surplus is not in the books", _drop("payment-received", -1)),
    ("A10", "a surplus that nobody counted", _again("payment-received", -1, payment_id="count:A/9")),
    ("A10", "another sum is taken over", _edit("custody-accepted", counted=_plus(1))),
    ("A7", "a year is closed twice", _again("fund-year-closed")),
    ("A7", "the close says another sum", _edit("fund-year-closed", from_retained=_plus(1))),
    ("A8", "more of a shortage is settled than there was", _edit("shortage-made-good", amount=_plus(1))),
    ("A8", "held cash comes out of a box that has none", _edit("held-cash-returned", holder_id="HP")),
    ("I3", "a line answers for two vouchers", _again("voucher-paid-by-bank", voucher_id="DN-9")),
    ("I13", "a transfer cites no line of the bank", _edit("voucher-paid-by-bank", bank_line="none")),
    ("A4", "a transfer eats other people's money", _edit("voucher-paid-by-bank", amount=900_000_000)),
    ("A6", "the close is left out of the fund", _edit("fund-year-closed", from_retained=_plus(-7))),
]


def _failed(events: Sequence[Recorded]) -> dict[str, list[str]]:
    return {check.id: [f.sentence for f in check.findings] for check in verify(events).checks if not check.ok}


def test_the_log_is_sound_and_has_every_event_of_the_room() -> None:
    assert _failed(log()) == {}
    room = {"cash-counted", "shortage-made-good", "shortage-written-off", "custody-offered", "custody-accepted"}
    room |= {name for name in EVENT_TYPES if name.startswith("voucher-")} | {"fund-year-closed", "held-cash-returned"}
    assert room <= {recorded.name for recorded in log()}
    assert any(line.account == "6310" for recorded in log() for line in entry(recorded.event))


@pytest.mark.parametrize(("check", "done", "tamper"), FAULTS, ids=[f"{check}: {done}" for check, done, _ in FAULTS])
def test_a_planted_fault_is_found(check: str, done: str, tamper: Callable[[Events], Events]) -> None:
    found = _failed(tamper(list(log())))
    assert check in found, f"{done}: found only {sorted(found)}"
    assert all(len(sentence) > 30 for sentence in found[check])


def test_an_open_shortage_has_an_age_an_owner_and_a_next_step() -> None:
    events = log()[: _at(log(), "shortage-made-good")]
    (item,) = [i for i in verify(events).open_items if i.account == "1370"]
    assert (item.key, item.amount, item.since) == ("KQ/A/1", 30_000, DAY)
    assert item.owner.startswith("cấp ủy")
    assert "bồi hoàn" in item.next_step
