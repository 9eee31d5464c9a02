"""Check on settlements (A13): they add up, what one bank line pays is what it was, and no payment is paid twice."""

from collections import defaultdict

from domain.bank_account import StatementImported, StatementLine, StatementTakenBack
from domain.money import Dong
from domain.notice import Direction
from domain.payment import CreditTakenBack, PaymentCredited
from domain.payment_channels import CreditReturned
from domain.settlement import SettlementLumpCredited, SettlementLumpTakenBack, SettlementTold, key_of
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class _Lump:
    """A lump and what its payments were credited with since; đồng."""

    __slots__ = ("at", "credited", "event", "paid")

    def __init__(self, event: SettlementLumpCredited, at: Recorded) -> None:
        self.event = event
        self.at = at
        self.credited: Dong = 0
        self.paid: set[str] = set()


class SettlementsChecker:
    """A13."""

    events = frozenset(
        {
            SettlementTold,
            SettlementLumpCredited,
            SettlementLumpTakenBack,
            PaymentCredited,
            CreditTakenBack,
            CreditReturned,
            StatementImported,
            StatementTakenBack,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._lines: dict[str, StatementLine] = {}
        self._told: dict[tuple[str, str], SettlementTold] = {}
        self._lumps: dict[str, _Lump] = {}  #: by bank line
        self._credited: dict[str, Recorded] = {}  #: payment → where it was credited
        self._by_line: dict[str, list[tuple[PaymentCredited, Recorded]]] = defaultdict(list)
        self._open: set[str] = set()  #: lines touched by the command that is being read

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event in."""
        event = recorded.event
        match event:
            case StatementImported():
                self._lines |= {line.key: line for line in event.lines}
            case StatementTakenBack():
                for key in event.bank_lines:
                    self._lines.pop(key, None)
                    self._by_line.pop(key, None)
            case SettlementTold():
                self._tell(recorded, event)
            case SettlementLumpCredited():
                self._lump(recorded, event)
            case SettlementLumpTakenBack():
                self._lumps.pop(event.bank_line, None)
            case PaymentCredited():
                self._credit(recorded, event)
            case CreditReturned():
                self._credited.pop(event.payment_id, None)
            case CreditTakenBack():
                self._credited.pop(event.payment_id, None)
                self._by_line.pop(event.bank_line, None)
            case _:
                pass

    def _wrong(self, recorded: Recorded, sentence: str, unit: str | None = None) -> None:
        self._found.add("A13", sentence, recorded, unit=unit, account="1140")

    def _tell(self, recorded: Recorded, event: SettlementTold) -> None:
        name = f"Quyết toán {event.settlement_id} của kênh {event.rail}"
        total = sum(line.net for line in event.lines)
        each = all(line.amount - line.fee == line.net for line in event.lines)
        sums = (sum(line.amount for line in event.lines), sum(line.fee for line in event.lines), len(event.lines))
        if total != event.net or not each or sums != (event.amount, event.fees, event.count):
            self._wrong(
                recorded,
                f"{name}: các dòng cộng lại {dong(total)}, sổ ghi số thuần {dong(event.net)}, cộng "
                f"{dong(event.amount)}, phí {dong(event.fees)}, {event.count} dòng. Xin kênh gửi lại và đối chiếu.",
                event.unit_id,
            )
        self._told[event.rail, key_of(event.settlement_id)] = event

    def _lump(self, recorded: Recorded, event: SettlementLumpCredited) -> None:
        name = f"Dòng trả gộp {event.bank_line[:12]}… của quyết toán {event.settlement_id}"
        told = self._told.get((event.rail, key_of(event.settlement_id)))
        if told is None or told.net != event.amount:
            said = "chưa ai báo quyết toán đó" if told is None else f"quyết toán là {dong(told.net)}"
            self._wrong(recorded, f"{name} ghi {dong(event.amount)} nhưng {said}. Đối chiếu với kênh.", event.unit_id)
        if event.credited + event.added - event.netted != event.amount:
            self._wrong(
                recorded,
                f"{name}: báo có {dong(event.credited)} + thêm {dong(event.added)} − trừ {dong(event.netted)} khác "
                f"{dong(event.amount)}. Đối chiếu từng dòng quyết toán.",
                event.unit_id,
            )
        line = self._lines.get(event.bank_line)
        booked = None if line is None else line.amount if line.direction is Direction.IN else -line.amount
        if booked != event.amount:
            said = "không có trên sao kê nào" if booked is None else f"trên sao kê là {dong(booked)}"
            self._wrong(recorded, f"{name} ghi {dong(event.amount)} nhưng dòng đó {said}. Đối chiếu sao kê.")
        if event.bank_line in self._lumps:
            self._wrong(recorded, f"{name} được dùng cho hai quyết toán. Một dòng chỉ trả một lần.", event.unit_id)
        self._lumps[event.bank_line] = _Lump(event, recorded)
        self._open.add(event.bank_line)

    def _credit(self, recorded: Recorded, event: PaymentCredited) -> None:
        first = self._credited.get(event.payment_id)
        if first is not None:
            self._wrong(
                recorded,
                f"Khoản {event.payment_id} được báo có hai lần (lần đầu ở vị trí {first.position}). Chỉ một lần là "
                "tiền thật; đối chiếu sao kê.",
                event.unit_id,
            )
        self._credited[event.payment_id] = recorded
        self._by_line[event.bank_line].append((event, recorded))
        lump = self._lumps.get(event.bank_line)
        if lump is not None:
            lump.credited += event.credited
            lump.paid.add(event.payment_id)
            self._open.add(event.bank_line)

    def settle(self) -> None:
        """After each command a lump's payments are all credited, with what the lump says."""
        for key in self._open:
            lump = self._lumps.get(key)
            if lump is None:
                continue
            event = lump.event
            if (lump.credited, lump.paid) != (event.credited, set(event.payments)):
                self._wrong(
                    lump.at,
                    f"Dòng trả gộp {key[:12]}… nói trả {len(event.payments)} khoản, {dong(event.credited)}; sổ báo có "
                    f"{len(lump.paid)} khoản, {dong(lump.credited)}. Đối chiếu quyết toán {event.settlement_id}.",
                    event.unit_id,
                )
        self._open.clear()

    def finish(self) -> tuple[Finding, ...]:
        """Also: what one bank line credits is no more than the line, where no lump stands for it."""
        self.settle()
        for key, credits in self._by_line.items():
            line = self._lines.get(key)
            if key in self._lumps or line is None:
                continue
            total = sum(event.credited for event, _ in credits)
            if total != line.amount:
                self._wrong(
                    credits[-1][1],
                    f"Dòng sao kê {key[:12]}… là {dong(line.amount)} nhưng báo có cho {len(credits)} khoản cộng "
                    f"{dong(total)}. Một đồng chỉ báo có một lần; lập bút toán sửa.",
                    credits[-1][0].unit_id,
                )
        return self._found.all()
