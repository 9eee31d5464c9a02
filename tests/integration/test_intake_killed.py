"""A web process killed under load: whatever it acknowledged is there, whatever is there comes once (I26, F01, F02)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
import pytest

from adapters.postgres.inbox import PostgresInbox
from adapters.sandbox.portal import signed_notification
from ledger.ports import Verdict

KEY = "11" * 32
AT = datetime(2026, 7, 5, 5, tzinfo=UTC)


def start(shard) -> tuple["subprocess.Popen[str]", str]:
    environ = {
        **os.environ,
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_REFERENCE_KEY": "00" * 32,
        "DANGPHI_VAULT_KEY": KEY,
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "HP",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", "0", "--no-access-log"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process.stdout as told:
        address = told.readline().split(" ")[3].removesuffix("/docs")
    return process, address


def message(number: int) -> bytes:
    return signed_notification(
        partner="P",
        secret="secret",
        reference="HJQPM5YNFT97",
        amount=50_000,
        transaction_id=f"GD{number}",
        paid_at=AT,
    )


async def wait_until_alive(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        try:
            await client.get("/livez")
        except httpx.TransportError:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not come up")


async def deliver(address: str, numbers: Sequence[int], acknowledged: set[int], process=None, after: int = 0) -> None:
    """Send messages from 20 connections; kill the server after so many acknowledgements."""
    waiting = list(numbers)
    async with httpx.AsyncClient(base_url=address, timeout=10) as client:
        await wait_until_alive(client)

        async def sender() -> None:
            while waiting:
                number = waiting.pop()
                try:
                    answer = await client.post("/callbacks/portal", content=message(number))
                except httpx.TransportError:
                    return
                if answer.status_code == 200 and answer.json()["MaLoi"] == "00":
                    acknowledged.add(number)
                if process is not None and len(acknowledged) >= after and process.poll() is None:
                    process.send_signal(signal.SIGKILL)

        await asyncio.gather(*(sender() for _ in range(20)))


@pytest.mark.parametrize("after", [1, 150])
def test_what_was_acknowledged_before_the_kill_is_kept_and_sending_all_again_doubles_nothing(shard, after):
    acknowledged: set[int] = set()
    process, address = start(shard)
    try:
        asyncio.run(deliver(address, range(400), acknowledged, process, after))
        assert process.wait(10) == -signal.SIGKILL
    finally:
        process.kill()
    assert after <= len(acknowledged) < 400, "the kill came in the middle"
    with PostgresInbox(shard, bytes.fromhex(KEY)) as inbox:
        kept = {row.message.outside_reference for row in inbox.take(10_000)}
        assert {f"GD{number}" for number in acknowledged} <= kept
        process, address = start(shard)
        try:
            again: set[int] = set()
            asyncio.run(deliver(address, range(400), again))
        finally:
            process.terminate()
            process.wait(15)
        rows = inbox.take(10_000)
    assert again == set(range(400))
    assert sorted(row.message.outside_reference for row in rows) == sorted(f"GD{n}" for n in range(400))
    assert {row.message.verdict for row in rows} == {Verdict.ACCEPTED}
