"""One shard put together: the only place that knows which adapter serves which port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
from ledger.application import Ledger
from ledger.books import FoldedBooks
from ledger.codec import Codec
from ledger.directory import FoldedDirectory
from ledger.ports import Evidence, Inbox, Recorder, Vault
from ledger.store import EventStore
from ledger.work import Settings as LedgerSettings


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
    return _assemble(settings, MemoryRecorder(), MemoryInbox(), MemoryEvidence(), MemoryVault(), None)


@contextmanager
def on_postgres(settings: Settings, *, patience: float = 5.0) -> Iterator[Installation]:
    """A shard on PostgreSQL: the configured server, or the embedded one, migrated to the newest schema.

    ``patience`` is how long one call waits for a connection, in seconds; each is tried a few times.
    """
    shard = Shard(dsn=dsn_of(settings), schema=settings.schema)
    migrate(shard)
    with (
        ShardDatastore(shard, connect_timeout=patience) as datastore,
        PostgresInbox(shard, settings.vault_key) as inbox,
    ):
        yield _assemble(
            settings,
            PostgresRecorder(datastore),
            inbox,
            PostgresEvidence(datastore, settings.vault_key),
            PostgresVault(datastore, settings.vault_key),
            shard,
        )


def dsn_of(settings: Settings) -> str:
    """The configured database, or the embedded server's, started if need be."""
    return settings.database_url or server.start(data_dir_of(settings))


def data_dir_of(settings: Settings) -> Path:
    """Where the embedded server keeps its data."""
    return settings.data_dir or server.default_data_dir(environ(), is_root=server.default_is_root())


def _assemble(
    settings: Settings,
    recorder: Recorder,
    inbox: Inbox,
    evidence: Evidence,
    vault: Vault,
    shard: Shard | None,
) -> Installation:
    store = EventStore(recorder, Codec(EVENT_TYPES))
    ledger = Ledger(
        store,
        FoldedBooks(store),
        FoldedDirectory(store),
        LedgerSettings(
            shard=settings.shard,
            reference_key=settings.reference_key,
            reference_prefix=settings.reference_prefix,
        ),
    )
    return Installation(
        settings=settings, store=store, ledger=ledger, inbox=inbox, evidence=evidence, vault=vault, shard=shard
    )
