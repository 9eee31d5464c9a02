"""Refunds that a channel pays out: its words, in any order and from any witness, onto the one refund.

A webhook, the answer to our own request and a settlement's line may all tell of the same pay-out. Each is heard once;
the money moves once, and comes back once if the channel failed after all (payments §5).
"""

from dataclasses import dataclass
from datetime import date

from domain import attempt, organisation, refund
from domain.attempt import VIA_REFUND, AttemptReported, AttemptState
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, RefundId
from domain.money import Dong
from domain.notice import NoticeStatus
from domain.organisation import Channel
from domain.payment import Asset, Payment
from domain.refund import Refund
from domain.refund_channel import ChannelState, RefundReported, RefundSent
from ledger.work import Act, Work

#: What a channel's source ends with when it speaks of money it gives back, as in "gateway:refund".
MARK = ":refund"

_STATES = {
    NoticeStatus.PAID: ChannelState.DONE,
    NoticeStatus.PENDING: ChannelState.PENDING,
    NoticeStatus.FAILED: ChannelState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A channel's word on one pay-out of a refund; đồng."""

    rail: str
    refund_id: RefundId
    outside_id: str
    state: ChannelState
    amount: Dong
    on: date


def is_known(work: Work, refund_id: str | None, amount: Dong) -> bool:
    """Whether this refund was asked for here, in this amount, and approved by two."""
    state = work.refund(RefundId(refund_id or ""))
    return isinstance(state, Refund) and state.requested.amount == amount and len(state.approvers) >= 2


def hear(
    work: Work, act: Act, source: str, status: NoticeStatus, refund_id: str | None, outside: str, amount: Dong, on: date
) -> str:
    """Take a notice on money that a channel gives back; ``outside`` names the pay-out. "Unknown" says nothing."""
    state = _STATES.get(status)
    if state is None:
        return str(status)
    told = Told(
        rail=source.removesuffix(MARK),
        refund_id=RefundId(refund_id or ""),
        outside_id=outside,
        state=state,
        amount=amount,
        on=on,
    )
    return take(work, act, told)


def take(work: Work, act: Act, told: Told) -> str:
    """Hear a word: the first that it was taken pays the refund out, a failure opens the debt to the payer again."""
    name = refund.stream(told.refund_id)
    before = refund.require_requested(work.refund(told.refund_id))
    known = before.reports.get(told.outside_id)
    heard = refund.hear(
        before,
        RefundReported(
            refund_id=told.refund_id,
            unit_id=before.requested.unit_id,
            rail=told.rail,
            outside_id=told.outside_id,
            state=told.state,
            amount=told.amount,
            told_on=told.on,
        ),
    )
    work.record(name, heard)
    if not heard:
        return "known"
    if told.state is ChannelState.FAILED:
        # What was never told to have been taken was never paid out here, so nothing comes back either.
        if known is not None:
            _require_by_channel(before, told)
            work.record(name, refund.fail_payout(before, reason=f"kênh {told.rail} báo hoàn không được", on=told.on))
        return "refund-failed"
    if known is None:
        _pay(work, act, before, told)
    return "refund-paid"


def send(work: Work, told: Told, payment_id: PaymentId) -> None:
    """Note, once, out of which payment the channel gives a refund back."""
    state = refund.require_requested(work.refund(told.refund_id))
    if state.sent != payment_id:
        unit = state.requested.unit_id
        event = RefundSent(refund_id=told.refund_id, unit_id=unit, rail=told.rail, payment_id=payment_id)
        work.record(refund.stream(told.refund_id), (event,))


def settled(work: Work, act: Act, told: Told) -> None:
    """A settlement took the refund off: the last word but a failure, so the attempt paid with is (partly) returned.

    Until then a refund that was done may still fail, and no state of an attempt ever says less than before.
    """
    state = refund.require_requested(work.refund(told.refund_id))
    known = None if state.sent is None else work.payment(state.sent)
    reference = known.received.reference if isinstance(known, Payment) else None
    if not isinstance(known, Payment) or reference is None or work.attempt(reference).opened is None:
        return
    tried = work.attempt(reference)
    names = {r.outside_id for r in tried.reports if r.via == VIA_REFUND and r.outside_id is not None}
    others = (work.refund(RefundId(name)) for name in names - {told.refund_id})
    returned = told.amount + sum(one.requested.amount for one in others if isinstance(one, Refund))
    said = AttemptReported(
        reference=reference,
        rail=told.rail,
        state=AttemptState.RETURNED if returned >= known.received.amount else AttemptState.PARTLY_RETURNED,
        outside_id=told.refund_id,
        stated_at=act.at,
        via=VIA_REFUND,
        evidence_id=None,  # the settlement's own event names the document
    )
    work.record(attempt.stream(reference), attempt.report(tried, said))


def _pay(work: Work, act: Act, state: Refund, told: Told) -> None:
    if state.paid is not None:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Hoàn trả {told.refund_id} đã chi ngày {state.paid.paid_on:%d/%m/%Y} bằng cách khác; kênh {told.rail} lại "
            f"báo hoàn {told.amount} đồng ({told.outside_id}). Thu hồi một trong hai khoản.",
        )
    asked = state.requested
    place = organisation.receiving_place(work.organisation, asked.unit_id, Channel.PORTAL, act.on)
    events = refund.pay_out(
        state,
        holder_id=place.holder_id,
        asset=Asset.CLEARING,
        asset_key=told.rail,
        paid_by=act.actor,
        on=told.on,
    )
    work.record(refund.stream(told.refund_id), events)


def _require_by_channel(state: Refund, told: Told) -> None:
    if state.paid is None or (state.paid.asset, state.paid.asset_key) != (Asset.CLEARING, told.rail):
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Kênh {told.rail} báo không hoàn được {told.refund_id}, nhưng sổ không ghi khoản này chi qua kênh đó. "
            "Tra soát với kênh thu.",
        )
