"""The embedded server: shared by processes, adopted after a kill, recovered after a kill; nothing acknowledged lost.

Each test works on a data folder of its own kind, since it kills the server that lies there.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from adapters.postgres import server
from adapters.postgres.migrate import migrate
from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from ledger.store import CommandContext, EventStore, StoreUnavailable, StreamAppend
from tests.sample_events import CODEC, Opened

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder():
    # Not below pytest's own folder: it is private to the user, and a server started by root runs as another.
    made = Path(tempfile.mkdtemp(prefix="dangphi-server-"))
    yield made / "not-yet-there" / "data"
    server.stop(made / "not-yet-there" / "data")
    shutil.rmtree(made)


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def answers(dsn: str) -> bool:
    with psycopg.connect(dsn) as conn:
        return conn.execute("SELECT 1").fetchone() == (1,)


def in_another_process(folder: Path, then: str) -> subprocess.Popen:
    """Start the server there, print a line, then do something."""
    code = (
        "import os, pathlib, signal, sys, time\n"
        "from adapters.postgres import server\n"
        f"server.start(pathlib.Path({str(folder)!r}))\n"
        f"print('started', flush=True)\n{then}\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    return process


def finish(process: subprocess.Popen) -> None:
    process.wait(20)
    process.stdout.close()


def test_starting_creates_the_folders_and_stopping_stops(folder):
    dsn = server.start(folder)
    assert answers(dsn)
    assert server.start(folder) == dsn, "starting twice is starting once"
    assert server.stop(folder) is True
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    assert server.stop(folder) is False


def test_a_server_left_by_a_killed_application_is_adopted_and_then_stopped(folder):
    finish(in_another_process(folder, "os.kill(os.getpid(), signal.SIGKILL)"))
    left = postmaster(folder)
    assert answers(server.start(folder))
    assert postmaster(folder) == left, "the same server, not a second one"
    assert server.stop(folder) is True


def test_the_server_lives_until_the_last_process_that_uses_it_stops(folder):
    dsn = server.start(folder)
    other = in_another_process(folder, f"input(); server.stop(pathlib.Path({str(folder)!r}))")
    assert server.stop(folder) is False
    assert answers(dsn)
    other.kill()
    finish(other)
    assert answers(server.start(folder))
    assert server.stop(folder) is True


def test_a_killed_server_is_recovered_by_the_next_start(folder):
    dsn = server.start(folder)
    name = f"t_{uuid4().hex[:8]}"
    mine = server.create_database(dsn, name)
    assert server.create_database(dsn, name) == mine, "creating twice is creating once"
    with psycopg.connect(mine) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(folder), signal.SIGKILL)
    assert server.start(folder) == dsn
    with psycopg.connect(mine) as conn:
        assert conn.execute("SELECT answer FROM kept").fetchone() == (42,)
    server.drop_database(dsn, name)
    server.drop_database(dsn, name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(mine)
    server.stop(folder)


def test_a_pid_file_that_now_names_another_process_is_no_obstacle(folder):
    """A container that restarts gives old numbers to new processes."""
    server.start(folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop(folder)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert answers(server.start(folder))
    server.stop(folder)


def test_a_first_start_that_was_killed_half_way_is_made_good_by_the_next(folder):
    half = folder.parent / "half"
    (half / "postgres").mkdir(parents=True)
    (half / "postgres" / "PG_VERSION").write_text("18\n")
    (half / "initialising").touch()
    assert answers(server.start(half))
    assert server.stop(half) is True
    assert answers(server.start(half)), "and what is finished is kept"
    assert server.stop(half) is True


def test_a_server_that_cannot_start_says_where_and_what_to_do():
    broken = Path(tempfile.mkdtemp(prefix="dangphi-broken-"))
    try:
        (broken / "postgres").mkdir()
        (broken / "postgres" / "PG_VERSION").write_text("18\n")
        (broken / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
        with pytest.raises(server.ServerCannotStart, match="DANGPHI_DATABASE_URL") as refused:
            server.start(broken)
        assert str(broken) in str(refused.value)
        assert server.stop(broken) is False
    finally:
        shutil.rmtree(broken)


def test_the_data_lies_where_the_user_or_root_expects_it():
    assert server.default_data_dir({}, is_root=True) == Path("/var/lib/dangphi")
    assert server.default_data_dir({"HOME": "/home/an"}, is_root=False) == Path("/home/an/.local/state/dangphi")
    environ = {"HOME": "/home/an", "XDG_STATE_HOME": "/state"}
    assert server.default_data_dir(environ, is_root=False) == Path("/state/dangphi")


def _context(command_id):
    return CommandContext(
        command_id=command_id,
        name="open",
        request_digest="d",
        recorded_at=datetime.now(UTC),
        actor="o-1",
        role="accountant",
        unit="VH",
        action="open",
    )


def _appends(command_id):
    # Five events over two streams: a part of them would be seen.
    events = (Opened(title="x"),) * 5
    return [
        StreamAppend(stream=f"{command_id}/a", expected_version=0, events=events[:2]),
        StreamAppend(stream=f"{command_id}/b", expected_version=0, events=events[2:]),
    ]


def test_no_acknowledged_command_is_lost_when_the_server_is_killed_under_four_writers(folder):
    """I26, I27: after each kill every acknowledged command is there, whole, and every unknown one can be settled."""
    dsn = server.start(folder)
    shard = Shard(dsn=server.create_database(dsn, "killed"), schema="s")
    migrate(shard)
    acknowledged, unknown = [], []
    stopping = threading.Event()

    def write(number):
        # Two of the writers COPY, two send arrays; they retry through the restart and are impatient at its end.
        with ShardDatastore(shard, pool_size=1, connect_timeout=1) as datastore:
            recorder = PostgresRecorder(datastore, copy_from=1 if number % 2 else 1_000)
            store = EventStore(recorder, CODEC, waits=(0.05,) * 5)
            while not stopping.is_set():
                command_id = uuid4()
                try:
                    store.append(_appends(command_id), _context(command_id), b"ok")
                    acknowledged.append(command_id)
                except StoreUnavailable:
                    unknown.append(command_id)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    kills = 3
    for _ in range(kills):
        time.sleep(0.5)
        os.kill(postmaster(folder), signal.SIGKILL)
        assert server.start(folder) == dsn
    time.sleep(0.3)
    stopping.set()
    for thread in threads:
        thread.join()

    with ShardDatastore(shard) as datastore:
        store = EventStore(PostgresRecorder(datastore), CODEC)
        for command_id in unknown:
            store.append(_appends(command_id), _context(command_id), b"ok")
        log = store.read(0, 1_000_000)
    counts = {}
    for row in log:
        counts[row.meta.command_id] = counts.get(row.meta.command_id, 0) + 1
    assert len(acknowledged) > 20 * kills
    assert set(counts) == {*acknowledged, *unknown}
    assert set(counts.values()) == {5}, "all of a command or nothing"
    instants = [row.recorded_at for row in log]
    assert instants == sorted(instants)
    server.stop(folder)
