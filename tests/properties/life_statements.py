"""Rules of the rails machine: one transfer by many tellers, two formats, files taken back, decisions, days closed."""

import copy
import hashlib
import uuid
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from api.flows import day_close
from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.notice import NoticeStatus
from domain.open_item import DecisionKind
from domain.period import Month
from domain.reference import Reference
from ledger.handlers import ask, bank_slips, collect, correct
from ledger.handlers.statements import ImportStatement
from ledger.open_items import open_items
from ledger.work import Act
from tests.acceptance.story import BIN, account, at, into
from tests.properties.life_attempts import WHICH
from tests.properties.life_base import AMOUNTS, PROVINCE, UNITS, WHO
from tests.properties.life_decisions import DecisionRules, K

TELLERS = ("slip", "sepay", "casso", "number", "line")


def exported(made: ImportStatement, *, numbers: bool) -> ImportStatement:
    """The same days from the bank's table: other keys, another order, perhaps without the bank's numbers."""
    lines = tuple(
        replace(
            x,
            line=replace(
                x.line,
                key=hashlib.sha256(f"xlsx{x.line.key}".encode()).hexdigest(),
                bank_reference=x.line.bank_reference if numbers else None,
            ),
        )
        for x in reversed(made.lines)
    )
    digest = hashlib.sha256(made.file_digest.encode()).hexdigest()
    return replace(made, lines=lines, format="bank-xlsx", file_digest=digest)


class StatementRules(DecisionRules):
    """What the bank tells, and what people do with it."""

    # --- one transfer, many tellers ---------------------------------------------------------------------------------

    @rule(name=WHO, which=WHICH, order=st.permutations(TELLERS), count=st.integers(2, 5), named=st.booleans())
    def a_transfer_is_told_by_several(self, name: int, which: int, order: list[str], count: int, named: bool) -> None:
        """A slip by hand, webhooks, the statement: whoever tells first books it, the others are witnesses."""
        who = self.who(name)
        months = [month for one, month in self.asked if one == who]
        if not months:
            return
        month = months[which % len(months)]
        asked, key = self.asked[who, month], self.key()
        to, amount = ("VH" if asked == "B" else asked), 50_000 + self.number
        code = self.story.reference(who, month) if named else None
        if self.story.read_to.get(account(to), self.day) >= self.day:
            self.tomorrow()
        tellers = [one for one in order if one == "line" or one in order[:count]]
        payment = ""
        for teller in tellers:
            name_of = self._tell(teller, to, key, amount, code)
            if not payment:
                payment = f"bank:{BIN}:00{to}/{name_of}"
                if code is not None:
                    self.came_by_code(who, asked, to, amount, month, payment, code=code)
                else:
                    self.r.bank[to] += amount
                    self.r.waiting[payment] = (to, amount)
        others = [one for one in tellers if one != "line"]
        if tellers[0] == "line" and others in ([], ["number"]):
            alone = ("pay", who, asked, to, amount, month, payment) if code else ("waiting", to, payment, amount)
            self.effects[to] = [alone]
        else:
            self.effects[to] = [("word", to)]  # Without the line the others still tell of the money.

    def _tell(self, teller: str, to: str, key: str, amount: int, code: str | None) -> str:
        if teller == "line":
            placed = self.bank(to, into(key, self.day, amount, *([code] if code else [])))
            assert sum(placed.values()) == 1
            return f"FT-{key}"
        if teller == "slip":
            slip = bank_slips.RecordTransfer(
                unit_id=UnitId(to),
                account_id=account(to),
                slip=key,
                amount=amount,
                paid_on=self.day,
                reference=None if code is None else Reference(code),
                bank_number=None,
                evidence_id=None,
            )
            self.do("VH-KT", slip)
            return f"slip:{key}"
        number = f"FT-{key}" if teller == "number" else f"{teller}:{key}"
        said = collect.Notice(
            source=f"bank:{BIN}:00{to}",
            outside_reference=number,
            status=NoticeStatus.PAID,
            reference=None,
            found=() if code is None else (code,),
            amount=amount,
            paid_at=at(self.day),
            account_number=f"00{to}",
            payer_key=None,
            evidence_id=None,
        )
        self.do("service:portal", collect.TakeNotices(root=PROVINCE, notices=(said, said)))
        return number

    # --- the collector's round --------------------------------------------------------------------------------------

    @rule(cell=st.sampled_from(["A", "B", "C"]), twice=st.booleans(), amount=AMOUNTS)
    def a_collectors_round_is_entered(self, cell: str, twice: bool, amount: int) -> None:
        """The list has a code a row; entered twice it counts once."""
        mine = [who for who in self.r.people if self.r.home(who) == cell]
        self.do(f"{cell}-TP", ask.PrepareCollection(unit_id=UnitId(cell), month=Month(self.month)))
        for who, bills in self.r.bills.items():
            if self.month in bills and bills[self.month].open > 0 and self.r.owner(who, self.month) == cell:
                self.asked.setdefault((who, self.month), cell)
        rows = [who for who in mine if (who, self.month) in self.asked]
        slips = {who: f"{self.story.reference(who, self.month)}-{self.key()}" for who in rows}
        items = tuple(
            collect.CashItem(
                slip=slips[who], member_id=MemberId(who), month=Month(self.month), amount=amount, paid_on=self.day
            )
            for who in rows
        )
        if not items:
            return
        command = collect.RecordCash(unit_id=UnitId(cell), items=items)
        self.do(f"{cell}-TP", command)
        for who in rows:
            self.r.cash[cell] += amount
            self.r.pay(who, cell, amount, self.month, f"cash:{cell}/{slips[who]}")
        if twice:
            before = self.head()
            assert self.do(f"{cell}-TP", command)["receipts"] == []
            assert self.head() == before

    # --- two formats ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.last)
    @rule(which=WHICH, numbers=st.booleans())
    def the_same_days_come_in_another_format(self, which: int, numbers: bool) -> None:
        """Every line is a witness of one that is there; the same file again adds nothing."""
        unit = list(self.last)[which % len(self.last)]
        other = exported(self.last[unit], numbers=numbers)
        told = self.do("VH-KT", other)
        if unit in self.exported:
            assert told["new_lines"] == 0
            return
        assert (told["new_lines"], told.get("witnessed", 0), told["left"]) == (0, len(other.lines), [])
        self.exported[unit] = other
        before = self.head()
        assert self.do("VH-KT", other)["known"]
        assert self.head() == before

    # --- a file is taken back and comes again -----------------------------------------------------------------------

    def _correct_file(self, unit: str, made: ImportStatement, *, possible: bool, named: tuple[str, ...] = ()) -> None:
        """Take a file back by two people, or be refused by the name of what stands in the way."""
        number = self.key("DC")
        wanted = Wanted(kind=Kind.IMPORT, account_id=account(unit), file_digest=made.file_digest)
        asked = correct.CorrectEntry(
            unit_id=UnitId(unit), correction_id=number, wanted=wanted, reason="nhầm tệp", decision="BB"
        )
        first, second = ("VH-KT", "VH-CU") if unit == "VH" else (f"{unit}-TP", f"{unit}-BT")
        approve = correct.ApproveCorrection(unit_id=UnitId(unit), correction_id=number)
        if possible:
            if self.do(first, asked)["state"] == "proposed":
                self.do(second, approve)
            return
        said = self.refusal_of(first, asked)
        if said is None:
            assert not named, f"proposed although {named} stands in the way"
            self.refused(second, approve)
            return
        assert said.code in (RefusalCode.CORRECTION_BLOCKED, RefusalCode.NOT_IN_SUSPENSE), said
        assert not named or any(number in said.message for number in named), (named, said)

    def refusal_of(self, actor: str, command: object) -> Refusal | None:
        """The refusal of a command that may be refused already; None where it was taken."""
        try:
            self.story.run(actor, self.day, command)
        except Refusal as refusal:
            return refusal
        return None

    @rule(which=WHICH, kind=st.sampled_from([K.WRITE_OFF, K.RETURN, K.IDENTIFY, K.WAIT]))
    def a_file_is_taken_back_after_a_decision(self, which: int, kind: DecisionKind) -> None:
        """What only waits, or is a member's, is undone with its file; what went elsewhere stands in its way by name."""
        self.unknown_money_comes_in("A", 900 + which)
        self.a_decision_is_taken(0, which, which, kind)
        self.effects = {unit: told for unit, told in self.effects.items() if unit == "A"}
        self.the_newest_file_is_taken_back_and_comes_again(0)

    @rule(which=WHICH)
    def the_newest_file_is_taken_back_and_comes_again(self, which: int) -> None:
        """The identity on balances and open items; refused by name where a decision stands in the way."""
        if not any(self.effects.values()):
            self.unknown_money_comes_in("A", 700)
        some = [unit for unit, effects in self.effects.items() if effects]
        unit = some[which % len(some)]
        made, effects = self.last[unit], self.effects[unit] or []
        before = copy.deepcopy(self.r)
        lumps = copy.deepcopy(self.payouts)
        known = [self._undo(*effect) for effect in effects]
        if None in known:
            self.r, self.payouts = before, lumps
            return
        possible = all(known) and min(self.r.own.values()) >= 0
        if unit in self.exported:
            self._correct_file(unit, made, possible=False)
            self._correct_file(unit, self.exported.pop(unit), possible=True)
        payments = {effect[2] for effect in effects if effect[0] == "waiting"}
        standing = {K.WRITE_OFF, K.RETURN}
        named = tuple(
            number
            for number, one in self.decisions.items()
            if one["holds"] and one["kind"] in standing and one["payment"] in payments
        )
        self._correct_file(unit, made, possible=possible, named=named)
        if not possible:
            self.r, self.payouts = before, lumps
            return
        self.the_books_say_what_the_reckoning_says()
        answer = self.story.run("VH-KT", self.day, made, command_id=uuid.uuid4()).answer
        assert answer["left"] == [], answer
        for effect in effects:
            self._redo(*effect)
        self.the_books_say_what_the_reckoning_says()
        found = open_items(self.work(), self.story.installation.store, [UnitId(unit)], self.day)
        waiting = {
            one.item: one.amount
            for one in found
            if one.what != "line" and not one.item.startswith(("case:", "attempt:"))
        }
        mine = {payment: money for payment, (of, money) in self.r.waiting.items() if of == unit}
        assert waiting == mine, (waiting, mine)

    def _undo(self, kind: str, *told: Any) -> bool | None:
        """Whether the line's effect can be taken back; None where the reckoning cannot say."""
        if kind == "word":
            return True
        if kind == "pay":
            _, unit, to, amount, _, payment = told
            if payment not in self.r.parts:
                return None
            possible = self.r.unpay(payment)
            self.r.lies_with(unit, self.r.now(to), -amount)
            self.r.bank[to] -= amount
            return possible
        if kind == "portal":
            to, reference, amount = told
            self.r.clearing.append((to, reference, amount))
            self.r.bank[to] -= amount
            return True
        if kind == "lump":
            one = self.payouts[told[0]]
            if one["returned"]:
                return False
            self._clear(told[0], -1)
            one["line"] = one["cleared"] = False
            return True
        to, payment, amount = told
        self.r.bank[to] -= amount
        if self.r.waiting.get(payment) == (to, amount):
            del self.r.waiting[payment]
            return not self.r.asked_back(payment)
        if any(one["payment"] == payment and one["holds"] for one in self.decisions.values()):
            kinds = {one["kind"] for one in self.decisions.values() if one["payment"] == payment and one["holds"]}
            if kinds & {K.WRITE_OFF, K.RETURN}:
                return False
        if payment in self.r.parts and payment not in self.r.unclear:
            home = self.r.parts[payment]["taker"]
            possible = self.r.unpay(payment)
            self.r.lies_with(home, to, -amount)
            return possible
        return None

    def _redo(self, kind: str, *told: Any) -> None:
        if kind == "pay":
            self.came_by_code(*told)
        elif kind == "portal":
            to, reference, amount = told
            self.r.clearing.remove((to, reference, amount))
            self.r.bank[to] += amount
        elif kind == "lump":
            self.payouts[told[0]]["line"] = True
            self._clear(told[0])
        elif kind == "waiting":
            to, payment, amount = told
            self.r.bank[to] += amount
            self.r.waiting[payment] = (to, amount)
            for one in self.decisions.values():
                one["holds"] = one["holds"] and one["payment"] != payment

    # --- days -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.last)
    @rule(which=WHICH, reopened=st.booleans())
    def a_day_of_an_account_is_closed(self, which: int, reopened: bool) -> None:
        """Only where it ties, and never what any account says; opened again by a person with a reason."""
        unit = list(self.last)[which % len(self.last)]
        day = self.last[unit].to_date
        inst, known = self.story.installation, uuid.uuid5(uuid.NAMESPACE_OID, self.key())
        act = Act(actor="VH-KT", at=at(self.day), command_id=known)
        before = {of: self.story.books().balances(of, "1120") for of in UNITS}
        said: Refusal | None = None
        try:
            day_close.close_day(inst, act, account=account(unit), day=day)
        except Refusal as refusal:
            said = refusal
        assert said is None or said.code is RefusalCode.DAY_DOES_NOT_TIE, said
        if reopened and said is None:
            again = replace(act, command_id=uuid.uuid5(known, "again"))
            day_close.reopen_day(inst, again, account=account(unit), day=day, reason="sót")
        assert {of: self.story.books().balances(of, "1120") for of in UNITS} == before
