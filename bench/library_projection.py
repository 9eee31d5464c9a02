"""One trial of the library's projection runner over the same log: one transaction an event."""

import json
import sys
from time import perf_counter
from typing import Any

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from bench.place import CODEC
from ledger.posting import entry

_LINE = SQL(
    "INSERT INTO lines (position, entry_no, unit, account, key, amount, actor) VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_SUM = SQL(
    "INSERT INTO sums AS t (unit, account, key, amount) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (unit, account, key) DO UPDATE SET amount = t.amount + excluded.amount"
)


class OurEvents(Mapper[str]):
    """Reads our bytes, so that both runners have the same log before them."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The event with its meta."""
        return CODEC.event_and_meta(stored_event.topic, stored_event.state)


class Log(Application[str]):
    """The library's application over our events."""

    name = "log"

    def construct_mapper(self) -> Mapper[str]:
        """Our codec in the place of the library's JSON."""
        return OurEvents(self.construct_transcoder())


class Books(PostgresTrackingRecorder):
    """Journal and balances as the library's examples would have them: rows and position in one transaction."""

    def __init__(self, datastore: Any, **settings: Any) -> None:
        super().__init__(datastore, **settings)
        self.sql_create_statements += [
            SQL(
                "CREATE TABLE lines (position bigint, entry_no bigint, unit text, account text, key text,"
                " amount bigint, actor text, PRIMARY KEY (position, entry_no));"
                " CREATE INDEX ON lines (unit, account, position)"
            ),
            SQL(
                "CREATE TABLE sums (unit text, account text, key text, amount bigint, PRIMARY KEY (unit, account, key))"
            ),
        ]

    def take(self, found: Any, tracking: Tracking) -> None:
        """Write one event's lines, sums and position."""
        event, meta = found
        with self.datastore.transaction(commit=True) as curs:
            self._insert_tracking(curs, tracking)
            for number, posted in enumerate(entry(event), 1):
                place = (posted.unit, posted.account, posted.key, posted.amount)
                curs.execute(_LINE, (tracking.notification_id, number, *place, meta.actor), prepare=True)
                curs.execute(_SUM, place, prepare=True)


class Booking(Projection[Books]):
    """Hands each event to the view."""

    name = "booking"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """One event, one transaction."""
        self.view.take(domain_event, tracking)


def main() -> None:
    """Read settings from the input, write the rate to the output."""
    settings = json.load(sys.stdin)
    given = conninfo_to_dict(settings["dsn"])
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given.get("port", "5432")),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": "",
        "ORIGINATOR_ID_TYPE": "text",
    }
    with psycopg.connect(settings["dsn"], autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        app = Log(environment)
        app.close()
        # The very rows of our log.
        conn.execute(
            SQL(
                "INSERT INTO public.log_events (originator_id, originator_version, topic, state, notification_id)"
                f" SELECT originator_id, originator_version, topic, state, notification_id"
                f" FROM {settings['schema']}.events WHERE notification_id <= {int(settings['events'])}"
                " ORDER BY notification_id"
            )
        )
    start = perf_counter()
    with ProjectionRunner(application_class=Log, projection_class=Booking, view_class=Books, env=environment) as runner:
        runner.wait(settings["events"], timeout=110)
        seconds = perf_counter() - start
    print(json.dumps({"rate": settings["events"] / seconds}))


if __name__ == "__main__":
    main()
