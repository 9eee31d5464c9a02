"""Checks on money that came in: once (I3), not contradicted (I4), all of it placed (I5, I14)."""

from domain.bank_account import MovementNamed, StatementTakenBack
from domain.cash import BagCredited
from domain.dues_account import CreditHeld, PaymentApplied
from domain.dues_corrections import CreditUnheld, PaymentUnapplied
from domain.held_passed import HeldMoneyPassed
from domain.money import Dong
from domain.open_item import CreditAccepted, SuspenseToCredit, SuspenseWaitsAgain, SuspenseWrittenOff
from domain.passed_on import SuspenseTakenOver
from domain.payment import (
    Asset,
    CashConverted,
    MatchUndone,
    PaymentConflicted,
    PaymentCredited,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseForRemittance,
    SuspenseIdentified,
    SuspenseNamed,
    SuspenseReleased,
    WitnessAdded,
)
from domain.payment_channels import SuspenseToCase, SuspenseToLump
from domain.payment_request import PaymentRequested
from domain.refund_cases import ClawBackReceived
from domain.remittance import RemittanceReceived
from domain.remittance_cases import InterimReceived, RemittanceMisrouted, RemittancePassedOn, RemittanceReturned
from domain.settlement import SettlementLumpCredited, SettlementLumpTakenBack
from domain.settlement_failed import SettlementLumpReturned
from domain.spending import VoucherPaidByBank, VoucherVoided
from ledger.checks.base import Finding, Findings, World, dong
from ledger.checks.line_use import LineUse
from ledger.posting import Line, entry
from ledger.store import Recorded


class _Paid:
    """What is known of one payment; amounts in đồng."""

    __slots__ = (
        "account",
        "amount",
        "applied",
        "converted",
        "converted_noted",
        "credit",
        "dues",
        "held",
        "received",
        "suspense",
        "suspense_unit",
        "unit",
    )

    def __init__(self) -> None:
        self.received = False
        self.unit = ""
        self.suspense_unit = ""  #: in whose 3380 the waiting part was booked
        self.account = ""
        self.amount = self.dues = self.credit = self.converted = self.suspense = 0
        self.applied = self.held = self.converted_noted = 0


class PaymentsChecker:
    """I3, I4, I5 and I14: each payment once, uncontradicted, and every đồng of it in one place."""

    events = frozenset(
        {
            PaymentReceived,
            WitnessAdded,
            PaymentCredited,
            SettlementLumpCredited,
            SettlementLumpReturned,
            SettlementLumpTakenBack,
            SuspenseToLump,
            SuspenseToCase,
            PaymentConflicted,
            SuspenseIdentified,
            SuspenseReleased,
            SuspenseNamed,
            SuspenseWrittenOff,
            SuspenseToCredit,
            SuspenseWaitsAgain,
            CreditAccepted,
            CashConverted,
            PaymentApplied,
            CreditHeld,
            SuspenseTakenOver,
            MatchUndone,
            PaymentTakenBack,
            PaymentUnapplied,
            CreditUnheld,
            StatementTakenBack,
            PaymentRequested,
            BagCredited,
            MovementNamed,
            RemittanceReceived,
            InterimReceived,
            RemittanceReturned,
            RemittanceMisrouted,
            RemittancePassedOn,
            ClawBackReceived,
            SuspenseForRemittance,
            HeldMoneyPassed,
            VoucherPaidByBank,
            VoucherVoided,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._paid: dict[str, _Paid] = {}
        self._touched: dict[str, Recorded] = {}
        self._asked: dict[str, tuple[Dong, str]] = {}
        self._outside: dict[tuple[str, str], int] = {}
        self._names: dict[str, tuple[str, str]] = {}  #: payment → source and outside reference
        self._used = LineUse(self._found)
        self._lumped: dict[tuple[str, str], frozenset[str]] = {}  #: (account, line) of a lump → whom it pays

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Add the event to its payment."""
        event = recorded.event
        match event:
            case PaymentApplied():
                self._touch(event.payment_id, recorded).applied += event.amount
            case CreditHeld():
                self._touch(event.payment_id, recorded).held += event.amount
            case SuspenseTakenOver():
                self._touch(event.payment_id, recorded).suspense_unit = event.unit_id
            case MatchUndone():
                paid = self._touch(event.payment_id, recorded)
                paid.dues -= event.dues_amount
                paid.credit -= event.credit_amount
                paid.suspense += event.amount
                paid.suspense_unit = event.holder_id
            case PaymentTakenBack():
                self._take_back(recorded, event)
            case StatementTakenBack():
                self._forget(event)
            case PaymentRequested():
                self._asked[event.reference] = (event.amount, event.unit_id)
            case PaymentReceived():
                self._receive(recorded, event, lines)
            case WitnessAdded():
                self._witness(recorded, event)
            case PaymentCredited():
                self._credit(recorded, event)
            case PaymentConflicted():
                if entry(event):
                    self._found.add(
                        "I4", "Một thông báo mâu thuẫn lại làm thay đổi sổ tiền. Báo người quản trị.", recorded
                    )
            case SuspenseIdentified():
                paid = self._touch(event.payment_id, recorded)
                paid.dues += event.dues_amount
                paid.credit += event.credit_amount
                paid.suspense -= event.amount
            case SuspenseWaitsAgain():
                self._touch(event.payment_id, recorded).suspense += event.amount
            case CreditAccepted():
                self._differs(recorded, event.payment_id, self._paid.get(event.payment_id), event.amount, "báo có")
                self._touch(event.waiting_payment_id, recorded)
            case (
                SuspenseReleased()
                | SuspenseNamed()
                | SuspenseForRemittance()
                | HeldMoneyPassed()
                | SuspenseWrittenOff()
                | SuspenseToCredit()
                | SuspenseToCase()
            ):
                self._touch(event.payment_id, recorded).suspense -= event.amount
            case CashConverted():
                self._touch(event.by_payment_id, recorded).converted_noted += event.amount
            case _:
                self._by_line(recorded)

    def _forget(self, event: StatementTakenBack) -> None:
        """Lines that count no more may answer for something else when they come again."""
        for line in event.bank_lines:
            self._used.forget(event.account_id, line)
            self._lumped.pop((event.account_id, line), None)

    def _by_line(self, recorded: Recorded) -> None:
        """What a bank line answers for, when it is no payment of a member."""
        event = recorded.event
        match event:
            case SettlementLumpCredited():
                self._used.use(recorded, event.account_id, event.bank_line, event.settlement_id)
                self._lumped[event.account_id, event.bank_line] = frozenset(event.payments)
            case SuspenseToLump():
                self._touch(event.payment_id, recorded).suspense -= event.amount
                # What waited was no payment of its own: the line answers for what it pays.
                self._used.leave(event)
            case SettlementLumpTakenBack():
                self._used.forget(event.account_id, event.bank_line)
                self._lumped.pop((event.account_id, event.bank_line), None)
            case SettlementLumpReturned():
                self._used.use(recorded, event.account_id, event.bank_line, event.settlement_id)
            case PaymentUnapplied():
                self._touch(event.payment_id, recorded).applied -= event.amount
            case CreditUnheld():
                self._touch(event.payment_id, recorded).held -= event.amount
            case BagCredited():
                self._used.use(recorded, event.account_id, event.bank_line, event.bag)
            case MovementNamed():
                self._used.use(recorded, event.account_id, event.bank_line, event.what)
            case VoucherPaidByBank():
                self._used.use(recorded, event.account_id, event.bank_line, event.voucher_id)
            case VoucherVoided():
                if event.bank_line is not None:
                    self._used.use(recorded, event.asset_key, event.bank_line, event.voucher_id)
            case RemittanceReceived():
                self._out_of_suspense(recorded, event.asset, event.asset_key)
                if event.superior_here and event.bank_line is not None:
                    self._used.use(recorded, event.asset_key, event.bank_line, event.remittance_id)
            case InterimReceived() | RemittanceReturned() | RemittanceMisrouted() | RemittancePassedOn():
                self._out_of_suspense(recorded, event.asset, event.asset_key)
                if event.bank_line is not None:
                    self._used.use(recorded, event.asset_key, event.bank_line, event.remittance_id)
            case ClawBackReceived():
                if event.bank_line is not None:
                    self._used.use(recorded, event.asset_key, event.bank_line, event.refund_id)
            case _:
                pass

    def _out_of_suspense(self, recorded: Recorded, asset: str, payment_id: str) -> None:
        """Money that a remittance took out of suspense must have been said to be that, on its payment."""
        if asset == "3380":
            self._touch(payment_id, recorded)

    def _touch(self, payment_id: str, recorded: Recorded) -> _Paid:
        self._touched[payment_id] = recorded
        paid = self._paid.get(payment_id)
        if paid is None:
            paid = self._paid[payment_id] = _Paid()
        return paid

    def _take_back(self, recorded: Recorded, event: PaymentTakenBack) -> None:
        """The money never came: it may come in again, once, and nothing of it may be left in the book."""
        paid = self._touch(event.payment_id, recorded)
        if not paid.received or paid.suspense != event.amount or paid.amount != event.amount:
            self._found.add(
                "I5",
                f"Khoản {event.payment_id} bị huỷ {dong(event.amount)} trong khi đã ghi thu {dong(paid.amount)} và chỉ "
                f"còn treo {dong(paid.suspense)}. Phần kia còn trong sổ; lập bút toán sửa.",
                recorded,
                unit=event.unit_id,
            )
        paid.received = False
        paid.amount, paid.suspense = 0, paid.suspense - event.amount
        self._outside.pop(self._names.pop(event.payment_id, ("", "")), None)

    def _receive(self, recorded: Recorded, event: PaymentReceived, lines: tuple[Line, ...]) -> None:
        name = (event.source, event.outside_reference)
        paid = self._touch(event.payment_id, recorded)
        if name in self._outside or paid.received:
            self._found.add(
                "I3",
                f"Khoản {event.source}/{event.outside_reference}, {dong(event.amount)}, ghi thu lần thứ hai (lần "
                f"đầu ở vị trí {self._outside.get(name, 0)}). Chỉ một lần là tiền thật; đối chiếu sao kê.",
                recorded,
                unit=event.unit_id,
            )
            if paid.received and paid.amount != event.amount:
                self._found.add(
                    "I4",
                    f"Cùng mã {event.payment_id} mà số tiền khác: trước {dong(paid.amount)}, nay {dong(event.amount)}; "
                    "lẽ ra phải thành vụ việc mâu thuẫn, không được ghi tiền. Đối chiếu với kênh thu.",
                    recorded,
                    unit=event.unit_id,
                )
        self._outside[name] = recorded.position
        self._names[event.payment_id] = name
        paid.received = True
        paid.unit, paid.amount = event.unit_id, paid.amount + event.amount
        paid.suspense_unit = next((line.unit for line in lines if line.account == "3380"), event.holder_id)
        paid.dues += event.dues_amount
        paid.credit += event.credit_amount
        paid.converted += event.converted_amount
        paid.suspense += event.suspense_amount
        if event.asset is Asset.BANK:
            paid.account = event.asset_key
            if event.bank_line is not None:
                self._used.use(recorded, event.asset_key, event.bank_line, event.payment_id)
        parts = event.dues_amount + event.credit_amount + event.converted_amount + event.suspense_amount
        if parts != event.amount:
            self._found.add(
                "I5",
                f"Khoản {event.payment_id} thu {dong(event.amount)} nhưng các phần cộng lại {dong(parts)}. "
                "Đối chiếu với chứng từ thu.",
                recorded,
                unit=event.unit_id,
            )
        if event.asset is Asset.CLEARING and event.reference is not None and event.request_kind is not None:
            asked = self._asked.get(event.reference)
            if asked != (event.amount, event.unit_id):
                wanted = "không có yêu cầu nào" if asked is None else f"yêu cầu là {dong(asked[0])} cho {asked[1]}"
                self._found.add(
                    "I4",
                    f"Cổng báo mã {event.reference} trả {dong(event.amount)} cho {event.unit_id}, trong khi {wanted}: "
                    "lẽ ra phải thành vụ việc mâu thuẫn. Tra soát với Cổng.",
                    recorded,
                    unit=event.unit_id,
                )

    def _witness(self, recorded: Recorded, event: WitnessAdded) -> None:
        paid = self._paid.get(event.payment_id)
        self._differs(recorded, event.payment_id, paid, event.amount, "chứng cứ thứ hai")
        if paid is not None and paid.account and event.bank_line is not None:
            self._used.use(recorded, paid.account, event.bank_line, event.payment_id)

    def _credit(self, recorded: Recorded, event: PaymentCredited) -> None:
        self._differs(recorded, event.payment_id, self._paid.get(event.payment_id), event.amount, "báo có")
        if event.payment_id in self._lumped.get((event.account_id, event.bank_line), ()):
            # One line for many: the lump uses it up, once, and names whom it pays (A13).
            return
        self._used.use(recorded, event.account_id, event.bank_line, event.payment_id)

    def _differs(self, recorded: Recorded, payment_id: str, paid: _Paid | None, amount: Dong, what: str) -> None:
        known = None if paid is None or not paid.received else paid.amount
        if known != amount:
            said = "chưa từng được ghi thu" if known is None else f"đã ghi thu {dong(known)}"
            self._found.add(
                "I4",
                f"Khoản {payment_id}: {what} nêu {dong(amount)} nhưng khoản này {said}. Nội dung khác phải thành vụ "
                "việc mâu thuẫn; đối chiếu với kênh thu và sao kê.",
                recorded,
            )

    def settle(self) -> None:
        """After each command the payments it touched add up."""
        self._used.settle()
        if not self._touched:
            return
        for payment_id, recorded in self._touched.items():
            self._settle_one(payment_id, self._paid[payment_id], recorded)
        self._touched.clear()

    def _settle_one(self, payment_id: str, paid: _Paid, recorded: Recorded) -> None:
        for what, placed, said in (
            ("đã trừ vào tháng đảng phí", paid.applied, paid.dues),
            ("giữ là đóng thừa", paid.held, paid.credit),
            ("đổi từ tiền mặt đã có biên lai", paid.converted_noted, paid.converted),
        ):
            if placed != said:
                self._found.add(
                    "I5",
                    f"Khoản {payment_id}: phần {what} là {dong(placed)} nhưng khoản thu ghi {dong(said)}. "
                    "So sổ của đảng viên với khoản thu; phần lệch phải có bút toán sửa.",
                    recorded,
                    unit=paid.unit or None,
                )
        book = self._world.balance(paid.suspense_unit, "3380", payment_id)
        if paid.suspense < 0 or book != paid.suspense:
            self._found.add(
                "I14",
                f"Khoản {payment_id} còn treo {dong(paid.suspense)} theo vụ việc nhưng tài khoản 3380 của "
                f"{self._world.name(paid.suspense_unit)} còn {dong(book)}. Kiểm tra các lần xác định và hoàn trả.",
                recorded,
                unit=paid.suspense_unit or None,
                account="3380",
            )

    def finish(self) -> tuple[Finding, ...]:
        """Also: nothing stands in 3380 that is no open case."""
        for (unit, account), by_key in self._world.balances.items():
            if account != "3380":
                continue
            for key, amount in by_key.items():
                paid = self._paid.get(key)
                if amount and (paid is None or paid.suspense_unit != unit):
                    self._found.add(
                        "I14",
                        f"Tài khoản 3380 của {self._world.name(unit)} có {dong(-amount)} cho «{key}» mà không có vụ "
                        "việc nào của đơn vị này đang mở. Kiểm tra bút toán đã ghi khoản này.",
                        unit=unit,
                        account="3380",
                    )
        return self._found.all()
