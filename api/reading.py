"""Read models as pages, the command line and the demo ask for them: brought up to the log, and all of one moment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from api.wiring import Installation
from domain.money import Dong
from ledger import reports
from ledger.cash_book import Bag, CashMovement
from projections import (
    arrears,
    audit_trail,
    balances,
    bank_lines,
    cash_book,
    declarations,
    elsewhere,
    journal,
    member_held,
    member_statement,
    members,
    overview,
    payment_requests,
    payments,
    receipts,
    refunds,
    remittances,
    trial_balance,
    units,
)
from projections.all import PROJECTIONS
from projections.audit_trail import Subject
from projections.bank_lines import LineRow, StatementRow
from projections.declarations import DeclarationRow
from projections.journal import JournalLine
from projections.members import MemberRow, MoveRow
from projections.moment import one_moment
from projections.payment_requests import RequestRow
from projections.payments import ConflictRow, PaymentView
from projections.projection import Projection
from projections.receipts import ReceiptRow
from projections.refunds import RefundRow
from projections.remittances import RemittanceRow
from projections.runner import Alert, ProjectionStopped, alerts, catch_up
from projections.units import AccountRow, TreeUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Questions to the read models, answered as of ``position``.

    A question to a projection that stands still before a poison event raises ProjectionStopped; the others answer.
    Money is đồng on the natural side of its account. Days of age are counted to ``on``.
    """

    conn: Connection[Any]
    position: int
    alerts: tuple[Alert, ...] = field(default=())

    def _of(self, *projections: Projection) -> Connection[Any]:
        readers = {projection.reader for projection in projections}
        for alert in self.alerts:
            if alert.reader in readers:
                raise ProjectionStopped(alert)
        return self.conn

    # --- the tree -----------------------------------------------------------------------------------------------

    def subtree(self, root: str) -> tuple[TreeUnit, ...]:
        """A unit and all beneath it."""
        return units.subtree(self._of(units.UNITS), root)

    def unit_ids(self, root: str) -> list[str]:
        """Ids of a unit and all beneath it that keep their books here, with the ended units whose books they keep."""
        found = units.subtree(self._of(units.UNITS), root, ended=True)
        return [unit.unit_id for unit in found if unit.has_books]

    def accounts(self, unit_ids: list[str] | None = None) -> tuple[AccountRow, ...]:
        """Bank accounts."""
        return units.accounts_of(self._of(units.UNITS), unit_ids)

    def members(self, unit_ids: list[str]) -> tuple[MemberRow, ...]:
        """Members in the order of units and rolls."""
        return members.members_of(self._of(members.MEMBERS), unit_ids)

    # --- books --------------------------------------------------------------------------------------------------

    def overview(self, root: str) -> reports.Overview:
        """Figures of a subtree, level by level."""
        return overview.overview(self._of(journal.JOURNAL, units.UNITS), root)

    def trial_balance(self, unit: str, *, position: int | None = None, on: date | None = None) -> reports.TrialBalance:
        """One unit's books as known at a position and as true on a day."""
        return trial_balance.trial_balance(self._of(journal.JOURNAL), unit, position=position, on=on)

    def consolidated(
        self, unit_ids: Sequence[str], *, position: int | None = None, on: date | None = None
    ) -> reports.TrialBalance:
        """Books of several units without what stands between them."""
        conn = self._of(journal.JOURNAL, units.UNITS)
        return trial_balance.consolidated(conn, unit_ids, position=position, on=on)

    def open_items(self, unit_ids: Sequence[str], on: date) -> tuple[reports.OpenItem, ...]:
        """What must come back to zero and has not."""
        return trial_balance.open_items(self._of(journal.JOURNAL), unit_ids, on)

    def balances(self, unit: str, account: str) -> dict[str, Dong]:
        """Balances of an account by key."""
        return dict(balances.balances_of(self._of(balances.BALANCES), unit, account))

    def balance_at(
        self, unit: str, account: str, *, position: int | None = None, on: date | None = None, key: str | None = None
    ) -> Dong:
        """A balance at a knowledge date (position), a fact date (day), or both."""
        return journal.balance_at(self._of(journal.JOURNAL), unit, account, position=position, on=on, key=key)

    def position_at(self, instant: datetime) -> int:
        """The last position the books knew at an instant."""
        return journal.position_at(self._of(journal.JOURNAL), instant)

    def what_moved(self, unit: str, account: str, *, earlier: int, later: int) -> reports.Movement:
        """A balance at two knowledge dates, and what moved it."""
        return journal.what_moved(self._of(journal.JOURNAL), unit, account, earlier=earlier, later=later)

    def journal(
        self,
        unit_ids: Sequence[str],
        *,
        after: int = 0,
        until: int | None = None,
        account: str | None = None,
        limit: int | None = None,
    ) -> tuple[JournalLine, ...]:
        """Journal lines in the order of the log."""
        return journal.lines_between(
            self._of(journal.JOURNAL), units=unit_ids, after=after, until=until, account=account, limit=limit
        )

    # --- members ------------------------------------------------------------------------------------------------

    def statement(self, member_id: str) -> reports.MemberStatement | None:
        """Everything about one member's dues, and where the member belonged; None for an id nobody knows."""
        conn = self._of(member_statement.MEMBER_STATEMENT, members.MEMBERS)
        found = member_statement.statement(conn, member_id)
        moves = members.moves_of(conn, member_id)
        if found is None and moves:
            found = reports.MemberStatement(member_id=member_id, unit=moves[-1].unit, credit=0, months=(), entries=())
        return None if found is None else replace(member_held.completed(conn, found), moves=moves)

    def arrears(
        self, unit_ids: Sequence[str], on: date, *, until_month: str | None = None
    ) -> tuple[reports.Arrear, ...]:
        """Open member-months."""
        conn = self._of(member_statement.MEMBER_STATEMENT)
        return arrears.arrears(conn, unit_ids, on, until_month=until_month)

    def paid_elsewhere(self, unit_ids: Sequence[str]) -> tuple[reports.PaidElsewhere, ...]:
        """Money of one unit that answers for a month of another."""
        return elsewhere.paid_elsewhere(self._of(member_statement.MEMBER_STATEMENT, payments.PAYMENTS), unit_ids)

    def open_letters(self, unit_ids: Sequence[str]) -> tuple[MoveRow, ...]:
        """Letters of introduction on their way from or to some units."""
        return members.open_letters(self._of(members.MEMBERS), unit_ids)

    # --- money in -----------------------------------------------------------------------------------------------

    def request(self, reference: str) -> RequestRow | None:
        """One payment request."""
        return payment_requests.request(self._of(payment_requests.PAYMENT_REQUESTS), reference)

    def requests(
        self,
        *,
        unit_ids: Sequence[str] | None = None,
        member_id: str | None = None,
        month: str | None = None,
        kind: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[RequestRow, ...]:
        """Payment requests in the order in which they were issued."""
        return payment_requests.requests(
            self._of(payment_requests.PAYMENT_REQUESTS),
            units=unit_ids,
            member_id=member_id,
            month=month,
            kind=kind,
            after=after,
            limit=limit,
        )

    def payment(self, payment_id: str) -> PaymentView | None:
        """One payment."""
        return payments.payment(self._of(payments.PAYMENTS), payment_id)

    def payments(
        self,
        *,
        unit_ids: Sequence[str] | None = None,
        member_id: str | None = None,
        reference: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[PaymentView, ...]:
        """Payments in the order of the log."""
        return payments.payments(
            self._of(payments.PAYMENTS),
            units=unit_ids,
            member_id=member_id,
            reference=reference,
            after=after,
            limit=limit,
        )

    def conflicts(self, payment_id: str | None = None) -> tuple[ConflictRow, ...]:
        """Messages that contradict what is known."""
        return payments.conflicts(self._of(payments.PAYMENTS), payment_id)

    def suspense(self, unit_ids: Sequence[str], on: date) -> tuple[reports.WaitingMoney, ...]:
        """Money without an owner, with its age."""
        return payments.suspense_open(self._of(payments.PAYMENTS), unit_ids, on)

    def clearing(self, unit_ids: Sequence[str], on: date) -> tuple[reports.WaitingMoney, ...]:
        """Money announced by the portal that no bank has credited, with its age."""
        return payments.clearing_open(self._of(payments.PAYMENTS), unit_ids, on)

    def receipts(
        self,
        *,
        unit_ids: Sequence[str] | None = None,
        payment_id: str | None = None,
        member_id: str | None = None,
    ) -> tuple[ReceiptRow, ...]:
        """Receipts by unit, year and number."""
        return receipts.receipts(
            self._of(receipts.RECEIPTS), units=unit_ids, payment_id=payment_id, member_id=member_id
        )

    def bank_lines(
        self,
        *,
        accounts: Sequence[str] | None = None,
        first: date | None = None,
        last: date | None = None,
        unplaced_only: bool = False,
    ) -> tuple[LineRow, ...]:
        """Lines of bank statements with what became of them."""
        conn = self._of(bank_lines.BANK_LINES)
        return bank_lines.lines(conn, accounts=accounts, first=first, last=last, unplaced_only=unplaced_only)

    def statements(self, accounts: Sequence[str] | None = None) -> tuple[StatementRow, ...]:
        """Bank statements."""
        return bank_lines.statements(self._of(bank_lines.BANK_LINES), accounts)

    # --- cash ---------------------------------------------------------------------------------------------------

    def cash_movements(self, unit_ids: Sequence[str], until: date) -> tuple[CashMovement, ...]:
        """Movements of cash in hand up to a day, in the order of the log."""
        return cash_book.cash_movements(self._of(cash_book.CASH_BOOK), unit_ids, until)

    def open_bags(self, unit_ids: Sequence[str]) -> tuple[Bag, ...]:
        """Cash bags that no bank has credited."""
        return cash_book.open_bags(self._of(cash_book.CASH_BOOK), unit_ids)

    # --- money up and back --------------------------------------------------------------------------------------

    def declarations(
        self, *, unit_ids: Sequence[str] | None = None, period: str | None = None
    ) -> tuple[DeclarationRow, ...]:
        """Report periods."""
        return declarations.declarations(self._of(declarations.DECLARATIONS), units=unit_ids, period=period)

    def remittance(self, remittance_id: str) -> RemittanceRow | None:
        """One remittance."""
        return remittances.remittance(self._of(remittances.REMITTANCES), remittance_id)

    def remittances(
        self,
        *,
        unit_ids: Sequence[str] | None = None,
        period: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[RemittanceRow, ...]:
        """Remittances in the order in which they were prepared."""
        conn = self._of(remittances.REMITTANCES)
        return remittances.remittances(conn, units=unit_ids, period=period, after=after, limit=limit)

    def under_way(self, unit_ids: Sequence[str], on: date) -> tuple[reports.UnderWay, ...]:
        """What was sent and has not arrived, with its age."""
        return remittances.under_way(self._of(remittances.REMITTANCES), unit_ids, on)

    def refund(self, refund_id: str) -> RefundRow | None:
        """One refund."""
        return refunds.refund(self._of(refunds.REFUNDS), refund_id)

    def refunds(
        self, *, unit_ids: Sequence[str] | None = None, after: int = 0, limit: int | None = None
    ) -> tuple[RefundRow, ...]:
        """Refunds in the order in which they were asked for."""
        return refunds.refunds(self._of(refunds.REFUNDS), units=unit_ids, after=after, limit=limit)

    # --- history ------------------------------------------------------------------------------------------------

    def history(
        self, kind: Subject | str, subject: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[reports.HistoryLine, ...]:
        """Everything that touches a member, payment, request, remittance, refund or unit, in plain Vietnamese."""
        return audit_trail.history(
            self._of(audit_trail.AUDIT_TRAIL, units.UNITS), kind, subject, after=after, limit=limit
        )


class NothingProjected(RuntimeError):
    """An installation in memory has no tables to read from."""


@contextmanager
def reading(inst: Installation) -> Iterator[Reading]:
    """Bring the read models to the head of the log and ask them; everything that is read is of one moment.

    Raises NothingProjected for an installation in memory.
    """
    if inst.shard is None:
        raise NothingProjected("Bản chạy trong bộ nhớ không có bảng đọc; dùng PostgreSQL.")
    with inst.shard.connect() as conn:
        at = catch_up(conn, inst.store, PROJECTIONS)
        with one_moment(conn):
            yield Reading(conn=conn, position=max(at.values()), alerts=alerts(conn))
