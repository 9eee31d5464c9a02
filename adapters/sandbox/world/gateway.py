"""A card gateway with the semantics of payments §5: intents, refunds, balance transactions, payouts, events.

Amounts are whole đồng: VND has no smaller unit. Every change of an object makes an event; the world sends them as
signed webhooks. Charges become available after some days and are paid out in one lump, whose transactions sum to it.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.scenario import GatewayPlan
from domain.money import AMOUNT_CAP, Dong

#: An object of the gateway, as JSON has it.
Thing = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Gateway:
    """The gateway's own book."""

    dice: Dice
    plan: GatewayPlan
    intents: dict[str, Thing] = field(default_factory=dict)
    charges: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    transactions: dict[str, Thing] = field(default_factory=dict)
    payouts: dict[str, Thing] = field(default_factory=dict)
    disputes: dict[str, Thing] = field(default_factory=dict)
    events: dict[str, Thing] = field(default_factory=dict)
    outbox: list[Thing] = field(default_factory=list)  #: events that were not handed to the post yet
    _number: int = 0

    def _id(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}_{self._number:06d}{self.dice.token(18, prefix, self._number)}"

    def tell(self, kind: str, thing: Thing, now: datetime) -> None:
        """Make an event of what an object is now."""
        event: Thing = {
            "id": self._id("evt"),
            "object": "event",
            "api_version": "2025-03-31.basil",
            "created": int(now.timestamp()),
            "data": {"object": copy.deepcopy(thing)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.events[event["id"]] = event
        self.outbox.append(event)

    # --- intents -------------------------------------------------------------------------------------------------

    def create_intent(self, given: Mapping[str, Any], now: datetime) -> Thing:
        """A new PaymentIntent that waits for the payer's card."""
        name = self._id("pi")
        intent: Thing = {
            "id": name,
            "object": "payment_intent",
            "amount": given["amount"],
            "amount_received": 0,
            "amount_capturable": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{name}_secret_{self.dice.token(20, 'secret', name)}",
            "confirmation_method": "automatic",
            "created": int(now.timestamp()),
            "currency": "vnd",
            "description": given.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": dict(given.get("metadata", {})),
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
        }
        self.intents[name] = intent
        self.tell("payment_intent.created", intent, now)
        return intent

    def begin(self, intent: Thing, now: datetime) -> None:
        """The payer confirmed; the bank is asked."""
        intent["status"] = "processing"
        self.tell("payment_intent.processing", intent, now)

    def succeed(self, intent: Thing, now: datetime) -> Thing:
        """The card was charged; returns the charge."""
        amount: Dong = intent["amount"]
        fee = amount * self.plan.fee_per_mille // 1000 + self.plan.fee_fixed
        charge: Thing = {
            "id": self._id("ch"),
            "object": "charge",
            "amount": amount,
            "amount_refunded": 0,
            "created": int(now.timestamp()),
            "currency": "vnd",
            "metadata": intent["metadata"],
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        charge["balance_transaction"] = self.balance("charge", charge["id"], amount, fee, now)["id"]
        self.charges[charge["id"]] = charge
        intent.update(status="succeeded", amount_received=amount, latest_charge=charge["id"], last_payment_error=None)
        self.tell("charge.succeeded", charge, now)
        self.tell("payment_intent.succeeded", intent, now)
        return charge

    def refuse(self, intent: Thing, now: datetime) -> None:
        """The card was refused: the intent goes back to wait for another one."""
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "message": "Your card has insufficient funds.",
        }
        self.tell("payment_intent.payment_failed", intent, now)

    def cancel(self, intent: Thing, now: datetime) -> None:
        """Nobody may pay it any more."""
        intent.update(status="canceled", canceled_at=int(now.timestamp()))
        self.tell("payment_intent.canceled", intent, now)

    # --- refunds -------------------------------------------------------------------------------------------------

    def create_refund(self, charge: Thing, amount: Dong, given: Mapping[str, Any], now: datetime) -> Thing:
        """A refund that succeeds at once, as most do; it may fail later."""
        refund: Thing = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": int(now.timestamp()),
            "currency": "vnd",
            "failure_reason": None,
            "metadata": dict(given.get("metadata", {})),
            "payment_intent": charge["payment_intent"],
            "reason": given.get("reason"),
            "status": "succeeded",
        }
        refund["balance_transaction"] = self.balance("refund", refund["id"], -amount, 0, now)["id"]
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.tell("refund.created", refund, now)
        self.tell("charge.refunded", charge, now)
        return refund

    def fail_refund(self, refund: Thing, now: datetime) -> None:
        """The payer's bank sent a refund back: the money is ours again, by a transaction of its own."""
        refund.update(status="failed", failure_reason="expired_or_canceled_card")
        back = self.balance("refund_failure", refund["id"], refund["amount"], 0, now)
        refund["failure_balance_transaction"] = back["id"]
        charge = self.charges[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        self.tell("refund.failed", refund, now)

    # --- disputes ------------------------------------------------------------------------------------------------

    def open_dispute(self, charge: Thing, now: datetime) -> Thing:
        """The payer's bank takes a payment back, with a fee, until the case is decided."""
        dispute: Thing = {
            "id": self._id("dp"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": int(now.timestamp()),
            "currency": "vnd",
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent",
            "status": "needs_response",
        }
        self.disputes[dispute["id"]] = dispute
        self.tell("charge.dispute.created", dispute, now)
        self.balance("adjustment", dispute["id"], -dispute["amount"], self.plan.dispute_fee, now)
        self.tell("charge.dispute.funds_withdrawn", dispute, now)
        return dispute

    def close_dispute(self, dispute: Thing, *, won: bool, now: datetime) -> None:
        """The case is decided; a won one brings the money back, not the fee."""
        dispute["status"] = "won" if won else "lost"
        if won:
            self.balance("adjustment", dispute["id"], dispute["amount"], 0, now)
            self.tell("charge.dispute.funds_reinstated", dispute, now)
        self.tell("charge.dispute.closed", dispute, now)

    # --- the balance ---------------------------------------------------------------------------------------------

    def balance(self, kind: str, source: str, amount: Dong, fee: Dong, now: datetime) -> Thing:
        """A movement of the balance; net = amount - fee."""
        available = now + timedelta(days=self.plan.days_to_payout if amount > 0 else 0)
        moved: Thing = {
            "id": self._id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": int(available.replace(hour=0, minute=0, second=0).timestamp()),
            "created": int(now.timestamp()),
            "currency": "vnd",
            "fee": fee,
            "fee_details": [{"amount": fee, "currency": "vnd", "type": "stripe_fee"}] if fee else [],
            "net": amount - fee,
            "payout": None,
            "reporting_category": kind,
            "source": source,
            "status": "pending",
            "type": kind,
        }
        self.transactions[moved["id"]] = moved
        return moved

    def pay_out(self, now: datetime) -> Thing | None:
        """Everything available in one payout; None while it would not be more than nothing."""
        due = [
            one
            for one in self.transactions.values()
            if one["payout"] is None and one["type"] != "payout" and one["available_on"] <= now.timestamp()
        ]
        net = sum(one["net"] for one in due)
        if net <= 0:
            return None
        payout: Thing = {
            "id": self._id("po"),
            "object": "payout",
            "amount": net,
            "arrival_date": int((now + timedelta(days=1)).timestamp()),
            "automatic": True,
            "created": int(now.timestamp()),
            "currency": "vnd",
            "failure_code": None,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "reconciliation_status": "completed",
            "statement_descriptor": None,
            "status": "pending",
        }
        for one in due:
            one.update(payout=payout["id"], status="available")
        moved = self.balance("payout", payout["id"], -net, 0, now)
        moved.update(payout=payout["id"], status="available")
        payout["balance_transaction"] = moved["id"]
        payout["statement_descriptor"] = f"SANDBOX {payout['id']}"
        self.payouts[payout["id"]] = payout
        self.tell("payout.created", payout, now)
        return payout

    def fail_payout(self, payout: Thing, now: datetime) -> None:
        """The bank gave a payout back: it is ours again, by a transaction of its own, and part of the next one."""
        payout.update(status="failed", failure_code="account_closed")
        back = self.balance("payout_failure", payout["id"], payout["amount"], 0, now)
        payout["failure_balance_transaction"] = back["id"]
        self.tell("payout.failed", payout, now)

    def arrive(self, payout: Thing, now: datetime) -> None:
        """The bank credited a payout."""
        payout["status"] = "paid"
        self.tell("payout.paid", payout, now)


def amount_of(told: object) -> Dong | None:
    """A whole number of đồng within the cap, from a form's text."""
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= AMOUNT_CAP else None
