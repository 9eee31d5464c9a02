"""What happened, told in Vietnamese: counted cash, custody of the cash, vouchers, the year's close of the funds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import cash_count, cash_custody, cash_return, spending
from domain.payment import Asset
from ledger.headings import HEADINGS, SOURCES
from projections.phrases import day, money, unit, when_given


def _counted(e: cash_count.CashCounted) -> str:
    if e.shortage:
        found = f"thiếu {money(e.shortage)} (vụ việc {e.case_id})"
    elif e.surplus:
        found = f"thừa {money(e.surplus)} (khoản {e.payment_id}, chưa rõ chủ)"
    else:
        found = "khớp"
    return (
        f"kiểm quỹ {unit(e.unit_id)} lần {e.number} ngày {day(e.counted_on)}, có {e.witnessed_by} chứng kiến: thực đếm "
        f"{money(e.counted)}, sổ {money(e.booked)} tại vị trí {e.position}, {found}"
    )


def _heading(code: str) -> str:
    return HEADINGS[code].title if code in HEADINGS else code


def _proposed(e: spending.VoucherProposed) -> str:
    how = "bằng tiền mặt" if e.asset is Asset.CASH else "bằng chuyển khoản"
    paper = " có chứng từ đính kèm" if e.attachment else ""
    return (
        f"lập {spending.KIND_NAMES[e.kind]} {e.voucher_id} của {unit(e.unit_id)} ngày {day(e.dated)} {how}{paper}: "
        f"{money(e.amount)}, mục {_heading(e.heading)}, nguồn {SOURCES.get(e.source, e.source)}, {e.purpose}"
    )


def _approved(e: spending.VoucherApproved) -> str:
    then = "đã ghi sổ" if e.booked else f"chờ ngân hàng chi, mã chuyển khoản {e.reference}"
    return (
        f"duyệt {spending.numbered(e)} của {unit(e.unit_id)} ({e.voucher_id}, do {e.proposed_by} lập): "
        f"{money(e.amount)}, {then}"
    )


def _voided(e: spending.VoucherVoided) -> str:
    turned = f"đảo bút toán {money(e.booked)}" if e.booked else "chưa ghi sổ nên không có bút toán đảo"
    back = ", ngân hàng trả lại tiền" if e.bank_line else ""
    return (
        f"huỷ {spending.KIND_NAMES[e.kind]} số {e.number}/{e.year} của {unit(e.unit_id)} ngày {day(e.voided_on)}"
        f"{back}: {turned}, số phiếu giữ nguyên, lý do: {e.reason}"
    )


def _offered(e: cash_custody.CustodyOffered) -> str:
    slips = f", phiếu chưa dùng: {', '.join(e.open_slips)}" if e.open_slips else ""
    bags = f", túi tiền chờ báo có: {', '.join(e.open_bags)}" if e.open_bags else ""
    return (
        f"ký bàn giao quỹ {unit(e.unit_id)} từ {e.from_officer} sang {e.to_officer} ngày {day(e.offered_on)}: "
        f"{money(e.counted)} theo lần kiểm quỹ {e.count_number}, biên lai đến số {e.last_receipt}{slips}{bags}, "
        f"quyết định {e.decision}"
    )


#: One clause for each type of event; it goes on from "<who> …".
SPENDING: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        cash_count.CashCounted: _counted,
        cash_count.ShortageMadeGood: lambda e: (
            f"ghi {unit(e.unit_id)} được bù {money(e.amount)} tiền thiếu của vụ việc {e.case_id} ngày {day(e.paid_on)}"
        ),
        cash_count.ShortageWrittenOff: lambda e: (
            f"ghi giảm {money(e.amount)} tiền thiếu của vụ việc {e.case_id} ({unit(e.unit_id)}) "
            f"ngày {day(e.written_off_on)}{when_given(e.decision, ', quyết định {}')}"
        ),
        cash_custody.CustodyOffered: _offered,
        cash_custody.CustodyAccepted: lambda e: (
            f"ký nhận quỹ {unit(e.unit_id)} từ {e.from_officer} ngày {day(e.accepted_on)}: {money(e.counted)}; "
            f"từ nay {e.to_officer} giữ quỹ"
        ),
        cash_return.HeldCashReturned: lambda e: (
            f"trả lại {money(e.amount)} tiền mặt giữ hộ cho {unit(e.unit_id)} từ quỹ {unit(e.holder_id)} "
            f"ngày {day(e.returned_on)} (phiếu {e.slip})"
        ),
        spending.VoucherProposed: _proposed,
        spending.VoucherApproved: _approved,
        spending.VoucherRefused: lambda e: f"không duyệt phiếu {e.voucher_id} của {unit(e.unit_id)}, lý do: {e.reason}",
        spending.VoucherPaidByBank: lambda e: (
            f"ghi ngân hàng đã chi {money(e.amount)} ngày {day(e.booked_on)} từ tài khoản {e.account_id} "
            f"theo phiếu {e.voucher_id} của {unit(e.unit_id)}"
        ),
        spending.VoucherVoided: _voided,
        spending.FundYearClosed: lambda e: (
            f"kết chuyển năm {e.year} của {unit(e.unit_id)}: chi từ đảng phí được để lại {money(e.from_retained)}, "
            f"từ nguồn khác {money(e.from_other)}"
        ),
    }
)
