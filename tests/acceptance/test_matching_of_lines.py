"""Lines that nothing placed: accepted as money of their own, never under the name of another line's money."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from domain import bank_account
from domain.bank_account import StatementImported, StatementLine
from domain.errors import RefusalCode
from domain.identifiers import MemberId, payment_id
from domain.match import Code, MatchPart, Rule, evidence
from domain.period import Month
from ledger.handlers.matches import AcceptMatches, Proposed, ProposedLine, accept_matches
from ledger.work import Act, Work
from tests.acceptance.story import Story, account, at, into
from tests.acceptance.test_matching import TODAY, A
from tests.acceptance.test_matching import story as story

JULY = Month("2026-07")


def _unplaced(story: Story, *lines: StatementLine) -> Work:
    """A statement whose lines nothing has placed yet."""
    work = story.installation.ledger.work()
    read = StatementImported(
        account_id=account("A"),
        unit_id=A,
        file_digest="f" * 64,
        format="camt.053.001.08",
        from_date=date(2026, 7, 1),
        to_date=TODAY,
        opening=1_200_000,
        closing=1_200_000 + sum(line.amount for line in lines),
        credits=sum(line.amount for line in lines),
        debits=0,
        line_count=len(lines),
        lines=lines,
    )
    work.record(bank_account.stream(account("A")), (read,))
    return work


def _accept(story: Story, work: Work, line: StatementLine) -> dict[str, Any]:
    paid = payment_id(f"bank:{account('A')}", str(line.bank_reference))
    part = MatchPart(payment_id=paid, member_id=MemberId("A2"), month=JULY, amount=30_000, waiting=30_000, owed=30_000)
    proposed = Proposed(
        unit_id=A,
        rule=Rule.AMOUNT_IN_WINDOW,
        parts=(part,),
        evidence=(evidence(Code.AMOUNT, 30_000),),
        lines=(ProposedLine(account_id=account("A"), line_key=line.key, payment_id=paid),),
    )
    command = AcceptMatches(unit_id=A, proposals=(proposed,), automatic=False, ground="hỏi rồi")
    act = Act(actor="VH-KT", at=at(TODAY), command_id=uuid.uuid5(uuid.NAMESPACE_OID, "accept"))
    return accept_matches(work, command, act)


def _line(key: str) -> StatementLine:
    return into(key, date(2026, 7, 20), 30_000).line


def test_a_line_that_nothing_placed_is_taken_in_and_answers_for_its_member(story: Story) -> None:
    line = _line("one")
    work = _unplaced(story, line)
    answer = _accept(story, work, line)
    assert (answer["refused"], [one["amount"] for one in answer["accepted"]]) == ([], [30_000])
    item = work.dues(MemberId("A2"), 2026).items[JULY]
    assert item.applied == 30_000
    assert work.account(account("A")).placed[line.key].outcome == "suspense"


def test_the_second_line_of_a_number_is_not_accepted_under_the_name_of_the_first(story: Story) -> None:
    first, second = _line("one"), replace(_line("two"), bank_reference="FT-one")
    work = _unplaced(story, first, second)
    answer = _accept(story, work, second)
    assert [one["code"] for one in answer["refused"]] == [RefusalCode.MATCH_STALE]
    assert "mang số giao dịch mà khoản khác đã mang" in answer["refused"][0]["message"]
    assert work.dues(MemberId("A2"), 2026).items[JULY].applied == 0
    assert _accept(story, work, first)["refused"] == [], "the first line keeps the plain number"
