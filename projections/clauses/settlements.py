"""What happened, told in Vietnamese: settlements of channels, lumps on the bank account, refunds through a channel."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import refund_channel, settlement
from projections.phrases import day, money

_KINDS = {"collection": "khoản thu", "refund": "hoàn trả", "fee": "phí", "adjustment": "điều chỉnh"}

_REASONS = {
    "restated": "kênh gửi lại với nội dung khác; giữ nguyên bản đã nhận",
    "amount-differs": "số tiền khác sổ",
    "unknown": "sổ không có khoản này",
    "doubled": "ghi trùng; chỉ tính một lần",
    "other-holder": "tiền do đơn vị khác giữ",
}

_STATES = {"pending": "đã nhận lệnh hoàn", "done": "đã hoàn xong", "failed": "không hoàn được"}


def _name(e: Any) -> str:
    return f"quyết toán {e.settlement_id} của kênh {e.rail}"


def _part(e: settlement.SettlementPartBooked) -> str:
    told = (
        (e.fee, "phí"),
        (e.fee_back, "phí được trả lại"),
        (e.taken, "kênh trừ lại, thiếu chờ xử lý"),
        (e.given, "kênh trả lại"),
    )
    parts = ", ".join(f"{what} {money(amount)}" for amount, what in told if amount)
    return f"ghi dòng {e.number} ({_KINDS[e.kind]} {e.case_id}) của {_name(e)}: {parts}"


def _differed(e: settlement.SettlementDiffered) -> str:
    line = "" if e.number is None else f", dòng {e.number}"
    expected = "" if e.expected is None else f", sổ {money(e.expected)}"
    return (
        f"ghi nhận điểm lệch ở {_name(e)}{line} ({e.outside_reference}): {_REASONS.get(e.reason, e.reason)}; kênh nêu "
        f"{money(e.stated)}{expected}; không đổi số tiền nào, chờ người xử lý"
    )


#: One clause for each type of event; it goes on from "<who> …".
SETTLEMENTS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        settlement.SettlementTold: lambda e: (
            f"nhận {_name(e)} từ {day(e.from_date)} đến {day(e.to_date)}: {e.count} dòng, cộng {money(e.amount)}, phí "
            f"{money(e.fees)}, thuần {money(e.net)}"
        ),
        settlement.SettlementPartBooked: _part,
        settlement.SettlementDiffered: _differed,
        settlement.SettlementLumpSeen: lambda e: (
            f"ghi dòng ngân hàng {money(e.amount)} ngày {day(e.booked_on)} trên tài khoản {e.account_id} mang mã "
            f"{_name(e)}"
        ),
        settlement.SettlementLumpCredited: lambda e: (
            f"ghi ngân hàng trả gộp {money(e.amount)} ngày {day(e.booked_on)} vào tài khoản {e.account_id} cho "
            f"{len(e.payments)} khoản của {_name(e)}: báo có {money(e.credited)}, trừ {money(e.netted)}, cộng thêm "
            f"{money(e.added)}"
        ),
        settlement.SettlementLumpTakenBack: lambda e: (
            f"gỡ dòng ngân hàng trả gộp {money(e.amount)} khỏi {_name(e)} vì lấy lại sao kê (điều chỉnh "
            f"{e.correction_id})"
        ),
        refund_channel.RefundReported: lambda e: (
            f"ghi kênh {e.rail} báo {_STATES[e.state]} hoàn trả {e.refund_id}: {money(e.amount)} ngày {day(e.told_on)} "
            f"(giao dịch {e.outside_id})"
        ),
    }
)
