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
from domain.open_item import SuspenseWaitsAgain
from domain.payment import CreditTakenBack, PaymentTakenBack
from domain.settlement import SettlementLumpTakenBack
from reconciliation.facts import Movement
from reconciliation.seen import Seen, lump_name, paid_name


@dataclass(slots=True)
class Undoing:
    """What the command at hand has turned round so far."""

    on: date | None = None
    position: int = 0
    stated: dict[tuple[str, str], Dong] = field(default_factory=lambda: defaultdict(int))  #: (code, key)
    items: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)  #: items of which only the bank's credit is taken back
    waits: list[str] = field(default_factory=list)  #: payments that left the account by a decision and wait again

    def see(self, seen: Seen, event: DomainEvent) -> None:
        """Note what is named as taken back."""
        match event:
            case PaymentTakenBack():
                self.items.append(f"payment:{event.payment_id}")
            case CreditTakenBack():
                self.credits.append(paid_name(seen, event.payment_id))
            case SuspenseWaitsAgain():
                self.waits.append(f"payment:{event.payment_id}")
            case SettlementLumpTakenBack():
                self.items.append(f"{lump_name(event.rail, event.settlement_id)}:{event.bank_line}")
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
        for item in self.waits:
            # What waits again and what it had paid may cancel out on the account: the posting is silent about it then.
            if item in seen.items:
                self.stated.setdefault(("1120", str(seen.items[item].account_id)), 0)
        for item in dict.fromkeys((*self.items, *self.credits, *self.waits)):
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
        """What is to be turned round of an item: all of it, or what came after the money itself.

        The first movement on a clearing account (of a credit), or on the bank account (of money that waits again), is
        the money that came in; what the bank's credit, or a decision, moved is everything after it.
        """
        sums: dict[str, Dong] = defaultdict(int)
        kept = {"1130", "1140"} if item in self.credits else {"1120"} if item in self.waits else set()
        for m in seen.by_item.get(item, ()):
            if m.code in kept:
                kept.discard(m.code)
            elif item not in self.waits or m.code == "1120":
                sums[m.code] += m.amount
        return sums

    def _move(self, seen: Seen, item: str, account: AccountId, code: str, amount: Dong) -> None:
        assert self.on is not None
        seen.move(Movement(item=item, account_id=account, code=code, on=self.on, amount=amount, position=self.position))
