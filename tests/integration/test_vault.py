"""The identity vault and the evidence as they lie in the database: nothing in clear, nothing exchangeable."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from adapters.postgres.evidence import PostgresEvidence
from adapters.postgres.shard import ShardDatastore
from adapters.postgres.vault import PostgresVault
from ledger.ports import Person, Tampered

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)
KEY = b"k" * 32
AN = Person(member_id="m-1", name="Nguyễn Thị Canary", card_number="31.777777")
BINH = Person(member_id="m-2", name="Trần Văn Bình", card_number="31.888888")


@pytest.fixture
def vault(datastore):
    opened = PostgresVault(datastore, KEY)
    opened.put([AN, BINH])
    return opened


def everything(shard, table):
    """All a database administrator sees of a table, as one text (bytea in hex)."""
    with shard.connect() as conn:
        return "\n".join(row[0] for row in conn.execute(f"SELECT t::text FROM {table} AS t"))


def shows(text, secret):
    return secret in text or secret.encode().hex() in text


def test_nothing_personal_lies_in_the_database_in_clear_before_or_after_erasure(shard, vault):
    for secret in ("Canary", "777777", "31777777"):
        assert not shows(everything(shard, "vault"), secret)
    vault.erase("m-1", NOON)
    left = [line for line in everything(shard, "vault").splitlines() if line.startswith("(m-1")]
    assert left == ['(m-1,,,,,"2026-07-01 05:00:00+00")'], "the member id and the instant are all that is left"


def test_what_a_backup_holds_cannot_be_read_without_the_key_that_was_destroyed(shard, vault):
    """Ciphertexts put back from an old copy, the key not: the person stays unknown."""
    with shard.connect() as conn:
        name, card = conn.execute("SELECT name, card_number FROM vault WHERE member_id = 'm-1'").fetchone()
        vault.erase("m-1", NOON)
        conn.execute(
            "UPDATE vault SET wrapped_key = (SELECT wrapped_key FROM vault WHERE member_id = 'm-2'),"
            " name = %s, card_number = %s, erased_at = NULL WHERE member_id = 'm-1'",
            (name, card),
        )
    with pytest.raises(Tampered):
        vault.name("m-1")


@pytest.mark.parametrize("columns", ["name", "card_number", "wrapped_key", "wrapped_key, name, card_number"], ids=str)
def test_rows_swapped_between_two_members_are_refused(shard, vault, columns):
    names = columns.split(", ")
    with shard.connect() as conn:
        conn.execute(
            f"UPDATE vault a SET {', '.join(f'{n} = b.{n}' for n in names)} FROM vault b"
            " WHERE a.member_id <> b.member_id"
        )
    with pytest.raises(Tampered):
        vault.persons(["m-1"])


def test_another_key_of_the_system_opens_nothing_and_finds_nobody(datastore, vault):
    stranger = PostgresVault(datastore, b"x" * 32)
    with pytest.raises(Tampered):
        stranger.name("m-1")
    assert stranger.find_by_card("31.777777") is None


def test_two_imports_of_the_same_new_member_at_once_leave_a_readable_person(shard):
    with ShardDatastore(shard, pool_size=8) as datastore:
        vault = PostgresVault(datastore, KEY)
        for turn in range(10):
            person = Person(member_id=f"new-{turn}", name="Lê C", card_number=None)
            threads = [threading.Thread(target=vault.put, args=([person],)) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert vault.name(f"new-{turn}") == "Lê C"


def test_a_roster_of_thousands_goes_in_at_once(vault):
    roster = [Person(member_id=f"r-{n}", name=f"Đảng viên {n}", card_number=f"40.{n:06}") for n in range(5_000)]
    vault.put(roster)
    assert vault.find_by_card("40.004999") == "r-4999"
    assert vault.persons([person.member_id for person in roster]) == {p.member_id: p for p in roster}


def test_evidence_lies_encrypted_and_is_bound_to_its_id(shard, datastore):
    evidence = PostgresEvidence(datastore, KEY)
    one, two = uuid4(), uuid4()
    evidence.store(one, "text/plain", b"Canary one")
    evidence.store(two, "text/plain", b"Canary two")
    assert not shows(everything(shard, "evidence"), "Canary")
    with shard.connect() as conn:
        conn.execute(
            "UPDATE evidence a SET content = b.content, sha256 = b.sha256 FROM evidence b"
            " WHERE a.evidence_id <> b.evidence_id"
        )
    for key in (one, two):
        with pytest.raises(Tampered):
            evidence.fetch(key)
