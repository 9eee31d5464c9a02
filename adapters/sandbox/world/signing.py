"""Messages as they go over the wire: path, headers and bytes, signed at the moment of sending."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.portal import signature
from adapters.sandbox.world.keys import Keys
from adapters.sandbox.world.post import Try
from adapters.sandbox.world.scenario import Fault

#: Where each channel knocks at dangphi.
PATHS = {
    "portal": "/callbacks/portal",
    "sepay": "/webhooks/sepay",
    "casso": "/webhooks/casso",
    "hub": "/webhooks/sepay-hub",
    "gateway": "/webhooks/gateway",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One HTTP request to send."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def wire_of(one: Try, keys: Keys, *, rolled: bool = False) -> Wire:
    """The request of a delivery. ``rolled``: the gateway signs with its old and its new secret."""
    wrong = one.flaw is Fault.WRONG_SIGNATURE
    signed_at = one.at - timedelta(hours=2) if one.flaw is Fault.STALE else one.at
    body, headers = _SIGNERS[one.message.channel](one.message.text, keys, signed_at, wrong, rolled)
    return Wire(
        path=PATHS[one.message.channel],
        headers=(("Content-Type", "application/json"), ("User-Agent", "dangphi-sandbox"), *headers),
        body=body,
    )


_Signed = tuple[bytes, tuple[tuple[str, str], ...]]


def _portal(text: str, keys: Keys, at: datetime, wrong: bool, rolled: bool) -> _Signed:
    fields = json.loads(text)
    signable = {name: str(value) for name, value in fields.items()}
    secret = keys.portal_secret + ("-not-ours" if wrong else "")
    fields["MaXacThuc"] = signature.sign(signable, signature.NOTIFICATION, secret)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(), ()


def _sepay(text: str, keys: Keys, at: datetime, wrong: bool, rolled: bool) -> _Signed:
    key = keys.sepay_key + ("x" if wrong else "")
    return text.encode(), (("Authorization", f"Apikey {key}"),)


def _hub(text: str, keys: Keys, at: datetime, wrong: bool, rolled: bool) -> _Signed:
    secret = keys.hub_secret + ("x" if wrong else "")
    moment = str(int(at.timestamp()))
    claim = hmac.new(secret.encode(), f"{moment}.{text}".encode(), hashlib.sha256).hexdigest()
    return text.encode(), (("X-SePay-Timestamp", moment), ("X-SePay-Signature", f"sha256={claim}"))


def _casso(text: str, keys: Keys, at: datetime, wrong: bool, rolled: bool) -> _Signed:
    secret = keys.casso_secret + ("x" if wrong else "")
    moment = str(int(at.timestamp() * 1000))
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    claim = hmac.new(secret.encode(), f"{moment}.{canonical}".encode(), hashlib.sha512).hexdigest()
    return text.encode(), (("X-Casso-Signature", f"t={moment},v1={claim}"),)


def _gateway(text: str, keys: Keys, at: datetime, wrong: bool, rolled: bool) -> _Signed:
    moment = str(int(at.timestamp()))
    secrets = keys.gateway_secrets if rolled else keys.gateway_secrets[:1]
    used = ("whsec_not_ours",) if wrong else secrets
    claims = [hmac.new(one.encode(), f"{moment}.{text}".encode(), hashlib.sha256).hexdigest() for one in used]
    return text.encode(), (("Stripe-Signature", ",".join((f"t={moment}", *(f"v1={claim}" for claim in claims)))),)


_SIGNERS = {"portal": _portal, "sepay": _sepay, "hub": _hub, "casso": _casso, "gateway": _gateway}
