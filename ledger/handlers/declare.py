"""Fix a unit's report period at the head of the log, with the share in force for its kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import declaration, organisation, policy
from domain.access import Action
from domain.declaration import Collected, DeclarationAnnounced, PeriodDeclared, SubordinatePart
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import Period, months_of
from domain.policy_rows import ShareRow
from ledger.books import balance
from ledger.handler import Handler
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


def declare_period(work: Work, command: DeclarePeriod, act: Act) -> dict[str, object]:
    """Declare what was collected and received in full; without an active share the money is held."""
    unit = organisation.unit(work.organisation, command.unit_id)
    superior = organisation.superior(work.organisation, command.unit_id)
    if superior is None:
        raise Refusal(
            RefusalCode.UNKNOWN_UNIT, f"{unit.name} không có cấp trên trong cây tổ chức, không có gì phải nộp lên."
        )
    stream = declaration.stream(command.unit_id)
    events = declaration.declare(
        work.declarations(command.unit_id),
        unit_id=command.unit_id,
        superior_id=superior.unit_id,
        superior_has_books=superior.has_books,
        period=command.period,
        figures=collected(work, command.unit_id),
        share=_share(work, unit, command.period),
        on=act.on,
    )
    work.record(stream, events)
    if not events or not isinstance(events[0], PeriodDeclared):
        return {"state": "chưa phân bổ", "collected": events[0].collected if events else 0, "kept": 0, "payable": 0}
    made = events[0]
    return {
        "state": "declared",
        "position": made.position,
        "collected": made.collected,
        "kept": made.kept,
        "payable": made.payable,
        "is_example": made.is_example,
    }


def _share(work: Work, unit: organisation.UnitRegistered, period: Period) -> ShareRow | None:
    """The share of the unit's kind in force for the first month of the period (rules §9.3)."""
    return policy.share_for(work.policy, unit.kind, months_of(period)[0])


def collected(work: Work, unit_id: UnitId) -> Collected:
    """What the book shows as collected and not yet declared, at the position the balances are of.

    A subordinate's period counts once its remittance is received in full (accounting §4); part of one waits.
    """
    state = work.declarations(unit_id)
    below = organisation.children(work.organisation, unit_id)
    work.preload(declaration.stream(child.unit_id) for child in below)
    # After the declarations, never before: a subordinate's newer declaration would look received in full.
    position = work.books.catch_up()
    received = received_in_full(work, unit_id)
    parts = []
    for (subordinate, period), amount in sorted(received.items()):
        if (subordinate, period) in declaration.counted(state):
            continue
        net = amount - declaration.unsplit_reduction(state, subordinate, period)
        parts.append(SubordinatePart(unit_id=subordinate, period=period, amount=net))
    own = balance(work.books, unit_id, "3310", "own")
    return Collected(position=position, own=own, subordinates=tuple(parts))


def received_in_full(work: Work, unit_id: UnitId) -> dict[tuple[UnitId, Period], Dong]:
    """Subordinates' declared periods of which nothing is outstanding, with what they declared as payable."""
    outstanding = work.books.balances(unit_id, "1360")
    found: dict[tuple[UnitId, Period], Dong] = {}
    for child in organisation.children(work.organisation, unit_id):
        for made in work.declarations(child.unit_id).declared:
            if made.payable and not outstanding.get(f"{child.unit_id}:{made.period}"):
                found[child.unit_id, made.period] = made.payable
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
    AnnounceDeclaration: Handler(
        "announce-declaration", Action.ACKNOWLEDGE_REMITTANCE, "superior_id", announce_declaration
    ),
}
