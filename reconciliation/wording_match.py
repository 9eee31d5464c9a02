"""The matcher's recorded rules and evidence in Vietnamese, for a short «vì sao»."""

from collections.abc import Callable

from domain.match import Code, Rule
from domain.money import format_dong

_RULES = {
    Rule.EXACT_REFERENCE: "mã tham chiếu đúng",
    Rule.LOCATED_ERROR: "mã sai một chỗ đã định vị",
    Rule.AMOUNT_IN_WINDOW: "đúng số tiền, trong thời hạn",
    Rule.KNOWN_PAYER: "người nộp đã biết",
    Rule.NAME_ALIKE: "tên gần giống",
    Rule.COVERING_SET: "nhiều khoản cộng lại vừa đúng",
    Rule.SETTLEMENT_LUMP: "khoản gộp của kênh thu",
}

_Words = Callable[[tuple[int, ...]], str]


def _n(index: int) -> Callable[[tuple[int, ...]], str]:
    return lambda numbers: format_dong(numbers[index]) if index < len(numbers) else "?"


_a, _b = _n(0), _n(1)

_WORDS: dict[Code, _Words] = {
    Code.REFERENCE: lambda _: "nội dung có đúng mã",
    Code.REFERENCE_NEAR: lambda n: f"mã sai ở ký tự thứ {_a(n)}",
    Code.ALL_REFERENCES: lambda n: f"đủ {_a(n)} mã, cộng đúng số tiền",
    Code.ACCOUNT: lambda _: "đúng tài khoản nhận",
    Code.AMOUNT: lambda n: f"đúng {_a(n)} đồng",
    Code.ONLY_ONE: lambda n: f"chỉ một khoản vừa trong {_a(n)} khoản đang mở",
    Code.IN_WINDOW: lambda n: f"cách {_a(n)} ngày",
    Code.PAYER_KNOWN: lambda n: f"tài khoản này đã nộp {_a(n)} lần",
    Code.NAME_SAME: lambda _: "trùng tên",
    Code.NAME_LIKE: lambda n: f"tên giống {_a(n)} %",
    Code.MONTH_NAMED: lambda _: "nội dung nêu đúng tháng",
    Code.SUM_FITS: lambda n: f"{_a(n)} khoản cộng vừa",
    Code.WHOLE_LIST: lambda n: f"đủ danh sách {_a(n)} đảng viên",
    Code.OWN_MONTHS: lambda n: f"{_a(n)} tháng của chính người nộp",
    Code.TOLD_BY_CHANNEL: lambda n: f"kênh thu kê {_a(n)} dòng",
    Code.FEE_WITHIN: lambda n: f"phí {_a(n)} đồng trong mức cho phép",
    Code.ACCOUNT_OTHER: lambda _: "khác tài khoản nhận",
    Code.UNIT_OTHER: lambda _: "của đơn vị khác",
    Code.REFERENCE_OTHER: lambda n: f"có {_a(n)} mã của người khác",
    Code.AMOUNT_OTHER: lambda n: f"nộp {_a(n)} đồng, cần {_b(n)} đồng",
    Code.ANSWERED: lambda _: "yêu cầu đã đóng đủ",
    Code.EXPIRED: lambda n: f"yêu cầu hết hạn {_a(n)} ngày",
    Code.MONTH_CLOSED: lambda _: "tháng đã khoá sổ",
    Code.OUT_OF_WINDOW: lambda n: f"cách {_a(n)} ngày, cho phép {_b(n)}",
    Code.EQUALS: lambda n: f"{_a(n)} khoản khác cũng vừa như vậy",
    Code.REFERENCE_AGAIN: lambda n: f"mã này có trong {_a(n)} khoản tiền",
    Code.PAYER_OF_OTHERS: lambda n: f"tài khoản này nộp cho {_a(n)} người khác",
    Code.NAME_DIFFERS: lambda n: f"tên chỉ giống {_a(n)} %",
    Code.RETURN_WORDS: lambda _: "nội dung nói hoàn trả",
    Code.NOT_TOLD: lambda _: "kênh thu không kê",
    Code.WIDE_SEARCH: lambda n: f"phải tìm trong {_a(n)} khoản",
}


def rule_in_words(rule: Rule) -> str:
    """A rule as people call it."""
    return _RULES.get(rule, str(rule))


def evidence_in_words(code: Code, numbers: tuple[int, ...]) -> str:
    """One piece of evidence with its numbers; a code that is not in the table is told as recorded."""
    words = _WORDS.get(code)
    return str(code) if words is None else words(numbers)
