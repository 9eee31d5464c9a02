"""What still waits in a unit's month: each point must be gone, or explained by the closer, before the month is closed.

Read from the books, the bank's own word, the declarations and the counts; nothing here is decided or recorded.
"""

from dataclasses import dataclass

from domain import organisation, policy
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong, format_dong
from domain.period import Month, Period, first_day, last_day, months_of, quarter_of
from domain.policy_settings import SettingName
from domain.remittance import Remittance
from ledger.books import balance
from ledger.work import Work

#: What each kind of point is called.
KINDS: dict[str, str] = {
    "suspense": "tiền chưa xác định",
    "bag": "tiền mặt nộp ngân hàng chưa báo có",
    "clearing": "tiền qua Cổng chưa báo có",
    "under-way": "tiền nộp cấp trên đang chuyển",
    "shortage": "thiếu quỹ chờ xử lý",
    "bank-line": "dòng sao kê chưa xếp",
    "statement": "sao kê chưa đến ngày cuối tháng",
    "receipt": "khoản thu chưa có biên lai",
    "period": "kỳ chưa chốt",
    "cash-count": "chưa kiểm quỹ",
    "dispute": "tra soát đang mở",
}

_OF_ACCOUNT = {"3380": "suspense", "1130": "bag", "1140": "clearing", "1150": "under-way", "1370": "shortage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that waits; đồng, 0 where no money is meant."""

    kind: str
    key: str
    amount: Dong
    what: str


def checklist(work: Work, unit_id: UnitId, month: Month) -> tuple[Point, ...]:
    """Everything that a month's close would leave open, at the head of the log; empty: nothing waits."""
    work.books.catch_up()
    return (
        *_open_money(work, unit_id, month),
        *_bank(work, unit_id, month),
        *_receipts(work, unit_id, month),
        *_period(work, unit_id, month),
        *_cash(work, unit_id, month),
        *_disputes(work, unit_id),
    )


def _open_money(work: Work, unit_id: UnitId, month: Month) -> list[Point]:
    return [
        Point(
            kind=_OF_ACCOUNT[item.account],
            key=item.key,
            amount=item.amount,
            what=f"{KINDS[_OF_ACCOUNT[item.account]]}: {item.key}, {format_dong(item.amount)} đồng, từ {item.since}",
        )
        for item in work.books.month_books().open_items(unit_id, month)
    ]


def _bank(work: Work, unit_id: UnitId, month: Month) -> list[Point]:
    """Lines nobody placed, and accounts whose statement does not reach the month's last day."""
    end = last_day(month)
    found = []
    accounts = [a for a in work.organisation.accounts.values() if a.unit_id == unit_id]
    for account in sorted(accounts, key=lambda a: a.account_id):
        state = work.account(account.account_id)
        for line in state.lines.values():
            placed = state.placed.get(line.key)
            if line.booked_on <= end and (placed is None or placed.outcome in ("conflict", "known")):
                when = f"{line.booked_on:%d/%m/%Y}"
                what = f"dòng {line.key[:12]}… ngày {when}, {format_dong(line.amount)} đồng chưa xếp"
                found.append(Point(kind="bank-line", key=line.key, amount=line.amount, what=what))
        read_to = max((to for _, to, _, _ in state.spans), default=None)
        if read_to is None or read_to < end:
            said = "chưa có sao kê nào" if read_to is None else f"sao kê mới đến {read_to:%d/%m/%Y}"
            what = f"tài khoản {account.account_id}: {said}, cần đến {end:%d/%m/%Y}"
            found.append(Point(kind="statement", key=account.account_id, amount=0, what=what))
    return found


def _receipts(work: Work, unit_id: UnitId, month: Month) -> list[Point]:
    book = work.receipts(unit_id, int(month[:4]))
    return [
        Point(kind="receipt", key=payment, amount=0, what=f"khoản {payment}: biên lai đã huỷ, chưa có biên lai thay")
        for payment in sorted(book.wanting)
    ]


def _period(work: Work, unit_id: UnitId, month: Month) -> list[Point]:
    """The report period that ends with this month, by the unit's own frequency, unless it is declared or held."""
    unit = organisation.unit(work.organisation, unit_id)
    if organisation.superior(work.organisation, unit_id) is None:
        return []
    frequency = policy.setting(work.policy, SettingName.REPORT_FREQUENCY, month, unit.kind)
    period = quarter_of(month) if frequency == "quarter" else Period(month)
    if months_of(period)[-1] != month:
        return []
    state = work.declarations(unit_id)
    told = {m for made in (*state.declared, *state.held) for m in months_of(made.period)}
    if month in told:
        return []
    amount = balance(work.books, unit_id, "3310")
    what = f"kỳ {period} chưa chốt, đang có {format_dong(amount)} đồng đã thu chưa phân bổ"
    return [Point(kind="period", key=period, amount=max(0, amount), what=what)]


def _cash(work: Work, unit_id: UnitId, month: Month) -> list[Point]:
    """Cash lies in the unit, or moved in the month, and nobody counted it in the month or after."""
    figures = work.books.month_books().figures(unit_id, month)
    cash = next((line for line in figures.lines if line.account == "1110"), None)
    if cash is None or (cash.closing == 0 and not cash.debits):
        return []
    latest = work.cash_counts(unit_id).latest
    if latest is not None and latest.counted_on >= first_day(month):
        return []
    what = f"quỹ tiền mặt {format_dong(cash.closing)} đồng chưa kiểm trong tháng {month}"
    return [Point(kind="cash-count", key=unit_id, amount=max(0, cash.closing), what=what)]


def _disputes(work: Work, unit_id: UnitId) -> list[Point]:
    """Remittances of the unit, and those it receives, that are disputed and not explained yet."""
    units = [unit_id, *(child.unit_id for child in organisation.children(work.organisation, unit_id))]
    cases = [
        RemittanceId(case)
        for one in units
        for made in work.declarations(one).declared
        for case in work.directory.remittances_of(one, made.period)
    ]
    work.preload(f"remittance/{case}" for case in cases)
    found = []
    for case in cases:
        state = work.remittance(case)
        if isinstance(state, Remittance) and state.open_dispute is not None:
            amount = state.open_dispute.expected - state.open_dispute.seen
            what = f"lệnh nộp {case} đang tra soát, lệch {format_dong(abs(amount))} đồng"
            found.append(Point(kind="dispute", key=case, amount=abs(amount), what=what))
    return found


def refuse_unexplained(points: list[Point], unit_id: UnitId, month: Month) -> None:
    """Refuse a close while points are neither gone nor explained; the first few are named."""
    if not points:
        return
    named = "; ".join(point.what for point in points[:5])
    more = "" if len(points) <= 5 else f"; và {len(points) - 5} việc nữa"
    raise Refusal(
        RefusalCode.CLOSE_CHECKLIST_OPEN,
        f"Chưa khoá được sổ tháng {month} của {unit_id}: {named}{more}. Xử lý từng việc, hoặc ghi lý do để lại.",
        points=tuple((point.kind, point.key, point.amount) for point in points[:100]),
    )
