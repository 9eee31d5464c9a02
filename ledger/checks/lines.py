"""Check on bank lines and decisions (A14): every line in exactly one place, and every decision moved what it says.

A line comes in once, by one file; another file's word for it names a line that is there. Whatever makes use of a line
names one that counts, and is its only user; a line that is placed has a user. What is left waits for a person.
"""

from collections import defaultdict
from collections.abc import Iterator

from domain import channel_case
from domain.bank_account import (
    UNSETTLED,
    LinesPlaced,
    MovementNamed,
    StatementImported,
    StatementTakenBack,
    StatementWitnessed,
)
from domain.cash import BagCredited, BagCreditUndone
from domain.channel_case import CaseClosed
from domain.events import DomainEvent
from domain.held_passed import HeldMoneyPassed
from domain.money import Dong
from domain.open_item import CreditAccepted, DecisionKind, DecisionTaken, SuspenseWrittenOff, line_item
from domain.payment import (
    Asset,
    CreditTakenBack,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseIdentified,
    WitnessAdded,
    WitnessTakenBack,
)
from domain.payment_channels import SuspenseToLump
from domain.refund import PayoutFailed, PayoutSeen
from domain.refund_cases import ClawBackReceived
from domain.remittance import RemittanceReceived, SendingSeen
from domain.remittance_cases import InterimReceived, RemittanceMisrouted, RemittancePassedOn, RemittanceReturned
from domain.settlement import SettlementLumpCredited, SettlementLumpSeen, SettlementLumpTakenBack
from domain.settlement_failed import SettlementLumpReturned
from domain.spending import VoucherPaidByBank, VoucherVoided
from domain.suspense_reserved import SuspenseReserved
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded

#: Events that make use of one bank line, by the field that names it.
_USERS = (
    MovementNamed,
    PaymentReceived,
    WitnessAdded,
    PaymentCredited,
    BagCredited,
    SendingSeen,
    PayoutSeen,
    PayoutFailed,
    ClawBackReceived,
    RemittanceReceived,
    InterimReceived,
    RemittanceReturned,
    RemittanceMisrouted,
    RemittancePassedOn,
    HeldMoneyPassed,
    VoucherPaidByBank,
    VoucherVoided,
    SettlementLumpCredited,
    SettlementLumpSeen,
    SettlementLumpReturned,
)
#: Events that give a line free again before its statement is taken back.
_FREEING = (CreditTakenBack, BagCreditUndone, WitnessTakenBack, SettlementLumpTakenBack)

#: What each kind of decision must have moved, to the đồng.
_MOVED: dict[DecisionKind, tuple[type, ...]] = {
    DecisionKind.IDENTIFY: (SuspenseIdentified,),
    DecisionKind.SPLIT: (SuspenseIdentified,),
    DecisionKind.DUPLICATE: (SuspenseIdentified,),
    DecisionKind.RETURN: (SuspenseReserved,),
    DecisionKind.REJECT: (SuspenseReserved,),
    DecisionKind.WRITE_OFF: (SuspenseWrittenOff,),
    DecisionKind.ACCEPT_FEE: (CreditAccepted,),
    DecisionKind.LUMP: (SuspenseToLump,),
    DecisionKind.BEAR_LOSS: (CaseClosed,),
    DecisionKind.OPEN_AGAIN: (CaseClosed,),
}


class LinesChecker:
    """A14."""

    events = frozenset(
        {
            *_USERS,
            *_FREEING,
            SuspenseToLump,
            StatementImported,
            StatementWitnessed,
            StatementTakenBack,
            LinesPlaced,
            PaymentTakenBack,
            DecisionTaken,
            SuspenseIdentified,
            SuspenseReserved,
            SuspenseWrittenOff,
            CreditAccepted,
            CaseClosed,
        }
    )

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._lines: dict[str, str] = {}  #: line → account
        self._aliases: dict[str, tuple[str, str]] = {}  #: key elsewhere → line, file
        self._placed: dict[str, tuple[str, str]] = {}
        self._used: dict[str, tuple[str, Recorded]] = {}  #: line → what makes use of it
        self._clashes: dict[str, Recorded] = {}  #: lines with a second user in the command that is being read
        self._paid_by: dict[str, str] = {}  #: payment → its line
        self._decisions: list[tuple[Recorded, DecisionTaken]] = []
        self._moved: dict[tuple[type, str], Dong] = defaultdict(int)
        self._placements: list[tuple[Recorded, str]] = []

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Take one event in."""
        event = recorded.event
        match event:
            case StatementImported():
                for line in event.lines:
                    if line.key in self._lines or line.key in self._aliases:
                        self._wrong(recorded, line.key, "được nhập lần thứ hai", event.unit_id)
                    self._lines[line.key] = event.account_id
            case StatementWitnessed():
                for alias in event.aliases:
                    if self._lines.get(alias.line) != event.account_id or alias.key in self._lines:
                        self._wrong(recorded, alias.line, "được chứng thực mà không có trên sao kê", event.unit_id)
                    self._aliases[alias.key] = (alias.line, event.file_digest)
            case StatementTakenBack():
                self._take_back(event)
            case LinesPlaced():
                self._placements += ((recorded, p.key) for p in event.placements if p.outcome not in UNSETTLED)
                self._placed |= {p.key: (p.outcome, p.target) for p in event.placements}
            case PaymentTakenBack():
                self._used.pop(self._paid_by.pop(event.payment_id, ""), None)
            case DecisionTaken():
                self._decisions.append((recorded, event))
            case _:
                self._other(recorded, event)

    def _other(self, recorded: Recorded, event: DomainEvent) -> None:
        for cls, payment, amount in _moves(event):
            self._moved[cls, payment] += amount
        if isinstance(event, SuspenseToLump):
            self._leave(event)
        elif isinstance(event, _FREEING):
            self._used.pop(event.bank_line, None)
        elif isinstance(event, _USERS):
            self._use(recorded, event)

    def _leave(self, event: SuspenseToLump) -> None:
        """The line is no payment's that waited: it is free, or whoever took it in this command has it."""
        before = self._used.get(event.bank_line)
        if before is not None and isinstance(before[1].event, PaymentReceived | WitnessAdded):
            del self._used[event.bank_line]
        taken = self._clashes.pop(event.bank_line, None)
        if taken is not None:
            self._used[event.bank_line] = (str(taken.meta.command_id), taken)

    def _use(self, recorded: Recorded, event: DomainEvent) -> None:
        line: str | None = getattr(event, "bank_line", None)
        if line is None or (isinstance(event, PaymentReceived) and event.asset is not Asset.BANK):
            return
        if isinstance(event, RemittanceReceived) and not event.superior_here:
            return
        if isinstance(event, PaymentReceived):
            self._paid_by[event.payment_id] = line
        if line not in self._lines:
            self._wrong(recorded, line, "được dùng mà không (còn) có trên sao kê", recorded.meta.unit)
        before = self._used.get(line)
        if before is not None and isinstance(before[1].event, SettlementLumpSeen):
            # A lump that waited for its settlement finds its payments.
            del self._used[line]
        # One line may stand for several payments of a lump, and a movement may be told in several events at once.
        self._used.setdefault(line, (str(recorded.meta.command_id), recorded))
        if self._used[line][0] != str(recorded.meta.command_id):
            # Said to have waited only, perhaps by a later event of the same command.
            self._clashes.setdefault(line, recorded)

    def _take_back(self, event: StatementTakenBack) -> None:
        gone = set(event.bank_lines)
        for key in gone:
            self._lines.pop(key, None)
            self._placed.pop(key, None)
            self._used.pop(key, None)
        self._aliases = {
            key: told for key, told in self._aliases.items() if told[0] not in gone and told[1] != event.file_digest
        }

    def settle(self) -> None:
        """After each command: what it placed is used, and what was decided moved as much as it says."""
        for line, recorded in self._clashes.items():
            before = self._used[line][1].position
            self._wrong(recorded, line, f"ở hai chỗ (chỗ trước: vị trí {before})", "")
        self._clashes.clear()
        for recorded, key in self._placements:
            if key in self._lines and key not in self._used:
                self._wrong(recorded, key, "ghi là đã xếp nhưng không ở chỗ nào trong sổ", recorded.meta.unit)
        for recorded, event in self._decisions:
            self._decided(recorded, event)
        self._placements.clear()
        self._decisions.clear()
        self._moved.clear()

    def _decided(self, recorded: Recorded, event: DecisionTaken) -> None:
        made = event.decision
        kinds = _MOVED.get(made.kind)
        if kinds is None:
            return
        # A list may hold several decisions on one payment; each command's sums are compared together.
        told = sum(
            other.decision.amount
            for _, other in self._decisions
            if other.decision.item == made.item and _MOVED.get(other.decision.kind) == kinds
        )
        moved = sum(self._moved[kind, made.item] for kind in kinds)
        parts = sum(part.amount for part in made.parts)
        if told != moved or (made.parts and parts != made.amount):
            self._found.add(
                "A14",
                f"Quyết định {made.decision_id} về {made.item} nói {dong(made.amount)} (các phần cộng lại "
                f"{dong(parts)}) nhưng đã chuyển {dong(moved)}. Gỡ quyết định này và quyết định lại.",
                recorded,
                unit=event.unit_id,
            )

    def _wrong(self, recorded: Recorded, line: str, what: str, unit: str) -> None:
        self._found.add(
            "A14",
            f"Dòng sao kê {line[:12]}… {what}. Mỗi dòng ở đúng một nơi: đã xếp, đã đặt tên, đang chờ, hoặc đã rút. "
            "Đối chiếu sao kê gốc.",
            recorded,
            unit=unit or recorded.meta.unit,
            account="1120",
        )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        self.settle()
        return self._found.all()


def _moves(event: DomainEvent) -> Iterator[tuple[type, str, Dong]]:
    match event:
        case SuspenseIdentified() | SuspenseReserved() | SuspenseWrittenOff():
            yield type(event), event.payment_id, event.amount
        case CreditAccepted():
            yield type(event), event.waiting_payment_id, event.credited
        case CaseClosed():
            yield CaseClosed, channel_case.item(event.rail, event.case_id), event.borne + event.opened
        case SuspenseToLump():
            yield SuspenseToLump, event.payment_id, event.amount
        case SettlementLumpCredited() | SettlementLumpReturned():
            yield SuspenseToLump, line_item(event.account_id, event.bank_line), abs(event.amount)
        case _:
            return
