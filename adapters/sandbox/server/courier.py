"""Delivers one message over a socket; a sender that hangs up goes before the answer is read."""

import socket
from typing import Any
from urllib.parse import urlsplit

import requests

from adapters.sandbox.world.signing import Wire

#: Seconds that a provider waits for an answer.
_PATIENCE = 10.0


def deliver(target: str, wire: Wire, *, hangs_up: bool = False) -> int | None:
    """Send a message to dangphi; returns the HTTP status, or None where nobody answered or nobody waited for it."""
    if hangs_up:
        _send_and_go(target, wire)
        return None
    try:
        answer = requests.post(
            target + wire.path, data=wire.body, headers=dict(wire.headers), timeout=_PATIENCE, allow_redirects=False
        )
    except requests.RequestException:
        return None
    return answer.status_code


def look_up_bill(target: str, token: str, dossier: str) -> dict[str, Any] | None:
    """Ask dangphi what is due under a dossier code, as the portal does; None where nobody answers properly."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = requests.post(
            f"{target}/portal/bills",
            json={"MaHoSo": dossier},
            headers=headers,
            timeout=_PATIENCE,
            allow_redirects=False,
        )
        told = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _send_and_go(target: str, wire: Wire) -> None:
    """Send the whole request, wait until the answer begins, and cut the connection within it.

    Waiting for the first byte makes the story the same each time: the receiver has done what it does.
    """
    address = urlsplit(target)
    lines = [f"POST {address.path}{wire.path} HTTP/1.1", f"Host: {address.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in wire.headers]
    lines += [f"Content-Length: {len(wire.body)}", "", ""]
    try:
        with socket.create_connection((address.hostname or "", address.port or 80), timeout=_PATIENCE) as line:
            line.sendall("\r\n".join(lines).encode() + wire.body)
            line.recv(1)
    except OSError:
        return
