"""What happened, told in Vietnamese: settlements of channels, lumps on the bank account, refunds through a channel."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import channel_case, payment_channels, refund_channel, settlement, settlement_failed
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


_CASES = {
    "opened": "đã mở",
    "withdrawn": "đã trừ tiền",
    "reinstated": "đã hoàn lại tiền",
    "won": "đã thắng",
    "lost": "đã thua",
    "settled": "đã quyết toán",
}


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


def _case(e: channel_case.CaseTold) -> str:
    where = f" (quyết toán {e.via})" if e.word is channel_case.CaseWord.SETTLED else ""
    moved = ", ".join(
        f"{what} {money(amount)}"
        for amount, what in ((e.moved_out, "thiếu chờ xử lý"), (e.moved_in, "đã trả lại"))
        if amount
    )
    return (
        f"ghi kênh {e.rail} báo vụ {e.case_id} {_CASES[e.word]}{where}: lấy {money(e.taken)}, trả lại "
        f"{money(e.given)}; {moved or 'không đổi số tiền nào'}"
    )


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
        settlement_failed.SettlementFailed: lambda e: (
            f"ghi kênh báo {_name(e)} ({money(e.amount)}) trả không thành; chờ ngân hàng"
        ),
        settlement_failed.SettlementLumpReturned: lambda e: (
            f"ghi ngân hàng thu lại {money(e.amount)} ngày {day(e.booked_on)} của {_name(e)}: {len(e.payments)} khoản, "
            f"cộng {money(e.gross)}, phí {money(e.fees)}, trở lại chờ kênh trả"
        ),
        payment_channels.SuspenseToLump: lambda e: (
            f"ghi khoản treo {e.payment_id} ({money(e.amount)}, dòng sao kê {e.bank_line[:12]}) là tiền của {_name(e)}"
            + (f" cho khoản {e.for_payment_id}" if e.for_payment_id else "")
            + (f", theo quyết định {e.decision_id}" if e.decision_id else "")
        ),
        payment_channels.CreditReturned: lambda e: (
            f"ghi khoản {e.payment_id} ({money(e.amount)}) chưa được trả, vì ngân hàng thu lại {_name(e)}"
        ),
        payment_channels.SuspenseToCase: lambda e: (
            f"bù {money(e.amount)} của khoản {e.payment_id} vào vụ {e.rail}/{e.case_id}, theo quyết định "
            f"{e.decision_id}"
        ),
        channel_case.CaseTold: _case,
        channel_case.CaseClosed: lambda e: (
            f"đóng vụ {e.rail}/{e.case_id} theo quyết định {e.decision_id}: đơn vị chịu {money(e.borne)}, mở lại nghĩa "
            f"vụ {money(e.opened)}"
        ),
        channel_case.CaseReopened: lambda e: (
            f"mở lại vụ {e.rail}/{e.case_id}, còn thiếu {money(e.amount)}: gỡ quyết định {e.decision_id} (điều chỉnh "
            f"{e.correction_id})"
        ),
        refund_channel.RefundSent: lambda e: f"ghi đã nhờ kênh {e.rail} hoàn {e.refund_id} từ khoản {e.payment_id}",
        refund_channel.RefundReported: lambda e: (
            f"ghi kênh {e.rail} báo {_STATES[e.state]} hoàn trả {e.refund_id}: {money(e.amount)} ngày {day(e.told_on)} "
            f"(giao dịch {e.outside_id})"
        ),
    }
)
