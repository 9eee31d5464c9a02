"""What a projection is: a small value that says which events it reads and how a batch of them becomes rows.

``apply`` is handed a writer and a batch and nothing else, so the same function fills the tables that serve and the
ones that a rebuild fills beside them. It must be a fold: the same events in the same order give the same rows,
whatever the size of the batches.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, get_args

from domain.events import EVENT_NAMES
from ledger.store import Recorded
from projections.postings import Postings, of_events
from projections.table import Table
from projections.writing import Writer


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of positions ``after + 1`` … ``until``, and their postings, reckoned once for all projections.

    A batch read for projections that ask for postings alone has no ``events``.
    """

    after: int
    until: int
    events: tuple[Recorded, ...]
    postings: Postings
    prepared: dict[str, Any] = field(default_factory=dict)  #: by projection; made while the batch before is written

    def __len__(self) -> int:
        return self.until - self.after


def names_of(*events: type | UnionType) -> tuple[str, ...]:
    """The names under which event classes, or unions of them, stand in the log."""
    return tuple(EVENT_NAMES[cls] for one in events for cls in (get_args(one) or (one,)))


def batch_of(after: int, events: tuple[Recorded, ...]) -> Batch:
    """Events as the reader gives them after a position."""
    return Batch(after, after + len(events), events, of_events(events))


def named_batch(after: int, until: int, events: tuple[Recorded, ...]) -> Batch:
    """A batch of which only the events of some names are known."""
    return Batch(after, until, events, Postings())


def postings_batch(after: int, until: int, postings: Postings) -> Batch:
    """A batch of which only the postings are known."""
    return Batch(after, until, (), postings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A read model. ``version`` stands in the names of its tables: a new shape of rows is a new version.

    ``postings_only`` says that ``apply`` asks a batch for its postings and never for its events; such a projection is
    brought forward over the log's own rows, several times faster. ``prepare`` is the part of ``apply`` that needs no
    database; what it returns is found in ``batch.prepared`` when ``apply`` runs. ``names`` are the events that
    ``apply`` looks at, where it looks at no others and at no postings: alone, such a projection reads only these.
    """

    name: str
    version: int
    tables: tuple[Table[Any], ...]
    apply: Callable[[Writer, Batch], None]
    postings_only: bool = False
    prepare: Callable[[Batch], Any] | None = None
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if any(table.version != self.version for table in self.tables):
            raise ValueError(f"projection {self.name}: its tables carry another version than {self.version}")

    def write(self, writer: Writer, batch: Batch) -> None:
        """Turn a batch into rows."""
        self.make_ready(batch)
        self.apply(writer, batch)

    def make_ready(self, batch: Batch) -> None:
        """Do what can be done without the database, once."""
        if self.prepare is not None and self.name not in batch.prepared:
            batch.prepared[self.name] = self.prepare(batch)

    @property
    def reader(self) -> str:
        """The name under which its position stands in ``tracking``."""
        return f"{self.name}_v{self.version}"

    @property
    def builder(self) -> str:
        """The name under which the position of its rebuild stands in ``tracking``."""
        return f"{self.reader}_next"
