"""Truth against book, to the đồng: every sum of the world, every payment of the ledger, every line of every account."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.sandbox.world.bank import Entry
from adapters.sandbox.world.money import PAID, Money
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.world import World
from api.sandbox.figures import Figure, balances, figures
from api.wiring import Installation
from domain.bank_account import UNSETTLED, LinesPlaced, MovementNamed, StatementImported, StatementLine
from domain.notice import Direction
from domain.payment import Asset, PaymentReceived, SuspenseIdentified, SuspenseNamed, WitnessAdded
from domain.refund import PayoutFailed, RefundPaidOut
from ledger.settling import WAITS
from ledger.store import Recorded

_BATCH = 5_000

#: What waits for a person whatever else befell it.
_ORDINARY = {"stranger": "tiền của người lạ, không phải đảng phí", "sent-back": "ngân hàng lấy lại tiền đã ghi có"}

#: Faults after which only a person can say whose money it is. Others, such as a message that came twice, explain none.
_UNNAMED = tuple(str(one) for one in (Fault.NO_CODE, Fault.WRONG_CHARACTER, Fault.WRONG_ACCOUNT, Fault.FOR_TWO))
_UNSETTLED = (str(Fault.SETTLEMENT_MISSING), str(Fault.SETTLEMENT_DOUBLED), str(Fault.SETTLEMENT_AMOUNT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that the book and the truth do not agree on; đồng."""

    what: str
    key: str
    truth: int
    book: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Money or a line that waits for a person, and what in the scenario made it so."""

    what: str  #: "suspense", "line" or "excess"
    key: str
    amount: int
    cause: str  #: "" where the scenario knows of none


@dataclass(slots=True, kw_only=True)
class Book:
    """What the ledger says, as far as it is compared."""

    received: dict[str, PaymentReceived] = field(default_factory=dict)
    names: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    lines: dict[str, dict[str, StatementLine]] = field(default_factory=lambda: defaultdict(dict))
    settled: set[str] = field(default_factory=set)  #: keys of lines that found a place
    until: dict[str, date] = field(default_factory=dict)  #: last day of the statements of each account
    closing: dict[str, int] = field(default_factory=dict)
    balances: Counter[tuple[str, str]] = field(default_factory=Counter)  #: of the accounts of ``figures``
    refunds: int = 0  #: paid back through the gateway, less what came back
    named: dict[str, int] = field(default_factory=dict)  #: of what waited, found its owner meanwhile

    def take(self, event: object) -> None:
        """Take one event in."""
        self._weigh(event)
        match event:
            case PaymentReceived():
                self.received[event.payment_id] = event
                self.names[(event.source, event.outside_reference)].add(event.payment_id)
            case WitnessAdded():
                self.names[(event.source, event.outside_reference)].add(event.payment_id)
            case StatementImported():
                for line in event.lines:
                    self.lines[event.account_id][line.key] = line
                if event.to_date >= self.until.get(event.account_id, event.to_date):
                    self.until[event.account_id] = event.to_date
                    self.closing[event.account_id] = event.closing
            case LinesPlaced():
                # What is known of a line may change: a lump waits for its settlement and is cleared by it.
                waits = {one.key for one in event.placements if one.outcome in (*UNSETTLED, WAITS)}
                self.settled = (self.settled | {one.key for one in event.placements}) - waits
            case MovementNamed():
                self.settled.add(event.bank_line)
            case SuspenseIdentified() | SuspenseNamed():
                self.named[event.payment_id] = self.named.get(event.payment_id, 0) + event.amount

    def _weigh(self, event: object) -> None:
        """What an event does to the balances that are compared, and to refunds."""
        self.balances.update(balances((event,)))
        if isinstance(event, RefundPaidOut) and event.asset == Asset.CLEARING:
            self.refunds += event.amount
        elif isinstance(event, PayoutFailed) and event.asset == Asset.CLEARING:
            self.refunds -= event.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of it. ``moved`` and ``explained`` are đồng of all bank lines, whatever their direction."""

    differences: tuple[Difference, ...]
    leftovers: tuple[Leftover, ...]
    totals: Mapping[str, tuple[int, int]]  #: by way: sums of truth and book
    moved: int
    explained: int
    figures: tuple[Figure, ...] = ()
    payments: tuple[int, int] = (0, 0)  #: sums of the world that somebody paid, and those that the book has rightly

    @property
    def ok(self) -> bool:
        """Whether not one đồng is lost or doubled and every leftover has its cause."""
        return not self.differences and all(one.cause for one in self.leftovers)


def book_of(inst: Installation) -> Book:
    """Read the ledger's side."""
    book = Book()
    for recorded in _events(inst):
        book.take(recorded.event)
    return book


def _events(inst: Installation) -> Iterator[Recorded]:
    position = 0
    while found := inst.store.read(position, _BATCH):
        yield from found
        position = found[-1].position


def compare(world: World, inst: Installation, cash: Mapping[str, int]) -> Comparison:
    """Compare everything. ``cash`` is what members gave to collectors, by cell and slip."""
    org = inst.ledger.work().organisation
    codes = {str(unit.unit_id): unit.code for unit in org.units.values()}
    return compare_book(world, book_of(inst), cash, codes)


def compare_book(world: World, book: Book, cash: Mapping[str, int], codes: Mapping[str, str]) -> Comparison:
    """The same, with the ledger's side as it was read; ``codes`` are the units' codes by id."""
    differences: list[Difference] = []
    leftovers: list[Leftover] = []
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    used: dict[str, str] = {}
    for money in world.moneys.values():
        if money.way not in PAID:
            continue
        found = sorted(_found(book, money))
        total = sum(book.received[one].amount for one in found)
        totals[money.way][0] += money.amount
        totals[money.way][1] += total
        used |= dict.fromkeys(found, money.key)
        if total != money.amount:
            told = "không có trong sổ" if not found else "ghi nhiều lần" if len(found) > 1 else "lệch số tiền"
            differences.append(Difference(what=told, key=money.key, truth=money.amount, book=total))
        leftovers += [_suspense(world, money, book.received[one]) for one in found if _waits(book, one)]
    differences += _strange(book, used, cash, codes)
    totals["cash"] = [sum(cash.values()), sum(one.amount for one in book.received.values() if one.channel == "cash")]
    moved, explained = _accounts(world, book, differences, leftovers)
    both = _figures(world, book, leftovers)
    differences += [
        Difference(what=one.name, key="", truth=one.truth, book=one.book) for one in both if one.truth != one.book
    ]
    of_payments = {one.key for one in differences}
    paid = [one.key for one in world.moneys.values() if one.way in PAID] + list(cash)
    return Comparison(
        figures=both,
        payments=(len(paid), sum(key not in of_payments for key in paid)),
        differences=tuple(differences),
        leftovers=tuple(leftovers),
        totals={way: (both[0], both[1]) for way, both in totals.items()},
        moved=moved,
        explained=explained,
    )


def _figures(world: World, book: Book, leftovers: list[Leftover]) -> tuple[Figure, ...]:
    """Balances and refunds, both ways. Money that waits without a cause in the scenario has no truth to wait for."""
    unnamed = sum(one.amount for one in leftovers if one.what == "suspense" and one.cause)
    waits = {one.key for one in world.moneys.values() if one.way in ("payout", "payout-back") and cause_of(world, one)}
    found = figures(world, book.balances, book.until, unnamed, lambda one: one.key in waits)
    back = sum(one["amount"] for one in world.gateway.refunds.values() if one["status"] == "succeeded")
    return (*found, Figure(name="hoàn qua cổng thẻ", truth=back, book=book.refunds))


def _strange(
    book: Book, used: Mapping[str, str], cash: Mapping[str, int], codes: Mapping[str, str]
) -> Iterator[Difference]:
    """Payments of the book that nobody made, and cash that was given otherwise or is not in the book."""
    given = dict(cash)
    for payment in book.received.values():
        if payment.channel == "cash":
            slip = f"{codes.get(payment.unit_id, payment.unit_id)}/{payment.outside_reference}"
            told = given.pop(slip, 0)
            if told != payment.amount:
                yield Difference(what="phiếu tiền mặt lệch", key=slip, truth=told, book=payment.amount)
        elif payment.payment_id not in used:
            yield Difference(what="sổ có, ngoài đời không", key=payment.payment_id, truth=0, book=payment.amount)
    for slip, amount in given.items():
        yield Difference(what="mất phiếu", key=slip, truth=amount, book=0)


def _found(book: Book, money: Money) -> set[str]:
    """Payments of the book that are this money, by any of its outside names."""
    names = [(money.way, money.outside)] if money.way in ("portal", "gateway") else []
    if money.bank_reference and not money.in_lump:
        names.append((f"bank:{money.account_id}", money.bank_reference))
    return {one for name in names for one in book.names.get(name, ()) if one in book.received}


def _waits(book: Book, payment_id: str) -> bool:
    return book.received[payment_id].suspense_amount > book.named.get(payment_id, 0)


def _suspense(world: World, money: Money, payment: PaymentReceived) -> Leftover:
    return Leftover(what="suspense", key=money.key, amount=payment.suspense_amount, cause=cause_of(world, money))


def cause_of(world: World, money: Money | None) -> str:
    """Why money may wait for a person; "" where nothing in the scenario makes it wait."""
    if money is None:
        return ""
    if money.way in _ORDINARY:
        return _ORDINARY[money.way]
    if money.way == "payout":
        parts = {fault for key in money.of for fault in world.moneys[key].befell}
        return ", ".join(sorted(parts & set(_UNSETTLED)))
    return ", ".join(fault for fault in money.befell if fault in _UNNAMED)


def _accounts(world: World, book: Book, differences: list[Difference], leftovers: list[Leftover]) -> tuple[int, int]:
    """Compare each account's ledger with the lines in the book; returns đồng moved and explained."""
    moved = explained = 0
    for account_id, entries in world.bank.entries.items():
        until = book.until.get(account_id)
        lines = book.lines.get(account_id, {})
        shown = [entry for entry in entries if until is not None and entry.booked_on <= until]
        by_reference = {entry.reference: entry for entry in shown}
        truth, told = sum(entry.signed for entry in shown), sum(_signed(line) for line in lines.values())
        if truth != told or len(lines) != len(shown):
            differences.append(Difference(what="số dư tài khoản", key=account_id, truth=truth, book=told))
        for line in lines.values():
            moved += line.amount
            entry = by_reference.get(line.bank_reference or "") or _twin(shown, line)
            about = None if entry is None else world.moneys.get(entry.about)
            if line.key in book.settled:
                explained += line.amount
                continue
            cause = cause_of(world, about)
            explained += line.amount if cause else 0
            leftovers.append(
                Leftover(what="line", key=about.key if about else line.key, amount=_signed(line), cause=cause)
            )
    return moved, explained


def _twin(entries: list[Entry], line: StatementLine) -> Entry | None:
    """The entry of a line whose file carried no reference, where only one can be meant."""
    same = [
        one
        for one in entries
        if (one.booked_on, one.amount, one.direction) == (line.booked_on, line.amount, line.direction)
    ]
    return same[0] if len(same) == 1 else None


def _signed(line: StatementLine) -> int:
    return line.amount if line.direction is Direction.IN else -line.amount


def as_dict(found: Comparison) -> dict[str, Any]:
    """For the JSON page."""
    return {
        "ok": found.ok,
        "totals": {way: {"truth": truth, "book": book} for way, (truth, book) in sorted(found.totals.items())},
        "payments": {"truth": found.payments[0], "book": found.payments[1]},
        "figures": [{"name": one.name, "truth": one.truth, "book": one.book} for one in found.figures],
        "moved": found.moved,
        "explained": found.explained,
        "differences": [
            {"what": one.what, "key": one.key, "truth": one.truth, "book": one.book} for one in found.differences
        ],
        "leftovers": [
            {"what": one.what, "key": one.key, "amount": one.amount, "cause": one.cause} for one in found.leftovers
        ],
    }
