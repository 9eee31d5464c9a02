"""The dossier of unpaid months as plain text, for a terminal or a printer."""

from domain.arrears import STATE_TITLES
from domain.money import format_dong
from ledger.arrears import Dossier, MonthEvidence


def dossier_text(told: Dossier, unit_name: str) -> str:
    """One dossier, month by month; it says plainly that it decides nothing."""
    head = (
        f"HỒ SƠ THÁNG CHƯA ĐÓNG ĐẢNG PHÍ NĂM {told.year}\n"
        f"Đảng viên {told.member_id}, {unit_name}; xem ngày {told.on:%d/%m/%Y}\n"
        f"Chưa đóng {told.unpaid} tháng (lập hồ sơ từ {told.threshold} tháng), đóng một phần {told.part_paid}, "
        f"được đóng chậm {told.deferred}; còn nợ {format_dong(told.open)} đồng."
    )
    foot = "Hồ sơ này là căn cứ để chi bộ xem xét; phần mềm không thay đổi tư cách đảng viên của ai."
    return "\n".join((head, *map(_line, told.months), foot, ""))


def _line(month: MonthEvidence) -> str:
    parts = [
        f"  {month.month}: {STATE_TITLES[month.state]}; phải đóng {format_dong(month.due)}, "
        f"đã đóng {format_dong(month.applied)} đồng"
    ]
    if month.request is not None:
        parts.append(f"đã gửi yêu cầu {month.request} ({format_dong(month.requested)} đồng)")
    for paid in month.payments:
        day = "" if paid.paid_on is None else f" ngày {paid.paid_on:%d/%m/%Y}"
        source = "số đóng thừa" if paid.payment_id is None else paid.payment_id
        parts.append(f"{source}{day} {format_dong(paid.amount)} đồng")
    if month.late_by is not None:
        parts.append(f"được đóng chậm theo {month.late_by}")
    return "; ".join(parts)
