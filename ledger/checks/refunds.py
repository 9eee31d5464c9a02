"""Checks on money given back: never more than there was, and every đồng taken from a named place (I8)."""

from dataclasses import replace

from domain.declaration import DeclarationRestated
from domain.dues_account import ApplicationUndone, CreditReleased
from domain.money import Dong
from domain.passed_on import RefundTakenOver
from domain.payment import SuspenseReleased
from domain.refund import (
    PayoutFailed,
    RefundApproved,
    RefundPaidOut,
    RefundRequested,
    RefundTakenFromUnsplit,
    Source,
)
from domain.refund_cases import ClawBackReceived, ClawBackSent, RefundWithdrawn
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded

#: A refund is booked by its second approval (01-QĐ/TW leaves it to the committee; accounting §3).
APPROVALS = 2


class _Refund:
    """What is known of one refund; đồng."""

    __slots__ = ("approvals", "asked", "booked", "paid", "undone", "withdrawn")

    def __init__(self) -> None:
        self.asked: RefundRequested | None = None
        self.approvals = 0
        self.withdrawn = False
        self.booked: Dong = 0
        self.paid: Dong = 0
        self.undone: Dong = 0


class RefundsChecker:
    """I8: what is given back was asked for, approved, and taken out of what there was."""

    events = frozenset(
        {
            RefundRequested,
            RefundWithdrawn,
            RefundTakenOver,
            ClawBackSent,
            ClawBackReceived,
            RefundApproved,
            RefundTakenFromUnsplit,
            RefundPaidOut,
            PayoutFailed,
            CreditReleased,
            SuspenseReleased,
            ApplicationUndone,
            DeclarationRestated,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._refunds: dict[str, _Refund] = {}
        self._touched: dict[str, Recorded] = {}
        self._down: dict[tuple[str, str], Dong] = {}  #: claw-back sent down and not received

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Add the event to its refund."""
        event = recorded.event
        match event:
            case RefundRequested():
                self._touch(event.refund_id, recorded).asked = event
            case RefundApproved():
                self._touch(event.refund_id, recorded).approvals += 1
            case RefundWithdrawn():
                self._touch(event.refund_id, recorded).withdrawn = True
            case RefundTakenOver():
                # Its source went over too: whatever is checked from now on stands in the successor's books.
                known = self._touch(event.refund_id, recorded)
                known.asked = None if known.asked is None else replace(known.asked, unit_id=event.unit_id)
            case ClawBackSent():
                self._send_down(recorded, event)
            case ClawBackReceived():
                self._receive_below(recorded, event)
            case RefundTakenFromUnsplit() | CreditReleased() | SuspenseReleased():
                self._touch(event.refund_id, recorded).booked += event.amount
            case DeclarationRestated(is_origin=True):
                self._touch(event.refund_id, recorded).booked += event.reduced_by
            case ApplicationUndone():
                self._touch(event.refund_id, recorded).undone += event.amount
            case RefundPaidOut():
                self._touch(event.refund_id, recorded).paid += event.amount
            case PayoutFailed():
                self._touch(event.refund_id, recorded).paid -= event.amount
            case _:
                pass

    def _send_down(self, recorded: Recorded, event: ClawBackSent) -> None:
        """What a superior gives back by transfer is at most what it owes for this refund."""
        key = (event.refund_id, event.superior_id)
        owed = self._world.balance(event.superior_id, "3365", event.refund_id)
        if event.amount + self._down.get(key, 0) > owed:
            self._wrong_down(recorded, event.refund_id, event.superior_id, f"chỉ còn phải trả {dong(owed)}")
        self._down[key] = self._down.get(key, 0) + event.amount

    def _receive_below(self, recorded: Recorded, event: ClawBackReceived) -> None:
        key = (event.refund_id, event.superior_id)
        if event.amount != self._down.pop(key, 0):
            self._wrong_down(recorded, event.refund_id, event.superior_id, "số cấp dưới nhận khác số đã chuyển")

    def _wrong_down(self, recorded: Recorded, refund_id: str, superior: str, what: str) -> None:
        self._found.add(
            "I8",
            f"Hoàn trả {refund_id}: {self._world.name(superior)} chuyển trả cấp dưới, nhưng {what}. "
            "Đối chiếu sao kê hai bên với phần của từng cấp.",
            recorded,
            unit=superior,
            account="3365",
        )

    def _touch(self, refund_id: str, recorded: Recorded) -> _Refund:
        self._touched[refund_id] = recorded
        known = self._refunds.get(refund_id)
        if known is None:
            known = self._refunds[refund_id] = _Refund()
        return known

    def settle(self) -> None:
        """After each command the refunds it touched add up."""
        if not self._touched:
            return
        for refund_id, recorded in self._touched.items():
            problem = self._problem(refund_id, self._refunds[refund_id])
            if problem:
                asked = self._refunds[refund_id].asked
                self._found.add(
                    "I8",
                    f"Hoàn trả {refund_id}: {problem}",
                    recorded,
                    unit=None if asked is None else asked.unit_id,
                )
        self._touched.clear()

    def _problem(self, refund_id: str, known: _Refund) -> str:
        asked = known.asked
        if asked is None:
            return "có bút toán mà không có đề nghị. Tìm đề nghị đã mất; không chi khoản này."
        if known.withdrawn and known.approvals >= APPROVALS:
            return "đã rút mà vẫn đủ hai người duyệt. Không chi khoản này."
        due = asked.amount if known.approvals >= APPROVALS else 0
        if known.booked != due:
            return (
                f"đã rút {dong(known.booked)} khỏi nguồn, phải là {dong(due)} ({known.approvals} người duyệt, đề nghị "
                f"{dong(asked.amount)}). Đối chiếu quyết định hoàn trả."
            )
        if asked.source in (Source.UNSPLIT, Source.SPLIT) and known.undone != due:
            return (
                f"đã gỡ {dong(known.undone)} khỏi tháng {asked.month} của đảng viên, phải là {dong(due)}. "
                "Đối chiếu sổ đảng viên."
            )
        if not 0 <= known.paid <= due:
            return f"đã chi {dong(known.paid)}, chỉ được chi {dong(due)}. Thu hồi phần chi thừa."
        open_amount = self._world.balance(asked.unit_id, "3370", refund_id)
        if open_amount != due - known.paid:
            return (
                f"tài khoản 3370 còn {dong(open_amount)}, phải còn {dong(due - known.paid)}. "
                "Kiểm tra bút toán duyệt và chi của hoàn trả này."
            )
        return ""

    def finish(self) -> tuple[Finding, ...]:
        """At the head: what is asked for and not approved yet must still be there."""
        pending: dict[tuple[str, str, str], tuple[Dong, str]] = {}
        for refund_id, known in self._refunds.items():
            asked = known.asked
            if asked is None or known.withdrawn or known.approvals >= APPROVALS:
                continue
            if asked.source is Source.CREDIT:
                place = (asked.unit_id, "3340", str(asked.member_id))
            elif asked.source is Source.SUSPENSE:
                place = (asked.unit_id, "3380", str(asked.payment_id))
            elif asked.source is Source.UNSPLIT:
                place = (asked.unit_id, "3310", "own")
            else:
                continue
            amount, cases = pending.get(place, (0, ""))
            pending[place] = (amount + asked.amount, f"{cases}, {refund_id}" if cases else refund_id)
        for (unit, account, key), (amount, cases) in pending.items():
            there = self._world.balance(unit, account, key)
            if amount > there:
                self._found.add(
                    "I8",
                    f"Các đề nghị hoàn trả đang chờ duyệt ({cases}) cộng {dong(amount)}, nhưng nguồn {account} «{key}» "
                    f"chỉ còn {dong(there)}. Không duyệt thêm; rút hoặc giảm một đề nghị.",
                    unit=unit,
                    account=account,
                )
        return self._found.all()
