"""Obligations reckoned again: a restated base, a changed policy, an amount set by decision, money collected ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import dues_adjustment, member, member_amount, membership, organisation
from domain.access import Action
from domain.dues_account import DuesAdjusted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import IncomeBaseDeclared, Member
from domain.member_amount import AmountSet
from domain.money import Dong, require_amount
from domain.period import Month, month_of, shift
from domain.policy_rows import BaseKind, RateKind, in_force
from domain.set_amount import ForeignSum, SetAmount, in_dong, require_inside
from ledger.accounts import open_account, preload_accounts
from ledger.adjusting import (
    Ground,
    adjust_month,
    adjust_span,
    recorded_months,
    require_member_of,
    told,
    unsplit,
)
from ledger.handler import Handler
from ledger.open_month import require_open
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RestateBase:
    """The income of a month was stated wrongly or was changed by its payer: the months reckoned on it are adjusted.

    ``to_month`` is the last calendar month restated (by default the one month); afterwards the income is what it was.
    """

    unit_id: UnitId
    member_id: MemberId
    kind: str
    from_month: Month
    to_month: Month
    amount: Dong
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassessMonths:
    """Compare recorded obligations beneath ``unit_id`` with what law and facts say now, and record the differences."""

    unit_id: UnitId
    from_month: Month
    to_month: Month
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAmountSet:
    """The entitled body set what a member pays within a range of the law, or an allowance is paid in foreign money."""

    unit_id: UnitId
    member_id: MemberId
    category: str
    from_month: Month
    to_month: Month | None
    amount: Dong | None
    foreign: ForeignSum | None
    decision: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAhead:
    """Make collected money that answers for no month the member's credit again, by a decision."""

    unit_id: UnitId
    member_id: MemberId
    amount: Dong
    decision: str


def restate_base(work: Work, command: RestateBase, act: Act) -> dict[str, object]:
    """Declare the right income for those months and adjust what was assessed on the wrong one."""
    known = require_member_of(work, command.member_id, command.unit_id)
    require_amount(command.amount, "căn cứ tính đóng")
    if command.to_month < command.from_month or command.to_month > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Khoảng tháng {command.from_month} đến {command.to_month} không đúng (hôm nay {act.on:%d/%m/%Y}).",
        )
    stream = member.stream(command.member_id)
    after = shift(command.to_month, 1)
    follows = _in_force(known, command.kind, after)
    wanted = [_base(command, month, command.amount) for month in _restated(known, command)]
    if follows is not None and follows.from_month < after and after <= month_of(act.on):
        # What held before the restated months holds again after them.
        wanted.append(_base(command, after, follows.amount))
    count = 0
    for declared in wanted:
        count += work.record(stream, member.declare_base(work.member_state(command.member_id), declared))
    ground = Ground(kind="base-restated", reason=command.reason, decision=command.decision)
    # A base feeds the month after it (insurance) or its own month (pension); both are looked at.
    made = adjust_span(work, act, command.member_id, command.from_month, after, ground)
    return {"declared": count, "adjusted": [told(event) for event in made]}


def _in_force(known: Member, kind: str, month: Month) -> IncomeBaseDeclared | None:
    rows = [row for row in reversed(known.bases) if row.kind == kind and row.from_month <= month]
    return max(rows, key=lambda row: row.from_month, default=None)


def _restated(known: Member, command: RestateBase) -> tuple[Month, ...]:
    """The first restated month, and every month within the span for which another income had been declared."""
    within = {
        row.from_month
        for row in known.bases
        if row.kind == command.kind and command.from_month < row.from_month <= command.to_month
    }
    return (command.from_month, *sorted(within))


def _base(command: RestateBase, month: Month, amount: Dong) -> IncomeBaseDeclared:
    return IncomeBaseDeclared(member_id=command.member_id, kind=command.kind, from_month=month, amount=amount)


def reassess_months(work: Work, command: ReassessMonths, act: Act) -> dict[str, object]:
    """Record a difference for each obligation that is not what it should be; who cannot be reckoned is listed."""
    if command.from_month > command.to_month or command.to_month > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Khoảng tháng {command.from_month} đến {command.to_month} không đúng (hôm nay {act.on:%d/%m/%Y}).",
        )
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, command.unit_id)]
    members = work.directory.members_of(units)
    work.preload(member.stream(m) for m in members)
    preload_accounts(work, members, act.on.year)
    ground = Ground(kind="policy-changed", reason=command.reason, decision=command.decision)
    made: list[DuesAdjusted] = []
    unclear: list[dict[str, str]] = []
    for member_id in members:
        for month, stands in recorded_months(work, member_id, act.on.year).items():
            if not command.from_month <= month <= command.to_month:
                continue
            try:
                event = adjust_month(work, act, work.member(member_id), month, stands, ground)
            except Refusal as refusal:
                if refusal.code in (RefusalCode.MONTH_CLOSED, RefusalCode.POLICY_APPROVAL_INCOMPLETE):
                    raise
                unclear.append(
                    {"member_id": member_id, "month": month, "code": refusal.code, "message": refusal.message}
                )
                continue
            if event is not None:
                made.append(event)
    return {
        "adjusted": [told(event) for event in made],
        "difference": sum(event.after.due - event.before.due for event in made),
        "unclear": unclear,
    }


def record_amount_set(work: Work, command: RecordAmountSet, act: Act) -> dict[str, object]:
    """Record the decision, checked against the range of the law; months assessed already are adjusted."""
    known = require_member_of(work, command.member_id, command.unit_id)
    chosen = SetAmount(
        amount=command.amount, foreign=command.foreign, decision=command.decision, decided_on=command.decided_on
    )
    amount, base_kind = _amount(work, command, chosen)
    foreign = command.foreign
    asked = AmountSet(
        member_id=command.member_id,
        unit_id=known.unit_id,
        category=command.category,
        from_month=command.from_month,
        to_month=command.to_month,
        amount=amount,
        is_base=base_kind is not None,
        currency=None if foreign is None else foreign.currency,
        hundredths=0 if foreign is None else foreign.hundredths,
        rate_e4=0 if foreign is None else foreign.rate_e4,
        rate_source=None if foreign is None else foreign.rate_source,
        rate_date=None if foreign is None else foreign.rate_date,
        decision=command.decision,
        decided_by=command.decided_by,
        decided_on=command.decided_on,
    )
    stream = member_amount.stream(command.member_id)
    count = work.record(stream, member_amount.set_amount(work.amounts_set(command.member_id), asked))
    if base_kind is not None:
        declared = IncomeBaseDeclared(
            member_id=command.member_id, kind=base_kind, from_month=command.from_month, amount=amount
        )
        events = member.declare_base(work.member_state(command.member_id), declared)
        count += work.record(member.stream(command.member_id), events)
    ground = Ground(kind="base-restated", reason="mức do cấp có thẩm quyền ấn định", decision=command.decision)
    made = adjust_span(work, act, command.member_id, command.from_month, command.to_month, ground)
    return {"amount": amount, "events": count, "adjusted": [told(event) for event in made]}


def _amount(work: Work, command: RecordAmountSet, chosen: SetAmount) -> tuple[Dong, str | None]:
    """The sum in đồng; the kind of base where the category takes a percentage of an allowance paid in foreign money."""
    rows = (row for row in work.policy.active.rates if row.category == command.category)
    row = in_force(rows, command.from_month)
    if row is None:
        raise Refusal(
            RefusalCode.POLICY_ROW_NOT_FOUND,
            f"Không có mức của nhóm {command.category!r} có hiệu lực trong tháng {command.from_month}.",
        )
    if row.kind in (RateKind.RANGE, RateKind.MINIMUM):
        return require_inside(row, chosen), None
    if row.base_kind is BaseKind.ALLOWANCE and command.foreign is not None:
        return in_dong(command.foreign), str(row.base_kind)
    return require_inside(row, chosen), None


def return_ahead(work: Work, command: ReturnAhead, act: Act) -> dict[str, object]:
    """Out of what the unit has not declared; the open period shows it as less collected."""
    known = require_member_of(work, command.member_id, command.unit_id)
    if membership.units_of(known.membership) != (known.unit_id,):
        raise Refusal(
            RefusalCode.REFUND_STATE,
            "Đảng viên đã chuyển sinh hoạt nên khoản đã thu trước có thể nằm ở đơn vị khác. "
            "Để trừ dần vào các tháng sau, hoặc lập hồ sơ hoàn trả.",
        )
    require_open(work, known.unit_id, month_of(act.on))
    stream = open_account(work, command.member_id, known.unit_id, act.on.year)
    events = dues_adjustment.return_ahead(
        work.dues(command.member_id, act.on.year),
        member_id=command.member_id,
        unit_id=known.unit_id,
        amount=command.amount,
        unsplit=unsplit(work, known.unit_id),
        decision=command.decision,
        on=act.on,
    )
    work.record(stream, events)
    return {"returned": command.amount, "credit": work.dues(command.member_id, act.on.year).credit}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    RestateBase: Handler("restate-base", Action.RESTATE_DUES, "unit_id", restate_base),
    ReassessMonths: Handler("reassess-months", Action.RESTATE_DUES, "unit_id", reassess_months),
    RecordAmountSet: Handler("record-amount-set", Action.SET_AMOUNT, "unit_id", record_amount_set),
    ReturnAhead: Handler("return-ahead", Action.RESTATE_DUES, "unit_id", return_ahead),
}
