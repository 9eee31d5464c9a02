"""Checks on whose money it is: cover (A4), conservation of what members paid (A6), open items (A8)."""

from collections import defaultdict
from datetime import date

from domain.declaration import DeclarationAnnounced, DeclarationCorrected, DeclarationRestated
from domain.dues_account import AheadReturned, CollectedAhead, CreditApplied, DuesAdjusted, SurplusAccepted
from domain.dues_corrections import CreditUnapplied
from domain.money import Dong
from domain.opening import OpeningSigned
from domain.payment import MatchUndone, PaymentReceived, SuspenseIdentified
from domain.refund import RefundTakenFromUnsplit
from domain.restructuring import BalancesHandedOver
from domain.settlement import pays_in_lumps
from domain.spending import FundYearClosed
from ledger.chart import ASSETS, CHART, OWED, natural
from ledger.checks.base import Finding, Findings, OpenItem, World, account_name, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded

_COVER = frozenset((*ASSETS, *OWED, "1380"))


class CoverChecker:
    """A4: at every day's end and at the head, a unit's money covers what it owes to others.

    Missing cash with an open case (1370) is a note, not a finding, as long as nothing lacks beyond it.
    """

    events = frozenset(RULES)

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._slack: dict[str, Dong] = defaultdict(int)
        self._missing: dict[str, Dong] = defaultdict(int)  #: cash that a count found missing and that is an open case
        self._short: dict[str, Recorded] = {}  #: units that lack no more than that
        self._touched: dict[str, Recorded] = {}
        self._day = date.min

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Close the day before if a new one has begun, then add the entry to what is left over."""
        if self._world.on != self._day:
            self._close_day()
            self._day = self._world.on
        for line in lines:
            if line.account in _COVER:
                self._slack[line.unit] += line.amount
                self._touched[line.unit] = recorded
            elif line.account == "1370":
                self._missing[line.unit] += line.amount
                self._touched[line.unit] = recorded

    def _close_day(self) -> None:
        for unit, recorded in self._touched.items():
            slack = self._slack[unit]
            self._short.pop(unit, None)
            if slack >= 0:
                continue
            # What a count found missing has a case, an age and a next step (A8): it is known, and no spending.
            if -slack <= self._missing[unit]:
                self._short[unit] = recorded
            else:
                self._found.add(
                    "A4",
                    f"Cuối ngày {self._day:%d/%m/%Y}, {self._world.name(unit)} thiếu {dong(-slack)}: tiền ít hơn "
                    "phần của đảng viên, cấp trên và đơn vị khác. Dừng chi; tìm khoản chi hoặc phí vượt quỹ.",
                    recorded,
                    unit=unit,
                )
        self._touched.clear()

    def finish(self) -> tuple[Finding, ...]:
        """The last day too."""
        self._close_day()
        return self._found.all()

    def notes(self) -> tuple[Finding, ...]:
        """Units that cannot cover what they owe until a shortage of cash is settled, at the head."""
        return tuple(
            Finding(
                check="A4",
                sentence=f"{self._world.name(unit)} thiếu {dong(-self._slack[unit])} so với phần của người khác, do "
                f"{dong(self._missing[unit])} tiền mặt thiếu chờ xử lý (1370). "
                f"{NEXT_STEPS['1370'][1]} Chưa chi khoản nào cho đến khi bù đủ.",
                position=recorded.position,
                stream=recorded.stream,
                unit=unit,
                account="1370",
            )
            for unit, recorded in self._short.items()
        )


class ConservationChecker:
    """A6: what members paid since the opening, less refunds, is fund gained, unsplit or on its way up."""

    events = frozenset(
        {
            *RULES,
            PaymentReceived,
            SuspenseIdentified,
            MatchUndone,
            CreditUnapplied,
            CreditApplied,
            CollectedAhead,
            SurplusAccepted,
            AheadReturned,
            DuesAdjusted,
            RefundTakenFromUnsplit,
            DeclarationRestated,
            DeclarationCorrected,
            DeclarationAnnounced,
            OpeningSigned,
            FundYearClosed,
        }
    )

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._collected: Dong = 0
        self._refunded: Dong = 0
        self._announced: Dong = 0
        self._opening_fund: Dong = 0
        self._payable: dict[str, Dong] = defaultdict(int)
        self._claimed: dict[str, Dong] = defaultdict(int)

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Count what the events say on one hand, and what the books show on the other."""
        event = recorded.event
        match event:
            case PaymentReceived() | SuspenseIdentified():
                self._collected += event.dues_amount
            case CreditApplied():
                self._collected += event.amount
            case MatchUndone():
                self._collected -= event.dues_amount
            case CreditUnapplied():
                self._collected -= event.amount
            case CollectedAhead() | SurplusAccepted():
                self._collected += event.amount
            case AheadReturned():
                self._collected -= event.amount
            case DuesAdjusted():
                self._collected -= event.to_credit
            case RefundTakenFromUnsplit():
                self._refunded += event.amount
            case DeclarationRestated(is_origin=True):
                self._refunded += event.reduced_by
            case DeclarationCorrected():
                # What a correction takes off is owed upwards no more, whatever the books showed before.
                self._claimed[event.unit_id] += event.passed_part
            case DeclarationAnnounced():
                self._announced += event.payable
            case OpeningSigned():
                self._opening_fund += event.fund
            case FundYearClosed():
                # What a year's close took off the fund was gained before it was spent.
                self._opening_fund -= event.from_retained
            case _:
                pass
        for line in () if isinstance(event, BalancesHandedOver) else lines:
            # Gross flows: what was passed up or netted later does not make it less collected.
            if line.account == "3360" and line.amount < 0:
                self._payable[line.unit] -= line.amount
            elif line.account == "1380" and line.amount > 0:
                self._claimed[line.unit] += line.amount

    def finish(self) -> tuple[Finding, ...]:
        """Compare at the head, over the whole shard."""
        paid = self._collected - self._refunded + self._announced
        fund = self._sum("4310") - self._opening_fund
        waiting = self._sum("3310") + self._sum("3350")
        up = sum(
            self._payable[unit] - self._claimed[unit]
            for unit in {*self._payable, *self._claimed}
            if not self._world.here(self._world.parent(unit))
        )
        if paid != fund + waiting + up:
            self._found.add(
                "A6",
                f"Thu của đảng viên trừ hoàn trả là {dong(paid)}, nhưng các sổ cho thấy {dong(fund + waiting + up)} "
                f"(để lại {dong(fund)}, chưa phân bổ và chờ nộp {dong(waiting)}, cấp cao nhất phải nộp {dong(up)}): "
                f"lệch {dong(paid - fund - waiting - up)}. Xem A2 và I11 để biết cấp nào lệch.",
            )
        return self._found.all()

    def _sum(self, account: str) -> Dong:
        units = [unit for unit, code in self._world.balances if code == account]
        return sum(self._world.balance(unit, account) for unit in units)


#: Who must act on an open balance, and how (accounting §2). Each account that must reach zero has a row.
NEXT_STEPS = {
    "1110": ("thủ quỹ", "Kiểm quỹ, nộp tiền vào ngân hàng hoặc bàn giao cho đơn vị giữ hộ."),
    "1130": ("thủ quỹ", "Đối chiếu phiếu nộp tiền với sao kê; hỏi ngân hàng nếu quá hạn."),
    "1140": ("kế toán", "Nhập sao kê; tra soát với Cổng nếu quá hạn mà chưa báo có."),
    "1150": ("kế toán", "Chờ báo có của cấp trên; quá hạn thì tra soát hai bên."),
    "1360": ("kế toán cấp dưới", "Lập và gửi lệnh nộp cho kỳ đã kê khai."),
    "1370": ("cấp ủy", "Quyết định người bồi hoàn hoặc cho ghi giảm."),
    "1380": ("kế toán", "Cấn trừ vào lệnh nộp kế tiếp."),
    "3310": ("kế toán", "Chốt kỳ; nếu chưa có tỷ lệ thì giữ nguyên «chưa phân bổ»."),
    "3360": ("kế toán", "Lập lệnh nộp, duyệt và gửi cấp trên."),
    "3365": ("kế toán", "Cấn trừ khi nhận lệnh nộp kế tiếp của cấp dưới."),
    "3370": ("thủ quỹ", "Chi hoàn trả cho người nộp theo quyết định."),
    "3380": ("kế toán", "Xác định chủ khoản tiền, hoặc hoàn trả người gửi."),
}

_MUST_REACH_ZERO = frozenset(code for code, account in CHART.items() if account.must_reach_zero)


class OpenItemsChecker:
    """A8: every balance that must come back to zero has an age, an owner and a next step."""

    events = frozenset(RULES)

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._since: dict[tuple[str, str, str], date] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Remember since when a balance is open."""
        for line in lines:
            if line.account in _MUST_REACH_ZERO:
                item = (line.unit, line.account, line.key)
                if self._world.balances[line.unit, line.account][line.key]:
                    self._since.setdefault(item, self._world.on)
                else:
                    self._since.pop(item, None)

    def finish(self) -> tuple[Finding, ...]:
        """Every open item that nobody could follow up."""
        for (unit, account, key), since in sorted(self._since.items()):
            amount = self._world.balances[unit, account][key]
            what = f"{account_name(account)} «{key}» của {self._world.name(unit)}: {dong(natural(account, amount))}"
            if not self._world.here(unit):
                self._found.add(
                    "A8",
                    f"{what}, mở từ {since:%d/%m/%Y}, không có chủ: đơn vị không có sổ trong hệ thống này. "
                    "Kiểm tra mã đơn vị của sự kiện.",
                    unit=unit,
                    account=account,
                )
            elif not key:
                self._found.add(
                    "A8",
                    f"{what}, mở từ {since:%d/%m/%Y}, không nêu vụ việc nên không ai theo được. "
                    "Kiểm tra sự kiện đã ghi khoản này.",
                    unit=unit,
                    account=account,
                )
            # What a channel that pays in lumps gave back before it collected again, it takes off its next lump.
            elif natural(account, amount) < 0 and not (account == "1140" and pays_in_lumps(key)):
                self._found.add(
                    "A8",
                    f"{what} nằm ở bên sai của tài khoản, mở từ {since:%d/%m/%Y}: đã ghi ra nhiều hơn ghi vào. "
                    "Tìm bút toán ghi thừa của khoản này.",
                    unit=unit,
                    account=account,
                )
        return self._found.all()

    def open_items(self) -> tuple[OpenItem, ...]:
        """The list itself, by unit and account."""
        return tuple(
            OpenItem(
                unit=unit,
                account=account,
                key=key,
                amount=natural(account, self._world.balances[unit, account][key]),
                since=since,
                days=(self._world.on - since).days,
                due=CHART[account].must_reach_zero or "",
                owner=f"{NEXT_STEPS[account][0]}, {self._world.name(unit)}",
                next_step=NEXT_STEPS[account][1],
            )
            for (unit, account, key), since in sorted(self._since.items())
        )
