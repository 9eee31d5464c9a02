"""Running projections and rebuilt ones hold the same rows, whatever the batches."""

import random

import pytest

from domain.events import EVENT_TYPES
from domain.identifiers import UnitId
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.payment import PaymentReceived
from domain.period import day_of
from ledger.chart import CHART
from ledger.posting import RULES, entry, occurred_on
from ledger.rule import CONDITIONS
from ledger.store import Recorded, StreamAppend
from projections.all import PROJECTIONS
from projections.journal import JOURNAL, lines_between
from projections.postings import needed, of_events, of_rows
from projections.rebuild import rebuild
from projections.runner import alerts, catch_up, digest, lag
from projections.table import Table
from projections.units import UNITS, all_units
from tests.conftest import ShardMaker
from tests.projection_log import AT, context, forget, played, store_on


@pytest.fixture(scope="module")
def ward(_shared_database):
    with played(ShardMaker(_shared_database)()) as installation:
        yield installation


@pytest.fixture
def conn(ward):
    with ward.shard.connect() as opened:
        forget(opened)
        yield opened


def every(store) -> list[Recorded]:
    found: list[Recorded] = []
    while batch := store.read(found[-1].position if found else 0, 1_000):
        found += batch
    return found


#: Classes with an entry that the ward does not play; each has a test of its own that does.
PLAYED_ELSEWHERE = frozenset(
    {
        "OpeningCreditCarried",
        "PayoutFailed",
        # tests/acceptance/test_open_items.py
        "SuspenseWrittenOff",
        "CreditAccepted",
        # tests/acceptance/test_settlements.py
        "SettlementPartBooked",
        "SettlementLumpCredited",
        # tests/acceptance/test_lumps_by_hand.py, test_channel_cases.py
        "SettlementLumpReturned",
        "SuspenseToLump",
        "SuspenseToCase",
        "CaseTold",
        "CaseClosed",
        "DeclarationAnnounced",
        # tests/acceptance/test_verify_dues_life.py, test_surplus_prepay_split.py
        "DuesAdjusted",
        "CollectedAhead",
        "AheadApplied",
        "AheadReturned",
        "SurplusAccepted",
        # tests/unit/test_verify_spending.py
        "CashCounted",
        "HeldCashReturned",
        "ShortageMadeGood",
        "ShortageWrittenOff",
        "VoucherApproved",
        "VoucherPaidByBank",
        "VoucherVoided",
        "HeldMoneyPassed",
        "FundYearClosed",
        # tests/acceptance/test_members_move.py, test_members_come_and_go.py
        "ObligationMoved",
        "CreditMoved",
        "MonthWaived",
        # tests/acceptance/test_corrections.py
        "EntryReversed",
        "PaymentUnapplied",
        "CreditUnapplied",
        # tests/acceptance/test_story_3.py, test_between_levels.py
        "ClawBackReceived",
        "ClawBackSent",
        "DeclarationCorrected",
        "HeldPeriodAllocated",
        "InterimReceived",
        "InterimSettled",
        "RemittanceMisrouted",
        "RemittancePassedOn",
        "RemittanceReturned",
        # tests/acceptance/test_story_5.py, test_tree_moves.py
        "BalancesHandedOver",
    }
)


def test_the_played_ward_has_nearly_every_kind_of_event_that_has_an_entry(ward):
    missing = set(RULES) - {type(recorded.event) for recorded in every(ward.store)}
    # Opening credit, a pay-out that came back and the other shard's side are not played there.
    assert {cls.__name__ for cls in missing} <= PLAYED_ELSEWHERE


@pytest.mark.parametrize("batch", [1, 7, 500, 5_000])
def test_rows_do_not_depend_on_the_size_of_the_batches(ward, conn, batch):
    at = catch_up(conn, ward.store, PROJECTIONS, batch=batch)
    assert set(at.values()) == {ward.store.head()}
    assert alerts(conn) == ()
    digests = {p.name: digest(conn, p) for p in PROJECTIONS}
    forget(conn)
    rng = random.Random(batch)
    while any(p.lag for p in lag(conn, ward.store, PROJECTIONS)):
        some = rng.sample(PROJECTIONS, rng.randint(1, len(PROJECTIONS)))
        catch_up(conn, ward.store, some, batch=rng.randint(20, 900))
    assert {p.name: digest(conn, p) for p in PROJECTIONS} == digests


#: The ward's month has no settlement; tests/integration/test_settlement_projections.py rebuilds this one.
WITHOUT_ROWS = {"settlements"}


@pytest.mark.parametrize("projection", [p for p in PROJECTIONS if p.name not in WITHOUT_ROWS], ids=lambda p: p.name)
def test_running_and_rebuilt_rows_are_the_same_row_for_row(ward, conn, projection):
    catch_up(conn, ward.store, PROJECTIONS, batch=50)
    before = digest(conn, projection)
    rows = [
        conn.execute(f"SELECT * FROM {t.serving} ORDER BY {', '.join(t.key)}").fetchall() for t in projection.tables
    ]
    assert any(rows), "a projection without rows would prove nothing"
    done = rebuild(conn, ward.store, projection, batch=333)
    assert (done.position, done.digest) == (ward.store.head(), before)
    assert rows_of(conn, projection) == rows


def rows_of(conn, projection):
    """Every row of every table, in the order of the key."""
    return [
        conn.execute(f"SELECT * FROM {table.serving} ORDER BY {', '.join(table.key)}").fetchall()
        for table in projection.tables
    ]


def test_a_digest_sees_a_single_changed_dong(ward, conn):
    catch_up(conn, ward.store, PROJECTIONS)
    before = digest(conn, JOURNAL)
    conn.execute("UPDATE journal_v1 SET amount = amount + 1 WHERE position = (SELECT max(position) FROM journal_v1)")
    assert digest(conn, JOURNAL) != before


def test_the_road_over_the_logs_rows_ends_in_the_same_postings_as_the_one_over_events(ward):
    head = ward.store.head()
    assert of_rows(ward.store.rows(0, head)) == of_events(ward.store.read(0, head))


def by_the_table(event: object) -> list[tuple[str, str, str, int]]:
    """The table of rules read word for word, as an accountant would."""
    lines = []
    for rule in RULES.get(type(event), ()):
        if CONDITIONS[rule.when](event):
            for told in getattr(event, rule.each) if rule.each else (event,):
                filled = {name: str(getattr(told, name)) for name in dir(told) if not name.startswith("_")}
                amount = getattr(told, rule.amount)
                if amount:
                    account, key = rule.account.format(**filled), rule.key.format(**filled)
                    lines.append((getattr(told, rule.unit), account, key, rule.side * amount))
    return lines


def test_the_postings_are_those_of_the_table_of_rules(ward):
    events = every(ward.store)
    made = of_events(events)
    expected = [
        (r.position, occurred_on(r.event, day_of(r.recorded_at)), n, *line)
        for r in events
        for n, line in enumerate(by_the_table(r.event), 1)
    ]
    columns = (made.position, made.occurred_on, made.entry_no, made.unit, made.account, made.key, made.amount)
    assert list(zip(*columns, strict=True)) == expected
    entries = [[(x.unit, x.account, x.key, x.amount) for x in entry(r.event)] for r in events]
    assert entries == [by_the_table(r.event) for r in events]


def test_every_field_that_a_rule_reads_is_decoded_on_the_road_over_rows():
    for cls in RULES:
        assert set(needed(cls)) <= set(cls.__dataclass_fields__)
    # Held money is told from own money by a condition on two fields, of which only one stands in every rule.
    assert {"holder_id", "unit_id", "suspense_amount", "asset"} <= set(needed(PaymentReceived))


def test_each_entry_in_the_journal_sums_to_zero_per_unit_and_book(ward, conn):
    catch_up(conn, ward.store, (JOURNAL,))
    off = conn.execute(
        "SELECT position, unit, book, sum(amount) FROM journal_v1 GROUP BY position, unit, book HAVING sum(amount) <> 0"
    ).fetchall()
    assert off == []
    assert conn.execute("SELECT count(*) FROM journal_v1").fetchone()[0] > 200


def test_the_names_and_versions_of_projections_and_tables_are_unique():
    tables: list[Table] = [table for projection in PROJECTIONS for table in projection.tables]
    assert len({table.serving for table in tables}) == len(tables)
    assert len({projection.reader for projection in PROJECTIONS}) == len(PROJECTIONS)


def test_text_that_only_an_attacker_or_a_poet_would_write_survives_the_way_into_the_tables(new_shard):
    """Tabs, newlines, quotes, braces, backslashes, \\N and a NUL in a free text field."""
    names = ['a\tb\nc\r\\d"e{f},NULL', "\\N", "NULL", "", "{}", '"', "Đảng ủy phường «Việt Hòa»", "nul\x00here"]
    shard = new_shard()
    with store_on(shard) as store, shard.connect() as conn:
        events = tuple(
            UnitRegistered(
                unit_id=UnitId(f"u{number}"),
                code=str(number),
                name=name,
                kind=UnitKind.CELL,
                parent_id=None,
                effective_from=AT.date(),
                has_books=True,
            )
            for number, name in enumerate(names)
        )
        store.append([StreamAppend(stream="organisation", expected_version=0, events=events)], context(), b"")
        catch_up(conn, store, (UNITS,))
        assert [row.name for row in all_units(conn)] == [name.replace("\x00", "\u2400") for name in names]


def test_a_journal_line_says_everything_about_its_posting(ward, conn):
    catch_up(conn, ward.store, (JOURNAL,))
    for line in lines_between(conn, units=["A"], limit=5):
        (recorded,) = ward.store.read(line.position - 1, 1)
        expected = entry(recorded.event)[line.entry_no - 1]
        assert (line.unit, line.account, line.key, line.amount) == (
            expected.unit,
            expected.account,
            expected.key,
            expected.amount,
        )
        assert (line.event, line.stream, line.actor, line.document) == (
            recorded.name,
            recorded.stream,
            recorded.meta.actor,
            recorded.meta.document,
        )
        assert (line.recorded_at, line.currency, line.book) == (
            recorded.recorded_at,
            "VND",
            CHART[line.account].book,
        )
    assert set(EVENT_TYPES) > {line.event for line in lines_between(conn, units=["A", "VH"])}
