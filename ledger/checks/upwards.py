"""Check on what each level declares: its split loses nothing (I11), late, corrected or refunded as it may be."""

from bisect import bisect_right
from collections import defaultdict

from domain import organisation, policy
from domain.declaration import (
    DeclarationAnnounced,
    DeclarationCorrected,
    DeclarationRestated,
    HeldFromBelow,
    HeldPeriodAllocated,
    PeriodDeclared,
    PeriodHeld,
    UnsplitReduced,
)
from domain.errors import Refusal
from domain.identifiers import UnitId
from domain.money import Dong, split_by_share
from domain.passed_on import PayableInherited, PayablePassed
from domain.period import Period, months_of, parse_period
from domain.period_kind import kind_for
from domain.refund import RefundRequested
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded


class _Declared:
    """One declared period; đồng."""

    __slots__ = ("collected", "retain_bp")

    def __init__(self, collected: Dong, retain_bp: int) -> None:
        self.collected = collected
        self.retain_bp = retain_bp


class DeclarationsChecker:
    """I11: kept + passed up = collected, at the share in force; a refund is spread without losing a đồng."""

    events = frozenset(
        {*RULES, PeriodHeld, HeldFromBelow, DeclarationAnnounced, RefundRequested, PayablePassed, PayableInherited}
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._declared: dict[tuple[str, str], _Declared] = {}
        self._payable: dict[tuple[str, str], Dong] = {}
        self._unsplit: dict[tuple[str, str, str], Dong] = defaultdict(int)
        self._counted: dict[tuple[str, str], Dong] = {}
        #: unit → positions and balances of 3310 "own" since its last declaration: a declaration names its position.
        self._own: dict[str, tuple[list[int], list[Dong]]] = {}
        self._spread: dict[str, tuple[Recorded, Dong, Dong]] = {}
        #: unit → held period → of that, what the unit collected itself.
        self._holds: dict[str, dict[str, Dong]] = defaultdict(dict)
        #: unit → those of them that the first release held, each with the ones before in it.
        self._cumulative: dict[str, set[str]] = defaultdict(set)
        self._held: list[tuple[Recorded, PeriodHeld]] = []
        self._holding: dict[tuple[str, str], Dong] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Compare declarations with the books, and follow what is collected."""
        event = recorded.event
        match event:
            case PeriodDeclared() | HeldPeriodAllocated():
                self._declare(recorded, event)
            case PeriodHeld():
                self._hold(recorded, event)
            case HeldFromBelow():
                self._holding[event.unit_id, event.period] = sum(part.amount for part in event.subordinates)
            case DeclarationCorrected():
                self._correct(recorded, event)
            case DeclarationAnnounced():
                self._payable[event.unit_id, event.period] = event.payable
            case DeclarationRestated():
                self._restate(recorded, event)
            case PayablePassed():
                self._payable[event.unit_id, event.period] = (
                    self._payable.get((event.unit_id, event.period), 0) - event.amount
                )
            case PayableInherited():
                self._payable[event.unit_id, event.period] = (
                    self._payable.get((event.unit_id, event.period), 0) + event.amount
                )
            case UnsplitReduced():
                self._unsplit[event.unit_id, event.subordinate_id, event.period] += event.amount
                self._add_spread(recorded, event.refund_id, 0, event.amount)
            case _:
                pass
        for line in lines:
            if line.account == "3310" and line.key == "own":
                positions, balances = self._own.setdefault(line.unit, ([0], [0]))
                positions.append(recorded.position)
                balances.append(self._world.balance(line.unit, "3310", "own"))

    def _wrong(self, recorded: Recorded, unit: str, period: str, what: str) -> None:
        self._found.add(
            "I11",
            f"{self._world.name(unit)}, kỳ {period}: {what} Tính lại bảng phân bổ của kỳ; sửa bằng điều chỉnh kỳ sau.",
            recorded,
            unit=unit,
        )

    def _declare(self, recorded: Recorded, e: PeriodDeclared | HeldPeriodAllocated) -> None:
        unit, period = e.unit_id, e.period
        if (unit, period) in self._declared:
            self._wrong(recorded, unit, period, "đã chốt rồi lại chốt lần nữa.")
        parts = sum(part.amount for part in e.subordinates)
        if e.own_collected + e.from_subordinates != e.collected or parts != e.from_subordinates:
            self._wrong(
                recorded,
                unit,
                period,
                f"tự thu {dong(e.own_collected)} và cấp dưới nộp {dong(e.from_subordinates)} (các dòng cộng "
                f"{dong(parts)}) không cộng thành {dong(e.collected)}.",
            )
        share = split_by_share(e.collected, e.retain_bp)
        if (e.kept, e.payable) != (share.kept, share.passed_up):
            self._wrong(
                recorded,
                unit,
                period,
                f"thu {dong(e.collected)} theo {e.retain_bp} phần vạn phải giữ {dong(share.kept)}, nộp "
                f"{dong(share.passed_up)}; sổ ghi giữ {dong(e.kept)}, nộp {dong(e.payable)}.",
            )
        self._check_share(recorded, unit, period, e.share_row, e.retain_bp)
        if isinstance(e, HeldPeriodAllocated):
            self._was_held(recorded, e)
            own = self._own_of(unit, period, e.position)
            self._holds[unit].pop(period, None)
        else:
            self._holds[unit].pop(period, None)
            if e.takes_held and e.own_collected == self._own_at(unit, e.position):
                for old in self._cumulative.pop(unit, ()):
                    self._holds[unit].pop(old, None)
            own = self._own_of(unit, None, e.position)
        if own != e.own_collected:
            self._wrong(
                recorded, unit, period, f"tự thu {dong(e.own_collected)} nhưng sổ ở vị trí {e.position} có {dong(own)}."
            )
        for part in e.subordinates:
            self._count(recorded, e, part.unit_id, part.period, part.amount)
        self._declared[unit, period] = _Declared(e.collected, e.retain_bp)
        self._payable[unit, period] = e.payable
        self._own.pop(unit, None)
        # What came in after the declared position stays for the next period.
        self._own[unit] = ([0], [self._world.balance(unit, "3310", "own")])

    def _was_held(self, recorded: Recorded, e: HeldPeriodAllocated) -> None:
        """Only what was held is split late, and never in the books of a month before its own."""
        if e.period not in self._holds[e.unit_id]:
            self._wrong(recorded, e.unit_id, e.period, "phân bổ muộn một kỳ chưa từng giữ.")
        if e.booked_in < months_of(e.period)[-1]:
            self._wrong(recorded, e.unit_id, e.period, f"phân bổ muộn lại ghi vào tháng {e.booked_in}, trước kỳ đó.")

    def _own_of(self, unit: str, period: str | None, position: int) -> Dong:
        """Own money of a held period, or of none of them: the oldest held period is filled first."""
        left = self._own_at(unit, position)
        for held, own in sorted(self._holds[unit].items(), key=lambda item: months_of(Period(item[0]))[-1]):
            part = max(0, min(own, left))
            if held == period:
                return part
            left -= part
        return left

    def _own_at(self, unit: str, position: int) -> Dong:
        positions, balances = self._own.get(unit, ([0], [0]))
        return balances[bisect_right(positions, position) - 1]

    def _check_share(self, recorded: Recorded, unit: str, period: str, row_id: str | None, bp: int | None) -> None:
        registered = self._world.organisation.units.get(UnitId(unit))
        try:
            month = months_of(parse_period(period))[0]
        except Refusal:
            self._wrong(recorded, unit, period, "kỳ báo cáo không đọc được.")
            return
        if registered is None:
            self._wrong(recorded, unit, period, "đơn vị không có trong cây tổ chức.")
            return
        kind = kind_for(self._world.organisation, self._world.policy, registered.unit_id, parse_period(period))
        row = policy.share_for(self._world.policy, kind, month)
        if (None if row is None else (row.id, row.retain_bp)) != (None if row_id is None else (row_id, bp)):
            active = "chưa có tỷ lệ" if row is None else f"tỷ lệ hiệu lực là {row.id} ({row.retain_bp} phần vạn)"
            self._wrong(recorded, unit, period, f"{active}, sổ dùng {row_id or 'chưa phân bổ'}.")

    def _count(
        self, recorded: Recorded, e: PeriodDeclared | HeldPeriodAllocated, unit: str, period: str, amount: Dong
    ) -> None:
        key = (unit, period)
        given_back = sum(off for (_, sub, month), off in self._unsplit.items() if (sub, month) == key)
        due = self._payable.get(key, 0) - given_back - self._counted.get(key, 0)
        if key in self._counted and due <= 0:
            self._wrong(recorded, e.unit_id, e.period, f"tính kỳ {period} của {unit} hai lần.")
            return
        self._counted[key] = self._counted.get(key, 0) + amount
        if amount != due:
            self._wrong(
                recorded,
                e.unit_id,
                e.period,
                f"tính {dong(amount)} của {self._world.name(unit)} kỳ {period}, nơi đó kê khai {dong(due)}.",
            )

    def _hold(self, recorded: Recorded, event: PeriodHeld) -> None:
        self._check_share(recorded, event.unit_id, event.period, None, None)
        self._held.append((recorded, event))

    def _settle_holds(self) -> None:
        """A held period holds what was collected and stands in no other held period."""
        for recorded, e in self._held:
            self._holds[e.unit_id].pop(e.period, None)
            if e.cumulative:
                self._hold_all(recorded, e)
                continue
            own = e.collected - self._holding.pop((e.unit_id, e.period), 0)
            book = self._own_of(e.unit_id, None, e.position)
            if own != book:
                self._wrong(
                    recorded,
                    e.unit_id,
                    e.period,
                    f"giữ {dong(own)} tự thu nhưng sổ ở vị trí {e.position} có {dong(book)}.",
                )
            self._holds[e.unit_id][e.period] = own
        self._held.clear()

    def _hold_all(self, recorded: Recorded, e: PeriodHeld) -> None:
        """As the first release told it: everything not split, of months held before and from below as well."""
        book = self._own_at(e.unit_id, e.position)
        from_below = e.unit_id in self._world.organisation.below
        if e.collected < book or (e.collected > book and not from_below):
            self._wrong(
                recorded,
                e.unit_id,
                e.period,
                f"giữ {dong(e.collected)} gồm cả các kỳ giữ trước, nhưng sổ ở vị trí {e.position} có {dong(book)}.",
            )
        self._holds[e.unit_id][e.period] = self._own_of(e.unit_id, None, e.position)
        self._cumulative[e.unit_id].add(e.period)

    def _correct(self, recorded: Recorded, e: DeclarationCorrected) -> None:
        """A declaration made smaller keeps and passes on what its own share says of what is left."""
        declared = self._declared.get((e.unit_id, e.period))
        if declared is None:
            self._wrong(recorded, e.unit_id, e.period, "điều chỉnh giảm một kỳ chưa chốt.")
            return
        before, after = declared.collected, declared.collected - e.reduced_by
        declared.collected = after
        kept = split_by_share(before, declared.retain_bp).kept
        kept -= split_by_share(max(0, after), declared.retain_bp).kept
        if after < 0 or (e.collected_after, e.kept_part, e.passed_part) != (after, kept, e.reduced_by - kept):
            self._wrong(
                recorded,
                e.unit_id,
                e.period,
                f"kê khai sai {dong(e.reduced_by)} phải giảm phần giữ {dong(kept)} và phần nộp "
                f"{dong(e.reduced_by - kept)}; sổ ghi {dong(e.kept_part)} và {dong(e.passed_part)}.",
            )
        self._payable[e.unit_id, e.period] = self._payable.get((e.unit_id, e.period), 0) - e.passed_part

    def _restate(self, recorded: Recorded, e: DeclarationRestated) -> None:
        declared = self._declared.get((e.declared_by, e.period))
        keeps = organisation.owner(self._world.organisation, e.declared_by)
        if declared is None or keeps != e.unit_id:
            self._wrong(recorded, e.unit_id, e.period, "điều chỉnh một kỳ chưa chốt, hoặc không phải của đơn vị này.")
            return
        before, after = declared.collected, declared.collected - e.reduced_by
        declared.collected = after
        if after < 0:
            self._wrong(recorded, e.unit_id, e.period, f"hoàn {dong(e.reduced_by)} khỏi kỳ chỉ có {dong(before)}.")
            return
        kept = split_by_share(before, declared.retain_bp).kept - split_by_share(after, declared.retain_bp).kept
        if (e.collected_after, e.kept_part, e.passed_part) != (after, kept, e.reduced_by - kept):
            self._wrong(
                recorded,
                e.unit_id,
                e.period,
                f"hoàn trả {e.refund_id} phải giảm phần giữ {dong(kept)} và phần nộp {dong(e.reduced_by - kept)}; sổ "
                f"ghi {dong(e.kept_part)} và {dong(e.passed_part)}.",
            )
        # What this level passes on must be taken up by the level above, if its books are here.
        above = e.passed_part if self._world.here(e.superior_id) else 0
        self._add_spread(recorded, e.refund_id, above, 0 if e.is_origin else e.reduced_by)

    def _add_spread(self, recorded: Recorded, refund_id: str, passed: Dong, taken: Dong) -> None:
        _, so_far, taken_so_far = self._spread.get(refund_id, (recorded, 0, 0))
        self._spread[refund_id] = (recorded, so_far + passed, taken_so_far + taken)

    def settle(self) -> None:
        """A refund is spread over all levels by one command: what each passes up, the next takes up."""
        self._settle_holds()
        if not self._spread:
            return
        for refund_id, (recorded, passed, taken) in self._spread.items():
            if passed != taken:
                self._found.add(
                    "I11",
                    f"Hoàn trả {refund_id}: các cấp chuyển lên {dong(passed)} nhưng cấp trên nhận phần giảm "
                    f"{dong(taken)}. Đối chiếu phần của từng cấp trong đề nghị.",
                    recorded,
                )
        self._spread.clear()

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
