"""Projections follow the log: nothing skipped, nothing twice, whatever dies, waits, or makes no sense."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import ShardDatastore
from domain.events import EVENT_TYPES
from domain.identifiers import MemberId, UnitId
from domain.member import MemberEnrolled
from ledger.codec import Codec
from ledger.ports import EventBatch
from ledger.store import EventStore, LogGap, StreamAppend
from projections.all import PROJECTIONS
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.member_units import MEMBER_UNITS
from projections.payments import PAYMENTS
from projections.runner import BATCH, ProjectionStopped, alerts, catch_up, digest, ensure, lag, positions
from projections.sql_books import SqlBooks
from tests.projection_log import AT, context, paid, pay, store_on, total

HERE = Path(__file__).parent


@pytest.fixture
def shard(new_shard):
    return new_shard()


@pytest.fixture
def store(shard):
    with store_on(shard) as opened:
        yield opened


@pytest.fixture
def conn(shard):
    with shard.connect() as opened:
        yield opened


def clearing(conn) -> int:
    (amount,) = conn.execute("SELECT coalesce(sum(amount), 0) FROM balances_v1 WHERE account = '1140'").fetchone()
    return int(amount)


def journal_positions(conn) -> list[int]:
    return [row[0] for row in conn.execute("SELECT DISTINCT position FROM journal_v1 ORDER BY 1")]


# --- position and rows ----------------------------------------------------------------------------------------------


def test_an_empty_log_leaves_empty_tables_at_zero(store, conn):
    assert catch_up(conn, store, PROJECTIONS) == {p.reader: 0 for p in PROJECTIONS}
    assert {p.lag for p in lag(conn, store, PROJECTIONS)} == {0}


def test_a_projection_goes_on_where_it_stopped_and_the_same_events_again_change_nothing(store, conn):
    pay(store, 0, 30)
    assert catch_up(conn, store, (JOURNAL, BALANCES)) == {"journal_v1": 30, "balances_v1": 30}
    assert [(p.reader, p.position, p.head, p.lag) for p in lag(conn, store, (JOURNAL, BALANCES))] == [
        ("journal_v1", 30, 30, 0),
        ("balances_v1", 30, 30, 0),
    ]
    pay(store, 30, 12)
    assert [p.lag for p in lag(conn, store, (JOURNAL, BALANCES))] == [12, 12]
    for _ in range(3):
        catch_up(conn, store, (JOURNAL, BALANCES))
        assert clearing(conn) == total(0, 42)
        assert journal_positions(conn) == list(range(1, 43))


def test_projections_at_different_places_meet_and_go_on_together(store, conn):
    pay(store, 0, 100)
    catch_up(conn, store, (JOURNAL,), batch=40)
    pay(store, 100, 50)
    assert catch_up(conn, store, (BALANCES, JOURNAL, PAYMENTS), batch=60) == dict.fromkeys(
        ("balances_v1", "journal_v1", "payments_v5"), 150
    )
    assert clearing(conn) == total(0, 150)
    assert journal_positions(conn) == list(range(1, 151))


def test_rows_and_position_are_one_transaction(store, conn, shard):
    """Whoever sees the position sees the rows: a reader that looks while a batch is applied sees neither."""
    pay(store, 0, 10)
    ensure(conn, (BALANCES,))
    seen = []

    def apply(writer, batch):
        BALANCES.apply(writer, batch)
        with shard.connect() as other:
            seen.append((clearing(other), positions(other, (BALANCES,))["balances_v1"]))

    catch_up(conn, store, (replace(BALANCES, apply=apply),))
    assert seen == [(0, 0)]
    assert (clearing(conn), positions(conn, (BALANCES,))["balances_v1"]) == (total(0, 10), 10)


def test_a_connection_that_is_not_in_autocommit_is_refused(shard, store):
    with shard.connect() as opened:
        opened.autocommit = False
        with pytest.raises(ValueError, match="autocommit"):
            catch_up(opened, store, (BALANCES,))


def test_processes_that_start_together_make_the_tables_once_and_apply_each_event_once(store, shard, conn):
    pay(store, 0, 3_000)
    failures = []

    def run():
        try:
            with shard.connect() as own:
                catch_up(own, store, (JOURNAL, BALANCES, PAYMENTS), batch=70)
        except Exception as error:  # The test reports whatever a thread met.
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert clearing(conn) == total(0, 3_000)
    assert journal_positions(conn) == list(range(1, 3_001))
    assert conn.execute("SELECT count(*) FROM payments_v5").fetchone() == (3_000,)


def test_the_indexes_are_there_once_the_first_rows_are_in(store, shard, conn):
    pay(store, 0, 10)
    for _ in range(2):
        catch_up(conn, store, PROJECTIONS)
    for projection in PROJECTIONS:
        for table in projection.tables:
            (count,) = conn.execute(
                "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary", (table.serving,)
            ).fetchone()
            assert count == len(table.indexes), table.serving


# --- late commits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy_from", [1, 1_000], ids=["copy", "arrays"])
def test_an_event_whose_transaction_commits_late_is_never_skipped(shard, conn, copy_from):
    codec = Codec(EVENT_TYPES)
    with ShardDatastore(shard) as datastore, shard.connect() as slow:
        recorder = PostgresRecorder(datastore, copy_from=copy_from)
        store = EventStore(recorder, codec)

        def batch(number: int) -> EventBatch:
            append = paid(number, 100)
            topics, states = codec.columns(head, append.events)
            return EventBatch(streams=[append.stream], versions=[1], topics=topics, states=states)

        asked = context()
        head = (
            b'{"meta":{"command_id":"%b","count":1,"actor":"a","role":"r","unit":"u","action":"x","reason":null,'
            b'"document":null,"index":' % str(asked.command_id).encode()
        )
        fast_done = threading.Event()

        def append_fast():
            with datastore.get_connection() as own:
                recorder.append_on(own, batch(2), None)
            fast_done.set()

        fast = threading.Thread(target=append_fast)
        with slow.transaction():
            recorder.append_on(slow, batch(1), None)
            fast.start()
            # The slow event has its position and is not committed; the fast one must not overtake it.
            assert not fast_done.wait(0.2)
            assert catch_up(conn, store, (JOURNAL, BALANCES)) == {"journal_v1": 0, "balances_v1": 0}
        fast.join(5)
        assert catch_up(conn, store, (JOURNAL, BALANCES)) == {"journal_v1": 2, "balances_v1": 2}
        assert (clearing(conn), journal_positions(conn)) == (200, [1, 2])


def test_a_projector_that_follows_many_writers_takes_every_event_in_once(shard, conn):
    writers, each = 4, 60
    with ShardDatastore(shard, pool_size=writers + 2) as datastore:
        store = EventStore(PostgresRecorder(datastore, copy_from=8), Codec(EVENT_TYPES))

        def write(who: int) -> None:
            for turn in range(each):
                pay(store, who * 10_000 + turn * 20, 1 + turn % 12)

        threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            catch_up(conn, store, (JOURNAL, BALANCES), batch=50)
        catch_up(conn, store, (JOURNAL, BALANCES))
        expected = sum(total(who * 10_000 + turn * 20, 1 + turn % 12) for who in range(writers) for turn in range(each))
        assert clearing(conn) == expected
        assert journal_positions(conn) == list(range(1, store.head() + 1))


# --- death (I18) ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["run", "rebuild"])
def test_sums_are_right_after_many_deaths_between_rows_and_position(shard, store, conn, how):
    """F04: every projector is killed by SIGKILL after it wrote rows and before it could write the position."""
    pay(store, 0, 2_500)
    catch_up(conn, store, (JOURNAL, BALANCES))
    expected = digest(conn, BALANCES)
    pay(store, 2_500, 2_500)
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_projector.py"), shard.dsn, shard.schema, "40", how],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 20, "most of them must have died at their work"
    at = positions(conn, (BALANCES,))["balances_v1"]
    assert at > 2_500 or digest(conn, BALANCES) == expected
    assert clearing(conn) == total(0, at)
    catch_up(conn, store, (JOURNAL, BALANCES))
    assert clearing(conn) == total(0, 5_000)
    assert journal_positions(conn) == list(range(1, 5_001))


# --- poison ---------------------------------------------------------------------------------------------------------


def poisoned(position: int):
    """The payments projection, which cannot take in the payment that stands at one position."""

    def apply(writer, batch):
        if any(recorded.position == position for recorded in batch.events):
            raise ZeroDivisionError("no such payment")
        PAYMENTS.apply(writer, batch)

    return replace(PAYMENTS, apply=apply)


def test_a_poison_event_stops_its_projection_before_it_and_no_other(store, conn):
    pay(store, 0, 2_000)
    at = catch_up(conn, store, (JOURNAL, poisoned(1_234), BALANCES), batch=500)
    assert at == {"journal_v1": 2_000, "payments_v5": 1_233, "balances_v1": 2_000}
    assert conn.execute("SELECT count(*) FROM payments_v5").fetchone() == (1_233,)
    (alert,) = alerts(conn)
    assert (alert.name, alert.position, alert.event) == ("projection-stopped:payments_v5", 1_234, "payment-received")
    assert alert.error == "ZeroDivisionError: no such payment"


def test_a_stopped_projection_does_not_skip_however_often_it_is_run_and_goes_on_with_a_release_that_knows(store, conn):
    pay(store, 0, 50)
    for _ in range(3):
        assert catch_up(conn, store, (poisoned(20),))["payments_v5"] == 19
        pay(store, store.head(), 5)
    assert [alert.position for alert in alerts(conn)] == [20]
    assert catch_up(conn, store, (PAYMENTS,))["payments_v5"] == store.head()
    assert alerts(conn) == ()
    assert conn.execute("SELECT count(*) FROM payments_v5").fetchone() == (store.head(),)


def test_what_the_database_refuses_is_poison_too_and_leaves_no_row_of_the_event(store, conn):
    pay(store, 0, 30)
    ensure(conn, (PAYMENTS,))
    conn.execute("ALTER TABLE payments_v5 ADD CHECK (amount < 1020)")
    assert catch_up(conn, store, (PAYMENTS,))["payments_v5"] == 20
    (alert,) = alerts(conn)
    assert (alert.position, "CheckViolation" in alert.error) == (21, True)
    assert conn.execute("SELECT count(*) FROM payments_v5").fetchone() == (20,)


def test_an_event_that_this_release_does_not_know_stops_every_projection_before_it(store, conn, shard):
    pay(store, 0, 700)
    with ShardDatastore(shard) as datastore:
        newer = EventBatch(streams=["new"], versions=[1], topics=["from-the-future.1"], states=[b"{}"])
        with datastore.get_connection() as own:
            PostgresRecorder(datastore).append_on(own, newer, None)
    pay(store, 700, 5)
    at = catch_up(conn, store, (JOURNAL, BALANCES, PAYMENTS), batch=500)
    assert at == dict.fromkeys(("journal_v1", "balances_v1", "payments_v5"), 700)
    assert [(a.reader, a.position) for a in alerts(conn)] == [
        ("balances_v1", 701),
        ("journal_v1", 701),
        ("payments_v5", 701),
    ]
    assert "from-the-future.1" in alerts(conn)[0].error
    # The road over the log's own rows stops at the same place.
    assert catch_up(conn, store, (JOURNAL, BALANCES)) == {"journal_v1": 700, "balances_v1": 700}


def enrol(store: EventStore, number: int) -> None:
    event = MemberEnrolled(
        member_id=MemberId(f"M{number}"), unit_id=UnitId("C1"), enrolled_on=AT.date(), roster_order=number
    )
    store.append([StreamAppend(stream=f"member/M{number}", expected_version=0, events=(event,))], context(), b"")


def test_a_projection_that_names_its_events_passes_over_the_others_and_stops_before_its_own_poison(store, conn):
    sizes, poison = [], 0

    def apply(writer, batch):
        sizes.append((batch.until - batch.after, len(batch.events)))
        assert all(recorded.position != poison for recorded in batch.events)
        MEMBER_UNITS.apply(writer, batch)

    named = replace(MEMBER_UNITS, apply=apply)
    pay(store, 0, 700)
    enrol(store, 1)
    pay(store, 700, 20)
    assert catch_up(conn, store, (named,), batch=50) == {"member_units_v1": 721}
    assert sizes == [(721, 1)]
    enrol(store, 2)
    enrol(store, 3)
    pay(store, 720, 10)
    poison = 723
    assert catch_up(conn, store, (named,), batch=50) == {"member_units_v1": 722}
    assert [(a.reader, a.position, a.event) for a in alerts(conn)] == [("member_units_v1", 723, "member-enrolled")]
    assert conn.execute("SELECT member_id FROM member_units_v1 ORDER BY 1").fetchall() == [("M1",), ("M2",)]
    assert catch_up(conn, store, (MEMBER_UNITS,)) == {"member_units_v1": 733}
    assert alerts(conn) == ()


def test_nobody_decides_on_books_that_stand_still(store, conn, shard):
    pay(store, 0, 10)
    ensure(conn, (BALANCES,))
    conn.execute("ALTER TABLE balances_v1 ADD CHECK (abs(amount) < 3000)")
    with pytest.raises(ProjectionStopped, match="projection-stopped:balances_v1"):
        SqlBooks(shard.connect, store).catch_up()


def test_a_lost_database_is_not_taken_for_a_poison_event(store, conn, shard):
    pay(store, 0, 10)

    def apply(writer, batch):
        with shard.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (writer.conn.info.backend_pid,))
        PAYMENTS.apply(writer, batch)

    with shard.connect() as own, pytest.raises(psycopg.OperationalError):
        catch_up(own, store, (replace(PAYMENTS, apply=apply),))
    assert alerts(conn) == ()
    assert catch_up(conn, store, (PAYMENTS,))["payments_v5"] == 10


def test_a_hole_in_the_log_is_refused_and_not_read_over(store, conn):
    pay(store, 0, 20)
    conn.execute("ALTER TABLE events DISABLE TRIGGER append_only")
    conn.execute("DELETE FROM events WHERE notification_id = 7")
    for projections in ((JOURNAL, BALANCES), (JOURNAL, PAYMENTS)):
        with pytest.raises(LogGap):
            catch_up(conn, store, projections)


def test_the_batches_are_of_the_size_that_was_measured():
    assert 500 <= BATCH <= 5_000


def test_a_stopped_projection_costs_one_try_of_one_event_a_run(store, conn):
    pay(store, 0, 600)
    catch_up(conn, store, (poisoned(300),))
    noted = alerts(conn)
    sizes = []

    def apply(writer, batch):
        sizes.append(len(batch))
        poisoned(300).apply(writer, batch)

    assert catch_up(conn, store, (replace(PAYMENTS, apply=apply),))["payments_v5"] == 299
    assert sizes == [1]
    assert alerts(conn) == noted


def test_there_are_no_alerts_before_the_first_run(conn):
    assert alerts(conn) == ()
