"""Logs for the tests of projections: a played ward, and plain payments by the thousand."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg

from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from api import wiring
from api.wiring import Installation
from domain.events import EVENT_TYPES
from domain.identifiers import PaymentId, UnitId
from domain.payment import Asset, PaymentReceived
from ledger.codec import Codec
from ledger.store import CommandContext, EventStore, StreamAppend
from projections.all import PROJECTIONS
from tests.acceptance.story import Story, settings
from tests.good_log import play

AT = datetime(2026, 7, 9, 3, tzinfo=UTC)


@contextmanager
def installed(shard: Shard) -> Iterator[Installation]:
    """An installation on a shard."""
    with wiring.on_postgres(replace(settings(schema=shard.schema), database_url=shard.dsn)) as inst:
        yield inst


@contextmanager
def played(shard: Shard) -> Iterator[Installation]:
    """July and August of a ward, with nearly every kind of event."""
    with installed(shard) as inst:
        play(Story(inst))
        yield inst


def forget(conn: "psycopg.Connection") -> None:
    """Drop every projection, so that the next run begins at zero."""
    for projection in PROJECTIONS:
        for table in projection.tables:
            conn.execute(f"DROP TABLE IF EXISTS {table.serving}, {table.building}")
    conn.execute("DELETE FROM tracking")
    conn.execute("DROP TABLE IF EXISTS projection_alerts")


@contextmanager
def store_on(shard: Shard) -> Iterator[EventStore]:
    """The event store of a shard."""
    with ShardDatastore(shard) as datastore:
        yield EventStore(PostgresRecorder(datastore), Codec(EVENT_TYPES))


def context() -> CommandContext:
    """A command of its own."""
    return CommandContext(
        command_id=uuid.uuid4(),
        name="take-notices",
        request_digest="d",
        recorded_at=AT,
        actor="service:portal",
        role="service:portal",
        unit="HP",
        action="receive-notice",
    )


def paid(number: int, amount: int | None = None) -> StreamAppend:
    """A payment of its own stream, half of them into a holder's account."""
    unit = UnitId(f"C{number % 5}")
    money = amount or 1_000 + number
    event = PaymentReceived(
        payment_id=PaymentId(f"portal/{number}"),
        source="portal",
        outside_reference=str(number),
        channel="portal",
        unit_id=unit,
        holder_id=UnitId("VH") if number % 2 else unit,
        asset=Asset.CLEARING,
        asset_key="portal",
        amount=money,
        dues_amount=money,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=0,
        paid_on=date(2026, 7, 9),
        booked_on=None,
        reference=None,
        request_kind="dues",
        member_id=None,
        payer_key=None,
        bank_line=None,
        evidence_id=None,
    )
    return StreamAppend(stream=f"payment/portal/{number}", expected_version=0, events=(event,))


def pay(store: EventStore, first: int, count: int, a_command: int = 500) -> None:
    """Append payments ``first`` …, some hundreds a command."""
    for low in range(first, first + count, a_command):
        numbers = range(low, min(low + a_command, first + count))
        store.append([paid(number) for number in numbers], context(), b"")


def total(first: int, count: int) -> int:
    """What these payments come to."""
    return sum(1_000 + number for number in range(first, first + count))
