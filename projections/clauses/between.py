"""What happened between levels off the straight road, told in Vietnamese: on account, late, astray, corrected."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import cash, declaration, held_passed, payment, refund_cases, remittance_cases
from domain.policy import percent_text
from projections.phrases import WAYS, day, money, period_text, unit, when_given

#: How a dispute ended, in words.
RESOLUTIONS: Mapping[str, str] = {
    remittance_cases.Resolution.RECEIVED: "cấp trên đã nhận đủ",
    remittance_cases.Resolution.BANK_RETURNED: "ngân hàng đã hoàn lại",
    remittance_cases.Resolution.WRONG_UNIT: "tiền đến nhầm đơn vị",
    remittance_cases.Resolution.KEYED_WRONG: "ghi nhầm số đã gửi",
    remittance_cases.Resolution.DECLARATION_WRONG: "kê khai sai",
    remittance_cases.Resolution.NO_FAULT: "không có sai lệch",
}

DRAWN = {"remittance": "nộp cấp trên", "refund": "hoàn trả", "spending": "chi của đơn vị"}


def _allocated(e: declaration.HeldPeriodAllocated) -> str:
    example = " (tỷ lệ ví dụ)" if e.is_example else ""
    return (
        f"phân bổ trong tháng {period_text(e.booked_in)} kỳ {period_text(e.period)} của {unit(e.unit_id)} trước đây "
        f"chưa phân bổ: thu {money(e.collected)} (tự thu {money(e.own_collected)}, cấp dưới nộp "
        f"{money(e.from_subordinates)}), để lại {percent_text(e.retain_bp)} = {money(e.kept)}, phải nộp "
        f"{unit(e.superior_id)} {money(e.payable)} theo {e.share_document}{example}; báo cáo cũ giữ nguyên"
    )


def _interim(e: remittance_cases.InterimPrepared) -> str:
    return (
        f"lập lệnh tạm nộp {e.remittance_id}: {unit(e.unit_id)} tạm nộp {unit(e.superior_id)} {money(e.amount)} của kỳ "
        f"{period_text(e.period)} chưa phân bổ {WAYS[e.way]}, theo {e.decision}{when_given(e.reason, ', lý do: {}')}"
    )


def _corrected(e: declaration.DeclarationCorrected) -> str:
    return (
        f"điều chỉnh giảm {money(e.reduced_by)} kê khai kỳ {period_text(e.period)} của {unit(e.unit_id)} (để lại giảm "
        f"{money(e.kept_part)}, phải nộp giảm {money(e.passed_part)}), theo {e.decision}, lý do: {e.reason}"
    )


#: One clause for each type of event; it goes on from "<who> …".
BETWEEN: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        declaration.HeldFromBelow: lambda e: (
            f"ghi {len(e.subordinates)} khoản cấp dưới nộp, cộng {money(sum(p.amount for p in e.subordinates))}, trong "
            f"số giữ chưa phân bổ kỳ {period_text(e.period)} của {unit(e.unit_id)}"
        ),
        declaration.HeldPeriodAllocated: _allocated,
        declaration.DeclarationCorrected: _corrected,
        remittance_cases.InterimPrepared: _interim,
        remittance_cases.InterimReceived: lambda e: (
            f"ghi {unit(e.superior_id)} nhận {money(e.amount)} tạm nộp của {unit(e.unit_id)} (lệnh {e.remittance_id}) "
            f"ngày {day(e.received_on)}, giữ hộ đến khi có tỷ lệ"
        ),
        remittance_cases.InterimSettled: lambda e: (
            f"tính {money(e.amount)} đã tạm nộp (lệnh {e.remittance_id}) vào phần {unit(e.unit_id)} phải nộp "
            f"{unit(e.superior_id)} kỳ {period_text(e.period)}, không có lượt chuyển tiền"
        ),
        remittance_cases.RemittanceWithdrawn: lambda e: (
            f"rút lệnh nộp {e.remittance_id} của {unit(e.unit_id)} khi chưa gửi, lý do: {e.reason}"
        ),
        remittance_cases.RemittanceReturned: lambda e: (
            f"ghi ngân hàng hoàn lại {unit(e.unit_id)} {money(e.amount)} của lệnh nộp {e.remittance_id} "
            f"ngày {day(e.returned_on)}; phần này phải gửi lại"
        ),
        remittance_cases.RemittanceMisrouted: lambda e: (
            f"ghi {money(e.amount)} của lệnh nộp {e.remittance_id} ({unit(e.unit_id)}) đến nhầm {unit(e.at_unit_id)} "
            f"ngày {day(e.found_on)}; {unit(e.at_unit_id)} giữ hộ"
        ),
        remittance_cases.RemittancePassedOn: lambda e: (
            f"ghi {unit(e.at_unit_id)} chuyển tiếp {money(e.amount)} đến nhầm của lệnh nộp {e.remittance_id} "
            f"({unit(e.unit_id)}) ngày {day(e.passed_on)}; tiền lại đang chuyển"
        ),
        remittance_cases.DisputeResolved: lambda e: (
            f"kết luận tra soát lệnh nộp {e.remittance_id} của {unit(e.unit_id)}: "
            f"{RESOLUTIONS.get(e.resolution, e.resolution)}; {e.note}{when_given(e.document, ' (văn bản {})')}"
        ),
        held_passed.HeldMoneyPassed: lambda e: (
            f"xác định {money(e.amount)} đang treo của khoản {e.payment_id} tại {unit(e.unit_id)} là tiền "
            f"{unit(e.holder_id)} giữ hộ chuyển trả ngày {day(e.passed_on)}; căn cứ: {e.ground}"
        ),
        payment.SuspenseForRemittance: lambda e: (
            f"xác định {money(e.amount)} đang treo của khoản {e.payment_id} tại {unit(e.unit_id)} là tiền của lệnh nộp "
            f"{e.remittance_id}; căn cứ: {e.ground}"
        ),
        cash.CashDrawn: lambda e: (
            f"xuất quỹ {money(e.amount)} tiền mặt của {unit(e.unit_id)} ngày {day(e.drawn_on)} để "
            f"{DRAWN.get(e.what, e.what)} ({e.case_id})"
        ),
        refund_cases.RefundWithdrawn: lambda e: (
            f"rút đề nghị hoàn trả {e.refund_id} của {unit(e.unit_id)}, lý do: {e.reason}"
        ),
        refund_cases.ClawBackSent: lambda e: (
            f"ghi {unit(e.superior_id)} chuyển trả {unit(e.unit_id)} {money(e.amount)} do hoàn trả {e.refund_id} "
            f"ngày {day(e.sent_on)}; tiền đang chuyển"
        ),
        refund_cases.ClawBackReceived: lambda e: (
            f"ghi {unit(e.unit_id)} nhận {money(e.amount)} {unit(e.superior_id)} trả lại do hoàn trả {e.refund_id} "
            f"ngày {day(e.received_on)}"
        ),
    }
)
