"""Check on handovers (A11): closing of the old = opening of the new, an ended unit is at zero and stays there."""

from collections import defaultdict

from domain.money import Dong
from domain.restructuring import (
    BalancesHandedOver,
    HandoverSigned,
    RestructureCarriedOut,
    RestructurePlanned,
    Side,
)
from domain.unit_changes import UnitEnded
from ledger.chart import CHART
from ledger.checks.base import Finding, Findings, World, account_name, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded

#: Accounts whose two sides meet and are gone when a unit goes into its own superior or holder.
_MEETING = frozenset({"1360", "3350", "3360", "3310", "1380", "3365", "1390", "3390"})


class HandoverChecker:
    """A11, and that both sides signed before (I21)."""

    events = frozenset({*RULES, RestructurePlanned, HandoverSigned, RestructureCarriedOut, UnitEnded})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._plans: dict[str, RestructurePlanned] = {}
        self._signed: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        self._moved: dict[str, dict[str, Dong]] = defaultdict(lambda: defaultdict(int))  #: act → account → net
        self._ended: dict[str, str] = {}  #: unit → its act, once that is recorded whole
        self._ending: list[UnitEnded] = []
        self._touched: dict[str, Recorded] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Follow plans and signatures; note what touches a unit that has ended."""
        e = recorded.event
        match e:
            case RestructurePlanned():
                self._plans[e.restructure_id] = e
            case HandoverSigned():
                self._sign(recorded, e)
            case UnitEnded():
                self._ending.append(e)
            case BalancesHandedOver():
                for line in lines:
                    self._moved[e.restructure_id][line.account] += line.amount
            case RestructureCarriedOut():
                self._carried_out(recorded, e)
            case _:
                pass
        for line in lines:
            if line.unit in self._ended:
                self._touched[line.unit] = recorded

    def _sign(self, recorded: Recorded, e: HandoverSigned) -> None:
        plan = self._plans.get(e.restructure_id)
        others = {by for (side, _), by in self._signed[e.restructure_id].items() if side != e.side}
        if plan is None or e.signed_by in {plan.planned_by, *others} or e.signed_by != recorded.meta.actor:
            self._found.add(
                "I21",
                f"{e.signed_by} ký bàn giao {e.restructure_id} cho {self._world.name(e.unit_id)}, trong khi đã lập "
                "phương án hoặc đã ký cho bên kia. Huỷ chữ ký này và báo Uỷ ban Kiểm tra.",
                recorded,
                unit=e.unit_id,
            )
        self._signed[e.restructure_id][e.side, e.unit_id] = e.signed_by

    def _carried_out(self, recorded: Recorded, e: RestructureCarriedOut) -> None:
        plan = self._plans.get(e.restructure_id)
        wanted = set()
        if plan is not None:
            wanted = {(Side.OLD, u) for u in plan.old_units} | {(Side.NEW, u) for u in plan.new_units}
        if plan is None or wanted - self._signed[e.restructure_id].keys():
            self._found.add(
                "I21",
                f"Phương án {e.restructure_id} được thực hiện khi hai bên chưa ký đủ. Lập biên bản bàn giao bổ sung.",
                recorded,
                unit=e.root,
            )
        split = plan is not None and bool(plan.members or plan.funds)
        for account, net in sorted(self._moved[e.restructure_id].items()):
            if net and account not in _MEETING and not split:
                self._found.add(
                    "A11",
                    f"Bàn giao {e.restructure_id}: {account_name(account)} của bên giao và bên nhận lệch {dong(net)}. "
                    "Số dư cuối của bên giao phải bằng số dư đầu của bên nhận, từng dòng.",
                    recorded,
                    unit=e.root,
                    account=account,
                )

    def settle(self) -> None:
        """After each command: who ended has nothing left, and nothing is booked there any more."""
        for ended in self._ending:
            self._ended[ended.unit_id] = ended.restructure_id
            self._require_zero(ended.unit_id, None)
        self._ending.clear()
        for unit, recorded in self._touched.items():
            self._require_zero(unit, recorded)
        self._touched.clear()

    def _require_zero(self, unit: str, recorded: Recorded | None) -> None:
        for (owner, account), by_key in self._balances_of(unit):
            for key, amount in by_key.items():
                if amount:
                    self._found.add(
                        "A11",
                        f"{self._world.name(owner)} đã kết thúc nhưng {account_name(account)} «{key}» còn "
                        f"{dong(abs(amount))}. Ghi tiếp ở đơn vị tiếp nhận; kiểm tra biên bản bàn giao.",
                        recorded,
                        unit=owner,
                        account=account,
                    )

    def _balances_of(self, unit: str) -> list[tuple[tuple[str, str], dict[str, Dong]]]:
        return [
            ((unit, account), self._world.balances[unit, account])
            for account in CHART
            if (unit, account) in self._world.balances
        ]

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
