"""Who calls, and what every request must pass: bearer tokens, idempotency keys, body caps, headers, the access log.

What a caller may do is not decided here but in the ledger. Nothing of a body or a query string is ever logged.
"""

import asyncio
import contextlib
import hmac
import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.inbound import MAX_BODY
from api import problems
from api.problems import EdgeCode, Problem
from api.settings import token_hash
from ledger.application import command_id_for

#: The largest file of an office taken over HTTP, in bytes; it is held in memory.
STATEMENT_MOST = 20 * 1024 * 1024

#: The largest settlement file of the portal, in bytes: a day of some 100,000 payments. It is held in memory.
SETTLEMENT_MOST = 32 * 1024 * 1024

#: The largest bank statement, in bytes; it goes to a temporary file while it comes in.
BANK_FILE_MOST = 512 * 1024 * 1024

#: The largest body in bytes of a request by path; everything else may have ``_BODY_MOST``.
BODY_CAPS: Mapping[str, int] = {
    "/callbacks/portal": MAX_BODY,
    "/webhooks/sepay": MAX_BODY,
    "/webhooks/sepay-hub": MAX_BODY,
    "/webhooks/casso": MAX_BODY,
    "/webhooks/gateway": MAX_BODY,
    "/portal/bills": MAX_BODY,
    "/statements": BANK_FILE_MOST,
    "/settlements/portal": SETTLEMENT_MOST,
    "/receipts/signed-sheets": STATEMENT_MOST,
    "/past": STATEMENT_MOST,
}
_BODY_MOST = 256 * 1024

#: How much of a body that is too large is read and thrown away before the answer, in bytes and seconds.
_DRAIN_MOST = 64 * 1024 * 1024
_DRAIN_SECONDS = 10

_KEY_MOST = 255

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
)

_access = logging.getLogger("dangphi.access")


# --- who calls ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tokens:
    """Bearer tokens by hash; only hashes are held."""

    actors: Mapping[str, str]

    def actor(self, token: str) -> str | None:
        """Whose token it is. Every entry is compared in full, so the time taken tells nothing."""
        presented = token_hash(token).encode()
        found = None
        for known, actor in self.actors.items():
            if hmac.compare_digest(known.encode(), presented):
                found = actor
        return found


_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="Mã truy cập của cán bộ hoặc dịch vụ.")


def authenticated(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The actor behind the bearer token (RFC 6750), or a problem."""
    outage: problems.Outage = request.app.state.outage
    if outage.lasts:
        raise Problem(
            EdgeCode.UNAVAILABLE,
            "Cơ sở dữ liệu vừa mất liên lạc. Hãy gửi lại đúng yêu cầu này sau giây lát.",
            headers={"Retry-After": str(problems.RETRY_AFTER)},
        )
    tokens: Tokens = request.app.state.tokens
    actor = tokens.actor(credentials.credentials) if credentials is not None else None
    if actor is None:
        raise Problem(
            EdgeCode.UNAUTHENTICATED,
            "Thiếu hoặc sai mã truy cập. Gửi đầu mục Authorization: Bearer <mã> đã được cấp.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return actor


Actor = Annotated[str, Depends(authenticated)]


# --- what makes two requests one ----------------------------------------------------------------------------------


def idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Bắt buộc. Do bên gọi đặt, 1 đến 255 ký tự; gửi lại cùng khoá và cùng nội dung thì nhận "
            "lại đúng câu trả lời cũ.",
            examples=["5f0c2f0e-2026-07-nop-len"],
        ),
    ] = None,
) -> str:
    """The caller's name for this request (draft-ietf-httpapi-idempotency-key-header)."""
    if key is None:
        raise Problem(EdgeCode.KEY_MISSING, "Gửi đầu mục Idempotency-Key do bên gọi tự đặt, khác nhau cho mỗi yêu cầu.")
    if not (0 < len(key) <= _KEY_MOST and key.isascii() and key.isprintable()):
        raise Problem(EdgeCode.KEY_MALFORMED, f"Idempotency-Key dài 1 đến {_KEY_MOST} ký tự ASCII in được.")
    return key


Key = Annotated[str, Depends(idempotency_key)]


def command_id(actor: str, key: str) -> uuid.UUID:
    """The command that an actor's key stands for, for ever. Another actor's same key is another command."""
    return command_id_for("http", actor, key)


# --- what every request passes ------------------------------------------------------------------------------------


def known_query(request: Request) -> None:
    """Refuse query parameters that the operation does not take, so that a misspelt one is not silently ignored."""
    route = request.scope.get("route")
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return
    unknown = sorted(set(request.query_params) - _query_names(dependant))
    if unknown:
        raise Problem(EdgeCode.QUERY_UNKNOWN, f"Thao tác này không nhận tham số {unknown[0][:40]!r}. Xem /docs.")


def _query_names(dependant: Dependant) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    for inner in dependant.dependencies:
        names |= _query_names(inner)
    return names


class Guard:
    """The outermost layer: caps the body, adds security headers, logs the request, answers for faults.

    Faults are answered here and not by the framework, whose way would write their texts to the log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        cap = BODY_CAPS.get(scope["path"], _BODY_MOST)
        try:
            if not scope["path"].isprintable():
                # No name of ours holds a control character, and the database takes no NUL.
                await problems.response(EdgeCode.NOT_FOUND, "Đường dẫn có ký tự điều khiển.")(
                    scope, receive, send_guarded
                )
            elif _announced(scope["headers"]) > cap:
                await _drain(receive)
                await _too_large(cap)(scope, receive, send_guarded)
            else:
                await self._app(scope, _capped(receive, cap), send_guarded)
        except Exception as error:  # A fault must become an answer without its text and an entry in the log.
            answer = problems.fault(error)
            if status:
                raise
            await answer(scope, receive, send_guarded)
        finally:
            if _access.isEnabledFor(logging.INFO):
                _log(scope, status, started)


def _announced(headers: Sequence[tuple[bytes, bytes]]) -> int:
    for name, value in headers:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_large(cap: int) -> ASGIApp:
    return problems.response(EdgeCode.TOO_LARGE, _cap_text(cap), headers={"Connection": "close"})


async def _drain(receive: Receive) -> None:
    """Read on and forget, within bounds: a sender that is cut off while it sends never sees the answer."""
    taken = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while taken < _DRAIN_MOST:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


def _cap_text(cap: int) -> str:
    return f"Nội dung vượt quá {cap} byte mà thao tác này nhận. Hãy chia nhỏ hoặc kiểm tra tệp."


def _capped(receive: Receive, cap: int) -> Receive:
    """Count what comes in; a body may be longer than announced, or not announced at all."""
    taken = 0

    async def receive_capped() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > cap:
                if message.get("more_body", False):
                    await _drain(receive)
                raise HTTPException(413, _cap_text(cap))
        return message

    return receive_capped


def _log(scope: Scope, status: int, started: float) -> None:
    """Method, template of the path, status, milliseconds: never the path itself, a query or a body."""
    route = getattr(scope.get("route"), "path", "-")
    _access.info("%s %s %d %.1fms", scope["method"], route, status, (time.perf_counter() - started) * 1000)
