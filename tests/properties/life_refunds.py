"""Rules of the life machines: money given back, claw-back between levels, and entries set right."""

import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.correction import Kind, Wanted
from domain.errors import RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.payment import Asset
from domain.period import Month, Period
from ledger.handlers import claw_backs, correct, payouts, refunds
from tests.acceptance.story import into, out
from tests.properties.life_base import AMOUNTS, WHO, LifeBase
from tests.properties.reckoning import ABOVE

CASE = st.integers(0, 9)


class RefundRules(LifeBase):
    """Ask, approve twice, withdraw, pay, fail; net or pay claw-back; undo a match or a cash entry."""

    def _note(self, case: RefundId, unit: str, source: str, amount: int, **more: Any) -> None:
        self.r.refunds[case] = {
            "unit": unit,
            "source": source,
            "amount": amount,
            "approvals": 0,
            "due": False,
            "paid": False,
            "withdrawn": False,
            "holder": None,
            **more,
        }

    def _promised(self, unit: str, source: str, **of: str) -> int:
        """What other requests that wait for approval would take from the same source."""
        return sum(
            one["amount"]
            for one in self.r.refunds.values()
            if self.r.now(one["unit"]) == unit
            and (one["source"], one["approvals"] < 2, one["withdrawn"]) == (source, True, False)
            and all(one.get(key) == value for key, value in of.items())
        )

    @precondition(lambda self: any(self.r.credit.values()))
    @rule(number=CASE, part=st.sampled_from([1, 2]), too_much=st.booleans(), at_once=st.booleans())
    def credit_is_asked_back(self, number: int, part: int, too_much: bool, at_once: bool) -> None:
        holding = sorted(who for who, money in self.r.credit.items() if money)
        who = holding[number % len(holding)]
        unit, case = self.r.home(who), RefundId(self.key("HT"))
        amount = self.r.free(who) + 1 if too_much else max(1, self.r.free(who) // part)
        command = refunds.RequestCreditRefund(
            refund_id=case,
            unit_id=UnitId(unit),
            member_id=MemberId(who),
            amount=amount,
            reason="đóng thừa",
            decision="QD",
        )
        if self.may(not too_much and amount <= self.r.free(who), "VH-KT", command) is not None:
            self._note(case, unit, "credit", amount, who=who)
            self.r.reserved[who][case] = (unit, amount)
            if at_once:
                self._approve_refund(case, ("VH-CU", "HP-CU"))
                self._pay_out(case, fails=False)

    @precondition(lambda self: self.r.waiting)
    @rule()
    def unknown_money_is_asked_back(self) -> None:
        payment, (unit, amount) = next(iter(self.r.waiting.items()))
        case = RefundId(self.key("HT"))
        command = refunds.RequestSuspenseRefund(
            refund_id=case,
            unit_id=UnitId(unit),
            payment_id=PaymentId(payment),
            amount=amount,
            reason="không rõ chủ",
            decision="QD",
        )
        free = amount - self._promised(unit, "suspense", payment=payment)
        if self.may(free >= amount, "VH-KT", command, RefusalCode.REFUND_TOO_LARGE) is not None:
            self._note(case, unit, "suspense", amount, payment=payment)

    @rule(name=WHO, which=st.integers(0, 7), percent=st.sampled_from([30, 50, 100]), split=st.booleans())
    def a_relief_of_a_paid_month_is_given_back_at_once(self, name: int, which: int, percent: int, split: bool) -> None:
        known = len(self.r.refunds)
        self.a_relief_of_a_paid_month_is_asked_back(name, which, percent, split)
        if len(self.r.refunds) > known:
            self._approve_refund(list(self.r.refunds)[-1], ("VH-CU", "HP-CU"))

    @rule(name=WHO, which=st.integers(0, 7), percent=st.sampled_from([30, 50, 100]), split=st.booleans())
    def a_relief_of_a_paid_month_is_asked_back(self, name: int, which: int, percent: int, split: bool) -> None:
        """The plan names each level's part; the parts, and what no level has split, are the refund to the đồng."""
        who = self.who(name)
        months = sorted(m for m, bill in self.r.bills[who].items() if bill.paid and not bill.fixed)
        if not months:
            return
        month = months[which % len(months)]
        unit, case = self.r.owner(who, month) or self.r.home(who), RefundId(self.key("HT"))
        made = self.r.made[unit]
        period = made[which % len(made)]["period"] if split and made else None
        command = refunds.RequestReliefRefund(
            refund_id=case,
            unit_id=UnitId(unit),
            member_id=MemberId(who),
            month=Month(month),
            period=None if period is None else Period(period),
            relief="X4",
            percent=percent,
            reason="khó khăn",
            decision=f"QD-{case}",
        )
        off, paid = self.r.late_relief(who, month, percent)
        by = self.r.bills[who][month].by
        parts = None if period is None or not paid else self.r.parts_of_refund(unit, by, period, paid)
        possible = paid > 0 and self.r.stands_in_law(who, month)
        if period is None:
            possible = possible and paid <= self.r.own[unit] - self._promised(unit, "unsplit")
        else:
            possible = possible and parts is not None and not self.r.is_owed_still(parts)
        told = self.may(possible, "VH-KT", command)
        if told is None:
            return
        assert told["amount"] == paid
        found = [(p["unit_id"], p["kept"], p["passed"], p["unsplit"]) for p in told["parts"]]
        assert found == self.r.plan_of(parts or [])
        more = {"who": who, "month": month, "percent": percent, "off": off, "period": period}
        self._note(case, unit, "split" if period else "unsplit", paid, plan=found, **more)

    def _open(self, number: int) -> str | None:
        waiting = [c for c, one in self.r.refunds.items() if one["approvals"] < 2 and not one["withdrawn"]]
        return waiting[number % len(waiting)] if waiting else None

    @precondition(lambda self: self._open(0))
    @rule(number=CASE, twice=st.booleans())
    def a_refund_is_approved(self, number: int, twice: bool) -> None:
        """Two people; the second approval takes the money out of its source at every level, once."""
        case = self._open(number)
        assert case is not None
        self._approve_refund(case, ("VH-CU", "HP-CU") if twice else ("VH-CU",))

    def _approve_refund(self, case: str, officers: tuple[str, ...]) -> None:
        for officer in officers:
            one = self.r.refunds[case]
            command = refunds.ApproveRefund(unit_id=UnitId(self.r.now(one["unit"])), refund_id=RefundId(case))
            self.refused("VH-KT", command)
            if officer == "HP-CU" and one["approvals"] == 1:
                if self.may(self._can_book(one), officer, command) is None:
                    return
                one["approvals"] = 2
                self._book(case, one)
            elif one["approvals"] == 0:
                self.do(officer, command)
                one["approvals"] = 1

    def _can_book(self, one: dict[str, Any]) -> bool:
        unit = self.r.now(one["unit"])
        if one["source"] == "credit":
            return True
        if one["source"] == "suspense":
            return True
        now = self.r.late_relief(one["who"], one["month"], one["percent"])
        if now != (one["off"], one["amount"]) or not self.r.stands_in_law(one["who"], one["month"]):
            return False
        if one["source"] == "unsplit":
            return bool(one["amount"] <= self.r.own[unit])
        parts = self._parts(one)
        return parts is not None and self.r.plan_of(parts) == one["plan"]

    def _parts(self, one: dict[str, Any]) -> list[dict[str, Any]] | None:
        by = self.r.bills[one["who"]][one["month"]].by
        return self.r.parts_of_refund(self.r.now(one["unit"]), by, one["period"], one["amount"])

    def _book(self, case: str, one: dict[str, Any]) -> None:
        unit = self.r.now(one["unit"])
        one["due"] = True
        if one["source"] == "credit":
            self.r.credit[one["who"]] -= one["amount"]
            del self.r.reserved[one["who"]][case]
        elif one["source"] == "suspense":
            left = self.r.waiting[one["payment"]][1] - one["amount"]
            del self.r.waiting[one["payment"]]
            if left:
                self.r.waiting[one["payment"]] = (unit, left)
        else:
            self.r.take_off(one["who"], one["month"], "X4", one["percent"], f"QD-{case}")
            if one["source"] == "unsplit":
                self.r.own[unit] -= one["amount"]
            else:
                self.r.give_back(case, self._parts(one) or [])

    @precondition(lambda self: self._open(0))
    @rule(number=CASE)
    def a_refund_is_withdrawn(self, number: int) -> None:
        case = self._open(number)
        assert case is not None
        one = self.r.refunds[case]
        command = claw_backs.WithdrawRefund(
            unit_id=UnitId(self.r.now(one["unit"])), refund_id=RefundId(case), reason="rút đơn"
        )
        self.do("VH-KT", command)
        one["withdrawn"] = True
        if one["source"] == "credit":
            unit, amount = self.r.reserved[one["who"]].pop(case)
            self.r.lies_with(self.r.home(one["who"]), self.r.now(unit), amount)

    @precondition(lambda self: any(one["approvals"] == 2 for one in self.r.refunds.values()))
    @rule(number=CASE, fails=st.booleans())
    def a_refund_is_paid(self, number: int, fails: bool) -> None:
        """Once: asked again, nothing leaves. The bank may bring it back; then it is owed and paid again."""
        booked = [case for case, one in self.r.refunds.items() if one["approvals"] == 2]
        self._pay_out(booked[number % len(booked)], fails=fails)

    def _pay_out(self, case: str, *, fails: bool) -> None:
        one = self.r.refunds[case]
        unit = self.r.now(one["unit"])
        holder = self.holder(unit)
        command = payouts.PayRefund(unit_id=UnitId(unit), refund_id=RefundId(case), asset=Asset.BANK, paid_on=self.day)
        if not one["due"]:
            assert self.do("VH-TQ", command)["paid"] == 0
            return
        enough = holder == unit or self.r.held[unit, holder] >= one["amount"]
        told = self.may(enough, "VH-TQ", command, RefusalCode.REFUND_TOO_LARGE)
        if told is None:
            return
        assert told["paid"] == one["amount"]
        one["due"] = False
        self.r.bank[holder] -= one["amount"]
        self.r.lies_with(unit, holder, -one["amount"])
        assert self.do("VH-TQ", command)["paid"] == 0, "the same refund again pays nothing"
        self.bank(holder, out(self.key(), self.day, one["amount"], told["reference"]))
        if fails:
            placed = self.bank(holder, into(self.key(), self.day, one["amount"], told["reference"]))
            assert placed == {"refund-returned": 1}
            one["due"] = True
            self.r.bank[holder] += one["amount"]
            self.r.lies_with(unit, holder, one["amount"])

    @precondition(lambda self: any(self.r.from_above.values()))
    @rule(number=CASE)
    def claw_back_is_paid_by_transfer(self, number: int) -> None:
        """The superior sends what no remittance is to net; both banks confirm it."""
        due = sorted(pair for pair, money in self.r.from_above.items() if money and pair[0] != "HP")
        if not due:
            return
        unit, case = due[number % len(due)]
        above, left = ABOVE[unit], self.r.left_from_above(unit, case)
        command = claw_backs.PayClawBack(
            superior_id=UnitId(above), unit_id=UnitId(unit), refund_id=RefundId(case), paid_on=self.day
        )
        possible = left > 0 and unit != "B"
        told = self.may(possible, f"{above}-TQ", command)
        if told is None:
            return
        assert told["paid"] == left
        self.bank(above, out(self.key(), self.day, left, told["reference"]))
        assert self.bank(unit, into(self.key(), self.day, left, told["reference"])) == {"claw-back-credit": 1}
        self.r.bank[above] -= left
        self.r.bank[unit] += left
        self.r.from_above[unit, case] -= left
        self.r.to_below[above, case] -= left

    # --- set right --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.r.parts)
    @rule(number=CASE, to=WHO, amount=AMOUNTS, replaced=st.booleans())
    def an_entry_is_set_right(self, number: int, to: int, amount: int, replaced: bool) -> None:
        """A cash entry that was wrong, or money that was matched with the wrong member."""
        known = [
            payment
            for payment, part in self.r.parts.items()
            if part["home"] == part["taker"] == self.r.home(part["name"]) and payment not in self.r.unclear
        ]
        if not known:
            return
        payment = known[number % len(known)]
        part = self.r.parts[payment]
        unit, total = part["taker"], part["credit"] + sum(part["months"].values())
        is_cash = payment.startswith("cash")
        slip = self.key()
        wanted = Wanted(kind=Kind.MATCH, payment_id=PaymentId(payment), member_id=MemberId(part["name"]))
        if is_cash:
            wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId(payment))
        other = self.who(to)
        if is_cash and replaced:
            fields = {"to_month": Month(self.month), "amount": amount, "slip": slip}
            wanted = Wanted(kind=Kind.CASH, payment_id=PaymentId(payment), **fields)
        elif replaced and self.r.home(other) == unit:
            month = Month(self.month)
            kind = Kind.MATCH
            wanted = Wanted(kind=kind, payment_id=PaymentId(payment), to_member=MemberId(other), to_month=month)
        self._correct(payment, part, unit, total, wanted)

    def _correct(self, payment: str, part: dict[str, Any], unit: str, total: int, wanted: Wanted) -> None:
        number, before = self.key("DC"), copy.deepcopy(self.r)
        asked = correct.CorrectEntry(
            unit_id=UnitId("VH"), correction_id=number, wanted=wanted, reason="ghi nhầm", decision="BB"
        )
        self.do("VH-KT", asked)
        possible = self.r.unpay(payment)
        if wanted.kind is Kind.CASH:
            self.r.cash[unit] -= total
            if wanted.slip is not None:
                fresh = f"cash:{unit}/{wanted.slip}"
                self.r.cash[unit] += wanted.amount or 0
                self.r.pay(part["name"], unit, wanted.amount or 0, wanted.to_month, fresh)
        elif wanted.to_member is not None:
            self.r.pay(wanted.to_member, unit, total, wanted.to_month, payment)
        else:
            holder = self.holder(unit) if unit == "B" else unit
            self.r.lies_with(unit, holder, -total)
            self.r.waiting[payment] = (holder, total)
        possible = possible and min(self.r.own.values()) >= 0 and self.r.cash[unit] >= 0
        approve = correct.ApproveCorrection(unit_id=UnitId("VH"), correction_id=number)
        if self.may(possible, "VH-CU", approve, RefusalCode.CORRECTION_BLOCKED) is None:
            self.r = before
