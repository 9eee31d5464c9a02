"""What happened, told in Vietnamese: reliefs from application to end, adjustments, surplus, money collected ahead."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import dues_account, member, member_amount, relief, relief_decider
from domain.money import format_dong
from domain.relief import Timing
from domain.relief_decider import Decider
from domain.set_amount import HUNDREDTHS, RATE_UNIT, decimal_text
from projections.phrases import day, money, period_text, unit


def _span(e: Any) -> str:
    return f"từ tháng {period_text(e.from_month)} đến tháng {period_text(e.to_month)}"


def _decided(e: relief.ReliefDecided) -> str:
    what = f"cho miễn giảm {e.percent}% {_span(e)}" if e.granted else "không cho miễn giảm"
    return (
        f"quyết định {e.decision} của {unit(e.decider_id)}: {what} theo đơn {e.application} của đảng viên "
        f"{e.member_id}, lý do: {e.reason}"
    )


def _adjusted(e: dues_account.DuesAdjusted) -> str:
    way = "tăng" if e.after.due > e.before.due else "giảm" if e.after.due < e.before.due else "không đổi số"
    parts = []
    if e.to_credit:
        parts.append(f"{money(e.to_credit)} thành số đóng thừa")
    if e.to_ahead:
        parts.append(f"{money(e.to_ahead)} đã thu, trừ vào tháng khác")
    freed = f"; đã đóng quá mức mới {money(e.undone)}: {', '.join(parts)}" if e.undone else ""
    return (
        f"điều chỉnh {way} mức đóng tháng {period_text(e.month)} của đảng viên {e.member_id} từ "
        f"{money(e.before.due)} thành {money(e.after.due)} theo {e.decision}, lý do: {e.reason}{freed}"
    )


def _amount_set(e: member_amount.AmountSet) -> str:
    foreign = ""
    if e.currency is not None and e.rate_date is not None:
        foreign = (
            f" (quy đổi {decimal_text(e.hundredths, HUNDREDTHS)} {e.currency} theo tỷ giá "
            f"{decimal_text(e.rate_e4, RATE_UNIT)} của {e.rate_source} ngày {day(e.rate_date)})"
        )
    what = "sinh hoạt phí làm căn cứ" if e.is_base else "mức đóng một tháng"
    until = f" đến tháng {period_text(e.to_month)}" if e.to_month else ""
    return (
        f"ghi {what} của đảng viên {e.member_id}, nhóm {e.category}: {format_dong(e.amount)} đồng{foreign} từ tháng "
        f"{period_text(e.from_month)}{until} theo {e.decision} của {e.decided_by} ngày {day(e.decided_on)}"
    )


#: One clause for each type of event; it goes on from "<who> …".
RELIEF: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        member.ReliefEnded: lambda e: (
            f"thu hồi miễn giảm {e.relief} (quyết định {e.granted_by}) của đảng viên {e.member_id}, tháng cuối còn "
            f"hưởng {period_text(e.last_month)}, theo {e.decision}, lý do: {e.reason}"
        ),
        relief.ReliefApplied: lambda e: (
            f"ghi đơn {e.application} của đảng viên {e.member_id} xin miễn giảm {e.relief} {e.percent}% {_span(e)}, "
            f"kèm {e.document}{f', gia hạn quyết định {e.renews}' if e.renews else ''}"
        ),
        relief.ReliefDecided: _decided,
        relief_decider.ReliefDeciderAssigned: lambda e: (
            f"giao thẩm quyền quyết định miễn giảm của {unit(e.unit_id)} cho "
            f"{'chính đơn vị' if e.decider is Decider.SELF else 'cấp trên trực tiếp'} từ {day(e.effective_from)} theo "
            f"{e.decision}"
        ),
        relief.PartyAgeNoted: lambda e: (
            f"ghi tuổi Đảng của đảng viên {e.member_id} tính từ {day(e.counts_from)}, theo {e.document}"
        ),
        relief.SocialPensionNoted: lambda e: (
            f"ghi đảng viên {e.member_id} hưởng trợ cấp hưu trí xã hội từ tháng {period_text(e.from_month)}, theo "
            f"{e.document}"
        ),
        relief.ExemptionProposed: lambda e: (
            f"đề xuất miễn đóng theo diện {e.relief} cho đảng viên {e.member_id} từ tháng {period_text(e.from_month)} "
            f"({e.basis}), chờ người xác nhận"
        ),
        relief.ExemptionSettled: lambda e: (
            f"{'xác nhận' if e.confirmed else 'bỏ'} đề xuất miễn đóng theo diện {e.relief} của đảng viên {e.member_id} "
            f"từ tháng {period_text(e.from_month)} theo {e.decision}, lý do: {e.reason}"
        ),
        relief.PaymentArranged: lambda e: (
            f"cho đảng viên {e.member_id} {'đóng chậm' if e.timing is Timing.LATE else 'đóng trước'} {_span(e)} theo "
            f"{e.decision}"
        ),
        member_amount.AmountSet: _amount_set,
        dues_account.DuesAdjusted: _adjusted,
        dues_account.CollectedAhead: lambda e: (
            f"tính {money(e.amount)} đóng trước của đảng viên {e.member_id} (khoản {e.payment_id}) là đã thu"
        ),
        dues_account.AheadApplied: lambda e: (
            f"dùng {money(e.amount)} đã thu trước cho tháng {period_text(e.month)} của đảng viên {e.member_id}"
        ),
        dues_account.AheadReturned: lambda e: (
            f"chuyển {money(e.amount)} đã thu mà chưa tính cho tháng nào của đảng viên {e.member_id} thành số đóng "
            f"thừa theo {e.decision}"
        ),
        dues_account.SurplusDeclared: lambda e: (
            f"ghi đề nghị {e.surplus_id} đóng thêm {money(e.amount)} của đảng viên {e.member_id}, kèm {e.document}, "
            "chờ cấp trên trực tiếp quyết định"
        ),
        dues_account.SurplusAccepted: lambda e: (
            f"nhận {money(e.amount)} đóng thêm của đảng viên {e.member_id} (đề nghị {e.surplus_id}) theo {e.decision} "
            f"của {unit(e.decided_unit)}"
        ),
        dues_account.SurplusRejected: lambda e: (
            f"không nhận {money(e.amount)} đóng thêm của đảng viên {e.member_id} (đề nghị {e.surplus_id}) theo "
            f"{e.decision} của {unit(e.decided_unit)}; giữ là đóng thừa"
        ),
        dues_account.PendingCarried: lambda e: (
            f"mang sang sổ năm {e.year} của đảng viên {e.member_id}: {money(e.ahead)} đã thu trước và "
            f"{len(e.surpluses)} khoản đóng thêm đang chờ"
        ),
    }
)
