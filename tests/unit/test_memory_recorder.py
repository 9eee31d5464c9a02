"""The indexes of the log in memory answer as a walk over the whole log would."""

from datetime import UTC, datetime

from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.recorder import MemoryRecorder
from ledger.ports import StoredRow

NOW = datetime(2026, 7, 1, tzinfo=UTC)
STREAMS, TOPICS = ("a", "b", "c"), ("x:1", "y:1", "z:1")
_EVENTS = st.lists(st.tuples(st.sampled_from(STREAMS), st.sampled_from(TOPICS)), max_size=25)


def log(events: list[tuple[str, str]]) -> tuple[MemoryRecorder, list[StoredRow]]:
    """A recorder and its rows, written down beside it."""
    recorder, rows, versions = MemoryRecorder(), [], dict.fromkeys(STREAMS, 0)
    for position, (stream, topic) in enumerate(events, start=1):
        versions[stream] += 1
        event = StoredEvent(
            originator_id=stream, originator_version=versions[stream], topic=topic, state=str(position).encode()
        )
        recorder.insert_events([event], recorded_at=NOW)
        rows.append(StoredRow(position, stream, versions[stream], topic, event.state, NOW))
    return recorder, rows


@given(_EVENTS, st.integers(0, 30), st.integers(1, 30), st.sets(st.sampled_from((*TOPICS, "unknown"))))
def test_rows_by_topic_are_those_of_a_walk(
    events: list[tuple[str, str]], after: int, limit: int, topics: set[str]
) -> None:
    recorder, rows = log(events)
    wanted = [row for row in rows if row.position > after and (not topics or row.topic in topics)]
    assert list(recorder.select_rows(after, limit, tuple(topics))) == wanted[:limit]


@given(_EVENTS, st.lists(st.sampled_from((*STREAMS, "unknown")), max_size=4), st.sets(st.sampled_from(TOPICS)))
def test_rows_by_stream_are_those_of_a_walk(
    events: list[tuple[str, str]], streams: list[str], topics: set[str]
) -> None:
    recorder, rows = log(events)
    wanted = [row for row in rows if row.stream in streams and (not topics or row.topic in topics)]
    assert list(recorder.select_stream_rows(streams, tuple(topics))) == wanted
