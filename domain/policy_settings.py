"""Answers that no text gives yet: each a named setting of the policy file, with its choices and its default.

A setting is dated like any row of the law. Its default holds until an office decides otherwise, so that a new text
changes data and not the program (rules §1.5, §2.4, §4). Values are text: a choice by its word, a number by its digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class SettingName(StrEnum):
    """Everything that can be set; the words stand in the policy file and in the log."""

    # What a member owes
    FIRST_DUES_MONTH = "first-dues-month"
    LAST_DUES_MONTH = "last-dues-month"
    TEMPORARY_TRANSFER_PAYEE = "temporary-transfer-payee"
    DEATH_WAIVES_OPEN_MONTHS = "death-waives-open-months"
    SI_BASE_AFTER_GAP = "si-base-after-gap"
    EXEMPT_PARTY_AGE = "exempt-party-age"
    EXEMPT_BY_PARTY_AGE_FROM = "exempt-by-party-age-from"
    RELIEF_DECIDER = "relief-decider"
    ALLOCATION_ORDER = "allocation-order"
    PREPAID_COUNTS_AS_COLLECTED = "prepaid-counts-as-collected"
    RELIEF_WARNING_DAYS = "relief-warning-days"
    UNPAID_MONTHS_FLAG = "unpaid-months-flag"
    OVERSEAS = "overseas"
    ARMED_FORCES = "armed-forces"
    # Between levels
    PERIOD_KIND_ON = "period-kind-on"
    REPORT_FREQUENCY = "report-frequency"
    DEADLINE_DAY = "deadline-day"
    DEADLINE_ON_DAY_OFF = "deadline-on-day-off"
    # In the unit
    CASH_LIMIT = "cash-limit"
    CASH_DEPOSIT_WORKING_DAYS = "cash-deposit-working-days"
    TOLD_TRANSFER_DAYS = "told-transfer-days"
    PROGRESS_FINAL_DAY = "progress-final-day"
    CORRECTION_TWO_PEOPLE_FROM = "correction-two-people-from"
    WRITE_OFF_TWO_PEOPLE_FROM = "write-off-two-people-from"
    SMALL_DIFFERENCE = "small-difference"
    UNCLAIMED_DAYS = "unclaimed-days"
    # From which confidence a matching rule posts by itself, in basis points; 10001: it only suggests
    MATCH_REFERENCE_FROM = "match-reference-from"
    MATCH_AMOUNT_FROM = "match-amount-from"
    MATCH_PAYER_FROM = "match-payer-from"
    MATCH_SET_FROM = "match-set-from"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """What may be said: one of ``choices``, or (when there are none) a whole number from ``low`` to ``high``."""

    title: str
    default: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0


def _choice(title: str, *choices: str) -> SettingSpec:
    """A choice; the first is the default."""
    return SettingSpec(title=title, default=choices[0], choices=choices)


def _number(title: str, default: int, low: int, high: int) -> SettingSpec:
    return SettingSpec(title=title, default=str(default), low=low, high=high)


_N = SettingName

#: The closed list.
SETTINGS: Mapping[SettingName, SettingSpec] = MappingProxyType(
    {
        _N.FIRST_DUES_MONTH: _choice("tháng đầu phải đóng sau kết nạp", "month-of-ceremony", "month-after"),
        _N.LAST_DUES_MONTH: _choice("tháng cuối phải đóng khi ra khỏi danh sách", "month-of-effect", "month-before"),
        _N.TEMPORARY_TRANSFER_PAYEE: _choice(
            "nơi đóng khi chuyển sinh hoạt tạm thời", "temporary-cell", "official-cell"
        ),
        _N.DEATH_WAIVES_OPEN_MONTHS: _choice("tháng còn nợ của đảng viên từ trần", "current-month", "all", "none"),
        _N.SI_BASE_AFTER_GAP: _choice(
            "căn cứ tháng đầu đóng BHXH trở lại sau thời gian gián đoạn", "own-month", "last-known"
        ),
        _N.EXEMPT_PARTY_AGE: _number("tuổi Đảng được miễn đóng (năm)", 50, 1, 100),
        _N.RELIEF_DECIDER: _choice("cấp quyết định miễn, giảm cho một chi bộ", "superior", "self"),
        _N.EXEMPT_BY_PARTY_AGE_FROM: _choice("tháng đầu miễn đóng khi đủ tuổi Đảng", "month-after", "month-reached"),
        _N.ALLOCATION_ORDER: _choice("thứ tự trừ tiền vào các tháng", "asked-then-oldest", "oldest-first"),
        _N.PREPAID_COUNTS_AS_COLLECTED: _choice(
            "tiền đóng trước tính là đã thu khi nào", "on-application", "on-receipt"
        ),
        _N.RELIEF_WARNING_DAYS: _number("báo trước khi quyết định miễn giảm hết hạn (ngày)", 30, 1, 366),
        _N.UNPAID_MONTHS_FLAG: _number("số tháng chưa đóng trong năm thì lập hồ sơ xem xét", 3, 1, 12),
        _N.OVERSEAS: _choice("thu đảng phí của đảng viên ở nước ngoài", "off", "on"),
        _N.ARMED_FORCES: _choice("thu đảng phí của tổ chức đảng lực lượng vũ trang", "off", "on"),
        _N.PERIOD_KIND_ON: _choice("loại tổ chức của một kỳ lấy vào ngày", "first-day", "last-day"),
        _N.REPORT_FREQUENCY: _choice("kỳ báo cáo, nộp lên", "month", "quarter"),
        _N.DEADLINE_DAY: _number("hạn nộp lên: ngày trong tháng sau kỳ", 15, 1, 31),
        _N.DEADLINE_ON_DAY_OFF: _choice("hạn rơi vào ngày nghỉ", "next-working-day", "same-day"),
        _N.CASH_LIMIT: _number("định mức tiền mặt tồn quỹ (đồng; 0 là không đặt)", 0, 0, 10**15),
        _N.TOLD_TRANSFER_DAYS: _number("số ngày chờ ngân hàng báo sau khi đảng viên nói đã chuyển", 5, 1, 60),
        _N.CASH_DEPOSIT_WORKING_DAYS: _number("số ngày làm việc để tiền mặt thu được vào ngân hàng", 3, 1, 60),
        _N.CORRECTION_TWO_PEOPLE_FROM: _number(
            "điều chỉnh từ bao nhiêu đồng thì phải có người thứ hai duyệt (0: mọi điều chỉnh)", 0, 0, 10**15
        ),
        _N.MATCH_REFERENCE_FROM: _number(
            "khớp đúng mã tham chiếu: tự ghi từ độ tin cậy (phần vạn; 10001: chỉ gợi ý)", 9_500, 5_000, 10_001
        ),
        _N.MATCH_AMOUNT_FROM: _number(
            "khớp số tiền, tài khoản, thời gian: tự ghi từ độ tin cậy (phần vạn; 10001: chỉ gợi ý)",
            10_001,
            5_000,
            10_001,
        ),
        _N.MATCH_PAYER_FROM: _number(
            "khớp người nộp đã biết: tự ghi từ độ tin cậy (phần vạn; 10001: chỉ gợi ý)", 10_001, 5_000, 10_001
        ),
        _N.MATCH_SET_FROM: _number(
            "khớp nhóm khoản cộng đúng: tự ghi từ độ tin cậy (phần vạn; 10001: chỉ gợi ý)", 10_001, 5_000, 10_001
        ),
        _N.WRITE_OFF_TWO_PEOPLE_FROM: _number(
            "ghi thu khác từ bao nhiêu đồng thì phải có người thứ hai duyệt (0: mọi khoản)", 0, 0, 10**15
        ),
        _N.SMALL_DIFFERENCE: _number("chênh lệch nhỏ được ghi thu khác ngay (đồng)", 1_000, 0, 10**9),
        _N.UNCLAIMED_DAYS: _number("tiền không ai nhận được ghi thu khác sau bao nhiêu ngày", 365, 1, 3_650),
        _N.PROGRESS_FINAL_DAY: _number("ngày trong tháng 11 nộp báo cáo tiến độ cuối", 25, 1, 30),
    }
)


def allows(name: SettingName, value: str) -> bool:
    """Whether a value may stand for a setting."""
    spec = SETTINGS[name]
    if spec.choices:
        return value in spec.choices
    return value.isascii() and value.isdigit() and len(value) <= 18 and spec.low <= int(value) <= spec.high


def allowed_text(name: SettingName) -> str:
    """What may stand for a setting, for a message."""
    spec = SETTINGS[name]
    return " hoặc ".join(spec.choices) if spec.choices else f"số nguyên từ {spec.low} đến {spec.high}"
