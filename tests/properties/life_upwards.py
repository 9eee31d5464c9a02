"""Rules of the life machines: money between levels."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.period import Period
from domain.remittance import Way
from domain.remittance_cases import Resolution
from ledger.handlers import ask, collect, declare, remit, resolve
from tests.acceptance.story import accountant, approver, into, out, preparer
from tests.properties.life_base import LAST_MONTH
from tests.properties.life_paying import PayingRules
from tests.properties.reckoning import ABOVE
from tests.properties.reckoning_law import after, quarter_months

UNIT = st.integers(0, 3)
CASE = st.integers(0, 9)


def next_of(period: str) -> str:
    """The period after a period."""
    if "Q" in period:
        month = after(quarter_months(period)[0], 3)
        return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"
    return after(period)


class UpwardRules(PayingRules):
    """Declare, prepare, approve, send in parts, receive, dispute, correct, withdraw."""

    def senders(self) -> list[str]:
        return [*self.cells(), "VH"]

    # --- a quiet month ----------------------------------------------------------------------------------------------

    def begin_after(self, lived: int, *, too_much: bool) -> None:
        """The ward after some quiet months; in each cell somebody may have paid too much."""
        self.set_up()
        for _ in range(lived):
            self.a_quiet_month()
        if too_much:
            self.everyone_pays()
            for number in (1, 3, 5):
                self.a_member_pays_cash(number, 12_345)

    def a_quiet_month(self) -> None:
        """Everyone pays by QR; at its end cells and ward declare, remit and receive."""
        self.everyone_pays()
        self.begin_month()
        self.everyone_reports()

    def everyone_reports(self) -> None:
        """Each unit, from below: declare what is over, send and receive what is owed for it."""
        for unit in self.senders():
            self.declares(unit)
            for case in self._prepared(unit):
                self._approve(case)
                self._all_the_way(case)

    def _prepared(self, unit: str) -> list[str]:
        """Remittances for everything that a unit owes and has not prepared."""
        known = set(self.r.remits)
        for (of, period), money in list(self.r.payable.items()):
            if of == unit and money > self.r.promised(unit, period):
                self._prepare(unit, period, Way.HELD if unit == "B" else Way.BANK)
        return [case for case in self.r.remits if case not in known]

    def _all_the_way(self, case: str) -> None:
        one = self.r.remits[case]
        if one["approved"] and one["way"] is not Way.HELD and one["amount"]:
            self._send(case, one["amount"], keyed_wrong=False)
        if one["approved"] and one["amount"]:
            self._receive(case, one["amount"])

    @rule()
    def everyone_pays(self) -> None:
        for number in range(len(self.r.people)):
            self.a_member_pays_all_by_qr(number)

    @precondition(lambda self: self.month < LAST_MONTH)
    @rule(months=st.integers(1, 3))
    def months_pass_and_everyone_reports(self, months: int) -> None:
        for _ in range(months):
            if self.month < LAST_MONTH:
                self.a_quiet_month()

    @precondition(lambda self: self.month < LAST_MONTH)
    @rule(months=st.integers(1, 2))
    def months_pass_and_everyone_declares(self, months: int) -> None:
        """Remittances of several periods are prepared, and no claw-back is netted in two of them."""
        for _ in range(months):
            self.everyone_pays()
            self.begin_month()
            for unit in self.senders():
                self.declares(unit)
        for unit in self.senders():
            self._prepared(unit)

    # --- declaring --------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(quarter_months(self.next_period[u])[-1] < self.month for u in self.senders()))
    @rule(number=UNIT)
    def a_unit_declares(self, number: int) -> None:
        self.declares(self.senders()[number % len(self.senders())])

    @precondition(lambda self: quarter_months(self.next_period["HP"])[-1] < self.month)
    @rule()
    def the_province_declares(self) -> None:
        self.declares("HP")

    def declares(self, unit: str) -> None:
        """The next period that is over; one whose month is closed is declared no more."""
        period = self.next_period[unit]
        end = quarter_months(period)[-1]
        if end >= self.month:
            return
        self.next_period[unit] = next_of(period)
        command = declare.DeclarePeriod(unit_id=UnitId(unit), period=Period(period))
        if self.closed.get(unit, "") >= end:
            self.refused(accountant(unit), command, RefusalCode.MONTH_CLOSED)
            return
        if self.r.own[unit] - sum(self.r.own_of_holds(unit, period).values()) < 0:
            self.refused(accountant(unit), command, RefusalCode.AMOUNT_OUT_OF_RANGE)
            return
        told = self.do(accountant(unit), command)
        collected, kept = self.r.declare(unit, period, self.keeps(unit, period))
        is_split = self.keeps(unit, period) is not None
        assert (told["collected"], told["kept"]) == (collected, kept)
        assert told["payable"] == (collected - kept if is_split else 0)

    @precondition(lambda self: any(self.r.made.values()))
    @rule(number=UNIT, which=CASE, share=st.sampled_from([1, 3, 1_000]))
    def a_declaration_was_too_high(self, number: int, which: int, share: int) -> None:
        unit = self.senders()[number % len(self.senders())]
        if not self.r.made[unit]:
            return
        made = self.r.made[unit][which % len(self.r.made[unit])]
        by = max(1, made["now"] // share)
        free = self.r.payable[unit, made["period"]] - self.r.promised(unit, made["period"])
        kept = by - self.r.passed_of(made, by) if made["now"] >= by else 0
        command = resolve.CorrectDeclaration(
            unit_id=UnitId(unit),
            period=Period(made["period"]),
            reduced_by=by,
            reason="kê khai trùng",
            decision=self.key("QĐ "),
        )
        possible = made["now"] >= by and by - kept <= max(0, free)
        told = self.may(possible, accountant(unit), command)
        if told is not None:
            assert (told["kept_part"], told["passed_part"]) == self.r.declared_too_much(unit, made["period"], by)

    # --- sending ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.r.payable.values()))
    @rule(number=UNIT, which=CASE, way=st.sampled_from([Way.PORTAL, Way.BANK, Way.CASH]))
    def a_remittance_is_prepared(self, number: int, which: int, way: Way) -> None:
        unit = self.senders()[number % len(self.senders())]
        periods = sorted(p for (of, p), money in self.r.payable.items() if of == unit and money > 0)
        if not periods:
            return
        for period in [periods[which % len(periods)], *(periods if which > len(periods) else [])]:
            self._prepare(unit, period, Way.HELD if unit == "B" and way is not Way.CASH else way)

    def _prepare(self, unit: str, period: str, way: Way) -> None:
        left = self.r.payable[unit, period] - self.r.promised(unit, period)
        case, netted = self.r.netting(unit, left)
        command = remit.PrepareRemittance(
            unit_id=UnitId(unit), period=Period(period), way=way, reason=None if way is Way.PORTAL else "Cổng bảo trì"
        )
        told = self.may(left > 0, preparer(unit), command, RefusalCode.NOTHING_DUE)
        if told is None:
            return
        assert (told["amount"], told["netted"]) == (left - netted, netted)
        self.r.remits[told["remittance_id"]] = {
            "unit": unit,
            "period": period,
            "way": way,
            "amount": left - netted,
            "netted": netted,
            "case": case,
            "reference": told["reference"],
            "interim": False,
            **dict.fromkeys(("sent", "received", "settled"), 0),
            **dict.fromkeys(("approved", "withdrawn", "disputed"), False),
        }

    def has_case(self, *, approved: bool) -> bool:
        """Whether a remittance waits to be approved, or to be sent and received."""
        return self._case(0, approved=approved) is not None

    def _case(self, number: int, *, approved: bool) -> str | None:
        """One of the remittances of which something is still to be done."""
        found = [
            case
            for case, one in self.r.remits.items()
            if one["approved"] is approved and not one["withdrawn"] and one["sent"] - one["received"] >= 0
        ]
        left = [case for case in found if self.r.remits[case]["received"] < self.r.remits[case]["amount"]]
        some = found if not approved else left
        return some[number % len(some)] if some else None

    @precondition(lambda self: self.has_case(approved=False))
    @rule(number=CASE)
    def a_remittance_is_approved(self, number: int) -> None:
        case = self._case(number, approved=False)
        if case is not None:
            self._approve(case)

    def _approve(self, case: str) -> None:
        one = self.r.remits[case]
        unit = self.r.now(one["unit"])
        self.refused(preparer(one["unit"]), remit.ApproveRemittance(unit_id=UnitId(unit), remittance_id=_id(case)))
        command = remit.ApproveRemittance(unit_id=UnitId(unit), remittance_id=_id(case))
        taken = one["netted"] and self.r.left_from_above(unit, one["case"]) < 0
        if self.may(not taken, approver(unit), command, RefusalCode.REMITTANCE_STATE) is not None:
            one["approved"] = True
            if one["netted"]:
                self.r.net(unit, one["period"], one["case"], one["netted"])

    @precondition(lambda self: self.has_case(approved=True))
    @rule(number=CASE, approved=st.booleans())
    def a_remittance_is_withdrawn(self, number: int, approved: bool) -> None:
        case = self._case(number, approved=approved)
        if case is None:
            return
        one = self.r.remits[case]
        unit = self.r.now(one["unit"])
        command = resolve.WithdrawRemittance(unit_id=UnitId(unit), remittance_id=_id(case), reason="nhầm")
        possible = not one["touched"] if "touched" in one else True
        if self.may(possible, preparer(unit), command, RefusalCode.REMITTANCE_STATE) is not None:
            one["withdrawn"] = True

    @precondition(lambda self: self.has_case(approved=True))
    @rule(number=CASE, part=st.sampled_from([1, 2]), keyed_wrong=st.booleans())
    def money_is_sent_up(self, number: int, part: int, keyed_wrong: bool) -> None:
        """All or half of it; sometimes too much is keyed and taken back before the bank's statement comes."""
        case = self._case(number, approved=True)
        if case is None:
            return
        one = self.r.remits[case]
        unit, left = self.r.now(one["unit"]), one["amount"] - one["sent"]
        if one["way"] is Way.HELD or not left or unit == "HP":
            return
        if one["way"] is Way.PORTAL:
            self._send_by_portal(case, unit)
            return
        too_much = remit.SendRemittance(
            unit_id=UnitId(unit), remittance_id=_id(case), sent_on=self.day, amount=left + 1
        )
        self.refused(self.collector(unit), too_much)
        self._send(case, max(1, left // part), keyed_wrong=keyed_wrong)

    def _send(self, case: str, amount: int, *, keyed_wrong: bool) -> None:
        one = self.r.remits[case]
        unit = self.r.now(one["unit"])
        actor = self.collector(unit)
        send = remit.SendRemittance(unit_id=UnitId(unit), remittance_id=_id(case), sent_on=self.day, amount=amount)
        if one["way"] is Way.CASH:
            if self.may(self.r.cash[unit] >= amount, actor, send, RefusalCode.CASH_NOT_IN_HAND) is not None:
                self.r.cash[unit] -= amount
                one["sent"], one["touched"] = one["sent"] + amount, True
            return
        self.do(actor, send)
        one["touched"] = True
        if keyed_wrong and amount > 1:
            self.do(preparer(unit), self._taken_back(case, unit, amount // 2))
            amount -= amount // 2
        self.r.bank[unit] -= amount
        one["sent"] += amount
        assert self.bank(unit, out(self.key(), self.day, amount, one["reference"])) == {"remittance-debit": 1}

    def _taken_back(self, case: str, unit: str, difference: int) -> remit.CorrectSending:
        return remit.CorrectSending(
            unit_id=UnitId(unit), remittance_id=_id(case), difference=difference, reason="ghi nhầm"
        )

    def _send_by_portal(self, case: str, unit: str) -> None:
        one = self.r.remits[case]
        attempt = ask.OpenRemittanceAttempt(unit_id=UnitId(unit), remittance_id=_id(case))
        opened = self.do(preparer(unit), attempt)
        assert opened["amount"] == one["amount"] - one["sent"]
        notice = self.story.notice(opened["reference"], opened["amount"], self.day)
        told = self.do("service:portal", collect.TakeNotices(root=UnitId("HP"), notices=(notice,)))
        assert told["outcomes"][0]["outcome"] == "remittance-sent"
        one["reference"], one["touched"] = opened["reference"], True
        one["sent"] += opened["amount"]
        self.r.bank[unit] -= opened["amount"]
        line = out(self.key(), self.day, opened["amount"], opened["reference"])
        assert self.bank(unit, line) == {"remittance-debit": 1}

    @precondition(lambda self: self.has_case(approved=True))
    @rule(number=CASE, part=st.sampled_from([1, 2]))
    def the_superior_receives(self, number: int, part: int) -> None:
        """By the line of its statement (perhaps a part), by counting cash, or from money that it holds."""
        case = self._case(number, approved=True)
        if case is not None:
            one = self.r.remits[case]
            self._receive(case, max(1, (one["sent"] - one["received"]) // part))

    def _receive(self, case: str, amount: int) -> None:
        one = self.r.remits[case]
        unit, way = self.r.now(one["unit"]), one["sent"] - one["received"]
        above = ABOVE[unit]
        acknowledge = remit.AcknowledgeRemittance(
            superior_id=UnitId(above), remittance_id=_id(case), received_on=self.day
        )
        if one["way"] is Way.HELD:
            enough = self.r.held[unit, above] >= one["amount"]
            told = self.may(enough, accountant(above), acknowledge, RefusalCode.REMITTANCE_TOO_LARGE)
            if told is not None:
                one["sent"] = one["received"] = one["amount"]
                self.r.held[unit, above] -= one["amount"]
                self.r.arrived(unit, one["period"], one["amount"])
            return
        if not way or above == "TW":
            return
        if one["way"] is Way.CASH:
            amount = way
            self.do(accountant(above), acknowledge)
            self.r.cash[above] += amount
        else:
            placed = self.bank(above, into(self.key(), self.day, amount, one["reference"]))
            assert placed == {"remittance-credit": 1}
            self.r.bank[above] += amount
        one["received"] += amount
        self.r.arrived(unit, one["period"], amount)

    @precondition(lambda self: self.has_case(approved=True))
    @rule(number=CASE, answers=st.booleans())
    def a_remittance_is_disputed(self, number: int, answers: bool) -> None:
        """A state of the money under way, not of anybody's books."""
        case = self._case(number, approved=True)
        if case is None or ABOVE[self.r.now(self.r.remits[case]["unit"])] == "TW":
            return
        one = self.r.remits[case]
        unit = self.r.now(one["unit"])
        above = UnitId(ABOVE[unit])
        dispute = remit.DisputeRemittance(superior_id=above, remittance_id=_id(case), reason="chưa thấy tiền")
        possible = bool(one.get("touched"))
        if self.may(possible, accountant(above), dispute, RefusalCode.REMITTANCE_STATE) is None:
            return
        close = resolve.ResolveDispute(
            superior_id=above, remittance_id=_id(case), resolution=Resolution.RECEIVED, note="đã nhận"
        )
        if one["sent"] > one["received"]:
            self.refused(accountant(above), close, RefusalCode.REMITTANCE_STATE)
        if answers:
            explain = remit.ExplainDispute(
                unit_id=UnitId(unit), remittance_id=_id(case), explanation="đã chuyển", document=None
            )
            self.do(preparer(unit), explain)
        no_fault = resolve.ResolveDispute(
            superior_id=above, remittance_id=_id(case), resolution=Resolution.NO_FAULT, note="cấp trên nhầm"
        )
        self.do(accountant(above), no_fault)

    @precondition(lambda self: any(self.r.made.values()))
    @rule(number=UNIT)
    def a_declared_period_is_declared_again(self, number: int) -> None:
        unit = self.senders()[number % len(self.senders())]
        if self.r.made[unit]:
            command = declare.DeclarePeriod(unit_id=UnitId(unit), period=Period(self.r.made[unit][-1]["period"]))
            self.refused(accountant(unit), command)


def _id(case: str) -> RemittanceId:
    return RemittanceId(case)


def month_end(month: str) -> date:
    """The last day of a month."""
    following = after(month)
    return date(int(following[:4]), int(following[5:]), 1) - timedelta(days=1)
