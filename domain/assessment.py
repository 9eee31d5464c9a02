"""What a member owes for one dues month, by which row of which document, step by step.

The order is cap, rate, relief, and then one rounding half up (a default until an office decides otherwise):
12,345,678 × 1 % × 50 % is 61,728; rounding before the relief would give 61,729.
"""

from dataclasses import dataclass

from domain.errors import Refusal, RefusalCode
from domain.money import WHOLE_BP, Dong, format_dong, ratio_half_up, require_amount
from domain.period import Month, shift
from domain.policy import Policy, percent_text, relief_row, require_percent
from domain.policy_rows import (
    CONFIDENCE_TITLES,
    BaseKind,
    CapRow,
    RateKind,
    RateRow,
    Regime,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    WageRow,
    cite,
    covers,
    in_force,
)
from domain.set_amount import SetAmount, foreign_text, range_text, require_inside

_BASE_TITLES = {
    BaseKind.SI_SALARY: "tiền lương làm căn cứ đóng BHXH",
    BaseKind.BENEFIT: "trợ cấp ốm đau, thai sản do cơ quan BHXH chi trả",
    BaseKind.PENSION: "lương hưu",
    BaseKind.REGIONAL_MINIMUM_WAGE: "lương tối thiểu vùng",
    BaseKind.ALLOWANCE: "sinh hoạt phí",
    BaseKind.SALARY: "tiền lương và phụ cấp tính đóng BHXH",
    BaseKind.UNIT_INCOME: "tiền lương, tiền công và thu nhập khác từ quỹ lương của đơn vị",
    BaseKind.NONE: "mức cố định",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """A relief in force for the month: the ground's row and the whole percent taken off."""

    id: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One member's obligation for one month, in đồng, with everything needed to check it by hand.

    ``gross`` is what would be due without relief, ``due`` what is due; ``relieved`` is their difference, so
    that the memo book always sums. Rows are named by id (``rule``, ``wage_row``, ``cap_row``, ``relief``,
    ``rounding``); ``cap`` is the sum the base was cut to, or ``None``.
    """

    category: str
    month: Month
    rule: str
    document: str
    article: str | None
    regime: Regime
    base_kind: BaseKind
    base: Dong | None
    base_month: Month | None
    region: str | None
    wage_row: str | None
    cap: Dong | None
    cap_row: str | None
    gross: Dong
    relief: str | None
    relief_percent: int
    due: Dong
    relieved: Dong
    rounding: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """The sum a rate is applied to, and how it was arrived at."""

    base: Dong | None
    counted: Dong
    month: Month | None
    wage: WageRow | None
    cap: CapRow | None
    steps: tuple[str, ...]


def assess(
    policy: Policy,
    *,
    month: Month,
    category: str,
    base: Dong | None,
    base_month: Month | None,
    region: str | None,
    relief: Relief | None,
    set_amount: SetAmount | None = None,
) -> Assessment:
    """Assess one dues month, or refuse by name.

    Percent categories take ``base`` in đồng; ``base_month`` is the month the base belongs to and defaults to
    the preceding month for compulsory social insurance and to the dues month otherwise (it is the month for
    which the income counts, not the month in which it was declared). Wage-based categories take ``region`` and
    no base; fixed amounts take neither. Reliefs are those of 01-QĐ/TW, Article 5. A row that names only a range
    takes ``set_amount``, the sum of a named decision, and refuses to be used without one.
    """
    row = rate_for(policy, month=month, category=category, set_amount=set_amount)
    basis = _basis(policy, row, month=month, base=base, base_month=base_month, region=region, set_amount=set_amount)
    rounding = _rounding_row(policy, month)
    rate_bp = WHOLE_BP if row.value_bp is None else row.value_bp
    ground = None
    percent = 0
    if relief is not None and relief.percent != 0:
        ground, percent = relief_row(policy, relief.id, month), relief.percent
        require_percent(ground, percent)
    gross = _rounded(basis.counted, rate_bp, 100, rounding)
    due = _rounded(basis.counted, rate_bp, 100 - percent, rounding)
    title = f"Nhóm {category} ({row.title}), tháng {month}: dòng {row.id}, {cite(row.document, row.article)}."
    return Assessment(
        category=category,
        month=month,
        rule=row.id,
        document=row.document,
        article=row.article,
        regime=row.regime,
        base_kind=row.base_kind,
        base=basis.base,
        base_month=basis.month,
        region=None if basis.wage is None else basis.wage.region,
        wage_row=None if basis.wage is None else basis.wage.id,
        cap=None if basis.cap is None else basis.cap.amount,
        cap_row=None if basis.cap is None else basis.cap.id,
        gross=gross,
        relief=None if ground is None else ground.id,
        relief_percent=percent,
        due=due,
        relieved=gross - due,
        rounding=rounding.id,
        steps=(
            title,
            *basis.steps,
            *_closing_steps(row, basis.counted, rate_bp, ground, percent, rounding, due),
        ),
    )


def rate_for(policy: Policy, *, month: Month, category: str, set_amount: SetAmount | None = None) -> RateRow:
    """The active rate of a category that yields an amount, by itself or with ``set_amount``, or a refusal by name."""
    row = in_force((row for row in policy.active.rates if row.category == category), month)
    if row is None:
        draft = in_force((row for row in policy.known.rates if row.category == category), month)
        if draft is not None:
            raise Refusal(
                RefusalCode.POLICY_ROW_NOT_ACTIVE,
                f"Dòng {draft.id} ({draft.title}, {draft.document}) chưa được kích hoạt "
                f"({CONFIDENCE_TITLES[draft.confidence]}); còn thiếu người duyệt, số và ngày của văn bản kích hoạt.",
                row=draft.id,
                category=category,
                month=month,
            )
        raise _no_rate(policy, month, category)
    if set_amount is not None:
        require_inside(row, set_amount)
    elif row.kind in (RateKind.RANGE, RateKind.MINIMUM):
        raise Refusal(
            RefusalCode.AMOUNT_SET_BY_DECISION,
            f"Dòng {row.id} ({row.title}) chỉ nêu khung {range_text(row)}; mức cụ thể phải do cấp có "
            "thẩm quyền quyết định, phần mềm không tự chọn: nêu số tiền, số và ngày của quyết định đó.",
            row=row.id,
            category=category,
            month=month,
        )
    return row


def base_month_of(row: RateRow, month: Month) -> Month:
    """The month whose income is the base for a dues month: the preceding one for compulsory social insurance."""
    return shift(month, -1) if row.base_kind is BaseKind.SI_SALARY else month


def require_category(policy: Policy, category: str | None, month: Month) -> None:
    """Refuse a category that no row of the policy names, active or not; None waits for a person to classify."""
    if category is not None and not _rows_of(policy, category):
        raise _unknown(category, month)


def _rows_of(policy: Policy, category: str) -> list[RateRow]:
    return [row for row in (*policy.active.rates, *policy.known.rates) if row.category == category]


def _unknown(category: str, month: Month) -> Refusal:
    return Refusal(
        RefusalCode.POLICY_ROW_NOT_FOUND,
        f"Không có nhóm đối tượng {category!r} trong chính sách; xem danh sách: dangphi policy show.",
        category=category,
        month=month,
    )


def _no_rate(policy: Policy, month: Month, category: str) -> Refusal:
    """Why there is no rate: the category is unknown, or it exists only in other months."""
    spans = _rows_of(policy, category)
    if not spans:
        return _unknown(category, month)
    start = min(row.from_month for row in spans)
    ends = [row.to_month for row in spans]
    last = "" if None in ends else f" đến {max(end for end in ends if end is not None)}"
    others = sorted({row.document for row in policy.active.rates if covers(row.from_month, row.to_month, month)})
    instead = f" Tháng {month} tính theo {', '.join(others)}." if others else ""
    return Refusal(
        RefusalCode.POLICY_ROW_NOT_FOUND,
        f"Nhóm {category} chỉ có mức từ {start}{last}, không có mức cho tháng {month}.{instead}",
        category=category,
        month=month,
    )


def _basis(
    policy: Policy,
    row: RateRow,
    *,
    month: Month,
    base: Dong | None,
    base_month: Month | None,
    region: str | None,
    set_amount: SetAmount | None,
) -> _Basis:
    """Find what the rate is applied to, refusing inputs that the category does not take."""
    if row.base_kind in (BaseKind.REGIONAL_MINIMUM_WAGE, BaseKind.NONE) and base is not None:
        raise Refusal(
            RefusalCode.BASE_NOT_TAKEN,
            f"Nhóm {row.category} tính theo {_BASE_TITLES[row.base_kind]}, không nhận số tiền làm căn cứ.",
            row=row.id,
        )
    if row.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE:
        return _wage_basis(policy, row, month, region)
    if region is not None:
        raise Refusal(
            RefusalCode.REGION_NOT_TAKEN,
            f"Nhóm {row.category} tính theo {_BASE_TITLES[row.base_kind]}, không nhận vùng lương tối thiểu.",
            row=row.id,
        )
    if set_amount is not None:
        return _set_basis(row, set_amount)
    if row.base_kind is BaseKind.NONE:
        fixed = row.value_dong or 0
        step = f"Mức cố định {format_dong(fixed)} đồng một tháng."
        return _Basis(base=None, counted=fixed, month=None, wage=None, cap=None, steps=(step,))
    return _declared_basis(policy, row, month, base, base_month)


def _set_basis(row: RateRow, chosen: SetAmount) -> _Basis:
    """The sum of the decision, in đồng, and where it comes from."""
    counted = require_inside(row, chosen)
    source = f"quyết định {chosen.decision} ngày {chosen.decided_on:%d/%m/%Y}, trong khung {range_text(row)}"
    steps = [f"Mức ấn định {format_dong(counted)} đồng một tháng theo {source}."]
    if chosen.foreign is not None:
        steps.insert(0, f"Quy đổi: {foreign_text(chosen.foreign)} = {format_dong(counted)} đồng (nửa lên).")
    return _Basis(base=None, counted=counted, month=None, wage=None, cap=None, steps=tuple(steps))


def _wage_basis(policy: Policy, row: RateRow, month: Month, region: str | None) -> _Basis:
    """The minimum wage of the region, at the value in force in the dues month."""
    if region is None:
        raise Refusal(
            RefusalCode.REGION_MISSING,
            f"Nhóm {row.category} tính theo lương tối thiểu vùng: phải cho biết vùng (I, II, III hoặc IV) "
            "của nơi đảng viên sinh hoạt.",
            row=row.id,
        )
    wage = in_force((wage for wage in policy.active.wages if wage.region == region), month)
    if wage is None:
        draft = in_force((wage for wage in policy.known.wages if wage.region == region), month)
        if draft is not None:
            raise Refusal(
                RefusalCode.POLICY_ROW_NOT_ACTIVE,
                f"Lương tối thiểu vùng {region} (dòng {draft.id}) chưa được kích hoạt.",
                row=draft.id,
            )
        raise Refusal(
            RefusalCode.POLICY_ROW_NOT_FOUND,
            f"Không có lương tối thiểu vùng {region!r} cho tháng {month}; vùng là I, II, III hoặc IV.",
            region=region,
            month=month,
        )
    step = (
        f"Căn cứ: lương tối thiểu vùng {region} tháng {month} là {format_dong(wage.amount)} đồng "
        f"(dòng {wage.id}, {wage.document})."
    )
    return _Basis(base=wage.amount, counted=wage.amount, month=month, wage=wage, cap=None, steps=(step,))


def _declared_basis(policy: Policy, row: RateRow, month: Month, base: Dong | None, base_month: Month | None) -> _Basis:
    """The amount the member declared, cut to the cap in force in the month the amount belongs to."""
    wanted = base_month_of(row, month)
    belongs_to = base_month or wanted
    title = _BASE_TITLES[row.base_kind]
    if base is None:
        raise Refusal(
            RefusalCode.BASE_MISSING,
            f"Nhóm {row.category} cần {title} của tháng {belongs_to}; hãy khai số tiền (đồng).",
            row=row.id,
            base_month=belongs_to,
        )
    require_amount(base, title)
    # The month itself is accepted beside the preceding one: who is newly insured has no earlier base.
    if belongs_to > month or (row.base_kind is BaseKind.SI_SALARY and belongs_to < wanted):
        raise Refusal(
            RefusalCode.BASE_MISSING,
            f"Nhóm {row.category}, tháng {month}: {title} phải là của tháng "
            f"{wanted}, số đã khai là của tháng {belongs_to}.",
            row=row.id,
            base_month=belongs_to,
        )
    step = f"Căn cứ: {title} tháng {belongs_to} là {format_dong(base)} đồng."
    cap = in_force((cap for cap in policy.active.caps if cap.base_kind == row.base_kind), belongs_to)
    if cap is not None and base > cap.amount:
        cut = f"Trần căn cứ {format_dong(cap.amount)} đồng (dòng {cap.id}, {cite(cap.document, cap.article)})."
        return _Basis(base=base, counted=cap.amount, month=belongs_to, wage=None, cap=cap, steps=(step, cut))
    steps: tuple[str, ...] = (step,)
    draft = in_force((cap for cap in policy.known.caps if cap.base_kind == row.base_kind), belongs_to)
    if cap is None and draft is not None and base > draft.amount:
        steps = (
            step,
            f"Cảnh báo: căn cứ vượt trần {format_dong(draft.amount)} đồng (dòng {draft.id}), nhưng trần này "
            "chưa được kích hoạt nên không áp dụng.",
        )
    return _Basis(base=base, counted=base, month=belongs_to, wage=None, cap=None, steps=steps)


def _rounding_row(policy: Policy, month: Month) -> RoundingRow:
    """The active rounding of obligations for a month, or a refusal."""
    obligation = (row for row in policy.active.roundings if row.scope is RoundingScope.OBLIGATION)
    row = in_force(obligation, month)
    if row is None:
        raise Refusal(
            RefusalCode.POLICY_ROW_NOT_ACTIVE,
            f"Chưa kích hoạt quy tắc làm tròn số phải đóng cho tháng {month}.",
            month=month,
        )
    return row


def _rounded(counted: Dong, rate_bp: int, remaining_percent: int, rounding: RoundingRow) -> Dong:
    """``counted × rate × remaining percent``, rounded once, half up, to the row's unit."""
    whole = WHOLE_BP * 100 * rounding.unit
    return ratio_half_up(counted, rate_bp * remaining_percent, whole) * rounding.unit


def _closing_steps(
    row: RateRow,
    counted: Dong,
    rate_bp: int,
    ground: ReliefRow | None,
    percent: int,
    rounding: RoundingRow,
    due: Dong,
) -> tuple[str, ...]:
    """The steps from the counted base to the amount due, in exact figures until the one rounding."""
    steps = []
    if row.kind is RateKind.PERCENT:
        exact = _exact(counted * rate_bp * 100)
        steps.append(f"Mức {percent_text(rate_bp)}: {format_dong(counted)} × {percent_text(rate_bp)} = {exact} đồng.")
    if ground is not None:
        source = cite(ground.document, ground.article)
        exact = _exact(counted * rate_bp * (100 - percent))
        word = "Miễn toàn bộ" if percent == 100 else f"Giảm {percent}%"
        steps.append(f"{word} theo diện {ground.id} ({ground.ground}; {source}): còn {exact} đồng.")
    steps.append(
        f"Làm tròn một lần, từ nửa trở lên thì lên, đến {format_dong(rounding.unit)} đồng (dòng "
        f"{rounding.id}): phải đóng {format_dong(due)} đồng."
    )
    return tuple(steps)


def _exact(millionths: int) -> str:
    """A number of millionths of a đồng as exact Vietnamese decimals: 61728390000 as ``61.728,39``."""
    whole, rest = divmod(millionths, WHOLE_BP * 100)
    return format_dong(whole) + (f",{rest:06d}".rstrip("0") if rest else "")
