"""The database goes away under the interface: nothing is acknowledged, everybody is told to try again (F12, F27)."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.postgres.shard import Shard
from tests.acceptance.front_door import opened, paid, problem
from tests.conftest import ShardMaker
from tests.integration.cutting_proxy import CuttingProxy


@pytest.fixture
def cut_off(new_shard: ShardMaker):
    """A front door whose database is gone, and how to reach the shard past the broken line."""
    shard = new_shard()
    proxy = CuttingProxy(shard.dsn)
    with opened(lambda: replace(shard, dsn=proxy.dsn), patience=0.2) as door:
        attempt = door.attempt("A1")
        proxy.__exit__()
        yield door, attempt, shard


def messages(shard: Shard) -> int:
    with shard.connect() as conn:
        return conn.execute("SELECT count(*) FROM inbox").fetchone()[0]


def test_without_a_database_nothing_is_acknowledged_and_everybody_is_told_to_try_again(cut_off):
    door, attempt, shard = cut_off
    asked = {"kind": "dues", "unit": "A", "member_id": "A1", "month": "2026-07"}
    callers = (
        lambda: door.notify(paid(attempt["reference"], attempt["amount"], "GD1")),
        lambda: door.get(f"/requests/{attempt['reference']}"),
        lambda: door.get("/units/A/balances"),
        lambda: door.post("/attempts", asked, by="A-TP"),
    )
    started = time.monotonic()
    with ThreadPoolExecutor(len(callers)) as pool:
        answers = [asked.result() for asked in [pool.submit(caller) for caller in callers]]
    assert time.monotonic() - started < 10
    again = time.monotonic()
    answers += [caller() for caller in callers[1:]]
    assert time.monotonic() - again < 1, "the next callers hear it at once"
    for answer in answers:
        told = problem(answer, 503, "unavailable")
        assert told["retryable"] is True
        assert int(answer.headers["Retry-After"]) > 0
    assert messages(shard) == 0
    assert door.client.get("/livez").status_code == 200
    assert door.client.get("/readyz").status_code == 503
