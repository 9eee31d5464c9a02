"""Checks on what members owe: never overpaid (I6), applied and undone once (I7)."""

from domain.dues_account import (
    AheadApplied,
    AheadReturned,
    ApplicationUndone,
    CollectedAhead,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    CreditReserved,
    CreditUnreserved,
    DuesAdjusted,
    DuesAssessed,
    OpeningCreditCarried,
    PaymentApplied,
    ReliefRecognised,
    SurplusAccepted,
    YearOpened,
)
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied
from domain.dues_moves import MonthWaived
from domain.money import Dong
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class DuesChecker:
    """I6 and I7 over members' accounts, and the credit side of I8."""

    events = frozenset(
        {
            DuesAssessed,
            PaymentApplied,
            CreditHeld,
            OpeningCreditCarried,
            CreditApplied,
            CreditReleased,
            CreditReserved,
            CreditUnreserved,
            ApplicationUndone,
            ReliefRecognised,
            DuesAdjusted,
            CollectedAhead,
            AheadApplied,
            AheadReturned,
            SurplusAccepted,
            MonthWaived,
            PaymentUnapplied,
            CreditUnapplied,
            CreditUnheld,
            YearOpened,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._owed: dict[tuple[str, str], list[Dong]] = {}  #: (member, month) → [due, applied]
        self._open: dict[str, Dong] = {}  #: member → everything owed
        self._credit: dict[str, Dong] = {}
        self._reserved: dict[str, dict[str, Dong]] = {}  #: member → refund asked for → what waits for it
        self._applications: dict[str, int] = {}  #: stream → last n
        self._undone: set[tuple[str, str, str]] = set()

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Follow one member's account."""
        event = recorded.event
        if recorded.version == 1 and not isinstance(event, YearOpened):
            self._begins(recorded)
        match event:
            case DuesAssessed():
                self._assess(recorded, event)
            case PaymentApplied():
                self._apply(recorded, event)
            case CreditApplied():
                self._apply(recorded, event)
                self._spend(recorded, event.member_id, event.amount, "I6")
            case CreditHeld() | OpeningCreditCarried():
                self._credit[event.member_id] = self._credit.get(event.member_id, 0) + event.amount
            case DuesAdjusted():
                self._adjust(recorded, event)
            case CollectedAhead() | SurplusAccepted():
                self._spend(recorded, event.member_id, event.amount, "I6")
            case AheadApplied():
                self._apply(recorded, event)
            case AheadReturned():
                self._credit[event.member_id] = self._credit.get(event.member_id, 0) + event.amount
            case CreditReserved():
                self._reserve(recorded, event)
            case CreditUnreserved():
                self._let_go(recorded, event)
            case CreditReleased():
                self._reserved.get(event.member_id, {}).pop(event.refund_id, None)
                self._spend(recorded, event.member_id, event.amount, "I8")
            case ApplicationUndone():
                self._undo(recorded, event)
            case PaymentUnapplied():
                self._move(recorded, event.member_id, event.month, applied=-event.amount)
            case CreditUnapplied():
                self._move(recorded, event.member_id, event.month, applied=-event.amount)
                self._credit[event.member_id] = self._credit.get(event.member_id, 0) + event.amount
            case CreditUnheld():
                self._spend(recorded, event.member_id, event.amount, "I6")
            case ReliefRecognised() | MonthWaived():
                self._move(recorded, event.member_id, event.month, due=-event.amount)
            case YearOpened():
                self._open_year(recorded, event)
            case _:
                pass

    def _begins(self, recorded: Recorded) -> None:
        member = recorded.stream.split("/")[1] if recorded.stream.count("/") == 2 else ""
        left, credit = self._open.get(member, 0), self._credit.get(member, 0)
        if left or credit:
            self._found.add(
                "I6",
                f"Sổ năm mới của đảng viên {member} bắt đầu mà không mang sang {dong(left)} còn nợ và {dong(credit)} "
                "đóng thừa của năm trước. Lập bút toán mang sang.",
                recorded,
            )

    def _assess(self, recorded: Recorded, event: DuesAssessed) -> None:
        key = (event.member_id, event.month)
        if key in self._owed:
            self._found.add(
                "I6",
                f"Đảng viên {event.member_id} có hai nghĩa vụ cho tháng {event.month}. Một tháng chỉ một nghĩa vụ; "
                "huỷ nghĩa vụ ghi sau bằng bút toán điều chỉnh.",
                recorded,
                unit=event.unit_id,
            )
            return
        self._owed[key] = [event.due, 0]
        self._open[event.member_id] = self._open.get(event.member_id, 0) + event.due

    def _apply(self, recorded: Recorded, event: PaymentApplied | CreditApplied | AheadApplied) -> None:
        self._move(recorded, event.member_id, event.month, applied=event.amount)
        expected = self._applications.get(recorded.stream, 0) + 1
        if event.n != expected:
            self._found.add(
                "I7",
                f"Đảng viên {event.member_id}, tháng {event.month}: lần trừ số {event.n} đứng ở chỗ của lần "
                f"{expected}, nên có lần trừ bị lặp hoặc bị mất. Đối chiếu các khoản đã đóng của người này.",
                recorded,
                unit=event.unit_id,
            )
        self._applications[recorded.stream] = event.n

    def _adjust(self, recorded: Recorded, event: DuesAdjusted) -> None:
        """The month as reckoned again: what stood is as told, and all that was paid beyond it has a name."""
        item = self._owed.get((event.member_id, event.month), [0, 0])
        if [event.before.due, event.applied_before] != item or event.undone != event.to_credit + event.to_ahead:
            self._found.add(
                "I6",
                f"Đảng viên {event.member_id}, điều chỉnh tháng {event.month}: sổ đang có phải đóng {dong(item[0])}, "
                f"đã trừ {dong(item[1])}; điều chỉnh ghi {dong(event.before.due)} và {dong(event.applied_before)}, "
                f"tiền vượt {dong(event.undone)} phải bằng phần thành đóng thừa cộng phần đã thu. Lập điều chỉnh mới.",
                recorded,
                unit=event.unit_id,
            )
        self._credit[event.member_id] = self._credit.get(event.member_id, 0) + event.to_credit
        due = event.after.due - event.before.due
        self._move(recorded, event.member_id, event.month, due=due, applied=-event.undone)

    def _undo(self, recorded: Recorded, event: ApplicationUndone) -> None:
        self._move(recorded, event.member_id, event.month, applied=-event.amount)
        key = (event.member_id, event.month, event.refund_id)
        if key in self._undone:
            self._found.add(
                "I7",
                f"Hoàn trả {event.refund_id} gỡ khoản đã đóng tháng {event.month} của đảng viên {event.member_id} hai "
                "lần. Lần sau là thừa; lập bút toán ghi lại.",
                recorded,
                unit=event.unit_id,
            )
        self._undone.add(key)

    def _move(self, recorded: Recorded, member: str, month: str, *, due: Dong = 0, applied: Dong = 0) -> None:
        item = self._owed.get((member, month))
        if item is None:
            self._found.add(
                "I6",
                f"Đảng viên {member}: tháng {month} chưa có nghĩa vụ mà đã ghi {dong(abs(applied or due))}. "
                "Tiền vượt nghĩa vụ phải là đóng thừa có tên.",
                recorded,
            )
            return
        item[0] += due
        item[1] += applied
        self._open[member] = self._open.get(member, 0) + due - applied
        if not 0 <= item[1] <= item[0]:
            self._found.add(
                "I6",
                f"Đảng viên {member}, tháng {month}: đã trừ {dong(item[1])} cho nghĩa vụ {dong(item[0])}. Phần vượt "
                "phải là đóng thừa; đối chiếu các khoản đã đóng của tháng.",
                recorded,
            )

    def _spend(self, recorded: Recorded, member: str, amount: Dong, check: str) -> None:
        left = self._credit.get(member, 0) - amount
        self._credit[member] = left
        if left < 0:
            self._found.add(
                check,
                f"Đảng viên {member}: dùng {dong(amount)} đóng thừa trong khi chỉ còn {dong(left + amount)}. "
                "Đối chiếu các lần đóng thừa, trừ dần và hoàn trả.",
                recorded,
            )

        elif left < (waits := sum(self._reserved.get(member, {}).values())):
            self._found.add(
                "I8",
                f"Đảng viên {member}: còn {dong(left)} đóng thừa trong khi {dong(waits)} đang chờ duyệt hoàn trả. "
                "Không duyệt thêm; rút đề nghị hoàn trả, hoặc điều chỉnh lần dùng số đóng thừa này.",
                recorded,
            )

    def _reserve(self, recorded: Recorded, event: CreditReserved) -> None:
        """A new year's account says again what waits, so the same refund counts once."""
        self._reserved.setdefault(event.member_id, {})[event.refund_id] = event.amount
        self._spend(recorded, event.member_id, 0, "I8")

    def _let_go(self, recorded: Recorded, event: CreditUnreserved) -> None:
        waits = self._reserved.get(event.member_id, {}).pop(event.refund_id, 0)
        if waits != event.amount:
            self._found.add(
                "I8",
                f"Hoàn trả {event.refund_id} của đảng viên {event.member_id}: thôi giữ riêng {dong(event.amount)} "
                f"trong khi đang giữ {dong(waits)}. Đối chiếu đề nghị và lần rút.",
                recorded,
                unit=event.unit_id,
            )

    def _open_year(self, recorded: Recorded, event: YearOpened) -> None:
        told = sum(item.assessed - item.relieved - item.applied for item in event.items)
        left, credit = self._open.get(event.member_id, 0), self._credit.get(event.member_id, 0)
        if (told, event.credit) != (left, credit):
            self._found.add(
                "I6",
                f"Đảng viên {event.member_id} sang năm {event.year}: mang sang nợ {dong(told)}, đóng thừa "
                f"{dong(event.credit)}, nhưng năm trước còn nợ {dong(left)}, thừa {dong(credit)}. Lập bút toán sửa.",
                recorded,
                unit=event.unit_id,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
