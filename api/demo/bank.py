"""The banks of the story: accounts that begin with what their owners opened with, and statements of any span."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from adapters.sandbox.statements import write_camt053, write_vietcombank_xlsx
from api.demo.stage import Stage
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.notice import BankLine, BankStatement, Direction
from domain.organisation import AccountRegistered

VIETCOMBANK = "970436"


@dataclass(slots=True)
class Bank:
    """Movements by account, in the order in which they were booked."""

    stage: Stage
    movements: dict[str, list[BankLine]] = field(default_factory=lambda: defaultdict(list))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def account_of(self, unit_id: str) -> AccountRegistered:
        """The unit's own account."""
        for account in self.stage.inst.ledger.work().organisation.accounts.values():
            if account.unit_id == unit_id:
                return account
        raise Refusal(RefusalCode.UNKNOWN_ACCOUNT, f"{unit_id} không có tài khoản riêng.")

    def credit(self, account_id: str, on: date, amount: int, content: str, *, payer: str | None = None) -> None:
        """Book money in."""
        self._book(account_id, on, Direction.IN, amount, content, payer)

    def debit(self, account_id: str, on: date, amount: int, content: str) -> None:
        """Book money out."""
        self._book(account_id, on, Direction.OUT, amount, content, None)

    def _book(
        self, account_id: str, on: date, direction: Direction, amount: int, content: str, payer: str | None
    ) -> None:
        number = next(self._numbers)
        bin_ = account_id.split(":")[0]
        reference = f"{5000 + number % 900}.{number:05d}" if bin_ == VIETCOMBANK else f"CTG{on:%y%m%d}{number:06d}"
        line = BankLine(
            key="",
            booked_on=on,
            value_on=on,
            direction=direction,
            amount=amount,
            bank_reference=reference,
            content=content,
            balance_after=None,
            counterparty_account=payer,
            counterparty_name=None,
            is_reversal=False,
            bank_code=None,
            where="",
        )
        self.movements[account_id].append(line)

    def statements(self, units: list[UnitId], first: date, last: date, *, stem: str) -> dict[str, bytes]:
        """Statement files of these units' accounts: one XLSX each at Vietcombank, one camt.053 for the others."""
        files: dict[str, bytes] = {}
        camt: list[BankStatement] = []
        holders: dict[str, str] = {}
        for unit in units:
            accounts = self.stage.inst.ledger.work().organisation.accounts.values()
            for account in sorted((a for a in accounts if a.unit_id == unit), key=lambda a: a.account_id):
                statement = self._statement(account, first, last)
                if account.bin == VIETCOMBANK:
                    code = self.stage.inst.ledger.work().organisation.units[unit].code
                    files[f"{code}.xlsx"] = write_vietcombank_xlsx(statement, holder_name=account.holder_name)
                else:
                    camt.append(statement)
                    holders[account.number] = account.holder_name
        if camt:
            files[f"{stem}.xml"] = write_camt053(camt, holders=holders, bank_name="NGAN HANG TMCP CONG THUONG VIET NAM")
        return files

    def _statement(self, account: AccountRegistered, first: date, last: date) -> BankStatement:
        signed = self.stage.inst.ledger.work().opening(account.unit_id).signed
        balance = signed.bank if signed is not None else 0
        booked = sorted(self.movements[account.account_id], key=lambda line: line.booked_on)
        balance += sum(_signed(line) for line in booked if line.booked_on < first)
        lines, running = [], balance
        for line in booked:
            if first <= line.booked_on <= last:
                running += _signed(line)
                lines.append(replace(line, balance_after=running))
        return BankStatement(
            account_number=account.number,
            bin=account.bin,
            from_date=first,
            to_date=last,
            opening=balance,
            closing=running,
            lines=tuple(lines),
            format="",
            file_digest="",
        )


def _signed(line: BankLine) -> int:
    return line.amount if line.direction is Direction.IN else -line.amount
