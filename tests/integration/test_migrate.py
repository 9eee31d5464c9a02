"""Migrations: together, twice, and after being killed half-way (F31, F32)."""

import threading

import psycopg
import pytest

from adapters.postgres import migrate as module
from adapters.postgres.migrate import MigrationChanged, is_current, migrate
from adapters.postgres.shard import Shard

FILES = tuple(sorted(path.name for path in module._FILES.glob("*.sql")))


def test_a_second_run_finds_everything_done(postgres_dsn):
    shard = Shard(dsn=postgres_dsn, schema="hai_phong")
    assert not is_current(shard)
    assert migrate(shard) == FILES
    assert migrate(shard) == ()
    assert is_current(shard)


def test_processes_that_start_together_do_not_disturb_each_other(postgres_dsn):
    shard = Shard(dsn=postgres_dsn, schema="hai_phong")
    results = []
    threads = [threading.Thread(target=lambda: results.append(migrate(shard))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [()] * 5 + [FILES]


def test_a_run_that_fails_half_way_leaves_whole_files_and_can_be_run_again(postgres_dsn, tmp_path, monkeypatch):
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a int);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (a int); SELECT 1 / 0;")
    monkeypatch.setattr(module, "_FILES", tmp_path)
    shard = Shard(dsn=postgres_dsn, schema="hai_phong")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(shard)
    with shard.connect() as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hai_phong' ORDER BY 1").fetchall()
    assert tables == [("first",), ("migrations",)]
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE second (a int);")
    assert migrate(shard) == ("0002_second.sql",)


def test_a_migration_that_was_edited_after_it_was_applied_is_refused(postgres_dsn, tmp_path, monkeypatch):
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a int);")
    monkeypatch.setattr(module, "_FILES", tmp_path)
    shard = Shard(dsn=postgres_dsn, schema="hai_phong")
    migrate(shard)
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (a bigint);")
    with pytest.raises(MigrationChanged, match="0001_first"):
        migrate(shard)


@pytest.mark.parametrize("name", ["", "Public", "a b", 'a"; DROP SCHEMA x', "1a", "a" * 49])
def test_a_shard_s_name_is_narrow(name):
    with pytest.raises(ValueError, match="schema"):
        Shard(dsn="", schema=name)
