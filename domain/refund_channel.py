"""What a channel says became of a refund that it was asked to give to the payer.

A channel takes a refund off what it owes us as soon as it accepts it, so "pending" and "done" are both a pay-out; a
failure, which may follow success, gives the money back and the debt to the payer is open again (payments §5). Reports
come in any order: what was told to have failed is never paid by a later, older word.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import PaymentId, RefundId, UnitId
from domain.money import Dong


class ChannelState(StrEnum):
    """What became of it, from least to most."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


#: How much each state says: a failure is the last word on one pay-out by a channel.
_RANK = {state: rank for rank, state in enumerate(ChannelState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReported:
    """A channel's word on a refund; evidence, no entry: the pay-out and its failure have events of their own."""

    refund_id: RefundId
    unit_id: UnitId
    rail: str
    outside_id: str
    state: ChannelState
    amount: Dong
    told_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSent:
    """A channel was asked to give a refund back out of this payment; evidence, no entry."""

    refund_id: RefundId
    unit_id: UnitId
    rail: str
    payment_id: PaymentId


def says_more(known: ChannelState | None, told: ChannelState) -> bool:
    """Whether a word adds to what is known."""
    return known is None or _RANK[told] > _RANK[known]
