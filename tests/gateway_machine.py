"""A card gateway in memory behind ``responses``: what it was asked, what it keeps, and what it can be made to do wrong.

It answers like the real one (payments §5): idempotency keys keep the first answer, lists come by cursor, newest first,
a refund that fails after success gives the money back by a transaction of its own, a payout's nets sum to its amount.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import responses

URL = "https://gateway.test"
KEY = "sk_test_only"
SECRET = "whsec_test_only"
#: A moment on 10 July 2026, in Vietnam.
NOW = 1_783_650_000

Thing = dict[str, Any]
Reply = tuple[int, dict[str, str], str]


@dataclass(slots=True)
class Gateway:
    """The gateway's book. ``faults`` are answers given before the next requests are looked at: (status, headers)."""

    intents: dict[str, Thing] = field(default_factory=dict)
    charges: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    transactions: dict[str, Thing] = field(default_factory=dict)
    payouts: dict[str, Thing] = field(default_factory=dict)
    kept: dict[str, tuple[str, Reply]] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    expands: bool = True
    page: int = 100
    numbers: int = 0

    def serve(self, mock: responses.RequestsMock) -> None:
        """Answer everything under the gateway's address."""
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, _UNDER, callback=self.answer)

    def answer(self, request: requests.PreparedRequest) -> Reply:
        """One request, as it came over the wire."""
        self.asked.append(request)
        if self.faults:
            status, headers = self.faults.pop(0)
            return status, {"Request-Id": "req_fault", **headers}, json.dumps({"error": {"type": "api_error"}})
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _error(401, "invalid_request_error")
        path = urlsplit(str(request.url)).path
        form = dict(parse_qsl(urlsplit(str(request.url)).query)) | dict(parse_qsl(_text(request.body)))
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        digest = json.dumps([path, form], sort_keys=True)
        if key in self.kept:
            first, reply = self.kept[key]
            if first != digest:
                return _error(400, "idempotency_error")
            return reply[0], {**reply[1], "Idempotent-Replayed": "true"}, reply[2]
        reply = self._route(str(request.method), path.removeprefix("/v1/").split("/"), form)
        if key is not None and reply[0] == 200:
            self.kept[key] = (digest, reply)
        return reply

    def _route(self, method: str, parts: list[str], form: Mapping[str, str]) -> Reply:
        match method, parts:
            case "POST", ["payment_intents"]:
                return _ok(self.create(int(form["amount"]), form["metadata[reference]"]))
            case "POST", ["payment_intents", name, "confirm"]:
                return self._confirm(name, form["payment_method"])
            case "POST", ["payment_intents", name, "cancel"]:
                if self.intents[name]["status"] == "succeeded":
                    return _error(400, "invalid_request_error", code="payment_intent_unexpected_state")
                self.intents[name]["status"] = "canceled"
                return _ok(self.intents[name])
            case "POST", ["refunds"]:
                return _ok(self.refund(form["payment_intent"], int(form["amount"]), form["metadata[refund_id]"]))
            case "GET", [kind]:
                return self._list(kind, form)
            case "GET", [kind, name]:
                found = getattr(self, kind).get(name) if kind != "payment_intents" else self.intents.get(name)
                return _ok(found) if found else _error(404, "invalid_request_error", code="resource_missing")
        return _error(404, "invalid_request_error")

    def _list(self, kind: str, form: Mapping[str, str]) -> Reply:
        name = {"payment_intents": "intents", "balance_transactions": "transactions"}.get(kind, kind)
        found = list(reversed(getattr(self, name).values()))
        if "payout" in form:
            found = [one for one in found if one["payout"] == form["payout"]]
        ids = [one["id"] for one in found]
        start = ids.index(form["starting_after"]) + 1 if "starting_after" in form else 0
        shown = found[start : start + self.page]
        if self.expands and form.get("expand[0]") == "data.source":
            shown = [{**one, "source": self._source(one["source"])} for one in shown]
        return _ok({"object": "list", "data": shown, "has_more": len(found) > start + self.page})

    def _source(self, name: str) -> Thing | str:
        return self.charges.get(name) or self.refunds.get(name) or name

    def _name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}_1Qh{self.numbers:04d}XyZabcdefgh"

    # --- what happens there ---------------------------------------------------------------------------------------

    def create(self, amount: int, reference: str) -> Thing:
        """A PaymentIntent that waits for a card."""
        name = self._name("pi")
        intent: Thing = {"id": name, "object": "payment_intent", "amount": amount, "amount_received": 0}
        intent |= {"currency": "vnd", "status": "requires_payment_method", "metadata": {"reference": reference}}
        intent |= {"client_secret": f"{name}_secret", "last_payment_error": None, "created": NOW}
        self.intents[name] = intent
        return intent

    def _confirm(self, name: str, method: str) -> Reply:
        if method == "pm_declined":
            self.intents[name]["last_payment_error"] = {"code": "card_declined"}
            return _error(402, "card_error", code="card_declined", decline_code="insufficient_funds")
        return _ok(self.succeed(name))

    def succeed(self, name: str, fee: int = 100) -> Thing:
        """The card is charged, whatever the intent's state was."""
        intent = self.intents[name]
        charge = {"id": self._name("ch"), "payment_intent": name, "metadata": intent["metadata"]}
        self.charges[charge["id"]] = charge
        self.moves("charge", charge["id"], intent["amount"], fee)
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        return intent

    def refund(self, intent: str, amount: int, refund_id: str) -> Thing:
        """A refund that succeeds."""
        name = self._name("re")
        made = {"id": name, "object": "refund", "amount": amount, "currency": "vnd", "status": "succeeded"}
        made |= {"payment_intent": intent, "metadata": {"refund_id": refund_id}}
        self.refunds[name] = made
        self.moves("refund", name, -amount)
        return made

    def fail(self, name: str) -> Thing:
        """A refund fails after it succeeded."""
        self.refunds[name]["status"] = "failed"
        self.moves("refund_failure", name, self.refunds[name]["amount"])
        return self.refunds[name]

    def moves(self, kind: str, source: str, amount: int, fee: int = 0) -> None:
        """The balance moves."""
        moved = {"id": self._name("txn"), "type": kind, "source": source, "amount": amount, "fee": fee}
        moved |= {"net": amount - fee, "currency": "vnd", "created": NOW + self.numbers, "payout": None}
        self.transactions[moved["id"]] = moved

    def pay_out(self) -> Thing:
        """Everything that was not paid out yet, in one payout that has arrived."""
        due = [one for one in self.transactions.values() if one["payout"] is None]
        name = self._name("po")
        made = {"id": name, "amount": sum(one["net"] for one in due), "currency": "vnd", "status": "paid"}
        self.payouts[name] = made
        for one in due:
            one["payout"] = name
        self.moves("payout", name, -made["amount"])
        next(reversed(self.transactions.values()))["payout"] = name
        return made


_UNDER = re.compile(rf"{URL}/v1/.*")


def event(kind: str, thing: Thing, *, name: str = "evt_1", created: int = NOW) -> bytes:
    """An event's raw body."""
    told = {"id": name, "object": "event", "type": kind, "created": created, "data": {"object": thing}}
    return json.dumps(told).encode()


def signed(raw: bytes, *secrets: str, at: int = NOW) -> dict[str, str]:
    """The header by which the gateway signs a body, with each of its secrets."""
    made = (hmac.new(one.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest() for one in secrets)
    return {"Stripe-Signature": ",".join([f"t={at}", *(f"v1={one}" for one in made), "v0=old"])}


def _ok(thing: object) -> Reply:
    return 200, {"Request-Id": "req_ok"}, json.dumps(thing)


def _error(status: int, kind: str, **more: str) -> Reply:
    told = {"error": {"type": kind, "message": "no", **more}}
    return status, {"Request-Id": "req_no"}, json.dumps(told)


def _text(body: object) -> str:
    return body.decode() if isinstance(body, bytes) else str(body or "")
