"""The handover of balances from old units to new ones: an event that states its own lines (accounting §3)."""

from collections.abc import Mapping

from domain.restructuring import BalancesHandedOver
from ledger.rule import STATED_LINES, Rule

RULES: Mapping[type, tuple[Rule, ...]] = {BalancesHandedOver: STATED_LINES}
