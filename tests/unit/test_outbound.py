"""Answers of a channel, over real sockets: one that drips, one that breaks off, one too long, one that swells."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator

import pytest
import requests

from adapters.gateway.client import GatewayClient
from adapters.outbound import body_of, may_be_asked
from adapters.portal.client import PortalClient
from api.settings import Settings
from domain.errors import Malformed
from ledger.rail import ChannelAway

Talk = Callable[[socket.socket], None]
Serve = Callable[[Talk], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server of one connection that says what a test makes it say, and hangs up."""
    opened: list[socket.socket] = []

    def start(talk: Talk) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65_536)
                try:
                    talk(peer)
                except OSError:
                    return  # The client hung up, which is what some of these tests are about.

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in opened:
        listener.close()


def read(url: str, *, most: int = 1_000, seconds: float = 5.0) -> bytes:
    until = time.monotonic() + seconds
    with requests.get(url, timeout=5, stream=True) as answer:
        return body_of(answer, most=most, until=until, who="Kênh")


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def test_an_answer_is_read_whole_with_and_without_an_announced_length(serve: Serve) -> None:
    assert read(serve(lambda peer: peer.sendall(head("Content-Length: 3") + b"abc"))) == b"abc"
    chunked = head("Transfer-Encoding: chunked") + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert read(serve(lambda peer: peer.sendall(chunked))) == b"abc"
    assert read(serve(lambda peer: peer.sendall(head("Connection: close") + b"abc"))) == b"abc"


def test_a_sender_that_drips_a_byte_at_a_time_is_left_when_the_time_is_over(serve: Serve) -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(head("Content-Length: 900"))
        for _ in range(900):
            peer.sendall(b"x")
            time.sleep(0.02)

    url = serve(drip)
    began = time.monotonic()
    with pytest.raises(ChannelAway, match="quá chậm"):
        read(url, seconds=0.2)
    assert time.monotonic() - began < 2


def test_a_connection_that_dies_in_the_middle_of_an_answer_says_nothing(serve: Serve) -> None:
    with pytest.raises(ChannelAway, match="bị cắt"):
        read(serve(lambda peer: peer.sendall(head("Content-Length: 900") + b"abc")))
    with pytest.raises(ChannelAway, match="bị cắt"):
        read(serve(lambda peer: peer.sendall(head("Transfer-Encoding: chunked") + b"9\r\nab")))


def test_an_answer_that_is_too_long_or_swells_is_refused_before_it_is_in_memory(serve: Serve) -> None:
    with pytest.raises(Malformed, match="dài hơn"):
        read(serve(lambda peer: peer.sendall(head("Content-Length: 5000") + b"x" * 5_000)))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(bytes(50_000_000)) + packer.flush()
    bomb = head("Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed
    with pytest.raises(Malformed, match="dài hơn"):
        read(serve(lambda peer: peer.sendall(bomb)))


def test_secrets_go_over_https_or_to_this_machine_and_a_user_name_is_no_machine() -> None:
    assert may_be_asked("https://portal.example/pp")
    assert may_be_asked("http://127.0.0.1:8080/portal")
    assert may_be_asked("http://[::1]:8080")
    for url in ("http://portal.example", "http://127.0.0.1:80@portal.example/", "http://localhost.portal.example", ""):
        assert not may_be_asked(url)


def test_a_client_does_not_show_its_secrets() -> None:
    shown = repr(PortalClient(url="https://x", partner="P1", secret="s3cret", token="t0ken"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "P1" in shown
    gateway = repr(GatewayClient(url="https://gateway.example", key="sk_hidden"))
    assert "sk_hidden" not in gateway
    assert "gateway.example" in gateway


def test_a_gateway_that_drips_its_answer_is_left_and_nothing_is_known(serve: Serve) -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(head("Content-Length: 900"))
        for _ in range(900):
            peer.sendall(b"x")
            time.sleep(0.02)

    client = GatewayClient(url=serve(drip), key="sk", pauses=(), whole=0.2)
    began = time.monotonic()
    with pytest.raises(ChannelAway, match="quá chậm"):
        client.retrieve("pi_1")
    assert time.monotonic() - began < 2


def test_a_gateway_whose_answer_is_cut_or_swells_is_not_believed(serve: Serve) -> None:
    cut = serve(lambda peer: peer.sendall(head("Content-Length: 900") + b'{"id":'))
    with pytest.raises(ChannelAway, match="bị cắt"):
        GatewayClient(url=cut, key="sk", pauses=()).retrieve("pi_1")
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(bytes(50_000_000)) + packer.flush()
    bomb = head("Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed
    with pytest.raises(Malformed, match="dài hơn"):
        GatewayClient(url=serve(lambda peer: peer.sendall(bomb)), key="sk", pauses=()).retrieve("pi_1")


def test_the_gateway_s_key_is_not_sent_in_clear_to_a_user_name_that_looks_like_this_machine() -> None:
    client = GatewayClient(url="http://127.0.0.1:80@gateway.invalid", key="sk", pauses=())
    with pytest.raises(Malformed, match="https"):
        client.retrieve("pi_1")


def test_settings_do_not_show_their_secrets() -> None:
    told = {
        "DANGPHI_DATABASE_URL": "postgresql://u:hidden-0@h/d",
        "DANGPHI_REFERENCE_KEY": "1d" * 16,
        "DANGPHI_VAULT_KEY": "2e" * 32,
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "hidden-1",
        "DANGPHI_SEPAY_KEY": "hidden-2",
        "DANGPHI_CASSO_SECRET": "hidden-3",
        "DANGPHI_GATEWAY_KEY": "hidden-4",
        "DANGPHI_GATEWAY_SECRETS": "hidden-5,hidden-6",
        "DANGPHI_SEPAY_HUB_SECRET": "hidden-7",
        "DANGPHI_TOKENS": "A-TP=hidden-8",
        "DANGPHI_TOP_UNIT": "31.001",
    }
    settings = Settings.from_environ(told)
    shown = repr(settings)
    assert settings.gateway_secrets == ("hidden-5", "hidden-6")
    assert "hidden-" not in shown
    assert all(str(key) not in shown for key in (settings.reference_key, settings.vault_key, *settings.tokens))
    assert "31.001" in shown
