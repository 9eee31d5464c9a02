"""Close a day of a bank account on its reconciliation, and list closed days with what came late."""

from datetime import date

from api.flows.reconcile import known_accounts, parts_at, reconcile_one
from api.wiring import Installation
from domain import organisation
from domain.day_close import NamedPart
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId
from domain.money import WHOLE_BP, format_dong
from ledger.application import Outcome
from ledger.handlers.day_close import CloseAccountDay, ReopenAccountDay
from ledger.reports_places import ClosedDay
from ledger.reports_reconciliation import DayTieOut, ReconciliationResult
from ledger.work import Act
from reconciliation.late import late_facts


def close_day(inst: Installation, act: Act, *, account: AccountId, day: date, dry_run: bool = False) -> Outcome:
    """Close a day; a day closed already is answered with the close that stands.

    Refuses ``DAY_NOT_COVERED`` without a statement, ``DAY_DOES_NOT_TIE`` with what does not and what to do next.
    """
    work = inst.ledger.work()
    unit = organisation.account(work.organisation, account).unit_id
    standing = work.day_closes(account).standing.get(day)
    if standing is not None:
        same = {name: getattr(standing, name) for name in CloseAccountDay.__dataclass_fields__}
        return inst.ledger.execute(CloseAccountDay(**same), act, dry_run=dry_run)
    head = inst.store.head()
    r = reconcile_one(inst, parts_at(inst, head), account, from_date=day, to_date=day, as_of=day)
    row = r.days[-1]
    _require_ties(r, row)
    command = CloseAccountDay(
        unit_id=unit,
        account_id=account,
        day=day,
        position=r.position,
        opening=row.opening,
        money_in=row.money_in,
        money_out=row.money_out,
        closing=row.closing,
        book=row.book,
        suspense=row.suspense,
        parts=tuple(NamedPart(name=str(b.kind), amount=b.amount) for b in row.breaks),
        moved=row.money_in + row.money_out,
        explained=row.explained,
        told=sum(w.told or 0 for w in r.witnesses),
        told_booked=sum(w.booked for w in r.witnesses if w.told is not None),
    )
    return inst.ledger.execute(command, act, dry_run=dry_run)


def _require_ties(r: ReconciliationResult, row: DayTieOut) -> None:
    if not row.covered:
        raise Refusal(
            RefusalCode.DAY_NOT_COVERED,
            f"Tài khoản {r.account_id}: chưa có sao kê nào của ngày {row.day:%d/%m/%Y}. Nhập sao kê của ngày này rồi "
            "chốt.",
            day=row.day.isoformat(),
        )
    if row.stated_closing not in (None, row.closing):
        what = (
            f"sao kê ghi số dư cuối {format_dong(row.stated_closing or 0)} đồng, các dòng đã nhập cho "
            f"{format_dong(row.closing)} đồng; xin lại sao kê và nhập bổ sung"
        )
    elif row.difference:
        what = (
            f"ngân hàng {format_dong(row.closing)}, sổ 1120 {format_dong(row.book)}, còn {format_dong(row.difference)} "
            "đồng chưa có tên; đối chiếu từng dòng của ngày này"
        )
    elif not all(w.ties for w in r.witnesses):
        what = "kênh thu, sổ và ngân hàng còn chênh lệch chưa có tên; xem tờ «Tra soát Cổng»"
    else:
        return
    raise Refusal(
        RefusalCode.DAY_DOES_NOT_TIE,
        f"Tài khoản {r.account_id} ngày {row.day:%d/%m/%Y} chưa cân: {what}. Xem bằng «dangphi reconcile --account "
        f"{r.account_id} --from {row.day} --to {row.day}» rồi chốt lại.",
        day=row.day.isoformat(),
    )


def reopen_day(
    inst: Installation, act: Act, *, account: AccountId, day: date, reason: str, dry_run: bool = False
) -> Outcome:
    """Open a closed day again."""
    unit = organisation.account(inst.ledger.work().organisation, account).unit_id
    command = ReopenAccountDay(unit_id=unit, account_id=account, day=day, reason=reason)
    return inst.ledger.execute(command, act, dry_run=dry_run)


def closed_days(
    inst: Installation, *, account: AccountId, from_date: date | None = None, to_date: date | None = None
) -> tuple[ClosedDay, ...]:
    """The days that are closed now, oldest first, each with the figures of then and what came late."""
    known_accounts(inst, (account,))
    standing = inst.ledger.work().day_closes(account).standing
    late = late_facts(parts_at(inst, inst.store.head())[account], account, standing.values()) if standing else ()
    return tuple(
        ClosedDay(
            day=one.day,
            number=one.number,
            position=one.position,
            closing=one.closing,
            book=one.book,
            suspense=one.suspense,
            explained_bp=WHOLE_BP if one.moved == 0 else one.explained * WHOLE_BP // one.moved,
            closed_by=one.closed_by,
            late=tuple(x for x in late if x.closed_day == one.day),
        )
        for day, one in sorted(standing.items())
        if (from_date is None or day >= from_date) and (to_date is None or day <= to_date)
    )
