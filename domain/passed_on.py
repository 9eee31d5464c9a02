"""What goes over to another unit when a unit ends or gets another superior: payables, remittances, refunds.

Each stands in the stream of the thing itself, so that its later decisions are made for, and by, the unit that has it
now. None has an entry of its own: the balances go over in ``BalancesHandedOver``.
"""

from dataclasses import dataclass
from datetime import date

from domain.identifiers import PaymentId, RefundId, RemittanceId, UnitId
from domain.money import Dong
from domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class PayablePassed:
    """What ``unit_id`` declared to ``superior_id`` for a period counts there by ``amount`` less: it went over."""

    unit_id: UnitId
    superior_id: UnitId
    period: Period
    amount: Dong
    to_unit_id: UnitId
    to_superior_id: UnitId
    restructure_id: str
    passed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableInherited:
    """``unit_id`` answers to ``superior_id`` for ``amount`` of a period that another unit declared, or declared so.

    ``outstanding`` is what of it the superior had not received on that day (3360 of the unit); đồng.
    """

    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    amount: Dong
    outstanding: Dong
    from_unit_id: UnitId
    from_superior_id: UnitId
    restructure_id: str
    inherited_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceTakenOver:
    """A remittance that was not finished goes on as another unit's, or to another superior."""

    remittance_id: RemittanceId
    from_unit_id: UnitId
    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    restructure_id: str
    passed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTakenOver:
    """A refund that was not paid out goes on as another unit's."""

    refund_id: RefundId
    from_unit_id: UnitId
    unit_id: UnitId
    restructure_id: str
    passed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseTakenOver:
    """Money whose owner is not known yet waits in another unit's books from now on; đồng."""

    payment_id: PaymentId
    from_unit_id: UnitId
    unit_id: UnitId
    amount: Dong
    restructure_id: str
    passed_on: date
