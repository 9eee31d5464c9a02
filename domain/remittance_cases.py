"""Further facts of a remittance: sent on account, withdrawn, sent back, gone astray, passed on, resolved.

They stand in the remittance's own stream beside those of ``domain.remittance``. Money sent on account goes up before
any share is in force: nobody's dues yet, it lies with the superior as money held for the unit until a share says how
much of it was owed (accounting §3, rows "interim remittance" and "settled from held or interim money").
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong
from domain.period import Period


class Way(StrEnum):
    """How money goes up. The portal is the rule (01-QĐ/TW); bank transfer and cash need a recorded reason."""

    PORTAL = "portal"
    BANK = "bank"
    CASH = "cash"
    HELD = "held"  #: the money already lies with a holder above: no bank movement


class Resolution(StrEnum):
    """How a dispute ended."""

    RECEIVED = "received"  #: the money came in after all
    BANK_RETURNED = "bank-returned"
    WRONG_UNIT = "wrong-unit"
    KEYED_WRONG = "keyed-wrong"
    DECLARATION_WRONG = "declaration-wrong"
    NO_FAULT = "no-fault"  #: the superior was mistaken


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimPrepared:
    """Money is to go up on account of a period that no share can split yet; ``amount`` in đồng."""

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    superior_has_books: bool
    period: Period
    amount: Dong
    way: Way
    reason: str | None
    decision: str
    prepared_by: str
    prepared_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimReceived:
    """The superior has money sent on account and holds it for the unit."""

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    period: Period
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InterimSettled:
    """Money sent on account answers for what is now owed for ``period``; no bank movement."""

    remittance_id: RemittanceId
    unit_id: UnitId
    superior_id: UnitId
    period: Period
    amount: Dong
    settled_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceWithdrawn:
    """A remittance of which nothing was sent is taken back; what it was to send may be prepared anew."""

    remittance_id: RemittanceId
    unit_id: UnitId
    reason: str
    withdrawn_by: str
    withdrawn_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceReturned:
    """The bank sent the money back to the unit. Asset "3380": it had waited in suspense until a person knew it."""

    remittance_id: RemittanceId
    unit_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceMisrouted:
    """The money arrived at a wrong unit, which now holds it for the sender. Asset "3380": out of its suspense."""

    remittance_id: RemittanceId
    unit_id: UnitId
    at_unit_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    found_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittancePassedOn:
    """The wrong unit sent the money on, to the superior or back; it is under way again.

    ``basis``: "bank" by the line of its own statement, "superior-credit" when the superior's bank knew first.
    """

    remittance_id: RemittanceId
    unit_id: UnitId
    at_unit_id: UnitId
    amount: Dong
    asset: str
    asset_key: str
    bank_line: str | None
    basis: str
    passed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolved:
    """The superior closes a dispute and says how it ended."""

    remittance_id: RemittanceId
    unit_id: UnitId
    resolution: Resolution
    note: str
    document: str | None
    resolved_by: str
    resolved_on: date
