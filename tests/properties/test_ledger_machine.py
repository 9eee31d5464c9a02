"""The whole ledger under any order of everyday acts, beside a small oracle of plain dictionaries.

The oracle knows nothing of events or accounts: who owes what, what was paid, what is held as credit or waits, and
what the bank has. After every step the books must say the same, balance, and repeat from the first event.
"""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from api import wiring
from domain.errors import Refusal
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.payment import Asset, Payment, PaymentReceived
from domain.period import Month, month_of, shift
from ledger.application import Ledger
from ledger.books import balance
from ledger.handlers import ask, collect, payouts, refunds, remit, statements
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Cell, Story, into, member, out
from tests.acceptance.story import settings as installation_settings
from tests.acceptance.tables import ABOVE, hold_together

MEMBERS = ("A1", "A2", "B1", "B2")
DUES = {"A1": 5_000, "A2": 14_190, "B1": 5_000, "B2": 9_460}
SUPERIOR = {"A": "VH", "B": "VH", **ABOVE}
AMOUNTS = st.sampled_from([1, 999, 5_000, 9_460, 14_190, 20_000, 33_333])


class LedgerMachine(RuleBasedStateMachine):
    """Two cells (B's money is held by the ward), four members, months from July 2026 into 2027."""

    @initialize()
    def set_up(self) -> None:
        self.story = Story(wiring.in_memory(installation_settings()))
        self.story.set_up([Cell(id="A", bank=5_000_000), Cell(id="B", own_account=False)], ward_bank=5_000_000)
        self.story.enrol("A", member("A1", "STUDENT"), member("A2", "NON_SI_UNDER_RETIREMENT"))
        self.story.enrol("B", member("B1", "STUDENT"), member("B2", "NON_SI_OVER_RETIREMENT"))
        self.day = START
        self.month = Month("2026-07")
        self.number = 0
        # The oracle.
        self.due: dict[str, dict[str, int]] = {m: {} for m in MEMBERS}
        self.credit = dict.fromkeys(MEMBERS, 0)
        self.collected = {"A": 0, "B": 0}
        self.cash = {"A": 0, "B": 0}
        self.announced: list[tuple[str, str, int]] = []
        self.waiting: dict[PaymentId, int] = {}
        self.bags: list[tuple[str, int]] = []
        self.receipts: list[tuple[str, PaymentId, int]] = []
        self.last: list[object] = []
        self._assess()

    def _assess(self) -> None:
        self.story.assess("VH", self.month, self.day)
        for name in MEMBERS:
            used = min(self.credit[name], DUES[name])
            self.credit[name] -= used
            self.collected[name[0]] += used
            self.due[name][self.month] = DUES[name] - used
        self.story.request("VH", self.month, self.day)

    def _oracle_pays(self, name: str, month: str, amount: int) -> None:
        owed = self.due[name]
        for open_month in sorted(owed, key=lambda m: (m != month, m)):
            part = min(amount, owed[open_month])
            owed[open_month] -= part
            self.collected[name[0]] += part
            amount -= part
        self.credit[name] += amount

    def _key(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def _statement(self, unit: str, *lines: statements.LineText) -> dict[str, object]:
        # A bank day of its own for each statement: lines are booked on the day after the act.
        self.day += timedelta(days=1)
        booked = [replace(item, line=replace(item.line, booked_on=self.day)) for item in lines]
        command = self.story.statement(unit, self.day, *booked)
        self.last.append(command)
        answer = self.story.do("VH-KT", self.day, command)
        assert answer["left"] == []
        return answer

    def _account(self, name: str) -> str:
        return "A" if name.startswith("A") else "VH"

    # --- acts ---------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.month < "2027-12")  # the rates of 2028 are others
    @rule()
    def a_month_begins(self) -> None:
        self.month = shift(self.month, 1)
        self.day = max(self.day, date(int(self.month[:4]), int(self.month[5:]), 1))
        self._assess()

    @rule(name=st.sampled_from(MEMBERS), amount=AMOUNTS, by_reference_of=st.integers(0, 3))
    def a_member_transfers(self, name: str, amount: int, by_reference_of: int) -> None:
        months = [
            m
            for m in self.due[name]
            if self.story.installation.ledger.directory.request_for(MemberId(name), Month(m)) is not None
        ]
        if not months:
            return
        month = months[by_reference_of % len(months)]
        line = into(self._key(), self.day, amount, self.story.reference(name, month))
        self._statement(self._account(name), line)
        self._oracle_pays(name, month, amount)

    @rule(name=st.sampled_from(MEMBERS))
    def a_member_pays_on_the_portal(self, name: str) -> None:
        months = [m for m, owed in self.due[name].items() if owed]
        if not months:
            return
        opened = self.story.attempt(name[0], name, months[0], self.day)
        assert opened["amount"] == self.due[name][months[0]]
        notice = self.story.notice(opened["reference"], opened["amount"], self.day)
        assert self.story.tell(notice) == ["reference"]
        self.last.append(notice)
        self.announced.append((self._account(name), opened["reference"], opened["amount"]))
        self._oracle_pays(name, months[0], opened["amount"])

    @precondition(lambda self: self.announced)
    @rule()
    def the_bank_credits_what_the_portal_announced(self) -> None:
        unit, reference, amount = self.announced.pop(0)
        answer = self._statement(unit, into(self._key(), self.day, amount, reference))
        assert answer["placed"] == {"portal-credit": 1}

    @precondition(lambda self: self.last)
    @rule(data=st.data())
    def a_message_comes_again(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.last))
        head = self.story.installation.store.head()
        if isinstance(again, collect.Notice):
            self.story.tell(again, on=self.day)
        else:
            self.story.do("VH-KT", self.day, again)
        assert self.story.installation.store.head() == head

    @rule(name=st.sampled_from(MEMBERS))
    def the_portal_states_a_wrong_amount(self, name: str) -> None:
        months = [m for m, owed in self.due[name].items() if owed]
        if months:
            opened = self.story.attempt(name[0], name, months[0], self.day)
            notice = self.story.notice(opened["reference"], opened["amount"] + 1, self.day)
            assert self.story.tell(notice) == ["amount-differs"]

    @rule(name=st.sampled_from(MEMBERS), amount=AMOUNTS)
    def a_member_pays_cash(self, name: str, amount: int) -> None:
        paid = self.story.cash(name[0], self._key(), name, amount, self.day, self.month_now())
        self.receipts.append((name, paid, amount))
        self.cash[name[0]] += amount
        self._oracle_pays(name, self.month_now(), amount)

    def month_now(self) -> str:
        return min(self.month, month_of(self.day))

    @precondition(lambda self: self.receipts)
    @rule()
    def the_collector_pays_receipted_cash_online(self) -> None:
        name, paid, amount = self.receipts.pop()
        line = ask.BatchLine(
            member_id=MemberId(name), month=Month(self.month_now()), amount=amount, cash_payment_id=paid
        )
        cell = name[0]
        opened = self.story.do(f"{cell}-TP", self.day, ask.OpenBatchAttempt(unit_id=UnitId(cell), lines=(line,)))
        notice = self.story.notice(opened["reference"], amount, self.day)
        assert self.story.tell(notice) == ["reference"]
        self.announced.append((self._account(name), opened["reference"], amount))
        if self.cash[cell] >= amount:
            self.cash[cell] -= amount
        else:
            # That cash has gone to the bank or to the holder already: whose this is, a person must say.
            self.waiting[PaymentId(f"portal/{notice.outside_reference}")] = amount

    @precondition(lambda self: self.cash["A"])
    @rule()
    def a_bag_goes_to_the_bank(self) -> None:
        amount = self.cash["A"]
        taken = collect.TakeCashBag(unit_id=UnitId("A"), amount=amount, taken_on=self.day)
        self.bags.append((self.story.do("A-TP", self.day, taken)["bag"], amount))
        self.cash["A"] = 0

    @precondition(lambda self: self.bags)
    @rule()
    def the_bank_credits_a_bag(self) -> None:
        reference, amount = self.bags.pop()
        assert self._statement("A", into(self._key(), self.day, amount, reference))["placed"] == {"cash-bag": 1}

    @precondition(lambda self: self.cash["B"])
    @rule()
    def cash_is_passed_to_the_holder(self) -> None:
        passed = collect.PassCash(unit_id=UnitId("B"), amount=self.cash["B"], slip=self._key(), passed_on=self.day)
        self.story.do("B-TP", self.day, passed)
        self.cash["B"] = 0

    @rule(unit=st.sampled_from(["A", "VH"]), amount=AMOUNTS)
    def unknown_money_comes_in(self, unit: str, amount: int) -> None:
        key = self._key()
        assert self._statement(unit, into(key, self.day, amount))["placed"] == {"suspense": 1}
        self.waiting[PaymentId(f"bank:{BIN}:00{unit}/FT-{key}")] = amount

    @precondition(lambda self: self.waiting)
    @rule(name=st.sampled_from(MEMBERS), part=st.sampled_from([1, 2]))
    def a_person_says_whose_money_waits(self, name: str, part: int) -> None:
        payment = next(iter(self.waiting))
        amount = max(1, self.waiting[payment] // part)
        seen = self.story.installation.ledger.work().payment(payment)
        assert isinstance(seen, Payment)
        command = statements.IdentifySuspense(
            unit_id=seen.received.unit_id,
            payment_id=payment,
            member_id=MemberId(name),
            month=None,
            amount=amount,
            ground="đảng viên báo",
        )
        try:
            self.story.do("VH-KT", self.day, command)
        except Refusal:
            assert seen.received.unit_id not in ("VH", name[0])
            return
        self._oracle_pays(name, "", amount)
        self.waiting[payment] -= amount
        if not self.waiting[payment]:
            del self.waiting[payment]

    @rule(amount=st.sampled_from([1_100, 11_000]))
    def the_bank_takes_a_fee(self, amount: int) -> None:
        line = out(self._key(), self.day, amount, content="THU PHI DICH VU SMS")
        assert self._statement("A", line)["placed"] == {"bank-fee": 1}

    @rule(name=st.sampled_from(MEMBERS), pay=st.booleans())
    def credit_is_refunded(self, name: str, pay: bool) -> None:
        if not self.credit[name]:
            return
        refund = RefundId(self._key())
        command = refunds.RequestCreditRefund(
            refund_id=refund,
            unit_id=UnitId(name[0]),
            member_id=MemberId(name),
            amount=self.credit[name],
            reason="đóng thừa",
            decision="QD",
        )
        self.story.do("VH-KT", self.day, command)
        self._approve_and_pay(name[0], refund, self.credit[name], pay)
        self.credit[name] = 0

    def _approve_and_pay(self, cell: str, refund: RefundId, amount: int, pay: bool) -> None:
        for officer in ("VH-CU", "HP-CU"):
            self.story.do(officer, self.day, refunds.ApproveRefund(unit_id=UnitId(cell), refund_id=refund))
        holder = "A" if cell == "A" else "VH"
        if not pay or (cell == "B" and self.story.balances("B").get("1390", 0) < amount):
            return
        command = payouts.PayRefund(unit_id=UnitId(cell), refund_id=refund, asset=Asset.BANK, paid_on=self.day)
        reference = self.story.do("VH-TQ", self.day, command)["reference"]
        self._statement(holder, out(self._key(), self.day, amount, reference))

    @rule(name=st.sampled_from(MEMBERS), percent=st.sampled_from([30, 50, 100]), declared=st.booleans())
    def a_relief_is_found_late(self, name: str, percent: int, declared: bool) -> None:
        """Paid too much for the first month: what it was declared in gives it back, level by level."""
        cell = UnitId(name[0])
        first = next(iter(self.due[name]))
        made = self.story.installation.ledger.work().declarations(cell).declared
        refund = RefundId(self._key())
        command = refunds.RequestReliefRefund(
            refund_id=refund,
            unit_id=cell,
            member_id=MemberId(name),
            month=Month(first),
            period=made[0].period if declared and made else None,
            relief="X4",
            percent=percent,
            reason="khó khăn",
            decision="QD",
        )
        head = self.story.installation.store.head()
        try:
            answer = self.story.do("VH-KT", self.day, command)
        except Refusal:
            assert self.story.installation.store.head() == head
            return
        if answer["parts"]:
            # The parts kept, plus what nobody has split yet, plus what the last superior owes, are the refund.
            last = answer["parts"][-1]
            rest = 0 if last["unsplit"] else last["passed"]
            assert sum(p["kept"] + p["unsplit"] for p in answer["parts"]) + rest == answer["amount"]
        else:
            self.collected[cell] -= answer["amount"]
        self._approve_and_pay(cell, refund, answer["amount"], pay=False)
        # What the relief took off was paid in part; nothing of the month is owed any more than before.
        self.due[name][first] = 0

    @rule(cell=st.sampled_from(["A", "B"]))
    def a_cell_declares_and_remits(self, cell: str) -> None:
        made = self.story.installation.ledger.work().declarations(UnitId(cell)).declared
        period = shift(Month(made[-1].period), 1) if made else Month("2026-07")
        end = shift(period, 1)
        self.day = max(self.day, date(int(end[:4]), int(end[5:]), 1))
        answer = self.story.declare(cell, period, self.day)
        assert (answer["collected"], answer["kept"] + answer["payable"]) == (self.collected[cell],) * 2
        self.collected[cell] = 0
        if not answer["payable"]:
            return
        self.day += timedelta(days=1)
        enough = self.story.balances(cell).get("1390" if cell == "B" else "1120", 0) >= answer["payable"]
        if cell == "B" and enough:
            self.story.settle("B", "VH", period, self.day)
        if cell == "A":
            self._send_with_a_keying_error(period)

    def _send_with_a_keying_error(self, period: str) -> None:
        """Half of it is keyed too high, noticed, corrected and sent again."""
        made = self.story.prepare("A", period, self.day, remit.Way.BANK, "Cổng bảo trì")
        case, amount, reference = made["remittance_id"], made["amount"], made["reference"]
        if not amount:
            return
        send = remit.SendRemittance(unit_id=UnitId("A"), remittance_id=case, sent_on=self.day)
        self.story.do("A-TP", self.day, send)
        half = amount // 2
        if half:
            fix = remit.CorrectSending(unit_id=UnitId("A"), remittance_id=case, difference=half, reason="ghi nhầm")
            self.story.do("A-TP", self.day, fix)
            self.story.do("A-TP", self.day, send)
        self._statement("A", out(self._key(), self.day, amount, reference))
        self._statement("VH", into(self._key(), self.day, amount, reference))

    # --- what must hold -----------------------------------------------------------------------------------------

    @invariant()
    def the_books_say_what_the_oracle_says(self) -> None:
        if not hasattr(self, "story"):
            return
        books = self.story.books()
        for cell in ("A", "B"):
            mine = [m for m in MEMBERS if m.startswith(cell)]
            assert balance(books, cell, "0110") == sum(sum(self.due[m].values()) for m in mine)
            assert balance(books, cell, "3340") == sum(self.credit[m] for m in mine)
            assert balance(books, cell, "3310", "own") == self.collected[cell]
            assert balance(books, cell, "1110") == self.cash[cell]
        assert balance(books, "A", "1130") == sum(amount for _, amount in self.bags)
        for unit in ("A", "VH"):
            assert balance(books, unit, "1120") == self.story.truth.get(_account_id(unit), 0)
            assert balance(books, unit, "1140") == sum(a for u, _, a in self.announced if u == unit)
        assert sum(balance(books, u, "3380") for u in ("A", "B", "VH")) == sum(self.waiting.values())

    @invariant()
    def books_balance_and_parts_make_the_whole(self) -> None:
        if not hasattr(self, "story"):
            return
        hold_together(self.story, SUPERIOR)
        ledger: Ledger = self.story.installation.ledger
        ledger.books.catch_up()
        fresh = self.story.books()
        for recorded in self.story.installation.store.read(0, 100_000):
            event = recorded.event
            if isinstance(event, PaymentReceived):
                parts = event.dues_amount + event.credit_amount + event.converted_amount + event.suspense_amount
                assert parts == event.amount > 0
        for unit in ("A", "B", "VH", "HP"):
            for code in ("1110", "1120", "1140", "1150", "1360", "1390", "3310", "3340", "3360", "3380", "3390"):
                assert ledger.books.balances(unit, code) == fresh.balances(unit, code)
        for name in MEMBERS:
            # I6: nothing is owed below zero, whatever was paid twice.
            year = self.day.year
            account = ledger.work().dues(MemberId(name), year)
            assert all(i.applied + i.relieved <= i.assessed for i in account.items.values())
            assert account.credit >= 0

    def teardown(self) -> None:
        """The checks of `dangphi verify` agree."""
        if hasattr(self, "story"):
            verdict = verify(self.story.installation.store.read(0, 100_000))
            assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _account_id(unit: str) -> str:
    return f"{BIN}:00{unit}"


LedgerMachine.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TestAnyOrderOfActs = LedgerMachine.TestCase
