"""Accounts over the turn of the year, commands given twice, dry runs, and two commands at once."""

import threading
import uuid
from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RefundId, UnitId
from domain.period import Month, Period
from ledger.handlers import assess, collect, refunds, roster
from tests.acceptance.story import START, WARD, Cell, Story, into, member, settings
from tests.conftest import ShardMaker

DECEMBER, JANUARY = date(2026, 12, 5), date(2027, 1, 5)


def _members(story: Story) -> None:
    story.set_up([Cell(id="A")])
    story.enrol(
        "A",
        member("A1", "STUDENT"),
        member("A2", "STUDENT", arrears=(roster.ArrearRow(month=Month("2026-03"), base=None),)),
        member("A3", "STUDENT", opening_credit=7_000),
    )


def test_a_new_year_takes_over_what_is_open_and_assesses_nothing_twice() -> None:
    story = Story(wiring.in_memory(settings()))
    _members(story)
    assert story.assess("A", "2026-12", DECEMBER)["due"] == 15_000
    story.cash("A", "1", "A1", 5_000, DECEMBER, "2026-12")
    # A2 owes March and December; A3 has 2,000 of the opening credit left.
    assert story.assess("A", "2026-12", JANUARY) == story.assess("A", "2026-12", DECEMBER)
    again = story.do("VH-KT", JANUARY, assess.AssessMonth(unit_id=UnitId("A"), month=Month("2026-12")))
    assert (again["assessed"], again["already"]) == (0, 3)
    roll = member("A2", "STUDENT", arrears=(roster.ArrearRow(month=Month("2026-03"), base=None),))
    credit = member("A3", "STUDENT", opening_credit=7_000)
    rows = tuple(replace(r, unit_id=UnitId("A"), roster_order=2) for r in (roll, credit))
    assert story.do("VH-KT", JANUARY, roster.ImportRoster(root=WARD, rows=rows))["events"] == 0
    assert story.assess("A", "2027-01", JANUARY)["assessed"] == 3
    assert story.owed("A") == 5_000 + 15_000 + 3_000
    story.request("A", "2027-01", JANUARY)
    story.bank("A", JANUARY, into("1", JANUARY, 16_000, story.reference("A2", "2027-01")))
    assert story.owed("A") == 5_000 + 3_000
    account = story.installation.ledger.work().dues(MemberId("A2"), 2027)
    assert account.credit == 1_000
    assert sorted(account.items) == ["2026-03", "2026-12", "2027-01"]


def test_a_month_paid_last_year_can_be_refunded_this_year() -> None:
    story = Story(wiring.in_memory(settings()))
    _members(story)
    story.assess("A", "2026-12", DECEMBER)
    story.cash("A", "1", "A1", 15_000, DECEMBER, "2026-12")
    story.declare("A", "2026-12", date(2026, 12, 31))
    story.remit_by_cash("A", "VH", "2026-12", JANUARY)
    asked = refunds.RequestReliefRefund(
        refund_id=RefundId("HT"),
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        month=Month("2026-12"),
        period=Period("2026-12"),
        relief="X1",
        percent=100,
        reason="đủ 50 năm tuổi Đảng",
        decision="QD",
    )
    parts = story.do("A-TP", JANUARY, asked)["parts"]
    assert sum(p["kept"] + p["unsplit"] for p in parts) == 5_000
    for officer in ("A-BT", "VH-CU"):
        story.do(officer, JANUARY, refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=RefundId("HT")))
    assert story.balances("A")["3370"] == 5_000
    with pytest.raises(Refusal) as caught:
        story.do("A-TP", JANUARY, replace(asked, refund_id=RefundId("HT-2")))
    assert caught.value.code is RefusalCode.NOTHING_DUE


def test_a_command_id_given_again_gets_the_same_answer_and_nothing_is_added(story: Story) -> None:
    _members(story)
    command = assess.AssessMonth(unit_id=UnitId("A"), month=Month("2026-07"))
    dry = story.run("VH-KT", START, command, dry_run=True)
    head = story.installation.store.head()
    assert dry.position == head
    assert len(dry.events) > 0
    once = story.run("VH-KT", START, command, command_id=uuid.UUID(int=7))
    again = story.run("VH-KT", START, command, command_id=uuid.UUID(int=7))
    assert (once.answer, once.position) == (again.answer, again.position)
    assert once.answer == dry.answer
    assert again.replayed
    assert again.events == ()
    with pytest.raises(Refusal) as caught:
        story.run("VH-KT", START, replace(command, month=Month("2026-06")), command_id=uuid.UUID(int=7))
    assert caught.value.code is RefusalCode.COMMAND_REUSED
    fresh = story.run("VH-KT", START, command)
    assert fresh.events == ()
    assert fresh.answer["already"] == 3


def test_two_installations_on_one_shard_never_lose_or_double_a_command(new_shard: ShardMaker) -> None:
    shard = new_shard()
    chosen = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(chosen) as one, wiring.on_postgres(chosen) as two:
        stories = [Story(one), Story(two)]
        _members(stories[0])
        stories[0].assess("A", "2026-07", START)
        failures: list[BaseException] = []

        def work(story: Story, number: int) -> None:
            try:
                for n in range(10):
                    # Both take receipts from one book, money for one member, and references from one counter.
                    slip = collect.CashItem(
                        slip=f"{number}-{n}",
                        member_id=MemberId("A1"),
                        month=Month("2026-07"),
                        amount=1_000,
                        paid_on=START,
                    )
                    command = collect.RecordCash(unit_id=UnitId("A"), items=(slip,))
                    _patiently(story, command)
                    _patiently(story, collect.TakeCashBag(unit_id=UnitId("A"), amount=1_000, taken_on=START))
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=work, args=(s, n)) for n, s in enumerate(stories)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        # A1 owes 5,000 for July, the rest is credit; A3's opening credit of 7,000 still waits for the signed opening.
        assert stories[0].balances("A") == {"1130": 20_000, "3310": 10_000, "3340": 15_000 + 2_000 - 7_000}
        book = one.ledger.work().receipts(UnitId("A"), 2026)
        assert sorted(book.by_payment.values()) == list(range(1, 21))


def _patiently(story: Story, command: object) -> None:
    """As a client does: a lost race is tried again with the same command."""
    command_id = uuid.uuid4()
    while True:
        try:
            story.run("A-TP", START, command, command_id=command_id)
            return
        except Refusal as refusal:
            if not refusal.retryable:
                raise
