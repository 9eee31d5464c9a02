"""Rules of the rails machine: a gateway that pays in lumps, less its fees, and gives back, takes back and fails."""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain import channel_case
from domain.identifiers import MemberId, RefundId, UnitId
from domain.notice import NoticeStatus
from domain.open_item import DecisionKind
from domain.refund_channel import ChannelState
from domain.settlement import SettlementKind, SettlementLine
from ledger.handlers import collect, refunds
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, UndoDecision
from ledger.handlers.settlements import ReportChannelRefund, TakeSettlement
from tests.acceptance.story import into, out
from tests.properties.life_attempts import WHICH, AttemptRules
from tests.properties.life_base import PROVINCE, WHO
from tests.settled import line, settled

K = SettlementKind
FEE = 100
HOLDERS = ("A", "C", "VH")


class GatewayRules(AttemptRules):
    """Webhooks, payouts, the bank's lumps, refunds and disputes, in any order."""

    def set_up(self) -> None:
        super().set_up()
        self.due: dict[str, list[dict[str, Any]]] = {unit: [] for unit in HOLDERS}  #: lines of the next payout
        self.payouts: dict[str, dict[str, Any]] = {}
        self.paid_back: dict[str, dict[str, Any]] = {}
        self.cases: dict[str, dict[str, Any]] = {}

    # --- charges ----------------------------------------------------------------------------------------------------

    @rule(name=WHO, told=st.sampled_from(["", "paid", "failed", "twice", "late"]))
    def a_member_pays_at_the_gateway(self, name: int, told: str) -> None:
        """Told by a webhook, by two, after a failure, or by nobody but the payout."""
        who = self.who(name)
        months = self.r.open_months(who)
        reference = self.open_attempt(who, months[0], "gateway") if months else None
        if reference is None:
            return
        one = self.tries[reference]
        outside = f"gateway-{reference}-0"
        due = {"kind": K.COLLECTION, "outside": outside, "amount": one["amount"], "fee": FEE, "reference": reference}
        self.due[self.holder(one["unit"])].append({**due, "try": reference})
        words = {"paid": ["paid"], "failed": ["failed", "paid"], "twice": ["paid", "paid"], "late": ["paid", "failed"]}
        for word in words.get(told, ()):
            self.hear(reference, word, 0, "notification")

    @rule(unit=st.sampled_from(HOLDERS), amount=st.sampled_from([700, 7_000]), what=st.sampled_from(["fee", "foreign"]))
    def the_gateway_has_lines_of_its_own(self, unit: str, amount: int, what: str) -> None:
        if what == "fee":
            self.due[unit].append({"kind": K.FEE, "outside": self.key("fee_"), "amount": -amount, "fee": 0})
        else:
            self.due[unit].append({"kind": K.COLLECTION, "outside": self.key("ch_"), "amount": amount, "fee": 0})

    # --- payouts ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.due.values()))
    @rule(which=WHICH, line_first=st.booleans(), both=st.booleans())
    def the_gateway_pays_out(self, which: int, line_first: bool, both: bool) -> None:
        """All that is due to an account in one lump; settlement or bank line first, the other now or later."""
        some = [unit for unit in HOLDERS if self.due[unit]]
        unit = some[which % len(some)]
        lines = tuple(self._line(number, due) for number, due in enumerate(self.due[unit], start=1))
        name = f"po_1Qh{self.number:05d}XyZabcdef"
        made = settled(*lines, name=name)
        if made.net == 0:
            return
        one = {"unit": unit, "lines": self.due[unit], "made": made, "told": False, "line": False, "cleared": False}
        self.payouts[name] = {**one, "returned": False}
        self.due[unit] = []
        if line_first or both:
            self._lump(name)
        if not line_first or both:
            self._settle(name)

    def _line(self, number: int, due: dict[str, Any]) -> SettlementLine:
        made = line(number, due["kind"], due["outside"], due["amount"], due["fee"], due.get("reference"))
        return replace(made, at=self.story.notice(None, 1, self.day).paid_at)

    @precondition(lambda self: any(not one["told"] for one in self.payouts.values()))
    @rule()
    def a_payout_is_told_late(self) -> None:
        self._settle(next(name for name, one in self.payouts.items() if not one["told"]))

    @precondition(lambda self: any(not one["line"] for one in self.payouts.values()))
    @rule()
    def a_lump_comes_late(self) -> None:
        self._lump(next(name for name, one in self.payouts.items() if not one["line"]))

    @precondition(lambda self: any(one["told"] for one in self.payouts.values()))
    @rule(which=WHICH)
    def a_payout_is_told_again(self, which: int) -> None:
        """The same has no effect; with another content it is a case for a person and has none either."""
        told = [one for one in self.payouts.values() if one["told"]]
        one = told[which % len(told)]
        command = TakeSettlement(unit_id=UnitId(one["unit"]), settlement=one["made"])
        before = self.story.books()
        assert self.do("VH-KT", command)["state"] == "known"
        other = replace(one["made"], digest="0" * 64, net=one["made"].net)
        assert self.do("VH-KT", replace(command, settlement=other))["state"] in ("known", "restated")
        assert self.story.books().balances(one["unit"], "1140") == before.balances(one["unit"], "1140")

    def _settle(self, name: str) -> None:
        one = self.payouts[name]
        one["told"] = True
        self.do("VH-KT", TakeSettlement(unit_id=UnitId(one["unit"]), settlement=one["made"]))
        for due in one["lines"]:
            self._told_by_settlement(one["unit"], due)
        self._clear(name)

    def _told_by_settlement(self, unit: str, due: dict[str, Any]) -> None:
        """What a line of a payout changes: what nobody told before comes in, fees and what was taken are booked."""
        outside, amount = due["outside"], due["amount"]
        if due["kind"] is K.FEE:
            self.r.at_gateway[unit] += amount
            self.r.spent[unit] -= amount
        elif "try" in due:
            known = self.tries[due["try"]]
            known["state"] = "paid"
            if outside not in known["paid"]:
                known["paid"][outside] = "told"
                self.announced(due["try"], outside)
        elif due["kind"] is K.COLLECTION:
            self.r.at_gateway[unit] += amount
            self.r.waiting[f"gateway/{outside}"] = (unit, amount)
        elif "refund" in due:
            self._refund_moves(due["refund"], "failed" if amount > 0 else "done")
        elif "case" in due:
            self._case_moves(due["case"], amount)

    def _fees(self, name: str) -> int:
        """What was withheld from its payments, and from those of a lump that came back and is paid by this one."""
        lines = self.payouts[name]["lines"]
        return sum(self._fees(due["back"]) if "back" in due else int(due["fee"]) for due in lines)

    def _clear(self, name: str, sign: int = 1) -> None:
        """Both are there: the bank has the lump, less the fees of its payments."""
        one = self.payouts[name]
        if one["cleared"] is (sign > 0) or not (one["told"] and one["line"]):
            return
        unit, net = one["unit"], one["made"].net
        one["cleared"] = sign > 0
        self.r.bank[unit] += sign * net
        self.r.spent[unit] += sign * self._fees(name)
        self.r.at_gateway[unit] -= sign * (net + self._fees(name))

    def _lump(self, name: str) -> None:
        one = self.payouts[name]
        net, unit = one["made"].net, one["unit"]
        one["line"] = True
        move = into if net > 0 else out
        placed = self.bank(unit, move(self.key(), self.day, abs(net), content=f"TT {name.upper()}"))
        assert placed == ({"settlement-lump": 1} if one["told"] else {"settlement-waits": 1})
        self._clear(name)
        self.effects[unit] = [("lump", name)]

    @rule(which=WHICH)
    def the_bank_takes_a_lump_back(self, which: int) -> None:
        """Its payments are the gateway's debt again; the next payout brings them."""
        if not any(one["cleared"] and not one["returned"] for one in self.payouts.values()):
            self.a_member_pays_at_the_gateway(which, "paid" if which % 2 else "")
            if any(self.due.values()):
                self.the_gateway_pays_out(0, False, True)
        known = [name for name, one in self.payouts.items() if one["cleared"] and not one["returned"]]
        if not known:
            return
        name = known[which % len(known)]
        one = self.payouts[name]
        if any("back" in due for due in one["lines"]):
            return
        net = one["made"].net
        move = out if net > 0 else into
        line = move(self.key(), self.day, abs(net), content=f"HOAN {name.upper()}")
        assert self.bank(one["unit"], line) == {"settlement-returned": 1}
        self._clear(name, -1)
        one["returned"] = one["cleared"] = True
        self.due[one["unit"]].append({"kind": K.ADJUSTMENT, "outside": name, "amount": net, "fee": 0, "back": name})

    # --- refunds ----------------------------------------------------------------------------------------------------

    @rule(which=WHICH, told=st.sampled_from(["", "asked", "webhook"]))
    def credit_goes_back_through_the_gateway(self, which: int, told: str) -> None:
        """Asked for and approved; told by the channel's answer, by a webhook, or by the next payout alone."""
        holding = sorted(who for who, money in self.r.credit.items() if money and self.r.free(who))
        if not holding:
            self._cash(self.who(which), 200_000, self.month, self.day)
            return
        who = holding[which % len(holding)]
        unit, case, amount = self.r.home(who), RefundId(self.key("HT-")), self.r.free(who)
        ask = refunds.RequestCreditRefund(
            refund_id=case,
            unit_id=UnitId(unit),
            member_id=MemberId(who),
            amount=amount,
            reason="đóng thừa",
            decision="QD",
        )
        self.do("VH-KT", ask)
        for officer in ("VH-CU", "HP-CU"):
            self.do(officer, refunds.ApproveRefund(unit_id=UnitId(unit), refund_id=case))
        self.r.credit[who] -= amount
        self.r.refunds[case] = {"unit": unit, "amount": amount, "due": True, "approvals": 2, "withdrawn": False}
        self.paid_back[case] = {"unit": unit, "amount": amount, "outside": self.key("re_"), "heard": "", "due": False}
        if told:
            self._refund_told(case, ChannelState.PENDING, by_webhook=told == "webhook")
        self._refund_due(case, -amount)

    def _refund_due(self, case: str, amount: int) -> None:
        one = self.paid_back[case]
        kind = K.REFUND if amount < 0 else K.ADJUSTMENT
        due = {"kind": kind, "outside": one["outside"], "amount": amount, "fee": 0, "reference": case, "refund": case}
        self.due[self.holder(one["unit"])].append(due)

    def _refund_told(self, case: str, state: ChannelState, *, by_webhook: bool) -> None:
        one = self.paid_back[case]
        if by_webhook:
            said = self.story.notice(case, one["amount"], self.day, number=one["outside"])
            statuses = {ChannelState.PENDING: NoticeStatus.PENDING, ChannelState.FAILED: NoticeStatus.FAILED}
            status = statuses.get(state, NoticeStatus.PAID)
            notice = replace(said, source="gateway:refund", status=status)
            self.do("service:portal", collect.TakeNotices(root=PROVINCE, notices=(notice,)))
        else:
            report = ReportChannelRefund(
                unit_id=UnitId(one["unit"]),
                refund_id=RefundId(case),
                rail="gateway",
                outside_id=one["outside"],
                state=state,
                amount=one["amount"],
                on=self.day,
            )
            self.do("VH-TQ", report)
        self._refund_moves(case, "failed" if state is ChannelState.FAILED else "done")

    def _refund_moves(self, case: str, word: str) -> None:
        """The first word that it was taken pays it; the first that it failed afterwards opens the debt again."""
        one = self.paid_back[case]
        heard, one["heard"] = one["heard"], max(one["heard"], word, key=("", "done", "failed").index)
        if (heard, word) not in (("", "done"), ("done", "failed")):
            return
        sign = 1 if word == "done" else -1
        unit, to = one["unit"], self.holder(one["unit"])
        self.r.refunds[case]["due"] = word != "done"
        self.r.at_gateway[to] -= sign * one["amount"]
        self.r.lies_with(unit, self.r.now(to), -sign * one["amount"])

    @rule(which=WHICH, state=st.sampled_from(list(ChannelState)), by_webhook=st.booleans())
    def a_refund_is_told_again_or_fails(self, which: int, state: ChannelState, by_webhook: bool) -> None:
        """Words that say less than is known add nothing; a failure after success gives the money back once."""
        if not self.paid_back:
            self.credit_goes_back_through_the_gateway(which, "asked")
        if not self.paid_back:
            return
        case = list(self.paid_back)[which % len(self.paid_back)]
        one = self.paid_back[case]
        if state is ChannelState.FAILED and not one["heard"]:
            return
        fails = state is ChannelState.FAILED and one["heard"] == "done"
        self._refund_told(case, state, by_webhook=by_webhook)
        if fails:
            self._refund_due(case, one["amount"])

    # --- disputes ---------------------------------------------------------------------------------------------------

    def _charged(self) -> list[str]:
        return [
            reference
            for reference, one in self.tries.items()
            if one["rail"] == "gateway" and one["paid"] and reference not in self.cases
        ]

    @rule(which=WHICH, told=st.booleans())
    def a_payment_is_disputed(self, which: int, told: bool) -> None:
        """The gateway takes the money back: by its message, by its next payout, or by both."""
        if not self._charged():
            self.a_member_pays_at_the_gateway(which, "paid")
        if not self._charged():
            return
        reference = self._charged()[which % len(self._charged())]
        one, case = self.tries[reference], self.key("dp_")
        unit = self.holder(one["unit"])
        self.cases[reference] = {"case": case, "unit": unit, "amount": one["amount"], "state": "", "decision": ""}
        due = {"kind": K.ADJUSTMENT, "outside": case, "amount": -one["amount"], "fee": 0, "case": reference}
        self.due[unit].append(due)
        if told:
            self._case_told(reference, "withdrawn")

    def _case_told(self, reference: str, word: str) -> None:
        one = self.cases[reference]
        said = self.story.notice(f"gateway-{reference}-0", one["amount"], self.day, number=one["case"])
        notice = replace(said, source=f"gateway:case:{word}")
        self.do("service:portal", collect.TakeNotices(root=PROVINCE, notices=(notice,)))
        self._case_moves(reference, -one["amount"] if word == "withdrawn" else one["amount"])

    def _case_moves(self, reference: str, amount: int) -> None:
        one = self.cases[reference]
        if amount < 0 and one["state"] == "":
            one["state"] = "taken"
            self.r.at_gateway[one["unit"]] += amount
            self.r.missing[one["case"]] = (one["unit"], -amount)
        elif amount > 0 and one["state"] == "taken":
            one["state"] = "given"
            self.r.at_gateway[one["unit"]] += amount
            self.r.missing.pop(one["case"])

    def _missing(self) -> list[str]:
        return [x for x, one in self.cases.items() if one["state"] == "taken"]

    @precondition(lambda self: self._missing())
    @rule(which=WHICH, won=st.booleans(), again=st.booleans())
    def a_dispute_is_told_again_or_won(self, which: int, won: bool, again: bool) -> None:
        reference = self._missing()[which % len(self._missing())]
        one = self.cases[reference]
        if again or not won:
            self._case_told(reference, "withdrawn")
        if won and not one["decision"]:
            due = {"kind": K.ADJUSTMENT, "outside": one["case"], "amount": one["amount"], "fee": 0, "case": reference}
            self.due[one["unit"]].append(due)
            self._case_told(reference, "reinstated")

    @rule(which=WHICH, undone=st.booleans(), opens=st.booleans())
    def a_loss_is_borne_or_owed_again(self, which: int, undone: bool, opens: bool) -> None:
        """By two people; undone, the money is missing again."""
        if not self._missing():
            self.a_payment_is_disputed(which, True)
        if not self._missing():
            return
        reference = self._missing()[which % len(self._missing())]
        one = self.cases[reference]
        payment = f"gateway/gateway-{reference}-0"
        unit = one["unit"]
        whole = payment in self.r.parts or self.r.waiting.get(payment) == (unit, one["amount"])
        if one["decision"] or self.tries[reference]["unit"] != unit or (opens and not whole):
            return
        kind = DecisionKind.OPEN_AGAIN if opens else DecisionKind.BEAR_LOSS
        item = channel_case.item("gateway", one["case"])
        asked = Asked(item=item, kind=kind, reason="tra soát", document="QD", target=payment if opens else None)  # type: ignore[arg-type]  # a plain id
        before = copy.deepcopy(self.r)
        number = str(self.do("VH-KT", Decide(unit_id=UnitId(unit), asked=asked))["decision_id"])
        possible = one["amount"] <= self.slack(unit)
        if opens and payment in self.r.waiting:
            possible = not self.r.asked_back(payment)
            del self.r.waiting[payment]
        elif opens:
            possible = self.r.unpay(payment) and min(self.r.own.values()) >= 0
        approver = "HP-CU" if unit == "VH" else f"{unit}-BT"
        approve = ApproveDecision(unit_id=UnitId(unit), decision_id=number)
        if self.may(possible, approver, approve) is None:
            self.r = before
            return
        del self.r.missing[one["case"]]
        self.r.spent[unit] += 0 if opens else one["amount"]
        one["decision"] = number
        if undone:
            again = UndoDecision(unit_id=UnitId(unit), decision_id=number, reason="nhầm")
            told = self.do("VH-KT", again)
            self.do(approver, replace(approve, decision_id=str(told["decision_id"])))
            self.r.missing[one["case"]] = (unit, one["amount"])
            self.r.spent[unit] -= 0 if opens else one["amount"]
            one["decision"] = ""
            if opens:
                self.r.waiting[payment] = (unit, one["amount"])
