"""The cash book of a unit (sổ quỹ tiền mặt): every movement of 1110 with its paper and the balance after it.

What is asked of the book beside the movements: how old the cash in hand is, and what should have reached the bank.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from domain import (
    cash,
    cash_count,
    cash_return,
    correction,
    opening,
    payment,
    refund,
    remittance,
    restructuring,
    spending,
)
from domain.deadlines import working_days_since
from domain.money import Dong, format_dong
from domain.period import day_of
from ledger.posting import entry, occurred_on
from ledger.store import Recorded

CASH = "1110"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """Cash that came in (positive) or went out (negative), with the number of its paper; đồng."""

    unit: str
    position: int
    entry_no: int  #: 1, 2, 3 … among the lines of its event
    occurred_on: date
    event: str
    paper: str  #: "phiếu chi 3/2026", "phiếu 14", "giấy nộp HJ…"
    what: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLine:
    """A movement with the balance after it."""

    movement: CashMovement
    balance: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class CashBook:
    """The book of a unit from a day to a day; opening + received − paid = closing; đồng."""

    unit: str
    first: date
    last: date
    opening: Dong
    lines: tuple[CashLine, ...]
    received: Dong
    paid: Dong
    closing: Dong


_Told = Callable[[Any], tuple[str, str]]


def _voucher(e: spending.VoucherApproved | spending.VoucherVoided) -> tuple[str, str]:
    name = f"{spending.KIND_NAMES[e.kind]} {e.number}/{e.year}"
    return (name, e.analytic) if isinstance(e, spending.VoucherApproved) else (name, "huỷ phiếu")


#: Paper and matter of each event that moves cash; another room's event is told by its document alone.
_PAPERS: Mapping[type, _Told] = MappingProxyType(
    {
        opening.OpeningSigned: lambda e: ("số dư đầu kỳ", "số dư đầu kỳ"),
        payment.PaymentReceived: lambda e: (
            (f"kiểm quỹ {e.outside_reference}", "thừa quỹ chờ xác định")
            if e.source.startswith("count:")
            else (f"phiếu {e.outside_reference}", "thu đảng phí")
            if e.channel == "cash"
            else (f"giao dịch {e.outside_reference}", "tiền mặt đã thu nay nộp trực tuyến")
        ),
        cash.BagTakenToBank: lambda e: (f"giấy nộp {e.bag}", "nộp tiền mặt vào ngân hàng"),
        cash.CashPassedToHolder: lambda e: (f"phiếu {e.slip}", "bàn giao tiền mặt cho đơn vị giữ hộ"),
        cash_return.HeldCashReturned: lambda e: (f"phiếu {e.slip}", "tiền giữ hộ trả lại"),
        cash_count.CashCounted: lambda e: (f"kiểm quỹ {e.number}", "thiếu quỹ chờ xử lý"),
        cash_count.ShortageMadeGood: lambda e: (e.case_id, "bù tiền thiếu quỹ"),
        spending.VoucherApproved: _voucher,
        spending.VoucherVoided: _voucher,
        remittance.RemittanceSent: lambda e: (f"lệnh nộp {e.remittance_id}", "nộp cấp trên"),
        remittance.RemittanceReceived: lambda e: (f"lệnh nộp {e.remittance_id}", "cấp dưới nộp"),
        remittance.SendingCorrected: lambda e: (f"lệnh nộp {e.remittance_id}", "điều chỉnh số đã gửi"),
        correction.EntryReversed: lambda e: (f"điều chỉnh {e.correction_id}", "đảo bút toán ghi sai"),
        restructuring.BalancesHandedOver: lambda e: (f"bàn giao {e.restructure_id}", "bàn giao khi sắp xếp tổ chức"),
        refund.RefundPaidOut: lambda e: (f"hoàn trả {e.refund_id}", "chi hoàn trả"),
        refund.PayoutFailed: lambda e: (f"hoàn trả {e.refund_id}", "khoản hoàn bị trả lại"),
    }
)


def movements(recorded: Recorded) -> tuple[CashMovement, ...]:
    """What one event does to cash boxes; empty for nearly every event."""
    found = []
    for number, line in enumerate(entry(recorded.event), 1):
        if line.account != CASH:
            continue
        told = _PAPERS.get(type(recorded.event))
        paper, what = told(recorded.event) if told else (recorded.meta.document or recorded.name, recorded.name)
        found.append(
            CashMovement(
                unit=line.unit,
                position=recorded.position,
                entry_no=number,
                occurred_on=occurred_on(recorded.event, day_of(recorded.recorded_at)),
                event=recorded.name,
                paper=paper,
                what=what,
                amount=line.amount,
            )
        )
    return tuple(found)


def cash_book(unit: str, moved: Iterable[CashMovement], first: date, last: date) -> CashBook:
    """The book of a unit from ``first`` to ``last``, in the order of days, and of the log within a day."""
    mine = sorted(
        (m for m in moved if m.unit == unit and m.occurred_on <= last),
        key=lambda m: (m.occurred_on, m.position, m.entry_no),
    )
    opened = balance = sum(m.amount for m in mine if m.occurred_on < first)
    lines = []
    for movement in mine:
        if movement.occurred_on >= first:
            balance += movement.amount
            lines.append(CashLine(movement=movement, balance=balance))
    amounts = [line.movement.amount for line in lines]
    return CashBook(
        unit=unit,
        first=first,
        last=last,
        opening=opened,
        lines=tuple(lines),
        received=sum(a for a in amounts if a > 0),
        paid=-sum(a for a in amounts if a < 0),
        closing=balance,
    )


# --- what should have reached the bank ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A bag on its way to the bank, or credited; đồng."""

    bag: str
    unit: str
    account_id: str
    amount: Dong
    taken_on: date
    credited_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashAlert:
    """One thing that somebody must see to: how much, since when, how many working days, and the next step."""

    unit: str
    kind: str  #: "limit", "old-cash", "bag", "shortage", "surplus"
    key: str
    amount: Dong
    since: date
    working_days: int
    next_step: str


def old_cash(
    unit: str, moved: Iterable[CashMovement], on: date, limit_days: int, holidays: Set[date] = frozenset()
) -> tuple[date, Dong] | None:
    """The oldest cash in hand and how much of it lies longer than ``limit_days`` working days; None if nothing does.

    What goes out is taken to be the oldest there is, so a remainder is as young as it can be.
    """
    mine = [m for m in moved if m.unit == unit and m.occurred_on <= on]
    rest = sum(m.amount for m in mine)
    late, since = 0, on
    for movement in sorted(mine, key=lambda m: (m.occurred_on, m.position), reverse=True):
        if rest <= 0:
            break
        if movement.amount <= 0:
            continue
        part = min(rest, movement.amount)
        rest -= part
        if working_days_since(movement.occurred_on, on, holidays) > limit_days:
            late, since = late + part, movement.occurred_on
    return (since, late) if late else None


def cash_alerts(
    unit: str,
    moved: Iterable[CashMovement],
    bags: Iterable[Bag],
    on: date,
    *,
    limit: Dong,
    limit_days: int,
    holidays: Set[date] = frozenset(),
) -> tuple[CashAlert, ...]:
    """What is wrong with a unit's cash on a day: over its limit (0: none is set), lying too long, bags not credited."""
    mine = [m for m in moved if m.unit == unit and m.occurred_on <= on]
    in_hand = sum(m.amount for m in mine)
    found = []
    if limit and in_hand > limit:
        last = max((m.occurred_on for m in mine if m.amount > 0), default=on)
        step = f"Nộp ít nhất {format_dong(in_hand - limit)} đồng vào ngân hàng: định mức tồn quỹ {format_dong(limit)}."
        found.append(_alert(unit, "limit", unit, in_hand, last, on, step, holidays))
    if (old := old_cash(unit, mine, on, limit_days, holidays)) is not None:
        step = f"Nộp ngân hàng hoặc bàn giao cho đơn vị giữ hộ: tiền mặt không giữ quá {limit_days} ngày làm việc."
        found.append(_alert(unit, "old-cash", unit, old[1], old[0], on, step, holidays))
    for bag in bags:
        if bag.unit == unit and bag.credited_on is None and working_days_since(bag.taken_on, on, holidays) > limit_days:
            step = "Đối chiếu giấy nộp tiền với sao kê; hỏi ngân hàng nếu chưa báo có."
            found.append(_alert(unit, "bag", bag.bag, bag.amount, bag.taken_on, on, step, holidays))
    return tuple(found)


def _alert(
    unit: str, kind: str, key: str, amount: Dong, since: date, on: date, step: str, holidays: Set[date]
) -> CashAlert:
    return CashAlert(
        unit=unit,
        kind=kind,
        key=key,
        amount=amount,
        since=since,
        working_days=working_days_since(since, on, holidays),
        next_step=step,
    )
