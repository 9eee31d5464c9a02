"""Checks on what is held for a member beside ordinary credit: collected ahead, and surpluses that wait (I6)."""

from collections import defaultdict

from domain.dues_account import (
    AheadApplied,
    AheadReturned,
    CollectedAhead,
    DuesAdjusted,
    PendingCarried,
    SurplusAccepted,
    SurplusDeclared,
    SurplusRejected,
    YearOpened,
)
from domain.money import Dong
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class HeldChecker:
    """I6: money collected ahead is used once, a surplus is decided once in its own amount, years carry both over."""

    events = frozenset(
        {
            DuesAdjusted,
            CollectedAhead,
            AheadApplied,
            AheadReturned,
            SurplusDeclared,
            SurplusAccepted,
            SurplusRejected,
            PendingCarried,
            YearOpened,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._ahead: dict[str, Dong] = defaultdict(int)
        self._waiting: dict[str, dict[str, Dong]] = defaultdict(dict)
        self._to_carry: dict[str, Recorded] = {}  #: members whose new year must still take over what is pending

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Follow what is held."""
        event = recorded.event
        match event:
            case DuesAdjusted():
                self._ahead[event.member_id] += event.to_ahead
            case CollectedAhead():
                self._ahead[event.member_id] += event.amount
            case AheadApplied() | AheadReturned():
                self._use(recorded, event.member_id, event.amount)
            case SurplusDeclared():
                self._waiting[event.member_id][event.surplus_id] = event.amount
            case SurplusAccepted() | SurplusRejected():
                self._decide(recorded, event)
            case YearOpened():
                if self._ahead[event.member_id] or self._waiting[event.member_id]:
                    self._to_carry[event.member_id] = recorded
            case PendingCarried():
                self._carry(recorded, event)
            case _:
                pass

    def _use(self, recorded: Recorded, member: str, amount: Dong) -> None:
        self._ahead[member] -= amount
        if self._ahead[member] < 0:
            self._found.add(
                "I6",
                f"Đảng viên {member}: dùng {dong(amount)} đã thu trước trong khi chỉ còn "
                f"{dong(self._ahead[member] + amount)}. Đối chiếu các lần điều chỉnh, thu trước và trừ dần.",
                recorded,
            )

    def _decide(self, recorded: Recorded, event: SurplusAccepted | SurplusRejected) -> None:
        waits = self._waiting[event.member_id].pop(event.surplus_id, None)
        if waits != event.amount:
            known = "không có đề nghị nào đang chờ" if waits is None else f"đề nghị đang chờ là {dong(waits)}"
            self._found.add(
                "I6",
                f"Khoản đóng thêm {event.surplus_id} của đảng viên {event.member_id}: quyết định ghi "
                f"{dong(event.amount)}, {known}. Mỗi đề nghị chỉ quyết định một lần, đúng số tiền.",
                recorded,
                unit=event.unit_id,
            )

    def _carry(self, recorded: Recorded, event: PendingCarried) -> None:
        self._to_carry.pop(event.member_id, None)
        told = {row.surplus_id: row.amount for row in event.surpluses}
        if (event.ahead, told) != (self._ahead[event.member_id], self._waiting[event.member_id]):
            self._found.add(
                "I6",
                f"Đảng viên {event.member_id} sang năm {event.year}: mang sang {dong(event.ahead)} đã thu trước và "
                f"{len(told)} khoản đóng thêm đang chờ, năm trước có {dong(self._ahead[event.member_id])} và "
                f"{len(self._waiting[event.member_id])}. Lập bút toán sửa.",
                recorded,
                unit=event.unit_id,
            )

    def finish(self) -> tuple[Finding, ...]:
        """Also: a new year that took over what was open but not what was pending."""
        for member, recorded in self._to_carry.items():
            self._found.add(
                "I6",
                f"Đảng viên {member}: sổ năm mới không mang sang khoản đã thu trước hoặc khoản đóng thêm đang chờ.",
                recorded,
            )
        return self._found.all()
