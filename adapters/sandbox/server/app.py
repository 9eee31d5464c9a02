"""The sandbox over HTTP: portal, banks, gateway, identity provider, and the control room, each under a prefix.

Everything is decided in ``adapters.sandbox.world``; here requests become calls and answers become bytes. Servers have
faults of their own: an answer may be cut in its middle after the work was done, or be a 500 after nothing was done.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import date
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from adapters.sandbox.server.control import control_router
from adapters.sandbox.server.courier import look_up_bill
from adapters.sandbox.server.identity import identity_router
from adapters.sandbox.server.start_page import start_page
from adapters.sandbox.server.station import Station
from adapters.sandbox.statement_files import write_statement
from adapters.sandbox.world import bank_life, gateway_life, portal_life
from adapters.sandbox.world.scenario import Fault
from domain.errors import Malformed


class CutResponse(Response):
    """An answer that announces its whole length, sends half of it and breaks off."""

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Send the half; the server closes the connection when it sees that the rest does not come."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionAbortedError("cut on purpose")


def sandbox_app(station: Station, base: str) -> FastAPI:
    """The application over a station; ``base`` is where it will be reached, without a slash at the end."""
    app = FastAPI(title="dangphi sandbox", docs_url=None, redoc_url=None)
    with station.world() as world:
        world.portal.pay_url = f"{base}/portal/thanh-toan/"
    _portal_messages(app, station)
    _portal_payers(app, station)
    _bank_payers(app, station)
    _bank_books(app, station)
    _gateway(app, station)

    @app.get("/", response_class=HTMLResponse)
    def start() -> str:
        """The page for a person."""
        with station.world() as world:
            return start_page(world, base, station.target)

    app.include_router(identity_router(station, f"{base}/idp"), prefix="/idp")
    app.include_router(control_router(station), prefix="/sandbox")

    @app.exception_handler(Malformed)
    def _malformed(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=400)

    return app


def _faulty(station: Station, name: str, work: Callable[[], Response]) -> Response:
    """Do the work of a request as a server with faults does it."""
    if station.befalls(Fault.ERROR_500, name):
        return JSONResponse({"error": {"type": "api_error", "message": "sandbox 500"}}, status_code=500)
    done = work()
    if station.befalls(Fault.CUT, name):
        return CutResponse(done.body, status_code=done.status_code, media_type=done.media_type)
    return done


def _portal_name(body: bytes) -> str:
    """What a message of the portal is about, so that how often something else was asked changes nothing for it."""
    try:
        told = json.loads(body)
        return f"portal/{told['LoaiBanTin']}/{told['MaThamChieu']}"
    except (ValueError, KeyError, TypeError):
        return "portal"


def _portal_messages(app: FastAPI, station: Station) -> None:
    @app.post("/portal")
    async def message(request: Request) -> Response:
        """INIT, QUERY, GET_BILL."""
        body = await request.body()

        def work() -> Response:
            with station.world() as world:
                media, answer = world.portal.message(body, world.now)
            return Response(answer, media_type=media)

        return _faulty(station, _portal_name(body), work)

    @app.get("/portal/quyet-toan/{day}")
    def settlement(day: date) -> Response:
        """The settlement file of a day; 404 until it is there, 204 when nothing was paid."""
        with station.world() as world:
            if not portal_life.settlement_is_due(world, day):
                return JSONResponse({"error": "chưa có tệp"}, status_code=404)
            found = portal_life.settlement_of(world, day)
        if found is None:
            return Response(status_code=204)
        return _file(*found, "text/plain")

    @app.post("/portal/tra-loi")
    async def answer(request: Request) -> dict[str, int]:
        """Our answer file to a settlement."""
        body = await request.body()
        with station.world() as world:
            world.portal.answers.append(body)
            return {"answers": len(world.portal.answers)}


def _portal_payers(app: FastAPI, station: Station) -> None:
    @app.get("/portal/thanh-toan/{reference}")
    def page(reference: str) -> dict[str, Any]:
        """What the payer sees."""
        with station.world() as world:
            found = world.portal.found(reference)
        return {"reference": reference, "amount": found.amount, "words": found.information, "state": str(found.state)}

    @app.post("/portal/thanh-toan/{reference}")
    def pay(reference: str, payer: str = "") -> dict[str, str]:
        """The payer confirms."""
        with station.world() as world:
            return {"state": portal_life.pay_on_portal(world, reference, payer or reference)}

    @app.post("/portal/huy/{reference}")
    def cancel(reference: str) -> dict[str, str]:
        """The payer gives up."""
        with station.world() as world:
            return {"state": portal_life.cancel_on_portal(world, reference)}

    @app.post("/portal/tra-cuu/{dossier}")
    def look_up(dossier: str) -> dict[str, Any]:
        """A payer names his bill; the portal asks dangphi, twice where two people of one family pay the same bill."""
        references, away = [], False
        times = 2 if station.befalls(Fault.PAID_TWICE, f"bill/{dossier}") else 1
        for _ in range(times):
            answer = look_up_bill(station.target, station.bill_token, dossier)
            away = away or answer is None
            with station.world() as world:
                reference = portal_life.take_bill(world, answer or {})
            if reference is not None and reference not in references:
                references.append(reference)
        return {"references": references, "away": away}


def _file(name: str, data: bytes, media: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _bank_payers(app: FastAPI, station: Station) -> None:
    @app.post("/bank/qr")
    async def qr(request: Request) -> dict[str, Any]:
        """A payer's app pays a VietQR payload: {payload, payer, amount?, also?}.

        ``also`` is the code of another of the family; ``for_two`` tells whether one transfer paid both. ``slip``: the
        payer shows the slip at once, and it is to be entered by hand.
        """
        told = await request.json()
        payload, payer = str(told["payload"]), str(told["payer"])
        with station.world() as world:
            both = bank_life.pay_for_two(world, payload, str(told["also"]), payer) if told.get("also") else None
            money = both or bank_life.pay_qr(world, payload, payer, told.get("amount"))
            slip = not world.moneys[money.key].befell and world.strikes(Fault.SLIP_FIRST, money.key)
        return {
            "key": money.key,
            "amount": money.amount,
            "account": money.account_id,
            "bank_reference": money.bank_reference,
            "for_two": both is not None,
            "slip": slip,
        }

    @app.post("/bank/transfer")
    async def transfer(request: Request) -> dict[str, Any]:
        """A free transfer: {bin, account, amount, words, payer, key}."""
        told = await request.json()
        with station.world() as world:
            account = world.bank.account(str(told["bin"]), str(told["account"]))
            money = bank_life.transfer(
                world,
                account.account_id,
                int(told["amount"]),
                str(told["words"]),
                str(told["payer"]),
                key=f"qr/{told['key']}",
            )
        return {"key": money.key, "amount": money.amount, "bank_reference": money.bank_reference}

    @app.post("/bank/own")
    async def own(request: Request) -> dict[str, Any]:
        """Money of the unit itself: cash brought to the bank (amount > 0), or an order to pay (amount < 0)."""
        told = await request.json()
        with station.world() as world:
            account = world.bank.account(str(told["bin"]), str(told["account"]))
            money = bank_life.own_movement(
                world, account.account_id, int(told["amount"]), str(told["words"]), str(told["key"])
            )
        return {"key": money.key, "amount": money.amount, "bank_reference": money.bank_reference}


def _bank_books(app: FastAPI, station: Station) -> None:
    @app.get("/bank/statements/{bin}/{number}")
    def statement(bin: str, number: str, first: date, last: date, layout: str = "") -> Response:
        """The statement of a span of days as a file; 404 while a day of it is not there yet."""
        with station.world() as world:
            account = world.bank.account(bin, number)
            found = world.bank.statement(account.account_id, first, last, world.now.date())
            if found is None:
                return JSONResponse({"error": "sao kê chưa có"}, status_code=404)
            chosen = layout or str(world.bank.plan.formats.get(bin, "camt.053.001.08"))
            again = not layout and world.strikes(Fault.TWO_FORMATS, f"{account.account_id}/{first}/{last}")
        name, data = write_statement(chosen, found, holder_name=account.holder)
        answer = _file(name, data, "application/octet-stream")
        if again:
            # The office gets the same days once more, from another page of the bank.
            answer.headers["X-Sandbox-Also"] = "camt.053.001.08" if "camt" not in chosen else "mt940"
        return answer

    @app.get("/bank/accounts")
    def accounts() -> list[dict[str, Any]]:
        """All accounts with what is on them."""
        with station.world() as world:
            return [
                {"account": one.account_id, "holder": one.holder, "balance": world.bank.balance(one.account_id)}
                for one in world.bank.accounts.values()
            ]


def _gateway(app: FastAPI, station: Station) -> None:
    @app.api_route("/gateway/v1/{path:path}", methods=["GET", "POST"])
    async def api(path: str, request: Request) -> Response:
        """The gateway's own interface."""
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}

        def work() -> Response:
            with station.world() as world:
                reply = world.gateway_api.answer(
                    request.method, f"/v1/{path}", request.url.query, body, headers, world.now
                )
                if path == "refunds" and reply.status == 200 and "Idempotent-Replayed" not in reply.headers:
                    gateway_life.refund_created(world, reply.body["id"])
            return JSONResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))

        name = headers.get("idempotency-key", "") or request.url.query
        return _faulty(station, f"gateway/{request.method}/{path}/{name}", work)

    @app.post("/gateway/thanh-toan/{intent}")
    def pay(intent: str, payer: str = "") -> dict[str, str]:
        """The payer enters a card."""
        with station.world() as world:
            return {"status": gateway_life.pay_card(world, intent, payer or intent)}
