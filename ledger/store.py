"""The event store: load streams, append the events of one command, read the log.

A command is recorded once. Its events, of whatever number of streams, and its answer go into one
transaction; the same command id again gets the stored answer and no new event (I25), a part of it is never
recorded (I27).

A lost connection during an append means "outcome unknown". Asking again is safe because the recorder looks
for the command id under the append lock before it writes; a commit whose reply was lost is then found, not
repeated.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError

from domain.errors import Refusal, RefusalCode
from ledger.codec import Codec, Meta, UnknownEvent
from ledger.ports import CommandRow, EventBatch, Recorded, Recorder, StoredCommand, StoredRow

if TYPE_CHECKING:
    from domain.events import DomainEvent

__all__ = [
    "AppendResult",
    "CommandContext",
    "EventStore",
    "LogGap",
    "Meta",
    "Recorded",
    "StoreUnavailable",
    "StoredCommand",
    "StreamAppend",
    "Unreadable",
    "VersionMoved",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """Who commands what, when, and on which paper; the same for every event of the command."""

    command_id: UUID
    name: str
    request_digest: str  #: sha256 hex of the request; the same id with another digest is refused
    recorded_at: datetime  #: aware; clamped to the last recorded instant of the log (I24)
    actor: str
    role: str
    unit: str
    action: str
    reason: str | None = None
    document: str | None = None

    def __post_init__(self) -> None:
        if self.recorded_at.tzinfo is None:
            raise ValueError("recorded_at must be aware")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A row of the log whose bytes are no event that this release knows."""

    position: int
    stream: str
    version: int
    topic: str
    problem: str


class StreamAppend(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Events for one stream that was seen at ``expected_version`` (0: no event yet).

    Without events it is a guard: the command stands only if the stream is still at that version.

    A struct and not a dataclass, since a bulk command makes one for every member: it is made several times as fast, and
    the garbage collector, which need not look for cycles among events, leaves it alone.
    """

    stream: str
    expected_version: int
    events: "tuple[DomainEvent, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendResult:
    """What is on record for a command. Without events the range is empty: first = last + 1."""

    first_position: int
    last_position: int
    answer: bytes
    replayed: bool  #: the command was on record before; ``answer`` is the one given then
    recorded_at: datetime  #: the instant on record


class VersionMoved(Refusal):
    """Someone else appended to a stream in between: load again, decide again."""

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__(
            RefusalCode.VERSION_MOVED,
            "Dữ liệu vừa được thay đổi bởi một thao tác khác, nên thao tác này chưa được ghi. Hãy thử lại.",
            streams=tuple(streams[:10]),
        )


class StoreUnavailable(Exception):
    """The database could not be reached in time. Whether the command was recorded is unknown.

    Sending the same command again (same id) is always safe and gives the one true answer.
    """

    def __init__(self, command_id: UUID) -> None:
        super().__init__(
            f"Không liên lạc được với cơ sở dữ liệu; chưa rõ lệnh {command_id} đã được ghi hay chưa. "
            "Hãy gửi lại đúng lệnh này (cùng mã lệnh), hệ thống sẽ không ghi hai lần."
        )
        self.command_id = command_id


class LogGap(Exception):
    """Positions of the log do not follow one another: rows are missing, and nothing built on it can be
    trusted.
    """


class EventStore:
    """One shard's events, over a recorder (PostgreSQL or memory) and a codec.

    ``waits`` are the pauses in seconds before each further attempt when the database cannot be reached.
    """

    def __init__(
        self,
        recorder: Recorder,
        codec: Codec,
        *,
        waits: tuple[float, ...] = (0.05, 0.2, 0.5, 1.0, 1.5),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._recorder = recorder
        self._codec = codec
        self._waits = waits
        self._sleep = sleep

    @property
    def codec(self) -> Codec:
        """The codec of this store."""
        return self._codec

    def load(self, stream: str) -> "tuple[tuple[DomainEvent, ...], int]":
        """Return a stream's events, oldest first, and its version (0 and no events for an unknown stream)."""
        return self.load_after(stream, 0)

    def load_after(self, stream: str, version: int) -> "tuple[tuple[DomainEvent, ...], int]":
        """Return the events after a version already folded, and the stream's version now."""
        rows = self._recorder.select_stream(stream, version)
        decode = self._codec.event
        return tuple(decode(topic, state) for _, topic, state in rows), rows[-1][0] if rows else version

    def load_many(self, streams: Iterable[str]) -> "dict[str, tuple[tuple[DomainEvent, ...], int]]":
        """Return events and version of each stream asked for, in one query; unknown streams are empty."""
        decode = self._codec.event
        events: dict[str, list[DomainEvent]] = {stream: [] for stream in streams}
        versions = dict.fromkeys(events, 0)
        for stream, version, topic, state in self._recorder.select_streams(tuple(events)):
            events[stream].append(decode(topic, state))
            versions[stream] = version
        return {stream: (tuple(found), versions[stream]) for stream, found in events.items()}

    def command(self, command_id: UUID) -> StoredCommand | None:
        """Return the command on record under this id, if any."""
        return self._recorder.select_command(command_id)

    def known(self, command_id: UUID, request_digest: str) -> StoredCommand | None:
        """Return the command if it is on record; refuse ``COMMAND_REUSED`` if it asked for something
        else then.
        """
        stored = self._recorder.select_command(command_id)
        if stored is not None:
            _refuse_reuse(stored, request_digest)
        return stored

    def append(self, appends: Sequence[StreamAppend], context: CommandContext, answer: bytes) -> AppendResult:
        """Record the events of one command and its answer, all or none, in one transaction.

        A command without events is recorded too, so that asking again gives the same answer. Refuses
        ``VersionMoved`` when a stream is no longer at its expected version, ``COMMAND_REUSED`` when the id
        was used for another request. Raises ``StoreUnavailable`` when the outcome could not be learnt.
        """
        batch = self._batch(appends, context)
        row = CommandRow(
            command_id=context.command_id,
            name=context.name,
            request_digest=context.request_digest,
            answer=answer,
            actor=context.actor,
            recorded_at=context.recorded_at,
        )
        try:
            stored, is_new = self._append_or_find(batch, row)
        except IntegrityError as conflict:
            # The taken version may be our own row from an attempt whose reply was lost (reliability §1.2).
            found = self._recorder.select_command(context.command_id)
            if found is None:
                raise VersionMoved([append.stream for append in appends]) from conflict
            stored, is_new = found, False
        _refuse_reuse(stored, context.request_digest)
        return AppendResult(
            first_position=stored.first_position,
            last_position=stored.last_position,
            answer=stored.answer,
            replayed=not is_new,
            recorded_at=stored.recorded_at,
        )

    def _append_or_find(self, batch: EventBatch, row: CommandRow) -> tuple[StoredCommand, bool]:
        """Try until the outcome is known: each attempt looks for the command before it writes."""
        for wait in self._waits:
            try:
                return self._recorder.append(batch, row)
            except (OperationalError, InterfaceError):
                self._sleep(wait)
        try:
            return self._recorder.append(batch, row)
        except (OperationalError, InterfaceError) as lost:
            raise StoreUnavailable(row.command_id) from lost

    def _batch(self, appends: Sequence[StreamAppend], context: CommandContext) -> EventBatch:
        """Lay a command's events out as columns; encode what they share once."""
        if len({append.stream for append in appends}) < len(appends):
            raise ValueError("a stream stands twice in one append: put its events into one StreamAppend")
        count = sum(len(append.events) for append in appends)
        head = self._codec.meta_head(
            Meta(
                command_id=context.command_id,
                index=0,
                count=count,
                actor=context.actor,
                role=context.role,
                unit=context.unit,
                action=context.action,
                reason=context.reason,
                document=context.document,
            )
        )
        streams: list[str] = []
        versions: list[int] = []
        guards: list[tuple[str, int]] = []
        for append in appends:
            stream, expected, number = append.stream, append.expected_version, len(append.events)
            if number == 1:
                streams.append(stream)
                versions.append(expected + 1)
            else:
                streams += [stream] * number
                versions += range(expected + 1, expected + number + 1)
            if expected or not number:
                guards.append((stream, expected))
        topics, states = self._codec.columns(head, (e for append in appends for e in append.events))
        return EventBatch(streams=streams, versions=versions, topics=topics, states=states, guards=guards)

    def read(self, after_position: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
        """Return at most ``limit`` events after a position, in log order; optionally only of some names.

        Raises ``LogGap`` if rows are missing (seen when every name is asked for) and ``UnknownEvent`` for an
        event this release does not know: a reader stops there, it never skips.
        """
        topics = () if names is None else self._codec.topics(names)
        if names is not None and not topics:
            return ()
        rows = self._recorder.select_rows(after_position, limit, topics)
        if names is None and rows and rows[-1].position != after_position + len(rows):
            raise LogGap(f"{len(rows)} rows after position {after_position} end at {rows[-1].position}")
        name_of, decode = self._codec.name, self._codec.event_and_meta
        found = []
        for position, stream, version, topic, state, recorded_at in rows:
            event, meta = decode(topic, state)
            found.append(
                Recorded(
                    position=position,
                    stream=stream,
                    version=version,
                    name=name_of(topic),
                    event=event,
                    meta=meta,
                    recorded_at=recorded_at,
                )
            )
        return tuple(found)

    def read_streams(
        self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
    ) -> tuple[Recorded, ...]:
        """Return the events of several streams up to a position (inclusive), in log order; optionally of some names.

        For books, which must be the same whenever they are asked for as of one position.
        """
        topics = () if names is None else self._codec.topics(names)
        if not streams or (names is not None and not topics):
            return ()
        rows = self._recorder.select_stream_rows(streams, topics)
        name_of, decode = self._codec.name, self._codec.event_and_meta
        found = []
        for position, stream, version, topic, state, recorded_at in rows:
            if position > until:
                break
            event, meta = decode(topic, state)
            found.append(
                Recorded(
                    position=position,
                    stream=stream,
                    version=version,
                    name=name_of(topic),
                    event=event,
                    meta=meta,
                    recorded_at=recorded_at,
                )
            )
        return tuple(found)

    def audit(self, after_position: int, limit: int) -> tuple[Recorded | Unreadable, ...]:
        """Return at most ``limit`` rows after a position as they are: holes are not refused, bad bytes are named.

        For checks only: whoever builds on the log uses ``read``, which stops at the first fault.
        """
        return tuple(self._as_found(row) for row in self._recorder.select_rows(after_position, limit, ()))

    def _as_found(self, row: StoredRow) -> Recorded | Unreadable:
        try:
            event, meta = self._codec.event_and_meta(row.topic, row.state)
            name = self._codec.name(row.topic)
        except (UnknownEvent, msgspec.MsgspecError, ValueError, KeyError, TypeError) as problem:
            # An older version is lifted through its fields, so a damaged one may also lack a key.
            return Unreadable(
                position=row.position, stream=row.stream, version=row.version, topic=row.topic, problem=str(problem)
            )
        return Recorded(
            position=row.position,
            stream=row.stream,
            version=row.version,
            name=name,
            event=event,
            meta=meta,
            recorded_at=row.recorded_at,
        )

    def commands(self, batch: int = 5_000) -> Iterator[StoredCommand]:
        """Yield every command on record, in the order of their ids."""
        last: UUID | None = None
        while found := self._recorder.select_commands(last, batch):
            yield from found
            last = found[-1].command_id

    def rows(self, after_position: int, limit: int) -> Sequence[StoredRow]:
        """Return at most ``limit`` rows after a position as they are stored, for readers that decode few fields.

        Raises ``LogGap`` if rows are missing.
        """
        rows = self._recorder.select_rows(after_position, limit, ())
        if rows and rows[-1].position != after_position + len(rows):
            raise LogGap(f"{len(rows)} rows after position {after_position} end at {rows[-1].position}")
        return rows

    def head(self) -> int:
        """Return the last position of the log; 0 while it is empty."""
        return self._recorder.max_notification_id() or 0


def _refuse_reuse(stored: StoredCommand, request_digest: str) -> None:
    if stored.request_digest != request_digest:
        raise Refusal(
            RefusalCode.COMMAND_REUSED,
            f"Mã lệnh {stored.command_id} đã được dùng cho một yêu cầu khác ({stored.name}). "
            "Hãy dùng mã lệnh mới cho yêu cầu mới.",
            command_id=str(stored.command_id),
        )
