"""What happens on the portal: payers who pay, give up or wait for ever; credits to accounts; settlement files."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from adapters.sandbox.portal_settlement import SettledPayment, file_name
from adapters.sandbox.world import contents
from adapters.sandbox.world.bank_life import at, book, next_working_day
from adapters.sandbox.world.money import Money
from adapters.sandbox.world.portal import State
from adapters.sandbox.world.post import Message
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.world import Happening, World
from domain.errors import Malformed
from domain.notice import Direction


def take_bill(world: World, answer: Mapping[str, Any]) -> str | None:
    """What our look-up answered becomes a transaction of the platform; its reference, or None when nothing is due."""
    bill = answer.get("message")
    if answer.get("error_code") != 1 or not isinstance(bill, dict):
        return None
    reference = str(bill["transaction_id"])
    amount = sum(int(line["SoTien"]) for line in bill["DSKhoanNop"])
    world.portal.minted(
        reference=reference,
        amount=amount,
        information=str(bill["NoiDungThanhToan"]),
        dossier=str(bill["MaHoSo"]),
        account_number=str(bill["TKThuHuong"]),
        now=world.now,
    )
    world.tell(f"bill {bill['MaHoSo']} {reference} {amount}")
    return reference


def pay_on_portal(world: World, reference: str, payer: str) -> str:
    """A payer confirms on the portal's page; returns the state of the transaction.

    Faults: it may fail and succeed later, or stay pending for ever. ``Malformed`` for an unknown reference.
    """
    found = world.portal.found(reference)
    if found.state is not State.OPENED:
        return str(found.state)
    world.notes[f"payer/{reference}"] = payer
    key = f"portal/{reference}"
    if world.strikes(Fault.PENDING_FOR_EVER, key):
        return str(world.portal.change(reference, State.PENDING, world.now).state)
    if world.strikes(Fault.AFTER_CANCEL, key):
        _fail(world, reference)
        later = world.now + timedelta(minutes=world.dice.between(8, 45, "after-cancel", key))
        world.plan(later, "portal-paid", reference)
        return str(State.FAILED)
    _take(world, reference)
    return str(State.PAID)


def cancel_on_portal(world: World, reference: str) -> str:
    """A payer gives up on the portal's page."""
    if world.portal.found(reference).state is State.OPENED:
        _fail(world, reference)
    return str(world.portal.found(reference).state)


def _fail(world: World, reference: str) -> None:
    found = world.portal.change(reference, State.FAILED, world.now)
    _notify(world, reference, found.information, code="99", about=f"portal/{reference}")


def _portal_paid(world: World, what: Happening) -> None:
    _take(world, what.about[0])
    world.befall(f"portal/{what.about[0]}", Fault.AFTER_CANCEL)


def _take(world: World, reference: str) -> None:
    payer = contents.payer_of(world.dice, world.notes.get(f"payer/{reference}", reference))
    paid = world.portal.change(reference, State.PAID, world.now, bank=payer.bank)
    key = f"portal/{reference}"
    account = next((a for a in world.bank.accounts.values() if a.number == paid.account_number), None)
    if account is None:
        raise Malformed("cổng mô phỏng không biết tài khoản thụ hưởng", where=paid.account_number)
    world.own(
        Money(
            key=key,
            way="portal",
            amount=paid.amount,
            paid_at=world.now,
            reference=reference,
            outside=paid.transaction_id,
            account_id=account.account_id,
            payer=payer.name,
        )
    )
    _notify(world, reference, paid.information, code="00", about=key)
    if world.scenario.portal.pays_out == "each":
        day = next_working_day(world.portal.settlement_day(world.now))
        world.plan(at(day, 9, 15), "portal-credit", reference)


def _notify(world: World, reference: str, information: str, *, code: str, about: str) -> None:
    told = world.portal.told(world.portal.found(reference), world.now, code=code)
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    world.send(Message(channel="portal", key=f"portal/{reference}/{code}", text=text, about=about))


def _portal_credit(world: World, what: Happening) -> None:
    (reference,) = what.about
    key = f"portal/{reference}"
    money = world.moneys[key]
    text = f"DVCQG {money.outside} {reference}"
    net = money.amount - world.scenario.portal.fee
    entry = book(world, money.account_id, Direction.IN, net, text, about=key)
    world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference)


def _portal_lump(world: World, what: Happening) -> None:
    """One credit for each account and day of settlement, less fees; then the next working day's."""
    day = date.fromisoformat(what.about[0])
    fee = world.scenario.portal.fee
    settled = world.portal.settled(day)
    for account in sorted(world.bank.accounts.values(), key=lambda one: one.account_id):
        keys = tuple(f"portal/{one.reference}" for one in settled if one.account_number == account.number)
        if not keys:
            continue
        net = sum(world.moneys[key].amount - fee for key in keys)
        lump = f"lump/{day:%Y%m%d}/{account.number}"
        world.own(Money(key=lump, way="payout", amount=net, paid_at=world.now, account_id=account.account_id, of=keys))
        text = f"DVCQG QUYET TOAN {_as_banks_write(world, file_name(world.keys.portal_partner, day), lump)}"
        entry = book(world, account.account_id, Direction.IN, net, text, about=lump)
        world.change(lump, booked_on=entry.booked_on, bank_reference=entry.reference)
        for key in keys:
            world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference, in_lump=True)


def _as_banks_write(world: World, name: str, lump: str) -> str:
    """The name of a settlement file as banks let it through: some drop its separators or make them blanks."""
    separator = world.dice.pick(("_", " ", ""), "lump-words", lump)
    return name.removesuffix(".txt").replace("_", separator)


def settlement_is_due(world: World, day: date) -> bool:
    """Whether the portal has written the settlement of a day yet."""
    return world.now >= at(day + timedelta(days=1), world.scenario.portal.settlement_hour)


def settlement_of(world: World, day: date) -> tuple[str, bytes] | None:
    """The portal's settlement file of a day with what faults make of it; None when it has no line."""
    lines: list[SettledPayment] = []
    for one in world.portal.settled(day):
        key = f"portal/{one.reference}"
        line = world.portal.line_of(one, day)
        if _remembered(world, Fault.SETTLEMENT_MISSING, key):
            continue
        if _remembered(world, Fault.SETTLEMENT_AMOUNT, key):
            line = replace(line, amount=one.amount + 1_000)
        lines.append(line)
        if _remembered(world, Fault.SETTLEMENT_DOUBLED, key):
            lines.append(line)
    return world.portal.settlement_file(day, lines) if lines else None


def _remembered(world: World, fault: Fault, key: str) -> bool:
    """A fault of a file strikes once, however often the file is fetched."""
    name = f"{fault}/{key}"
    if name not in world.notes:
        world.notes[name] = "1" if world.strikes(fault, key) else ""
    return bool(world.notes[name])


PORTAL_DOINGS = {"portal-paid": _portal_paid, "portal-credit": _portal_credit, "portal-lump": _portal_lump}
