"""How far each reader of the log has come, in PostgreSQL."""

from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from psycopg import Connection

from adapters.postgres.shard import ShardDatastore


class PostgresTracking(PostgresTrackingRecorder):
    """One row a reader in the shard's ``tracking`` table, which is made by ``migrate``.

    A position only ever rises: setting it back or to the same value raises the library's ``IntegrityError``,
    which is how a second worker that processes the same events is stopped.
    """

    def __init__(self, datastore: ShardDatastore) -> None:
        super().__init__(datastore, tracking_table_name="tracking")

    def create_table(self) -> None:
        """Nothing: the table comes from a migration."""

    def advance(self, conn: Connection[Any], reader: str, position: int) -> None:
        """Set a reader's position in the caller's transaction, beside what was made of the events (I18)."""
        with conn.cursor() as curs:
            self._insert_tracking(curs, Tracking(reader, position))
