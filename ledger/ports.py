"""What the ledger asks of the outside: small interfaces that the adapters provide.

The values that cross them are defined here too. Each interface has a PostgreSQL and an in-memory
implementation, and both pass the same contract tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from domain.errors import Refusal, RefusalCode
from ledger.codec import Meta

if TYPE_CHECKING:
    from domain.events import DomainEvent


class Clock(Protocol):
    """Tells the time of recording; the demo's scenario and the tests bring their own."""

    def now(self) -> datetime:
        """Return the present instant, aware."""


# --- the event log ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """The rows of one command as parallel columns, in the order in which they are to stand in the log.

    ``guards`` are the streams whose present version must equal the one given (0: no event yet). A stream
    that is new to the log and receives events needs none: its first version is protected by the key.
    """

    streams: Sequence[str]
    versions: Sequence[int]
    topics: Sequence[str]
    states: Sequence[bytes]
    guards: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """What is kept of a command beside its events, so that the same command gets the same answer (I25)."""

    command_id: UUID
    name: str
    request_digest: str
    answer: bytes
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand:
    """A command that is on record. Without events the range is empty: ``first_position == last_position
    + 1``.
    """

    command_id: UUID
    name: str
    request_digest: str
    answer: bytes
    actor: str
    recorded_at: datetime  #: after clamping: never before the event that precedes it in the log (I24)
    first_position: int
    last_position: int
    event_count: int


class StoredRow(NamedTuple):
    """One row of the log as it is stored."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    recorded_at: datetime


class Recorder(Protocol):
    """One shard's log. Beside this it keeps the library's ``ApplicationRecorder`` contract.

    Positions run 1, 2, 3 … without a gap, in the order of commits: a reader that asks for what lies after the
    last position it saw never misses an event. Errors are the library's: ``IntegrityError`` when a version is
    taken or a guard does not hold, ``OperationalError`` or ``InterfaceError`` when the database cannot be
    reached, in which case the outcome is unknown until the command is looked up.
    """

    def append(self, batch: EventBatch, command: CommandRow) -> tuple[StoredCommand, bool]:
        """Record events and command in one transaction, or find the command already there.

        Returns the command on record and whether this call put it there.
        """

    def select_command(self, command_id: UUID) -> StoredCommand | None:
        """Return the command on record, if it is."""

    def select_commands(self, after: UUID | None, limit: int) -> Sequence[StoredCommand]:
        """Return at most ``limit`` commands on record in the order of their ids, after one or from the first."""

    def select_stream(self, stream: str, after_version: int) -> Sequence[tuple[int, str, bytes]]:
        """Return (version, topic, state) of one stream after a version, oldest first."""

    def select_streams(self, streams: Sequence[str]) -> Sequence[tuple[str, int, str, bytes]]:
        """Return (stream, version, topic, state) of several streams, each stream's rows oldest first."""

    def select_stream_rows(self, streams: Sequence[str], topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return the rows of several streams in log order, with their positions; no topics means every topic."""

    def select_rows(self, after_position: int, limit: int, topics: Sequence[str]) -> Sequence[StoredRow]:
        """Return at most ``limit`` rows after a position in log order; no topics means every topic."""

    def max_notification_id(self) -> int | None:
        """Return the last position, or None while the log is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event with its place in the log."""

    position: int  #: 1, 2, 3 … of the shard, without a gap
    stream: str
    version: int  #: 1, 2, 3 … of the stream, without a gap
    name: str  #: stable name without version, such as "payment-received"
    event: "DomainEvent"
    meta: Meta
    recorded_at: datetime


class EventReader(Protocol):
    """The log as projections and checks read it."""

    def read(self, after_position: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
        """Return at most ``limit`` events after a position, in log order, optionally only of some names."""

    def rows(self, after_position: int, limit: int) -> Sequence[StoredRow]:
        """Return at most ``limit`` rows after a position as they are stored, in log order."""

    def read_streams(
        self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
    ) -> tuple[Recorded, ...]:
        """Return the events of several streams up to a position (inclusive), in log order; optionally by name."""

    def head(self) -> int:
        """Return the last position; 0 while the log is empty."""


# --- messages from outside --------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What is thought of a message that came in."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  #: kept, not believed; ``reject_code`` says why
    CONFLICT = "conflict"  #: believed, but an accepted message of the same name says something else (I4)


class KeepOutcome(StrEnum):
    """What became of a message handed to the inbox."""

    NEW = "new"
    KNOWN = "known"  #: the same source, outside reference and content was kept before
    CONFLICT = "conflict"  #: the same source and outside reference was kept before with other content


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message as it arrived.

    ``digest`` is the sha256 (hex) over what makes two deliveries the same message; a channel that repeats a
    message with a fresh timestamp leaves the timestamp out. ``outside_reference`` carries the status too
    where a channel reports several states of one payment, since a later state is news and not a
    contradiction.
    """

    source: str
    outside_reference: str
    received_at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    verdict: Verdict
    reject_code: str | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a message is kept: the row's id, and whether it was known before."""

    id: int
    outcome: KeepOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A kept message with its id, which is also the order in which messages are worked on."""

    id: int
    message: InboxMessage
    processed_position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxState:
    """How much waits in the inbox. ``oldest`` is when the message that waits longest came in."""

    waiting: int
    oldest: datetime | None
    parked: int


class Inbox(Protocol):
    """Raw messages, kept before anything is made of them, unique by source and outside reference.

    Only accepted messages claim their name: a forged message with a bad signature cannot take the place of
    the true one that follows it.
    """

    def keep(self, messages: Sequence[InboxMessage]) -> tuple[Kept, ...]:
        """Keep messages and return when they are durable. Requests of many threads share one commit."""

    def keep_later(self, messages: Sequence[InboxMessage]) -> "Future[tuple[Kept, ...]]":
        """Do the same without waiting; the future is done when the messages are durable."""

    def take(self, limit: int) -> tuple[KeptMessage, ...]:
        """Return unprocessed messages in order of arrival: accepted ones and conflicts, never rejected or
        parked ones.
        """

    def get(self, message_id: int) -> KeptMessage | None:
        """Return one kept message, whatever its verdict."""

    def about(self, sources: Sequence[str], names: Sequence[str]) -> tuple[KeptMessage, ...]:
        """Return the messages of some channels whose outside reference is one of ``names`` or goes on behind it with a
        slash, in order of arrival, whatever their verdict.
        """

    def latest(self, limit: int, verdict: Verdict | None = None) -> tuple[KeptMessage, ...]:
        """Return the last messages that came in, newest first; of one verdict where it is given."""

    def mark_processed(self, ids: Sequence[int], position: int) -> None:
        """Say that messages are dealt with, and up to which log position; doing it twice changes nothing."""

    def park(self, message_id: int, reason: str, at: datetime) -> None:
        """Set a message aside that cannot be worked on, so that those behind it go on; never forget it."""

    def unpark(self) -> int:
        """Let every parked message back in, in its old place, and return how many there were."""

    def state(self) -> InboxState:
        """Return how much waits and how much is parked."""


# --- personal data ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """A kept document or message: hash and kind stay for ever, the content until it is erased."""

    evidence_id: UUID
    sha256: str  #: hex, of the content in clear
    media_type: str
    content: bytes | None  #: None when erased
    erased_at: datetime | None


class Evidence(Protocol):
    """Raw messages, statement rows and files that may name people: encrypted, erasable, referred to by id."""

    def store(self, evidence_id: UUID, media_type: str, content: bytes) -> str:
        """Keep content and return its sha256 (hex). The same id and content again changes nothing.

        Raises ``ValueError`` if the id is taken by other content.
        """

    def store_many(self, items: Sequence[tuple[UUID, str, bytes]]) -> frozenset[UUID]:
        """Keep many contents (id, media type, content) in one transaction.

        What stands under an id stays; returns the ids that hold other content than the one given.
        """

    def fetch(self, evidence_id: UUID) -> EvidenceItem | None:
        """Return what is kept under an id. Raises ``Tampered`` if the stored bytes are not what was put
        there.
        """

    def erase(self, evidence_id: UUID, at: datetime) -> bool:
        """Destroy the content, keep hash and kind; return whether there was content to destroy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the identity vault holds of a member; nothing else in the system knows it."""

    member_id: str
    name: str
    card_number: str | None  #: number of the Party card, as given


class Vault(Protocol):
    """Names and card numbers of members, each under a key of its own, so that erasure leaves history
    whole.
    """

    def put(self, persons: Sequence[Person]) -> None:
        """Keep or replace persons, all or none.

        Refuses ``CARD_TAKEN`` when another member has the card number, and ``IDENTITY_ERASED`` for a member
        whose identity was erased: importing an old list again must not bring it back.
        """

    def name(self, member_id: str) -> str | None:
        """Return the member's name; None when unknown or erased."""

    def persons(self, member_ids: Sequence[str]) -> Mapping[str, Person]:
        """Return the persons known among these members, by member id."""

    def find_by_card(self, card_number: str) -> str | None:
        """Return the member id that has this card number; found by keyed hash, without decrypting
        anything.
        """

    def erase(self, member_id: str, at: datetime) -> bool:
        """Destroy the person's key and ciphertexts; return whether there was an identity to destroy."""


class Tampered(Exception):
    """Stored bytes fail their authentication: changed, cut, or moved here from another row."""


def card_taken() -> Refusal:
    """The refusal for a card number that another member has; it does not repeat the number."""
    return Refusal(
        RefusalCode.CARD_TAKEN,
        "Số thẻ Đảng này đã thuộc về một đảng viên khác trong kho danh tính. Hãy kiểm tra lại số thẻ trong danh sách.",
    )


def identity_erased(member_id: str) -> Refusal:
    """The refusal to bring back an identity that was erased."""
    return Refusal(
        RefusalCode.IDENTITY_ERASED,
        f"Danh tính của đảng viên {member_id} đã được xoá theo quyết định và không thể nhập lại. "
        "Hãy bỏ người này khỏi danh sách, hoặc lập hồ sơ mới nếu người này được kết nạp lại.",
        member_id=member_id,
    )
