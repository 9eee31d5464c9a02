"""Check on what goes up: nobody sends more than the share, and what is sent is received or under way (I12)."""

from collections import defaultdict

from domain.declaration import DeclarationAnnounced, DeclarationCorrected, HeldPeriodAllocated, PeriodDeclared
from domain.money import Dong
from domain.passed_on import PayableInherited, RemittanceTakenOver
from domain.remittance import (
    ClawBackNetted,
    RemittanceApproved,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SettledFromHeld,
)
from domain.remittance_cases import (
    InterimPrepared,
    InterimReceived,
    InterimSettled,
    RemittanceMisrouted,
    RemittancePassedOn,
    RemittanceReturned,
    RemittanceWithdrawn,
)
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded

_CASES = (
    InterimPrepared,
    InterimReceived,
    InterimSettled,
    RemittanceWithdrawn,
    RemittanceReturned,
    RemittanceMisrouted,
    RemittancePassedOn,
)


class _Remittance:
    """One remittance; đồng."""

    __slots__ = (
        "approved",
        "astray",
        "netted",
        "on_account",
        "period",
        "prepared",
        "received",
        "sent",
        "settled",
        "unit",
        "withdrawn",
    )

    def __init__(self) -> None:
        self.unit = self.period = ""
        self.prepared = False
        self.approved = False
        self.on_account = False
        self.withdrawn = False
        self.sent = self.received = self.netted = 0
        self.astray = 0  #: at wrong units
        self.settled = 0  #: of money on account: has answered for dues


class RemittancesChecker:
    """I12: remitted ≤ share at every prefix; sent = received + in transit ≥ 0, as the book's 1150 shows."""

    events = frozenset(
        {
            PeriodDeclared,
            HeldPeriodAllocated,
            DeclarationCorrected,
            DeclarationAnnounced,
            *_CASES,
            RemittancePrepared,
            RemittanceApproved,
            ClawBackNetted,
            RemittanceSent,
            SendingCorrected,
            RemittanceReceived,
            SettledFromHeld,
            PayableInherited,
            RemittanceTakenOver,
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
            case DeclarationCorrected():
                self._correct(recorded, e)
            case PeriodDeclared() | HeldPeriodAllocated() | DeclarationAnnounced():
                self._payable[e.unit_id, e.period] = e.payable
            case PayableInherited() if e.from_unit_id != e.unit_id:
                # What was sent for it before the handover counts under the old name.
                key = (e.unit_id, e.period)
                self._payable[key] = self._payable.get(key, 0) + e.outstanding
            case RemittanceTakenOver():
                self._touch(e.remittance_id, recorded).unit = e.unit_id
            case RemittancePrepared():
                r = self._touch(e.remittance_id, recorded)
                r.unit, r.period, r.prepared = e.unit_id, e.period, True
            case RemittanceApproved():
                self._touch(e.remittance_id, recorded).approved = True
            case ClawBackNetted():
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case RemittanceSent():
                r = self._touch(e.remittance_id, recorded)
                r.sent += e.amount
                if r.withdrawn:
                    self._wrong(recorded, e.unit_id, f"lệnh nộp {e.remittance_id} đã rút mà vẫn gửi tiền.")
                # Money on account answers for no dues until it is settled.
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, 0 if r.on_account else e.amount)
            case SendingCorrected():
                r = self._touch(e.remittance_id, recorded)
                r.sent -= e.difference
                self._remit(recorded, e.remittance_id, e.unit_id, r.period, 0 if r.on_account else -e.difference)
            case RemittanceReceived():
                if e.sender_here:
                    self._touch(e.remittance_id, recorded).received += e.amount
                else:
                    # The credit may come before the sender's shard announces its declaration: compared at the head.
                    self._elsewhere[e.unit_id, e.period] += e.amount
            case SettledFromHeld():
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case _:
                self._see_case(recorded, e)

    def _see_case(self, recorded: Recorded, e: object) -> None:
        match e:
            case InterimPrepared():
                r = self._touch(e.remittance_id, recorded)
                r.unit, r.period, r.prepared, r.on_account = e.unit_id, e.period, True, True
            case InterimReceived():
                self._touch(e.remittance_id, recorded).received += e.amount
            case InterimSettled():
                r = self._touch(e.remittance_id, recorded)
                r.settled += e.amount
                if r.settled > r.received:
                    self._wrong(
                        recorded,
                        e.unit_id,
                        f"{e.remittance_id} tạm nộp {dong(r.received)} mà đã tính vào phải nộp {dong(r.settled)}.",
                    )
                self._remit(recorded, e.remittance_id, e.unit_id, e.period, e.amount)
            case RemittanceWithdrawn():
                self._touch(e.remittance_id, recorded).withdrawn = True
            case RemittanceReturned():
                r = self._touch(e.remittance_id, recorded)
                r.sent -= e.amount
                self._remit(recorded, e.remittance_id, e.unit_id, r.period, 0 if r.on_account else -e.amount)
            case RemittanceMisrouted():
                self._touch(e.remittance_id, recorded).astray += e.amount
            case RemittancePassedOn():
                r = self._touch(e.remittance_id, recorded)
                r.astray -= e.amount
                if r.astray < 0:
                    self._wrong(recorded, e.unit_id, f"{e.at_unit_id} chuyển tiếp quá số đến nhầm {e.remittance_id}.")
            case _:
                pass

    def _correct(self, recorded: Recorded, e: DeclarationCorrected) -> None:
        key = (e.unit_id, e.period)
        self._payable[key] = self._payable.get(key, 0) - e.passed_part
        if self._remitted[key] > self._payable[key]:
            self._wrong(
                recorded,
                e.unit_id,
                f"kỳ {e.period} sửa còn phải nộp {dong(self._payable[key])}, đã nộp {dong(self._remitted[key])}.",
            )

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
            transit = r.sent - r.received - r.astray
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
