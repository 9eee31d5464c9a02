"""Bank accounts as commands find them: states kept between commands, and look-ups made once for many lines.

An account may have millions of lines. A long statement goes in by many commands, each of which needs the whole state;
read anew for each, an import would take time by the square of its length.
"""

import threading
from collections import OrderedDict, defaultdict
from datetime import date
from typing import cast

from domain import bank_account, bank_account_fold
from domain.bank_account import AccountEvent, BankAccount
from domain.identifiers import AccountId, PaymentId
from domain.money import Dong
from ledger.directory import Directory
from ledger.store import EventStore

#: So many accounts' states are kept by a process, those used last.
KEPT = 4


class AccountStates:
    """The last states of a few accounts, each brought up with the tail of its stream; safe for threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[BankAccount, int]] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, store: EventStore, name: str) -> tuple[BankAccount, int]:
        """The state of an account's stream and the stream's version."""
        with self._lock:
            state, version = self._kept.get(name, (bank_account.EMPTY, 0))
        events, now = store.load_after(name, version)
        if events:
            state = bank_account_fold.fold(state, cast(tuple[AccountEvent, ...], events))
        with self._lock:
            self._kept[name] = (state, now)
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return state, now


class ToldPayments:
    """What was told of an account's money, by amount, for the days that were looked up; else asked one by one."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._days: dict[AccountId, tuple[date, date]] = {}
        self._found: dict[tuple[AccountId, Dong], list[tuple[date, PaymentId]]] = defaultdict(list)

    def look_up(self, account_id: AccountId, first: date, last: date) -> None:
        """Ask once for all days; an account is looked up once in a command."""
        if account_id in self._days:
            return
        self._days[account_id] = (first, last)
        for amount, day, name in self._directory.all_payments_told(account_id, first, last):
            self._found[account_id, amount].append((day, name))

    def find(self, account_id: AccountId, amount: Dong, first: date, last: date) -> tuple[PaymentId, ...]:
        """Payments of an amount dated from ``first`` to ``last``, as first told."""
        known = self._days.get(account_id)
        if known is None or first < known[0] or last > known[1]:
            return self._directory.payments_told(account_id, amount, first, last)
        found = self._found.get((account_id, amount), ())
        return tuple(dict.fromkeys(name for day, name in found if first <= day <= last))
