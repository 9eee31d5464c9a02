"""Over any sequence of admissions, transfers, endings and returns: one owning cell a month, and no gap while it lasts.

The oracle is a plain calendar: month → owner, written by hand for each act, without spells or stays.
"""

from dataclasses import dataclass, field
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain import member, member_moves, membership
from domain.errors import Refusal
from domain.identifiers import MemberId, UnitId
from domain.member import MemberEnrolled, State
from domain.membership import (
    Ending,
    MemberAdmitted,
    MemberArrived,
    MembershipEnded,
    MembershipEvent,
    MembershipRestored,
    TemporaryTransferEnded,
    TransferKind,
    TransferLetterIssued,
    TransferReceived,
    TransferWithdrawn,
)
from domain.period import Month, first_day, shift
from domain.policy import NO_POLICY
from ledger.roll import Rolls

M = MemberId("m")
UNITS = tuple(UnitId(u) for u in "ABC")
START = Month("2026-01")
MONTHS = tuple(shift(START, n) for n in range(72))

ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["transfer", "temporary", "outside", "withdrawn", "early", "end", "restore", "arrive", "admit", "letter"]
        ),
        st.sampled_from(UNITS),
        st.integers(0, 4),  #: months that pass before the act
        st.integers(-2, 2),  #: the letter's month against the month of the act
        st.integers(3, 11),  #: length of a temporary transfer
    ),
    max_size=14,
)


@dataclass
class Oracle:
    """What each month's owner should be, on a calendar."""

    owner: dict[Month, UnitId | None] = field(default_factory=dict)
    official: dict[Month, UnitId | None] = field(default_factory=dict)

    def begin(self, unit: UnitId | None, month: Month) -> None:
        for later in MONTHS:
            if later >= month:
                self.official[later] = self.owner[later] = unit

    def go(self, unit: UnitId, first: Month, last: Month) -> None:
        for month in MONTHS:
            if first <= month <= last:
                self.owner[month] = unit

    def back(self, after: Month) -> None:
        for month in MONTHS:
            if month > after:
                self.owner[month] = self.official[month]


class Run:
    """One member's life, with the oracle beside it."""

    def __init__(self) -> None:
        first = MemberEnrolled(member_id=M, unit_id=UNITS[0], enrolled_on=first_day(START), roster_order=1)
        self.state: State = member.evolve(member.UNKNOWN, first)
        self.rolls = Rolls()
        self.rolls.take(first)
        self.now = START
        self.count = 0
        self.oracle = Oracle()
        self.oracle.begin(UNITS[0], START)

    @property
    def day(self) -> date:
        return first_day(self.now)

    def known(self) -> member.Member:
        return member.require_known(self.state)

    def take(self, events: tuple[MembershipEvent, ...]) -> None:
        for event in events:
            self.state = member.evolve(self.state, event)
            self.rolls.take(event)

    def letter(self, to: UnitId | None, kind: TransferKind, paid: Month, last: Month | None) -> str:
        here = membership.present(self.known().membership)
        self.count += 1
        name = f"GT-{self.count}"
        asked = TransferLetterIssued(
            member_id=M,
            unit_id=here.unit_id if here else UNITS[0],
            kind=kind,
            to_unit=to,
            to_outside=None if to else "nơi khác",
            letter=name,
            issued_on=self.day,
            paid_through=paid,
            to_month=last,
            payee_id=None if kind is TransferKind.OFFICIAL else to,
            issued_by="one",
        )
        self.take(member_moves.issue_letter(self.state, asked, last_paid=None))
        return name

    def receive(self, name: str) -> None:
        given = self.known().membership.pending
        assert given is not None
        assert given.to_unit is not None
        asked = TransferReceived(
            member_id=M,
            unit_id=given.to_unit,
            from_unit=given.unit_id,
            kind=given.kind,
            letter=name,
            received_on=self.day,
            from_month=shift(given.paid_through, 1),
            to_month=given.to_month,
            payee_id=given.payee_id,
            roster_order=self.count,
            received_by="other",
        )
        self.take(member_moves.receive(self.state, asked))

    def act(self, what: str, unit: UnitId, wait: int, offset: int, length: int) -> None:
        self.now = shift(self.now, wait)
        paid = shift(self.now, offset)
        first, last = shift(paid, 1), shift(paid, length)
        match what:
            case "transfer":
                self.receive(self.letter(unit, TransferKind.OFFICIAL, paid, None))
                self.oracle.begin(unit, first)
            case "temporary":
                self.receive(self.letter(unit, TransferKind.TEMPORARY, paid, last))
                self.oracle.go(unit, first, last)
            case "outside":
                self.letter(None, TransferKind.OFFICIAL, paid, None)
                self.oracle.begin(None, first)
            case "letter":
                self.letter(unit, TransferKind.OFFICIAL, paid, None)
            case "withdrawn":
                self.withdraw()
            case "early":
                self.early(paid)
            case "end":
                self.end()
            case "restore":
                self.restore(unit)
            case "arrive":
                self.arrive(unit, first)
            case _:
                self.admit(unit)

    def withdraw(self) -> None:
        pending = self.known().membership.pending
        name, unit = (pending.letter, pending.unit_id) if pending else ("GT-0", UNITS[0])
        asked = TransferWithdrawn(member_id=M, unit_id=unit, letter=name, withdrawn_on=self.day, reason="thôi")
        self.take(member_moves.withdraw_letter(self.state, asked))
        assert pending is not None
        if pending.to_unit is None:
            self.oracle.begin(unit, shift(pending.paid_through, 1))

    def early(self, last: Month) -> None:
        stays = self.known().membership.stays
        name = stays[-1].letter if stays else "GT-0"
        asked = TemporaryTransferEnded(
            member_id=M, unit_id=UNITS[0], letter=name, ended_on=self.day, last_month=last, decision="QĐ"
        )
        self.take(member_moves.end_temporary(self.state, asked))
        self.oracle.back(last)

    def end(self) -> None:
        here = membership.present(self.known().membership)
        asked = MembershipEnded(
            member_id=M,
            unit_id=here.unit_id if here else UNITS[0],
            why=Ending.STRUCK_OFF,
            effective_on=self.day,
            last_month=member_moves.last_month(NO_POLICY, Ending.STRUCK_OFF, self.day),
            decision=f"QĐ-{self.count}",
            decided_on=self.day,
        )
        self.take(member_moves.end(self.state, asked))
        self.oracle.begin(None, shift(self.now, 1))

    def restore(self, unit: UnitId) -> None:
        self.count += 1
        ended = membership.ending(self.known().membership)
        asked = MembershipRestored(
            member_id=M,
            unit_id=unit,
            roster_order=self.count,
            restored_on=self.day,
            from_month=self.now,
            decision=f"PH-{self.count}",
            decided_on=self.day,
        )
        self.take(member_moves.restore(self.state, asked))
        assert ended is not None
        self.oracle.begin(unit, shift(ended.last_month, 1))

    def arrive(self, unit: UnitId, first: Month) -> None:
        self.count += 1
        asked = MemberArrived(
            member_id=M,
            unit_id=unit,
            from_outside="nơi khác",
            kind=TransferKind.OFFICIAL,
            letter=f"NK-{self.count}",
            received_on=self.day,
            from_month=first,
            to_month=None,
            payee_id=None,
            roster_order=self.count,
        )
        self.take(member_moves.arrive(self.state, asked))
        self.oracle.begin(unit, first)

    def admit(self, unit: UnitId) -> None:
        self.count += 1
        asked = MemberAdmitted(
            member_id=M,
            unit_id=unit,
            roster_order=self.count,
            decision=f"KN-{self.count}",
            decided_on=self.day,
            ceremony_on=self.day,
            first_month=member_moves.first_month(NO_POLICY, self.day),
        )
        self.take(member_moves.admit(self.state, asked))
        owned = [month for month in MONTHS if self.oracle.owner[month] is not None]
        self.oracle.begin(unit, max(self.now, shift(owned[-1], 1)) if owned else self.now)


@given(ACTS)
def test_every_month_has_the_owner_that_a_plain_calendar_says(acts: list[tuple[str, UnitId, int, int, int]]) -> None:
    run = Run()
    for act in acts:
        now = run.now
        try:
            run.act(*act)
        except Refusal:
            run.now = now
    belongs = run.known().membership
    assert {month: membership.owner_in(belongs, month) for month in MONTHS} == {
        month: run.oracle.owner[month] for month in MONTHS
    }


@given(ACTS)
def test_there_is_no_gap_while_membership_lasts_and_one_roll_a_day(
    acts: list[tuple[str, UnitId, int, int, int]],
) -> None:
    run = Run()
    for act in acts:
        if act[0] in ("outside", "end", "arrive", "admit", "withdrawn"):
            continue  # Within the shard and without an ending, membership lasts from the first month on.
        now = run.now
        try:
            run.act(*act)
        except Refusal:
            run.now = now
    belongs = run.known().membership
    assert all(membership.owner_in(belongs, month) is not None for month in MONTHS)
    for month in MONTHS[::7]:
        day = first_day(month)
        rolls = [unit for unit in UNITS if M in run.rolls.on(unit, day)]
        spell = membership.spell_on(belongs, day)
        assert spell is not None
        assert rolls == [spell.unit_id]
