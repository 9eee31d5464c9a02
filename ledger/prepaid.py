"""Money for months that have not come, and the order in which money answers for months: both by setting.

Prepaid money is credit, and counts as collected when a month takes it (default) or at its receipt; only a member whose
release lets them pay ahead (01-QĐ/TW, Article 5, X5) may name a month that has not come.
"""

from domain import dues_account, dues_adjustment, organisation, relief
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.member import Unknown
from domain.money import Dong
from domain.period import Month, month_of
from domain.policy import setting
from domain.policy_settings import SettingName
from domain.relief import Timing
from ledger.work import Act, Work


def asked_month_first(work: Work, unit_id: UnitId, act: Act) -> bool:
    """Whether the month a payer named comes before older ones (setting allocation-order)."""
    known = work.organisation.units.get(unit_id)
    kind = None if known is None else organisation.unit(work.organisation, unit_id).kind
    return setting(work.policy, SettingName.ALLOCATION_ORDER, month_of(act.on), kind) == "asked-then-oldest"


def may_pay_ahead(work: Work, member_id: MemberId, month: Month) -> bool:
    """Whether the member's release lets them pay this month ahead."""
    return relief.arranged_in(work.reliefs(member_id), month, Timing.AHEAD) is not None


def count_on_receipt(work: Work, act: Act, member_id: MemberId, credit: Dong, payment: PaymentId) -> None:
    """Where prepaid money counts as collected on receipt, take the new credit of a member who pays ahead as that."""
    now = month_of(act.on)
    if setting(work.policy, SettingName.PREPAID_COUNTS_AS_COLLECTED, now) != "on-receipt":
        return
    known = work.member_state(member_id)
    ahead = [row for row in work.reliefs(member_id).arranged if row.timing is Timing.AHEAD and row.to_month >= now]
    if not ahead or isinstance(known, Unknown):
        return
    events = dues_adjustment.collect_ahead(
        work.dues(member_id, act.on.year),
        member_id=member_id,
        unit_id=known.unit_id,
        amount=credit,
        payment_id=payment,
    )
    work.record(dues_account.stream(member_id, act.on.year), events)
