"""What every client of a channel holds to when it asks: a safe address, and an answer bounded in bytes and in time."""

import time
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from domain.errors import Malformed
from ledger.rail import ChannelAway

#: Names of this very machine, where a sandbox answers without a certificate.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

#: How much is taken off the wire at a time, in bytes.
_PART = 64 * 1024


def is_local(url: str) -> bool:
    """Whether an address is this very machine; a user name that looks like it is not."""
    return urlsplit(url).hostname in LOOPBACK


def may_be_asked(url: str) -> bool:
    """Whether secrets may be sent to an address: over https, or to this very machine."""
    return urlsplit(url).scheme == "https" or is_local(url)


def body_of(answer: requests.Response, *, most: int, until: float, who: str) -> bytes:
    """The whole body of an answer that was asked for with ``stream=True``.

    ``most`` in bytes after unpacking; ``until`` on ``time.monotonic``. Raises ``Malformed`` for a longer one, and
    ``ChannelAway`` for one that breaks off or comes too slowly: each read returns what is there, so that a sender who
    drips a byte at a time cannot hold the caller beyond ``until``.
    """
    parts: list[bytes] = []
    size = 0
    try:
        while part := answer.raw.read1(_PART, decode_content=True):
            size += len(part)
            if size > most:
                raise Malformed(f"{who} trả lời dài hơn {most} byte", where="HTTP")
            if time.monotonic() > until:
                raise ChannelAway(f"{who} trả lời quá chậm")
            parts.append(part)
    except HTTPError as error:
        raise ChannelAway(f"câu trả lời của {who} bị cắt ({type(error).__name__})") from error
    return b"".join(parts)
