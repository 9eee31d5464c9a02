"""What a policy row is, about whom, and what it says, in words a Vietnamese reader knows."""

from domain.money import format_dong
from domain.organisation_kinds import KIND_TITLES
from domain.policy import percent_text
from domain.policy_rows import (
    CapRow,
    PolicyRow,
    RateKind,
    RateRow,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    SettingRow,
    ShareRow,
    WageRow,
)
from domain.policy_settings import SETTINGS
from domain.set_amount import range_text


def kind_of(row: PolicyRow) -> str:
    """The kind of a row as one word, stable for programs."""
    match row:
        case RateRow():
            return "rate"
        case WageRow():
            return "wage"
        case CapRow():
            return "cap"
        case ReliefRow():
            return "relief"
        case RoundingRow():
            return "rounding"
        case ShareRow():
            return "share"
        case SettingRow():
            return "setting"


def subject_of(row: PolicyRow) -> str:
    """Whom or what a row is about."""
    match row:
        case RateRow():
            return f"{row.category}: {row.title}"
        case WageRow():
            return f"lương tối thiểu vùng {row.region}"
        case CapRow():
            return "trần tiền lương đóng BHXH"
        case ReliefRow():
            return row.ground
        case RoundingRow():
            return "làm tròn số phải đóng" if row.scope is RoundingScope.OBLIGATION else "làm tròn khi phân bổ"
        case ShareRow():
            return f"{row.unit_kind}: {KIND_TITLES[row.unit_kind]}"
        case SettingRow():
            kind = "" if row.unit_kind is None else f" ({row.unit_kind})"
            return f"{SETTINGS[row.name].title}{kind}"


def value_of(row: PolicyRow) -> str:
    """What a row says; a figure that nobody has seen is said to be unknown."""
    match row:
        case RateRow(kind=RateKind.PERCENT):
            return percent_text(row.value_bp or 0)
        case RateRow(kind=RateKind.FIXED):
            return f"{format_dong(row.value_dong or 0)} đồng"
        case RateRow():
            return range_text(row)
        case WageRow() | CapRow():
            return f"{format_dong(row.amount)} đồng"
        case ReliefRow():
            return (
                "giảm " + ", ".join(f"{percent}%" for percent in row.percents) if row.percents else "không đổi mức đóng"
            )
        case RoundingRow():
            return f"nửa lên, đến {format_dong(row.unit)} đồng"
        case ShareRow():
            if row.retain_bp is not None:
                return f"để lại {percent_text(row.retain_bp)}"
            if row.low_bp is not None and row.high_bp is not None:
                return f"để lại {percent_text(row.low_bp)}–{percent_text(row.high_bp)} theo quyết định"
            return "chưa rõ"
        case SettingRow():
            return row.value


def about(row: PolicyRow) -> tuple[str, str]:
    """What a row settles: of all rows with the same answer here, one governs a month."""
    match row:
        case RateRow():
            return "rate", row.category
        case WageRow():
            return "wage", row.region
        case CapRow():
            return "cap", row.base_kind
        case ReliefRow():
            return "relief", row.id
        case RoundingRow():
            return "rounding", row.scope
        case ShareRow():
            return "share", row.unit_kind
        case SettingRow():
            return "setting", f"{row.name}/{row.unit_kind or ''}"
