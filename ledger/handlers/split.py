"""One payment over several months and several members, with the list that says which part is whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import organisation, payment, suspense
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, format_dong, require_amount
from domain.payment import Asset, NotSeen, SuspenseIdentified
from domain.payment_request import RequestLine
from domain.period import Month, month_of
from ledger import placing, prepaid
from ledger.handler import Handler
from ledger.owning import require_concerned
from ledger.placing import Money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLine:
    """One part of a payment: whose it is, for which month, how much; đồng."""

    member_id: MemberId
    month: Month
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCashSplit:
    """Cash that one person brought for several members or months, against one slip; the parts sum to the whole."""

    unit_id: UnitId
    slip: str
    amount: Dong
    paid_on: date
    lines: tuple[SplitLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyBySplit:
    """Money that waits is divided among members and months by a list; the parts sum to all that waits."""

    unit_id: UnitId
    payment_id: PaymentId
    lines: tuple[SplitLine, ...]
    ground: str


def record_cash_split(work: Work, command: RecordCashSplit, act: Act) -> dict[str, object]:
    """Take the cash in with one receipt; what is more than a member owes waits until a person says whose it is."""
    _check(work, command.unit_id, command.lines, command.amount, act)
    if command.paid_on > act.on:
        raise Refusal(RefusalCode.MONTH_IN_FUTURE, f"Phiếu {command.slip}: ngày {command.paid_on:%d/%m/%Y} chưa đến.")
    for line in command.lines:
        require_concerned(work, work.member(line.member_id), command.unit_id, where=f"Phiếu {command.slip}: ")
    money = Money(
        source=f"cash:{command.unit_id}",
        outside_reference=command.slip,
        channel="cash",
        holder_id=command.unit_id,
        asset=Asset.CASH,
        asset_key=command.unit_id,
        amount=command.amount,
        paid_on=command.paid_on,
        booked_on=command.paid_on,
        reference=None,
    )
    known = work.payment(money.payment_id)
    if not isinstance(known, NotSeen):
        if known.received.amount != money.amount:
            raise Refusal(
                RefusalCode.AMOUNT_DIFFERS,
                f"Phiếu {command.slip} đã ghi {format_dong(known.received.amount)} đồng. Dùng số phiếu khác.",
            )
        return {"payment_id": money.payment_id, "receipt": None, "dues": 0, "waiting": 0}
    lines = tuple(
        RequestLine(member_id=line.member_id, month=line.month, amount=line.amount, cash_payment_id=None)
        for line in command.lines
    )
    dues, number = placing.receive_cash_split(work, act, command.unit_id, lines, money)
    return {"payment_id": money.payment_id, "receipt": number, "dues": dues, "waiting": command.amount - dues}


def _check(work: Work, unit_id: UnitId, lines: tuple[SplitLine, ...], whole: Dong, act: Act) -> None:
    """Refuse a list whose parts are not the whole, that names a part twice, or a month that has not come."""
    organisation.unit(work.organisation, unit_id)
    parts = sum(require_amount(line.amount) for line in lines)
    if parts != require_amount(whole):
        raise Refusal(
            RefusalCode.SPLIT_LIST_WRONG,
            f"Bảng kê cộng lại {format_dong(parts)} đồng, khoản tiền là {format_dong(whole)} đồng. Sửa bảng kê cho "
            "khớp từng đồng.",
        )
    named = [(line.member_id, line.month) for line in lines]
    if len(set(named)) != len(named):
        twice = next(f"{member} tháng {month}" for member, month in named if named.count((member, month)) > 1)
        raise Refusal(RefusalCode.SPLIT_LIST_WRONG, f"Bảng kê ghi hai lần {twice}. Gộp thành một dòng.")
    for line in lines:
        if line.month > month_of(act.on) and not prepaid.may_pay_ahead(work, line.member_id, line.month):
            raise Refusal(
                RefusalCode.MONTH_IN_FUTURE,
                f"Tháng {line.month} chưa đến; chỉ người được đóng trước mới nộp cho tháng đó.",
            )


def identify_by_split(work: Work, command: IdentifyBySplit, act: Act) -> dict[str, object]:
    """Each part answers for its member's months; what is beyond becomes that member's credit. One receipt for all."""
    seen = payment.require_seen(work.payment(command.payment_id))
    if payment.waits_at(seen) != command.unit_id:
        raise organisation.outside(payment.waits_at(seen), command.unit_id)
    if seen.suspense == 0:
        raise Refusal(RefusalCode.NOT_IN_SUSPENSE, "Khoản tiền này không còn phần nào chờ xác định.")
    _check(work, command.unit_id, command.lines, seen.suspense, act)
    units: set[UnitId] = set()
    totals = {"dues": 0, "credit": 0}
    for line in command.lines:
        known = work.member(line.member_id)
        if not organisation.is_within(work.organisation, known.unit_id, command.unit_id):
            raise organisation.outside(known.unit_id, command.unit_id)
        units.add(known.unit_id)
        dues, credit = placing.apply_to_member(
            work,
            act,
            member_id=line.member_id,
            unit_id=known.unit_id,
            payment=command.payment_id,
            amount=line.amount,
            month=line.month,
        )
        totals["dues"] += dues
        totals["credit"] += credit
        asked = SuspenseIdentified(
            payment_id=command.payment_id,
            holder_id=command.unit_id,
            unit_id=known.unit_id,
            member_id=line.member_id,
            amount=line.amount,
            dues_amount=dues,
            credit_amount=credit,
            ground=command.ground,
            identified_by=act.actor,
        )
        state = payment.require_seen(work.payment(command.payment_id))
        work.record(payment.stream(command.payment_id), suspense.identify(state, asked))
    number = None
    if seen.received.channel != "portal" and not seen.matched:
        giver = next(iter(units)) if len(units) == 1 else command.unit_id
        only = command.lines[0].member_id if len({line.member_id for line in command.lines}) == 1 else None
        number = placing.issue_receipt(work, act, giver, command.payment_id, only, seen.suspense, seen.received.paid_on)
    return {**totals, "receipt": number}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    RecordCashSplit: Handler("record-cash-split", Action.RECORD_CASH, "unit_id", record_cash_split),
    IdentifyBySplit: Handler("identify-by-split", Action.PLACE_MONEY, "unit_id", identify_by_split),
}
