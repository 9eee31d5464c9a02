"""The worker's own round of the matching rules: after a statement, once, and never for what was there before."""

from datetime import date

from adapters.clock import SystemClock
from api import wiring
from api.worker import Worker
from domain.identifiers import MemberId, UnitId
from domain.match import MatchAccepted
from domain.period import Month
from tests.acceptance.story import Cell, Story, at, into, member, settings
from tests.good_log import read_all

JULY = "2026-07"
DAY = date(2026, 7, 20)


def _story() -> Story:
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_200_000)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.assess("A", JULY, date(2026, 7, 1))
    made.request("A", JULY, date(2026, 7, 1))
    return made


def _pay_both(story: Story, key: str) -> None:
    """One transfer with two references whose debts sum to it: left at the import, sure for the rules."""
    both = (story.reference("A1", JULY), story.reference("A2", JULY))
    line = into(key, DAY, 105_000, *both)
    assert story.bank("A", DAY, line)["placed"] == {"suspense": 1}


def _accepted(story: Story) -> list[MatchAccepted]:
    return [r.event for r in read_all(story.installation.store) if isinstance(r.event, MatchAccepted)]


def test_a_statement_that_came_since_the_last_round_is_looked_at_once() -> None:
    story = _story()
    worker = Worker(story.installation, SystemClock(), lambda: None, None)
    worker.match(at(DAY))
    _pay_both(story, "both")
    worker.match(at(DAY))
    assert [(e.automatic, e.amount, e.decided_by) for e in _accepted(story)] == [(True, 105_000, "service:matcher")]
    owed = story.installation.ledger.work().dues(MemberId("A1"), 2026).items[Month(JULY)]
    assert owed.applied == 100_000
    head = story.installation.store.head()
    worker.match(at(DAY))
    assert story.installation.store.head() == head


def test_what_was_imported_before_the_worker_began_is_left_to_whoever_imported_it() -> None:
    story = _story()
    _pay_both(story, "both")
    worker = Worker(story.installation, SystemClock(), lambda: None, None)
    worker.match(at(DAY))
    worker.match(at(DAY))
    assert _accepted(story) == []
    assert story.balances(UnitId("A"))["3380"] == 105_000
