"""One trial of the intake: a shard with open requests, a server, a load, and a count of what came of it."""

import http.client
import json
import os
import pickle
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from adapters.sandbox.portal import signed_notification
from bench import world
from bench.measure import NotMeasured
from bench.place import CODEC, Place
from domain.payment_request import PaymentRequested
from ledger.store import EventStore

REPEATED = 0.1  #: part of the messages that is sent a second time
WORKERS, PROCESSES, CONNECTIONS = 2, 2, 16
SECONDS = 20.0  #: the longest that one trial sends
PATIENCE = 120.0  #: the longest wait for the worker to have booked everything
PARTNER, SECRET = "DANGPHI", "bench-secret"
SEPAY_KEY = "bench-sepay-key"
#: What each channel's requests begin with: the path, and how the sender shows who it is.
_HEADS = {
    "portal": b"POST /callbacks/portal HTTP/1.1\r\n",
    "sepay": b"POST /webhooks/sepay HTTP/1.1\r\nAuthorization: Apikey " + SEPAY_KEY.encode() + b"\r\n",
}

#: Messages of one load process: the number of each, and the request as it goes over the wire.
Part = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one trial saw; times in milliseconds. ``booked`` are payments per second where a worker ran."""

    rate: float
    p50: float
    p99: float
    worst: float
    booked: float | None


def run(place: Place, variant: str, messages: int, channel: str = "portal") -> Trial:
    """Send every message once and a part of them twice; raise NotMeasured when one was lost, doubled or refused."""
    shard = place.shard(place.database())
    bodies = _founded(shard, messages, _BODIES[channel])
    with _served(variant, shard) as port:
        parts = _parts(bodies, port, _HEADS[channel])
        found = _load(parts, port)
        acked = {part[at][0] for part, process in zip(parts, found, strict=True) for at in process["acked"]}
        start, end = min(process["start"] for process in found), max(process["end"] for process in found)
        _nothing_lost(shard, acked, found)
        booked = _booked(shard, len(acked), start) if variant == "serve" else None
    place.drop(shard)
    taken = [latency * 1000 for process in found for latency in process["latencies"]]
    cuts = quantiles(taken, n=100)
    return Trial(rate=len(taken) / (end - start), p50=cuts[49], p99=cuts[98], worst=max(taken), booked=booked)


def _founded(shard: Shard, messages: int, body: Callable[[PaymentRequested, int], bytes]) -> list[bytes]:
    """Record law, tree, assessments and requests, and return the message that answers each request."""
    bodies: list[bytes] = []
    with ShardDatastore(shard) as datastore:
        store = EventStore(PostgresRecorder(datastore), CODEC)
        for command in world.month(messages, paid=False):
            store.append(command.appends, command.context, b"{}")
            asked = [e for append in command.appends for e in append.events if isinstance(e, PaymentRequested)]
            bodies += [body(event, number) for number, event in enumerate(asked, len(bodies))]
    return bodies


def _notification(event: PaymentRequested, number: int) -> bytes:
    return signed_notification(
        partner=PARTNER,
        secret=SECRET,
        reference=event.reference,
        amount=event.amount,
        transaction_id=f"DVC260704{number:08d}",
        paid_at=world.AT,
    )


def _webhook(event: PaymentRequested, number: int) -> bytes:
    """A SePay webhook with a content as a bank's app makes it; it has no signature, so only the key is compared."""
    told = {
        "id": number + 1,
        "gateway": "Vietcombank",
        "transactionDate": "2026-07-06 08:00:00",
        "accountNumber": event.account_id.split(":")[1],
        "subAccount": None,
        "code": None,
        "content": f"MBVCB.{number:010d}.{event.reference}.CT tu 0011009999999 NGUYEN VAN A toi 0011001234567",
        "transferType": "in",
        "description": "BankAPINotify",
        "transferAmount": event.amount,
        "accumulated": 0,
        "referenceCode": f"FT260704{number:08d}",
    }
    return json.dumps(told).encode()


_BODIES: Mapping[str, Callable[[PaymentRequested, int], bytes]] = {"portal": _notification, "sepay": _webhook}


def _parts(bodies: Sequence[bytes], port: int, begins: bytes) -> list[Part]:
    """The requests of each load process: some repeats follow at once, on another process, others much later."""
    chance = random.Random(4)
    order: list[int] = []
    later: list[int] = []
    for number in range(len(bodies)):
        order.append(number)
        if chance.random() < REPEATED:
            (order if chance.random() < 0.5 else later).append(number)
    for number in later:
        order.insert(chance.randrange(len(order)), number)
    head = begins + b"Host: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d"
    sent = [(number, head % (port, len(bodies[number])) + b"\r\n\r\n" + bodies[number]) for number in order]
    return [sent[process::PROCESSES] for process in range(PROCESSES)]


def _load(parts: Sequence[Part], port: int) -> list[dict[str, Any]]:
    """Run the load in processes of its own, started together."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ending:
        processes: list[tuple[subprocess.Popen[str], Path]] = []
        for number, part in enumerate(parts):
            file, answer = Path(folder) / f"{number}.requests", Path(folder) / f"{number}.json"
            file.write_bytes(pickle.dumps([request for _, request in part]))
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            ending.callback(_end, process)
            settings = {"host": "127.0.0.1", "port": port, "connections": CONNECTIONS, "seconds": SECONDS}
            _tell(process, json.dumps({**settings, "file": str(file), "answer": str(answer)}))
            processes.append((process, answer))
        for process, _ in processes:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise NotMeasured("a load process did not start")
        for process, _ in processes:
            _tell(process, "go")
        for process, _ in processes:
            process.wait(SECONDS + 30)
        return [json.loads(answer.read_text(encoding="utf-8")) for _, answer in processes]


def _tell(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


@contextmanager
def _served(variant: str, shard: Shard) -> Iterator[int]:
    """A server on a free port of the loopback, in two processes; stopped afterwards."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    if variant == "serve":
        command = ["-c", "from api.cli.main import run; run()", "serve", "--port", str(port), "--workers", str(WORKERS)]
    else:
        asked = {"variant": variant, "port": port, "workers": WORKERS}
        command = ["-m", "bench.intake_server", json.dumps(asked)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as words:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **_environment(shard)},
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        try:
            if not _answers(port, process):
                words.seek(0)
                raise NotMeasured(f"the server did not start: {words.read()[-500:]}")
            yield port
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                # The group is this server's own: it was started in a session of its own.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _environment(shard: Shard) -> dict[str, str]:
    return {
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_SHARD": "1",
        "DANGPHI_REFERENCE_KEY": world.KEY.hex(),
        "DANGPHI_VAULT_KEY": bytes(32).hex(),
        "DANGPHI_PORTAL_PARTNER": PARTNER,
        "DANGPHI_PORTAL_SECRET": SECRET,
        "DANGPHI_SEPAY_KEY": SEPAY_KEY,
        "DANGPHI_TOP_UNIT": world.WARD,
    }


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until every process of the server has had time to answer."""
    deadline = time.monotonic() + 60
    good = 0
    while time.monotonic() < deadline and process.poll() is None and good < 20:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/livez")
            good += connection.getresponse().status == 200
            connection.close()
        except OSError:
            pass
        time.sleep(0.1)
    return good >= 20


def _nothing_lost(shard: Shard, acked: set[int], found: Sequence[dict[str, Any]]) -> None:
    """Rows are the acknowledged messages, each once, and every request was answered with 200."""
    statuses = {status for process in found for status in process["statuses"]}
    cut = sum(process["cut"] for process in found)
    if statuses != {"200"} or cut:
        raise NotMeasured(f"answers {sorted(statuses)}, {cut} requests without an answer")
    with shard.connect() as conn:
        rows = conn.execute("SELECT outside_reference, verdict FROM inbox").fetchall()
    kept = [int(reference[-8:]) for reference, verdict in rows if verdict == "accepted"]
    if len(kept) != len(rows) or len(set(kept)) != len(kept) or set(kept) != acked:
        raise NotMeasured(f"{len(acked)} messages acknowledged, {len(rows)} rows, {len(set(kept))} accepted")


def _booked(shard: Shard, messages: int, start: float) -> float:
    """Wait until the worker has booked every message as a payment; payments per second since ``start``."""
    waiting = "SELECT 1 FROM inbox WHERE processed_position IS NULL AND parked_at IS NULL AND verdict <> 'rejected'"
    deadline = time.monotonic() + PATIENCE
    with shard.connect() as conn:
        while conn.execute(f"{waiting} LIMIT 1".encode()).fetchone():
            if time.monotonic() > deadline:
                raise NotMeasured(f"the worker had not booked everything after {PATIENCE:.0f} s")
            time.sleep(0.1)
        end = time.perf_counter()
        row = conn.execute("SELECT count(*) FROM events WHERE topic = 'payment-received.1'").fetchone()
    if row is None or row[0] != messages:
        raise NotMeasured(f"{messages} messages acknowledged, {row and row[0]} payments booked")
    return messages / (end - start)
