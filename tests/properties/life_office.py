"""Rules of the life machines: spending, counted cash, closed months, the tree."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import OfficerId, PaymentId, UnitId
from domain.organisation_kinds import UnitKind
from domain.payment import Asset
from domain.period import Month
from domain.restructuring import RestructureKind, Side
from domain.spending import VoucherKind
from ledger.close_checklist import KINDS
from ledger.handlers import cash_count, cash_custody, close, collect, restructure, spend
from tests.acceptance.story import into, out
from tests.properties.life_base import PROVINCE, WARD, LifeBase
from tests.properties.life_upwards import month_end
from tests.properties.reckoning_law import after

CELL = st.integers(0, 2)
SPENT = st.sampled_from([1, 11_000, 120_000, 600_000, 7_000_000])


class OfficeRules(LifeBase):
    """Vouchers, counts, custody, bags; close, open again; merge, rename, retype."""

    def cell(self, number: int) -> str:
        return self.cells()[number % len(self.cells())]

    # --- spending ---------------------------------------------------------------------------------------------------

    def _waiting(self, unit: str) -> int:
        """What approved transfers will still take."""
        return sum(v["amount"] for v in self.vouchers.values() if (v["unit"], v["state"]) == (unit, "waiting"))

    @rule(number=CELL, amount=SPENT, asset=st.sampled_from([Asset.CASH, Asset.BANK]), closed=st.booleans())
    def a_cell_spends_its_own_money(self, number: int, amount: int, asset: Asset, closed: bool) -> None:
        """Never what belongs to others, never more than lies there, never in a closed month."""
        unit = self.cell(number)
        dated = month_end(self.closed[unit]) if closed and unit in self.closed else self.day
        asset = Asset.CASH if unit == "B" else asset
        command = self._voucher(unit, amount, asset, dated)
        name = command.voucher_id
        if self.may(dated == self.day, f"{unit}-TP", command, RefusalCode.MONTH_CLOSED) is None:
            return
        waiting = self._waiting(unit)
        missing = sum(money for of, money in self.r.missing.values() if of == unit)
        fund = self.r.fund[unit] - self.r.spent[unit] - waiting
        there = self.r.cash[unit] if asset is Asset.CASH else self.r.bank[unit] - waiting
        possible = amount <= min(fund, fund + self.r.other[unit] - missing, there)
        approve = spend.ApproveVoucher(unit_id=UnitId(unit), voucher_id=name)
        told = self.may(possible, f"{unit}-BT", approve)
        if told is None:
            refuse = spend.RefuseVoucher(unit_id=UnitId(unit), voucher_id=name, reason="không đủ")
            self.do(f"{unit}-BT", refuse)
            return
        self.vouchers[name] = {"unit": unit, "amount": amount, "asset": asset, "reference": told["reference"]}
        self.vouchers[name]["state"] = "booked" if asset is Asset.CASH else "waiting"
        if asset is Asset.CASH:
            self.r.cash[unit] -= amount
            self.r.spent[unit] += amount

    def _voucher(self, unit: str, amount: int, asset: Asset, dated: date) -> spend.ProposeVoucher:
        return spend.ProposeVoucher(
            unit_id=UnitId(unit),
            voucher_id=self.key("DN-"),
            kind=VoucherKind.PAYMENT,
            heading="newspapers",
            source="4310",
            asset=asset,
            amount=amount,
            dated=dated,
            purpose="báo",
        )

    @precondition(lambda self: self.vouchers)
    @rule(number=st.integers(0, 5), voids=st.booleans())
    def a_voucher_is_paid_by_the_bank_or_void(self, number: int, voids: bool) -> None:
        name = list(self.vouchers)[number % len(self.vouchers)]
        voucher = self.vouchers[name]
        unit = voucher["unit"]
        if unit in self.r.merged or voucher["state"] == "void":
            return
        if voids:
            command = spend.VoidVoucher(unit_id=UnitId(unit), voucher_id=name, reason="nhầm")
            possible = (voucher["state"], voucher["asset"]) != ("booked", Asset.BANK)
            if self.may(possible, f"{unit}-BT", command, RefusalCode.VOUCHER_STATE) is not None:
                if voucher["state"] == "booked":
                    self.r.cash[unit] += voucher["amount"]
                    self.r.spent[unit] -= voucher["amount"]
                voucher["state"] = "void"
        elif voucher["state"] == "waiting":
            line = out(self.key(), self.day, voucher["amount"], voucher["reference"])
            assert self.bank(unit, line) == {"voucher": 1}
            voucher["state"] = "booked"
            self.r.bank[unit] -= voucher["amount"]
            self.r.spent[unit] += voucher["amount"]

    @rule(amount=st.sampled_from([1_100, 11_000]))
    def the_bank_takes_a_fee(self, amount: int) -> None:
        line = out(self.key(), self.day, amount, content="THU PHI DICH VU SMS")
        assert self.bank("A", line) == {"bank-fee": 1}
        self.r.bank["A"] -= amount
        self.r.spent["A"] += amount

    # --- cash -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.r.cash[unit] for unit in self.cells()))
    @rule(number=CELL)
    def cash_goes_to_the_bank_or_the_holder(self, number: int) -> None:
        rich = [unit for unit in self.cells() if self.r.cash[unit]]
        unit = rich[number % len(rich)]
        amount = self.r.cash[unit]
        self.r.cash[unit] = 0
        if unit == "B":
            passed = collect.PassCash(unit_id=UnitId("B"), amount=amount, slip=self.key(), passed_on=self.day)
            self.do("B-TP", passed)
            self.r.cash["VH"] += amount
            self.r.lies_with("B", "VH", amount)
            return
        taken = collect.TakeCashBag(unit_id=UnitId(unit), amount=amount, taken_on=self.day)
        self.r.bags[unit].append((self.do(f"{unit}-TP", taken)["bag"], amount))

    @precondition(lambda self: any(self.r.bags.values()))
    @rule(number=CELL)
    def the_bank_credits_a_bag(self, number: int) -> None:
        some = [unit for unit, bags in self.r.bags.items() if bags]
        unit = some[number % len(some)]
        bag, amount = self.r.bags[unit].pop()
        assert self.bank(unit, into(self.key(), self.day, amount, bag)) == {"cash-bag": 1}
        self.r.bank[unit] += amount

    def _count(self, unit: str, total: int) -> dict[str, object]:
        officer = f"{unit}-TP" if unit != "A" else self.custodian
        command = cash_count.CountCash(
            unit_id=UnitId(unit), counted_on=self.day, notes=(), total=total, witness=OfficerId("VH-KT")
        )
        return self.do(officer, command)

    @rule(number=CELL, difference=st.sampled_from([-5_000, -1, 0, 500]))
    def cash_is_counted(self, number: int, difference: int) -> None:
        """What is missing is a case, what is too much waits for its owner."""
        unit = self.cell(number)
        total = max(0, self.r.cash[unit] + difference)
        told, found = self._count(unit, total), total - self.r.cash[unit]
        assert (told["shortage"], told["surplus"]) == (max(0, -found), max(0, found))
        self.r.cash[unit] = total
        if found < 0:
            self.r.missing[str(told["case"])] = (unit, -found)
        if found > 0:
            self.r.waiting[str(told["payment"])] = (unit, found)

    @precondition(lambda self: self.r.missing)
    @rule(part=st.sampled_from([1, 2]), borne=st.booleans())
    def a_shortage_is_made_good_or_written_off(self, part: int, borne: bool) -> None:
        case, (unit, left) = next(iter(self.r.missing.items()))
        amount = max(1, left // part)
        if borne:
            command: object = cash_count.WriteOffShortage(
                unit_id=UnitId(unit), case_id=case, amount=amount, source="4310", decision="QD"
            )
            own = self.r.fund[unit] + self.r.other[unit] - self.r.spent[unit] - self._waiting(unit)
            if self.may(amount <= own, f"{unit}-BT", command, RefusalCode.COUNT_CASE_STATE) is None:
                return
            self.r.spent[unit] += amount
        else:
            command = cash_count.MakeGoodShortage(unit_id=UnitId(unit), case_id=case, amount=amount, paid_on=self.day)
            self.do(f"{unit}-TP", command)
            self.r.cash[unit] += amount
        del self.r.missing[case]
        if amount < left:
            self.r.missing[case] = (unit, left - amount)

    @precondition(lambda self: any(key.startswith("count") for key in self.r.waiting))
    @rule()
    def a_surplus_of_a_count_is_kept(self) -> None:
        payment = next(key for key in self.r.waiting if key.startswith("count"))
        unit, amount = self.r.waiting[payment]
        keep = cash_count.KeepSurplus(unit_id=UnitId(unit), payment_id=PaymentId(payment), decision="QD")
        if self.may(not self.r.asked_back(payment), f"{unit}-BT", keep, RefusalCode.NOT_IN_SUSPENSE) is None:
            return
        del self.r.waiting[payment]
        self.r.other[unit] += amount

    @rule(moves=st.booleans())
    def the_collector_hands_over(self, moves: bool) -> None:
        """Counted, signed by both; cash that moved in between must be counted again."""
        other = {"A-TP": "A-TP2", "A-TP2": "A-TP"}[self.custodian]
        number = self._count("A", self.r.cash["A"])["number"]
        offer = cash_custody.OfferCustody(
            unit_id=UnitId("A"),
            to_officer=OfficerId(other),
            count_number=int(str(number)),
            open_slips=(),
            decision=self.key("BG-"),
        )
        self.do(self.custodian, offer)
        accept = cash_custody.AcceptCustody(unit_id=UnitId("A"))
        self.refused(self.custodian, accept)
        if moves and self.r.cash["A"]:
            bag = collect.TakeCashBag(unit_id=UnitId("A"), amount=1, taken_on=self.day)
            self.r.bags["A"].append((self.do("A-TP", bag)["bag"], 1))
            self.r.cash["A"] -= 1
            self.refused(other, accept, RefusalCode.CUSTODY_STATE)
            return
        self.do(other, accept)
        self.custodian = other

    # --- closing ----------------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 3))
    def a_month_is_closed(self, number: int) -> None:
        """Everything that waits is explained; two people close; decisions are not dated into it any more."""
        unit = [*self.cells(), "VH"][number % (len(self.cells()) + 1)]
        month = after(self.closed.get(unit, "2026-06"))
        first, second = ("VH-KT", "VH-CU") if unit == "VH" else (f"{unit}-TP", f"{unit}-BT")
        explained = tuple(close.Explanation(kind=kind, key=None, reason="đối chiếu") for kind in KINDS)
        command = close.CloseMonth(unit_id=UnitId(unit), month=Month(month), explanations=explained)
        if self.may(month < self.month, first, command, RefusalCode.PERIOD_NOT_OVER) is None:
            return
        confirm = close.ConfirmClose(unit_id=UnitId(unit), month=Month(month))
        self.refused(first, confirm, RefusalCode.MAKER_IS_CHECKER)
        self.do(second, confirm)
        self.closed[unit] = month
        self.books.catch_up()
        self.figures[unit, month] = self.books.month_books().figures(UnitId(unit), Month(month)).lines
        if unit != "VH":
            self.refused(f"{unit}-TP", self._voucher(unit, 1, Asset.CASH, month_end(month)), RefusalCode.MONTH_CLOSED)

    @precondition(lambda self: self.closed)
    @rule(number=st.integers(0, 3))
    def a_month_is_opened_again(self, number: int) -> None:
        unit = list(self.closed)[number % len(self.closed)]
        if unit in self.r.merged:
            return
        month = Month(self.closed[unit])
        first, second = ("VH-KT", "VH-CU") if unit == "VH" else (f"{unit}-TP", f"{unit}-BT")
        reopen = close.ReopenMonth(unit_id=UnitId(unit), month=month)
        self.refused(second, reopen, RefusalCode.REOPENING_NOT_REQUESTED)
        self.do(first, close.RequestReopening(unit_id=UnitId(unit), month=month, reason="quên phiếu"))
        self.refused(first, reopen, RefusalCode.MAKER_IS_CHECKER)
        self.do(second, reopen)
        del self.figures[unit, month], self.closed[unit]
        if month > "2026-07":
            self.closed[unit] = after(month, -1)

    # --- the tree ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: "C" not in self.r.merged)
    @rule(withdrawn=st.booleans())
    def c_goes_into_a(self, withdrawn: bool) -> None:
        """Whatever C has, owes and is owed stands under A; the preview shows it and records nothing."""
        name = self.key("SN-")
        plan = restructure.PlanRestructure(
            root=WARD,
            restructure_id=name,
            kind=RestructureKind.MERGE,
            sources=(UnitId("C"),),
            target=UnitId("A"),
            effective_on=self.day,
            decision="12-QĐ/ĐU",
            decided_by="Đảng ủy",
            decided_on=self.day,
        )
        self.do("VH-VP", plan)
        carry_out = restructure.CarryOutRestructure(root=WARD, restructure_id=name)
        self.refused("VH-VP", carry_out, RefusalCode.RESTRUCTURE_STATE)
        if withdrawn:
            give_up = restructure.WithdrawRestructure(root=WARD, restructure_id=name, reason="hoãn")
            self.do("VH-VP", give_up)
            return
        for unit, side in (("C", Side.OLD), ("A", Side.NEW)):
            sign = restructure.SignHandover(unit_id=UnitId(unit), restructure_id=name, side=side)
            self.do(f"{unit}-BT", sign)
        ready = self._nothing_unfinished_in_c()
        if self.may(ready, "VH-VP", carry_out, RefusalCode.RESTRUCTURE_NOT_POSSIBLE) is not None:
            self.r.merge("C", "A")

    def _nothing_unfinished_in_c(self) -> bool:
        """What only C's own papers can finish stands in the way: transfers on their way, proposals."""
        return not any((v["unit"], v["state"]) == ("C", "waiting") for v in self.vouchers.values())

    @rule()
    def a_cell_gets_another_name(self) -> None:
        change = restructure.UnitToChange(unit_id=UnitId("B"), name=self.key("Chi bộ "))
        command = restructure.ChangeUnits(root=WARD, units=(change,), effective_from=self.day, decision="QĐ")
        assert self.do("VH-VP", command)["changes"] == 1

    @precondition(lambda self: len(self.kind_from) == 1)
    @rule()
    def the_ward_gets_another_kind(self) -> None:
        """A period is split by the share of the kind that the ward had on the period's first day."""
        change = restructure.UnitToChange(unit_id=WARD, kind=UnitKind.BASE_COMMUNE)
        command = restructure.ChangeUnits(root=PROVINCE, units=(change,), effective_from=self.day, decision="QĐ")
        self.do("HP-VP", command)
        self.kind_from.append((self.month if self.day.day == 1 else after(self.month), "COMMUNE"))

    # --- again ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.past)
    @rule(number=st.integers(0, 7))
    def the_same_command_comes_again(self, number: int) -> None:
        """The same id gets the same answer; a statement under a new id is known as a whole."""
        actor, on, known, command = self.past[number % len(self.past)]
        before = self.head()
        assert self.story.run(actor, on, command, command_id=known).replayed
        if type(command).__name__ in ("ImportStatement", "RecordCash", "TakeNotices", "AssessMonth"):
            self.story.run(actor, self.day, command)
        assert self.head() == before
