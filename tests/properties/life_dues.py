"""Rules of the life machines: what members owe: months, reliefs, bases, categories, rates, surplus."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.period import Month
from domain.policy_rows import BaseKind, Confidence, PolicyRows, RateKind, RateRow, Regime
from ledger.handlers import adjust, exemptions, publish, relief_life, reliefs, roster, setup, surplus
from tests.acceptance.story import member
from tests.properties.life_base import LAST_MONTH, PROVINCE, WARD, WHO, LifeBase
from tests.properties.reckoning_law import after


class DuesRules(LifeBase):
    """What is owed, and what changes it."""

    @precondition(lambda self: self.month < LAST_MONTH)
    @rule(days=st.integers(1, 27))
    def a_month_begins(self, days: int) -> None:
        self.begin_month()
        self.day = max(self.day, self.day.replace(day=days))

    @rule(name=WHO)
    def a_month_is_assessed_again(self, name: int) -> None:
        before = self.head()
        self.story.assess("VH", self.month, self.day)
        assert self.head() == before, f"{self.who(name)} and everyone else was assessed already"

    # --- reliefs ----------------------------------------------------------------------------------------------------

    @rule(name=WHO, percent=st.sampled_from([30, 50, 70, 100]), back=st.integers(0, 2), months=st.integers(1, 4))
    def a_relief_is_asked_for_and_granted(self, name: int, percent: int, back: int, months: int) -> None:
        who = self.who(name)
        first = max(after(self.month, -back), self.r.people[who]["from"])
        last, number = after(first, months - 1), self.key("D-")
        self._apply(who, percent, first, months, number)
        decided = self._decision(who, number, True)
        if first < self.month:
            self.refused("VH-CU", decided, RefusalCode.RELIEF_NOT_ALLOWED)
            decided = self._decision(who, number, True, past_months=True)
        self.do("VH-CU", decided)
        row = {"ground": "X4", "percent": percent, "first": first, "last": last, "decision": f"QD-{number}"}
        self.r.people[who]["reliefs"].append(row)
        self.r.reckon_again(who, first, last)

    @rule(name=WHO)
    def a_relief_is_not_granted(self, name: int) -> None:
        who, number = self.who(name), self.key("D-")
        self._apply(who, 50, self.month, 2, number)
        self.do("VH-CU", self._decision(who, number, False))

    def _apply(self, who: str, percent: int, first: str, months: int, number: str) -> None:
        home = self.r.home(who)
        asked = relief_life.ApplyForRelief(
            unit_id=UnitId(home),
            member_id=MemberId(who),
            application=number,
            relief="X4",
            percent=percent,
            from_month=Month(first),
            months=months,
            document="đơn",
        )
        assert self.do(f"{home}-TP", asked)["decider"] == "VH"

    def _decision(self, who: str, number: str, granted: bool, *, past_months: bool = False) -> object:
        return relief_life.DecideRelief(
            decider_id=WARD,
            member_id=MemberId(who),
            application=number,
            granted=granted,
            decision=f"QD-{number}",
            reason="khó khăn",
            past_months=past_months,
        )

    @precondition(lambda self: any(person["reliefs"] for person in self.r.people.values()))
    @rule(name=WHO, back=st.integers(0, 1))
    def a_relief_is_revoked(self, name: int, back: int) -> None:
        relieved = [who for who, person in self.r.people.items() if person["reliefs"]]
        who, first = relieved[name % len(relieved)], after(self.month, -back)
        rows = [r for r in self.r.people[who]["reliefs"] if r["last"] is None or r["last"] >= first]
        if not rows:
            return
        row = rows[0]
        command = relief_life.RevokeRelief(
            decider_id=WARD,
            member_id=MemberId(who),
            relief=row["ground"],
            granted_by=row["decision"],
            from_month=Month(first),
            decision=self.key("TH-"),
            reason="hết khó khăn",
        )
        self.do("VH-CU", command)
        last, row["last"] = row["last"], after(first, -1)
        self.r.reckon_again(who, first, last)

    @rule(name=WHO, confirmed=st.booleans())
    def an_exemption_by_party_age_is_proposed_and_settled(self, name: int, confirmed: bool) -> None:
        who = self.who(name)
        person = self.r.people[who]
        if person["gone"] or person.get("noted") or self.r.home(who) == "A":
            return
        person["noted"] = True
        reached = after(self.month, -1)
        since = date(int(reached[:4]) - 50, int(reached[5:]), 15)
        note = exemptions.NotePartyAge(unit_id=WARD, member_id=MemberId(who), counts_from=since, document="thẻ")
        self.do("VH-KT", note)
        found = self.do("VH-KT", exemptions.ProposeExemptions(unit_id=WARD, month=Month(self.month)))["proposed"]
        assert [(row["member_id"], row["relief"], row["from_month"]) for row in found] == [(who, "X1", self.month)]
        settle = exemptions.SettleExemption(
            decider_id=WARD,
            member_id=MemberId(who),
            relief="X1",
            from_month=Month(self.month),
            confirmed=confirmed,
            reason="đủ 50 năm tuổi Đảng",
            decision=self.key("NQ-"),
        )
        self.do("VH-CU", settle)
        if confirmed:
            row = {"ground": "X1", "percent": 100, "first": self.month, "last": None, "decision": settle.decision}
            person["reliefs"].append(row)
            self.r.reckon_again(who, self.month, None)

    @rule(name=WHO, which=st.integers(0, 5), percent=st.sampled_from([30, 50, 100]))
    def a_relief_is_found_late(self, name: int, which: int, percent: int) -> None:
        """Where nothing was paid beyond it, it is taken off; else a refund is asked for (elsewhere)."""
        who = self.who(name)
        months = sorted(month for month, bill in self.r.bills[who].items() if not bill.fixed)
        if not months:
            return
        month = months[which % len(months)]
        off, paid = self.r.late_relief(who, month, percent)
        command = reliefs.RecogniseRelief(
            unit_id=UnitId(self.r.owner(who, month) or self.r.home(who)),
            member_id=MemberId(who),
            month=Month(month),
            relief="X4",
            percent=percent,
            reason="khó khăn",
            decision=self.key("QD-"),
        )
        if not self.r.stands_in_law(who, month):
            self.refused("VH-KT", command, RefusalCode.AMOUNT_DIFFERS)
            return
        told = self.may(not paid, "VH-KT", command, RefusalCode.REFUND_STATE)
        if told is not None:
            assert told["relieved"] == off
            if off:
                self.r.take_off(who, month, "X4", percent, command.decision)

    # --- what dues are reckoned from --------------------------------------------------------------------------------

    @rule(name=WHO, back=st.integers(0, 3), change=st.sampled_from([50, 80, 110, 200, 600]))
    def an_income_is_restated(self, name: int, back: int, change: int) -> None:
        """Up, down, or above the cap; one month of income, as the payer states it now."""
        earning = [who for who, person in self.r.people.items() if person["bases"]]
        who = earning[name % len(earning)]
        person = self.r.people[who]
        kind, first = person["bases"][0][0], max(after(self.month, -back), "2026-06")
        in_force = self._income(person, kind, first) or person["bases"][-1][2]
        follows = self._income(person, kind, after(first), with_month=True)
        command = adjust.RestateBase(
            unit_id=WARD,
            member_id=MemberId(who),
            kind=kind,
            from_month=Month(first),
            to_month=Month(first),
            amount=in_force * change // 100,
            reason="điều chỉnh",
            decision=self.key("TB-"),
        )
        if not person["gone"]:
            self.do("VH-KT", command)
            person["bases"].append((kind, first, command.amount))
            if follows is not None and follows[1] < after(first) and after(first) <= self.month:
                person["bases"].append((kind, after(first), follows[2]))
            self.r.reckon_again(who, first, after(first))

    def _income(self, person: dict[str, Any], kind: str, month: str, *, with_month: bool = False) -> Any:
        rows = [row for row in person["bases"] if row[0] == kind and row[1] <= month]
        if not rows:
            return None
        latest = max(row[1] for row in rows)
        row = [row for row in rows if row[1] == latest][-1]
        return row if with_month else row[2]

    @rule(name=WHO, what=st.sampled_from(["STUDENT", "NON_SI_UNDER_RETIREMENT", "SI_COMPULSORY"]))
    def a_category_changes_this_month(self, name: int, what: str) -> None:
        who = self.who(name)
        person = self.r.people[who]
        if person["gone"] or any(kind == "pension" for kind, _, _ in person["bases"]):
            return
        home, of = self.r.home(who), after(self.month, -1)
        base = ("si-salary", 9_000_000) if what == "SI_COMPULSORY" else None
        row = member(who, what, None, scope=Scope.ONLINE)
        bases = () if base is None else (roster.BaseRow(kind=base[0], from_month=Month(of), amount=base[1]),)
        fields = {slot: getattr(row, slot) for slot in row.__slots__}
        fields |= {"unit_id": UnitId(home), "roster_order": 1, "from_month": Month(self.month), "bases": bases}
        told = self.do("VH-KT", roster.ImportRoster(root=WARD, rows=(roster.RosterRow(**fields),)))
        assert told["refused"] == []
        person["standings"].append((self.month, what))
        if base is not None:
            person["bases"].append((base[0], of, base[1]))

    @rule(back=st.integers(0, 3))
    def all_months_are_compared_with_the_law(self, back: int) -> None:
        """Deltas for what changed since; where nothing did, nothing is added."""
        first = max(after(self.month, -back), "2026-07")
        command = adjust.ReassessMonths(
            unit_id=WARD, from_month=Month(first), to_month=Month(self.month), reason="rà soát", decision="KH 1"
        )
        told = self.do("VH-KT", command)
        assert told["unclear"] == []
        for name, person in self.r.people.items():
            if not person["gone"]:
                self.r.reckon_again(name, first, self.month)

    @rule(amount=st.sampled_from([4_000, 6_000]), ahead=st.integers(0, 1))
    def a_new_rate_is_published(self, amount: int, ahead: int) -> None:
        first = after(self.month, ahead)
        if self.r.student[-1][0] >= first:
            return
        row = RateRow(
            id=self.key("R-SV-"),
            title="học sinh, sinh viên",
            category="STUDENT",
            kind=RateKind.FIXED,
            base_kind=BaseKind.NONE,
            value_dong=amount,
            from_month=Month(first),
            regime=Regime.QD01,
            document="QD-MOI",
            confidence=Confidence.GUESS,
        )
        activation = setup.ActivatePolicy(
            rows=PolicyRows(rates=(row,)),
            approver="HP-CU",
            document="QD-MOI",
            decided_on=self.day,
            allow_draft_with_document=True,
        )
        self.do("HP-CU", publish.PublishPolicy(unit_id=PROVINCE, activation=activation))
        self.r.student.append((first, amount))

    # --- surplus ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.r.credit.values()))
    @rule(name=WHO, part=st.sampled_from([1, 2]), accepted=st.booleans())
    def a_surplus_is_declared_or_decided(self, name: int, part: int, accepted: bool) -> None:
        holding = sorted(who for who, money in self.r.credit.items() if money)
        who = holding[name % len(holding)]
        home, told = self.r.home(who), self.r.surplus[who]
        if not told:
            amount, number = self.r.free(who) // part, self.key("DT-")
            for money, possible in ((self.r.free(who) + 1, False), (amount, amount > 0)):
                if money > 0:
                    asked = surplus.DeclareSurplus(
                        unit_id=UnitId(home), member_id=MemberId(who), surplus_id=number, amount=money, document="đơn"
                    )
                    if self.may(possible, f"{home}-TP", asked, RefusalCode.SURPLUS_STATE) is not None:
                        told[number] = money
            return
        number, amount = next(iter(told.items()))
        decided = surplus.DecideSurplus(
            superior_id=WARD, member_id=MemberId(who), surplus_id=number, accepted=accepted, decision="QĐ"
        )
        self.do("VH-CU", decided)
        del told[number]
        if accepted:
            self.r.credit[who] -= amount
            self.r.own[home] += amount
