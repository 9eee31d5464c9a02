"""An identity provider: OpenID Connect, authorization code with PKCE, over the paths of WSO2 Identity Server.

Claims and hop are those of payments §4; the people are invented. Each fault breaks one thing that a strict client must
notice: state, nonce, signature, algorithm, expiry, audience, issuer, or the subject of userinfo.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from adapters.sandbox.world.chances import Chances
from adapters.sandbox.world.keys import Keys
from adapters.sandbox.world.rsa_key import rsa_key
from adapters.sandbox.world.scenario import Fault

CODE_LIVES = timedelta(minutes=5)
TOKEN_LIVES = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented person, with the claims that the portal's sign-on gives."""

    tech_id: str
    name: str
    number: str  #: SoDinhDanh; begins with 999, which no province has
    born: str  #: YYYYMMDD

    def claims(self) -> dict[str, str]:
        """The claims beside ``sub``."""
        return {
            "TechID": self.tech_id,
            "LoaiTaiKhoan": "1",
            "HoVaTen": self.name,
            "SoDinhDanh": self.number,
            "NgayThangNamSinh": self.born,
            "loginIdp": "BCA",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    person: Person
    nonce: str
    challenge: str
    redirect_uri: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    person: Person
    subject: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpReply:
    """Status and body; ``location`` where the browser is sent on."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    location: str = ""


@dataclass(slots=True, kw_only=True)
class Identity:
    """The provider's own book: codes, tokens, its key."""

    keys: Keys
    chances: Chances
    redirects: tuple[str, ...] = ()  #: allowed redirect addresses; none: every one on this machine
    _codes: dict[str, _Code] = field(default_factory=dict)
    _access: dict[str, _Access] = field(default_factory=dict)
    _number: int = 0
    _key: rsa.RSAPrivateKey | None = None

    def people(self) -> tuple[Person, ...]:
        """Who can sign in."""
        return tuple(_person(self.chances, number) for number in range(1, 11))

    def authorize(self, asked: Mapping[str, str], issuer: str, now: datetime) -> IdpReply:
        """The sign-on page, answered for the person named by ``login_hint`` (the first one by default)."""
        redirect = asked.get("redirect_uri", "")
        known = redirect in self.redirects if self.redirects else redirect.startswith("http://127.0.0.1")
        if asked.get("client_id") != self.keys.client_id or not known:
            return IdpReply(status=400, body={"error": "invalid_client"})
        wrong = _wrong_request(asked)
        if wrong:
            told = {"error": wrong, "state": asked.get("state", "")}
            return IdpReply(status=302, location=f"{redirect}?{urlencode(told)}")
        hint = asked.get("login_hint", "")
        person = next((one for one in self.people() if one.tech_id == hint), self.people()[0])
        self._number += 1
        code = self.chances.dice.token(40, "code", self._number)
        self._codes[code] = _Code(
            person=person,
            nonce=asked.get("nonce", ""),
            challenge=asked["code_challenge"],
            redirect_uri=redirect,
            until=now + CODE_LIVES,
        )
        state = asked.get("state", "")
        if self.chances.strikes(Fault.IDP_STATE, f"login-{self._number}", now):
            state = self.chances.dice.token(16, "state", self._number)
        told = {"code": code, "state": state, "session_state": self.chances.dice.token(16, "session", self._number)}
        return IdpReply(status=302, location=f"{redirect}?{urlencode(told)}")

    def token(self, form: Mapping[str, str], issuer: str, now: datetime) -> IdpReply:
        """Exchange a code, once, for an access token and a signed id_token."""
        if not (
            hmac.compare_digest(form.get("client_id", "").encode(), self.keys.client_id.encode())
            and hmac.compare_digest(form.get("client_secret", "").encode(), self.keys.client_secret.encode())
        ):
            return IdpReply(status=401, body={"error": "invalid_client"})
        if form.get("grant_type") != "authorization_code":
            return IdpReply(status=400, body={"error": "unsupported_grant_type"})
        code = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = _base64(hashlib.sha256(verifier.encode()).digest())
        if code is None or code.until < now or code.redirect_uri != form.get("redirect_uri"):
            return IdpReply(status=400, body={"error": "invalid_grant"})
        if not hmac.compare_digest(challenge, code.challenge):
            return IdpReply(status=400, body={"error": "invalid_grant", "error_description": "PKCE"})
        access = self.chances.dice.token(48, "access", self._number)
        subject = f"{code.person.tech_id}@sandbox"
        self._access[access] = _Access(person=code.person, subject=subject, until=now + TOKEN_LIVES)
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "scope": "openid",
            "id_token": self._id_token(code, subject, issuer, now),
        }
        return IdpReply(status=200, body=body)

    def _id_token(self, code: _Code, subject: str, issuer: str, now: datetime) -> str:
        name = f"login-{self._number}"

        def struck(fault: Fault) -> bool:
            return self.chances.strikes(fault, name, now)

        issued = now - timedelta(hours=3) if struck(Fault.IDP_EXPIRED) else now
        claims: dict[str, Any] = {
            "iss": "https://not-the-issuer.sandbox.invalid" if struck(Fault.IDP_ISSUER) else issuer,
            "sub": subject,
            "aud": ["somebody-else"] if struck(Fault.IDP_AUDIENCE) else [self.keys.client_id],
            "azp": self.keys.client_id,
            "iat": int(issued.timestamp()),
            "exp": int((issued + TOKEN_LIVES).timestamp()),
            "nonce": "another-nonce" if struck(Fault.IDP_NONCE) else code.nonce,
            "acr": "LoA1",
            **code.person.claims(),
        }
        unsigned = struck(Fault.IDP_ALGORITHM)
        head = {"alg": "none"} if unsigned else {"alg": "RS256", "kid": self.kid(), "typ": "JWT"}
        signed = f"{_base64_json(head)}.{_base64_json(claims)}"
        if unsigned:
            return signed + "."
        signature = self._private().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        if struck(Fault.IDP_SIGNATURE):
            signature = bytes([signature[0] ^ 1]) + signature[1:]
        return f"{signed}.{_base64(signature)}"

    def userinfo(self, bearer: str, now: datetime) -> IdpReply:
        """The claims of an access token."""
        access = self._alive(bearer, now)
        if access is None:
            return IdpReply(status=401, body={"error": "invalid_token"})
        other = self.chances.strikes(Fault.IDP_SUBJECT, f"userinfo-{bearer[:12]}", now)
        subject = "somebody-else@sandbox" if other else access.subject
        return IdpReply(status=200, body={"sub": subject, **access.person.claims()})

    def introspect(self, token: str, now: datetime) -> IdpReply:
        """Whether an access token lives, for whom, until when."""
        access = self._alive(token, now)
        if access is None:
            return IdpReply(status=200, body={"active": False})
        told = {"active": True, "client_id": self.keys.client_id, "exp": int(access.until.timestamp())}
        return IdpReply(status=200, body={**told, "username": access.subject, "scope": "openid"})

    def revoke(self, token: str) -> IdpReply:
        """End an access token; one that is not known ends as well (RFC 7009)."""
        self._access.pop(token, None)
        return IdpReply(status=200)

    def _alive(self, token: str, now: datetime) -> _Access | None:
        access = self._access.get(token)
        return access if access is not None and now < access.until else None

    def kid(self) -> str:
        """Name of the signing key."""
        return self.chances.dice.token(16, "kid")

    def jwks(self) -> dict[str, Any]:
        """The public key as a key set."""
        numbers = self._private().public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid(),
            "n": _base64(numbers.n.to_bytes(256, "big")),
            "e": _base64(numbers.e.to_bytes(3, "big")),
        }
        return {"keys": [key]}

    def discovery(self, issuer: str) -> dict[str, Any]:
        """What the provider says of itself."""
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth2/authorize",
            "token_endpoint": f"{issuer}/oauth2/token",
            "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
            "introspection_endpoint": f"{issuer}/oauth2/introspect",
            "revocation_endpoint": f"{issuer}/oauth2/revoke",
            "end_session_endpoint": f"{issuer}/oidc/logout",
            "jwks_uri": f"{issuer}/oauth2/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": ["LoA1"],
        }

    def _private(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            self._key = rsa_key(self.chances.dice)
        return self._key


def _wrong_request(asked: Mapping[str, str]) -> str:
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        return "invalid_request"
    return ""


def _person(chances: Chances, number: int) -> Person:
    dice = chances.dice
    surname = dice.pick(["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"], "idp-surname", number)
    given = dice.pick(["An", "Bình", "Chiến", "Dung", "Giang", "Hà", "Lan", "Minh", "Nam", "Yến"], "idp-given", number)
    year, month, day = (
        dice.between(1950, 2004, "y", number),
        dice.between(1, 12, "m", number),
        dice.between(1, 28, "d", number),
    )
    return Person(
        tech_id=f"sandbox-{number:04d}",
        name=f"{surname} Mẫu {given}",
        number="999" + dice.digits(9, "idp-number", number),
        born=f"{year:04d}{month:02d}{day:02d}",
    )


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _base64_json(told: Mapping[str, Any]) -> str:
    return _base64(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
