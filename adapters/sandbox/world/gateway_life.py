"""What happens at the card gateway: cards that pay or are refused, refunds that fail, payouts that arrive."""

from datetime import timedelta

from adapters.sandbox.world.bank_life import GATEWAY_ACCOUNT, at, book, next_working_day
from adapters.sandbox.world.money import Money
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.world import Happening, World
from domain.errors import Malformed
from domain.notice import Direction


def pay_card(world: World, intent_id: str, payer: str) -> str:
    """A payer enters a card; returns the intent's state. A refused card is followed by another one."""
    intent = world.gateway.intents.get(intent_id)
    if intent is None:
        raise Malformed("cổng thẻ mô phỏng không có lượt này", where=intent_id)
    if intent["status"] != "requires_payment_method":
        return str(intent["status"])
    key = f"gateway/{intent_id}"
    if world.strikes(Fault.CARD_REFUSED, key):
        world.gateway.refuse(intent, world.now)
        world.plan(world.now + timedelta(minutes=4), "card-paid", intent_id, payer)
    else:
        world.gateway.begin(intent, world.now)
        world.plan(world.now + timedelta(seconds=20), "card-paid", intent_id, payer)
    world.flush()
    return str(intent["status"])


def _card_paid(world: World, what: Happening) -> None:
    intent_id, payer = what.about
    intent = world.gateway.intents[intent_id]
    if intent["status"] in ("succeeded", "canceled"):
        return
    world.own(
        Money(
            key=f"gateway/{intent_id}",
            way="gateway",
            amount=intent["amount"],
            paid_at=world.now,
            reference=str(intent["metadata"].get("reference", "")),
            outside=intent_id,
            account_id=world.notes.get(GATEWAY_ACCOUNT, ""),
            payer=payer,
        )
    )
    charge = world.gateway.succeed(intent, world.now)
    if world.strikes(Fault.DISPUTE, f"gateway/{intent_id}"):
        world.plan(world.now + timedelta(days=5), "dispute", charge["id"])


def refund_created(world: World, refund_id: str) -> None:
    """Called after a refund was made: it may fail a day later, after it succeeded."""
    if world.strikes(Fault.REFUND_FAILS, refund_id):
        world.plan(world.now + timedelta(hours=26), "refund-fails", refund_id)


def _refund_fails(world: World, what: Happening) -> None:
    world.gateway.fail_refund(world.gateway.refunds[what.about[0]], world.now)


def _dispute(world: World, what: Happening) -> None:
    charge = world.gateway.charges[what.about[0]]
    if charge["amount_refunded"]:
        return
    dispute = world.gateway.open_dispute(charge, world.now)
    world.tell(f"dispute {dispute['id']} {dispute['amount']} {charge['payment_intent']}")
    world.plan(world.now + timedelta(days=6), "dispute-closed", dispute["id"])


def _dispute_closed(world: World, what: Happening) -> None:
    dispute = world.gateway.disputes[what.about[0]]
    won = list(world.gateway.disputes).index(dispute["id"]) % 2 == 0
    world.gateway.close_dispute(dispute, won=won, now=world.now)
    world.tell(f"dispute {dispute['id']} {dispute['status']}")


def _gateway_payout(world: World, what: Happening) -> None:
    account_id = world.notes.get(GATEWAY_ACCOUNT)
    payout = world.gateway.pay_out(world.now) if account_id else None
    if payout is not None and account_id is not None:
        world.plan(at(next_working_day(world.now.date()), 10, 30), "payout-arrives", payout["id"], account_id)
        world.tell(f"payout {payout['id']} {payout['amount']}")


def _payout_arrives(world: World, what: Happening) -> None:
    payout_id, account_id = what.about
    payout = world.gateway.payouts[payout_id]
    charges = [
        world.gateway.charges[one["source"]]
        for one in world.gateway.transactions.values()
        if one["payout"] == payout_id and one["type"] == "charge"
    ]
    keys = tuple(f"gateway/{charge['payment_intent']}" for charge in charges) + _failed_before(world, payout_id)
    lump = f"lump/{payout_id}"
    world.own(Money(key=lump, way="payout", amount=payout["amount"], paid_at=world.now, account_id=account_id, of=keys))
    words = str(payout["statement_descriptor"])
    entry = book(world, account_id, Direction.IN, payout["amount"], words, about=lump)
    world.change(lump, booked_on=entry.booked_on, bank_reference=entry.reference, outside=payout_id)
    for key in keys:
        world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference, in_lump=True)
    world.gateway.arrive(payout, world.now)
    if world.strikes(Fault.PAYOUT_FAILS, lump):
        world.plan(at(next_working_day(world.now.date()), 14), "payout-fails", payout_id, account_id)


def _failed_before(world: World, payout_id: str) -> tuple[str, ...]:
    """The money of payouts that failed and that this one pays again."""
    again = (
        one["source"]
        for one in world.gateway.transactions.values()
        if one["payout"] == payout_id and one["type"] == "payout_failure"
    )
    return tuple(key for name in again for key in world.moneys[f"lump/{name}"].of)


def _payout_fails(world: World, what: Happening) -> None:
    """The bank takes the lump off the account again; its payments are the gateway's debt until the next payout."""
    payout_id, account_id = what.about
    payout, lump = world.gateway.payouts[payout_id], world.moneys[f"lump/{payout_id}"]
    key = f"lump-back/{payout_id}"
    amount = payout["amount"]
    world.own(Money(key=key, way="payout-back", amount=amount, paid_at=world.now, account_id=account_id, of=lump.of))
    text = f"{payout['statement_descriptor']} RETURNED"
    entry = book(world, account_id, Direction.OUT, amount, text, about=key)
    world.change(key, booked_on=entry.booked_on, bank_reference=entry.reference)
    for name in lump.of:
        world.change(name, booked_on=None, bank_reference="")
    world.gateway.fail_payout(payout, world.now)


GATEWAY_DOINGS = {
    "card-paid": _card_paid,
    "refund-fails": _refund_fails,
    "gateway-payout": _gateway_payout,
    "payout-arrives": _payout_arrives,
    "payout-fails": _payout_fails,
    "dispute": _dispute,
    "dispute-closed": _dispute_closed,
}
