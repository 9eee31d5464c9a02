"""The control room: whoever holds the control token moves the clock, opens accounts and reads the truth."""

import hmac
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from adapters.sandbox.server.station import Station
from adapters.sandbox.world import bank_life
from adapters.sandbox.world.bank import Account
from domain.errors import Malformed


def control_router(station: Station) -> APIRouter:
    """Operations under ``/sandbox``; all need ``Authorization: Bearer <control token>``."""

    def allowed(authorization: Annotated[str, Header()] = "") -> None:
        with station.world() as world:
            right = f"Bearer {world.keys.control}"
        if not hmac.compare_digest(authorization.encode(), right.encode()):
            raise HTTPException(401)

    router = APIRouter(dependencies=[Depends(allowed)])
    _moving(router, station)
    _telling(router, station)
    return router


def _moving(router: APIRouter, station: Station) -> None:
    """What changes the world."""

    @router.get("/clock")
    def clock() -> dict[str, Any]:
        """The world's time, and how many deliveries wait."""
        with station.world() as world:
            return {"now": world.now.isoformat(), "waiting": world.post.waiting()}

    @router.post("/advance")
    async def advance(request: Request) -> dict[str, str]:
        """Move the clock: {to}; answers when everything due was delivered."""
        told = await request.json()
        until = datetime.fromisoformat(str(told["to"]))
        if until.tzinfo is None:
            raise Malformed("thời điểm phải có múi giờ", where="to")
        reached = await run_in_threadpool(station.advance, until)
        return {"now": reached.isoformat()}

    @router.post("/target")
    async def target(request: Request) -> dict[str, str]:
        """Where dangphi listens, and the token with which the portal looks bills up there: {url, token}."""
        told = await request.json()
        station.target = str(told["url"]).rstrip("/")
        station.bill_token = str(told.get("token", ""))
        return {"url": station.target}

    @router.post("/accounts")
    async def accounts(request: Request) -> dict[str, str]:
        """Open an account: {bin, number, holder, opening, gateway}."""
        told = await request.json()
        account = Account(
            bin=str(told["bin"]), number=str(told["number"]), holder=str(told["holder"]), opening=int(told["opening"])
        )
        with station.world() as world:
            bank_life.open_account(world, account, gateway=bool(told.get("gateway")))
        return {"account": account.account_id}


def _telling(router: APIRouter, station: Station) -> None:
    """What tells of it."""

    @router.get("/truth")
    def truth() -> dict[str, Any]:
        """Every sum of money of the world, and every fault that struck."""
        with station.world() as world:
            return {
                "moneys": [asdict(one) for one in world.moneys.values()],
                "struck": [asdict(one) for one in world.chances.struck],
                "undelivered": [one.key for one in world.post.undelivered],
            }

    @router.get("/transcript")
    def transcript() -> Response:
        """The story so far, a line each."""
        with station.world() as world:
            return Response("".join(line + "\n" for line in world.transcript), media_type="text/plain; charset=utf-8")
