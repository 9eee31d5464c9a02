"""Who decides on reliefs of a cell: the cell itself or its direct superior, as a dated fact of the organisation.

01-QĐ/TW, Article 5: a base cell decides itself, a cell under a base committee reports to its direct superior. Since
26 July 2026 the kinds of unit no longer say which is which (208-QĐ/TW), so an office may name the decider of each unit;
where none is named the setting ``relief-decider`` answers by the kind of unit.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import Organisation, superior, unit
from domain.period import month_of
from domain.policy import Policy, setting
from domain.policy_settings import SettingName


class Decider(StrEnum):
    """Whose committee decides."""

    SUPERIOR = "superior"
    SELF = "self"


def stream(unit_id: UnitId) -> str:
    """The name of a unit's stream."""
    return f"relief-decider/{unit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefDeciderAssigned:
    """From a day on a unit's reliefs are decided by itself or by its direct superior."""

    unit_id: UnitId
    decider: Decider
    effective_from: date
    decision: str


State = tuple[ReliefDeciderAssigned, ...]
NONE: State = ()


def evolve(state: State, event: ReliefDeciderAssigned) -> State:
    """Copy one fact into the state."""
    return (*state, event)


def assign(state: State, asked: ReliefDeciderAssigned) -> State:
    """Assign; the same again adds nothing."""
    return () if asked in state else (asked,)


def decider_of(state: State, org: Organisation, policy: Policy, unit_id: UnitId, on: date) -> UnitId:
    """The unit that decides on reliefs of ``unit_id`` on a day; refuses where there is no superior to decide."""
    rows = [row for row in state if row.effective_from <= on]
    if rows:
        named = str(max(reversed(rows), key=lambda row: row.effective_from).decider)
    else:
        named = setting(policy, SettingName.RELIEF_DECIDER, month_of(on), unit(org, unit_id).kind)
    if named == Decider.SELF:
        return unit_id
    above = superior(org, unit_id)
    if above is None:
        raise Refusal(
            RefusalCode.UNKNOWN_UNIT,
            f"Đơn vị {unit_id} không có cấp trên trực tiếp để quyết định miễn, giảm. Giao thẩm quyền cho chính đơn vị.",
        )
    return above.unit_id
