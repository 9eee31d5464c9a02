"""Checks on the books of each unit: entries balance (I1, A1), 4310 is guarded (A7), mirrors agree (A2, A3, A5)."""

from collections import defaultdict

from domain.declaration import DeclarationCorrected, DeclarationRestated, HeldPeriodAllocated, PeriodDeclared
from domain.money import Dong
from domain.opening import OpeningSigned
from domain.restructuring import BalancesHandedOver
from domain.spending import FundYearClosed
from domain.unit_changes import UnitReparented
from ledger.chart import CHART, Book, natural
from ledger.checks.base import Finding, Findings, World, account_name, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded

#: The events that may touch the fund (A7).
FUND_EVENTS = (
    OpeningSigned,
    PeriodDeclared,
    HeldPeriodAllocated,
    DeclarationRestated,
    DeclarationCorrected,
    FundYearClosed,
    BalancesHandedOver,
)

_BOOK_TITLES = {Book.MEMO: "sổ ghi nhớ", Book.MONEY: "sổ tiền"}


class EntriesChecker:
    """I1: each book of each unit is zero at every prefix. A1: each entry balances. A7: who may touch 4310."""

    events = frozenset(RULES)

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._drift: dict[tuple[str, Book], Dong] = defaultdict(int)

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Sum the entry by unit and book, and add it to the running sums."""
        sums: dict[tuple[str, str], Dong] = {}
        for line in lines:
            code = line.account
            key = (line.unit, Book.MEMO if code[:1] == "0" else Book.MONEY)
            sums[key] = sums.get(key, 0) + line.amount
            if code not in CHART:
                self._found.add(
                    "A1",
                    f"Bút toán «{recorded.name}» ghi vào tài khoản {code!r} không có trong hệ thống tài khoản. "
                    "Không dùng số liệu của đơn vị này; báo người quản trị.",
                    recorded,
                    unit=line.unit,
                    account=code,
                )
            elif code == "4310" and not isinstance(recorded.event, FUND_EVENTS):
                self._found.add(
                    "A7",
                    f"Sự kiện «{recorded.name}» ghi {dong(line.amount)} vào 4310 (đảng phí được để lại), trong khi chỉ "
                    "số dư đầu kỳ, chốt kỳ và điều chỉnh chốt kỳ được ghi. Kiểm tra sự kiện này.",
                    recorded,
                    unit=line.unit,
                    account=code,
                )
        for (unit, book), amount in sums.items():
            if amount:
                self._unbalanced(recorded, unit, Book(book), amount)

    def _unbalanced(self, recorded: Recorded, unit: str, book: Book, amount: Dong) -> None:
        title = _BOOK_TITLES[book]
        self._found.add(
            "A1",
            f"Bút toán của sự kiện «{recorded.name}» lệch {dong(amount)} trong {title} của "
            f"{self._world.name(unit)}: tổng nợ phải bằng tổng có. So các số tiền của sự kiện với chứng từ.",
            recorded,
            unit=unit,
        )
        self._drift[unit, book] += amount
        self._found.add(
            "I1",
            f"Từ vị trí {recorded.position}, {title} của {self._world.name(unit)} lệch {dong(self._drift[unit, book])} "
            "(phải bằng 0 tại mọi vị trí). Sổ đã bị sửa hoặc ghi sai từ đây; khôi phục từ bản sao trước vị trí này.",
            recorded,
            unit=unit,
        )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()


#: A mirror: which pair of accounts, and the two things that name the pair.
_Pair = tuple[str, str, str]

_MIRRORS = frozenset({"1360", "3360", "1380", "3365", "1390", "3390"})


def pair_of(world: World, unit: str, account: str, key: str) -> _Pair | None:
    """The mirror a line belongs to; the two sides of a mirror give the same pair (A2)."""
    match account:
        case "3360":
            return ("3360", unit, key)
        case "1360":
            subordinate, _, period = key.rpartition(":")
            return ("3360", subordinate, period)
        case "1380":
            return ("3365", world.parent(unit) or "", key)
        case "3365":
            return ("3365", unit, key)
        case "1390":
            return ("3390", unit, key)
        case "3390":
            return ("3390", key, unit)
        case _:
            return None


class MirrorsChecker:
    """A2: mirrors between units agree after every command. A3: 1360 = 3350. A5: consolidated over every subtree."""

    events = frozenset({*RULES, UnitReparented})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._nets: dict[_Pair, Dong] = defaultdict(int)
        self._contra: dict[str, Dong] = defaultdict(int)
        self._touched: dict[_Pair, Recorded] = {}
        self._touched_contra: dict[str, Recorded] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Add the mirror lines to their pairs."""
        if isinstance(recorded.event, UnitReparented):
            self._reparent(recorded, recorded.event)
        for line in lines:
            account = line.account
            if account in _MIRRORS:
                pair = pair_of(self._world, line.unit, account, line.key)
                if pair is not None:
                    self._nets[pair] += line.amount
                    self._touched[pair] = recorded
            if account in ("1360", "3350"):
                self._contra[line.unit] += line.amount
                self._touched_contra[line.unit] = recorded

    def _reparent(self, recorded: Recorded, event: UnitReparented) -> None:
        """What is due from above on account of refunds is due from the new superior now."""
        for case, amount in self._world.balances.get((event.unit_id, "1380"), {}).items():
            if not amount:
                continue
            for superior, by in ((event.from_parent_id, -amount), (event.parent_id, amount)):
                pair = ("3365", superior or "", case)
                self._nets[pair] += by
                self._touched[pair] = recorded

    def settle(self) -> None:
        """The sides of a pair may be booked by different events of one command, so they are compared after it."""
        if not self._touched:
            return
        for pair, recorded in self._touched.items():
            net = self._nets[pair]
            if net and self._is_local(pair):
                self._found.add("A2", self._sentence(pair, net), recorded, unit=pair[1], account=pair[0])
        for unit, recorded in self._touched_contra.items():
            if self._contra[unit]:
                self._found.add(
                    "A3",
                    f"{self._world.name(unit)}: 1360 (cấp dưới kê khai chưa nộp) và 3350 (đối ứng) lệch "
                    f"{dong(self._contra[unit])}. Hai tài khoản này luôn phải bằng nhau; kiểm tra lệnh nộp vừa ghi.",
                    recorded,
                    unit=unit,
                    account="1360",
                )
        self._touched.clear()
        self._touched_contra.clear()

    def _is_local(self, pair: _Pair) -> bool:
        kind, one, other = pair
        if kind == "3360":
            return self._world.here(one) and self._world.here(self._world.parent(one))
        if kind == "3390":
            return self._world.here(one) and self._world.here(other)
        return self._world.here(one)

    def _sentence(self, pair: _Pair, net: Dong) -> str:
        kind, one, other = pair
        name = self._world.name
        if kind == "3360":
            return (
                f"{name(one)} phải nộp kỳ {other} (3360) và cấp trên phải thu (1360) lệch {dong(abs(net))}. "
                "Hai bên đối chiếu bản kê khai và lệnh nộp của kỳ này."
            )
        if kind == "3365":
            return (
                f"Hoàn trả {other}: {name(one)} phải trả cấp dưới (3365) và cấp dưới phải thu (1380) lệch "
                f"{dong(abs(net))}. Đối chiếu phần của từng cấp trong đề nghị hoàn trả."
            )
        return (
            f"{name(one)} nhờ giữ (1390) và {name(other)} giữ hộ (3390) lệch {dong(abs(net))}. "
            "Hai bên đối chiếu tiền giữ hộ."
        )

    def finish(self) -> tuple[Finding, ...]:
        """The pairs, and the consolidated trial balance of every subtree at the head of the log."""
        for unit, difference in self._consolidated().items():
            if difference:
                self._found.add(
                    "A5",
                    f"Bảng cân đối hợp nhất của {self._world.name(unit)} và các đơn vị trực thuộc lệch "
                    f"{dong(difference)}: tiền hiện có và khoản thiếu phải bằng tiền có chủ cộng phần còn phải nộp. "
                    "Xem A1, A2, A3 để biết bút toán nào lệch.",
                    unit=unit,
                )
        return self._found.all()

    def _consolidated(self) -> dict[str, Dong]:
        """Per subtree: money less its owners, with mirrors inside the subtree dropped (accounting §4, A5)."""
        sums: dict[str, Dong] = defaultdict(int)
        for (unit, account), by_key in self._world.balances.items():
            for key, amount in by_key.items():
                if not amount:
                    continue
                other = self._counterpart(unit, account, key) if account in _MIRRORS else None
                for root in self._world.path_up(unit):
                    if other is None or not self._world.within(other, root):
                        sums[root] += amount
        return sums

    def _counterpart(self, unit: str, account: str, key: str) -> str | None:
        """The unit on the other side of a mirror; "" where this shard does not keep its books."""
        if account in ("3360", "1380"):
            other = self._world.parent(unit) or ""
        elif account == "1360":
            other = key.rpartition(":")[0]
        elif account == "3365":
            # The unit below is not in the key; every unit has its books beneath it or in another shard.
            pair = self._nets.get(("3365", unit, key), 0)
            return unit if not pair else ""
        else:
            other = key
        return other if self._world.here(other) else ""

    def notes(self) -> tuple[Finding, ...]:
        """Mirrors whose other side is kept in another shard and that are open now: handshakes, by name."""
        found = []
        for (kind, one, other), net in sorted(self._nets.items()):
            if net and not self._is_local((kind, one, other)):
                amount = natural(kind, net)
                sentence = (
                    f"Đối ứng với địa bàn khác đang mở: {account_name(kind)}, {self._world.name(one)}, «{other}», "
                    f"{dong(amount)}. Chờ bên kia xác nhận."
                )
                found.append(Finding(check="A2", sentence=sentence, unit=one, account=kind))
        return tuple(found)
