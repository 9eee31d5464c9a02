"""Refunds that a channel pays out: its words, in any order and from any witness, onto the one refund.

A webhook, the answer to our own request and a settlement's line may all tell of the same pay-out. Each is heard once;
the money moves once, and comes back once if the channel failed after all (payments §5).
"""

from dataclasses import dataclass
from datetime import date

from domain import organisation, refund
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId
from domain.money import Dong
from domain.organisation import Channel
from domain.payment import Asset
from domain.refund import Refund
from domain.refund_channel import ChannelState, RefundReported
from ledger.work import Act, Work


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
