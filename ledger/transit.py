"""Where money is between two levels and how old it is, and who is late with what is owed: read off the books.

Both answers are of the head of the log and of a day; nothing is decided here.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date

from domain import deadlines, late_share, organisation, refunding
from domain.identifiers import RefundId, UnitId
from domain.money import Dong
from domain.organisation import UnitRegistered
from domain.period import Period, period_end
from domain.period_kind import kind_for
from domain.refund import Refund
from domain.remittance import Remittance, on_account_left, under_way
from ledger.upwards import remittances_for, reported_periods
from ledger.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Transit:
    """Money on one edge of the tree: left the sender and is not yet where it belongs; đồng.

    ``what``: "under-way", "disputed", "astray" (at ``where``), "on-account" (held by the superior until a share comes)
    or "claw-back" (from a superior down).
    """

    sender: UnitId
    receiver: UnitId
    what: str
    subject: str
    period: Period | None
    amount: Dong
    since: date
    days: int
    where: UnitId | None
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A unit that has not sent, or not even declared, what a period owes, and the deadline has passed; đồng."""

    unit: UnitId
    superior: UnitId
    period: Period
    what: str  #: "not-sent" or "not-declared"
    deadline: date
    days: int
    amount: Dong
    next_step: str


_STEPS = {
    "under-way": "Chờ báo có của cấp trên; quá 3 ngày làm việc thì tra soát hai bên.",
    "disputed": "Đơn vị nộp giải trình; cấp trên kết luận tra soát.",
    "astray": "Đơn vị nhận nhầm chuyển tiếp cho cấp trên đúng, ghi mã tham chiếu của lệnh nộp.",
    "on-account": "Chờ tỷ lệ có hiệu lực, rồi phân bổ kỳ đã giữ.",
    "claw-back": "Chờ báo có của cấp dưới; đối chiếu sao kê hai bên.",
}


def in_transit(work: Work, root: UnitId, on: date) -> tuple[Transit, ...]:
    """Everything between levels in a subtree, oldest first."""
    work.books.catch_up()
    found: list[Transit] = []
    for unit in _with_books(work, root):
        for period in reported_periods(work, unit.unit_id):
            for r in remittances_for(work, unit.unit_id, period):
                found += _of_remittance(r, on)
        found += _claw_backs(work, unit.unit_id, on)
    return tuple(sorted(found, key=lambda item: (item.since, item.sender, item.subject, item.what)))


def _with_books(work: Work, root: UnitId) -> Iterable[UnitRegistered]:
    return (unit for unit in organisation.subtree(work.organisation, root) if unit.has_books)


def _of_remittance(r: Remittance, on: date) -> list[Transit]:
    p = r.prepared
    since = p.prepared_on if r.last_sent is None else r.last_sent.sent_on
    amounts: list[tuple[str, Dong, UnitId | None]] = [
        ("under-way" if r.open_dispute is None else "disputed", under_way(r), None),
        *(("astray", amount, at) for at, amount in sorted(r.misrouted.items())),
        ("on-account", on_account_left(r), p.superior_id),
    ]
    return [
        Transit(
            sender=p.unit_id,
            receiver=p.superior_id,
            what=what,
            subject=p.remittance_id,
            period=p.period,
            amount=amount,
            since=since,
            days=(on - since).days,
            where=where,
            next_step=_STEPS[what],
        )
        for what, amount, where in amounts
        if amount
    ]


def _claw_backs(work: Work, superior: UnitId, on: date) -> list[Transit]:
    """Claw-back that this unit sent down and the unit below has not."""
    found = []
    for case in sorted(work.books.balances(superior, "1150")):
        state = work.refund(RefundId(case))
        if not isinstance(state, Refund) or not refunding.in_transit(state, superior):
            continue
        sent = state.claw_backs[superior]
        found.append(
            Transit(
                sender=superior,
                receiver=sent.unit_id,
                what="claw-back",
                subject=case,
                period=None,
                amount=sent.amount,
                since=sent.sent_on,
                days=(on - sent.sent_on).days,
                where=None,
                next_step=_STEPS["claw-back"],
            )
        )
    return found


def late(work: Work, root: UnitId, on: date, holidays: Set[date] = frozenset()) -> tuple[Late, ...]:
    """Who is late in a subtree on a day: longest first, then the larger amount."""
    work.books.catch_up()
    found: list[Late] = []
    for unit in _with_books(work, root):
        superior = organisation.superior(work.organisation, unit.unit_id)
        if superior is not None:
            found += _late_sending(work, unit.unit_id, superior.unit_id, on, holidays)
            found += _late_declaring(work, unit, superior.unit_id, on, holidays)
    return tuple(sorted(found, key=lambda item: (-item.days, -item.amount, item.unit, item.period)))


def _late_sending(work: Work, unit: UnitId, superior: UnitId, on: date, holidays: Set[date]) -> list[Late]:
    """Declared periods of which something has not been sent (3360 less what is under way: B01 line 14)."""
    found = []
    for key, owed in sorted(work.books.balances(unit, "3360").items()):
        period = Period(key)
        going = sum(under_way(r) for r in remittances_for(work, unit, period))
        kind = kind_for(work.organisation, work.policy, unit, period)
        deadline = deadlines.due_day(work.policy, kind, period, holidays)
        if owed - going > 0 and on > deadline:
            found.append(
                Late(
                    unit=unit,
                    superior=superior,
                    period=period,
                    what="not-sent",
                    deadline=deadline,
                    days=(on - deadline).days,
                    amount=owed - going,
                    next_step="Lập, duyệt và gửi lệnh nộp phần còn lại.",
                )
            )
    return found


def _late_declaring(work: Work, unit: UnitRegistered, superior: UnitId, on: date, holidays: Set[date]) -> list[Late]:
    """Periods that ended, whose deadline passed and that were never declared though money waits to be."""
    state = work.declarations(unit.unit_id)
    holds = late_share.open_holds(state)
    own = work.books.balances(unit.unit_id, "3310")
    waiting = late_share.own_of_current(holds, own.get("own", 0)) + (0 if holds else own.get("sub", 0))
    if waiting <= 0:
        return []
    told = sorted((*reported_periods(work, unit.unit_id),), key=period_end)
    missing = deadlines.ended_before(work.policy, unit.kind, told[-1] if told else None, on)
    for period in missing:
        deadline = deadlines.due_day(work.policy, unit.kind, period, holidays)
        if on > deadline:
            return [
                Late(
                    unit=unit.unit_id,
                    superior=superior,
                    period=period,
                    what="not-declared",
                    deadline=deadline,
                    days=(on - deadline).days,
                    amount=waiting,
                    next_step="Chốt kỳ, rồi lập lệnh nộp.",
                )
            ]
    return []


def transit_shown(item: Transit) -> dict[str, object]:
    """As it stands in an answer."""
    return {
        "sender": item.sender,
        "receiver": item.receiver,
        "what": item.what,
        "subject": item.subject,
        "period": item.period,
        "amount": item.amount,
        "since": item.since,
        "days": item.days,
        "where": item.where,
        "next_step": item.next_step,
    }


def late_shown(item: Late) -> dict[str, object]:
    """As it stands in an answer."""
    return {
        "unit": item.unit,
        "superior": item.superior,
        "period": item.period,
        "what": item.what,
        "deadline": item.deadline,
        "days": item.days,
        "amount": item.amount,
        "next_step": item.next_step,
    }
