"""One shard put together: the only place that knows which adapter serves which port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.books.typesetting import use_templates
from adapters.clock import FileClock, SystemClock
from adapters.memory.evidence import MemoryEvidence
from adapters.memory.inbox import MemoryInbox
from adapters.memory.recorder import MemoryRecorder
from adapters.memory.vault import MemoryVault
from adapters.postgres import server
from adapters.postgres.evidence import PostgresEvidence
from adapters.postgres.inbox import PostgresInbox
from adapters.postgres.migrate import migrate
from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import Shard, ShardDatastore
from adapters.postgres.vault import PostgresVault
from api.settings import Settings, environ
from domain.events import EVENT_TYPES
from domain.settlement import ALWAYS_IN_LUMPS
from ledger.application import Ledger
from ledger.books import Books, FoldedBooks
from ledger.codec import Codec
from ledger.directory import Directory, FoldedDirectory
from ledger.ports import Clock, Evidence, Inbox, Vault
from ledger.store import EventStore
from ledger.work import Settings as LedgerSettings
from projections.sql_books import SqlBooks
from projections.sql_directory import SqlDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A shard ready to work. ``shard`` is None in memory, where there are no tables to project into."""

    settings: Settings
    store: EventStore
    ledger: Ledger
    inbox: Inbox
    evidence: Evidence
    vault: Vault
    shard: Shard | None


def in_memory(settings: Settings) -> Installation:
    """A shard that lives as long as the process; for rules' tests and for making the example files."""
    use_templates(settings.templates)
    store = EventStore(MemoryRecorder(), Codec(EVENT_TYPES))
    return Installation(
        settings=settings,
        store=store,
        ledger=_ledger(settings, store, FoldedBooks(store), FoldedDirectory(store)),
        inbox=MemoryInbox(),
        evidence=MemoryEvidence(),
        vault=MemoryVault(),
        shard=None,
    )


@contextmanager
def on_postgres(settings: Settings, *, patience: float = 5.0) -> Iterator[Installation]:
    """A shard on PostgreSQL: the configured server, or the embedded one, migrated to the newest schema.

    ``patience`` is how long one call waits for a connection, in seconds; each is tried a few times.
    """
    use_templates(settings.templates)
    shard = Shard(dsn=dsn_of(settings), schema=settings.schema)
    migrate(shard)
    with (
        ShardDatastore(shard, connect_timeout=patience) as datastore,
        PostgresInbox(shard, settings.vault_key) as inbox,
    ):
        store = EventStore(PostgresRecorder(datastore), Codec(EVENT_TYPES))
        # Read from tables: a process of one command must not fold a province's log first (decision 0007).
        books = SqlBooks(datastore.get_connection, store)
        directory = SqlDirectory(datastore.get_connection, store)
        yield Installation(
            settings=settings,
            store=store,
            ledger=_ledger(settings, store, books, directory),
            inbox=inbox,
            evidence=PostgresEvidence(datastore, settings.vault_key),
            vault=PostgresVault(datastore, settings.vault_key),
            shard=shard,
        )


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or the one that a sandbox moves."""
    return SystemClock() if settings.sandbox_clock is None else FileClock(settings.sandbox_clock)


def dsn_of(settings: Settings) -> str:
    """The configured database, or the embedded server's, started if need be."""
    return settings.database_url or server.start(data_dir_of(settings))


def data_dir_of(settings: Settings) -> Path:
    """Where the embedded server keeps its data."""
    return settings.data_dir or server.default_data_dir(environ(), is_root=server.default_is_root())


def _ledger(settings: Settings, store: EventStore, books: Books, directory: Directory) -> Ledger:
    return Ledger(
        store,
        books,
        directory,
        LedgerSettings(
            shard=settings.shard,
            reference_key=settings.reference_key,
            reference_prefix=settings.reference_prefix,
            lump_rails=ALWAYS_IN_LUMPS | ({"portal"} if settings.portal_lumps else frozenset()),
        ),
    )
