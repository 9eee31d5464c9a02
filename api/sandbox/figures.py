"""What channels still owe, fees, money of nobody, disputed money, refunds: the world's own figures beside the ledger's.

The world's side is reckoned from its own books, the bank's entries and the gateway's transactions, and never from the
ledger; the ledger's side is the balances of its accounts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.sandbox.world.money import Money
from adapters.sandbox.world.world import World
from ledger.posting import entry

#: Accounts that are compared: what channels owe, disputed money, money without an owner, fees.
CLEARING, DISPUTED, UNNAMED, FEES = "1140", "1370", "3380", "6310"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, both ways; đồng."""

    name: str
    truth: int
    book: int


#: Says whether a line on an account is one that a person must decide about, by the money it is.
Waits = Callable[[Money], bool]


def balances(events: Iterable[Any]) -> Counter[tuple[str, str]]:
    """Balances of the compared accounts, by account and key; debit is positive."""
    found: Counter[tuple[str, str]] = Counter()
    for event in events:
        for line in entry(event):
            if line.account == CLEARING:
                found[line.account, line.key] += line.amount
            elif line.account in (DISPUTED, UNNAMED, FEES):
                found[line.account, ""] += line.amount
    return found


def figures(
    world: World, book: Mapping[tuple[str, str], int], until: Mapping[str, date], unnamed: int, waits: Waits
) -> tuple[Figure, ...]:
    """All figures. ``until`` is the last day of each account's statements; ``unnamed`` what rightly has no owner."""
    shown = _Shown(world, until, waits)
    bank_fees = sum(one.amount for one in world.moneys.values() if one.way == "fee" and shown.line(one))
    portal, portal_fees = shown.portal()
    gateway, gateway_fees = shown.gateway()
    disputed = sum(one["amount"] for one in world.gateway.disputes.values() if one["status"] != "won")
    return (
        Figure(name="Cổng còn nợ (1140)", truth=portal, book=book.get((CLEARING, "portal"), 0)),
        Figure(name="cổng thẻ còn nợ (1140)", truth=gateway, book=book.get((CLEARING, "gateway"), 0)),
        Figure(name="tiền bị khiếu nại (1370)", truth=disputed, book=book.get((DISPUTED, ""), 0)),
        Figure(name="tiền chưa rõ chủ (3380)", truth=unnamed, book=-book.get((UNNAMED, ""), 0)),
        Figure(name="phí (6310)", truth=bank_fees + portal_fees + gateway_fees, book=book.get((FEES, ""), 0)),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the statements that were taken in can have told."""

    world: World
    until: Mapping[str, date]
    waits: Waits

    def line(self, one: Money) -> bool:
        """Whether the bank's line of a sum stands on a statement and needs no person."""
        until = self.until.get(one.account_id)
        return one.booked_on is not None and until is not None and one.booked_on <= until and not self.waits(one)

    def portal(self) -> tuple[int, int]:
        """What the portal owes, and its fees on what it paid."""
        lumps = {key: one for one in self.world.moneys.values() if one.way == "payout" for key in one.of}
        owed = fees = 0
        for one in self.world.moneys.values():
            if one.way != "portal":
                continue
            if self.line(lumps.get(one.key, one)):
                fees += self.world.scenario.portal.fee
            else:
                owed += one.amount
        return owed, fees

    def gateway(self) -> tuple[int, int]:
        """What the gateway owes before fees that no payout has taken, and the fees that were told."""
        owed = fees = 0
        for one in self.world.gateway.transactions.values():
            if one["type"] in ("payout", "payout_failure"):
                continue
            paid, told = self._paid(one), self._told(one)
            owed += 0 if paid else one["amount"]
            if one["type"] == "charge":
                fees += one["fee"] if paid else 0
            elif told:
                # A fee of a line that is no payment is booked when the payout is told, before the bank pays it.
                fees += one["fee"]
                owed -= 0 if paid else one["fee"]
        return owed, fees

    def _told(self, one: Mapping[str, Any]) -> bool:
        payout = self.world.gateway.payouts.get(one["payout"] or "")
        return payout is not None and payout["status"] in ("paid", "failed")

    def _paid(self, one: Mapping[str, Any]) -> bool:
        """Whether a transaction's payout is on a statement, or the one that paid it again after it came back."""
        name = one["payout"]
        while name is not None:
            lump = self.world.moneys.get(f"lump/{name}")
            if lump is None or not self.line(lump):
                return False
            back = self.world.moneys.get(f"lump-back/{name}")
            if back is None or not self.line(back):
                return True
            again = (t for t in self.world.gateway.transactions.values() if t["type"] == "payout_failure")
            name = next((t["payout"] for t in again if t["source"] == name), None)
        return False
