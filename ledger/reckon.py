"""What a member owes for any month, reckoned from what is recorded of the member and from the law of that month.

Both regimes: the category under 342-QĐ/TW counts while a month's rates are of that regulation, the category under
01-QĐ/TW from then on. Nothing is recorded here; assessment, adjustment and the check of an import all ask this.
"""

from dataclasses import dataclass

from domain import member, member_amount, organisation
from domain.assessment import Assessment, Relief, assess, rate_for
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.member import IncomeBaseDeclared, Member, ReliefGranted, StandingDeclared
from domain.member_amount import AmountSet
from domain.period import Month, shift
from domain.policy import Policy, setting
from domain.policy_rows import BaseKind, RateKind, RateRow, Regime, covers, in_force
from domain.policy_settings import SettingName
from ledger.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """An assessment and the relief decision in it, if there is one."""

    assessment: Assessment
    granted: ReliefGranted | None

    @property
    def relief_decision(self) -> str | None:
        """The decision of the relief that counts for the month."""
        return None if self.granted is None else self.granted.decision


def reckon(work: Work, known: Member, unit_id: UnitId, month: Month) -> Reckoned:
    """Reckon a month in the books of ``unit_id``, or refuse by what is missing; nothing is guessed."""
    policy = work.policy
    category = category_in(policy, member.standing_in(known, month), month)
    if category is None:
        raise Refusal(
            RefusalCode.NOT_CLASSIFIED,
            f"Chưa có nhóm đối tượng cho tháng {month}. Chi bộ xác định nhóm rồi tính lại.",
        )
    told = _amount_set(work, known, category, month)
    chosen = None if told is None or told.is_base else member_amount.as_set_amount(told)
    row = rate_for(policy, month=month, category=category, set_amount=chosen)
    base = _base(policy, known, row, month)
    granted = member.relief_in(known, month)
    by_wage = row.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE
    made = assess(
        policy,
        month=month,
        category=category,
        base=None if base is None else base.amount,
        base_month=month if base is not None and base.from_month == month else None,
        region=organisation.region_of(work.organisation, unit_id) if by_wage else None,
        relief=None if granted is None else Relief(id=granted.relief, percent=granted.percent),
        set_amount=chosen,
    )
    return Reckoned(assessment=made, granted=granted)


def regime_of(policy: Policy, month: Month) -> Regime:
    """The regulation whose active rates govern a month; the newest one where no rate is active."""
    rows = [row for row in policy.active.rates if covers(row.from_month, row.to_month, month)]
    if not rows:
        return Regime.QD01
    return max(rows, key=lambda row: row.from_month).regime


def category_in(policy: Policy, standing: StandingDeclared | None, month: Month) -> str | None:
    """The category that counts in a month: that of the regulation then in force."""
    if standing is None:
        return None
    return standing.category_342 if regime_of(policy, month) is Regime.QD342 else standing.category


def _amount_set(work: Work, known: Member, category: str, month: Month) -> AmountSet | None:
    """The sum of a decision, looked for only where the category leaves the sum to one."""
    row = in_force((row for row in work.policy.active.rates if row.category == category), month)
    if row is None or row.kind not in (RateKind.RANGE, RateKind.MINIMUM):
        return None
    return member_amount.amount_in(work.amounts_set(known.member_id), category, month)


def _base(policy: Policy, known: Member, row: RateRow, month: Month) -> IncomeBaseDeclared | None:
    """The income base of a month; after a gap in compulsory insurance an old salary counts only where that is set."""
    base = member.base_in(known, row.base_kind, month)
    if row.base_kind is not BaseKind.SI_SALARY or base is None:
        return base
    begins = _insured_since(policy, known, month)
    if begins is None or base.from_month >= shift(begins, -1):
        return base
    if setting(policy, SettingName.SI_BASE_AFTER_GAP, month) == "last-known":
        return base
    fresh = [b for b in known.bases if b.kind == row.base_kind and shift(begins, -1) <= b.from_month <= month]
    return max(reversed(fresh), key=lambda b: b.from_month, default=None)


def _insured_since(policy: Policy, known: Member, month: Month) -> Month | None:
    """The first month of the present insured spell if one outside insurance came before it; None: there was no gap."""
    changes = sorted({row.from_month for row in known.standings if row.from_month <= month}, reverse=True)
    for begins in changes[:-1]:
        before = shift(begins, -1)
        if regime_of(policy, before) is Regime.QD342:
            return None
        if not _is_insured(policy, member.standing_in(known, before), before):
            return begins
    return None


def _is_insured(policy: Policy, standing: StandingDeclared | None, month: Month) -> bool:
    category = category_in(policy, standing, month)
    row = in_force((row for row in policy.active.rates if row.category == category), month)
    return row is not None and row.base_kind is BaseKind.SI_SALARY
