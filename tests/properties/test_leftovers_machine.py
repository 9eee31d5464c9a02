"""Random imports, decisions, undoings, withdrawals: no line is ever in two places or in none, and all books agree."""

import hashlib
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import wiring
from domain.correction import Kind, Wanted
from domain.errors import Refusal
from domain.identifiers import MemberId, UnitId
from domain.notice import Direction
from domain.open_item import DecisionKind
from ledger.handlers import correct
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, PartAsked, UndoDecision, decisions_of
from ledger.handlers.statements import ImportStatement
from ledger.open_items import open_items
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, account, into, member, out
from tests.acceptance.story import settings as installation_settings

A = UnitId("A")
DAYS = (date(2026, 7, 10), date(2026, 7, 20))
#: Late enough that unclaimed money may be written off.
ON = date(2027, 8, 2)
KINDS = (
    DecisionKind.IDENTIFY,
    DecisionKind.SPLIT,
    DecisionKind.WRITE_OFF,
    DecisionKind.RETURN,
    DecisionKind.WAIT,
    DecisionKind.DUPLICATE,
)


class World:
    """One cell with two weeks of statements in two formats, and what may be done to them."""

    def __init__(self) -> None:
        self.story = Story(wiring.in_memory(installation_settings()))
        self.story.set_up([Cell(id="A", bank=500_000)])
        self.story.enrol("A", member("A1", "STUDENT"), member("A2", "NON_SI_UNDER_RETIREMENT"))
        self.story.assess("VH", "2026-07", START)
        self.story.request("VH", "2026-07", START)
        a1 = self.story.reference("A1", "2026-07")
        first = self.story.statement(
            "A", DAYS[0], into("a1", DAYS[0], 5_000, a1), into("x1", DAYS[0], 700), into("x2", DAYS[0], 700)
        )
        second = self.story.statement(
            "A",
            DAYS[1],
            into("y1", DAYS[1], 9_000),
            out("fee", DAYS[1], 1_100, content="THU PHI"),
            out("z", DAYS[1], 40),
        )
        self.files = (first, _exported(first), second, _exported(second))
        self.numbers = 0

    def do(self, actor: str, command: object) -> bool:
        """Try a command; a refusal is an answer too, and leaves nothing behind."""
        try:
            self.story.do(actor, ON, command)
        except Refusal:
            return False
        return True

    def withdraw(self, file: ImportStatement) -> None:
        """One proposes, another approves."""
        self.numbers += 1
        wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=file.file_digest)
        number = f"DC-{self.numbers}"
        asked = correct.CorrectEntry(unit_id=A, correction_id=number, wanted=wanted, reason="nhầm", decision="BB")
        if self.do("A-TP", asked):
            self.do("A-BT", correct.ApproveCorrection(unit_id=A, correction_id=number))

    def decide(self, kind: DecisionKind, which: int) -> None:
        """Decide on one of the open items, or on one that may be gone."""
        found = open_items(self.story.installation.ledger.work(), self.story.installation.store, [A], ON)
        if not found:
            return
        one = found[which % len(found)]
        half = one.amount // 2
        parts = {
            DecisionKind.IDENTIFY: (PartAsked(member_id=MemberId("A2")),),
            DecisionKind.DUPLICATE: (PartAsked(member_id=MemberId("A1")),),
            DecisionKind.SPLIT: (
                PartAsked(member_id=MemberId("A1"), amount=max(half, 1)),
                PartAsked(member_id=MemberId("A2"), amount=max(one.amount - half, 1)),
            ),
        }
        asked = Asked(
            item=one.item,
            kind=kind,
            reason="thử",
            parts=parts.get(kind, ()),
            until=date(2027, 9, 1) if kind is DecisionKind.WAIT else None,
            document="QD",
        )
        self.do("VH-KT", Decide(unit_id=A, asked=asked))
        self.approve()

    def approve(self) -> None:
        """The second person agrees to whatever waits."""
        for number in decisions_of(self.story.installation.ledger.work(), A).proposed:
            self.do("A-BT", ApproveDecision(unit_id=A, decision_id=number))

    def undo(self, which: int) -> None:
        """Undo one of the decisions so far."""
        taken = list(decisions_of(self.story.installation.ledger.work(), A).taken)
        if taken:
            self.do("A-TP", UndoDecision(unit_id=A, decision_id=taken[which % len(taken)], reason="thử"))
            self.approve()

    def require_each_line_in_one_place(self) -> None:
        """By the states themselves: known once, and placed, named or open, never two and never none."""
        state = self.story.installation.ledger.work().account(account("A"))
        listed = open_items(self.story.installation.ledger.work(), self.story.installation.store, [A], ON)
        waiting = {one.item.rpartition("#")[2] for one in listed if one.what == "line"}
        assert set(state.lines) == set(state.placed) | waiting
        assert not set(state.placed) & waiting
        assert state.named <= set(state.placed)
        assert not set(state.aliases) & set(state.lines)
        assert all(line in state.lines for line, _ in state.aliases.values())
        bank = sum(x.amount if x.direction is Direction.IN else -x.amount for x in state.lines.values())
        left = sum(one.amount for one in listed if one.what == "line")
        assert self.story.balances("A")["1120"] == 500_000 + bank - left
        verdict = verify(self.story.installation.store.read(0, 100_000))
        # While a file is withdrawn the bank knows of days that the book does not, which is what I13 then says.
        missing = not all(any(start <= day <= end for start, end, _, _ in state.spans) for day in DAYS)
        found = [f.sentence for check in verdict.checks if not (missing and check.id == "I13") for f in check.findings]
        assert found == []


def _exported(made: ImportStatement) -> ImportStatement:
    lines = tuple(
        replace(x, line=replace(x.line, key=hashlib.sha256(x.line.key.encode()).hexdigest(), bank_reference=None))
        for x in reversed(made.lines)
    )
    digest = hashlib.sha256(made.file_digest.encode()).hexdigest()
    return replace(made, lines=lines, format="bank-xlsx", file_digest=digest)


STEPS = st.lists(
    st.tuples(st.sampled_from(("import", "import", "decide", "decide", "undo", "withdraw")), st.integers(0, 11)),
    min_size=3,
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_line_is_in_two_places_or_in_none(steps: list[tuple[str, int]]) -> None:
    world = World()
    world.do("VH-KT", world.files[0])
    for what, which in steps:
        if what == "import":
            world.do("VH-KT", world.files[which % 4])
        elif what == "decide":
            world.decide(KINDS[which % len(KINDS)], which // 2)
        elif what == "undo":
            world.undo(which)
        else:
            world.withdraw(world.files[which % 4])
    world.require_each_line_in_one_place()
    for file in world.files:
        world.do("VH-KT", file)
    world.require_each_line_in_one_place()
