"""A bank account day by day as the log gave it up to any position: what the statement says, what the book says.

Kept beside the reconciliation on purpose and made of other parts: the figures of a closed day are made again here from
the postings and the statements alone, so that one wrong program does not prove itself right.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from domain.bank_account import StatementImported, StatementTakenBack
from domain.identifiers import AccountId
from domain.money import Dong
from domain.notice import Direction
from domain.payment import CreditTakenBack, PaymentCredited, PaymentReceived
from domain.payment_channels import CreditReturned
from domain.period import day_of
from ledger.posting import Line, occurred_on
from ledger.store import Recorded

#: A position after every other.
_NEVER = 2**63


@dataclass(slots=True)
class _Line:
    on: date
    amount: Dong  #: signed
    since: int
    until: int = _NEVER  #: position of the event that took it back


@dataclass(slots=True)
class _Span:
    first: date
    last: date
    opening: Dong
    digest: str
    since: int
    until: int = _NEVER


@dataclass(slots=True)
class _Lined:
    """A payment of unknown owner whose bank line is known."""

    on: date
    since: int
    until: int = _NEVER


@dataclass(slots=True)
class _Account:
    lines: dict[str, list[_Line]] = field(default_factory=lambda: defaultdict(list))
    spans: list[_Span] = field(default_factory=list)
    book: list[tuple[date, int, Dong]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One account on one day, as known at a position; đồng."""

    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    book: Dong  #: 1120
    suspense: Dong  #: the part of ``book`` whose owner was not known on that day


class DayBooks:
    """Takes the log in event by event and makes the figures of any account, day and position again."""

    #: Those beside the ones that post.
    events = frozenset({StatementImported, StatementTakenBack, CreditTakenBack, CreditReturned})

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = defaultdict(_Account)
        self._waiting: dict[str, list[tuple[date, int, Dong]]] = defaultdict(list)  #: 3380 by payment
        self._lined: dict[str, dict[str, _Lined]] = defaultdict(dict)  #: account → payment
        self._lies: dict[str, dict[str, tuple[date, int]]] = defaultdict(dict)  #: account → payment → since when

    def take(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event in, with the entry that follows from it."""
        event, position = recorded.event, recorded.position
        match event:
            case StatementImported():
                self._import(event, position)
            case StatementTakenBack():
                self._take_back(event, position)
            case PaymentReceived() if event.suspense_amount:
                self._lies[event.asset_key][event.payment_id] = (event.booked_on or event.paid_on, position)
                if event.bank_line is not None and event.booked_on is not None:
                    self._lined[event.asset_key][event.payment_id] = _Lined(event.booked_on, position)
            case PaymentCredited():
                self._lies[event.account_id][event.payment_id] = (event.booked_on, position)
                self._lined[event.account_id][event.payment_id] = _Lined(event.booked_on, position)
            case CreditTakenBack() | CreditReturned():
                lined = self._lined[event.account_id].get(event.payment_id)
                if lined is not None:
                    lined.until = position
            case _:
                pass
        for line in lines:
            if line.account in ("1120", "3380"):
                on = occurred_on(event, day_of(recorded.recorded_at))
                if isinstance(event, PaymentReceived) and event.booked_on is not None:
                    on = event.booked_on
                if line.account == "1120":
                    self._accounts[line.key].book.append((on, position, line.amount))
                else:
                    self._waiting[line.key].append((on, position, -line.amount))

    def _import(self, event: StatementImported, position: int) -> None:
        account = self._accounts[event.account_id]
        account.spans.append(_Span(event.from_date, event.to_date, event.opening, event.file_digest, position))
        for line in event.lines:
            amount = line.amount if line.direction is Direction.IN else -line.amount
            account.lines[line.key].append(_Line(line.booked_on, amount, position))

    def _take_back(self, event: StatementTakenBack, position: int) -> None:
        account = self._accounts[event.account_id]
        for key in event.bank_lines:
            for line in account.lines.get(key, ())[-1:]:
                line.until = min(line.until, position)
        own = (event.file_digest, event.from_date, event.to_date)
        for span in account.spans:
            if (span.digest, span.first, span.last) == own:
                span.until = min(span.until, position)

    def figures(self, account_id: AccountId, day: date, position: int) -> DayFigures | None:
        """The figures of a day as the log gave them up to ``position``; None where no statement covers the day."""
        account = self._accounts.get(account_id)
        spans = [] if account is None else [s for s in account.spans if s.since <= position < s.until]
        covering = [s for s in spans if s.first <= day <= s.last]
        if account is None or not covering:
            return None
        span = max(covering, key=lambda s: (s.first, s.last))
        known = [x for told in account.lines.values() for x in told if x.since <= position < x.until]
        own = [x for x in known if span.first <= x.on <= day]
        closing = span.opening + sum(x.amount for x in own)
        money_in = sum(x.amount for x in own if x.on == day and x.amount > 0)
        money_out = -sum(x.amount for x in own if x.on == day and x.amount < 0)
        return DayFigures(
            opening=closing - money_in + money_out,
            money_in=money_in,
            money_out=money_out,
            closing=closing,
            book=_until(account.book, day, position),
            suspense=sum(
                _until(self._waiting[payment], day, position)
                for payment, (on, since) in self._lies[account_id].items()
                if on <= day and since <= position and payment in self._waiting
            ),
        )

    def waiting(self, account_id: AccountId, day: date, position: int) -> Dong:
        """What of the money on the bank's lines of that very day still waited for its owner at ``position``."""
        return sum(
            _until(self._waiting[payment], date.max, position)
            for payment, lined in self._lined[account_id].items()
            if lined.on == day and lined.since <= position < lined.until and payment in self._waiting
        )


def _until(moves: list[tuple[date, int, Dong]], day: date, position: int) -> Dong:
    return sum(amount for on, at, amount in moves if on <= day and at <= position)
