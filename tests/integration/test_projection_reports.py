"""What pages ask of the read models, on a ward that was played through commands; figures against the folded log."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from api import wiring
from api.reading import NothingProjected, reading
from ledger.books import FoldedBooks, balance
from ledger.chart import ASSETS, CHART, OWED, natural
from ledger.posting import entry
from projections.payments import PAYMENTS
from projections.runner import Alert, ProjectionStopped
from tests.acceptance.tree import settings
from tests.conftest import ShardMaker
from tests.projection_log import played

UNITS = ["HP", "VH", "A", "B", "C", "D"]
END = date(2026, 9, 30)


@pytest.fixture(scope="module")
def ward(_shared_database):
    with played(ShardMaker(_shared_database)()) as installation:
        yield installation


@pytest.fixture
def read(ward):
    with reading(ward) as opened:
        yield opened


@pytest.fixture(scope="module")
def books(ward):
    folded = FoldedBooks(ward.store)
    folded.catch_up()
    return folded


def test_an_installation_in_memory_has_nothing_to_read():
    with pytest.raises(NothingProjected), reading(wiring.in_memory(settings())):
        pass


def test_a_reading_is_of_the_head_of_the_log(ward, read):
    assert read.position == ward.store.head()
    assert read.alerts == ()


def test_a_question_to_a_stopped_projection_is_refused_and_the_others_answer(ward, read):
    alert = Alert(
        name=f"projection-stopped:{PAYMENTS.reader}",
        reader=PAYMENTS.reader,
        position=9,
        event="payment-received",
        error="x",
        noted_at=ward.store.read(0, 1)[0].recorded_at,
    )
    stopped = replace(read, alerts=(alert,))
    with pytest.raises(ProjectionStopped, match="payments_v5"):
        stopped.payments()
    assert stopped.refunds()


# --- the tree -------------------------------------------------------------------------------------------------------


def test_the_subtree_stands_in_the_order_of_registration_each_unit_before_its_own(read):
    assert [(unit.unit_id, unit.depth) for unit in read.subtree("HP")] == [
        ("HP", 0),
        ("VH", 1),
        ("A", 2),
        ("B", 2),
        ("C", 2),
        ("D", 2),
    ]
    assert [unit.unit_id for unit in read.subtree("A")] == ["A"]
    assert read.unit_ids("TW") == UNITS, "the centre keeps its books elsewhere"
    assert [m.member_id for m in read.members(["B", "A"])][:3] == ["B1", "B2", "A1"]


# --- books ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS)
def test_a_trial_balance_is_the_folded_books_and_each_book_sums_to_zero(read, books, unit):
    page = read.trial_balance(unit)
    for code in CHART:
        assert natural(code, page.balance(code)) == balance(books, unit, code), code
    assert (page.out_by("money"), page.out_by("memo")) == (0, 0)
    assert page.position == read.position
    for line in page.lines:
        assert line.debits - line.credits == line.debit_balance - line.credit_balance


def test_the_ward_consolidated_drops_every_mirror_and_still_sums_to_zero(read, books):
    page = read.consolidated(["VH", "A", "B", "C", "D"])
    assert page.out_by("money") == 0
    # Everything between the ward and its cells is gone; what stands between the ward and the province stays.
    assert all(page.balance(code) == 0 for code in ("1360", "1390", "3365", "3390"))
    assert -page.balance("3360") == balance(books, "VH", "3360")
    assert page.balance("1380") == balance(books, "VH", "1380") > 0
    money = sum(balance(books, unit, code) for unit in ("VH", "A", "B", "C", "D") for code in ASSETS[:-1])
    assert sum(page.balance(code) for code in ASSETS) == money


def test_a_cell_alone_keeps_what_stands_between_it_and_its_holder(read, books):
    page = read.consolidated(["B"])
    assert page.balance("1390") == balance(books, "B", "1390") > 0


def test_books_can_be_asked_for_at_any_position_and_day(ward, read):
    events = ward.store.read(0, read.position)
    for until in (events[len(events) // 3].position, events[-40].position, read.position):
        folded = sum(
            line.amount for r in events[:until] for line in entry(r.event) if (line.unit, line.account) == ("A", "1120")
        )
        assert read.balance_at("A", "1120", position=until) == folded
        assert read.trial_balance("A", position=until).balance("1120") == folded
    # On 9 July the portal had announced A1's money, and the bank had not credited it.
    assert read.balance_at("A", "1140", on=date(2026, 7, 9)) == 123_457
    assert read.balance_at("A", "1140", on=date(2026, 7, 10)) == 0


def test_a_balance_at_two_knowledge_dates_is_explained_line_by_line(ward, read):
    refund = next(r for r in ward.store.read(0, read.position) if r.name == "declaration-restated")
    before = read.position_at(refund.recorded_at - timedelta(microseconds=1))
    moved = read.what_moved("A", "4310", earlier=before, later=refund.position)
    assert moved.before == read.balance_at("A", "4310", position=before) > moved.after
    assert moved.before + sum(line.amount for line in moved.lines) == moved.after
    (line,) = moved.lines
    assert (line.event, line.stream, line.position) == ("declaration-restated", "declaration/A", refund.position)
    assert read.what_moved("A", "4310", earlier=before, later=before).lines == ()


def test_what_must_come_back_to_zero_is_listed_with_the_day_since_when_it_is_open(ward, read, books):
    items = read.open_items(UNITS, END)
    assert items
    for item in items:
        assert CHART[item.account].must_reach_zero == item.must_reach_zero
        assert books.balances(item.unit, item.account)[item.key] == item.amount
        assert item.age_days == (END - item.since).days
        since_zero = begun = 0
        for recorded in ward.store.read(0, read.position):
            for line in entry(recorded.event):
                if (line.unit, line.account, line.key) == (item.unit, item.account, item.key):
                    begun = recorded.position if since_zero == 0 else begun
                    since_zero += line.amount
        assert item.position == begun
    every = {
        (unit, code, key)
        for unit in UNITS
        for code, chart in CHART.items()
        if chart.must_reach_zero
        for key in books.balances(unit, code)
    }
    assert {(item.unit, item.account, item.key) for item in items} == every


# --- the overview ---------------------------------------------------------------------------------------------------


def test_every_line_of_the_overview_adds_up_and_the_whole_is_covered(read):
    page = read.overview("HP")
    assert (page.position, page.out_by) == (read.position, 0)
    for line in (*page.units, *page.levels):
        assert line.collected - line.refunded + line.from_below == (
            line.kept + line.payable - line.claw_back + line.unsplit
        ), line.title
        assert line.still_payable == line.payable - line.received - line.netted
        assert line.cover == line.fund >= 0
    assert page.total.cover == sum(line.cover for line in page.units)
    assert [(line.depth, line.units) for line in page.levels] == [(0, 1), (1, 1), (2, 4)]


def test_the_figures_of_the_overview_are_those_of_the_books(read, books):
    page = read.overview("HP")
    by_title = {line.title: line for line in page.units}
    for unit in UNITS:
        line = by_title[f"Đơn vị {unit}"]
        assert line.suspense == balance(books, unit, "3380")
        assert line.credit == balance(books, unit, "3340")
        assert line.arrears == balance(books, unit, "0110")
        assert line.under_way == balance(books, unit, "1150")
        assert line.money == sum(balance(books, unit, code) for code in ASSETS)
        owed = sum(balance(books, unit, code) for code in OWED) - balance(books, unit, "1380")
        assert line.owed_to_others == owed
    assert page.total.collected == sum(line.collected for line in page.units) > 0
    # HT-3 after the split and HT-4 before it; HT-1 was credit and HT-2 was never dues.
    assert page.total.refunded == 32_716 + read.refund("HT-4").amount
    lying = sum(balance(books, unit, code) for unit in UNITS for code in ASSETS if code != "1390")
    assert page.total.money == lying


# --- members --------------------------------------------------------------------------------------------------------


def test_a_members_statement_tells_months_payments_and_receipts_in_order(ward, read):
    told = read.statement("A2")
    (july, august) = told.months
    assert (july.month, july.assessed, july.relieved, july.applied, july.open) == ("2026-07", 32_716, 32_716, 0, 0)
    # The relief found in August for July lasts, so August was assessed with nothing due.
    assert (august.month, august.relieved, august.open) == ("2026-08", august.assessed, 0)
    assert [e.what for e in told.entries][:3] == ["assessed", "paid", "receipt"]
    assert [e.position for e in told.entries] == sorted(e.position for e in told.entries)
    assert {"undone", "relief-recognised"} <= {e.what for e in told.entries}
    assert told.open == august.open
    assert all(e.title for e in told.entries)
    assert read.statement("nobody") is None


def test_a_members_credit_is_that_of_the_books(read, books):
    for unit in ("A", "B", "C", "D"):
        for key, amount in books.balances(unit, "3340").items():
            assert read.statement(key).credit == amount


def test_arrears_are_the_memo_book_member_by_member(read, books):
    found = read.arrears(UNITS, END)
    assert {f"{a.member_id}:{a.month}": a.open for a in found} == {
        key: amount for unit in UNITS for key, amount in books.balances(unit, "0110").items()
    }
    assert [a.month for a in found] == sorted(a.month for a in found)
    assert {(a.month, a.age_days) for a in found} <= {("2026-07", 61), ("2026-08", 30)}
    assert all(a.month <= "2026-07" for a in read.arrears(UNITS, END, until_month="2026-07"))
