"""What somebody changed in the database behind the program's back is named by ``verify``."""

import json
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from importlib import import_module

import psycopg
import pytest
from typer.testing import CliRunner

import projections
from api import wiring
from api.cli import verify as cli
from api.cli.verify import verify_installation
from api.wiring import Installation
from ledger.verify import CHECKS, Verdict
from projections.all import PROJECTIONS
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.projection import Projection
from tests.acceptance.story import START, Cell, Story, into, member, settings

JULY = "2026-07"
TABLES = [
    table.serving for projection in PROJECTIONS if projection not in (JOURNAL, BALANCES) for table in projection.tables
]


@pytest.fixture
def installation(new_shard) -> Iterator[Installation]:
    """A cell with two members: one paid by QR, one in cash; declared and sent up."""
    shard = new_shard()
    with wiring.on_postgres(replace(settings(schema=shard.schema), database_url=shard.dsn)) as inst:
        story = Story(inst)
        story.set_up([Cell(id="A", bank=1_000_000)])
        story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
        story.assess("A", JULY, START)
        story.request("A", JULY, START)
        day = date(2026, 7, 10)
        story.bank("A", day, into("1", day, 100_000, story.reference("A1", JULY)))
        story.cash("A", "1", "A2", 5_000, date(2026, 7, 12))
        story.declare("A", JULY, date(2026, 7, 31))
        story.remit("A", "VH", JULY, date(2026, 8, 10))
        yield inst


@contextmanager
def _behind(installation: Installation) -> Iterator["psycopg.Connection"]:
    """A superuser with the triggers off."""
    assert installation.shard is not None
    with installation.shard.connect() as conn:
        for table in ("events", "commands"):
            conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        yield conn
        for table in ("events", "commands"):
            conn.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")


def _failed(verdict: Verdict) -> dict[str, list[int | None]]:
    return {check.id: [f.position for f in check.findings] for check in verdict.checks if not check.ok}


def _position(conn: "psycopg.Connection", name: str) -> int:
    row = conn.execute(
        "SELECT notification_id FROM events WHERE topic LIKE %s ORDER BY 1 LIMIT 1", (f"{name}.%",)
    ).fetchone()
    assert row is not None
    return int(row[0])


def _edit(conn: "psycopg.Connection", position: int, old: str, new: str) -> None:
    done = conn.execute(
        "UPDATE events SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s), 'UTF8')"
        " WHERE notification_id = %s AND convert_from(state, 'UTF8') LIKE %s",
        (old, new, position, f"%{old}%"),
    )
    assert done.rowcount == 1


def test_an_honest_installation_passes_with_commands_and_projections_and_twice_alike(installation):
    first = verify_installation(installation)
    assert _failed(first) == {}
    assert first.position == installation.store.head() == first.events
    assert verify_installation(installation) == first


def test_progress_is_told_up_to_the_head(installation):
    told = []
    verify_installation(installation, lambda done, head: told.append((done, head)))
    assert told[-1] == (installation.store.head(), installation.store.head())


def test_an_edited_amount_is_named(installation):
    verify_installation(installation)
    with _behind(installation) as conn:
        position = _position(conn, "payment-received")
        _edit(conn, position, '"amount":100000', '"amount":900000')
    failed = _failed(verify_installation(installation))
    # The books no longer balance, the parts no longer sum, and the tables that were built before still know better.
    assert {"A1", "I1", "I5", "I17"} <= set(failed)
    assert failed["A1"] == [position]


def test_an_amount_edited_wherever_it_stands_in_the_event_is_named(installation):
    with _behind(installation) as conn:
        position = _position(conn, "payment-received")
        for field in ("amount", "dues_amount"):
            _edit(conn, position, f'"{field}":100000', f'"{field}":90000')
    verdict = verify_installation(installation)
    # The event agrees with itself; the member's account and the bank's statement do not agree with it.
    assert {"I5", "I13"} <= set(_failed(verdict))
    said = next(f.sentence for c in verdict.checks if c.id == "I5" for f in c.findings)
    assert "100.000 đồng" in said
    assert "90.000 đồng" in said


def test_a_deleted_event_is_named(installation):
    with _behind(installation) as conn:
        position = _position(conn, "receipt-issued")
        conn.execute("DELETE FROM events WHERE notification_id = %s", (position,))
    failed = _failed(verify_installation(installation))
    assert position + 1 in failed["I16"]
    assert {"I27", "A9"} <= set(failed)


def test_events_cut_off_at_the_end_are_named_by_the_command_that_lost_them(installation):
    with _behind(installation) as conn:
        last = conn.execute("SELECT max(first_position) FROM commands WHERE event_count > 0").fetchone()[0]
        conn.execute("DELETE FROM events WHERE notification_id >= %s", (last,))
    assert "I25" in _failed(verify_installation(installation))


def test_two_swapped_events_are_named(installation):
    with _behind(installation) as conn:
        position = _position(conn, "dues-assessed")
        for old, new in ((position, -1), (position + 1, position), (-1, position + 1)):
            conn.execute("UPDATE events SET notification_id = %s WHERE notification_id = %s", (new, old))
    failed = _failed(verify_installation(installation))
    assert {position, position + 1} & set(failed["I27"])


@pytest.mark.parametrize("state", [b"\xff\xfe", b"{}", b'{"meta":1,"data":2}'])
def test_bytes_that_are_no_event_are_named(installation, state):
    with _behind(installation) as conn:
        position = _position(conn, "payment-applied")
        conn.execute("UPDATE events SET state = %s WHERE notification_id = %s", (state, position))
    verdict = verify_installation(installation)
    sentences = [f.sentence for c in verdict.checks if c.id == "I16" for f in c.findings]
    assert any(f"Vị trí {position} " in sentence for sentence in sentences)


def test_a_deleted_command_is_named(installation):
    with _behind(installation) as conn:
        conn.execute("DELETE FROM commands WHERE name = 'record-cash'")
    assert set(_failed(verify_installation(installation))) == {"I25"}


def test_an_edited_balance_row_is_named(installation):
    verify_installation(installation)
    assert installation.shard is not None
    with installation.shard.connect() as conn:
        done = conn.execute("UPDATE balances_v1 SET amount = amount + 1 WHERE unit = 'A' AND account = '1120'")
        assert done.rowcount == 1
    verdict = verify_installation(installation)
    assert set(_failed(verdict)) == {"I17"}


def test_a_journal_line_that_no_event_made_is_named(installation):
    verify_installation(installation)
    assert installation.shard is not None
    with installation.shard.connect() as conn:
        conn.execute(
            "INSERT INTO journal_v1 SELECT position, 99, occurred_on, recorded_at, unit, book, account, key, amount,"
            " currency, event, stream, actor, document FROM journal_v1 LIMIT 1"
        )
    assert set(_failed(verify_installation(installation))) == {"I17"}


def test_a_lost_row_of_any_projection_is_named_with_its_table(installation):
    verify_installation(installation)
    assert installation.shard is not None
    damaged = []
    with installation.shard.connect() as conn:
        for table in TABLES:
            row = conn.execute(f"SELECT ctid::text, t::text FROM {table} t LIMIT 1").fetchone()
            if row is not None:
                conn.execute(f"DELETE FROM {table} WHERE ctid = %s::tid", row[:1])
                damaged.append((table, row[1]))
    assert len(damaged) >= 10
    verdict = verify_installation(installation)
    assert set(_failed(verdict)) == {"I17"}
    sentences = [f.sentence for c in verdict.checks if c.id == "I17" for f in c.findings]
    for table, text in damaged:
        assert any(f"Bảng {table} " in sentence and text in sentence for sentence in sentences), table


def test_comparing_projections_leaves_nothing_behind(installation):
    assert installation.shard is not None
    with installation.shard.connect() as conn:
        before = _tables(conn)
        verify_installation(installation)
        built = _tables(conn)
        verify_installation(installation)
        assert _tables(conn) == built
    assert before < built
    assert not [name for name in built if name.endswith("_next")]


def test_no_projection_is_left_out_of_the_list_that_is_checked():
    modules = (import_module(f"projections.{found.name}") for found in pkgutil.iter_modules(projections.__path__))
    defined = {value.name for module in modules for value in vars(module).values() if isinstance(value, Projection)}
    assert defined == {projection.name for projection in PROJECTIONS}


def _tables(conn: "psycopg.Connection") -> set[str]:
    found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    return {name for (name,) in found}


def _run(installation: Installation, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    @contextmanager
    def opened(**_: object) -> Iterator[Installation]:
        yield installation

    monkeypatch.setattr(cli, "opened", opened)
    result = CliRunner().invoke(cli.app, list(arguments))
    return result.exit_code, result.stdout


def test_the_command_prints_the_fields_that_others_rely_on_and_exits_0(installation, monkeypatch):
    code, printed = _run(installation, monkeypatch, "--json")
    answer = json.loads(printed)
    assert code == 0
    assert list(answer) == ["ok", "events", "position", "checks"]
    assert answer["ok"] is True
    assert [check["id"] for check in answer["checks"]] == [check.id for check in CHECKS]
    assert all(list(check) == ["id", "title", "ok", "findings"] for check in answer["checks"])


def test_the_command_shows_a_table_and_exits_1_when_something_is_wrong(installation, monkeypatch):
    assert _run(installation, monkeypatch)[0] == 0
    with _behind(installation) as conn:
        _edit(conn, _position(conn, "dues-assessed"), '"due":100000', '"due":100001')
    code, printed = _run(installation, monkeypatch)
    assert code == 1
    assert "✗" in printed
    assert "✓" in printed
    assert "I10" in printed
    assert json.loads(_run(installation, monkeypatch, "--json")[1])["ok"] is False
