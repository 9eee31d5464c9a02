"""Checks on whose month it is: one obligation and one owning cell a month (I9), none where none is owed (I31)."""

from collections import defaultdict

from domain import member, membership, organisation
from domain.dues_account import DuesAdjusted, DuesAssessed
from domain.errors import Refusal
from domain.identifiers import MemberId, UnitId
from domain.member import Member, State
from domain.membership import (
    MemberAdmitted,
    MemberArrived,
    MembershipEvent,
    MembershipRestored,
    TransferReceived,
)
from domain.money import Dong
from domain.period import Month, shift
from domain.policy import SettingActivated
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded

#: What is assessed and open for members' months, in the memo book.
_OPEN = "0110"

_MEMO = frozenset(cls for cls, rules in RULES.items() if any(rule.account in (_OPEN, "{account}") for rule in rules))
_FOLDED = frozenset(
    {
        member.MemberEnrolled,
        member.StandingDeclared,
        member.ReliefGranted,
        member.ReliefEnded,
        *MembershipEvent.__args__,
    }
)


class MembershipChecker:
    """I9 and I31: folds where each member belongs, and follows what is open for each month from book to book."""

    events = frozenset({*_MEMO, *_FOLDED, DuesAssessed, DuesAdjusted, SettingActivated})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._states: dict[str, State] = {}
        self._assessed: set[tuple[str, str]] = set()
        #: member → month → unit → open; only what is not zero is kept.
        self._open: dict[str, dict[str, dict[str, Dong]]] = defaultdict(dict)
        self._touched: dict[str, Recorded] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Fold the member, follow the memo book, and look at each new obligation."""
        event = recorded.event
        if type(event) in _FOLDED:
            self._belongs(recorded)
        for line in lines:
            if line.account == _OPEN and ":" in line.key:
                self._move(recorded, line)
        if isinstance(event, DuesAssessed):
            self._assess(recorded, event)
        elif isinstance(event, DuesAdjusted) and event.after.due > 0:
            self._exempt(recorded, event.member_id, event.month, event.after.due)

    # --- where a member belongs -----------------------------------------------------------------------------------

    def _belongs(self, recorded: Recorded) -> None:
        event = recorded.event
        assert isinstance(event, member.MemberEvent)
        state = self._states.get(event.member_id, member.UNKNOWN)
        if isinstance(event, MembershipEvent):
            problem = _fits(state, event)
            if problem:
                self._found.add(
                    "I9",
                    f"Đảng viên {event.member_id}: {problem}. Đối chiếu giấy giới thiệu, quyết định với sổ hai nơi; "
                    "sửa bằng sự kiện mới.",
                    recorded,
                    unit=event.unit_id,
                )
            self._touched[event.member_id] = recorded
        try:
            self._states[event.member_id] = member.evolve(state, event)
        except (Refusal, StopIteration):
            self._found.add(
                "I9",
                f"Đảng viên {event.member_id} có biến động mà chưa từng vào danh sách nào. Tìm sự kiện đã mất.",
                recorded,
            )

    # --- what is open for whom ------------------------------------------------------------------------------------

    def _move(self, recorded: Recorded, line: Line) -> None:
        who, _, month = line.key.rpartition(":")
        books = self._open[who].setdefault(month, {})
        left = books.get(line.unit, 0) + line.amount
        if left:
            books[line.unit] = left
        else:
            books.pop(line.unit, None)
            if not books:
                del self._open[who][month]
        self._touched[who] = recorded

    def _assess(self, recorded: Recorded, event: DuesAssessed) -> None:
        key = (event.member_id, event.month)
        if key in self._assessed:
            self._found.add(
                "I9",
                f"Đảng viên {event.member_id} có nghĩa vụ thứ hai cho tháng {event.month}. Mỗi tháng chỉ một nghĩa vụ, "
                "dù đã chuyển nơi sinh hoạt; huỷ nghĩa vụ ghi sau bằng bút toán điều chỉnh.",
                recorded,
                unit=event.unit_id,
            )
        self._assessed.add(key)
        owner = self._owner(event.member_id, event.month)
        if owner is not None and owner != self._owner_of(event.unit_id):
            self._found.add(
                "I9",
                f"Tháng {event.month} của đảng viên {event.member_id} thuộc {self._world.name(owner)} nhưng nghĩa vụ "
                f"ghi cho {self._world.name(event.unit_id)}. Chuyển phần còn nợ về đúng đơn vị.",
                recorded,
                unit=event.unit_id,
            )
        if owner is None and isinstance(self._states.get(event.member_id), Member) and event.due > 0:
            self._found.add(
                "I31",
                f"Đảng viên {event.member_id} không thuộc đơn vị nào của sổ này trong tháng {event.month} mà vẫn có "
                f"nghĩa vụ {dong(event.due)}. Kiểm tra tháng đầu, tháng cuối; thôi thu bằng quyết định.",
                recorded,
                unit=event.unit_id,
            )
        self._exempt(recorded, event.member_id, event.month, event.due)

    def _exempt(self, recorded: Recorded, who: MemberId, month: Month, due: Dong) -> None:
        """Outside the scope nothing may be assessed at all; exempt by decision, nothing may be due."""
        known = self._states.get(who)
        if not isinstance(known, Member):
            return
        if not member.is_billed(known, month, self._world.policy):
            self._found.add(
                "I31",
                f"Đảng viên {who} ngoài phạm vi thu tháng {month} (ở nước ngoài hoặc lực lượng vũ trang, thiết lập "
                "chưa bật) mà vẫn có nghĩa vụ. Thôi thu tháng này, hoặc bật thiết lập bằng quyết định.",
                recorded,
            )
        relief = member.relief_in(known, month)
        if relief is not None and relief.percent == 100 and due > 0:
            self._found.add(
                "I31",
                f"Đảng viên {who} được miễn tháng {month} theo {relief.decision} mà vẫn phải đóng {dong(due)}. "
                "Điều chỉnh nghĩa vụ theo quyết định miễn.",
                recorded,
            )

    def _owner(self, who: str, month: str) -> UnitId | None:
        known = self._states.get(who)
        if not isinstance(known, Member):
            return None
        owner = membership.owner_in(known.membership, Month(month))
        return None if owner is None else self._owner_of(owner)

    def _owner_of(self, unit: UnitId) -> UnitId:
        return organisation.owner(self._world.organisation, unit)

    def settle(self) -> None:
        """Between commands each open month stands in the books of the one unit that owns it."""
        for who, recorded in self._touched.items():
            if who not in self._states:
                continue
            for month, books in self._open.get(who, {}).items():
                owner = self._owner(who, month)
                for unit, left in books.items():
                    if left < 0 or owner is None or unit != owner:
                        self._found.add(
                            "I9",
                            f"Đảng viên {who}, tháng {month}: {dong(left)} còn mở trong sổ {self._world.name(unit)}, "
                            f"mà tháng này thuộc {'không đơn vị nào' if owner is None else self._world.name(owner)}. "
                            "Chuyển phần còn nợ về đúng đơn vị, hoặc thôi thu bằng quyết định.",
                            recorded,
                            unit=unit,
                        )
        self._touched.clear()

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        self.settle()
        return self._found.all()


def _fits(state: State, event: MembershipEvent) -> str:
    """Why an event does not go on from where the member was, or an empty text: no gap, no overlap."""
    if not isinstance(state, Member):
        return "" if isinstance(event, MemberAdmitted | MemberArrived) else "biến động không có lần vào danh sách"
    known = state.membership
    match event:
        case TransferReceived():
            given = known.pending
            if given is None or given.letter != event.letter or given.to_unit != event.unit_id:
                return f"tiếp nhận theo giấy {event.letter} mà không có giấy như vậy đang chờ ở đơn vị này"
            if (given.unit_id, shift(given.paid_through, 1), given.to_month, given.payee_id) != (
                event.from_unit,
                event.from_month,
                event.to_month,
                event.payee_id,
            ):
                return (
                    f"giấy {event.letter} ghi đã đóng đến tháng {given.paid_through} ở {given.unit_id}, nơi đến lại "
                    f"thu từ tháng {event.from_month}: có tháng bị hở hoặc bị thu hai nơi"
                )
        case MembershipRestored():
            last = known.spells[-1].to_month if known.spells else None
            if membership.present(known) is not None or last is None or event.from_month != shift(last, 1):
                return f"phục hồi từ tháng {event.from_month} không nối tiếp tháng cuối {last}"
        case MemberAdmitted() | MemberArrived():
            lasting = isinstance(event, MemberAdmitted) or event.to_month is None
            if lasting and membership.present(known) is not None:
                return "vào danh sách lần nữa khi đang ở danh sách của nơi khác"
        case _:
            pass
    return ""
