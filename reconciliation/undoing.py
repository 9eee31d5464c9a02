"""What a correction turned round, given back to the items that it concerns.

One correction states one posting for everything that it takes back, while other events of the same command name what
that was. Both are collected over the command; what is left of the posting afterwards stays an entry of its own.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from domain.bank_account import StatementTakenBack
from domain.cash import BagCreditUndone
from domain.correction import EntryReversed
from domain.events import DomainEvent
from domain.identifiers import AccountId
from domain.money import Dong
from domain.payment import CreditTakenBack, PaymentTakenBack
from reconciliation.facts import Movement
from reconciliation.told import Seen


@dataclass(slots=True)
class Undoing:
    """What the command at hand has turned round so far."""

    on: date | None = None
    position: int = 0
    stated: dict[tuple[str, str], Dong] = field(default_factory=lambda: defaultdict(int))  #: (code, key)
    items: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)  #: items of which only the bank's credit is taken back

    def see(self, event: DomainEvent) -> None:
        """Note what is named as taken back."""
        match event:
            case PaymentTakenBack():
                self.items.append(f"payment:{event.payment_id}")
            case CreditTakenBack():
                self.credits.append(f"payment:{event.payment_id}")
            case BagCreditUndone():
                self.credits.append(f"bag:{event.bag}")
            case StatementTakenBack():
                self.items += [f"named:{key}" for key in event.bank_lines]
            case _:
                pass

    def state(self, event: EntryReversed, code: str, key: str, amount: Dong, position: int) -> None:
        """Note a posting of the correction."""
        self.on, self.position = event.corrected_on, position
        self.stated[code, key] += amount

    def settle(self, seen: Seen) -> list[tuple[str, str, Dong]]:
        """Give each item its part; returns what is left of the posting as (code, key, amount)."""
        if self.on is None:
            return []
        for item in dict.fromkeys((*self.items, *self.credits)):
            if item not in seen.items:
                continue
            for code, amount in self._sums(seen, item).items():
                account = seen.items[item].account_id
                key = str(account) if code == "1120" else seen.keys.get((item, code), "")
                if not amount or (code, key) not in self.stated:
                    continue
                self._move(seen, item, account, code, -amount)
                self.stated[code, key] += amount
        return [(code, key, amount) for (code, key), amount in self.stated.items() if amount]

    def _sums(self, seen: Seen, item: str) -> dict[str, Dong]:
        """What is to be turned round of an item: all of it, or what the bank's credit moved."""
        sums: dict[str, Dong] = defaultdict(int)
        for m in seen.by_item.get(item, ()):
            if item not in self.credits or m.code == "1120" or m.amount < 0:
                sums[m.code] += m.amount
        return sums

    def _move(self, seen: Seen, item: str, account: AccountId, code: str, amount: Dong) -> None:
        assert self.on is not None
        seen.move(Movement(item=item, account_id=account, code=code, on=self.on, amount=amount, position=self.position))
