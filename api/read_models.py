"""The read models of a shard for the HTTP interface: connections of their own, one moment for each question."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.postgres.shard import Shard, ShardDatastore
from api.reading import Reading
from ledger.store import EventStore
from projections.all import PROJECTIONS
from projections.moment import one_moment
from projections.runner import BATCH, alerts, catch_up, ensure, lag, positions

#: Seconds that a web request waits for a connection before it is tried again or answered with "try again".
PATIENCE = 1.5


class ReadModels:
    """Read models over a pool apart from the ledger's, so that a crowd of readers never holds up a command.

    ``close`` it at the end.
    """

    def __init__(self, shard: Shard, store: EventStore, *, patience: float = PATIENCE) -> None:
        self._store = store
        self._datastore = ShardDatastore(shard, connect_timeout=patience)
        with self._datastore.get_connection() as conn:
            ensure(conn, PROJECTIONS)

    def __enter__(self) -> "ReadModels":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._datastore.close()

    def catch_up(self) -> None:
        """Bring every read model to the head of the log, or to just before what it cannot take in."""
        with self._datastore.get_connection() as conn:
            catch_up(conn, self._store, PROJECTIONS)

    def stopped(self) -> tuple[str, ...]:
        """Names of the read models that stand still before an event they cannot take in."""
        with self._datastore.get_connection() as conn:
            return tuple(alert.reader for alert in alerts(conn))

    def behind(self) -> int:
        """By how many events the slowest read model that still moves is behind."""
        with self._datastore.get_connection() as conn:
            standing = {alert.reader for alert in alerts(conn)}
            moving = [p.lag for p in lag(conn, self._store, PROJECTIONS) if p.reader not in standing]
        return max(moving, default=0)

    @contextmanager
    def ask(self) -> Iterator[Reading]:
        """One moment of every table, as new as the log unless that is more than a batch ahead.

        Whoever has just written finds it: what no worker has taken in yet is taken in here. Questions to a read model
        that stands still raise ``ProjectionStopped``.
        """
        if 0 < self.behind() <= BATCH:
            self.catch_up()
        with self._datastore.get_connection() as conn, one_moment(conn):
            found = alerts(conn)
            at = positions(conn, PROJECTIONS)
            standing = {alert.reader for alert in found}
            moving = [position for reader, position in at.items() if reader not in standing]
            yield Reading(conn=conn, position=min(moving, default=0), alerts=found)
