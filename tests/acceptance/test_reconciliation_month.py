"""A month of everything through commands, reconciled: eight kinds, each with age, owner, next step and decision."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from api import wiring
from api.flows.day_close import close_day
from api.flows.reconcile import reconcile_accounts
from domain.day_close import AccountDayClosed, NamedPart
from ledger.books import balance
from ledger.reports_places import Entry, Standing
from ledger.reports_reconciliation import LeftoverKind, ReconciliationResult
from ledger.verify import verify
from ledger.work import Act
from reconciliation.places import entries, totals
from tests.acceptance.full_month import CELL, DUES, END, START, day, play
from tests.acceptance.story import Story, at, settings
from tests.acceptance.test_closing_months import sound
from tests.good_log import read_all

LOOKED = date(2026, 8, 10)


@pytest.fixture
def month(story: Story) -> Story:
    """The month, in memory and on PostgreSQL."""
    return play(story)


def reconciled(story: Story, to: date = END) -> ReconciliationResult:
    """The cell's account, and nothing beside it."""
    every = reconcile_accounts(story.installation, from_date=START, to_date=to, as_of=LOOKED)
    assert [r.account_id for r in every] == [CELL], "nothing is left that belongs to no account"
    return every[0]


def of(result: ReconciliationResult, kind: str) -> list[Entry]:
    return [one for one in entries(result, kind) if one.side != "channel"]


def test_every_kind_is_there_with_what_is_open_its_age_owner_next_step_and_decision(month: Story) -> None:
    result = reconciled(month)
    open_ = {kind: sorted(one.open_amount for one in of(result, kind)) for kind in Standing}
    assert open_ == {
        "matched": [0] * 9,
        "missing-in-book": [5_000],
        # The slip that was only shown, the portal's money of the 30th, the transfer that a member only told of.
        "missing-at-bank": [DUES, DUES, DUES],
        # The bag of which the bank counted 2,000 less; the credit less a fee whose acceptance was undone.
        "amount-differs": [2_000, DUES],
        # 30,000 of the one paid twice by transfer went back by the bank, all of the other by the gateway.
        "duplicate": [0, 20_000],
        "unidentified": [7_000, 9_000, DUES - 2_200, 70_000],
        # The bank's reversal that the book has not, and the dispute on 1370.
        "returned": [0, 9_000, DUES],
        "not-dues": [0, 0, 0],
    }
    for one in result.leftovers:
        assert one.age_days == (LOOKED - one.dated_on).days
        assert one.unit_id
        assert one.role
        assert one.next_step
        assert one.what
    decided = {one.open_amount: one.decision for one in entries(result) if one.decision}
    assert decided.keys() == {5_000, 70_000}, "what was undone is no decision any more"
    assert all(words.startswith("chờ đến 15/08/2026 vì đã hỏi") for words in decided.values())


def test_three_ways_tie_on_every_day_and_the_sums_are_those_of_the_books(month: Story) -> None:
    result = reconciled(month)
    assert result.ties
    assert all(day_.ties and day_.difference == 0 for day_ in result.days)
    assert all(w.ties for w in result.witnesses)
    books, last = month.books(), result.days[-1]
    assert (last.closing, last.book) == (month.truth[CELL], balance(books, "A", "1120", CELL))
    assert last.suspense == balance(books, "A", "3380")
    assert sum(one.effect for one in result.leftovers) == last.closing - last.book
    waiting = [one for one in result.leftovers if one.lies_in == "1140"]
    assert sum(one.book_amount or 0 for one in waiting) == balance(books, "A", "1140")
    assert sum(one.open_amount for one in result.leftovers if one.lies_in == "1370") == balance(books, "A", "1370")
    sound(month)


def test_explained_is_what_has_a_name_and_a_reason_and_nothing_else(month: Story) -> None:
    result = reconciled(month)
    not_explained = 5_000 + 48_000 + 7_000 + 47_800 + 70_000 + 9_000 + 9_000
    assert result.moved - result.explained == not_explained
    assert result.explained_bp == result.explained * 10_000 // result.moved
    sums = totals(result)
    assert sums["unidentified"]["open"] == 7_000 + 47_800 + 70_000 + 9_000


def test_a_lump_is_matched_with_all_it_stands_for_but_what_nobody_knows(month: Story) -> None:
    result = reconciled(month)
    lumps = {m.amount: m for m in result.matched if m.rule == "settlement-lump"}
    assert {name.split(":")[0] for name in lumps[155_100].items} == {"payment", "fee", "lump"}
    assert "payment:gateway/pi_x" not in lumps[155_100].items
    assert {name.split(":")[0] for name in lumps[50_300].items} == {"case", "refund", "lump"}
    (part,) = [one for one in result.leftovers if one.items == ("payment:gateway/pi_x",)]
    assert (part.kind, part.open_amount, part.bank_reference) == (LeftoverKind.UNIDENTIFIED, 7_000, "FT-po1")


def test_one_account_is_the_same_alone_and_among_all(month: Story) -> None:
    chosen = {"from_date": START, "to_date": END, "as_of": LOOKED}
    (alone,) = reconcile_accounts(month.installation, accounts=(CELL,), **chosen)
    assert alone == reconciled(month)


def test_seen_from_the_middle_of_the_month_it_ties_and_says_what_came_later(month: Story) -> None:
    result = reconciled(month, day(13))
    assert result.ties
    (later,) = [one for one in result.leftovers if one.items == ("payment:gateway/pi_2",)]
    assert (later.kind, later.closed_on) == (LeftoverKind.MISSING_AT_BANK, day(14))


#: Days with a settlement of either channel, a lump, and money of unknown owner.
CLOSED = (6, 10, 11, 14, 17, 22, 28)


@pytest.fixture
def closed(month: Story) -> Story:
    """The month with some of its days closed."""
    for number in CLOSED:
        assert close_day(month.installation, _who(), account=CELL, day=day(number)).answer["known"] is False
    return month


def test_closed_days_are_made_again_from_the_log_with_what_the_channels_told(closed: Story) -> None:
    sound(closed)
    told = {one.day.day: (one.told, one.told_booked) for one in _closes(closed)}
    assert told[6] == (DUES, DUES)
    assert told[10] == (3 * DUES + 7_000, 3 * DUES + 7_000)
    assert told[11] == (DUES, DUES)
    assert told[14] == told[22] == (0, 0)


@pytest.mark.parametrize(
    ("number", "change", "says"),
    [
        (10, {"told": 150_000}, "kênh kê lúc chốt là 150.000"),
        (10, {"told_booked": 1}, "sổ có qua kênh lúc chốt là 1"),
        (22, {"explained": 170_600}, "đã giải thích 170.600"),
        (14, {"explained": -1}, "đã giải thích -1"),
        (14, {"moved": 1}, "trên 1 đồng"),
        (22, {"parts": (NamedPart(name="là lạ", amount=48_000),)}, "tên chênh lệch lạ"),
        (
            22,
            {"parts": (NamedPart(name="timing", amount=0), NamedPart(name="amount-differs", amount=48_000))},
            "bằng 0",
        ),
    ],
)
def test_a_close_with_other_words_of_channels_or_other_explained_money_is_found(
    number: int, change: dict[str, Any], says: str
) -> None:
    story = play(Story(wiring.in_memory(settings())))
    close_day(story.installation, _who(), account=CELL, day=day(number))
    events = [
        replace(r, event=replace(r.event, **change)) if isinstance(r.event, AccountDayClosed) else r
        for r in read_all(story.installation.store)
    ]
    found = [f.sentence for check in verify(events).checks if check.id == "A12" for f in check.findings]
    assert any(says in sentence for sentence in found), found


def _closes(story: Story) -> list[AccountDayClosed]:
    return [r.event for r in read_all(story.installation.store) if isinstance(r.event, AccountDayClosed)]


def _who() -> Act:
    return Act(actor="VH-KT", at=at(date(2026, 8, 9)), command_id=uuid4())
