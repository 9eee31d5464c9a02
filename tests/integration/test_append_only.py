"""The database itself refuses to change the log; who gets round it is found out by the next reader."""

import psycopg
import pytest

from adapters.postgres.recorder import PostgresRecorder
from ledger.store import EventStore, LogGap, StreamAppend
from tests.integration.test_store_idempotence import context
from tests.sample_events import CODEC, Opened


@pytest.fixture
def store(datastore):
    opened = EventStore(PostgresRecorder(datastore), CODEC)
    opened.append(
        [StreamAppend(stream="a", expected_version=0, events=(Opened(title="1"), Opened(title="2")))],
        context(),
        b"answer",
    )
    return opened


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET state = 'x' WHERE originator_id = 'a'",
        "UPDATE events SET recorded_at = now()",
        "DELETE FROM events WHERE notification_id = 2",
        "TRUNCATE events",
        "UPDATE commands SET answer = 'x'",
        "DELETE FROM commands",
        "TRUNCATE commands",
        "INSERT INTO events SELECT * FROM events ON CONFLICT (notification_id) DO UPDATE SET state = 'x'",
    ],
)
def test_the_log_cannot_be_changed_even_by_its_owner_or_a_replica(shard, store, change, role):
    before = store.read(0, 10)
    with shard.connect() as conn:
        conn.execute(f"SET session_replication_role = {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            conn.execute(change)
    assert store.read(0, 10) == before


def test_a_reader_stops_at_a_hole_that_somebody_made_with_the_triggers_off(shard, store):
    with shard.connect() as conn:
        conn.execute("ALTER TABLE events DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM events WHERE notification_id = 1")
    with pytest.raises(LogGap, match="position 0"):
        store.read(0, 10)
