"""Cash books, alerts and vouchers as the command line and the HTTP interface show them; bills kept as evidence."""

import csv
import hashlib
import io
import uuid
from collections.abc import Sequence, Set
from datetime import date
from types import MappingProxyType
from typing import Any

from adapters.books.sheet import safe
from api.reading import Reading
from api.wiring import Installation
from domain import organisation
from domain.deadlines import working_days_since
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.period import month_of
from domain.policy import setting_number
from domain.policy_settings import SettingName
from domain.spending import KIND_NAMES, Voucher
from ledger.cash_book import CashAlert, CashBook, cash_alerts, cash_book
from ledger.own_money import own_money
from ledger.work import Work


def keep_bill(inst: Installation, content: bytes, media_type: str) -> str:
    """Keep a bill or signed minutes as evidence and return its sha256 (hex), which the voucher carries."""
    kept = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:bill:{hashlib.sha256(content).hexdigest()}")
    return inst.evidence.store(kept, media_type, content)


def book_of(read: Reading, unit: UnitId, first: date, last: date) -> CashBook:
    """The cash book of a unit between two days."""
    return cash_book(unit, read.cash_movements([unit], last), first, last)


def book_as_dict(book: CashBook, custodian: str | None) -> dict[str, Any]:
    """The cash book as JSON; đồng."""
    return {
        "unit": book.unit,
        "custodian": custodian,
        "first": book.first.isoformat(),
        "last": book.last.isoformat(),
        "opening": book.opening,
        "received": book.received,
        "paid": book.paid,
        "closing": book.closing,
        "lines": [
            {
                "position": line.movement.position,
                "on": line.movement.occurred_on.isoformat(),
                "paper": line.movement.paper,
                "what": line.movement.what,
                "in": max(line.movement.amount, 0),
                "out": max(-line.movement.amount, 0),
                "balance": line.balance,
            }
            for line in book.lines
        ],
    }


def book_as_csv(book: CashBook) -> str:
    """The cash book as CSV with a heading in Vietnamese; amounts are digits alone."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("Ngày", "Chứng từ", "Nội dung", "Thu", "Chi", "Tồn quỹ"))
    writer.writerow((book.first.isoformat(), "", "Tồn đầu kỳ", "", "", book.opening))
    for line in book.lines:
        m = line.movement
        row = (m.occurred_on.isoformat(), _plain(m.paper), _plain(m.what), max(m.amount, 0), max(-m.amount, 0))
        writer.writerow((*row, line.balance))
    writer.writerow((book.last.isoformat(), "", "Cộng, tồn cuối kỳ", book.received, book.paid, book.closing))
    return out.getvalue()


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return safe(text)


def alerts_of(
    read: Reading, work: Work, units: Sequence[UnitId], on: date, holidays: Set[date] = frozenset()
) -> tuple[CashAlert, ...]:
    """What somebody must see to about the cash of these units: limits, old cash, bags, shortages, surpluses."""
    moved = read.cash_movements(units, on)
    bags = read.open_bags(units)
    found: list[CashAlert] = []
    for unit in units:
        kind = organisation.unit(work.organisation, unit).kind
        limit = _number(work, SettingName.CASH_LIMIT, on, kind)
        days = _number(work, SettingName.CASH_DEPOSIT_WORKING_DAYS, on, kind)
        found += cash_alerts(unit, moved, bags, on, limit=limit, limit_days=days, holidays=holidays)
    found += _open_counts(read, units, on, holidays)
    return tuple(found)


def _number(work: Work, name: SettingName, on: date, kind: UnitKind) -> int:
    return setting_number(work.policy, name, month_of(on), kind)


def _open_counts(read: Reading, units: Sequence[UnitId], on: date, holidays: Set[date]) -> list[CashAlert]:
    """Shortages and surpluses that counts found and nobody has settled (A8)."""
    found = []
    for item in read.open_items(units, on):
        shortage = item.account == "1370"
        surplus = item.account == "3380" and item.key.startswith("count:")
        if not (shortage or surplus) or item.since > on:
            continue
        found.append(
            CashAlert(
                unit=item.unit,
                kind="shortage" if shortage else "surplus",
                key=item.key,
                amount=item.amount,
                since=item.since,
                working_days=working_days_since(item.since, on, holidays),
                next_step="Người giữ quỹ bù, hoặc cấp ủy quyết định ghi giảm."
                if shortage
                else "Xác định chủ tiền, hoặc cấp ủy quyết định ghi vào nguồn khác.",
            )
        )
    return found


#: What an alert warns of, as people say it.
ALERT_NAMES = MappingProxyType(
    {
        "limit": "tồn quỹ vượt định mức",
        "old-cash": "tiền mặt để quá hạn",
        "bag": "túi tiền chưa được báo có",
        "shortage": "thiếu quỹ chưa xử lý",
        "surplus": "thừa quỹ chưa xử lý",
    }
)


def alert_as_dict(alert: CashAlert) -> dict[str, Any]:
    """One alert as JSON."""
    return {
        "unit": alert.unit,
        "kind": alert.kind,
        "key": alert.key,
        "amount": alert.amount,
        "since": alert.since.isoformat(),
        "working_days": alert.working_days,
        "next_step": alert.next_step,
    }


def voucher_as_dict(voucher: Voucher) -> dict[str, Any]:
    """One voucher as JSON; ``number`` None until somebody approved it."""
    asked, approved = voucher.proposed, voucher.approved
    return {
        "voucher": asked.voucher_id,
        "kind": asked.kind,
        "name": KIND_NAMES[asked.kind],
        "state": voucher.state,
        "number": None if approved is None else approved.number,
        "year": None if approved is None else approved.year,
        "heading": asked.heading,
        "source": asked.source,
        "by": "cash" if asked.asset == "1110" else "bank",
        "amount": asked.amount,
        "dated": asked.dated.isoformat(),
        "purpose": asked.purpose,
        "attachment": asked.attachment,
        "reference": None if approved is None else approved.reference,
        "proposed_by": asked.proposed_by,
        "approved_by": None if approved is None else approved.approved_by,
        "booked_on": voucher.paid.booked_on.isoformat() if voucher.paid else None,
        "void_reason": voucher.voided.reason if voucher.voided else None,
    }


def vouchers_as_dict(work: Work, unit: UnitId, state: str | None = None) -> dict[str, Any]:
    """A unit's vouchers in the order of their proposals, beside what it may still spend."""
    found = work.spending(unit).vouchers.values()
    work.books.catch_up()
    return {
        "unit": unit,
        "own_money": own_money(work, unit),
        "from_dues": own_money(work, unit, "4310"),
        "from_other": own_money(work, unit, "4320"),
        "vouchers": [voucher_as_dict(v) for v in found if state in (None, v.state)],
    }
