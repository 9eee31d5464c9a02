"""Rules of the rails machine: decisions on money that waits, matches that a person accepts, and their undoing."""

import copy
import uuid
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from api.flows import match
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.open_item import DecisionKind
from ledger.handlers import correct, statements
from ledger.handlers.matches import AcceptMatches, Proposed
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, PartAsked, UndoDecision
from tests.acceptance.story import BIN, at, into
from tests.properties.life_attempts import WHICH
from tests.properties.life_base import WHO
from tests.properties.life_gateway import GatewayRules

K = DecisionKind


class DecisionRules(GatewayRules):
    """Each decision holds once, and undone its money waits again."""

    def set_up(self) -> None:
        super().set_up()
        self.decisions: dict[str, dict[str, Any]] = {}

    # --- decisions --------------------------------------------------------------------------------------------------

    @rule(
        which=WHICH,
        name=WHO,
        other=WHO,
        kind=st.sampled_from([K.IDENTIFY, K.DUPLICATE, K.SPLIT, K.WRITE_OFF, K.RETURN, K.WAIT]),
    )
    def a_decision_is_taken(self, which: int, name: int, other: int, kind: DecisionKind) -> None:
        """On all that waits of one transfer; a small difference may be written off, by two."""
        if not self.r.waiting or kind is K.WRITE_OFF:
            self.unknown_money_comes_in(("A", "C", "VH")[which % 3], 900 + which)
        payment, (unit, left) = list(self.r.waiting.items())[-1 - which % len(self.r.waiting)]
        who, second = self.who(name), self.who(other)
        half, homes = left // 2, {self.r.home(who), self.r.home(second)}
        parts: tuple[PartAsked, ...] = ()
        if kind in (K.IDENTIFY, K.DUPLICATE):
            parts, homes = (PartAsked(member_id=MemberId(who)),), {self.r.home(who)}
        elif kind is K.SPLIT:
            if not half or who == second:
                return
            parts = (PartAsked(member_id=MemberId(who), amount=half),)
            parts = (*parts, PartAsked(member_id=MemberId(second), amount=left - half))
        asked = Asked(item=payment, kind=kind, reason="thử", parts=parts, document="QD")
        asked = replace(asked, until=self.day.replace(year=2029) if kind is K.WAIT else None)
        command = Decide(unit_id=UnitId(unit), asked=asked)
        free = left - self.r.asked_back(payment)
        possible = kind is K.WAIT or free == left
        possible = possible and (not parts or unit == "VH" or homes == {unit})
        if kind is K.WRITE_OFF:
            possible = possible and left <= 1_000
        told = self.may(possible, "VH-KT", command)
        if told is None:
            return
        number = str(told["decision_id"])
        if told["state"] == "proposed":
            self.do(self._other(unit), ApproveDecision(unit_id=UnitId(unit), decision_id=number))
        one = {"unit": unit, "payment": payment, "amount": left, "kind": kind, "who": who, "holds": kind is not K.WAIT}
        self.decisions[number] = one
        self._decided(number, one, second, half)

    def _other(self, unit: str) -> str:
        return "VH-CU" if unit == "VH" else f"{unit}-BT"

    def _decided(self, number: str, one: dict[str, Any], second: str, half: int) -> None:
        unit, payment, left, kind = one["unit"], one["payment"], one["amount"], one["kind"]
        if kind is K.WRITE_OFF:
            self.r.other[unit] += left
            del self.r.waiting[payment]
        elif kind is K.RETURN:
            case = f"HT-{number.replace('/', '-')}"
            self.r.refunds[case] = {"unit": unit, "payment": payment, "amount": left, "approvals": 0, "due": False}
            self.r.refunds[case] |= {"source": "suspense", "withdrawn": False}
        elif kind is not K.WAIT:
            shares = [(one["who"], left)] if kind is not K.SPLIT else [(one["who"], half), (second, left - half)]
            was_whole = payment.startswith("bank") and payment not in self.r.parts and payment not in self.r.unclear
            for who, money in shares:
                home = self.r.home(who)
                self.r.lies_with(home, unit, money)
                self.r.pay(who, home, money, None, payment if len(shares) == 1 and was_whole else f"{number}#{who}")
            if len(shares) > 1 or not was_whole:
                self.r.unclear.add(payment)
            one["parts"] = [payment] if len(shares) == 1 and was_whole else [f"{number}#{who}" for who, _ in shares]
            one["mixed"] = not was_whole
            del self.r.waiting[payment]

    @rule(which=WHICH)
    def a_decision_is_undone(self, which: int) -> None:
        """Its money waits again; undone once, and refused where what it gave has gone on."""
        if not any(one["holds"] for one in self.decisions.values()):
            self.a_decision_is_taken(which, which, which + 1, (K.IDENTIFY, K.SPLIT, K.WRITE_OFF)[which % 3])
        if not any(one["holds"] for one in self.decisions.values()):
            return
        holding = [number for number, one in self.decisions.items() if one["holds"]]
        number = holding[which % len(holding)]
        one = self.decisions[number]
        unit, payment, kind, before = one["unit"], one["payment"], one["kind"], copy.deepcopy(self.r)
        if one.get("mixed") or any(part not in self.r.parts for part in one.get("parts", ())):
            return
        undo = UndoDecision(unit_id=UnitId(unit), decision_id=number, reason="nhầm")
        possible = True
        if kind is K.WRITE_OFF:
            possible = one["amount"] <= self.slack(unit)
            self.r.other[unit] -= one["amount"]
        elif kind is K.RETURN:
            self.r.refunds[f"HT-{number.replace('/', '-')}"]["withdrawn"] = True
        for part in one.get("parts", ()):
            home, said = self.r.parts[part]["taker"], self.r.parts[part]
            money = said["credit"] + sum(said["months"].values())
            possible = self.r.unpay(part) and possible
            self.r.lies_with(home, unit, -money)
        possible = possible and min(self.r.own.values()) >= 0
        if kind is not K.RETURN:
            self.r.waiting[payment] = (unit, one["amount"])
        told = self._try(f"{unit}-TP" if unit != "VH" else "VH-KT", undo, possible=possible)
        if told is not None and told["state"] == "proposed":
            agree = ApproveDecision(unit_id=UnitId(unit), decision_id=str(told["decision_id"]))
            told = self.may(possible, self._other(unit), agree)
        if told is None:
            self.r = before
            return
        one["holds"] = False

    def _try(self, actor: str, command: object, *, possible: bool) -> dict[str, Any] | None:
        """A proposal may be refused already, or only what approves it, where it cannot be carried out."""
        if possible:
            return self.do(actor, command)
        try:
            return self.story.run(actor, self.day, command).answer
        except Refusal:
            return None

    @rule(fee=st.sampled_from([1, 33]), undone=st.booleans())
    def a_smaller_credit_is_accepted_as_less_a_fee(self, fee: int, undone: bool) -> None:
        """A person says that the bank's smaller line is what the portal announced."""
        if not self.r.clearing:
            self.a_settlement_tells_of_what_nobody_told(fee)
            return
        unit, reference, amount = self.r.clearing[0]
        same = [one for one in self.r.clearing if one[1] == reference]
        if amount <= fee or len(same) > 1 or reference not in self.tries:
            return
        owner, key = self.tries[reference]["unit"], self.key()
        if owner == "B":
            return
        assert self.bank(unit, into(key, self.day, amount - fee, reference)) == {"suspense": 1}
        payment = f"bank:{BIN}:00{unit}/FT-{key}"
        self.r.bank[unit] += amount - fee
        self.r.waiting[payment] = (unit, amount - fee)
        asked = Asked(item=payment, kind=K.ACCEPT_FEE, reason="phí", document="QD")
        number = str(self.do("VH-KT", Decide(unit_id=UnitId(unit), asked=asked))["decision_id"])
        if undone:
            again = self.do("VH-KT", UndoDecision(unit_id=UnitId(unit), decision_id=number, reason="nhầm"))
            self.do(self._other(unit), ApproveDecision(unit_id=UnitId(unit), decision_id=str(again["decision_id"])))
            self.effects[unit] = [("waiting", unit, payment, amount - fee)]
            return
        del self.r.waiting[payment]
        self.r.clearing.pop(0)
        self.r.spent[unit] += fee
        paid = self.tries[reference]["paid"]
        paid.update(dict.fromkeys(paid, "settled"))

    # --- matching ---------------------------------------------------------------------------------------------------

    @rule(which=WHICH, undone=st.booleans(), moved=st.booleans())
    def a_match_is_proposed_and_accepted(self, which: int, undone: bool, moved: bool) -> None:
        """What the engine proposes a person accepts; undone by two, the money waits again.

        A proposal under which the money has moved meanwhile is refused as such.
        """
        owing = next((b.open for bills in self.r.bills.values() for b in bills.values() if b.open), 0)
        if owing and not self.r.waiting:
            self.unknown_money_comes_in(("A", "C", "VH")[which % 3], owing)
        inst = self.story.installation
        if undone and moved:
            # Nothing here carries a reference that is not placed, so a run by itself posts nothing.
            assert match.run(inst, at=at(self.day)).accepted == ()
        looked = match.look(inst, on=self.day)
        chosen = [
            p
            for p in looked.proposals
            if p.proposed is not None
            and len(p.proposed.parts) == 1
            and p.proposed.parts[0].payment_id in self.r.waiting
            and not self.r.asked_back(p.proposed.parts[0].payment_id)
        ]
        if not chosen:
            return
        one = chosen[which % len(chosen)].proposed
        assert one is not None
        (part,) = one.parts
        unit, left = self.r.waiting[part.payment_id]
        other = next((who for who in self.r.people if who != part.member_id and self.r.home(who) == unit), None)
        if moved and left > 1 and other is not None:
            self._move_under(one, other)
            return
        done = match.accept(inst, actor="VH-KT", at=at(self.day), ids=[one.match_id], ground="đúng")
        assert [x["match"] for x in done.accepted] == [one.match_id], done.refused
        whole = part.amount == left and part.payment_id.startswith("bank")
        whole = whole and part.payment_id not in self.r.parts and part.payment_id not in self.r.unclear
        before, home = copy.deepcopy(self.r), self.r.home(part.member_id)
        self.r.lies_with(home, unit, part.amount)
        self.r.pay(part.member_id, home, part.amount, part.month, part.payment_id if whole else "")
        del self.r.waiting[part.payment_id]
        if part.amount < left:
            self.r.waiting[part.payment_id] = (unit, left - part.amount)
        if not whole:
            self.r.unclear.add(part.payment_id)
        if undone and whole:
            self._undo_match(one.match_id, before)

    def _move_under(self, one: Proposed, other: str) -> None:
        """One đồng of the money finds another owner before the proposal is accepted."""
        (part,) = one.parts
        unit, left = self.r.waiting[part.payment_id]
        first = statements.IdentifySuspense(
            unit_id=UnitId(unit),
            payment_id=part.payment_id,
            member_id=MemberId(other),
            month=None,
            amount=1,
            ground="thử",
        )
        self.do("VH-KT", first)
        self.r.pay(other, unit, 1, None, "")
        self.r.waiting[part.payment_id] = (unit, left - 1)
        self.r.unclear.add(part.payment_id)
        accept = AcceptMatches(unit_id=UnitId(unit), proposals=(one,), automatic=False, ground="đúng")
        told = self.do("VH-KT", accept)
        assert told["accepted"] == []
        assert [x["code"] for x in told["refused"]] == [str(RefusalCode.MATCH_STALE)]

    def _undo_match(self, match_id: str, before: Any) -> None:
        outcomes = match.undo(
            self.story.installation,
            actor="VH-KT",
            at=at(self.day),
            match_id=match_id,
            unit=UnitId("VH"),
            number=self.key("DC"),
            reason="nhầm",
            decision="BB",
            command_id=uuid.uuid5(uuid.NAMESPACE_OID, self.key()),
        )
        for outcome in outcomes:
            approve = correct.ApproveCorrection(unit_id=UnitId("VH"), correction_id=outcome.answer["correction_id"])
            self.do("VH-CU", approve)
        self.r = before
