"""What the store makes of errors whose outcome is unknown, over a recorder that behaves as the library's does.

The library's recorder repeats a save after a lost connection by itself and then meets its own rows: a save that was
committed comes back as IntegrityError (reliability §1.2). Ours looks for the command first, but the store does not
rely on it.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, OperationalError

from adapters.memory.recorder import MemoryRecorder
from ledger.store import CommandContext, EventStore, StoreUnavailable, StreamAppend, VersionMoved
from tests.sample_events import CODEC, Opened


class LosesReplies(MemoryRecorder):
    """Really records; then the given errors, one after another, stand in for the reply."""

    def __init__(self, *errors):
        super().__init__()
        self.errors = list(errors)

    def append(self, batch, command):
        answer = super().append(batch, command)
        if self.errors:
            raise self.errors.pop(0)
        return answer


def context():
    return CommandContext(
        command_id=uuid4(),
        name="open",
        request_digest="d",
        recorded_at=datetime(2026, 7, 1, tzinfo=UTC),
        actor="o-1",
        role="accountant",
        unit="VH",
        action="open",
    )


APPENDS = [StreamAppend(stream="a", expected_version=0, events=(Opened(title="x"),))]


@pytest.mark.parametrize(
    "errors",
    [
        [IntegrityError("met its own row")],
        [OperationalError("lost")],
        [OperationalError("lost"), IntegrityError("met its own row")],
    ],
)
def test_a_save_that_was_committed_is_answered_whatever_error_came_back(errors):
    recorder = LosesReplies(*errors)
    store = EventStore(recorder, CODEC, sleep=lambda _: None)
    done = store.append(APPENDS, context(), b"answer")
    assert (done.answer, done.replayed, store.head()) == (b"answer", True, 1)


def test_a_version_that_someone_else_took_is_told_apart_from_one_s_own():
    store = EventStore(LosesReplies(), CODEC)
    store.append(APPENDS, context(), b"")
    with pytest.raises(VersionMoved):
        store.append(APPENDS, context(), b"")


def test_the_store_waits_between_attempts_and_gives_up_in_the_end():
    waited = []
    recorder = LosesReplies(*[OperationalError("lost")] * 9)
    store = EventStore(recorder, CODEC, waits=(0.1, 0.2), sleep=waited.append)
    with pytest.raises(StoreUnavailable):
        store.append(APPENDS, context(), b"")
    assert waited == [0.1, 0.2]
    assert len(recorder.errors) == 6, "three attempts"
