"""Checks on what members owe: never overpaid (I6), applied and undone once (I7), reckoned again (I10)."""

from dataclasses import dataclass

from domain.dues_account import (
    ApplicationUndone,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    DuesAssessed,
    OpeningCreditCarried,
    PaymentApplied,
    ReliefRecognised,
    YearOpened,
)
from domain.money import WHOLE_BP, Dong, ratio_half_up
from domain.period import Month
from domain.policy_rows import (
    BaseKind,
    CapRow,
    RateRow,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    WageRow,
    in_force,
)
from ledger.checks_base import POLICY_EVENTS, Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


@dataclass(slots=True)
class _Owed:
    """One obligation; đồng. ``exact`` is base × rate in millionths without the relief, ``unit`` the rounding's."""

    due: Dong
    exact: int
    unit: Dong


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
            ApplicationUndone,
            ReliefRecognised,
            YearOpened,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._owed: dict[tuple[str, str], list[Dong]] = {}  #: (member, month) → [due, applied]
        self._open: dict[str, Dong] = {}  #: member → everything owed
        self._credit: dict[str, Dong] = {}
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
            case CreditReleased():
                self._spend(recorded, event.member_id, event.amount, "I8")
            case ApplicationUndone():
                self._undo(recorded, event)
            case ReliefRecognised():
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

    def _apply(self, recorded: Recorded, event: PaymentApplied | CreditApplied) -> None:
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


class ReckoningChecker:
    """I10: each obligation, and each relief found later, reckoned again from the rows then in force.

    Written from the rules and not by calling the domain's own reckoning, so that a fault there shows here.
    """

    events = frozenset({DuesAssessed, ReliefRecognised, *POLICY_EVENTS})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._owed: dict[tuple[str, str], _Owed] = {}
        self._rates: dict[tuple[str, str], RateRow | None] = {}
        self._wages: dict[tuple[str | None, str], WageRow | None] = {}
        self._caps: dict[tuple[BaseKind, str], CapRow | None] = {}
        self._roundings: dict[str, RoundingRow | None] = {}
        self._reliefs: dict[tuple[str | None, str], ReliefRow | None] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Reckon again; a new row of the law clears what was remembered of it."""
        event = recorded.event
        match event:
            case DuesAssessed():
                problem = self._assess(event)
                if problem:
                    self._found.add(
                        "I10",
                        f"Đảng viên {event.member_id}, tháng {event.month} (dòng {event.rule}): {problem}. Tính lại "
                        "bằng tay theo văn bản; nếu sổ sai thì điều chỉnh bằng quyết định.",
                        recorded,
                        unit=event.unit_id,
                    )
            case ReliefRecognised():
                self._relieve(recorded, event)
            case _:
                for remembered in (self._rates, self._wages, self._caps, self._roundings, self._reliefs):
                    remembered.clear()

    def _assess(self, event: DuesAssessed) -> str:
        """What does not agree, or an empty text."""
        month = event.month
        rate = self._rate(event.category, month)
        rounding = self._rounding(month)
        if rate is None or rate.id != event.rule or rate.document != event.document:
            return f"dòng có hiệu lực lúc ghi của nhóm {event.category} là {rate.id if rate else 'không có'}"
        if rounding is None or rounding.id != event.rounding:
            return f"quy tắc làm tròn có hiệu lực là {rounding.id if rounding else 'không có'}, ghi {event.rounding}"
        counted, problem = self._counted(event, rate)
        if problem:
            return problem
        percent = event.relief_percent
        if percent:
            relief = self._relief(event.relief, month)
            if relief is None or percent not in relief.percents:
                return f"diện {event.relief} không cho giảm {percent}% trong tháng này"
        exact = counted * (WHOLE_BP if rate.value_bp is None else rate.value_bp)
        self._owed[event.member_id, month] = _Owed(event.due, exact, rounding.unit)
        gross, due = _rounded(exact, 0, rounding.unit), _rounded(exact, percent, rounding.unit)
        if (event.gross, event.due, event.relieved) != (gross, due, gross - due):
            return (
                f"sổ ghi {dong(event.gross)}, giảm {dong(event.relieved)}, phải đóng {dong(event.due)}; tính lại được "
                f"{dong(gross)}, giảm {dong(gross - due)}, phải đóng {dong(due)}"
            )
        return ""

    def _counted(self, event: DuesAssessed, rate: RateRow) -> tuple[Dong, str]:
        """The amount the rate is applied to, or why the recorded one cannot be right."""
        if rate.base_kind is BaseKind.NONE:
            return rate.value_dong or 0, ""
        if rate.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE:
            wage = self._wage(event.region, event.month)
            if wage is None or wage.amount != event.base:
                known = "không có" if wage is None else dong(wage.amount)
                return 0, f"lương tối thiểu vùng {event.region} là {known}, ghi {event.base}"
            return wage.amount, ""
        if event.base is None or event.base_month is None:
            return 0, "thiếu căn cứ tính"
        cap = self._cap(rate.base_kind, event.base_month)
        limit = cap.amount if cap is not None and event.base > cap.amount else None
        if limit != event.cap:
            return 0, f"trần căn cứ phải là {limit}, ghi {event.cap}"
        return (event.base if limit is None else limit), ""

    def _relieve(self, recorded: Recorded, event: ReliefRecognised) -> None:
        owed = self._owed.get((event.member_id, event.month))
        if owed is None:
            return
        off = max(0, owed.due - _rounded(owed.exact, event.percent, owed.unit))
        owed.due -= event.amount
        if event.amount != off:
            self._found.add(
                "I10",
                f"Đảng viên {event.member_id}, tháng {event.month}: miễn giảm {event.percent}% theo {event.decision} "
                f"ghi {dong(event.amount)}, tính lại được {dong(off)}. Kiểm tra quyết định và sửa bằng quyết định mới.",
                recorded,
                unit=event.unit_id,
            )

    # --- the law in force, remembered until it changes ------------------------------------------------------------

    def _rate(self, category: str, month: Month) -> RateRow | None:
        key = (category, month)
        if key not in self._rates:
            rows = (row for row in self._world.policy.active.rates if row.category == category)
            self._rates[key] = in_force(rows, month)
        return self._rates[key]

    def _wage(self, region: str | None, month: Month) -> WageRow | None:
        key = (region, month)
        if key not in self._wages:
            self._wages[key] = in_force((row for row in self._world.policy.active.wages if row.region == region), month)
        return self._wages[key]

    def _cap(self, kind: BaseKind, month: Month) -> CapRow | None:
        key = (kind, month)
        if key not in self._caps:
            self._caps[key] = in_force((row for row in self._world.policy.active.caps if row.base_kind == kind), month)
        return self._caps[key]

    def _rounding(self, month: Month) -> RoundingRow | None:
        if month not in self._roundings:
            rows = (r for r in self._world.policy.active.roundings if r.scope is RoundingScope.OBLIGATION)
            self._roundings[month] = in_force(rows, month)
        return self._roundings[month]

    def _relief(self, ground: str | None, month: Month) -> ReliefRow | None:
        key = (ground, month)
        if key not in self._reliefs:
            self._reliefs[key] = in_force((row for row in self._world.policy.active.reliefs if row.id == ground), month)
        return self._reliefs[key]

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()


def _rounded(exact: int, percent: int, unit: Dong) -> Dong:
    """``exact`` (base × basis points) less a relief, rounded once, half up, to a multiple of ``unit``."""
    return ratio_half_up(exact, 100 - percent, WHOLE_BP * 100 * unit) * unit
