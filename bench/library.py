"""The eventsourcing library as it comes, on our streams and fields: the peer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import psycopg
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    EventStore,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    UUIDAsHex,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from domain.dues_account import DuesAssessed

#: Its own settings are kept, but for the stream names, which are text.
IDS = "text"


@dataclass(frozen=True, kw_only=True)
class Assessed(CanMutateAggregate[str]):
    """The library's kind of event with the fields of ``DuesAssessed``."""

    originator_id: str
    originator_version: int
    timestamp: datetime
    member_id: str
    unit_id: str
    month: str
    category: str
    rule: str
    document: str
    article: str | None
    regime: str
    base_kind: str | None
    base: int | None
    base_month: str | None
    region: str | None
    cap: int | None
    relief: str | None
    relief_percent: int
    relief_decision: str | None
    rounding: str
    gross: int
    relieved: int
    due: int
    is_opening: bool


def datastore(dsn: str, **settings: Any) -> PostgresDatastore:
    """The library's connection pool with its own defaults."""
    given = conninfo_to_dict(dsn)
    return PostgresDatastore(
        dbname=str(given["dbname"]),
        host=str(given["host"]),
        port=str(given.get("port", "5432")),
        user=str(given["user"]),
        password="",
        originator_id_type=IDS,
        **settings,
    )


@contextmanager
def fresh(dsn: str) -> Iterator[PostgresApplicationRecorder]:
    """The library's default recorder on new tables of its own, its pool warm."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        conn.execute("CHECKPOINT")
    with datastore(dsn) as store:
        found = PostgresApplicationRecorder(store)
        found.create_table()
        found.max_notification_id()
        yield found


def event_store(found: PostgresApplicationRecorder) -> EventStore[Any]:
    """The library's mapper with its JSON transcoder, in front of its recorder."""
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(transcoding)
    return EventStore(Mapper(transcoder), found)


def as_library_event(stream: str, version: int, event: DuesAssessed) -> Assessed:
    """The same facts in the library's kind of event."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    # Enum members would need transcodings of their own; plain text spares the library the work.
    values |= {"regime": str(event.regime), "base_kind": str(event.base_kind)}
    return Assessed(originator_id=stream, originator_version=version, timestamp=Assessed.create_timestamp(), **values)


def stored(stream: str, version: int, topic: str, state: bytes) -> StoredEvent:
    """One finished row."""
    return StoredEvent(originator_id=stream, originator_version=version, topic=topic, state=state)
