"""Checks on receipts: numbers without gaps (I19), one receipt for each payment (A9)."""

from domain.money import Dong
from domain.payment import MatchUndone, PaymentReceived, PaymentTakenBack, SuspenseIdentified
from domain.receipt_book import ReceiptIssued, ReceiptVoided
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class ReceiptsChecker:
    """I19 and A9."""

    events = frozenset(
        {PaymentReceived, SuspenseIdentified, MatchUndone, PaymentTakenBack, ReceiptIssued, ReceiptVoided}
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._last: dict[tuple[str, int], int] = {}
        #: payment → what its receipt must say: the members' part when it came in; 0 where the portal issued it.
        self._due: dict[str, Dong] = {}
        self._portal: set[str] = set()
        self._amounts: dict[str, Dong] = {}
        self._identified: set[str] = set()
        self._issued: dict[str, tuple[str, int, int]] = {}
        self._waiting: dict[str, Recorded] = {}
        self._new: list[tuple[Recorded, ReceiptIssued]] = []

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Count receipts, and payments that need one."""
        event = recorded.event
        match event:
            case PaymentReceived():
                self._amounts[event.payment_id] = event.amount
                if event.channel == "portal":
                    self._portal.add(event.payment_id)
                elif event.dues_amount + event.credit_amount:
                    self._due[event.payment_id] = event.dues_amount + event.credit_amount
                    self._waiting[event.payment_id] = recorded
            case SuspenseIdentified():
                self._identified.add(event.payment_id)
                if event.payment_id not in self._portal:
                    self._waiting[event.payment_id] = recorded
            case MatchUndone():
                # What is left is whose receipt is due; money with a new owner is receipted like any identified money.
                if event.payment_id in self._due:
                    self._due[event.payment_id] -= event.amount
            case PaymentTakenBack():
                for known in (self._due, self._amounts, self._waiting):
                    known.pop(event.payment_id, None)
                self._identified.discard(event.payment_id)
            case ReceiptVoided():
                self._void(recorded, event)
            case ReceiptIssued():
                self._number(recorded, event)
                self._new.append((recorded, event))
            case _:
                pass

    def _number(self, recorded: Recorded, event: ReceiptIssued) -> None:
        book = (event.unit_id, event.year)
        expected = self._last.get(book, 0) + 1
        if event.number != expected:
            self._found.add(
                "I19",
                f"Quyển biên lai {event.year} của {self._world.name(event.unit_id)}: số {event.number} đứng sau số "
                f"{expected - 1}. Số biên lai phải liền nhau; tìm biên lai bị mất hoặc bị chèn.",
                recorded,
                unit=event.unit_id,
            )
        self._last[book] = event.number

    def _void(self, recorded: Recorded, event: ReceiptVoided) -> None:
        """A number may become void once, and only with the payment that it was issued for."""
        known = self._issued.pop(event.payment_id, None)
        # A receipt of this very command is judged against its payment after it.
        fresh = any(e.payment_id == event.payment_id and e.number == event.number for _, e in self._new)
        if known != (event.unit_id, event.year, event.number) and not fresh:
            self._found.add(
                "I19",
                f"Huỷ biên lai {event.number}/{event.year} của {self._world.name(event.unit_id)} cho khoản "
                f"{event.payment_id}, nhưng biên lai của khoản này là {known}. Đối chiếu quyển biên lai.",
                recorded,
                unit=event.unit_id,
            )

    def settle(self) -> None:
        """After each command: its receipts have a payment, its payments have a receipt."""
        for recorded, event in self._new:
            self._receipt(recorded, event)
        self._new.clear()
        for payment_id, recorded in self._waiting.items():
            if payment_id not in self._issued:
                self._found.add(
                    "A9",
                    f"Khoản {payment_id} của đảng viên không có biên lai. Cấp biên lai cho khoản này.",
                    recorded,
                )
        self._waiting.clear()

    def _receipt(self, recorded: Recorded, event: ReceiptIssued) -> None:
        payment_id = event.payment_id
        amount = self._amounts.get(payment_id)
        if amount is None:
            self._found.add(
                "I19",
                f"Biên lai {event.number}/{event.year} của {self._world.name(event.unit_id)} không ứng với khoản thu "
                f"nào ({payment_id}). Kiểm tra ai đã cấp biên lai này.",
                recorded,
                unit=event.unit_id,
            )
        elif payment_id in self._portal:
            self._found.add(
                "A9",
                f"Khoản {payment_id} đã có biên lai của Cổng, không được cấp thêm số {event.number} của "
                f"{self._world.name(event.unit_id)}. Thu hồi biên lai này.",
                recorded,
                unit=event.unit_id,
            )
        elif event.amount > amount or (
            payment_id not in self._identified and event.amount != self._due.get(payment_id)
        ):
            self._found.add(
                "I19",
                f"Biên lai {event.number}/{event.year} ghi {dong(event.amount)} nhưng phần đảng viên đóng trong khoản "
                f"{payment_id} là {dong(self._due.get(payment_id, 0))}. Đối chiếu liên lưu của biên lai.",
                recorded,
                unit=event.unit_id,
            )
        known = self._issued.setdefault(payment_id, (event.unit_id, event.year, event.number))
        if known != (event.unit_id, event.year, event.number):
            self._found.add(
                "A9",
                f"Khoản {payment_id} có hai biên lai: số {known[2]}/{known[1]} của {known[0]} và số "
                f"{event.number}/{event.year} của {event.unit_id}. Thu hồi một biên lai và ghi rõ lý do.",
                recorded,
                unit=event.unit_id,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
