"""A command is recorded once, whatever happens to the line between us and the database (I25, I27,
F21-F23).
"""

import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from ledger.store import CommandContext, EventStore, StoreUnavailable, StreamAppend, VersionMoved
from tests.integration.cutting_proxy import CuttingProxy
from tests.sample_events import CODEC, Opened


def context(command_id: UUID | None = None) -> CommandContext:
    return CommandContext(
        command_id=command_id or uuid4(),
        name="open",
        request_digest="d",
        recorded_at=datetime(2026, 7, 1, tzinfo=UTC),
        actor="o-1",
        role="accountant",
        unit="VH",
        action="open",
    )


def to(stream: str, expected: int, count: int = 1) -> StreamAppend:
    return StreamAppend(stream=stream, expected_version=expected, events=(Opened(title="x"),) * count)


@pytest.fixture
def proxy(shard):
    with CuttingProxy(shard.dsn) as opened:
        yield opened


@pytest.fixture(params=["arrays", "copy"])
def store(request, shard, proxy):
    with ShardDatastore(Shard(dsn=proxy.dsn, schema=shard.schema), pool_size=3, connect_timeout=1) as datastore:
        recorder = PostgresRecorder(datastore, copy_from=1 if request.param == "copy" else 10_000)
        yield EventStore(recorder, CODEC, waits=(0.01,) * 5)


# The words that a save sends last: the answer where it is one call, COMMIT where it ends with one.
LAST_WORDS = {"arrays": b"my answer", "copy": b"COMMIT"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_line_cut_around_the_commit_leaves_the_command_recorded_once(request, store, proxy, when):
    path = request.node.callspec.params["store"]
    store.append([to("warm", 0)], context(), b"warm up")
    proxy.cut(LAST_WORDS[path], when)
    asked = context()
    done = store.append([to("a", 0, 3), to("b", 0)], asked, b"my answer")
    assert proxy.cuts == 1
    assert (done.answer, done.first_position, done.last_position) == (b"my answer", 2, 5)
    # After a swallowed reply the second attempt finds the first one's rows; after a cut before it writes
    # them.
    assert done.replayed == (when == "after")
    assert store.load("a")[1] == 3
    assert store.head() == 5
    assert store.command(asked.command_id).event_count == 4


def test_when_every_line_is_dead_the_caller_learns_that_the_outcome_is_unknown(shard):
    proxy = CuttingProxy(shard.dsn)
    with ShardDatastore(Shard(dsn=proxy.dsn, schema=shard.schema), pool_size=1, connect_timeout=0.2) as datastore:
        store = EventStore(PostgresRecorder(datastore), CODEC, waits=(0.01,))
        store.append([to("a", 0)], context(), b"")
        with proxy:
            pass
        asked = context()
        with pytest.raises(StoreUnavailable, match="gửi lại") as lost:
            store.append([to("a", 1)], asked, b"")
        assert lost.value.command_id == asked.command_id


def test_after_a_restart_the_first_retry_already_finds_a_living_connection(shard):
    """All idle connections died with the server; as many attempts as connections would be too many to wait for."""
    with ShardDatastore(shard, pool_size=8) as datastore:
        datastore.pool.wait()
        store = EventStore(PostgresRecorder(datastore), CODEC, waits=(0.05,))
        with shard.connect() as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.append([to("a", 0)], context(), b"ok").answer == b"ok"


def test_many_threads_with_one_command_record_it_once(shard):
    with ShardDatastore(shard, pool_size=8) as datastore:
        store = EventStore(PostgresRecorder(datastore), CODEC)
        asked, results = context(), []

        def run(number: int) -> None:
            results.append(store.append([to("a", 0, 2)], asked, f"answer {number}".encode()))

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({result.answer for result in results}) == 1
        assert [result.replayed for result in results].count(False) == 1
        assert store.head() == 2


def test_of_many_threads_that_saw_the_same_version_one_wins(shard):
    with ShardDatastore(shard, pool_size=8) as datastore:
        store = EventStore(PostgresRecorder(datastore), CODEC)
        won, moved = [], []

        def run() -> None:
            try:
                won.append(store.append([to("a", 0)], context(), b""))
            except VersionMoved as refused:
                moved.append(refused)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), len(moved)) == (1, 7)
        assert store.load("a")[1] == 1
