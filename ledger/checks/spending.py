"""Checks on a unit's own spending and its counted cash: numbers (I19), two people (I21), the year's close (A7), A10."""

from domain.cash_count import CashCounted, ShortageMadeGood, ShortageWrittenOff
from domain.cash_custody import CustodyAccepted, CustodyOffered
from domain.money import Dong
from domain.payment import PaymentReceived
from domain.spending import (
    KIND_NAMES,
    FundYearClosed,
    VoucherApproved,
    VoucherKind,
    VoucherPaidByBank,
    VoucherProposed,
    VoucherRefused,
    VoucherVoided,
)
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded

_CLOSING_ACCOUNTS = frozenset({"4310", "4320", "6310"})


class SpendingChecker:
    """I19 and I21 for vouchers and counts, A7 for the year's close, and A10: vouchers and counts fit the books."""

    events = frozenset(
        {
            VoucherProposed,
            VoucherApproved,
            VoucherRefused,
            VoucherPaidByBank,
            VoucherVoided,
            FundYearClosed,
            CashCounted,
            ShortageMadeGood,
            ShortageWrittenOff,
            CustodyOffered,
            CustodyAccepted,
            PaymentReceived,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._last: dict[tuple[str, VoucherKind, int], int] = {}
        self._proposed: dict[tuple[str, str], VoucherProposed] = {}
        self._approved: dict[tuple[str, str], VoucherApproved] = {}
        self._booked: dict[tuple[str, str], Dong] = {}
        self._years: set[tuple[str, int]] = set()
        self._counters: dict[str, str] = {}
        self._offers: dict[tuple[str, int], CustodyOffered] = {}
        self._surplus: dict[str, tuple[Recorded, CashCounted]] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Hand the event to the part of the rule that it concerns."""
        match recorded.event:
            case PaymentReceived() as e:
                if e.source.startswith("count:"):
                    self._take_surplus(recorded, e)
            case CashCounted() as e:
                self._count(recorded, e)
            case ShortageMadeGood() as e:
                self._acted(recorded, e.recorded_by)
            case ShortageWrittenOff() as e:
                self._apart(recorded, self._counters.get(e.case_id, "?"), e.decided_by, f"ghi giảm {e.case_id}")
                self._acted(recorded, e.decided_by)
            case CustodyOffered() as e:
                self._offers[e.unit_id, e.number] = e
                self._apart(recorded, e.from_officer, e.to_officer, f"bàn giao quỹ {e.unit_id}")
                self._acted(recorded, e.from_officer)
            case CustodyAccepted() as e:
                self._accept(recorded, e)
            case FundYearClosed() as e:
                self._close(recorded, e)
            case _:
                self._voucher(recorded)

    # --- vouchers -----------------------------------------------------------------------------------------------

    def _voucher(self, recorded: Recorded) -> None:
        match recorded.event:
            case VoucherProposed() as e:
                self._proposed[e.unit_id, e.voucher_id] = e
                self._acted(recorded, e.proposed_by)
            case VoucherApproved() as e:
                self._approve(recorded, e)
            case VoucherRefused() as e:
                self._acted(recorded, e.refused_by)
            case VoucherPaidByBank() as e:
                approved = self._approved.get((e.unit_id, e.voucher_id))
                told = (e.amount, e.account_id, e.analytic)
                if approved is None or told != (approved.amount, approved.asset_key, approved.analytic):
                    self._wrong(recorded, e.unit_id, f"phiếu {e.voucher_id}: ngân hàng chi khác phiếu đã duyệt")
                self._book(recorded, (e.unit_id, e.voucher_id), e.amount)
            case VoucherVoided() as e:
                self._void(recorded, e)
            case _:
                pass

    def _approve(self, recorded: Recorded, e: VoucherApproved) -> None:
        name = f"{KIND_NAMES[e.kind]} số {e.number}/{e.year} của {self._world.name(e.unit_id)}"
        book = (e.unit_id, e.kind, e.year)
        expected = self._last.get(book, 0) + 1
        if e.number != expected:
            self._found.add(
                "I19",
                f"{name} đứng sau số {expected - 1}. Số phiếu phải liền nhau trong năm; tìm phiếu bị mất hoặc bị chèn.",
                recorded,
                unit=e.unit_id,
            )
        self._last[book] = e.number
        asked = self._proposed.get((e.unit_id, e.voucher_id))
        if asked is None or (asked.amount, asked.kind, asked.asset) != (e.amount, e.kind, e.asset):
            self._wrong(recorded, e.unit_id, f"{name}: {dong(e.amount)} được duyệt khác với đề nghị {e.voucher_id}")
        self._apart(recorded, "?" if asked is None else asked.proposed_by, e.approved_by, name)
        self._acted(recorded, e.approved_by)
        self._approved[e.unit_id, e.voucher_id] = e
        self._book(recorded, (e.unit_id, e.voucher_id), e.booked)
        if e.kind is VoucherKind.PAYMENT and e.booked:
            balance = self._world.balance
            own = balance(e.unit_id, "4310") + balance(e.unit_id, "4320") - balance(e.unit_id, "6310")
            left = min(own - balance(e.unit_id, "1370"), balance(e.unit_id, "1110"))
            if left < 0:
                self._wrong(
                    recorded, e.unit_id, f"{name} chi quá {dong(-left)} so với tiền của đơn vị hoặc tiền mặt tại quỹ"
                )

    def _book(self, recorded: Recorded, voucher: tuple[str, str], amount: Dong) -> None:
        if amount and self._booked.get(voucher, 0):
            self._wrong(recorded, voucher[0], f"phiếu {voucher[1]} được ghi sổ hai lần")
        self._booked[voucher] = self._booked.get(voucher, 0) + amount

    def _void(self, recorded: Recorded, e: VoucherVoided) -> None:
        voucher = (e.unit_id, e.voucher_id)
        approved = self._approved.get(voucher)
        if approved is None or (approved.kind, approved.year, approved.number) != (e.kind, e.year, e.number):
            self._found.add(
                "I19",
                f"Huỷ phiếu {e.voucher_id} số {e.number}/{e.year} của {self._world.name(e.unit_id)}, nhưng số này "
                "không phải của phiếu đó. Đối chiếu quyển phiếu.",
                recorded,
                unit=e.unit_id,
            )
        if self._booked.get(voucher, 0) != e.booked:
            self._wrong(
                recorded,
                e.unit_id,
                f"phiếu {e.voucher_id} đã ghi {dong(self._booked.get(voucher, 0))} nhưng đảo {dong(e.booked)}",
            )
        self._booked[voucher] = self._booked.get(voucher, 0) - e.booked
        if e.bank_line is None:
            asked = self._proposed.get(voucher)
            self._apart(recorded, "?" if asked is None else asked.proposed_by, e.voided_by, f"huỷ {e.voucher_id}")
        self._acted(recorded, e.voided_by)

    def _close(self, recorded: Recorded, e: FundYearClosed) -> None:
        sums = dict.fromkeys(_CLOSING_ACCOUNTS, 0)
        for line in e.lines:
            if line.account in sums and line.unit_id == e.unit_id:
                sums[line.account] += line.debit - line.credit
        strange = [line.account for line in e.lines if line.account not in sums or line.unit_id != e.unit_id]
        twice = (e.unit_id, e.year) in self._years
        if twice or strange or (sums["4310"], sums["4320"]) != (e.from_retained, e.from_other):
            self._found.add(
                "A7",
                f"Kết chuyển năm {e.year} của {self._world.name(e.unit_id)} "
                f"{'được ghi lần thứ hai' if twice else 'có dòng hoặc số tiền không đúng với 4310, 4320, 6310'}. "
                "Mỗi năm kết chuyển một lần; so với tổng chi của năm.",
                recorded,
                unit=e.unit_id,
            )
        self._years.add((e.unit_id, e.year))
        self._acted(recorded, e.closed_by)

    # --- cash ---------------------------------------------------------------------------------------------------

    def _count(self, recorded: Recorded, e: CashCounted) -> None:
        name = f"kiểm quỹ lần {e.number} của {self._world.name(e.unit_id)}"
        self._apart(recorded, e.counted_by, e.witnessed_by, name)
        self._acted(recorded, e.counted_by)
        # The count's own entry took the shortage out; a surplus comes in by the payment that follows.
        book = self._world.balance(e.unit_id, "1110") + e.shortage
        if book != e.booked or e.counted != e.booked - e.shortage + e.surplus or (e.shortage and e.surplus):
            self._wrong(
                recorded,
                e.unit_id,
                f"{name} ghi sổ {dong(e.booked)}, đếm {dong(e.counted)}, thiếu {dong(e.shortage)}, thừa "
                f"{dong(e.surplus)}; sổ 1110 lúc đó là {dong(book)}",
            )
        if e.notes and sum(one.value * one.count for one in e.notes) != e.counted:
            self._wrong(recorded, e.unit_id, f"{name}: bảng kê mệnh giá không cộng thành {dong(e.counted)}")
        case = e.case_id or e.payment_id
        if case:
            self._counters[case] = e.counted_by
        if e.surplus:
            self._surplus[e.payment_id or ""] = (recorded, e)

    def _take_surplus(self, recorded: Recorded, e: PaymentReceived) -> None:
        known = self._surplus.pop(e.payment_id, None)
        if known is None or known[1].surplus != e.amount or e.suspense_amount != e.amount:
            self._wrong(recorded, e.unit_id, f"khoản {e.payment_id} {dong(e.amount)} không ứng với lần kiểm quỹ nào")

    def _accept(self, recorded: Recorded, e: CustodyAccepted) -> None:
        offered = self._offers.get((e.unit_id, e.number))
        told = None if offered is None else (offered.from_officer, offered.to_officer, offered.counted)
        if told != (e.from_officer, e.to_officer, e.counted) or self._world.balance(e.unit_id, "1110") != e.counted:
            self._wrong(recorded, e.unit_id, f"nhận bàn giao quỹ {dong(e.counted)} khác với bản bàn giao hoặc sổ 1110")
        self._acted(recorded, e.to_officer)

    def settle(self) -> None:
        """The surplus of a count stands in the books when its command is over."""
        for recorded, e in self._surplus.values():
            self._wrong(recorded, e.unit_id, f"tiền thừa {dong(e.surplus)} của lần kiểm quỹ {e.number} chưa ghi sổ")
        self._surplus.clear()

    # --- findings -----------------------------------------------------------------------------------------------

    def _wrong(self, recorded: Recorded, unit: str, what: str) -> None:
        self._found.add(
            "A10",
            f"{what[:1].upper()}{what[1:]}. Đối chiếu phiếu gốc, biên bản kiểm quỹ và sổ quỹ; sửa bằng sự kiện mới.",
            recorded,
            unit=unit,
        )

    def _apart(self, recorded: Recorded, maker: str, checker: str, what: str) -> None:
        if maker in (checker, "?") or not checker:
            said = "không thấy ai lập" if maker == "?" else f"{checker or 'không ai'} vừa lập vừa duyệt"
            self._found.add("I21", f"Việc {what}: {said}. Hai người khác nhau phải làm; báo Uỷ ban Kiểm tra.", recorded)

    def _acted(self, recorded: Recorded, named: str) -> None:
        if named != recorded.meta.actor:
            self._found.add(
                "I21",
                f"Sự kiện «{recorded.name}» ghi tên {named} nhưng người thao tác là {recorded.meta.actor}. "
                "Xác minh ai đã thật sự làm việc này.",
                recorded,
                unit=recorded.meta.unit,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
