"""Give money back: request with the plan of every level's part, two approvals, pay-out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain import declaration, dues_account, dues_adjustment, organisation, payment, refund, suspense
from domain.access import Action
from domain.assessment import Relief, assess
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.money import Dong
from domain.period import Month, Period, month_of
from domain.refund import RefundRequested, Source, require_requested
from ledger.accounts import assessed, open_account, year_with
from ledger.books import balance
from ledger.handler import Handler
from ledger.late_relief import grant_from
from ledger.open_month import require_open
from ledger.owning import owning_unit
from ledger.refund_chain import Chain, chain_for
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCreditRefund:
    """Give an overpayment back that is still held as credit."""

    refund_id: RefundId
    unit_id: UnitId
    member_id: MemberId
    amount: Dong
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSuspenseRefund:
    """Send money back that nobody could place."""

    refund_id: RefundId
    unit_id: UnitId
    payment_id: PaymentId
    amount: Dong
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReliefRefund:
    """A relief was found for a month already assessed and paid: give the difference back, before or after the split.

    ``period`` is the report period in which the money was declared; None when it is not declared yet.
    """

    refund_id: RefundId
    unit_id: UnitId
    member_id: MemberId
    month: Month
    period: Period | None
    relief: str
    percent: int
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRefund:
    """One of two approvals; the second books the refund at every level."""

    unit_id: UnitId
    refund_id: RefundId


def request_credit_refund(work: Work, command: RequestCreditRefund, act: Act) -> dict[str, object]:
    """Ask; at most what is held as credit."""
    _require_member(work, command.member_id, command.unit_id)
    asked = replace(
        _blank(command.refund_id, Source.CREDIT, command.unit_id, command.amount, act),
        member_id=command.member_id,
        reason=command.reason,
        decision=command.decision,
    )
    stream = open_account(work, command.member_id, command.unit_id, act.on.year)
    account = work.dues(command.member_id, act.on.year)
    known = account.reserved.get(command.refund_id)
    answer = _request(work, asked, dues_account.free_credit(account) + (0 if known is None else known.amount))
    reserved = dues_account.reserve_credit(
        account,
        member_id=command.member_id,
        unit_id=command.unit_id,
        amount=command.amount,
        refund_id=command.refund_id,
    )
    if not _is_decided(work, command.refund_id):
        work.record(stream, reserved)
    return answer


def request_suspense_refund(work: Work, command: RequestSuspenseRefund, act: Act) -> dict[str, object]:
    """Ask; at most what waits."""
    waiting = payment.require_seen(work.payment(command.payment_id))
    if payment.waits_at(waiting) != command.unit_id:
        raise organisation.outside(payment.waits_at(waiting), command.unit_id)
    asked = replace(
        _blank(command.refund_id, Source.SUSPENSE, command.unit_id, command.amount, act),
        payment_id=command.payment_id,
        reason=command.reason,
        decision=command.decision,
    )
    known = waiting.reserved.get(command.refund_id, 0)
    answer = _request(work, asked, waiting.suspense - suspense.reserved(waiting) + known)
    if not _is_decided(work, command.refund_id):
        reserved = suspense.reserve(waiting, amount=command.amount, refund_id=command.refund_id)
        work.record(payment.stream(command.payment_id), reserved)
    return answer


def _is_decided(work: Work, refund_id: RefundId) -> bool:
    """Whether a request that is told again was withdrawn or booked meanwhile: then nothing waits for it."""
    state = require_requested(work.refund(refund_id))
    return state.withdrawn or len(state.approvers) >= 2


def request_relief_refund(work: Work, command: RequestReliefRefund, act: Act) -> dict[str, object]:
    """Ask with the plan: what the relief takes off, of it what was paid, and what each level gives back."""
    known = work.member(command.member_id)
    owner = owning_unit(work, known, command.month) or known.unit_id
    if owner != command.unit_id:
        raise organisation.outside(owner, command.unit_id)
    off, paid_back = relief_amounts(
        work,
        member_id=command.member_id,
        month=command.month,
        relief=command.relief,
        percent=command.percent,
        year=act.on.year,
    )
    if paid_back == 0:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"Tháng {command.month} chưa đóng quá mức sau miễn giảm ({off} đồng được miễn); không có gì phải hoàn.",
        )
    source = Source.UNSPLIT
    parts: tuple[refund.LevelPart, ...] = ()
    available = balance(work.books, command.unit_id, "3310", "own")
    if command.period is not None:
        source, available = Source.SPLIT, paid_back
        chain = chain_for(
            work,
            unit_id=command.unit_id,
            member_id=command.member_id,
            month=command.month,
            period=command.period,
            year=act.on.year,
        )
        parts = chain.plan(command.period, paid_back)
        _require_received(work, command.unit_id, chain, parts)
    asked = replace(
        _blank(command.refund_id, source, command.unit_id, paid_back, act),
        member_id=command.member_id,
        month=command.month,
        parts=parts,
        relief=command.relief,
        relief_percent=command.percent,
        relief_amount=off,
        reason=command.reason,
        decision=command.decision,
    )
    return _request(work, asked, available)


def relief_amounts(
    work: Work, *, member_id: MemberId, month: Month, relief: str, percent: int, year: int
) -> tuple[Dong, Dong]:
    """What the relief takes off the month as it stands now, and how much of that was paid."""
    recorded = assessed(work, member_id, month, year)
    item = work.dues(member_id, account_year(work, member_id, month, year)).items[month]
    again = assess(
        work.policy,
        month=month,
        category=recorded.category,
        base=None if recorded.region is not None or recorded.base_kind == "none" else recorded.base,
        base_month=recorded.base_month if recorded.region is None else None,
        region=recorded.region,
        relief=Relief(id=relief, percent=percent),
    )
    if again.gross != recorded.gross:
        # A rate published since would be taken off as if it were relief, and once more when months are reassessed.
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Tháng {month} đã ghi mức đóng {recorded.gross} đồng, nhưng quy định có hiệu lực nay cho "
            f"{again.gross} đồng. Rà soát lại mức đóng của tháng đó trước, rồi mới ghi miễn giảm.",
        )
    due_now = item.assessed - item.relieved
    off = max(0, due_now - again.due)
    return off, max(0, item.applied - (due_now - off))


def account_year(work: Work, member_id: MemberId, month: Month, year: int) -> int:
    """The year whose account holds a month's obligation, or a refusal if it was never assessed."""
    found = year_with(work, member_id, month, year)
    if found is None:
        raise Refusal(RefusalCode.NOT_ASSESSED, f"Tháng {month} chưa được tính mức đóng. Kiểm tra lại tháng.")
    return found


def _require_received(work: Work, unit_id: UnitId, chain: Chain, parts: tuple[refund.LevelPart, ...]) -> None:
    """A level that has not split yet can only give back what it has received."""
    last = parts[-1]
    if not last.unsplit_part or len(parts) < 2:
        return
    work.books.catch_up()
    below = chain.kept_by.get(parts[-2].unit_id, unit_id)
    owed = work.books.balances(last.unit_id, "1360").get(f"{below}:{last.period}", 0)
    if owed:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"{below} chưa nộp đủ kỳ {last.period} (còn {owed} đồng). Chờ cấp trên nhận đủ rồi đề nghị lại.",
        )


def _blank(refund_id: RefundId, source: Source, unit_id: UnitId, amount: Dong, act: Act) -> RefundRequested:
    return RefundRequested(
        refund_id=refund_id,
        source=source,
        unit_id=unit_id,
        member_id=None,
        payment_id=None,
        month=None,
        amount=amount,
        parts=(),
        relief=None,
        relief_percent=0,
        relief_amount=0,
        reason="",
        decision="",
        requested_by=act.actor,
        requested_on=act.on,
    )


def _request(work: Work, asked: RefundRequested, available: Dong) -> dict[str, object]:
    state = work.refund(asked.refund_id)
    left = available - (_asked_already(work, asked) if asked.source is Source.UNSPLIT else 0)
    work.record(refund.stream(asked.refund_id), refund.request(state, asked, available=left))
    parts = [
        {"unit_id": p.unit_id, "kept": p.kept_part, "passed": p.passed_part, "unsplit": p.unsplit_part}
        for p in asked.parts
    ]
    return {"refund_id": asked.refund_id, "amount": asked.amount, "source": asked.source, "parts": parts}


def _asked_already(work: Work, asked: RefundRequested) -> Dong:
    """What other requests that wait for approval would take out of what the unit has not declared; đồng.

    Held credit and waiting money are reserved by their requests, and the plan of a declared period is made anew at the
    approval.
    """
    total = 0
    for known in work.directory.unit_refunds(asked.unit_id):
        other = work.refund(RefundId(known))
        if not isinstance(other, refund.Refund) or other.withdrawn or len(other.approvers) >= 2:
            continue
        r = other.requested
        if r.source is Source.UNSPLIT and r.refund_id != asked.refund_id and r.unit_id == asked.unit_id:
            total += r.amount
    return total


def _require_member(work: Work, member_id: MemberId, unit_id: UnitId) -> None:
    known = work.member(member_id)
    if known.unit_id != unit_id:
        raise organisation.outside(known.unit_id, unit_id)


def approve_refund(work: Work, command: ApproveRefund, act: Act) -> dict[str, object]:
    """Approve; the second approval takes the money out of its source at every level."""
    state = require_requested(work.refund(command.refund_id))
    if state.requested.unit_id != command.unit_id:
        raise organisation.outside(state.requested.unit_id, command.unit_id)
    events = refund.approve(state, approved_by=act.actor, on=act.on)
    work.record(refund.stream(command.refund_id), events)
    if events and events[-1].n == 2:
        _book(work, state.requested, act)
    return {"approvals": len(state.approvers) + len(events)}


def _book(work: Work, asked: RefundRequested, act: Act) -> None:
    if asked.source is Source.CREDIT and asked.member_id is not None:
        stream = open_account(work, asked.member_id, asked.unit_id, act.on.year)
        events = dues_account.release_credit(
            work.dues(asked.member_id, act.on.year),
            member_id=asked.member_id,
            unit_id=asked.unit_id,
            amount=asked.amount,
            refund_id=asked.refund_id,
        )
        work.record(stream, events)
    elif asked.source is Source.SUSPENSE and asked.payment_id is not None:
        state = work.payment(asked.payment_id)
        released = suspense.release(state, amount=asked.amount, refund_id=asked.refund_id)
        work.record(payment.stream(asked.payment_id), released)
    else:
        _book_relief(work, asked, act)


def _book_relief(work: Work, asked: RefundRequested, act: Act) -> None:
    """The relief in the member's account, and the money out of every level's books."""
    if asked.member_id is None or asked.month is None or asked.relief is None:
        raise Refusal(RefusalCode.REFUND_STATE, f"Hoàn trả {asked.refund_id} thiếu đảng viên, tháng hoặc căn cứ miễn.")
    _require_as_asked(work, asked, asked.member_id, asked.month, asked.relief, act)
    year = account_year(work, asked.member_id, asked.month, act.on.year)
    events = dues_adjustment.recognise_relief(
        work.dues(asked.member_id, year),
        member_id=asked.member_id,
        unit_id=asked.unit_id,
        month=asked.month,
        relief=asked.relief,
        percent=asked.relief_percent,
        amount=asked.relief_amount,
        decision=asked.decision,
        reason=asked.reason,
        refund_id=asked.refund_id,
    )
    work.record(dues_account.stream(asked.member_id, year), events)
    grant_from(
        work,
        act,
        member_id=asked.member_id,
        relief=asked.relief,
        percent=asked.relief_percent,
        month=asked.month,
        decision=asked.decision,
    )
    if asked.source is Source.UNSPLIT:
        declared = work.declarations(asked.unit_id)
        # In this order: figures older than the declarations could promise what has just been declared.
        work.books.catch_up()
        taken = declaration.take_from_unsplit(
            declared,
            unit_id=asked.unit_id,
            refund_id=asked.refund_id,
            amount=asked.amount,
            collected=balance(work.books, asked.unit_id, "3310", "own"),
        )
        work.record(declaration.stream(asked.unit_id), taken)
        return
    _book_split(work, asked, asked.member_id, asked.month, act)


def _book_split(work: Work, asked: RefundRequested, member_id: MemberId, month: Month, act: Act) -> None:
    """Every level's part, if it is still what was approved."""
    period = asked.parts[0].period
    chain = chain_for(
        work,
        unit_id=asked.unit_id,
        member_id=member_id,
        month=month,
        period=period,
        year=act.on.year,
    )
    fresh = chain.plan(period, asked.amount)
    if fresh != asked.parts:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Từ khi đề nghị {asked.refund_id}, một cấp đã chốt kỳ hoặc đã hoàn khoản khác của kỳ này: phần của từng "
            "cấp đã khác. Lập đề nghị mới.",
        )
    booked = refund.book_parts(
        asked.parts, refund_id=asked.refund_id, on=act.on, kept_by=chain.kept_by, known_as=chain.known_as
    )
    for unit_id, event in booked.items():
        require_open(work, unit_id, month_of(act.on))
        work.record(declaration.stream(unit_id), (event,))


def _require_as_asked(
    work: Work, asked: RefundRequested, member_id: MemberId, month: Month, relief: str, act: Act
) -> None:
    """Two requests for one relief must not take it off twice, and a relief must not outrun what was paid since."""
    now = relief_amounts(
        work, member_id=member_id, month=month, relief=relief, percent=asked.relief_percent, year=act.on.year
    )
    if now != (asked.relief_amount, asked.amount):
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Từ khi đề nghị {asked.refund_id}, tháng {month} đã thay đổi: nay được miễn {now[0]} đồng, phải hoàn "
            f"{now[1]} đồng. Lập đề nghị mới.",
        )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    RequestCreditRefund: Handler("request-credit-refund", Action.REQUEST_REFUND, "unit_id", request_credit_refund),
    RequestSuspenseRefund: Handler(
        "request-suspense-refund", Action.REQUEST_REFUND, "unit_id", request_suspense_refund
    ),
    RequestReliefRefund: Handler("request-relief-refund", Action.REQUEST_REFUND, "unit_id", request_relief_refund),
    ApproveRefund: Handler("approve-refund", Action.APPROVE_REFUND, "unit_id", approve_refund),
}
