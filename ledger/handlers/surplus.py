"""Voluntary surplus: declared by the cell for the member, decided by the direct superior (X6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import dues_account, organisation, surplus
from domain.access import Action
from domain.dues_account import SurplusDeclared
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.period import month_of
from ledger.accounts import open_account
from ledger.adjusting import require_member_of
from ledger.handler import Handler
from ledger.open_month import require_open
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareSurplus:
    """A member wants a part of what was paid beyond the dues to be dues too."""

    unit_id: UnitId
    member_id: MemberId
    surplus_id: str
    amount: Dong
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideSurplus:
    """The direct superior accepts a surplus, or does not."""

    superior_id: UnitId
    member_id: MemberId
    surplus_id: str
    accepted: bool
    decision: str


def declare_surplus(work: Work, command: DeclareSurplus, act: Act) -> dict[str, object]:
    """Set the amount aside from the member's credit until it is decided."""
    known = require_member_of(work, command.member_id, command.unit_id)
    stream = open_account(work, command.member_id, known.unit_id, act.on.year)
    asked = SurplusDeclared(
        member_id=command.member_id,
        unit_id=known.unit_id,
        surplus_id=command.surplus_id,
        month=month_of(act.on),
        amount=command.amount,
        document=command.document,
        declared_by=act.actor,
        declared_on=act.on,
    )
    events = surplus.declare(work.dues(command.member_id, act.on.year), asked)
    count = work.record(stream, events)
    state = work.dues(command.member_id, act.on.year)
    return {
        "events": count,
        "waiting": dues_account.waiting_surplus(state),
        "credit": dues_account.free_credit(state),
    }


def decide_surplus(work: Work, command: DecideSurplus, act: Act) -> dict[str, object]:
    """Accepted, the money is collected in the cell's open period and split like dues."""
    known = work.member(command.member_id)
    above = organisation.superior(work.organisation, known.unit_id)
    if above is None or above.unit_id != command.superior_id:
        right = "không có" if above is None else above.unit_id
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"Cấp trên trực tiếp của {known.unit_id} là {right}, không phải {command.superior_id}; chỉ cấp trên trực "
            "tiếp quyết định khoản đóng thêm.",
        )
    stream = open_account(work, command.member_id, known.unit_id, act.on.year)
    state = work.dues(command.member_id, act.on.year)
    if command.accepted:
        require_open(work, known.unit_id, month_of(act.on))
    decided = (surplus.accept if command.accepted else surplus.reject)(
        state,
        command.surplus_id,
        decided_unit=command.superior_id,
        decision=command.decision,
        decided_by=act.actor,
        on=act.on,
    )
    work.record(stream, surplus.in_books_of(decided, known.unit_id))
    return {"accepted": command.accepted, "amount": sum(event.amount for event in decided)}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    DeclareSurplus: Handler("declare-surplus", Action.APPLY_RELIEF, "unit_id", declare_surplus),
    DecideSurplus: Handler("decide-surplus", Action.DECIDE_SURPLUS, "superior_id", decide_surplus),
}
