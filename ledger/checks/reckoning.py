"""Checks that every obligation, and every adjustment of one, reckons again to the đồng (I10)."""

from dataclasses import dataclass

from domain.dues_account import DuesAdjusted, DuesAssessed, Reckoning, ReliefRecognised
from domain.member_amount import AmountSet, amount_in
from domain.money import WHOLE_BP, Dong, ratio_half_up
from domain.period import Month
from domain.policy_rows import (
    BaseKind,
    CapRow,
    RateKind,
    RateRow,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    WageRow,
    in_force,
)
from ledger.checks.base import POLICY_EVENTS, Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


@dataclass(slots=True)
class _Owed:
    """One obligation; đồng. ``exact`` is base × rate in millionths without the relief, ``unit`` the rounding's."""

    due: Dong
    gross: Dong
    exact: int
    unit: Dong


class ReckoningChecker:
    """I10: each obligation, each adjustment and each relief found later, reckoned again from the rows then in force.

    Written from the rules and not by calling the domain's own reckoning, so that a fault there shows here.
    """

    events = frozenset({DuesAssessed, DuesAdjusted, ReliefRecognised, AmountSet, *POLICY_EVENTS})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._owed: dict[tuple[str, str], _Owed] = {}
        self._rates: dict[tuple[str, str], RateRow | None] = {}
        self._wages: dict[tuple[str | None, str], WageRow | None] = {}
        self._caps: dict[tuple[BaseKind, str], CapRow | None] = {}
        self._roundings: dict[str, RoundingRow | None] = {}
        self._reliefs: dict[tuple[str | None, str], ReliefRow | None] = {}
        self._set: dict[str, tuple[AmountSet, ...]] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Reckon again; a new row of the law clears what was remembered of it."""
        event = recorded.event
        match event:
            case DuesAssessed():
                problem = self._assess(event, event.member_id, event.month)
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
            case DuesAdjusted():
                self._adjust(recorded, event)
            case AmountSet():
                self._set[event.member_id] = (*self._set.get(event.member_id, ()), event)
            case _:
                for remembered in (self._rates, self._wages, self._caps, self._roundings, self._reliefs):
                    remembered.clear()

    def _adjust(self, recorded: Recorded, event: DuesAdjusted) -> None:
        """An adjustment starts from what stood, comes to what the law of its moment gives, and moves the difference."""
        owed = self._owed.get((event.member_id, event.month))
        problem = ""
        if owed is not None and (owed.gross, owed.due) != (event.before.gross, event.before.due):
            problem = f"sổ đang ghi phải đóng {dong(owed.due)}, điều chỉnh lại bắt đầu từ {dong(event.before.due)}"
        problem = problem or self._assess(event.after, event.member_id, event.month)
        gross, relieved = event.after.gross - event.before.gross, event.after.relieved - event.before.relieved
        if (event.gross_up - event.gross_down, event.relieved_up - event.relieved_down) != (gross, relieved):
            problem = problem or f"chênh lệch phải là {dong(gross)}, miễn giảm {dong(relieved)}"
        if problem:
            self._found.add(
                "I10",
                f"Đảng viên {event.member_id}, điều chỉnh tháng {event.month} theo {event.decision}: {problem}. Tính "
                "lại bằng tay theo văn bản; nếu sổ sai thì lập điều chỉnh mới.",
                recorded,
                unit=event.unit_id,
            )

    def _assess(self, event: DuesAssessed | Reckoning, member_id: str, month: Month) -> str:
        """What does not agree, or an empty text."""
        rate = self._rate(event.category, month)
        rounding = self._rounding(month)
        if rate is None or rate.id != event.rule or rate.document != event.document:
            return f"dòng có hiệu lực lúc ghi của nhóm {event.category} là {rate.id if rate else 'không có'}"
        if rounding is None or rounding.id != event.rounding:
            return f"quy tắc làm tròn có hiệu lực là {rounding.id if rounding else 'không có'}, ghi {event.rounding}"
        counted, problem = self._counted(event, rate, member_id, month)
        if problem:
            return problem
        percent = event.relief_percent
        if percent:
            relief = self._relief(event.relief, month)
            if relief is None or percent not in relief.percents:
                return f"diện {event.relief} không cho giảm {percent}% trong tháng này"
        exact = counted * (WHOLE_BP if rate.value_bp is None else rate.value_bp)
        self._owed[member_id, month] = _Owed(event.due, event.gross, exact, rounding.unit)
        gross, due = _rounded(exact, 0, rounding.unit), _rounded(exact, percent, rounding.unit)
        if (event.gross, event.due, event.relieved) != (gross, due, gross - due):
            return (
                f"sổ ghi {dong(event.gross)}, giảm {dong(event.relieved)}, phải đóng {dong(event.due)}; tính lại được "
                f"{dong(gross)}, giảm {dong(gross - due)}, phải đóng {dong(due)}"
            )
        return ""

    def _counted(
        self, event: DuesAssessed | Reckoning, rate: RateRow, member_id: str, month: Month
    ) -> tuple[Dong, str]:
        """The amount the rate is applied to, or why the recorded one cannot be right."""
        if rate.kind in (RateKind.RANGE, RateKind.MINIMUM):
            told = amount_in(self._set.get(member_id, ()), event.category, month)
            return (
                (0, f"không có quyết định ấn định mức của nhóm {event.category}") if told is None else (told.amount, "")
            )
        if rate.base_kind is BaseKind.NONE:
            return rate.value_dong or 0, ""
        if rate.base_kind is BaseKind.REGIONAL_MINIMUM_WAGE:
            wage = self._wage(event.region, month)
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
