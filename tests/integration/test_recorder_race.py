"""A transaction that commits late must never be skipped by a reader that has gone on.

The reader asks "what lies after the last position I saw". If a later position becomes visible before an
earlier one, the earlier one is lost to it for ever.
"""

import threading
import time

import pytest
from eventsourcing.persistence import OperationalError

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import ShardDatastore
from ledger.ports import EventBatch


def batch(stream: str, count: int = 1) -> EventBatch:
    return EventBatch(
        streams=[stream] * count,
        versions=range(1, count + 1),
        topics=["seen.1"] * count,
        states=[b"{}"] * count,
    )


def test_positions_from_a_plain_sequence_lose_the_event_that_commits_late(shard):
    """The trap itself: without it the tests below would prove nothing."""
    with shard.connect() as slow, shard.connect() as fast, shard.connect() as reader:
        slow.execute("CREATE TABLE naive (position bigserial, stream text)")
        seen = 0

        def read_on():
            nonlocal seen
            rows = reader.execute("SELECT position, stream FROM naive WHERE position > %s", (seen,)).fetchall()
            seen = max([seen, *(row[0] for row in rows)])
            return [row[1] for row in rows]

        with slow.transaction():
            slow.execute("INSERT INTO naive (stream) VALUES ('slow')")
            fast.execute("INSERT INTO naive (stream) VALUES ('fast')")
            assert read_on() == ["fast"]
        assert read_on() == [], "the late event is there, but the reader is past it"


@pytest.mark.parametrize("copy_from", [1, 1_000], ids=["copy", "arrays"])
def test_a_reader_never_skips_the_event_that_commits_late(shard, copy_from):
    with ShardDatastore(shard) as datastore, shard.connect() as slow:
        recorder = PostgresRecorder(datastore, copy_from=copy_from)
        done = threading.Event()

        def append_fast():
            with datastore.get_connection() as conn:
                recorder.append_on(conn, batch("fast"), None)
            done.set()

        fast = threading.Thread(target=append_fast)
        with slow.transaction():
            recorder.append_on(slow, batch("slow"), None)
            fast.start()
            assert not done.wait(0.3), "the second append must wait for the first to commit"
            assert recorder.select_rows(0, 10, ()) == []
        fast.join(5)
        rows = recorder.select_rows(0, 10, ())
        assert [(row.position, row.stream) for row in rows] == [(1, "slow"), (2, "fast")]


def test_an_append_that_is_rolled_back_leaves_no_gap(shard, datastore):
    recorder = PostgresRecorder(datastore)
    with shard.connect() as conn:
        with conn.transaction(force_rollback=True):
            recorder.append_on(conn, batch("lost", 3), None)
        recorder.append_on(conn, batch("kept"), None)
    assert [(row.position, row.stream) for row in recorder.select_rows(0, 10, ())] == [(1, "kept")]


def test_an_append_on_one_shard_never_waits_for_another(new_shard):
    one, two = new_shard(), new_shard()
    with ShardDatastore(one, lock_timeout=0.1) as first, ShardDatastore(two, lock_timeout=0.1) as second:
        here, there = PostgresRecorder(first), PostgresRecorder(second)
        with one.connect() as holding, holding.transaction():
            here.append_on(holding, batch("slow"), None)
            started = time.monotonic()
            with second.get_connection() as conn:
                there.append_on(conn, batch("fast"), None)
            assert time.monotonic() - started < 0.1
            assert [row.stream for row in there.select_rows(0, 10, ())] == ["fast"]
            # The same shard does wait, and says so when its patience ends.
            with pytest.raises(OperationalError, match="lock timeout"), first.get_connection() as conn:
                here.append_on(conn, batch("late"), None)


def test_maintenance_of_the_table_and_appends_do_not_wait_for_each_other(shard, datastore):
    recorder = PostgresRecorder(datastore)
    with shard.connect() as holding, shard.connect() as maintenance:
        maintenance.execute("SET lock_timeout = '200ms'")
        with holding.transaction():
            recorder.append_on(holding, batch("open"), None)
            maintenance.execute("ANALYZE events")
            maintenance.execute("VACUUM events")


def test_a_tailing_reader_sees_every_event_of_many_writers_once_and_in_order(shard):
    writers, saves = 6, 40
    with ShardDatastore(shard, pool_size=writers + 1) as datastore:
        recorder = PostgresRecorder(datastore, copy_from=5)

        def write(number):
            for turn in range(saves):
                with datastore.get_connection() as conn:
                    recorder.append_on(conn, batch(f"{number}/{turn}", 1 + turn % 7), None)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
        for thread in threads:
            thread.start()
        seen = []
        while any(thread.is_alive() for thread in threads) or recorder.max_notification_id() != len(seen):
            seen += recorder.select_rows(seen[-1].position if seen else 0, 50, ())
        expected = writers * sum(1 + turn % 7 for turn in range(saves))
        assert [row.position for row in seen] == list(range(1, expected + 1))
        assert len({(row.stream, row.version) for row in seen}) == expected
        instants = [row.recorded_at for row in seen]
        assert instants == sorted(instants)
