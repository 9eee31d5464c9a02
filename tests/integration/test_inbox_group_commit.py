"""Many requests, few commits, nothing lost and nothing doubled."""

import random
import threading
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from adapters.postgres.group_commit import Closed
from adapters.postgres.inbox import PostgresInbox
from adapters.postgres.shard import Shard
from ledger.ports import InboxMessage, KeepOutcome, Tampered, Verdict
from tests.integration.cutting_proxy import CuttingProxy

KEY = b"k" * 32
MESSAGE = InboxMessage(
    source="portal",
    outside_reference="GD-1",
    received_at=datetime(2026, 7, 1, 5, tzinfo=UTC),
    headers=(("authorization", "Apikey secret-of-the-bank"),),
    body="Nguyễn Thị An nộp đảng phí".encode(),
    verdict=Verdict.ACCEPTED,
    reject_code=None,
    digest="d1",
)


@pytest.fixture
def inbox(shard):
    with PostgresInbox(shard, KEY) as opened:
        yield opened


def in_threads(count, work):
    failures = []

    def run(number):
        try:
            work(number)
        except Exception as error:  # a thread's error must reach the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_forty_threads_with_shuffled_duplicates_leave_each_message_once(shard):
    """8,000 deliveries of 200 messages through two inboxes, as two web workers would have them."""
    messages = [replace(MESSAGE, outside_reference=f"GD-{number}", digest=f"d{number}") for number in range(200)]
    outcomes = []
    with PostgresInbox(shard, KEY) as one, PostgresInbox(shard, KEY) as two:

        def deliver(number):
            mine = messages[:]
            random.Random(number).shuffle(mine)
            for message in mine:
                (kept,) = (one, two)[number % 2].keep([message])
                outcomes.append((message.outside_reference, kept.outcome, kept.id))

        in_threads(40, deliver)
        rows = one.take(10_000)
    assert len(outcomes) == 8_000
    assert sorted(row.message.outside_reference for row in rows) == sorted(m.outside_reference for m in messages)
    new = [reference for reference, outcome, _ in outcomes if outcome is KeepOutcome.NEW]
    assert sorted(new) == sorted(m.outside_reference for m in messages), "each was new exactly once"
    assert len({(reference, number) for reference, _, number in outcomes}) == 200


def test_requests_that_come_together_share_commits(shard, inbox):
    """Counted by the database: far fewer transactions than requests."""
    inbox.keep([MESSAGE])

    def deliver(number):
        for turn in range(25):
            inbox.keep([replace(MESSAGE, outside_reference=f"{number}/{turn}")])

    in_threads(32, deliver)
    with shard.connect() as conn:
        rows, transactions = conn.execute("SELECT count(*), count(DISTINCT xmin::text) FROM inbox").fetchone()
    assert rows == 801
    assert transactions < rows / 3


def test_a_message_that_cannot_be_stored_fails_alone(inbox):
    bad = replace(MESSAGE, outside_reference="nul \x00 byte")
    good = [replace(MESSAGE, outside_reference=f"GD-{number}") for number in range(50)]
    futures = [inbox.keep_later([message]) for message in [*good[:25], bad, *good[25:]]]
    failed = [future for future in futures if future.exception() is not None]
    assert len(failed) == 1
    assert isinstance(failed[0].exception(), psycopg.DataError)
    assert len(inbox.take(100)) == 50


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_line_cut_around_the_commit_is_mended_and_the_message_kept_once(shard, when):
    with (
        CuttingProxy(shard.dsn) as proxy,
        PostgresInbox(Shard(dsn=proxy.dsn, schema=shard.schema), KEY) as inbox,
    ):
        inbox.keep([replace(MESSAGE, outside_reference="warm up")])
        proxy.cut(b"GD-cut", when)
        (kept,) = inbox.keep([replace(MESSAGE, outside_reference="GD-cut")])
        assert proxy.cuts == 1
        assert kept.outcome is (KeepOutcome.NEW if when == "before" else KeepOutcome.KNOWN)
        assert len(inbox.take(10)) == 2


def test_what_was_handed_in_before_closing_is_kept_and_later_messages_are_refused(shard):
    inbox = PostgresInbox(shard, KEY)
    futures = [inbox.keep_later([replace(MESSAGE, outside_reference=f"GD-{n}")]) for n in range(1_000)]
    inbox.close()
    assert all(future.result(0)[0].outcome is KeepOutcome.NEW for future in futures)
    with pytest.raises(Closed):
        inbox.keep([MESSAGE])


def test_neither_body_nor_headers_lie_in_the_database_in_clear(shard, inbox):
    inbox.keep([MESSAGE])
    with shard.connect() as conn:
        (row,) = conn.execute("SELECT headers, body FROM inbox").fetchall()
    assert b"secret-of-the-bank" not in row[0]
    assert "Nguyễn".encode() not in row[1]


def test_bodies_swapped_between_two_messages_are_refused(shard, inbox):
    one, two = inbox.keep([MESSAGE, replace(MESSAGE, outside_reference="GD-2", body=b"other", digest="d2")])
    with shard.connect() as conn:
        conn.execute("UPDATE inbox a SET body = b.body, headers = b.headers FROM inbox b WHERE a.id <> b.id")
    for kept in (one, two):
        with pytest.raises(Tampered):
            inbox.get(kept.id)


def test_keeping_reads_by_key_however_much_is_kept_already(shard, inbox):
    """Without this every batch read the whole inbox, and the intake grew slower day by day."""
    inbox.keep([replace(MESSAGE, outside_reference=f"GD-{n}") for n in range(3_000)])
    columns = "ARRAY['portal'], ARRAY[%s], ARRAY[now()], ARRAY[''::bytea], ARRAY[''::bytea], ARRAY[%s], ARRAY[%s]"
    with shard.connect() as conn, conn.transaction():
        for name, verdict, code, digest in (
            ("GD-new", "accepted", None, "d1"),
            ("GD-7", "accepted", None, "d1"),
            ("GD-7", "accepted", None, "d2"),
            ("forged", "rejected", "bad-signature", "d3"),
        ):
            conn.execute(f"SELECT keep_messages({columns}, ARRAY[%s])", (name, verdict, code, digest))
        read = conn.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'inbox'::regclass").fetchall()
    assert read == [(0,)]
