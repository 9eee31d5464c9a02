"""Checks on what goes up: each level's split loses nothing (I11), nobody sends more than the share (I12)."""

from bisect import bisect_right
from collections import defaultdict

from domain import policy
from domain.declaration import (
    DeclarationAnnounced,
    DeclarationRestated,
    PeriodDeclared,
    PeriodHeld,
    UnsplitReduced,
)
from domain.errors import Refusal
from domain.identifiers import UnitId
from domain.money import Dong, split_by_share
from domain.period import months_of, parse_period
from domain.refund import RefundRequested
from domain.remittance import (
    ClawBackNetted,
    RemittanceApproved,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SettledFromHeld,
)
from ledger.checks_base import Finding, Findings, World, dong
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

    events = frozenset({*RULES, PeriodHeld, DeclarationAnnounced, RefundRequested})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._declared: dict[tuple[str, str], _Declared] = {}
        self._payable: dict[tuple[str, str], Dong] = {}
        self._unsplit: dict[tuple[str, str, str], Dong] = defaultdict(int)
        self._counted: set[tuple[str, str, str]] = set()
        #: unit → positions and balances of 3310 "own" since its last declaration: a declaration names its position.
        self._own: dict[str, tuple[list[int], list[Dong]]] = {}
        self._spread: dict[str, tuple[Recorded, Dong, Dong]] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Compare declarations with the books, and follow what is collected."""
        event = recorded.event
        match event:
            case PeriodDeclared():
                self._declare(recorded, event)
            case PeriodHeld():
                self._hold(recorded, event)
            case DeclarationAnnounced():
                self._payable[event.unit_id, event.period] = event.payable
            case DeclarationRestated():
                self._restate(recorded, event)
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

    def _declare(self, recorded: Recorded, e: PeriodDeclared) -> None:
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
        own = self._own_at(unit, e.position)
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
        row = policy.share_for(self._world.policy, registered.kind, month)
        if (None if row is None else (row.id, row.retain_bp)) != (None if row_id is None else (row_id, bp)):
            active = "chưa có tỷ lệ" if row is None else f"tỷ lệ hiệu lực là {row.id} ({row.retain_bp} phần vạn)"
            self._wrong(recorded, unit, period, f"{active}, sổ dùng {row_id or 'chưa phân bổ'}.")

    def _count(self, recorded: Recorded, e: PeriodDeclared, unit: str, period: str, amount: Dong) -> None:
        key = (e.unit_id, unit, period)
        if key in self._counted:
            self._wrong(recorded, e.unit_id, e.period, f"tính kỳ {period} của {unit} hai lần.")
        self._counted.add(key)
        due = self._payable.get((unit, period), 0) - self._unsplit.get(key, 0)
        if amount != due:
            self._wrong(
                recorded,
                e.unit_id,
                e.period,
                f"tính {dong(amount)} của {self._world.name(unit)} kỳ {period}, nơi đó kê khai {dong(due)}.",
            )

    def _hold(self, recorded: Recorded, event: PeriodHeld) -> None:
        self._check_share(recorded, event.unit_id, event.period, None, None)

    def _restate(self, recorded: Recorded, e: DeclarationRestated) -> None:
        declared = self._declared.get((e.unit_id, e.period))
        if declared is None:
            self._wrong(recorded, e.unit_id, e.period, "điều chỉnh một kỳ chưa chốt.")
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


class _Remittance:
    """One remittance; đồng."""

    __slots__ = ("approved", "netted", "period", "prepared", "received", "sent", "unit")

    def __init__(self) -> None:
        self.unit = self.period = ""
        self.prepared = False
        self.approved = False
        self.sent = self.received = self.netted = 0


class RemittancesChecker:
    """I12: remitted ≤ share at every prefix; sent = received + in transit ≥ 0, as the book's 1150 shows."""

    events = frozenset(
        {
            PeriodDeclared,
            DeclarationAnnounced,
            RemittancePrepared,
            RemittanceApproved,
            ClawBackNetted,
            RemittanceSent,
            SendingCorrected,
            RemittanceReceived,
            SettledFromHeld,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._remittances: dict[str, _Remittance] = {}
        self._payable: dict[tuple[str, str], Dong] = {}
        self._remitted: dict[tuple[str, str], Dong] = defaultdict(int)
        self._elsewhere: dict[tuple[str, str], Dong] = defaultdict(int)
        self._touched: dict[str, Recorded] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Add the event to its remittance and its period."""
        e = recorded.event
        match e:
            case PeriodDeclared() | DeclarationAnnounced():
                self._payable[e.unit_id, e.period] = e.payable
            case RemittancePrepared():
                r = self._touch(e.remittance_id, recorded)
                r.unit, r.period, r.prepared = e.unit_id, e.period, True
            case RemittanceApproved():
                self._touch(e.remittance_id, recorded).approved = True
            case ClawBackNetted():
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case RemittanceSent():
                self._touch(e.remittance_id, recorded).sent += e.amount
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case SendingCorrected():
                r = self._touch(e.remittance_id, recorded)
                r.sent -= e.difference
                self._remit(recorded, e.remittance_id, e.unit_id, r.period, -e.difference)
            case RemittanceReceived():
                if e.sender_here:
                    self._touch(e.remittance_id, recorded).received += e.amount
                else:
                    # The credit may come before the sender's shard announces its declaration: compared at the head.
                    self._elsewhere[e.unit_id, e.period] += e.amount
            case SettledFromHeld():
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case _:
                pass

    def _touch(self, remittance_id: str, recorded: Recorded) -> _Remittance:
        self._touched[remittance_id] = recorded
        known = self._remittances.get(remittance_id)
        if known is None:
            known = self._remittances[remittance_id] = _Remittance()
        return known

    def _remit(self, recorded: Recorded, remittance_id: str, unit: str, period: str, amount: Dong) -> None:
        if not self._touch(remittance_id, recorded).approved and amount > 0:
            self._wrong(recorded, unit, f"lệnh nộp {remittance_id} ghi {dong(amount)} trước khi được duyệt.")
        self._remitted[unit, period] += amount
        remitted, payable = self._remitted[unit, period], self._payable.get((unit, period), 0)
        if remitted > payable:
            self._wrong(
                recorded, unit, f"kỳ {period} đã nộp {dong(remitted)}, quá phần phải nộp đã chốt {dong(payable)}."
            )

    def _wrong(self, recorded: Recorded | None, unit: str, what: str) -> None:
        self._found.add(
            "I12",
            f"{self._world.name(unit)}: {what} Đối chiếu lệnh nộp với sao kê hai bên; sửa bằng sự kiện điều chỉnh.",
            recorded,
            unit=unit or None,
            account="1150",
        )

    def settle(self) -> None:
        """After each command: in transit is never negative, and is what the book shows."""
        if not self._touched:
            return
        for remittance_id, recorded in self._touched.items():
            r = self._remittances[remittance_id]
            transit = r.sent - r.received
            book = self._world.balance(r.unit, "1150", remittance_id)
            if not r.prepared:
                self._wrong(recorded, r.unit, f"lệnh nộp {remittance_id} có bút toán mà chưa từng được lập.")
            elif transit < 0:
                self._wrong(
                    recorded,
                    r.unit,
                    f"lệnh nộp {remittance_id} gửi {dong(r.sent)} mà cấp trên nhận {dong(r.received)}.",
                )
            elif transit != book:
                self._wrong(
                    recorded,
                    r.unit,
                    f"lệnh nộp {remittance_id} đang chuyển {dong(transit)} nhưng tài khoản 1150 có {dong(book)}.",
                )
        self._touched.clear()

    def finish(self) -> tuple[Finding, ...]:
        """Also what came in from other shards, against what was announced from there."""
        for (unit, period), amount in self._elsewhere.items():
            payable = self._payable.get((unit, period), 0)
            if amount > payable:
                self._wrong(
                    None, unit, f"địa bàn khác chuyển {dong(amount)} cho kỳ {period}, kê khai báo {dong(payable)}."
                )
        return self._found.all()
