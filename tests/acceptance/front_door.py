"""The HTTP front door over a story on a real PostgreSQL: a client, a clock that tests set, a worker run by hand."""

import hashlib
import hmac
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from adapters.postgres.shard import Shard
from adapters.sandbox.portal import signed_notification
from api import wiring
from api.app import create_app
from api.read_models import PATIENCE, ReadModels
from api.settings import token_hash
from api.wiring import Installation
from api.worker import Worker
from tests.acceptance.story import START, Cell, Story, at, member, settings

#: Officers of the story and their tokens: the token of "VH-KT" is "token-VH-KT".
PEOPLE = ("HP-KT", "HP-CU", "VH-KT", "VH-TQ", "VH-CU", "VH-VP", "A-TP", "A-BT", "B-TP", "service:portal", "nobody")


@dataclass
class SetClock:
    """A clock that stands where it was set."""

    instant: datetime = field(default_factory=lambda: at(date(2026, 7, 5)))

    def now(self) -> datetime:
        """The instant set."""
        return self.instant


@dataclass
class FrontDoor:
    """A ward with two cells and three members, and everybody's way in."""

    story: Story
    app: FastAPI
    client: httpx.Client
    clock: SetClock
    worker: Worker
    keys: Iterator[int] = field(default_factory=itertools.count)

    @property
    def inst(self) -> Installation:
        """The installation behind the door."""
        return self.story.installation

    def get(self, path: str, by: str = "VH-KT", **params: Any) -> httpx.Response:
        """A read by an officer."""
        return self.client.get(path, headers=bearer(by), params=params)

    def post(self, path: str, body: Any, by: str = "VH-KT", key: str | None = None) -> httpx.Response:
        """A command by an officer; a fresh key when none is given."""
        headers = {**bearer(by), "Idempotency-Key": key or f"key-{next(self.keys)}"}
        return self.client.post(path, headers=headers, json=body)

    def notify(self, body: bytes, **headers: str) -> httpx.Response:
        """A message of the portal."""
        return self.client.post(
            "/callbacks/portal", content=body, headers={"content-type": "application/json"} | headers
        )

    def attempt(self, who: str = "A1", unit: str = "A", month: str = "2026-07") -> dict[str, Any]:
        """A member begins to pay on the portal."""
        body = {"kind": "dues", "unit": unit, "member_id": who, "month": month}
        answer = self.post("/attempts", body, by="service:portal")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["answer"])

    def work_off(self) -> None:
        """Let the worker take everything in."""
        self.worker.run_to_head()

    def balance(self, unit: str, account: str, by: str = "VH-KT", **params: Any) -> int:
        """One balance of a unit over all keys."""
        answer = self.get(f"/units/{unit}/balances", by, **params)
        assert answer.status_code == 200, answer.text
        return sum(row["amount"] for row in answer.json()["balances"] if row["account"] == account)


def bearer(who: str) -> dict[str, str]:
    """The header of an officer."""
    return {"Authorization": f"Bearer token-{who}"}


def paid(reference: str, amount: int, number: str, *, secret: str = "secret", on: date = date(2026, 7, 5)) -> bytes:
    """A signed notification of the portal: paid."""
    return signed_notification(
        partner="P", secret=secret, reference=reference, amount=amount, transaction_id=number, paid_at=at(on)
    )


def sepay(reference: str, amount: int, number: str, *, account: str = "00VH", **more: Any) -> dict[str, Any]:
    """A body of SePay's webhook."""
    return {
        "id": 7,
        "gateway": "Vietcombank",
        "transactionDate": "2026-07-05 11:08:33",
        "accountNumber": account,
        "content": f"MBVCB.1.{reference}.CT tu 0011",
        "transferType": "in",
        "transferAmount": amount,
        "referenceCode": number,
        **more,
    }


def casso(reference: str, amount: int, number: str, *, account: str = "00VH") -> tuple[bytes, dict[str, str]]:
    """A body of Casso's webhook and its signature header."""
    body = {
        "error": 0,
        "data": {
            "id": 31,
            "reference": number,
            "description": reference,
            "amount": amount,
            "transactionDateTime": "2026-07-05 11:08:33",
            "accountNumber": account,
            "bankName": "Vietcombank",
            "bankAbbreviation": "VCB",
            "counterAccountNumber": "0399887766",
        },
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    signed = hmac.new(b"casso-secret", f"1783138120000.{text}".encode(), hashlib.sha512).hexdigest()
    return text.encode(), {"x-casso-signature": f"t=1783138120000,v1={signed}"}


def tokens() -> dict[str, str]:
    """Everybody's token."""
    return {token_hash(f"token-{who}"): who for who in PEOPLE}


def play_opening(story: Story) -> None:
    """Law, tree, officers, three members with dues of July, and their requests."""
    story.set_up([Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 12_345_678)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_543_100)),
    )
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 9_876_543)))
    story.assess("VH", "2026-07", START)
    story.request("VH", "2026-07", START)


@contextmanager
def opened(maker: Callable[[], Shard], *, patience: float = PATIENCE) -> Iterator[FrontDoor]:
    """A front door over a fresh shard; ``patience`` is how long a call waits for a connection, in seconds."""
    shard = maker()
    given = replace(
        settings(schema=shard.schema),
        database_url=shard.dsn,
        tokens=tokens(),
        sepay_key="khoa-sepay",
        casso_secret="casso-secret",
    )
    with wiring.on_postgres(given, patience=patience) as inst, ExitStack() as pools:
        story = Story(inst)
        play_opening(story)
        clock = SetClock()
        models = pools.enter_context(ReadModels(shard, inst.store, patience=patience))
        worker = Worker(inst, clock, models.catch_up, None)
        app = create_app(inst, clock, models=models)
        with served(app) as address, httpx.Client(base_url=address, timeout=30) as client:
            yield FrontDoor(story=story, app=app, client=client, clock=clock, worker=worker)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket, as ``dangphi serve`` runs it; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, loop="uvloop", http="httptools", log_level="critical", access_log=False)
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert that an answer is a problem document (RFC 9457) with this status and code, and return it."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert set(told) >= {"type", "title", "status", "code", "detail", "retryable"}
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    assert told["type"] == f"/problems/{code}"
    return told
