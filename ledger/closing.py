"""The closing page worked out from the log: one pass over the events, sums of postings, nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from domain import dues_account, organisation
from domain.declaration import (
    DeclarationCorrected,
    DeclarationRestated,
    Declared,
    HeldPeriodAllocated,
    PeriodDeclared,
    UnsplitReduced,
)
from domain.identifiers import UnitId
from domain.money import WHOLE_BP, Dong
from domain.organisation_kinds import UnitKind
from domain.payment import PaymentReceived, SuspenseIdentified
from domain.period import Month, Period, first_day, shift
from domain.refund import RefundTakenFromUnsplit
from domain.remittance import ClawBackNetted, RemittanceReceived, SettledFromHeld
from domain.remittance_cases import InterimSettled
from ledger.chart import ASSETS, OWED, natural
from ledger.posting import entry, occurred_on
from ledger.reports_closing import Addition, Cover, Figure, Flow, Level, LevelFigures, OpenItem, Waiting, cover_of
from ledger.store import Recorded

_LEVELS: Mapping[UnitKind, Level] = {
    UnitKind.CELL: Level.CELL,
    UnitKind.BASE_CELL: Level.CELL,
    UnitKind.BASE_OTHER: Level.BASE,
    UnitKind.SUPERIOR_COMMUNE: Level.WARD,
    UnitKind.BASE_COMMUNE: Level.WARD,
    UnitKind.PROVINCE: Level.PROVINCE,
}

_CHANNELS = {"portal": "Cổng Dịch vụ công", "gateway": "Cổng thẻ", "bank": "Chuyển khoản, VietQR", "cash": "Tiền mặt"}

#: How many items a list shows before the rest is summed.
_SHOWN = 5


@dataclass(slots=True)
class _Unit:
    """Sums of one unit over the whole log; đồng."""

    sums: dict[str, Dong] = field(default_factory=lambda: defaultdict(int))
    declared: list[Declared] = field(default_factory=list)

    def add(self, name: str, amount: Dong) -> None:
        """Add to a named sum."""
        self.sums[name] += amount


class Closing:
    """Feeds on the log, in order, and then answers."""

    def __init__(self, org: organisation.Organisation) -> None:
        self._org = org
        self._units: dict[str, _Unit] = defaultdict(_Unit)
        self._balances: dict[tuple[str, str, str], Dong] = defaultdict(int)
        self._since: dict[tuple[str, str, str], date] = {}
        self._collected: dict[str, Dong] = defaultdict(int)
        self._memo: dict[str, Dong] = defaultdict(int)
        self.position = 0

    def see(self, recorded: Iterable[Recorded]) -> None:
        """Take events in."""
        for one in recorded:
            self.position = one.position
            day = occurred_on(one.event, one.recorded_at.date())
            for line in entry(one.event):
                place = (line.unit, line.account, line.key)
                if self._balances[place] == 0:
                    self._since[place] = day
                self._balances[place] += line.amount
            self._see_flow(one.event)
            self._see_members(one.event)

    def _see_flow(self, event: object) -> None:
        match event:
            case PeriodDeclared() | HeldPeriodAllocated():
                self._units[event.unit_id].declared.append(event)
                self._units[event.unit_id].add("kept", event.kept)
                self._units[event.unit_id].add("payable", event.payable)
            case DeclarationCorrected():
                self._units[event.unit_id].add("kept", -event.kept_part)
                self._units[event.unit_id].add("payable", -event.passed_part)
            case DeclarationRestated():
                unit = self._units[event.unit_id]
                unit.add("kept", -event.kept_part)
                unit.add("payable", -event.passed_part)
                unit.add("refunded" if event.is_origin else "returned_below", event.reduced_by)
            case UnsplitReduced():
                self._units[event.unit_id].add("returned_below", event.amount)
            case RefundTakenFromUnsplit():
                self._units[event.unit_id].add("refunded", event.amount)
            case RemittanceReceived():
                self._units[event.unit_id].add("received_above", event.amount)
                self._units[event.superior_id].add("from_below", event.amount)
            case SettledFromHeld() | InterimSettled():
                self._units[event.unit_id].add("received_above", event.amount)
                self._units[event.superior_id].add("from_below", event.amount)
            case ClawBackNetted():
                self._units[event.unit_id].add("netted", event.amount)
                self._units[event.superior_id].add("from_below", event.amount)
            case _:
                pass

    def _see_members(self, event: object) -> None:
        match event:
            case PaymentReceived():
                self._collected[_CHANNELS[event.channel]] += event.dues_amount
                self._units[event.unit_id].add("from_members", event.dues_amount)
            case SuspenseIdentified():
                self._collected["Xác định từ tiền treo"] += event.dues_amount
                self._units[event.unit_id].add("from_members", event.dues_amount)
            case dues_account.CreditApplied():
                self._collected["Dùng số đóng thừa"] += event.amount
                self._memo["Đã đóng"] -= event.amount
                self._units[event.unit_id].add("from_members", event.amount)
            case dues_account.DuesAssessed():
                self._memo["Phải đóng"] += event.gross
                self._memo["Được miễn, giảm"] -= event.relieved
            case dues_account.DuesAdjusted():
                self._memo["Phải đóng"] += event.after.gross - event.before.gross
                self._memo["Được miễn, giảm"] -= event.after.relieved - event.before.relieved
                self._memo["Đã đóng"] += event.undone
                self._collected["Điều chỉnh mức đóng"] -= event.to_credit
                self._units[event.unit_id].add("from_members", -event.to_credit)
            case dues_account.AheadApplied():
                self._memo["Đã đóng"] -= event.amount
            case dues_account.AheadReturned():
                self._collected["Điều chỉnh mức đóng"] -= event.amount
                self._units[event.unit_id].add("from_members", -event.amount)
            case dues_account.CollectedAhead():
                self._collected["Đóng trước"] += event.amount
                self._units[event.unit_id].add("from_members", event.amount)
            case dues_account.SurplusAccepted():
                self._collected["Đóng thêm tự nguyện"] += event.amount
                self._units[event.unit_id].add("from_members", event.amount)
            case dues_account.ReliefRecognised():
                self._memo["Được miễn, giảm"] -= event.amount
            case dues_account.PaymentApplied():
                self._memo["Đã đóng"] -= event.amount
            case dues_account.ApplicationUndone():
                self._memo["Đã đóng"] += event.amount
            case _:
                pass

    # --- answers ----------------------------------------------------------------------------------------------------

    def _balance(self, unit: str, account: str) -> Dong:
        lines = (amount for (u, a, _), amount in self._balances.items() if (u, a) == (unit, account))
        return natural(account, sum(lines))

    def _with_books(self) -> list[organisation.UnitRegistered]:
        return [unit for unit in self._org.units.values() if unit.has_books]

    def cover(self) -> Cover:
        """Money held against money owed to others, over all units with books and for each of them (A4)."""
        totals: dict[str, Dong] = defaultdict(int)
        short = []
        for unit in self._with_books():
            own: dict[str, Dong] = defaultdict(int)
            for (u, account, _), amount in self._balances.items():
                if u == unit.unit_id:
                    own[account] += natural(account, amount)
            if sum(own[a] for a in ASSETS) < sum(own[a] for a in OWED) - own["1380"]:
                short.append(unit.name)
            for account, amount in own.items():
                totals[account] += amount
        held = min(totals["1390"], totals["3390"])
        return cover_of(totals, units=len(self._with_books()), held_between=held, short_units=tuple(short))

    def flow(self, title: str) -> Flow:
        """What was collected, kept and sent, level by level."""
        levels = []
        for level in Level:
            units = [unit for unit in self._with_books() if _LEVELS.get(unit.kind) is level]
            if units:
                levels.append(self._level(level, units))
        example = any(made.is_example for unit in self._units.values() for made in unit.declared)
        return Flow(title=title, example_shares=example, levels=tuple(levels))

    def _level(self, level: Level, units: list[organisation.UnitRegistered]) -> LevelFigures:
        sums: dict[str, Dong] = defaultdict(int)
        shares: set[int] = set()
        periods: set[Period] = set()
        for unit in units:
            for name, amount in self._units[unit.unit_id].sums.items():
                sums[name] += amount
            shares |= {made.retain_bp for made in self._units[unit.unit_id].declared}
            periods |= {made.period for made in self._units[unit.unit_id].declared}
            sums["unsplit"] += self._balance(unit.unit_id, "3310")
            sums["under_way"] += self._balance(unit.unit_id, "1150")
            sums["to_send"] += self._balance(unit.unit_id, "3360") - self._balance(unit.unit_id, "1150")
            sums["claw_back"] += self._balance(unit.unit_id, "1380")
        return LevelFigures(
            level=level,
            units=len(units),
            period=", ".join(_period(period) for period in sorted(periods)),
            closed=sums["unsplit"] == 0 and all(self._units[unit.unit_id].declared for unit in units),
            share=", ".join(f"{bp * 100 // WHOLE_BP} %" for bp in sorted(shares)),
            from_members=sums["from_members"],
            from_below=sums["from_below"],
            refunded=sums["refunded"],
            returned_below=sums["returned_below"],
            kept=sums["kept"],
            unsplit=sums["unsplit"],
            payable=sums["payable"],
            received_above=sums["received_above"],
            under_way=sums["under_way"],
            to_send=sums["to_send"],
            claw_back=sums["claw_back"],
            netted=sums["netted"],
        )

    def additions(self) -> tuple[Addition, ...]:
        """Collected by channel, and what members owe."""
        channels = tuple(Figure(label=label, amount=amount) for label, amount in self._collected.items() if amount)
        collected = sum(unit.sums["from_members"] for unit in self._units.values())
        owing = sum(self._balance(unit.unit_id, "0110") for unit in self._with_books())
        order = ("Phải đóng", "Được miễn, giảm", "Đã đóng")
        return (
            Addition(
                title="Thu của đảng viên theo kênh",
                terms=channels,
                total=Figure(label="Đã thu, tính vào các tháng", amount=collected),
            ),
            Addition(
                title="Đảng viên phải đóng và đã đóng",
                terms=tuple(Figure(label=label, amount=self._memo[label]) for label in order),
                total=Figure(label="Còn nợ", amount=owing),
            ),
        )

    def waiting(self) -> tuple[Waiting, ...]:
        """What waits, oldest first, each list with its total."""
        return (
            self._waiting("Tiền chưa xác định", "3380", "Kế toán", "tìm người nộp hoặc trả lại trong 30 ngày"),
            self._waiting("Tiền nộp cấp trên đang chuyển", "1150", "Đơn vị nộp", "chờ báo có, quá 3 ngày thì tra soát"),
            self._waiting("Tiền qua Cổng chờ báo có", "1140", "Kế toán", "đối chiếu sao kê, quá T+2 thì hỏi Cổng"),
            self._waiting("Phải hoàn người nộp", "3370", "Thủ quỹ", "chi trả trong 5 ngày làm việc"),
            self._waiting("Đóng thừa, đóng trước", "3340", "Chi bộ", "trừ vào các tháng sau"),
            self._arrears(),
        )

    def _waiting(self, title: str, account: str, owner: str, next_step: str) -> Waiting:
        items = []
        for (unit, code, key), amount in self._balances.items():
            if code == account and amount:
                name = self._org.units[UnitId(unit)].name
                found = OpenItem(
                    what=f"{name}: {_short(key)}",
                    amount=natural(account, amount),
                    since=self._since[unit, code, key],
                    owner=owner,
                    next_step=next_step,
                )
                items.append(found)
        return _listed(title, items, code=account)

    def _arrears(self) -> Waiting:
        """Arrears by unit and dues month; the people are known to the unit's own page."""
        sums: dict[tuple[str, Month], tuple[Dong, int]] = {}
        for (unit, code, key), amount in self._balances.items():
            if code == "0110" and amount:
                month = Month(key.rsplit(":", 1)[1])
                total, count = sums.get((unit, month), (0, 0))
                sums[unit, month] = (total + amount, count + 1)
        items = [
            OpenItem(
                what=f"{self._org.units[UnitId(unit)].name}, tháng {month}: {count} người",
                amount=amount,
                since=first_day(shift(month, 1)),
                owner="Bí thư chi bộ",
                next_step="nhắc đóng tại kỳ họp chi bộ",
            )
            for (unit, month), (amount, count) in sums.items()
        ]
        return _listed("Nợ đảng phí", items)


def _period(period: Period) -> str:
    """``2026-07`` as ``7/2026``, ``2026-Q3`` as ``quý 3/2026``."""
    year, part = period.split("-")
    return f"quý {part[1:]}/{year}" if part.startswith("Q") else f"{int(part)}/{year}"


def _short(key: str) -> str:
    """An analytic key as a reader can bear it: the last word of a path, at most 24 characters."""
    return key.rsplit("/", 1)[-1][:24]


def _listed(title: str, items: list[OpenItem], code: str = "") -> Waiting:
    ordered = sorted(items, key=lambda item: (item.since or date.max, -item.amount, item.what))
    shown, rest = ordered[:_SHOWN], ordered[_SHOWN:]
    return Waiting(
        title=title,
        total=sum(item.amount for item in ordered),
        items=tuple(shown),
        rest_count=len(rest),
        rest_amount=sum(item.amount for item in rest),
        code=code,
    )
