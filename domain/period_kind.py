"""Which kind of organisation a unit counts as for a report period: a setting, since a unit may be re-typed in it.

A ward re-typed on 26 July 2026 (208-QĐ/TW) was of one kind on the first and of another on the last day of the period
2026-07; which of the two gives the period its share is PERIOD_KIND_ON, by default the first day (rules §2.5).
"""

from domain import policy
from domain.identifiers import UnitId
from domain.organisation_history import kind_on
from domain.organisation_kinds import UnitKind
from domain.organisation_state import Organisation
from domain.period import Period, first_day, months_of, period_end
from domain.policy import Policy
from domain.policy_settings import SettingName


def kind_for(state: Organisation, law: Policy, unit_id: UnitId, period: Period) -> UnitKind:
    """The kind of a unit in a report period, by the setting in force in the period's first month."""
    month = months_of(period)[0]
    chosen = policy.setting(law, SettingName.PERIOD_KIND_ON, month)
    return kind_on(state, unit_id, first_day(month) if chosen == "first-day" else period_end(period))
