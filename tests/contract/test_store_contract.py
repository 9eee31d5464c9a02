"""What the event store promises, over every recorder: streams, versions, commands, order, time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.errors import Refusal, RefusalCode
from ledger.codec import Codec, UnknownEvent
from ledger.store import CommandContext, EventStore, StreamAppend, VersionMoved
from tests.sample_events import CODEC, Counted, Opened, Part

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)


@pytest.fixture
def store(recorder):
    return EventStore(recorder, CODEC, waits=())


def context(command_id: UUID | None = None, *, at: datetime = NOON, digest: str = "d1") -> CommandContext:
    return CommandContext(
        command_id=command_id or uuid4(),
        name="open",
        request_digest=digest,
        recorded_at=at,
        actor="o-1",
        role="accountant",
        unit="VH",
        action="open",
        reason="vì sao",
    )


def to(stream: str, expected: int, *titles: str) -> StreamAppend:
    return StreamAppend(stream=stream, expected_version=expected, events=tuple(Opened(title=title) for title in titles))


def test_a_stream_comes_back_in_order_with_its_version(store):
    store.append([to("a", 0, "1", "2")], context(), b"")
    store.append([to("a", 2, "3")], context(), b"")
    assert store.load("a") == ((Opened(title="1"), Opened(title="2"), Opened(title="3")), 3)
    assert store.load_after("a", 2) == ((Opened(title="3"),), 3)
    assert store.load_after("a", 3) == ((), 3)
    assert store.load("unknown") == ((), 0)


def test_many_streams_come_back_in_one_query_and_unknown_ones_are_empty(store):
    store.append([to("a", 0, "1"), to("b", 0, "2", "3")], context(), b"")
    assert store.load_many(["b", "x", "a"]) == {
        "b": ((Opened(title="2"), Opened(title="3")), 2),
        "x": ((), 0),
        "a": ((Opened(title="1"),), 1),
    }
    assert store.load_many([]) == {}


def test_streams_are_read_as_of_a_position_in_log_order(store):
    store.append([to("a", 0, "1"), to("b", 0, "2")], context(), b"")
    store.append([to("c", 0, "3")], context(), b"")
    store.append([to("b", 1, "4"), to("a", 1, "5")], context(), b"")
    both = store.read_streams(("b", "a"), until=100)
    assert [(r.position, r.stream, r.version) for r in both] == [(1, "a", 1), (2, "b", 1), (4, "b", 2), (5, "a", 2)]
    assert store.read_streams(("b", "a"), until=4) == both[:3]
    assert store.read_streams(("b", "a"), until=100, names=("opened",)) == both
    assert store.read_streams(("b", "a"), until=100, names=("counted",)) == ()
    assert store.read_streams((), until=100) == store.read_streams(("unknown",), until=100) == ()


def test_the_log_tells_everything_about_an_event(store):
    counted = Counted(
        amount=50_000,
        exact=True,
        on=date(2026, 7, 1),
        at=NOON,
        note="ghi chú",
        parts=(Part(month="2026-07", amount=50_000),),
    )
    asked = context()
    done = store.append(
        [to("a", 0, "x"), StreamAppend(stream="b", expected_version=0, events=(counted,))], asked, b"answer"
    )
    assert (done.first_position, done.last_position, done.answer, done.replayed) == (1, 2, b"answer", False)
    first, second = store.read(0, 10)
    assert (first.position, first.stream, first.version, first.name) == (1, "a", 1, "opened")
    assert (second.position, second.stream, second.version, second.name) == (2, "b", 1, "counted")
    assert second.event == counted
    assert second.recorded_at == NOON
    assert (second.meta.command_id, second.meta.index, second.meta.count) == (asked.command_id, 1, 2)
    assert (second.meta.actor, second.meta.role, second.meta.unit) == ("o-1", "accountant", "VH")
    assert (second.meta.action, second.meta.reason, second.meta.document) == ("open", "vì sao", None)


def test_the_log_is_read_on_from_a_position_in_pieces_and_by_name(store):
    counted = Counted(amount=1, exact=True, on=date(2026, 7, 1), at=NOON, note=None, parts=())
    for turn in range(3):
        store.append(
            [to(f"a{turn}", 0, "x"), StreamAppend(stream=f"b{turn}", expected_version=0, events=(counted,))],
            context(),
            b"",
        )
    assert [row.position for row in store.read(0, 4)] == [1, 2, 3, 4]
    assert [row.position for row in store.read(4, 4)] == [5, 6]
    assert [row.position for row in store.read(2, 10, names=["counted"])] == [4, 6]
    assert store.read(0, 10, names=[]) == ()
    assert store.head() == 6


def test_an_empty_log_has_nothing_and_stands_at_zero(store):
    assert store.head() == 0
    assert store.read(0, 10) == ()


@pytest.mark.parametrize("expected", [0, 1, 3], ids=["taken", "behind", "ahead"])
def test_an_append_at_another_version_is_refused_and_leaves_nothing(store, expected):
    store.append([to("a", 0, "1", "2")], context(), b"")
    late = context()
    with pytest.raises(VersionMoved) as refused:
        store.append([to("b", 0, "x"), to("a", expected, "late")], late, b"")
    assert refused.value.code is RefusalCode.VERSION_MOVED
    assert refused.value.retryable
    assert store.head() == 2
    assert store.load("b") == ((), 0)
    assert store.command(late.command_id) is None


def test_a_guard_without_events_stands_for_what_was_read(store):
    store.append([to("a", 0, "1")], context(), b"")
    store.append([to("a", 1), to("b", 0, "fits")], context(), b"")
    for stream, seen in (("a", 0), ("a", 2), ("never-opened", 1)):
        with pytest.raises(VersionMoved):
            store.append([to(stream, seen), to("c", 0, "x")], context(), b"")
    assert store.load("c") == ((), 0)


def test_the_same_command_again_gets_the_same_answer_and_no_new_event(store):
    once = context()
    first = store.append([to("a", 0, "1", "2")], once, b"first answer")
    again = store.append([to("a", 2, "something else")], context(once.command_id), b"second answer")
    assert again.replayed
    assert (again.answer, again.first_position, again.last_position) == (b"first answer", 1, 2)
    assert not first.replayed
    assert store.head() == 2


def test_the_same_command_id_for_another_request_is_refused(store):
    once = context()
    store.append([to("a", 0, "1")], once, b"")
    other = context(once.command_id, digest="d2")
    with pytest.raises(Refusal) as refused:
        store.append([to("b", 0, "1")], other, b"")
    assert refused.value.code is RefusalCode.COMMAND_REUSED
    with pytest.raises(Refusal) as refused:
        store.known(once.command_id, "d2")
    assert refused.value.code is RefusalCode.COMMAND_REUSED
    assert store.head() == 1


def test_a_command_without_events_is_on_record_too(store):
    store.append([to("a", 0, "1")], context(), b"")
    asked = context()
    done = store.append([], asked, b"nothing to do")
    assert (done.first_position, done.last_position) == (2, 1)
    stored = store.known(asked.command_id, "d1")
    assert stored is not None
    assert (stored.answer, stored.event_count, stored.name, stored.actor) == (b"nothing to do", 0, "open", "o-1")
    again = store.append([], asked, b"other")
    assert (again.answer, again.replayed) == (b"nothing to do", True)
    assert store.command(uuid4()) is None
    assert store.known(uuid4(), "d1") is None


def test_recorded_time_never_falls_along_the_log(store):
    later, earlier = NOON + timedelta(hours=1), NOON - timedelta(days=1)
    store.append([to("a", 0, "1")], context(at=later), b"")
    clamped = store.append([to("a", 1, "2")], context(at=earlier), b"")
    store.append([to("a", 2, "3")], context(at=later + timedelta(microseconds=1)), b"")
    assert clamped.recorded_at == later
    assert [row.recorded_at for row in store.read(0, 10)] == [later, later, later + timedelta(microseconds=1)]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        context(at=datetime(2026, 7, 1))  # noqa: DTZ001 - the missing zone is what is tested


def test_one_stream_twice_in_one_append_is_a_mistake_of_the_caller(store):
    with pytest.raises(ValueError, match="twice"):
        store.append([to("a", 0, "1"), to("a", 1, "2")], context(), b"")


def test_a_reader_stops_at_an_event_it_does_not_know(store, recorder):
    store.append([to("a", 0, "1")], context(), b"")
    with pytest.raises(UnknownEvent, match=r"opened\.1"):
        EventStore(recorder, Codec({})).read(0, 10)


def test_any_text_may_stand_in_names_and_answers(store):
    stream = 'dues/"quotes", {braces}, \\backslash, %s, Việt'
    store.append([to(stream, 0, "a\u0000b")], context(), bytes(range(256)))
    assert store.load(stream)[1] == 1
    assert store.read(0, 1)[0].stream == stream
    assert store.read(0, 1)[0].event == Opened(title="a\u0000b")
