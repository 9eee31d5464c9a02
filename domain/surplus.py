"""Voluntary surplus (01-QĐ/TW, Article 5, X6): credit that waits until the direct superior decides, then dues.

Accepted it is collected like dues and split like dues, but it answers for no obligation and stands on a line of its
own; rejected it is ordinary credit, for the next months or a refund.
"""

from dataclasses import replace
from datetime import date

from domain.access import require_other_person
from domain.dues_account import Account, free_credit
from domain.dues_events import SurplusAccepted, SurplusDeclared, SurplusRejected
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import format_dong, require_amount


def declare(state: Account, asked: SurplusDeclared) -> tuple[SurplusDeclared, ...]:
    """Name a part of the held credit as surplus; never more than is free. The same again adds nothing."""
    known = state.surpluses.get(asked.surplus_id)
    if known is not None:
        if replace(asked, declared_on=known.declared_on) == known:
            return ()
        raise Refusal(
            RefusalCode.SURPLUS_STATE,
            f"Đề nghị đóng thêm {asked.surplus_id} đã ghi khác. Dùng mã khác.",
        )
    if require_amount(asked.amount) > free_credit(state):
        raise Refusal(
            RefusalCode.SURPLUS_STATE,
            f"Đảng viên chỉ còn {format_dong(free_credit(state))} đồng đóng quá mức, không thể đề nghị đóng thêm "
            f"{format_dong(asked.amount)} đồng. Thu tiền trước, ghi đề nghị sau.",
        )
    return (asked,)


def accept(
    state: Account, surplus_id: str, *, decided_unit: UnitId, decision: str, decided_by: str, on: date
) -> tuple[SurplusAccepted, ...]:
    """Accept a waiting surplus; by another person than the one who entered it."""
    told = _waiting(state, surplus_id, decided_by)
    return (
        SurplusAccepted(
            member_id=told.member_id,
            unit_id=told.unit_id,
            surplus_id=surplus_id,
            amount=told.amount,
            decided_unit=decided_unit,
            decision=decision,
            decided_by=decided_by,
            accepted_on=on,
        ),
    )


def reject(
    state: Account, surplus_id: str, *, decided_unit: UnitId, decision: str, decided_by: str, on: date
) -> tuple[SurplusRejected, ...]:
    """Reject a waiting surplus: it stays the member's credit."""
    told = _waiting(state, surplus_id, decided_by)
    return (
        SurplusRejected(
            member_id=told.member_id,
            unit_id=told.unit_id,
            surplus_id=surplus_id,
            amount=told.amount,
            decided_unit=decided_unit,
            decision=decision,
            decided_by=decided_by,
            rejected_on=on,
        ),
    )


def _waiting(state: Account, surplus_id: str, decided_by: str) -> SurplusDeclared:
    told = state.surpluses.get(surplus_id)
    if told is None:
        raise Refusal(
            RefusalCode.SURPLUS_STATE, f"Không có đề nghị đóng thêm {surplus_id} nào đang chờ. Kiểm tra mã đề nghị."
        )
    require_other_person(told.declared_by, decided_by, f"Đề nghị đóng thêm {surplus_id}")
    return told


def in_books_of(
    events: tuple[SurplusAccepted, ...] | tuple[SurplusRejected, ...], unit_id: UnitId
) -> tuple[SurplusAccepted | SurplusRejected, ...]:
    """The same decision in the books of the member's present cell, where the credit stands after a transfer."""
    return tuple(replace(event, unit_id=unit_id) for event in events)
