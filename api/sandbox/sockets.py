"""The two programs of a play, each listening on a port of its own: the sandbox in a thread, dangphi as a process."""

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import uvicorn

from adapters.sandbox.server.app import sandbox_app
from adapters.sandbox.server.station import Station
from domain.errors import Malformed

#: Seconds in which dangphi must be ready.
_READY = 60.0


def listening(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A socket that callers can already knock at. ``Malformed`` where the port is taken."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(256)
    except OSError as error:
        found.close()
        why = "đang có chương trình khác dùng" if error.errno == errno.EADDRINUSE else str(error.strerror)
        raise Malformed(
            f"không lắng nghe được ở cổng {port}: {why}. Chọn cổng khác, hoặc --port 0 để lấy cổng trống",
            where="--port",
        ) from error
    return found


@contextmanager
def serving(station: Station, on: socket.socket) -> Iterator[str]:
    """The sandbox at work on a socket; gives its address."""
    base = f"http://127.0.0.1:{on.getsockname()[1]}"
    config = uvicorn.Config(sandbox_app(station, base), log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [on]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextmanager
def dangphi(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """``dangphi serve`` as a process on a free port, ready to take requests; gives its address."""
    with listening() as taken:
        port = taken.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", str(port), "--no-access-log"]
    root = Path(__file__).resolve().parents[2]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=root, env={**os.environ, **environment}, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            _wait(base, process, log)
            yield base
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _READY
    while time.monotonic() < until:
        if process.poll() is not None:
            tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            raise Malformed(f"dangphi serve không chạy được: {' / '.join(tail)}", where=log.name)
        try:
            if requests.get(f"{base}/livez", timeout=1).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise Malformed("dangphi serve không sẵn sàng sau một phút", where=log.name)


@dataclass(slots=True, kw_only=True)
class Caller:
    """Knocks at one of the two programs, each request with a bearer token and, for dangphi, a key of its own."""

    base: str
    tokens: Mapping[str, str] = field(default_factory=dict)
    _session: requests.Session = field(default_factory=requests.Session)

    def post(self, path: str, told: Any, *, actor: str = "", key: str = "") -> requests.Response:
        """POST JSON."""
        return self._session.post(self.base + path, json=told, headers=self._headers(actor, key), timeout=60)

    def send(self, path: str, data: bytes, *, actor: str, key: str) -> requests.Response:
        """POST a file."""
        headers = {**self._headers(actor, key), "Content-Type": "application/octet-stream"}
        return self._session.post(self.base + path, data=data, headers=headers, timeout=120)

    def get(self, path: str, *, actor: str = "") -> requests.Response:
        """GET."""
        return self._session.get(self.base + path, headers=self._headers(actor, ""), timeout=60)

    def _headers(self, actor: str, key: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.tokens[actor]}"} if actor else {}
        return {**headers, "Idempotency-Key": key} if key else headers
