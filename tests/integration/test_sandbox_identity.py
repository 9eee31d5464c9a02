"""A whole sign-on over HTTP against the sandbox's identity provider, by a client that checks everything."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.sandbox.server.station import Station
from adapters.sandbox.world.begin import new_world
from adapters.sandbox.world.keys import Keys
from adapters.sandbox.world.scenario import Fault, scenario_of
from api.sandbox.sockets import listening, serving

REDIRECT = "http://127.0.0.1:9/dang-nhap"


class NotBelieved(Exception):
    """The client ended the sign-on, and says why."""


@dataclass
class StrictClient:
    """A relying party that believes nothing unchecked: state, PKCE, signature, algorithm, iss, aud, exp, nonce, sub."""

    issuer: str
    keys: Keys
    now: datetime

    def sign_on(self, *, verifier_sent: str = "") -> dict[str, Any]:
        about = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).json()
        if about["issuer"] != self.issuer:
            raise NotBelieved("discovery")
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.keys.client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "acr_values": "LoA1",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        sent_on = requests.get(
            f"{about['authorization_endpoint']}?{urlencode(asked)}", allow_redirects=False, timeout=5
        )
        back = {name: values[0] for name, values in parse_qs(urlsplit(sent_on.headers["Location"]).query).items()}
        if back.get("state") != state:
            raise NotBelieved("state")
        form = {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": REDIRECT,
            "client_id": self.keys.client_id,
            "client_secret": self.keys.client_secret,
            "code_verifier": verifier_sent or verifier,
        }
        answer = requests.post(about["token_endpoint"], data=form, timeout=5)
        if answer.status_code != 200:
            raise NotBelieved(answer.json()["error"])
        again = requests.post(about["token_endpoint"], data=form, timeout=5)
        assert again.json()["error"] == "invalid_grant", "a code is good for one exchange"
        token = answer.json()
        claims = self._claims(token["id_token"], about["jwks_uri"], nonce)
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        info = requests.post(about["userinfo_endpoint"], headers=bearer, timeout=5).json()
        if info["sub"] != claims["sub"]:
            raise NotBelieved("sub")
        self._leave(about, token["access_token"], bearer)
        return {**claims, **info}

    def _claims(self, token: str, jwks: str, nonce: str) -> dict[str, Any]:
        head, body, signature = token.split(".")
        header, claims = (json.loads(_raw(part)) for part in (head, body))
        if header["alg"] != "RS256":
            raise NotBelieved("alg")
        (key,) = [one for one in requests.get(jwks, timeout=5).json()["keys"] if one["kid"] == header["kid"]]
        numbers = rsa.RSAPublicNumbers(int.from_bytes(_raw(key["e"])), int.from_bytes(_raw(key["n"])))
        try:
            numbers.public_key().verify(_raw(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise NotBelieved("signature") from error
        if claims["iss"] != self.issuer:
            raise NotBelieved("iss")
        if claims["aud"] != [self.keys.client_id] or claims["azp"] != self.keys.client_id:
            raise NotBelieved("aud")
        if not claims["iat"] <= self.now.timestamp() < claims["exp"]:
            raise NotBelieved("exp")
        if claims["nonce"] != nonce:
            raise NotBelieved("nonce")
        return dict(claims)

    def _leave(self, about: dict[str, Any], token: str, bearer: dict[str, str]) -> None:
        """Revoke the token; nobody is let in with it afterwards."""
        alive = requests.post(about["introspection_endpoint"], data={"token": token}, timeout=5).json()
        assert alive["active"] is True
        requests.post(about["revocation_endpoint"], data={"token": token}, timeout=5)
        assert requests.get(about["userinfo_endpoint"], headers=bearer, timeout=5).status_code == 401
        out = requests.get(
            f"{about['end_session_endpoint']}?{urlencode({'post_logout_redirect_uri': REDIRECT, 'state': 'x'})}",
            allow_redirects=False,
            timeout=5,
        )
        assert out.headers["Location"] == f"{REDIRECT}?state=x"


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def provider(**faults: float) -> Iterator[StrictClient]:
    world = new_world(scenario_of({"seed": 4, "month": "2026-08", "fault": faults}))
    with serving(Station(world), listening()) as base:
        yield StrictClient(issuer=f"{base}/idp", keys=world.keys, now=world.now)


def test_an_invented_person_signs_on_with_the_claims_of_the_portal() -> None:
    with provider() as client:
        claims = client.sign_on()
    assert claims["LoaiTaiKhoan"] == "1"
    assert claims["loginIdp"] == "BCA"
    assert claims["TechID"] == "sandbox-0001"
    assert " Mẫu " in claims["HoVaTen"]
    assert claims["SoDinhDanh"].startswith("999")
    assert len(claims["SoDinhDanh"]) == 12
    assert time.strptime(claims["NgayThangNamSinh"], "%Y%m%d")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.IDP_STATE, "state"),
        (Fault.IDP_NONCE, "nonce"),
        (Fault.IDP_SIGNATURE, "signature"),
        (Fault.IDP_EXPIRED, "exp"),
        (Fault.IDP_AUDIENCE, "aud"),
        (Fault.IDP_ISSUER, "iss"),
        (Fault.IDP_SUBJECT, "sub"),
        (Fault.IDP_ALGORITHM, "alg"),
    ],
)
def test_a_strict_client_ends_the_sign_on_at_each_fault_of_the_provider(fault: Fault, said: str) -> None:
    with provider(**{str(fault): 1.0}) as client, pytest.raises(NotBelieved, match=f"^{said}$"):
        client.sign_on()


def test_a_code_that_was_stolen_is_worth_nothing_without_its_verifier() -> None:
    with provider() as client, pytest.raises(NotBelieved, match="invalid_grant"):
        client.sign_on(verifier_sent="a" * 43)


def test_nobody_else_gets_a_code_and_without_pkce_there_is_none() -> None:
    with provider() as client:
        asked = {
            "response_type": "code",
            "client_id": client.keys.client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid",
        }
        plain = requests.get(f"{client.issuer}/oauth2/authorize?{urlencode(asked)}", allow_redirects=False, timeout=5)
        assert "error=invalid_request" in plain.headers["Location"]
        for wrong in ({"client_id": "somebody"}, {"redirect_uri": "https://elsewhere.example/"}):
            refused = requests.get(
                f"{client.issuer}/oauth2/authorize?{urlencode({**asked, **wrong})}", allow_redirects=False, timeout=5
            )
            assert refused.status_code == 400
