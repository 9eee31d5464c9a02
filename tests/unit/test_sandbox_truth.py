"""The comparison of truth and book finds what is planted: nothing lost, doubled or unexplained passes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from adapters.sandbox.world.world import World
from api.sandbox.truth import Book, Comparison, compare_book
from domain.bank_account import LinesPlaced, MovementNamed, NotDues, Placement, StatementImported, StatementLine
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.payment import Asset, PaymentCredited, PaymentReceived
from tests.sandbox_story import ACCOUNT, fresh_world, month

Events = list[PaymentReceived | PaymentCredited | MovementNamed | StatementImported | LinesPlaced]

CASH = {"31.001.001/PT-1": 30_000}


def received(source: str, outside: str, amount: int, *, suspense: int = 0) -> PaymentReceived:
    return PaymentReceived(
        payment_id=PaymentId(f"{source}/{outside}"),
        source=source,
        outside_reference=outside,
        channel=source.partition(":")[0],
        unit_id=UnitId("u-1"),
        holder_id=UnitId("u-1"),
        asset=Asset.CLEARING if source in ("portal", "gateway") else Asset.BANK,
        asset_key=source if source in ("portal", "gateway") else ACCOUNT,
        amount=amount,
        dues_amount=amount - suspense,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=suspense,
        paid_on=date(2026, 8, 1),
        booked_on=None,
        reference=None,
        request_kind=None,
        member_id=None,
        payer_key=None,
        bank_line=None,
        evidence_id=None,
    )


def lines_of(world: World) -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(
            key=f"line-{entry.number}",
            booked_on=entry.booked_on,
            direction=entry.direction,
            amount=entry.amount,
            bank_reference=entry.reference,
            references=(),
            bank_code=None,
            is_reversal=False,
            payer_key=None,
            evidence_id=None,
        )
        for entry in world.bank.entries[ACCOUNT]
    )


def imported(lines: tuple[StatementLine, ...]) -> StatementImported:
    return StatementImported(
        account_id=AccountId(ACCOUNT),
        unit_id=UnitId("u-1"),
        file_digest="d",
        format="f",
        from_date=date(2026, 8, 1),
        to_date=date(2026, 9, 30),
        opening=0,
        closing=0,
        credits=0,
        debits=0,
        line_count=len(lines),
        lines=lines,
    )


def credited(payment_id: str, clearing: str, amount: int, fee: int = 0) -> PaymentCredited:
    return PaymentCredited(
        payment_id=PaymentId(payment_id),
        unit_id=UnitId("u-1"),
        account_id=AccountId(ACCOUNT),
        clearing=clearing,
        amount=amount,
        fee=fee,
        credited=amount - fee,
        bank_line="x",
        booked_on=date(2026, 8, 5),
    )


def bank_fee(amount: int) -> MovementNamed:
    return MovementNamed(
        account_id=AccountId(ACCOUNT),
        unit_id=UnitId("u-1"),
        bank_line="x",
        what=NotDues.FEE,
        heading="phí",
        amount=amount,
        booked_on=date(2026, 8, 31),
        ground="g",
        named_by="p",
    )


def true_events(world: World) -> Events:
    """A book that is right."""
    fees = {
        one["payment_intent"]: world.gateway.transactions[one["balance_transaction"]]["fee"]
        for one in world.gateway.charges.values()
    }
    events: Events = []
    for money in world.moneys.values():
        if money.way == "qr":
            events.append(received(f"bank:{ACCOUNT}", money.bank_reference, money.amount))
        elif money.way in ("portal", "gateway"):
            events.append(received(money.way, money.outside, money.amount))
            name = f"{money.way}/{money.outside}"
            events.append(credited(name, money.way, money.amount, fees.get(money.outside, 0)))
        elif money.way == "fee":
            events.append(bank_fee(money.amount))
    events.append(received("cash:u-1", "PT-1", 30_000))
    lines = lines_of(world)
    events.append(imported(lines))
    placed = tuple(Placement(key=line.key, outcome="reference", target="x") for line in lines)
    events.append(LinesPlaced(account_id=AccountId(ACCOUNT), placements=placed))
    return events


def compared(world: World, events: Events) -> Comparison:
    book = Book()
    for event in events:
        book.take(event)
    return compare_book(world, book, CASH, {"u-1": "31.001.001"})


@pytest.fixture(scope="module")
def world() -> World:
    return month(fresh_world(), people=6)


def test_a_right_book_is_found_right(world: World) -> None:
    found = compared(world, true_events(world))
    assert found.ok, found.differences
    assert found.moved == found.explained > 0
    assert found.totals["qr"] == (135_000, 135_000)


def _lost(events: Events) -> Events:
    return events[1:]


def _doubled(events: Events) -> Events:
    first = events[0]
    assert isinstance(first, PaymentReceived)
    # The same money under the portal's name and, once more, as an unknown credit.
    return [*events, replace(first, payment_id=PaymentId("again"))]


def _dearer(events: Events) -> Events:
    first = events[0]
    assert isinstance(first, PaymentReceived)
    return [replace(first, amount=first.amount + 1), *events[1:]]


def _invented(events: Events) -> Events:
    return [*events, received(f"bank:{ACCOUNT}", "NOBODY", 1)]


def _cash_lost(events: Events) -> Events:
    return [one for one in events if not (isinstance(one, PaymentReceived) and one.source == "cash:u-1")]


def _line_lost(events: Events) -> Events:
    return [replace(one, lines=one.lines[1:]) if isinstance(one, StatementImported) else one for one in events]


def _line_doubled(events: Events) -> Events:
    def again(one: StatementImported) -> StatementImported:
        return replace(one, lines=(*one.lines, replace(one.lines[0], key="again")))

    return [again(one) if isinstance(one, StatementImported) else one for one in events]


def _credit_lost(way: str) -> Callable[[Events], Events]:
    def plant(events: Events) -> Events:
        gone = next(one for one in events if isinstance(one, PaymentCredited) and one.clearing == way)
        return [one for one in events if one is not gone]

    return plant


def _fee_lost(events: Events) -> Events:
    return [one for one in events if not isinstance(one, MovementNamed)]


def _waits_nowhere(events: Events) -> Events:
    return [*events, replace(received("bank:x", "y", 7, suspense=7), channel="cash", source="cash:u-1")]


@pytest.mark.parametrize(
    ("plant", "what"),
    [
        (_credit_lost("portal"), "Cổng còn nợ (1140)"),
        (_credit_lost("gateway"), "cổng thẻ còn nợ (1140)"),
        (_fee_lost, "phí (6310)"),
        (_waits_nowhere, "tiền chưa rõ chủ (3380)"),
        (_lost, "không có trong sổ"),
        (_doubled, "ghi nhiều lần"),
        (_dearer, "lệch số tiền"),
        (_invented, "sổ có, ngoài đời không"),
        (_cash_lost, "mất phiếu"),
        (_line_lost, "số dư tài khoản"),
        (_line_doubled, "số dư tài khoản"),
    ],
)
def test_one_planted_fault_is_one_difference(world: World, plant: Callable[[Events], Events], what: str) -> None:
    found = compared(world, plant(true_events(world)))
    assert what in [one.what for one in found.differences]
    assert not found.ok


def test_money_that_waits_without_a_cause_in_the_scenario_is_not_let_pass(world: World) -> None:
    events = true_events(world)
    first = events[0]
    assert isinstance(first, PaymentReceived)
    found = compared(world, [replace(first, suspense_amount=first.amount), *events[1:]])
    assert [one.what for one in found.differences] == ["tiền chưa rõ chủ (3380)"]
    assert [one.cause for one in found.leftovers] == [""]
    assert not found.ok


def test_a_line_without_a_place_and_without_a_cause_is_not_let_pass(world: World) -> None:
    found = compared(world, [one for one in true_events(world) if not isinstance(one, LinesPlaced)])
    assert not found.differences
    assert found.explained < found.moved
    assert not found.ok


def test_a_transfer_without_a_code_may_wait_for_a_person() -> None:
    world = month(fresh_world(faults={"no-code": 1.0}), people=3)
    events = true_events(world)
    waiting = [
        replace(one, suspense_amount=one.amount)
        if isinstance(one, PaymentReceived) and one.source.startswith("bank:")
        else one
        for one in events
    ]
    found = compared(world, waiting)
    assert found.ok
    assert {one.cause for one in found.leftovers} == {"no-code"}
