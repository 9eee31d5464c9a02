"""Banks: accounts whose running ledgers are true, whatever webhooks and statements say of them.

An entry is booked once and never changes. A webhook is made from the entry; a statement is cut from the ledger for a
span of days. Only the day a statement shows may lag, and only when the scenario says so.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.post import Message
from adapters.sandbox.world.scenario import BankPlan
from adapters.vietqr.banks import bank_of
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import BankLine, BankStatement, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of a unit at a bank."""

    bin: str
    number: str
    holder: str
    opening: Dong

    @property
    def account_id(self) -> str:
        """As dangphi names it."""
        return f"{self.bin}:{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One booked movement. ``about`` names the money of the world that it is."""

    number: int
    at: datetime
    booked_on: date
    direction: Direction
    amount: Dong
    reference: str
    content: str
    payer_account: str | None
    payer_name: str | None
    balance_after: Dong
    about: str

    @property
    def signed(self) -> Dong:
        """The amount as it changes the balance."""
        return self.amount if self.direction is Direction.IN else -self.amount


@dataclass(slots=True, kw_only=True)
class Bank:
    """All banks of the story."""

    dice: Dice
    plan: BankPlan
    accounts: dict[str, Account] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    lagging: set[tuple[str, date]] = field(default_factory=set)  #: days that a statement shows a day too late
    _number: int = 0

    def open(self, account: Account) -> None:
        """Open an account, once."""
        if account.account_id not in self.accounts:
            self.accounts[account.account_id] = account
            self.entries[account.account_id] = []

    def account(self, bin: str, number: str) -> Account:
        """An account by its numbers; ``Malformed`` where there is none."""
        found = self.accounts.get(f"{bin}:{number}")
        if found is None:
            raise Malformed("ngân hàng mô phỏng không có tài khoản này", where=f"{bin}:{number}")
        return found

    def balance(self, account_id: str) -> Dong:
        """What is on the account now, in đồng."""
        booked = self.entries[account_id]
        return booked[-1].balance_after if booked else self.accounts[account_id].opening

    def book(
        self,
        account_id: str,
        direction: Direction,
        amount: Dong,
        content: str,
        at: datetime,
        *,
        about: str,
        payer_account: str | None = None,
        payer_name: str | None = None,
    ) -> Entry:
        """Book a movement now; late in the evening it stands under the next day."""
        self._number += 1
        booked_on = at.date() + timedelta(days=1 if at.hour >= self.plan.booking_ends else 0)
        bin_ = self.accounts[account_id].bin
        number = self._number
        reference = f"{5000 + number % 900}.{number:05d}" if bin_ == "970436" else f"FT{booked_on:%y%j}{number:07d}"
        entry = Entry(
            number=number,
            at=at,
            booked_on=booked_on,
            direction=direction,
            amount=amount,
            reference=reference,
            content=content,
            payer_account=payer_account,
            payer_name=payer_name,
            balance_after=self.balance(account_id) + (amount if direction is Direction.IN else -amount),
            about=about,
        )
        self.entries[account_id].append(entry)
        return entry

    def statement(self, account_id: str, first: date, last: date, asked_on: date) -> BankStatement | None:
        """The statement of a span; None while a day of it is not there yet."""
        if any((account_id, day) in self.lagging and asked_on <= day + timedelta(days=1) for day in _days(first, last)):
            return None
        if last >= asked_on:
            return None
        account = self.accounts[account_id]
        booked = self.entries[account_id]
        opening = account.opening + sum(entry.signed for entry in booked if entry.booked_on < first)
        shown = [entry for entry in booked if first <= entry.booked_on <= last]
        return BankStatement(
            account_number=account.number,
            bin=account.bin,
            from_date=first,
            to_date=last,
            opening=opening,
            closing=opening + sum(entry.signed for entry in shown),
            lines=tuple(_line(entry) for entry in shown),
            format="",
            file_digest="",
        )

    def provider(self, account_id: str) -> str:
        """The account's provider of webhooks, "none" where it has none."""
        return str(self.plan.webhooks.get(self.accounts[account_id].bin, "none"))

    def webhook(self, account_id: str, entry: Entry, provider: str = "") -> Message | None:
        """What the account's provider, or another one, tells of an entry; None where none is used."""
        account = self.accounts[account_id]
        make = _WEBHOOKS.get(provider or self.provider(account_id))
        if make is None:
            return None
        channel, body = make(account, entry)
        return Message(
            channel=channel,
            key=f"{channel}/{entry.reference}",
            text=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            about=entry.about,
        )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _line(entry: Entry) -> BankLine:
    return BankLine(
        key="",
        booked_on=entry.booked_on,
        value_on=entry.booked_on,
        direction=entry.direction,
        amount=entry.amount,
        bank_reference=entry.reference,
        content=entry.content,
        balance_after=entry.balance_after,
        counterparty_account=entry.payer_account,
        counterparty_name=entry.payer_name,
        is_reversal=False,
        bank_code=None,
        where="",
    )


def _short_name(bin: str) -> str:
    found = bank_of(bin)
    return found.short_name if found else bin


def _sepay(account: Account, entry: Entry) -> tuple[str, dict[str, object]]:
    body: dict[str, object] = {
        "id": 90_000 + entry.number,
        "gateway": _short_name(account.bin),
        "transactionDate": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "accountNumber": account.number,
        "subAccount": None,
        "code": None,
        "content": entry.content,
        "transferType": "in" if entry.direction is Direction.IN else "out",
        "description": "",
        "transferAmount": entry.amount,
        "accumulated": entry.balance_after,
        "referenceCode": entry.reference,
    }
    return "sepay", body


def _hub(account: Account, entry: Entry) -> tuple[str, dict[str, object]]:
    body: dict[str, object] = {
        "gateway": _short_name(account.bin),
        "transaction_date": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "account_number": account.number,
        "bank_account_xid": f"xid-{account.number}",
        "va": None,
        "payment_code": None,
        "content": entry.content,
        "transfer_type": "credit" if entry.direction is Direction.IN else "debit",
        "amount": entry.amount,
        "reference_code": entry.reference,
        "accumulated": entry.balance_after,
        "transaction_id": f"hub-{entry.number}",
    }
    return "hub", body


def _casso(account: Account, entry: Entry) -> tuple[str, dict[str, object]]:
    data: dict[str, object] = {
        "id": 30_000 + entry.number,
        "reference": entry.reference,
        "description": entry.content,
        "amount": entry.signed,
        "runningBalance": entry.balance_after,
        "transactionDateTime": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "accountNumber": account.number,
        "bankName": _short_name(account.bin),
        "bankAbbreviation": _short_name(account.bin),
        "virtualAccountNumber": "",
        "virtualAccountName": "",
        "counterAccountName": entry.payer_name or "",
        "counterAccountNumber": entry.payer_account or "",
        "counterAccountBankId": "",
        "counterAccountBankName": "",
    }
    return "casso", {"error": 0, "data": data}


_WEBHOOKS: Mapping[str, Callable[[Account, Entry], tuple[str, dict[str, object]]]] = {
    "sepay": _sepay,
    "hub": _hub,
    "casso": _casso,
}
