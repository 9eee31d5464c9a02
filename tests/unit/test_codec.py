"""Events to bytes and back: stable names, exact bytes, old versions lifted."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.codec import Codec, Meta, UnknownEvent
from tests.sample_events import CODEC, Counted, Opened, Part

META = Meta(
    command_id=UUID(int=7),
    index=0,
    count=2,
    actor="o-1",
    role="accountant",
    unit="VH",
    action="assess",
    reason=None,
    document="01-QĐ/TW",
)


def encode(event):
    topics, states = CODEC.columns(CODEC.meta_head(META), [event])
    return topics[0], states[0]


moments = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis takes bounds without a zone and adds one
    datetime(2200, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]),
)
events = st.one_of(
    st.builds(Opened, title=st.text(st.characters(codec="utf-8"))),
    st.builds(
        Counted,
        amount=st.integers(-(2**63), 2**63 - 1),
        exact=st.booleans(),
        on=st.dates(),
        at=moments,
        note=st.none() | st.text(st.characters(codec="utf-8")),
        parts=st.lists(st.builds(Part, month=st.just("2026-07"), amount=st.integers(0, 10**12))).map(tuple),
        words=st.lists(st.text(st.characters(codec="utf-8"))).map(tuple),
    ),
)


@given(events)
def test_every_event_comes_back_equal_and_encodes_to_the_same_bytes_again(event):
    topic, state = encode(event)
    assert CODEC.event(topic, state) == event
    assert CODEC.event_and_meta(topic, state) == (event, META)
    assert encode(CODEC.event(topic, state)) == (topic, state)


def test_the_stored_bytes_are_plain_json_under_a_stable_name():
    topic, state = encode(Opened(title="Chi bộ Tổ dân phố 1"))
    assert topic == "opened.1"
    assert json.loads(state) == {
        "meta": {
            "command_id": "00000000-0000-0000-0000-000000000007",
            "count": 2,
            "actor": "o-1",
            "role": "accountant",
            "unit": "VH",
            "action": "assess",
            "reason": None,
            "document": "01-QĐ/TW",
            "index": 0,
        },
        "data": {"title": "Chi bộ Tổ dân phố 1"},
    }


def test_events_of_one_command_differ_in_their_index_alone():
    _, states = CODEC.columns(CODEC.meta_head(META), [Opened(title="a")] * 3)
    metas = [CODEC.event_and_meta("opened.1", state)[1] for state in states]
    assert [meta.index for meta in metas] == [0, 1, 2]
    assert {(meta.command_id, meta.actor, meta.count) for meta in metas} == {(UUID(int=7), "o-1", 2)}


@pytest.mark.parametrize(
    ("topic", "data"),
    [
        ("counted.1", {"month": "2026-07", "amount": 5, "exact": True}),
        ("counted.2", {"month": "2026-07", "amount": 5, "exact": True, "note": None}),
        ("counted.3", {"parts": [{"month": "2026-07", "amount": 5}], "amount": 5, "exact": True, "note": None}),
    ],
)
def test_each_released_version_is_lifted_to_the_newest(topic, data):
    data |= {"on": "2026-07-31", "at": "2026-07-31T08:00:00+07:00", "words": []}
    state = json.dumps({"meta": msgspec.to_builtins(META), "data": data}).encode()
    expected = Counted(
        amount=5,
        exact=True,
        on=date(2026, 7, 31),
        at=datetime(2026, 7, 31, 1, tzinfo=UTC),
        note=None,
        parts=(Part(month="2026-07", amount=5),),
    )
    assert CODEC.event(topic, state) == expected
    assert CODEC.event_and_meta(topic, state) == (expected, META)
    assert CODEC.name(topic) == "counted"


def test_a_reader_of_a_name_gets_every_version_of_it():
    assert CODEC.topics(["counted", "opened"]) == ("counted.1", "counted.2", "counted.3", "opened.1")


def test_what_is_not_registered_is_never_skipped_or_guessed():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Stranger:
        title: str

    with pytest.raises(UnknownEvent, match="Stranger"):
        encode(Stranger(title="x"))
    for topic in ("opened.2", "stranger.1", "tests.sample_events:Opened"):
        with pytest.raises(UnknownEvent, match="topic"):
            CODEC.event(topic, b'{"meta":{},"data":{}}')
    with pytest.raises(UnknownEvent, match="name"):
        CODEC.topics(["stranger"])


def test_a_state_that_does_not_fit_its_class_is_refused():
    with pytest.raises(msgspec.ValidationError, match="title"):
        CODEC.event("opened.1", b'{"meta":{},"data":{"titel":"x"}}')


@pytest.mark.parametrize(
    ("registry", "message"),
    [
        ({"Opened": (Opened, 1)}, "kebab-case"),
        ({"sample:Opened": (Opened, 1)}, "kebab-case"),
        ({"opened": (Opened, 2)}, "no upcaster"),
        ({"opened": (Opened, 1), "begun": (Opened, 1)}, "registered once"),
        ({"opened": (dict, 1)}, "dataclass"),
    ],
)
def test_a_registry_that_could_not_read_history_is_refused_at_once(registry, message):
    with pytest.raises(ValueError, match=message):
        Codec(registry)
