"""What happened, told in Vietnamese: members who come, go and come back, and what of their dues goes with them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import dues_moves, membership
from domain.membership import Ending, TransferKind
from projections.phrases import day, money, period_text, unit, when_given

KINDS: Mapping[TransferKind, str] = {
    TransferKind.OFFICIAL: "chuyển sinh hoạt chính thức",
    TransferKind.TEMPORARY: "chuyển sinh hoạt tạm thời",
    TransferKind.STUDY: "chuyển sinh hoạt tạm thời để đi học",
}
ENDINGS: Mapping[Ending, str] = {
    Ending.STRUCK_OFF: "xoá tên",
    Ending.LEFT: "cho ra khỏi Đảng",
    Ending.EXPELLED: "khai trừ",
    Ending.DIED: "ghi từ trần",
}


def _letter(e: membership.TransferLetterIssued) -> str:
    to = unit(e.to_unit) if e.to_unit else e.to_outside
    until = when_given(e.to_month and period_text(e.to_month), " đến hết tháng {}")
    return (
        f"cấp giấy giới thiệu {e.letter} ngày {day(e.issued_on)}, {KINDS[e.kind]} đảng viên {e.member_id} từ "
        f"{unit(e.unit_id)} đến {to}{until}, đảng phí đóng ở nơi đi đến hết tháng {period_text(e.paid_through)}"
    )


def _received(e: membership.TransferReceived) -> str:
    until = when_given(e.to_month and period_text(e.to_month), " đến hết tháng {}")
    payee = when_given(e.payee_id and e.to_month and unit(e.payee_id), ", đóng tại {}")
    return (
        f"tiếp nhận đảng viên {e.member_id} từ {unit(e.from_unit)} vào {unit(e.unit_id)} ngày {day(e.received_on)} "
        f"theo giấy {e.letter} ({KINDS[e.kind]}), đảng phí từ tháng {period_text(e.from_month)}{until}{payee}"
    )


def _arrived(e: membership.MemberArrived) -> str:
    until = when_given(e.to_month and period_text(e.to_month), " đến hết tháng {}")
    return (
        f"tiếp nhận đảng viên {e.member_id} từ {e.from_outside} (ngoài sổ này) vào {unit(e.unit_id)} ngày "
        f"{day(e.received_on)} theo giấy {e.letter} ({KINDS[e.kind]}), đảng phí từ tháng "
        f"{period_text(e.from_month)}{until}"
    )


#: One clause for each type of event; it goes on from "<who> …".
MEMBERS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        membership.MemberAdmitted: lambda e: (
            f"ghi kết nạp đảng viên {e.member_id} tại {unit(e.unit_id)} theo {e.decision} ngày {day(e.decided_on)}, lễ "
            f"kết nạp {day(e.ceremony_on)}, đóng đảng phí từ tháng {period_text(e.first_month)}"
        ),
        membership.MemberRecognised: lambda e: (
            f"ghi công nhận đảng viên {e.member_id} là chính thức từ {day(e.official_on)} theo {e.decision}"
        ),
        membership.TransferLetterIssued: _letter,
        membership.TransferWithdrawn: lambda e: (
            f"thu hồi giấy giới thiệu {e.letter} của đảng viên {e.member_id} ngày {day(e.withdrawn_on)}, lý do: "
            f"{e.reason}"
        ),
        membership.TransferReceived: _received,
        membership.MemberArrived: _arrived,
        membership.TemporaryTransferEnded: lambda e: (
            f"kết thúc sớm lần chuyển tạm thời theo giấy {e.letter} của đảng viên {e.member_id}, tháng cuối "
            f"{period_text(e.last_month)}, theo {e.decision}"
        ),
        membership.ReleasedFromActivities: lambda e: (
            f"ghi đảng viên {e.member_id} được tạm miễn sinh hoạt từ tháng {period_text(e.from_month)} đến tháng "
            f"{period_text(e.to_month)} theo {e.decision} ngày {day(e.decided_on)} của {e.granted_by}"
        ),
        membership.MembershipEnded: lambda e: (
            f"{ENDINGS[e.why]} đối với đảng viên {e.member_id} của {unit(e.unit_id)} ngày {day(e.effective_on)} theo "
            f"{e.decision}, tháng đảng phí cuối {period_text(e.last_month)}"
        ),
        membership.MembershipRestored: lambda e: (
            f"phục hồi đảng viên {e.member_id} vào {unit(e.unit_id)} ngày {day(e.restored_on)} theo {e.decision}, đóng "
            f"bù từ tháng {period_text(e.from_month)}"
        ),
        membership.MemberMoved: lambda e: (
            f"chuyển đảng viên {e.member_id} từ {unit(e.from_unit)} sang {unit(e.unit_id)} từ {day(e.moved_on)} theo "
            f"{e.decision}"
        ),
        dues_moves.ObligationMoved: lambda e: (
            f"chuyển {money(e.amount)} còn nợ tháng {period_text(e.month)} của đảng viên {e.member_id} từ sổ "
            f"{unit(e.from_unit)} sang sổ {unit(e.unit_id)}"
        ),
        dues_moves.CreditMoved: lambda e: (
            f"chuyển {money(e.amount)} đóng thừa của đảng viên {e.member_id} từ sổ {unit(e.from_unit)} sang sổ "
            f"{unit(e.unit_id)}; {unit(e.from_unit)} giữ hộ số tiền này"
        ),
        dues_moves.MonthWaived: lambda e: (
            f"thôi thu {money(e.amount)} tháng {period_text(e.month)} của đảng viên {e.member_id} theo {e.decision}, "
            f"lý do: {e.reason}"
        ),
    }
)
