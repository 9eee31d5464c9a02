"""A load generator of our own: keep-alive connections on the loopback, bounded in requests and in time.

Its input is JSON: host, port, connections, seconds, the file with the requests, the file for the answer. It says
"ready", waits for a line, sends each request once, and writes what it saw as JSON.
"""

import asyncio
import json
import pickle
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Seen:
    """What all connections of one process saw; moments are of the system's monotonic clock."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self.requests = requests
        self.seconds = seconds
        self.left: Iterator[int] = iter(range(len(requests)))
        self.deadline = 0.0
        self.latencies: list[float] = []
        self.acked: list[int] = []
        self.statuses: Counter[int] = Counter()
        self.cut = 0
        self.last = 0.0


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the one before is complete."""

    def __init__(self, seen: Seen, done: "asyncio.Future[None]") -> None:
        self._seen = seen
        self._done = done
        self._transport: Any = None
        self._answer = b""
        self._number: int | None = None
        self._start = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out; nothing is sent before the start."""
        self._transport = transport

    def go(self) -> None:
        """Send the next request, or end."""
        now = perf_counter()
        self._number = next(self._seen.left, None) if now < self._seen.deadline else None
        if self._number is None:
            self._transport.close()
            return
        self._start = now
        self._transport.write(self._seen.requests[self._number])

    def data_received(self, data: bytes) -> None:
        """Take a complete answer, or wait for the rest of it."""
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._answer, 0, head + 2)
        if len(self._answer) < head + 4 + int(length[1] if length else 0):
            return
        seen = self._seen
        seen.last = perf_counter()
        seen.latencies.append(seen.last - self._start)
        status = int(self._answer[9:12])
        seen.statuses[status] += 1
        if status == 200 and self._number is not None:
            seen.acked.append(self._number)
        self._answer, self._number = b"", None
        self.go()

    def connection_lost(self, error: Exception | None) -> None:
        """An answer that never came is no acknowledgement."""
        self._seen.cut += self._number is not None
        if not self._done.done():
            self._done.set_result(None)


async def _run(settings: dict[str, Any], seen: Seen) -> float:
    loop = asyncio.get_running_loop()
    connections, ends = [], []
    for _ in range(settings["connections"]):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        _, connection = await loop.create_connection(
            lambda done=done: Connection(seen, done), settings["host"], settings["port"]
        )
        connections.append(connection)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    start = perf_counter()
    seen.deadline = start + seen.seconds
    for connection in connections:
        connection.go()
    # What is still unanswered some time after the end is cut off.
    await asyncio.wait(ends, timeout=seen.seconds + 15)
    return start


def main() -> None:
    """Run one process of the load."""
    settings = json.loads(sys.stdin.readline())
    requests = pickle.loads(Path(settings["file"]).read_bytes())
    seen = Seen(requests, settings["seconds"])
    start = uvloop.run(_run(settings, seen))
    found = {
        "start": start,
        "end": seen.last,
        "latencies": seen.latencies,
        "acked": seen.acked,
        "statuses": seen.statuses,
        "cut": seen.cut,
    }
    Path(settings["answer"]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
