"""A small driver for stories: one shard, a tree, officers, and everyday acts in one line each.

Nothing is booked but through commands. The driver plays the bank: it keeps each account's true balance and writes
statements whose opening and closing balances add up.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from adapters.inbound import VIETNAM
from adapters.office.policy_file import counts_as_active, load
from api.wiring import Installation
from domain.bank_account import StatementLine
from domain.identifiers import AccountId, MemberId, PaymentId, RemittanceId, UnitId
from domain.notice import Direction, NoticeStatus
from domain.period import Month, Period
from domain.policy_rows import PolicyRows, ShareRow
from domain.remittance import Way
from ledger.application import Outcome
from ledger.books import FoldedBooks, balance
from ledger.chart import CHART
from ledger.handlers import ask, assess, collect, declare, remit, roster, setup, statements
from ledger.work import Act
from tests.acceptance.tree import (
    BIN,
    CENTRE,
    EXAMPLE_SHARES,
    PROVINCE,
    START,
    WARD,
    Cell,
    account,
    accountant,
    approver,
    grant,
    member,
    officers,
    opening,
    preparer,
    settings,
    share,
    tree,
)

__all__ = [
    "BIN",
    "CENTRE",
    "EXAMPLE_SHARES",
    "PROVINCE",
    "START",
    "WARD",
    "Cell",
    "Story",
    "account",
    "accountant",
    "approver",
    "at",
    "grant",
    "into",
    "member",
    "officers",
    "opening",
    "out",
    "preparer",
    "settings",
    "share",
    "tree",
]


@dataclass(slots=True)
class Story:
    """One shard and what the bank and the portal would know."""

    installation: Installation
    truth: dict[AccountId, int] = field(default_factory=dict)  #: the bank's own balances
    read_to: dict[AccountId, date] = field(default_factory=dict)
    commands: int = 0
    messages: int = 0

    # --- acting -------------------------------------------------------------------------------------------------

    def do(self, actor: str, on: date | datetime, command: object, *, dry_run: bool = False) -> dict[str, Any]:
        """Run a command once, at noon of a day or at a given instant; returns its answer."""
        return self.run(actor, on, command, dry_run=dry_run).answer

    def run(
        self,
        actor: str,
        on: date | datetime,
        command: object,
        *,
        command_id: uuid.UUID | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Run a command and return the whole outcome."""
        self.commands += 1
        act = Act(
            actor=actor,
            at=on if isinstance(on, datetime) else at(on),
            command_id=command_id or uuid.uuid5(uuid.NAMESPACE_OID, f"{id(self)}/{self.commands}"),
        )
        return self.installation.ledger.execute(command, act, dry_run=dry_run)

    # --- setting up ---------------------------------------------------------------------------------------------

    def set_up(self, cells: Iterable[Cell], shares: tuple[ShareRow, ...] = EXAMPLE_SHARES, ward_bank: int = 0) -> None:
        """Law, tree, officers and opening balances, as on 1 July 2026."""
        cells = tuple(cells)
        self.activate(shares)
        self.do("service:setup", START, tree(cells))
        self.do("service:setup", START, officers(cells))
        figures = {WARD: ward_bank, **{UnitId(cell.id): cell.bank for cell in cells if cell.bank}}
        self.do("VH-KT", START, setup.EnterOpenings(root=WARD, openings=tuple(map(opening, figures, figures.values()))))
        self.do("VH-CU", START, setup.SignOpenings(root=WARD, units=tuple(figures)))
        self.truth = {account(unit): money for unit, money in figures.items()}

    def activate(self, shares: tuple[ShareRow, ...]) -> None:
        """Rows seen or derived and the default rounding with the file; caps and shares by a document."""
        rows = load().rows
        sure = PolicyRows(
            rates=tuple(filter(counts_as_active, rows.rates)),
            wages=tuple(filter(counts_as_active, rows.wages)),
            reliefs=tuple(filter(counts_as_active, rows.reliefs)),
            roundings=tuple(filter(counts_as_active, rows.roundings)),
            settings=tuple(filter(counts_as_active, rows.settings)),
        )
        self._activate(sure, document="tệp chính sách", draft=False)
        self._activate(PolicyRows(caps=rows.caps, roundings=_drafts(rows)), document="QD-TRAN", draft=True)
        self.activate_shares(shares)

    def activate_shares(self, shares: tuple[ShareRow, ...]) -> None:
        """A local decision comes into force."""
        self._activate(PolicyRows(shares=shares), document="VD-01", draft=True)

    def _activate(self, rows: PolicyRows, *, document: str, draft: bool) -> None:
        command = setup.ActivatePolicy(
            rows=rows,
            approver="HP-CU",
            document=document,
            decided_on=date(2026, 1, 1),
            allow_draft_with_document=draft,
        )
        self.do("service:setup", START, command)

    def enrol(self, unit: str, *members: roster.RosterRow, on: date = START) -> dict[str, Any]:
        """Take members of a unit in, in the order given."""
        rows = tuple(
            replace(row, unit_id=UnitId(unit), roster_order=place) for place, row in enumerate(members, start=1)
        )
        answer = self.do("VH-KT", on, roster.ImportRoster(root=WARD, rows=rows))
        assert answer["refused"] == []
        return answer

    def new_base(self, name: str, kind: str, month: str, amount: int, on: date) -> None:
        """A member's income changes."""
        base = roster.BaseRow(kind=kind, from_month=Month(month), amount=amount)
        change = roster.BaseChange(where="row", member_id=MemberId(name), base=base)
        assert self.do("VH-KT", on, roster.ImportBases(root=WARD, rows=(change,)))["refused"] == []

    def assess(self, unit: str, month: str, on: date) -> dict[str, Any]:
        """Assess a month."""
        return self.do("VH-KT", on, assess.AssessMonth(unit_id=UnitId(unit), month=Month(month)))

    def request(self, unit: str, month: str, on: date) -> dict[str, Any]:
        """Issue the standing requests of a month."""
        return self.do("VH-KT", on, ask.RequestMonth(unit_id=UnitId(unit), month=Month(month), valid_until=None))

    # --- money in -----------------------------------------------------------------------------------------------

    def reference(self, name: str, month: str) -> str:
        """The reference printed on a member's standing request."""
        directory = self.installation.ledger.directory
        directory.catch_up()
        found = directory.request_for(MemberId(name), Month(month))
        assert found is not None
        return found

    def attempt(self, unit: str, name: str, month: str, on: date | datetime) -> dict[str, Any]:
        """A member begins to pay on the portal."""
        command = ask.OpenDuesAttempt(unit_id=UnitId(unit), member_id=MemberId(name), month=Month(month))
        return self.do(f"{unit}-TP", on, command)

    def notice(
        self, reference: str | None, amount: int, paid_at: date | datetime, *, number: str | None = None
    ) -> collect.Notice:
        """What the portal says of a payment; ``number`` is its own reference, a new one when not given."""
        self.messages += 1
        return collect.Notice(
            source="portal",
            outside_reference=number or f"GD{self.messages:06d}",
            status=NoticeStatus.PAID,
            reference=reference,
            found=(),
            amount=amount,
            paid_at=paid_at if isinstance(paid_at, datetime) else at(paid_at),
            account_number=None,
            payer_key=None,
            evidence_id=None,
        )

    def tell(self, *notices: collect.Notice, on: date | datetime | None = None) -> list[str]:
        """Hand notices to the ledger; returns what became of each."""
        command = collect.TakeNotices(root=PROVINCE, notices=notices)
        answer = self.do("service:portal", on or notices[-1].paid_at, command)
        return [item["outcome"] for item in answer["outcomes"]]

    def pay_by_portal(self, unit: str, name: str, month: str, when: date | datetime) -> str:
        """Open an attempt and pay it; returns the attempt's reference."""
        opened = self.attempt(unit, name, month, when)
        assert self.tell(self.notice(opened["reference"], opened["amount"], when)) == ["reference"]
        return str(opened["reference"])

    def cash(self, unit: str, slip: str, name: str, amount: int, paid_on: date, month: str = "2026-07") -> PaymentId:
        """A collector takes cash against a slip; returns the payment's id."""
        item = collect.CashItem(slip=slip, member_id=MemberId(name), month=Month(month), amount=amount, paid_on=paid_on)
        self.do(f"{unit}-TP", paid_on, collect.RecordCash(unit_id=UnitId(unit), items=(item,)))
        return PaymentId(f"cash:{unit}/{slip}")

    # --- the bank -----------------------------------------------------------------------------------------------

    def statement(self, unit: str, to: date, *lines: "statements.LineText") -> statements.ImportStatement:
        """A statement from the day after the last one to ``to``, with true balances."""
        number = account(unit)
        first = self.read_to.get(number, START - timedelta(days=1)) + timedelta(days=1)
        before = self.truth.get(number, 0)
        moved = sum(x.line.amount if x.line.direction is Direction.IN else -x.line.amount for x in lines)
        self.truth[number] = before + moved
        self.read_to[number] = to
        content = f"{number}{first}{to}{before}{[x.line.key for x in lines]}"
        return statements.ImportStatement(
            unit_id=UnitId(unit),
            account_id=number,
            file_digest=hashlib.sha256(content.encode()).hexdigest(),
            format="camt.053.001.08",
            from_date=first,
            to_date=to,
            opening=before,
            closing=before + moved,
            lines=lines,
        )

    def bank(self, unit: str, to: date, *lines: "statements.LineText", clean: bool = True) -> dict[str, Any]:
        """Import the next statement; unless told otherwise every line must find its place."""
        answer = self.do(accountant(unit), to, self.statement(unit, to, *lines))
        assert not clean or answer["left"] == []
        return answer

    # --- upwards ------------------------------------------------------------------------------------------------

    def declare(self, unit: str, period: str, on: date | datetime) -> dict[str, Any]:
        """Fix a report period."""
        return self.do(accountant(unit), on, declare.DeclarePeriod(unit_id=UnitId(unit), period=Period(period)))

    def prepare(self, unit: str, period: str, on: date, way: Way = Way.PORTAL, reason: str | None = None) -> Any:
        """Prepare and approve a remittance; returns the answer of its preparation."""
        command = remit.PrepareRemittance(unit_id=UnitId(unit), period=Period(period), way=way, reason=reason)
        made = self.do(preparer(unit), on, command)
        approve = remit.ApproveRemittance(unit_id=UnitId(unit), remittance_id=made["remittance_id"])
        self.do(approver(unit), on, approve)
        return made

    def remit(self, unit: str, superior: str, period: str, on: date) -> int:
        """Prepare, approve and send by portal; both banks book it the same day. Returns what was sent."""
        made = self.prepare(unit, period, on)
        command = ask.OpenRemittanceAttempt(unit_id=UnitId(unit), remittance_id=made["remittance_id"])
        opened = self.do(preparer(unit), on, command)
        notice = self.notice(opened["reference"], opened["amount"], on)
        assert self.tell(notice) == ["remittance-sent"]
        reference = str(opened["reference"])
        self.bank(unit, on, out(f"r-{reference}", on, int(opened["amount"]), reference))
        self.bank(superior, on, into(f"r-{reference}", on, int(opened["amount"]), reference))
        return int(opened["amount"])

    def remit_by_cash(self, unit: str, superior: str, period: str, on: date) -> int:
        """Prepare, approve, carry the cash over and have it counted; returns what was sent."""
        made = self.prepare(unit, period, on, Way.CASH, "mất kết nối")
        case = RemittanceId(made["remittance_id"])
        self.do(f"{unit}-TP", on, remit.SendRemittance(unit_id=UnitId(unit), remittance_id=case, sent_on=on))
        counted = remit.AcknowledgeRemittance(superior_id=UnitId(superior), remittance_id=case, received_on=on)
        for _ in range(2):
            self.do(accountant(superior), on, counted)
        return int(made["amount"])

    def settle(self, unit: str, superior: str, period: str, on: date) -> int:
        """Settle from money held above, confirmed by both sides; returns what was settled."""
        made = self.prepare(unit, period, on, Way.HELD)
        command = remit.AcknowledgeRemittance(
            superior_id=UnitId(superior), remittance_id=RemittanceId(made["remittance_id"]), received_on=on
        )
        self.do(accountant(superior), on, command)
        return int(made["amount"])

    # --- looking ------------------------------------------------------------------------------------------------

    def books(self) -> FoldedBooks:
        """The books, folded from the first event."""
        books = FoldedBooks(self.installation.store)
        books.catch_up()
        return books

    def balances(self, unit: str) -> dict[str, int]:
        """Every money account of a unit that is not zero, on its natural side."""
        books = self.books()
        found = {code: balance(books, unit, code) for code in CHART if not code.startswith("0")}
        return {code: amount for code, amount in found.items() if amount}

    def owed(self, unit: str) -> int:
        """What members of a unit still owe, by the memo book."""
        return balance(self.books(), unit, "0110")


def _drafts(rows: PolicyRows) -> tuple[Any, ...]:
    return tuple(row for row in rows.roundings if not counts_as_active(row))


# --- small words ----------------------------------------------------------------------------------------------------


def at(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """An instant in Vietnam."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)


def into(key: str, day: date, amount: int, *references: str, content: str = "nop tien") -> statements.LineText:
    """A credit on a statement; ``key`` is the bank's reference."""
    return _line(key, day, amount, Direction.IN, references, content)


def out(key: str, day: date, amount: int, *references: str, content: str = "chuyen tien") -> statements.LineText:
    """A debit on a statement."""
    return _line(key, day, amount, Direction.OUT, references, content)


def _line(
    key: str, day: date, amount: int, direction: Direction, references: tuple[str, ...], content: str
) -> statements.LineText:
    line = StatementLine(
        key=hashlib.sha256(f"{key}{direction}".encode()).hexdigest(),
        booked_on=day,
        direction=direction,
        amount=amount,
        bank_reference=f"FT-{key}",
        references=references,
        bank_code=None,
        is_reversal=False,
        payer_key=None,
        evidence_id=None,
    )
    return statements.LineText(line=line, content=content)
