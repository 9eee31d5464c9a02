"""Check on what channels took back (A13): lumps that went back whole, cases that hold what was told and no more."""

from collections import defaultdict
from dataclasses import dataclass, field

from domain.bank_account import StatementImported, StatementLine, StatementTakenBack
from domain.channel_case import CaseClosed, CaseReopened, CaseTold, CaseWord
from domain.money import Dong
from domain.payment_channels import CreditReturned, SuspenseToCase, SuspenseToLump
from domain.settlement import SettlementLumpCredited
from domain.settlement_failed import SettlementLumpReturned
from ledger.checks.bank import signed
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


@dataclass(slots=True)
class _Case:
    """What was told of a case and what the book made of it; đồng."""

    message: tuple[Dong, Dong] = (0, 0)
    settled: tuple[Dong, Dong] = (0, 0)
    moved: tuple[Dong, Dong] = (0, 0)
    closed: Dong = 0
    by_decision: dict[str, Dong] = field(default_factory=dict)


class ChannelsChecker:
    """A13."""

    events = frozenset(
        {
            StatementImported,
            StatementTakenBack,
            SettlementLumpCredited,
            SettlementLumpReturned,
            CreditReturned,
            SuspenseToLump,
            SuspenseToCase,
            CaseTold,
            CaseClosed,
            CaseReopened,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._lines: dict[str, StatementLine] = {}
        self._lumps: dict[str, SettlementLumpCredited] = {}
        self._cases: dict[tuple[str, str], _Case] = defaultdict(_Case)
        self._returned: list[tuple[Recorded, SettlementLumpReturned]] = []
        self._given_up: dict[str, set[str]] = defaultdict(set)  #: returned line → payments that are owed again
        self._opened: list[tuple[Recorded, CaseClosed]] = []
        self._set_off: dict[str, Dong] = defaultdict(int)  #: decision → what left suspense for its case
        self._touched: dict[tuple[str, str], Recorded] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event in."""
        event = recorded.event
        match event:
            case StatementImported():
                self._lines |= {line.key: line for line in event.lines}
            case StatementTakenBack():
                for key in event.bank_lines:
                    self._lines.pop(key, None)
            case SettlementLumpCredited():
                self._lumps[event.bank_line] = event
            case SettlementLumpReturned():
                self._returned.append((recorded, event))
            case CreditReturned():
                self._given_up[event.returned_line].add(event.payment_id)
            case SuspenseToLump():
                self._leaves(recorded, event)
            case SuspenseToCase():
                self._set_off[event.decision_id] += event.amount
            case CaseTold() | CaseClosed() | CaseReopened():
                self._case(recorded, event)
            case _:
                pass

    def _wrong(self, recorded: Recorded, sentence: str, unit: str, account: str = "1140") -> None:
        self._found.add("A13", sentence, recorded, unit=unit, account=account)

    def _leaves(self, recorded: Recorded, event: SuspenseToLump) -> None:
        line = self._lines.get(event.bank_line)
        if line is None or signed(line) != event.amount:
            said = "không có trên sao kê nào" if line is None else f"trên sao kê là {dong(signed(line))}"
            self._wrong(
                recorded,
                f"Khoản treo {event.payment_id} {dong(event.amount)} được ghi là dòng {event.bank_line[:12]}… của kênh "
                f"{event.rail}, nhưng dòng đó {said}. Đối chiếu sao kê.",
                event.unit_id,
                "3380",
            )

    def _case(self, recorded: Recorded, event: CaseTold | CaseClosed | CaseReopened) -> None:
        name = (event.rail, event.case_id)
        case = self._cases[name]
        self._touched[name] = recorded
        match event:
            case CaseTold():
                told = (event.taken, event.given)
                if event.word is CaseWord.SETTLED:
                    case.settled = (case.settled[0] + told[0], case.settled[1] + told[1])
                else:
                    case.message = (max(case.message[0], told[0]), max(case.message[1], told[1]))
                case.moved = (case.moved[0] + event.moved_out, case.moved[1] + event.moved_in)
            case CaseClosed():
                missing = case.moved[0] - case.moved[1] - case.closed
                if event.borne + event.opened != missing:
                    self._wrong(
                        recorded,
                        f"Vụ {event.rail}/{event.case_id} được đóng với {dong(event.borne + event.opened)} trong khi "
                        f"đang thiếu {dong(missing)}. Gỡ quyết định {event.decision_id} và quyết định lại.",
                        event.unit_id,
                        "1370",
                    )
                case.closed += event.borne + event.opened
                case.by_decision[event.decision_id] = event.borne + event.opened
                self._opened.append((recorded, event))
            case CaseReopened():
                if case.by_decision.pop(event.decision_id, 0) != event.amount:
                    self._wrong(
                        recorded,
                        f"Vụ {event.rail}/{event.case_id} được mở lại {dong(event.amount)}, khác số mà quyết định "
                        f"{event.decision_id} đã đóng. Lập bút toán sửa.",
                        event.unit_id,
                        "1370",
                    )
                case.closed -= event.amount

    def settle(self) -> None:
        """After each command: what went back is what had come, and a case moved no more than was told of it."""
        for recorded, event in self._returned:
            self._back(recorded, event)
        for recorded, closed in self._opened:
            if self._set_off[closed.decision_id] != closed.opened:
                self._wrong(
                    recorded,
                    f"Vụ {closed.rail}/{closed.case_id}: quyết định {closed.decision_id} mở lại {dong(closed.opened)} "
                    f"nhưng khoản thu chỉ bù {dong(self._set_off[closed.decision_id])}. Gỡ và quyết định lại.",
                    closed.unit_id,
                    "1370",
                )
        for name, recorded in self._touched.items():
            case = self._cases[name]
            told = tuple(max(pair) for pair in zip(case.message, case.settled, strict=True))
            if any(moved > most for moved, most in zip(case.moved, told, strict=True)):
                self._wrong(
                    recorded,
                    f"Vụ {name[0]}/{name[1]}: sổ ghi kênh lấy {dong(case.moved[0])}, trả lại {dong(case.moved[1])}; "
                    f"kênh báo lấy {dong(told[0])}, trả lại {dong(told[1])}. Đối chiếu với kênh.",
                    recorded.meta.unit,
                    "1370",
                )
        self._returned.clear()
        self._opened.clear()
        self._touched.clear()

    def _back(self, recorded: Recorded, event: SettlementLumpReturned) -> None:
        lump = self._lumps.get(event.credited_line)
        name = f"Đợt trả {event.settlement_id} bị thu lại bằng dòng {event.bank_line[:12]}…"
        same = lump is not None and (
            (lump.amount, lump.credited, lump.netted, lump.added, lump.payments)
            == (event.amount, event.credited, event.netted, event.added, event.payments)
        )
        if not same or event.gross != event.credited + event.fees:
            was = "không đợt nào" if lump is None else dong(lump.amount)
            self._wrong(
                recorded,
                f"{name} ghi {dong(event.amount)}, gộp {dong(event.gross)}, phí {dong(event.fees)}; đợt đã ghi có là "
                f"{was}. Đối chiếu quyết toán.",
                event.unit_id,
            )
        line = self._lines.get(event.bank_line)
        if line is None or signed(line) != -event.amount:
            said = "không có trên sao kê nào" if line is None else f"trên sao kê là {dong(signed(line))}"
            self._wrong(recorded, f"{name} nhưng dòng đó {said}. Đối chiếu sao kê.", event.unit_id, "1120")
        if self._given_up[event.bank_line] != set(event.payments):
            self._wrong(
                recorded,
                f"{name} nói về {len(event.payments)} khoản, nhưng {len(self._given_up[event.bank_line])} khoản thôi "
                "được báo có. Đối chiếu quyết toán.",
                event.unit_id,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        self.settle()
        return self._found.all()
