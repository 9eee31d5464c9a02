"""A statement that is taken back leaves nothing behind in a reconciliation, and may come in again."""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from api.flows.reconcile import reconcile_accounts
from domain.correction import Kind, Wanted
from domain.identifiers import AccountId
from ledger.reports_reconciliation import ReconciliationResult
from tests.acceptance.story import BIN, START, Cell, Story, into, member, out, settings
from tests.acceptance.test_corrections import corrected

JULY = "2026-07"
ACCOUNT = AccountId(f"{BIN}:00A")


@pytest.fixture
def story() -> Story:
    told = Story(wiring.in_memory(settings()))
    told.set_up([Cell(id="A", bank=1_000_000)])
    told.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 10_000_000)))
    told.assess("A", JULY, START)
    told.request("A", JULY, START)
    return told


def statement(story: Story) -> None:
    story.bank(
        "A",
        date(2026, 7, 20),
        into("a", date(2026, 7, 5), 50_000, story.reference("A1", JULY)),
        into("b", date(2026, 7, 6), 70_000),
        out("phi", date(2026, 7, 6), 11_000, content="THU PHI DICH VU SMS"),
        clean=False,
    )


def july(story: Story) -> ReconciliationResult:
    (found,) = reconcile_accounts(
        story.installation,
        accounts=(ACCOUNT,),
        from_date=date(2026, 7, 1),
        to_date=date(2026, 12, 31),
        as_of=date(2026, 12, 31),
    )
    return found


def test_withdrawing_a_statement_and_importing_it_again_is_the_identity(story: Story) -> None:
    statement(story)
    before = july(story)
    assert (len(before.matched), len(before.not_dues), len(before.leftovers)) == (1, 1, 1)
    (digest,) = story.installation.ledger.work().account(ACCOUNT).files
    corrected(story, Wanted(kind=Kind.IMPORT, account_id=ACCOUNT, file_digest=digest))
    gone = july(story)
    assert (gone.matched, gone.not_dues, gone.leftovers, gone.moved) == ((), (), (), 0)
    assert {r.line_key for r in gone.returned} == {None}
    assert sorted(r.amount for r in gone.returned) == [11_000, 50_000, 70_000]
    assert gone.ties
    assert (gone.days[-1].closing, gone.days[-1].book, gone.days[-1].suspense) == (1_000_000, 1_000_000, 0)
    story.truth[ACCOUNT] = 1_000_000
    story.read_to.pop(ACCOUNT)
    statement(story)
    again = july(story)
    assert (again.not_dues, again.matched) == (before.not_dues, before.matched)
    assert [(x.kind, x.open_amount, x.line_key) for x in again.leftovers] == [
        (x.kind, x.open_amount, x.line_key) for x in before.leftovers
    ]
    assert again.returned == ()
    assert again.days[-1] == replace(before.days[-1], breaks=again.days[-1].breaks)
    assert again.ties
