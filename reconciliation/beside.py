"""What is open beside the bank's lines and the book's items: cases of channels, and transfers that members told of."""

from datetime import date

from domain.money import Dong
from ledger.reports_places import Decided
from ledger.reports_reconciliation import Leftover, LeftoverKind
from reconciliation import wording
from reconciliation.facts import DecisionFact
from reconciliation.view import View


def open_cases(view: View, as_of: date) -> list[Leftover]:
    """Money that a channel took back and that nobody has decided on; it stands on 1370 and not on the account."""
    left = []
    for case in view.cases:
        missing = sum(amount for on, amount in case.moves if on <= view.cut_off)
        if not missing:
            continue
        found = view.decisions.get(case.case)
        left.append(
            Leftover(
                kind=LeftoverKind.RETURNED,
                account_id=view.account,
                unit_id=case.unit_id,
                line_key=None,
                items=(case.case,),
                bank_reference=case.case.partition("/")[2],
                dated_on=case.on,
                bank_amount=None,
                book_amount=-missing,
                open_amount=abs(missing),
                effect=0,
                lies_in="1370",
                what=wording.about_case(case, missing),
                next_step=wording.CASE_STEP,
                age_days=(as_of - case.on).days,
                due_on=None,
                closed_on=_settled(case.moves, view.cut_off, as_of),
                role="kế toán, chủ tài khoản",
                decided=None if found is None else decided(found),
                why="kênh thu tự lấy lại; sổ ghi thiếu chờ xử lý (1370) cho đến khi có quyết định",
            )
        )
    return left


def _settled(moves: tuple[tuple[date, Dong], ...], cut_off: date, as_of: date) -> date | None:
    """The day after the span on which nothing was missing any more."""
    missing = sum(amount for on, amount in moves if on <= cut_off)
    for on, amount in sorted(moves):
        if cut_off < on <= as_of:
            missing += amount
            if not missing:
                return on
    return None


def on_the_way(view: View, as_of: date) -> list[Leftover]:
    """Transfers that members said they made and that no bank has shown; no entry in the book."""
    return [
        Leftover(
            kind=LeftoverKind.MISSING_AT_BANK,
            account_id=view.account,
            unit_id=r.unit_id,
            line_key=None,
            items=(f"request:{r.reference}",),
            bank_reference=r.reference,
            dated_on=r.told_on,
            bank_amount=None,
            book_amount=None,
            open_amount=r.amount,
            effect=0,
            lies_in="",
            what=wording.about_transfer(r.reference, r.amount, r.told_on),
            next_step=wording.TRANSFER_STEP,
            age_days=(as_of - r.told_on).days,
            due_on=r.lapses_on,
            closed_on=None,
            role="chi ủy viên thu đảng phí",
            why="chỉ có lời báo của đảng viên; chưa có dòng sao kê hay thông báo nào mang mã này",
        )
        for r in view.requests
        if r.told_on is not None and r.told_on <= view.cut_off and not r.answered and r.account_id == view.account
    ]


def decided(last: DecisionFact) -> Decided:
    """A decision as the report shows it."""
    return Decided(
        decision_id=last.decision_id,
        kind=last.kind,
        until=last.until,
        reason=last.reason,
        by=last.by,
        on=last.on,
        words=wording.decision(last),
    )
