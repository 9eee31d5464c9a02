"""``kill -9`` of a running import: all of the file is in or nothing of it, and running it again completes it (I27)."""

import random
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess

import psycopg
import pytest

from api.demo.settings import EXAMPLE
from tests.acceptance.office_desk import SCENARIO, Desk, Rows, copied, environment, played
from tests.integration.killable import start

_ACCOUNTANT = ("--as", "VH-KT1", "--at", "2026-07-31T20:00")

#: The import, and the last step of the story before it.
IMPORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "statement": (
        "Nộp tiền mặt vào ngân hàng hoặc bàn giao thủ quỹ đơn vị giữ hộ",
        ("collect", "statement", "sao-ke/2026-07-31-phuong/ward.xml", *_ACCOUNTANT),
    ),
    "roster": (
        "Thành ủy nhập số dư đầu kỳ",
        ("import", "roster", "danh-sach-dang-vien-co-quan.csv", "--unit", "31.001", *_ACCOUNTANT),
    ),
}
_ROUNDS = 3


@pytest.fixture(scope="module", params=IMPORTS)
def before(request: pytest.FixtureRequest, postgres_server: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A database as it is before the import, and the import."""
    last, command = IMPORTS[request.param]
    with played(postgres_server, last) as dsn:
        yield dsn, command


def begin(dsn: str, command: tuple[str, ...]) -> ForkServerProcess:
    """The import in a process of its own."""
    given = [str(EXAMPLE / part) if (EXAMPLE / part).is_file() else part for part in command]
    return start(environment(SCENARIO.settings, dsn), given)


def complete(dsn: str, command: tuple[str, ...]) -> float:
    """Run the import to its end; how long it took, in seconds."""
    began = time.monotonic()
    process = begin(dsn, command)
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - began


def log(rows: Rows) -> tuple[int, int]:
    """How many events and commands there are."""
    return rows["events"][0], rows["commands"][0]


def after(seconds: float) -> Callable[[str, ForkServerProcess], None]:
    """Wait so long."""

    def wait(dsn: str, process: ForkServerProcess) -> None:
        process.join(seconds)

    return wait


def while_writing(times: int) -> Callable[[str, ForkServerProcess], None]:
    """Wait until a transaction that writes was seen so many times."""

    def wait(dsn: str, process: ForkServerProcess) -> None:
        seen = 0
        with psycopg.connect(dsn, autocommit=True) as conn:
            while seen < times and process.is_alive():
                row = conn.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
                ).fetchone()
                seen += row is not None and row[0] > 0

    return wait


def test_a_killed_import_left_all_or_nothing_and_completes_when_it_is_run_again(
    before: tuple[str, tuple[str, ...]], postgres_server: str
) -> None:
    dsn, command = before
    rng = random.Random(20260731)
    nothing = log(Desk(dsn).rows())
    took = 0.0
    everything = nothing
    # The first run starts the server that forks; the second is measured.
    for _ in range(2):
        with copied(postgres_server, dsn) as whole:
            took = complete(whole, command)
            everything = log(Desk(whole).rows())
    assert everything[0] > nothing[0]
    moments = [after(took * rng.uniform(0.2, 1)) for _ in range(_ROUNDS)]
    moments += [while_writing(rng.randint(1, 40)) for _ in range(_ROUNDS)]
    killed = 0
    for moment in moments:
        with copied(postgres_server, dsn) as copy:
            process = begin(copy, command)
            moment(copy, process)
            process.kill()
            process.join()
            killed += process.exitcode == -9
            assert log(Desk(copy).rows()) in (nothing, everything)
            complete(copy, command)
            assert log(Desk(copy).rows()) == everything
    assert killed >= _ROUNDS, "most of the processes should have been caught at work"
