"""The gateway's HTTP surface without HTTP: method, path and form in; status, headers and object out (payments §5)."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from adapters.sandbox.world.gateway import Gateway, Thing, amount_of

_NESTED = re.compile(r"([a-z_]+)\[([A-Za-z0-9_]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the gateway answers."""

    status: int
    body: Thing
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The first answer under an idempotency key, for one set of parameters."""

    asked: str
    reply: Reply


class Refused(Exception):
    """An error in the gateway's own form."""

    def __init__(self, status: int, kind: str, message: str, *, code: str = "", param: str = "") -> None:
        super().__init__(message)
        error: Thing = {"type": kind, "message": message}
        if code:
            error["code"] = code
        if param:
            error["param"] = param
        self.reply = Reply(status=status, body={"error": error})


@dataclass(slots=True, kw_only=True)
class GatewayApi:
    """Answers requests; keeps the answers of POST under their idempotency keys."""

    gateway: Gateway
    key: str
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _requests: int = 0

    def answer(
        self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Reply:
        """Answer one request. Header names are in lower case."""
        self._requests += 1
        told = {"Request-Id": f"req_{self._requests:08d}"}
        try:
            reply = self._once(method, path, _form(query, body), headers, now)
        except Refused as refused:
            reply = refused.reply
        return Reply(status=reply.status, body=reply.body, headers={**told, **reply.headers})

    def _once(
        self, method: str, path: str, form: Mapping[str, Any], headers: Mapping[str, str], now: datetime
    ) -> Reply:
        if headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(401, "invalid_request_error", "Invalid API Key provided.")
        key = headers.get("idempotency-key", "") if method == "POST" else ""
        if len(key) > 255:
            raise Refused(400, "invalid_request_error", "Idempotency-Key must have at most 255 characters.")
        asked = asked_digest(path, form)
        known = self._kept.get(key) if key else None
        if known is not None:
            if known.asked != asked:
                raise Refused(
                    400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters."
                )
            return Reply(status=known.reply.status, body=known.reply.body, headers={"Idempotent-Replayed": "true"})
        reply = self._route(method, path, form, now)
        if key:
            # Errors of validation are raised before this and are not kept, as the gateway's manual says.
            body = json.loads(json.dumps(reply.body))
            self._kept[key] = _Kept(asked=asked, reply=Reply(status=reply.status, body=body))
        return reply

    def _route(self, method: str, path: str, form: Mapping[str, Any], now: datetime) -> Reply:
        parts = path.strip("/").split("/")
        if parts[:1] == ["v1"]:
            parts = parts[1:]
        match method, parts:
            case "POST", ["payment_intents"]:
                return self._create_intent(form, now)
            case "POST", ["payment_intents", name, "cancel"]:
                return self._cancel(name, now)
            case "POST", ["refunds"]:
                return self._refund(form, now)
            case "GET", [kind]:
                return self._list(kind, form)
            case "GET", [kind, name]:
                return Reply(status=200, body=_one(self._things(kind), name, kind))
        raise Refused(404, "invalid_request_error", f"Unrecognized request URL ({method}: /{'/'.join(parts)}).")

    def _things(self, kind: str) -> dict[str, Thing]:
        gateway = self.gateway
        found = {
            "payment_intents": gateway.intents,
            "charges": gateway.charges,
            "refunds": gateway.refunds,
            "balance_transactions": gateway.transactions,
            "payouts": gateway.payouts,
            "disputes": gateway.disputes,
            "events": gateway.events,
        }.get(kind)
        if found is None:
            raise Refused(404, "invalid_request_error", f"Unrecognized request URL (GET: /v1/{kind}).")
        return found

    def _create_intent(self, form: Mapping[str, Any], now: datetime) -> Reply:
        amount = amount_of(form.get("amount"))
        if amount is None:
            raise Refused(
                400,
                "invalid_request_error",
                "Invalid integer: amount",
                param="amount",
                code="parameter_invalid_integer",
            )
        if form.get("currency") != "vnd":
            raise Refused(400, "invalid_request_error", "This account charges vnd only.", param="currency")
        return Reply(status=200, body=self.gateway.create_intent({**form, "amount": amount}, now))

    def _cancel(self, name: str, now: datetime) -> Reply:
        intent = _one(self.gateway.intents, name, "payment_intents")
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise Refused(
                400,
                "invalid_request_error",
                f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
                code="payment_intent_unexpected_state",
            )
        self.gateway.cancel(intent, now)
        return Reply(status=200, body=intent)

    def _refund(self, form: Mapping[str, Any], now: datetime) -> Reply:
        gateway = self.gateway
        name = str(form.get("charge") or "")
        if not name:
            intent = _one(gateway.intents, str(form.get("payment_intent")), "payment_intents")
            name = str(intent["latest_charge"])
        charge = _one(gateway.charges, name, "charges")
        left = charge["amount"] - charge["amount_refunded"]
        amount = left if form.get("amount") is None else amount_of(form["amount"])
        if not amount:
            raise Refused(
                400, "invalid_request_error", "Charge has already been refunded.", code="charge_already_refunded"
            )
        if amount > left:
            raise Refused(
                400,
                "invalid_request_error",
                "Refund amount is greater than unrefunded amount on charge.",
                param="amount",
            )
        return Reply(status=200, body=gateway.create_refund(charge, amount, form, now))

    def _list(self, kind: str, form: Mapping[str, Any]) -> Reply:
        """Newest first, by cursor; filtered by the fields that the gateway knows."""
        wanted = {
            name: form[name]
            for name in ("payout", "payment_intent", "charge", "type", "source", "status")
            if name in form
        }
        found = [
            one for one in reversed(self._things(kind).values()) if all(one.get(k) == v for k, v in wanted.items())
        ]
        created = form.get("created")
        if isinstance(created, dict):
            low, high = int(created.get("gte") or 0), int(created.get("lte") or 2**62)
            found = [one for one in found if low <= one["created"] <= high]
        limit = min(max(int(form.get("limit", 10)), 1), 100)
        names = [one["id"] for one in found]
        if "starting_after" in form:
            found = found[names.index(form["starting_after"]) + 1 :] if form["starting_after"] in names else []
        elif "ending_before" in form and form["ending_before"] in names:
            found = found[: names.index(form["ending_before"])][-limit:]
        return Reply(
            status=200,
            body={"object": "list", "url": f"/v1/{kind}", "has_more": len(found) > limit, "data": found[:limit]},
        )


def asked_digest(path: str, form: Mapping[str, Any]) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(json.dumps([path, form], sort_keys=True).encode()).hexdigest()


def form_of(query: str, body: bytes) -> dict[str, Any]:
    """The form of a request, ``metadata[reference]=…`` as a table within it."""
    return _form(query, body)


def _form(query: str, body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in [*parse_qsl(query), *parse_qsl(body.decode("utf-8", "replace"))]:
        nested = _NESTED.fullmatch(name)
        if nested is None:
            found[name] = value
        else:
            found.setdefault(nested[1], {})[nested[2]] = value
    return found


def _one(things: Mapping[str, Thing], name: str, kind: str) -> Thing:
    found = things.get(name)
    if found is None:
        raise Refused(404, "invalid_request_error", f"No such {kind}: '{name}'", code="resource_missing")
    return found
