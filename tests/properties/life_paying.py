"""Rules of the life machines: money that members pay, by every channel, and money whose owner is not known."""

from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.identifiers import MemberId, PaymentId, UnitId
from domain.period import Month
from domain.relief import Timing
from ledger.handlers import ask, collect, members, relief_life, split, statements
from tests.acceptance.story import BIN, into
from tests.properties.life_base import AMOUNTS, PROVINCE, WARD, WHO, LifeBase
from tests.properties.reckoning_law import after


class PayingRules(LifeBase):
    """QR, portal, cash, on behalf, ahead, unknown."""

    @rule(name=WHO, which=st.integers(0, 5), amount=AMOUNTS)
    def a_member_transfers_by_qr(self, name: int, which: int, amount: int) -> None:
        """Too little, just enough, too much, twice: by the reference of any month that was asked for."""
        who = self.who(name)
        months = [month for one, month in self.asked if one == who]
        if months:
            self._transfer(who, months[which % len(months)], amount)

    @rule(name=WHO)
    def a_member_pays_all_by_qr(self, name: int) -> None:
        who = self.who(name)
        for month in self.r.open_months(who):
            if (who, month) in self.asked:
                self._transfer(who, month, self.r.bills[who][month].open)
                return

    def _transfer(self, who: str, month: str, amount: int) -> None:
        asked = self.asked[who, month]
        to, unit, key = ("VH" if asked == "B" else asked), self.r.now(asked), self.key()
        placed = self.bank(to, into(key, self.day, amount, self.story.reference(who, month)))
        assert placed == {"reference": 1}
        self.r.bank[to] += amount
        self.r.lies_with(unit, self.r.now(to), amount)
        self.r.pay(who, unit, amount, month, f"bank:{BIN}:00{to}/FT-{key}")

    @rule(name=WHO, last=st.booleans())
    def a_member_pays_on_the_portal(self, name: int, last: bool) -> None:
        who = self.who(name)
        months = self.r.open_months(who)
        if not months:
            return
        month = months[-1 if last else 0]
        unit = self.r.owner(who, month) or self.r.home(who)
        asked = ask.OpenDuesAttempt(unit_id=UnitId(unit), member_id=MemberId(who), month=Month(month))
        opened = self.do(f"{unit}-TP", asked)
        assert opened["amount"] == self.r.bills[who][month].open
        self._portal(opened["reference"], opened["amount"], unit)
        self.r.pay(who, unit, opened["amount"], month)

    def _portal(self, reference: str, amount: int, unit: str) -> str:
        """The portal says that an attempt is paid; the bank will credit it."""
        notice = self.story.notice(reference, amount, self.day)
        command = collect.TakeNotices(root=PROVINCE, notices=(notice,))
        answer = self.do("service:portal", command)
        assert answer["outcomes"][0]["outcome"] == "reference"
        self.r.clearing.append((self.holder(unit), reference, amount))
        self.r.lies_with(unit, self.r.now(self.holder(unit)), amount)
        return str(notice.outside_reference)

    @precondition(lambda self: self.r.clearing)
    @rule()
    def the_bank_credits_the_portal(self) -> None:
        unit, reference, amount = self.r.clearing.pop(0)
        assert self.bank(unit, into(self.key(), self.day, amount, reference)) == {"portal-credit": 1}
        self.r.bank[unit] += amount

    @rule(name=WHO, amount=AMOUNTS)
    def a_member_pays_cash(self, name: int, amount: int) -> None:
        who = self.who(name)
        self._cash(who, amount, self.month, self.day)

    def _cash(self, who: str, amount: int, month: str, on: date) -> None:
        unit, slip = self.r.home(who), self.key()
        item = collect.CashItem(slip=slip, member_id=MemberId(who), month=Month(month), amount=amount, paid_on=on)
        self.do(f"{unit}-TP", collect.RecordCash(unit_id=UnitId(unit), items=(item,)))
        self.r.cash[unit] += amount
        self.r.pay(who, unit, amount, month, f"cash:{unit}/{slip}")

    @precondition(lambda self: self.closed)
    @rule(name=WHO, amount=AMOUNTS)
    def cash_of_a_closed_month_is_entered_late(self, name: int, amount: int) -> None:
        """A fact is taken whatever is closed: it is booked in the open month and listed."""
        who = self.who(name)
        unit = self.r.home(who)
        if unit not in self.closed or self.r.people[who]["from"] > self.closed[unit]:
            return
        on = date(int(self.closed[unit][:4]), int(self.closed[unit][5:]), 20)
        before = len(self.books.month_books().late(UnitId(unit)))
        self._cash(who, amount, self.closed[unit], on)
        self.books.catch_up()
        assert len(self.books.month_books().late(UnitId(unit))) > before

    @rule(name=WHO, other=WHO, amount=AMOUNTS, part=AMOUNTS, by_portal=st.booleans())
    def somebody_pays_for_two(self, name: int, other: int, amount: int, part: int, by_portal: bool) -> None:
        """A representative on the portal, or cash against a list: no line answers for more than its member owes."""
        one, two = self.who(name), self.who(other)
        unit = self.r.home(one)
        if one == two or self.r.home(two) != unit:
            return
        rows, slip = ((one, amount), (two, part)), self.key()
        if by_portal:
            lines = tuple(
                ask.BatchLine(member_id=MemberId(w), month=Month(self.month), amount=a, cash_payment_id=None)
                for w, a in rows
            )
            opened = self.do(f"{unit}-TP", ask.OpenBatchAttempt(unit_id=UnitId(unit), lines=lines))
            payment = f"portal/{self._portal(opened['reference'], amount + part, unit)}"
        else:
            parts = tuple(split.SplitLine(member_id=MemberId(w), month=Month(self.month), amount=a) for w, a in rows)
            command = split.RecordCashSplit(
                unit_id=UnitId(unit), slip=slip, amount=amount + part, paid_on=self.day, lines=parts
            )
            self.do(f"{unit}-TP", command)
            self.r.cash[unit] += amount + part
            payment = f"cash:{unit}/{slip}"
        left = 0
        for who, money in rows:
            usable = min(money, sum(bill.open for bill in self.r.bills[who].values()))
            if usable:
                self.r.pay(who, unit, usable, self.month)
            left += money - usable
        if left:
            self.r.waiting[payment] = (unit, left)

    @rule(unit=st.sampled_from(["A", "C", "VH"]), amount=AMOUNTS)
    def unknown_money_comes_in(self, unit: str, amount: int) -> None:
        key = self.key()
        assert self.bank(unit, into(key, self.day, amount)) == {"suspense": 1}
        self.r.bank[unit] += amount
        self.r.waiting[f"bank:{BIN}:00{unit}/FT-{key}"] = (self.r.now(unit), amount)

    @precondition(lambda self: self.r.waiting)
    @rule(name=WHO, part=st.sampled_from([1, 2]), asks=st.booleans())
    def a_person_says_whose_money_waits(self, name: int, part: int, asks: bool) -> None:
        payment, (unit, left) = next(iter(self.r.waiting.items()))
        who, amount = self.who(name), max(1, left // part)
        home = self.r.home(who)
        command = statements.IdentifySuspense(
            unit_id=UnitId(unit),
            payment_id=PaymentId(payment),
            member_id=MemberId(who),
            month=Month(self.month) if asks else None,
            amount=amount,
            ground="đảng viên báo",
        )
        free = left - self.r.asked_back(payment)
        if self.may(unit in (home, "VH", "HP") and amount <= free, "VH-KT", command) is None:
            return
        whole = amount == left and payment.startswith("bank") and payment not in self.r.parts
        self.r.lies_with(home, unit, amount)
        self.r.pay(who, home, amount, self.month if asks else None, payment if whole else "")
        del self.r.waiting[payment]
        if amount < left:
            self.r.waiting[payment] = (unit, left - amount)
            self.r.unclear.add(payment)

    @rule(name=WHO, amount=AMOUNTS)
    def a_released_member_pays_ahead(self, name: int, amount: int) -> None:
        who, last = self.who(name), after(self.month, 3)
        if self.r.people[who]["gone"]:
            return
        home, key = self.r.home(who), self.key("QD-")
        release = members.ReleaseMember(
            unit_id=UnitId(home),
            member_id=MemberId(who),
            from_month=Month(self.month),
            to_month=Month(last),
            granted_by="Đảng ủy",
            decision=key,
            decided_on=self.day,
        )
        self.do(f"{home}-BT", release)
        ahead = relief_life.ArrangePayment(
            decider_id=WARD,
            member_id=MemberId(who),
            timing=Timing.AHEAD,
            from_month=Month(self.month),
            to_month=Month(last),
            decision=key,
        )
        self.do("VH-CU", ahead)
        self._cash(who, amount, last, self.day)
