"""Many events at once: by arrays and by COPY the same rows, all or none, and no size at which a save
hangs.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import ShardDatastore
from ledger.ports import CommandRow, EventBatch

INSTANT = datetime(2026, 7, 1, 1, 2, 3, 456789, tzinfo=UTC)


def command(at: datetime = INSTANT) -> CommandRow:
    return CommandRow(command_id=uuid4(), name="assess", request_digest="d", answer=b"ok", actor="o-1", recorded_at=at)


def batch(count: int, size: int = 200, prefix: str = "dues") -> EventBatch:
    return EventBatch(
        streams=[f"{prefix}/thành viên {number:06}/2026" for number in range(count)],
        versions=[1] * count,
        topics=["dues-assessed.1" if number % 2 else "đã-xong.2" for number in range(count)],
        states=[f"{number}".encode() + bytes(range(256)) * (size // 256) for number in range(count)],
    )


@pytest.fixture(params=["arrays", "copy"])
def recorder(request, datastore):
    return PostgresRecorder(datastore, copy_from=1 if request.param == "copy" else 1_000_000)


def test_five_thousand_events_are_read_back_as_they_were_given(recorder):
    given = batch(5_000, size=512)
    stored, is_new = recorder.append(given, command())
    assert is_new
    assert (stored.first_position, stored.last_position, stored.event_count) == (1, 5_000, 5_000)
    rows = recorder.select_rows(0, 10_000, ())
    assert [(r.position, r.stream, r.version, r.topic, r.state, r.recorded_at) for r in rows] == [
        (number, stream, version, topic, state, INSTANT)
        for number, (stream, version, topic, state) in enumerate(
            zip(given.streams, given.versions, given.topics, given.states, strict=True), 1
        )
    ]


def test_time_is_exact_to_the_microsecond_also_before_the_epoch_of_postgresql(recorder):
    early = datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC)
    for at in (early, early + timedelta(microseconds=1), INSTANT):
        stored, _ = recorder.append(batch(1, prefix=at.isoformat()), command(at))
        assert stored.recorded_at == at
    assert [row.recorded_at for row in recorder.select_rows(0, 10, ())][::2] == [early, INSTANT]


@pytest.mark.parametrize(("count", "size"), [(4_000, 512), (100, 10_240), (1, 3_000_000)])
def test_a_save_far_above_a_megabyte_does_not_hang(recorder, count, size):
    """The library's own recorder hangs for ever at these sizes, holding its lock (engine §1.2, hazard 1)."""
    recorder.append(batch(count, size), command())
    assert recorder.max_notification_id() == count


def test_one_taken_version_refuses_the_whole_batch(recorder):
    recorder.append(batch(10), command())
    late = command()
    clash = batch(3_000)
    with pytest.raises(IntegrityError):
        recorder.append(clash, late)
    assert recorder.max_notification_id() == 10
    assert recorder.select_command(late.command_id) is None
    # The connection is sound and the next positions follow without a gap.
    stored, _ = recorder.append(batch(5, prefix="next"), command())
    assert stored.first_position == 11


def test_a_batch_grows_streams_that_exist_when_every_guard_holds(recorder):
    recorder.append(batch(2_000), command())
    first = batch(2_000)
    grown = EventBatch(
        streams=first.streams,
        versions=[2] * 2_000,
        topics=first.topics,
        states=first.states,
        guards=[(stream, 1) for stream in first.streams],
    )
    recorder.append(grown, command())
    with pytest.raises(IntegrityError, match="is at version 2, expected 1"):
        recorder.append(
            EventBatch(
                streams=first.streams,
                versions=[3] * 2_000,
                topics=first.topics,
                states=first.states,
                guards=[*((stream, 2) for stream in first.streams[:-1]), (first.streams[-1], 1)],
            ),
            command(),
        )
    assert recorder.max_notification_id() == 4_000


def test_the_way_is_chosen_by_the_number_of_rows(shard):
    with ShardDatastore(shard) as datastore:
        recorder = PostgresRecorder(datastore, copy_from=10)
        recorder.append(batch(9, prefix="few"), command())
        recorder.append(batch(10, prefix="many"), command())
        assert recorder.max_notification_id() == 19
