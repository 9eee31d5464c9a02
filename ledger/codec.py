"""Events to bytes and back, under stable names.

An event is stored as a topic, ``"payment-received.1"`` (stable kebab-case name and schema version), and a
state, the JSON object ``{"meta": {...}, "data": {...}}``: who did what by which command, and the event's
own fields. A topic is never a Python path, so classes may move and be renamed without touching history.

The bytes of a version once released never change; an older version is lifted to the newest by upcasters
when it is read. Encoding is deterministic: fields stand in the order of their declaration.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec

from domain.events import UPCASTERS

if TYPE_CHECKING:
    from domain.events import DomainEvent

#: Lifts the data of one version (a JSON object as a dict) to the next version.
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class UnknownEvent(LookupError):
    """A class that is not registered, or a stored topic that this release does not know.

    A reader that meets one stops; it never skips, because a book with a hole is wrong without saying so.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """By which command an event was recorded, and on whose authority (I20, I25, I27)."""

    command_id: UUID
    index: int  #: place among the command's events, from 0
    count: int  #: how many events the command recorded
    actor: str
    role: str
    unit: str  #: the unit for which the actor acted
    action: str
    reason: str | None
    document: str | None  #: the paper that stands behind it, where there is one


class Codec:
    """Encodes and decodes the events of one registry.

    ``registry`` maps a stable name to the class that now carries it and its schema version (from 1).
    ``upcasters`` (those of ``domain.events`` unless others are given) maps ``(name, version)`` to the
    function that lifts that version's data to the next one; every version below the current one must have
    its own, which is checked here rather than when old history is read.
    """

    def __init__(
        self,
        registry: Mapping[str, "tuple[type[DomainEvent], int]"],
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        self._upcasters = dict(UPCASTERS if upcasters is None else upcasters)
        self._encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
        self._topics: dict[type, str] = {}
        self._names: dict[str, tuple[type, str, int]] = {}
        self._events: dict[str, Callable[[bytes], Any]] = {}
        self._envelopes: dict[str, Callable[[bytes], Any]] = {}
        self._versions: dict[str, int] = {}
        for name, (cls, version) in registry.items():
            self._register(name, cls, version)

    def _register(self, name: str, cls: type, version: int) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"event name {name!r} is not kebab-case")
        if not is_dataclass(cls) or cls in self._topics or version < 1:
            raise ValueError(f"event {name!r}: {cls!r} must be a dataclass, registered once, version from 1")
        for older in range(1, version):
            if (name, older) not in self._upcasters:
                raise ValueError(f"event {name!r}: version {older} has no upcaster")
            self._names[f"{name}.{older}"] = (cls, name, older)
        topic = f"{name}.{version}"
        self._topics[cls] = topic
        self._versions[name] = version
        self._names[topic] = (cls, name, version)
        # Two decoders a class: replay needs the event alone, and skipping the meta is cheaper than building
        # it.
        only_data = msgspec.defstruct("EventOnly", [("data", cls)])
        with_meta = msgspec.defstruct("EventAndMeta", [("meta", Meta), ("data", cls)])
        self._events[topic] = msgspec.json.Decoder(only_data).decode
        self._envelopes[topic] = msgspec.json.Decoder(with_meta).decode

    def topic(self, event: "DomainEvent") -> str:
        """Return ``"<name>.<version>"`` of an event; raise ``UnknownEvent`` for a class not in the
        registry.
        """
        try:
            return self._topics[type(event)]
        except KeyError:
            raise UnknownEvent(f"{type(event).__qualname__} is not a registered event") from None

    def name(self, topic: str) -> str:
        """Return the stable name in a topic; raise ``UnknownEvent`` for a topic this release does not
        know.
        """
        try:
            return self._names[topic][1]
        except KeyError:
            raise UnknownEvent(f"no event is known under the topic {topic!r}") from None

    def topics(self, names: Iterable[str]) -> tuple[str, ...]:
        """Every topic, old versions included, under which events of these names may be stored."""
        found = []
        for name in names:
            if name not in self._versions:
                raise UnknownEvent(f"no event is known under the name {name!r}")
            found += [f"{name}.{version}" for version in range(1, self._versions[name] + 1)]
        return tuple(found)

    def data(self, event: "DomainEvent") -> bytes:
        """Return the JSON object of the event's own fields, without meta: the bytes that golden files
        keep.
        """
        return self._encode(event)

    def meta_head(self, meta: Meta) -> bytes:
        """Encode the part of a state that all events of one command share, up to and without the index."""
        shared = {f.name: getattr(meta, f.name) for f in fields(Meta) if f.name != "index"}
        return b'{"meta":' + self._encode(shared)[:-1] + b',"index":'

    def columns(self, head: bytes, events: Iterable["DomainEvent"]) -> tuple[list[str], list[bytes]]:
        """Return topics and states of all events of one command, whose shared meta is ``head``."""
        encode, topic_of = self._encode, self._topics
        topics: list[str] = []
        states: list[bytes] = []
        for index, event in enumerate(events):
            try:
                topics.append(topic_of[type(event)])
            except KeyError:
                raise UnknownEvent(f"{type(event).__qualname__} is not a registered event") from None
            states.append(b'%b%d},"data":%b}' % (head, index, encode(event)))
        return topics, states

    def event(self, topic: str, state: bytes) -> "DomainEvent":
        """Decode the event alone. Raise ``UnknownEvent``, or ``msgspec.ValidationError`` if the bytes do
        not fit.
        """
        decode = self._events.get(topic)
        if decode is None:
            return self._lifted(topic, state)[1]
        return cast("DomainEvent", decode(state).data)

    def event_and_meta(self, topic: str, state: bytes) -> "tuple[DomainEvent, Meta]":
        """Decode the event with its meta. Errors as for ``event``."""
        decode = self._envelopes.get(topic)
        if decode is None:
            meta, event = self._lifted(topic, state)
            return event, meta
        envelope = decode(state)
        return envelope.data, envelope.meta

    def _lifted(self, topic: str, state: bytes) -> "tuple[Meta, DomainEvent]":
        """Decode an older version by lifting its data step by step to the current one."""
        if topic not in self._names:
            raise UnknownEvent(f"no event is known under the topic {topic!r}")
        cls, name, version = self._names[topic]
        envelope = msgspec.json.decode(state)
        data = envelope["data"]
        for older in range(version, self._versions[name]):
            data = self._upcasters[name, older](data)
        return msgspec.convert(envelope["meta"], Meta), msgspec.convert(data, cls)
