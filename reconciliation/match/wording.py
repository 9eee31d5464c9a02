"""Evidence, rules and reasons in plain Vietnamese: the sentence and the number say the same."""

from collections.abc import Callable, Mapping

from domain.match import NEVER, Code, Evidence, Rule
from domain.money import format_dong

#: What each rule is called.
RULE_NAMES: Mapping[Rule, str] = {
    Rule.EXACT_REFERENCE: "đúng mã tham chiếu",
    Rule.LOCATED_ERROR: "mã tham chiếu sai một chỗ",
    Rule.AMOUNT_IN_WINDOW: "đúng số tiền, tài khoản và thời gian",
    Rule.KNOWN_PAYER: "người nộp đã biết",
    Rule.NAME_ALIKE: "tên giống",
    Rule.COVERING_SET: "nhóm khoản cộng đúng",
    Rule.SETTLEMENT_LUMP: "khoản gộp của kênh thu",
}

#: Why money found no pair, and what a person does next.
REASONS: Mapping[str, str] = {
    "no-candidate": "không có khoản phải nộp nào có mã, số tiền hoặc người nộp như vậy",
    "several-fit-equally": "nhiều khoản hợp như nhau, máy không chọn thay người",
    "too-weak": "có khoản gần giống nhưng căn cứ chưa đủ",
    "taken": "khoản hợp nhất đã có tiền khác trả",
}
NEXT_STEPS: Mapping[str, str] = {
    "no-candidate": "Hỏi người nộp hoặc ngân hàng; xác định bằng «dangphi collect identify», hoặc hoàn trả.",
    "several-fit-equally": "Chọn một trong các khoản dưới đây và xác định bằng «dangphi collect identify».",
    "too-weak": "Xem các khoản dưới đây; nếu đúng thì xác định bằng «dangphi collect identify».",
    "taken": "Có thể là nộp hai lần: xác định cho đảng viên (thành nộp thừa) hoặc hoàn trả.",
}


def percent(basis_points: int) -> str:
    """«97,50 %»; a threshold that nothing reaches is «chỉ gợi ý»."""
    if basis_points >= NEVER:
        return "chỉ gợi ý"
    return f"{basis_points // 100},{basis_points % 100:02d} %"


def _money(amount: int) -> str:
    return f"{format_dong(amount)} đồng"


_SAYS: Mapping[Code, Callable[[tuple[int, ...]], str]] = {
    Code.REFERENCE: lambda n: "nội dung có đúng mã của khoản này, ký tự kiểm tra đúng",
    Code.REFERENCE_NEAR: lambda n: f"nội dung có mã chỉ sai một chỗ (ký tự thứ {n[0]})",
    Code.ALL_REFERENCES: lambda n: f"nội dung có đủ {n[0]} mã, cộng lại {_money(n[1])}",
    Code.ACCOUNT: lambda n: "tiền vào đúng tài khoản đã báo",
    Code.AMOUNT: lambda n: f"đúng số còn phải nộp {_money(n[0])}",
    Code.ONLY_ONE: lambda n: f"chỉ một người còn nợ đúng số này trong {n[0]} khoản đang mở",
    Code.IN_WINDOW: lambda n: f"nộp sau ngày đầu tháng {n[0]} ngày (trong {n[1]} ngày)",
    Code.PAYER_KNOWN: lambda n: f"tài khoản này đã nộp cho người này {n[0]} lần",
    Code.NAME_SAME: lambda n: "tên trong nội dung trùng tên đảng viên",
    Code.NAME_LIKE: lambda n: f"tên trong nội dung giống {n[0]} %",
    Code.MONTH_NAMED: lambda n: "nội dung nêu đúng tháng",
    Code.SUM_FITS: lambda n: f"{n[0]} khoản và {n[1]} lần chuyển cộng lại bằng nhau: {_money(n[2])}",
    Code.WHOLE_LIST: lambda n: f"đúng cả danh sách {n[0]} người của chi bộ trong tháng",
    Code.OWN_MONTHS: lambda n: f"đúng {n[0]} tháng cũ nhất của một người",
    Code.TOLD_BY_CHANNEL: lambda n: "kênh thu đã báo khoản gộp này",
    Code.FEE_WITHIN: lambda n: f"chênh {_money(n[0])} là phí, trong mức {_money(n[1])}",
    Code.ACCOUNT_OTHER: lambda n: "tiền vào tài khoản khác với tài khoản đã báo",
    Code.UNIT_OTHER: lambda n: "khoản này của đơn vị không thuộc nơi nhận tiền",
    Code.REFERENCE_OTHER: lambda n: f"nội dung có {n[0]} mã hợp lệ không phải của khoản này",
    Code.AMOUNT_OTHER: lambda n: f"nộp {_money(n[0])}, còn phải nộp {_money(n[1])}",
    Code.ANSWERED: lambda n: "khoản này đã nộp đủ",
    Code.EXPIRED: lambda n: f"mã đã hết hạn {n[0]} ngày",
    Code.MONTH_CLOSED: lambda n: "tháng này đã khoá sổ (ghi là nộp muộn)",
    Code.OUT_OF_WINDOW: lambda n: f"cách ngày đầu tháng {n[0]} ngày, ngoài {n[1]} ngày",
    Code.EQUALS: lambda n: f"còn {n[0]} khoản khác hợp như vậy",
    Code.REFERENCE_AGAIN: lambda n: f"{n[0]} khoản tiền cùng mang mã này",
    Code.PAYER_OF_OTHERS: lambda n: f"tài khoản này đã nộp cho {n[0]} người khác",
    Code.NAME_DIFFERS: lambda n: f"tên người chuyển khác tên đảng viên (giống {n[0]} %)",
    Code.RETURN_WORDS: lambda n: "có dấu hiệu là tiền hoàn trả hoặc huỷ giao dịch",
    Code.NOT_TOLD: lambda n: "kênh thu chưa gửi tệp quyết toán cho khoản gộp này",
    Code.WIDE_SEARCH: lambda n: f"tìm trong {n[0]} khoản không liên quan, có thể trùng hợp",
    Code.UNDONE_BEFORE: lambda n: "khoản này từng được khớp cho người này và đã bị gỡ",
}


def say(evidence: Evidence) -> str:
    """One piece of evidence as a clause."""
    return _SAYS[evidence.code](evidence.numbers)
