"""Rules of the life machine in which no share is published at first: money is held, sent on account, split late."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.errors import RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.period import Period
from domain.remittance import Way
from ledger.handlers import declare, interim, remit
from tests.acceptance.story import accountant, approver, into, out, preparer
from tests.properties.life_base import SHARES
from tests.properties.life_upwards import UpwardRules
from tests.properties.reckoning import ABOVE


class LateShareRules(UpwardRules):
    """Until the shares come, a declaration only notes what is held."""

    shares = ()
    published = False

    def keeps(self, unit: str, period: str) -> int | None:
        """Nothing is split before the shares are published."""
        return super().keeps(unit, period) if self.published else None

    @precondition(lambda self: not self.published and any(self.r.holds.values()))
    @rule()
    def the_shares_are_published(self) -> None:
        self.story.activate_shares(SHARES)
        self.published = True

    @precondition(lambda self: any(self.r.holds.values()))
    @rule(number=st.integers(0, 4), one_only=st.booleans())
    def held_periods_are_split_late(self, number: int, one_only: bool) -> None:
        """Each by its own share, the oldest first; what was sent on account answers for it at once."""
        units = [unit for unit, holds in self.r.holds.items() if holds and unit not in self.r.merged]
        if not units:
            return
        unit = units[number % len(units)]
        wanted = [hold["period"] for hold in self.r.holds[unit]][: 1 if one_only else None]
        command = declare.ApplyLateShare(unit_id=UnitId(unit), period=Period(wanted[0]) if one_only else None)
        told = self.may(self.published, accountant(unit), command, RefusalCode.NO_ACTIVE_SHARE)
        if told is None:
            return
        for period, made in zip(wanted, told["periods"], strict=True):
            collected, kept = self.r.split_late(unit, period, self.keeps(unit, period) or 0)
            assert (made["period"], made["collected"], made["kept"]) == (period, collected, kept)
        assert told["settled_on_account"] == self.r.settle_on_account(unit)

    @precondition(lambda self: any(self.r.holds.values()))
    @rule(number=st.integers(0, 3), part=st.sampled_from([1, 2]), too_much=st.booleans())
    def money_goes_up_on_account(self, number: int, part: int, too_much: bool) -> None:
        """At most what is held; it stays the unit's own money in the hands of its superior."""
        units = [unit for unit in ("A", "C", "VH") if self.r.holds[unit] and unit not in self.r.merged]
        if not units:
            return
        unit = units[number % len(units)]
        above, period = ABOVE[unit], self.r.holds[unit][0]["period"]
        left = sum(self.r.own_of_holds(unit).values()) + self.r.from_below[unit]
        left -= sum(
            one["received"] - one["settled"]
            for one in self.r.remits.values()
            if one["interim"] and self.r.now(one["unit"]) == unit
        )
        amount = left + 1 if too_much else left // part
        if amount <= 0:
            return
        command = interim.PrepareInterim(
            unit_id=UnitId(unit),
            period=Period(period),
            amount=amount,
            way=Way.BANK,
            decision="NQ 09",
            reason="Cổng bảo trì",
        )
        told = self.may(amount <= left, preparer(unit), command, RefusalCode.REMITTANCE_TOO_LARGE)
        if told is None:
            return
        case, reference = RemittanceId(told["remittance_id"]), told["reference"]
        self.do(approver(unit), remit.ApproveRemittance(unit_id=UnitId(unit), remittance_id=case))
        send = remit.SendRemittance(unit_id=UnitId(unit), remittance_id=case, sent_on=self.day)
        self.do(self.collector(unit), send)
        self.bank(unit, out(self.key(), self.day, amount, reference))
        assert self.bank(above, into(self.key(), self.day, amount, reference)) == {"remittance-credit": 1}
        self.r.bank[unit] -= amount
        self.r.bank[above] += amount
        self.r.held[unit, above] += amount
        self.r.remits[case] = {
            "unit": unit,
            "period": period,
            "way": Way.BANK,
            "amount": amount,
            "sent": amount,
            "received": amount,
            "settled": 0,
            "netted": 0,
            "case": None,
            "reference": reference,
            "interim": True,
            "approved": True,
            "withdrawn": False,
            "touched": True,
        }
