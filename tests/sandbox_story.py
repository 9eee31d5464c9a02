"""A month of a sandbox's world without sockets: everybody pays, every delivery is answered by a function."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.portal import messages
from adapters.sandbox.world.bank import Account
from adapters.sandbox.world.bank_life import at, open_account, pay_qr
from adapters.sandbox.world.begin import days_of, new_world
from adapters.sandbox.world.gateway_life import pay_card
from adapters.sandbox.world.portal_life import pay_on_portal
from adapters.sandbox.world.post import Try
from adapters.sandbox.world.scenario import scenario_of
from adapters.sandbox.world.signing import wire_of
from adapters.sandbox.world.world import World
from adapters.vietqr.payload import encode

BIN, NUMBER = "970436", "0000001201"
ACCOUNT = f"{BIN}:{NUMBER}"

#: Answers a delivery with an HTTP status, or None for nobody.
Answer = Callable[[Try], int | None]


def taken(_: Try) -> int | None:
    """Whoever takes everything, flawed or not."""
    return 200


def strict(one: Try) -> int | None:
    """Whoever believes only what is rightly signed and fresh."""
    return 401 if one.flaw else 200


def fresh_world(*, seed: int = 1, faults: Mapping[str, Any] | None = None, **tables: Any) -> World:
    """A world in August 2026 with one account, which the gateway pays into."""
    world = new_world(scenario_of({"month": "2026-08", "seed": seed, "fault": dict(faults or {}), **tables}))
    open_account(world, Account(bin=BIN, number=NUMBER, holder="CHI BO MAU", opening=1_000_000), gateway=True)
    return world


def run(world: World, until: datetime, answer: Answer = strict) -> None:
    """Let the world live until a moment."""
    while (delivery := world.step(until)) is not None:
        wire_of(delivery, world.keys, rolled=world.secret_rolled())
        world.answered(delivery, answer(delivery))


def opened(world: World, reference: str, amount: int) -> str:
    """Open a transaction on the portal as dangphi does, by INIT; returns the answer's body."""
    receipt = messages.Receipt(
        lines=(messages.PayLine(content="Đảng phí", amount=amount),),
        service_code="DANGPHI",
        service_name="Đóng đảng phí",
        procedure_code="DANGPHI",
        procedure_name="Đóng đảng phí",
        unit_code="31.001",
        unit_name="Đảng ủy phường mẫu",
        dossier=reference,
        account_number=NUMBER,
        account_bank=BIN,
        account_name="CHI BO MAU",
        purpose=reference,
        payer_name="Nguyễn Mẫu",
    )
    init = messages.init_message(
        partner=world.keys.portal_partner,
        secret=world.keys.portal_secret,
        reference=reference,
        amount=amount,
        information=f"{reference} DANG PHI",
        at=world.now,
        ip="127.0.0.1",
        receipt=receipt,
    )
    return world.portal.message(messages.encode_init(init), world.now)[1].decode()


def code(kind: str, number: int) -> str:
    """A reference of twelve characters, as long as ours; the world does not check it."""
    return f"HJ{kind}{number:09d}"


def month(world: World, *, people: int = 40, answer: Answer = strict) -> World:
    """Forty people pay by QR, forty on the portal, forty by card, spread over the days; then the month runs out."""
    days = days_of(world.scenario)
    for number in range(people):
        day = days[number * 25 // people]
        moment = at(day, 8 + number % 15, number % 60)
        run(world, max(moment, world.now), answer)
        amount = 20_000 + 1_000 * number
        pay_qr(world, encode(bin=BIN, account=NUMBER, amount=amount, content=code("Q", number)), f"qr-{number}")
        opened(world, code("P", number), amount)
        pay_on_portal(world, code("P", number), f"portal-{number}")
        intent = world.gateway.create_intent(
            {"amount": amount, "metadata": {"reference": code("G", number)}}, world.now
        )
        pay_card(world, intent["id"], f"card-{number}")
    run(world, at(days[-1], 23, 59) + timedelta(days=3), answer)
    return world
