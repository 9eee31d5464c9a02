"""One command's work: streams loaded, states folded from them, new events decided, all of it appended at once.

Nothing is written before ``appends`` is handed to the store, so a refusal anywhere leaves nothing behind.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast
from uuid import UUID

from domain import (
    access,
    attempt,
    bank_account,
    bank_account_fold,
    book,
    cash,
    cash_count,
    cash_custody,
    cash_return,
    channel_case,
    closing,
    correction,
    day_close,
    declaration,
    dues_account,
    member,
    member_amount,
    opening,
    organisation,
    past,
    payment,
    payment_request,
    policy,
    receipt_book,
    refund,
    relief,
    relief_decider,
    remittance,
    restructuring,
    settlement,
    spending,
)
from domain.errors import Refusal
from domain.events import DomainEvent
from domain.identifiers import AccountId, MemberId, PaymentId, RefundId, RemittanceId, UnitId
from domain.money import Dong
from domain.period import day_of
from domain.reference import Reference, mint
from domain.settlement import ALWAYS_IN_LUMPS
from ledger.account_states import AccountStates, ToldPayments
from ledger.books import BATCH, Books, balance
from ledger.chart import natural
from ledger.directory import Directory
from ledger.folds import POLICY_STREAM, Evolve, fold_of
from ledger.posting import entry
from ledger.store import EventStore, StreamAppend

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who acts, when, under which command id, for what reason and on which paper."""

    actor: str
    at: datetime  #: aware; the day of the act is that of Asia/Ho_Chi_Minh
    command_id: UUID
    reason: str | None = None
    document: str | None = None

    @property
    def on(self) -> date:
        """The Vietnamese calendar day of the act."""
        return day_of(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a shard is told at its start: its number, the secret key of its references, their prefix."""

    shard: int
    reference_key: bytes
    reference_prefix: str = "HJ"
    lump_rails: frozenset[str] = ALWAYS_IN_LUMPS  #: channels whose bank lines stand for many payments, never for one


@dataclass(slots=True)
class _Stream:
    state: object
    evolve: Evolve
    version: int
    new: list[DomainEvent]


class Work:
    """Streams and states of one command. States reflect the events decided so far."""

    def __init__(
        self,
        store: EventStore,
        books: Books,
        directory: Directory,
        settings: Settings,
        accounts: AccountStates | None = None,
    ) -> None:
        self.books = books
        self.directory = directory
        self.settings = settings
        self._store = store
        self._streams: dict[str, _Stream] = {}
        self._guarded: set[str] = set()
        self._undo: list[tuple[_Stream, object]] | None = None
        self._accounts = accounts
        self._told = ToldPayments(directory)

    # --- loading ------------------------------------------------------------------------------------------------

    def preload(self, streams: Iterable[str]) -> None:
        """Load many streams in one query; what is loaded already is left alone."""
        wanted = [name for name in dict.fromkeys(streams) if name not in self._streams]
        if not wanted:
            return
        for name, (events, version) in self._store.load_many(wanted).items():
            self._fold(name, events, version)

    def state(self, name: str) -> object:
        """The folded state of a stream, new events included."""
        if name not in self._streams:
            if self._accounts is not None and name.startswith("account/"):
                state, version = self._accounts.load(self._store, name)
                self._streams[name] = _Stream(state, fold_of(name)[1], version, [])
            else:
                self._fold(name, *self._store.load(name))
        return self._streams[name].state

    def _fold(self, name: str, events: tuple[DomainEvent, ...], version: int) -> None:
        initial, evolve = fold_of(name)
        state = initial
        if name == organisation.STREAM:
            # A copy of the tree for each unit would make a large tree quadratic.
            state = organisation.fold(cast(tuple[organisation.OrganisationEvent, ...], events))
        elif name.startswith("account/"):
            state = bank_account_fold.fold(bank_account.EMPTY, cast(tuple[bank_account.AccountEvent, ...], events))
        else:
            for event in events:
                state = evolve(state, event)
        self._streams[name] = _Stream(state, evolve, version, [])

    def events(self, name: str) -> tuple[DomainEvent, ...]:
        """The recorded events of a stream, oldest first; new ones are not among them."""
        return self._store.load(name)[0]

    def recorded_since(self, name: str, kind: str) -> Iterator[DomainEvent]:
        """Everything in the log after a stream's first event of a kind, in log order; nothing if there is none."""
        first = self._store.read_streams((name,), until=self._store.head(), names=(kind,))
        position = first[0].position if first else self._store.head()
        while found := self._store.read(position, BATCH):
            yield from (recorded.event for recorded in found)
            position = found[-1].position

    def version(self, name: str) -> int:
        """How many events a stream has, new ones included."""
        self.state(name)
        found = self._streams[name]
        return found.version + len(found.new)

    # --- deciding -----------------------------------------------------------------------------------------------

    def record(self, name: str, events: Iterable[DomainEvent]) -> int:
        """Take new events into a stream and return how many there were.

        Streams stand in the log in the order in which each got its first new event, so that a reader meets cause
        before consequence.
        """
        self.state(name)
        found = self._streams[name]
        count = 0
        for event in events:
            if not found.new:
                self._streams[name] = self._streams.pop(name)
            after = found.evolve(found.state, event)
            if self._undo is not None:
                self._undo.append((found, found.state))
            found.state = after
            found.new.append(event)
            count += 1
        return count

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Within this block a refusal takes back what the block recorded: one bad fact of many leaves no half."""
        outer, self._undo = self._undo, []
        try:
            yield
        except Refusal:
            for found, before in reversed(self._undo):
                found.state = before
                found.new.pop()
            self._undo = []
            raise
        finally:
            if outer is not None:
                outer += self._undo
            self._undo = outer

    def guard(self, name: str) -> None:
        """Let the command stand only if this stream, which was read, is still what it was."""
        self.state(name)
        self._guarded.add(name)

    def appends(self) -> tuple[StreamAppend, ...]:
        """The new events by stream, with the version each stream was seen at."""
        return tuple(
            StreamAppend(stream=name, expected_version=found.version, events=tuple(found.new))
            for name, found in self._streams.items()
            if found.new or name in self._guarded
        )

    def balance(self, unit: str, account: str, key: str | None = None) -> Dong:
        """A balance on its natural side with what this command has decided so far; of a key or of all; đồng."""
        new = sum(
            line.amount
            for event in self.new_events()
            for line in entry(event)
            if (line.unit, line.account) == (unit, account) and key in (None, line.key)
        )
        return balance(self.books, unit, account, key) + natural(account, new)

    def new_events(self) -> tuple[DomainEvent, ...]:
        """All events decided so far."""
        return tuple(event for found in self._streams.values() for event in found.new)

    def preload_told(self, account_id: AccountId, first: date, last: date) -> None:
        """Look up in one go what was told of an account's money dated from ``first`` to ``last``."""
        self._told.look_up(account_id, first, last)

    def payments_told(self, account_id: AccountId, amount: Dong, first: date, last: date) -> tuple[PaymentId, ...]:
        """As ``Directory.payments_told``, from what was looked up before where that covers the days."""
        return self._told.find(account_id, amount, first, last)

    # --- states by kind -----------------------------------------------------------------------------------------

    @property
    def organisation(self) -> organisation.Organisation:
        """The tree."""
        return cast(organisation.Organisation, self.state(organisation.STREAM))

    @property
    def access(self) -> access.Access:
        """The grants."""
        return cast(access.Access, self.state(access.STREAM))

    @property
    def policy(self) -> policy.Policy:
        """The law in force."""
        return cast(policy.Policy, self.state(POLICY_STREAM))

    def member_state(self, member_id: MemberId) -> member.State:
        """A member, known or not."""
        return cast(member.State, self.state(member.stream(member_id)))

    def member(self, member_id: MemberId) -> member.Member:
        """A member, or a refusal if unknown."""
        return member.require_known(cast(member.State, self.state(member.stream(member_id))))

    def dues(self, member_id: MemberId, year: int) -> dues_account.Account:
        """A member's account of a year."""
        return cast(dues_account.Account, self.state(dues_account.stream(member_id, year)))

    def reliefs(self, member_id: MemberId) -> relief.Reliefs:
        """A member's applications, exemptions and arrangements."""
        return cast(relief.Reliefs, self.state(relief.stream(member_id)))

    def relief_decider(self, unit_id: UnitId) -> relief_decider.State:
        """Who decides on a unit's reliefs, as assigned so far."""
        return cast(relief_decider.State, self.state(relief_decider.stream(unit_id)))

    def amounts_set(self, member_id: MemberId) -> member_amount.State:
        """Amounts set for a member by decisions."""
        return cast(member_amount.State, self.state(member_amount.stream(member_id)))

    def request(self, reference: str) -> payment_request.State:
        """What was asked under a reference."""
        return cast(payment_request.State, self.state(payment_request.stream(reference)))

    def attempt(self, reference: str) -> attempt.Attempt:
        """What is known of the attempt under a reference."""
        return cast(attempt.Attempt, self.state(attempt.stream(reference)))

    def payment(self, payment_id: PaymentId) -> payment.State:
        """A payment."""
        return cast(payment.State, self.state(payment.stream(payment_id)))

    def signed_books(self, unit_id: UnitId) -> book.Books:
        """A unit's signed books."""
        return cast(book.Books, self.state(book.stream(unit_id)))

    def cash(self, unit_id: UnitId) -> cash.Cash:
        """A unit's cash on its way."""
        return cast(cash.Cash, self.state(cash.stream(unit_id)))

    def cash_counts(self, unit_id: UnitId) -> cash_count.CashCounts:
        """A unit's counts of its cash."""
        return cast(cash_count.CashCounts, self.state(cash_count.stream(unit_id)))

    def custody(self, unit_id: UnitId) -> cash_custody.Custody:
        """Who answers for a unit's cash."""
        return cast(cash_custody.Custody, self.state(cash_custody.stream(unit_id)))

    def cash_returns(self, unit_id: UnitId) -> cash_return.Returns:
        """Held money that went back to a unit in cash."""
        return cast(cash_return.Returns, self.state(cash_return.stream(unit_id)))

    def spending(self, unit_id: UnitId) -> spending.Spending:
        """A unit's vouchers."""
        return cast(spending.Spending, self.state(spending.stream(unit_id)))

    def account(self, account_id: AccountId) -> bank_account.BankAccount:
        """What a bank said of an account."""
        return cast(bank_account.BankAccount, self.state(bank_account.stream(account_id)))

    def settlement(self, rail: str, settlement_id: str) -> settlement.Settled:
        """What a channel told of one of its settlements."""
        return cast(settlement.Settled, self.state(settlement.stream(rail, settlement_id)))

    def channel_case(self, rail: str, case_id: str) -> channel_case.ChannelCase:
        """What is known of money that a channel took back."""
        return cast(channel_case.ChannelCase, self.state(channel_case.stream(rail, case_id)))

    def opening(self, unit_id: UnitId) -> opening.Opening:
        """A unit's opening balances."""
        return cast(opening.Opening, self.state(opening.stream(unit_id)))

    def past(self, unit_id: UnitId) -> past.Past:
        """What old books were taken in by an office."""
        return cast(past.Past, self.state(past.stream(unit_id)))

    def receipts(self, unit_id: UnitId, year: int) -> receipt_book.Book:
        """A unit's receipt book of a year."""
        return cast(receipt_book.Book, self.state(receipt_book.stream(unit_id, year)))

    def declarations(self, unit_id: UnitId) -> declaration.Declarations:
        """A unit's declarations."""
        return cast(declaration.Declarations, self.state(declaration.stream(unit_id)))

    def incoming(self, remittance_id: RemittanceId) -> tuple[remittance.RemittanceReceived, ...]:
        """What came in here for a remittance sent from another shard."""
        return cast(tuple[remittance.RemittanceReceived, ...], self.state(f"incoming/{remittance_id}"))

    def remittance(self, remittance_id: RemittanceId) -> remittance.State:
        """A remittance."""
        return cast(remittance.State, self.state(remittance.stream(remittance_id)))

    def closing(self, unit_id: UnitId) -> closing.Closing:
        """Which months of a unit are closed."""
        return cast(closing.Closing, self.state(closing.stream(unit_id)))

    def day_closes(self, account_id: AccountId) -> day_close.DayCloses:
        """Which days of an account are closed."""
        return cast(day_close.DayCloses, self.state(day_close.stream(account_id)))

    def corrections(self, unit_id: UnitId) -> correction.Corrections:
        """A unit's corrections."""
        return cast(correction.Corrections, self.state(correction.stream(unit_id)))

    def refund(self, refund_id: RefundId) -> refund.State:
        """A refund."""
        return cast(refund.State, self.state(refund.stream(refund_id)))

    def restructure(self, restructure_id: str) -> restructuring.State:
        """An act on the tree."""
        return cast(restructuring.State, self.state(restructuring.stream(restructure_id)))

    # --- references ---------------------------------------------------------------------------------------------

    def mint(self, count: int) -> tuple[Reference, ...]:
        """Take ``count`` new references of the shard; two commands can never take the same (stream version)."""
        first = cast(int, self.state(payment_request.COUNTER_STREAM))
        if count == 0:
            return ()
        self.record(payment_request.COUNTER_STREAM, (payment_request.CountersReserved(first=first, count=count),))
        s = self.settings
        return tuple(
            mint(key=s.reference_key, shard=s.shard, counter=counter, prefix=s.reference_prefix)
            for counter in range(first, first + count)
        )
