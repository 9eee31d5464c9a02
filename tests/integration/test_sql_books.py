"""What decisions ask of tables is what they would ask of the folded log: books, books by month, and the directory."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from adapters.postgres.shard import ShardDatastore
from api import wiring
from domain import organisation
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.application import Ledger
from ledger.books import FoldedBooks
from ledger.chart import CHART
from ledger.directory import FoldedDirectory
from ledger.posting import entry
from projections import sql_books
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.member_units import MEMBER_UNITS
from projections.runner import ProjectionStopped, catch_up, ensure, positions
from projections.sql_books import SqlBooks
from projections.sql_directory import SqlDirectory
from tests.acceptance import (
    test_closing_months,
    test_corrections,
    test_members_come_and_go,
    test_members_move,
    test_moves_under_way,
    test_story_5,
    test_tree_moves,
)
from tests.acceptance.story import Story, settings
from tests.conftest import ShardMaker
from tests.good_log import play
from tests.projection_log import installed, pay, played, store_on

MONTHS = [Month(f"2026-{number:02d}") for number in range(6, 13)]
DAYS = [date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 20), date(2026, 12, 31)]
PERIODS = (*MONTHS, "2026-Q3", "2026-Q4")


def every(store) -> list:
    return list(store.read(0, store.head()))


@pytest.fixture(scope="module")
def ward(_shared_database):
    with played(ShardMaker(_shared_database)()) as installation:
        yield installation


# --- the same answers -----------------------------------------------------------------------------------------------


def same_books(sql: SqlBooks, folded: FoldedBooks, units: list[str]) -> int:
    """Compare everything that may be asked; returns how many balances there were."""
    compared = 0
    for unit in units:
        for account in CHART:
            assert sql.balances(unit, account) == folded.balances(unit, account), (unit, account)
            compared += len(folded.balances(unit, account))
    months, others = sql.month_books(), folded.month_books()
    assert months.position == others.position
    for unit in map(UnitId, units):
        assert months.closing(unit) == others.closing(unit)
        assert months.late(unit) == others.late(unit)
        for month in MONTHS:
            assert months.figures(unit, month) == others.figures(unit, month), (unit, month)
            assert months.open_items(unit, month) == others.open_items(unit, month), (unit, month)
    return compared


def same_directory(sql: SqlDirectory, folded: FoldedDirectory, about: SimpleNamespace) -> None:
    units, members = about.units, about.members
    for asked in ([unit] for unit in units), [units, units[::2], units[::-1]]:
        for some in asked:
            assert sql.members_of(some) == folded.members_of(some), some
            assert sql.concerned_by(some) == folded.concerned_by(some), some
            for day in DAYS:
                assert sql.count_on(some, day) == folded.count_on(some, day), (some, day)
    for unit in units:
        assert sql.next_order(unit) == folded.next_order(unit)
        assert sql.unit_remittances(unit) == folded.unit_remittances(unit)
        assert sql.unit_refunds(unit) == folded.unit_refunds(unit)
        for day in DAYS:
            assert sql.members_on(unit, day) == folded.members_on(unit, day)
        for period in PERIODS:
            assert sql.remittances_of(unit, period) == folded.remittances_of(unit, period)
    for member in members:
        assert sql.references_of(member) == folded.references_of(member)
        for month in MONTHS:
            assert sql.request_for(member, month) == folded.request_for(member, month)
    for case in about.cases:
        assert sql.request_of_case(case) == folded.request_of_case(case), case


def named_in(events: list) -> SimpleNamespace:
    """Units, members and cases of a log, and one of each that it does not know."""
    units = {line.unit for r in events for line in entry(r.event)}
    units |= {r.event.unit_id for r in events if r.stream == organisation.STREAM and hasattr(r.event, "unit_id")}
    members = {getattr(r.event, "member_id", None) for r in events} - {None}
    cases = {getattr(r.event, name, None) for r in events for name in ("case_id", "remittance_id", "refund_id")}
    return SimpleNamespace(
        units=[*map(UnitId, sorted(units)), UnitId("nobody")],
        members=[*map(MemberId, sorted(members)), MemberId("nobody")],
        cases=[*sorted(cases - {None}), "nothing"],
    )


# --- logs -----------------------------------------------------------------------------------------------------------


def memory() -> Story:
    return Story(wiring.in_memory(settings()))


LATE = "test_late_facts_are_taken_booked_in_the_open_month_and_listed_with_their_true_date"
AGAIN = "test_opening_again_needs_two_people_and_a_reason_and_the_later_close_supersedes"
RESTORED = "test_a_restored_member_owes_the_interrupted_months_each_under_its_own_policy"
DURING = "test_what_is_recorded_while_a_close_is_decided_is_a_late_fact_of_the_month_after"

#: Plays of other tests: months closed, opened again and late facts; corrections; letters; merged and split units.
PLAYS: dict[str, Callable[[], object]] = {
    "good log": lambda: play(memory()),
    "late facts": lambda: getattr(test_closing_months, LATE)(memory()),
    "opened again": lambda: getattr(test_closing_months, AGAIN)(memory()),
    "while a close is decided": lambda: getattr(test_closing_months, DURING)(memory()),
    "corrected after the close": lambda: test_corrections.test_a_correction_of_a_closed_month_is_booked_in_the_open_one(
        memory()
    ),
    "a letter": test_members_move.test_months_to_the_letter_belong_to_the_old_cell_and_later_ones_to_the_new,
    "a letter withdrawn": test_members_move.test_a_withdrawn_letter_leaves_everything_as_it_was,
    "away for a time": test_members_move.test_a_temporary_transfer_is_paid_there_and_ends_by_itself,
    "back early": test_members_move.test_a_temporary_transfer_ended_early_gives_its_open_months_back,
    "gone and restored": getattr(test_members_come_and_go, RESTORED),
    "merger": lambda: test_story_5.test_a_merger_with_an_error_under_way_ends_in_the_balances_of_the_story(memory()),
    "split": lambda: test_tree_moves.test_a_split_gives_each_new_cell_its_members_and_its_part_of_the_fund(
        test_tree_moves.ward_with_july()
    ),
    "two acts": lambda: test_tree_moves.test_two_acts_on_one_day_lead_all_the_way_to_the_last_successor(
        test_tree_moves.ward_with_july()
    ),
    "refund under way": lambda: test_moves_under_way.test_the_successor_pays_the_refund_that_was_approved_before(
        test_moves_under_way.merged.__wrapped__()
    ),
}


@pytest.mark.parametrize("name", PLAYS)
def test_at_every_prefix_tables_answer_as_the_fold_does(name, new_shard, monkeypatch):
    """Once asked by a process that goes along, once by a process that has just started."""
    made, in_memory = [], wiring.in_memory

    def remembered(found):
        made.append(in_memory(found))
        return made[-1]

    monkeypatch.setattr(wiring, "in_memory", remembered)
    PLAYS[name]()
    log = made[-1].store
    rows, about = log.rows(0, log.head()), named_in(every(log))
    chance, shard, done = random.Random(name), new_shard(), 0
    with store_on(shard) as store, shard.connect() as conn, ShardDatastore(shard) as pool:
        lend = pool.get_connection
        books, directory = SqlBooks(lend, store), SqlDirectory(lend, store)
        folded, folded_directory = FoldedBooks(store), FoldedDirectory(store)
        while done < len(rows):
            some = rows[done : done + chance.randint(1, max(2, len(rows) // 4))]
            done += len(some)
            with conn.cursor() as curs:
                curs.executemany(
                    "INSERT INTO events (notification_id, originator_id, originator_version, topic, state, recorded_at)"
                    " VALUES (%s, %s, %s, %s, %s, %s)",
                    [tuple(row) for row in some],
                )
            if chance.random() < 0.5:
                catch_up(conn, store, (BALANCES, JOURNAL))
            new_books, new_directory = SqlBooks(lend, store), SqlDirectory(lend, store)
            for one in (folded_directory, directory, new_directory):
                one.catch_up()
            assert {one.catch_up() for one in (folded, books, new_books)} == {done}
            for one in (books, new_books):
                same_books(one, folded, about.units)
            for one in (directory, new_directory):
                same_directory(one, folded_directory, about)


def test_sql_books_are_the_folded_books_to_the_dong(ward):
    sql, folded = SqlBooks(ward.shard.connect, ward.store), FoldedBooks(ward.store)
    assert sql.catch_up() == folded.catch_up() == ward.store.head()
    assert same_books(sql, folded, named_in(every(ward.store)).units) > 40
    assert sql.balances("nobody", "1120") == {}


def test_sql_books_stay_at_their_position_when_another_process_brings_the_table_further(new_shard):
    shard = new_shard()
    with store_on(shard) as store, shard.connect() as conn:
        pay(store, 0, 10)
        books, folded = SqlBooks(shard.connect, store), FoldedBooks(store)
        assert books.catch_up() == folded.catch_up() == 10
        pay(store, 10, 30)
        catch_up(conn, store, (BALANCES,))
        assert positions(conn, (BALANCES,)) == {"balances_v1": 40}
        for account in ("1140", "1390", "3310", "3390"):
            for unit in ("C0", "C1", "VH"):
                assert books.balances(unit, account) == folded.balances(unit, account)
        assert books.catch_up() == folded.catch_up() == 40
        assert books.balances("C1", "3310") == folded.balances("C1", "3310")


def test_decisions_come_out_the_same_on_tables(new_shard):
    """The whole ward again, deciding on tables instead of the fold."""
    one, two = new_shard(), new_shard()
    with installed(one) as inst, played(two) as tables:
        books, directory = FoldedBooks(inst.store), FoldedDirectory(inst.store)
        play(Story(replace(inst, ledger=Ledger(inst.store, books, directory, inst.ledger.settings))))
        theirs = [(r.stream, r.version, r.event) for r in every(tables.store)]
        assert [(r.stream, r.version, r.event) for r in every(inst.store)] == theirs
        assert isinstance(tables.ledger.books, SqlBooks)
        assert isinstance(tables.ledger.directory, SqlDirectory)


def test_far_behind_what_was_known_is_let_go_and_found_again(new_shard, monkeypatch):
    """Another process books more than a process folds by itself."""
    monkeypatch.setattr(sql_books, "TAIL", 20)
    shard = new_shard()
    with store_on(shard) as store:
        pay(store, 0, 10)
        books, folded = SqlBooks(shard.connect, store), FoldedBooks(store)
        for first, count in ((10, 5), (15, 60), (75, 19)):
            assert books.catch_up() == folded.catch_up() == first
            same_books(books, folded, ["C0", "C1", "VH"])
            pay(store, first, count)


def test_nobody_is_answered_from_a_directory_that_stands_still(new_shard):
    shard = new_shard()
    with installed(shard) as inst, shard.connect() as conn:
        play(Story(inst))
        conn.execute("DELETE FROM tracking WHERE application_name = 'member_units_v1'")
        conn.execute("DROP TABLE member_units_v1")
        ensure(conn, (MEMBER_UNITS,))
        conn.execute("ALTER TABLE member_units_v1 ADD CHECK (unit <> 'B')")
        directory = SqlDirectory(shard.connect, inst.store)
        directory.catch_up()
        with pytest.raises(ProjectionStopped, match="projection-stopped:member_units_v1"):
            directory.members_of([UnitId("A")])
