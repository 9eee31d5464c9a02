"""The log in memory: the same contract as the PostgreSQL recorder, for tests of rules and for simulation."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder, POPOTrackingRecorder

from ledger.ports import CommandRow, EventBatch, StoredCommand, StoredRow

#: Before every instant a program can mean, and the same as the database's "no event yet".
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class MemoryRecorder(POPOApplicationRecorder):
    """One shard's log and commands in memory; safe for threads, forgotten with the process."""

    def __init__(self) -> None:
        super().__init__()
        self._commands: dict[UUID, StoredCommand] = {}
        self._recorded_at: list[datetime] = []
        # Positions by topic, oldest first: a book asks for a handful of names out of a whole log.
        self._topic_index: dict[str, list[int]] = defaultdict(list)

    def _update_table(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        given: datetime = kwargs.get("recorded_at") or datetime.now(UTC)
        last = self._recorded_at[-1] if self._recorded_at else _BEFORE_ALL
        self._recorded_at += [max(given, last)] * len(stored_events)
        for position, event in enumerate(stored_events, start=len(self._stored_events) + 1):
            self._topic_index[event.topic].append(position)
        return super()._update_table(stored_events, **kwargs)

    def append(self, batch: EventBatch, command: CommandRow) -> tuple[StoredCommand, bool]:
        """Record events and command together, or find the command already there."""
        with self._database_lock:
            known = self._commands.get(command.command_id)
            if known is not None:
                return known, False
            for stream, expected in batch.guards:
                actual = max(self._stored_events_index[stream], default=0)
                if actual != expected:
                    raise IntegrityError(f"stream {stream} is at version {actual}, expected {expected}")
            rows = [
                StoredEvent(originator_id=stream, originator_version=version, topic=topic, state=state)
                for stream, version, topic, state in zip(
                    batch.streams, batch.versions, batch.topics, batch.states, strict=True
                )
            ]
            head = len(self._stored_events)
            last = self._recorded_at[-1] if self._recorded_at else _BEFORE_ALL
            recorded_at = max(command.recorded_at, last)
            self.insert_events(rows, recorded_at=recorded_at)
            stored = StoredCommand(
                command_id=command.command_id,
                name=command.name,
                request_digest=command.request_digest,
                answer=command.answer,
                actor=command.actor,
                recorded_at=recorded_at,
                first_position=head + 1,
                last_position=head + len(rows),
                event_count=len(rows),
            )
            self._commands[command.command_id] = stored
            return stored, True

    def select_command(self, command_id: UUID) -> StoredCommand | None:
        """Return the command on record, if it is."""
        with self._database_lock:
            return self._commands.get(command_id)

    def select_commands(self, after: UUID | None, limit: int) -> Sequence[StoredCommand]:
        """Return at most ``limit`` commands on record in the order of their ids, after one or from the first."""
        with self._database_lock:
            wanted = sorted(found for found in self._commands if after is None or found > after)
            return [self._commands[command_id] for command_id in wanted[:limit]]

    def select_stream(self, stream: str, after_version: int) -> Sequence[tuple[int, str, bytes]]:
        """Return (version, topic, state) of one stream after a version, oldest first."""
        return [(row.originator_version, row.topic, row.state) for row in self.select_events(stream, gt=after_version)]

    def select_streams(self, streams: Sequence[str]) -> Sequence[tuple[str, int, str, bytes]]:
        """Return (stream, version, topic, state) of several streams, each stream's rows oldest first."""
        with self._database_lock:
            return [
                (stream, row.originator_version, row.topic, row.state)
                for stream in streams
                for row in self.select_events(stream)
            ]

    def select_stream_rows(self, streams: Sequence[str], topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return the rows of several streams in log order, with their positions; no topics means every topic."""
        wanted = frozenset(topics)
        with self._database_lock:
            index = self._stored_events_index
            # Asked with ``in`` first, because the index would keep an entry for every stream it is asked for.
            found = sorted(place + 1 for s in frozenset(streams) if s in index for place in index[s].values())
            rows = [self._row(position) for position in found]
        return [row for row in rows if row.topic in wanted] if wanted else rows

    def select_rows(self, after_position: int, limit: int, topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return at most ``limit`` rows after a position in log order; no topics means every topic."""
        start = max(after_position, 0)
        with self._database_lock:
            if not topics:
                end = min(start + limit, len(self._stored_events))
                return [self._row(position) for position in range(start + 1, end + 1)]
            found: list[int] = []
            for topic in frozenset(topics):
                positions = self._topic_index.get(topic, [])
                first = bisect_right(positions, start)
                found += positions[first : first + limit]
            return [self._row(position) for position in sorted(found)[:limit]]

    def _row(self, position: int) -> StoredRow:
        event = self._stored_events[position - 1]
        return StoredRow(
            position,
            str(event.originator_id),
            event.originator_version,
            event.topic,
            event.state,
            self._recorded_at[position - 1],
        )


class MemoryTracking(POPOTrackingRecorder):
    """Positions of readers in memory, by reader name."""
