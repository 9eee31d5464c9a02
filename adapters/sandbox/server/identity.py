"""The identity provider over HTTP, under WSO2's paths."""

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from adapters.sandbox.server.station import Station
from adapters.sandbox.world.identity import IdpReply


def identity_router(station: Station, issuer: str) -> APIRouter:
    """Operations of the provider; ``issuer`` is its address."""
    router = APIRouter()

    @router.get("/.well-known/openid-configuration")
    @router.get("/oauth2/token/.well-known/openid-configuration")
    def discovery() -> JSONResponse:
        with station.world() as world:
            return JSONResponse(world.identity.discovery(issuer))

    @router.get("/oauth2/jwks")
    def jwks() -> JSONResponse:
        with station.world() as world:
            return JSONResponse(world.identity.jwks())

    @router.get("/oauth2/authorize")
    def authorize(request: Request) -> Response:
        with station.world() as world:
            return _answer(world.identity.authorize(dict(request.query_params), issuer, world.now))

    @router.post("/oauth2/token")
    async def token(request: Request) -> Response:
        form = await _form(request)
        with station.world() as world:
            return _answer(world.identity.token(form, issuer, world.now))

    @router.api_route("/oauth2/userinfo", methods=["GET", "POST"])
    def userinfo(request: Request) -> Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        with station.world() as world:
            return _answer(world.identity.userinfo(bearer, world.now))

    @router.post("/oauth2/introspect")
    async def introspect(request: Request) -> Response:
        form = await _form(request)
        with station.world() as world:
            return _answer(world.identity.introspect(form.get("token", ""), world.now))

    @router.post("/oauth2/revoke")
    async def revoke(request: Request) -> Response:
        form = await _form(request)
        with station.world() as world:
            return _answer(world.identity.revoke(form.get("token", "")))

    @router.get("/oidc/logout")
    def logout(post_logout_redirect_uri: str = "", state: str = "") -> Response:
        if not post_logout_redirect_uri.startswith("http://127.0.0.1"):
            return JSONResponse({"ok": True})
        return RedirectResponse(f"{post_logout_redirect_uri}?state={state}", status_code=302)

    return router


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _answer(reply: IdpReply) -> Response:
    headers = {"Cache-Control": "no-store"}
    if reply.location:
        return RedirectResponse(reply.location, status_code=reply.status, headers=headers)
    return JSONResponse(reply.body, status_code=reply.status, headers=headers)
