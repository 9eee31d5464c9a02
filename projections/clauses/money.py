"""What happened, told in Vietnamese: requests, payments, cash, bank, declarations, remittances, refunds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import (
    attempt,
    bank_account,
    cash,
    declaration,
    match,
    open_item,
    payment,
    payment_request,
    receipt_book,
    refund,
    remittance,
    suspense_reserved,
)
from domain.money import format_dong
from domain.policy import percent_text
from projections.phrases import (
    ATTEMPT_STATES,
    ATTEMPT_VIAS,
    BASES,
    CHANNELS,
    CONFLICTS,
    KINDS,
    NOT_DUES,
    SOURCES,
    WAYS,
    day,
    decision_words,
    money,
    period_text,
    unit,
    when_given,
)


def _received(e: payment.PaymentReceived) -> str:
    parts = [
        f"{text} {money(amount)}"
        for text, amount in (
            ("đảng phí", e.dues_amount),
            ("đóng thừa", e.credit_amount),
            ("thay cho tiền mặt đã thu", e.converted_amount),
            ("chưa xác định", e.suspense_amount),
        )
        if amount
    ]
    held = f", do {unit(e.holder_id)} giữ hộ" if e.holder_id != e.unit_id else ""
    return (
        f"ghi nhận {money(e.amount)} vào ngày {day(e.paid_on)} {CHANNELS.get(e.channel, e.channel)} "
        f"(giao dịch {e.outside_reference}{when_given(e.reference, ', mã {}')}) cho {unit(e.unit_id)}{held}"
        f"{when_given(e.member_id, ', của đảng viên {}')}: {', '.join(parts)}"
    )


def _requested(e: payment_request.PaymentRequested) -> str:
    whom = when_given(e.member_id, " đảng viên {}") or when_given(e.case_id, " cho {}")
    month = f" tháng {period_text(e.month)}" if e.month else ""
    many = f" cho {len(e.lines)} đảng viên" if e.lines else ""
    until = f", hạn {day(e.valid_until)}" if e.valid_until else ""
    return (
        f"lập yêu cầu thanh toán {e.reference} ({KINDS[e.kind]}, {CHANNELS.get(e.channel, e.channel)}){whom}{many}"
        f"{month}: {money(e.amount)} vào tài khoản {e.account_id}{until}"
    )


def _refund_asked(e: refund.RefundRequested) -> str:
    parts = "; ".join(
        f"{unit(p.unit_id)} {money(p.kept_part + p.unsplit_part)}" for p in e.parts if p.kept_part + p.unsplit_part
    )
    month = f" tháng {period_text(e.month)}" if e.month else ""
    relief = f", miễn giảm {e.relief} {e.relief_percent}%" if e.relief else ""
    return (
        f"đề nghị hoàn trả {money(e.amount)} (hồ sơ {e.refund_id}, {SOURCES[e.source]})"
        f"{when_given(e.member_id, ' cho đảng viên {}')}{month}{relief}, quyết định {e.decision}, lý do: {e.reason}"
        f"{when_given(parts, '; phần của từng cấp: {}')}"
    )


def _prepared(e: remittance.RemittancePrepared) -> str:
    netted = f", cấn trừ {money(e.netted)} của hồ sơ {e.netted_case}" if e.netted else ""
    return (
        f"lập lệnh nộp {e.remittance_id}: {unit(e.unit_id)} nộp {unit(e.superior_id)} {money(e.amount)} kỳ "
        f"{period_text(e.period)} {WAYS[e.way]}{netted}{when_given(e.reason, ', lý do: {}')}"
    )


def _declared(e: declaration.PeriodDeclared) -> str:
    example = " (tỷ lệ ví dụ)" if e.is_example else ""
    return (
        f"chốt kỳ {period_text(e.period)} của {unit(e.unit_id)} tại vị trí {e.position}: thu {money(e.collected)} "
        f"(tự thu {money(e.own_collected)}, cấp dưới nộp {money(e.from_subordinates)}), "
        f"để lại {percent_text(e.retain_bp)} = {money(e.kept)}, "
        f"phải nộp {unit(e.superior_id)} {money(e.payable)} theo {e.share_document}{example}"
    )


def _restated(e: declaration.DeclarationRestated) -> str:
    return (
        f"điều chỉnh kỳ {period_text(e.period)} của {unit(e.unit_id)} do hoàn trả {e.refund_id}: giảm thu "
        f"{money(e.reduced_by)}, còn {money(e.collected_after)}; đơn vị chịu {money(e.kept_part)}, "
        f"{unit(e.superior_id)} trả lại {money(e.passed_part)}"
    )


def _remittance_received(e: remittance.RemittanceReceived) -> str:
    line = f" (dòng sao kê {e.bank_line[:12]})" if e.bank_line else ""
    return (
        f"xác nhận {unit(e.superior_id)} nhận {money(e.amount)} của lệnh nộp {e.remittance_id} "
        f"ngày {day(e.received_on)}{line}"
    )


def _conflicted(e: payment.PaymentConflicted) -> str:
    expected = f", sổ ghi {money(e.expected)}" if e.expected is not None else ""
    reason = CONFLICTS.get(e.reason, e.reason)
    return (
        f"ghi nhận thông báo mâu thuẫn về giao dịch {e.outside_reference} từ {e.source} ({reason}): nêu "
        f"{money(e.stated)}{expected}; không đổi số tiền nào, chờ người xử lý"
    )


#: One clause for each type of event; it goes on from "<who> …".
MONEY: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        payment_request.CountersReserved: lambda e: (
            f"dành {format_dong(e.count)} số thứ tự cho mã tham chiếu, từ số {format_dong(e.first)}"
        ),
        payment_request.PaymentRequested: _requested,
        attempt.AttemptOpened: lambda e: (
            f"mở lượt thanh toán {e.reference} {CHANNELS.get(e.rail, e.rail)}: {money(e.amount)}"
        ),
        attempt.AttemptReported: lambda e: (
            f"ghi tình trạng lượt thanh toán {e.reference} {CHANNELS.get(e.rail, e.rail)}: {ATTEMPT_STATES[e.state]} "
            f"({ATTEMPT_VIAS.get(e.via, e.via)}{when_given(e.outside_id, ', giao dịch {}')})"
        ),
        payment_request.RequestAnswered: lambda e: (
            f"nhận {money(e.amount)} của khoản {e.payment_id} theo yêu cầu {e.reference}"
        ),
        payment_request.RequestWithdrawn: lambda e: (
            f"thôi dùng yêu cầu {e.reference} ({e.reason}){when_given(e.replaced_by, '; dùng mã mới {}')}"
        ),
        payment_request.TransferTold: lambda e: (
            f"ghi nhận đảng viên báo đã chuyển tiền theo yêu cầu {e.reference} ngày {day(e.told_on)}; chờ ngân "
            f"hàng báo đến hết ngày {day(e.lapses_on)}"
        ),
        payment_request.TellingTakenBack: lambda e: f"ghi nhận chưa chuyển tiền theo yêu cầu {e.reference}: {e.reason}",
        payment.PaymentReceived: _received,
        payment.WitnessAdded: lambda e: (
            f"ghi thêm bằng chứng về khoản {e.payment_id}: {e.source} báo {money(e.amount)} ngày {day(e.seen_on)} "
            f"(giao dịch {e.outside_reference}); vẫn là một khoản, không thu hai lần"
        ),
        payment.PaymentCredited: lambda e: (
            f"ghi ngân hàng báo có {money(e.credited)} ngày {day(e.booked_on)} vào tài khoản {e.account_id} cho khoản "
            f"{e.payment_id}{f', phí {money(e.fee)}' if e.fee else ''}"
        ),
        payment.PaymentConflicted: _conflicted,
        payment.SuspenseIdentified: lambda e: (
            f"xác định {money(e.amount)} của khoản {e.payment_id} là của đảng viên {e.member_id} ({unit(e.unit_id)}): "
            f"đảng phí {money(e.dues_amount)}, đóng thừa {money(e.credit_amount)}; căn cứ: {e.ground}"
        ),
        match.MatchAccepted: lambda e: (
            f"khớp {money(e.amount)} theo quy tắc «{e.rule}», độ tin cậy {e.confidence} phần vạn"
            f"{' (máy tự ghi)' if e.automatic else ''}, cho {len({p.member_id for p in e.parts})} đảng viên"
        ),
        payment.SuspenseReleased: lambda e: (
            f"chuyển {money(e.amount)} chưa xác định của khoản {e.payment_id} sang hoàn trả {e.refund_id}"
        ),
        suspense_reserved.SuspenseReserved: lambda e: (
            f"giữ riêng {money(e.amount)} chưa xác định của khoản {e.payment_id} chờ duyệt hoàn trả {e.refund_id}"
        ),
        suspense_reserved.SuspenseUnreserved: lambda e: (
            f"thôi giữ riêng {money(e.amount)} chưa xác định của khoản {e.payment_id} vì đã rút đề nghị hoàn trả "
            f"{e.refund_id}"
        ),
        payment.SuspenseNamed: lambda e: (
            f"xác định {money(e.amount)} của khoản {e.payment_id} không phải đảng phí mà là "
            f"{NOT_DUES.get(e.what, e.what)} (mục {e.heading}); căn cứ: {e.ground}"
        ),
        payment.CashConverted: lambda e: (
            f"ghi nhận {money(e.amount)} tiền mặt của khoản {e.payment_id} đã được nộp trực tuyến bằng khoản "
            f"{e.by_payment_id}; một biên lai, không thu hai lần"
        ),
        cash.BagTakenToBank: lambda e: (
            f"mang {money(e.amount)} tiền mặt của {unit(e.unit_id)} đi nộp vào tài khoản {e.account_id} "
            f"ngày {day(e.taken_on)} (giấy nộp {e.bag})"
        ),
        cash.BagCredited: lambda e: (
            f"ghi ngân hàng báo có {money(e.amount)} tiền mặt của {unit(e.unit_id)} ngày {day(e.booked_on)} "
            f"(giấy nộp {e.bag})"
        ),
        cash.CashPassedToHolder: lambda e: (
            f"bàn giao {money(e.amount)} tiền mặt của {unit(e.unit_id)} cho thủ quỹ {unit(e.holder_id)} "
            f"ngày {day(e.passed_on)} (phiếu {e.slip})"
        ),
        bank_account.StatementImported: lambda e: (
            f"nhập sao kê tài khoản {e.account_id} từ {day(e.from_date)} đến {day(e.to_date)}: "
            f"đầu kỳ {money(e.opening)}, vào {money(e.credits)}, ra {money(e.debits)}, "
            f"cuối kỳ {money(e.closing)}, {e.line_count} dòng trong đó {len(e.lines)} dòng mới"
        ),
        bank_account.MovementNamed: lambda e: (
            f"ghi {money(e.amount)} ngày {day(e.booked_on)} trên tài khoản {e.account_id} là {NOT_DUES[e.what]} "
            f"(mục {e.heading}), không phải đảng phí; căn cứ: {e.ground}"
        ),
        bank_account.LinesPlaced: lambda e: (
            f"đối chiếu {len(e.placements)} dòng sao kê của tài khoản {e.account_id} với sổ"
        ),
        bank_account.StatementWitnessed: lambda e: (
            f"nhận thêm một tệp sao kê ({e.format}) của tài khoản {e.account_id} từ {day(e.from_date)} đến "
            f"{day(e.to_date)}: {len(e.aliases)} dòng đã biết được chứng thực lần nữa, không ghi thêm tiền"
        ),
        payment.WitnessTakenBack: lambda e: (
            f"rút lời chứng của dòng sao kê {e.bank_line[:12]} về khoản {e.payment_id} (điều chỉnh {e.correction_id})"
        ),
        open_item.DecisionProposed: lambda e: f"đề nghị {decision_words(e.decision)}; chờ người thứ hai duyệt",
        open_item.DecisionTaken: lambda e: (
            f"quyết định {decision_words(e.decision)}"
            f"{when_given(e.approved_by, '; do {} duyệt đề nghị của ' + e.decision.decided_by)}"
        ),
        open_item.SuspenseWrittenOff: lambda e: (
            f"ghi {money(e.amount)} không ai nhận của khoản {e.payment_id} vào nguồn thu khác của {unit(e.unit_id)} "
            f"(mục {e.heading}, quyết định {e.decision_id})"
        ),
        open_item.CreditAccepted: lambda e: (
            f"nhận số báo có {money(e.credited)} (khoản {e.waiting_payment_id}) là khoản đã báo {e.payment_id} "
            f"{money(e.amount)}, phí giữ lại {money(e.fee)} (quyết định {e.decision_id})"
        ),
        open_item.SuspenseToCredit: lambda e: (
            f"khoản {e.payment_id} {money(e.amount)} là tiền ngân hàng báo có cho khoản đã báo {e.for_payment_id}"
        ),
        open_item.SuspenseWaitsAgain: lambda e: (
            f"đưa {money(e.amount)} của khoản {e.payment_id} về tiền chưa xác định, vì gỡ quyết định {e.decision_id}"
        ),
        receipt_book.ReceiptIssued: lambda e: (
            f"lập biên lai số {e.number}/{e.year} của {unit(e.unit_id)} cho khoản {e.payment_id}"
            f"{when_given(e.member_id, ' của đảng viên {}')}: {money(e.amount)}, nộp ngày {day(e.paid_on)}"
        ),
        declaration.PeriodDeclared: _declared,
        declaration.PeriodHeld: lambda e: (
            f"giữ {money(e.collected)} của {unit(e.unit_id)} kỳ {period_text(e.period)} ở trạng thái chưa phân bổ, "
            "vì chưa có tỷ lệ có hiệu lực"
        ),
        declaration.DeclarationRestated: _restated,
        declaration.UnsplitReduced: lambda e: (
            f"trả lại {money(e.amount)} từ phần {unit(e.unit_id)} chưa phân bổ cho {unit(e.subordinate_id)} (kỳ "
            f"{period_text(e.period)}) do hoàn trả {e.refund_id}"
        ),
        declaration.RefundTakenFromUnsplit: lambda e: (
            f"rút {money(e.amount)} khỏi đảng phí chưa chốt kỳ của {unit(e.unit_id)} để hoàn trả {e.refund_id}"
        ),
        declaration.DeclarationAnnounced: lambda e: (
            f"ghi nhận {unit(e.unit_id)} (sổ ở nơi khác) chốt kỳ {period_text(e.period)}, "
            f"phải nộp {unit(e.superior_id)} {money(e.payable)}"
        ),
        remittance.RemittancePrepared: _prepared,
        remittance.RemittanceApproved: lambda e: f"duyệt lệnh nộp {e.remittance_id} của {unit(e.unit_id)}",
        remittance.ClawBackNetted: lambda e: (
            f"cấn trừ {money(e.amount)} {unit(e.superior_id)} phải trả lại {unit(e.unit_id)} (hồ sơ {e.refund_id}) "
            f"vào lệnh nộp {e.remittance_id}"
        ),
        remittance.RemittanceSent: lambda e: (
            f"ghi nhận {unit(e.unit_id)} gửi {money(e.amount)} ngày {day(e.sent_on)} {WAYS[e.way]} theo lệnh nộp "
            f"{e.remittance_id} ({BASES.get(e.basis, e.basis)}); tiền đang chuyển"
        ),
        remittance.SendingSeen: lambda e: (
            f"ghi sao kê của {unit(e.unit_id)} báo nợ {money(e.amount)} ngày {day(e.booked_on)} "
            f"cho lệnh nộp {e.remittance_id}"
        ),
        remittance.SendingCorrected: lambda e: (
            f"điều chỉnh giảm {money(e.difference)} số đã ghi gửi của lệnh nộp {e.remittance_id}, lý do: {e.reason}"
        ),
        remittance.RemittanceReceived: _remittance_received,
        remittance.RemittanceDisputed: lambda e: (
            f"tra soát lệnh nộp {e.remittance_id}: ghi gửi {money(e.expected)}, thực nhận {money(e.seen)}, lý do: "
            f"{e.reason}"
        ),
        remittance.DisputeExplained: lambda e: (
            f"giải trình tra soát lệnh nộp {e.remittance_id}: {e.explanation}{when_given(e.document, ' (văn bản {})')}"
        ),
        remittance.SettledFromHeld: lambda e: (
            f"xác nhận quyết toán {money(e.amount)} kỳ {period_text(e.period)} của {unit(e.unit_id)} cho "
            f"{unit(e.superior_id)} từ tiền {unit(e.holder_id)} giữ hộ, ngày {day(e.settled_on)}, "
            "không có lượt chuyển tiền"
        ),
        refund.RefundRequested: _refund_asked,
        refund.RefundApproved: lambda e: f"duyệt lần {e.n} hoàn trả {e.refund_id} của {unit(e.unit_id)}",
        refund.RefundPaidOut: lambda e: (
            f"chi hoàn trả {money(e.amount)} theo hồ sơ {e.refund_id} ngày {day(e.paid_on)}"
            f"{f', từ tiền do {unit(e.holder_id)} giữ hộ' if e.holder_id != e.unit_id else ''}"
        ),
        refund.PayoutSeen: lambda e: (
            f"ghi ngân hàng báo nợ {money(e.amount)} ngày {day(e.booked_on)} cho hoàn trả {e.refund_id}"
        ),
        refund.PayoutFailed: lambda e: (
            f"ghi khoản hoàn trả {e.refund_id} {money(e.amount)} bị trả lại ngày {day(e.failed_on)}, lý do: {e.reason}"
        ),
    }
)
