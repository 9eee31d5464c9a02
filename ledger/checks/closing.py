"""Check on closed months (I15): they take late facts alone, and every close's digests are made again from the log.

A second person's word for opening a month again is checked here too (I21), since it belongs to the same stream.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from domain import closing
from domain.cash_count import ShortageWrittenOff
from domain.cash_return import HeldCashReturned
from domain.closing import CloseConfirmed, MonthClosed, MonthReopened, ReopenRequested
from domain.correction import CorrectionProposed, EntryReversed
from domain.declaration import (
    DeclarationCorrected,
    DeclarationRestated,
    HeldPeriodAllocated,
    PeriodDeclared,
    PeriodHeld,
    UnsplitReduced,
)
from domain.dues_account import AheadReturned, DuesAdjusted, SurplusAccepted
from domain.membership import MemberAdmitted, MemberArrived, MembershipRestored, TransferReceived
from domain.open_item import DecisionProposed
from domain.period import Month, last_day, month_of, months_of, shift
from domain.restructuring import BalancesHandedOver
from domain.spending import FundYearClosed, VoucherApproved, VoucherProposed, VoucherVoided
from domain.unit_changes import UnitEnded
from ledger import close_reports
from ledger.checks.base import Finding, Findings, World
from ledger.month_books import MonthBooks, MonthLine
from ledger.posting import RULES, Line
from ledger.store import Recorded

_Places = tuple[tuple[str, Month], ...]


def _on(field: str, *units: str) -> Callable[[Any], _Places]:
    """The month of a day that the event names, in the books of the units that it names."""

    def places(event: Any) -> _Places:
        return tuple((getattr(event, unit), month_of(getattr(event, field))) for unit in units or ("unit_id",))

    return places


def _in_period(event: PeriodDeclared | PeriodHeld) -> _Places:
    return ((event.unit_id, months_of(event.period)[-1]),)


def _void(event: VoucherVoided) -> _Places:
    # By a bank line it is a fact: the money came back.
    return () if event.bank_line is not None else ((event.unit_id, month_of(event.voided_on)),)


def _handed_over(event: BalancesHandedOver) -> _Places:
    month = month_of(event.handed_over_on)
    return tuple((unit, month) for unit in dict.fromkeys(line.unit_id for line in event.lines))


#: Decisions that are dated, and the units and month that each is dated into: never a closed one. Facts are not here.
DATED: Mapping[type, Callable[[Any], _Places]] = {
    PeriodDeclared: _in_period,
    PeriodHeld: _in_period,
    HeldPeriodAllocated: lambda e: ((e.unit_id, e.booked_in),),
    DeclarationCorrected: _on("corrected_on"),
    DeclarationRestated: _on("restated_on"),
    UnsplitReduced: _on("restated_on"),
    DuesAdjusted: _on("adjusted_on"),
    AheadReturned: _on("returned_on"),
    SurplusAccepted: _on("accepted_on"),
    VoucherProposed: _on("dated"),
    VoucherApproved: _on("dated"),
    VoucherVoided: _void,
    FundYearClosed: _on("closed_on"),
    ShortageWrittenOff: _on("written_off_on"),
    HeldCashReturned: _on("returned_on", "unit_id", "holder_id"),
    MemberAdmitted: _on("ceremony_on"),
    TransferReceived: _on("received_on"),
    MemberArrived: _on("received_on"),
    MembershipRestored: _on("restored_on"),
    UnitEnded: _on("effective_from"),
    BalancesHandedOver: _handed_over,
    EntryReversed: _on("corrected_on"),
}


class ClosingChecker:
    """I15, and I21 for re-openings and corrections."""

    events = frozenset(
        {*RULES, *DATED, MonthClosed, CloseConfirmed, ReopenRequested, MonthReopened}
        | {CorrectionProposed, DecisionProposed}
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._months = MonthBooks()
        self._closed: dict[tuple[str, Month], tuple[MonthLine, ...]] = {}
        self._proposed: dict[tuple[str, str], str] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Book by month; judge closes by what the log before them gives."""
        event = recorded.event
        dated = DATED.get(type(event))
        if dated is not None:
            for unit, month in dated(event):
                self._dated(recorded, unit, month)
        match event:
            case MonthClosed():
                self._close(recorded, event)
            case CloseConfirmed():
                self._apart(recorded, event.closed_by, event.confirmed_by, f"khoá sổ tháng {event.month}")
                self._acted(recorded, event.confirmed_by)
            case ReopenRequested():
                self._acted(recorded, event.requested_by)
            case MonthReopened():
                self._reopen(recorded, event)
            case CorrectionProposed():
                self._proposed[event.unit_id, event.correction_id] = event.proposed_by
                self._acted(recorded, event.proposed_by)
            case DecisionProposed():
                self._proposed[event.unit_id, event.decision.decision_id] = event.decision.decided_by
                self._acted(recorded, event.decision.decided_by)
            case EntryReversed():
                self._reversed(recorded, event)
            case _:
                pass
        self._months.take(recorded, lines)

    def _dated(self, recorded: Recorded, unit: str, month: Month) -> None:
        through = self._months.closing(unit).through
        if through is not None and month <= through:
            self._found.add(
                "I15",
                f"Quyết định «{recorded.name}» của {self._world.name(unit)} ghi vào tháng {month}, trong khi "
                f"sổ đã khoá đến tháng {through}. Tháng đã khoá chỉ nhận việc phát sinh muộn; ghi lại vào tháng đang "
                "mở bằng bút toán điều chỉnh.",
                recorded,
                unit=unit,
            )

    def _close(self, recorded: Recorded, event: MonthClosed) -> None:
        name = self._world.name(event.unit_id)
        state = self._months.closing(event.unit_id)
        standing = state.standing
        problem = ""
        if standing is not None and event.month != shift(standing.month, 1):
            problem = f"tháng khoá trước là {standing.month}, tháng kế tiếp phải là {shift(standing.month, 1)}"
        elif event.number != len(state.closes) + 1:
            problem = f"lần khoá mang số {event.number}, phải là {len(state.closes) + 1}"
        elif event.closed_on <= last_day(event.month):
            problem = f"khoá ngày {event.closed_on:%d/%m/%Y} khi tháng chưa hết"
        elif standing is not None and standing.needs_second and standing.number not in state.confirmed:
            problem = f"tháng {standing.month} chưa có người thứ hai xác nhận"
        if problem:
            self._found.add(
                "I15",
                f"Khoá sổ tháng {event.month} của {name} sai thứ tự: {problem}. Mở lại và khoá đúng thứ tự.",
                recorded,
                unit=event.unit_id,
            )
        self._acted(recorded, event.closed_by)
        self._remake(recorded, event)

    def _remake(self, recorded: Recorded, event: MonthClosed) -> None:
        """Make every report of the close again from the log up to the position that it states."""
        if event.position >= recorded.position or not self._months.reaches(event.position):
            self._found.add(
                "I15",
                f"Khoá sổ tháng {event.month} của {self._world.name(event.unit_id)} nêu vị trí {event.position} không "
                "làm lại được số liệu. Xem ai đã ghi sự kiện này.",
                recorded,
                unit=event.unit_id,
            )
            return
        figures = self._months.figures(event.unit_id, event.month, event.position)
        self._closed[event.unit_id, event.month] = figures.lines
        for told in event.reports:
            known = told.report in close_reports.REPORTS
            made = hashlib.sha256(close_reports.canonical(told.report, figures)).hexdigest() if known else ""
            if made != told.sha256:
                why = f"làm lại từ nhật ký ra {made[:16]}…" if known else "không còn cách làm lại báo cáo này"
                self._found.add(
                    "I15",
                    f"Khoá sổ tháng {event.month} của {self._world.name(event.unit_id)}: báo cáo «{told.report}» mang "
                    f"dấu {told.sha256[:16]}…, {why}. Nhật ký hoặc báo cáo đã bị sửa; so với bản in đã ký.",
                    recorded,
                    unit=event.unit_id,
                )

    def _reopen(self, recorded: Recorded, event: MonthReopened) -> None:
        state = self._months.closing(event.unit_id)
        asked = state.request
        if asked is None or (asked.number, asked.requested_by) != (event.number, event.requested_by):
            self._found.add(
                "I15",
                f"Mở lại sổ tháng {event.month} của {self._world.name(event.unit_id)} mà không ai đề nghị. Xác minh "
                f"với {event.approved_by}.",
                recorded,
                unit=event.unit_id,
            )
        self._apart(recorded, event.requested_by, event.approved_by, f"mở lại sổ tháng {event.month}")
        self._acted(recorded, event.approved_by)
        self._closed.pop((event.unit_id, event.month), None)

    def _reversed(self, recorded: Recorded, event: EntryReversed) -> None:
        if event.approved_by is None:
            self._acted(recorded, event.proposed_by)
            return
        maker = self._proposed.get((event.unit_id, event.correction_id), "")
        if maker != event.proposed_by:
            self._found.add(
                "I21",
                f"Điều chỉnh {event.correction_id} ghi người đề nghị {event.proposed_by}, nhưng người đề nghị thật là "
                f"{maker or 'không ai'}. Tìm sự kiện đề nghị.",
                recorded,
                unit=event.unit_id,
            )
        self._apart(recorded, event.proposed_by, event.approved_by, f"điều chỉnh {event.correction_id}")
        self._acted(recorded, event.approved_by)

    def _apart(self, recorded: Recorded, maker: str, checker: str, what: str) -> None:
        if maker == checker:
            self._found.add(
                "I21",
                f"Việc {what}: {checker} vừa lập vừa duyệt. Hai người khác nhau phải làm; báo Uỷ ban Kiểm tra.",
                recorded,
                unit=recorded.meta.unit,
            )

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
        """Also: the months that are closed now still show what they showed when they were closed."""
        for (unit, month), lines in sorted(self._closed.items()):
            if not closing.is_closed(self._months.closing(unit), month):
                continue
            now = self._months.figures(next(c.unit_id for c in self._months.closing(unit).closes), month).lines
            if now != lines:
                self._found.add(
                    "I15",
                    f"Tháng {month} của {self._world.name(unit)} đã khoá mà số liệu nay khác lúc khoá. Có bút toán ghi "
                    "vào tháng đã khoá; tìm các sự kiện sau lần khoá.",
                    unit=unit,
                )
        return self._found.all()

    def notes(self) -> tuple[Finding, ...]:
        """Units with late facts, by number, so that a reader knows to look at the list."""
        found = []
        for unit in sorted({unit for unit, _ in self._closed}):
            late = self._months.late(unit)
            if late:
                sentence = (
                    f"{self._world.name(unit)}: {len(late)} việc phát sinh muộn của tháng đã khoá, ghi vào tháng đang "
                    "mở. Xem danh sách phát sinh muộn."
                )
                found.append(Finding(check="I15", sentence=sentence, unit=unit))
        return tuple(found)
