"""Every event of the domain survives the way to bytes and back, whatever stands in its fields."""

import dataclasses
import datetime as dt
import enum
import types
import typing
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import EVENT_TYPES
from ledger.codec import Codec, Meta

CODEC = Codec(EVENT_TYPES)
META = Meta(
    command_id=UUID(int=1),
    index=0,
    count=1,
    actor="o-1",
    role="accountant",
    unit="VH",
    action="test",
    reason="lý do",
    document=None,
)
PLAIN = {
    str: st.text(st.characters(codec="utf-8"), max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    dt.date: st.dates(),
    dt.datetime: st.datetimes(timezones=st.just(dt.UTC)),
    types.NoneType: st.none(),
}


def values(hint):
    """A strategy for a field's type; fails for a type that events may not have."""
    if isinstance(hint, typing.NewType):
        return values(hint.__supertype__)
    if hint in PLAIN:
        return PLAIN[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is tuple:
        if args[-1] is Ellipsis:
            return st.lists(values(args[0]), max_size=3).map(tuple)
        return st.tuples(*map(values, args))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: values(hints[field.name]) for field in dataclasses.fields(hint)})
    raise AssertionError(f"an event may not carry {hint!r}")


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_comes_back_equal_and_encodes_to_the_same_bytes(name):
    cls, version = EVENT_TYPES[name]

    @settings(max_examples=15, deadline=None)
    @given(values(cls))
    def round_trip(event):
        (topic,), (state,) = CODEC.columns(CODEC.meta_head(META), [event])
        assert topic == f"{name}.{version}"
        assert CODEC.event(topic, state) == event
        assert CODEC.event_and_meta(topic, state) == (event, META)
        assert CODEC.columns(CODEC.meta_head(META), [CODEC.event(topic, state)])[1] == [state]

    round_trip()
