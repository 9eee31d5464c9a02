"""Which rows of the law this organisation has put in force, by whose decision.

The state is built from activation events that carry whole rows, so that the log alone says by which text an
amount was computed. A row known from the policy file but never activated is a draft: it may be named in a
refusal, and it is never used.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, assert_never

from domain.errors import Refusal, RefusalCode
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy_rows import (
    CONFIDENCE_TITLES,
    NO_ROWS,
    CapRow,
    PolicyRows,
    RateRow,
    ReliefRow,
    RoundingRow,
    SettingRow,
    ShareRow,
    WageRow,
    covers,
    in_force,
)
from domain.policy_settings import SETTINGS, SettingName


@dataclass(frozen=True, slots=True, kw_only=True)
class RateActivated:
    """A rate was put in force by a named approver's decision."""

    row: RateRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WageActivated:
    """A regional minimum wage was put in force."""

    row: WageRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CapActivated:
    """A cap on bases was put in force."""

    row: CapRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefActivated:
    """A ground of relief was put in force."""

    row: ReliefRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingActivated:
    """A rounding rule was put in force."""

    row: RoundingRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareActivated:
    """A share, of the law or of a local decision, was put in force."""

    row: ShareRow
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingActivated:
    """An open question was answered for this organisation, until a later row answers it otherwise."""

    row: SettingRow
    approver: str
    document: str
    decided_on: date


PolicyEvent: TypeAlias = (
    RateActivated
    | WageActivated
    | CapActivated
    | ReliefActivated
    | RoundingActivated
    | ShareActivated
    | SettingActivated
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Who put which row in force, by which document of which day."""

    row_id: str
    approver: str
    document: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rows in force (``active``), the facts of their activation, and rows merely known (``known``)."""

    active: PolicyRows = NO_ROWS
    known: PolicyRows = NO_ROWS
    activations: tuple[Activation, ...] = ()

    def activation(self, row_id: str) -> Activation | None:
        """The fact by which a row is in force, or ``None`` if it is not."""
        return next((fact for fact in self.activations if fact.row_id == row_id), None)


NO_POLICY = Policy()


def with_known(policy: Policy, rows: PolicyRows) -> Policy:
    """The same policy, knowing the rows of a policy file, so that a refusal can name a mere draft."""
    return replace(policy, known=rows)


def evolve(policy: Policy, event: PolicyEvent) -> Policy:
    """The policy after one event."""
    rows = policy.active
    match event:
        case RateActivated():
            rows = replace(rows, rates=(*rows.rates, event.row))
        case WageActivated():
            rows = replace(rows, wages=(*rows.wages, event.row))
        case CapActivated():
            rows = replace(rows, caps=(*rows.caps, event.row))
        case ReliefActivated():
            rows = replace(rows, reliefs=(*rows.reliefs, event.row))
        case RoundingActivated():
            rows = replace(rows, roundings=(*rows.roundings, event.row))
        case ShareActivated():
            rows = replace(rows, shares=(*rows.shares, event.row))
        case SettingActivated():
            rows = replace(rows, settings=(*rows.settings, event.row))
        case _:
            assert_never(event)
    fact = Activation(
        row_id=event.row.id, approver=event.approver, document=event.document, decided_on=event.decided_on
    )
    return replace(policy, active=rows, activations=(*policy.activations, fact))


def share_for(policy: Policy, unit_kind: UnitKind, period_month: Month) -> ShareRow | None:
    """The active share of a kind of unit for a report month, or ``None``.

    ``None`` means: collect, hold, and show as "chưa phân bổ". A legal range without a local choice is no
    share. Of several rows the one that starts last governs, then the one activated last.
    """
    chosen: ShareRow | None = None
    for row in policy.active.shares:
        if row.unit_kind != unit_kind or row.retain_bp is None:
            continue
        if not covers(row.from_period, row.to_period, period_month):
            continue
        if chosen is None or row.from_period >= chosen.from_period:
            chosen = row
    return chosen


def setting(policy: Policy, name: SettingName, month: Month, unit_kind: UnitKind | None = None) -> str:
    """The answer in force for a month: for the kind of unit if one is given for it, else for all, else the default."""
    rows = [row for row in policy.active.settings if row.name == name]
    for kind in (unit_kind, None) if unit_kind is not None else (None,):
        found = in_force((row for row in rows if row.unit_kind == kind), month)
        if found is not None:
            return found.value
    return SETTINGS[name].default


def setting_number(policy: Policy, name: SettingName, month: Month, unit_kind: UnitKind | None = None) -> int:
    """The same for a setting that is a whole number."""
    return int(setting(policy, name, month, unit_kind))


def relief_row(policy: Policy, relief_id: str, month: Month) -> ReliefRow:
    """The active relief row in force in ``month``, or a refusal that names what is missing."""
    row = in_force((row for row in policy.active.reliefs if row.id == relief_id), month)
    if row is not None:
        return row
    known = policy.known.find(relief_id)
    if (
        isinstance(known, ReliefRow)
        and policy.activation(relief_id) is None
        and covers(known.from_month, known.to_month, month)
    ):
        raise Refusal(
            RefusalCode.POLICY_ROW_NOT_ACTIVE,
            f"Diện miễn, giảm {relief_id} ({known.ground}; {CONFIDENCE_TITLES[known.confidence]}) chưa được kích hoạt; "
            "còn thiếu người duyệt, số và ngày của văn bản quyết định.",
            row=relief_id,
        )
    if isinstance(known, ReliefRow) and not covers(known.from_month, known.to_month, month):
        raise _relief_of_other_months(policy, known, month)
    raise Refusal(
        RefusalCode.RELIEF_NOT_ALLOWED,
        f"Không có diện miễn, giảm {relief_id} có hiệu lực trong tháng {month}. Kiểm tra mã (X1 đến X4) và tháng.",
        row=relief_id,
        month=month,
    )


def _relief_of_other_months(policy: Policy, row: ReliefRow, month: Month) -> Refusal:
    """A ground of the other regulation: named with its months and with the grounds that the month has instead."""
    span = f"từ {row.from_month}" + ("" if row.to_month is None else f" đến {row.to_month}")
    rows = (*policy.active.reliefs, *policy.known.reliefs)
    instead = sorted({other.id for other in rows if covers(other.from_month, other.to_month, month)})
    hint = f" Diện của tháng đó: {', '.join(instead)}." if instead else ""
    return Refusal(
        RefusalCode.RELIEF_NOT_ALLOWED,
        f"Diện {row.id} ({row.ground}) chỉ có {span} theo {row.document}, không có cho tháng {month}.{hint}",
        row=row.id,
        month=month,
    )


def require_percent(row: ReliefRow, percent: int) -> None:
    """Refuse a percent that the relief row does not name."""
    if percent not in row.percents:
        allowed = ", ".join(f"{value}%" for value in row.percents) or "không có (diện này không làm đổi số phải đóng)"
        raise Refusal(
            RefusalCode.RELIEF_NOT_ALLOWED,
            f"Diện {row.id} ({row.ground}) không có mức giảm {percent}%; các mức được phép: {allowed}.",
            row=row.id,
            percent=percent,
        )


def check_relief(policy: Policy, relief_id: str, percent: int, from_month: Month, to_month: Month | None) -> ReliefRow:
    """Return the row under which a relief may be granted for these months (inclusive), or refuse.

    ``to_month`` is ``None`` for a relief without end, which only rows without a longest term allow (01-QĐ/TW,
    Article 5: X1 and X2; X3 and X4 run at most 12 months per decision and may be renewed).
    """
    row = relief_row(policy, relief_id, from_month)
    require_percent(row, percent)
    if to_month is not None and to_month < from_month:
        raise Refusal(
            RefusalCode.RELIEF_NOT_ALLOWED,
            f"Thời gian miễn, giảm kết thúc ({to_month}) trước khi bắt đầu ({from_month}).",
            row=relief_id,
        )
    if row.max_months is not None:
        months = None if to_month is None else _month_index(to_month) - _month_index(from_month) + 1
        if months is None or months > row.max_months:
            asked = "không thời hạn" if months is None else f"{months} tháng"
            raise Refusal(
                RefusalCode.RELIEF_NOT_ALLOWED,
                f"Diện {row.id} được tối đa {row.max_months} tháng cho một quyết định, yêu cầu là {asked}; "
                "hết hạn thì ra quyết định mới.",
                row=relief_id,
                max_months=row.max_months,
            )
    if row.to_month is not None and (to_month is None or to_month > row.to_month):
        raise Refusal(
            RefusalCode.RELIEF_NOT_ALLOWED,
            f"Diện {row.id} chỉ có hiệu lực đến {row.to_month}.",
            row=relief_id,
        )
    return row


def _month_index(month: Month) -> int:
    """Months counted from year zero, for differences."""
    return int(month[:4]) * 12 + int(month[5:])


def percent_text(bp: int) -> str:
    """Basis points as a Vietnamese percentage: 50 as ``0,5%``, 100 as ``1%``."""
    whole, rest = divmod(bp, 100)
    return f"{whole},{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"
