"""What happened, told in Vietnamese: law, tree, offices, opening balances, members and what they owe."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import access, dues_account, member, opening, organisation, policy
from domain.organisation_kinds import KIND_TITLES
from domain.policy import percent_text
from domain.policy_settings import SETTINGS
from projections.phrases import CHANNELS, ROLES, SCOPES, day, money, period_text, unit, when_given


def _row(e: Any) -> str:
    low = f" (tỷ lệ để lại {percent_text(e.row.retain_bp)})" if getattr(e.row, "retain_bp", None) is not None else ""
    example = ", là tỷ lệ ví dụ" if getattr(e.row, "is_example", False) else ""
    return (
        f"kích hoạt dòng chính sách {e.row.id}{low}{example} theo {e.document} ngày {day(e.decided_on)}, "
        f"người duyệt {e.approver}"
    )


def _setting(e: policy.SettingActivated) -> str:
    kind = "" if e.row.unit_kind is None else f" cho {KIND_TITLES[e.row.unit_kind]}"
    return (
        f"đặt {SETTINGS[e.row.name].title}{kind} là «{e.row.value}» từ tháng {period_text(e.row.from_month)} theo "
        f"{e.document} ngày {day(e.decided_on)}, người duyệt {e.approver}"
    )


def _assessed(e: dues_account.DuesAssessed) -> str:
    article = when_given(e.article, " Điều {}")
    base = "" if e.base is None else f", căn cứ {money(e.base)}"
    region = when_given(e.region, ", vùng {}")
    decision = when_given(e.relief_decision, ", {}")
    relief = f", miễn giảm {money(e.relieved)} ({e.relief} {e.relief_percent}%{decision})" if e.relieved else ""
    carried = " (khoản còn nợ khi mở sổ)" if e.is_opening else ""
    return (
        f"xác định đảng viên {e.member_id} phải đóng {money(e.due)} cho tháng {period_text(e.month)}{carried} theo "
        f"{e.document}{article}, mức {e.rule}{base}{region}{relief}"
    )


def _opening(e: opening.OpeningSigned) -> str:
    return (
        f"ký số dư mở sổ ngày {day(e.as_of)} của {unit(e.unit_id)} theo {e.document}: "
        f"ngân hàng {money(e.bank)}, tiền mặt {money(e.cash)}, quỹ {money(e.fund)}, "
        f"đóng thừa {money(e.credit)}, còn nợ {money(e.arrears)}; người lập {e.entered_by}"
    )


def _granted(e: access.RoleGranted) -> str:
    until = f" đến {day(e.valid_to)}" if e.valid_to else ""
    return (
        f"giao {e.officer_id} làm {ROLES[e.role]} của {unit(e.unit_id)} từ {day(e.valid_from)}{until} theo "
        f"{e.decision}, người đề nghị {e.proposed_by}, người duyệt {e.approved_by}"
    )


#: One clause for each type of event; it goes on from "<who> …".
DUES: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        policy.RateActivated: _row,
        policy.WageActivated: _row,
        policy.CapActivated: _row,
        policy.ReliefActivated: _row,
        policy.RoundingActivated: _row,
        policy.ShareActivated: _row,
        policy.SettingActivated: _setting,
        organisation.UnitRegistered: lambda e: (
            f"ghi nhận tổ chức {e.unit_id} – {e.name} ({KIND_TITLES[e.kind]})"
            f"{when_given(e.parent_id and unit(e.parent_id), ', trực thuộc {}')}, từ {day(e.effective_from)}"
        ),
        organisation.AccountRegistered: lambda e: (
            f"ghi nhận tài khoản {e.account_id} của {unit(e.unit_id)}, từ {day(e.effective_from)}"
        ),
        organisation.HolderAssigned: lambda e: (
            f"giao {unit(e.holder_id)} nhận tiền {CHANNELS.get(e.channel, e.channel)} của {unit(e.unit_id)}"
            f"{when_given(e.account_id, ' vào tài khoản {}')}, từ {day(e.effective_from)}"
        ),
        organisation.WageRegionAssigned: lambda e: (
            f"xếp {unit(e.unit_id)} vào vùng {e.region} về lương tối thiểu theo {e.document}"
            f"{' (tạm giả định)' if e.assumed else ''}, từ {day(e.effective_from)}"
        ),
        access.RoleGranted: _granted,
        access.SecondPersonSet: lambda e: (
            f"chỉ định kế toán của {unit(e.of_unit)} là người thứ hai duyệt cho {unit(e.unit_id)} theo {e.decision}"
        ),
        opening.OpeningEntered: lambda e: (
            f"nhập số dư mở sổ ngày {day(e.as_of)} của {unit(e.unit_id)} theo {e.document}, chờ người thứ hai ký"
        ),
        opening.OpeningSigned: _opening,
        member.MemberEnrolled: lambda e: (
            f"ghi đảng viên {e.member_id} vào danh sách của {unit(e.unit_id)}, số thứ tự {e.roster_order}, từ "
            f"{day(e.enrolled_on)}"
        ),
        member.StandingDeclared: lambda e: (
            f"xác định đảng viên {e.member_id} từ tháng {period_text(e.from_month)}: "
            f"{when_given(e.category, 'nhóm {}') or 'chưa xác định được nhóm'}, {SCOPES[e.scope]}"
        ),
        member.IncomeBaseDeclared: lambda e: (
            f"ghi căn cứ tính đóng ({e.kind}) của đảng viên {e.member_id} từ tháng {period_text(e.from_month)}: "
            f"{money(e.amount)}"
        ),
        member.ReliefGranted: lambda e: (
            f"ghi miễn giảm {e.relief} {e.percent}% cho đảng viên {e.member_id} từ tháng {period_text(e.from_month)}"
            f"{f' đến tháng {period_text(e.to_month)}' if e.to_month else ''} theo {e.decision} của {e.decided_by} "
            f"ngày {day(e.decided_on)}"
        ),
        dues_account.DuesAssessed: _assessed,
        dues_account.PaymentApplied: lambda e: (
            f"tính {money(e.amount)} của khoản {e.payment_id} vào tháng {period_text(e.month)} "
            f"của đảng viên {e.member_id}"
        ),
        dues_account.CreditHeld: lambda e: (
            f"giữ {money(e.amount)} đóng thừa của khoản {e.payment_id} cho đảng viên {e.member_id}"
        ),
        dues_account.OpeningCreditCarried: lambda e: (
            f"mang sang {money(e.amount)} đóng thừa của đảng viên {e.member_id} khi mở sổ"
        ),
        dues_account.CreditApplied: lambda e: (
            f"dùng {money(e.amount)} đóng thừa cho tháng {period_text(e.month)} của đảng viên {e.member_id}"
        ),
        dues_account.CreditReleased: lambda e: (
            f"chuyển {money(e.amount)} đóng thừa của đảng viên {e.member_id} sang hoàn trả {e.refund_id}"
        ),
        dues_account.CreditReserved: lambda e: (
            f"giữ riêng {money(e.amount)} đóng thừa của đảng viên {e.member_id} chờ duyệt hoàn trả {e.refund_id}"
        ),
        dues_account.CreditUnreserved: lambda e: (
            f"thôi giữ riêng {money(e.amount)} đóng thừa của đảng viên {e.member_id} vì đã rút đề nghị hoàn trả "
            f"{e.refund_id}"
        ),
        dues_account.ApplicationUndone: lambda e: (
            f"rút {money(e.amount)} đã tính vào tháng {period_text(e.month)} của đảng viên {e.member_id} để hoàn trả "
            f"{e.refund_id}"
        ),
        dues_account.ReliefRecognised: lambda e: (
            f"miễn giảm {money(e.amount)} tháng {period_text(e.month)} cho đảng viên {e.member_id} ({e.relief} "
            f"{e.percent}%) theo {e.decision}, lý do: {e.reason}"
        ),
        dues_account.YearOpened: lambda e: (
            f"mở sổ năm {e.year} của đảng viên {e.member_id}: mang sang {len(e.items)} tháng còn nợ "
            f"và {money(e.credit)} đóng thừa"
        ),
    }
)
