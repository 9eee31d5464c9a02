"""Rules of the rails machine: attempts on the portal, what its channel says of them, and what a member says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.notice import NoticeStatus
from domain.period import Month
from domain.settlement import Settlement, SettlementKind
from ledger.handlers import ask, attempts, collect, slips
from ledger.handlers.settlements import TakeSettlement
from tests.acceptance.story import BIN, at, into
from tests.properties.life_base import AMOUNTS, PROVINCE, WARD, WHO
from tests.properties.life_paying import PayingRules
from tests.settled import line, settled

#: What is said of an attempt, from the word that says least to the one that says most.
RANK = ("opened", "expired", "unknown", "pending", "cancelled", "failed", "paid")
WORDS = {
    "unknown": NoticeStatus.UNKNOWN,
    "pending": NoticeStatus.PENDING,
    "failed": NoticeStatus.FAILED,
    "paid": NoticeStatus.PAID,
}
WHICH = st.integers(0, 9)
#: So long after it was announced a smaller credit is still explained by a settlement.
SOON = timedelta(days=13)


class AttemptRules(PayingRules):
    """Open, hear in any order, ask again, give up; told and not told; the portal's own settlement."""

    def set_up(self) -> None:
        super().set_up()
        self.tries: dict[str, dict[str, Any]] = {}
        self.told: dict[tuple[str, str], tuple[str, Any]] = {}
        self.codes: dict[tuple[str, str], list[str]] = {}
        self.effects: dict[str, list[tuple[Any, ...]] | None] = {}
        self.last: dict[str, Any] = {}
        self.exported: dict[str, Any] = {}

    # --- statements are kept, so that the newest can be taken back --------------------------------------------------

    def bank(self, unit: str, *lines: Any) -> dict[str, Any]:
        placed = super().bank(unit, *lines)
        self.last[unit], self.effects[unit] = self.past[-1][3], None
        self.exported.pop(unit, None)
        return placed

    def _transfer(self, who: str, month: str, amount: int) -> None:
        self._by_code(who, month, amount, self.story.reference(who, month))

    def _by_code(self, who: str, month: str, amount: int, code: str) -> None:
        asked = self.asked[who, month]
        to, unit, key = ("VH" if asked == "B" else asked), self.r.now(asked), self.key()
        assert self.bank(to, into(key, self.day, amount, code)) == {"reference": 1}
        payment = f"bank:{BIN}:00{to}/FT-{key}"
        self.effects[to] = [("pay", who, unit, to, amount, month, payment)]
        self.came_by_code(*self.effects[to][0][1:], code=code)

    def came_by_code(self, who: str, unit: str, to: str, amount: int, month: str, payment: str, code: str = "") -> None:
        """A transfer under a member's code is in the book."""
        self.r.bank[to] += amount
        self.r.lies_with(unit, self.r.now(to), amount)
        self.r.pay(who, unit, amount, month, payment)
        if code and self.told.get((who, month), ("",))[0] == code:
            del self.told[who, month]

    @rule(name=WHO, which=WHICH, amount=AMOUNTS)
    def a_member_transfers_by_an_old_code(self, name: int, which: int, amount: int) -> None:
        """A code on paper keeps working when it was withdrawn and another was issued."""
        who = self.who(name)
        months = [month for one, month in self.asked if one == who]
        if not months:
            return
        month = months[which % len(months)]
        codes = self.codes.setdefault((who, month), [])
        now = self.story.reference(who, month)
        codes.extend(() if now in codes else (now,))
        self._by_code(who, month, amount, codes[0])

    def codes_are_issued_again(self) -> None:
        """Where the dues have changed; who said that the money is on its way keeps the code."""
        self.do("VH-KT", ask.RequestMonth(unit_id=WARD, month=Month(self.month), valid_until=None))
        for name, bills in self.r.bills.items():
            if self.month in bills and bills[self.month].open > 0:
                self.asked.setdefault((name, self.month), self.r.owner(name, self.month) or "")
        self.codes_told_of_stand()

    def codes_told_of_stand(self) -> None:
        """While the money is on its way there is no second code, whatever is owed now."""
        for (who, month), (code, until) in self.told.items():
            assert self.day > until or self.story.reference(who, month) == code

    @rule(unit=st.sampled_from(["A", "B", "C", "VH"]), amount=AMOUNTS)
    def unknown_money_comes_in(self, unit: str, amount: int) -> None:
        to = "VH" if unit == "B" else unit
        key = self.key()
        assert self.bank(to, into(key, self.day, amount)) == {"suspense": 1}
        payment = f"bank:{BIN}:00{to}/FT-{key}"
        self.r.bank[to] += amount
        self.r.waiting[payment] = (to, amount)
        self.effects[to] = [("waiting", to, payment, amount)]

    @precondition(lambda self: self.r.clearing)
    @rule()
    def the_bank_credits_the_portal(self) -> None:
        unit, reference, amount = self.r.clearing.pop(0)
        assert self.bank(unit, into(self.key(), self.day, amount, reference)) == {"portal-credit": 1}
        self.r.bank[unit] += amount
        self.effects[unit] = [("portal", unit, reference, amount)]

    # --- told and not told ------------------------------------------------------------------------------------------

    @rule(name=WHO, which=WHICH)
    def a_member_says_that_he_has_transferred(self, name: int, which: int) -> None:
        who = self.who(name)
        months = [m for m in self.r.open_months(who) if (who, m) in self.asked]
        if not months:
            return
        month = months[which % len(months)]
        code, unit = self.story.reference(who, month), self.asked[who, month]
        command = slips.TellTransfer(unit_id=UnitId(unit), reference=code, told_on=self.day)
        state: Any = self.work().request(code)
        possible = sum(one.amount for one in state.answers) < state.asked.amount
        if self.may(possible, f"{unit}-TP", command, RefusalCode.NOTHING_DUE) is not None:
            before = self.told.get((who, month))
            if before is None or before[0] != code or before[1] < self.day:
                self.told[who, month] = (code, self.day + timedelta(days=5))

    @precondition(lambda self: self.told)
    @rule(which=WHICH)
    def a_member_has_not_transferred_after_all(self, which: int) -> None:
        who, month = list(self.told)[which % len(self.told)]
        code, _ = self.told.pop((who, month))
        unit = self.asked[who, month]
        command = slips.TakeTellingBack(unit_id=UnitId(unit), reference=code, reason="chưa chuyển")
        assert self.do(f"{unit}-TP", command)["taken_back"]

    # --- attempts ---------------------------------------------------------------------------------------------------

    def blocked(self, who: str, month: str) -> bool:
        """Whether money for the month may be on its way."""
        code, until = self.told.get((who, month), ("", None))
        if until is not None and self.day <= until and code == self.story.reference(who, month):
            return True
        mine = (one for one in self.tries.values() if (one["who"], one["month"]) == (who, month))
        return any(one["state"] in ("unknown", "pending") for one in mine)

    def open_attempt(self, who: str, month: str, rail: str) -> str | None:
        """Open an attempt, or be refused while another may hold money; returns its reference."""
        unit = self.r.owner(who, month) or self.r.home(who)
        asked = ask.OpenDuesAttempt(unit_id=UnitId(unit), member_id=MemberId(who), month=Month(month))
        command = ask.OpenOnRail(unit_id=UnitId(unit), rail=rail, asked=asked)
        told = self.may(not self.blocked(who, month), f"{unit}-TP", command, RefusalCode.ATTEMPT_PENDING)
        if told is None:
            return None
        one = {"who": who, "month": month, "unit": unit, "rail": rail, "amount": told["amount"], "state": "opened"}
        self.tries[told["reference"]] = {**one, "paid": {}, "bank": 0}
        assert told["amount"] == self.r.bills[who][month].open
        return str(told["reference"])

    @rule(name=WHO, last=st.booleans())
    def a_member_pays_on_the_portal(self, name: int, last: bool) -> None:
        who = self.who(name)
        months = self.r.open_months(who)
        reference = self.open_attempt(who, months[-1 if last else 0], "portal") if months else None
        if reference is not None and last:
            self.hear(reference, "paid", 0, "notification")

    @rule(name=WHO, other=WHO, amount=AMOUNTS, part=AMOUNTS, by_portal=st.booleans())
    def somebody_pays_for_two(self, name: int, other: int, amount: int, part: int, by_portal: bool) -> None:
        busy = any(self.blocked(self.who(one), self.month) for one in (name, other))
        super().somebody_pays_for_two(name, other, amount, part, by_portal and not busy)

    def of_portal(self) -> list[str]:
        return [reference for reference, one in self.tries.items() if one["rail"] == "portal"]

    @rule(which=WHICH, word=st.sampled_from([*WORDS, "paid"]), number=st.integers(0, 1), asked=st.booleans())
    def the_portal_says_something(self, which: int, word: str, number: int, asked: bool) -> None:
        """By a notification or when asked; early, late, again, and against what it said before."""
        if not self.of_portal():
            self.a_member_pays_on_the_portal(which, False)
        known = self.of_portal()
        if not known:
            return
        self.hear(known[-1 - which % len(known)], word, number, "query" if asked else "notification")

    def hear(self, reference: str, word: str, number: int, via: str) -> None:
        """One word of a channel on an attempt; its money counts once for each of the channel's own numbers."""
        one = self.tries[reference]
        outside = f"{one['rail']}-{reference}-{number}"
        said = self.story.notice(reference, one["amount"], self.day, number=outside)
        said = replace(said, source=one["rail"], status=WORDS[word], via=via)
        self.do("service:portal", collect.TakeNotices(root=PROVINCE, notices=(said,)))
        one["state"] = max(one["state"], word, key=RANK.index)
        assert self.work().attempt(reference).state == one["state"]
        if word == "paid" and outside not in one["paid"]:
            one["paid"][outside] = "told"
            if one["bank"] and one["rail"] == "portal":
                one["bank"] -= 1  # The bank told of this money first.
                one["paid"][outside] = "by bank"
            else:
                self.announced(reference, outside)

    def announced(self, reference: str, outside: str) -> None:
        """A channel has a member's money and owes it to the account."""
        one = self.tries[reference]
        one["on"] = self.day
        unit, to, amount = one["unit"], self.holder(one["unit"]), one["amount"]
        if one["rail"] == "portal":
            self.r.clearing.append((to, reference, amount))
        else:
            self.r.at_gateway[to] += amount
        self.r.lies_with(unit, self.r.now(to), amount)
        self.r.pay(one["who"], unit, amount, one["month"], f"{one['rail']}/{outside}")

    @precondition(lambda self: self.of_portal())
    @rule(which=WHICH)
    def another_sum_is_told_of_an_attempt(self, which: int) -> None:
        """A case for a person: no money, but a word."""
        reference = self.of_portal()[which % len(self.of_portal())]
        one = self.tries[reference]
        said = self.story.notice(reference, one["amount"] + 1, self.day, number=self.key("GD"))
        told = self.do("service:portal", collect.TakeNotices(root=PROVINCE, notices=(said,)))
        assert told["outcomes"][0]["outcome"] == "amount-differs"
        one["state"] = "paid"

    @rule(which=WHICH, word=st.sampled_from(["unknown", "pending", "failed"]))
    def another_attempt_is_tried(self, which: int, word: str) -> None:
        """While money may be on its way nobody is offered a second payment; once it failed anybody is."""
        self.a_member_pays_on_the_portal(which, False)
        if not self.tries:
            return
        reference = list(self.tries)[-1 - which % 2 % len(self.tries)]
        one = self.tries[reference]
        self.hear(reference, word, 0, "query")
        if self.r.bills[one["who"]][one["month"]].open > 0:
            self.open_attempt(one["who"], one["month"], one["rail"])

    @rule(which=WHICH, said=st.sampled_from([(), (0,), (0, 0), (0, 1)]))
    def the_bank_is_faster_than_the_portal(self, which: int, said: tuple[int, ...]) -> None:
        """The portal's own word, however often it comes, is a witness of what the bank told; another is new money."""
        self.a_member_pays_on_the_portal(which, False)
        known = [x for x in self.of_portal() if not any(x == seen for _, seen, _ in self.r.clearing)]
        if not known:
            return
        reference = known[-1 - which % len(known)]
        one, key = self.tries[reference], self.key()
        to, unit, amount = self.holder(one["unit"]), one["unit"], one["amount"]
        assert self.bank(to, into(key, self.day, amount, reference)) == {"reference": 1}
        self.r.bank[to] += amount
        self.r.lies_with(unit, self.r.now(to), amount)
        self.r.pay(one["who"], unit, amount, one["month"], f"bank:{BIN}:00{to}/FT-{key}")
        one["bank"] += 1
        for number in said:
            self.hear(reference, "paid", number, "notification")

    @precondition(lambda self: self.tries)
    @rule(which=WHICH, by_person=st.booleans())
    def an_attempt_is_given_up(self, which: int, by_person: bool) -> None:
        """By a person who made sure, or by the clock where nothing was heard."""
        reference = list(self.tries)[which % len(self.tries)]
        one = self.tries[reference]
        if not by_person:
            expire = attempts.ExpireAttempts(root=PROVINCE, references=(reference,))
            self.do("service:portal", expire)
            one["state"] = "expired" if one["state"] == "opened" else one["state"]
            return
        command = attempts.GiveUpAttempt(unit_id=UnitId(one["unit"]), reference=reference)
        possible = one["state"] in ("opened", "unknown", "pending")
        if self.may(possible, f"{one['unit']}-TP", command, RefusalCode.NOTHING_DUE) is not None:
            one["state"] = "cancelled"

    # --- the portal's settlement ------------------------------------------------------------------------------------

    def _unsettled(self) -> list[tuple[str, str]]:
        """Numbers of the portal that no settlement has named and whose money the bank has not credited."""
        there = {reference for _, reference, _ in self.r.clearing}
        found = []
        for reference in there & set(self.tries):
            one = self.tries[reference]
            told = [n for n, how in one["paid"].items() if how == "told"]
            if len(one["paid"]) == len(told) == 1:
                found.append((reference, told[0]))
        return sorted(found)

    def settled(self, outside: str, amount: int, fee: int, reference: str) -> Settlement:
        """A file of the portal with one line."""
        made = replace(line(1, SettlementKind.COLLECTION, outside, amount, fee, reference), at=at(self.day))
        return settled(made, rail="portal", name=self.key("QT"))

    @rule(which=WHICH, fee=st.sampled_from([0, 55]), line_first=st.booleans(), again=st.booleans())
    def the_portal_settles(self, which: int, fee: int, line_first: bool, again: bool) -> None:
        """The day after: whole, or less a fee that explains the bank's smaller line, whichever comes first."""
        if not self._unsettled():
            self.a_member_pays_on_the_portal(which, True)
        if not self._unsettled():
            return
        reference, outside = self._unsettled()[which % len(self._unsettled())]
        one = self.tries[reference]
        to, amount = self.holder(one["unit"]), one["amount"]
        if amount <= fee or (fee and self.day - one["on"] > SOON):
            return
        made = self.settled(outside, amount, fee, reference)
        take = TakeSettlement(unit_id=PROVINCE, settlement=made)
        steps = [lambda: self.bank(to, into(self.key(), self.day, amount - fee, reference))]
        steps.insert(len(steps) if line_first else 0, lambda: self.do("HP-KT", take))
        for step in steps:
            step()
        if again:
            assert self.do("HP-KT", take)["state"] == "known"
        one["paid"][outside] = "settled"
        self.r.clearing.remove((to, reference, amount))
        self.r.bank[to] += amount - fee
        self.r.spent[to] += fee

    @rule(name=WHO)
    def a_settlement_tells_of_what_nobody_told(self, name: int) -> None:
        who = self.who(name)
        months = self.r.open_months(who)
        reference = self.open_attempt(who, months[0], "portal") if months else None
        if reference is None:
            return
        one = self.tries[reference]
        outside = f"portal-{reference}-0"
        made = self.settled(outside, one["amount"], 0, reference)
        told = self.do("HP-KT", TakeSettlement(unit_id=PROVINCE, settlement=made))
        assert [x["outcome"] for x in told["lines"]] == ["matched"]
        one["paid"][outside], one["state"] = "settled", "paid"
        self.announced(reference, outside)
