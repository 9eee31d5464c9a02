"""Rules of the life machines: who belongs where."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.membership import Ending, TransferKind
from domain.period import Month
from ledger.handlers import members, roster, transfers
from tests.properties.life_base import WHO, LifeBase
from tests.properties.reckoning_law import after

NEW = 3  #: how many may be admitted, so that the rolls stay short


class MemberRules(LifeBase):
    """Admission, letters, temporary stays, endings, returns."""

    @precondition(lambda self: len(self.r.people) < 6 + NEW)
    @rule(cell=st.integers(0, 2), what=st.sampled_from(["STUDENT", "SI_COMPULSORY"]))
    def somebody_is_admitted(self, cell: int, what: str) -> None:
        unit, name = self.cells()[cell % len(self.cells())], f"N{len(self.r.people) - 5}"
        bases = [("si-salary", after(self.month, -1), 8_765_432)] if what == "SI_COMPULSORY" else []
        standing = members.FirstStanding(
            category=what,
            bases=tuple(roster.BaseRow(kind=k, from_month=Month(month), amount=sum_) for k, month, sum_ in bases),
        )
        command = members.AdmitMember(
            unit_id=UnitId(unit),
            member_id=MemberId(name),
            decision=f"KN-{name}",
            decided_on=self.day,
            ceremony_on=self.day,
            standing=standing,
        )
        assert self.do(f"{unit}-BT", command)["first_month"] == self.month
        self.r.enters(name, unit, self.month, what, bases)
        self.r.people[name]["since"] = self.month
        self._owe_and_ask()

    def _last_paid(self, who: str) -> str:
        return max((month for month, bill in self.r.bills[who].items() if bill.paid), default="")

    @rule(name=WHO, to=st.integers(0, 2), back=st.integers(0, 2), received=st.booleans())
    def a_member_is_transferred(self, name: int, to: int, back: int, received: bool) -> None:
        """A letter says to which month the old cell takes the dues; months after it go over, and so does credit."""
        self._transfer_of(self.who(name), to, after(self.month, -back), received, None)

    @rule(name=WHO, to=st.integers(0, 2), back=st.integers(0, 1), length=st.integers(3, 11))
    def a_member_goes_for_a_time(self, name: int, to: int, back: int, length: int) -> None:
        last = after(self.month, length - back)
        self._transfer_of(self.who(name), to, after(self.month, -back), True, last)

    def _transfer_of(self, who: str, to: int, paid_through: str, received: bool, last: str | None) -> None:
        person, home = self.r.people[who], self.r.home(who)
        new, letter = self.cells()[to % len(self.cells())], self.key("GT-")
        if person["gone"] or new == home:
            return
        issue = transfers.IssueTransfer(
            unit_id=UnitId(home),
            member_id=MemberId(who),
            kind=TransferKind.OFFICIAL if last is None else TransferKind.TEMPORARY,
            to_unit=UnitId(new),
            to_outside=None,
            letter=letter,
            issued_on=self.day,
            paid_through=Month(paid_through),
            to_month=None if last is None else Month(last),
        )
        first = after(paid_through)
        stays = [stay for stay in person.get("stays", []) if stay[1] >= first]
        since = after(person["since"], -1) if person["since"] else ""
        early = paid_through < max(since, self._last_paid(who))
        if self.may(not early and not stays, f"{home}-BT", issue, RefusalCode.TRANSFER_MONTHS) is None:
            return
        if not received:
            back = transfers.WithdrawTransfer(
                unit_id=UnitId(home), member_id=MemberId(who), letter=letter, withdrawn_on=self.day, reason="thôi"
            )
            self.do(f"{home}-BT", back)
            return
        take = transfers.ReceiveTransfer(
            unit_id=UnitId(new), member_id=MemberId(who), letter=letter, received_on=self.day
        )
        self.do(f"{new}-BT", take)
        if last is None:
            self.r.belongs(who, new, first)
            person["since"] = first
            self.r.moves_home(who, new)
        else:
            self.r.stays(who, new, first, last)
            person.setdefault("stays", []).append([first, last, letter])

    @precondition(lambda self: any(person.get("stays") for person in self.r.people.values()))
    @rule(name=WHO, back=st.integers(0, 1))
    def a_stay_ends_early(self, name: int, back: int) -> None:
        staying = [who for who, person in self.r.people.items() if person.get("stays")]
        who, month = staying[name % len(staying)], after(self.month, -back)
        stays = self.r.people[who].get("stays", [])
        if not stays or self.r.people[who]["gone"]:
            return
        first, last, letter = stays[-1]
        command = transfers.EndTemporaryTransfer(
            unit_id=UnitId(self.r.home(who)),
            member_id=MemberId(who),
            letter=letter,
            ended_on=self.day,
            last_month=Month(month),
            decision=self.key("QĐ-"),
        )
        possible = after(first, -1) <= month < last
        if self.may(possible, f"{self.r.home(who)}-BT", command, RefusalCode.TRANSFER_STATE) is not None:
            stays[-1][1] = month
            self.r.goes_back(who, month)

    @rule(name=WHO, why=st.sampled_from([Ending.STRUCK_OFF, Ending.LEFT, Ending.DIED]))
    def a_membership_ends(self, name: int, why: Ending) -> None:
        who = self.who(name)
        person, home = self.r.people[who], self.r.home(who)
        command = members.EndMembership(
            unit_id=UnitId(home),
            member_id=MemberId(who),
            why=why,
            effective_on=self.day,
            decision=self.key("XT-"),
            decided_on=self.day,
        )
        if self.may(not person["gone"], f"{home}-BT", command, RefusalCode.MEMBERSHIP_STATE) is None:
            return
        last = after(self.month, -1) if why is Ending.DIED else self.month
        person["gone"] = "died" if why is Ending.DIED else last
        self.r.belongs(who, None, after(last))
        for month in self.r.open_months(who):
            if month > last:
                bill = self.r.bills[who][month]
                what, told, of, gross, relieved = bill.made_of
                bill.made_of, bill.fixed = (what, told, of, gross, relieved + bill.open), True

    @precondition(lambda self: any(person["gone"] for person in self.r.people.values()))
    @rule(name=WHO, cell=st.integers(0, 2))
    def a_membership_is_given_back(self, name: int, cell: int) -> None:
        """Interrupted months are owed each under the law of its month, to the cell that took the member in."""
        gone = [who for who, person in self.r.people.items() if person["gone"]]
        who, unit = gone[name % len(gone)], self.cells()[cell % len(self.cells())]
        person = self.r.people[who]
        command = members.RestoreMember(
            unit_id=UnitId(unit),
            member_id=MemberId(who),
            restored_on=self.day,
            decision=self.key("PH-"),
            decided_on=self.day,
        )
        possible = person["gone"] not in (False, "died")
        if self.may(possible, f"{unit}-BT", command, RefusalCode.MEMBERSHIP_STATE) is None:
            return
        first = after(person["gone"])
        self.r.belongs(who, unit, first)
        self.r.moves_home(who, unit)
        person["gone"], person["since"] = False, first
        month = first
        while month < self.month:
            self.r.assess(who, month)
            month = after(month)
        self._owe_and_ask()
