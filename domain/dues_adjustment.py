"""The same obligation reckoned again: only the difference is entered, with both computations shown (rules §9.1, §9.9).

More owed raises the month; less owed frees what was paid beyond the new due. Where that money is not declared yet it
goes back to the member's credit; where it was declared and split, the closed period is not touched: the money stays
collected and answers for other months of the member, or waits until people decide (accounting §3 and §4, A4, A6, A7).
"""

from dataclasses import replace
from datetime import date

from domain.assessment import Assessment
from domain.dues_account import Account, answer_from_held, evolve, free_credit, open_months, owed
from domain.dues_events import (
    AheadApplied,
    AheadReturned,
    ApplicationUndone,
    CollectedAhead,
    CreditApplied,
    DuesAdjusted,
    DuesAssessed,
    OpenItem,
    Reckoning,
    ReliefRecognised,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, format_dong, require_amount
from domain.period import Month


def reckoning_of(assessment: Assessment, relief_decision: str | None) -> Reckoning:
    """A computation as an adjustment keeps it."""
    return Reckoning(
        category=assessment.category,
        rule=assessment.rule,
        document=assessment.document,
        article=assessment.article,
        regime=assessment.regime,
        base_kind=assessment.base_kind,
        base=assessment.base,
        base_month=assessment.base_month,
        region=assessment.region,
        cap=assessment.cap,
        relief=assessment.relief,
        relief_percent=assessment.relief_percent,
        relief_decision=relief_decision,
        rounding=assessment.rounding,
        gross=assessment.gross,
        relieved=assessment.relieved,
        due=assessment.due,
        steps=assessment.steps,
    )


def recorded_reckoning(event: DuesAssessed) -> Reckoning:
    """The computation that stands in the log, told again from its recorded figures."""
    base = "không có" if event.base is None else f"{format_dong(event.base)} đồng"
    when = "" if event.base_month is None else f" tháng {event.base_month}"
    steps = [
        f"Nhóm {event.category}: dòng {event.rule}, {event.document}; căn cứ{when} {base}.",
        f"Trước miễn giảm {format_dong(event.gross)} đồng, miễn giảm {format_dong(event.relieved)} đồng, "
        f"phải đóng {format_dong(event.due)} đồng.",
    ]
    return Reckoning(
        category=event.category,
        rule=event.rule,
        document=event.document,
        article=event.article,
        regime=event.regime,
        base_kind=event.base_kind,
        base=event.base,
        base_month=event.base_month,
        region=event.region,
        cap=event.cap,
        relief=event.relief,
        relief_percent=event.relief_percent,
        relief_decision=event.relief_decision,
        rounding=event.rounding,
        gross=event.gross,
        relieved=event.relieved,
        due=event.due,
        steps=tuple(steps),
    )


def with_sums(told: Reckoning, item: OpenItem) -> Reckoning:
    """A computation with the sums of the month where a late relief changed them since."""
    step = f"Miễn giảm ghi sau: {format_dong(item.relieved - told.relieved)} đồng."
    return replace(
        told,
        gross=item.assessed,
        relieved=item.relieved,
        due=item.assessed - item.relieved,
        steps=(*told.steps, step),
    )


def in_books_of(event: AheadApplied | CreditApplied, unit_id: UnitId) -> AheadApplied | CreditApplied:
    """The same application in the books of the unit that owns the month."""
    return replace(event, unit_id=unit_id)


def same_inputs(one: Reckoning, other: Reckoning) -> bool:
    """Whether two computations differ in nothing that an obligation is made of.

    The wording of steps does not count, nor the name of a relief whose amount has been taken off already.
    """

    def bare(told: Reckoning) -> Reckoning:
        return replace(told, steps=(), relief=None, relief_percent=0, relief_decision=None)

    return bare(one) == bare(other)


def adjust(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    item: OpenItem,
    before: Reckoning,
    after: Reckoning,
    unsplit: Dong,
    ground: str,
    reason: str,
    decision: str,
    on: date,
) -> tuple[DuesAdjusted | AheadApplied | CreditApplied, ...]:
    """Enter the difference of a month, and let what is held answer for what is open; no difference adds nothing.

    ``item`` is the month as it stands (it may stand in an earlier year's account), ``unsplit`` what the unit has
    collected and not declared; đồng.
    """
    if same_inputs(before, after):
        return ()
    if not reason.strip() or not decision.strip():
        raise Refusal(
            RefusalCode.POLICY_APPROVAL_INCOMPLETE,
            f"Điều chỉnh tháng {item.month} phải ghi lý do và số văn bản làm căn cứ.",
        )
    undone = max(0, item.applied - after.due)
    elsewhere = sum(owed(state, month) for month in open_months(state) if month != item.month)
    absorbed = min(undone, elsewhere)
    to_credit = min(undone - absorbed, max(0, unsplit))
    adjusted = DuesAdjusted(
        member_id=member_id,
        unit_id=unit_id,
        month=item.month,
        before=before,
        after=after,
        gross_up=max(0, after.gross - before.gross),
        gross_down=max(0, before.gross - after.gross),
        relieved_up=max(0, after.relieved - before.relieved),
        relieved_down=max(0, before.relieved - after.relieved),
        applied_before=item.applied,
        undone=undone,
        to_credit=to_credit,
        to_ahead=undone - to_credit,
        ground=ground,
        reason=reason,
        decision=decision,
        adjusted_on=on,
    )
    held = answer_from_held(evolve(state, adjusted), member_id=member_id, unit_id=unit_id, first=item.month)
    return (adjusted, *held)


def return_ahead(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    amount: Dong,
    unsplit: Dong,
    decision: str,
    on: date,
) -> tuple[AheadReturned, ...]:
    """Make money that is collected and answers for no month credit again, out of what is not declared yet."""
    if require_amount(amount) > state.ahead:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Chỉ có {format_dong(state.ahead)} đồng đã thu mà chưa tính cho tháng nào, không thể chuyển "
            f"{format_dong(amount)} đồng.",
        )
    if amount > unsplit:
        raise Refusal(
            RefusalCode.REFUND_TOO_LARGE,
            f"Đơn vị chỉ còn {format_dong(max(0, unsplit))} đồng đã thu chưa chốt kỳ. Chờ thu thêm trong kỳ đang mở "
            "rồi chuyển, hoặc để trừ dần vào các tháng sau.",
        )
    return (AheadReturned(member_id=member_id, unit_id=unit_id, amount=amount, decision=decision, returned_on=on),)


def collect_ahead(
    state: Account, *, member_id: MemberId, unit_id: UnitId, amount: Dong, payment_id: PaymentId
) -> tuple[CollectedAhead, ...]:
    """Count prepaid credit as collected at its receipt; never more than is free."""
    usable = min(amount, free_credit(state))
    if usable <= 0:
        return ()
    return (CollectedAhead(member_id=member_id, unit_id=unit_id, amount=usable, payment_id=payment_id),)


def recognise_relief(
    state: Account,
    *,
    member_id: MemberId,
    unit_id: UnitId,
    month: Month,
    relief: str,
    percent: int,
    amount: Dong,
    decision: str,
    reason: str,
    refund_id: str,
) -> tuple[ApplicationUndone | ReliefRecognised, ...]:
    """Recognise a relief found late for an assessed month: what was paid too much is freed for a refund.

    ``amount`` is what the relief takes off; the paid part beyond the new due is undone first, so that what is owed
    is never negative.
    """
    item = state.items.get(month)
    if item is None:
        raise Refusal(RefusalCode.NOT_ASSESSED, f"Tháng {month} chưa được tính mức đóng, không có gì để miễn giảm.")
    due_after = item.assessed - item.relieved - require_amount(amount)
    if due_after < 0:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Tháng {month} chỉ phải đóng {item.assessed - item.relieved} đồng, không thể miễn {amount} đồng.",
        )
    undone = max(0, item.applied - due_after)
    relieved = ReliefRecognised(
        member_id=member_id,
        unit_id=unit_id,
        month=month,
        amount=amount,
        relief=relief,
        percent=percent,
        decision=decision,
        reason=reason,
    )
    if undone == 0:
        return (relieved,)
    freed = ApplicationUndone(member_id=member_id, unit_id=unit_id, month=month, amount=undone, refund_id=refund_id)
    return (freed, relieved)
