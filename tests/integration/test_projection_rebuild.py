"""Rebuilding: beside the tables that serve, while appends go on, resumable, and swapped in one transaction."""

import threading
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from api.cli import rebuild as cli
from api.cli.main import COMMANDS
from domain.errors import Malformed
from projections.all import PROJECTIONS
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.moment import one_moment
from projections.payments import PAYMENTS
from projections.rebuild import RebuildRunning, abandon, rebuild
from projections.runner import catch_up, digest, positions
from projections.tracking import Progress
from tests.acceptance.tree import settings
from tests.projection_log import pay, store_on, total


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


def tables(conn) -> set[str]:
    rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    return {name for (name,) in rows}


def test_a_rebuild_mends_rows_that_somebody_changed(store, conn):
    pay(store, 0, 500)
    catch_up(conn, store, (BALANCES,))
    right = digest(conn, BALANCES)
    conn.execute("UPDATE balances_v1 SET amount = amount + 1")
    assert digest(conn, BALANCES) != right
    done = rebuild(conn, store, BALANCES, batch=70)
    assert (done.digest, done.position, done.resumed_from) == (right, 500, 0)
    assert digest(conn, BALANCES) == right
    assert "balances_v1_next" not in tables(conn)
    assert conn.execute("SELECT application_name FROM tracking").fetchall() == [("balances_v1",)]


def test_a_projection_that_was_never_run_can_be_rebuilt(store, conn):
    pay(store, 0, 10)
    assert rebuild(conn, store, JOURNAL).position == 10
    assert catch_up(conn, store, (JOURNAL,)) == {"journal_v1": 10}


def test_it_can_be_rebuilt_again_and_again(store, conn):
    pay(store, 0, 10)
    assert len({rebuild(conn, store, JOURNAL).digest for _ in range(4)}) == 1
    (count,) = conn.execute("SELECT count(*) FROM pg_index WHERE indrelid = 'journal_v1'::regclass").fetchone()
    assert count == 1 + len(JOURNAL.tables[0].indexes)


def test_progress_is_told_from_the_first_batch_to_the_head(store, conn):
    pay(store, 0, 100)
    told: list[Progress] = []
    rebuild(conn, store, BALANCES, told.append, batch=40)
    assert [(p.reader, p.position, p.head) for p in told] == [
        ("balances_v1_next", 40, 100),
        ("balances_v1_next", 80, 100),
        ("balances_v1_next", 100, 100),
        ("balances_v1", 100, 100),
    ]


def test_the_old_rows_serve_while_appends_go_on_and_the_new_ones_miss_nothing(store, conn, shard):
    """Readers always find the table, with as many rows as its position says, and the sums never fall."""
    pay(store, 0, 4_000)
    catch_up(conn, store, (BALANCES,))
    over = threading.Event()
    seen: list[tuple[int, int]] = []
    failures: list[BaseException] = []

    def guarded(work):
        def run():
            try:
                work()
            except BaseException as error:  # The test reports whatever a thread met.
                failures.append(error)

        return threading.Thread(target=run)

    def append():
        number = 4_000
        while not over.is_set() and number < 9_000:
            pay(store, number, 50)
            number += 50

    def follow():
        with shard.connect() as own:
            while not over.is_set():
                catch_up(own, store, (BALANCES,), batch=200)

    def look():
        with shard.connect() as own:
            while not over.is_set():
                with one_moment(own):
                    seen.append((clearing(own), positions(own, (BALANCES,))["balances_v1"]))

    threads = [guarded(append), guarded(follow), guarded(look)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        rebuild(conn, store, BALANCES, batch=300)
    over.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(seen) > 20
    assert all(amount == total(0, position) for amount, position in seen)
    assert seen == sorted(seen)
    catch_up(conn, store, (BALANCES,))
    assert clearing(conn) == total(0, store.head())
    assert digest(conn, BALANCES) == rebuild(conn, store, BALANCES).digest


def interrupted(after: int):
    """The balances, whose rebuild breaks off after some batches."""
    left = [after]

    def apply(writer, batch):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        BALANCES.apply(writer, batch)

    return replace(BALANCES, apply=apply)


def test_a_rebuild_that_was_broken_off_goes_on_where_it_stopped(store, conn):
    pay(store, 0, 1_000)
    catch_up(conn, store, (BALANCES,))
    before = digest(conn, BALANCES)
    with pytest.raises(KeyboardInterrupt):
        rebuild(conn, store, interrupted(3), batch=100)
    assert digest(conn, BALANCES) == before, "the old rows still serve"
    pay(store, 1_000, 10)
    done = rebuild(conn, store, BALANCES, batch=100)
    assert (done.resumed_from, done.position) == (300, 1_010)
    assert clearing(conn) == total(0, 1_010)


def test_what_a_broken_rebuild_left_can_be_thrown_away(store, conn):
    pay(store, 0, 1_000)
    with pytest.raises(KeyboardInterrupt):
        rebuild(conn, store, interrupted(3), batch=100)
    assert rebuild(conn, store, BALANCES, start_over=True).resumed_from == 0
    with pytest.raises(KeyboardInterrupt):
        rebuild(conn, store, interrupted(3), batch=100)
    assert abandon(conn, BALANCES)
    assert not abandon(conn, BALANCES)
    assert "balances_v1_next" not in tables(conn)
    assert clearing(conn) == total(0, 1_000)


def test_two_rebuilds_of_one_projection_do_not_mix(store, conn, shard):
    pay(store, 0, 300)
    entered, go_on = threading.Event(), threading.Event()

    def apply(writer, batch):
        entered.set()
        assert go_on.wait(10)
        BALANCES.apply(writer, batch)

    def first():
        with shard.connect() as own:
            rebuild(own, store, replace(BALANCES, apply=apply))

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    with pytest.raises(RebuildRunning, match="balances"):
        rebuild(conn, store, BALANCES)
    assert rebuild(conn, store, JOURNAL).position == 300, "another projection is not held up"
    go_on.set()
    thread.join()
    assert rebuild(conn, store, BALANCES).position == 300


def test_the_swap_waits_for_whoever_is_reading_and_reads_of_one_moment_stay_whole(store, conn, shard):
    pay(store, 0, 100)
    catch_up(conn, store, (BALANCES, PAYMENTS))
    swapped = threading.Event()

    def other():
        with shard.connect() as own:
            rebuild(own, store, BALANCES)
        swapped.set()

    with one_moment(conn):
        before = clearing(conn)
        thread = threading.Thread(target=other)
        thread.start()
        assert not swapped.wait(0.3)
        pay(store, 100, 50)
        assert clearing(conn) == before == total(0, 100)
    assert swapped.wait(10)
    thread.join()
    # What was appended while the swap waited is in the new rows.
    assert clearing(conn) == total(0, 150)


def test_shards_are_rebuilt_apart(new_shard):
    one, two = new_shard(), new_shard()
    with store_on(one) as first, store_on(two) as second, one.connect() as here, two.connect() as there:
        pay(first, 0, 40)
        pay(second, 0, 70)
        for conn, store, head in ((here, first, 40), (there, second, 70)):
            assert set(catch_up(conn, store, PROJECTIONS).values()) == {head}
        with one_moment(there):
            # A reading of one shard holds up no rebuild of another.
            assert rebuild(here, first, BALANCES).position == 40
        assert (clearing(here), clearing(there)) == (total(0, 40), total(0, 70))


# --- the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def environment(shard, monkeypatch):
    chosen = settings()
    for name, value in {
        "DANGPHI_DATABASE_URL": shard.dsn,
        "DANGPHI_SCHEMA": shard.schema,
        "DANGPHI_REFERENCE_KEY": chosen.reference_key.hex(),
        "DANGPHI_VAULT_KEY": chosen.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": "P",
        "DANGPHI_PORTAL_SECRET": "secret",
        "DANGPHI_TOP_UNIT": "HP",
    }.items():
        monkeypatch.setenv(name, value)


def test_the_command_rebuilds_what_is_named_and_tells_it_as_json(store, conn, environment):
    pay(store, 0, 25)
    done = CliRunner().invoke(cli.app, ["balances", "journal", "--json"])
    assert done.exit_code == 0, done.output
    assert '"reader": "journal_v1", "resumed_from": 0, "position": 25' in done.output
    assert set(positions(conn, PROJECTIONS)) == {"journal_v1", "balances_v1"}


def test_the_command_without_names_rebuilds_everything(store, conn, environment):
    pay(store, 0, 5)
    done = CliRunner().invoke(cli.app, [])
    assert done.exit_code == 0, done.output
    assert set(positions(conn, PROJECTIONS).values()) == {5}
    assert "audit_trail_v1: đến vị trí 5" in done.output


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(Malformed, match="không có bảng đọc nosuch; các bảng đọc: units, journal"):
        cli.chosen(["journal", "nosuch"])


def test_the_command_is_in_the_table_of_commands():
    assert COMMANDS["rebuild"].target == "api.cli.rebuild:app"
