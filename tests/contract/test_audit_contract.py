"""The log and the commands as a check reads them: everything, in order, faults included."""

import uuid
from datetime import UTC, datetime

from ledger.ports import CommandRow, EventBatch
from ledger.store import EventStore, Recorded, StreamAppend, Unreadable
from tests.integration.test_store_idempotence import context
from tests.sample_events import CODEC, Opened


def _row(command_id: uuid.UUID) -> CommandRow:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return CommandRow(command_id=command_id, name="n", request_digest="d", answer=b"{}", actor="a", recorded_at=at)


def test_commands_come_in_the_order_of_their_ids_in_pieces_and_each_once(recorder):
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, str(number)) for number in range(7)]
    for command_id in ids:
        recorder.append(EventBatch(streams=[], versions=[], topics=[], states=[]), _row(command_id))
    store = EventStore(recorder, CODEC)
    assert [command.command_id for command in store.commands(batch=3)] == sorted(ids)
    assert [command.command_id for command in store.commands()] == sorted(ids)


def test_an_audit_reads_the_same_events_as_everyone_else(recorder):
    store = EventStore(recorder, CODEC)
    events = (Opened(title="1"), Opened(title="2"))
    store.append([StreamAppend(stream="a", expected_version=0, events=events)], context(), b"answer")
    assert store.audit(0, 10) == store.read(0, 10)
    assert [item.position for item in store.audit(1, 10)] == [2]


def test_an_audit_names_bytes_and_topics_that_are_no_event_and_goes_on(recorder):
    store = EventStore(recorder, CODEC)
    store.append([StreamAppend(stream="a", expected_version=0, events=(Opened(title="1"),))], context(), b"answer")
    damaged = EventBatch(
        streams=["a", "a", "a", "a"],
        versions=[2, 3, 4, 5],
        topics=["opened.1", "opened.1", "opened.9", "counted.1"],
        states=[b"\xff", b"{}", b"{}", b'{"meta":{},"data":{}}'],
        guards=[("a", 1)],
    )
    recorder.append(damaged, _row(uuid.uuid4()))
    found = store.audit(0, 10)
    assert [type(item) for item in found] == [Recorded, *[Unreadable] * 4]
    assert [item.position for item in found] == [1, 2, 3, 4, 5]
    assert all(item.problem for item in found if isinstance(item, Unreadable))
