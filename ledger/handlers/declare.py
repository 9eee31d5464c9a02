"""Fix a unit's report period at the head of the log, with the share in force for its kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import correction, deadlines, declaration, late_share, organisation, payables, policy
from domain.access import Action
from domain.declaration import (
    Collected,
    DeclarationAnnounced,
    Declared,
    HeldFromBelow,
    HeldPeriodAllocated,
    PeriodDeclared,
    SubordinatePart,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong
from domain.organisation_history import once_below
from domain.period import Period, months_of, period_end
from domain.period_kind import kind_for
from domain.policy_rows import ShareRow
from ledger.handler import Handler
from ledger.open_month import book_month, require_open_period
from ledger.upwards import settle_on_account
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarePeriod:
    """Fix a report period of one unit now; whatever is booked later belongs to the next one."""

    unit_id: UnitId
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceDeclaration:
    """Record here what a unit kept in another shard declared to its superior in this one."""

    superior_id: UnitId
    unit_id: UnitId
    period: Period
    payable: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyLateShare:
    """Split what a unit holds for old periods, as far as shares are now in force for them; None: every such period."""

    unit_id: UnitId
    period: Period | None = None


def declare_period(work: Work, command: DeclarePeriod, act: Act) -> dict[str, object]:
    """Declare what was collected and received in full; without an active share the money is held.

    A period that was held before is split late: its reports stand, and the split is booked in the open month.
    """
    superior = _superior(work, command.unit_id)
    state = work.declarations(command.unit_id)
    share = _share(work, command.unit_id, command.period)
    holds = late_share.open_holds(state)
    if share is not None and any(hold.period == command.period for hold in holds):
        return _answer(_allocate(work, command.unit_id, command.period, act)[0])
    last = holds[-1].period if holds else command.period
    if last != command.period and period_end(last) >= period_end(command.period):
        raise Refusal(
            RefusalCode.ALREADY_DECLARED,
            f"{command.unit_id} đã giữ kỳ {last} chưa phân bổ. Khoản phát sinh sau thuộc kỳ báo cáo kế tiếp.",
        )
    require_open_period(work, command.unit_id, command.period)
    # A correction that takes collected money back stands there; without it the figures would be old.
    work.guard(correction.stream(command.unit_id))
    figures = collected(work, command.unit_id, command.period)
    events = declaration.declare(
        state,
        unit_id=command.unit_id,
        superior_id=superior.unit_id,
        superior_has_books=superior.has_books,
        period=command.period,
        figures=figures,
        share=share,
        on=act.on,
    )
    kind = kind_for(work.organisation, work.policy, command.unit_id, command.period)
    deadlines.require_frequency(work.policy, kind, command.unit_id, command.period)
    work.record(declaration.stream(command.unit_id), events)
    if events and isinstance(events[0], PeriodDeclared):
        return _answer(events[0])
    if events and figures.subordinates:
        below = HeldFromBelow(unit_id=command.unit_id, period=command.period, subordinates=figures.subordinates)
        work.record(declaration.stream(command.unit_id), (below,))
    return {"state": "chưa phân bổ", "collected": events[0].collected if events else 0, "kept": 0, "payable": 0}


def apply_late_share(work: Work, command: ApplyLateShare, act: Act) -> dict[str, object]:
    """Split held periods by the shares that came into force since; money sent on account answers for them at once."""
    made = _allocate(work, command.unit_id, command.period, act)
    return {
        "periods": [{"period": event.period, "booked_in": event.booked_in, **_answer(event)} for event in made],
        "settled_on_account": settle_on_account(work, command.unit_id, act),
    }


def _allocate(work: Work, unit_id: UnitId, only: Period | None, act: Act) -> tuple[HeldPeriodAllocated, ...]:
    superior = _superior(work, unit_id)
    holds = late_share.open_holds(work.declarations(unit_id))
    wanted = [hold for hold in holds if only in (None, hold.period)]
    if not wanted:
        raise Refusal(
            RefusalCode.NOT_DECLARED,
            f"{unit_id} không giữ kỳ {only or 'nào'} ở trạng thái chưa phân bổ; xem các kỳ đã chốt của đơn vị.",
        )
    made = []
    for hold in wanted:
        share = _share(work, unit_id, hold.period)
        if share is None:
            continue
        event = late_share.allocate(
            hold,
            unit_id=unit_id,
            superior_id=superior.unit_id,
            superior_has_books=superior.has_books,
            figures=_held_figures(work, unit_id, hold),
            share=share,
            booked_in=book_month(work, unit_id, act.on),
            on=act.on,
        )
        work.record(declaration.stream(unit_id), (event,))
        made.append(event)
    if not made:
        raise Refusal(
            RefusalCode.NO_ACTIVE_SHARE,
            f"Chưa có tỷ lệ có hiệu lực cho các kỳ {', '.join(hold.period for hold in wanted)} của {unit_id}. "
            "Kích hoạt nghị quyết về tỷ lệ trước.",
        )
    return tuple(made)


def _superior(work: Work, unit_id: UnitId) -> organisation.UnitRegistered:
    unit = organisation.unit(work.organisation, unit_id)
    superior = organisation.superior(work.organisation, unit_id)
    if superior is None:
        raise Refusal(
            RefusalCode.UNKNOWN_UNIT, f"{unit.name} không có cấp trên trong cây tổ chức, không có gì phải nộp lên."
        )
    return superior


def _answer(made: Declared) -> dict[str, object]:
    return {
        "state": "declared",
        "position": made.position,
        "collected": made.collected,
        "kept": made.kept,
        "payable": made.payable,
        "is_example": made.is_example,
    }


def _share(work: Work, unit_id: UnitId, period: Period) -> ShareRow | None:
    """The share, in force for the first month of the period, of the kind that the unit counts as in it (rules §9.3)."""
    kind = kind_for(work.organisation, work.policy, unit_id, period)
    return policy.share_for(work.policy, kind, months_of(period)[0])


def collected(work: Work, unit_id: UnitId, of: Period | None = None) -> Collected:
    """What the book shows as collected and not yet declared, at the position the balances are of.

    A subordinate's period counts once its remittance is received in full (accounting §4); part of one waits. What is
    held for another period than ``of`` belongs there.
    """
    position, received = _received(work, unit_id)
    holds = late_share.open_holds(work.declarations(unit_id))
    elsewhere = {part for hold in holds if hold.period != of for part in hold.parts}
    parts = tuple(part for part in received if (part.unit_id, part.period) not in elsewhere)
    own = late_share.own_of_current(holds, work.balance(unit_id, "3310", "own"), of)
    return Collected(position=position, own=own, subordinates=parts)


def _held_figures(work: Work, unit_id: UnitId, hold: late_share.Hold) -> Collected:
    """What belongs to a held period: its part of the own money, and what subordinates owed for no later a period.

    A subordinate whose own share came late remits for the old period now; that is the old period's money here too.
    """
    position, received = _received(work, unit_id)
    holds = late_share.open_holds(work.declarations(unit_id))
    elsewhere = {part for other in holds if other.period != hold.period for part in other.parts}
    end = period_end(hold.period)
    parts = tuple(
        part
        for part in received
        if (part.unit_id, part.period) in hold.parts
        or (period_end(part.period) <= end and (part.unit_id, part.period) not in elsewhere)
    )
    own = late_share.own_of_each(holds, work.balance(unit_id, "3310", "own"))
    return Collected(position=position, own=own[hold.period], subordinates=parts)


def _received(work: Work, unit_id: UnitId) -> tuple[int, tuple[SubordinatePart, ...]]:
    """Subordinates' periods received in full and in no declaration of this unit yet, and the position they are of."""
    state = work.declarations(unit_id)
    below = once_below(work.organisation, unit_id)
    work.preload(declaration.stream(child) for child in below)
    # After the declarations, never before: a subordinate's newer declaration would look received in full.
    position = work.books.catch_up()
    received = received_in_full(work, unit_id)
    parts = []
    for (subordinate, period), amount in sorted(received.items()):
        net = amount - declaration.unsplit_reduction(state, subordinate, period)
        net -= payables.counted_of(state, subordinate, period)
        if net > 0:
            # A correction at the subordinate in this moment would leave this sum behind the books.
            work.guard(declaration.stream(subordinate))
            parts.append(SubordinatePart(unit_id=subordinate, period=period, amount=net))
    return position, tuple(parts)


def received_in_full(work: Work, unit_id: UnitId) -> dict[tuple[UnitId, Period], Dong]:
    """Subordinates' declared periods of which nothing is outstanding, with what they declared as payable."""
    outstanding = work.books.balances(unit_id, "1360")
    found: dict[tuple[UnitId, Period], Dong] = {}
    for child in once_below(work.organisation, unit_id):
        for period, amount in payables.payable_to(work.declarations(child), unit_id).items():
            if not outstanding.get(f"{child}:{period}"):
                found[child, period] = amount
    for told in work.declarations(unit_id).announced:
        if told.payable and not outstanding.get(f"{told.unit_id}:{told.period}"):
            found[told.unit_id, told.period] = told.payable
    return found


def announce_declaration(work: Work, command: AnnounceDeclaration, act: Act) -> dict[str, object]:
    """Record a declaration made in another shard; the same again adds nothing, another amount is refused."""
    state = work.declarations(command.superior_id)
    known = [t for t in state.announced if (t.unit_id, t.period) == (command.unit_id, command.period)]
    if known and known[0].payable != command.payable:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"{command.unit_id} đã báo kỳ {command.period} phải nộp {known[0].payable} đồng, "
            f"nay báo {command.payable}.",
        )
    told = DeclarationAnnounced(
        unit_id=command.unit_id,
        superior_id=command.superior_id,
        period=command.period,
        payable=command.payable,
        announced_on=act.on,
    )
    return {"announced": work.record(declaration.stream(command.superior_id), () if known else (told,))}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    DeclarePeriod: Handler("declare-period", Action.DECLARE, "unit_id", declare_period),
    ApplyLateShare: Handler("apply-late-share", Action.DECLARE, "unit_id", apply_late_share),
    AnnounceDeclaration: Handler(
        "announce-declaration", Action.ACKNOWLEDGE_REMITTANCE, "superior_id", announce_declaration
    ),
}
