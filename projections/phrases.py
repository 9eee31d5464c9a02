"""Words and forms that the sentences share: offices, channels, ways and kinds in Vietnamese; amounts, days, periods."""

from collections.abc import Mapping
from datetime import date

from domain import access, bank_account, member, payment_request, refund, remittance
from domain.attempt import AttemptState
from domain.money import format_dong
from domain.open_item import Decision

ROLES: Mapping[str, str] = {
    access.Role.SECRETARY: "bí thư",
    access.Role.COLLECTOR: "chi ủy viên thu đảng phí",
    access.Role.ACCOUNTANT: "kế toán",
    access.Role.CASHIER: "thủ quỹ",
    access.Role.COMMITTEE: "đại diện cấp ủy",
    access.Role.OFFICE: "văn phòng cấp ủy",
    access.Role.INSPECTOR: "ủy ban kiểm tra",
}
SERVICES: Mapping[str, str] = {
    "service:portal": "Cổng Dịch vụ công",
    "service:bank": "ngân hàng",
    "service:worker": "hệ thống",
    "service:setup": "bộ phận thiết lập ban đầu",
}
CHANNELS = {
    "portal": "qua Cổng Dịch vụ công",
    "gateway": "qua cổng thẻ",
    "bank": "qua ngân hàng",
    "cash": "bằng tiền mặt",
    "qr": "bằng mã QR",
}
ATTEMPT_STATES = {
    AttemptState.OPENED: "đã mở",
    AttemptState.EXPIRED: "quá hạn chờ",
    AttemptState.UNKNOWN: "chưa rõ kết quả",
    AttemptState.PENDING: "đang chờ ngân hàng báo",
    AttemptState.CANCELLED: "đã huỷ",
    AttemptState.FAILED: "không thành công",
    AttemptState.PAID: "đã thanh toán",
    AttemptState.PARTLY_RETURNED: "đã trả lại một phần",
    AttemptState.RETURNED: "đã trả lại",
}
ATTEMPT_VIAS = {
    "opening": "lúc mở lượt",
    "notification": "theo thông báo",
    "webhook": "theo thông báo",
    "query": "theo câu trả lời tra cứu",
    "settlement": "theo bảng đối soát",
    "clock": "hết thời gian chờ",
    "person": "do cán bộ xác định",
}
WAYS = {
    remittance.Way.PORTAL: "qua Cổng Dịch vụ công",
    remittance.Way.BANK: "bằng chuyển khoản",
    remittance.Way.CASH: "bằng tiền mặt",
    remittance.Way.HELD: "từ tiền nhờ giữ hộ",
}
KINDS = {
    payment_request.Kind.DUES: "đảng phí",
    payment_request.Kind.BATCH: "nộp hộ",
    payment_request.Kind.REMITTANCE: "nộp cấp trên",
    payment_request.Kind.CASH_BAG: "nộp tiền mặt vào ngân hàng",
    payment_request.Kind.REFUND: "hoàn trả",
    payment_request.Kind.CLAW_BACK: "trả lại cấp dưới do hoàn trả",
    payment_request.Kind.SPENDING: "chi của đơn vị",
}
BASES = {"officer": "do cán bộ ghi", "portal": "Cổng báo đã nộp", "superior-credit": "cấp trên đã nhận được tiền"}
NOT_DUES = {
    bank_account.NotDues.FEE: "phí ngân hàng",
    bank_account.NotDues.INTEREST: "lãi tiền gửi",
    bank_account.NotDues.STATE_FUNDING: "kinh phí nhà nước cấp",
    bank_account.NotDues.SPENDING: "chi của đơn vị",
}
CONFLICTS = {
    "amount-differs": "số tiền khác",
    "unknown-reference": "mã tham chiếu không có trong sổ",
    "other-content": "cùng mã giao dịch nhưng nội dung khác",
}
SOURCES = {
    refund.Source.CREDIT: "từ số đóng thừa đang giữ",
    refund.Source.SUSPENSE: "từ tiền chưa xác định",
    refund.Source.UNSPLIT: "từ đảng phí chưa chốt kỳ",
    refund.Source.SPLIT: "sau khi đã phân bổ cho các cấp",
}
SCOPES = {
    member.Scope.ONLINE: "đóng trực tuyến",
    member.Scope.CASH: "được miễn sinh hoạt, đóng bằng tiền mặt",
    member.Scope.ABROAD: "ở nước ngoài, ngoài quy trình trực tuyến",
    member.Scope.ARMED_FORCES: "thuộc lực lượng vũ trang, ngoài quy trình trực tuyến",
}


#: Marks around a unit's id, so that whoever shows the sentence can put the unit's name there.
UNIT_OPENS, UNIT_CLOSES = "⟦", "⟧"


def unit(unit_id: str) -> str:
    """A unit by its id, marked."""
    return f"{UNIT_OPENS}{unit_id}{UNIT_CLOSES}"


def money(amount: int) -> str:
    """``1234567`` as ``1.234.567 đồng``."""
    return f"{format_dong(amount)} đồng"


def day(on: date) -> str:
    """A date as Vietnamese readers write it."""
    return f"{on:%d/%m/%Y}"


def period_text(period: str) -> str:
    """``2026-07`` as ``07/2026``, ``2026-Q3`` as ``quý 3/2026``."""
    year, rest = period.split("-")
    return f"quý {rest[1:]}/{year}" if rest.startswith("Q") else f"{rest}/{year}"


def when_given(text: str | None, template: str) -> str:
    """The template with the text in it; nothing for no text."""
    return template.format(text) if text else ""


#: What was decided about an open item.
DECISIONS: Mapping[str, str] = {
    "identify": "xác định chủ",
    "split": "chia cho nhiều đảng viên",
    "duplicate": "coi là đóng lần hai, phần thừa để dành cho đảng viên",
    "return": "trả lại người gửi",
    "reject": "trả lại tiền chuyển nhầm tài khoản",
    "write-off": "ghi thu khác",
    "accept-fee": "nhận phần thiếu là phí giữ lại trên đường",
    "wait": "chờ",
    "undo": "gỡ quyết định",
}


def decision_words(decision: Decision) -> str:
    """A decision in one clause; its parts are told by the events that they bring about."""
    which = decision.undoes or decision.item
    amount = f" {money(decision.amount)}" if decision.amount else ""
    until = f" đến {day(decision.until)} ({decision.owner} theo dõi)" if decision.until else ""
    paper = when_given(decision.document, ", văn bản {}")
    what = DECISIONS[decision.kind]
    return f"{decision.decision_id}: {what}{amount}{until} về {which}{paper}, lý do: {decision.reason}"
