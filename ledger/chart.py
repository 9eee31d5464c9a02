"""The chart of accounts of a unit's books: twenty of money, three of memo (accounting §2).

The codes are ours; a customer's own chart is reached by a mapping table, which is data.
"""

from dataclasses import dataclass
from enum import StrEnum


class Book(StrEnum):
    """Two books that each sum to zero: what members owe, and money (accounting §1.1)."""

    MEMO = "memo"
    MONEY = "money"


class Side(StrEnum):
    """The natural side of an account."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: code, Vietnamese name, natural side, and when it must be back at zero."""

    code: str
    name: str
    side: Side
    must_reach_zero: str | None = None

    @property
    def book(self) -> Book:
        """Memo accounts begin with 0."""
        return Book.MEMO if self.code.startswith("0") else Book.MONEY


def _d(code: str, name: str, zero: str | None = None) -> Account:
    return Account(code=code, name=name, side=Side.DEBIT, must_reach_zero=zero)


def _c(code: str, name: str, zero: str | None = None) -> Account:
    return Account(code=code, name=name, side=Side.CREDIT, must_reach_zero=zero)


CHART: dict[str, Account] = {
    account.code: account
    for account in (
        _d("1110", "Tiền mặt", "kiểm quỹ hằng tháng"),
        _d("1120", "Tiền gửi ngân hàng, kho bạc"),
        _d("1130", "Tiền mặt nộp ngân hàng chờ báo có", "3 ngày làm việc"),
        _d("1140", "Tiền qua Cổng chờ báo có", "T+2"),
        _d("1150", "Tiền nộp cấp trên đang chuyển", "3 ngày làm việc"),
        _d("1360", "Cấp dưới kê khai chưa nộp", "đến hạn nộp"),
        _d("1370", "Thiếu chờ xử lý", "khi đóng vụ việc"),
        _d("1380", "Phải thu cấp trên do hoàn trả", "lần nộp kế tiếp"),
        _d("1390", "Tiền nhờ giữ hộ"),
        _c("3310", "Đã thu chưa phân bổ", "khi chốt kỳ, nếu có tỷ lệ"),
        _c("3340", "Đóng thừa, đóng trước"),
        _c("3350", "Đối ứng 1360"),
        _c("3360", "Phải nộp cấp trên", "đến hạn nộp"),
        _c("3365", "Phải trả cấp dưới do hoàn trả", "lần nộp kế tiếp"),
        _c("3370", "Phải hoàn người nộp", "5 ngày làm việc"),
        _c("3380", "Tiền chưa xác định", "30 ngày"),
        _c("3390", "Giữ hộ đơn vị khác"),
        _c("4310", "Đảng phí được để lại"),
        _c("4320", "Nguồn khác"),
        _d("6310", "Chi"),
        _d("0110", "Đảng phí phải đóng (ghi nhớ)"),
        _d("0120", "Đảng phí được miễn, giảm (ghi nhớ)"),
        _c("0190", "Đối ứng ghi nhớ"),
    )
}

#: Where money lies.
ASSETS = ("1110", "1120", "1130", "1140", "1150", "1390")
#: What belongs to somebody else (A4), before claw-back due from above is taken off.
OWED = ("3310", "3340", "3360", "3365", "3370", "3380", "3390")


def natural(code: str, debit_minus_credit: int) -> int:
    """A balance on the account's natural side, from debits less credits."""
    return debit_minus_credit if CHART[code].side is Side.DEBIT else -debit_minus_credit
