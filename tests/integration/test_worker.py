"""The worker of a shard: one at a time, nothing twice after a crash, nothing lost in an outage."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adapters.postgres.only_one import OnlyOne
from api.flows.notices import keep_raw, work_off_inbox
from api.rails import bin_of
from api.wiring import in_memory
from api.worker import Worker
from ledger.ports import Inbox
from tests.acceptance.front_door import FrontDoor, SetClock, opened, paid
from tests.acceptance.story import settings
from tests.conftest import ShardMaker


@pytest.fixture
def door(new_shard: ShardMaker) -> Iterator[FrontDoor]:
    with opened(new_shard) as front:
        yield front


def told(door: FrontDoor, count: int = 1) -> None:
    """So many paid notifications wait in the inbox."""
    for number in range(count):
        attempt = door.attempt("A1" if number % 2 == 0 else "A2")
        door.notify(paid(attempt["reference"], attempt["amount"], f"GD{number}"))


def payments(door: FrontDoor) -> int:
    return len(door.inst.store.read(0, 100_000, ("payment-received",)))


def worker(door: FrontDoor) -> Worker:
    return Worker(door.inst, door.clock, lambda: None, OnlyOne(door.inst.shard, "worker"))


def test_two_workers_never_work_at_once_and_the_second_takes_over(door):
    one, two = worker(door), worker(door)
    assert one.run_once() is not None
    told(door)
    assert two.run_once() is None
    assert payments(door) == 0
    one.stop()
    assert two.run_once() is not None
    assert payments(door) == 1
    two.stop()


def test_a_lock_whose_session_died_is_taken_again(door):
    lock, other = OnlyOne(door.inst.shard, "worker"), OnlyOne(door.inst.shard, "worker")
    assert lock.held()
    with door.inst.shard.connect() as conn:
        conn.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.pid = %s",
            (lock._conn.info.backend_pid,),
        )
    assert not lock.held(), "it notices that it lost the lock"
    assert lock.held(), "and takes it again"
    assert not other.held()
    lock.release()
    other.release()


@dataclass
class FailsToMark:
    """The process dies after recording and before marking."""

    inbox: Inbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inbox, name)

    def mark_processed(self, ids: Sequence[int], position: int) -> None:
        raise KeyboardInterrupt


def test_a_worker_that_dies_between_recording_and_marking_doubles_nothing(door):
    told(door, 3)
    with pytest.raises(KeyboardInterrupt):
        work_off_inbox(replace(door.inst, inbox=FailsToMark(door.inst.inbox)), door.clock.now())
    head = door.inst.store.head()
    assert (payments(door), door.inst.inbox.state().waiting) == (3, 3)
    assert work_off_inbox(door.inst, door.clock.now()).taken == 3
    assert (door.inst.store.head(), door.inst.inbox.state().waiting) == (head, 0)


def test_the_same_messages_in_other_batches_double_nothing_either(door):
    told(door, 4)
    with pytest.raises(KeyboardInterrupt):
        work_off_inbox(replace(door.inst, inbox=FailsToMark(door.inst.inbox)), door.clock.now(), 4)
    head = door.inst.store.head()
    for _ in range(2):
        assert work_off_inbox(door.inst, door.clock.now(), 2).outcomes == {"known": 2}
    assert (payments(door), door.inst.store.head()) == (4, head)


def test_the_thread_works_off_what_comes_and_ends_when_told(door):
    running = worker(door)
    running.start()
    try:
        told(door)
        deadline = time.monotonic() + 10
        while payments(door) == 0 and time.monotonic() < deadline:
            running.wake()
            time.sleep(0.02)
    finally:
        running.stop()
    assert payments(door) == 1


def test_what_was_parked_gets_another_chance_when_a_worker_starts(door):
    told(door)
    door.inst.inbox.park(1, "thử", door.clock.now())
    first = worker(door)
    assert first.run_once() is not None
    first.stop()
    assert payments(door) == 0
    test_the_thread_works_off_what_comes_and_ends_when_told(door)
    assert door.inst.inbox.state().parked == 0


def test_messages_wait_until_the_tree_is_registered():
    inst, now = in_memory(settings()), SetClock().now()
    assert keep_raw(inst, "portal", paid("HJQPM5YNFT97", 50_000, "GD1"), {}, now).answer.status == 200
    assert work_off_inbox(inst, now).taken == 0
    assert inst.inbox.state().waiting == 1


@pytest.mark.parametrize(
    ("name", "bin_"),
    [("Vietcombank", "970436"), ("VCB", "970436"), (" vietcombank ", "970436"), ("BIDV", "970418"), ("Không có", None)],
)
def test_a_bank_is_known_by_any_of_its_names(name, bin_):
    assert bin_of(name) == bin_
